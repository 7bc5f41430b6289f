"""Renders pages and fragments from templates, in the visitor's language and with security headers."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response

from enlarger.catalog.messages import Translate, localise, translator
from enlarger.console.access import ROOT
from enlarger.console.assets import asset_url
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.requests import locale_of

_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src {pictures}",
    "media-src {pictures}",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
_SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def translator_of(request: AnyRequest, service: Service) -> Translate:
    """Return the translator into the visitor's language."""
    return translator(locale_of(request, service))


def render(request: AnyRequest, service: Service, template: str, *, status: int = 200, **values: Any) -> Response[str]:
    """Render the named template, a whole page or a fragment of one, with `values`."""
    locale = locale_of(request, service)
    tr = translator(locale)
    html = (
        _environment()
        .get_template(template)
        .render(
            tr=tr,
            tr_count=tr.tr_count,
            said=lambda text: localise(text, locale),
            locale=locale,
            root=ROOT,
            asset=asset_url,
            **values,
        )
    )
    # Links to results may redirect to the user's bucket.
    pictures = "'self' blob: https:" if service.settings.result_links == "storage" else "'self' blob:"
    policy = "; ".join(_POLICY).format(pictures=pictures)
    headers = {**_SAFETY, "Content-Security-Policy": policy}
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("enlarger.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["iso"] = _iso
    return environment


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
