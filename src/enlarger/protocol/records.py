"""What goes over the wire, as records. Key order is the hosted service's; our additions come after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, Literal, TypeVar

import msgspec

Data = TypeVar("Data")
State = Literal["waiting", "queuing", "generating", "success", "fail"]
LONGEST_PAGE = 100
"""Tasks that a page of the list may have."""


TRACKS = "data"
"""The name under which a music task's result has its tracks."""
_TRACK_URLS = ("audio_url", "audioUrl")


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object of the protocol: camelCase on the wire, snake_case here, unknown fields passed over."""


class Made(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """Ours: who ran a task and what came out, so that nobody takes a local engine for a hosted model."""

    provider: str
    engine: str
    device: str | None = None
    """The CPU or GPU that it ran on, as its maker calls it."""
    precision: str | None = None
    """`f32`, `bf16`, `fp16` or `int8`."""
    note: str | None = None
    """Why another engine than the usual one was used, or in which model's place another one was."""
    network: str | None = None
    reason: str | None = None
    """Why this network was chosen, where the model leaves that open."""
    strength: int | None = None
    """Percent of the network's detail, where that is not all of it; the rest is a plain enlargement."""
    denoise: int | None = None
    """Percent of what can be removed of the picture's noise before it was enlarged, where some was."""
    width: int | None = None
    height: int | None = None
    source_width: int | None = None
    source_height: int | None = None
    seconds: float | None = None
    """What the engine took, without waiting in the queue."""


class Estimate(Wire, frozen=True, kw_only=True):
    """Ours: how long an open task will still take, in whole seconds; null where nothing is known."""

    starts_in: int | None
    """Until a provider begins; 0 once it has."""
    ends_in: int | None
    """Until its result is there."""


class TaskRecord(Wire, frozen=True, kw_only=True):
    """`data` of recordInfo, and of a callback."""

    task_id: str
    model: str
    state: State
    param: str
    """`{"input": "<JSON>", "model": …}`, with `callBackUrl` when one was given; `input` is encoded twice."""
    result_json: str = ""
    """`{"resultUrls": […]}` once the task has succeeded."""
    fail_code: str | None = None
    fail_msg: str | None = None
    cost_time: int | None = None
    """Whole seconds from creation to success; 0 on failure."""
    complete_time: int | None = None
    create_time: int
    """Milliseconds since 1970, as all times here."""
    credits_consumed: float | int = 0
    update_time: int | msgspec.UnsetType = msgspec.UNSET
    progress: int | msgspec.UnsetType = msgspec.UNSET
    """0 to 100."""
    enlarger: Made | msgspec.UnsetType = msgspec.UNSET
    estimate: Estimate | msgspec.UnsetType = msgspec.UNSET
    """Of an open task, in answers about that task alone."""

    @property
    def ended(self) -> bool:
        """Whether the state is terminal."""
        return self.state in ("success", "fail")

    @property
    def result_urls(self) -> list[str]:
        """The addresses of the results; none before success."""
        if not self.result_json:
            return []
        urls: list[str] = msgspec.json.decode(self.result_json).get("resultUrls", [])
        return urls


class AttemptRecord(Wire, frozen=True, kw_only=True):
    """One submission of a task to a provider, or why the provider was skipped."""

    provider: str
    """The provider's name."""
    state: Literal["skipped", "submitting", "accepted", "unknown", "succeeded", "failed"]
    """`unknown`: the provider may have accepted the task, so no other provider is asked."""
    reason: str | None = None
    """Why the attempt failed or was skipped."""
    started: int
    """Milliseconds since 1970."""
    ended: int | None = None
    """Milliseconds since 1970."""
    abandoned: bool = False
    """Whether the task continued, or ended, without this attempt."""


class WholeTask(Wire, frozen=True, kw_only=True):
    """`data` of one task, ours: its record, and what was done for it."""

    record: TaskRecord
    attempts: list[AttemptRecord]
    """Oldest first."""
    result_urls: list[str] = []
    """The links of the results; none before success."""


class TaskPage(Wire, frozen=True, kw_only=True):
    """`data` of the list of tasks, ours: newest first."""

    tasks: list[TaskRecord]
    next: str | None = None
    """What to give as `after` for the page after this one; null when there is none."""


class TaskEvent(Wire, frozen=True, kw_only=True):
    """`data` of an event in a task's stream, ours; the last one has the whole record beside these."""

    task_id: str
    state: State
    progress: int
    at: int


