"""What people call the fields that many models have. Other fields go by their API name."""

from __future__ import annotations

import re

from enlarger.catalog.messages import Translate

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")


def field_name(name: str, tr: Translate) -> str:
    """Return a field's name in the language of `tr`: a translated one if there is, or else its API name, spaced out."""
    plain = _WORD_START.sub("_", name).lower()
    return _names(tr).get(plain) or plain.replace("_", " ").capitalize()


def _names(tr: Translate) -> dict[str, str]:
    picture, pictures = tr("Picture"), tr("Pictures")
    return {
        **_main_names(tr),
        **dict.fromkeys(("image", "image_url", "input_image", "reference_image_url"), picture),
        **dict.fromkeys(("image_urls", "image_input", "input_urls", "images", "files_url"), pictures),
        **dict.fromkeys(("first_frame_url", "start_image_url"), tr("First frame")),
        **dict.fromkeys(("last_frame_url", "end_image_url", "tail_image_url"), tr("Last frame")),
        **dict.fromkeys(("reference_image", "reference_image_urls", "reference_images"), tr("Reference pictures")),
        **dict.fromkeys(("mask_url", "mask"), tr("Mask")),
        **dict.fromkeys(("video", "video_url"), tr("Video")),
        **dict.fromkeys(("audio_url", "upload_url"), tr("Audio file")),
        **dict.fromkeys(("task_id", "source_task_id"), tr("Earlier task")),
        **dict.fromkeys(("num_images", "n", "max_images", "n_variants", "num_outputs"), tr("Number of pictures")),
        **dict.fromkeys(("resolution", "image_resolution"), tr("Resolution")),
        **dict.fromkeys(("audio", "sound", "generate_audio", "generate_audio_switch"), tr("With sound")),
        **dict.fromkeys(("prompt_extend", "expand_prompt", "prompt_optimizer", "enhance_prompt"), tr("Improve prompt")),
        **dict.fromkeys(("enable_prompt_expansion", "prompt_upsampling"), tr("Improve prompt")),
        **dict.fromkeys(("nsfw_checker", "enable_safety_checker"), tr("Safety check")),
        **dict.fromkeys(("cfg_scale", "guidance_scale"), tr("Closeness to the prompt")),
        **dict.fromkeys(("multi_shots", "customize_multi_shots"), tr("Several shots")),
    }


def _main_names(tr: Translate) -> dict[str, str]:
    return {
        "prompt": tr("Prompt"),
        "negative_prompt": tr("Negative prompt"),
        "text": tr("Text"),
        "upscale_factor": tr("Enlarge by"),
        "scale": tr("Enlarge by"),
        "size": tr("Size"),
        "image_size": tr("Picture size"),
        "long_side": tr("Longer side in pixels"),
        "megapixels": tr("Megapixels"),
        "aspect_ratio": tr("Aspect ratio"),
        "quality": tr("Quality"),
        "output_quality": tr("File quality"),
        "output_format": tr("File format"),
        "seed": tr("Seed"),
        "strength": tr("Strength"),
        "denoise": tr("Noise removal"),
        "duration": tr("Duration in seconds"),
        "style": tr("Style"),
        "background": tr("Background"),
        "watermark": tr("Watermark"),
        "remove_watermark": tr("Remove watermark"),
        "keep_hidden_colours": tr("Keep colors of transparent pixels"),
        "tile": tr("Tile size in pixels"),
        "engine": tr("Engine"),
        "precision": tr("Precision"),
        "mode": tr("Mode"),
        "model": tr("Variant of the model"),
        "title": tr("Title"),
        "voice": tr("Voice"),
        "speed": tr("Speed"),
        "speakers": tr("Speakers"),
        "dialogue_turns": tr("Dialogue"),
        "dialogue": tr("Dialogue"),
        "language_code": tr("Language"),
        "temperature": tr("Temperature"),
        "instrumental": tr("Instrumental"),
        "negative_tags": tr("Styles to avoid"),
        "vocal_gender": tr("Voice of the singer"),
        "reference_video_urls": tr("Reference videos"),
        "reference_audio_urls": tr("Reference audio files"),
        "video_urls": tr("Videos"),
        "web_search": tr("Web search"),
        "camera_fixed": tr("Fixed camera"),
        "rendering_speed": tr("Rendering speed"),
        "num_inference_steps": tr("Steps"),
        "multi_prompt": tr("Shots"),
        "elements": tr("Elements"),
        "color_palette": tr("Color palette"),
        "enable_translation": tr("Translate the prompt"),
        "generation_type": tr("What to make it from"),
        "return_last_frame": tr("Return the last frame"),
    }
