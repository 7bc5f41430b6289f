"""Whether KIE took a task, by its answer. It did not only where the answer can mean nothing else."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from enlarger.client.wire import Reply
from enlarger.errors import AcceptanceUnknown, RefusalReason, SubmissionRefused
from enlarger.protocol.codes import OK
from enlarger.protocol.refusals import refusal_reason
from enlarger.protocol.retry_after import read_retry_after
from enlarger.providers.results import LONGEST_WAIT

_LONGEST_ID = 200

_WORDS: dict[RefusalReason, str] = {
    "busy": "KIE takes no more tasks at the moment ({said}).",
    "credits": "The KIE account has too few credits, or its key has reached its limit ({said}): top it up.",
    "access": (
        "KIE does not let this machine in ({said}): check KIE_API_KEY; KIE also shuts out some countries, and there it"
        " takes a proxy elsewhere (ENLARGER_KIE_PROXY)."
    ),
    "input": "KIE cannot do what is asked for ({said}): correct the input, or have another provider do it.",
    "down": "KIE is out of order, or not at its address ({said}): check ENLARGER_KIE_BASE_URL, or try again later.",
}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A reply, with the envelope read as far as there is one."""

    status: int
    code: int | None
    message: str
    data: Any
    retry_after: float | None

    @property
    def task_id(self) -> str | None:
        """The task that it names."""
        for name in ("taskId", "recordId"):
            value = self.data.get(name) if isinstance(self.data, dict) else None
            if usable_id(value):
                return str(value)
        return None

    @property
    def said(self) -> str:
        """Its code, for errors."""
        return f"HTTP {self.status}" if self.code is None else f"code {self.code}"

    @property
    def went_well(self) -> bool:
        """Whether both the HTTP status and the body code say so."""
        return (self.status, self.code) == (OK, OK)


def read_answer(reply: Reply) -> Answer:
    """What a reply says; what is no envelope has no code."""
    try:
        body = msgspec.json.decode(reply.content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        body = None
    envelope = body if isinstance(body, dict) else {}
    code = envelope.get("code")
    return Answer(
        status=reply.status_code,
        code=int(code) if isinstance(code, int | str) and re.fullmatch("[0-9]{1,9}", str(code), re.ASCII) else None,
        message=str(envelope.get("msg") or envelope.get("message") or ""),
        data=envelope.get("data"),
        retry_after=read_retry_after(reply.headers.get("retry-after"), longest=LONGEST_WAIT),
    )


def usable_id(value: object) -> bool:
    """Whether a task can be asked for by it."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and value.isascii() and value.isprintable()


def read_created(reply: Reply) -> str:
    """The id of the task that was made. Raises SubmissionRefused, or AcceptanceUnknown wherever there is any doubt."""
    answer = read_answer(reply)
    if answer.went_well and answer.task_id:
        return answer.task_id
    error = refusal(answer)
    if error is not None and answer.task_id is None:
        raise error
    raise AcceptanceUnknown(
        f"KIE may have taken the task ({answer.said}): its answer does not say so.",
        code=answer.code if answer.code not in (None, OK) else None,
    )


def refusal(answer: Answer) -> SubmissionRefused | None:
    """The refusal that an answer is; None where it may be anything else."""
    reason = refusal_reason(answer.status, answer.code, answer.message)
    if reason is None:
        return None
    return SubmissionRefused(
        _WORDS[reason].format(said=answer.said),
        reason=reason,
        code=answer.status if answer.code is None else answer.code,
        retry_after=answer.retry_after,
    )


def not_sent(why: str) -> SubmissionRefused:
    """The refusal of a request that never left."""
    return SubmissionRefused(
        f"KIE cannot be reached ({why}): check ENLARGER_KIE_BASE_URL, ENLARGER_KIE_PROXY and the network.",
        reason="down",
    )
