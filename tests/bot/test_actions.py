"""What the bot has made: every action is a task that its model takes, with the price that is shown."""

from __future__ import annotations

import msgspec
import pytest

from enlarger.bot import actions
from enlarger.bot.actions import Action, Photo
from enlarger.catalog import build_input, get_model
from enlarger.errors import InvalidInput
from enlarger.interior import MOST_WISHES, MOST_WORDS, QUALITIES, Quality, list_rooms, list_styles

_PHOTO = Photo(file_id="one", bytes=200_000, width=1280, height=960)
_SAMPLE = Photo(file_id="two", document=True)
_TASK = "5f488be792eafad4b066e21e5bc472c7"

_EVERY = {
    "redesign": actions.redesign(_PHOTO, room="bedroom", style="japandi", wishes="a lamp"),
    "clear_space": actions.clear_space(_PHOTO),
    "facade": actions.facade(_PHOTO, style="modern"),
    "like_sample": actions.like_sample(_PHOTO, _SAMPLE, room="kitchen"),
    "free_prompt": actions.free_prompt(_PHOTO, "paint it black"),
    "enlarge": actions.enlarge(_PHOTO, factor=4, hosted=True),
    "enlarge here": actions.enlarge(_PHOTO, factor=2, hosted=False),
    "enlarge a result": actions.enlarge_result(_TASK, "nano-banana-pro", factor=4, hosted=True),
    "enlarge a result here": actions.enlarge_result(_TASK, "nano-banana-pro", factor=2, hosted=False),
    "enlarge a result of grok": actions.enlarge_result(_TASK, "grok-imagine/text-to-image", factor=4, hosted=True),
    "remove_background": actions.remove_background(_PHOTO),
}


@pytest.mark.parametrize("action", _EVERY.values(), ids=_EVERY)
def test_every_action_is_a_task_that_its_model_takes_as_it_stands(action: Action) -> None:
    filled = actions.fill(
        action, photos=["https://here/a.jpg", "https://here/b.jpg"][: len(action.photos)], result="https://here/c.png"
    )
    built = build_input(get_model(action.model), filled, strict=True)
    assert built.error is None
    assert not built.warnings
    assert "photo:0" not in str(filled)
    assert "result" not in filled.values()


@pytest.mark.parametrize("action", _EVERY.values(), ids=_EVERY)
def test_an_action_can_be_written_down_and_read_again(action: Action) -> None:
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(action)), Action) == action


@pytest.mark.parametrize("quality", QUALITIES)
def test_every_room_in_every_style_fits_its_model_with_the_longest_wishes(quality: Quality) -> None:
    wishes = "ж" * MOST_WISHES
    for room in list_rooms():
        for style in list_styles():
            action = actions.redesign(_PHOTO, room=room.id, style=style.id, quality=quality, wishes=wishes)
            assert len(action.input["prompt"]) <= (get_model(action.model).input["prompt"].max_length or 0)
    action = actions.free_prompt(_PHOTO, "ж" * MOST_WORDS, quality=quality)
    assert actions.price(action).exact


@pytest.mark.parametrize(
    ("quality", "model", "credits", "deliver"),
    [
        ("standard", "google/nano-banana-edit", 4, "photo"),
        ("1K", "nano-banana-pro", 18, "photo"),
        ("2K", "nano-banana-pro", 18, "document"),
        ("4K", "nano-banana-pro", 24, "document"),
    ],
)
def test_a_quality_has_its_model_its_price_and_its_way_to_be_sent(
    quality: Quality, model: str, credits: float, deliver: str
) -> None:
    action = actions.clear_space(_PHOTO, quality=quality)
    assert (action.model, actions.price(action).amount, action.deliver) == (model, credits, deliver)
    assert action.input["aspect_ratio"] == "auto", "the photo keeps its shape"
    assert action.input.get("resolution", "standard") == quality


@pytest.mark.parametrize(
    ("photo", "factor", "credits", "exact"),
    [
        (Photo(file_id="-", width=1000, height=800), 2, 10, True),
        (Photo(file_id="-", width=800, height=1280), 2, 20, True),
        (Photo(file_id="-", width=1280, height=960), 4, 40, True),
        (Photo(file_id="-", document=True), 2, 40, False),
    ],
)
def test_the_price_of_enlarging_goes_by_the_size(photo: Photo, factor: int, credits: float, *, exact: bool) -> None:
    cost = actions.price(actions.enlarge(photo, factor=factor, hosted=True))
    assert (cost.amount, cost.exact) == (credits, exact)


def test_this_machine_enlarges_for_nothing() -> None:
    assert actions.price(_EVERY["enlarge here"]).amount == 0


def test_this_machine_enlarges_what_is_too_heavy_for_hosted_ones() -> None:
    heavy = Photo(file_id="-", document=True, bytes=15_000_000)
    action = actions.enlarge(heavy, factor=2, hosted=True)
    assert action.model == "real-esrgan/x4plus"
    assert actions.most_megabytes(action) is None


def test_what_is_too_heavy_for_its_model_is_told() -> None:
    heavy = Photo(file_id="-", document=True, bytes=12_000_000)
    assert actions.most_megabytes(actions.clear_space(heavy)) == 10
    assert actions.most_megabytes(actions.clear_space(heavy, quality="1K")) is None
    assert actions.most_megabytes(actions.remove_background(heavy)) == 5
    assert actions.most_megabytes(actions.like_sample(_PHOTO, heavy, room="kitchen")) == 10


def test_a_picture_of_grok_is_enlarged_by_its_own_upscaler_through_the_tasks_id() -> None:
    action = _EVERY["enlarge a result of grok"]
    assert (action.model, action.input, action.photos) == ("grok-imagine/upscale", {"task_id": _TASK}, ())


def test_a_prompt_stays_as_it_is_whatever_it_says() -> None:
    for words in ("result", "photo:0"):
        action = msgspec.structs.replace(_EVERY["free_prompt"], input=_EVERY["free_prompt"].input | {"prompt": words})
        assert actions.fill(action, photos=["https://here/a.jpg"], result="https://here/b.jpg")["prompt"] == words


@pytest.mark.parametrize("action", _EVERY.values(), ids=_EVERY)
def test_again_is_the_same_once_more(action: Action) -> None:
    assert actions.again(action) == action


def test_again_in_another_style_or_quality_keeps_the_rest() -> None:
    other = actions.again(_EVERY["redesign"], style="boho", quality="2K")
    assert (other.room, other.style, other.wishes, other.quality) == ("bedroom", "boho", "a lamp", "2K")
    assert actions.again(_EVERY["facade"], style="boho") == actions.facade(_PHOTO, style="boho")
    assert actions.again(_EVERY["like_sample"], quality="4K").photos == (_PHOTO, _SAMPLE)


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidInput):
        actions.redesign(_PHOTO, room="dungeon", style="japandi")
    with pytest.raises(InvalidInput):
        actions.facade(_PHOTO, style="gothic horror")
