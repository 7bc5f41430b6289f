"""Writes docs/reference/models/ out of the catalogue: `make docs`. The index has text of its own around the tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date

from enlarger.catalog import Field, Model, get_model, list_models
from enlarger.catalog.describe import limits, rows, say_needs, say_price, type_name
from enlarger.catalog.load import checked, families
from enlarger.catalog.model import LOCAL, Kind
from enlarger.catalog.schema import example
from scripts.generated import DOCS, render

FOLDER = DOCS / "reference" / "models"
INDEX = FOLDER / "index.md"
TITLES = {
    "auto": "Auto",
    "bytedance": "ByteDance",
    "elevenlabs": "ElevenLabs",
    "flux": "FLUX",
    "gemini-speech": "Gemini Speech",
    "google": "Google",
    "grok-imagine": "Grok Imagine",
    "hailuo": "Hailuo",
    "happyhorse": "HappyHorse",
    "ideogram": "Ideogram",
    "infinitalk": "InfiniteTalk",
    "kling": "Kling",
    "openai": "OpenAI",
    "pixverse": "PixVerse",
    "qwen": "Qwen",
    "real-cugan": "Real-CUGAN",
    "real-esrgan": "Real-ESRGAN",
    "recraft": "Recraft",
    "runway": "Runway",
    "seedream": "Seedream",
    "sora": "Sora",
    "span": "SPAN",
    "suno": "Suno",
    "topaz": "Topaz",
    "u2net": "U-2-Net",
    "veo": "Veo",
    "waifu2x": "waifu2x",
    "wan": "Wan",
}
"""The families' names, by their files' names."""
_KINDS: dict[Kind, str] = {"image": "Image", "video": "Video", "audio": "Sound"}
_FEW = 3
"""Models of a task that are too few for a table of their own."""
_HEAD = ("| model | providers | price |", "| --- | --- | --- |")


def pages() -> dict[str, str]:
    """The text of each page, by its file's name."""
    index = render(INDEX, {"families": "\n".join(_family_table()), "models": "\n".join(_tables())})
    return {"index.md": index} | {f"{family}.md": "\n".join(_page(family)).rstrip() + "\n" for family in families()}


def _family_table() -> Iterator[str]:
    yield "| family | models | compared |"
    yield "| --- | --- | --- |"
    for family in sorted(families(), key=lambda one: TITLES[one].casefold()):
        models = _models(family)
        compared = "runs on this machine only" if _ours(models) else _month(family)
        yield f"| [{TITLES[family]}]({family}.md) | {len(models)} | {compared} |"


def _tables() -> Iterator[str]:
    """A table of each task's models, under the kind of what it makes."""
    for kind, title in _KINDS.items():
        by_task: dict[str, list[Model]] = {}
        for model in list_models(kind=kind):
            for task in model.tasks:
                by_task.setdefault(task, []).append(model)
        yield f"## {title} models\n"
        rare = sorted(task for task, models in by_task.items() if len(models) < _FEW)
        for task in sorted(by_task.keys() - set(rare), key=lambda one: (-len(by_task[one]), one)):
            yield f"### {task.capitalize()}\n"
            yield from _HEAD
            yield from (_overview(model) for model in by_task[task])
            yield ""
        if rare:
            yield f"### Other {title.lower()} tasks\n"
            yield f"| task {_HEAD[0]}"
            yield f"| --- {_HEAD[1]}"
            yield from (f"| {task} {_overview(model)}" for task in rare for model in by_task[task])
            yield ""


def _overview(model: Model) -> str:
    """The row of a model in the index."""
    family = next(name for name, ids in families().items() if model.id in ids)
    first, *others = say_price(model).split("; ")
    price = first + (", …" if others else "")
    return f"| [`{model.id}`]({family}.md#{anchor(model)}) | {', '.join(model.providers())} | {price} |"


def _page(family: str) -> Iterator[str]:
    models = _models(family)
    yield f"# {TITLES[family]}\n"
    yield "The fields, limits, price and providers of each model: [how to read this page](index.md#how-to-read-a-page)."
    if not _ours(models):
        yield f"They were last compared with the hosted service's documents and price list in {_month(family)}."
    yield ""
    if len(models) > 1:
        yield "| model | tasks |"
        yield "| --- | --- |"
        yield from (f"| [`{model.id}`](#{anchor(model)}) | {', '.join(model.tasks)} |" for model in models)
        yield ""
    for model in models:
        yield from _section(model)


def _section(model: Model) -> Iterator[str]:
    """One model."""
    yield f"## {model.id}\n"
    yield f"{model.title}.\n"
    yield f"- Tasks: {', '.join(model.tasks)}"
    yield f"- Providers: {_names(model.providers())}"
    yield f"- Price: {say_price(model)}"
    if model.aliases:
        yield f"- Other names: {_names(model.aliases)}"
    if model.status != "active":
        yield f"- Status: {model.status} at the hosted service"
    if model.licence:
        yield f"- Licence of the weights: {model.licence}"
    yield ""
    for number, form in enumerate(model.all_forms()):
        if number:
            yield "or\n"
        yield "| field | type | default | limits |"
        yield "| --- | --- | --- | --- |"
        yield from (_row(name, field) for name, field in rows(form))
        yield ""
    if needs := say_needs(model):
        yield f"{needs}\n"
    if model.note:
        yield f"{model.note}\n"
    yield "```json"
    yield json.dumps({"model": model.id, "input": example(model)}, ensure_ascii=False, indent=2)
    yield "```\n"


def _row(name: str, field: Field) -> str:
    """One field."""
    default = "" if field.default is None else f"`{json.dumps(field.default, ensure_ascii=False)}`"
    return f"| `{name}`{' *' if field.required else ''} | {type_name(field)} | {default} | {limits(field)} |"


def anchor(model: Model) -> str:
    """The section's anchor, as the site and GitHub make it."""
    return "".join(letter for letter in model.id.lower() if letter.isalnum() or letter in "-_")


def _models(family: str) -> list[Model]:
    return [get_model(name) for name in families()[family]]


def _ours(models: Iterable[Model]) -> bool:
    """Whether only this machine's engine runs these models."""
    return all(model.providers() == (LOCAL,) for model in models)


def _month(family: str) -> str:
    return f"{date.fromisoformat(checked()[family] + '-01'):%B %Y}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def main() -> None:
    """Write the pages, and remove those of families that are gone."""
    texts = pages()
    for page in FOLDER.glob("*.md"):
        if page.name not in texts:
            page.unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
