"""The inputs of all models, for type checkers and editors: made from the catalogue by `make types`.

A field that is `Required` has to be given; which others have to be depends on the rest of an input, and is checked when
it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import IO, Any, Literal, Required, TypeAlias, TypedDict

File: TypeAlias = str | bytes | PathLike[str] | IO[bytes]
"""A file's URL, or the file: its path, its bytes, or an open one, which are uploaded first."""


class AutoUpscale(TypedDict, total=False):
    """auto/upscale"""

    image_url: Required[File]
    upscale_factor: float
    size: str
    long_side: int
    megapixels: float
    strength: int
    denoise: int
    tile: int
    engine: Literal[
        "openvino-cpu",
        "openvino-cpu-bf16",
        "openvino-cpu-int8",
        "openvino-gpu",
        "ncnn-cpu",
        "ncnn-cpu-bf16",
        "ncnn-vulkan",
        "torch-cuda",
        "torch-mps",
    ]
    precision: Literal["f32", "bf16", "fp16", "int8"]
    output_format: Literal["jpg", "png", "webp", "tiff", "avif"]
    output_quality: int
    keep_hidden_colours: bool


class BytedanceSeedream(TypedDict, total=False):
    """bytedance/seedream"""

    prompt: Required[str]
    guidance_scale: float
    image_size: Literal["square", "square_hd", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
    seed: int


class BytedanceSeedreamV4Edit(TypedDict, total=False):
    """bytedance/seedream-v4-edit"""

    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    image_resolution: Literal["1K", "2K", "4K"]
    image_size: Literal[
        "square",
        "square_hd",
        "portrait_4_3",
        "portrait_3_2",
        "portrait_16_9",
        "landscape_4_3",
        "landscape_3_2",
        "landscape_16_9",
        "landscape_21_9",
    ]
    max_images: float
    nsfw_checker: bool
    seed: int


class BytedanceSeedreamV4TextToImage(TypedDict, total=False):
    """bytedance/seedream-v4-text-to-image"""

    prompt: Required[str]
    image_resolution: Literal["1K", "2K", "4K"]
    image_size: Literal[
        "square",
        "square_hd",
        "portrait_4_3",
        "portrait_3_2",
        "portrait_16_9",
        "landscape_4_3",
        "landscape_3_2",
        "landscape_16_9",
        "landscape_21_9",
    ]
    max_images: float
    nsfw_checker: bool
    seed: int


class Omnihuman15HumanIdentification(TypedDict, total=False):
    """omnihuman-1-5/human-identification"""

    image_url: Required[File]


class Omnihuman15SubjectDetection(TypedDict, total=False):
    """omnihuman-1-5/subject-detection"""

    image_url: Required[File]


class BytedanceSeedance15Pro(TypedDict, total=False):
    """bytedance/seedance-1.5-pro"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "21:9"]
    duration: Required[float]
    prompt: Required[str]
    fixed_lens: bool
    generate_audio: bool
    input_urls: Sequence[File]
    nsfw_checker: bool
    resolution: Literal["480p", "720p", "1080p"]


class BytedanceSeedance2(TypedDict, total=False):
    """bytedance/seedance-2"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "21:9", "adaptive"]
    duration: int
    first_frame_url: File
    generate_audio: bool
    last_frame_url: File
    nsfw_checker: bool
    prompt: str
    reference_audio_urls: Sequence[File]
    reference_image_urls: Sequence[File]
    reference_video_urls: Sequence[File]
    resolution: Literal["480p", "720p", "1080p", "4k"]
    return_last_frame: bool
    web_search: bool


class BytedanceSeedance25(TypedDict, total=False):
    """bytedance/seedance-2-5"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "21:9", "adaptive"]
    duration: Literal[
        -1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    ]
    first_frame_url: File
    generate_audio: bool
    last_frame_url: File
    nsfw_checker: bool
    output_format: Literal["mp4", "mov"]
    prompt: str
    reference_audio_urls: Sequence[File]
    reference_image_urls: Sequence[File]
    reference_video_urls: Sequence[File]
    resolution: Literal["480p", "720p", "1080p"]
    return_last_frame: bool
    web_search: bool


class BytedanceSeedance2Fast(TypedDict, total=False):
    """bytedance/seedance-2-fast"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "21:9", "adaptive"]
    duration: int
    first_frame_url: File
    generate_audio: bool
    last_frame_url: File
    nsfw_checker: bool
    prompt: str
    reference_audio_urls: Sequence[File]
    reference_image_urls: Sequence[File]
    reference_video_urls: Sequence[File]
    resolution: Literal["480p", "720p"]
    return_last_frame: bool
    web_search: bool


class BytedanceSeedance2Mini(TypedDict, total=False):
    """bytedance/seedance-2-mini"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "21:9", "adaptive"]
    duration: int
    first_frame_url: File
    generate_audio: bool
    last_frame_url: File
    nsfw_checker: bool
    prompt: str
    reference_audio_urls: Sequence[File]
    reference_image_urls: Sequence[File]
    reference_video_urls: Sequence[File]
    resolution: Literal["480p", "720p"]
    web_search: bool


class BytedanceV1LiteImageToVideo(TypedDict, total=False):
    """bytedance/v1-lite-image-to-video"""

    image_url: Required[File]
    prompt: Required[str]
    camera_fixed: bool
    duration: Literal["5", "10", 5, 10]
    enable_safety_checker: bool
    end_image_url: File
    nsfw_checker: bool
    resolution: Literal["480p", "720p", "1080p"]
    seed: float


class BytedanceV1LiteTextToVideo(TypedDict, total=False):
    """bytedance/v1-lite-text-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["16:9", "4:3", "1:1", "3:4", "9:16", "9:21"]
    camera_fixed: bool
    duration: Literal["5", "10", 5, 10]
    enable_safety_checker: bool
    nsfw_checker: bool
    resolution: Literal["480p", "720p", "1080p"]
    image_url: File
    seed: int


class BytedanceV1ProFastImageToVideo(TypedDict, total=False):
    """bytedance/v1-pro-fast-image-to-video"""

    image_url: Required[File]
    prompt: Required[str]
    duration: Literal["5", "10", 5, 10]
    nsfw_checker: bool
    resolution: Literal["720p", "1080p"]


class BytedanceV1ProImageToVideo(TypedDict, total=False):
    """bytedance/v1-pro-image-to-video"""

    image_url: Required[File]
    prompt: Required[str]
    camera_fixed: bool
    duration: Literal["5", "10", 5, 10]
    enable_safety_checker: bool
    nsfw_checker: bool
    resolution: Literal["480p", "720p", "1080p"]
    seed: float


class BytedanceV1ProTextToVideo(TypedDict, total=False):
    """bytedance/v1-pro-text-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
    camera_fixed: bool
    duration: Literal["5", "10", 5, 10]
    enable_safety_checker: bool
    nsfw_checker: bool
    resolution: Literal["480p", "720p", "1080p"]
    seed: float


class Omnihuman15(TypedDict, total=False):
    """omnihuman-1-5"""

    audio_url: Required[File]
    image_url: Required[File]
    mask_url: Sequence[File]
    output_resolution: Literal["720", "1080", 720, 1080]
    pe_fast_mode: bool
    prompt: str
    seed: int


class VolcengineVideoToVideoLipSync(TypedDict, total=False):
    """volcengine/video-to-video-lip-sync"""

    audio_url: Required[File]
    mode: Required[Literal["lite", "basic"]]
    video_url: Required[File]
    align_audio: bool
    align_audio_reverse: bool
    open_scenedet: bool
    separate_vocal: bool
    templ_start_seconds: float


class ElevenlabsTextToSpeechTurbo25(TypedDict, total=False):
    """elevenlabs/text-to-speech-turbo-2-5"""

    text: Required[str]
    voice: str
    stability: float
    similarity_boost: float
    style: float
    speed: float
    timestamps: bool
    previous_text: str
    next_text: str
    language_code: str


class ElevenlabsTextToSpeechMultilingualV2(TypedDict, total=False):
    """elevenlabs/text-to-speech-multilingual-v2"""

    text: Required[str]
    voice: str
    stability: float
    similarity_boost: float
    style: float
    speed: float
    timestamps: bool
    previous_text: str
    next_text: str
    language_code: str


class ElevenlabsTextToDialogueV3Dialogue(TypedDict, total=False):
    """elevenlabs/text-to-dialogue-v3: an object in `dialogue`"""

    text: Required[str]
    voice: Required[str]


class ElevenlabsTextToDialogueV3(TypedDict, total=False):
    """elevenlabs/text-to-dialogue-v3"""

    dialogue: Required[Sequence[ElevenlabsTextToDialogueV3Dialogue]]
    stability: float
    language_code: str


class ElevenlabsAudioIsolation(TypedDict, total=False):
    """elevenlabs/audio-isolation"""

    audio_url: Required[File]


class ElevenlabsSoundEffectV2(TypedDict, total=False):
    """elevenlabs/sound-effect-v2"""

    text: Required[str]
    duration_seconds: float
    loop: bool
    prompt_influence: float
    output_format: str


class ElevenlabsSpeechToText(TypedDict, total=False):
    """elevenlabs/speech-to-text"""

    audio_url: Required[File]
    language_code: str
    tag_audio_events: bool
    diarize: bool


class Flux2FlexImageToImage(TypedDict, total=False):
    """flux-2/flex-image-to-image"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "auto"]
    input_urls: Required[Sequence[File]]
    prompt: Required[str]
    resolution: Literal["1K", "2K"]
    nsfw_checker: bool


class Flux2FlexTextToImage(TypedDict, total=False):
    """flux-2/flex-text-to-image"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3"]
    prompt: Required[str]
    resolution: Literal["1K", "2K"]
    nsfw_checker: bool


class Flux2ProImageToImage(TypedDict, total=False):
    """flux-2/pro-image-to-image"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "auto"]
    input_urls: Required[Sequence[File]]
    prompt: Required[str]
    resolution: Literal["1K", "2K"]
    nsfw_checker: bool


class Flux2ProTextToImage(TypedDict, total=False):
    """flux-2/pro-text-to-image"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3"]
    prompt: Required[str]
    resolution: Literal["1K", "2K"]
    nsfw_checker: bool


class Flux1Kontext(TypedDict, total=False):
    """flux1-kontext"""

    prompt: Required[str]
    inputImage: File
    aspectRatio: Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
    outputFormat: Literal["jpeg", "png"]
    enableTranslation: bool
    promptUpsampling: bool
    model: Literal["flux-kontext-pro", "flux-kontext-max"]
    safetyTolerance: int
    uploadCn: bool
    watermark: str


class FluxKontextMax(TypedDict, total=False):
    """flux-kontext-max"""

    prompt: Required[str]
    inputImage: File
    aspectRatio: Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
    outputFormat: Literal["jpeg", "png"]
    enableTranslation: bool
    promptUpsampling: bool
    safetyTolerance: int
    uploadCn: bool
    watermark: str


class GoogleGemini31FlashTtsSpeakers(TypedDict, total=False):
    """google/gemini-3-1-flash-tts: an object in `speakers`"""

    speaker_id: Required[str]
    voice_name: Required[str]
    accent: str
    audio_profile: str
    style: str
    pace: str


class GoogleGemini31FlashTtsDialogueTurns(TypedDict, total=False):
    """google/gemini-3-1-flash-tts: an object in `dialogue_turns`"""

    speaker_id: Required[str]
    text: Required[str]


class GoogleGemini31FlashTts(TypedDict, total=False):
    """google/gemini-3-1-flash-tts"""

    temperature: float
    scene: str
    sample_context: str
    speakers: Sequence[GoogleGemini31FlashTtsSpeakers]
    dialogue_turns: Sequence[GoogleGemini31FlashTtsDialogueTurns]
    text: str


class GoogleGemini25ProTtsSpeakers(TypedDict, total=False):
    """google/gemini-2-5-pro-tts: an object in `speakers`"""

    speaker_id: Required[str]
    voice_name: Required[str]
    accent: str
    audio_profile: str
    style: str
    pace: str


class GoogleGemini25ProTtsDialogueTurns(TypedDict, total=False):
    """google/gemini-2-5-pro-tts: an object in `dialogue_turns`"""

    speaker_id: Required[str]
    text: Required[str]


class GoogleGemini25ProTts(TypedDict, total=False):
    """google/gemini-2-5-pro-tts"""

    temperature: float
    scene: str
    sample_context: str
    speakers: Sequence[GoogleGemini25ProTtsSpeakers]
    dialogue_turns: Sequence[GoogleGemini25ProTtsDialogueTurns]
    text: str


class GoogleGemini38FlashTtsSpeakers(TypedDict, total=False):
    """google/gemini-3-8-flash-tts: an object in `speakers`"""

    speaker_id: Required[str]
    voice_name: Required[str]
    accent: str
    audio_profile: str
    style: str
    pace: str


class GoogleGemini38FlashTtsDialogueTurns(TypedDict, total=False):
    """google/gemini-3-8-flash-tts: an object in `dialogue_turns`"""

    speaker_id: Required[str]
    text: Required[str]


class GoogleGemini38FlashTts(TypedDict, total=False):
    """google/gemini-3-8-flash-tts"""

    temperature: float
    scene: str
    sample_context: str
    speakers: Sequence[GoogleGemini38FlashTtsSpeakers]
    dialogue_turns: Sequence[GoogleGemini38FlashTtsDialogueTurns]
    text: str


class GoogleGemini38FlashLiteTtsSpeakers(TypedDict, total=False):
    """google/gemini-3-8-flash-lite-tts: an object in `speakers`"""

    speaker_id: Required[str]
    voice_name: Required[str]
    accent: str
    audio_profile: str
    style: str
    pace: str


class GoogleGemini38FlashLiteTtsDialogueTurns(TypedDict, total=False):
    """google/gemini-3-8-flash-lite-tts: an object in `dialogue_turns`"""

    speaker_id: Required[str]
    text: Required[str]


class GoogleGemini38FlashLiteTts(TypedDict, total=False):
    """google/gemini-3-8-flash-lite-tts"""

    temperature: float
    scene: str
    sample_context: str
    speakers: Sequence[GoogleGemini38FlashLiteTtsSpeakers]
    dialogue_turns: Sequence[GoogleGemini38FlashLiteTtsDialogueTurns]
    text: str


class GoogleImagen4(TypedDict, total=False):
    """google/imagen4"""

    prompt: Required[str]
    aspect_ratio: Literal["1:1", "16:9", "9:16", "3:4", "4:3", "auto"]
    num_images: Literal["1", "2", "3", "4", 1, 2, 3, 4]
    negative_prompt: str
    seed: str


class GoogleImagen4Fast(TypedDict, total=False):
    """google/imagen4-fast"""

    prompt: Required[str]
    aspect_ratio: Literal["1:1", "16:9", "9:16", "3:4", "4:3", "auto"]
    num_images: Literal["1", "2", "3", "4", 1, 2, 3, 4]
    negative_prompt: str
    seed: int


class GoogleImagen4Ultra(TypedDict, total=False):
    """google/imagen4-ultra"""

    prompt: Required[str]
    aspect_ratio: Literal["1:1", "16:9", "9:16", "3:4", "4:3", "auto"]
    num_images: Literal["1", "2", "3", "4", 1, 2, 3, 4]
    negative_prompt: str
    seed: str


class GoogleNanoBanana(TypedDict, total=False):
    """google/nano-banana"""

    prompt: Required[str]
    aspect_ratio: Literal["1:1", "9:16", "16:9", "3:4", "4:3", "3:2", "2:3", "5:4", "4:5", "21:9", "auto"]
    nsfw_checker: bool
    output_format: Literal["png", "jpeg"]


class GoogleNanoBananaEdit(TypedDict, total=False):
    """google/nano-banana-edit"""

    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    aspect_ratio: Literal["1:1", "9:16", "16:9", "3:4", "4:3", "3:2", "2:3", "5:4", "4:5", "21:9", "auto"]
    output_format: Literal["png", "jpeg"]


class NanoBanana2(TypedDict, total=False):
    """nano-banana-2"""

    prompt: Required[str]
    aspect_ratio: Literal[
        "1:1", "2:3", "3:2", "1:4", "4:1", "3:4", "4:3", "4:5", "5:4", "1:8", "8:1", "9:16", "16:9", "21:9", "auto"
    ]
    image_input: Sequence[File]
    output_format: Literal["png", "jpg"]
    resolution: Literal["1K", "2K", "4K"]


class NanoBanana21(TypedDict, total=False):
    """nano-banana-2-1"""

    prompt: Required[str]
    aspect_ratio: Literal[
        "1:1", "2:3", "3:2", "1:4", "4:1", "3:4", "4:3", "4:5", "5:4", "1:8", "8:1", "9:16", "16:9", "21:9", "auto"
    ]
    image_input: Sequence[File]
    output_format: Literal["png", "jpg"]
    resolution: Literal["1K", "2K", "4K"]


class NanoBanana2Lite(TypedDict, total=False):
    """nano-banana-2-lite"""

    aspect_ratio: Literal[
        "1:1", "1:4", "1:8", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1", "9:16", "16:9", "21:9", "auto"
    ]
    prompt: Required[str]
    image_urls: Sequence[File]


class NanoBananaPro(TypedDict, total=False):
    """nano-banana-pro"""

    prompt: Required[str]
    aspect_ratio: Literal["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "auto"]
    image_input: Sequence[File]
    output_format: Literal["png", "jpg"]
    resolution: Literal["1K", "2K", "4K"]


class GeminiOmniVideoVideoList(TypedDict, total=False):
    """gemini-omni-video: an object in `video_list`"""

    url: Required[File]
    start: float
    ends: float


class GeminiOmniVideo(TypedDict, total=False):
    """gemini-omni-video"""

    duration: Required[Literal["4", "6", "8", "10", 4, 6, 8, 10]]
    prompt: Required[str]
    aspect_ratio: Literal["16:9", "9:16"]
    audio_ids: Sequence[str]
    character_ids: Sequence[str]
    image_urls: Sequence[File]
    resolution: Literal["720p", "1080p", "4k"]
    seed: int
    video_list: Sequence[GeminiOmniVideoVideoList]


class GoogleGeminiOmniFlash11VideoList(TypedDict, total=False):
    """google/gemini-omni-flash-1-1: an object in `video_list`"""

    url: Required[File]
    start: float
    ends: float


class GoogleGeminiOmniFlash11(TypedDict, total=False):
    """google/gemini-omni-flash-1-1"""

    duration: Required[Literal["4", "6", "8", "10", 4, 6, 8, 10]]
    prompt: Required[str]
    aspect_ratio: Literal["16:9", "9:16"]
    audio_ids: Sequence[str]
    character_ids: Sequence[str]
    first_frame_url: File
    image_urls: Sequence[File]
    last_frame_url: File
    resolution: Literal["360p", "720p", "1080p", "4k"]
    seed: int
    video_list: Sequence[GoogleGeminiOmniFlash11VideoList]


class GrokImagineImage20ImageEdit(TypedDict, total=False):
    """grok-imagine-image-2-0/image-edit"""

    prompt: Required[str]
    task_id: Required[str]
    mask_indexs: Sequence[int]


class GrokImagineImage20SegmentEdit(TypedDict, total=False):
    """grok-imagine-image-2-0/segment-edit"""

    prompt: Required[str]
    task_id: Required[str]
    mask_indexs: Sequence[int]


class GrokImagineImage20SegmentMap(TypedDict, total=False):
    """grok-imagine-image-2-0/segment-map"""

    task_id: str
    image_url: File


class GrokImagineImage20TextToImage(TypedDict, total=False):
    """grok-imagine-image-2-0/text-to-image"""

    aspect_ratio: Required[Literal["1:1", "2:3", "3:2", "16:9", "9:16"]]
    prompt: Required[str]


class GrokImagineImageToImage(TypedDict, total=False):
    """grok-imagine/image-to-image"""

    image_urls: Required[Sequence[File]]
    nsfw_checker: bool
    prompt: str


class GrokImagineTextToImage(TypedDict, total=False):
    """grok-imagine/text-to-image"""

    prompt: Required[str]
    aspect_ratio: Literal["2:3", "3:2", "1:1", "16:9", "9:16"]
    enable_pro: bool
    nsfw_checker: bool


class GrokImagineVideo15Preview(TypedDict, total=False):
    """grok-imagine-video-1-5-preview"""

    aspect_ratio: Literal["1:1", "16:9", "9:16", "3:2", "2:3", "auto"]
    duration: int
    image_urls: Sequence[File]
    nsfw_checker: bool
    prompt: str
    resolution: Literal["480p", "720p", "1080p"]


class GrokImagineExtend(TypedDict, total=False):
    """grok-imagine/extend"""

    extend_at: float
    extend_times: Required[Literal[6, 10]]
    prompt: Required[str]
    task_id: Required[str]


class GrokImagineImageToVideo(TypedDict, total=False):
    """grok-imagine/image-to-video"""

    aspect_ratio: Literal["2:3", "3:2", "1:1", "16:9", "9:16"]
    duration: Literal[
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
        "16",
        "17",
        "18",
        "19",
        "20",
        "21",
        "22",
        "23",
        "24",
        "25",
        "26",
        "27",
        "28",
        "29",
        "30",
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
        16,
        17,
        18,
        19,
        20,
        21,
        22,
        23,
        24,
        25,
        26,
        27,
        28,
        29,
        30,
    ]
    mode: Literal["fun", "normal", "spicy"]
    prompt: str
    nsfw_checker: bool
    resolution: Literal["480p", "720p", "1080p"]
    image_urls: Sequence[File]
    task_id: str
    index: int


class GrokImagineTextToVideo(TypedDict, total=False):
    """grok-imagine/text-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["2:3", "3:2", "1:1", "16:9", "9:16"]
    duration: float
    mode: Literal["fun", "normal", "spicy"]
    nsfw_checker: bool
    resolution: Literal["480p", "720p", "1080p"]


class GrokImagineUpscale(TypedDict, total=False):
    """grok-imagine/upscale"""

    task_id: Required[str]
    resolution: Literal["720p", "1080p"]


class Hailuo02ImageToVideoPro(TypedDict, total=False):
    """hailuo/02-image-to-video-pro"""

    image_url: Required[File]
    prompt: Required[str]
    end_image_url: File
    nsfw_checker: bool
    prompt_optimizer: bool


class Hailuo02ImageToVideoStandard(TypedDict, total=False):
    """hailuo/02-image-to-video-standard"""

    image_url: Required[File]
    prompt: Required[str]
    duration: Literal["6", "10", 6, 10]
    end_image_url: File
    nsfw_checker: bool
    prompt_optimizer: bool
    resolution: Literal["512P", "768P"]


class Hailuo02TextToVideoPro(TypedDict, total=False):
    """hailuo/02-text-to-video-pro"""

    prompt: Required[str]
    nsfw_checker: bool
    prompt_optimizer: bool


class Hailuo02TextToVideoStandard(TypedDict, total=False):
    """hailuo/02-text-to-video-standard"""

    prompt: Required[str]
    duration: Literal["6", "10", 6, 10]
    nsfw_checker: bool
    prompt_optimizer: bool


class Hailuo23ImageToVideoPro(TypedDict, total=False):
    """hailuo/2-3-image-to-video-pro"""

    image_url: Required[File]
    prompt: Required[str]
    duration: Literal["6", "10", 6, 10]
    nsfw_checker: bool
    resolution: Literal["768P", "1080P"]


class Hailuo23ImageToVideoStandard(TypedDict, total=False):
    """hailuo/2-3-image-to-video-standard"""

    image_url: Required[File]
    prompt: Required[str]
    duration: Literal["6", "10", 6, 10]
    nsfw_checker: bool
    resolution: Literal["768P", "1080P"]


class MinimaxH3ImageToVideo(TypedDict, total=False):
    """minimax-h3/image-to-video"""

    duration: Literal[4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    prompt: Required[str]
    first_frame_url: File
    last_frame_url: File
    resolution: Literal["768P", "2K"]


class MinimaxH3ReferenceToVideo(TypedDict, total=False):
    """minimax-h3/reference-to-video"""

    duration: Literal[4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    prompt: Required[str]
    aspect_ratio: Literal["adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
    reference_audio_urls: Sequence[File]
    reference_image_urls: Sequence[File]
    reference_video_urls: Sequence[File]
    resolution: Literal["768P", "2K"]


class MinimaxH3TextToVideo(TypedDict, total=False):
    """minimax-h3/text-to-video"""

    aspect_ratio: Required[Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]]
    duration: Literal[4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    prompt: Required[str]
    resolution: Literal["768P", "2K"]


class Happyhorse11ImageToVideo(TypedDict, total=False):
    """happyhorse-1-1/image-to-video"""

    image_urls: Required[Sequence[File]]
    duration: float
    prompt: str
    resolution: Literal["720p", "1080p"]


class Happyhorse11ReferenceToVideo(TypedDict, total=False):
    """happyhorse-1-1/reference-to-video"""

    prompt: Required[str]
    reference_image: Required[Sequence[File]]
    aspect_ratio: Literal["16:9", "9:16", "3:4", "4:3", "4:5", "5:4", "1:1", "9:21", "21:9"]
    duration: float
    resolution: Literal["720p", "1080p"]


class Happyhorse11TextToVideo(TypedDict, total=False):
    """happyhorse-1-1/text-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4", "4:5", "5:4", "9:21", "21:9"]
    duration: float
    resolution: Literal["720p", "1080p"]


class HappyhorseImageToVideo(TypedDict, total=False):
    """happyhorse/image-to-video"""

    image_urls: Required[Sequence[File]]
    duration: int
    prompt: str
    resolution: Literal["720p", "1080p"]
    seed: int


class HappyhorseReferenceToVideo(TypedDict, total=False):
    """happyhorse/reference-to-video"""

    prompt: Required[str]
    reference_image: Required[Sequence[File]]
    aspect_ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4"]
    duration: int
    resolution: Literal["720p", "1080p"]
    seed: int


class HappyhorseTextToVideo(TypedDict, total=False):
    """happyhorse/text-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4"]
    duration: int
    resolution: Literal["720p", "1080p"]
    seed: int


class HappyhorseVideoEdit(TypedDict, total=False):
    """happyhorse/video-edit"""

    prompt: Required[str]
    video_url: Required[File]
    audio_setting: Literal["auto", "origin"]
    reference_image: Sequence[File]
    resolution: Literal["720p", "1080p"]
    seed: int


class IdeogramCharacter(TypedDict, total=False):
    """ideogram/character"""

    prompt: Required[str]
    reference_image_urls: Required[Sequence[File]]
    expand_prompt: bool
    image_size: Literal["square", "square_hd", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
    negative_prompt: str
    num_images: Literal["1", "2", "3", "4", 1, 2, 3, 4]
    rendering_speed: Literal["TURBO", "BALANCED", "QUALITY"]
    seed: int
    style: Literal["AUTO", "REALISTIC", "FICTION"]


class IdeogramCharacterEdit(TypedDict, total=False):
    """ideogram/character-edit"""

    image_url: Required[File]
    mask_url: Required[File]
    prompt: Required[str]
    reference_image_urls: Required[Sequence[File]]
    expand_prompt: bool
    num_images: Literal["1", "2", "3", "4", 1, 2, 3, 4]
    rendering_speed: Literal["TURBO", "BALANCED", "QUALITY"]
    seed: int
    style: Literal["AUTO", "REALISTIC", "FICTION"]


class IdeogramCharacterRemix(TypedDict, total=False):
    """ideogram/character-remix"""

    image_url: Required[File]
    prompt: Required[str]
    reference_image_urls: Required[Sequence[File]]
    expand_prompt: bool
    image_size: Literal["square", "square_hd", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
    image_urls: Sequence[File]
    negative_prompt: str
    num_images: Literal["1", "2", "3", "4", 1, 2, 3, 4]
    reference_mask_urls: File
    rendering_speed: Literal["TURBO", "BALANCED", "QUALITY"]
    seed: int
    strength: float
    style: Literal["AUTO", "REALISTIC", "FICTION"]


class IdeogramV3Edit(TypedDict, total=False):
    """ideogram/v3-edit"""

    image_url: Required[File]
    mask_url: Required[File]
    prompt: Required[str]
    expand_prompt: bool
    rendering_speed: Literal["TURBO", "BALANCED", "QUALITY"]
    seed: int


class IdeogramV3Reframe(TypedDict, total=False):
    """ideogram/v3-reframe"""

    image_url: Required[File]
    image_size: Literal["square", "square_hd", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
    rendering_speed: Literal["TURBO", "BALANCED", "QUALITY"]
    style: Literal["AUTO", "GENERAL", "REALISTIC", "DESIGN"]
    num_images: Literal["1", "2", "3", "4", 1, 2, 3, 4]
    seed: float


class IdeogramV3Remix(TypedDict, total=False):
    """ideogram/v3-remix"""

    image_url: Required[File]
    prompt: Required[str]
    expand_prompt: bool
    image_size: Literal["square", "square_hd", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
    negative_prompt: str
    num_images: Literal["1", "2", "3", "4", 1, 2, 3, 4]
    rendering_speed: Literal["TURBO", "BALANCED", "QUALITY"]
    seed: int
    strength: float
    style: Literal["AUTO", "GENERAL", "REALISTIC", "DESIGN"]


class IdeogramV3TextToImage(TypedDict, total=False):
    """ideogram/v3-text-to-image"""

    prompt: Required[str]
    expand_prompt: bool
    image_size: Literal["square", "square_hd", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
    negative_prompt: str
    rendering_speed: Literal["TURBO", "BALANCED", "QUALITY"]
    seed: int
    style: Literal["AUTO", "GENERAL", "REALISTIC", "DESIGN"]


class InfinitalkFromAudio(TypedDict, total=False):
    """infinitalk/from-audio"""

    audio_url: Required[File]
    image_url: Required[File]
    prompt: Required[str]
    resolution: Literal["480p", "720p"]
    seed: float


class Kling26ImageToVideo(TypedDict, total=False):
    """kling-2.6/image-to-video"""

    duration: Literal["5", "10", 5, 10]
    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    sound: bool


class Kling26MotionControl(TypedDict, total=False):
    """kling-2.6/motion-control"""

    character_orientation: Literal["image", "video"]
    input_urls: Required[Sequence[File]]
    mode: Literal["720p", "1080p"]
    video_urls: Required[Sequence[File]]
    prompt: str


class Kling26TextToVideo(TypedDict, total=False):
    """kling-2.6/text-to-video"""

    aspect_ratio: Literal["1:1", "16:9", "9:16"]
    duration: Literal["5", "10", 5, 10]
    prompt: Required[str]
    sound: bool


class Kling30OmniImageToVideoMultiPrompt(TypedDict, total=False):
    """kling-3.0-omni/image-to-video: an object in `multi_prompt`"""

    prompt: Required[str]
    duration: Required[int]


class Kling30OmniImageToVideoElements(TypedDict, total=False):
    """kling-3.0-omni/image-to-video: an object in `elements`"""

    name: Required[str]
    description: str
    element_input_urls: Required[Sequence[File]]


class Kling30OmniImageToVideo(TypedDict, total=False):
    """kling-3.0-omni/image-to-video"""

    prompt: Required[str]
    duration: Literal[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    resolution: Literal["720p", "1080p", "4k"]
    aspect_ratio: Literal["16:9", "9:16", "1:1", "auto"]
    audio: bool
    prefer_multi_shots: bool
    multi_prompt: Sequence[Kling30OmniImageToVideoMultiPrompt]
    elements: Sequence[Kling30OmniImageToVideoElements]
    image_urls: Required[Sequence[File]]
    customize_multi_shots: bool


class Kling30OmniReferenceToVideoElements(TypedDict, total=False):
    """kling-3.0-omni/reference-to-video: an object in `elements`"""

    name: Required[str]
    description: str
    element_input_urls: Required[Sequence[File]]


class Kling30OmniReferenceToVideoMultiPrompt(TypedDict, total=False):
    """kling-3.0-omni/reference-to-video: an object in `multi_prompt`"""

    prompt: Required[str]
    duration: Required[int]


class Kling30OmniReferenceToVideo(TypedDict, total=False):
    """kling-3.0-omni/reference-to-video"""

    prompt: Required[str]
    resolution: Literal["720p", "1080p", "4k"]
    elements: Sequence[Kling30OmniReferenceToVideoElements]
    image_urls: Sequence[File]
    duration: Literal[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    aspect_ratio: Literal["16:9", "9:16", "1:1"]
    audio: bool
    customize_multi_shots: bool
    prefer_multi_shots: bool
    multi_prompt: Sequence[Kling30OmniReferenceToVideoMultiPrompt]
    video_urls: Sequence[File]


class Kling30OmniTextToVideoElements(TypedDict, total=False):
    """kling-3.0-omni/text-to-video: an object in `elements`"""

    name: Required[str]
    description: str
    element_input_urls: Required[Sequence[File]]


class Kling30OmniTextToVideoMultiPrompt(TypedDict, total=False):
    """kling-3.0-omni/text-to-video: an object in `multi_prompt`"""

    prompt: Required[str]
    duration: Required[int]


class Kling30OmniTextToVideo(TypedDict, total=False):
    """kling-3.0-omni/text-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["16:9", "9:16", "1:1"]
    audio: bool
    customize_multi_shots: bool
    duration: Literal[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    elements: Sequence[Kling30OmniTextToVideoElements]
    multi_prompt: Sequence[Kling30OmniTextToVideoMultiPrompt]
    prefer_multi_shots: bool
    resolution: Literal["720p", "1080p", "4k"]


class Kling30OmniTransformationElements(TypedDict, total=False):
    """kling-3.0-omni/transformation: an object in `elements`"""

    name: Required[str]
    description: str
    element_input_urls: Required[Sequence[File]]


class Kling30OmniTransformation(TypedDict, total=False):
    """kling-3.0-omni/transformation"""

    aspect_ratio: Literal["16:9", "9:16", "1:1", "auto"]
    audio: bool
    duration: Literal[
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
    ]
    elements: Sequence[Kling30OmniTransformationElements]
    image_urls: Sequence[File]
    prompt: str
    resolution: Literal["720p", "1080p", "4k"]
    video_urls: Required[Sequence[File]]


class Kling30MotionControl(TypedDict, total=False):
    """kling-3.0/motion-control"""

    input_urls: Required[Sequence[File]]
    video_urls: Required[Sequence[File]]
    background_source: str
    character_orientation: str
    mode: Literal["std", "pro", "720p", "1080p"]
    prompt: str


class Kling30VideoMultiPrompt(TypedDict, total=False):
    """kling-3.0/video: an object in `multi_prompt`"""

    prompt: Required[str]
    duration: Required[int]


class Kling30VideoKlingElements(TypedDict, total=False):
    """kling-3.0/video: an object in `kling_elements`"""

    name: Required[str]
    description: str
    element_input_urls: Sequence[File]
    element_input_video_urls: Sequence[File]


class Kling30Video(TypedDict, total=False):
    """kling-3.0/video"""

    aspect_ratio: Literal["16:9", "9:16", "1:1"]
    duration: Literal[
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
    ]
    mode: Literal["std", "pro", "4K"]
    multi_prompt: Sequence[Kling30VideoMultiPrompt]
    multi_shots: bool
    prompt: str
    sound: bool
    image_urls: Sequence[File]
    kling_elements: Sequence[Kling30VideoKlingElements]


class KlingAiAvatarPro(TypedDict, total=False):
    """kling/ai-avatar-pro"""

    audio_url: Required[File]
    image_url: Required[File]
    prompt: Required[str]


class KlingAiAvatarStandard(TypedDict, total=False):
    """kling/ai-avatar-standard"""

    audio_url: Required[File]
    image_url: Required[File]
    prompt: Required[str]


class KlingV21MasterImageToVideo(TypedDict, total=False):
    """kling/v2-1-master-image-to-video"""

    image_url: Required[File]
    prompt: Required[str]
    cfg_scale: float
    duration: Literal["5", "10", 5, 10]
    negative_prompt: str


class KlingV21MasterTextToVideo(TypedDict, total=False):
    """kling/v2-1-master-text-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["16:9", "9:16", "1:1"]
    cfg_scale: float
    duration: Literal["5", "10", 5, 10]
    negative_prompt: str


class KlingV21Pro(TypedDict, total=False):
    """kling/v2-1-pro"""

    image_url: Required[File]
    prompt: Required[str]
    cfg_scale: float
    duration: Literal["5", "10", 5, 10]
    negative_prompt: str
    tail_image_url: File


class KlingV21Standard(TypedDict, total=False):
    """kling/v2-1-standard"""

    image_url: Required[File]
    prompt: Required[str]
    cfg_scale: float
    duration: Literal["5", "10", 5, 10]
    negative_prompt: str


class KlingV25TurboImageToVideoPro(TypedDict, total=False):
    """kling/v2-5-turbo-image-to-video-pro"""

    image_url: Required[File]
    prompt: Required[str]
    cfg_scale: float
    duration: Literal["5", "10", 5, 10]
    negative_prompt: str
    tail_image_url: File


class KlingV25TurboTextToVideoPro(TypedDict, total=False):
    """kling/v2-5-turbo-text-to-video-pro"""

    prompt: Required[str]
    aspect_ratio: Literal["16:9", "9:16", "1:1"]
    cfg_scale: float
    duration: Literal["5", "10", 5, 10]
    negative_prompt: str


class KlingV3TurboImageToVideo(TypedDict, total=False):
    """kling/v3-turbo-image-to-video"""

    duration: Literal[
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
    ]
    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    resolution: Literal["720p", "1080p"]


class KlingV3TurboTextToVideo(TypedDict, total=False):
    """kling/v3-turbo-text-to-video"""

    aspect_ratio: Literal["1:1", "9:16", "16:9"]
    duration: Literal[
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
    ]
    prompt: Required[str]
    resolution: Literal["720p", "1080p"]


class Model4oImageApi(TypedDict, total=False):
    """4o-image-api"""

    prompt: str
    filesUrl: Sequence[File]
    size: Required[Literal["1:1", "3:2", "2:3"]]
    maskUrl: File
    nVariants: Literal[1, 2, 4]


class GptImage25FlareImageToImage(TypedDict, total=False):
    """gpt-image-2-5-flare-image-to-image"""

    prompt: Required[str]
    aspect_ratio: Literal[
        "auto",
        "1:1",
        "3:2",
        "2:3",
        "4:3",
        "3:4",
        "5:4",
        "4:5",
        "16:9",
        "9:16",
        "2:1",
        "1:2",
        "3:1",
        "1:3",
        "21:9",
        "9:21",
        "27:16",
        "16:27",
        "9:8",
        "8:9",
    ]
    resolution: Literal["1K", "2K", "4K"]
    background: Literal["auto", "opaque", "transparent"]
    input_urls: Required[Sequence[File]]


class GptImage25FlareTextToImage(TypedDict, total=False):
    """gpt-image-2-5-flare-text-to-image"""

    prompt: Required[str]
    aspect_ratio: Literal[
        "auto",
        "1:1",
        "3:2",
        "2:3",
        "4:3",
        "3:4",
        "5:4",
        "4:5",
        "16:9",
        "9:16",
        "2:1",
        "1:2",
        "3:1",
        "1:3",
        "21:9",
        "9:21",
        "27:16",
        "16:27",
        "9:8",
        "8:9",
    ]
    resolution: Literal["1K", "2K", "4K"]
    background: Literal["auto", "opaque", "transparent"]


class GptImage25SunburstImageToImage(TypedDict, total=False):
    """gpt-image-2-5-sunburst-image-to-image"""

    prompt: Required[str]
    aspect_ratio: Literal[
        "auto",
        "1:1",
        "3:2",
        "2:3",
        "4:3",
        "3:4",
        "5:4",
        "4:5",
        "16:9",
        "9:16",
        "2:1",
        "1:2",
        "3:1",
        "1:3",
        "21:9",
        "9:21",
        "27:16",
        "16:27",
        "9:8",
        "8:9",
    ]
    resolution: Literal["1K", "2K", "4K"]
    background: Literal["auto", "opaque", "transparent"]
    input_urls: Required[Sequence[File]]


class GptImage25SunburstTextToImage(TypedDict, total=False):
    """gpt-image-2-5-sunburst-text-to-image"""

    prompt: Required[str]
    aspect_ratio: Literal[
        "auto",
        "1:1",
        "3:2",
        "2:3",
        "4:3",
        "3:4",
        "5:4",
        "4:5",
        "16:9",
        "9:16",
        "2:1",
        "1:2",
        "3:1",
        "1:3",
        "21:9",
        "9:21",
        "27:16",
        "16:27",
        "9:8",
        "8:9",
    ]
    resolution: Literal["1K", "2K", "4K"]
    background: Literal["auto", "opaque", "transparent"]


class GptImage2ImageToImage(TypedDict, total=False):
    """gpt-image-2-image-to-image"""

    input_urls: Required[Sequence[File]]
    prompt: Required[str]
    aspect_ratio: Literal[
        "auto",
        "1:1",
        "3:2",
        "2:3",
        "4:3",
        "3:4",
        "5:4",
        "4:5",
        "16:9",
        "9:16",
        "2:1",
        "1:2",
        "3:1",
        "1:3",
        "21:9",
        "9:21",
    ]
    resolution: Literal["1K", "2K", "4K"]


class GptImage2TextToImage(TypedDict, total=False):
    """gpt-image-2-text-to-image"""

    prompt: Required[str]
    aspect_ratio: Literal[
        "auto",
        "1:1",
        "3:2",
        "2:3",
        "4:3",
        "3:4",
        "5:4",
        "4:5",
        "16:9",
        "9:16",
        "2:1",
        "1:2",
        "3:1",
        "1:3",
        "21:9",
        "9:21",
    ]
    resolution: Literal["1K", "2K", "4K"]


class GptImage15ImageToImage(TypedDict, total=False):
    """gpt-image/1.5-image-to-image"""

    aspect_ratio: Literal["1:1", "2:3", "3:2"]
    input_urls: Required[Sequence[File]]
    prompt: Required[str]
    quality: Literal["medium", "high"]


class GptImage15TextToImage(TypedDict, total=False):
    """gpt-image/1.5-text-to-image"""

    aspect_ratio: Literal["1:1", "2:3", "3:2"]
    prompt: Required[str]
    quality: Literal["medium", "high"]


class PixverseV6Extend(TypedDict, total=False):
    """pixverse-v6/extend"""

    prompt: Required[str]
    duration: int
    quality: Literal["360p", "540p", "720p", "1080p"]
    generate_audio_switch: bool
    seed: int
    taskId: str
    video_url: File


class PixverseV6ImageToVideo(TypedDict, total=False):
    """pixverse-v6/image-to-video"""

    duration: int
    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    quality: Literal["360p", "540p", "720p", "1080p"]
    generate_audio_switch: bool
    generate_multi_clip_switch: bool
    seed: int
    template_id: Literal[
        "412736208886848",
        "411563216524736",
        "411316927927040",
        "411174903569216",
        "410999246341952",
        "408891141511104",
        "410317363057408",
        "410285445698304",
        "410133101388544",
        "409899296377728",
        "408897485909952",
        "408869061406656",
        "408661207662528",
        "409767750265728",
        "409766559675264",
        "409589071559552",
        "407804339389760",
        "407658863287616",
        "407474361215744",
        "407473438360320",
        "407467702283008",
        "385844572217469",
        "406428904874432",
        "406423682060736",
        "406411724685760",
        "406372274350528",
        "406218913317312",
        "406218479198656",
        "406064763308480",
        "406413607395776",
        "405662117814720",
        "406014934000064",
        "405658369331648",
        "405321470423488",
        "405175211454656",
        "404955806201792",
        "404820147974080",
        "398980393937856",
        "403916646846400",
        "403739217192896",
        "403560060358144",
        "403556618212098",
        "398965022284579",
        "402201060373270",
        "403085292466285",
        "402061828030966",
        "402888569901524",
        "402155676592228",
        "402047865383360",
        "402046136040202",
        412736208886848,
        411563216524736,
        411316927927040,
        411174903569216,
        410999246341952,
        408891141511104,
        410317363057408,
        410285445698304,
        410133101388544,
        409899296377728,
        408897485909952,
        408869061406656,
        408661207662528,
        409767750265728,
        409766559675264,
        409589071559552,
        407804339389760,
        407658863287616,
        407474361215744,
        407473438360320,
        407467702283008,
        385844572217469,
        406428904874432,
        406423682060736,
        406411724685760,
        406372274350528,
        406218913317312,
        406218479198656,
        406064763308480,
        406413607395776,
        405662117814720,
        406014934000064,
        405658369331648,
        405321470423488,
        405175211454656,
        404955806201792,
        404820147974080,
        398980393937856,
        403916646846400,
        403739217192896,
        403560060358144,
        403556618212098,
        398965022284579,
        402201060373270,
        403085292466285,
        402061828030966,
        402888569901524,
        402155676592228,
        402047865383360,
        402046136040202,
    ]


class PixverseV6ReferenceToVideo(TypedDict, total=False):
    """pixverse-v6/reference-to-video"""

    aspect_ratio: Literal["16:9", "4:3", "1:1", "3:4", "9:16", "2:3", "3:2", "21:9"]
    duration: int
    image_references: Required[Sequence[Mapping[str, Any]]]
    prompt: Required[str]
    quality: Literal["360p", "540p", "720p", "1080p"]
    generate_audio_switch: bool
    seed: int


class PixverseV6TextToVideo(TypedDict, total=False):
    """pixverse-v6/text-to-video"""

    aspect_ratio: Literal["16:9", "4:3", "1:1", "3:4", "9:16", "2:3", "3:2", "21:9"]
    duration: int
    prompt: Required[str]
    quality: Literal["360p", "540p", "720p", "1080p"]
    generate_audio_switch: bool
    generate_multi_clip_switch: bool
    seed: int


class PixverseV6Transition(TypedDict, total=False):
    """pixverse-v6/transition"""

    duration: int
    first_frame_image_url: Required[File]
    last_frame_image_url: Required[File]
    prompt: Required[str]
    quality: Literal["360p", "540p", "720p", "1080p"]
    generate_audio_switch: bool
    seed: int


class QwenImageEdit(TypedDict, total=False):
    """qwen/image-edit"""

    image_url: Required[File]
    prompt: Required[str]
    acceleration: Literal["none", "regular", "high"]
    enable_safety_checker: bool
    guidance_scale: float
    image_size: Literal["square", "square_hd", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
    negative_prompt: str
    nsfw_checker: bool
    num_images: Literal["1", "2", "3", "4", 1, 2, 3, 4]
    num_inference_steps: float
    output_format: Literal["jpeg", "png"]
    seed: int
    sync_mode: bool


class QwenImageToImage(TypedDict, total=False):
    """qwen/image-to-image"""

    image_url: Required[File]
    prompt: Required[str]
    acceleration: Literal["none", "regular", "high"]
    enable_safety_checker: bool
    guidance_scale: float
    negative_prompt: str
    nsfw_checker: bool
    num_inference_steps: float
    output_format: Literal["png", "jpeg"]
    seed: int
    strength: float


class QwenTextToImage(TypedDict, total=False):
    """qwen/text-to-image"""

    prompt: Required[str]
    acceleration: Literal["none", "regular", "high"]
    enable_safety_checker: bool
    guidance_scale: float
    image_size: Literal["square", "square_hd", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
    negative_prompt: str
    nsfw_checker: bool
    num_inference_steps: float
    output_format: Literal["png", "jpeg"]
    seed: int


class Qwen21ImageToImage(TypedDict, total=False):
    """qwen2-1/image-to-image"""

    prompt: Required[str]
    resolution: Literal["1K", "2K"]
    background: Literal["opaque", "transparent"]
    output_format: Literal["png", "webp", "jpeg"]
    enhance_prompt: bool
    seed: int
    nsfw_checker: bool
    aspect_ratio: Literal["auto", "1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "21:9", "9:21"]
    image_urls: Required[Sequence[File]]
    mask_url: File


class Qwen21TextToImage(TypedDict, total=False):
    """qwen2-1/text-to-image"""

    prompt: Required[str]
    resolution: Literal["1K", "2K"]
    background: Literal["opaque", "transparent"]
    output_format: Literal["png", "webp", "jpeg"]
    enhance_prompt: bool
    seed: int
    nsfw_checker: bool
    aspect_ratio: Literal["1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "21:9", "9:21"]


class Qwen2ImageEdit(TypedDict, total=False):
    """qwen2/image-edit"""

    image_url: Required[File]
    prompt: Required[str]
    image_size: Literal["1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9", "21:9"]
    nsfw_checker: bool
    output_format: Literal["jpeg", "png"]
    seed: int


class Qwen2TextToImage(TypedDict, total=False):
    """qwen2/text-to-image"""

    prompt: Required[str]
    image_size: Literal["1:1", "3:4", "4:3", "9:16", "16:9"]
    nsfw_checker: bool
    output_format: Literal["jpeg", "png"]
    seed: int


class Qwen3ImageToImage(TypedDict, total=False):
    """qwen3/image-to-image"""

    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    image_size: Literal["1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "21:9"]
    negative_prompt: str
    nsfw_checker: bool
    output_format: Literal["png", "jpeg"]
    prompt_extend: bool
    resolution: Literal["1K", "2K"]
    seed: int


class Qwen3ProImageToImage(TypedDict, total=False):
    """qwen3/pro-image-to-image"""

    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    image_size: Literal["1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "21:9"]
    negative_prompt: str
    nsfw_checker: bool
    output_format: Literal["png", "jpeg"]
    prompt_extend: bool
    resolution: Literal["1K", "2K"]
    seed: int


class Qwen3ProTextToImage(TypedDict, total=False):
    """qwen3/pro-text-to-image"""

    prompt: Required[str]
    image_size: Literal["1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "21:9"]
    negative_prompt: str
    nsfw_checker: bool
    output_format: Literal["png", "jpeg"]
    prompt_extend: bool
    resolution: Literal["1K", "2K"]
    seed: int


class Qwen3TextToImage(TypedDict, total=False):
    """qwen3/text-to-image"""

    prompt: Required[str]
    image_size: Literal["1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "21:9"]
    negative_prompt: str
    nsfw_checker: bool
    output_format: Literal["png", "jpeg"]
    prompt_extend: bool
    resolution: Literal["1K", "2K"]
    seed: int


class ZImage(TypedDict, total=False):
    """z-image"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16"]
    prompt: Required[str]
    nsfw_checker: bool


class RealCuganX2(TypedDict, total=False):
    """real-cugan/x2"""

    image_url: Required[File]
    upscale_factor: Literal["1", "2", 1, 2]
    denoise: Literal["conservative", "0", "1", "2", "3", 0, 1, 2, 3]
    output_format: Literal["jpg", "png", "webp", "tiff", "avif"]
    output_quality: int
    keep_hidden_colours: bool


class RealCuganX3(TypedDict, total=False):
    """real-cugan/x3"""

    image_url: Required[File]
    upscale_factor: Literal["1", "3", 1, 3]
    denoise: Literal["conservative", "0", "3", 0, 3]
    output_format: Literal["jpg", "png", "webp", "tiff", "avif"]
    output_quality: int
    keep_hidden_colours: bool


class RealCuganX4(TypedDict, total=False):
    """real-cugan/x4"""

    image_url: Required[File]
    upscale_factor: Literal["1", "2", "4", 1, 2, 4]
    denoise: Literal["conservative", "0", "3", 0, 3]
    output_format: Literal["jpg", "png", "webp", "tiff", "avif"]
    output_quality: int
    keep_hidden_colours: bool


class RealEsrganX4plus(TypedDict, total=False):
    """real-esrgan/x4plus"""

    image_url: Required[File]
    upscale_factor: float
    size: str
    long_side: int
    megapixels: float
    strength: int
    denoise: int
    tile: int
    engine: Literal[
        "openvino-cpu",
        "openvino-cpu-bf16",
        "openvino-cpu-int8",
        "openvino-gpu",
        "ncnn-cpu",
        "ncnn-cpu-bf16",
        "ncnn-vulkan",
        "torch-cuda",
        "torch-mps",
    ]
    precision: Literal["f32", "bf16", "fp16", "int8"]
    output_format: Literal["jpg", "png", "webp", "tiff", "avif"]
    output_quality: int
    keep_hidden_colours: bool


class RealEsrganX4plusAnime(TypedDict, total=False):
    """real-esrgan/x4plus-anime"""

    image_url: Required[File]
    upscale_factor: float
    size: str
    long_side: int
    megapixels: float
    strength: int
    denoise: int
    tile: int
    engine: Literal[
        "openvino-cpu",
        "openvino-cpu-bf16",
        "openvino-cpu-int8",
        "openvino-gpu",
        "ncnn-cpu",
        "ncnn-cpu-bf16",
        "ncnn-vulkan",
        "torch-cuda",
        "torch-mps",
    ]
    precision: Literal["f32", "bf16", "fp16", "int8"]
    output_format: Literal["jpg", "png", "webp", "tiff", "avif"]
    output_quality: int
    keep_hidden_colours: bool


class RealEsrganFast(TypedDict, total=False):
    """real-esrgan/fast"""

    image_url: Required[File]
    upscale_factor: float
    size: str
    long_side: int
    megapixels: float
    strength: int
    denoise: int
    tile: int
    engine: Literal[
        "openvino-cpu",
        "openvino-cpu-bf16",
        "openvino-cpu-int8",
        "openvino-gpu",
        "ncnn-cpu",
        "ncnn-cpu-bf16",
        "ncnn-vulkan",
        "torch-cuda",
        "torch-mps",
    ]
    precision: Literal["f32", "bf16", "fp16", "int8"]
    output_format: Literal["jpg", "png", "webp", "tiff", "avif"]
    output_quality: int
    keep_hidden_colours: bool


class RecraftCrispUpscale(TypedDict, total=False):
    """recraft/crisp-upscale"""

    image: Required[File]


class RecraftRemoveBackground(TypedDict, total=False):
    """recraft/remove-background"""

    image: Required[File]


class Runway(TypedDict, total=False):
    """runway"""

    prompt: Required[str]
    duration: Required[Literal[5, 10]]
    quality: Required[Literal["720p", "1080p"]]
    aspect_ratio: Literal["16:9", "4:3", "1:1", "3:4", "9:16"]
    image_url: File
    watermark: str


class RunwayExtendAiVideo(TypedDict, total=False):
    """runway/extend-ai-video"""

    task_id: Required[str]
    prompt: Required[str]
    quality: Required[Literal["720p", "1080p"]]
    watermark: str


class RunwayGen4Aleph(TypedDict, total=False):
    """runway/gen4-aleph"""

    prompt: Required[str]
    video_url: Required[File]
    aspect_ratio: Literal["16:9", "9:16", "4:3", "3:4", "1:1", "21:9"]
    reference_image: File
    seed: int
    upload_cn: bool
    watermark: str


class Seedream45Edit(TypedDict, total=False):
    """seedream/4.5-edit"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"]
    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    quality: Literal["basic", "high"]
    nsfw_checker: bool


class Seedream45TextToImage(TypedDict, total=False):
    """seedream/4.5-text-to-image"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"]
    prompt: Required[str]
    quality: Literal["basic", "high"]
    nsfw_checker: bool


class Seedream5FlashImageToImage(TypedDict, total=False):
    """seedream/5-flash-image-to-image"""

    prompt: Required[str]
    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"]
    size: Literal["1K", "1.5K", "2K"]
    output_format: Literal["png", "jpeg"]
    nsfw_checker: bool
    image_urls: Required[Sequence[File]]


class Seedream5FlashLayerDecomposition(TypedDict, total=False):
    """seedream/5-flash-layer-decomposition"""

    image_url: Required[File]
    prompt: str
    size: Literal["auto", "1K", "1.5K", "2K"]
    output_format: Literal["png", "jpeg"]


class Seedream5FlashTextToImage(TypedDict, total=False):
    """seedream/5-flash-text-to-image"""

    prompt: Required[str]
    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"]
    size: Literal["1K", "1.5K", "2K"]
    output_format: Literal["png", "jpeg"]
    nsfw_checker: bool


class Seedream5LiteImageToImage(TypedDict, total=False):
    """seedream/5-lite-image-to-image"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"]
    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    quality: Literal["basic", "high", "ultra"]
    nsfw_checker: bool
    output_format: Literal["png", "jpeg"]


class Seedream5LiteTextToImage(TypedDict, total=False):
    """seedream/5-lite-text-to-image"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"]
    prompt: Required[str]
    quality: Literal["basic", "high", "ultra"]
    nsfw_checker: bool
    output_format: Literal["png", "jpeg"]


class Seedream5ProImageToImage(TypedDict, total=False):
    """seedream/5-pro-image-to-image"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"]
    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    quality: Literal["basic", "high"]
    nsfw_checker: bool
    output_format: Literal["png", "jpeg"]


class Seedream5ProLayerDecomposition(TypedDict, total=False):
    """seedream/5-pro-layer-decomposition"""

    image_url: Required[File]
    output_format: Literal["png", "jpeg"]
    prompt: str
    size: Literal["auto", "1K", "1.5K", "2K"]


class Seedream5ProTextToImage(TypedDict, total=False):
    """seedream/5-pro-text-to-image"""

    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"]
    prompt: Required[str]
    quality: Literal["basic", "high"]
    nsfw_checker: bool
    output_format: Literal["png", "jpeg"]


class Sora2ImageToVideo(TypedDict, total=False):
    """sora-2-image-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["portrait", "landscape"]
    n_frames: Literal["10", "15", 10, 15]
    remove_watermark: bool
    character_id_list: Sequence[str]
    image_urls: Required[Sequence[File]]


class Sora2ProImageToVideo(TypedDict, total=False):
    """sora-2-pro-image-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["portrait", "landscape"]
    n_frames: Literal["10", "15", 10, 15]
    remove_watermark: bool
    character_id_list: Sequence[str]
    size: Literal["standard", "high"]
    image_urls: Required[Sequence[File]]


class Sora2ProTextToVideo(TypedDict, total=False):
    """sora-2-pro-text-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["portrait", "landscape"]
    n_frames: Literal["10", "15", 10, 15]
    remove_watermark: bool
    character_id_list: Sequence[str]
    size: Literal["standard", "high"]


class Sora2TextToVideo(TypedDict, total=False):
    """sora-2-text-to-video"""

    prompt: Required[str]
    aspect_ratio: Literal["portrait", "landscape"]
    n_frames: Literal["10", "15", 10, 15]
    remove_watermark: bool
    character_id_list: Sequence[str]


class Sora2ProStoryboardShots(TypedDict, total=False):
    """sora-2-pro-storyboard: an object in `shots`"""

    Scene: Required[str]
    duration: Required[float]


class Sora2ProStoryboard(TypedDict, total=False):
    """sora-2-pro-storyboard"""

    shots: Required[Sequence[Sora2ProStoryboardShots]]
    n_frames: Literal["10", "15", "25", 10, 15, 25]
    aspect_ratio: Literal["portrait", "landscape"]
    image_urls: Sequence[File]
    prompt: str
    remove_watermark: bool


class SoraWatermarkRemover(TypedDict, total=False):
    """sora-watermark-remover"""

    video_url: Required[File]


class Sora2Characters(TypedDict, total=False):
    """sora-2-characters"""

    character_file_url: Required[Sequence[File]]
    character_prompt: str
    safety_instruction: str


class SpanX4(TypedDict, total=False):
    """span/x4"""

    image_url: Required[File]
    upscale_factor: float
    size: str
    long_side: int
    megapixels: float
    strength: int
    denoise: int
    tile: int
    engine: Literal[
        "openvino-cpu",
        "openvino-cpu-bf16",
        "openvino-cpu-int8",
        "openvino-gpu",
        "ncnn-cpu",
        "ncnn-cpu-bf16",
        "ncnn-vulkan",
        "torch-cuda",
        "torch-mps",
    ]
    precision: Literal["f32", "bf16", "fp16", "int8"]
    output_format: Literal["jpg", "png", "webp", "tiff", "avif"]
    output_quality: int
    keep_hidden_colours: bool


class AiMusicApiGenerate(TypedDict, total=False):
    """ai-music-api/generate"""

    custom_mode: Required[bool]
    instrumental: Required[bool]
    model: Literal["V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5", "V6", "V6_MINI", "V6_WILD"]
    prompt: str
    lyrics: str
    style: str
    title: str
    negative_tags: str
    vocal_gender: Literal["m", "f"]
    style_weight: float
    weirdness_constraint: float
    audio_weight: float
    persona_id: str
    persona_model: Literal["style_persona", "voice_persona"]
    duration: float
    variety: float
    image_urls: Sequence[File]
    audio_urls: Sequence[File]
    video_urls: Sequence[File]


class AiMusicApiExtend(TypedDict, total=False):
    """ai-music-api/extend"""

    audio_id: Required[str]
    default_param_flag: Required[bool]
    model: Literal["V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5", "V6", "V6_MINI", "V6_WILD"]
    instrumental: bool
    prompt: str
    style: str
    title: str
    continue_at: float
    negative_tags: str
    vocal_gender: Literal["m", "f"]
    style_weight: float
    weirdness_constraint: float
    audio_weight: float
    persona_id: str
    persona_model: Literal["style_persona", "voice_persona"]


class AiMusicApiUploadAndCoverAudio(TypedDict, total=False):
    """ai-music-api/upload-and-cover-audio"""

    upload_url: Required[File]
    custom_mode: Required[bool]
    instrumental: Required[bool]
    model: Literal["V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5", "V6", "V6_MINI", "V6_WILD"]
    prompt: str
    style: str
    title: str
    negative_tags: str
    vocal_gender: Literal["m", "f"]
    style_weight: float
    weirdness_constraint: float
    audio_weight: float
    persona_id: str
    persona_model: Literal["style_persona", "voice_persona"]
    duration: float
    image_urls: Sequence[File]


class AiMusicApiUploadAndExtendAudio(TypedDict, total=False):
    """ai-music-api/upload-and-extend-audio"""

    upload_url: Required[File]
    default_param_flag: Required[bool]
    model: Literal["V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5", "V6", "V6_MINI", "V6_WILD"]
    instrumental: bool
    prompt: str
    style: str
    title: str
    continue_at: float
    negative_tags: str
    vocal_gender: Literal["m", "f"]
    style_weight: float
    weirdness_constraint: float
    audio_weight: float
    persona_id: str
    persona_model: Literal["style_persona", "voice_persona"]


class AiMusicApiAddInstrumental(TypedDict, total=False):
    """ai-music-api/add-instrumental"""

    upload_url: Required[File]
    title: Required[str]
    negative_tags: Required[str]
    tags: Required[str]
    model: Literal["V4_5PLUS", "V5", "V5_5", "V6", "V6_MINI", "V6_WILD"]
    vocal_gender: Literal["m", "f"]
    style_weight: float
    weirdness_constraint: float
    audio_weight: float


class AiMusicApiAddVocals(TypedDict, total=False):
    """ai-music-api/add-vocals"""

    upload_url: Required[File]
    title: Required[str]
    negative_tags: Required[str]
    style: Required[str]
    prompt: str
    model: Literal["V4_5PLUS", "V5", "V5_5", "V6", "V6_MINI", "V6_WILD"]
    vocal_gender: Literal["m", "f"]
    style_weight: float
    weirdness_constraint: float
    audio_weight: float


class AiMusicApiMashup(TypedDict, total=False):
    """ai-music-api/mashup"""

    upload_url_list: Required[Sequence[File]]
    custom_mode: Required[bool]
    model: Literal["V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5", "V6", "V6_MINI", "V6_WILD"]
    instrumental: bool
    prompt: str
    style: str
    title: str
    vocal_gender: Literal["m", "f"]
    style_weight: float
    weirdness_constraint: float
    audio_weight: float
    duration: float


class AiMusicApiReplaceSection(TypedDict, total=False):
    """ai-music-api/replace-section"""

    task_id: Required[str]
    audio_id: Required[str]
    prompt: Required[str]
    tags: Required[str]
    title: Required[str]
    infill_start_s: Required[float]
    infill_end_s: Required[float]
    full_lyrics: Required[str]
    negative_tags: str


class AiMusicApiSounds(TypedDict, total=False):
    """ai-music-api/sounds"""

    prompt: Required[str]
    model: Literal["V5", "V5_5", "V6", "V6_MINI", "V6_WILD"]
    sound_loop: bool
    sound_tempo: int
    sound_key: Literal[
        "Cm",
        "C#m",
        "Dm",
        "D#m",
        "Em",
        "Fm",
        "F#m",
        "Gm",
        "G#m",
        "Am",
        "A#m",
        "Bm",
        "C",
        "C#",
        "D",
        "D#",
        "E",
        "F",
        "F#",
        "G",
        "G#",
        "A",
        "A#",
        "B",
    ]
    grab_lyrics: bool


class AiMusicApiConvertToWavFormat(TypedDict, total=False):
    """ai-music-api/convert-to-wav-format"""

    task_id: Required[str]
    audio_id: Required[str]


class AiMusicApiCreateMusicVideo(TypedDict, total=False):
    """ai-music-api/create-music-video"""

    task_id: Required[str]
    audio_id: Required[str]
    author: str
    domain_name: str


class AiMusicApiGenerateLyrics(TypedDict, total=False):
    """ai-music-api/generate-lyrics"""

    prompt: Required[str]


class AiMusicApiTimeStampedLyrics(TypedDict, total=False):
    """ai-music-api/timeStamped-lyrics"""

    task_id: Required[str]
    audio_id: Required[str]


class AiMusicApiBoostMusicStyle(TypedDict, total=False):
    """ai-music-api/boost-music-style"""

    content: Required[str]


class AiMusicApiGeneratePersona(TypedDict, total=False):
    """ai-music-api/generate-persona"""

    task_id: Required[str]
    audio_id: Required[str]
    name: Required[str]
    description: Required[str]
    vocal_start: float
    vocal_end: float
    style: str


class AiMusicApiGenerateMidiFromAudio(TypedDict, total=False):
    """ai-music-api/generate-midi-from-audio"""

    task_id: Required[str]
    audio_id: str


class AiMusicApiCoverGenerate(TypedDict, total=False):
    """ai-music-api/cover-generate"""

    task_id: Required[str]


class TopazImageUpscale(TypedDict, total=False):
    """topaz/image-upscale"""

    image_url: Required[File]
    upscale_factor: Literal["1", "2", "4", "8", 1, 2, 4, 8]


class TopazVideoUpscale(TypedDict, total=False):
    """topaz/video-upscale"""

    video_url: Required[File]
    upscale_factor: Literal["1", "2", "4", 1, 2, 4]


class U2netCutOut(TypedDict, total=False):
    """u2net/cut-out"""

    image_url: Required[File]
    output_format: Literal["png", "webp", "tiff", "avif"]
    output_quality: int


class Veo31(TypedDict, total=False):
    """veo-3-1"""

    prompt: Required[str]
    image_urls: Sequence[File]
    generation_type: Literal["TEXT_2_VIDEO", "FIRST_AND_LAST_FRAMES_2_VIDEO", "REFERENCE_2_VIDEO"]
    aspect_ratio: Literal["16:9", "9:16", "Auto"]
    resolution: Literal["720p", "1080p", "4k"]
    duration: Literal[4, 6, 8]
    watermark: str
    enable_translation: bool
    model: Literal["veo3", "veo3_fast", "veo3_lite"]


class Veo3(TypedDict, total=False):
    """veo3"""

    prompt: Required[str]
    image_urls: Sequence[File]
    generation_type: Literal["TEXT_2_VIDEO", "FIRST_AND_LAST_FRAMES_2_VIDEO"]
    aspect_ratio: Literal["16:9", "9:16", "Auto"]
    resolution: Literal["720p", "1080p", "4k"]
    duration: Literal[4, 6, 8]
    watermark: str
    enable_translation: bool


class Veo3Fast(TypedDict, total=False):
    """veo3_fast"""

    prompt: Required[str]
    image_urls: Sequence[File]
    generation_type: Literal["TEXT_2_VIDEO", "FIRST_AND_LAST_FRAMES_2_VIDEO", "REFERENCE_2_VIDEO"]
    aspect_ratio: Literal["16:9", "9:16", "Auto"]
    resolution: Literal["720p", "1080p", "4k"]
    duration: Literal[4, 6, 8]
    watermark: str
    enable_translation: bool


class Veo3Lite(TypedDict, total=False):
    """veo3_lite"""

    prompt: Required[str]
    image_urls: Sequence[File]
    generation_type: Literal["TEXT_2_VIDEO", "FIRST_AND_LAST_FRAMES_2_VIDEO", "REFERENCE_2_VIDEO"]
    aspect_ratio: Literal["16:9", "9:16", "Auto"]
    resolution: Literal["720p", "1080p", "4k"]
    duration: Literal[4, 6, 8]
    watermark: str
    enable_translation: bool


class VeoExtend(TypedDict, total=False):
    """veo/extend"""

    task_id: Required[str]
    prompt: Required[str]


class VeoGet1080pVideo(TypedDict, total=False):
    """veo/get-1080p-video"""

    taskId: Required[str]


class VeoGet4kVideo(TypedDict, total=False):
    """veo/get-4k-video"""

    task_id: Required[str]


class Waifu2xPhoto(TypedDict, total=False):
    """waifu2x/photo"""

    image_url: Required[File]
    upscale_factor: Literal["1", "2", 1, 2]
    denoise: Literal["none", "0", "1", "2", "3", 0, 1, 2, 3]
    output_format: Literal["jpg", "png", "webp", "tiff", "avif"]
    output_quality: int
    keep_hidden_colours: bool


class Waifu2xDenoise(TypedDict, total=False):
    """waifu2x/denoise"""

    image_url: Required[File]
    denoise: Literal["0", "1", "2", "3", 0, 1, 2, 3]
    output_format: Literal["jpg", "png", "webp", "tiff", "avif"]
    output_quality: int
    keep_hidden_colours: bool


class Wan27ImageColorPalette(TypedDict, total=False):
    """wan/2-7-image: an object in `color_palette`"""

    hex: Required[str]
    ratio: Required[str]


class Wan27Image(TypedDict, total=False):
    """wan/2-7-image"""

    prompt: Required[str]
    aspect_ratio: Literal["1:1", "16:9", "4:3", "21:9", "3:4", "9:16", "8:1", "1:8"]
    bbox_list: Sequence[Sequence[Any]]
    color_palette: Sequence[Wan27ImageColorPalette]
    enable_sequential: bool
    input_urls: Sequence[File]
    n: int
    nsfw_checker: bool
    resolution: Literal["1K", "2K"]
    seed: int
    thinking_mode: bool
    watermark: bool


class Wan27ImageProColorPalette(TypedDict, total=False):
    """wan/2-7-image-pro: an object in `color_palette`"""

    hex: Required[str]
    ratio: Required[str]


class Wan27ImagePro(TypedDict, total=False):
    """wan/2-7-image-pro"""

    prompt: Required[str]
    aspect_ratio: Literal["1:1", "16:9", "4:3", "21:9", "3:4", "9:16", "8:1", "1:8"]
    bbox_list: Sequence[Sequence[Any]]
    color_palette: Sequence[Wan27ImageProColorPalette]
    enable_sequential: bool
    input_urls: Sequence[File]
    n: int
    nsfw_checker: bool
    resolution: Literal["1K", "2K", "4K"]
    seed: int
    thinking_mode: bool
    watermark: bool


class Wan22A14bImageToVideoTurbo(TypedDict, total=False):
    """wan/2-2-a14b-image-to-video-turbo"""

    image_url: Required[File]
    prompt: Required[str]
    acceleration: Literal["none", "regular"]
    enable_prompt_expansion: bool
    nsfw_checker: bool
    resolution: Literal["480p", "720p"]
    seed: float


class Wan22A14bSpeechToVideoTurbo(TypedDict, total=False):
    """wan/2-2-a14b-speech-to-video-turbo"""

    audio_url: Required[File]
    image_url: Required[File]
    prompt: Required[str]
    frames_per_second: float
    guidance_scale: float
    negative_prompt: str
    nsfw_checker: bool
    num_frames: float
    num_inference_steps: float
    resolution: Literal["480p", "580p", "720p"]
    seed: int
    shift: float


class Wan22A14bTextToVideoTurbo(TypedDict, total=False):
    """wan/2-2-a14b-text-to-video-turbo"""

    prompt: Required[str]
    acceleration: Literal["none", "regular"]
    aspect_ratio: Literal["16:9", "9:16"]
    enable_prompt_expansion: bool
    nsfw_checker: bool
    resolution: Literal["480p", "720p"]
    seed: float


class Wan22AnimateMove(TypedDict, total=False):
    """wan/2-2-animate-move"""

    image_url: Required[File]
    video_url: Required[File]
    nsfw_checker: bool
    resolution: Literal["480p", "580p", "720p"]


class Wan22AnimateReplace(TypedDict, total=False):
    """wan/2-2-animate-replace"""

    image_url: Required[File]
    video_url: Required[File]
    nsfw_checker: bool
    resolution: Literal["480p", "580p", "720p"]


class Wan25ImageToVideo(TypedDict, total=False):
    """wan/2-5-image-to-video"""

    duration: Literal["5", "10", 5, 10]
    image_url: Required[File]
    prompt: Required[str]
    enable_prompt_expansion: bool
    negative_prompt: str
    nsfw_checker: bool
    resolution: Literal["720p", "1080p"]
    seed: int


class Wan25TextToVideo(TypedDict, total=False):
    """wan/2-5-text-to-video"""

    duration: Literal["5", "10", 5, 10]
    prompt: Required[str]
    aspect_ratio: Literal["16:9", "9:16", "1:1"]
    enable_prompt_expansion: bool
    negative_prompt: str
    nsfw_checker: bool
    resolution: Literal["720p", "1080p"]
    seed: int


class Wan26FlashImageToVideo(TypedDict, total=False):
    """wan/2-6-flash-image-to-video"""

    audio: Required[bool]
    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    duration: Literal["5", "10", "15", 5, 10, 15]
    multi_shots: bool
    nsfw_checker: bool
    resolution: Literal["720p", "1080p"]


class Wan26FlashVideoToVideo(TypedDict, total=False):
    """wan/2-6-flash-video-to-video"""

    prompt: Required[str]
    video_urls: Required[Sequence[File]]
    audio: bool
    duration: Literal["5", "10", 5, 10]
    multi_shots: bool
    nsfw_checker: bool
    resolution: Literal["720p", "1080p"]


class Wan26ImageToVideo(TypedDict, total=False):
    """wan/2-6-image-to-video"""

    image_urls: Required[Sequence[File]]
    prompt: Required[str]
    duration: Literal["5", "10", "15", 5, 10, 15]
    multi_shots: bool
    nsfw_checker: bool
    resolution: Literal["720p", "1080p"]


class Wan26TextToVideo(TypedDict, total=False):
    """wan/2-6-text-to-video"""

    prompt: Required[str]
    duration: Literal["5", "10", "15", 5, 10, 15]
    multi_shots: bool
    nsfw_checker: bool
    resolution: Literal["720p", "1080p"]


class Wan26VideoToVideo(TypedDict, total=False):
    """wan/2-6-video-to-video"""

    prompt: Required[str]
    video_urls: Required[Sequence[File]]
    duration: Literal["5", "10", 5, 10]
    multi_shots: bool
    nsfw_checker: bool
    resolution: Literal["720p", "1080p"]


class Wan27ImageToVideo(TypedDict, total=False):
    """wan/2-7-image-to-video"""

    prompt: Required[str]
    driving_audio_url: File
    duration: int
    first_clip_url: File
    first_frame_url: File
    last_frame_url: File
    negative_prompt: str
    nsfw_checker: bool
    prompt_extend: bool
    resolution: Literal["720p", "1080p"]
    seed: int
    watermark: bool


class Wan27R2v(TypedDict, total=False):
    """wan/2-7-r2v"""

    prompt: Required[str]
    aspect_ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4"]
    duration: int
    first_frame: File
    negative_prompt: str
    nsfw_checker: bool
    prompt_extend: bool
    reference_image: Sequence[File]
    reference_video: Sequence[File]
    reference_voice: File
    resolution: Literal["720p", "1080p"]
    seed: int
    watermark: bool


class Wan27TextToVideo(TypedDict, total=False):
    """wan/2-7-text-to-video"""

    prompt: Required[str]
    audio_url: File
    duration: int
    negative_prompt: str
    nsfw_checker: bool
    prompt_extend: bool
    ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4"]
    resolution: Literal["720p", "1080p"]
    seed: int
    watermark: bool


class Wan27Videoedit(TypedDict, total=False):
    """wan/2-7-videoedit"""

    video_url: Required[File]
    aspect_ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4"]
    audio_setting: Literal["auto", "origin"]
    duration: Literal[0, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    negative_prompt: str
    nsfw_checker: bool
    prompt: str
    prompt_extend: bool
    reference_image: File
    resolution: Literal["720p", "1080p"]
    seed: int
    watermark: bool


class Wan30Video(TypedDict, total=False):
    """wan/3-0-video"""

    prompt: str
    first_frame_url: File
    last_frame_url: File
    reference_image_urls: Sequence[File]
    reference_video_urls: Sequence[File]
    reference_audio_urls: Sequence[File]
    reference_file_urls: Sequence[str]
    reference_link_urls: Sequence[str]
    resolution: Literal["480P", "720P", "1080P"]
    aspect_ratio: Literal["adaptive", "16:9", "4:3", "1:1", "3:4", "9:16"]
    duration: Literal[
        -1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    ]
    audio: bool
    seed: int
    nsfw_checker: bool


class Wan30VideoPrime(TypedDict, total=False):
    """wan/3-0-video-prime"""

    prompt: str
    first_frame_url: File
    last_frame_url: File
    reference_image_urls: Sequence[File]
    reference_video_urls: Sequence[File]
    reference_audio_urls: Sequence[File]
    reference_file_urls: Sequence[str]
    reference_link_urls: Sequence[str]
    resolution: Literal["480P", "720P", "1080P"]
    aspect_ratio: Literal["adaptive", "16:9", "4:3", "1:1", "3:4", "9:16"]
    duration: Literal[
        -1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    ]
    audio: bool
    seed: int
    nsfw_checker: bool


ModelName: TypeAlias = Literal[
    "auto/upscale",
    "auto",
    "bytedance/seedream",
    "bytedance-seedream",
    "seedream",
    "bytedance/seedream-v4-edit",
    "seedream-v4-edit",
    "seedream-v4-i2i",
    "bytedance/seedream-v4-text-to-image",
    "seedream-v4-text-to-image",
    "seedream-v4-t2i",
    "omnihuman-1-5/human-identification",
    "omnihuman-1-5/subject-detection",
    "bytedance/seedance-1.5-pro",
    "bytedance/seedance-2",
    "bytedance/seedance-2-5",
    "bytedance/seedance-2-fast",
    "bytedance/seedance-2-mini",
    "bytedance/v1-lite-image-to-video",
    "bytedance/v1-lite-text-to-video",
    "bytedance/v1-pro-fast-image-to-video",
    "bytedance/v1-pro-image-to-video",
    "bytedance/v1-pro-text-to-video",
    "omnihuman-1-5",
    "volcengine/video-to-video-lip-sync",
    "elevenlabs/text-to-speech-turbo-2-5",
    "elevenlabs/text-to-speech-multilingual-v2",
    "elevenlabs/text-to-dialogue-v3",
    "elevenlabs/audio-isolation",
    "elevenlabs/sound-effect-v2",
    "elevenlabs/speech-to-text",
    "flux-2/flex-image-to-image",
    "flux-2/flex-text-to-image",
    "flux-2/pro-image-to-image",
    "flux-2/pro-text-to-image",
    "flux-2/pro",
    "flux1-kontext",
    "flux-kontext",
    "flux-kontext-pro",
    "flux-kontext-max",
    "google/gemini-3-1-flash-tts",
    "google/gemini-2-5-pro-tts",
    "google/gemini-3-8-flash-tts",
    "google/gemini-3-8-flash-lite-tts",
    "google/imagen4",
    "google-imagen4",
    "imagen4",
    "google/imagen4-fast",
    "google-imagen4-fast",
    "imagen4-fast",
    "imagen4/fast",
    "google/imagen4-ultra",
    "google-imagen4-ultra",
    "imagen4-ultra",
    "imagen4/ultra",
    "google/nano-banana",
    "google-nano-banana",
    "nano-banana",
    "google/nanobanana-gemini-2.5-flash",
    "google/nano-banana-edit",
    "google-nano-banana-edit",
    "nano-banana-edit",
    "nano-banana-2",
    "google/nano-banana-2",
    "nanobanana2",
    "nano-banana-2-1",
    "google/nano-banana-2-1",
    "nano-banana-2-lite",
    "google/nano-banana-2-lite",
    "nano-banana-pro",
    "google/nano-banana-pro",
    "google/pro-image-to-image",
    "gemini-omni-video",
    "google/gemini-omni-flash-1-1",
    "grok-imagine-image-2-0/image-edit",
    "grok-imagine-image-2-0/segment-edit",
    "grok-imagine-image-2-0/segment-map",
    "grok-imagine-image-2-0/text-to-image",
    "grok-imagine/image-to-image",
    "grok-imagine/text-to-image",
    "grok/imagine-text-to-image",
    "grok-imagine-video-1-5-preview",
    "grok-imagine/extend",
    "grok-imagine/image-to-video",
    "grok/imagine",
    "grok-imagine/text-to-video",
    "grok/imagine-text-to-video",
    "grok-imagine/upscale",
    "grok/imagine-upscale",
    "hailuo/02-image-to-video-pro",
    "hailuo/02-image-to-video-standard",
    "hailuo/02-text-to-video-pro",
    "hailuo/02-text-to-video-standard",
    "hailuo/2-3-image-to-video-pro",
    "hailuo/2-3-image-to-video-standard",
    "minimax-h3/image-to-video",
    "minimax-h3/reference-to-video",
    "minimax-h3/text-to-video",
    "happyhorse-1-1/image-to-video",
    "happyhorse-1-1/reference-to-video",
    "happyhorse-1-1/text-to-video",
    "happyhorse/image-to-video",
    "happyhorse/reference-to-video",
    "happyhorse/text-to-video",
    "happyhorse/video-edit",
    "ideogram/character",
    "ideogram-character",
    "character",
    "ideogram/character-edit",
    "ideogram-character-edit",
    "character-edit",
    "ideogram/character-remix",
    "ideogram-character-remix",
    "character-remix",
    "ideogram/v3-edit",
    "ideogram-v3-edit",
    "v3-edit",
    "ideogram/v3-reframe",
    "ideogram-v3-reframe",
    "ideogram/v3-remix",
    "ideogram-v3-remix",
    "v3-remix",
    "ideogram/v3-text-to-image",
    "ideogram-v3-text-to-image",
    "ideogram/v3-t2i",
    "v3-text-to-image",
    "ideogram/v3",
    "infinitalk/from-audio",
    "kling-2.6/image-to-video",
    "kling-2.6/motion-control",
    "kling-2.6/text-to-video",
    "kling-3.0-omni/image-to-video",
    "kling-3.0-omni/reference-to-video",
    "kling-3.0-omni/text-to-video",
    "kling-3.0-omni/transformation",
    "kling-3.0/motion-control",
    "kling-3.0/video",
    "kling/kling-3.0",
    "kling/ai-avatar-pro",
    "kling/ai-avatar-v1-pro",
    "kling/v1-avatar-pro",
    "kling/ai-avatar-standard",
    "kling/v1-avatar-standard",
    "kling/ai-avatar-v1-standard",
    "kling/v2-1-master-image-to-video",
    "kling/v2-1-master-text-to-video",
    "kling/v2-1-pro",
    "kling/v2-1-standard",
    "kling/v2-5-turbo-image-to-video-pro",
    "kling/v2-5-turbo-text-to-video-pro",
    "kling/v3-turbo-image-to-video",
    "kling/v3-turbo-text-to-video",
    "4o-image-api",
    "gpt-image-2-5-flare-image-to-image",
    "gpt-image-2-5-flare-text-to-image",
    "gpt-image-2-5-sunburst-image-to-image",
    "gpt-image-2-5-sunburst-text-to-image",
    "gpt-image-2-image-to-image",
    "gpt-image-2-text-to-image",
    "gpt-image/1.5-image-to-image",
    "gpt-image/1.5-text-to-image",
    "pixverse-v6/extend",
    "pixverse-v6/image-to-video",
    "pixverse-v6/reference-to-video",
    "pixverse-v6/text-to-video",
    "pixverse-v6/transition",
    "qwen/image-edit",
    "qwen-image-edit",
    "qwen/edit",
    "qwen/image-to-image",
    "qwen-image-to-image",
    "qwen/i2i",
    "qwen/text-to-image",
    "qwen-text-to-image",
    "qwen/t2i",
    "qwen2-1/image-to-image",
    "qwen2-1/text-to-image",
    "qwen2/image-edit",
    "qwen2/text-to-image",
    "qwen3/image-to-image",
    "qwen3/pro-image-to-image",
    "qwen3/pro-text-to-image",
    "qwen3/text-to-image",
    "z-image",
    "z-image/z-image",
    "real-cugan/x2",
    "real-cugan",
    "real-cugan/x3",
    "real-cugan/x4",
    "real-esrgan/x4plus",
    "real-esrgan",
    "real-esrgan/x4plus-anime",
    "real-esrgan/fast",
    "recraft/crisp-upscale",
    "recraft-crisp-upscale",
    "recraft/crisp-upscaler",
    "recraft/remove-background",
    "recraft-remove-background",
    "runway",
    "runway/gen4-turbo",
    "runway/extend-ai-video",
    "runway/gen4-aleph",
    "runway-aleph",
    "seedream/4.5-edit",
    "seedream/4.5-text-to-image",
    "seedream/5-flash-image-to-image",
    "seedream/5-flash-layer-decomposition",
    "seedream/5-flash-text-to-image",
    "seedream/5-lite-image-to-image",
    "seedream/5-lite-text-to-image",
    "seedream/5-pro-image-to-image",
    "seedream/5-pro-layer-decomposition",
    "seedream/5-pro-text-to-image",
    "sora-2-image-to-video",
    "sora-2-pro-image-to-video",
    "sora-2-pro-text-to-video",
    "sora-2-text-to-video",
    "sora-2-pro-storyboard",
    "sora-2-pro-storyboard/index",
    "sora-watermark-remover",
    "sora-2-watermark-remover",
    "sora2/sora-watermark-remover",
    "sora-2-characters",
    "span/x4",
    "span",
    "ai-music-api/generate",
    "ai-music-api/extend",
    "ai-music-api/upload-and-cover-audio",
    "ai-music-api/upload-and-extend-audio",
    "ai-music-api/add-instrumental",
    "ai-music-api/add-vocals",
    "ai-music-api/mashup",
    "ai-music-api/replace-section",
    "ai-music-api/sounds",
    "ai-music-api/convert-to-wav-format",
    "ai-music-api/create-music-video",
    "ai-music-api/generate-lyrics",
    "ai-music-api/timeStamped-lyrics",
    "ai-music-api/boost-music-style",
    "ai-music-api/generate-persona",
    "ai-music-api/generate-midi-from-audio",
    "ai-music-api/cover-generate",
    "topaz/image-upscale",
    "topaz/image-upscaler",
    "topaz/upscale",
    "topaz-upscale",
    "topaz/video-upscale",
    "u2net/cut-out",
    "cut-out",
    "veo-3-1",
    "veo3.1",
    "google/veo-3-1",
    "veo3",
    "google/veo3",
    "veo3_fast",
    "google/veo3-fast",
    "veo3_lite",
    "google/veo3-lite",
    "veo/extend",
    "veo/get-1080p-video",
    "veo/get-4k-video",
    "waifu2x/photo",
    "waifu2x",
    "waifu2x/denoise",
    "wan/2-7-image",
    "wan/2-7-image-pro",
    "wan/2-2-a14b-image-to-video-turbo",
    "wan/2-2-a14b-speech-to-video-turbo",
    "wan/2-2-a14b-text-to-video-turbo",
    "wan/2-2-animate-move",
    "wan/2-2-animate-replace",
    "wan/2-5-image-to-video",
    "wan/2-5-text-to-video",
    "wan/2-6-flash-image-to-video",
    "wan/2-6-flash-video-to-video",
    "wan/2-6-image-to-video",
    "wan/2-6-text-to-video",
    "wan/2-6-video-to-video",
    "wan/2-7-image-to-video",
    "wan/2-7-r2v",
    "wan/2-7-text-to-video",
    "wan/2-7-videoedit",
    "wan/3-0-video",
    "wan/3-0-video-prime",
]
"""A model by any of its names."""
