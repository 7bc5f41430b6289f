"""Replicate's API without its sockets: a request goes in, an answer comes out."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec

from enlarger.errors import InvalidInput
from enlarger.protocol.inline import check_url
from enlarger.protocol.prefer import LONGEST_WAIT, read_wait
from enlarger.testing.clock import Clock
from enlarger.testing.exchange import Answer, Refused, Request, file, json_answer
from enlarger.testing.fate import Fate, Fates
from enlarger.testing.faults import FaultInjector, apply_fault
from enlarger.testing.new_task import read_object
from enlarger.testing.pictures import draw_picture
from enlarger.testing.recorded import Notes
from enlarger.testing.replicate.answers import ReplicateErrorStyle, not_found, problem
from enlarger.testing.replicate.files import Files
from enlarger.testing.replicate.models import models, of_version, version_of
from enlarger.testing.replicate.prediction import Prediction
from enlarger.testing.replicate.predictions import ParsedRequest, Predictions
from enlarger.testing.routed import check_input
from enlarger.testing.service import Seconds

EVENTS = ("start", "output", "logs", "completed")
OFFICIAL = "hidden"
"""What Replicate says instead of a version for the models that it runs itself."""

_V1 = "/v1"
_ERROR_STYLE = ReplicateErrorStyle()
_ROUTES: tuple[tuple[str, str, str], ...] = (
    ("POST", r"/v1/models/([^/]+/[^/]+)/predictions", "create"),
    ("POST", r"/v1/predictions", "create"),
    ("GET", r"/v1/predictions", "list"),
    ("GET", r"/v1/predictions/([^/]+)", "get"),
    ("POST", r"/v1/predictions/([^/]+)/cancel", "cancel"),
    ("POST", r"/v1/files", "upload"),
    ("GET", r"/v1/files/(.+)", "files"),
    ("GET", r"/v1/account", "account"),
    ("GET", r"/v1/webhooks/default/secret", "secret"),
    ("GET", r"/results/([^/]+)", "results"),
)
_OF_ONE = ("get", "cancel", "results")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
_SHORTEST, _LONGEST = 5, 86_400


class ReplicateService:
    """The API, and the host of the results. `base_url`, which ends in `/v1`, is to be set before the first request."""

    def __init__(
        self,
        *,
        api_token: str,
        webhook_key: str,
        predictions: Predictions,
        fault_injector: FaultInjector,
        notes: Notes,
        seconds: Seconds,
        prices: Mapping[str, float],
        fate: Fates,
        tell_webhooks: bool,
        page_size: int,
        on_created: Callable[[Prediction], None],
        on_canceled: Callable[[Prediction], None],
        clock: Clock,
    ) -> None:
        self.base_url = ""
        self._api_token = api_token
        self._webhook_key = webhook_key
        self._predictions = predictions
        self._fault_injector = fault_injector
        self._notes = notes
        self._seconds = seconds
        self._prices = prices
        self._fate = fate
        self._tell_webhooks = tell_webhooks
        self._page_size = page_size
        self._on_created = on_created
        self._on_canceled = on_canceled
        self._clock = clock
        self._files = Files(clock)

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        method, route, subject = _route(request)
        of_one = subject.partition("-")[0] if route in _OF_ONE else ""
        incident = self._fault_injector.draw(route, of_one)
        carry_out = partial(self._carry_out, request, method, route, subject)
        answer = apply_fault(incident, route, carry_out, _ERROR_STYLE) if incident else carry_out()
        self._notes.add(request, route, answer)
        return answer

    def record(self, prediction: Prediction, now: float) -> dict[str, Any]:
        """What the API says of a prediction at a time."""
        return prediction.record(now, self.base_url, tell_webhook=self._tell_webhooks)

    def _carry_out(self, request: Request, method: str, route: str, subject: str) -> Answer:
        try:
            if route == "unknown":
                raise not_found()
            if route == "results":
                return self._result_file(subject)
            self._check_token(request)
            if request.method != method:
                raise Refused(405, f'Method "{request.method}" not allowed.')
            return self._api(request, route, subject)
        except Refused as refused:
            return problem(refused)

    def _api(self, request: Request, route: str, subject: str) -> Answer:
        if route == "create":
            return self._create(request, subject)
        self._predictions.count_request()
        match route:
            case "get":
                return json_answer(200, self.record(self._predictions.get(subject), self._clock()))
            case "list":
                return self._list(request.query.get("cursor"))
            case "cancel":
                return self._cancel(subject)
            case "upload":
                return self._files.take(request, self.base_url)
            case "files":
                return self._files.answer(subject)
            case "account":
                account = {"type": "user", "username": "stand-in", "name": "Stand-in", "github_url": None}
                return json_answer(200, account)
            case _:
                return json_answer(200, {"key": self._webhook_key})

    def _create(self, request: Request, name: str) -> Answer:
        body = read_object(request.body)
        version = OFFICIAL
        if not name:
            wanted_version = body.get("version")
            if not isinstance(wanted_version, str):
                raise Refused(422, "- version is required\n")
            name = of_version(wanted_version) or ""
            version = version_of(name) if name != wanted_version else OFFICIAL
        if name not in models():
            raise not_found() if version == OFFICIAL and name else Refused(422, "The specified version does not exist.")
        wanted = self._parse(request, body, name, version)
        fate = self._fate(name, wanted.input)
        make = partial(self._make, request, wanted, fate)
        incident = fate.incident(fate.submit)
        return apply_fault(incident, "create", make, _ERROR_STYLE) if incident else make()

    def _parse(self, request: Request, body: Mapping[str, Any], name: str, version: str) -> ParsedRequest:
        given = body.get("input")
        if not isinstance(given, dict):
            raise Refused(422, "- input is required\n")
        try:
            priced = check_input("replicate", name, given)
        except Refused as refused:
            raise Refused(refused.code, f"- input: {refused.message}\n") from None
        return ParsedRequest(
            model=name,
            version=version,
            input=given,
            webhook=_read_webhook(body.get("webhook")),
            events=_read_events(body.get("webhook_events_filter")),
            cancel_after=_read_duration(request.headers.get("cancel-after")),
            price=round(self._prices.get(name, priced.price) * priced.files, 6),
            files=priced.files,
        )

    def _make(self, request: Request, wanted: ParsedRequest, fate: Fate) -> Answer:
        seconds = self._seconds(wanted.model, wanted.input)
        prediction = self._predictions.create(wanted, seconds=seconds, fate=fate)
        self._fault_injector.script("get", map(fate.incident, fate.polls), prediction.id)
        self._fault_injector.script("results", map(fate.incident, fate.downloads), prediction.id)
        self._on_created(prediction)
        wait = _read_prefer(request.headers.get("prefer", ""))
        if wait is None:
            return json_answer(201, self.record(prediction, prediction.created))
        now = self._clock()
        pause = max(0.0, min(wait, prediction.ended - now)) if self._clock is time.time else 0.0
        answer = json_answer(201 if now + pause >= prediction.ended else 202, self.record(prediction, now + pause))
        return msgspec.structs.replace(answer, pause=pause)

    def _list(self, cursor: str | None) -> Answer:
        page, following = self._predictions.page(cursor, self._page_size)
        now = self._clock()
        next_url = f"{self.base_url}/predictions?cursor={quote(following)}" if following else None
        records = [self.record(prediction, now) for prediction in page]
        return json_answer(200, {"previous": None, "next": next_url, "results": records})

    def _cancel(self, prediction_id: str) -> Answer:
        prediction, called_off = self._predictions.cancel(prediction_id)
        if called_off:
            self._on_canceled(prediction)
        return json_answer(200, self.record(prediction, self._clock()))

    def _result_file(self, name: str) -> Answer:
        prediction, now = self._predictions.get(name.partition("-")[0]), self._clock()
        if name not in prediction.files or prediction.status(now) != "succeeded" or prediction.removed(now):
            raise not_found()
        return file(draw_picture(name), "image/png")

    def _check_token(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._api_token}".encode()):
            raise Refused(401, "You did not pass a valid authentication token")


def _route(request: Request) -> tuple[str, str, str]:
    """The method that a path wants, the name of its route, and whom it is about."""
    found = [
        (method, route, match.group(1) if match.lastindex else "")
        for method, pattern, route in _ROUTES
        if (match := re.fullmatch(pattern, request.path))
    ]
    fitting = [one for one in found if one[0] == request.method]
    return (fitting or found or [("", "unknown", "")])[0]


def _read_webhook(value: Any) -> str | None:
    if value is None:
        return None
    try:
        check_url("webhook", str(value))
    except InvalidInput:
        raise Refused(422, "- webhook must be a valid URL\n") from None
    return str(value)


def _read_events(value: Any) -> tuple[str, ...]:
    if value is None:
        return EVENTS
    if not isinstance(value, list) or not all(event in EVENTS for event in value):
        raise Refused(422, f"- webhook_events_filter must be of {', '.join(EVENTS)}\n")
    return tuple(value)


def _read_prefer(header: str) -> int | None:
    """The seconds that a client waits: `wait` alone is as long as it can."""
    return LONGEST_WAIT if header.strip().lower() == "wait" else read_wait(header)


def _read_duration(header: str | None) -> float | None:
    """The seconds of a Cancel-After like 90, 90s, 5m or 1h30m."""
    if header is None:
        return None
    match = _DURATION.fullmatch(header.strip())
    if not header.strip() or match is None:
        raise Refused(400, "Invalid Cancel-After")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if not _SHORTEST <= total <= _LONGEST:
        raise Refused(400, "Cancel-After must be between 5 seconds and 24 hours")
    return float(total)
