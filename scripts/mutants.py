"""Finds small changes to the given modules that no test notices: `make mutants MODULE=… TESTS=…`.

mutmut makes the changes and runs the tests in a copy of the working tree. It changes only Python, not the statements in
`.sql` files.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_MUTMUT = (sys.executable, "-m", "mutmut")
_SETTINGS = """\
[mutmut]
source_paths = src
only_mutate =
    {modules}
# Sentences and log lines are checked elsewhere, for all modules.
do_not_mutate_patterns =
    sentence\\(
    _log\\.
    ^\\s*f?"[^"]*"[,)]*$
    f".* .*"
pytest_add_cli_args =
    -n
    0
pytest_add_cli_args_test_selection =
    {tests}
# A test may have to wait for Postgres on a busy machine.
timeout_constant = 60.0
use_git_change_detection = false
also_copy =
    {folders}
"""


def main() -> int:
    """Run mutmut and print every change that survived. Returns 1 if one did, 2 if the tests fail without changes."""
    parser = argparse.ArgumentParser(description="Find small changes to modules that no test notices.")
    parser.add_argument("modules", nargs="+", help="files such as src/enlarger/tasks/ledger.py")
    parser.add_argument("--tests", nargs="*", help="files or folders (default: the tests named after the modules)")
    parser.add_argument("--at-once", type=int, default=2, help="how many changes to try at a time (default: 2)")
    options = parser.parse_args()
    tests = options.tests or [_tests_of(module) for module in options.modules]
    if missing := [path for path in (*options.modules, *tests) if not Path(path).exists()]:
        parser.error(f"there is no {' and no '.join(missing)}: name modules, and tests with --tests")
    with tempfile.TemporaryDirectory(prefix="enlarger-mutants-") as folder:
        copy = Path(folder)
        _copy(copy)
        folders = sorted(path.name for path in copy.iterdir() if path.name not in ("src", "tests"))
        settings = _SETTINGS.format(
            modules="\n    ".join(options.modules), tests="\n    ".join(tests), folders="\n    ".join(folders)
        )
        (copy / "setup.cfg").write_text(settings)
        run = subprocess.run([*_MUTMUT, "run", "--max-children", str(options.at_once)], cwd=copy, check=False)
        if run.returncode:
            return 2
        survivors = [line.split(":")[0].strip() for line in _ask(copy, "results").splitlines() if ": survived" in line]
        for name in survivors:
            print(_ask(copy, "show", name))
        print(f"{len(survivors)} changes survived.")
    return 1 if survivors else 0


def _ask(copy: Path, *words: str) -> str:
    return subprocess.run([*_MUTMUT, *words], cwd=copy, check=True, capture_output=True, text=True).stdout


def _tests_of(module: str) -> str:
    """Where the tests of a module usually are."""
    path = Path(module)
    return str(Path("tests", *path.parent.parts[2:], f"test_{path.name}"))


def _copy(target: Path) -> None:
    """Copy the files that git tracks, or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True, capture_output=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if Path(name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, target / name)


if __name__ == "__main__":
    sys.exit(main())
