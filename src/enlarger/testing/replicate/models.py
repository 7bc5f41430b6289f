"""The models of the stand-in, which are those that the catalogue has a route to, and their versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from enlarger.testing.routed import Routed, models_at


def models() -> Mapping[str, tuple[Routed, ...]]:
    """The models, by their names at Replicate."""
    return models_at("replicate")


def version_of(name: str) -> str:
    """The id of a model's one version."""
    return hashlib.sha256(name.encode()).hexdigest()


def of_version(version: str) -> str | None:
    """The model that a `version` means: `owner/name`, a version's id, or both with a colon between them."""
    name, _, identifier = version.rpartition(":")
    if name:
        return name if name in models() and identifier == version_of(name) else None
    if version in models():
        return version
    return next((name for name in models() if version_of(name) == version), None)
