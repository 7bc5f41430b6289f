"""The stand-in of Replicate as its user has it: a service on loopback, for the length of a `with` block."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from enlarger.protocol.signatures import BODY_ID, BODY_SIGNATURE, BODY_TIMESTAMP, sign_body
from enlarger.testing.base import StandInBase
from enlarger.testing.callbacks import Callbacks
from enlarger.testing.clock import Clock
from enlarger.testing.fate import Fate, Fates
from enlarger.testing.fault_kinds import REPLICATE_ROUTES
from enlarger.testing.faults import FaultInjector, Faults
from enlarger.testing.listener import Listener
from enlarger.testing.recorded import Notes
from enlarger.testing.replicate.prediction import Prediction, SeenPrediction
from enlarger.testing.replicate.predictions import Predictions
from enlarger.testing.replicate.service import ReplicateService

_API_TOKEN = "stand-in-token"  # noqa: S105
_WEBHOOK_KEY = "whsec_c3RhbmQtaW4td2ViaG9vay1zZWNyZXQ="


class ReplicateStandIn(StandInBase):
    """A mock server of Replicate's HTTP API, on a free port of this machine, with one account and its token.

    It has the models to which the catalogue has a route. Inputs are checked as far as the catalogue knows them; errors
    are HTTP statuses, and nothing is idempotent. Predictions produce small images, which are deleted after an hour. A
    prediction that fails, is canceled or aborted costs nothing here. It only connects to loopback addresses. Use it as
    a context manager, once; what it recorded stays readable afterwards.
    """

    def __init__(
        self,
        *,
        api_token: str = _API_TOKEN,
        webhook_key: str = _WEBHOOK_KEY,
        credit: float | None = None,
        prices: Mapping[str, float] | None = None,
        seconds: float | Callable[[str, Mapping[str, Any]], float] = 0.2,
        limits: bool = True,
        faults: Faults | Sequence[Faults] = (),
        fate: Fates | None = None,
        tell_webhooks: bool = False,
        page_size: int = 100,
        callback_delay: float = 0.0,
        clock: Clock = time.time,
    ) -> None:
        """No port is opened before the `with` block.

        `credit` is the balance in dollars, unlimited by default. `prices` are dollars per file by the model's name,
        otherwise the catalogue's. `seconds` is a prediction's duration, or a function of model and input that returns
        it. `limits=False` switches the rate limits off. Of several `faults` at once, the first counts. `fate` returns
        for a model and an input what happens to that prediction; `script` takes precedence over it. With
        `tell_webhooks` a prediction's record names its webhook. A webhook is sent `callback_delay` seconds after the
        end; a retry comes at least as many seconds later. Times follow `clock`, except the pauses of slow answers and
        `Prefer: wait`.
        """
        self.api_token = api_token
        self.webhook_key = webhook_key
        self._callback_delay = callback_delay
        super().__init__(
            fault_injector=FaultInjector([faults] if isinstance(faults, Faults) else faults, REPLICATE_ROUTES),
            callbacks=Callbacks(sign=self._sign, delay=callback_delay, clock=clock),
            notes=Notes(REPLICATE_ROUTES),
        )
        self._predictions = Predictions(credit=credit, limits=limits, clock=clock)
        self._service = ReplicateService(
            api_token=api_token,
            webhook_key=webhook_key,
            predictions=self._predictions,
            fault_injector=self._fault_injector,
            notes=self._notes,
            seconds=seconds if callable(seconds) else lambda _model, _input: seconds,
            prices=prices or {},
            fate=fate or (lambda _model, _input: Fate()),
            tell_webhooks=tell_webhooks,
            page_size=page_size,
            on_created=self._announce,
            on_canceled=self._announce_end,
            clock=clock,
        )

    def _listeners(self) -> tuple[Listener, ...]:
        listener = Listener(self._service.answer)
        self._service.base_url = f"{listener.url}/v1"
        return (listener,)

    @property
    def base_url(self) -> str:
        """The URL of the API, with `/v1`; empty before the `with` block."""
        return self._service.base_url

    def fail_next(self, message: str = "Prediction failed: the model had an accident. (E9243)") -> None:
        """Let the next prediction fail; called n times, the next n predictions."""
        self._predictions.fail_next(message)

    @property
    def predictions(self) -> tuple[SeenPrediction, ...]:
        """Every prediction, oldest first."""
        return self._predictions.all()

    @property
    def duplicates(self) -> tuple[SeenPrediction, ...]:
        """The predictions with the model and input of an earlier one: what was paid for twice."""
        return self._predictions.duplicates()

    @property
    def charged(self) -> float:
        """The dollars that predictions have cost; only successful ones cost something."""
        return self._predictions.charged()

    def _announce(self, prediction: Prediction) -> None:
        if prediction.webhook is not None and "start" in prediction.events and prediction.starts < prediction.ended:
            self._send(prediction, prediction.starts, prediction.starts)
        self._announce_end(prediction)

    def _announce_end(self, prediction: Prediction) -> None:
        if prediction.webhook is None or "completed" not in prediction.events or prediction.ended == float("inf"):
            return
        fate = prediction.fate
        delay = 0.0 if fate.announced_first else self._callback_delay
        for more in fate.callbacks:
            self._send(prediction, prediction.ended, prediction.ended + delay + more)
        if fate.announced_first and fate.callbacks:
            self._callbacks.wait_for(prediction.id)

    def _send(self, prediction: Prediction, moment: float, due: float) -> None:
        """Announce at a time what the prediction was at `moment`, unless it has been called off before that."""
        assert prediction.webhook is not None, "the caller has asked"

        def body() -> bytes | None:
            now = self._predictions.get(prediction.id)
            return msgspec.json.encode(self._service.record(now, moment)) if moment <= now.ended else None

        self._callbacks.schedule(prediction.id, prediction.webhook, body, due)

    def _sign(self, task_id: str, body: bytes, now: float) -> Mapping[str, str]:
        """The headers of Standard Webhooks; what is sent again has the same id."""
        message_id = f"msg_{hashlib.sha256(task_id.encode() + body).hexdigest()[:24]}"
        timestamp = int(now)
        return {
            BODY_ID: message_id,
            BODY_TIMESTAMP: str(timestamp),
            BODY_SIGNATURE: sign_body(message_id, timestamp, body, self.webhook_key),
        }
