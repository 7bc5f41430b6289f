"""Keys: create, cap, rotate and revoke."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from enlarger.catalog.messages import Translate
from enlarger.console.access import visitor_of
from enlarger.console.operate.access import render_page
from enlarger.console.operate.accounts import ACCOUNTS, account_path, render_account, require_account
from enlarger.console.operate.amounts import say_credits
from enlarger.console.operate.forms import Form, ask, cap_fields, lead, named, new_token
from enlarger.console.operate.key_views import KEYS, view_key
from enlarger.console.rendering import translator_of
from enlarger.errors import InvalidInput
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.parameters import Parameters, query, takes
from enlarger.tasks.accounts import Caps, Key
from enlarger.tasks.fields import parse_networks

_SHOWN_AGAIN = timedelta(minutes=1)
"""For how long a key is shown again when its form is sent twice, as a double click does."""


class Done(Parameters, frozen=True):
    """What to say."""

    done: Annotated[str, query("What has been done.")] = ""


@post(ACCOUNTS + "/{account_id:str}/keys", status_code=200)
async def create_key(
    request: AnyRequest, service: NamedDependency[Service], account_id: FromPath[str]
) -> Response[str]:
    """Create a key, once it is confirmed, and show it."""
    account = await require_account(service, account_id)
    form, tr = await Form.read(request), translator_of(request, service)
    try:
        token, name, admin = form.token, form.text("key_name"), form.flag("admin")
        caps = form.caps(tr)
        allow = named("allow", lambda: parse_networks(tr("Addresses"), form.text("allow")))
        if form.confirmed:
            derived = await service.accounts.derive_key(f"create {account.id}", token)
            key, key_id = await service.accounts.make_key(
                account.id, name=name or None, caps=caps, allow=allow, admin=admin, key=derived
            )
            return await _show_once(request, service, key, key_id)
    except InvalidInput as error:
        return await render_account(request, service, account, form, error)
    facts = [
        (tr("Account"), account.id),
        (tr("Name"), name or "–"),
        *_cap_facts(caps, tr),
        (tr("Accepted from"), ", ".join(map(str, allow)) or tr("anywhere")),
    ]
    return ask(
        request,
        service,
        form,
        here="accounts",
        title=tr("Create this key?"),
        facts=facts,
        button=tr("Create key"),
        back=account_path(account.id),
        warning=tr("Whoever has this key administers the whole service.") if admin else "",
    )


@get(KEYS + "/{key_id:str}", **takes(Done))
async def show_key(
    request: AnyRequest,
    service: NamedDependency[Service],
    key_id: FromPath[str],
    parameters: NamedDependency[Done],
) -> Response[str]:
    """Show a key without the key itself, and the forms to change it."""
    return _render(request, service, await _require(service, key_id), None, None, done=parameters.done)


@post(KEYS + "/{key_id:str}/caps", status_code=200)
async def set_caps(
    request: AnyRequest, service: NamedDependency[Service], key_id: FromPath[str]
) -> Response[str] | Redirect:
    """Set what a key may spend, once it is confirmed."""
    key = await _require(service, key_id)
    form, tr = await Form.read(request), translator_of(request, service)
    try:
        caps, _ = form.caps(tr), form.token
        if form.confirmed:
            await service.accounts.set_caps(key.id, caps)
            return lead(f"{KEYS}/{key.id}", "caps")
    except InvalidInput as error:
        return _render(request, service, key, form, error)
    facts = [*_key_facts(key, tr), *_cap_facts(caps, tr), (tr("Spent so far"), view_key(key, tr)["spent"])]
    title, button = tr("Set these caps?"), tr("Set caps")
    return ask(
        request, service, form, here="accounts", title=title, facts=facts, button=button, back=f"{KEYS}/{key.id}"
    )


@post(KEYS + "/{key_id:str}/rotate", status_code=200)
async def rotate_key(request: AnyRequest, service: NamedDependency[Service], key_id: FromPath[str]) -> Response[str]:
    """Replace a key with a new one, once it is confirmed, and show that."""
    key = await _require(service, key_id)
    form, tr = await Form.read(request), translator_of(request, service)
    keep_old = form.flag("keep_old")
    try:
        token = form.token
        if form.confirmed:
            derived = await service.accounts.derive_key(f"rotate {key.id}", token)
            new, new_id = await service.accounts.rotate(key.id, keep_old=keep_old, key=derived)
            return await _show_once(request, service, new, new_id, replaces=key.id, keep_old=keep_old)
    except InvalidInput as error:
        return _render(request, service, key, form, error)
    old = tr("stays valid until it is revoked") if keep_old else tr("is revoked immediately")
    facts = [*_key_facts(key, tr), (tr("The old key"), old)]
    return ask(
        request,
        service,
        form,
        here="accounts",
        title=tr("Replace this key?"),
        facts=facts,
        button=tr("Replace key"),
        back=f"{KEYS}/{key.id}",
        warning="" if keep_old else _loss(request, key, tr),
    )


@post(KEYS + "/{key_id:str}/revoke", status_code=200)
async def revoke_key(
    request: AnyRequest, service: NamedDependency[Service], key_id: FromPath[str]
) -> Response[str] | Redirect:
    """Revoke a key, once it is confirmed."""
    key = await _require(service, key_id)
    form, tr = await Form.read(request), translator_of(request, service)
    try:
        _ = form.token
        if form.confirmed:
            await service.accounts.revoke(key.id)
            return lead(f"{KEYS}/{key.id}", "revoked")
    except InvalidInput as error:
        return _render(request, service, key, form, error)
    return ask(
        request,
        service,
        form,
        here="accounts",
        title=tr("Revoke this key?"),
        facts=_key_facts(key, tr),
        button=tr("Revoke key"),
        back=f"{KEYS}/{key.id}",
        warning=_loss(request, key, tr),
    )


async def _require(service: Service, key_id: str) -> Key:
    key = await service.accounts.find_key(key_id)
    if key is None:
        raise NotFoundException
    return key


async def _show_once(
    request: AnyRequest, service: Service, key: str, key_id: str, *, replaces: str | None = None, keep_old: bool = False
) -> Response[str]:
    """Show a new key; once its form has been sent long ago, only that it was created."""
    found = await _require(service, key_id)
    tr = translator_of(request, service)
    fresh = service.database.now() - found.created_at < _SHOWN_AGAIN
    return render_page(
        request,
        service,
        "new_key",
        key=key if fresh else None,
        view=view_key(found, tr),
        account_path=account_path(found.account_id),
        replaces=replaces,
        keep_old=keep_old,
    )


def _render(
    request: AnyRequest, service: Service, key: Key, form: Form | None, error: InvalidInput | None, *, done: str = ""
) -> Response[str]:
    tr = translator_of(request, service)
    said = {"caps": tr("The caps are set."), "revoked": tr("The key is revoked.")}
    caps = {"hour_cap": key.hour_cap, "day_cap": key.day_cap, "total_cap": key.total_cap}
    fields = {name: "" if cap is None else f"{cap.normalize():f}" for name, cap in caps.items()}
    return render_page(
        request,
        service,
        "key",
        status=400 if error else 200,
        view=view_key(key, tr),
        account_path=account_path(key.account_id),
        own=_is_own(request, key),
        caps=cap_fields(tr),
        form={**fields, **(form.fields if form else {})},
        problem=error.args[0] if error else None,
        wrong=error.field if error else "",
        done=said.get(done),
        token=new_token(),
    )


def _key_facts(key: Key, tr: Translate) -> list[tuple[str, str]]:
    return [
        (tr("Key"), f"{key.id} (…{key.last4})"),
        (tr("Name"), key.name or "–"),
        (tr("Account"), key.account_id),
    ]


def _cap_facts(caps: Caps, tr: Translate) -> list[tuple[str, str]]:
    amounts = (caps.hour, caps.day, caps.total)
    return [(label, say_credits(cap, tr)) for (_, label), cap in zip(cap_fields(tr), amounts, strict=True)]


def _is_own(request: AnyRequest, key: Key) -> bool:
    """Whether the visitor has signed in with this key."""
    return visitor_of(request).caller.key_sha256.hex().startswith(key.id)


def _loss(request: AnyRequest, key: Key, tr: Translate) -> str:
    if _is_own(request, key):
        return tr("Your own session belongs to this key: you will be signed out.")
    return tr("Apps that use this key are refused from then on. This cannot be undone.")
