"""Whether a task failed because of what its prompt or picture shows, read from the words of whoever refused it.

No service has a code for it that all its models use: they pass on what the model's maker says. KIE's 451, which HTTP
has for what is forbidden, means there that an input could not be fetched.
"""

from __future__ import annotations

import re

_WORDS = (
    "nsfw",
    r"(?<!in)sensitive",  # "case-insensitive" is about something else
    r"polic(?:y|ies)\b",
    "prohibited",
    "inappropriate",
    "moderation",
    r"violat(?:es?|ed|ing|ions?)\b",
    r"\bflagged",
)
"""Parts of messages and of codes; some stand inside names, as in `InputImageSensitive`."""
_REFUSAL = re.compile("|".join(_WORDS), re.IGNORECASE)


def is_moderated(message: str | None, code: str | None = None) -> bool:
    """Whether a failure's message or code says that the content is not allowed, so that no provider would make it."""
    return _REFUSAL.search(f"{code or ''} {message or ''}") is not None
