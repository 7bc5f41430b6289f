"""The stand-in without its sockets: a request goes in, an answer comes out."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from enlarger.engines.media import empty_video, silence
from enlarger.protocol.extensions import HEADER
from enlarger.testing.account import Account
from enlarger.testing.clock import Clock
from enlarger.testing.exchange import (
    Answer,
    Refused,
    Request,
    file,
    not_found,
    refusal,
    success,
    upload_refusal,
    uploaded,
    with_headers,
)
from enlarger.testing.fate import Fate, Fates
from enlarger.testing.faults import FaultInjector, KieErrorStyle, apply_fault
from enlarger.testing.models import describe_model, describe_models
from enlarger.testing.new_task import ParsedRequest, parse_create_task, read_object
from enlarger.testing.pictures import draw_picture
from enlarger.testing.recorded import Notes
from enlarger.testing.tasks import Task
from enlarger.testing.uploads import Uploads

RESULT_SECONDS = 14 * 86_400
"""How long results are kept."""
LINK_SECONDS = 20 * 60
"""How long a link of download-url is good for."""
_MODELS = "/api/v1/models"
_EXACT = {
    "/api/v1/jobs/createTask": ("POST", "createTask"),
    "/api/v1/jobs/recordInfo": ("GET", "recordInfo"),
    "/api/v1/chat/credit": ("GET", "credit"),
    "/api/v1/common/download-url": ("POST", "download-url"),
    _MODELS: ("GET", "models"),
}
_ERROR_STYLE = KieErrorStyle()
_UPLOADS = {f"/api/file-{way}-upload": way for way in ("stream", "base64", "url")}

Seconds = Callable[[str, Mapping[str, Any]], float]
"""How long a task of this model with this input takes."""


class Service:
    """The hosts of the API, of uploads and of results. Their URLs are to be set before the first request."""

    def __init__(
        self,
        *,
        api_key: str,
        account: Account,
        fault_injector: FaultInjector,
        notes: Notes,
        seconds: Seconds,
        extensions: tuple[str, ...],
        fate: Fates,
        on_created: Callable[[Task], None],
        clock: Clock,
    ) -> None:
        self.base_url = ""
        self.results_url = ""
        self.upload_url = ""
        self._api_key = api_key
        self._account = account
        self._fault_injector = fault_injector
        self._seconds = seconds
        self._extensions = extensions
        self._fate = fate
        self._on_created = on_created
        self._clock = clock
        self._uploads = Uploads(clock)
        self._notes = notes

    def answer_api(self, request: Request) -> Answer:
        """The API host's answer."""
        route = _api_route(request.path)
        answer = self._answer(request, route, partial(self._api, request, route))
        if not self._extensions or answer.headers.get("Content-Type", "").startswith("text/html"):
            return answer  # a web page is something else's on the way, and does not speak for the service
        return with_headers(answer, {HEADER: ", ".join(self._extensions)})

    def answer_upload(self, request: Request) -> Answer:
        """The upload host's answer."""
        route = "upload" if request.path in _UPLOADS else "files"
        return self._answer(request, route, partial(self._upload, request))

    def answer_results(self, request: Request) -> Answer:
        """The answer of the host that keeps results."""
        if not request.path.startswith(("/results/", "/downloads/")):
            return self._answer(request, "unknown", lambda: not_found(request.path, self._clock()))
        return self._answer(request, "results", lambda: self._result_file(request.path))

    def _answer(self, request: Request, route: str, carry_out: Callable[[], Answer]) -> Answer:
        incident = self._fault_injector.draw(route, _task_id(request, route))
        answer = apply_fault(incident, route, carry_out, _ERROR_STYLE) if incident else carry_out()
        self._notes.add(request, route, answer)
        return answer

    def _api(self, request: Request, route: str) -> Answer:
        try:
            return self._api_answer(request, route)
        except Refused as refused:
            return refusal(refused.code, refused.message)

    def _api_answer(self, request: Request, route: str) -> Answer:
        if route == "unknown":
            return not_found(request.path, self._clock())
        self._check_key(request)
        method = _EXACT[request.path][0] if request.path in _EXACT else "GET"
        if request.method != method:
            raise Refused(405, f"Request method '{request.method}' is not supported")
        match route:
            case "createTask":
                return self._create_task(request)
            case "recordInfo":
                return self._record_info(request)
            case "credit":
                return success(self._account.balance())
            case "download-url":
                return self._download_url(request)
            case _:
                path = request.path.removeprefix(_MODELS).lstrip("/")
                return success(describe_model(path) if path else describe_models())

    def _create_task(self, request: Request) -> Answer:
        wanted = parse_create_task(request.body)
        fate = self._fate(wanted.model.id, wanted.input)
        create = partial(self._make_task, request, wanted, fate)
        incident = fate.incident(fate.submit)
        return apply_fault(incident, "createTask", create, _ERROR_STYLE) if incident else create()

    def _make_task(self, request: Request, wanted: ParsedRequest, fate: Fate) -> Answer:
        key = request.headers.get("idempotency-key") if "idempotency-key" in self._extensions else None
        seconds = self._seconds(wanted.model.id, wanted.input)
        task, replayed = self._account.create(wanted, seconds=seconds, fate=fate, idempotency_key=key)
        answer = success({"taskId": task.id, "recordId": task.id})
        if replayed:
            return with_headers(answer, {"Idempotent-Replayed": "true"})
        self._fault_injector.script("recordInfo", map(fate.incident, fate.polls), task.id)
        self._fault_injector.script("results", map(fate.incident, fate.downloads), task.id)
        self._on_created(task)
        return answer

    def _record_info(self, request: Request) -> Answer:
        self._account.count_query()
        task = self._account.find(request.query.get("taskId", ""))
        return success(task.record(self._clock(), self.results_url))

    def _download_url(self, request: Request) -> Answer:
        url = str(read_object(request.body).get("url"))
        name = url.removeprefix(f"{self.results_url}/results/")
        if name == url or not self._has_file(name):
            raise Refused(422, "url is wrong")
        return success(f"{self.results_url}/downloads/{int(self._clock()) + LINK_SECONDS}/{name}")

    def _result_file(self, path: str) -> Answer:
        _, kind, *rest = path.split("/")
        name = rest[-1]
        expired = kind == "downloads" and not (rest[0].isdecimal() and self._clock() < int(rest[0]))
        if expired or not self._has_file(name):
            return not_found(path, self._clock())
        if name.endswith(".mp4"):
            return file(empty_video(), "video/mp4")
        if name.endswith(".wav"):
            return file(silence(), "audio/wav")
        return file(draw_picture(name), "image/png")

    def _has_file(self, name: str) -> bool:
        try:
            task = self._account.find(name.partition("-")[0])
        except Refused:
            return False
        now = self._clock()
        return name in task.files and task.state(now) == "success" and now < task.ends + RESULT_SECONDS

    def _upload(self, request: Request) -> Answer:
        way = _UPLOADS.get(request.path)
        if way is None:
            stored = self._uploads.get(request.path.lstrip("/")) if request.method in ("GET", "HEAD") else None
            return file(stored.content, stored.mime_type) if stored else not_found(request.path, self._clock())
        try:
            if request.method != "POST":
                raise Refused(405, f"Request method '{request.method}' is not supported")
            self._check_key(request)
            return uploaded(self._uploads.take(way, request, self.upload_url))
        except Refused as refused:
            return upload_refusal(refused.code, refused.message)

    def _check_key(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._api_key}".encode()):
            raise Refused(401, "You do not have access permissions")


def _api_route(path: str) -> str:
    if path in _EXACT:
        return _EXACT[path][1]
    if path.startswith(f"{_MODELS}/"):
        return "models"
    return "unknown"


def _task_id(request: Request, route: str) -> str:
    """The task that a request is about; empty for others."""
    if route == "results":
        return request.path.rpartition("/")[2].partition("-")[0]
    return request.query.get("taskId", "") if route == "recordInfo" else ""
