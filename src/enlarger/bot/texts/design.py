"""What is said while a design is chosen."""

from __future__ import annotations

from enlarger.bot.texts.words import MOST_REPEATED, paragraphs, quality_name, shorten
from enlarger.catalog.messages import Translate


def choose_room(tr: Translate) -> str:
    """Above the rooms."""
    return tr("Which room is it?")


def choose_style(tr: Translate, subject: str, cost: str) -> str:
    """Above the styles; `subject` is the room's name, or the facade's."""
    return paragraphs(tr("{subject}: which style?", subject=subject), tr("Price: {price}.", price=cost))


def wishes(tr: Translate, what: str, cost: str, balance: str, written: str = "") -> str:
    """The last question before a design begins; `written` stands beneath the photo."""
    known = tr("Your wishes: “{words}”. Start, or write different ones now.", words=shorten(written, MOST_REPEATED))
    return paragraphs(
        what,
        known
        if written
        else tr(
            "Do you have any wishes? Write them now, for example “a green sofa, keep the shelves”,"
            " or start without any."
        ),
        tr("Price: {price}.", price=cost) + " " + balance,
    )


def own_words(tr: Translate, cost: str, balance: str, written: str = "") -> str:
    """The question for a prompt; `written` stands beneath the photo."""
    known = tr("Your text: “{words}”. Start, or write something else now.", words=shorten(written, MOST_REPEATED))
    return paragraphs(
        known
        if written
        else tr("Describe what to change, for example “paint the walls olive green and put a piano at the window”."),
        tr("Price: {price}.", price=cost) + " " + balance,
    )


def words_too_long(tr: Translate, count: int, most: int) -> str:
    """A prompt beyond the limit."""
    return tr(
        "That is too long: {count}, but at most {most} are allowed. Please use fewer words.",
        count=tr.tr_count("{n} character", "{n} characters", count),
        most=most,
    )


def words_wanted(tr: Translate) -> str:
    """Something else than words came."""
    return tr("Please describe it in text, or press /cancel.")


def send_sample(tr: Translate, cost: str, balance: str) -> str:
    """The question for a sample."""
    return paragraphs(
        tr("Now send me the sample: a photo of a room that yours should look like."),
        tr("Price: {price}.", price=cost) + " " + balance,
    )


def sample_ready(tr: Translate, what: str, cost: str, balance: str) -> str:
    """The sample is there."""
    return paragraphs(what, tr("Price: {price}.", price=cost) + " " + balance)


def enlarge(tr: Translate, balance: str) -> str:
    """Above the factors."""
    return paragraphs(tr("How much larger? The result comes as a file, because Telegram shrinks photos."), balance)


def choose_quality(tr: Translate, balance: str) -> str:
    """Above the qualities."""
    return paragraphs(
        tr(
            "Choose the quality of designs. Pro follows your wishes more closely and makes larger"
            " pictures; 2K and 4K come as files."
        ),
        balance,
    )


def quality_set(tr: Translate, quality: str) -> str:
    """After it was chosen."""
    return tr("From now on: {quality}.", quality=quality_name(tr, quality))


def another_style(tr: Translate, cost: str) -> str:
    """Above the styles, beneath a result."""
    return paragraphs(tr("Which style now? I will start right away."), tr("Price: {price}.", price=cost))