class CallbackTry(Wire, frozen=True, kw_only=True):
    """One try to deliver a callback."""

    number: int
    """1 for the first try."""
    at: int
    """Milliseconds since 1970."""
    duration: int
    """Milliseconds."""
    answer: str
    """The HTTP status, or why there was none."""
    ok: bool
    """Whether the app answered 2xx."""


class Deliveries(Wire, frozen=True, kw_only=True):
    """The state of a task's callback."""

    task_id: str
    state: Literal["no_callback", "not_ended", "pending", "delivered", "given_up"]
    """`no_callback`: the task has no callback URL. `not_ended`: the task has not ended yet."""
    to: str | None = None
    """The scheme and host of the callback URL; the rest may be a secret."""
    next_try: int | None = None
    """Milliseconds since 1970, while it is pending; in the past if it is due."""
    tries: list[CallbackTry] = []
    """The latest 100 tries, oldest first, as long as they are kept."""


class Problem(Wire, frozen=True):
    """Ours: something about a field of an input, as a fault or a warning."""

    field: str
    code: str
    message: str


class CreatedTask(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """`data` of createTask; the two ids are one."""

    task_id: str
    record_id: str
    warnings: list[Problem] = []
    """Ours: what was left out of the input, and why."""
    record: TaskRecord | msgspec.UnsetType = msgspec.UNSET
    """Ours: the whole task, if it has ended while the request waited for that (`Prefer: wait=n`)."""


class UploadedFile(Wire, frozen=True, kw_only=True):
    """`data` of an upload: a superset of what clients have been seen to read."""

    success: bool = True
    file_name: str
    file_path: str
    download_url: str
    file_url: str
    file_size: int
    mime_type: str
    uploaded_at: str


class Envelope(Wire, Generic[Data], frozen=True, kw_only=True, omit_defaults=True):
    """Every reply: `message` repeats `msg`, because clients read either."""

    success: bool | None = None
    """Only uploads have it."""
    code: int
    msg: str
    message: str
    data: Data | msgspec.UnsetType | None = msgspec.UNSET
    """Null on errors, and absent when the key is wrong."""
    errors: list[Problem] = []
    """Ours: all that is wrong with an input, one by one."""


def encode_param(request: Mapping[str, Any]) -> str:
    """The `param` of a record: the body of createTask, its `input` encoded twice, nulls left out.

    Apps find there what they sent along, such as ids of their own.
    """
    given = {name: value for name, value in request.items() if value is not None}
    return msgspec.json.encode({**given, "input": msgspec.json.encode(given["input"]).decode()}).decode()


def encode_callback(record: TaskRecord) -> dict[str, Any]:
    """The body of a callback; the task's id stands in it in all three places where receivers look for it."""
    data = msgspec.to_builtins(record) | {"task_id": record.task_id}
    if record.state == "success":
        return {"code": 200, "msg": "Playground task completed successfully.", "taskId": record.task_id, "data": data}
    data["resultJson"] = None
    return {"code": 501, "msg": "Playground task failed.", "taskId": record.task_id, "data": data}


def encode_object(data: Mapping[str, Any]) -> str:
    """The `resultJson` of a record whose result is no file."""
    return msgspec.json.encode({"resultObject": data}).decode()


def encode_result(urls: list[str], data: Mapping[str, Any] | None = None) -> str:
    """The `resultJson` of a task that has succeeded; `data` is what the provider says about the files.

    Tracks are listed as the hosted service lists them, with our own `urls`; apps need their ids to extend a song.
    """
    result: dict[str, Any] = {"resultUrls": urls}
    if data is not None and isinstance(data.get(TRACKS), list):
        result[TRACKS] = _own_tracks(data[TRACKS], urls)
    elif data is not None:
        result["resultObject"] = data
    return msgspec.json.encode(result).decode()


def track_url(track: Any) -> str | None:
    """The address of a track's sound; None for what is not a track."""
    urls = (track.get(name) for name in _TRACK_URLS) if isinstance(track, Mapping) else ()
    return next((url for url in urls if isinstance(url, str) and url), None)


def _own_tracks(tracks: list[Any], urls: list[str]) -> list[Any]:
    """The tracks with our `urls`, in the same order, in place of the provider's, which expire."""
    links = dict(zip(filter(None, map(track_url, tracks)), urls, strict=False))
    return [
        {name: links.get(value, value) if isinstance(value, str) else value for name, value in track.items()}
        if isinstance(track, dict)
        else track
        for track in tracks
    ]
