"""Why a provider cannot be used now, learned from its answers.

    ok ──busy──> throttled, for as long as it says, or a little longer every time
    ok ──several failures in a row──> open (the circuit), for 30 s; then one task may try it
    any ──no credits, no access──> suspended, until a question that costs nothing is answered well

This is what one process knows. `enlarger.worker.health_monitor` shares it among processes, asks the questions that cost
nothing and allows the tries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from enlarger.errors import AcceptanceUnknown, ProviderSilent, RefusalReason, SubmissionRefused

Step = Literal["submit", "poll"]
State = Literal["ok", "throttled", "open", "suspended"]

_LONGEST_THROTTLED_TOLD = 3600.0
_SUSPENDING: tuple[RefusalReason, ...] = ("credits", "access")
_FRESH = 0.2
"""How much the newest answer counts in the usual time of an answer."""


class Unavailability(msgspec.Struct, frozen=True):
    """Why a provider is not to be asked."""

    reason: str
    permanent: bool
    """Whether that will not change for this task."""
    seconds: float | None = None
    """When it may be asked again, where it is not permanent."""


class HealthConfig(msgspec.Struct, frozen=True, kw_only=True):
    """After how many failures, and for how many seconds, a provider is given no tasks."""

    open: float = 30.0
    """Seconds from the opening of the circuit to the first probe."""
    first_probe: float = 30.0
    """Seconds from the suspension of a provider to the first probe."""
    submit_failures: int = 3
    """Failed submissions in a row that open the circuit: few, for each may leave a task of unknown fate."""
    poll_failures: int = 5
    """Failed polls in a row that open it."""
    throttled: float = 3.0
    """Seconds of pause for a provider that is busy and does not say how long; doubled every time in a row."""
    longest_throttled: float = 60.0
    """The longest such pause."""


class Health:
    """One provider's, as this process sees it."""

    def __init__(
        self,
        clock: Callable[[], float],
        on_change: Callable[[], None] = lambda: None,
        config: HealthConfig | None = None,
    ) -> None:
        """`clock` counts seconds; `on_change` is called when other processes should be told."""
        self._clock = clock
        self._on_change = on_change
        self._config = config = config or HealthConfig()
        self._breakers: dict[Step, _Breaker] = {
            "submit": _Breaker(config.submit_failures),
            "poll": _Breaker(config.poll_failures),
        }
        self._state: State = "ok"
        self._until = 0.0
        self._trial_until = 0.0
        self._trial_runs = False
        self._throttlings = 0
        self.reason: str | None = None
        """Why it is not ok, in words for the operator."""
        self.latency: float | None = None
        """Seconds that its answers take lately."""
        self.unannounced: bool = False
        """Whether the state has changed and other processes do not know."""

    @property
    def state(self) -> State:
        """How it stands now."""
        return "ok" if self._state == "throttled" and self._clock() >= self._until else self._state

    @property
    def seconds(self) -> float | None:
        """Until it may be asked again, or is asked what costs nothing; None when it is ok."""
        return None if self.state == "ok" else max(0.0, self._until - self._clock())

    def unavailability(self) -> Unavailability | None:
        """What keeps it from being given a task now."""
        state = self.state
        if state == "ok" or (state == "open" and self._trial_is_free()):
            return None
        return Unavailability(self.reason or f"it is {state}", permanent=False, seconds=max(1.0, self.seconds or 0))

    def start(self) -> bool:
        """It is about to be given a task; False when it is not to be, because another one tries it."""
        if self.unavailability() is not None:
            return False
        self._trial_runs = self.state == "open"
        return True

    def note(self, error: BaseException | None, latency: float | None = None, *, step: Step = "submit") -> None:
        """What came of asking it, and after how many seconds.

        Errors that are not about the provider, such as a picture that cannot be read, say nothing of its health.
        """
        if latency is not None:
            self.latency = latency if self.latency is None else self.latency + _FRESH * (latency - self.latency)
        if error is not None and not isinstance(error, SubmissionRefused | AcceptanceUnknown | ProviderSilent):
            if step == "submit":
                self._trial_runs = False
            return
        self._count(error, step)
        match error:
            case SubmissionRefused(reason=reason) if reason in _SUSPENDING:
                if self._state == "suspended":
                    self.reason = str(error)
                else:
                    self._become("suspended", str(error), self._config.first_probe)
            case SubmissionRefused(reason="busy") if self._state != "suspended":
                self._throttle(error)
            case None if step == "submit" and self.state == "ok":
                self._throttlings = 0

    def allow_trial(self, seconds: float) -> None:
        """Let one task try it, in the next `seconds`."""
        if self._state == "open":
            for breaker in self._breakers.values():
                breaker.half_open()
            self._trial_until, self._trial_runs = self._clock() + seconds, False

    def recover(self) -> None:
        """It has shown that it is well."""
        self._throttlings = 0
        self._close()
        self._become("ok")

    def adopt(self, state: State, reason: str | None, seconds: float | None) -> None:
        """Take over what another process knows."""
        if state == "open":
            if self._state != "open":
                self._breakers["submit"].open()
        else:
            self._close()
        self._set(state, reason, seconds)

    def _count(self, error: BaseException | None, step: Step) -> None:
        """Have the breaker count it, and follow the breaker when it opens or closes."""
        breaker = self._breakers[step]
        tried = step == "submit" and breaker.state == "half_open"
        if error is None or _is_answer(error):
            breaker.close()  # also when it is open: what was under way shows that it works after all
        else:
            breaker.fail()
        if tried:
            self._trial_until, self._trial_runs = 0.0, False
        if breaker.state == "open":
            if self._state != "suspended" and (self._state != "open" or tried):
                self._become("open", str(error), self._config.open)
        elif self._state == "open" and (tried or self._all_closed()):
            self._close()
            self._become("ok")

    def _throttle(self, error: SubmissionRefused) -> None:
        if error.retry_after is not None:
            seconds = min(max(1.0, error.retry_after), _LONGEST_THROTTLED_TOLD)
        elif self.state == "throttled":
            return  # one of several that were sent at the same time
        else:
            self._throttlings += 1
            seconds = min(self._config.throttled * 2 ** (self._throttlings - 1), self._config.longest_throttled)
        if self._clock() + seconds > self._until:
            self._become("throttled", str(error), seconds)

    def _trial_is_free(self) -> bool:
        return not self._trial_runs and self._clock() < self._trial_until

    def _all_closed(self) -> bool:
        return all(breaker.state == "closed" for breaker in self._breakers.values())

    def _close(self) -> None:
        self._trial_until, self._trial_runs = 0.0, False
        for breaker in self._breakers.values():
            breaker.close()

    def _become(self, state: State, reason: str | None = None, seconds: float | None = None) -> None:
        self._set(state, reason, seconds)
        self.unannounced = True
        self._on_change()

    def _set(self, state: State, reason: str | None, seconds: float | None) -> None:
        self._state, self.reason = state, None if state == "ok" else reason
        self._until = self._clock() + (seconds or 0)


def _is_answer(error: BaseException) -> bool:
    """Whether a provider that works says so, though it is not the answer that was hoped for."""
    return isinstance(error, SubmissionRefused) and error.reason != "down"


class _Breaker:
    """A circuit breaker without a clock: Health decides when it is tried again."""

    def __init__(self, most: int) -> None:
        """`most` failures in a row open it."""
        self._most = most
        self._failures = 0
        self.state: Literal["closed", "half_open", "open"] = "closed"

    def fail(self) -> None:
        self._failures += 1
        if self.state == "half_open" or self._failures >= self._most:
            self.state = "open"

    def open(self) -> None:
        self.state = "open"

    def half_open(self) -> None:
        self.state = "half_open"

    def close(self) -> None:
        self._failures = 0
        self.state = "closed"
