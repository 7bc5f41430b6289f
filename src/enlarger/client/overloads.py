"""The signatures of `run` and `submit` for each model, for type checkers: made from the catalogue by `make types`.

Nothing imports this at run time. A model that is named as in the catalogue accepts only its own input; one in a
variable of type `str` accepts any.
"""

# mypy: disable-error-code="overload-overlap"
# pyright: reportOverlappingOverload=false

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, Unpack, overload

from enlarger.client import async_client, async_requests, inputs, sync_client
from enlarger.client.records import Result

Handle_co = TypeVar("Handle_co", covariant=True)
Unfit_co = TypeVar("Unfit_co", covariant=True)


class InputDoesNotFitTheModel:
    """In place of a result: the input lacks a field, or has one that its model does not know or of another type."""


Unfit: TypeAlias = Coroutine[Any, Any, InputDoesNotFitTheModel]
"""The same for the synchronous client: checkers report a coroutine that is not used, and no other value."""


class Run(Protocol):
    """`run` of the asynchronous client."""

    @overload
    def __call__(
        self,
        model: Literal["auto/upscale", "auto"],
        input: inputs.AutoUpscale,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedream", "bytedance-seedream", "seedream"],
        input: inputs.BytedanceSeedream,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedream-v4-edit", "seedream-v4-edit", "seedream-v4-i2i"],
        input: inputs.BytedanceSeedreamV4Edit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedream-v4-text-to-image", "seedream-v4-text-to-image", "seedream-v4-t2i"],
        input: inputs.BytedanceSeedreamV4TextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["omnihuman-1-5/human-identification"],
        input: inputs.Omnihuman15HumanIdentification,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["omnihuman-1-5/subject-detection"],
        input: inputs.Omnihuman15SubjectDetection,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-1.5-pro"],
        input: inputs.BytedanceSeedance15Pro,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2"],
        input: inputs.BytedanceSeedance2,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2-5"],
        input: inputs.BytedanceSeedance25,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2-fast"],
        input: inputs.BytedanceSeedance2Fast,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2-mini"],
        input: inputs.BytedanceSeedance2Mini,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-lite-image-to-video"],
        input: inputs.BytedanceV1LiteImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-lite-text-to-video"],
        input: inputs.BytedanceV1LiteTextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-pro-fast-image-to-video"],
        input: inputs.BytedanceV1ProFastImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-pro-image-to-video"],
        input: inputs.BytedanceV1ProImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-pro-text-to-video"],
        input: inputs.BytedanceV1ProTextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["omnihuman-1-5"], input: inputs.Omnihuman15, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["volcengine/video-to-video-lip-sync"],
        input: inputs.VolcengineVideoToVideoLipSync,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/text-to-speech-turbo-2-5"],
        input: inputs.ElevenlabsTextToSpeechTurbo25,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/text-to-speech-multilingual-v2"],
        input: inputs.ElevenlabsTextToSpeechMultilingualV2,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/text-to-dialogue-v3"],
        input: inputs.ElevenlabsTextToDialogueV3,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/audio-isolation"],
        input: inputs.ElevenlabsAudioIsolation,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/sound-effect-v2"],
        input: inputs.ElevenlabsSoundEffectV2,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/speech-to-text"],
        input: inputs.ElevenlabsSpeechToText,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/flex-image-to-image"],
        input: inputs.Flux2FlexImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/flex-text-to-image"],
        input: inputs.Flux2FlexTextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/pro-image-to-image"],
        input: inputs.Flux2ProImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/pro-text-to-image", "flux-2/pro"],
        input: inputs.Flux2ProTextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["flux1-kontext", "flux-kontext", "flux-kontext-pro"],
        input: inputs.Flux1Kontext,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-kontext-max"],
        input: inputs.FluxKontextMax,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-3-1-flash-tts"],
        input: inputs.GoogleGemini31FlashTts,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-2-5-pro-tts"],
        input: inputs.GoogleGemini25ProTts,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-3-8-flash-tts"],
        input: inputs.GoogleGemini38FlashTts,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-3-8-flash-lite-tts"],
        input: inputs.GoogleGemini38FlashLiteTts,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["google/imagen4", "google-imagen4", "imagen4"],
        input: inputs.GoogleImagen4,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["google/imagen4-fast", "google-imagen4-fast", "imagen4-fast", "imagen4/fast"],
        input: inputs.GoogleImagen4Fast,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["google/imagen4-ultra", "google-imagen4-ultra", "imagen4-ultra", "imagen4/ultra"],
        input: inputs.GoogleImagen4Ultra,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["google/nano-banana", "google-nano-banana", "nano-banana", "google/nanobanana-gemini-2.5-flash"],
        input: inputs.GoogleNanoBanana,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["google/nano-banana-edit", "google-nano-banana-edit", "nano-banana-edit"],
        input: inputs.GoogleNanoBananaEdit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-2", "google/nano-banana-2", "nanobanana2"],
        input: inputs.NanoBanana2,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-2-1", "google/nano-banana-2-1"],
        input: inputs.NanoBanana21,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-2-lite", "google/nano-banana-2-lite"],
        input: inputs.NanoBanana2Lite,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-pro", "google/nano-banana-pro", "google/pro-image-to-image"],
        input: inputs.NanoBananaPro,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["gemini-omni-video"],
        input: inputs.GeminiOmniVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-omni-flash-1-1"],
        input: inputs.GoogleGeminiOmniFlash11,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/image-edit"],
        input: inputs.GrokImagineImage20ImageEdit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/segment-edit"],
        input: inputs.GrokImagineImage20SegmentEdit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/segment-map"],
        input: inputs.GrokImagineImage20SegmentMap,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/text-to-image"],
        input: inputs.GrokImagineImage20TextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/image-to-image"],
        input: inputs.GrokImagineImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/text-to-image", "grok/imagine-text-to-image"],
        input: inputs.GrokImagineTextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-video-1-5-preview"],
        input: inputs.GrokImagineVideo15Preview,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/extend"],
        input: inputs.GrokImagineExtend,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/image-to-video", "grok/imagine"],
        input: inputs.GrokImagineImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/text-to-video", "grok/imagine-text-to-video"],
        input: inputs.GrokImagineTextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/upscale", "grok/imagine-upscale"],
        input: inputs.GrokImagineUpscale,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-image-to-video-pro"],
        input: inputs.Hailuo02ImageToVideoPro,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-image-to-video-standard"],
        input: inputs.Hailuo02ImageToVideoStandard,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-text-to-video-pro"],
        input: inputs.Hailuo02TextToVideoPro,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-text-to-video-standard"],
        input: inputs.Hailuo02TextToVideoStandard,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/2-3-image-to-video-pro"],
        input: inputs.Hailuo23ImageToVideoPro,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/2-3-image-to-video-standard"],
        input: inputs.Hailuo23ImageToVideoStandard,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["minimax-h3/image-to-video"],
        input: inputs.MinimaxH3ImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["minimax-h3/reference-to-video"],
        input: inputs.MinimaxH3ReferenceToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["minimax-h3/text-to-video"],
        input: inputs.MinimaxH3TextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse-1-1/image-to-video"],
        input: inputs.Happyhorse11ImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse-1-1/reference-to-video"],
        input: inputs.Happyhorse11ReferenceToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse-1-1/text-to-video"],
        input: inputs.Happyhorse11TextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/image-to-video"],
        input: inputs.HappyhorseImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/reference-to-video"],
        input: inputs.HappyhorseReferenceToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/text-to-video"],
        input: inputs.HappyhorseTextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/video-edit"],
        input: inputs.HappyhorseVideoEdit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/character", "ideogram-character", "character"],
        input: inputs.IdeogramCharacter,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/character-edit", "ideogram-character-edit", "character-edit"],
        input: inputs.IdeogramCharacterEdit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/character-remix", "ideogram-character-remix", "character-remix"],
        input: inputs.IdeogramCharacterRemix,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/v3-edit", "ideogram-v3-edit", "v3-edit"],
        input: inputs.IdeogramV3Edit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/v3-reframe", "ideogram-v3-reframe"],
        input: inputs.IdeogramV3Reframe,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/v3-remix", "ideogram-v3-remix", "v3-remix"],
        input: inputs.IdeogramV3Remix,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal[
            "ideogram/v3-text-to-image",
            "ideogram-v3-text-to-image",
            "ideogram/v3-t2i",
            "v3-text-to-image",
            "ideogram/v3",
        ],
        input: inputs.IdeogramV3TextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["infinitalk/from-audio"],
        input: inputs.InfinitalkFromAudio,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-2.6/image-to-video"],
        input: inputs.Kling26ImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-2.6/motion-control"],
        input: inputs.Kling26MotionControl,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-2.6/text-to-video"],
        input: inputs.Kling26TextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/image-to-video"],
        input: inputs.Kling30OmniImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/reference-to-video"],
        input: inputs.Kling30OmniReferenceToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/text-to-video"],
        input: inputs.Kling30OmniTextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/transformation"],
        input: inputs.Kling30OmniTransformation,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0/motion-control"],
        input: inputs.Kling30MotionControl,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0/video", "kling/kling-3.0"],
        input: inputs.Kling30Video,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/ai-avatar-pro", "kling/ai-avatar-v1-pro", "kling/v1-avatar-pro"],
        input: inputs.KlingAiAvatarPro,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/ai-avatar-standard", "kling/v1-avatar-standard", "kling/ai-avatar-v1-standard"],
        input: inputs.KlingAiAvatarStandard,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-1-master-image-to-video"],
        input: inputs.KlingV21MasterImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-1-master-text-to-video"],
        input: inputs.KlingV21MasterTextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["kling/v2-1-pro"], input: inputs.KlingV21Pro, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-1-standard"],
        input: inputs.KlingV21Standard,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-5-turbo-image-to-video-pro"],
        input: inputs.KlingV25TurboImageToVideoPro,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-5-turbo-text-to-video-pro"],
        input: inputs.KlingV25TurboTextToVideoPro,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v3-turbo-image-to-video"],
        input: inputs.KlingV3TurboImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v3-turbo-text-to-video"],
        input: inputs.KlingV3TurboTextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["4o-image-api"], input: inputs.Model4oImageApi, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-flare-image-to-image"],
        input: inputs.GptImage25FlareImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-flare-text-to-image"],
        input: inputs.GptImage25FlareTextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-sunburst-image-to-image"],
        input: inputs.GptImage25SunburstImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-sunburst-text-to-image"],
        input: inputs.GptImage25SunburstTextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-image-to-image"],
        input: inputs.GptImage2ImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-text-to-image"],
        input: inputs.GptImage2TextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image/1.5-image-to-image"],
        input: inputs.GptImage15ImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image/1.5-text-to-image"],
        input: inputs.GptImage15TextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/extend"],
        input: inputs.PixverseV6Extend,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/image-to-video"],
        input: inputs.PixverseV6ImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/reference-to-video"],
        input: inputs.PixverseV6ReferenceToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/text-to-video"],
        input: inputs.PixverseV6TextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/transition"],
        input: inputs.PixverseV6Transition,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen/image-edit", "qwen-image-edit", "qwen/edit"],
        input: inputs.QwenImageEdit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen/image-to-image", "qwen-image-to-image", "qwen/i2i"],
        input: inputs.QwenImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen/text-to-image", "qwen-text-to-image", "qwen/t2i"],
        input: inputs.QwenTextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2-1/image-to-image"],
        input: inputs.Qwen21ImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2-1/text-to-image"],
        input: inputs.Qwen21TextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2/image-edit"],
        input: inputs.Qwen2ImageEdit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2/text-to-image"],
        input: inputs.Qwen2TextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/image-to-image"],
        input: inputs.Qwen3ImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/pro-image-to-image"],
        input: inputs.Qwen3ProImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/pro-text-to-image"],
        input: inputs.Qwen3ProTextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/text-to-image"],
        input: inputs.Qwen3TextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["z-image", "z-image/z-image"],
        input: inputs.ZImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["real-cugan/x2", "real-cugan"],
        input: inputs.RealCuganX2,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["real-cugan/x3"], input: inputs.RealCuganX3, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["real-cugan/x4"], input: inputs.RealCuganX4, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["real-esrgan/x4plus", "real-esrgan"],
        input: inputs.RealEsrganX4plus,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["real-esrgan/x4plus-anime"],
        input: inputs.RealEsrganX4plusAnime,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["real-esrgan/fast"],
        input: inputs.RealEsrganFast,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["recraft/crisp-upscale", "recraft-crisp-upscale", "recraft/crisp-upscaler"],
        input: inputs.RecraftCrispUpscale,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["recraft/remove-background", "recraft-remove-background"],
        input: inputs.RecraftRemoveBackground,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["runway", "runway/gen4-turbo"],
        input: inputs.Runway,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["runway/extend-ai-video"],
        input: inputs.RunwayExtendAiVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["runway/gen4-aleph", "runway-aleph"],
        input: inputs.RunwayGen4Aleph,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/4.5-edit"],
        input: inputs.Seedream45Edit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/4.5-text-to-image"],
        input: inputs.Seedream45TextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-flash-image-to-image"],
        input: inputs.Seedream5FlashImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-flash-layer-decomposition"],
        input: inputs.Seedream5FlashLayerDecomposition,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-flash-text-to-image"],
        input: inputs.Seedream5FlashTextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-lite-image-to-image"],
        input: inputs.Seedream5LiteImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-lite-text-to-image"],
        input: inputs.Seedream5LiteTextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-pro-image-to-image"],
        input: inputs.Seedream5ProImageToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-pro-layer-decomposition"],
        input: inputs.Seedream5ProLayerDecomposition,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-pro-text-to-image"],
        input: inputs.Seedream5ProTextToImage,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-image-to-video"],
        input: inputs.Sora2ImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-pro-image-to-video"],
        input: inputs.Sora2ProImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-pro-text-to-video"],
        input: inputs.Sora2ProTextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-text-to-video"],
        input: inputs.Sora2TextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-pro-storyboard", "sora-2-pro-storyboard/index"],
        input: inputs.Sora2ProStoryboard,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-watermark-remover", "sora-2-watermark-remover", "sora2/sora-watermark-remover"],
        input: inputs.SoraWatermarkRemover,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-characters"],
        input: inputs.Sora2Characters,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["span/x4", "span"], input: inputs.SpanX4, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate"],
        input: inputs.AiMusicApiGenerate,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/extend"],
        input: inputs.AiMusicApiExtend,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/upload-and-cover-audio"],
        input: inputs.AiMusicApiUploadAndCoverAudio,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/upload-and-extend-audio"],
        input: inputs.AiMusicApiUploadAndExtendAudio,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/add-instrumental"],
        input: inputs.AiMusicApiAddInstrumental,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/add-vocals"],
        input: inputs.AiMusicApiAddVocals,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/mashup"],
        input: inputs.AiMusicApiMashup,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/replace-section"],
        input: inputs.AiMusicApiReplaceSection,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/sounds"],
        input: inputs.AiMusicApiSounds,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/convert-to-wav-format"],
        input: inputs.AiMusicApiConvertToWavFormat,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/create-music-video"],
        input: inputs.AiMusicApiCreateMusicVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate-lyrics"],
        input: inputs.AiMusicApiGenerateLyrics,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/timeStamped-lyrics"],
        input: inputs.AiMusicApiTimeStampedLyrics,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/boost-music-style"],
        input: inputs.AiMusicApiBoostMusicStyle,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate-persona"],
        input: inputs.AiMusicApiGeneratePersona,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate-midi-from-audio"],
        input: inputs.AiMusicApiGenerateMidiFromAudio,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/cover-generate"],
        input: inputs.AiMusicApiCoverGenerate,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["topaz/image-upscale", "topaz/image-upscaler", "topaz/upscale", "topaz-upscale"],
        input: inputs.TopazImageUpscale,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["topaz/video-upscale"],
        input: inputs.TopazVideoUpscale,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["u2net/cut-out", "cut-out"],
        input: inputs.U2netCutOut,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["veo-3-1", "veo3.1", "google/veo-3-1"],
        input: inputs.Veo31,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["veo3", "google/veo3"], input: inputs.Veo3, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["veo3_fast", "google/veo3-fast"],
        input: inputs.Veo3Fast,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["veo3_lite", "google/veo3-lite"],
        input: inputs.Veo3Lite,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["veo/extend"], input: inputs.VeoExtend, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["veo/get-1080p-video"],
        input: inputs.VeoGet1080pVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["veo/get-4k-video"],
        input: inputs.VeoGet4kVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["waifu2x/photo", "waifu2x"],
        input: inputs.Waifu2xPhoto,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["waifu2x/denoise"],
        input: inputs.Waifu2xDenoise,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["wan/2-7-image"], input: inputs.Wan27Image, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-image-pro"],
        input: inputs.Wan27ImagePro,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-a14b-image-to-video-turbo"],
        input: inputs.Wan22A14bImageToVideoTurbo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-a14b-speech-to-video-turbo"],
        input: inputs.Wan22A14bSpeechToVideoTurbo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-a14b-text-to-video-turbo"],
        input: inputs.Wan22A14bTextToVideoTurbo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-animate-move"],
        input: inputs.Wan22AnimateMove,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-animate-replace"],
        input: inputs.Wan22AnimateReplace,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-5-image-to-video"],
        input: inputs.Wan25ImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-5-text-to-video"],
        input: inputs.Wan25TextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-flash-image-to-video"],
        input: inputs.Wan26FlashImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-flash-video-to-video"],
        input: inputs.Wan26FlashVideoToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-image-to-video"],
        input: inputs.Wan26ImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-text-to-video"],
        input: inputs.Wan26TextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-video-to-video"],
        input: inputs.Wan26VideoToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-image-to-video"],
        input: inputs.Wan27ImageToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["wan/2-7-r2v"], input: inputs.Wan27R2v, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-text-to-video"],
        input: inputs.Wan27TextToVideo,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-videoedit"],
        input: inputs.Wan27Videoedit,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: Literal["wan/3-0-video"], input: inputs.Wan30Video, **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/3-0-video-prime"],
        input: inputs.Wan30VideoPrime,
        **options: Unpack[async_client.RunOptions],
    ) -> Coroutine[Any, Any, Result]: ...
    @overload
    def __call__(
        self, model: inputs.ModelName, input: Mapping[str, Any], **options: Unpack[async_client.RunOptions]
    ) -> InputDoesNotFitTheModel: ...
    @overload
    def __call__(
        self, model: str, input: Mapping[str, Any], **options: Unpack[async_client.RunOptions]
    ) -> Coroutine[Any, Any, Result]: ...


