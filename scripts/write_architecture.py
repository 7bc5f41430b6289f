"""Draws the pictures of docs/how/architecture.md from the code: `python -m scripts.write_architecture`, or `make docs`.

The layers are those of the contract of import-linter, the table has the imports that there are, and the queues are read
from the calls that enqueue.
"""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import grimp

from scripts import svg
from scripts.generated import DOCS, replace
from scripts.svg import AMBER, BLUE, GREEN, GREY, RED, VIOLET, Drawing

ROOT = Path(__file__).parents[1]
PAGE = DOCS / "how/architecture.md"
PICTURES = DOCS / "images/architecture"
_SOURCE = ROOT / "src/enlarger"
_ENQUEUE, _WITHDRAW = "enqueue", "withdraw"
"""The functions of the queue that take a connection, an entrypoint and a task's or attempt's id."""

Imports = Mapping[str, set[str]]


def render(page: str) -> str:
    """The page with a current table of packages."""
    return replace(page, "packages", packages())


def pictures() -> dict[Path, str]:
    """The pictures, by their files."""
    return {PICTURES / "layers.svg": layers(), PICTURES / "queues.svg": task()}


def layers() -> str:
    """The packages by layer, the highest first."""
    rows = _layers()
    height, wide = 46, 116
    drawing = Drawing(720, 40 + height * len(rows), "The layers of the package; imports point down")
    for number, names in enumerate(rows):
        top = 20 + number * height
        drawing.text(34, top + 23, str(len(rows) - number), colour=svg.FAINT)
        step, width = (100, 92) if len(names) > 4 else (wide + 16, wide)
        left = 60 + (600 - len(names) * step + step - width) / 2
        colour = (BLUE, VIOLET, GREEN, AMBER, GREY)[min(number * 5 // len(rows), 4)]
        for place, name in enumerate(names):
            drawing.box(left + place * step, top + 3, width, 32, colour)
            drawing.text(left + place * step + width / 2, top + 24, name, size=12, code=True)
    drawing.arrow((690, 30), (690, 10 + height * len(rows)), GREY)
    drawing.text(682, 24, "imports", size=11, colour=svg.FAINT)
    drawing.text(34, 14, "layer", size=11, colour=svg.FAINT)
    return drawing.render()


def packages() -> str:
    """A table of the packages: what each is for, and what it imports."""
    names = [name for layer in _layers() for name in layer]
    imports = _imports(names)
    lines = ["| package | what it is | imports |", "| --- | --- | --- |"]
    for name in names:
        folder = _SOURCE / name
        path = folder / "__init__.py" if folder.is_dir() else _SOURCE / f"{name}.py"
        words = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n\n")[0].replace("\n", " ")
        used = ", ".join(f"`{other}`" for other in names if other in imports[name])
        lines.append(f"| `{name}` | {words} | {used} |")
    return "\n".join(lines)


def queues() -> tuple[dict[str, dict[str, list[str]]], dict[str, str]]:
    """The methods by which each module fills each queue, and the module that consumes each queue."""
    enqueuing, entrypoints = _enqueuing()
    filled: dict[str, dict[str, list[str]]] = {}
    for module, methods in sorted(_callers(enqueuing).items()):
        by_queue: dict[str, list[str]] = defaultdict(list)
        for kind, method in sorted(methods):
            for entrypoint in sorted(enqueuing[kind, method]):
                by_queue[entrypoint].append(f"{kind}.{method}")
        filled[module] = dict(sorted(by_queue.items()))
    return filled, _takers(entrypoints)


def task() -> str:
    """Who fills each queue, by which methods, and who consumes it."""
    filled, takers = queues()
    colours = dict(zip(takers, (BLUE, VIOLET, GREEN, AMBER, RED), strict=True))
    line, gap, width, title = 17, 12, 242, 22
    height = 50 + sum(title + gap + 8 + line * sum(map(len, to.values())) for to in filled.values())
    drawing = Drawing(700, height, "The queues of a service, the modules that fill them and those that consume them")
    for x, words in ((131, "fill"), (447, "queues"), (620, "consume")):
        drawing.text(x, 24, words, colour=svg.FAINT)
    step = (height - 60) / len(takers)
    middles = {name: 50 + step * (number + 0.5) for number, name in enumerate(takers)}
    top = 40.0
    for module, to in filled.items():
        tall = title + 8 + line * sum(map(len, to.values()))
        drawing.box(10, top, width, tall)
        drawing.text(20, top + 17, module, size=13, anchor="start", bold=True, code=True)
        y = top + title + 13
        for name, methods in to.items():
            for method in methods:
                drawing.text(20, y, method, size=12, anchor="start", colour=colours[name], code=True)
                y += line
            middle = y - line * (len(methods) + 1) / 2 - 4
            end = (393.0, middles[name])
            drawing.arrow((12 + width, middle), end, colours[name], bends=((340, middle), (310, end[1])))
        top += tall + gap
    for name, module in takers.items():
        middle = middles[name]
        drawing.box(395, middle - 18, 104, 36, colours[name])
        drawing.text(447, middle + 5, name, code=True, bold=True)
        drawing.arrow((499, middle), (548, middle), colours[name])
        drawing.box(550, middle - 18, 140, 36)
        drawing.text(620, middle + 5, module, code=True)
    return drawing.render()


def _layers() -> list[list[str]]:
    """The packages by floor, the highest first, as the contract in pyproject.toml has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[name.strip().removeprefix("enlarger.") for name in layer.split("|")] for layer in layers]


def _imports(names: list[str]) -> Imports:
    """For each package the others that it imports."""
    graph = grimp.build_graph("enlarger")
    for name in names:
        if (_SOURCE / name).is_dir():
            graph.squash_module(f"enlarger.{name}")
    found = {name: graph.find_modules_directly_imported_by(f"enlarger.{name}") for name in names}
    return {name: {other.removeprefix("enlarger.") for other in found[name]} & {*names} - {name} for name in names}


def _enqueuing() -> tuple[dict[tuple[str, str], set[str]], dict[str, str]]:
    """The entrypoints that each method of the stores enqueues, itself or through others; and the constants' values."""
    trees = [ast.parse(path.read_text()) for path in sorted((_SOURCE / "tasks").rglob("*.py"))]
    constants = {
        node.targets[0].id: node.value.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    functions = {key: node for tree in trees for key, node in _functions(tree)}
    for heir, base in _bases(trees):
        functions |= {(heir, name): node for (kind, name), node in functions.items() if kind == base}
    calls = {key: {_name(call.func) for call in _calls(node)} for key, node in functions.items()}
    named = {
        arg.id for node in functions.values() for call in _calls(node) if _name(call.func) == _ENQUEUE
        for arg in call.args[1:2] if isinstance(arg, ast.Name)
    }  # fmt: skip
    entrypoints = {name: value for name, value in constants.items() if name in named}
    found = {
        key: {entrypoints[name] for name in _enqueued_names(node) if name in entrypoints}
        for key, node in functions.items()
        if _ENQUEUE in calls[key]
    }
    while True:
        before = {key: set(value) for key, value in found.items()}
        for (kind, method), names in calls.items():
            through = [value for (of, name), value in before.items() if name in names and of in ("", kind)]
            if through:
                found[kind, method] = found.get((kind, method), set()).union(*through)
        if found == before:
            return {key: value for key, value in found.items() if key[0] and key[1][0] != "_"}, entrypoints


def _bases(trees: Iterable[ast.Module]) -> Iterator[tuple[str, str]]:
    """Pairs of a class and one that it inherits from."""
    for node in (node for tree in trees for node in tree.body):
        if isinstance(node, ast.ClassDef):
            yield from ((node.name, base.id) for base in node.bases if isinstance(base, ast.Name))


def _takers(entrypoints: Mapping[str, str]) -> dict[str, str]:
    """The module of the duty that consumes an entrypoint, by the entrypoint."""
    takers = {}
    for path in sorted((_SOURCE / "worker").rglob("*.py")):
        tree = ast.parse(path.read_text())
        nodes = list(ast.walk(tree))
        homes = {alias.name: node.module for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
        duties = {
            node.targets[0].id: homes[_name(node.value.func)]
            for node in nodes
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            if isinstance(node.value, ast.Call) and _name(node.value.func) in homes
        }
        for call in _calls(tree):
            names = [arg.id for arg in call.args if isinstance(arg, ast.Name)]
            if len(names) > 1 and names[0] in entrypoints and names[1] in duties:
                takers[entrypoints[names[0]]] = str(duties[names[1]]).removeprefix("enlarger.")
    return takers


def _callers(enqueuing: Mapping[tuple[str, str], set[str]]) -> dict[str, set[tuple[str, str]]]:
    """The enqueuing methods that each module of the API and the worker calls, found by annotations."""
    paths = [*sorted((_SOURCE / "server").rglob("*.py")), *sorted((_SOURCE / "worker").rglob("*.py"))]
    trees = {path: ast.parse(path.read_text()) for path in paths}
    stores = {kind for kind, _ in enqueuing}
    kinds = {name.strip("_"): kind for tree in trees.values() for name, kind in _annotations(tree) if kind in stores}
    callers: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for path, tree in trees.items():
        module = ".".join(path.relative_to(_SOURCE).with_suffix("").parts)
        for call in _calls(tree):
            if isinstance(call.func, ast.Attribute):
                key = (kinds.get(_name(call.func.value).strip("_"), ""), call.func.attr)
                if key in enqueuing:
                    callers[module].add(key)
    return callers


def _annotations(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation:
            yield node.arg, _name(node.annotation)
        elif isinstance(node, ast.AnnAssign):
            yield _name(node.target), _name(node.annotation)


def _functions(tree: ast.Module) -> Iterator[tuple[tuple[str, str], ast.AST]]:
    """The functions and methods, by class and name."""
    for node in tree.body:
        of, inside = (node.name, node.body) if isinstance(node, ast.ClassDef) else ("", [node])
        for one in inside:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (of, one.name), one


def _enqueued_names(node: ast.AST) -> Iterator[str]:
    """The names in a function, without those in calls that withdraw a row."""
    if isinstance(node, ast.Name):
        yield node.id
    if not (isinstance(node, ast.Call) and _name(node.func) == _WITHDRAW):
        for child in ast.iter_child_nodes(node):
            yield from _enqueued_names(child)


def _calls(node: ast.AST) -> list[ast.Call]:
    return [one for one in ast.walk(node) if isinstance(one, ast.Call)]


def _name(node: ast.expr) -> str:
    """`c` of `a.b.c`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text()))
    PICTURES.mkdir(exist_ok=True)
    for path, picture in pictures().items():
        path.write_text(picture)
