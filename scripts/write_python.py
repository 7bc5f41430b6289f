"""Writes the generated part of docs/reference/python.md from docstrings and signatures: `make docs`."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from enlarger import errors
from scripts.generated import DOCS, rewrite

PAGE = DOCS / "reference/python.md"

SECTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    # heading: the module that exports the names, and the names in the order in which they are shown
    "Clients": ("enlarger", ("KieApiClient", "SyncKieApiClient", "NanoBananaClient", "SyncNanoBananaClient")),
    "Tasks and results": (
        "enlarger",
        ("TaskHandle", "SyncTaskHandle", "TaskStatus", "Result", "TaskPage", "RawResponse"),
    ),
    "Files, models and prices": ("enlarger", ("UploadedFile", "ModelInfo", "Quote", "Credits")),
    "Attempts and callbacks of a task": (
        "enlarger.protocol.records",
        ("AttemptRecord", "Deliveries", "CallbackTry"),
    ),
    "Receiving callbacks": ("enlarger", ("webhooks", "Callback")),
    "Inputs and the catalogue": (
        "enlarger",
        (
            *("build_input", "build_input_or_raise", "BuiltInput", "InputIssue", "get_model", "list_models", "quote"),
            *("Model", "inputs"),
        ),
    ),
    "The app's name": ("enlarger", ("set_app_info",)),
    "Testing": (
        "enlarger.testing",
        (
            *("StandIn", "ReplicateStandIn", "FalStandIn", "Faults", "InjectedFault", "Fate", "HandClock"),
            *("FAIL_MARKER", "SeenTask", "SeenPrediction", "SeenFalRequest", "SeenRequest", "Requests", "Delivery"),
        ),
    ),
    "Interior design": (
        "enlarger.interior",
        (
            *("generate_interior_with_nano_banana", "clear_space_with_kie", "edit_task", "Edit", "QUALITIES"),
            *("Quality", "most_bytes", "build_prompt", "sample_prompt", "clear_space_prompt", "facade_prompt"),
            *("free_prompt", "MOST_WISHES", "MOST_WORDS", "list_rooms", "get_room", "list_styles", "get_style"),
            *("Choice", "Room", "Style", "draw_preview", "draw_sheet"),
        ),
    ),
}
ALIASES = {
    "enlarger.client.schedule": ("Seconds",),
    "enlarger.client.uploads": ("Source",),
    "enlarger.client.downloads": ("Destination",),
    "enlarger.client.waiting": ("OnProgress",),
    "enlarger.client.async_handle": ("OnSubmitted",),
    "enlarger.client.webhooks": ("Headers", "Key"),
    "enlarger.testing.clock": ("Clock",),
    "enlarger.testing.fate": ("Fates",),
}
"""Names of types in signatures, by the modules that define them."""
OPTIONS = {"enlarger.client.async_requests": "SubmitOptions", "enlarger.client.async_client": "RunOptions"}

_TWINS = {
    "SyncKieApiClient": "KieApiClient",
    "SyncNanoBananaClient": "NanoBananaClient",
    "SyncTaskHandle": "TaskHandle",
}
"""Classes without `await`, whose members are those of another class."""
_LINE = 120
_SIGNATURE = 100
_ERROR = re.compile(rf"(?<![`\w.])({'|'.join(errors.__all__)})(?![`\w])")
_NOT_SHOWN = ("self", "cls", "extra_headers")


@dataclass(frozen=True)
class Member:
    """A function, a property or a field, with what its docstring says."""

    name: str
    kind: str
    text: str
    """The signature, or the type."""
    words: str
    default: str = ""


def parts() -> dict[str, str]:
    """The generated part of the page, by its name."""
    return {"python": "\n".join(_part())}


def _part() -> Iterator[str]:
    for heading, (module, names) in SECTIONS.items():
        yield f"## {heading}\n"
        yield f"In `{module}`.\n"
        for name in names:
            yield from _entry(name, getattr(importlib.import_module(module), name), module)
    yield "## Types in signatures\n"
    yield "| name | type | means |"
    yield "| --- | --- | --- |"
    for module, names in ALIASES.items():
        for name, (value, words) in _assigned(importlib.import_module(module)).items():
            if name in names:
                yield f"| `{name}` | {_code(value)} | {_cell(words)} |"
    for module, name in OPTIONS.items():
        kind = getattr(importlib.import_module(module), name)
        fields = ", ".join(f"`{field}`" for field in kind.__annotations__)
        yield f"| `{name}` | `TypedDict` | {_cell(inspect.getdoc(kind) or '')} They are {fields}. |"


def _entry(name: str, value: Any, module: str) -> Iterator[str]:
    yield f"### `{name}`\n"
    if isinstance(value, type):
        yield from _class(value)
    elif isinstance(value, FunctionType):
        yield from _function(_member(_node(value), inspect.getmodule(value)), "")
    elif isinstance(value, ModuleType):
        yield f"{_words(inspect.getdoc(value) or '')}\n"
        for inner in getattr(value, "__all__", ()):
            if isinstance(function := getattr(value, inner), FunctionType):
                yield f"#### `{name}.{inner}`\n"
                yield from _function(_member(_node(function), inspect.getmodule(function)), "")
    else:
        home = _home(importlib.import_module(module), name)
        text, words = _assigned(home)[name]
        yield f"{_code(text)}. {words}".rstrip() + "\n"


def _class(kind: type) -> Iterator[str]:
    yield f"{_words(inspect.getdoc(kind) or '')}\n"
    if (twin := _TWINS.get(kind.__name__)) is not None:
        yield f"Its methods and properties are those of [`{twin}`](#{twin.lower()}), without `await`.\n"
        return
    shown, bases = _lines(kind)
    if bases:
        links = ", ".join(f"[`{base.__name__}`](#{base.__name__.lower()})" for base in bases)
        yield f"It also has the members of {links}.\n"
    members = [member for one in shown for member in _members(_node(one), inspect.getmodule(one))]
    yield from _fields([member for member in members if member.kind == "field"])
    yield from _fields([member for member in members if member.kind == "option"], head=("value", "", "means"))
    yield from _fields([member for member in members if member.kind == "property"], head=("property", "type", "is"))
    for member in members:
        if member.kind == "init":
            yield from _function(member, kind.__name__)
    for member in members:
        if member.kind == "function":
            yield f"#### `{kind.__name__}.{member.name}`\n"
            yield from _function(member, "")


def _fields(members: Sequence[Member], head: tuple[str, str, str] = ("field", "type", "is")) -> Iterator[str]:
    if not members:
        return
    yield f"| {' | '.join(column for column in head if column)} |"
    yield f"| {' | '.join('---' for column in head if column)} |"
    for one in members:
        default = "" if one.default in ("", "None", "()", "{}", "...") else f" Default: `{one.default}`."
        cells = [f"`{one.name}`", *([_code(one.text)] if head[1] else []), _cell(one.words + default)]
        yield f"| {' | '.join(cells)} |"
    yield ""


def _function(member: Member, called: str) -> Iterator[str]:
    yield "```text"
    yield member.text.replace("__init__", called) if called else member.text
    yield "```\n"
    if member.words:
        yield f"{_words(member.words)}\n"


def _lines(kind: type) -> tuple[list[type], list[type]]:
    """The classes whose members are shown with a class: its own and those of bases that the page does not have."""
    listed = [getattr(importlib.import_module(module), name) for module, names in SECTIONS.values() for name in names]
    ours = [one for one in kind.__mro__ if one.__module__.startswith("enlarger.")]
    bases = [one for one in ours[1:] if one in listed]
    hidden = {one for base in bases for one in base.__mro__}
    return [one for one in ours if one not in hidden], bases[:1]


def _members(node: ast.ClassDef, module: ModuleType | None) -> Iterator[Member]:
    documented = list(_with_words(node.body))
    for one, words in documented:
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            if not one.target.id.startswith("_") and "ClassVar" not in ast.unparse(one.annotation):
                default = ast.unparse(one.value) if one.value else ""
                yield Member(one.target.id, "field", ast.unparse(one.annotation), words, default)
        elif isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and words:
            yield Member(one.targets[0].id, "option", "", words)
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            if one.name == "__init__":
                yield from _set_in(one)
                if ast.get_docstring(one):
                    yield _member(one, module, kind="init")
            elif not one.name.startswith("_"):
                decorators = {ast.unparse(decorator) for decorator in one.decorator_list}
                if "property" in decorators:
                    returns = ast.unparse(one.returns) if one.returns else ""
                    yield Member(one.name, "property", returns, ast.get_docstring(one) or "")
                elif "abstractmethod" not in decorators:
                    yield _member(one, module)


def _set_in(init: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Member]:
    """The attributes that a constructor documents."""
    arguments = {one.arg: one.annotation for one in (*init.args.args, *init.args.kwonlyargs)}
    for one, words in _with_words(init.body):
        target = _target(one)
        if words and isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
            annotation = one.annotation if isinstance(one, ast.AnnAssign) else arguments.get(target.attr)
            yield Member(target.attr, "property", ast.unparse(annotation) if annotation else "", words)


def _target(one: ast.stmt) -> ast.expr | None:
    """What a statement assigns to."""
    if isinstance(one, ast.Assign):
        return one.targets[0]
    return one.target if isinstance(one, ast.AnnAssign) else None


def _with_words(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """Statements, each with the docstring that follows it."""
    for number, one in enumerate(body):
        after = body[number + 1] if number + 1 < len(body) else None
        words = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            words = inspect.cleandoc(after.value.value)
        yield one, words


def _member(node: Any, module: ModuleType | None, kind: str = "function") -> Member:
    returns = "" if node.returns is None or kind == "init" else f" -> {_plain(ast.unparse(node.returns))}"
    prefix = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
    start, arguments = f"{prefix}{node.name}(", list(_arguments(node.args, module))
    text = f"{start}{', '.join(arguments)}){returns}"
    if len(text) > _SIGNATURE:
        text = "\n".join([start, *(f"    {one}," for one in arguments), f"){returns}"])
    return Member(node.name, kind, text, ast.get_docstring(node) or "")


def _arguments(args: ast.arguments, module: ModuleType | None) -> Iterator[str]:
    positional = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(positional) - len(args.defaults)) + [*args.defaults]
    for one, default in zip(positional, defaults, strict=True):
        if one.arg not in _NOT_SHOWN:
            yield _argument(one, default, module)
    named = [(one, value) for one, value in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    named = [(one, value) for one, value in named if one.arg not in _NOT_SHOWN]
    if named:
        yield "*"
    for one, default in named:
        yield _argument(one, default, module)
    if args.kwarg:
        yield f"**{_argument(args.kwarg, None, module)}"


def _argument(one: ast.arg, default: ast.expr | None, module: ModuleType | None) -> str:
    text = f"{one.arg}: {_plain(ast.unparse(one.annotation))}" if one.annotation else one.arg
    if default is None:
        return text
    if isinstance(default, ast.Name | ast.Attribute):
        value = eval(ast.unparse(default), vars(module))  # noqa: S307 - our own source: a constant, by its value
        default = ast.Constant(value) if isinstance(value, str | int | float) else default
    return f"{text} = {_plain(ast.unparse(default))}"


def _node(value: Any) -> Any:
    """The definition of a class or function."""
    tree = _tree(inspect.getmodule(value))
    return next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name == value.__name__
    )


def _home(module: ModuleType, name: str) -> ModuleType:
    """The module that assigns a name which another one exports."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module and any(one.name == name for one in node.names):
            return importlib.import_module(node.module)
    return module


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _assigned(module: ModuleType) -> dict[str, tuple[str, str]]:
    """The values that a module assigns to names, as its source has them, with their docstrings."""
    found = {}
    for one, words in _with_words(_tree(module).body):
        target = _target(one)
        if isinstance(target, ast.Name) and isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None:
            found[target.id] = ast.unparse(one.value), words
    return found


def _plain(code: str) -> str:
    return code.replace("'", '"')


def _code(code: str) -> str:
    return f"`{_plain(code)}`".replace("|", "\\|") if code else ""


def _cell(words: str) -> str:
    return " ".join(_marked(words).split()).replace("|", "\\|")


def _words(words: str) -> str:
    """A docstring's paragraphs in lines of the page's length."""
    paragraphs = _marked(words).split("\n\n")
    return "\n\n".join(textwrap.fill(one, _LINE, break_long_words=False, break_on_hyphens=False) for one in paragraphs)


def _marked(words: str) -> str:
    """A docstring with the names of errors as code."""
    return _ERROR.sub(r"`\1`", words)


if __name__ == "__main__":
    rewrite(PAGE, parts())
