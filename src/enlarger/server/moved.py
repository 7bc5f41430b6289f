"""Older routes of the hosted service that are not served here, and the models that replace them in createTask."""

from __future__ import annotations

from enlarger.translatable import Sentence, sentence

_GONE: tuple[tuple[str, str, str], ...] = (
    ("/api/v1/veo/extend", "Veo", "veo/extend"),
    ("/api/v1/veo/get-1080p-video", "Veo", "veo/get-1080p-video"),
    ("/api/v1/veo/get-4k-video", "Veo", "veo/get-4k-video"),
    ("/api/v1/veo/", "Veo", "veo-3-1"),
    ("/api/v1/runway/extend", "Runway", "runway/extend-ai-video"),
    ("/api/v1/runway/", "Runway", "runway"),
    ("/api/v1/aleph/", "Runway Aleph", "runway/gen4-aleph"),
    ("/api/v1/gpt4o-image/", "4o Image", "4o-image-api"),
    ("/api/v1/flux/kontext/", "FLUX.1 Kontext", "flux1-kontext"),
    ("/api/v1/omni/", "Gemini Omni", "gemini-omni-video"),
    ("/api/v1/generate/extend", "Suno", "ai-music-api/extend"),
    ("/api/v1/generate/upload-cover", "Suno", "ai-music-api/upload-and-cover-audio"),
    ("/api/v1/generate/upload-extend", "Suno", "ai-music-api/upload-and-extend-audio"),
    ("/api/v1/generate/add-instrumental", "Suno", "ai-music-api/add-instrumental"),
    ("/api/v1/generate/add-vocals", "Suno", "ai-music-api/add-vocals"),
    ("/api/v1/generate", "Suno", "ai-music-api/generate"),
    ("/api/v1/lyrics", "Suno", "ai-music-api/generate-lyrics"),
    ("/api/v1/wav/", "Suno", "ai-music-api/convert-to-wav-format"),
    ("/api/v1/mp4/", "Suno", "ai-music-api/create-music-video"),
    ("/api/v1/style/", "Suno", "ai-music-api/boost-music-style"),
)
"""Prefixes of paths, the families they belonged to, and the models that replace them; longer prefixes first."""


def say_model(path: str) -> Sentence | None:
    """What to use in place of an older route, in a sentence; None where `path` is none."""
    for start, family, model in _GONE:
        if path == start or path.startswith(start if start.endswith("/") else start + "/"):
            return sentence(
                "The older route {path} of {family} is not served here: make a task with the model '{model}' at"
                " POST /api/v1/jobs/createTask, and ask GET /api/v1/jobs/recordInfo for it.",
                path=path, family=family, model=model,
            )  # fmt: skip
    return None
