"""What templates show of a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from mimetypes import guess_type
from textwrap import shorten
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from enlarger.catalog import get_model
from enlarger.catalog.messages import Translate
from enlarger.catalog.model import LOCAL
from enlarger.console.drafts import ENLARGER, draft_of, draft_with
from enlarger.console.thumbnails import thumbnail_url
from enlarger.errors import InvalidInput
from enlarger.infra.links import Links
from enlarger.protocol.codes import CANCELLED
from enlarger.protocol.records import Made, State
from enlarger.providers.registry import spec_of
from enlarger.tasks.records import ResultFile, Task
from enlarger.tasks.wire import shown_state, to_number

STATES: tuple[State, ...] = ("waiting", "generating", "success", "fail")
"""The states as the API reports them, in the order in which a task passes through them."""
_PROMPT = 90
"""The characters of a prompt that lists show."""
_NOTHING = Made(provider="", engine="")


@dataclass(frozen=True)
class ResultView:
    """One file of a result."""

    url: str
    name: str
    media: str
    """`image`, `video`, `audio` or another main type."""


@dataclass(frozen=True)
class TaskView:
    """A task in words and links, for templates."""

    id: str
    account: str
    title: str
    about: str
    """What tells it from others of the same model: the beginning of its prompt, or the name of its first picture."""
    state: State
    state_name: str
    cancelled: bool
    """Whether it was called off, rather than having failed."""
    ended: bool
    progress: int
    created_at: datetime
    duration: str
    """How long it took; empty while it is open."""
    credits: str
    """What was charged; empty while it is open."""
    reserved: str
    problem: str
    """Why it failed; empty unless it did."""
    results: tuple[ResultView, ...]
    source: str | None
    """The link to its input picture, if that is stored by this service."""
    thumbnail: str | None
    """The path of a small picture for lists: of the input if that is stored here, or of the result. A session may see
    those of its own account, and an administrator all."""
    made: Made
    data: str
    """A result that is no file, as JSON; empty if there is none."""
    again: str
    """A draft of the same request, for the studio's script."""
    upscales: bool
    """Whether the model enlarges pictures."""

    @property
    def shown_as(self) -> str:
        """What its state looks like."""
        return "cancelled" if self.cancelled else self.state

    @property
    def reused(self) -> str | None:
        """A draft that has the first file of the result as its input."""
        return draft_with(self.results[0].url, self.results[0].name).encode() if self.results else None

    @property
    def enlarging(self) -> str | None:
        """A draft that enlarges the picture of the result."""
        return draft_with(self.picture.url, self.picture.name, model=ENLARGER).encode() if self.picture else None

    @property
    def picture(self) -> ResultView | None:
        """The first picture of the result."""
        return next((result for result in self.results if result.media == "image"), None)

    @property
    def enlarged(self) -> bool:
        """Whether the result can be laid over its source: it has the same aspect ratio, or comes from an upscaler."""
        made = self.made
        if not (made.width and made.height and made.source_width and made.source_height):
            return self.upscales
        return abs(made.width / made.height / (made.source_width / made.source_height) - 1) < 0.02


def view_task(task: Task, links: Links, tr: Translate) -> TaskView:
    """Build the view of a task."""
    state, cancelled = shown_state(task.state), task.fail_code == CANCELLED
    files = task.result.files if task.result else ()
    results = tuple(
        ResultView(links.make(file.id, file.name, file.expires_at), file.name, _media(file.name)) for file in files
    )
    source = next(_pictures(task.input, links), None)
    return TaskView(
        id=task.id,
        account=task.account_id,
        about=_shortened(task.input.get("prompt")) or _shortened(_file_name(source)),
        title=model_title(task.model),
        state=state,
        state_name=tr("Cancelled") if cancelled else state_name(state, tr),
        cancelled=cancelled,
        ended=task.ended,
        progress=task.progress,
        created_at=task.created_at,
        duration=say_seconds((task.completed_at - task.created_at).total_seconds(), tr) if task.completed_at else "",
        credits=say_credits(task.credits_consumed, tr) if task.ended else "",
        reserved=say_credits(task.credits_reserved, tr),
        problem=tr("The task was cancelled.") if cancelled else task.fail_message or task.fail_code or "",
        results=results,
        source=source,
        thumbnail=_thumbnail(source, files),
        made=task.result.made if task.result else _NOTHING,
        data=_data(task),
        again=draft_of(task, links).encode(),
        upscales="upscale" in _abilities(task.model),
    )


