"""Providers' errors: what a hosted service did or did not do for us. Operators read them, not callers."""

from __future__ import annotations

from typing import Literal

from enlarger.errors.base import EnlargerError

RefusalReason = Literal["input", "busy", "credits", "access", "down"]
"""Why a provider refused a task: the input, its own limits, our balance there, our access, or an outage."""


class ProviderError(EnlargerError):
    """A provider did not do what it was asked to. The message is for the operator and quotes nothing from a reply."""

    retry_after: float | None = None
    """Seconds after which it wants to be asked again, where it says so."""

    def __init__(self, message: str, *, code: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code: int = type(self).code if code is None else code
        self.retry_after = retry_after


class SubmissionRefused(ProviderError):
    """The provider certainly did not accept the task, so another one may be tried."""

    def __init__(
        self, message: str, *, reason: RefusalReason, code: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, code=code, retry_after=retry_after)
        self.reason = reason


class AcceptanceUnknown(ProviderError):
    """The provider may have accepted the task; nobody can say yet, so it must not be submitted again."""


class ProviderSilent(ProviderError):
    """The provider cannot say now what became of a task, or cannot take a file; later it may."""


class ResultGone(ProviderError):
    """A result no longer exists at the provider."""


class ResultUnusable(ProviderError):
    """A result cannot be downloaded from the URL that the provider gave, and it may stay that way."""

    tries = 4
    """How many attempts to download it are made before it counts as unusable."""


class ResultTooLarge(ResultUnusable):
    """A result has more bytes or pixels than are accepted; retrying would change nothing."""

    tries = 1


class RouteUnfit(EnlargerError):
    """A provider cannot do what the task asks for."""

    code: int = 422