class SyncRun(Protocol):
    """`run` of the synchronous client."""

    @overload
    def __call__(
        self,
        model: Literal["auto/upscale", "auto"],
        input: inputs.AutoUpscale,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedream", "bytedance-seedream", "seedream"],
        input: inputs.BytedanceSeedream,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedream-v4-edit", "seedream-v4-edit", "seedream-v4-i2i"],
        input: inputs.BytedanceSeedreamV4Edit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedream-v4-text-to-image", "seedream-v4-text-to-image", "seedream-v4-t2i"],
        input: inputs.BytedanceSeedreamV4TextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["omnihuman-1-5/human-identification"],
        input: inputs.Omnihuman15HumanIdentification,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["omnihuman-1-5/subject-detection"],
        input: inputs.Omnihuman15SubjectDetection,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-1.5-pro"],
        input: inputs.BytedanceSeedance15Pro,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2"],
        input: inputs.BytedanceSeedance2,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2-5"],
        input: inputs.BytedanceSeedance25,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2-fast"],
        input: inputs.BytedanceSeedance2Fast,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2-mini"],
        input: inputs.BytedanceSeedance2Mini,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-lite-image-to-video"],
        input: inputs.BytedanceV1LiteImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-lite-text-to-video"],
        input: inputs.BytedanceV1LiteTextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-pro-fast-image-to-video"],
        input: inputs.BytedanceV1ProFastImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-pro-image-to-video"],
        input: inputs.BytedanceV1ProImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-pro-text-to-video"],
        input: inputs.BytedanceV1ProTextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["omnihuman-1-5"], input: inputs.Omnihuman15, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["volcengine/video-to-video-lip-sync"],
        input: inputs.VolcengineVideoToVideoLipSync,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/text-to-speech-turbo-2-5"],
        input: inputs.ElevenlabsTextToSpeechTurbo25,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/text-to-speech-multilingual-v2"],
        input: inputs.ElevenlabsTextToSpeechMultilingualV2,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/text-to-dialogue-v3"],
        input: inputs.ElevenlabsTextToDialogueV3,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/audio-isolation"],
        input: inputs.ElevenlabsAudioIsolation,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/sound-effect-v2"],
        input: inputs.ElevenlabsSoundEffectV2,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/speech-to-text"],
        input: inputs.ElevenlabsSpeechToText,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/flex-image-to-image"],
        input: inputs.Flux2FlexImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/flex-text-to-image"],
        input: inputs.Flux2FlexTextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/pro-image-to-image"],
        input: inputs.Flux2ProImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/pro-text-to-image", "flux-2/pro"],
        input: inputs.Flux2ProTextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["flux1-kontext", "flux-kontext", "flux-kontext-pro"],
        input: inputs.Flux1Kontext,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-kontext-max"],
        input: inputs.FluxKontextMax,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-3-1-flash-tts"],
        input: inputs.GoogleGemini31FlashTts,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-2-5-pro-tts"],
        input: inputs.GoogleGemini25ProTts,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-3-8-flash-tts"],
        input: inputs.GoogleGemini38FlashTts,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-3-8-flash-lite-tts"],
        input: inputs.GoogleGemini38FlashLiteTts,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["google/imagen4", "google-imagen4", "imagen4"],
        input: inputs.GoogleImagen4,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["google/imagen4-fast", "google-imagen4-fast", "imagen4-fast", "imagen4/fast"],
        input: inputs.GoogleImagen4Fast,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["google/imagen4-ultra", "google-imagen4-ultra", "imagen4-ultra", "imagen4/ultra"],
        input: inputs.GoogleImagen4Ultra,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["google/nano-banana", "google-nano-banana", "nano-banana", "google/nanobanana-gemini-2.5-flash"],
        input: inputs.GoogleNanoBanana,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["google/nano-banana-edit", "google-nano-banana-edit", "nano-banana-edit"],
        input: inputs.GoogleNanoBananaEdit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-2", "google/nano-banana-2", "nanobanana2"],
        input: inputs.NanoBanana2,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-2-1", "google/nano-banana-2-1"],
        input: inputs.NanoBanana21,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-2-lite", "google/nano-banana-2-lite"],
        input: inputs.NanoBanana2Lite,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-pro", "google/nano-banana-pro", "google/pro-image-to-image"],
        input: inputs.NanoBananaPro,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["gemini-omni-video"],
        input: inputs.GeminiOmniVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-omni-flash-1-1"],
        input: inputs.GoogleGeminiOmniFlash11,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/image-edit"],
        input: inputs.GrokImagineImage20ImageEdit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/segment-edit"],
        input: inputs.GrokImagineImage20SegmentEdit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/segment-map"],
        input: inputs.GrokImagineImage20SegmentMap,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/text-to-image"],
        input: inputs.GrokImagineImage20TextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/image-to-image"],
        input: inputs.GrokImagineImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/text-to-image", "grok/imagine-text-to-image"],
        input: inputs.GrokImagineTextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-video-1-5-preview"],
        input: inputs.GrokImagineVideo15Preview,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/extend"],
        input: inputs.GrokImagineExtend,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/image-to-video", "grok/imagine"],
        input: inputs.GrokImagineImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/text-to-video", "grok/imagine-text-to-video"],
        input: inputs.GrokImagineTextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/upscale", "grok/imagine-upscale"],
        input: inputs.GrokImagineUpscale,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-image-to-video-pro"],
        input: inputs.Hailuo02ImageToVideoPro,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-image-to-video-standard"],
        input: inputs.Hailuo02ImageToVideoStandard,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-text-to-video-pro"],
        input: inputs.Hailuo02TextToVideoPro,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-text-to-video-standard"],
        input: inputs.Hailuo02TextToVideoStandard,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/2-3-image-to-video-pro"],
        input: inputs.Hailuo23ImageToVideoPro,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/2-3-image-to-video-standard"],
        input: inputs.Hailuo23ImageToVideoStandard,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["minimax-h3/image-to-video"],
        input: inputs.MinimaxH3ImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["minimax-h3/reference-to-video"],
        input: inputs.MinimaxH3ReferenceToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["minimax-h3/text-to-video"],
        input: inputs.MinimaxH3TextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse-1-1/image-to-video"],
        input: inputs.Happyhorse11ImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse-1-1/reference-to-video"],
        input: inputs.Happyhorse11ReferenceToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse-1-1/text-to-video"],
        input: inputs.Happyhorse11TextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/image-to-video"],
        input: inputs.HappyhorseImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/reference-to-video"],
        input: inputs.HappyhorseReferenceToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/text-to-video"],
        input: inputs.HappyhorseTextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/video-edit"],
        input: inputs.HappyhorseVideoEdit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/character", "ideogram-character", "character"],
        input: inputs.IdeogramCharacter,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/character-edit", "ideogram-character-edit", "character-edit"],
        input: inputs.IdeogramCharacterEdit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/character-remix", "ideogram-character-remix", "character-remix"],
        input: inputs.IdeogramCharacterRemix,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/v3-edit", "ideogram-v3-edit", "v3-edit"],
        input: inputs.IdeogramV3Edit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/v3-reframe", "ideogram-v3-reframe"],
        input: inputs.IdeogramV3Reframe,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/v3-remix", "ideogram-v3-remix", "v3-remix"],
        input: inputs.IdeogramV3Remix,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal[
            "ideogram/v3-text-to-image",
            "ideogram-v3-text-to-image",
            "ideogram/v3-t2i",
            "v3-text-to-image",
            "ideogram/v3",
        ],
        input: inputs.IdeogramV3TextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["infinitalk/from-audio"],
        input: inputs.InfinitalkFromAudio,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-2.6/image-to-video"],
        input: inputs.Kling26ImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-2.6/motion-control"],
        input: inputs.Kling26MotionControl,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-2.6/text-to-video"],
        input: inputs.Kling26TextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/image-to-video"],
        input: inputs.Kling30OmniImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/reference-to-video"],
        input: inputs.Kling30OmniReferenceToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/text-to-video"],
        input: inputs.Kling30OmniTextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/transformation"],
        input: inputs.Kling30OmniTransformation,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0/motion-control"],
        input: inputs.Kling30MotionControl,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0/video", "kling/kling-3.0"],
        input: inputs.Kling30Video,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/ai-avatar-pro", "kling/ai-avatar-v1-pro", "kling/v1-avatar-pro"],
        input: inputs.KlingAiAvatarPro,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/ai-avatar-standard", "kling/v1-avatar-standard", "kling/ai-avatar-v1-standard"],
        input: inputs.KlingAiAvatarStandard,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-1-master-image-to-video"],
        input: inputs.KlingV21MasterImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-1-master-text-to-video"],
        input: inputs.KlingV21MasterTextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["kling/v2-1-pro"], input: inputs.KlingV21Pro, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-1-standard"],
        input: inputs.KlingV21Standard,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-5-turbo-image-to-video-pro"],
        input: inputs.KlingV25TurboImageToVideoPro,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-5-turbo-text-to-video-pro"],
        input: inputs.KlingV25TurboTextToVideoPro,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v3-turbo-image-to-video"],
        input: inputs.KlingV3TurboImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v3-turbo-text-to-video"],
        input: inputs.KlingV3TurboTextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["4o-image-api"], input: inputs.Model4oImageApi, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-flare-image-to-image"],
        input: inputs.GptImage25FlareImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-flare-text-to-image"],
        input: inputs.GptImage25FlareTextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-sunburst-image-to-image"],
        input: inputs.GptImage25SunburstImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-sunburst-text-to-image"],
        input: inputs.GptImage25SunburstTextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-image-to-image"],
        input: inputs.GptImage2ImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-text-to-image"],
        input: inputs.GptImage2TextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image/1.5-image-to-image"],
        input: inputs.GptImage15ImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image/1.5-text-to-image"],
        input: inputs.GptImage15TextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/extend"],
        input: inputs.PixverseV6Extend,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/image-to-video"],
        input: inputs.PixverseV6ImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/reference-to-video"],
        input: inputs.PixverseV6ReferenceToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/text-to-video"],
        input: inputs.PixverseV6TextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/transition"],
        input: inputs.PixverseV6Transition,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen/image-edit", "qwen-image-edit", "qwen/edit"],
        input: inputs.QwenImageEdit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen/image-to-image", "qwen-image-to-image", "qwen/i2i"],
        input: inputs.QwenImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen/text-to-image", "qwen-text-to-image", "qwen/t2i"],
        input: inputs.QwenTextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2-1/image-to-image"],
        input: inputs.Qwen21ImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2-1/text-to-image"],
        input: inputs.Qwen21TextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2/image-edit"],
        input: inputs.Qwen2ImageEdit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2/text-to-image"],
        input: inputs.Qwen2TextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/image-to-image"],
        input: inputs.Qwen3ImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/pro-image-to-image"],
        input: inputs.Qwen3ProImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/pro-text-to-image"],
        input: inputs.Qwen3ProTextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/text-to-image"],
        input: inputs.Qwen3TextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["z-image", "z-image/z-image"],
        input: inputs.ZImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["real-cugan/x2", "real-cugan"],
        input: inputs.RealCuganX2,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["real-cugan/x3"], input: inputs.RealCuganX3, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["real-cugan/x4"], input: inputs.RealCuganX4, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["real-esrgan/x4plus", "real-esrgan"],
        input: inputs.RealEsrganX4plus,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["real-esrgan/x4plus-anime"],
        input: inputs.RealEsrganX4plusAnime,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["real-esrgan/fast"],
        input: inputs.RealEsrganFast,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["recraft/crisp-upscale", "recraft-crisp-upscale", "recraft/crisp-upscaler"],
        input: inputs.RecraftCrispUpscale,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["recraft/remove-background", "recraft-remove-background"],
        input: inputs.RecraftRemoveBackground,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["runway", "runway/gen4-turbo"],
        input: inputs.Runway,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["runway/extend-ai-video"],
        input: inputs.RunwayExtendAiVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["runway/gen4-aleph", "runway-aleph"],
        input: inputs.RunwayGen4Aleph,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/4.5-edit"],
        input: inputs.Seedream45Edit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/4.5-text-to-image"],
        input: inputs.Seedream45TextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-flash-image-to-image"],
        input: inputs.Seedream5FlashImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-flash-layer-decomposition"],
        input: inputs.Seedream5FlashLayerDecomposition,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-flash-text-to-image"],
        input: inputs.Seedream5FlashTextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-lite-image-to-image"],
        input: inputs.Seedream5LiteImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-lite-text-to-image"],
        input: inputs.Seedream5LiteTextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-pro-image-to-image"],
        input: inputs.Seedream5ProImageToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-pro-layer-decomposition"],
        input: inputs.Seedream5ProLayerDecomposition,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-pro-text-to-image"],
        input: inputs.Seedream5ProTextToImage,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-image-to-video"],
        input: inputs.Sora2ImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-pro-image-to-video"],
        input: inputs.Sora2ProImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-pro-text-to-video"],
        input: inputs.Sora2ProTextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-text-to-video"],
        input: inputs.Sora2TextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-pro-storyboard", "sora-2-pro-storyboard/index"],
        input: inputs.Sora2ProStoryboard,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-watermark-remover", "sora-2-watermark-remover", "sora2/sora-watermark-remover"],
        input: inputs.SoraWatermarkRemover,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-characters"],
        input: inputs.Sora2Characters,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["span/x4", "span"], input: inputs.SpanX4, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate"],
        input: inputs.AiMusicApiGenerate,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/extend"],
        input: inputs.AiMusicApiExtend,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/upload-and-cover-audio"],
        input: inputs.AiMusicApiUploadAndCoverAudio,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/upload-and-extend-audio"],
        input: inputs.AiMusicApiUploadAndExtendAudio,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/add-instrumental"],
        input: inputs.AiMusicApiAddInstrumental,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/add-vocals"],
        input: inputs.AiMusicApiAddVocals,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/mashup"],
        input: inputs.AiMusicApiMashup,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/replace-section"],
        input: inputs.AiMusicApiReplaceSection,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/sounds"],
        input: inputs.AiMusicApiSounds,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/convert-to-wav-format"],
        input: inputs.AiMusicApiConvertToWavFormat,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/create-music-video"],
        input: inputs.AiMusicApiCreateMusicVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate-lyrics"],
        input: inputs.AiMusicApiGenerateLyrics,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/timeStamped-lyrics"],
        input: inputs.AiMusicApiTimeStampedLyrics,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/boost-music-style"],
        input: inputs.AiMusicApiBoostMusicStyle,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate-persona"],
        input: inputs.AiMusicApiGeneratePersona,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate-midi-from-audio"],
        input: inputs.AiMusicApiGenerateMidiFromAudio,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/cover-generate"],
        input: inputs.AiMusicApiCoverGenerate,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["topaz/image-upscale", "topaz/image-upscaler", "topaz/upscale", "topaz-upscale"],
        input: inputs.TopazImageUpscale,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["topaz/video-upscale"],
        input: inputs.TopazVideoUpscale,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["u2net/cut-out", "cut-out"],
        input: inputs.U2netCutOut,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["veo-3-1", "veo3.1", "google/veo-3-1"],
        input: inputs.Veo31,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["veo3", "google/veo3"], input: inputs.Veo3, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["veo3_fast", "google/veo3-fast"],
        input: inputs.Veo3Fast,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["veo3_lite", "google/veo3-lite"],
        input: inputs.Veo3Lite,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["veo/extend"], input: inputs.VeoExtend, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["veo/get-1080p-video"],
        input: inputs.VeoGet1080pVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["veo/get-4k-video"], input: inputs.VeoGet4kVideo, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["waifu2x/photo", "waifu2x"],
        input: inputs.Waifu2xPhoto,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["waifu2x/denoise"], input: inputs.Waifu2xDenoise, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["wan/2-7-image"], input: inputs.Wan27Image, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-image-pro"],
        input: inputs.Wan27ImagePro,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-a14b-image-to-video-turbo"],
        input: inputs.Wan22A14bImageToVideoTurbo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-a14b-speech-to-video-turbo"],
        input: inputs.Wan22A14bSpeechToVideoTurbo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-a14b-text-to-video-turbo"],
        input: inputs.Wan22A14bTextToVideoTurbo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-animate-move"],
        input: inputs.Wan22AnimateMove,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-animate-replace"],
        input: inputs.Wan22AnimateReplace,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-5-image-to-video"],
        input: inputs.Wan25ImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-5-text-to-video"],
        input: inputs.Wan25TextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-flash-image-to-video"],
        input: inputs.Wan26FlashImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-flash-video-to-video"],
        input: inputs.Wan26FlashVideoToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-image-to-video"],
        input: inputs.Wan26ImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-text-to-video"],
        input: inputs.Wan26TextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-video-to-video"],
        input: inputs.Wan26VideoToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-image-to-video"],
        input: inputs.Wan27ImageToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["wan/2-7-r2v"], input: inputs.Wan27R2v, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-text-to-video"],
        input: inputs.Wan27TextToVideo,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-videoedit"],
        input: inputs.Wan27Videoedit,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: Literal["wan/3-0-video"], input: inputs.Wan30Video, **options: Unpack[sync_client.RunOptions]
    ) -> Result: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/3-0-video-prime"],
        input: inputs.Wan30VideoPrime,
        **options: Unpack[sync_client.RunOptions],
    ) -> Result: ...
    @overload
    def __call__(
        self, model: inputs.ModelName, input: Mapping[str, Any], **options: Unpack[sync_client.RunOptions]
    ) -> Unfit: ...
    @overload
    def __call__(self, model: str, input: Mapping[str, Any], **options: Unpack[sync_client.RunOptions]) -> Result: ...


