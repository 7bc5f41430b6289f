"""The prompts: what is kept and what is changed is said every time, nothing is too long, nothing is left unfilled."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.catalog import get_model
from enlarger.errors import InvalidInput
from enlarger.interior import (
    MOST_WISHES,
    MOST_WORDS,
    QUALITIES,
    build_prompt,
    clear_space_prompt,
    edit_task,
    facade_prompt,
    free_prompt,
    list_rooms,
    list_styles,
    sample_prompt,
)

_KEPT = ("walls", "windows", "doors", "ceiling height", "floor plan", "camera position", "perspective", "proportions")
_SHORTEST_LIMIT = min(
    get_model(edit_task([], "", quality).model).fields()["prompt"].max_length or 0 for quality in QUALITIES
)


def everything(wishes: str = "") -> list[str]:
    rooms, styles = [room.id for room in list_rooms()], [style.id for style in list_styles()]
    return [
        *(build_prompt(room, style, wishes) for room, style in itertools.product(rooms, styles)),
        *(sample_prompt(room, wishes) for room in rooms),
        *(facade_prompt(style, wishes) for style in styles),
        clear_space_prompt(),
    ]


def test_every_prompt_is_whole_and_fits_every_model() -> None:
    for prompt in everything("ы" * MOST_WISHES):
        assert len(prompt) <= _SHORTEST_LIMIT
        assert not {"{", "}"} & set(prompt)
        assert ".." not in prompt.replace("...", "")
        assert "photorealistic" in prompt
        assert "No people" in prompt
        assert "no text" in prompt


def test_rooms_keep_their_walls_and_the_camera() -> None:
    for prompt in [*everything(), clear_space_prompt()]:
        if "outside of the house" in prompt:
            continue
        for part in _KEPT:
            assert part in prompt


def test_houses_keep_their_shape() -> None:
    prompt = facade_prompt("loft")
    for part in ("outline", "storeys", "roof", "window", "camera position", "perspective"):
        assert part in prompt


def test_a_prompt_has_the_style_and_what_it_means_for_the_room() -> None:
    prompt = build_prompt("спальня", "Джапанди", "больше света")
    assert prompt.startswith("Redesign the bedroom in this photo in Japandi style")
    assert "a low platform bed on a mat" in prompt
    assert "matcha green as the accent" in prompt
    assert "The owner also wishes: больше света." in prompt


def test_the_kitchen_keeps_its_pipes() -> None:
    assert "Sink, hob, extractor and pipes stay where they are" in build_prompt("kitchen", "modern")


def test_without_wishes_none_are_mentioned() -> None:
    assert "wishes" not in build_prompt("bedroom", "modern", " \n ")


def test_braces_and_lines_in_wishes_are_only_words() -> None:
    prompt = build_prompt("bedroom", "modern", "a {room}\x00\nwith\u202e {0} 👨‍👩‍👧 lamps!")
    assert "The owner also wishes: a {room} with {0} 👨‍👩‍👧 lamps! Fulfil" in prompt


@given(st.text(max_size=300))
def test_nothing_without_a_shape_gets_in(words: str) -> None:
    prompt = build_prompt("bedroom", "modern", words)
    assert prompt.count("\n") == build_prompt("bedroom", "modern", "x").count("\n") - ("wishes" not in prompt)
    for letter in prompt.replace("\n", ""):
        assert not unicodedata.category(letter).startswith("C") or letter in "\u200c\u200d"


@pytest.mark.parametrize("build", [build_prompt, lambda room, _, wishes: sample_prompt(room, wishes)])
def test_endless_wishes_are_refused(build: object) -> None:
    assert callable(build)
    with pytest.raises(InvalidInput, match="1,001 characters: say it in 1,000") as refused:
        build("bedroom", "modern", "a" * (MOST_WISHES + 1))
    assert refused.value.field == "wishes"


def test_a_free_prompt_is_what_was_said_and_what_has_to_stay() -> None:
    prompt = free_prompt("сделай стены синими")
    assert prompt.startswith("Edit this photo as its owner asks: сделай стены синими.")
    assert "Everything else stays exactly as it is" in prompt


@pytest.mark.parametrize("text", ["", " \n\t", "\x00", "a" * (MOST_WORDS + 1)])
def test_a_free_prompt_of_nothing_or_without_end_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        free_prompt(text)
    assert refused.value.field == "text"
