"""The sandbox as a provider.

It remembers nothing: what has become of a task follows from the submission, and each output's address holds all that
is drawn. So it answers the same after a restart, and in every worker.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from enlarger.catalog import Model, get_model
from enlarger.engines.media import empty_video, silence
from enlarger.errors import PictureUnreadable, ProviderSilent, ResultGone, SubmissionRefused
from enlarger.infra.threads import run_abandonable
from enlarger.protocol.records import Made
from enlarger.providers.base import Accepted, HostedProvider, Order, Report, Submission, Traits, WireRequest
from enlarger.providers.sandbox.script import Fate, decide, draw
from enlarger.providers.sandbox.settings import SandboxSettings

if TYPE_CHECKING:
    from enlarger.providers.sandbox.drawing import Drawing

_SCHEME = "sandbox:"
_VIDEO = _SCHEME + "video:"
_AUDIO = _SCHEME + "audio:"
_MOST_OUTPUTS = 20
_NO_LIBRARY = "The sandbox cannot draw without pyvips: `pip install enlarger[sandbox]` brings it."
_WORD_FIELDS = ("prompt", "text", "negative_prompt")


class SandboxProvider(HostedProvider):
    """Runs every model of the catalogue, at no cost: a picture that says what was asked for."""

    name = "sandbox"
    traits: Traits = Traits(fetches=False, needs_network=False, remembers=False, lists=True)

    def __init__(self, settings: SandboxSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._seconds = settings.sandbox_seconds
        self._failures = settings.sandbox_failures
        self._seed = settings.sandbox_seed
        self._max_pixels = settings.max_pixels
        self._now = now

    def prepare(self, model: Model, input: Mapping[str, Any]) -> WireRequest:
        """The same: the sandbox speaks the catalogue's words, and runs every model."""
        return WireRequest(model=model.id, input=dict(input))

    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:  # noqa: ARG002 - it goes by the type
        """A URL with a small copy of the picture inside it; nothing is kept anywhere. Raises ProviderSilent."""
        if find_spec("pyvips") is None:
            raise ProviderSilent(_NO_LIBRARY)
        from enlarger.providers.sandbox.pictures import unreadable_url, write_url

        try:
            return await run_abandonable(partial(write_url, path, mime_type))
        except TimeoutError:
            return unreadable_url(mime_type)

    async def submit(self, order: Order) -> Accepted:
        """Take a task, unless its prompt says `[sandbox refuse]` or nothing can be drawn: SubmissionRefused."""
        await self.probe()
        fate = self._fate(order.task_id, order.request.input)
        if fate.refused:
            raise SubmissionRefused("The sandbox refuses this task, as its prompt asks for.", reason="input", code=422)
        return Accepted(_provider_task_id(order), seconds=fate.seconds)

    async def poll(self, submission: Submission) -> Report:
        """What has become of a task, by the time that has passed since it was submitted."""
        fate = self._fate(submission.task_id, submission.request.input)
        provider_task_id = submission.provider_task_id or _provider_task_id(submission)
        passed = (self._now() - submission.submitted_at).total_seconds()
        if passed < fate.seconds:
            progress = max(0, min(99, int(100 * passed / fate.seconds)))
            return Report(provider_task_id=provider_task_id, state="running", progress=progress)
        failure, faulty_input = fate.failure, False
        outputs: tuple[str, ...] = ()
        data: dict[str, Any] | None = None
        model, input = get_model(submission.request.model), submission.request.input
        media = _media(model, input)
        if failure is None and media == "data":
            data = {"text": f"SANDBOX: {model.id}", "prompt": _words(input)}
        elif failure is None and media in ("video", "audio"):
            scheme = _VIDEO if media == "video" else _AUDIO
            outputs = tuple(f"{scheme}{provider_task_id}:{number}" for number in range(_count(model, input)))
        elif failure is None:
            drawings = await asyncio.to_thread(self._drawings, submission)
            failure, faulty_input = self._fault(model, drawings[0]), True
            outputs = tuple(map(_encode, drawings)) if failure is None else ()
        return Report(
            provider_task_id=provider_task_id,
            state="succeeded" if failure is None else "failed",
            progress=100 if failure is None else 0,
            outputs=outputs,
            data=data,
            made=None if failure else Made(provider=self.name, engine=self.name, seconds=fate.seconds),
            code=None if failure is None else "422" if faulty_input else "500",
            message=failure,
            faulty_input=failure is not None and faulty_input,
            cost=Decimal(0),
            seconds=fate.seconds,
            ended_at=submission.submitted_at + timedelta(seconds=fate.seconds),
        )

    async def find(self, submission: Submission, *, taken: frozenset[str]) -> Accepted | None:
        """Every task that it does not refuse is as good as taken: it costs nothing, and its fate is known."""
        provider_task_id = _provider_task_id(submission)
        if provider_task_id in taken or self._fate(submission.task_id, submission.request.input).refused:
            return None
        return Accepted(provider_task_id)

    async def fetch(self, output: str, target: Path) -> None:
        """Draw an output. Raises ResultGone for an address that is not the sandbox's."""
        if output.startswith(_VIDEO):
            await asyncio.to_thread(target.write_bytes, empty_video())
            return
        if output.startswith(_AUDIO):
            await asyncio.to_thread(target.write_bytes, silence())
            return
        await asyncio.to_thread(_draw, output, target)

    async def probe(self) -> None:
        """Raise SubmissionRefused when nothing can be drawn here."""
        if find_spec("pyvips") is None:
            raise SubmissionRefused(_NO_LIBRARY, reason="down")
        from enlarger.providers.sandbox.drawing import check_font

        await asyncio.to_thread(check_font)

    def _fate(self, task_id: str, input: dict[str, Any]) -> Fate:
        return decide(task_id, input, seed=self._seed, failures=self._failures, seconds=self._seconds)

    def _drawings(self, submission: Submission) -> list[Drawing]:
        from enlarger.providers.sandbox.drawing import Drawing, clean
        from enlarger.providers.sandbox.pictures import find_picture
        from enlarger.providers.sandbox.sizes import size_of

        model, input = get_model(submission.request.model), submission.request.input
        picture = find_picture(model, input)
        width, height = size_of(model, input, picture)
        whole = json.dumps(input, sort_keys=True, default=str)
        return [
            Drawing(
                task_id=submission.task_id,
                number=number,
                model=model.id,
                words=clean(_words(input)),
                width=width,
                height=height,
                format=_format(input, picture.format if picture and "upscale" in model.tasks else "png"),
                hue=draw(self._seed, "hue", model.id, whole, str(number)),
                ground=picture.jpeg if picture else b"",
            )
            for number in range(_count(model, input))
        ]

    def _fault(self, model: Model, drawing: Drawing) -> str | None:
        """Why a picture is too large, if it is."""
        if model.max_side and max(drawing.width, drawing.height) > model.max_side:
            return f"The result would be larger than {model.max_side} pixels on its longest side."
        if drawing.width * drawing.height > self._max_pixels:
            return (
                f"The sandbox draws at most {self._max_pixels / 1e6:g} megapixels (ENLARGER_MAX_MEGAPIXELS);"
                f" the result would have {drawing.width * drawing.height / 1e6:.0f}."
            )
        return None


