"""How checks are run, and what becomes of what goes wrong with one."""

from __future__ import annotations

import asyncio
import json

import pytest

from enlarger.cli.doctor.check import Check, Outcome, examine
from enlarger.cli.doctor.finding import Finding, Status, failed, ok, skipped, warning
from enlarger.cli.doctor.show import diagnose
from enlarger.cli.doctor.site import NoDatabase, Site
from enlarger.cli.output import Output, Style
from enlarger.errors import ConfigurationError, EnlargerError

_SECRET = "postgresql://user:hunter2@host"


async def all_of(*checks: Check) -> list[Outcome]:
    async with Site() as site:
        return [outcome async for outcome, _ in examine(checks, site)]


def raising(error: Exception) -> Check:
    async def run(_: Site) -> Finding:
        raise error

    return Check("broken", run)


def finding(found: Finding, name: str = "some") -> Check:
    async def run(_: Site) -> Finding:
        return found

    return Check(name, run)


async def test_checks_run_side_by_side_and_are_told_in_their_order() -> None:
    met = asyncio.Event()

    async def first(_: Site) -> Finding:
        await met.wait()  # would wait forever if the second one came after it
        return ok("The second one has run.")

    async def second(_: Site) -> Finding:
        met.set()
        return ok("It runs.")

    told = await all_of(Check("first", first), Check("second", second))
    assert [outcome.name for outcome in told] == ["first", "second"]


async def test_a_check_that_hangs_fails_when_its_time_is_over_and_the_others_are_told() -> None:
    async def hang(_: Site) -> Finding:
        await asyncio.Event().wait()
        raise AssertionError

    hung, other = await all_of(Check("hangs", hang, seconds=0.01), finding(ok("It works.")))
    assert (hung.status, other.status) == (Status.FAILED, Status.OK)
    assert hung.found == "There was no answer within 0.01 seconds."
    assert hung.remedy


@pytest.mark.parametrize(
    ("error", "status", "found", "remedy"),
    [
        (ConfigurationError("A key is wrong: get another."), Status.FAILED, "A key is wrong.", "Get another."),
        (EnlargerError("It does not work"), Status.FAILED, "It does not work", "Run `enlarger doctor` again"),
        (ModuleNotFoundError(name="psutil"), Status.SKIPPED, "psutil is not installed", "pip install"),
        (NoDatabase(), Status.SKIPPED, "no database", "`database`"),
        (RuntimeError(_SECRET), Status.FAILED, "could not be examined (RuntimeError)", "Report it"),
    ],
)
async def test_whatever_goes_wrong_is_a_finding(error: Exception, status: Status, found: str, remedy: str) -> None:
    (told,) = await all_of(raising(error))
    assert told.status is status
    assert found in told.found
    assert remedy in str(told.remedy)
    assert "hunter2" not in f"{told}"


@pytest.mark.parametrize(
    ("findings", "code", "status"),
    [
        ([ok("a.")], 0, "ok"),
        ([ok("a."), skipped("b.", "c.")], 0, "ok"),
        ([ok("a."), warning("b.", "c.")], 0, "warning"),
        ([warning("a.", "b."), failed("c.", "d."), ok("e.")], 1, "failed"),
    ],
)
async def test_only_a_failed_check_fails_the_command(
    findings: list[Finding], code: int, status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = [finding(found, str(number)) for number, found in enumerate(findings)]
    assert await diagnose(checks, Site(), Output(Style.JSON)) == code
    document = json.loads(capsys.readouterr().out)
    assert document["status"] == status
    assert [set(check) for check in document["checks"]] == [{"name", "status", "found", "remedy", "seconds"}] * len(
        checks
    )
    capsys.readouterr()
    assert await diagnose(checks, Site(), Output(Style.QUIET)) == code
    assert capsys.readouterr().out == "".join(f"{one.status} {n}: {one.found}\n" for n, one in enumerate(findings))


async def test_people_see_what_to_do_below_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    checks = [finding(ok("It works."), "first"), finding(failed("It [is] away.", "Look for it."), "second")]
    assert await diagnose(checks, Site(), Output(Style.HUMAN)) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "ok       first   It works.",
        "failed   second  It [is] away.",
        "                 → Look for it.",
    ]
    assert captured.err == "1 ok, 1 failed\n"
