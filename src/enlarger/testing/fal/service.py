"""fal's API without its sockets: a request goes in, an answer comes out."""

from __future__ import annotations

import hmac
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from enlarger.errors import InvalidInput
from enlarger.protocol.inline import check_url
from enlarger.testing.clock import Clock
from enlarger.testing.exchange import Answer, Refused, Request, file, json_answer
from enlarger.testing.fal.answers import FalErrorStyle, not_found, problem
from enlarger.testing.fal.request import KEPT_SECONDS, Failure, FalRequest
from enlarger.testing.fal.requests import FalRequests, ParsedRequest
from enlarger.testing.fate import Fate, Fates
from enlarger.testing.faults import FaultInjector, apply_fault
from enlarger.testing.new_task import read_object
from enlarger.testing.pictures import draw_picture
from enlarger.testing.recorded import Notes
from enlarger.testing.routed import Priced, check_input, models_at
from enlarger.testing.service import Seconds
from enlarger.testing.uploads import StoredFile, Uploads

_ERROR_STYLE = FalErrorStyle()
_OF_A_REQUEST = r"/((?:[^/]+/){1,2}[^/]+)/requests/([^/]+)"
_ROUTES: tuple[tuple[str, str, str], ...] = (
    ("POST", r"/storage/upload/initiate", "initiate"),
    ("POST", r"/storage/auth/token", "token"),
    ("PUT", r"/uploads/([^/]+)", "upload"),
    ("GET", r"/files/([^/]+)", "files"),
    ("GET", r"/results/([^/]+)", "results"),
    ("GET", r"/\.well-known/jwks\.json", "keys"),
    ("GET", rf"{_OF_A_REQUEST}/status", "status"),
    ("PUT", rf"{_OF_A_REQUEST}/cancel", "cancel"),
    ("GET", _OF_A_REQUEST, "result"),
    ("POST", r"/((?:[^/]+/)+[^/]+)", "submit"),
)
_WITHOUT_KEY = ("upload", "files", "results", "keys")
_LEAST_START = 1.0


