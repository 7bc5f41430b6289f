"""`NanoBananaClient`: pictures out of words, and pictures changed by words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enlarger.client.async_client import KieApiClient, TaskHandle
from enlarger.client.files import Source

_GENERATE = "google/nano-banana"
_EDIT = "google/nano-banana-edit"


class NanoBananaClient(KieApiClient):
    """A `KieApiClient` with what an app mostly wants of Google's Nano Banana, each in one call."""

    async def text_to_image(self, prompt: str, output_format: str = "png", image_size: str = "16:9") -> str:
        """Make a picture; returns its URL. `image_size` is an aspect ratio, `output_format` png or jpeg.

        Raises TaskFailed, WaitTimeout and whatever else `run` raises; never returns None.
        """
        return await self._make(_GENERATE, prompt=prompt, output_format=output_format, image_size=image_size)

    async def edit_image(
        self, image_urls: Sequence[Source], prompt: str, output_format: str = "png", image_size: str = "auto"
    ) -> str:
        """Change up to 10 pictures (URLs, paths or bytes) into one, as the prompt says; returns its URL.

        Raises TaskFailed, WaitTimeout and whatever else `run` raises; never returns None.
        """
        pictures = list(image_urls)
        return await self._make(
            _EDIT, image_urls=pictures, prompt=prompt, output_format=output_format, image_size=image_size
        )

    async def _make(self, model: str, **fields: Any) -> str:
        task_id = await self.create_generation_task(model, fields)
        return (await TaskHandle(self, task_id, model=model, made_now=True).result()).url
