"""What Replicate's answers mean; their bodies are repeated nowhere. In doubt a submission may have been taken."""

from __future__ import annotations

import re
from typing import TypeGuard

import httpx2

from enlarger.errors import AcceptanceUnknown, ProviderSilent, RefusalReason, SubmissionRefused
from enlarger.providers.http import read_object, retry_after

NOT_FOUND = 404
_PROXY_REFUSED = 407

# Of 408 and of 5xx nobody knows how far the request has come.
_REASONS: dict[int, RefusalReason] = {
    400: "input",
    401: "access",
    402: "credits",
    403: "access",
    404: "input",
    405: "input",
    413: "input",
    415: "input",
    422: "input",
    429: "busy",
    _PROXY_REFUSED: "down",
}
_WORDS: dict[RefusalReason, str] = {
    "input": "Replicate does not take this task (HTTP {status}): its model or its input is wrong there.",
    "busy": "Replicate takes no more tasks for the moment (HTTP {status}).",
    "credits": "The Replicate account has no credit left (HTTP {status}): top it up.",
    "access": "Replicate refuses the requests (HTTP {status}): check REPLICATE_API_TOKEN, and that Replicate can be"
    " reached from this country.",
    "down": "The proxy to Replicate refuses the requests (HTTP {status}): check ENLARGER_REPLICATE_PROXY.",
}
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


def is_id(value: object) -> TypeGuard[str]:
    """Whether a prediction can be asked for by it."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def read_created(response: httpx2.Response) -> str:
    """The id of the prediction that was made. Raises SubmissionRefused, and AcceptanceUnknown in any doubt."""
    prediction_id = read_object(response).get("id")
    if response.is_success and is_id(prediction_id):
        return prediction_id
    error = refusal(response)
    if error is not None and prediction_id is None:
        raise error
    raise AcceptanceUnknown(
        f"Replicate may have taken the task (HTTP {response.status_code}): its answer does not say so.",
        code=response.status_code if response.is_error else None,
    )


def refusal(response: httpx2.Response) -> SubmissionRefused | None:
    """The refusal that an answer is; None where it may be anything else."""
    reason = _REASONS.get(response.status_code)
    if reason is None:
        return None
    return SubmissionRefused(
        _WORDS[reason].format(status=response.status_code),
        reason=reason,
        code=response.status_code,
        retry_after=retry_after(response),
    )


def not_sent(error: Exception) -> SubmissionRefused:
    """The refusal of a request that never left."""
    return SubmissionRefused(
        f"Replicate cannot be reached ({type(error).__name__}): check ENLARGER_REPLICATE_BASE_URL,"
        " ENLARGER_REPLICATE_PROXY and the network.",
        reason="down",
    )


def silent(response: httpx2.Response, what: str) -> ProviderSilent:
    """That Replicate does not say now, or do, what it was asked."""
    return ProviderSilent(
        f"Replicate {what} (HTTP {response.status_code}).",
        code=response.status_code if response.is_error else None,
        retry_after=retry_after(response),
    )
