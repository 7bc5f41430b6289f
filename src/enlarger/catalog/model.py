"""What the catalogue says of a model, as records. The YAML files in `models/` are lists of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Media = Literal["image", "video", "audio"]
FieldType = Literal["string", "integer", "number", "boolean", "object", "array", "task", "image", "video", "audio"]
Scalar = str | int | float | bool
Conditions = dict[str, Scalar | tuple[Scalar, ...] | None]
"""Fields and their values; of several values any, and null for a field that is not given."""
Kind = Literal["image", "video", "audio"]

LOCAL = "local"
"""The name of this machine's engine among the providers."""
CREDIT_USD = 0.005
"""What a credit costs, in dollars."""


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A record of the catalogue; a name that it does not know is a mistake in the data."""


def hold(conditions: Conditions, values: Mapping[str, Any]) -> bool:
    """Whether fields with these values meet the conditions."""
    return all(
        values.get(name) in (wanted if isinstance(wanted, tuple) else (wanted,)) for name, wanted in conditions.items()
    )


class Limit(_Record, frozen=True, kw_only=True):
    """What a field is limited to beside its own limits, with certain values of others."""

    when: Conditions = {}
    """What other fields are."""
    given: tuple[str, ...] = ()
    """Other fields that are given, whatever they are."""
    absent: bool = False
    """Whether the field must not be given at all."""
    enum: tuple[Scalar, ...] = ()
    max_length: int | None = None
    maximum: float | None = None
    max_items: int | None = None

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it holds beside these values of the form's other fields."""
        return all(name in values for name in self.given) and hold(self.when, values)

    def narrow(self, field: Field) -> Field:
        """A field of the same type that has this limit alone; what its files are is not looked at again."""
        return Field(
            type=field.type,
            items="string" if field.media else field.items,
            enum=self.enum,
            max_length=self.max_length,
            maximum=self.maximum,
            max_items=self.max_items,
        )


class Default(_Record, frozen=True, kw_only=True):
    """A default that a field has with certain values of others."""

    value: Scalar
    when: Conditions


class Sum(_Record, frozen=True, kw_only=True):
    """The total that one member of all objects in a list has to add up to, such as the durations of shots."""

    member: str
    total: str | float
    """A field of the same input, or a number."""
    when: Conditions = {}
    """The values of other fields with which it applies."""


class Reference(_Record, frozen=True, kw_only=True):
    """A member of all objects in a list that names one of the objects in another list, by the same member there."""

    member: str
    field: str
    """The other list."""


class Field(_Record, frozen=True, kw_only=True):
    """One field of a model's input.

    `image`, `video` and `audio` are URLs of such files, or the files themselves inline; `task` is the id of an earlier
    task that has succeeded. Of an `array`, `items` is the type of what is in it, and the limits on values and files
    hold for each item.
    """

    type: FieldType
    items: FieldType = "string"
    members: dict[str, Field] = {}
    """The fields of each object in a list; objects without documented fields are passed on unchecked."""
    sum: Sum | None = None
    """What the objects in a list add up to."""
    refers: Reference | None = None
    """What the objects in a list refer to."""
    sample: Scalar | None = None
    """A value for examples, where not every text will do."""
    required: bool = False
    required_if: tuple[Conditions, ...] = ()
    """What other fields are where the field is required; any of these is enough."""
    only_with: tuple[str, ...] = ()
    """Other fields, of which one at least has to be given with it."""
    not_with: tuple[str, ...] = ()
    """Other fields that must not be given with it."""
    limits_if: tuple[Limit, ...] = ()
    """Limits that depend on other fields."""
    default: Any = None
    defaults_if: tuple[Default, ...] = ()
    """Defaults that count before it, with certain values of other fields."""
    enum: tuple[Scalar, ...] = ()
    pattern: str | None = None
    """A regular expression that the whole text has to match; `sample` is then one that does."""
    min_length: int | None = None
    """Characters; 0 for a text that has to be given and may be empty."""
    max_length: int | None = None
    """Characters; of a list of objects, those of their `text` together."""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    besides: tuple[Scalar, ...] = ()
    """Values that are taken although its limits exclude them, such as -1 for a seed by chance."""
    min_items: int | None = None
    max_items: int | None = None
    max_mb: float | None = None
    max_megapixels: float | None = None
    accept: tuple[str, ...] = ()
    """The subtypes of the media type that are taken; for images without it jpeg, png and webp."""
    assets: bool = False
    """Whether a file may be named by `asset://…`, as one that the hosted service keeps for the account."""
    deprecated: str | None = None
    """The field to use instead."""

    def requiring(self, values: Mapping[str, Any]) -> Conditions | None:
        """Why it has to be given, beside these values of the form's other fields: nothing for always, None for not."""
        if self.required:
            return {}
        return next((conditions for conditions in self.required_if if hold(conditions, values)), None)

    def usual(self, values: Mapping[str, Any]) -> Any:
        """What is sent where nothing is given, beside these values of the form's other fields."""
        for default in self.defaults_if:
            if hold(default.when, values):
                return default.value
        return self.default

    @property
    def each(self) -> FieldType:
        """The type of the field's value, or of each one where it takes a list."""
        return self.items if self.type == "array" else self.type

    @property
    def media(self) -> Media | None:
        """What kind of file the field takes, one or a list of them."""
        return self.each if self.each in ("image", "video", "audio") else None

    @property
    def accepted(self) -> tuple[str, ...]:
        """The subtypes of the field's medium that are taken; none named means any."""
        return self.accept or (("jpeg", "png", "webp") if self.media == "image" else ())


