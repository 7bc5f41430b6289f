"""Every text and every button, in every language: there, within Telegram's limits, and right."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from aiogram.types import BotCommand, InlineKeyboardMarkup

from enlarger.bot import actions, keyboards, texts
from enlarger.bot.actions import Photo
from enlarger.bot.error_texts import user_message
from enlarger.bot.jobs import Job, State
from enlarger.bot.users import BotUser, Stats
from enlarger.catalog import LOCALES, Credits
from enlarger.catalog.messages import translator
from enlarger.errors import InsufficientCredits, ServiceUnavailable, TaskCancelled, TaskFailed
from enlarger.interior import QUALITIES, list_rooms, list_styles

_MOST = 4096
_CAPTION = 1024
_ALERT = 200
_LARGEST = 2**63 - 1
_CAPTIONS = ("choose_style", "wishes", "choose_quality", "another_style", "quality_set")
"""Those that stand beneath a sheet of styles."""
_ALERTS = ("stopping", "has_ended")
"""Those that answer a button."""
_NUMBERS = ("price_tag", "quality_name")
"""Those that need no words."""
_PHOTO = Photo(file_id="x" * 90, width=1280, height=960)


def user(language: str = "en") -> BotUser:
    return BotUser(
        user_id=_LARGEST,
        account_id=f"telegram-{_LARGEST}",
        language=language,
        quality="4K",
        subscribed=True,
        blocked=False,
        created_at=datetime.now(UTC),
    )


def job(language: str = "en", *, state: State = "done", **what: Any) -> Job:
    action = what.pop("action", None) or actions.redesign(
        _PHOTO, room="dining_room", style="mediterranean", quality="4K", wishes="ж" * 1000
    )
    titled = texts.words.title(translator(language), language, action)
    return Job(
        id=_LARGEST,
        user_id=_LARGEST,
        chat_id=_LARGEST,
        message_id=None,
        action=msgspec.structs.replace(action, title=titled),
        photo_ids=[],
        idempotency_key="",
        sent=None,
        task_id=None,
        state=state,
        result=None,
        error=None,
        created_at=datetime.now(UTC),
        ended_at=None,
    )


def samples(language: str) -> dict[str, Any]:
    """A long value for everything that a text may be told."""
    tr = translator(language)
    cost = texts.words.price(tr, language, Credits(1234.5, exact=False))
    return {
        "tr": tr,
        "language": language,
        "admin": True,
        "hosted": False,
        "on": True,
        "user": user(language),
        "user_id": _LARGEST,
        "balance": Decimal("123456.25"),
        "amount": Decimal("123456.25"),
        "cost": Credits(1234.5, exact=False),
        "price": cost,
        "room": "dining_room",
        "style": "mediterranean",
        "quality": "4K",
        "action": actions.free_prompt(_PHOTO, "слова " * 500),
        "name": "слово " * 20,
        "names": ["слово " * 10],
        "what": "слово " * 20,
        "subject": "слово " * 5,
        "written": "слово " * 150,
        "megabytes": 1999.9,
        "most": 3000,
        "count": 4096,
        "services": ["слово " * 5] * 8,
        "examples": ["слово " * 10] * 8,
        "jobs": [job(language)] * 10,
        "now": job(language).created_at + timedelta(days=3),
        "numbers": Stats(
            users=10**6,
            users_today=1,
            active_today=1,
            subscribed=1,
            blocked=1,
            jobs=1,
            jobs_today=1,
            jobs_open=1,
            jobs_failed_today=1,
            credits_today=Decimal(1),
        ),
        "sent": 21,
        "lost": 2,
    }


_PIECES = ("paragraphs", "shorten")
"""What texts are made of, and no texts themselves."""


def functions() -> dict[str, Callable[..., Any]]:
    return {
        name: function
        for module in (getattr(texts, topic) for topic in texts.__all__)
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and name not in _PIECES
        and not name.startswith("_")
    }


def say_all(language: str) -> dict[str, Any]:
    """Everything that the bot can say, in a language."""
    values = samples(language)
    said = {}
    for name, function in functions().items():
        parameters = inspect.signature(function).parameters.values()
        told = {p.name: values[p.name] for p in parameters}
        for parameter in parameters:  # a price or a balance may come in words
            if parameter.annotation == "str" and parameter.name in ("cost", "balance", "amount"):
                told[parameter.name] = str(values["price"])
        said[name] = function(**told)
    return said


@pytest.mark.parametrize("language", LOCALES)
def test_no_text_is_longer_than_telegram_takes(language: str) -> None:
    for name, words in say_all(language).items():
        if isinstance(words, str):
            most = _CAPTION if name in _CAPTIONS else _ALERT if name in _ALERTS else _MOST
            assert 0 < len(words.encode("utf-16-le")) // 2 <= most, name
            assert "{" not in words, name


@pytest.mark.parametrize("language", [language for language in LOCALES if language != "en"])
def test_every_text_is_another_one_in_another_language(language: str) -> None:
    english, other = say_all("en"), say_all(language)
    same = {name for name in english if english[name] == other[name]}
    assert same <= {"price_tag", "example", "quality_name"}
    for labels in zip(english["labels"].values(), other["labels"].values(), strict=True):
        assert labels[0] != labels[1]


def test_russian_is_written_with_its_own_letters() -> None:
    """No English word is left over but names; «ё» is written."""
    for name, words in say_all("ru").items():
        for line in str(words).splitlines() if isinstance(words, str) else []:
            assert any("а" <= letter.lower() <= "я" for letter in line) or not line or name in _NUMBERS, line
    assert "ещё" in texts.buttons.labels(translator("ru"))["again"].lower()


@pytest.mark.parametrize("language", LOCALES)
def test_commands_are_as_telegram_wants_them(language: str) -> None:
    commands: list[BotCommand] = texts.beginning.commands(translator(language), admin=True)
    assert len({command.command for command in commands}) == len(commands)
    for command in commands:
        assert command.command.isascii()
        assert command.command.islower()
        assert 1 <= len(command.description) <= 256


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (1, "1 кредит"),
        (2, "2 кредита"),
        (5, "5 кредитов"),
        (11, "11 кредитов"),
        (21, "21 кредит"),
        (0, "0 кредитов"),
        (0.5, "0,5 кредита"),
        (Decimal("40.0000"), "40 кредитов"),
        (1234567, "1234567 кредитов"),
    ],
)
def test_credits_are_counted_as_russian_does(amount: Decimal | float, words: str) -> None:
    assert texts.words.count_credits("ru", amount) == words


def test_credits_are_counted_as_english_does() -> None:
    assert [texts.words.count_credits("en", amount) for amount in (1, 2, 0.5)] == [
        "1 credit",
        "2 credits",
        "0.5 credits",
    ]


def test_prices_are_said_as_exactly_as_they_are_known() -> None:
    tr = translator("en")
    for cost, words, tag in (
        (Credits(4), "4 credits", "4 🪙"),
        (Credits(40, exact=False), "at most 40 credits", "≤ 40 🪙"),
        (Credits(0), "free", "free"),
        (Credits(None, exact=False), "price unknown", ""),
    ):
        assert (texts.words.price(tr, "en", cost), texts.words.price_tag(tr, cost)) == (words, tag)


def markups(language: str) -> dict[str, InlineKeyboardMarkup | None]:
    """Every keyboard, as large as it gets."""
    tr, someone = translator(language), user(language)
    most = Credits(1234.5, exact=False)
    everything = dict.fromkeys(("clear_space", "remove_background"), most)
    made: dict[str, InlineKeyboardMarkup | None] = {
        "menu": keyboards.menu(tr, someone, everything, hosted=True),
        "menu, only enlarging": keyboards.menu(tr, someone, everything, hosted=False),
        "rooms": keyboards.rooms(tr, language),
        "rooms for a sample": keyboards.rooms(tr, language, kind="like_sample"),
        "facade": keyboards.styles(tr, language),
        "factors": keyboards.factors(tr, {2: most, 4: most}),
        "factors of a job": keyboards.factors(tr, {2: most, 4: most}, job=_LARGEST),
        "back": keyboards.back(tr),
        "styles of a job": keyboards.job_styles(language, job(language)),
        "history": keyboards.history([job(language)] * 10),
        "languages": keyboards.languages(),
        "news": keyboards.news(tr, on=True),
        "no news": keyboards.news(tr, on=False),
        "broadcast": keyboards.broadcast(tr),
    }
    prices = dict.fromkeys(QUALITIES, most)
    for room in ("", *(room.id for room in list_rooms())):
        made[f"styles, {room}"] = keyboards.styles(tr, language, room=room)
        for style in list_styles():
            made[f"begin {room} {style.id}"] = keyboards.begin(tr, someone, most, room=room, style=style.id)
            made[f"qualities {room} {style.id}"] = keyboards.qualities(
                tr, prices, chosen="4K", back="design", room=room, style=style.id
            )
    states: tuple[State, ...] = ("new", "running", "done", "failed", "cancelled")
    for state in states:
        made[f"a job that is {state}"] = keyboards.job_buttons(job(language, state=state), someone)
    return made


@pytest.mark.parametrize("language", LOCALES)
def test_every_button_is_as_telegram_takes_it(language: str) -> None:
    for name, markup in markups(language).items():
        assert markup is not None, name
        pressed = [button for row in markup.inline_keyboard for button in row]
        assert 0 < len(pressed) <= 100, name
        assert all(0 < len(row) <= 8 for row in markup.inline_keyboard), name
        for button in pressed:
            assert 0 < len((button.callback_data or "").encode()) <= 64, name
            assert 0 < len(button.text) <= 45, button.text
        assert len({button.callback_data for button in pressed}) == len(pressed) or name == "history"


def test_a_job_has_the_buttons_that_make_sense() -> None:
    def labels(**what: Any) -> list[str]:
        markup = keyboards.job_buttons(job(**what), user())
        assert markup is not None
        return [button.text for row in markup.inline_keyboard for button in row]

    assert labels(state="running") == ["✖️ Stop"]
    assert labels(action=actions.redesign(_PHOTO, room="kitchen", style="boho")) == [
        "🔁 Again · 4 🪙",
        "🎨 Other style",
        "🔍 Enlarge this",
        "📎 Full quality, as a file",
    ]
    assert labels(action=actions.remove_background(_PHOTO)) == ["🔁 Again · 1 🪙", "🔍 Enlarge this"]
    assert labels(state="failed", action=actions.clear_space(_PHOTO)) == ["🔁 Again · 4 🪙"]


def test_what_was_enlarged_has_no_buttons() -> None:
    assert keyboards.job_buttons(job(action=actions.enlarge(_PHOTO, factor=2, hosted=True)), user()) is None


@pytest.mark.parametrize("language", LOCALES)
def test_errors_are_said_in_the_language_and_fit_an_alert(language: str) -> None:
    charged = TaskCancelled("it was stopped", task_id="1")
    charged.credits = 1234.5
    said = {
        user_message(error, translator(language))
        for error in (
            InsufficientCredits("too few"),
            ServiceUnavailable("it is down"),
            TaskFailed("it failed", task_id="1"),
            TaskCancelled("it was stopped", task_id="1"),
            charged,
            ValueError("a bug"),
        )
    }
    assert len(said) == 6
    assert all(len(words) <= _ALERT for words in said)


@pytest.mark.parametrize(
    ("language", "ages"),
    [
        ("en", ["just now", "5 min ago", "3 h ago", "2 d ago"]),
        ("ru", ["только что", "5 мин назад", "3 ч назад", "2 дн. назад"]),
        ("zh", ["刚刚", "5 分钟前", "3 小时前", "2 天前"]),
    ],
)
def test_the_history_says_how_long_ago_and_needs_no_time_zone(language: str, ages: list[str]) -> None:
    one = job(language)
    for age, words in zip((20, 320, 3 * 3600 + 9, 2 * 86_400), ages, strict=True):
        said = texts.account.history(translator(language), [one], one.created_at + timedelta(seconds=age))
        assert f"1. ✅ {words} · " in said
