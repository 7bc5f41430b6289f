"""What a client gives back: frozen records, read leniently, with everything that came kept in `raw`."""

from __future__ import annotations

import re
from abc import ABCMeta
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, cast

import msgspec

from enlarger.catalog import Credits, InputIssue
from enlarger.errors import ProtocolError, TaskCancelled, TaskFailed
from enlarger.protocol.codes import CANCELLED
from enlarger.protocol.records import TRACKS, track_url

Json = Mapping[str, Any]

_ENDED = ("success", "fail")
_CODE = re.compile("[0-9]{1,6}", re.ASCII)
_OF_FILES = ("resultUrls", "resultUrl")
_NOT_SHOWN = ("raw", "input", "status", "url", "callback_url")
"""Long fields, which would hide the rest, and links, which anybody who reads a log could open."""
_COUNTED = ("urls",)
_LONGEST_SHOWN = 200
"""Characters of a value."""


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record that prints as one line, without empty fields, links, and the raw record."""

    def __repr__(self) -> str:
        values = ((name, getattr(self, name)) for name in self.__struct_fields__ if name not in _NOT_SHOWN)
        told = ((name, value) for name, value in values if value is not None and value != ())
        said = (f"{name}=<{len(value)}>" if name in _COUNTED else f"{name}={_cut(repr(value))}" for name, value in told)
        return f"{type(self).__name__}({', '.join(said)})"


class _MappingMeta(msgspec.StructMeta, ABCMeta):
    """Of records that are mappings as well."""


class TaskStatus(_Record, Mapping[str, Any], metaclass=_MappingMeta, frozen=True, kw_only=True):
    """A task's record, as the service last answered it.

    It is also a mapping of the original record, which is in `raw`, too: `status["state"]`, `status.get("failMsg")`,
    `dict(status)`. Two are equal if their records are.
    """

    task_id: str
    state: str
    """`waiting`, `queuing`, `generating`, `success` or `fail`. Any other word means that the task has not ended."""
    model: str | None = None
    """The model's id."""
    input: Json | None = None
    """The input, as it was sent."""
    callback_url: str | None = None
    """The callback URL, if the task has one."""
    urls: tuple[str, ...] = ()
    """The URLs of the result's files; empty before success."""
    data: Any = None
    """The result of a model that makes no files, or more about the files, such as a song's tracks."""
    fail_code: str | None = None
    """The code of the failure; `cancelled` for a cancelled task of an Enlarger service."""
    fail_message: str | None = None
    """The reason of the failure."""
    progress: int | None = None
    """Percent, if the service reports it."""
    credits: float | None = None
    """The credits that were charged."""
    seconds: float | None = None
    """The task's duration, as the service counts it."""
    starts_in: float | None = None
    """Estimated seconds until a provider starts the task; only from an Enlarger service."""
    ends_in: float | None = None
    """Estimated seconds until the task ends; only from an Enlarger service."""
    created_at: datetime | None = None
    """When the task was created, in UTC."""
    completed_at: datetime | None = None
    """When the task ended, in UTC."""
    raw: Json
    """The record as it was received."""

    @property
    def ended(self) -> bool:
        """Whether the state is `success` or `fail`."""
        return self.state in _ENDED

    @property
    def succeeded(self) -> bool:
        """Whether the task has succeeded and the record has its result."""
        return self.state == "success" and bool(self.urls or self.data is not None)

    @property
    def failed(self) -> bool:
        """Whether the state is `fail`; a cancelled task has failed, too."""
        return self.state == "fail"

    def __getitem__(self, name: str) -> Any:
        return self.raw[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __eq__(self, other: object) -> bool:
        return dict(self.raw) == dict(other) if isinstance(other, Mapping) else NotImplemented

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def raise_failure(self) -> None:
        """Raise TaskFailed, or TaskCancelled, if the task has failed."""
        if not self.failed:
            return
        kind = TaskCancelled if self.fail_code == CANCELLED else TaskFailed
        code = int(self.fail_code) if self.fail_code and _CODE.fullmatch(self.fail_code) else TaskFailed.code
        reason = self.fail_message or "it gave no reason"
        error = kind(f"Task {self.task_id} failed: {reason}", task_id=self.task_id, code=code)
        error.fail_code = self.fail_code
        error.credits = self.credits
        raise error


class TaskPage(list[TaskStatus]):
    """One page of a list of tasks: a list of `TaskStatus`."""

    def __init__(self, tasks: Iterable[TaskStatus], next: str | None) -> None:
        super().__init__(tasks)
        self.next = next
        """The `after` of the next page; None on the last page."""


class Result(_Record, frozen=True, kw_only=True):
    """The result of a task."""

    task_id: str
    model: str | None
    """The model's id."""
    urls: tuple[str, ...]
    """The URLs of the files. Services delete results after some days: download what you want to keep."""
    data: Any = None
    """The result of a model that makes no files, or more about the files, such as a song's tracks."""
    credits: float | None = None
    """The credits that were charged."""
    seconds: float | None = None
    """The task's duration, as the service counts it."""
    warnings: tuple[InputIssue, ...] = ()
    """Problems with the input that did not prevent the task; only if this client created it."""
    status: TaskStatus
    """The whole record."""

    @property
    def url(self) -> str:
        """The URL of the first file. Raises ProtocolError if the model made none."""
        if not self.urls:
            raise ProtocolError(f"Task {self.task_id} made no file.", remedy="Its result is in `data`.")
        return self.urls[0]


class Quote(Credits, frozen=True):
    """The price of a task, and whether cancelling it gives the credits back."""

    refund_on_cancel: Literal["unpaid", "all"] | None = None
    """`all`: always. `unpaid`: only if no provider was, or may have been, paid. None: the service does not say."""
    warnings: tuple[InputIssue, ...] = ()
    """Problems with the input that would not prevent the task, such as a field that the model does not have."""


class UploadedFile(_Record, frozen=True, kw_only=True):
    """A file that was uploaded for the inputs of tasks. Services delete it after some days."""

    url: str
    """The link to give as a task's input."""
    name: str | None = None
    """The file's name at the service."""
    size: int | None = None
    """Bytes."""
    mime_type: str | None = None
    """The file's type, such as `image/png`."""
    raw: Json
    """The answer's `data` as it was received."""


class ModelInfo(_Record, frozen=True, kw_only=True):
    """A model, as the service lists it."""

    id: str
    """The name to give as `model`."""
    title: str | None = None
    """The name for people."""
    tasks: tuple[str, ...] = ()
    """What the model does, such as `text-to-image`."""
    description: str | None = None
    pricing: str | None = None
    """The price in words."""
    switched_off: bool = False
    """Whether the service's operator has switched the model off."""
    raw: Json
    """The entry as it was received."""


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """A task that was made."""

    task_id: str
    warnings: tuple[InputIssue, ...] = ()


def read_submitted(data: Any) -> Submitted:
    """`data` of createTask; only our service adds warnings. Raises ProtocolError."""
    task_id = data.get("taskId") if isinstance(data, Mapping) else None
    if not isinstance(task_id, str) or not task_id:
        raise ProtocolError("The answer to createTask has no taskId.", remedy="Check the base URL (KIE_BASE_URL).")
    return Submitted(task_id=task_id, warnings=_read_warnings(data))


def read_status(data: Any) -> TaskStatus:
    """A record of recordInfo, of a callback, or of our list. Raises ProtocolError for what is none."""
    if not isinstance(data, Mapping):
        raise ProtocolError("The answer has no task's record.", remedy="Check the base URL (KIE_BASE_URL).")
    task_id = data.get("taskId") or data.get("task_id") or data.get("recordId")
    state = data.get("state")
    if not isinstance(task_id, str) or not isinstance(state, str):
        raise ProtocolError("The task's record has no taskId or no state.", remedy="Check the base URL (KIE_BASE_URL).")
    param = _json(data.get("param"))
    param = param if isinstance(param, Mapping) else {}
    input = _json(param.get("input"))
    urls, made = _read_result(data.get("resultJson"))
    estimate = data.get("estimate")
    estimate = estimate if isinstance(estimate, Mapping) else {}
    return TaskStatus(
        task_id=task_id,
        state=state,
        model=_text(data.get("model")) or _text(param.get("model")),
        input=input if isinstance(input, Mapping) else None,
        callback_url=_text(param.get("callBackUrl")),
        urls=urls,
        data=made,
        fail_code=_text(data.get("failCode")),
        fail_message=_text(data.get("failMsg")),
        progress=_whole(data.get("progress")),
        credits=_number(data.get("creditsConsumed")),
        seconds=_number(data.get("costTime")),
        starts_in=_number(estimate.get("startsIn")),
        ends_in=_number(estimate.get("endsIn")),
        created_at=_time(data.get("createTime")),
        completed_at=_time(data.get("completeTime")),
        raw=dict(data),
    )


def to_result(status: TaskStatus) -> Result:
    """The result of a task that has ended. Raises TaskFailed or TaskCancelled."""
    status.raise_failure()
    return Result(
        task_id=status.task_id,
        model=status.model,
        urls=status.urls,
        data=status.data,
        credits=status.credits,
        seconds=status.seconds,
        status=status,
    )


def read_quote(data: Any) -> Quote:
    """`data` of a quote."""
    refund = data.get("refundOnCancel")
    known = cast(Literal["unpaid", "all"], refund) if refund in ("unpaid", "all") else None
    return Quote(
        data.get("credits"),
        exact=bool(data.get("exact")),
        why=data.get("why"),
        refund_on_cancel=known,
        warnings=_read_warnings(data),
    )


def _read_warnings(data: Mapping[str, Any]) -> tuple[InputIssue, ...]:
    """What our service finds odd about an input."""
    try:
        return msgspec.convert(data.get("warnings") or (), tuple[InputIssue, ...])
    except msgspec.ValidationError:
        return ()


def read_upload(data: Any) -> UploadedFile:
    """`data` of an upload. Raises ProtocolError."""
    url = data.get("downloadUrl") or data.get("fileUrl") if isinstance(data, Mapping) else None
    if not isinstance(url, str):
        raise ProtocolError("The answer to the upload has no downloadUrl.", remedy="Check KIE_UPLOAD_URL.")
    return UploadedFile(
        url=url,
        name=_text(data.get("fileName")),
        size=_whole(data.get("fileSize")),
        mime_type=_text(data.get("mimeType")),
        raw=dict(data),
    )


def read_models(data: Any) -> list[ModelInfo]:
    """`data` of the list of models."""
    listed = data.get("models") if isinstance(data, Mapping) else data
    if not isinstance(listed, list):
        raise ProtocolError("The answer has no list of models.", remedy="Check the base URL (KIE_BASE_URL).")
    return [
        ModelInfo(
            id=str(entry["model"]),
            title=_text(entry.get("title")),
            tasks=_words(entry.get("taskType")),
            description=_text(entry.get("description")),
            pricing=_text(entry.get("pricingDesc")),
            switched_off=entry.get("switchedOff") is True,
            raw=dict(entry),
        )
        for entry in listed
        if isinstance(entry, Mapping) and entry.get("model")
    ]


def _read_result(value: Any) -> tuple[tuple[str, ...], Any]:
    """`resultJson`: JSON in a string, as objects in older documents, empty while there is nothing."""
    result = _json(value)
    if not isinstance(result, Mapping):
        return (), None
    urls = result.get("resultUrls") or result.get("resultUrl") or ()
    urls = (urls,) if isinstance(urls, str) else urls
    found = tuple(url for url in urls if isinstance(url, str)) if isinstance(urls, list | tuple) else ()
    tracks = _tracks(result)
    songs = tuple(url for url in map(track_url, tracks) if url is not None)
    if songs and (not found or set(songs) == set(found)):
        return songs, {TRACKS: tracks}
    if "resultObject" in result:
        return found, result["resultObject"]
    others = {name: value for name, value in result.items() if name not in _OF_FILES}
    return found, None if found else others or None


def _tracks(result: Mapping[str, Any]) -> list[Any]:
    """The songs of a music task; empty for other results."""
    tracks = result.get(TRACKS)
    return tracks if isinstance(tracks, list) else []


def _json(value: Any) -> Any:
    """What a string holds as JSON; what came as an object stays one, and what is neither is None."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value) if value.strip() else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _time(value: Any) -> datetime | None:
    """Milliseconds since 1970."""
    number = _number(value)
    try:
        return None if not number else datetime.fromtimestamp(number / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _words(value: Any) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    return tuple(str(word) for word in words) if isinstance(words, list) else ()
