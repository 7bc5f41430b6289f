"""Who runs what, in which order: the user's wishes, what is set up, and what each provider can do."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, get_args

import msgspec

from enlarger.catalog.faults import switched_off
from enlarger.catalog.load import get_model, list_models
from enlarger.catalog.messages import translator
from enlarger.catalog.model import Kind, Model
from enlarger.catalog.routes import translate
from enlarger.errors import ConfigurationError, ModelSwitchedOff, ModelUnavailable, RouteUnfit, UnknownModel
from enlarger.providers.registry import PROVIDERS, spec_of, specs
from enlarger.providers.setup import unconfigured_of
from enlarger.settings import ServiceSettings
from enlarger.translatable import joined, sentence

CANNOT_RUN = "cannot_run"
"""The code for a model that no provider here can run with an input."""
_SETTING = "ENLARGER_ROUTES"


class Choice(msgspec.Struct, frozen=True):
    """A provider in its place, and what keeps it from running a model with an input, if anything."""

    provider: str
    lacks: Literal["settings", "route", "value"] | None = None
    """It is not set up, does not run the model at all, or not with this input; None when it can run it."""
    reason: str | None = None

    @property
    def possible(self) -> bool:
        """Whether it can run it."""
        return self.lacks is None


class Routing(msgspec.Struct, frozen=True):
    """The settings of routes, parsed; `unconfigured` are the providers that are not set up, and what to do about it."""

    usual: tuple[str, ...]
    special: Mapping[str, tuple[str, ...]] = {}
    """By a model's id, a type of task, or a kind."""
    unconfigured: Mapping[str, str] = {}
    off: frozenset[str] = frozenset()
    """Models, types of task and kinds that the operator does not offer; what was made before goes on."""

    def offers(self, model: Model) -> bool:
        """Whether new tasks of a model are taken."""
        return self.off.isdisjoint((model.id, *model.tasks, model.kind))

    def require_offered(self, model: Model, *, locale: str = "en") -> None:
        """Raise ModelSwitchedOff, in the language `locale`, for a model that the operator does not offer."""
        if not self.offers(model):
            raise ModelSwitchedOff("model", switched_off(model, translator(locale)))

    def order(self, model: Model) -> tuple[str, ...]:
        """The providers for a model, the first one first; a wish for the model itself counts before all others."""
        for selector in (model.id, *model.tasks, model.kind):
            if selector in self.special:
                return self.special[selector]
        return self.usual

    def providers(self) -> frozenset[str]:
        """Those who may get a task of some model, set up or not."""
        return frozenset(self.usual).union(*self.special.values())

    def unused(self, provider: str) -> str | None:
        """Why a provider gets no task, whatever the model is; None when it may get one. It may not be set up."""
        used = self.providers()
        return None if provider in used else why_unused(used)

    def all_unused(self) -> dict[str, str]:
        """The providers that get no task, whatever the model is, and why."""
        return {name: why for name in PROVIDERS if (why := self.unused(name))}

    def available(self, model: Model) -> tuple[str, ...]:
        """The providers in the order for the model that have it and are set up, whatever the input is."""
        if not self.offers(model):
            return ()
        return tuple(name for name in self.order(model) if runs(name, model) and name not in self.unconfigured)

    def choices(self, model: Model, input: Mapping[str, Any]) -> list[Choice]:
        """Each provider in the order for the model, and whether it can run it; `input` is what `build_input` made."""
        return [self._choice(provider, model, input) for provider in self.order(model)]

    def check(self, model: Model, input: Mapping[str, Any], *, locale: str = "en") -> None:
        """Raise ModelUnavailable, with every provider's reason, when none can run the model with this input.

        Raises ModelSwitchedOff, in the language `locale`, for a model that is not offered.
        """
        self.require_offered(model, locale=locale)
        choices = self.choices(model, input)
        if any(choice.possible for choice in choices):
            return
        reasons: list[str] = [joined((choice.provider, choice.reason or ""), ": ") for choice in choices]
        left_out = set(model.providers()) - {choice.provider for choice in choices} - set(self.unconfigured)
        if left_out:
            names = joined(sorted(left_out), ", ")
            reasons.append(sentence("{setting} leaves {names} out", setting=_SETTING, names=names))
        message = sentence("The model {model} cannot run here. {reasons}.", model=model.id, reasons=joined(reasons))
        raise ModelUnavailable("model", message, [("model", CANNOT_RUN, message)])

    def _choice(self, provider: str, model: Model, input: Mapping[str, Any]) -> Choice:
        if not runs(provider, model):
            return Choice(provider, "route", sentence("it does not run this model"))
        if provider in self.unconfigured:
            return Choice(provider, "settings", self.unconfigured[provider])
        if (hosted := model.routes.get(provider)) is not None:
            try:
                translate(model, hosted, input)
            except RouteUnfit as error:
                return Choice(provider, "value", error.args[0])
        return Choice(provider)


