"""The two doors behind which tasks are carried out: a hosted service, or an engine of this machine.

Submitting to a `HostedProvider` is the one step that may cost money, so its three outcomes are kept apart with care:
it took the task (`Accepted`), it surely did not (`SubmissionRefused`), or nobody can say (`AcceptanceUnknown`). In
doubt it is the last.

What leaves for a provider is its `WireRequest`. It is made once, stored before it leaves, and never made again, so that
a later version of the catalogue still finds what an earlier one has sent.

An announcement of a task's end is believed when `verify_webhook` has verified it. All others are only a hint to ask the
provider; for a submission of which nobody knows the provider's id, `webhook_task_id` reads whom to ask for. What that
says has to be confirmed by `poll` before anything follows from it: whoever knows the webhook's URL can name any id.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import msgspec

from enlarger.catalog import Model
from enlarger.errors import ProviderSilent
from enlarger.infra.webhook_urls import same_submission
from enlarger.protocol.records import Made
from enlarger.protocol.webhook import Webhook

OnProgress = Callable[[float], Awaitable[None]]
"""Awaited with 0..1; an error that it raises cancels the work."""


class WireRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider is sent for a task, in the provider's own words."""

    model: str
    input: dict[str, Any]
    cancel_after: int | None = None
    """Seconds after which the provider itself is to give up, where it can be told so."""
    usd_per_output: Decimal | None = None
    """What one file costs, where the provider does not tell it and the catalogue does."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a hosted provider is asked to do."""

    task_id: str
    request: WireRequest
    webhook_url: str | None = None
    """Where the provider is to tell of the task's end; it holds a secret that nobody can guess."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was sent, as it is remembered."""

    task_id: str
    request: WireRequest
    """As it was sent."""
    submitted_at: datetime
    webhook_url: str | None = None
    provider_task_id: str | None = None
    """None while nobody knows it."""
    unverified_id: bool = False
    """Whether that id is only what an announcement without a signature said."""

    def denies(self, webhook_url: object) -> bool:
        """Whether a task that was made with this webhook URL is another submission's, although its id was announced."""
        if not self.unverified_id or self.webhook_url is None or not isinstance(webhook_url, str):
            return False
        return not same_submission(webhook_url, self.webhook_url)


class Accepted(msgspec.Struct, frozen=True):
    """The provider has taken a task."""

    provider_task_id: str
    seconds: float | None = None
    """What it will take, where the provider knows."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a hosted provider tells of a task."""

    provider_task_id: str
    state: Literal["running", "succeeded", "failed"]
    progress: int = 0
    """0 to 100."""
    outputs: tuple[str, ...] = ()
    """URLs of the results."""
    data: dict[str, Any] | None = None
    """A result that is no file."""
    made: Made | None = None
    """Who made it and how, where the provider itself knows more than its name."""
    code: str | None = None
    message: str | None = None
    """Why it failed, in the provider's words."""
    faulty_input: bool = False
    """Whether it failed because of what was asked for, so that no other provider would do better."""
    cost: Decimal | None = None
    """Dollars; None where the provider does not tell."""
    seconds: float | None = None
    """What the provider took for it."""
    ended_at: datetime | None = None
    """When it ended there."""


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """What a hosted provider is like."""

    fetches: bool = True
    """Whether it gets files from public URLs by itself; else all are uploaded to it."""
    needs_network: bool = True
    """Whether files at foreign URLs matter to it; if not, it is given the URLs and nothing is fetched."""
    remembers: bool = True
    """Whether it knows a task of its own by its id; else it is given what that task made."""
    lists: bool = False
    """Whether it implements `find`, and so can tell that a task was not taken."""
    keeps_seconds: float | None = None
    """How long it keeps results; None is for ever."""


