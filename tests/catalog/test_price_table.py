"""Prices worked out by hand from the hosted service's price list, each with that list's month."""

from __future__ import annotations

from typing import Any

import pytest

from enlarger.catalog import build_input_or_raise, get_model, quote

_A, _B = "https://example.com/a.png", "https://example.com/b.png"
_V, _S = "https://example.com/v.mp4", "https://example.com/s.mp3"
_T = {"prompt": "a quiet room"}
_I = _T | {"image_url": _A}
_L = _T | {"image_urls": [_A]}
_D = {"prompt": "a quiet room", "image_url": _A, "audio_url": _S}

_EXACT: list[tuple[str, dict[str, Any], float, str]] = [
    # model, input, credits, month of the list
    ("4o-image-api", _T | {"size": "1:1"}, 6, "2026-10"),
    ("4o-image-api", _T | {"size": "1:1", "nVariants": 4}, 24, "2026-10"),
    ("bytedance/seedream", _T, 3.5, "2026-10"),
    ("bytedance/seedream-v4-text-to-image", _T | {"image_resolution": "4K"}, 5, "2026-10"),
    ("seedream/4.5-edit", _L | {"quality": "high"}, 6.5, "2026-10"),
    ("seedream/5-lite-text-to-image", _T | {"quality": "ultra"}, 5.5, "2026-10"),
    ("seedream/5-flash-text-to-image", _T | {"aspect_ratio": "1:1", "size": "2K"}, 3.24, "2026-10"),
    ("seedream/5-pro-text-to-image", _T, 7, "2026-10"),
    ("seedream/5-pro-text-to-image", _T | {"quality": "high"}, 14, "2026-10"),
    ("seedream/5-pro-image-to-image", _L, 7, "2026-10"),
    ("seedream/5-pro-image-to-image", _T | {"image_urls": [_A, _B]}, 7.5, "2026-10"),
    ("flux-2/pro-text-to-image", _T, 5, "2026-10"),
    ("flux-2/pro-text-to-image", _T | {"resolution": "2K"}, 7, "2026-10"),
    ("flux-2/flex-image-to-image", _T | {"input_urls": [_A], "resolution": "2K"}, 24, "2026-10"),
    ("flux1-kontext", _T, 5, "2026-10"),
    ("flux-kontext-max", _T | {"inputImage": _A}, 10, "2026-10"),
    ("google/imagen4", _T, 8, "2026-10"),
    ("google/imagen4-fast", _T, 4, "2026-10"),
    ("google/imagen4-ultra", _T, 12, "2026-10"),
    ("google/nano-banana-edit", _L, 4, "2026-10"),
    ("nano-banana-2", _T, 8, "2026-10"),
    ("nano-banana-2", _T | {"resolution": "2K"}, 12, "2026-10"),
    ("nano-banana-2", _T | {"resolution": "4K"}, 18, "2026-10"),
    ("nano-banana-2-lite", _T, 4, "2026-10"),
    ("nano-banana-pro", _T, 18, "2026-10"),
    ("nano-banana-pro", _T | {"resolution": "4k"}, 24, "2026-10"),
    ("gpt-image-2-text-to-image", _T, 6, "2026-10"),
    ("gpt-image-2-text-to-image", _T | {"aspect_ratio": "16:9", "resolution": "2K"}, 10, "2026-10"),
    ("gpt-image-2-image-to-image", _T | {"input_urls": [_A]}, 6, "2026-10"),
    ("gpt-image-2-image-to-image", _T | {"input_urls": [_A], "aspect_ratio": "3:2", "resolution": "4K"}, 16, "2026-10"),
    ("gpt-image-2-5-flare-text-to-image", _T, 6, "2026-10"),
    ("gpt-image-2-5-sunburst-text-to-image", _T | {"aspect_ratio": "16:9", "resolution": "4K"}, 16, "2026-10"),
    ("gpt-image/1.5-text-to-image", _T, 4, "2026-10"),
    ("gpt-image/1.5-text-to-image", _T | {"quality": "high"}, 22, "2026-10"),
    ("ideogram/v3-text-to-image", _T, 7, "2026-10"),
    ("ideogram/v3-remix", _I | {"rendering_speed": "TURBO", "num_images": "3"}, 10.5, "2026-06"),
    ("ideogram/character", _T | {"reference_image_urls": [_A]}, 18, "2026-10"),
    ("ideogram/v3-reframe", {"image_url": _A, "rendering_speed": "QUALITY", "num_images": "2"}, 20, "2026-06"),
    ("qwen/image-to-image", _I, 4, "2026-10"),
    ("qwen2/text-to-image", _T, 6, "2026-10"),
    ("qwen2-1/text-to-image", _T | {"resolution": "2K"}, 8, "2026-10"),
    ("qwen3/text-to-image", _T, 4.8, "2026-10"),
    ("qwen3/pro-text-to-image", _T, 6.4, "2026-10"),
    ("qwen3/pro-image-to-image", _T | {"image_urls": [_A, _B, _A], "resolution": "2K"}, 13.5, "2026-10"),
    ("z-image", _T, 0.8, "2026-10"),
    ("wan/2-7-image", _T, 19.2, "2026-10"),
    ("wan/2-7-image", _T | {"n": 1}, 4.8, "2026-10"),
    ("wan/2-7-image-pro", _T | {"n": 4, "resolution": "4K"}, 48, "2026-10"),
    ("recraft/crisp-upscale", {"image": _A}, 0.5, "2026-10"),
    ("grok-imagine-image-2-0/segment-map", {"task_id": "281e5b0cf39b94a7b3c2d1e0f9a8b7c6"}, 0, "2026-10"),
    ("bytedance/seedance-1.5-pro", _T | {"aspect_ratio": "16:9", "duration": 8}, 28, "2026-10"),
    ("bytedance/seedance-1.5-pro", _T | {"duration": 9, "resolution": "1080p", "generate_audio": True}, 135, "2026-10"),
    ("bytedance/seedance-2", _T, 205, "2026-10"),
    ("bytedance/seedance-2", _T | {"resolution": "4k", "duration": 15}, 3120, "2026-10"),
    ("bytedance/seedance-2-fast", _T | {"resolution": "480p", "duration": 10}, 117, "2026-10"),
    ("bytedance/seedance-2-mini", _T | {"first_frame_url": _A}, 41, "2026-10"),
    ("bytedance/seedance-2-5", _T | {"resolution": "1080p", "duration": 30}, 4740, "2026-10"),
    ("bytedance/v1-lite-image-to-video", _I | {"duration": "10", "resolution": "480p"}, 20, "2026-10"),
    ("bytedance/v1-pro-text-to-video", _T | {"resolution": "1080p"}, 70, "2026-10"),
    ("bytedance/v1-pro-fast-image-to-video", _I | {"duration": "10"}, 36, "2026-10"),
    ("gemini-omni-video", _T | {"duration": "8"}, 105, "2026-10"),
    ("gemini-omni-video", _T | {"duration": "4", "video_list": [{"url": _V, "start": 0, "ends": 5}]}, 168, "2026-10"),
    ("google/gemini-omni-flash-1-1", _T | {"duration": "4", "resolution": "360p"}, 63, "2026-10"),
    ("google/gemini-omni-flash-1-1", _T | {"duration": "8", "resolution": "1080p", "image_urls": [_A]}, 105, "2026-10"),
    ("google/gemini-omni-flash-1-1", _T | {"duration": "10", "resolution": "4k"}, 210, "2026-10"),
    ("grok-imagine/image-to-video", _L | {"duration": "15", "resolution": "720p"}, 67.5, "2026-10"),
    ("grok-imagine/text-to-video", _T | {"duration": 30, "resolution": "1080p"}, 240, "2026-10"),
    ("grok-imagine-video-1-5-preview", _T, 19.2, "2026-10"),
    ("hailuo/02-image-to-video-standard", _I | {"duration": "6", "resolution": "512P"}, 12, "2026-10"),
    ("hailuo/02-text-to-video-standard", _T | {"duration": "10"}, 50, "2026-10"),
    ("hailuo/2-3-image-to-video-pro", _I | {"resolution": "1080P"}, 80, "2026-10"),
    ("hailuo/2-3-image-to-video-standard", _I | {"duration": "10"}, 50, "2026-10"),
    ("minimax-h3/text-to-video", _T | {"aspect_ratio": "16:9"}, 78, "2026-10"),
    ("minimax-h3/image-to-video", _T | {"first_frame_url": _A, "resolution": "768P", "duration": 15}, 120, "2026-10"),
    ("minimax-h3/reference-to-video", _T | {"reference_image_urls": [_A] * 7, "resolution": "768P"}, 56, "2026-10"),
    ("happyhorse-1-1/text-to-video", _T | {"resolution": "720p", "duration": 4}, 90, "2026-10"),
    ("happyhorse/image-to-video", _L, 240, "2026-10"),
    ("kling-2.6/image-to-video", _L | {"sound": False, "duration": "5"}, 55, "2026-10"),
    ("kling-3.0-omni/text-to-video", _T | {"customize_multi_shots": False, "resolution": "4K"}, 335, "2026-10"),
    ("kling/v2-1-standard", _I, 25, "2026-10"),
    ("kling/v2-1-pro", _I | {"duration": "10"}, 100, "2026-10"),
    ("kling/v2-1-master-text-to-video", _T | {"duration": "10"}, 320, "2026-10"),
    ("kling/v2-5-turbo-image-to-video-pro", _I | {"duration": "10"}, 84, "2026-10"),
    ("kling/v3-turbo-text-to-video", _T | {"duration": "15", "resolution": "1080p"}, 337.5, "2026-10"),
    ("kling/v3-turbo-image-to-video", _L, 90, "2026-10"),
    ("pixverse-v6/text-to-video", _T, 36, "2026-10"),
    ("pixverse-v6/transition", _T | {"first_frame_image_url": _A, "last_frame_image_url": _B, "quality": "1080p",
                                     "duration": 15, "generate_audio_switch": True}, 276, "2026-10"),
    ("sora-2-text-to-video", _T | {"n_frames": "15"}, 25, "2026-01"),
    ("sora-2-pro-image-to-video", _L | {"size": "high", "n_frames": "15"}, 630, "2026-01"),
    ("wan/2-2-a14b-text-to-video-turbo", _T, 80, "2026-10"),
    ("wan/2-5-text-to-video", _T | {"duration": "10", "resolution": "1080p"}, 200, "2026-10"),
    ("wan/2-6-text-to-video", _T, 104.5, "2026-10"),
    ("wan/2-6-image-to-video", _L | {"duration": "10", "resolution": "720p"}, 140, "2026-10"),
    ("wan/2-7-text-to-video", _T | {"duration": 15, "resolution": "720p"}, 240, "2026-10"),
    ("wan/2-7-image-to-video", _T | {"first_frame_url": _A}, 120, "2026-10"),
    ("wan/2-7-r2v", _T | {"reference_image": [_A], "duration": 10}, 240, "2026-10"),
    ("wan/3-0-video", _T | {"resolution": "1080p"}, 160, "2026-10"),
    ("wan/3-0-video", _T | {"resolution": "480P", "duration": 30}, 240, "2026-10"),
    ("wan/3-0-video", _T | {"first_frame_url": _A, "resolution": "720P", "duration": 2}, 32, "2026-10"),
    ("wan/3-0-video-prime", _T, 252, "2026-10"),
    ("nano-banana-2-1", _T, 4, "2026-10"),
    ("nano-banana-2-1", _T | {"resolution": "4K"}, 9, "2026-10"),
    ("veo-3-1", _T, 60, "2026-10"),
    ("veo-3-1", _T | {"model": "veo3", "resolution": "4k"}, 380, "2026-10"),
    ("veo-3-1", _T | {"model": "veo3", "resolution": "4k", "image_urls": [_A]}, 370, "2026-10"),
    ("veo3", _T | {"resolution": "1080p"}, 255, "2026-10"),
    ("veo3_fast", _T | {"resolution": "1080p"}, 65, "2026-10"),
    ("veo3_lite", _T, 30, "2026-10"),
    ("veo/get-4k-video", {"task_id": "281e5b0cf39b94a7b3c2d1e0f9a8b7c6"}, 120, "2026-10"),
    ("runway", _T | {"duration": 5, "quality": "720p"}, 12, "2026-10"),
    ("runway", _T | {"duration": "10", "quality": "720p"}, 30, "2026-10"),
    ("runway/gen4-aleph", _T | {"videoUrl": _V}, 110, "2026-10"),
    ("ai-music-api/generate", _T | {"customMode": False, "instrumental": True, "model": "V6"}, 12, "2026-10"),
    ("ai-music-api/sounds", _T, 2.5, "2026-10"),
    ("ai-music-api/generate-lyrics", _T, 0.4, "2026-10"),
    ("elevenlabs/text-to-speech-turbo-2-5", {"text": "x" * 2000}, 12, "2026-10"),
    ("elevenlabs/sound-effect-v2", {"text": "rain", "duration_seconds": 10}, 2.4, "2026-01"),
    ("sora-2-pro-storyboard", {"shots": [{"Scene": "a", "duration": 15}], "n_frames": "15"}, 270, "2026-01"),
    ("wan/3-0-video-prime", _T | {"resolution": "480P", "duration": 10}, 122, "2026-10"),
]  # fmt: skip

