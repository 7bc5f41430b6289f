"""Draws the pictures of docs/how/architecture.md from the code: `python -m scripts.write_architecture`, or `make docs`.

The floors are import-linter's layers with the imports that there are; a task's way is read from the calls that enqueue.
What stands between `<!-- drawn: NAME -->` and `<!-- end -->` is replaced, the rest of the page stays as it is.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/how/architecture.md"
_SOURCE = ROOT / "src/enlarger"
_DRAWN = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_ENQUEUE, _WITHDRAW = "enqueue", "withdraw"
"""The functions of the queue that take a connection, an entrypoint and a task's or attempt's id."""

Imports = Mapping[str, set[str]]


def render(page: str) -> str:
    """The page with its pictures drawn anew."""
    pictures = {"floors": floors(), "packages": packages(), "task": task()}
    return _DRAWN.sub(lambda match: f"{match[1]}{pictures[match[2]]}\n{match[3]}", page)


def floors() -> str:
    """A Mermaid chart of the packages by floor; an arrow that follows from others is left out."""
    layers = _layers()
    imports = _imports([name for layer in layers for name in layer])
    lines = ["```mermaid", "flowchart TB"]
    for number, layer in zip(range(len(layers), 0, -1), layers, strict=True):
        lines.append(f'  subgraph floor{number}["floor {number}"]')
        lines += [f"    {name}" for name in layer]
        lines.append("  end")
    lines += [f"  {name} --> {other}" for name in imports for other in sorted(_direct(name, imports))]
    return "\n".join([*lines, "```"])


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


def task() -> str:
    """A Mermaid chart of the queue: who enqueues a task or attempt, under which entrypoint, and who consumes it."""
    enqueuing, entrypoints = _enqueuing()
    takers = _takers(entrypoints)
    callers = _callers(enqueuing)
    clock = {module for module in callers if module.startswith("worker.") and module not in takers.values()}
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'  {name}[["queue: {name}"]]' for name in takers]
    for module in sorted({*callers, *takers.values()}):
        lines.append(f'  {_node(module)}["{module}"]')
    for module in sorted(callers):
        methods: dict[str, list[str]] = defaultdict(list)
        for kind, method in sorted(callers[module]):
            for entrypoint in enqueuing[kind, method]:
                methods[entrypoint].append(f"{kind}.{method}")
        lines += [f'  {_node(module)} -- "{"<br>".join(methods[name])}" --> {name}' for name in sorted(methods)]
    lines += [f"  {name} ==> {_node(module)}" for name, module in takers.items()]
    graph = grimp.build_graph("enlarger")
    for module in sorted(clock):
        users = graph.find_modules_that_directly_import(f"enlarger.{module}")
        used_by = {name.removeprefix("enlarger.") for name in users} & {*takers.values(), *clock}
        lines += [f"  {_node(user)} -.-> {_node(module)}" for user in sorted(used_by)]
    return "\n".join([*lines, "```"])


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


def _direct(name: str, imports: Imports) -> set[str]:
    """What a package imports and would not reach through its other imports."""
    return {other for other in imports[name] if not any(other in _reached(third, imports) for third in imports[name])}


def _reached(name: str, imports: Imports) -> set[str]:
    return imports[name].union(*(_reached(other, imports) for other in imports[name]))


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


def _node(module: str) -> str:
    return module.replace(".", "_")


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text()))
