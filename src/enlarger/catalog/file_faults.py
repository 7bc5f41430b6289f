"""What can be wrong with a file that a request brings along or points to, in sentences that name the field."""

from __future__ import annotations

from enlarger.catalog.model import Field
from enlarger.engines.formats import guess
from enlarger.errors import InvalidInput
from enlarger.translatable import Sentence, sentence

_MEGABYTE = 1_000_000
_MEDIA = {"image": sentence("a picture"), "video": sentence("a video"), "audio": sentence("a sound")}
_KINDS = (
    sentence("a video file, or a picture with an unknown codec"), sentence("an SVG or XML file"),
    sentence("a web page, not a picture"), sentence("a PDF"), sentence("of an unknown type"),
)  # fmt: skip
"""What `guess` says, as sentences that are translated."""


def expired_link(name: str) -> InvalidInput:
    """A link of this service that is no longer valid."""
    return _refuse(
        name,
        "link_expired",
        sentence("The field '{field}' is a link that has expired: upload the file again", field=name),
    )


def gone_file(name: str) -> InvalidInput:
    """A link of this service to a file that was deleted."""
    message = sentence("The field '{field}' is a link to a file that is no longer kept: upload it again", field=name)
    return _refuse(name, "file_gone", message)


def wrong_type(name: str, field: Field, mime_type: str) -> InvalidInput | None:
    """A stored file of a type that the field does not take; None for one that it takes."""
    media, _, subtype = mime_type.partition("/")
    if media != field.media:
        message = sentence(
            "The file in '{field}' is of the type {type}: give {wanted}",
            field=name, type=mime_type, wanted=_MEDIA[str(field.media)],
        )  # fmt: skip
    elif media == "image" and subtype not in field.accepted:
        message = sentence(
            "The picture in '{field}' is a {type}, but this model takes {accepted}: send one of those",
            field=name, type=subtype, accepted=", ".join(field.accepted),
        )  # fmt: skip
    else:
        return None
    return _refuse(name, "wrong_file_type", message)


def unreadable(name: str, head: bytes, field: Field) -> InvalidInput:
    """A file that is of no kind that is known here, by its first bytes."""
    if not head:
        message = sentence("The file in '{field}' is empty (0 bytes): send the whole file", field=name)
    elif field.media == "image":
        message = sentence(
            "The file in '{field}' is {kind}: send a JPEG, PNG, WebP, TIFF, AVIF, HEIC, BMP or GIF file",
            field=name, kind=_kind(head),
        )  # fmt: skip
    else:
        message = sentence(
            "The file in '{field}' is {kind}: send a video (MP4, MOV, WebM) or a sound (WAV, MP3, M4A, OGG)",
            field=name, kind=_kind(head),
        )  # fmt: skip
    return _refuse(name, "not_a_file", message)


def unreadable_upload(head: bytes) -> Sentence:
    """What is said of an uploaded file that is of no kind that is known here, by its first bytes."""
    if not head:
        return sentence("The file is empty (0 bytes): send the whole file.")
    return sentence(
        "The file is {kind}: send a picture (JPEG, PNG, WebP, TIFF, AVIF, HEIC, BMP, GIF), a video (MP4, MOV, WebM) or"
        " a sound (WAV, MP3, M4A, OGG).",
        kind=_kind(head),
    )


def large_upload(limit: int) -> Sentence:
    """What is said of an uploaded file of more than `limit` bytes."""
    return sentence("The file is larger than {limit} MB: send a smaller one.", limit=limit // _MEGABYTE)


def _kind(head: bytes) -> str:
    """What the file looks like; the English words are those of `guess`."""
    found = guess(head)
    return next((kind for kind in _KINDS if kind == found), found)


def _refuse(name: str, code: str, message: Sentence) -> InvalidInput:
    return InvalidInput(name, message, [(name, code, message)])
