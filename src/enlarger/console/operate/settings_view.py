"""The settings in force, with their secrets hidden."""

from __future__ import annotations

import os
import re
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from enlarger.catalog.messages import Translate
from enlarger.settings import Rate, ServiceSettings, variables_of

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def view_settings(settings: ServiceSettings, tr: Translate) -> list[dict[str, Any]]:
    """Return every setting with its value and where that comes from; of a secret only whether it is set."""
    rows = [_view(settings, name, field, tr) for name, field in type(settings).model_fields.items()]
    return sorted(rows, key=lambda row: str(row["name"]))


def _view(settings: ServiceSettings, name: str, field: FieldInfo, tr: Translate) -> dict[str, Any]:
    value = getattr(settings, name)
    variables = variables_of(name, field)
    given = next((one for one in variables if one in os.environ), None)
    if name not in settings.model_fields_set:
        source, changed = tr("default"), False
    elif given is not None:
        source, changed = tr("environment or settings file"), True
    else:
        source, changed = tr("command line or .env"), True
    return {
        "name": given or variables[-1],
        "value": _say(value, _is_secret(field), tr),
        "source": source,
        "changed": changed,
    }


def _is_secret(field: FieldInfo) -> bool:
    kinds = (field.annotation, *get_args(field.annotation))
    return SecretStr in kinds


def _say(value: Any, secret: bool, tr: Translate) -> str:
    if value is None or value in ("", ()):
        return "–"
    if secret:
        return tr("set, hidden")
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, Rate):
        return f"{value.times}/{value.seconds:g}"
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return _bare(text) if _URL.match(text) else text


def _bare(url: str) -> str:
    """Return a URL without what may be secret in it: user, password, query and fragment."""
    parts = urlsplit(url)
    user = "…@" if "@" in parts.netloc else ""
    query = "?…" if parts.query or parts.fragment else ""
    return f"{parts.scheme}://{user}{parts.netloc.rpartition('@')[2]}{parts.path}{query}"
