"""What a check is, and how all of them are run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec

from enlarger.cli.doctor.finding import Finding, Status, failed, failed_with, skipped
from enlarger.cli.doctor.site import NoDatabase, Site
from enlarger.errors import EnlargerError

_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Check:
    """Something to examine. A check changes nothing that outlasts it, and names no secret in what it finds."""

    name: str
    run: Callable[[Site], Awaitable[Finding]]
    """Examines it. May raise any EnlargerError, and ModuleNotFoundError for a package that is not installed."""
    seconds: float = _SECONDS
    """How long that may take."""


class Outcome(msgspec.Struct, frozen=True):
    """What a check found, and how long it took."""

    name: str
    status: Status
    found: str
    remedy: str | None
    seconds: float


async def examine(checks: Sequence[Check], site: Site) -> AsyncIterator[tuple[Outcome, list[str]]]:
    """Run all checks side by side; yields the outcomes in the order of `checks`, with the names of what is awaited."""
    running = [asyncio.create_task(_examine(check, site)) for check in checks]
    try:
        for task in running:
            outcome = await task
            yield outcome, [check.name for check, other in zip(checks, running, strict=True) if not other.done()]
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _examine(check: Check, site: Site) -> Outcome:
    began = time.monotonic()
    finding = await _find(check, site)
    return Outcome(check.name, finding.status, finding.found, finding.remedy, round(time.monotonic() - began, 3))


async def _find(check: Check, site: Site) -> Finding:
    """Run one check; whatever goes wrong with it is a finding, so that the others are not disturbed."""
    try:
        async with asyncio.timeout(check.seconds):
            return await check.run(site)
    except TimeoutError:
        return failed(
            f"There was no answer within {check.seconds:g} seconds.",
            "Check whether it is overloaded, or cut off by a firewall or a disk that hangs.",
        )
    except NoDatabase:
        return skipped("There is no database to ask.", "See what was found of `database`.")
    except ModuleNotFoundError as error:
        return skipped(
            f"The package {error.name} is not installed.", "`pip install 'enlarger[all]'` installs everything."
        )
    except EnlargerError as error:
        return failed_with(error)
    except Exception as error:  # noqa: BLE001 - one check's mistake must not hide what the others find
        # Without the error's own words, which may repeat a secret.
        return failed(
            f"This could not be examined ({type(error).__name__}).", "Report it: it is a fault of the check itself."
        )
