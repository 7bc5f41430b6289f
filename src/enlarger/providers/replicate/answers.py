"""What Replicate's answers mean, beside what they have in common with those of other providers."""

from __future__ import annotations

import re
from typing import TypeGuard

import httpx2

from enlarger.providers.answers import Answers
from enlarger.providers.http import read_object

ANSWERS = Answers(title="Replicate", key="REPLICATE_API_TOKEN", name="replicate")
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


def is_id(value: object) -> TypeGuard[str]:
    """Whether a prediction can be asked for by it."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def read_created(response: httpx2.Response) -> str:
    """The id of the prediction that was made. Raises SubmissionRefused, and AcceptanceUnknown in any doubt."""
    prediction_id = read_object(response).get("id")
    if response.is_success and is_id(prediction_id):
        return prediction_id
    error = ANSWERS.refusal(response)
    if error is not None and prediction_id is None:
        raise error
    raise ANSWERS.unclear(response)
