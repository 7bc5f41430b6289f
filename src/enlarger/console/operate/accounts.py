"""Accounts: the list, one account with its keys, credits and ledger."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote, urlencode

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from enlarger.catalog.messages import Translate
from enlarger.console.operate.access import OPERATE, render_page
from enlarger.console.operate.amounts import say_credits, say_number
from enlarger.console.operate.forms import Form, ask, cap_fields, lead, named, new_token
from enlarger.console.operate.key_views import view_key
from enlarger.console.operate.limit_fields import limit_facts, limit_labels, limit_values, read_limits
from enlarger.console.rendering import translator_of
from enlarger.errors import InvalidInput
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.parameters import Parameters, query, takes
from enlarger.tasks.accounts import CREATE_LIMIT, QUERY_LIMIT, Account
from enlarger.tasks.fields import MOST_CREDITS, check_account_name, parse_credits
from enlarger.tasks.ledger import LedgerLine
from enlarger.translatable import sentence

ACCOUNTS = f"{OPERATE}/accounts"
_PAGE, _KEYS, _LINES = 50, 30, 50


class AccountFilters(Parameters, frozen=True):
    """Which accounts to list."""

    name: Annotated[str, query("How their names begin.")] = ""
    after: Annotated[str, query("The last name of the previous page.")] = ""
    done: Annotated[str, query("What has been done.")] = ""


class KeyPage(Parameters, frozen=True):
    """Where an account's list of keys continues."""

    before: Annotated[str, query("The id of the last key of the previous page.")] = ""
    done: Annotated[str, query("What has been done.")] = ""


class LedgerPage(Parameters, frozen=True):
    """Where a ledger continues."""

    before: Annotated[int, query("The id of the last line of the previous page.", ge=0, le=2**62)] = 0


@get(ACCOUNTS, **takes(AccountFilters))
async def list_accounts(
    request: AnyRequest, service: NamedDependency[Service], parameters: NamedDependency[AccountFilters]
) -> Response[str]:
    """List accounts by name, and offer a form for a new one."""
    return await _list(request, service, parameters, Form({}), None)


@post(ACCOUNTS, status_code=200)
async def create_account(request: AnyRequest, service: NamedDependency[Service]) -> Response[str] | Redirect:
    """Create an account, once it is confirmed."""
    form, tr = await Form.read(request), translator_of(request, service)
    try:
        token, name = form.token, form.text("name")
        check_account_name("name", name)
        unlimited = form.flag("unlimited")
        if unlimited and form.text("credits"):
            message = sentence("An account without a balance has no credits: leave Credits empty, or untick the box.")
            raise InvalidInput("credits", message)
        text = form.text("credits") or "0"
        credits = None if unlimited else named("credits", lambda: parse_credits(tr("Credits"), text))
        creates = form.whole("creates", tr("New tasks in 10 seconds"))
        queries = form.whole("queries", tr("Queries per second"))
        own = read_limits(form, tr)
        if form.confirmed:
            await service.accounts.add(
                name, credits=credits, create_limit=creates, query_limit=queries, own=own, token=token
            )
            return lead(account_path(name), "created")
        if await service.accounts.find(name) is not None:
            message = sentence("There is an account {name!r} already: choose another name.", name=name)
            raise InvalidInput("name", message)
    except InvalidInput as error:
        return await _list(request, service, AccountFilters(), form, error)
    facts = [
        (tr("Account"), name),
        (tr("Credits"), say_credits(credits, tr)),
        (tr("New tasks in 10 seconds"), str(creates or tr("no limit"))),
        (tr("Queries per second"), str(queries or tr("no limit"))),
        *limit_facts(own, service.tasks.limits, tr),
    ]
    title, button = tr("Create this account?"), tr("Create account")
    return ask(request, service, form, here="accounts", title=title, facts=facts, button=button, back=ACCOUNTS)


@get(ACCOUNTS + "/{account_id:str}", **takes(KeyPage))
async def show_account(
    request: AnyRequest,
    service: NamedDependency[Service],
    account_id: FromPath[str],
    parameters: NamedDependency[KeyPage],
) -> Response[str]:
    """Show an account: balance, limits, keys, and the forms to top it up and to create a key."""
    account = await require_account(service, account_id)
    return await render_account(request, service, account, Form({}), None, parameters=parameters)


@post(ACCOUNTS + "/{account_id:str}/credits", status_code=200)
async def top_up(
    request: AnyRequest, service: NamedDependency[Service], account_id: FromPath[str]
) -> Response[str] | Redirect:
    """Add credits to an account, or take some away, once it is confirmed."""
    account = await require_account(service, account_id)
    form, tr = await Form.read(request), translator_of(request, service)
    try:
        token, text, note = form.token, form.text("credits"), form.text("note")
        credits = named("credits", lambda: parse_credits(tr("Credits"), text, least=-MOST_CREDITS))
        if account.balance is None:
            message = sentence("This account has no balance: its tasks cost nothing, and there is nothing to top up.")
            raise InvalidInput("credits", message)
        if not credits:
            raise InvalidInput("credits", sentence("Credits must not be 0: give how many to add or to take away."))
        if form.confirmed:
            await service.ledger.top_up(account.id, credits, note=note or None, token=token)
            return lead(account_path(account.id), "credited")
    except InvalidInput as error:
        return await render_account(request, service, account, form, error)
    after = account.balance + credits
    debt = tr("The balance will be below zero: no task can be created until it is topped up.")
    facts = [
        (tr("Account"), account.id),
        (tr("Balance now"), say_number(account.balance)),
        (tr("Credits to add") if credits > 0 else tr("Credits to take away"), say_number(abs(credits))),
        (tr("Balance afterwards"), say_number(after)),
        (tr("Note"), note or "–"),
    ]
    return ask(
        request,
        service,
        form,
        here="accounts",
        title=tr("Book these credits?"),
        facts=facts,
        button=tr("Add credits") if credits > 0 else tr("Take credits away"),
        back=account_path(account.id),
        warning=debt if after < 0 else "",
    )


