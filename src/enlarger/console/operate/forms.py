"""Forms that change money or keys: first confirmed, then carried out once however often they are sent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from litestar import Response
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from enlarger.catalog.messages import Translate
from enlarger.console.operate.access import render_page
from enlarger.errors import InvalidInput
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.tasks.accounts import Caps
from enlarger.tasks.fields import parse_credits
from enlarger.translatable import sentence

TOKEN = "token"  # noqa: S105 - a field's name
_CONFIRMED = "confirmed"
_TOKEN_BYTES = 18
_LONGEST = 200
_LONGEST_TEXT = 500


def new_token() -> str:
    """Return a token for a new form."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


class Form:
    """The fields of a form that was sent."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields: dict[str, str] = dict(fields)

    @classmethod
    async def read(cls, request: AnyRequest) -> Form:
        """Read the request's fields; a file counts as empty."""
        sent = await request.form()
        return cls({name: value.strip()[:_LONGEST_TEXT] for name, value in sent.items() if isinstance(value, str)})

    def text(self, name: str) -> str:
        """Return a field, empty if it was not sent."""
        return self.fields.get(name, "")

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(name))

    @property
    def confirmed(self) -> bool:
        """Whether the visitor has seen what will happen."""
        return self.flag(_CONFIRMED)

    @property
    def token(self) -> str:
        """The form's token. Raises InvalidInput."""
        token = self.text(TOKEN)
        if not token or len(token) > _LONGEST:
            raise InvalidInput(TOKEN, sentence("The form is incomplete: open its page again, and send it from there."))
        return token

    def whole(self, name: str, label: str) -> int | None:
        """Return a whole number; None for 0 or an empty field, which are without limit. Raises InvalidInput."""
        text = self.text(name)
        if not text:
            return None
        if not text.isascii() or not text.isdecimal() or int(text) > 1_000_000:
            message = sentence(
                "{name} {text!r} is not a whole number: give one up to a million, or 0 for no limit.",
                name=label,
                text=text,
            )
            raise InvalidInput(name, message)
        return int(text) or None

    def caps(self, tr: Translate) -> Caps:
        """Return what a key may spend; an empty field is without limit. Raises InvalidInput."""
        hour, day, total = (self._cap(name, label) for name, label in cap_fields(tr))
        return Caps(hour=hour, day=day, total=total)

    def _cap(self, name: str, label: str) -> Decimal | None:
        text = self.text(name)
        return named(name, lambda: parse_credits(label, text)) if text else None


def cap_fields(tr: Translate) -> Sequence[tuple[str, str]]:
    """Return the fields of a key's caps with their labels."""
    return (
        ("hour_cap", tr("Credits per hour")),
        ("day_cap", tr("Credits per day")),
        ("total_cap", tr("Credits in total")),
    )


def named(field: str, parse: Any) -> Any:
    """Call `parse`; an InvalidInput that it raises names the form's field."""
    try:
        return parse()
    except InvalidInput as error:
        raise InvalidInput(field, error.args[0]) from None


def ask(
    request: AnyRequest,
    service: Service,
    form: Form,
    *,
    here: str,
    title: str,
    facts: Sequence[tuple[str, str]],
    button: str,
    back: str,
    warning: str = "",
) -> Response[str]:
    """Show what a form will do, and the same form again to confirm it."""
    hidden = {name: value for name, value in form.fields.items() if name != _CONFIRMED}
    return render_page(
        request,
        service,
        "confirm",
        here_page=here,
        title=title,
        facts=facts,
        button=button,
        back=back,
        warning=warning,
        action=request.scope["path"],
        hidden={**hidden, _CONFIRMED: "yes"},
    )


def lead(path: str, done: str) -> Redirect:
    """Redirect to a page that says that something is `done`."""
    return Redirect(f"{path}?done={done}", status_code=HTTP_303_SEE_OTHER)