def _provider_task_id(sent: Order | Submission) -> str:
    """The sandbox's id of a task; a task that is sent anew, with another webhook, is another one."""
    digest = hashlib.sha256(f"{sent.task_id}\n{sent.webhook_url or ''}".encode()).hexdigest()
    return f"sandbox-{digest[:24]}"


def _media(model: Model, input: Mapping[str, Any]) -> str:
    """What kind of result a model makes; one that works on an earlier task's makes the same kind again."""
    media = model.output.media
    if media != "source":
        return media
    fields = model.fields()
    sources = [str(value) for name, value in input.items() if name in fields and fields[name].each == "task"]
    return "video" if any(source.startswith("data:video/") for source in sources) else "image"


def _count(model: Model, input: Mapping[str, Any]) -> int:
    output = model.output
    wanted = input.get(output.count_field, output.count) if output.count_field else output.count
    try:
        return max(1, min(_MOST_OUTPUTS, int(wanted)))
    except (TypeError, ValueError):
        return output.count


def _words(input: dict[str, Any]) -> str:
    """What an input says in words."""
    return next((text for name in _WORD_FIELDS if isinstance(text := input.get(name), str) and text.strip()), "")


def _format(input: dict[str, Any], otherwise: str) -> Literal["jpg", "png", "webp"]:
    wanted = str(input.get("output_format") or input.get("outputFormat") or otherwise).lower()
    if wanted in ("jpg", "jpeg"):
        return "jpg"
    return "webp" if wanted == "webp" else "png"


def _encode(drawing: Drawing) -> str:
    return _SCHEME + base64.urlsafe_b64encode(msgspec.msgpack.encode(drawing)).decode()


def _draw(output: str, target: Path) -> None:
    from enlarger.providers.sandbox.drawing import Drawing
    from enlarger.providers.sandbox.drawing import draw as draw_picture

    try:
        drawing = msgspec.msgpack.decode(base64.urlsafe_b64decode(output.removeprefix(_SCHEME)), type=Drawing)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise ResultGone("That is not the address of a result of the sandbox.") from None
    try:
        draw_picture(drawing, target)
    except PictureUnreadable as error:
        raise ResultGone(f"The sandbox has no such result. {error}") from None
