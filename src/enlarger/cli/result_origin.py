"""Who made a task's result, in words; what a record does not tell is left out."""

from __future__ import annotations

import msgspec

from enlarger.catalog.own import own_name
from enlarger.client import TaskStatus
from enlarger.protocol.records import Made

SANDBOX = "sandbox"


def read_origin(status: TaskStatus) -> Made | None:
    """What an Enlarger service tells of who made a result; None for other services, and before there is a result."""
    try:
        return msgspec.convert(status.raw.get("enlarger"), Made)
    except msgspec.ValidationError:
        return None


def from_sandbox(status: TaskStatus) -> bool:
    """Whether a task's record says that the sandbox made its result."""
    made = status.raw.get("enlarger")
    return isinstance(made, dict) and made.get("provider") == SANDBOX


def own_digest(status: TaskStatus) -> str | None:
    """The digest of the user's own network that made a result, if one did."""
    made = read_origin(status)
    name, _, digest = (made.network if made and made.network else "").partition("@")
    return digest if own_name(name) and digest else None


def describe_origin(made: Made) -> str:
    """The engine or model, and the provider: `openvino-cpu, real-esrgan-x4plus (local)`."""
    if made.provider == SANDBOX:
        return "SANDBOX (made up, not the work of the model)"
    names = ", ".join(filter(None, (made.engine, describe_network(made))))
    return f"{names} ({made.provider})" if names else made.provider


def describe_network(made: Made) -> str | None:
    """The network, and how much noise was removed before: `span-x4 after denoise 50`."""
    return f"{made.network} after denoise {made.denoise}" if made.network and made.denoise else made.network
