"""From a code to the error that it means, with what to do about it."""

from __future__ import annotations

import re
from typing import Any

from enlarger.errors import (
    AccessBlocked,
    AuthenticationFailed,
    FeatureDisabled,
    InputRefused,
    InsufficientCredits,
    Maintenance,
    NotFound,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
)
from enlarger.protocol.codes import NO_RECORD
from enlarger.protocol.retry_after import read_retry_after

_REQUIRED = re.compile(r"\b(is|are) required\b|cannot be (empty|null)")
_LONGEST_WAIT = 3600.0
"""Seconds: a longer `Retry-After` counts as this long."""

_KEY = "Check the key (KIE_API_KEY)."
_ADDRESS = (
    "The hosted service shuts out some countries: use a VPN, or set proxy=… (KIE_PROXY) to a proxy elsewhere,"
    " or base_url=… (KIE_BASE_URL) to a service of your own."
)
_CREDITS = "Top the account up, or raise the key's limit."
_SLOWER = "Send requests more slowly, or raise max_retries."
_LATER = "Try again later."
_GONE = "Check the id; results are kept for some days only."
_BASE = "Check the base URL (KIE_BASE_URL); it is the service's address without /api/v1."
_INPUT = "Correct the input; `enlarger models show MODEL` says what the model takes."
_OFF = "Choose another model."
_SAID_ALREADY: dict[str, re.Pattern[str]] = {
    # what to do: words of a service that already say so
    _CREDITS: re.compile(r"\btop (it|the account) up|\btop up\b", re.IGNORECASE),
    _OFF: re.compile(r"\b(use|choose) another (one|model)\b", re.IGNORECASE),
}

BY_CODE: dict[int, tuple[type[ServiceError], str, str]] = {
    # code: the error, what it says where the service says nothing, what to do
    400: (InputRefused, "The request has bad parameters", _INPUT),
    401: (AuthenticationFailed, "The service does not accept the key", _KEY),
    402: (InsufficientCredits, "The account has too few credits", _CREDITS),
    403: (AccessBlocked, "The service refuses requests from this address", _ADDRESS),
    404: (NotFound, "The service has nothing there", _GONE),
    405: (ServiceError, "The service does not know this method", _BASE),
    408: (ServiceUnavailable, "The service's own provider did not answer", _LATER),
    409: (ServiceUnavailable, "The same request is being carried out", _LATER),
    410: (NotFound, "The service has nothing there any longer", _GONE),
    413: (InputRefused, "The input is too large", _INPUT),
    422: (InputRefused, "The service refuses the input", _INPUT),
    429: (RateLimited, "Too many requests", _SLOWER),
    430: (RateLimited, "Too many requests", _SLOWER),
    433: (InsufficientCredits, "The key has reached its limit", _CREDITS),
    451: (InputRefused, "The service could not fetch an input's file", "Upload the file first: client.upload(…)."),
    455: (Maintenance, "The service is closed for maintenance", _LATER),
    505: (FeatureDisabled, "The service has switched this off", _OFF),
    550: (ServiceUnavailable, "The service's queue is full", _LATER),
}


def to_error(
    code: int,
    message: str,
    *,
    enveloped: bool,
    request_id: str | None = None,
    retry_after: str | None = None,
    problems: Any = None,
) -> ServiceError:
    """The error that an answer means. `enveloped` says that it came as the jobs API words it, not from a proxy."""
    kind, words, advice = BY_CODE.get(code, (ServiceUnavailable, "The service failed", _LATER))
    remedy: str | None = advice
    if code not in BY_CODE and code < 500:
        kind, words, remedy = ServiceError, "The service refused the request", _BASE
    lowered = message.lower()
    if code in (422, 400) and NO_RECORD.lower() in lowered:
        kind, remedy, message = NotFound, _GONE, f"The service knows no such task: {message}"
    elif kind is FeatureDisabled and not enveloped:
        kind, words, remedy = ServiceUnavailable, "The service failed", _LATER  # HTTP's own 505, from a proxy
    elif kind is NotFound and not enveloped:
        remedy = _BASE
    elif code == 500 and "credit" in lowered and "insufficient" in lowered:
        kind, remedy = InsufficientCredits, _CREDITS  # seen on the wire instead of 402
    elif code == 500 and _REQUIRED.search(lowered):
        kind, remedy = InputRefused, _INPUT  # the hosted service's way of saying that a field is missing
    elif code == 500 and lowered.startswith("this interface is temporarily paused"):
        code, kind, remedy = FeatureDisabled.code, FeatureDisabled, _OFF  # seen on the wire instead of 505
    text = message if enveloped and message else words
    if remedy in _SAID_ALREADY and _SAID_ALREADY[remedy].search(text):
        remedy = None
    if issubclass(kind, InputRefused):
        return kind(text, code=code, request_id=request_id, remedy=remedy, faults=_faults(problems))
    error = kind(text, code=code, request_id=request_id, remedy=remedy)
    if isinstance(error, RateLimited | ServiceUnavailable):
        error.retry_after = read_retry_after(retry_after, longest=_LONGEST_WAIT)
    return error


def _faults(problems: Any) -> list[tuple[str, str, str]]:
    """Our service's list of what is wrong with an input."""
    if not isinstance(problems, list):
        return []
    return [
        (str(problem.get("field", "input")), str(problem.get("code", "")), str(problem.get("message", "")))
        for problem in problems
        if isinstance(problem, dict)
    ]
