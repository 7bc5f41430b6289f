"""`NanoBananaClient`: generates and edits images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from enlarger.client.async_client import KieApiClient
from enlarger.client.async_handle import TaskHandle
from enlarger.client.uploads import Source

_GENERATE = "google/nano-banana"
_EDIT = "google/nano-banana-edit"


class NanoBananaClient(KieApiClient):
    """A `KieApiClient` with one method each to generate and to edit an image with Google's Nano Banana."""

    async def text_to_image(
        self,
        prompt: str,
        output_format: str = "png",
        image_size: str = "16:9",
        *,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> str:
        """Generate an image; returns its URL. `image_size` is an aspect ratio, `output_format` is png or jpeg.

        Raises TaskFailed, WaitTimeout and the other errors of `run`; never returns None.
        """
        wanted = {"prompt": prompt, "output_format": output_format, "image_size": image_size}
        return await self._make(_GENERATE, wanted, callback_url, idempotency_key, extra_headers)

    async def edit_image(
        self,
        image_urls: Source | Sequence[Source],
        prompt: str,
        output_format: str = "png",
        image_size: str = "auto",
        *,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> str:
        """Edit one image, or up to 10 together (URLs, paths or bytes), by a prompt; returns the new image's URL.

        Raises TaskFailed, WaitTimeout and the other errors of `run`; never returns None.
        """
        pictures = [image_urls] if isinstance(image_urls, str | bytes | PathLike) else list(image_urls)
        wanted = {"image_urls": pictures, "prompt": prompt, "output_format": output_format, "image_size": image_size}
        return await self._make(_EDIT, wanted, callback_url, idempotency_key, extra_headers)

    async def _make(
        self,
        model: str,
        wanted: dict[str, Any],
        callback_url: str | None,
        idempotency_key: str | None,
        extra_headers: Mapping[str, str] | None,
    ) -> str:
        task_id = await self.create_generation_task(
            model, wanted, callback_url, idempotency_key=idempotency_key, extra_headers=extra_headers
        )
        handle = TaskHandle(self, task_id, model=model, made_now=True)
        return (await handle.result(extra_headers=extra_headers)).url
