"""What is said while a design is chosen."""

from __future__ import annotations

from enlarger.bot.texts.words import MOST_REPEATED, paragraphs, quality_name, shorten
from enlarger.catalog.messages import Translate


def choose_room(say: Translate) -> str:
    """Above the rooms."""
    return say("Which room is it?")


def choose_style(say: Translate, subject: str, cost: str) -> str:
    """Above the styles; `subject` is the room's name, or the facade's."""
    return paragraphs(say("{subject}: which style?", subject=subject), say("Price: {price}.", price=cost))


def wishes(say: Translate, what: str, cost: str, balance: str, written: str = "") -> str:
    """The last question before a design begins; `written` stands beneath the photo."""
    known = say("Your wishes: “{words}”. Start, or write different ones now.", words=shorten(written, MOST_REPEATED))
    return paragraphs(
        what,
        known
        if written
        else say(
            "Do you have any wishes? Write them now, for example “a green sofa, keep the shelves”,"
            " or start without any."
        ),
        say("Price: {price}.", price=cost) + " " + balance,
    )


def own_words(say: Translate, cost: str, balance: str, written: str = "") -> str:
    """The question for a prompt; `written` stands beneath the photo."""
    known = say("Your text: “{words}”. Start, or write something else now.", words=shorten(written, MOST_REPEATED))
    return paragraphs(
        known
        if written
        else say("Describe what to change, for example “paint the walls olive green and put a piano at the window”."),
        say("Price: {price}.", price=cost) + " " + balance,
    )


def words_too_long(say: Translate, count: int, most: int) -> str:
    """A prompt beyond the limit."""
    return say(
        "That is too long: {count}, but at most {most} are allowed. Please use fewer words.",
        count=say.say_count("{n} character", "{n} characters", count),
        most=most,
    )


def words_wanted(say: Translate) -> str:
    """Something else than words came."""
    return say("Please describe it in text, or press /cancel.")


def send_sample(say: Translate, cost: str, balance: str) -> str:
    """The question for a sample."""
    return paragraphs(
        say("Now send me the sample: a photo of a room that yours should look like."),
        say("Price: {price}.", price=cost) + " " + balance,
    )


def sample_ready(say: Translate, what: str, cost: str, balance: str) -> str:
    """The sample is there."""
    return paragraphs(what, say("Price: {price}.", price=cost) + " " + balance)


def enlarge(say: Translate, balance: str) -> str:
    """Above the factors."""
    return paragraphs(say("How much larger? The result comes as a file, because Telegram shrinks photos."), balance)


def choose_quality(say: Translate, balance: str) -> str:
    """Above the qualities."""
    return paragraphs(
        say(
            "Choose the quality of designs. Pro follows your wishes more closely and makes larger"
            " pictures; 2K and 4K come as files."
        ),
        balance,
    )


def quality_set(say: Translate, quality: str) -> str:
    """After it was chosen."""
    return say("From now on: {quality}.", quality=quality_name(say, quality))


def another_style(say: Translate, cost: str) -> str:
    """Above the styles, beneath a result."""
    return paragraphs(say("Which style now? I will start right away."), say("Price: {price}.", price=cost))