def _data(task: Task) -> str:
    data = task.result.data if task.result else None
    return msgspec.json.format(msgspec.json.encode(data)).decode() if data else ""


def _abilities(model_id: str) -> tuple[str, ...]:
    try:
        return get_model(model_id).tasks
    except InvalidInput:
        return ()


def _thumbnail(source: str | None, files: Sequence[ResultFile]) -> str | None:
    """Return the path of a task's thumbnail; a picture of the result is preferred to its other files."""
    if source:
        return thumbnail_url(source.split("/")[2])
    pictures = [file for file in files if _media(file.name) == "image"]
    first = next(iter(pictures or files), None)
    return thumbnail_url(first.id) if first else None


def _file_name(link: str | None) -> str:
    return unquote(urlsplit(link).path.rpartition("/")[2]) if link else ""


def _shortened(value: Any) -> str:
    return shorten(value, _PROMPT, placeholder="…") if isinstance(value, str) else ""


def provider_title(name: str | None, tr: Translate) -> str:
    """Return a provider's title; None is a task that no provider has yet."""
    if name is None:
        return tr("none yet")
    if name == LOCAL:
        return tr("This machine")
    try:
        spec = spec_of(name)
    except KeyError:  # it has been removed since
        return name
    return tr("Sandbox") if spec.simulates else spec.title


def model_title(model_id: str) -> str:
    """Return a model's title, or its id if it is no longer in the catalogue."""
    try:
        return get_model(model_id).title
    except InvalidInput:
        return model_id


def state_name(state: State, tr: Translate) -> str:
    """Return the name of a state."""
    names = {
        "waiting": tr("Waiting"),
        "queuing": tr("Waiting"),
        "generating": tr("Running"),
        "success": tr("Done"),
        "fail": tr("Failed"),
    }
    return names[state]


def say_credits(credits: Any, tr: Translate) -> str:
    """Format an amount of credits."""
    return tr("Free") if not credits else tr.tr_count("{n} credit", "{n} credits", to_number(credits))


def say_seconds(seconds: float, tr: Translate) -> str:
    """Format a duration, roughly."""
    if seconds < 90:
        return tr.tr_count("{n} second", "{n} seconds", round(seconds, 1) if seconds < 10 else round(seconds))
    if seconds < 7200:
        return tr.tr_count("{n} minute", "{n} minutes", round(seconds / 60))
    return tr.tr_count("{n} hour", "{n} hours", round(seconds / 3600))


def stored_sources(values: Any, links: Links) -> Iterator[tuple[str, str]]:
    """Yield the ids and links of an input's files that are stored by this service, as far as the links are valid."""
    match values:
        case str() if "/files/" in values:
            parts = urlsplit(values)
            path = f"{parts.path}?{parts.query}"
            try:
                found = links.check(path)
            except TimeoutError:
                return
            if found:
                yield found, path
        case dict():
            for value in values.values():
                yield from stored_sources(value, links)
        case list():
            for value in values:
                yield from stored_sources(value, links)


def _pictures(values: Any, links: Links) -> Iterator[str]:
    """Yield the link paths of an input's stored pictures."""
    return (path for _, path in stored_sources(values, links) if _media(urlsplit(path).path) == "image")


def _media(name: str) -> str:
    return (guess_type(name)[0] or "").partition("/")[0]
