"""The stand-in of fal as its user has it: a service on loopback, for the length of a `with` block."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from enlarger.testing.base import StandInBase
from enlarger.testing.callbacks import Callbacks
from enlarger.testing.clock import Clock
from enlarger.testing.fal.request import Failure, FalRequest, SeenFalRequest
from enlarger.testing.fal.requests import FalRequests, accident
from enlarger.testing.fal.service import FalService
from enlarger.testing.fate import Fate, Fates
from enlarger.testing.fault_kinds import FAL_ROUTES
from enlarger.testing.faults import FaultInjector, Faults
from enlarger.testing.listener import Listener
from enlarger.testing.recorded import Notes

_API_KEY = "stand-in-id:stand-in-secret"
_ACCIDENT = "The model had an accident."


class FalStandIn(StandInBase):
    """A mock server of fal's queue API, on a free port of this machine, with one account and its key.

    It has the models to which the catalogue has a route. The queue accepts every input; one that the catalogue knows to
    be wrong fails with a 422 that is charged. Errors are HTTP statuses, nothing is idempotent, and there is no list.
    Webhooks are signed with Ed25519. Requests produce small images, which are deleted after a week. It only connects to
    loopback addresses. Use it as a context manager, once; what it recorded stays readable afterwards.
    """

    def __init__(
        self,
        *,
        api_key: str = _API_KEY,
        user_id: str = "stand-in-account",
        credit: float | None = None,
        prices: Mapping[str, float] | None = None,
        seconds: float | Callable[[str, Mapping[str, Any]], float] = 0.2,
        limits: bool = True,
        faults: Faults | Sequence[Faults] = (),
        fate: Fates | None = None,
        callback_delay: float = 0.0,
        clock: Clock = time.time,
    ) -> None:
        """No port is opened before the `with` block.

        `user_id` is the account's name in webhooks. `credit` is the balance in dollars, unlimited by default. `prices`
        are dollars per file by the model's name, otherwise the catalogue's. `seconds` is a request's duration, or a
        function of model and input that returns it. `limits=False` switches the rate limits off. Of several `faults` at
        once, the first counts. `fate` returns for a model and an input what happens to that request; `script` takes
        precedence over it. A webhook is sent `callback_delay` seconds after the end; a retry comes at least as many
        seconds later. Times follow `clock`, except the pauses of slow answers.
        """
        self.api_key = api_key
        self.user_id = user_id
        self._callback_delay = callback_delay
        self._signing_key = Ed25519PrivateKey.generate()
        super().__init__(
            fault_injector=FaultInjector([faults] if isinstance(faults, Faults) else faults, FAL_ROUTES),
            callbacks=Callbacks(sign=self.sign, delay=callback_delay, clock=clock),
            notes=Notes(FAL_ROUTES),
        )
        self._requests = FalRequests(credit=credit, limits=limits, clock=clock)
        self._service = FalService(
            api_key=api_key,
            requests=self._requests,
            fault_injector=self._fault_injector,
            notes=self._notes,
            seconds=seconds if callable(seconds) else lambda _model, _input: seconds,
            prices=prices or {},
            fate=fate or (lambda _model, _input: Fate()),
            keys=self._key_set,
            on_created=self._announce,
            on_canceled=self._announce,
            clock=clock,
        )

    def _listeners(self) -> tuple[Listener, ...]:
        listener = Listener(self._service.answer)
        self._service.base_url = listener.url
        return (listener,)

    @property
    def base_url(self) -> str:
        """The URL of the queue and of all other routes; empty before the `with` block."""
        return self._service.base_url

    def fail_next(self, message: str = _ACCIDENT, *, kind: str | None = None, status: int = 422) -> None:
        """Let the next request fail; called n times, the next n requests.

        `kind` is the type of a model's error, such as `content_policy_violation`, and `status` its HTTP status. Without
        `kind` the failure is an accident that is not charged.
        """
        self._requests.fail_next(
            accident(message) if kind is None else Failure(status=status, message=message, kind=kind, field="prompt")
        )

    def change_key(self) -> None:
        """Sign webhooks with another key from now on, and publish only that one."""
        self._signing_key = Ed25519PrivateKey.generate()

    def sign(self, task_id: str, body: bytes, now: float) -> Mapping[str, str]:
        """The headers of a webhook with this body, sent at this unix time."""
        timestamp = str(int(now))
        digest = hashlib.sha256(body).hexdigest()
        message = f"{task_id}\n{self.user_id}\n{timestamp}\n{digest}".encode()
        return {
            "X-Fal-Webhook-Request-Id": task_id,
            "X-Fal-Webhook-User-Id": self.user_id,
            "X-Fal-Webhook-Timestamp": timestamp,
            "X-Fal-Webhook-Signature": self._signing_key.sign(message).hex(),
        }

    def announcement(self, request_id: str) -> bytes:
        """The body of the webhook that reports a request's end."""
        return msgspec.json.encode(self._requests.get(None, request_id).announcement(self.base_url))

    @property
    def tasks(self) -> tuple[SeenFalRequest, ...]:
        """Every request that was accepted, oldest first."""
        return self._requests.all()

    @property
    def duplicates(self) -> tuple[SeenFalRequest, ...]:
        """The requests with the model and input of an earlier one: what was paid for twice."""
        return self._requests.duplicates()

    @property
    def charged(self) -> float:
        """The dollars that requests have cost: successful ones, and those with a wrong input."""
        return self._requests.charged()

    def _key_set(self) -> dict[str, Any]:
        public = self._signing_key.public_key().public_bytes_raw()
        x = base64.urlsafe_b64encode(public).decode().rstrip("=")
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig"}]}

    def _announce(self, request: FalRequest) -> None:
        if request.webhook is None or request.ended == float("inf"):
            return
        fate, ended = request.fate, request.ended
        delay = 0.0 if fate.announced_first else self._callback_delay

        def body() -> bytes | None:
            # One that was cancelled has another end, of which it was told then.
            same = self._requests.get(None, request.id).ended == ended
            return self.announcement(request.id) if same else None

        for more in fate.callbacks:
            self._callbacks.schedule(request.id, request.webhook, body, ended + delay + more)
        if fate.announced_first and fate.callbacks:
            self._callbacks.wait_for(request.id)