class Submit(Protocol[Handle_co, Unfit_co]):
    """`submit` of either client."""

    @overload
    def __call__(
        self,
        model: Literal["auto/upscale", "auto"],
        input: inputs.AutoUpscale,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedream", "bytedance-seedream", "seedream"],
        input: inputs.BytedanceSeedream,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedream-v4-edit", "seedream-v4-edit", "seedream-v4-i2i"],
        input: inputs.BytedanceSeedreamV4Edit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedream-v4-text-to-image", "seedream-v4-text-to-image", "seedream-v4-t2i"],
        input: inputs.BytedanceSeedreamV4TextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["omnihuman-1-5/human-identification"],
        input: inputs.Omnihuman15HumanIdentification,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["omnihuman-1-5/subject-detection"],
        input: inputs.Omnihuman15SubjectDetection,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-1.5-pro"],
        input: inputs.BytedanceSeedance15Pro,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2"],
        input: inputs.BytedanceSeedance2,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2-5"],
        input: inputs.BytedanceSeedance25,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2-fast"],
        input: inputs.BytedanceSeedance2Fast,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/seedance-2-mini"],
        input: inputs.BytedanceSeedance2Mini,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-lite-image-to-video"],
        input: inputs.BytedanceV1LiteImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-lite-text-to-video"],
        input: inputs.BytedanceV1LiteTextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-pro-fast-image-to-video"],
        input: inputs.BytedanceV1ProFastImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-pro-image-to-video"],
        input: inputs.BytedanceV1ProImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["bytedance/v1-pro-text-to-video"],
        input: inputs.BytedanceV1ProTextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["omnihuman-1-5"],
        input: inputs.Omnihuman15,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["volcengine/video-to-video-lip-sync"],
        input: inputs.VolcengineVideoToVideoLipSync,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/text-to-speech-turbo-2-5"],
        input: inputs.ElevenlabsTextToSpeechTurbo25,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/text-to-speech-multilingual-v2"],
        input: inputs.ElevenlabsTextToSpeechMultilingualV2,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/text-to-dialogue-v3"],
        input: inputs.ElevenlabsTextToDialogueV3,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/audio-isolation"],
        input: inputs.ElevenlabsAudioIsolation,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/sound-effect-v2"],
        input: inputs.ElevenlabsSoundEffectV2,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["elevenlabs/speech-to-text"],
        input: inputs.ElevenlabsSpeechToText,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/flex-image-to-image"],
        input: inputs.Flux2FlexImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/flex-text-to-image"],
        input: inputs.Flux2FlexTextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/pro-image-to-image"],
        input: inputs.Flux2ProImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-2/pro-text-to-image", "flux-2/pro"],
        input: inputs.Flux2ProTextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["flux1-kontext", "flux-kontext", "flux-kontext-pro"],
        input: inputs.Flux1Kontext,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["flux-kontext-max"],
        input: inputs.FluxKontextMax,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-3-1-flash-tts"],
        input: inputs.GoogleGemini31FlashTts,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-2-5-pro-tts"],
        input: inputs.GoogleGemini25ProTts,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-3-8-flash-tts"],
        input: inputs.GoogleGemini38FlashTts,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-3-8-flash-lite-tts"],
        input: inputs.GoogleGemini38FlashLiteTts,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["google/imagen4", "google-imagen4", "imagen4"],
        input: inputs.GoogleImagen4,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["google/imagen4-fast", "google-imagen4-fast", "imagen4-fast", "imagen4/fast"],
        input: inputs.GoogleImagen4Fast,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["google/imagen4-ultra", "google-imagen4-ultra", "imagen4-ultra", "imagen4/ultra"],
        input: inputs.GoogleImagen4Ultra,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["google/nano-banana", "google-nano-banana", "nano-banana", "google/nanobanana-gemini-2.5-flash"],
        input: inputs.GoogleNanoBanana,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["google/nano-banana-edit", "google-nano-banana-edit", "nano-banana-edit"],
        input: inputs.GoogleNanoBananaEdit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-2", "google/nano-banana-2", "nanobanana2"],
        input: inputs.NanoBanana2,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-2-1", "google/nano-banana-2-1"],
        input: inputs.NanoBanana21,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-2-lite", "google/nano-banana-2-lite"],
        input: inputs.NanoBanana2Lite,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["nano-banana-pro", "google/nano-banana-pro", "google/pro-image-to-image"],
        input: inputs.NanoBananaPro,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["gemini-omni-video"],
        input: inputs.GeminiOmniVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["google/gemini-omni-flash-1-1"],
        input: inputs.GoogleGeminiOmniFlash11,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/image-edit"],
        input: inputs.GrokImagineImage20ImageEdit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/segment-edit"],
        input: inputs.GrokImagineImage20SegmentEdit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/segment-map"],
        input: inputs.GrokImagineImage20SegmentMap,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-image-2-0/text-to-image"],
        input: inputs.GrokImagineImage20TextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/image-to-image"],
        input: inputs.GrokImagineImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/text-to-image", "grok/imagine-text-to-image"],
        input: inputs.GrokImagineTextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine-video-1-5-preview"],
        input: inputs.GrokImagineVideo15Preview,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/extend"],
        input: inputs.GrokImagineExtend,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/image-to-video", "grok/imagine"],
        input: inputs.GrokImagineImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/text-to-video", "grok/imagine-text-to-video"],
        input: inputs.GrokImagineTextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["grok-imagine/upscale", "grok/imagine-upscale"],
        input: inputs.GrokImagineUpscale,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-image-to-video-pro"],
        input: inputs.Hailuo02ImageToVideoPro,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-image-to-video-standard"],
        input: inputs.Hailuo02ImageToVideoStandard,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-text-to-video-pro"],
        input: inputs.Hailuo02TextToVideoPro,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/02-text-to-video-standard"],
        input: inputs.Hailuo02TextToVideoStandard,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/2-3-image-to-video-pro"],
        input: inputs.Hailuo23ImageToVideoPro,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["hailuo/2-3-image-to-video-standard"],
        input: inputs.Hailuo23ImageToVideoStandard,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["minimax-h3/image-to-video"],
        input: inputs.MinimaxH3ImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["minimax-h3/reference-to-video"],
        input: inputs.MinimaxH3ReferenceToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["minimax-h3/text-to-video"],
        input: inputs.MinimaxH3TextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse-1-1/image-to-video"],
        input: inputs.Happyhorse11ImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse-1-1/reference-to-video"],
        input: inputs.Happyhorse11ReferenceToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse-1-1/text-to-video"],
        input: inputs.Happyhorse11TextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/image-to-video"],
        input: inputs.HappyhorseImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/reference-to-video"],
        input: inputs.HappyhorseReferenceToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/text-to-video"],
        input: inputs.HappyhorseTextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["happyhorse/video-edit"],
        input: inputs.HappyhorseVideoEdit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/character", "ideogram-character", "character"],
        input: inputs.IdeogramCharacter,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/character-edit", "ideogram-character-edit", "character-edit"],
        input: inputs.IdeogramCharacterEdit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/character-remix", "ideogram-character-remix", "character-remix"],
        input: inputs.IdeogramCharacterRemix,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/v3-edit", "ideogram-v3-edit", "v3-edit"],
        input: inputs.IdeogramV3Edit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/v3-reframe", "ideogram-v3-reframe"],
        input: inputs.IdeogramV3Reframe,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ideogram/v3-remix", "ideogram-v3-remix", "v3-remix"],
        input: inputs.IdeogramV3Remix,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal[
            "ideogram/v3-text-to-image",
            "ideogram-v3-text-to-image",
            "ideogram/v3-t2i",
            "v3-text-to-image",
            "ideogram/v3",
        ],
        input: inputs.IdeogramV3TextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["infinitalk/from-audio"],
        input: inputs.InfinitalkFromAudio,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-2.6/image-to-video"],
        input: inputs.Kling26ImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-2.6/motion-control"],
        input: inputs.Kling26MotionControl,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-2.6/text-to-video"],
        input: inputs.Kling26TextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/image-to-video"],
        input: inputs.Kling30OmniImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/reference-to-video"],
        input: inputs.Kling30OmniReferenceToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/text-to-video"],
        input: inputs.Kling30OmniTextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0-omni/transformation"],
        input: inputs.Kling30OmniTransformation,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0/motion-control"],
        input: inputs.Kling30MotionControl,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling-3.0/video", "kling/kling-3.0"],
        input: inputs.Kling30Video,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/ai-avatar-pro", "kling/ai-avatar-v1-pro", "kling/v1-avatar-pro"],
        input: inputs.KlingAiAvatarPro,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/ai-avatar-standard", "kling/v1-avatar-standard", "kling/ai-avatar-v1-standard"],
        input: inputs.KlingAiAvatarStandard,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-1-master-image-to-video"],
        input: inputs.KlingV21MasterImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-1-master-text-to-video"],
        input: inputs.KlingV21MasterTextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-1-pro"],
        input: inputs.KlingV21Pro,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-1-standard"],
        input: inputs.KlingV21Standard,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-5-turbo-image-to-video-pro"],
        input: inputs.KlingV25TurboImageToVideoPro,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v2-5-turbo-text-to-video-pro"],
        input: inputs.KlingV25TurboTextToVideoPro,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v3-turbo-image-to-video"],
        input: inputs.KlingV3TurboImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["kling/v3-turbo-text-to-video"],
        input: inputs.KlingV3TurboTextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["4o-image-api"],
        input: inputs.Model4oImageApi,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-flare-image-to-image"],
        input: inputs.GptImage25FlareImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-flare-text-to-image"],
        input: inputs.GptImage25FlareTextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-sunburst-image-to-image"],
        input: inputs.GptImage25SunburstImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-5-sunburst-text-to-image"],
        input: inputs.GptImage25SunburstTextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-image-to-image"],
        input: inputs.GptImage2ImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image-2-text-to-image"],
        input: inputs.GptImage2TextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image/1.5-image-to-image"],
        input: inputs.GptImage15ImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["gpt-image/1.5-text-to-image"],
        input: inputs.GptImage15TextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/extend"],
        input: inputs.PixverseV6Extend,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/image-to-video"],
        input: inputs.PixverseV6ImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/reference-to-video"],
        input: inputs.PixverseV6ReferenceToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/text-to-video"],
        input: inputs.PixverseV6TextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["pixverse-v6/transition"],
        input: inputs.PixverseV6Transition,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen/image-edit", "qwen-image-edit", "qwen/edit"],
        input: inputs.QwenImageEdit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen/image-to-image", "qwen-image-to-image", "qwen/i2i"],
        input: inputs.QwenImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen/text-to-image", "qwen-text-to-image", "qwen/t2i"],
        input: inputs.QwenTextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2-1/image-to-image"],
        input: inputs.Qwen21ImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2-1/text-to-image"],
        input: inputs.Qwen21TextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2/image-edit"],
        input: inputs.Qwen2ImageEdit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen2/text-to-image"],
        input: inputs.Qwen2TextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/image-to-image"],
        input: inputs.Qwen3ImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/pro-image-to-image"],
        input: inputs.Qwen3ProImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/pro-text-to-image"],
        input: inputs.Qwen3ProTextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["qwen3/text-to-image"],
        input: inputs.Qwen3TextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["z-image", "z-image/z-image"],
        input: inputs.ZImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["real-cugan/x2", "real-cugan"],
        input: inputs.RealCuganX2,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["real-cugan/x3"],
        input: inputs.RealCuganX3,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["real-cugan/x4"],
        input: inputs.RealCuganX4,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["real-esrgan/x4plus", "real-esrgan"],
        input: inputs.RealEsrganX4plus,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["real-esrgan/x4plus-anime"],
        input: inputs.RealEsrganX4plusAnime,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["real-esrgan/fast"],
        input: inputs.RealEsrganFast,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["recraft/crisp-upscale", "recraft-crisp-upscale", "recraft/crisp-upscaler"],
        input: inputs.RecraftCrispUpscale,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["recraft/remove-background", "recraft-remove-background"],
        input: inputs.RecraftRemoveBackground,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["runway", "runway/gen4-turbo"],
        input: inputs.Runway,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["runway/extend-ai-video"],
        input: inputs.RunwayExtendAiVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["runway/gen4-aleph", "runway-aleph"],
        input: inputs.RunwayGen4Aleph,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/4.5-edit"],
        input: inputs.Seedream45Edit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/4.5-text-to-image"],
        input: inputs.Seedream45TextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-flash-image-to-image"],
        input: inputs.Seedream5FlashImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-flash-layer-decomposition"],
        input: inputs.Seedream5FlashLayerDecomposition,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-flash-text-to-image"],
        input: inputs.Seedream5FlashTextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-lite-image-to-image"],
        input: inputs.Seedream5LiteImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-lite-text-to-image"],
        input: inputs.Seedream5LiteTextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-pro-image-to-image"],
        input: inputs.Seedream5ProImageToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-pro-layer-decomposition"],
        input: inputs.Seedream5ProLayerDecomposition,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["seedream/5-pro-text-to-image"],
        input: inputs.Seedream5ProTextToImage,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-image-to-video"],
        input: inputs.Sora2ImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-pro-image-to-video"],
        input: inputs.Sora2ProImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-pro-text-to-video"],
        input: inputs.Sora2ProTextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-text-to-video"],
        input: inputs.Sora2TextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-pro-storyboard", "sora-2-pro-storyboard/index"],
        input: inputs.Sora2ProStoryboard,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-watermark-remover", "sora-2-watermark-remover", "sora2/sora-watermark-remover"],
        input: inputs.SoraWatermarkRemover,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["sora-2-characters"],
        input: inputs.Sora2Characters,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self, model: Literal["span/x4", "span"], input: inputs.SpanX4, **options: Unpack[async_requests.SubmitOptions]
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate"],
        input: inputs.AiMusicApiGenerate,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/extend"],
        input: inputs.AiMusicApiExtend,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/upload-and-cover-audio"],
        input: inputs.AiMusicApiUploadAndCoverAudio,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/upload-and-extend-audio"],
        input: inputs.AiMusicApiUploadAndExtendAudio,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/add-instrumental"],
        input: inputs.AiMusicApiAddInstrumental,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/add-vocals"],
        input: inputs.AiMusicApiAddVocals,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/mashup"],
        input: inputs.AiMusicApiMashup,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/replace-section"],
        input: inputs.AiMusicApiReplaceSection,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/sounds"],
        input: inputs.AiMusicApiSounds,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/convert-to-wav-format"],
        input: inputs.AiMusicApiConvertToWavFormat,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/create-music-video"],
        input: inputs.AiMusicApiCreateMusicVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate-lyrics"],
        input: inputs.AiMusicApiGenerateLyrics,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/timeStamped-lyrics"],
        input: inputs.AiMusicApiTimeStampedLyrics,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/boost-music-style"],
        input: inputs.AiMusicApiBoostMusicStyle,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate-persona"],
        input: inputs.AiMusicApiGeneratePersona,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/generate-midi-from-audio"],
        input: inputs.AiMusicApiGenerateMidiFromAudio,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["ai-music-api/cover-generate"],
        input: inputs.AiMusicApiCoverGenerate,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["topaz/image-upscale", "topaz/image-upscaler", "topaz/upscale", "topaz-upscale"],
        input: inputs.TopazImageUpscale,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["topaz/video-upscale"],
        input: inputs.TopazVideoUpscale,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["u2net/cut-out", "cut-out"],
        input: inputs.U2netCutOut,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["veo-3-1", "veo3.1", "google/veo-3-1"],
        input: inputs.Veo31,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self, model: Literal["veo3", "google/veo3"], input: inputs.Veo3, **options: Unpack[async_requests.SubmitOptions]
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["veo3_fast", "google/veo3-fast"],
        input: inputs.Veo3Fast,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["veo3_lite", "google/veo3-lite"],
        input: inputs.Veo3Lite,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self, model: Literal["veo/extend"], input: inputs.VeoExtend, **options: Unpack[async_requests.SubmitOptions]
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["veo/get-1080p-video"],
        input: inputs.VeoGet1080pVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["veo/get-4k-video"],
        input: inputs.VeoGet4kVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["waifu2x/photo", "waifu2x"],
        input: inputs.Waifu2xPhoto,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["waifu2x/denoise"],
        input: inputs.Waifu2xDenoise,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self, model: Literal["wan/2-7-image"], input: inputs.Wan27Image, **options: Unpack[async_requests.SubmitOptions]
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-image-pro"],
        input: inputs.Wan27ImagePro,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-a14b-image-to-video-turbo"],
        input: inputs.Wan22A14bImageToVideoTurbo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-a14b-speech-to-video-turbo"],
        input: inputs.Wan22A14bSpeechToVideoTurbo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-a14b-text-to-video-turbo"],
        input: inputs.Wan22A14bTextToVideoTurbo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-animate-move"],
        input: inputs.Wan22AnimateMove,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-2-animate-replace"],
        input: inputs.Wan22AnimateReplace,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-5-image-to-video"],
        input: inputs.Wan25ImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-5-text-to-video"],
        input: inputs.Wan25TextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-flash-image-to-video"],
        input: inputs.Wan26FlashImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-flash-video-to-video"],
        input: inputs.Wan26FlashVideoToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-image-to-video"],
        input: inputs.Wan26ImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-text-to-video"],
        input: inputs.Wan26TextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-6-video-to-video"],
        input: inputs.Wan26VideoToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-image-to-video"],
        input: inputs.Wan27ImageToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self, model: Literal["wan/2-7-r2v"], input: inputs.Wan27R2v, **options: Unpack[async_requests.SubmitOptions]
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-text-to-video"],
        input: inputs.Wan27TextToVideo,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/2-7-videoedit"],
        input: inputs.Wan27Videoedit,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self, model: Literal["wan/3-0-video"], input: inputs.Wan30Video, **options: Unpack[async_requests.SubmitOptions]
    ) -> Handle_co: ...
    @overload
    def __call__(
        self,
        model: Literal["wan/3-0-video-prime"],
        input: inputs.Wan30VideoPrime,
        **options: Unpack[async_requests.SubmitOptions],
    ) -> Handle_co: ...
    @overload
    def __call__(
        self, model: inputs.ModelName, input: Mapping[str, Any], **options: Unpack[async_requests.SubmitOptions]
    ) -> Unfit_co: ...
    @overload
    def __call__(
        self, model: str, input: Mapping[str, Any], **options: Unpack[async_requests.SubmitOptions]
    ) -> Handle_co: ...
