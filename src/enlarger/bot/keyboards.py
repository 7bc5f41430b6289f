"""Buttons beneath messages, and what they mean when they are pressed.

A button says all that its handler needs to know: rooms and styles by their names, jobs by their numbers. The photo is
the one that the message with the buttons answers. So buttons work as long as their message is there, whatever has been
restarted in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup
from aiogram.utils.keyboard import InlineKeyboardBuilder
from pydantic import AfterValidator

from enlarger.bot import texts
from enlarger.bot.actions import FACTORS, Kind, price
from enlarger.bot.jobs import Job
from enlarger.bot.users import BotUser
from enlarger.catalog import Credits
from enlarger.catalog.messages import Translate, translator
from enlarger.errors import InvalidInput
from enlarger.interior import QUALITIES, Quality, list_rooms, list_styles

Prices = dict[str, Credits]

_WITH_STYLE = ("redesign", "facade")


def _check_room(room: str) -> str:
    if room and room not in {known.id for known in list_rooms()}:
        raise ValueError("there is no such room any longer")
    return room


def _check_style(style: str) -> str:
    if style and style not in {known.id for known in list_styles()}:
        raise ValueError("there is no such style any longer")
    return style


RoomId = Annotated[str, AfterValidator(_check_room)]
StyleId = Annotated[str, AfterValidator(_check_style)]
"""A button that names one that there is no longer is nobody's, and is answered as an old one."""


class Do(CallbackData, prefix="do"):
    """A thing to be done to the photo, in the menu; `written` is what the words beneath it say, `typed` an answer."""

    kind: Kind | Literal["menu", "written", "typed"]


class Enlarge(CallbackData, prefix="en"):
    """Enlarge the photo."""

    factor: int


class Room(CallbackData, prefix="ro"):
    """The room was chosen, for a redesign or for one like a sample."""

    room: RoomId
    kind: Literal["redesign", "like_sample"]


class Style(CallbackData, prefix="st"):
    """The style was chosen; without a room it is a facade's."""

    room: RoomId = ""
    style: StyleId


class Begin(CallbackData, prefix="go"):
    """Begin a design, with the wishes that stand beneath the photo if there are any."""

    room: RoomId = ""
    style: StyleId


class BeginTyped(Begin, prefix="gt"):
    """The same with wishes that came as an answer."""


class BeginSample(CallbackData, prefix="sa"):
    """Begin a room like the sample."""

    room: RoomId


class ChooseQuality(CallbackData, prefix="qu"):
    """A quality was chosen, or the choice is asked for; afterwards back to the menu, or to a design."""

    quality: Quality | Literal["?"]
    back: Literal["", "menu", "design"] = ""
    room: RoomId = ""
    style: StyleId = ""


class OfJob(CallbackData, prefix="jo"):
    """Something about an earlier job."""

    do: Literal["cancel", "again", "styles", "enlarge", "original"]
    job: int


class JobStyle(CallbackData, prefix="js"):
    """An earlier job once more, in another style."""

    job: int
    style: StyleId


class JobEnlarge(CallbackData, prefix="je"):
    """Enlarge what an earlier job has made."""

    job: int
    factor: int


class Speak(CallbackData, prefix="la"):
    """The language was chosen."""

    language: str


class News(CallbackData, prefix="ne"):
    """Whether news are wanted."""

    on: bool


class Broadcast(CallbackData, prefix="br"):
    """Whether the message shall go out."""

    send: bool


def menu(tr: Translate, user: BotUser, prices: Prices, *, hosted: bool) -> InlineKeyboardMarkup:
    """What can be done to a photo; what begins at once has its price on it."""
    labels = texts.buttons.labels(tr)
    builder = InlineKeyboardBuilder()
    if hosted:
        for kind in ("redesign", "clear_space", "facade", "like_sample", "free_prompt"):
            builder.button(text=_priced(tr, labels[kind], prices.get(kind)), callback_data=Do(kind=kind))
    builder.button(text=labels["enlarge"], callback_data=Do(kind="enlarge"))
    if hosted:
        text = _priced(tr, labels["remove_background"], prices.get("remove_background"))
        builder.button(text=text, callback_data=Do(kind="remove_background"))
        quality = texts.buttons.quality_button(tr, user.quality)
        builder.button(text=quality, callback_data=ChooseQuality(quality="?", back="menu"))
    builder.adjust(1, 1, 2, 1, 1)
    return builder.as_markup()