class FalService:
    """The queue, the storage, the keys and the host of the results, which are four hosts at fal and one here.

    `base_url` is to be set before the first request.
    """

    def __init__(
        self,
        *,
        api_key: str,
        requests: FalRequests,
        fault_injector: FaultInjector,
        notes: Notes,
        seconds: Seconds,
        prices: Mapping[str, float],
        fate: Fates,
        keys: Callable[[], dict[str, Any]],
        on_created: Callable[[FalRequest], None],
        on_canceled: Callable[[FalRequest], None],
        clock: Clock,
    ) -> None:
        self.base_url = ""
        self._api_key = api_key
        self._requests = requests
        self._fault_injector = fault_injector
        self._notes = notes
        self._seconds = seconds
        self._prices = prices
        self._fate = fate
        self._keys = keys
        self._on_created = on_created
        self._on_canceled = on_canceled
        self._clock = clock
        self._uploads = Uploads(clock, KEPT_SECONDS)

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        route, subjects = _route(request)
        incident = self._fault_injector.draw(route, _about(route, subjects))
        carry_out = partial(self._carry_out, request, route, subjects)
        answer = apply_fault(incident, route, carry_out, _ERROR_STYLE) if incident else carry_out()
        self._notes.add(request, route, answer)
        return answer

    def _carry_out(self, request: Request, route: str, subjects: tuple[str, ...]) -> Answer:
        try:
            if route == "unknown":
                raise not_found("Path")
            if route not in _WITHOUT_KEY:
                self._check_key(request)
                self._requests.count_request()
            return self._api(request, route, *subjects)
        except Refused as refused:
            return problem(refused)

    def _api(self, request: Request, route: str, subject: str = "", request_id: str = "") -> Answer:
        match route:
            case "submit":
                return self._submit(request, subject)
            case "status":
                return self._status(subject, request_id)
            case "result":
                return self._result(subject, request_id)
            case "cancel":
                return self._cancel(subject, request_id)
            case "initiate":
                return self._initiate(request)
            case "upload":
                kind = request.headers.get("content-type", "application/octet-stream")
                self._uploads.put(subject, StoredFile(request.body, kind, self._clock()))
                return Answer()
            case "files":
                if (stored := self._uploads.get(subject)) is None:
                    raise not_found("File")
                return file(stored.content, stored.mime_type)
            case "results":
                return self._result_file(subject)
            case "token":
                expires = datetime.fromtimestamp(self._clock(), UTC) + timedelta(hours=1)
                token = {"token": "stand-in-token", "token_type": "Bearer", "base_url": self.base_url}
                return json_answer(200, token | {"expires_at": expires.isoformat()})
            case _:
                return json_answer(200, self._keys())

    def _submit(self, request: Request, model: str) -> Answer:
        if model not in models_at("fal"):
            raise not_found(f"Application '{model.split('/')[1]}'")
        wanted = self._parse(request, model)
        fate = self._fate(model, wanted.input)
        make = partial(self._make, wanted, fate)
        incident = fate.incident(fate.submit)
        return apply_fault(incident, "submit", make, _ERROR_STYLE) if incident else make()

    def _parse(self, request: Request, model: str) -> ParsedRequest:
        given = read_object(request.body)
        wrong = None
        try:
            priced = check_input("fal", model, given)
        except Refused as refused:
            priced, wrong = Priced(1, 0.0), Failure(status=422, message=refused.message, kind="value_error")
        return ParsedRequest(
            model=model,
            input=given,
            webhook=_read_webhook(request.query.get("fal_webhook")),
            start_timeout=_read_timeout(request.headers.get("x-fal-request-timeout")),
            price=round(self._prices.get(model, priced.price) * priced.files, 6),
            files=priced.files,
            problem=wrong,
        )

    def _make(self, wanted: ParsedRequest, fate: Fate) -> Answer:
        request = self._requests.create(wanted, seconds=self._seconds(wanted.model, wanted.input), fate=fate)
        self._fault_injector.script("status", map(fate.incident, fate.polls), request.id)
        self._fault_injector.script("results", map(fate.incident, fate.downloads), request.id)
        self._on_created(request)
        made = {"status": "IN_QUEUE", "request_id": request.id, **request.addresses(self.base_url)}
        return json_answer(200, made | {"logs": None, "metrics": {}, "queue_position": 0})

    def _status(self, app: str, request_id: str) -> Answer:
        now = self._clock()
        record = self._requests.get(app, request_id).record(now, self.base_url)
        return json_answer(200 if record["status"] == "COMPLETED" else 202, record)

    def _result(self, app: str, request_id: str) -> Answer:
        request = self._requests.get(app, request_id)
        if self._clock() < request.ended:
            raise Refused(400, "Request is still in progress")
        failure = request.outcome
        return json_answer(200 if failure is None else failure.status, request.result(self.base_url))

    def _cancel(self, app: str, request_id: str) -> Answer:
        request, canceled = self._requests.cancel(app, request_id)
        if not canceled:
            return json_answer(400, {"status": "ALREADY_COMPLETED"})
        self._on_canceled(request)
        return json_answer(202, {"status": "CANCELLATION_REQUESTED"})

    def _initiate(self, request: Request) -> Answer:
        wanted = read_object(request.body)
        if not wanted.get("content_type") or not wanted.get("file_name"):
            raise Refused(422, "content_type and file_name are required")
        name = f"{uuid.uuid4().hex}-{wanted['file_name']}"
        return json_answer(
            200, {"file_url": f"{self.base_url}/files/{name}", "upload_url": f"{self.base_url}/uploads/{name}"}
        )

    def _result_file(self, name: str) -> Answer:
        request, now = self._requests.get(None, name.partition("_")[0]), self._clock()
        made = name in request.files and now >= request.ended and request.outcome is None
        if not made or now >= request.ended + KEPT_SECONDS:
            raise not_found("File")
        return file(draw_picture(name), "image/png")

    def _check_key(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Key {self._api_key}".encode()):
            raise Refused(401, "No user found for the given key")


def _route(request: Request) -> tuple[str, tuple[str, ...]]:
    """The name of the route, and what it is about."""
    for method, pattern, route in _ROUTES:
        if method == request.method and (match := re.fullmatch(pattern, request.path)):
            return route, match.groups()
    return "unknown", ()


def _about(route: str, subjects: tuple[str, ...]) -> str:
    """The request that a route is about, for faults that are that request's own."""
    if route in ("status", "result", "cancel"):
        return subjects[1]
    return subjects[0].partition("_")[0] if route == "results" else ""


def _read_webhook(url: str | None) -> str | None:
    if url is not None:
        try:
            check_url("fal_webhook", url)
        except InvalidInput:
            raise Refused(422, "fal_webhook must be a valid URL") from None
    return url


def _read_timeout(header: str | None) -> float | None:
    """The seconds of an X-Fal-Request-Timeout."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        seconds = 0.0
    if not seconds > _LEAST_START:
        raise Refused(400, "X-Fal-Request-Timeout must be greater than 1 second")
    return seconds
