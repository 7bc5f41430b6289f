"""What fal's answers mean, beside what they have in common with those of other providers."""

from __future__ import annotations

import re

import httpx2

from enlarger.errors import SubmissionRefused
from enlarger.providers.answers import NOT_FOUND, Answers
from enlarger.providers.fal.addresses import is_id, make_task_id
from enlarger.providers.http import read_object

ANSWERS = Answers(title="fal", key="FAL_KEY", name="fal")
GONE = (NOT_FOUND, 410)
_FORBIDDEN = 403
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
    raise ANSWERS.unclear(response)


def refusal(response: httpx2.Response) -> SubmissionRefused | None:
    """The refusal that an answer is; None where it may be anything else."""
    locked = response.status_code == _FORBIDDEN and _LOCKED.search(str(read_object(response).get("detail")))
    return ANSWERS.refusal(response, reason="credits" if locked else None)
