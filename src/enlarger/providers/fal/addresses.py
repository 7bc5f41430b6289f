"""Where a request is asked about: by the address that fal gave, as long as it is one of fal's.

Status, result and cancelling have the owner and the app of a model in their path, and not what comes after them: a
request to `fal-ai/nano-banana/edit` is at `fal-ai/nano-banana/requests/<id>`. fal asks its users not to build these
addresses but to take those of its answers (https://fal.ai/docs/api-reference/inference-api). A webhook has none, and
then they are built as fal's own client does it (`AppId` in `fal-client` 1.0.3).
"""

from __future__ import annotations

import re
from typing import TypeGuard

import httpx2

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}"
_PATH = re.compile(rf"(?:{_PART}/){{1,6}}requests/({_ID.pattern})")
_MODEL = re.compile(rf"{_PART}(?:/{_PART}){{1,6}}")
_NAMESPACES = ("workflows", "comfy")
"""Owners behind these are the second part of a model's name."""


def is_id(value: object) -> TypeGuard[str]:
    """Whether a request can be asked for by it."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_model(name: str) -> bool:
    """Whether a model can be asked for by this name."""
    return _MODEL.fullmatch(name) is not None


def request_path(model: str, task_id: str | None) -> str | None:
    """The path below the queue's URL of a request to a model; None where nobody knows it."""
    if task_id is None or _PATH.fullmatch(task_id):
        return task_id
    parts = model.split("/")
    app = parts[: 3 if parts[0] in _NAMESPACES else 2]
    return "/".join([*app, "requests", task_id]) if is_id(task_id) else None


def request_id(task_id: str) -> str:
    """The id by which webhooks name a request."""
    return task_id.rpartition("/")[2]


def make_task_id(base_url: str, model: str, identifier: str, status_url: object) -> str:
    """What a request is remembered by: its id, or its path where that is another than the usual one of its model."""
    path = own_path(base_url, status_url)
    found = _PATH.fullmatch(path.removesuffix("/status")) if path is not None else None
    if found is None or found[1] != identifier or found[0] == request_path(model, identifier):
        return identifier
    return found[0]


def own_path(base_url: str, url: object) -> str | None:
    """The path below `base_url` of an address that fal names; None where the address is another host's.

    The key is sent along, so it has to be the same host by the same scheme.
    """
    if not isinstance(url, str):
        return None
    try:
        base, named = httpx2.URL(f"{base_url}/"), httpx2.URL(url)
    except httpx2.InvalidURL:
        return None
    same = (named.scheme, named.host, named.port) == (base.scheme, base.host, base.port) and not named.userinfo
    if not same or not named.path.startswith(base.path) or ".." in named.path.split("/"):
        return None
    return named.path.removeprefix(base.path)
