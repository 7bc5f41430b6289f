"""Every promise names tests, and the fault matrix is as large as it is said to be."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.docs.pages import ROOT, found, words_of
from tests.faults.plan import CELLS, MISHAPS


def test_every_promise_names_tests_that_pytest_collects() -> None:
    page = (ROOT / "docs/how/reliability.md").read_text().partition("## The fault matrix")[0]
    promises = page.split("\n### ")[1:]
    assert len(promises) > 15
    tests = [found(r"\*\*Tests:\*\* (.+?)(?=\n- |\n\n|$)", re.sub(r"\n  ", " ", promise))[0] for promise in promises]
    assert all("`tests/" in one for one in tests)
    named = {name for one in tests for name in re.findall(r"`(tests/[\w/]+\.py)`", one)}
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *sorted(named)]
    done = subprocess.run(collect, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    collected = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    assert named <= collected, named - collected


def test_the_fault_matrix_is_as_large_as_it_is_said_to_be() -> None:
    page = words_of("docs/how/reliability.md")
    (faults_, boundaries) = found(r"one of (\d+) faults at one of (\w+) boundaries", page)
    assert int(faults_) == sum(map(len, MISHAPS.values()))
    assert (boundaries, len(MISHAPS)) == ("five", 5)
    assert int(found(r"That makes (\d+) cells", page)[0]) == len(CELLS)
