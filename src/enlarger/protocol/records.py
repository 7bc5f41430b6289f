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
    """An extension: which provider ran the task, and what came out. Fields that do not apply are absent."""

    provider: str
    """The provider's name: `kie`, `replicate`, `fal`, `local` or `sandbox`."""
    engine: str
    """The engine of this machine, or the provider's name; `lanczos` for a plain enlargement."""
    device: str | None = None
    """The CPU or GPU that it ran on, as its maker calls it."""
    precision: str | None = None
    """`f32`, `bf16`, `fp16` or `int8`."""
    note: str | None = None
    """Why another engine or another model than usual was used."""
    network: str | None = None
    """The network that enlarged the image; `own/NAME@DIGEST` for one of the user's own."""
    reason: str | None = None
    """Why this network was chosen, if the model does not decide it."""
    strength: int | None = None
    """Percent of the network's detail in the result, if less than 100; the rest is a plain enlargement."""
    denoise: int | None = None
    """Percent of noise removal before enlarging, if noise was removed."""
    width: int | None = None
    """The result's width in pixels."""
    height: int | None = None
    """The result's height."""
    source_width: int | None = None
    """The source's width."""
    source_height: int | None = None
    """The source's height."""
    seconds: float | None = None
    """Seconds that it ran, without the time in the queue."""


class Estimate(Wire, frozen=True, kw_only=True):
    """An extension: how long an open task will still take, in whole seconds; null if nothing is known."""

    starts_in: int | None
    """Seconds until a provider begins; 0 once it has."""
    ends_in: int | None
    """Seconds until the result is there."""


class TaskRecord(Wire, frozen=True, kw_only=True):
    """A task: `data` of recordInfo, of a callback, and of other replies. All times are milliseconds since 1970."""

    task_id: str
    """The task's id."""
    model: str
    """The model's id."""
    state: State
    """`success` and `fail` are final."""
    param: str
    """The request as JSON text, with the input as the model got it; `input` in it is JSON text again."""
    result_json: str = ""
    """`{"resultUrls": […]}` as JSON text once the task has succeeded; empty before, and after a failure."""
    fail_code: str | None = None
    """The code of the failure, such as `422`, `501` or `cancelled`."""
    fail_msg: str | None = None
    """Why the task has failed."""
    cost_time: int | None = None
    """Whole seconds from creation to success; 0 after a failure, null before the end."""
    complete_time: int | None = None
    """When the task ended."""
    create_time: int
    """When the task was created."""
    credits_consumed: float | int = 0
    """What the task has cost; 0 before its end."""
    update_time: int | msgspec.UnsetType = msgspec.UNSET
    """An extension: when the record last changed."""
    progress: int | msgspec.UnsetType = msgspec.UNSET
    """An extension: 0 to 100."""
    enlarger: Made | msgspec.UnsetType = msgspec.UNSET
    """An extension, once the task has succeeded: which provider ran it."""
    estimate: Estimate | msgspec.UnsetType = msgspec.UNSET
    """An extension, only while the task is open and in replies about one task: how long it will still take."""

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
    """One submission of a task to a provider, or the reason why a provider was skipped."""

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
    """A task's record, and what was done for it."""

    record: TaskRecord
    attempts: list[AttemptRecord]
    """Oldest first."""
    result_urls: list[str] = []
    """The links of the results; none before success."""


class TaskPage(Wire, frozen=True, kw_only=True):
    """A page of the list of tasks."""

    tasks: list[TaskRecord]
    """Newest first."""
    next: str | None = None
    """The `after` of the next page; null on the last page."""


class TaskEvent(Wire, frozen=True, kw_only=True):
    """`data` of an event in a task's stream; the last one has the whole record as well."""

    task_id: str
    """The task's id."""
    state: State
    progress: int
    """0 to 100."""
    at: int
    """When it happened."""


class CallbackTry(Wire, frozen=True, kw_only=True):
    """One try to deliver a callback."""

    number: int
    """1 for the first try."""
    at: int
    """Milliseconds since 1970."""
    duration: int
    """How long it took, in milliseconds."""
    answer: str
    """The HTTP status, or why there was none."""
    ok: bool
    """Whether the app answered 2xx."""


class Deliveries(Wire, frozen=True, kw_only=True):
    """The state of a task's callback."""

    task_id: str
    """The task's id."""
    state: Literal["no_callback", "not_ended", "pending", "delivered", "given_up"]
    """`no_callback`: the task has no callback URL. `not_ended`: the task has not ended yet."""
    to: str | None = None
    """The scheme and host of the callback URL; the rest may be a secret."""
    next_try: int | None = None
    """Milliseconds since 1970, while it is pending; in the past if it is due."""
    tries: list[CallbackTry] = []
    """The latest 100 tries, oldest first, as long as they are kept."""


class Problem(Wire, frozen=True):
    """A problem with a field of an input, or a warning about it."""

    field: str
    """The field's name, such as `image_urls` or `shots[1].duration`."""
    code: str
    """What is wrong, for programs."""
    message: str
    """What is wrong, in a sentence."""


class CreatedTask(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A new task."""

    task_id: str
    """The task's id."""
    record_id: str
    """The same id."""
    warnings: list[Problem] = []
    """An extension: what was left out of the input, and why; absent if nothing was."""
    record: TaskRecord | msgspec.UnsetType = msgspec.UNSET
    """An extension: the task's record, if the request waited for the end (`Prefer: wait=n`) and the task has ended."""


class UploadedFile(Wire, frozen=True, kw_only=True):
    """An uploaded file."""

    success: bool = True
    file_name: str
    """The file's name, with an extension for its type if it had none."""
    file_path: str
    """The folder in `uploadPath`, and the name."""
    download_url: str
    """The file's link, to be used in a task's input; it expires with the file."""
    file_url: str
    """The same link."""
    file_size: int
    """Bytes."""
    mime_type: str
    """The type, by the file's first bytes."""
    uploaded_at: str
    """When it was uploaded, in ISO 8601."""


class Envelope(Wire, Generic[Data], frozen=True, kw_only=True, omit_defaults=True):
    """The envelope of a reply."""

    success: bool | None = None
    """Only replies to uploads have it."""
    code: int
    """200, or the code of the error."""
    msg: str
    """`success`, or the error in a sentence."""
    message: str
    """The same as `msg`."""
    data: Data | msgspec.UnsetType | None = msgspec.UNSET
    """The reply's content. Null in errors; absent in errors of uploads and if the key is wrong."""
    errors: list[Problem] = []
    """An extension: everything that is wrong with an input; absent in other replies."""


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
