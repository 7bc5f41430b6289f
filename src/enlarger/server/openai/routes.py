"""The routes of the OpenAI API, which answer errors in OpenAI's shape."""

from __future__ import annotations

from litestar import Router

from enlarger.server.openai import images, models
from enlarger.server.openai.errors import HANDLERS


def openai_routes() -> Router:
    """The handlers."""
    return Router(
        path="/",
        route_handlers=[
            images.generate_images,
            images.edit_images,
            images.vary_image,
            images.upscale_image,
            models.list_image_models,
            models.show_image_model,
        ],
        exception_handlers=HANDLERS,
    )
