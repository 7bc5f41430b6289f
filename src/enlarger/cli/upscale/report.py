"""What `enlarger upscale` says of a batch: for people, in as few words as possible, and as JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.markup import escape

from enlarger.cli.exit_codes import ERROR, OK, exit_code
from enlarger.cli.made import read_made, say_made
from enlarger.cli.output import Output, Style, plain
from enlarger.cli.output import describe as describe_error
from enlarger.cli.upscale.files import left_out
from enlarger.cli.upscale.job import Job, Report
from enlarger.client import TaskStatus
from enlarger.errors import EnlargerError, InputRefused


def say_done(output: Output, job: Job, status: TaskStatus) -> None:
    """Say on stdout that a picture is done, at once; the JSON document comes at the end."""
    if output.style is Style.HUMAN:
        print(describe(job, status), flush=True)
    elif output.style is Style.QUIET:
        print(job.target, flush=True)


def conclude(report: Report, output: Output, error: EnlargerError | None = None) -> int:
    """Say what became of the batch, which ended early with `error` if there is one; returns the exit code."""
    code = exit_code(error) if error is not None else _exit_code(report)
    if error is None:
        _say(report, output)
    else:
        output.error(error, alone=False)
    if output.style is Style.JSON:
        output.json(document(report) | ({} if error is None else {"error": describe_error(error)}))
    return code


def document(report: Report) -> dict[str, Any]:
    """The whole batch as data."""
    return {
        "done": report.made,
        "skipped": [
            {"source": str(job), "target": str(job.target), "presumed": presumed} for job, presumed in report.there
        ],
        "leftOut": [{"source": source, "kind": kind} for source, kind in report.passed_over],
        "failed": [
            {"source": source, "message": reason}
            | ({"taskId": report.task_ids[source]} if source in report.task_ids else {})
            for source, reason in report.bad
        ],
    }


def facts(job: Job, status: TaskStatus) -> dict[str, Any]:
    """A picture that is done, as data; what the record does not tell is left out."""
    made = read_made(status)
    told = msgspec.to_builtins(made) if made else {}
    known = {"source": str(job), "target": str(job.target), "taskId": status.task_id, "model": status.model, **told}
    return {name: value for name, value in known.items() if value is not None}


def describe(job: Job, status: TaskStatus) -> str:
    """What was done, for people: engine, sizes, time and speed, task; what the record does not tell is left out."""
    made = read_made(status)
    if made is None:
        return f"  {plain(str(job.target))}  task {status.task_id}"
    lines = [f"  engine  {say_made(made)}"]
    after = f"{made.width}x{made.height}" if made.width and made.height else ""
    if after:
        before = f"{made.source_width}x{made.source_height} -> " if made.source_width and made.source_height else ""
        lines.append(f"  size    {before}{after}")
    if made.seconds is not None:
        megapixels = (made.width or 0) * (made.height or 0) / 1e6
        speed = f", {megapixels / made.seconds:.2f} MP/s" if megapixels and made.seconds else ""
        lines.append(f"  time    {made.seconds:.1f} s{speed}")
    return "\n".join([*lines, f"  task    {status.task_id}"])


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
    if report.left_out:
        output.hint(left_out(report.left_out))
    if report.skipped:
        output.hint(f"{report.skipped} skipped: their results are there already.")
    if report.presumed:
        output.hint(
            f"{report.presumed} of them by name, size and date, as from an earlier version: --overwrite makes anew."
        )
    if report.bad:
        output.complain(f"[bold red]{len(report.bad)} could not be enlarged:[/]")
        for name, reason in report.bad:
            output.complain(f"  {escape(plain(name))}: {escape(plain(reason))}")
    elif _exit_code(report) != OK:
        output.complain("No picture was found: JPEG, PNG, WebP, TIFF, AVIF, HEIC, BMP and GIF files are enlarged.")
