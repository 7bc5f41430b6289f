"""Writes the generated parts of docs/reference/errors.md from the errors and the code that maps them: `make docs`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import msgspec

from enlarger import errors
from enlarger.cli.exit_codes import exit_code_of
from enlarger.client.core import TRANSIENT
from enlarger.client.failures import BY_CODE
from enlarger.client.wire import Reply, read
from enlarger.errors import EnlargerError, ServiceError, UnknownTask, base, engine, service
from enlarger.protocol.codes import GENERATION_FAILED, NO_RECORD, NOT_FOUND
from scripts.generated import DOCS, rewrite, table

PAGE = DOCS / "reference/errors.md"
BEFORE = (errors.InvalidInput, errors.UnknownModel, errors.ConfigurationError, errors.StorageError)
"""What a client raises besides what a service answers."""
_RETRY = "Retry: "
_OF_HOSTED_ONLY = (430, 550)
_OUTSIDE = {
    403: (
        "`/files` and `/metrics` only",
        "A file's link is not one that the service gave out. The key is not an administrator's.",
    ),
    410: ("`/files` only", "A file's link has expired."),
}
"""Codes that our own service has outside `/v1` alone: where, and what they mean there."""
_FRAMEWORK = {404: ["The route does not exist."], 413: ["The body is larger than the route accepts."]}
"""What the web framework refuses by itself, besides what an error of ours says."""
_AGAIN = {GENERATION_FAILED: "It makes a new task: this one has failed."}
_NOT_ANSWERED = (errors.PostgresError, errors.BudgetReached)
"""Errors of processes and of workers, which no request is answered with."""


def parts() -> dict[str, str]:
    """The generated parts of the page, by their names."""
    codes_head = ("code", "HTTP status in `/v1`", "when", "error of the SDK", "createTask again?")
    return {
        "codes": table(codes_head, _codes()),
        "sdk errors": table(("error", "exit code", "when", "retry"), _sdk()),
        "tree": "\n".join(_tree()),
    }


def of_clients() -> tuple[type[EnlargerError], ...]:
    """The errors that a client raises."""
    return (*BEFORE, *_below(ServiceError))


def _codes() -> Iterator[str]:
    """A row for each code: when it is answered, and what the SDK makes of it."""
    meanings = _meanings()
    for code in sorted({*BY_CODE, *meanings, EnlargerError.code}):
        kinds = meanings.get(code, [])
        if UnknownTask in kinds:
            error, _ = _answered(code, NO_RECORD)
            yield f"| {code} | {NOT_FOUND} | {_when(UnknownTask)} | `{type(error).__name__}` | |"
            kinds.remove(UnknownTask)
        error, again = _answered(code)
        status: int | str = "hosted service only" if code in _OF_HOSTED_ONLY else code
        said = f"{BY_CODE[code][1]}." if code in BY_CODE else "The service failed; its log has more."
        words = " ".join([*_FRAMEWORK.get(code, ()), *map(_when, kinds)]) or said
        if code in _OUTSIDE:
            status, meaning = _OUTSIDE[code]
            words = f"{said} {meaning}"
        yield f"| {code} | {status} | {words} | `{type(error).__name__}` | {_AGAIN.get(code, again)} |"


def _sdk() -> Iterator[str]:
    """A row for each error that a client raises."""
    for kind in of_clients():
        words, _, retry = (inspect.getdoc(kind) or "").partition(_RETRY)
        yield f"| `{kind.__name__}` | {exit_code_of(kind)} | {_cell(words)} | {_cell(retry[:1].upper() + retry[1:])} |"


def _tree() -> Iterator[str]:
    """The tree of all errors, as the package draws it."""
    lines = (errors.__doc__ or "").splitlines()
    drawn = [line.removeprefix("    ") for line in lines if line.startswith("    ")]
    yield "```text"
    yield from (line.rstrip() for line in drawn)
    yield "```"


def _meanings() -> dict[int, list[type[EnlargerError]]]:
    """The errors of a service's own, by their codes."""
    found: dict[int, list[type[EnlargerError]]] = {}
    for module in (base, service, engine):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, EnlargerError) and kind.__module__ == module.__name__:
                # The first of an engine's errors with a code stands for the others; 500 has no meaning of its own.
                twin = module is engine and getattr(kind.__base__, "code", None) == kind.code
                if kind.code != EnlargerError.code and not twin and not issubclass(kind, _NOT_ANSWERED):
                    found.setdefault(kind.code, []).append(kind)
    return found


def _when(kind: type[EnlargerError]) -> str:
    return _cell((inspect.getdoc(kind) or "").partition(_RETRY)[0])


def _answered(code: int, message: str = "") -> tuple[ServiceError, str]:
    """What the SDK raises for a code of createTask, and whether sending it again is safe."""
    body = msgspec.json.encode({"code": code, "msg": message, "data": None})
    try:
        read(Reply(status_code=200, headers={}, content=body))
    except ServiceError as error:
        if not error.refused:
            return error, "Only with the same `Idempotency-Key`: a task may exist."
        return error, "Safe; the SDK does it." if isinstance(error, TRANSIENT) else "Safe, after a change."
    raise ValueError(f"The code {code} is not an error.")


def _below(kind: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


if __name__ == "__main__":
    rewrite(PAGE, parts())
