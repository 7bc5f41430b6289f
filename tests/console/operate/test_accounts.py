"""Accounts and keys are created, capped, paid for and revoked in the browser: confirmed, and once."""

from __future__ import annotations

import re
from decimal import Decimal

import httpx2
import pytest

from enlarger.errors import ApiKeyRejected
from enlarger.server import Service
from enlarger.tasks.accounts import Caps
from tests.console.operate.conftest import Send, hidden

ACCOUNTS = "/console/operate/accounts"
SHOP = f"{ACCOUNTS}/shop"


@pytest.fixture
async def shop(service: Service) -> None:
    await service.accounts.add("shop", credits=Decimal(100), create_limit=20, query_limit=10)


def new_key(page: str) -> str:
    [key] = re.findall(r'value="(enl_[\w-]{40})"', page)
    return str(key)


async def test_an_account_is_created_once_although_its_form_is_sent_twice(send: Send, service: Service) -> None:
    created = await send(ACCOUNTS, ACCOUNTS, times=2, name="shop", credits="50", creates="5", queries="0")
    assert (created.status_code, created.headers["location"]) == (303, f"{SHOP}?done=created")
    account = await service.accounts.find("shop")
    assert account is not None
    assert (account.balance, account.create_limit, account.query_limit) == (Decimal(50), 5, None)


async def test_nothing_happens_before_it_is_confirmed(admin: httpx2.AsyncClient, service: Service) -> None:
    fields = hidden((await admin.get(ACCOUNTS)).text)
    asked = await admin.post(ACCOUNTS, data={**fields, "name": "shop", "credits": "5"})
    assert "Create this account?" in asked.text
    assert await service.accounts.find("shop") is None


@pytest.mark.parametrize(
    ("fields", "says", "wrong"),
    [
        ({"name": "a b"}, "is not a valid account name: use up to 63", "name"),
        ({"name": "default"}, "already: choose another name", "name"),
        ({"name": "new", "credits": "many"}, "is not a number of credits: give one with at most", "credits"),
        ({"name": "new", "credits": "5", "unlimited": "yes"}, "leave Credits empty, or untick", "credits"),
        ({"name": "new", "creates": "-1"}, "is not a whole number: give one up to a million", "creates"),
    ],
)
async def test_a_wrong_field_is_named_with_its_remedy(
    send: Send, fields: dict[str, str], says: str, wrong: str
) -> None:
    refused = await send(ACCOUNTS, ACCOUNTS, **fields)
    assert refused.status_code == 400
    assert says in refused.text
    assert re.search(rf'name="{wrong}"[^>]*aria-invalid="true"', refused.text)
    assert f'value="{fields["name"]}"' in refused.text


@pytest.mark.usefixtures("shop")
async def test_credits_are_booked_once_although_the_form_is_sent_twice(send: Send, service: Service) -> None:
    booked = await send(SHOP, f"{SHOP}/credits", times=3, credits="25.5", note="invoice 17")
    assert booked.headers["location"] == f"{SHOP}?done=credited"
    assert await service.ledger.balance("shop") == Decimal("125.5")
    assert await service.ledger.check() == []
    again = await send(SHOP, f"{SHOP}/credits", credits="-200")
    assert again.status_code == 303
    assert await service.ledger.balance("shop") == Decimal("-74.5")


@pytest.mark.usefixtures("shop")
async def test_a_top_up_shows_the_balance_before_and_after(admin: httpx2.AsyncClient) -> None:
    fields = hidden((await admin.get(SHOP)).text)
    asked = (await admin.post(f"{SHOP}/credits", data={**fields, "credits": "-130"})).text
    assert re.search(r"<dt>Balance now</dt><dd>100</dd>.*<dt>Balance afterwards</dt><dd>-30</dd>", asked)
    assert "below zero" in asked
    for credits, says in (("0", "must not be 0"), ("1e5x", "is not a number of credits")):
        refused = await admin.post(f"{SHOP}/credits", data={**fields, "credits": credits})
        assert refused.status_code == 400
        assert says in refused.text


