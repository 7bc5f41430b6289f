"""Types of task in words."""

from __future__ import annotations

from enlarger.catalog.messages import Translate


def task_name(task: str, tr: Translate) -> str:
    """The name of a type of task, such as `text-to-image`; one without a name is shown as the catalogue has it."""
    names = {
        "upscale": tr("Enlarge pictures"),
        "remove-background": tr("Remove backgrounds"),
        "image-edit": tr("Edit pictures"),
        "image-to-image": tr("Picture to picture"),
        "text-to-image": tr("Text to picture"),
        "reframe": tr("Reframe pictures"),
        "detection": tr("Detect objects"),
        "segmentation": tr("Segment pictures"),
        "layer-decomposition": tr("Split into layers"),
        "character": tr("Characters"),
        "text-to-video": tr("Text to video"),
        "image-to-video": tr("Picture to video"),
        "video-to-video": tr("Video to video"),
        "reference-to-video": tr("References to video"),
        "speech-to-video": tr("Speech to video"),
        "talking-avatar": tr("Talking avatars"),
        "motion-control": tr("Transfer motion"),
        "animate": tr("Animate"),
        "transition": tr("Transitions"),
        "transformation": tr("Transform"),
        "extend": tr("Extend videos"),
        "video-edit": tr("Edit videos"),
        "video-upscale": tr("Enlarge videos"),
        "text-to-speech": tr("Text to speech"),
        "transcription": tr("Transcribe"),
        "sound-effect": tr("Sound effects"),
        "audio-isolation": tr("Isolate voices"),
        "convert-audio": tr("Convert audio"),
        "text-to-music": tr("Text to music"),
        "lyrics": tr("Lyrics"),
        "extend-music": tr("Extend music"),
        "edit-music": tr("Edit music"),
        "cover-music": tr("Cover songs"),
        "music-cover": tr("Cover pictures for music"),
        "accompany-music": tr("Add vocals or accompaniment"),
        "music-video": tr("Music videos"),
        "persona": tr("Voice personas"),
    }
    return names.get(task, task)


def kind_name(kind: str, tr: Translate) -> str:
    """The name of a kind of result."""
    return {"image": tr("Pictures"), "video": tr("Videos"), "audio": tr("Audio")}[kind]
