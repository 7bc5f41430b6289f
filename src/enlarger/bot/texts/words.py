"""Words that several messages share: credits, prices, and the names of rooms, styles and actions."""

from __future__ import annotations

from decimal import Decimal

from enlarger.bot.actions import Action
from enlarger.catalog import Credits
from enlarger.catalog.messages import Translate, count_translator
from enlarger.interior import list_rooms, list_styles

MOST_MEGABYTES = 20
"""The largest file that Telegram lets bots have."""
MOST_REPEATED = 300
"""Characters of somebody's own words: they may stand in a caption, which has 1,024."""


def count_credits(language: str, amount: Decimal | float) -> str:
    """So many credits."""
    tr_count = count_translator(language)
    return tr_count("{n} credit", "{n} credits", float(amount))


def price(tr: Translate, language: str, cost: Credits) -> str:
    """What something costs, in words."""
    if cost.amount is None:
        return tr("price unknown")
    if not cost.amount:
        return tr("free")
    amount = count_credits(language, cost.amount)
    return amount if cost.exact else tr("at most {credits}", credits=amount)


def price_tag(tr: Translate, cost: Credits) -> str:
    """The same for a button: short."""
    if not cost.amount:
        return "" if cost.amount is None else tr("free")
    return f"{cost.amount:g} 🪙" if cost.exact else f"≤ {cost.amount:g} 🪙"


def balance_line(tr: Translate, language: str, balance: Decimal | None) -> str:
    """What somebody has."""
    if balance is None:
        return tr("Your credits have no limit.")
    return tr("You have {credits}.", credits=count_credits(language, balance))


def room_name(language: str, room: str) -> str:
    """A room's name, for buttons and titles."""
    return next((entry.title(language) for entry in list_rooms() if entry.id == room), room)


def style_name(language: str, style: str) -> str:
    """A style's name, for buttons and titles."""
    return next((entry.title(language) for entry in list_styles() if entry.id == style), style)


def quality_name(tr: Translate, quality: str) -> str:
    """A quality's name."""
    return tr("Standard") if quality == "standard" else tr("Pro {resolution}", resolution=quality)


def facade(tr: Translate) -> str:
    """What a facade is called above the styles."""
    return tr("Facade")


def title(tr: Translate, language: str, action: Action) -> str:
    """What an action is called, in progress messages, captions and the history."""
    match action.kind:
        case "redesign":
            words = f"{room_name(language, str(action.room))} · {style_name(language, str(action.style))}"
        case "facade":
            words = f"{facade(tr)} · {style_name(language, str(action.style))}"
        case "clear_space":
            words = tr("Empty room")
        case "like_sample":
            words = tr("{room} like the sample", room=room_name(language, str(action.room)))
        case "free_prompt":
            words = tr("In your own words: “{words}”", words=shorten(action.wishes, 60))
        case "enlarge":
            words = tr("Enlarged {factor}×", factor=action.factor)
        case "remove_background":
            words = tr("Background removed")
    return words if action.quality == "standard" else f"{words} · {quality_name(tr, action.quality)}"


def paragraphs(*parts: str) -> str:
    """The parts that are not empty, with an empty line between them."""
    return "\n\n".join(part for part in parts if part)


def shorten(words: str, most: int) -> str:
    """Somebody's own words, cut to `most` characters."""
    joined = " ".join(words.split())
    return joined if len(joined) <= most else joined[: most - 1] + "…"