async def test_an_account_without_a_balance_is_not_topped_up(admin: httpx2.AsyncClient) -> None:
    page = (await admin.get(f"{ACCOUNTS}/default")).text
    assert f"{ACCOUNTS}/default/credits" not in page
    refused = await admin.post(f"{ACCOUNTS}/default/credits", data={**hidden(page), "credits": "5"})
    assert refused.status_code == 400
    assert "has no balance" in refused.text


@pytest.mark.usefixtures("shop")
async def test_a_new_key_is_shown_and_works(send: Send, service: Service, admin: httpx2.AsyncClient) -> None:
    fields = {"key_name": "website", "day_cap": "10", "allow": "203.0.113.0/24, 127.0.0.1"}
    shown = await send(SHOP, f"{SHOP}/keys", times=2, **fields)
    key = new_key(shown.text)
    [stored] = await service.accounts.keys("shop")
    assert (stored.name, stored.day_cap, stored.admin) == ("website", Decimal(10), False)
    assert stored.allow == ["203.0.113.0/24", "127.0.0.1/32"]
    with pytest.raises(ApiKeyRejected, match="from this address"):
        await service.accounts.authenticate(key)
    page = (await admin.get(f"/console/operate/keys/{stored.id}")).text
    assert key not in page
    assert "website" in (await admin.get(SHOP)).text


@pytest.mark.usefixtures("shop")
async def test_a_key_is_not_shown_again_later(admin: httpx2.AsyncClient, service: Service) -> None:
    fields = {**hidden((await admin.get(SHOP)).text), "confirmed": "yes"}
    key = new_key((await admin.post(f"{SHOP}/keys", data=fields)).text)
    await service.database.pool.execute("UPDATE api_keys SET created_at = now() - interval '2 min'")
    later = (await admin.post(f"{SHOP}/keys", data=fields)).text
    assert key not in later
    assert "is not shown again" in later
    assert len(await service.accounts.keys("shop")) == 1


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("hour_cap", "lots", "Credits per hour &#39;lots&#39; is not a number of credits"),
        ("allow", "somewhere", "is not an address or network: write 203.0.113.7"),
    ],
)
async def test_a_key_with_a_wrong_field_is_not_created(
    send: Send, service: Service, field: str, value: str, says: str
) -> None:
    refused = await send(SHOP, f"{SHOP}/keys", **{field: value})
    assert refused.status_code == 400
    assert says in refused.text
    assert await service.accounts.keys("shop") == []


async def test_caps_are_set_and_removed(send: Send, service: Service) -> None:
    _, key_id = await service.accounts.make_key("default", name=None, caps=Caps(hour=Decimal(1)))
    path = f"/console/operate/keys/{key_id}"
    done = await send(path, f"{path}/caps", hour_cap="", day_cap="7.5", total_cap="0")
    assert done.headers["location"] == f"{path}?done=caps"
    key = await service.accounts.find_key(key_id)
    assert key is not None
    assert (key.hour_cap, key.day_cap, key.total_cap) == (None, Decimal("7.5"), Decimal(0))


@pytest.mark.parametrize("keep_old", [True, False])
async def test_a_key_is_replaced_once(send: Send, service: Service, keep_old: bool) -> None:
    old, key_id = await service.accounts.make_key("default", name="website", caps=Caps(day=Decimal(3)))
    path = f"/console/operate/keys/{key_id}"
    shown = await send(path, f"{path}/rotate", times=2, **({"keep_old": "yes"} if keep_old else {}))
    caller = await service.accounts.authenticate(new_key(shown.text))
    assert caller.has_caps
    assert len([key for key in await service.accounts.keys("default") if key.name == "website"]) == 2
    if keep_old:
        await service.accounts.authenticate(old)
    else:
        with pytest.raises(ApiKeyRejected):
            await service.accounts.authenticate(old)