class HostedProvider(ABC):
    """A service elsewhere: it accepts tasks, and is asked later what became of them.

    The operations that are not abstract are optional: what they do here is right for a provider that cannot do them,
    whatever the arguments are.
    """

    name: str
    traits: Traits = Traits()

    @abstractmethod
    def prepare(self, model: Model, input: Mapping[str, Any]) -> WireRequest:
        """What is to be sent for a model and its input, in the catalogue's words. Sends nothing. Raises RouteUnfit.

        URLs of files in the input are such that the provider can reach them.
        """

    @abstractmethod
    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:
        """Give the provider a file; returns a URL that it can reach. Costs nothing. Raises ProviderSilent."""

    @abstractmethod
    async def submit(self, order: Order) -> Accepted:
        """Have an order carried out; sends it at most once. Raises SubmissionRefused or AcceptanceUnknown."""

    @abstractmethod
    async def poll(self, submission: Submission) -> Report:
        """What has become of an accepted submission. Raises ProviderSilent, ResultGone when it is no longer known."""

    @abstractmethod
    async def fetch(self, output: str, target: Path) -> None:
        """Copy one of the outputs into the file `target`. Raises ProviderSilent, ResultGone or ResultUnusable."""

    @abstractmethod
    async def probe(self) -> None:
        """Ask for something that costs nothing. Raises SubmissionRefused as `submit` would, ProviderSilent."""

    async def find(self, submission: Submission, *, taken: frozenset[str]) -> Accepted | None:  # noqa: ARG002
        """Whether the provider took a submission whose answer was lost; None when it surely did not.

        `taken` are the provider's ids that belong to other submissions. Raises ProviderSilent when it cannot tell.
        """
        raise ProviderSilent(f"{self.name} has no list of tasks, so it cannot tell whether it took one.")

    async def verify_webhook(self, webhook: Webhook, submission: Submission) -> Report | None:  # noqa: ARG002
        """What an announcement says, if it is surely the provider's; None when the provider has to be asked itself."""
        return None

    def webhook_task_id(self, webhook: Webhook) -> str | None:  # noqa: ARG002
        """The provider's id of the task that an announcement names, without any proof; None when it names none."""
        return None

    async def cancel(self, submission: Submission) -> None:  # noqa: B027
        """Cancel an accepted submission, where the provider can. Raises ProviderSilent."""

    async def close(self) -> None:  # noqa: B027
        """Give back what the provider holds."""


class LocalOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine of this machine is asked to do."""

    model: Model
    input: dict[str, Any]
    """In the catalogue's words."""
    picture: Path
    """The input's picture."""
    workspace: Path
    """A folder for what is made; the caller removes it."""
    long: bool = False
    """Whether it runs in the long lane."""


class LocalOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine of this machine has made."""

    path: Path
    """In the order's workspace."""
    made: Made


class LocalRunner(ABC):
    """An engine of this machine, which runs one picture at a time in each of two lanes. It costs and keeps nothing.

    One lane is for short orders and one for long ones, so that a short one does not wait until a long one has finished.
    An order whose worker dies is run again by another worker.
    """

    name: str

    @abstractmethod
    async def run(self, order: LocalOrder, on_progress: OnProgress) -> LocalOutcome:
        """Carry an order out. Raises RouteUnfit, PictureError, InvalidInput or EngineError, whose words go to the app.

        NoRoomBesideLong means that the order has to run in the long lane.
        An error that `on_progress` raises stops the engine.
        """

    async def expected_seconds(self, order: LocalOrder) -> float:  # noqa: ARG002
        """Roughly how long an order will take, by the size of its picture; 0 if `run` will refuse it."""
        return 0.0

    @abstractmethod
    async def probe(self) -> None:
        """Look whether the engine can run here, without loading it. Raises SubmissionRefused."""

    async def close(self) -> None:  # noqa: B027
        """End what the engine has started."""


Provider = HostedProvider | LocalRunner


def hosted(providers: Mapping[str, Provider], name: str) -> HostedProvider:
    """The hosted provider that has taken a task. Raises ProviderSilent when it is no longer set up."""
    provider = providers.get(name)
    if not isinstance(provider, HostedProvider):
        raise ProviderSilent(f"{name} is no longer set up: set its key again, and it is asked.")
    return provider
