"""The shapes of Replicate's answers: real HTTP statuses, and errors as an object with a title and a detail."""

from __future__ import annotations

from typing import Any

import msgspec

from enlarger.testing.exchange import Answer, Refused, json_answer, rewritten
from enlarger.testing.fault_kinds import InjectedFault

_TITLES = {
    400: "Bad request",
    401: "Unauthenticated",
    402: "Insufficient credit",
    404: "Not found",
    405: "Method not allowed",
    422: "Input validation failed",
    429: "Too many requests",
    500: "Internal server error",
    503: "Service unavailable",
}
_REFUSALS = {
    InjectedFault.TOO_MANY: (429, "Request was throttled. Your rate limit resets soon."),
    InjectedFault.MAINTENANCE: (503, "The service is being maintained. Try again later."),
    InjectedFault.SERVER_ERROR: (500, "An unexpected error occurred."),
    InjectedFault.ERROR_AFTER: (500, "An unexpected error occurred."),
    InjectedFault.NULL_RECORD: (404, "The requested resource could not be found."),
}


def not_found() -> Refused:
    """What is asked for is not there."""
    return Refused(*_REFUSALS[InjectedFault.NULL_RECORD])


def throttled() -> Refused:
    """There were too many requests."""
    return Refused(*_REFUSALS[InjectedFault.TOO_MANY])


def problem(refused: Refused) -> Answer:
    """An error; the refusal's code is the HTTP status."""
    body = {"title": _TITLES[refused.code], "detail": refused.message, "status": refused.code}
    return json_answer(refused.code, body)


class ReplicateErrorStyle:
    """Errors are HTTP statuses."""

    def refuse(self, fault: InjectedFault, route: str) -> Answer:  # noqa: ARG002
        """An error of the fault's own status, the same for every route."""
        return problem(Refused(*_REFUSALS[fault]))

    def without_data(self, answer: Answer) -> Answer:
        """An empty object."""
        return rewritten(answer, {})

    def without_result(self, answer: Answer) -> Answer:
        """A prediction that has succeeded and whose `output` is null."""
        body: dict[str, Any] = msgspec.json.decode(answer.body)
        return rewritten(answer, body | {"output": None}) if body.get("status") == "succeeded" else answer
