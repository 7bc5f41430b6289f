"""The tree of errors: as it is drawn, whose each error is, and the names of an earlier version."""

from __future__ import annotations

import ast
import importlib
import re
from importlib import import_module
from pathlib import Path

import pytest

import enlarger
from enlarger import errors
from enlarger.errors import EnlargerError

_LINE = re.compile(r"^    ((?:│   |    |├── |└── )*)(\w+) +(?:(\d+)(?:  |$))?")
_ELSEWHERE = {"StdoutUnwritable"}
"""Of the command line alone."""
_WHOSE = ("base", "service", "engine", "provider", "client")


def drawn() -> dict[str, tuple[str | None, int]]:
    """Each error of the drawing with its parent and its code, which is the parent's where none is drawn."""
    path: list[str] = []
    found: dict[str, tuple[str | None, int]] = {}
    for line in str(errors.__doc__).splitlines():
        if (match := _LINE.match(line)) and (match[1] or match[2] == "EnlargerError"):
            depth = len(match[1]) // 4
            del path[depth:]
            parent = path[-1] if path else None
            found[match[2]] = (parent, int(match[3]) if match[3] else found[str(parent)][1])
            path.append(match[2])
    return found


def below(kind: type[EnlargerError]) -> set[type[EnlargerError]]:
    """The classes of the package below a class, and the class; tests have some of their own."""
    ours = [child for child in kind.__subclasses__() if child.__module__.startswith("enlarger.")]
    return {kind}.union(*(below(child) for child in ours))


def test_the_tree_is_drawn_as_it_is() -> None:
    assert drawn() == {
        kind.__name__: (None if kind is EnlargerError else kind.__bases__[0].__name__, kind.code)
        for kind in below(EnlargerError)
        if kind.__module__.startswith("enlarger.errors")
    }


def test_no_public_error_is_defined_elsewhere() -> None:
    source = Path(errors.__file__).parents[1]
    elsewhere = [path for path in source.rglob("*.py") if path.parent.name != "errors"]
    assert elsewhere
    for path in elsewhere:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and {ast.unparse(base) for base in node.bases} & set(errors.__all__):
                assert node.name.startswith("_") or node.name in _ELSEWHERE, f"{path}: {node.name}"


def test_every_error_is_exported() -> None:
    defined = {
        name
        for whose in _WHOSE
        for name, value in vars(import_module(f"enlarger.errors.{whose}")).items()
        if isinstance(value, type) and issubclass(value, EnlargerError)
    }
    assert set(errors.__all__) == defined | {"RefusalReason"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("NotAuthenticated", "ApiKeyRejected"),
        ("NotEnoughCredits", "BalanceTooLow"),
        ("SubmissionUnclear", "AcceptanceUnknown"),
        ("TooManyRequests", "RequestLimitReached"),
        ("UnderMaintenance", "NewTasksPaused"),
    ],
)
def test_a_former_name_still_works_and_warns(old: str, new: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"errors.{old} is now {new}"):
        assert getattr(errors, old) is getattr(errors, new)


@pytest.mark.parametrize(("home", "new"), [("enlarger", "InputIssue"), ("enlarger.testing", "InjectedFault")])
def test_the_two_faults_of_before_still_work_and_warn(home: str, new: str) -> None:
    module = importlib.import_module(home)
    with pytest.warns(DeprecationWarning, match=f"{home}.Fault is now {new}"):
        assert module.Fault is getattr(module, new)


def test_an_unknown_name_is_no_error() -> None:
    with pytest.raises(AttributeError, match="NoSuchError"):
        errors.NoSuchError  # noqa: B018
    assert enlarger.RateLimited is errors.RateLimited
