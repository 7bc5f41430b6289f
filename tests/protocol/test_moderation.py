"""Which failures are about what a prompt or a picture shows, in the words of every provider."""

from __future__ import annotations

import pytest

from enlarger.protocol.moderation import is_moderated

KIE = [
    ("500", "Your prompt was flagged by Website as violating content policies."),
    ("500", "Your prompt was flagged by our content policy."),
    ("501", "InputImageSensitive"),
    ("501", "OutputVideoSensitiveContentDetected"),
    ("501", "This is prohibited content"),
    ("content_policy", "Oh no"),
    ("nsfw", "Oh no"),
]
REPLICATE = [
    ("failed", "NSFW content detected. Try running it again, or try a different prompt."),
    ("E005", "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"),
    ("failed", "The request violates the usage policies"),
    ("failed", "Inappropriate content found in the image"),
    ("failed", "Blocked by moderation"),
]
OTHERS = [
    ("500", "Oh no, the names are case-insensitive"),
    ("500", "The police station could not be drawn"),
    ("422", "The aspect_ratio is invalid"),
    ("501", "Internal error, please try again later"),
    ("451", "The image could not be fetched"),
    (None, None),
]


@pytest.mark.parametrize(("code", "message"), KIE, ids=str)
def test_kies_words(code: str, message: str) -> None:
    assert is_moderated(message, code)


@pytest.mark.parametrize(("code", "message"), REPLICATE, ids=str)
def test_replicates_words(code: str, message: str) -> None:
    assert is_moderated(message, code)


@pytest.mark.parametrize(("code", "message"), OTHERS, ids=str)
def test_what_fails_for_another_reason_is_none(code: str | None, message: str | None) -> None:
    assert not is_moderated(message, code)
