"""The data: complete, unambiguous, found by any of its names."""

from __future__ import annotations

import re

import pytest

from enlarger.errors import InvalidInput
from enlarger.interior import Room, Style, get_room, get_style, list_rooms, list_styles

_CYRILLIC, _CHINESE = re.compile("[а-яё]", re.IGNORECASE), re.compile("[\u4e00-\u9fff]")


def test_there_is_what_the_bot_offers() -> None:
    rooms = {room.id for room in list_rooms()}
    assert {"living_room", "bedroom", "kitchen", "bathroom", "office", "dining_room", "nursery", "hallway"} <= rooms
    styles = {style.id for style in list_styles()}
    assert {
        "modern", "minimalist", "scandinavian", "industrial", "rustic", "japandi", "boho", "mediterranean",
        "mid_century", "art_deco", "classic", "loft", "provence", "eco", "high_tech", "contemporary",
    } <= styles  # fmt: skip


def test_every_name_leads_to_one_choice_however_it_is_written() -> None:
    for room in list_rooms():
        for name in room.names:
            for written in (name, name.upper(), f"  {name} ", name.replace(" ", "-"), name.replace(" ", "_")):
                assert get_room(written) is room, written
    for style in list_styles():
        for name in style.names:
            for written in (name, name.upper(), f"  {name} ", name.replace(" ", "-"), name.replace(" ", "_")):
                assert get_style(written) is style, written


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Living room", "living_room"),
        ("гостиная", "living_room"),
        ("children’s room", "nursery"),
        ("客厅", "living_room"),
    ],
)
def test_a_room_is_found_by_what_people_call_it(name: str, id: str) -> None:
    assert get_room(name).id == id


@pytest.mark.parametrize("name", ["hi-tech", "Хай тек", "хайтек", "HIGH_TECH"])
def test_a_style_is_found_by_what_people_call_it(name: str) -> None:
    assert get_style(name).id == "high_tech"


@pytest.mark.parametrize("choice", [*list_rooms(), *list_styles()], ids=lambda choice: choice.id)
def test_titles_are_said_in_three_languages(choice: Room | Style) -> None:
    assert choice.title() == choice.title("en") == choice.title("de")
    assert choice.title("en").isascii()
    assert _CYRILLIC.search(choice.title("ru"))
    assert _CHINESE.search(choice.title("zh"))
    assert choice.title("ru-RU") == choice.title("ru_RU") == choice.title("ru")


@pytest.mark.parametrize("style", list_styles(), ids=lambda style: style.id)
def test_a_style_has_hints_for_existing_rooms(style: Style) -> None:
    assert set(style.hints) <= {room.id for room in list_rooms()}
    assert {"bedroom", "kitchen", "bathroom"} <= set(style.hints)


@pytest.mark.parametrize(
    ("name", "near"),
    [("bedrom", "bedroom"), ("гостинная", "living_room"), ("кухна", "kitchen"), ("livingroom", "living_room")],
)
def test_an_unknown_room_is_refused_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(InvalidInput, match=f"did you mean .*{near}") as refused:
        get_room(name)
    assert refused.value.field == "room"


def test_an_unknown_style_that_is_like_none_is_refused_with_all() -> None:
    with pytest.raises(InvalidInput) as refused:
        get_style("qqq" * 1000)
    assert refused.value.field == "style"
    assert all(style.id in str(refused.value) for style in list_styles())
    assert len(str(refused.value)) < 600