def runs(provider: str, model: Model) -> bool:
    """Whether a provider has a model."""
    return provider in model.providers() or spec_of(provider).simulates


def why_unused(used: Collection[str]) -> str:
    """Why a provider gets no tasks when only the `used` ones, which it is not among, do."""
    specs_of_used = [spec for spec in specs() if spec.name in used]
    if specs_of_used and all(spec.simulates for spec in specs_of_used):
        return f"everything runs in {' and '.join(spec.title for spec in specs_of_used)}"
    return f"{_SETTING} leaves it out"


def at_workers(running: Mapping[str, bool]) -> tuple[dict[str, str], dict[str, str]]:
    """The providers that are not set up at the workers that run, and those that get no tasks from them, each with why.

    `running` are the providers that are set up there, and whether they get tasks.
    """
    absent = sentence("not set up in the service that is running")
    missing: dict[str, str] = dict.fromkeys(PROVIDERS.keys() - running, absent)
    used = {name for name, gets_tasks in running.items() if gets_tasks}
    return missing, dict.fromkeys(running.keys() - used, why_unused(used))


def usual_order() -> tuple[str, ...]:
    """The providers where the user wishes no other order; made-up results have to be asked for."""
    return tuple(spec.name for spec in specs() if not spec.simulates)


def routing_of(settings: ServiceSettings) -> Routing:
    """Who runs what, by the settings. Raises ConfigurationError, also for an unknown provider in the catalogue."""
    _check_catalogue()
    unconfigured = unconfigured_of(settings)
    simulating = next((spec.name for spec in specs() if spec.simulates and spec.name not in unconfigured), None)
    return read_routing(settings.routes, simulating=simulating, unconfigured=unconfigured, off=settings.models_off)


def _check_catalogue() -> None:
    for model in list_models():
        for name in model.providers():
            if name not in PROVIDERS:
                raise ConfigurationError(
                    f"The catalogue gives {model.id} a route to {name!r}, which is no provider: name"
                    f" {_listed([*PROVIDERS])}, or register it."
                )


def read_routing(
    text: str,
    *,
    simulating: str | None = None,
    unconfigured: Mapping[str, str] | None = None,
    off: Sequence[str] = (),
) -> Routing:
    """The routes as they are set: `[selector=]provider,provider` with `;` between them.

    A selector is a model's id or alias, a type of task (upscale, …) or a kind (image, video, audio); the entry without
    one is for everything else. A provider that is `simulating` gets everything, unless an entry names it: whoever turns
    on the sandbox and forgets the routes must not pay. `off` are selectors of what is not offered. Raises
    ConfigurationError.
    """
    not_offered = frozenset(_read_selector(entry, "ENLARGER_MODELS_OFF") for entry in off)
    usual: tuple[str, ...] | None = None
    special: dict[str, tuple[str, ...]] = {}
    for entry in (part.strip() for part in text.split(";")):
        if not entry:
            continue
        left, equals, right = entry.rpartition("=")
        providers = _read_providers(entry, right)
        if not equals:
            if usual is not None:
                raise ConfigurationError(f"{_SETTING} has two entries without a selector: {entry!r} is the second.")
            usual = providers
            continue
        selector = _read_selector(left.strip())
        if selector in special:
            raise ConfigurationError(f"{_SETTING} has two entries for {selector}: leave one of them out.")
        special[selector] = providers
    if simulating and simulating not in {name for names in (usual or (), *special.values()) for name in names}:
        return Routing((simulating,), {}, unconfigured or {}, not_offered)
    return Routing(usual or usual_order(), special, unconfigured or {}, not_offered)


def _read_providers(entry: str, text: str) -> tuple[str, ...]:
    names = tuple(name.strip().casefold() for name in text.split(",") if name.strip())
    if not names:
        raise ConfigurationError(f"{_SETTING} names no provider in {entry!r}: name {_listed([*PROVIDERS])}.")
    for name in names:
        if name not in PROVIDERS:
            raise ConfigurationError(f"{_SETTING} names {name!r}, which is no provider: name {_listed([*PROVIDERS])}.")
    return tuple(dict.fromkeys(names))


def _read_selector(text: str, setting: str = _SETTING) -> str:
    kinds, tasks = get_args(Kind), {task for model in list_models() for task in model.tasks}
    if text.casefold() in (*kinds, *tasks):
        return text.casefold()
    try:
        return get_model(text).id
    except UnknownModel:
        near = difflib.get_close_matches(text.casefold(), [*tasks, *(model.id for model in list_models())], n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else "`enlarger models` lists them."
        raise ConfigurationError(
            f"{setting} names {text!r}, which is no model, type of task or kind ({_listed(kinds)}); {hint}"
        ) from None


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
