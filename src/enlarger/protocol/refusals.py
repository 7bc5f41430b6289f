"""Which answers to createTask say for sure that no task was made. All others leave it open.

Whoever sends a task again after an answer that leaves it open may pay twice. The codes are those of the hosted
service's documents; the words that come with 500 were seen on the wire.
"""

from __future__ import annotations

import re

from enlarger.errors import RefusalReason
from enlarger.protocol.codes import SERVER_ERROR

_BY_CODE: dict[int, RefusalReason] = {
    **dict.fromkeys((429, 430, 550), "busy"),
    **dict.fromkeys((402, 433), "credits"),
    **dict.fromkeys((401, 403), "access"),
    **dict.fromkeys((400, 404, 405, 413, 422, 451, 501, 505), "input"),
    455: "down",
}
"""Body codes with which nothing was done. 505 is a model that is switched off."""
_BY_STATUS: dict[int, RefusalReason] = {
    **dict.fromkeys((429, 430), "busy"),
    402: "credits",
    **dict.fromkeys((401, 403, 407, 451), "access"),
    **dict.fromkeys((400, 413, 422), "input"),
    **dict.fromkeys((301, 307, 308, 404, 405), "down"),
}
"""The same for answers without a body code: from what is in front of the service, or from another one."""
_FAILED_BEFORE: tuple[tuple[re.Pattern[str], RefusalReason], ...] = (
    (re.compile(r"(the )?[\w.\[\]'`\"]{1,80}( field| parameter)? (is|are) required\.?"), "input"),
    (re.compile(r"[\w.\[\]'`\"]{1,80} cannot be (empty|null)\.?"), "input"),
    (re.compile(r"this interface is temporarily paused\b.*"), "input"),
    (re.compile(r"((the|your) )?(account )?credits? (is |are )?insufficient\b.*"), "credits"),
    (re.compile(r"insufficient credits?\b.*"), "credits"),
)
"""The whole of a message that comes with body code 500 where the task was not made."""


def refusal_reason(status: int, code: int | None, message: str) -> RefusalReason | None:
    """Why no task was made, by an answer's HTTP status, its body code and its message; None where one may have been."""
    if code is None:
        return _BY_STATUS.get(status)
    if status >= SERVER_ERROR and status != code:
        return None  # something in front of the service failed, perhaps after the service had answered
    if code == SERVER_ERROR:
        words = message.strip().lower()
        return next((reason for pattern, reason in _FAILED_BEFORE if pattern.fullmatch(words)), None)
    return _BY_CODE.get(code)