@post(ACCOUNTS + "/{account_id:str}/limits", status_code=200)
async def set_limits(
    request: AnyRequest, service: NamedDependency[Service], account_id: FromPath[str]
) -> Response[str] | Redirect:
    """Set an account's weight and limits, once it is confirmed."""
    account = await require_account(service, account_id)
    form, tr = await Form.read(request), translator_of(request, service)
    try:
        own, _ = read_limits(form, tr), form.token
        if form.confirmed:
            await service.accounts.set_limits(account.id, own)
            return lead(account_path(account.id), "limits")
    except InvalidInput as error:
        return await render_account(request, service, account, form, error)
    facts = [(tr("Account"), account.id), *limit_facts(own, service.tasks.limits, tr)]
    title, button, back = tr("Set these limits?"), tr("Set limits"), account_path(account.id)
    return ask(request, service, form, here="accounts", title=title, facts=facts, button=button, back=back)


@get(ACCOUNTS + "/{account_id:str}/ledger", **takes(LedgerPage))
async def show_ledger(
    request: AnyRequest,
    service: NamedDependency[Service],
    account_id: FromPath[str],
    parameters: NamedDependency[LedgerPage],
) -> Response[str]:
    """Show an account's ledger, the newest line first."""
    account = await require_account(service, account_id)
    tr = translator_of(request, service)
    lines = await service.ledger.lines(account.id, before=parameters.before or None, most=_LINES + 1)
    following = lines[_LINES - 1].id if len(lines) > _LINES else None
    return render_page(
        request,
        service,
        "ledger",
        account=account.id,
        path=account_path(account.id),
        balance=say_credits(account.balance, tr),
        lines=[_line(line, tr) for line in lines[:_LINES]],
        next=f"{account_path(account.id)}/ledger?before={following}" if following else None,
    )


def account_path(account_id: str) -> str:
    """Return the path of an account's page."""
    return f"{ACCOUNTS}/{quote(account_id, safe='')}"


async def require_account(service: Service, account_id: str) -> Account:
    """Return the account of this name. Raises NotFoundException."""
    account = await service.accounts.find(account_id)
    if account is None:
        raise NotFoundException
    return account


async def render_account(
    request: AnyRequest,
    service: Service,
    account: Account,
    form: Form,
    error: InvalidInput | None,
    *,
    parameters: KeyPage = KeyPage(),  # noqa: B008 - it cannot be changed
) -> Response[str]:
    """Render an account's page, with the fields of a form that was refused and why."""
    tr = translator_of(request, service)
    keys = await service.accounts.page_keys(account.id, before=parameters.before or None, most=_KEYS + 1)
    following = keys[_KEYS - 1].id if len(keys) > _KEYS else None
    done = {"created": tr("The account is created. Give it a key."), "credited": tr("The credits are booked.")}
    done["limits"] = tr("The limits are set.")
    return render_page(
        request,
        service,
        "account",
        status=400 if error else 200,
        account=_view(account, tr),
        limits=limit_facts(account, service.tasks.limits, tr),
        engine_used=round(account.engine_used),
        limit_labels=limit_labels(tr),
        path=account_path(account.id),
        keys=[view_key(key, tr) for key in keys[:_KEYS]],
        next=f"{account_path(account.id)}?before={following}" if following else None,
        caps=cap_fields(tr),
        form=limit_values(account) | form.fields,
        problem=error.args[0] if error else None,
        wrong=error.field if error else "",
        done=done.get(parameters.done),
        token=new_token(),
    )


async def _list(
    request: AnyRequest, service: Service, filters: AccountFilters, form: Form, error: InvalidInput | None
) -> Response[str]:
    tr = translator_of(request, service)
    found = await service.accounts.page(prefix=filters.name, after=filters.after, most=_PAGE + 1)
    pairs = [("name", filters.name), ("after", found[_PAGE - 1].id if len(found) > _PAGE else "")]
    return render_page(
        request,
        service,
        "accounts",
        status=400 if error else 200,
        accounts=[_view(account, tr) for account in found[:_PAGE]],
        name=filters.name,
        filtered=bool(filters.name or filters.after),
        next=f"{ACCOUNTS}?{urlencode([pair for pair in pairs if pair[1]])}" if len(found) > _PAGE else None,
        limit_labels=limit_labels(tr),
        form=form.fields or {"creates": str(CREATE_LIMIT), "queries": str(QUERY_LIMIT)},
        problem=error.args[0] if error else None,
        wrong=error.field if error else "",
        token=new_token(),
    )


def _view(account: Account, tr: Translate) -> dict[str, Any]:
    return {
        "id": account.id,
        "path": account_path(account.id),
        "balance": say_credits(account.balance, tr),
        "pays": account.balance is not None,
        "creates": account.create_limit or tr("no limit"),
        "queries": account.query_limit or tr("no limit"),
        "key_count": account.keys,
        "open_tasks": account.open_tasks,
        "created_at": account.created_at,
    }


def _line(line: LedgerLine, tr: Translate) -> dict[str, Any]:
    kinds = {
        "top_up": tr("Top-up"),
        "reserve": tr("Reserved"),
        "settle": tr("Settled"),
        "release": tr("Released"),
        "refund": tr("Refunded"),
    }
    return {
        "at": line.at,
        "kind": kinds[line.kind],
        "credits": f"+{say_number(line.credits)}" if line.credits > 0 else say_number(line.credits),
        "task_id": line.task_id,
        "note": line.note or "",
    }