def rooms(
    tr: Translate, language: str, *, kind: Literal["redesign", "like_sample"] = "redesign"
) -> InlineKeyboardMarkup:
    """The rooms."""
    builder = InlineKeyboardBuilder()
    for room in list_rooms():
        builder.button(text=room.title(language), callback_data=Room(room=room.id, kind=kind))
    builder.adjust(2)
    builder.row(*_back(tr).buttons)
    return builder.as_markup()


def styles(tr: Translate, language: str, *, room: str = "") -> InlineKeyboardMarkup:
    """The styles, numbered as on the sheet; without a room they are a facade's."""
    builder = InlineKeyboardBuilder()
    for number, style in enumerate(list_styles(), 1):
        builder.button(text=f"{number}. {style.title(language)}", callback_data=Style(room=room, style=style.id))
    builder.adjust(2)
    builder.row(*_back(tr).buttons)
    return builder.as_markup()


def begin(
    tr: Translate, user: BotUser, cost: Credits, *, room: str, style: str, typed: bool = False
) -> InlineKeyboardMarkup:
    """The last step before a design."""
    builder = InlineKeyboardBuilder()
    text = _priced(tr, texts.buttons.labels(tr)["begin"], cost)
    wanted = BeginTyped(room=room, style=style) if typed else Begin(room=room, style=style)
    builder.button(text=text, callback_data=wanted)
    back = ChooseQuality(quality="?", back="design", room=room, style=style)
    builder.button(text=texts.buttons.quality_button(tr, user.quality), callback_data=back)
    builder.row(*_back(tr).buttons)
    builder.adjust(1)
    return builder.as_markup()


def begin_written(tr: Translate, cost: Credits, *, typed: bool = False) -> InlineKeyboardMarkup:
    """The last step before something in somebody's own words, beneath the photo or typed as an answer."""
    wanted = Do(kind="typed" if typed else "written")
    return _begin(tr, cost, wanted)


def begin_sample(tr: Translate, cost: Credits, *, room: str) -> InlineKeyboardMarkup:
    """The last step before a room like the sample."""
    return _begin(tr, cost, BeginSample(room=room))


def _begin(tr: Translate, cost: Credits, wanted: CallbackData) -> InlineKeyboardMarkup:
    builder = InlineKeyboardBuilder()
    builder.button(text=_priced(tr, texts.buttons.labels(tr)["begin"], cost), callback_data=wanted)
    builder.row(*_back(tr).buttons)
    return builder.as_markup()


def factors(tr: Translate, prices: dict[int, Credits], *, job: int | None = None) -> InlineKeyboardMarkup:
    """How many times larger: the photo, or what an earlier job has made."""
    builder = InlineKeyboardBuilder()
    for factor in FACTORS:
        wanted = Enlarge(factor=factor) if job is None else JobEnlarge(job=job, factor=factor)
        builder.button(text=_priced(tr, f"{factor}×", prices.get(factor)), callback_data=wanted)
    builder.adjust(2)
    if job is None:
        builder.row(*_back(tr).buttons)
    return builder.as_markup()


def back(tr: Translate) -> InlineKeyboardMarkup:
    """Back to the menu."""
    return _back(tr).as_markup()


