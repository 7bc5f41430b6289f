"""The kinds of faults that a stand-in can inject, and the routes that each can happen to."""

from __future__ import annotations

from enum import Enum

ROUTES = ("createTask", "recordInfo", "credit", "download-url", "models", "results", "upload", "files", "unknown")
"""What requests are counted by: the jobs API's routes, `results` (the results' files), `upload` (in all three ways),
`files` (what was uploaded), and `unknown` for any other path."""
REPLICATE_ROUTES = (
    "create", "get", "list", "cancel", "upload", "files", "account", "secret", "results", "unknown",
)  # fmt: skip
"""The same for `ReplicateStandIn`: `create`, `get`, `list` and `cancel` are those of predictions."""

FAL_ROUTES = (
    "submit", "status", "result", "cancel", "initiate", "upload", "files", "token", "keys", "results", "unknown",
)  # fmt: skip
"""The same for `FalStandIn`: `submit`, `status`, `result` and `cancel` are those of requests, `initiate` and `upload`
the two steps of leaving a file, `keys` is what webhooks are verified with."""


class InjectedFault(Enum):
    """A kind of fault that a mock server can inject into one request."""

    CUT_BEFORE = "cut_before"
    """The connection is closed without an answer, and the request has no effect."""
    CUT_AFTER = "cut_after"
    """The request has its effect; then the connection is closed without an answer."""
    CUT_MIDDLE = "cut_middle"
    """The request has its effect; half of the answer's body is sent, then the connection is closed."""
    BAD_GATEWAY = "bad_gateway"
    """HTTP 502 with a web page; the request has no effect."""
    FORBIDDEN = "forbidden"
    """HTTP 403 with a web page, as for a blocked country; the request has no effect."""
    TOO_MANY = "too_many"
    """Body code 429 (Replicate, fal: HTTP 429); the request has no effect."""
    MAINTENANCE = "maintenance"
    """Body code 455 (Replicate, fal: HTTP 503); the request has no effect."""
    SERVER_ERROR = "server_error"
    """Body code 500 (Replicate, fal: HTTP 500); the request has no effect."""
    NULL_RECORD = "null_record"
    """The service does not find an existing task: body code 422 (Replicate, fal: HTTP 404)."""
    NO_DATA = "no_data"
    """The request has its effect, and the answer has no `data` (Replicate, fal: is an empty object)."""
    ERROR_AFTER = "error_after"
    """The request has its effect, and is answered as if the service had failed."""
    SLOW = "slow"
    """The request has its effect, and the answer is delayed."""
    EMPTY_RESULT = "empty_result"
    """The record of a successful task comes without its result; other records are unchanged."""
    MISSING_FILE = "missing_file"
    """HTTP 404 for an existing file."""
    HALF_FILE = "half_file"
    """Half of a file, as if it were complete."""
    EMPTY_FILE = "empty_file"
    """No byte of a file, as if it were complete."""


_OF_RECORDS = (InjectedFault.NULL_RECORD, InjectedFault.EMPTY_RESULT)
_OF_FILES = (InjectedFault.MISSING_FILE, InjectedFault.HALF_FILE, InjectedFault.EMPTY_FILE)
_OF_THE_NETWORK = (
    InjectedFault.CUT_BEFORE, InjectedFault.CUT_AFTER, InjectedFault.CUT_MIDDLE, InjectedFault.BAD_GATEWAY,
    InjectedFault.FORBIDDEN, InjectedFault.SLOW,
)  # fmt: skip
_RECORD_ROUTES = ("recordInfo", "get", "status", "result")
_FILE_ROUTES = ("results", "files")


def check_fits(fault: InjectedFault, route: str) -> None:
    """Raise ValueError where a route cannot have the fault."""
    if not fits(fault, route):
        raise ValueError(f"{fault} cannot happen to {route}.")


def fits(fault: InjectedFault, route: str) -> bool:
    """Whether a route can have the fault: some need a record or a file, and a file has no envelope."""
    if fault is InjectedFault.EMPTY_RESULT and route == "create":  # Replicate can be asked to wait for the end there
        return True
    if fault in _OF_RECORDS:
        return route in _RECORD_ROUTES
    if fault in _OF_FILES:
        return route in _FILE_ROUTES
    return fault in _OF_THE_NETWORK or route not in _FILE_ROUTES
