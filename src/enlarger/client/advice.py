"""What to do about an error, by the request that led to it and the service that answered."""

from __future__ import annotations

from urllib.parse import urlsplit

from enlarger.client.options import HOSTED_URL, Options, is_loopback
from enlarger.client.wire import CREATE_TASK, QUOTE, Request
from enlarger.errors import (
    AccessBlocked,
    FeatureDisabled,
    InputRefused,
    InsufficientCredits,
    NotFound,
    ProtocolError,
    RateLimited,
    ServiceError,
)
from enlarger.protocol.codes import KEY_REUSED

LONGEST_REST = 60.0
"""Seconds: where a service asks for a longer pause than this, its error is raised at once."""

_ABOUT_THE_INPUT = (CREATE_TASK, QUOTE)
_BESIDE_THE_INPUT = ("callBackUrl", "Idempotency-Key", "idempotency_key", "Prefer")
_CANNOT_RUN = "cannot_run"
_CORRECT = "Correct what it names, and send it again."
_TOO_LARGE, _NOT_FETCHED = 413, 451


def advise(error: ServiceError, request: Request, options: Options) -> None:
    """Correct an error's `remedy` where the code alone does not tell what to do."""
    host = urlsplit(address(request, options)).hostname or ""
    match error:
        case RateLimited(retry_after=float(seconds)) if seconds > LONGEST_REST:
            error.remedy = f"The service asks to be left alone for {seconds:.0f} s: try again after that."
        case AccessBlocked() if is_loopback(address(request, options)):
            error.remedy = f"Something on this machine answered: check what listens there ({_setting(request)})."
        case AccessBlocked() if options.base_url != HOSTED_URL:
            error.remedy = f"Check what the key may do and from where, and what is in front of {host}."
        case FeatureDisabled() if request.upload:
            error.remedy = "Give the task a URL of the file instead: the service takes no such upload."
        case FeatureDisabled() if request.path not in _ABOUT_THE_INPUT:
            error.remedy = None
        case FeatureDisabled() | InsufficientCredits() if request.path == CREATE_TASK:
            error.remedy = f"{error.remedy or ''} The task was not made.".lstrip()
        case FeatureDisabled():
            pass
        case InputRefused(code=code) if code == _TOO_LARGE:
            error.remedy = "Send a smaller file." if request.upload else "Upload its files first: client.upload(…)."
        case InputRefused(code=code) if code == _NOT_FETCHED and request.upload:
            error.remedy = "Check the URL, or upload the file itself."
        case InputRefused(faults=[(_, code, _)]) if code in (_CANNOT_RUN, KEY_REUSED):
            error.remedy = None  # the message says what to do
        case InputRefused() if request.path not in _ABOUT_THE_INPUT or not concerns_input(error):
            error.remedy = _CORRECT
        case ProtocolError() | NotFound() if request.upload and "KIE_BASE_URL" in (error.remedy or ""):
            error.remedy = "Check the address for uploads (KIE_UPLOAD_URL)."


def address(request: Request, options: Options) -> str:
    """Where a request goes."""
    return options.upload_url if request.upload else options.base_url


def how_to_reach(request: Request, options: Options) -> str:
    """What to do about a service that does not answer."""
    if is_loopback(address(request, options)):
        return f"Is it running there ({_setting(request)})? `enlarger up` starts one."
    return f"Check the address ({_setting(request)}), the proxy (KIE_PROXY) and the network."


def _setting(request: Request) -> str:
    return "KIE_UPLOAD_URL" if request.upload else "KIE_BASE_URL"


def concerns_input(error: InputRefused) -> bool:
    """Whether a refusal is, or may be, about fields of the model, so that the catalogue's description of it helps."""
    if isinstance(error, FeatureDisabled):
        return False
    return not error.faults or not all(
        field in _BESIDE_THE_INPUT or code == _CANNOT_RUN for field, code, _ in error.faults
    )
