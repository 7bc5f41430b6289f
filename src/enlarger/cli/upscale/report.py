"""The report of `enlarger upscale` on a batch, as text and as JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.markup import escape

from enlarger.cli.exit_codes import ERROR, OK, exit_code
from enlarger.cli.output import Output, Style, plain
from enlarger.cli.output import describe as describe_error
from enlarger.cli.result_origin import SANDBOX, describe_network, describe_origin, read_origin
from enlarger.cli.streams import write_line
from enlarger.cli.task_document import task_document
from enlarger.cli.upscale.bar import format_seconds
from enlarger.cli.upscale.files import left_out
from enlarger.cli.upscale.job import Job, Report
from enlarger.client import TaskStatus
from enlarger.errors import EnlargerError, InputRefused
from enlarger.protocol.records import Made


def print_done(output: Output, job: Job, status: TaskStatus, *, alone: bool) -> None:
    """Print a finished picture immediately, with all details if it is `alone`; JSON is printed at the end."""
    if output.style is Style.QUIET:
        write_line(str(job.target))
        return
    output.done(f"[green]✓[/] {escape(plain(str(job.target)))}" + ("" if alone else _in_short(status)))
    if alone:
        output.done(escape(describe(status)))


def conclude(report: Report, output: Output, error: EnlargerError | None = None) -> int:
    """Print the outcome of the batch, which `error` ended early if given; returns the exit code."""
    code = exit_code(error) if error is not None else _exit_code(report)
    _say(report, output)
    if error is not None:
        output.error(error, alone=False)
    elif code != OK and not report.bad:
        output.complain("No picture was found: JPEG, PNG, WebP, TIFF, AVIF, HEIC, BMP and GIF files are enlarged.")
    if output.style is Style.JSON:
        output.json(document(report) | ({} if error is None else {"error": describe_error(error)}))
    return code


def document(report: Report) -> dict[str, Any]:
    """The whole batch as data."""
    return {
        "done": report.made,
        "skipped": [{"source": str(job), "target": str(job.target)} for job in report.there],
        "leftOut": [{"source": source, "kind": kind} for source, kind in report.passed_over],
        "failed": [
            {"source": source, "message": reason}
            | ({"taskId": report.task_ids[source]} if source in report.task_ids else {})
            for source, reason in report.bad
        ],
    }


def facts(job: Job, status: TaskStatus) -> dict[str, Any]:
    """A picture that is done, as data; values missing from the record are left out."""
    made = read_origin(status)
    told = msgspec.to_builtins(made) if made else {}
    known = {"source": str(job), "target": str(job.target), "taskId": status.task_id, "model": status.model, **told}
    return {name: value for name, value in known.items() if value is not None} | {"task": task_document(status)}


def describe(status: TaskStatus) -> str:
    """What was done, for people: engine, device, sizes, time and speed, note, task; missing values are left out."""
    made = read_origin(status)
    facts = [("task", status.task_id)]
    if made:
        device = ", ".join(filter(None, (made.device, made.precision)))
        own = [("engine", describe_origin(made)), ("device", device), ("size", _sizes(made)), ("time", _time(made))]
        facts = [*own, ("auto", made.reason or ""), ("note", made.note or ""), *facts]
    return "\n".join(f"  {name:<6}  {value}" for name, value in facts if value)


def _in_short(status: TaskStatus) -> str:
    made = read_origin(status)
    seconds = f"{made.seconds:.1f} s" if made and made.seconds is not None else ""
    origin = "SANDBOX" if made and made.provider == SANDBOX else ""
    chosen = describe_network(made) if made and made.reason else ""
    facts = (_sizes(made) if made else "", seconds, chosen, origin)
    return "".join(f"  [dim]{fact}[/]" for fact in facts if fact)


def _sizes(made: Made) -> str:
    if not made.width or not made.height:
        return ""
    before = f"{made.source_width}×{made.source_height} → " if made.source_width and made.source_height else ""
    return f"{before}{made.width}×{made.height}"


def _time(made: Made) -> str:
    if made.seconds is None:
        return ""
    megapixels = (made.width or 0) * (made.height or 0) / 1e6
    speed = megapixels / made.seconds if made.seconds else 0.0
    return f"{made.seconds:.1f} s" + (f", {speed:.2f} megapixels a second" if speed >= 0.005 else "")


def in_words(error: EnlargerError | OSError) -> str:
    """What a photographer can make of an error; what only developers can act on is left out."""
    if isinstance(error, OSError):
        return f"{error.strerror or error}."
    if isinstance(error, InputRefused):
        return error.message  # without the advice to developers and the code of the answer
    return str(error)


def _exit_code(report: Report) -> int:
    if report.bad:
        return ERROR
    return OK if report.done or report.skipped or report.left_out["earlier result"] else ERROR


def _say(report: Report, output: Output) -> None:
    if report.done and report.done + len(report.bad) > 1:
        output.hint(f"{report.done} enlarged in {format_seconds(report.seconds)}.")
    if report.left_out:
        output.hint(left_out(report.left_out))
    if report.skipped:
        output.hint(f"{report.skipped} skipped: their results are there already.")
    if report.bad:
        output.complain(f"[bold red]{len(report.bad)} could not be enlarged:[/]")
        for name, reason in report.bad:
            output.fault(name, reason)
