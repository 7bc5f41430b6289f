"""A soak: minutes of tasks at a constant rate over real processes, with a fault every few seconds.

    uv run python -m bench.soak --minutes 30 --rate 30
    uv run python -m bench.soak --minutes 4 --rate 5 --gap 4 15 --seed 7

Several `enlarger serve` and `enlarger worker` run behind a load balancer on their own Postgres; the stand-ins of KIE
and Replicate have their own process. According to a plan that depends on the seed, processes are killed or frozen
past their lease, Postgres is shut down immediately and started again, the storage is unavailable, providers are down,
slow, full or failing, and receivers of callbacks are dead or slow. When all faults are over and nothing is under way,
an auditor checks from outside whether anything was lost, paid twice, charged wrongly or left behind: over HTTP, in
the stand-ins' records, with read-only SQL, and in the storage's folder. The exit status is 1 if a promise was broken.
The folder with the database, the files and the logs is kept.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bench.processes import machine
from bench.soak.evidence import story
from bench.soak.soak import Options, Soak, Verdict

_MOST_SHOWN = 100
_STORIES = 10


def main() -> int:
    """Run a soak; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=30.0, help="tasks in a second")
    parser.add_argument("--serve", type=int, default=2, help="processes of the API")
    parser.add_argument("--worker", type=int, default=3, help="processes of workers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lease", type=float, default=10.0, help="ENLARGER_WORKER_LEASE")
    parser.add_argument(
        "--gap", type=float, nargs=2, default=(5.0, 40.0), metavar="SECONDS", help="from one fault to the next"
    )
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="enlarger-soak-"))
    folder.chmod(0o755)  # Postgres may run as another user
    print(f"The data is in {folder}", flush=True)
    options = Options(
        given.minutes, given.rate, given.serve, given.worker, given.seed, given.lease, (given.gap[0], given.gap[1])
    )
    soak = Soak(options, folder)
    verdict = asyncio.run(soak.run())
    _show(options, verdict)
    for case in soak.bad[:_STORIES]:
        print(f"\ntask {case.wanted.number} {case.wanted.id}: {case.faults}", *story(case), sep="\n    ")
    print(f"\nThe data is in {folder}")
    print(f"{len(verdict.violations)} VIOLATIONS" if verdict.violations else "Every promise was kept.")
    return 1 if verdict.violations else 0


def _show(options: Options, verdict: Verdict) -> None:
    print(f"\n{machine()}")
    print(
        f"{options.minutes:g} minutes at {options.rate:g} tasks a second, serve x{options.serve}, worker"
        f" x{options.worker}, a lease of {options.lease:g} s, seed {options.seed}; {len(verdict.faults)} faults:"
    )
    print(*verdict.faults, sep="\n")
    print()
    for name, number in verdict.counts.items():
        print(f"{number:8}  {name}")
    print()
    print(*verdict.flatness, sep="\n")
    if verdict.settled_after is not None:
        print(f"settled {verdict.settled_after:.0f} s after the end")
    print()
    print(*verdict.violations[:_MOST_SHOWN], sep="\n")


if __name__ == "__main__":
    sys.exit(main())