_AT_MOST: list[tuple[str, dict[str, Any], float, str]] = [
    ("bytedance/seedance-2", _T | {"reference_video_urls": [_V]}, 500, "2026-10"),  # 25 for each of 5 + 15 s
    ("bytedance/seedance-2-5", _T | {"duration": -1}, 1890, "2026-10"),  # 63 for each of 30 s
    ("wan/3-0-video", _T | {"duration": -1, "resolution": "720P"}, 480, "2026-10"),  # 16 for each of 30 s
    ("infinitalk/from-audio", _D, 45, "2026-10"),  # 3 for each of 15 s
    ("kling/ai-avatar-pro", _D, 240, "2026-10"),  # 16 for each of 15 s
    ("topaz/video-upscale", {"video_url": _V, "upscale_factor": "4"}, 840, "2026-10"),  # 14 for each of 60 s
    ("elevenlabs/text-to-speech-multilingual-v2", {"text": "Hello", "voice": "Rachel"}, 12, "2026-10"),  # one begun
    (
        "elevenlabs/text-to-dialogue-v3",
        {"dialogue": [{"text": "x" * 900, "voice": "A"}, {"text": "y" * 200, "voice": "B"}]},
        28,
        "2026-10",
    ),  # two
    ("google/gemini-3-1-flash-tts", {"text": "Hello"}, 50, "2026-10"),
    ("veo/extend", _T | {"task_id": "281e5b0cf39b94a7b3c2d1e0f9a8b7c6"}, 250, "2026-10"),
    ("wan/2-7-videoedit", {"video_url": _V, "resolution": "720p"}, 160, "2026-10"),  # 16 for each of 10 s
    ("wan/2-2-a14b-speech-to-video-turbo", _D, 360, "2026-10"),  # 12 for each of 30 s
]


@pytest.mark.parametrize(("model", "payload", "credits", "listed"), _EXACT)
def test_a_price_is_what_the_list_says(model: str, payload: dict[str, Any], credits: float, listed: str) -> None:
    spec = get_model(model)
    priced = quote(spec, build_input_or_raise(spec, payload))
    assert (priced.amount, priced.exact) == (credits, True), (priced.why, listed)


@pytest.mark.parametrize(("model", "payload", "most", "listed"), _AT_MOST)
def test_a_price_that_is_not_known_yet_is_the_most_by_the_list(
    model: str, payload: dict[str, Any], most: float, listed: str
) -> None:
    spec = get_model(model)
    priced = quote(spec, build_input_or_raise(spec, payload))
    assert (priced.amount, priced.exact) == (most, False), listed


def test_the_table_is_long_enough_to_find_mistakes() -> None:
    assert len(_EXACT) + len(_AT_MOST) >= 80