async def test_a_key_is_revoked_and_then_has_no_forms(send: Send, service: Service, admin: httpx2.AsyncClient) -> None:
    key, key_id = await service.accounts.make_key("default", name=None, caps=Caps())
    path = f"/console/operate/keys/{key_id}"
    assert (await send(path, f"{path}/revoke", times=2)).headers["location"] == f"{path}?done=revoked"
    with pytest.raises(ApiKeyRejected):
        await service.accounts.authenticate(key)
    assert f"{path}/caps" not in (await admin.get(path)).text
    refused = await admin.post(f"{path}/caps", data={"token": "t", "day_cap": "5", "confirmed": "yes"})
    assert refused.status_code == 400
    assert "no valid key" in refused.text


async def test_whoever_revokes_their_own_key_is_warned(admin: httpx2.AsyncClient, service: Service) -> None:
    [own] = await service.accounts.keys("default")
    path = f"/console/operate/keys/{own.id}"
    asked = await admin.post(f"{path}/revoke", data={"token": "t"})
    assert "you will be signed out" in asked.text
    await admin.post(f"{path}/revoke", data={"token": "t", "confirmed": "yes"})
    assert (await admin.get(ACCOUNTS)).headers["location"].startswith("/console/sign-in")


async def test_a_form_without_its_token_is_refused(admin: httpx2.AsyncClient) -> None:
    refused = await admin.post(ACCOUNTS, data={"name": "shop", "confirmed": "yes"})
    assert refused.status_code == 400
    assert "open its page again" in refused.text


async def test_accounts_keys_and_ledgers_are_read_in_pages(admin: httpx2.AsyncClient, service: Service) -> None:
    for number in range(52):
        await service.accounts.add(f"shop-{number:02}", credits=Decimal(1), create_limit=None, query_limit=None)
    for _ in range(31):
        await service.accounts.make_key("shop-00", name=None, caps=Caps())
    for _ in range(50):
        await service.ledger.top_up("shop-00", Decimal(1))
    for page, row, first, second in (
        (f"{ACCOUNTS}?name=shop-", r'<a href="/console/operate/accounts/(shop-\d\d)">', 50, 2),
        (f"{ACCOUNTS}/shop-00", r'<a href="/console/operate/keys/(\w+)">', 30, 1),
        (f"{ACCOUNTS}/shop-00/ledger", r'<th scope="row">(Top-up)</th>', 50, 1),
    ):
        text = (await admin.get(page)).text
        assert len(text) < 50_000
        seen = re.findall(row, text)
        assert len(seen) == first
        [following] = re.findall(r'rel="next" href="([^"]+)"', text)
        rest = re.findall(row, (await admin.get(following.replace("&amp;", "&"))).text)
        assert len(rest) == second
        assert "Top-up" in row or not set(seen) & set(rest)


@pytest.mark.usefixtures("shop")
async def test_limits_are_set_and_shown_once_they_are_confirmed(
    admin: httpx2.AsyncClient, send: Send, service: Service
) -> None:
    fields = hidden((await admin.get(SHOP)).text)
    asked = (await admin.post(f"{SHOP}/limits", data={**fields, "weight": "3", "open_limit": "20"})).text
    assert "Set these limits?" in asked
    assert re.search(r"<dt>Open tasks at a time</dt><dd>20</dd>", asked)
    account = await service.accounts.find("shop")
    assert account is not None
    assert account.open_limit is None
    done = await send(SHOP, f"{SHOP}/limits", times=2, weight="3", open_limit="20", megapixel_limit="0")
    assert done.headers["location"] == f"{SHOP}?done=limits"
    account = await service.accounts.find("shop")
    assert account is not None
    assert (account.weight, account.open_limit, account.megapixel_limit, account.engine_limit) == (3, 20, 0, None)
    assert (account.create_limit, account.query_limit) == (20, 10), "they stay as they are"
    shown = (await admin.get(SHOP)).text
    assert re.search(r'name="open_limit" value="20"', shown)
    assert re.search(r"<dt>Open megapixels for the engine</dt><dd>no limit</dd>", shown)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("field", "value"), [("weight", "0"), ("open_limit", "-3"), ("engine_limit", "many")])
async def test_a_wrong_limit_is_named(send: Send, field: str, value: str) -> None:
    refused = await send(SHOP, f"{SHOP}/limits", **{field: value})
    assert refused.status_code == 400
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', refused.text)