class Output(_Record, frozen=True, kw_only=True):
    """What a task makes."""

    media: Literal["image", "video", "audio", "data", "source"] = "image"
    """`data` is an object instead of files; `source` is whatever the source task made."""
    count: int = 1
    """How many files, unless `count_field` of the input says so."""
    count_field: str | None = None
    fewer: bool = False
    """Whether there may be fewer than `count_field` says; what is not made is not paid for."""
    most: int | None = None
    """How many there may be where that cannot be known beforehand."""


class Rule(_Record, frozen=True, kw_only=True):
    """A price, and the input that it holds for.

    Beside the input's fields `when` may name `output`, the size class of the result; `image_input` and `video_input`,
    whether the input has such files; and `source`, the resolution of the source task's video, or its model.
    """

    credits: float
    when: dict[str, Scalar | tuple[Scalar, ...]] = {}


class Extra(_Record, frozen=True, kw_only=True):
    """What each file in a field costs beside the rest, after the first `free` ones."""

    field: str
    credits: float
    free: int = 0


class Price(_Record, frozen=True, kw_only=True):
    """What a task costs."""

    per: Literal["task", "image", "second", "megapixel", "thousand characters"] = "task"
    rules: tuple[Rule, ...] = ()
    """None when no price is known."""
    extra: tuple[Extra, ...] = ()
    texts: tuple[str, ...] = ()
    """The fields whose characters are billed; of objects, those of their `text`."""
    seconds: float | None = None
    """How long every result is, where no field says so."""
    seconds_field: str = "duration"
    """The field that says how long the result is."""
    most_seconds: float | None = None
    """The most that can be billed where the length is known only afterwards."""
    most_input_seconds: float | None = None
    """How long the videos of an input can be together, where their length is billed as well."""
    videos: tuple[str, ...] = ()
    """Fields of objects that hold videos: with one of them `video_input` is true."""

    depends_on: str | None = None
    """What the price depends on that nobody knows beforehand; it is then the most that it can be."""

    @property
    def free(self) -> bool:
        """Whether a task may cost nothing: no price is known, or it is zero."""
        return all(rule.credits == 0 for rule in self.rules) and not self.extra


class Duration(_Record, frozen=True, kw_only=True):
    """How many seconds a task takes: for the first poll, and for giving up."""

    usual: float
    most: float


