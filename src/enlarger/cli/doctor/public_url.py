"""The public URL: whether it leads to this service, and lets webhooks through."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx2

from enlarger.cli.doctor.finding import Finding, failed, ok, skipped, warning
from enlarger.cli.doctor.site import NoDatabase, Site

_SECONDS = 10.0
_NOT_OURS, _NOT_KEPT = 403, 404
"""What a service answers to a link that it did not sign, and to one that it did, of a file that is not there."""
_NOT_SET = "ENLARGER_PUBLIC_URL is not set: webhooks of hosted providers cannot arrive, and they are polled instead."
_SET_IT = "Set it to the https address by which the internet reaches this service, to hear of results at once."


async def check_public_url(site: Site) -> Finding:
    """Does the public URL lead to this service, by https?"""
    url = site.settings.public_url
    if url is None:
        return skipped(_NOT_SET, _SET_IT)
    shown = without_secrets(url)
    async with httpx2.AsyncClient(timeout=_SECONDS) as http:
        try:
            reply = await http.get(f"{url}/healthz")
        except httpx2.HTTPError as error:
            return failed(
                f"{shown} does not answer ({type(error).__name__}: {error}).",
                "Check its DNS name, its certificate, the reverse proxy, and that the service runs.",
            )
        if not _is_alive(reply):
            leads = f" to {without_secrets(reply.headers.get('location', ''))}" if reply.is_redirect else ""
            return failed(
                f"{shown}/healthz answers {reply.status_code}{leads}, not as a service does.",
                "Have the reverse proxy pass every path on to the service, unchanged.",
            )
        ours = await _is_ours(site, http, url)
    if ours is False:
        return failed(
            f"{shown} is answered by a service with another database.", "Correct ENLARGER_PUBLIC_URL or DATABASE_URL."
        )
    if not url.startswith("https://"):
        return warning(f"{shown} is not encrypted.", "Use https: results and webhooks can be read on their way.")
    return ok(f"{shown} answers as {'this service' if ours else 'a service'}.")


async def check_webhooks(site: Site) -> Finding:
    """Do a provider's webhooks get through to the service?"""
    from enlarger.infra.webhook_urls import PATH

    url = site.settings.public_url
    if url is None:
        return skipped(_NOT_SET, _SET_IT)
    async with httpx2.AsyncClient(timeout=_SECONDS) as http:
        try:
            # Not signed, so that nothing comes of it: a service says that it does not know this address.
            reply = await http.post(f"{url}{PATH}/doctor/none/none", json={})
            told = reply.json() if reply.status_code == _NOT_KEPT else None
        except (httpx2.HTTPError, ValueError) as error:
            return failed(
                f"A POST to {without_secrets(url)}{PATH} gets no answer of a service ({type(error).__name__}).",
                f"Have the reverse proxy pass POST {PATH}/… on to the service.",
            )
    if told == {"status": "unknown"}:
        return ok(f"A POST to {without_secrets(url)}{PATH} reaches a service.")
    return failed(
        f"A POST to {without_secrets(url)}{PATH} is answered with {reply.status_code}, not by a service.",
        f"Have the reverse proxy pass POST {PATH}/… on to the service, without a sign-in or a redirect.",
    )


def _is_alive(reply: httpx2.Response) -> bool:
    with suppress(ValueError):
        return reply.is_success and reply.json() == {"status": "ok"}
    return False


async def _is_ours(site: Site, http: httpx2.AsyncClient, url: str) -> bool | None:
    """Whether who answers has our database: it knows its own signature on a link. None if that cannot be told."""
    import asyncpg

    from enlarger.infra.links import Links
    from enlarger.tasks.accounts import LINKS

    try:
        async with site.connection() as connection:
            secret = await connection.fetchval("SELECT value FROM secrets WHERE name = $1", LINKS)
    except (NoDatabase, asyncpg.PostgresError):
        return None
    if secret is None:
        return None
    soon = datetime.now(UTC) + timedelta(days=1)
    link = Links(secret).make(secrets.token_hex(16), "doctor.png", soon)
    try:
        reply = await http.get(f"{url}{link}")
    except httpx2.HTTPError:
        return None
    return {_NOT_KEPT: True, _NOT_OURS: False}.get(reply.status_code)


def without_secrets(url: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
