"""The docstrings below the fields of classes, which Python does not keep."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise


def field_docstrings(kind: type) -> Mapping[str, str]:
    """The docstring below each field that a class of a module's top level declares, each in one line."""
    return _of_module(kind.__module__).get(kind.__name__, {})


@cache
def _of_module(module: str) -> Mapping[str, Mapping[str, str]]:
    classes = [one for one in ast.parse(inspect.getsource(sys.modules[module])).body if isinstance(one, ast.ClassDef)]
    return {one.name: dict(_documented(one.body)) for one in classes}


def _documented(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                yield name, " ".join(words.split())
