"""The shapes of fal's answers: real HTTP statuses, and errors as an object with a `detail`."""

from __future__ import annotations

from enlarger.testing.exchange import Answer, Refused, json_answer, rewritten
from enlarger.testing.fault_kinds import InjectedFault

_REFUSALS = {
    InjectedFault.TOO_MANY: (429, "Rate limit exceeded."),
    InjectedFault.MAINTENANCE: (503, "Service unavailable"),
    InjectedFault.SERVER_ERROR: (500, "Internal Server Error"),
    InjectedFault.ERROR_AFTER: (500, "Internal Server Error"),
    InjectedFault.NULL_RECORD: (404, "Request not found"),
}


def not_found(what: str = "Request") -> Refused:
    """What is asked for is not there."""
    return Refused(404, f"{what} not found")


def throttled() -> Refused:
    """There were too many requests."""
    return Refused(*_REFUSALS[InjectedFault.TOO_MANY])


def problem(refused: Refused) -> Answer:
    """An error; the refusal's code is the HTTP status."""
    return json_answer(refused.code, {"detail": refused.message})


class FalErrorStyle:
    """Errors are HTTP statuses."""

    def refuse(self, fault: InjectedFault, route: str) -> Answer:  # noqa: ARG002
        """An error of the fault's own status, the same for every route."""
        return problem(Refused(*_REFUSALS[fault]))

    def without_data(self, answer: Answer) -> Answer:
        """An empty object."""
        return rewritten(answer, {})

    def without_result(self, answer: Answer) -> Answer:
        """A result without anything in it; an error stays one."""
        return rewritten(answer, {}) if answer.status == 200 else answer