class HostedRoute(_Record, frozen=True, kw_only=True):
    """How a hosted provider runs the model."""

    model: str | None = None
    """Its name there, where it is another."""
    fields: dict[str, str] = {}
    """Our names of fields and the provider's."""
    values: dict[str, dict[str, Scalar]] = {}
    """By our names of fields: our values and the provider's. A value that is not there cannot be done on this route."""
    assets: bool = False
    """Whether the provider knows the files that `asset://…` names."""
    constants: dict[str, Scalar] = {}
    """By the provider's names of fields: what is always sent along."""
    usd: float | None = None
    """Dollars that an output costs there, where it is not the list price."""
    usd_by: dict[str, dict[str, float]] = {}
    """The same by one of our fields and its values, where that decides it."""


class LocalRoute(_Record, frozen=True, kw_only=True):
    """How this machine's engine runs the model."""

    network: str
    networks: dict[str, str] = {}
    """Instead of it, by the value of `network_field`."""
    network_field: str | None = None
    """The field that says which of the `networks` is used."""
    order: Literal["enlarge", "cut-out"] = "enlarge"
    """What the engine does."""
    last_resort: bool = False
    """Whether it is used only while no provider that runs the model is set up: what it makes is less than theirs."""
    licence: str | None = None
    """Of the network's weights, as an SPDX identifier; for models that are this machine's own."""
    source: str
    """The field that the picture comes from."""
    factor: int | None = None
    """A fixed factor, for models that have no field for it."""
    factor_field: str | None = None
    format_field: str | None = None
    quality_field: str | None = None
    """The field with the encoder's quality, 1 to 100."""
    hidden_colours_field: str | None = None
    """The field that says whether colours under full transparency are kept."""
    controls: bool = False
    """Whether the input has our own fields `size`, `long_side`, `megapixels`, `strength`, `denoise`, `tile`, `engine`
    and `precision`."""

    def network_for(self, input: Mapping[str, Any]) -> str:
        """The network that makes the picture for an input."""
        value = input.get(self.network_field) if self.network_field else None
        return self.network if value is None else self.networks[str(value)]


Form = Mapping[str, Field]
"""The fields of an input, by their names."""


class Model(_Record, frozen=True, kw_only=True):
    """A model of the catalogue."""

    id: str
    """The name to give as `model`."""
    title: str
    """The name for people."""
    kind: Kind
    """`image`, `video` or `audio`."""
    tasks: tuple[str, ...]
    """What it does, its main purpose first: `upscale`, `text-to-image`, `image-edit`, …"""
    aliases: tuple[str, ...] = ()
    """Other names by which it is found."""
    status: Literal["active", "paused", "retired"] = "active"
    """Its status at the hosted service."""
    input: dict[str, Field] = {}
    """The fields of its input."""
    forms: tuple[dict[str, Field], ...] = ()
    """Alternative sets of fields; `input` has the fields that all of them share."""
    one_of: tuple[tuple[str, ...], ...] = ()
    """Groups of fields; of each group, at least one field is required."""
    max_side: int | None = None
    """The maximum of the result's longest side in pixels."""
    output: Output = Output()
    """What it makes."""
    price: Price = Price()
    """What a task costs."""
    duration: Duration
    """How many seconds a task takes."""
    routes: dict[str, HostedRoute] = {}
    """How each hosted provider that has the model runs it, by the provider's name."""
    engine: LocalRoute | None = None
    """How this machine's engine runs it, if it can."""
    note: str | None = None
    """More about the model."""

    @property
    def licence(self) -> str | None:
        """The licence of its weights, if they are on this machine, as an SPDX identifier."""
        return self.engine.licence if self.engine else None

    def providers(self) -> tuple[str, ...]:
        """The names of the providers that can run it."""
        return (*self.routes, LOCAL) if self.engine else tuple(self.routes)

    def all_forms(self) -> tuple[Form, ...]:
        """The sets of fields; an input must fit one of them."""
        return tuple({**self.input, **form} for form in self.forms) or (self.input,)

    def fields(self) -> Form:
        """All fields of all forms."""
        return {name: field for form in self.all_forms() for name, field in form.items()}

    def picture_field(self) -> str | None:
        """The name of the required field for an image, if there is one."""
        return next((name for name, field in self.input.items() if field.type == "image" and field.required), None)
