"""The local engine's errors, and those of the images that it reads."""

from __future__ import annotations

from enlarger.errors.base import EnlargerError


class PictureError(EnlargerError):
    """The image cannot be used."""

    code: int = 422


class PictureUnreadable(PictureError):
    """The image is empty, truncated, or not a picture at all."""


class PictureUnsupported(PictureError):
    """The image's type or one of its properties is not supported."""


class PictureTooLarge(PictureError):
    """The image has too many bytes or pixels."""


class NoForeground(PictureError):
    """The image has nothing that could be cut out."""


class EngineError(EnlargerError):
    """The engine could not produce the image."""

    code: int = 501


class EngineUnavailable(EngineError):
    """The engine's weights or libraries are missing."""


class WeightsMissing(EngineUnavailable):
    """A network's weights are not on this machine, and can be fetched."""


class NetworkUnsupported(EngineUnavailable):
    """A network has a layer that this engine does not know; another one may."""


class EngineOutOfMemory(EngineError):
    """The engine needs more memory than it may use."""


class NoRoomBesideLong(EngineError):
    """A short task needs more memory than a long one leaves, so it has to run in the long lane."""


class EngineTimeout(EngineError):
    """The engine exceeded its time limit."""


class EngineCrashed(EngineError):
    """The engine's process died."""


class BadOutput(EngineError):
    """The engine's output is black, broken, or unlike its source."""
