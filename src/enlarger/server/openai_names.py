"""Which model of the catalogue stands behind a name of OpenAI's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from enlarger.catalog import Model, get_model, list_models
from enlarger.errors import ConfigurationError, UnknownModel

Use = Literal["generation", "edit", "variation", "upscale"]

_SETTING = "ENLARGER_OPENAI_MODELS"
_USUAL = {
    "gpt-image-1": ("google/nano-banana", "google/nano-banana-edit"),
    "gpt-image-1-mini": ("google/nano-banana", "google/nano-banana-edit"),
    "gpt-image-1.5": ("gpt-image/1.5-text-to-image", "gpt-image/1.5-image-to-image"),
    "gpt-image-2": ("gpt-image-2-text-to-image", "gpt-image-2-image-to-image"),
    "gpt-image-2.5-flare": ("gpt-image-2-5-flare-text-to-image", "gpt-image-2-5-flare-image-to-image"),
    "gpt-image-2.5-sunburst": ("gpt-image-2-5-sunburst-text-to-image", "gpt-image-2-5-sunburst-image-to-image"),
    "chatgpt-image-latest": ("gpt-image-2-5-sunburst-text-to-image", "gpt-image-2-5-sunburst-image-to-image"),
    "dall-e-2": ("google/nano-banana", "google/nano-banana-edit"),
    "dall-e-3": ("google/nano-banana", "google/nano-banana-edit"),
}
"""OpenAI's names, and the models for generations and for edits: OpenAI's own where a provider runs them."""
_UNNAMED: Mapping[Use, str] = {
    "generation": "gpt-image-1",
    "edit": "gpt-image-1",
    "variation": "dall-e-2",
    "upscale": "auto/upscale",
}
"""What a request means that names no model."""
_SNAPSHOT = re.compile(r"-20\d\d-\d\d-\d\d$")
"""The date at the end of a name, which means the same model at that time."""


class Names(msgspec.Struct, frozen=True):
    """The models behind names, by the name and what it is used for."""

    models: Mapping[tuple[str, Use], Model]

    def find(self, name: str | None, use: Use) -> Model:
        """The model behind a name, or of this id or alias in the catalogue. Raises UnknownModel.

        A name that has none for this use means its model for generations.
        """
        asked = (name or "").strip() or _UNNAMED[use]
        known = _SNAPSHOT.sub("", asked.casefold())
        found = self.models.get((known, use)) or self.models.get((known, "generation"))
        return found or get_model(asked)

    def listed(self) -> dict[str, Model]:
        """Every name that a request may have, and the model: names of OpenAI's, then the ids of models of pictures."""
        own = {name: model for (name, use), model in self.models.items() if use == "generation"}
        return own | {model.id: model for model in list_models(kind="image") if model.output.media == "image"}


def read_names(text: str) -> Names:
    """The names as they are set, `NAME=MODEL` or `NAME:USE=MODEL` with commas between them, over the usual ones.

    Raises ConfigurationError.
    """
    models: dict[tuple[str, Use], Model] = {}
    for name, (generation, edit) in _USUAL.items():
        models |= {(name, "generation"): get_model(generation), (name, "edit"): get_model(edit)}
    for entry in filter(None, map(str.strip, text.split(","))):
        left, _, right = entry.partition("=")
        name, _, use = (part.strip().casefold() for part in left.partition(":"))
        known = next((one for one in get_args(Use) if one == (use or "generation")), None)
        if not name or not right.strip() or known is None:
            raise ConfigurationError(
                f"{_SETTING} has {entry!r}: write NAME=MODEL or NAME:USE=MODEL, USE being {', '.join(get_args(Use))}."
            )
        try:
            models[name, known] = get_model(right)
        except UnknownModel as error:
            raise ConfigurationError(f"{_SETTING} has {entry!r}. {error}.") from None
    return Names(models)
