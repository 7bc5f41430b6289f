"""Make and edit pictures with LiteLLM, which knows the service as one more place that speaks OpenAI's API."""

import asyncio
import base64
import os
import sys
import uuid
from pathlib import Path

import litellm

litellm.telemetry = False
litellm.suppress_debug_info = True
photo = Path(sys.argv[1])
service = {"api_base": os.environ["ENLARGER_BASE_URL"] + "/v1", "api_key": os.environ["ENLARGER_API_KEY"]}


def show(what: str, answer: litellm.ImageResponse) -> None:
    """Check and print what came."""
    for picture in answer.data:
        content = base64.b64decode(picture.b64_json) if picture.b64_json else None
        assert content is None or content.startswith((b"\x89PNG", b"\xff\xd8"))
        print(what, f"{len(content)} bytes" if content else picture.url.partition("?")[0])


key = {"headers": {"Idempotency-Key": uuid.uuid4().hex}}  # `extra_headers` would also be put into the body
wide = {"model": "openai/gpt-image-1", "prompt": "A lighthouse", "size": "1536x1024"}
first = litellm.image_generation(**wide, **service, **key)
again = litellm.image_generation(**wide, **service, **key)
show("generated", first)
assert first.data[0].b64_json == again.data[0].b64_json, "the same request made another picture"

show("generated", litellm.image_generation(model="openai/dall-e-3", prompt="A lighthouse", n=2, **service))
with photo.open("rb") as file:
    show("edited", litellm.image_edit(model="openai/gpt-image-1", image=file, prompt="At night", **service))
edited = asyncio.run(
    litellm.aimage_edit(model="openai/gpt-image-1", image=[photo.read_bytes()] * 2, prompt="At night", **service)
)
show("edited", edited)

refusal = ""
try:
    litellm.image_generation(model="openai/no-such-model", prompt="A lighthouse", **service)
except litellm.NotFoundError as error:
    refusal = str(error)
assert "no-such-model" in refusal
print("refused:", refusal)
