"""The door to a provider: what is asked of it, and what it tells.

Every provider, hosted or of this machine, is one `Provider`. Submitting is the one step that may cost money, so its
three outcomes are kept apart with care: it took the task (`Accepted`, or a `Report` when that has ended already), it
surely did not (`SubmissionRefused`), or nobody can say (`AcceptanceUnknown`). In doubt it is the last.

An announcement of a task's end is believed when `read_webhook` has verified it. All others are only a hint to ask the
provider; for a submission of which nobody knows the provider's id, `webhook_task_id` reads whom to ask for. What that
says has to be confirmed by `look` before anything follows from it: whoever knows the webhook's URL can name any id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from enlarger.catalog import Model
from enlarger.infra.webhook_urls import same_submission
from enlarger.protocol.records import Made
from enlarger.protocol.webhook import Webhook

OnProgress = Callable[[float], Awaitable[None]]
"""Awaited with 0..1; an error that it raises calls the work off."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider is asked to do."""

    task_id: str
    model: Model
    input: dict[str, Any]
    """In the catalogue's words; URLs of files are such that the provider can reach them."""
    webhook_url: str | None = None
    """Where the provider is to tell of the task's end; it holds a secret that nobody can guess."""
    picture: Path | None = None
    """The input's picture on this machine, for providers that run here."""
    workspace: Path | None = None
    """A folder for what is made here; the caller removes it."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was sent, as it is remembered."""

    task_id: str
    model: Model
    input: dict[str, Any]
    """As it was sent."""
    submitted_at: datetime
    webhook_url: str | None = None
    provider_task_id: str | None = None
    """None while nobody knows it."""
    hearsay: bool = False
    """Whether that id is only what an announcement without a signature said."""

    def denies(self, webhook_url: object) -> bool:
        """Whether a task that was made with this webhook URL is another submission's, although its id was heard."""
        if not self.hearsay or self.webhook_url is None or not isinstance(webhook_url, str):
            return False
        return not same_submission(webhook_url, self.webhook_url)


class Accepted(msgspec.Struct, frozen=True):
    """The provider has taken a task."""

    provider_task_id: str
    seconds: float | None = None
    """What it will take, where the provider knows."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider tells of a task."""

    provider_task_id: str
    state: Literal["running", "succeeded", "failed"]
    progress: int = 0
    """0 to 100."""
    outputs: tuple[str, ...] = ()
    """Where the results are: URLs, or paths on this machine."""
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
    """What a provider is like."""

    hosted: bool
    """Whether tasks run elsewhere: it accepts them, and is asked later what became of them."""
    fetches: bool = True
    """Whether it gets files from public URLs by itself; else all are uploaded to it."""
    needs_network: bool = True
    """Whether files at foreign URLs matter to it; if not, it is given the URLs and nothing is fetched."""
    remembers: bool = True
    """Whether it knows a task of its own by its id; else it is given what that task made."""
    lists: bool = False
    """Whether `find` can tell that a task was not taken."""
    keeps_seconds: float | None = None
    """How long it keeps results; None is for ever."""


class Provider(Protocol):
    """One way to have a task carried out."""

    name: str
    traits: Traits

    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:
        """Give the provider a file; returns a URL that it can reach. Costs nothing. Raises ProviderSilent."""
        ...

    async def submit(self, order: Order, on_progress: OnProgress) -> Accepted | Report:
        """Have an order carried out; sends it at most once.

        Returns Accepted, or a Report with which it has ended. Raises SubmissionRefused, AcceptanceUnknown, RouteUnfit;
        a provider of this machine PictureError, InvalidInput or EngineError instead, whose words go to the app.
        """
        ...

    async def look(self, submission: Submission) -> Report:
        """What has become of an accepted submission. Raises ProviderSilent, ResultGone when it is no longer known."""
        ...

    async def find(self, submission: Submission, *, taken: frozenset[str]) -> Accepted | None:
        """Whether the provider took a submission whose answer was lost; None when it surely did not.

        `taken` are the provider's ids that belong to other submissions. Raises ProviderSilent when it cannot tell.
        """
        ...

    async def read_webhook(self, webhook: Webhook, submission: Submission) -> Report | None:
        """What an announcement says, if it is surely the provider's; None when the provider has to be asked itself."""
        ...

    def webhook_task_id(self, webhook: Webhook) -> str | None:
        """The provider's id of the task that an announcement names, without any proof; None when it names none."""
        ...

    async def cancel(self, provider_task_id: str) -> None:
        """Call a task off, where the provider can. Raises ProviderSilent."""
        ...

    async def fetch(self, output: str, target: Path) -> None:
        """Copy one of the outputs into the file `target`. Raises ProviderSilent, ResultGone or ResultUnusable."""
        ...

    async def probe(self) -> None:
        """Ask for something that costs nothing. Raises SubmissionRefused as `submit` would, ProviderSilent."""
        ...

    async def close(self) -> None:
        """Give back what the provider holds."""
        ...
