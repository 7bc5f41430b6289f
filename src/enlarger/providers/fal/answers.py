"""What fal's answers mean; their bodies are repeated nowhere. In doubt a submission may have been taken."""

from __future__ import annotations

import re

import httpx2

from enlarger.errors import AcceptanceUnknown, ProviderSilent, RefusalReason, SubmissionRefused
from enlarger.providers.fal.addresses import is_id, make_task_id
from enlarger.providers.http import read_object, retry_after

NOT_FOUND = 404
GONE = (404, 410)
_FORBIDDEN = 403
_PROXY_REFUSED = 407

# Of 408, 409 and 5xx nobody knows how far the request has come.
_REASONS: dict[int, RefusalReason] = {
    400: "input",
    401: "access",
    402: "credits",
    _FORBIDDEN: "access",
    404: "input",
    405: "input",
    413: "input",
    415: "input",
    422: "input",
    429: "busy",
    _PROXY_REFUSED: "down",
}
_WORDS: dict[RefusalReason, str] = {
    "input": "fal does not take this task (HTTP {status}): its model or its input is wrong there.",
    "busy": "fal takes no more tasks for the moment (HTTP {status}).",
    "credits": "The fal account has no credit left (HTTP {status}): top it up.",
    "access": "fal refuses the requests (HTTP {status}): check FAL_KEY, and that fal can be reached from this country.",
    "down": "The proxy to fal refuses the requests (HTTP {status}): check ENLARGER_FAL_PROXY.",
}
_LOCKED = re.compile(r"exhausted balance|user is locked", re.IGNORECASE)
"""What a 403 says that is about money: `User is locked. Reason: Exhausted balance. Top up your balance at …`"""


def read_created(response: httpx2.Response, base_url: str, model: str) -> str:
    """What the request that was made is remembered by. Raises SubmissionRefused, and AcceptanceUnknown in any doubt."""
    made = read_object(response)
    identifier = made.get("request_id")
    if response.is_success and is_id(identifier):
        return make_task_id(base_url, model, identifier, made.get("status_url"))
    error = refusal(response)
    if error is not None and identifier is None:
        raise error
    raise AcceptanceUnknown(
        f"fal may have taken the task (HTTP {response.status_code}): its answer does not say so.",
        code=response.status_code if response.is_error else None,
    )


def refusal(response: httpx2.Response) -> SubmissionRefused | None:
    """The refusal that an answer is; None where it may be anything else."""
    reason = _REASONS.get(response.status_code)
    if reason is None:
        return None
    if response.status_code == _FORBIDDEN and _LOCKED.search(str(read_object(response).get("detail"))):
        reason = "credits"
    return SubmissionRefused(
        _WORDS[reason].format(status=response.status_code),
        reason=reason,
        code=response.status_code,
        retry_after=retry_after(response),
    )


def not_sent(error: Exception) -> SubmissionRefused:
    """The refusal of a request that never left."""
    return SubmissionRefused(
        f"fal cannot be reached ({type(error).__name__}): check ENLARGER_FAL_BASE_URL, ENLARGER_FAL_PROXY and the"
        " network.",
        reason="down",
    )


def no_answer(error: Exception) -> ProviderSilent:
    """That a request, which costs nothing, was not answered."""
    return ProviderSilent(f"fal does not answer ({type(error).__name__}).")


def silent(response: httpx2.Response, what: str) -> ProviderSilent:
    """That fal does not say now, or do, what it was asked."""
    return ProviderSilent(
        f"fal {what} (HTTP {response.status_code}).",
        code=response.status_code if response.is_error else None,
        retry_after=retry_after(response),
    )