def qualities(
    tr: Translate,
    prices: dict[Quality, Credits],
    *,
    chosen: str,
    back: Literal["", "menu", "design"] = "",
    room: str = "",
    style: str = "",
) -> InlineKeyboardMarkup:
    """The qualities, with the price of a design."""
    builder = InlineKeyboardBuilder()
    for quality in QUALITIES:
        mark = "● " if quality == chosen else ""
        text = _priced(tr, mark + texts.words.quality_name(tr, quality), prices.get(quality))
        wanted = ChooseQuality(quality=quality, back=back, room=room, style=style)
        builder.button(text=text, callback_data=wanted)
    builder.adjust(1)
    return builder.as_markup()


def job_buttons(job: Job, user: BotUser) -> InlineKeyboardMarkup | None:
    """Beneath the message that shows a job, by how it stands."""
    tr = translator(user.language)
    labels = texts.buttons.labels(tr)
    builder = InlineKeyboardBuilder()

    def add(label: str, do: Literal["cancel", "again", "styles", "enlarge", "original"]) -> None:
        text = _priced(tr, labels[label], _price(job)) if do == "again" else labels[label]  # it begins at once
        builder.button(text=text, callback_data=OfJob(do=do, job=job.id))

    if job.open:
        add("cancel", "cancel")
        return builder.as_markup()
    if job.state == "done":
        if job.action.kind != "enlarge":
            add("again", "again")
        if job.action.kind in _WITH_STYLE:
            add("style", "styles")
        if job.action.kind != "enlarge":
            add("enlarge_result", "enlarge")
        if job.action.deliver == "photo":
            add("original", "original")
    else:
        add("again", "again")
        if job.action.kind in _WITH_STYLE:
            add("style", "styles")
    builder.adjust(2)
    return builder.as_markup() if list(builder.buttons) else None


def job_styles(language: str, job: Job) -> InlineKeyboardMarkup:
    """The styles, for an earlier job once more."""
    builder = InlineKeyboardBuilder()
    for number, style in enumerate(list_styles(), 1):
        builder.button(text=f"{number}. {style.title(language)}", callback_data=JobStyle(job=job.id, style=style.id))
    builder.adjust(2)
    return builder.as_markup()


def history(jobs: Sequence[Job]) -> InlineKeyboardMarkup | None:
    """The numbers of the jobs whose pictures can be had again."""
    builder = InlineKeyboardBuilder()
    for number, job in enumerate(jobs, 1):
        if job.state == "done":
            builder.button(text=str(number), callback_data=OfJob(do="original", job=job.id))
    builder.adjust(5)
    return builder.as_markup() if list(builder.buttons) else None


def languages() -> InlineKeyboardMarkup:
    """The languages, each in its own."""
    builder = InlineKeyboardBuilder()
    for language, name in texts.beginning.LANGUAGES.items():
        builder.button(text=name, callback_data=Speak(language=language))
    builder.adjust(3)
    return builder.as_markup()


def news(tr: Translate, *, on: bool) -> InlineKeyboardMarkup:
    """The other way than it is."""
    builder = InlineKeyboardBuilder()
    builder.button(text=texts.buttons.labels(tr)["news_off" if on else "news_on"], callback_data=News(on=not on))
    return builder.as_markup()


def broadcast(tr: Translate) -> InlineKeyboardMarkup:
    """Send it, or not."""
    labels = texts.buttons.labels(tr)
    builder = InlineKeyboardBuilder()
    builder.button(text=labels["send"], callback_data=Broadcast(send=True))
    builder.button(text=labels["no"], callback_data=Broadcast(send=False))
    builder.adjust(2)
    return builder.as_markup()


def _back(tr: Translate) -> InlineKeyboardBuilder:
    builder = InlineKeyboardBuilder()
    builder.button(text=texts.buttons.labels(tr)["back"], callback_data=Do(kind="menu"))
    return builder


def _price(job: Job) -> Credits | None:
    """What a job costs once more; None for one of a model that there is no longer."""
    try:
        return price(job.action)
    except InvalidInput:
        return None


def _priced(tr: Translate, label: str, cost: Credits | None) -> str:
    tag = texts.words.price_tag(tr, cost) if cost is not None else ""
    return f"{label} · {tag}" if tag else label
