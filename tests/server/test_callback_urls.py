"""A callback URL that the operator's settings forbid is refused when the task is made, and not only in the delivery."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import httpx2
import pytest

from enlarger.catalog.messages import localise
from enlarger.errors import InvalidInput
from enlarger.infra.callback_hosts import CallbackHosts
from enlarger.infra.safe_http import Allowed
from enlarger.server import Service
from enlarger.server.callback_urls import check_callback_url
from tests.server.steps import BODY, CREATE, create

_PRIVATE = [
    "http://127.0.0.1:8000/hook", "http://localhost/hook", "https://app.localhost/hook", "http://[::1]/hook",
    "http://10.1.2.3/hook", "http://192.168.0.7:8080/hook", "http://[::ffff:10.0.0.1]/",
]  # fmt: skip


def opened(service: Service, private: Sequence[str] = (), hosts: CallbackHosts | None = None) -> Service:
    """The service with other settings for whom it calls."""
    return dataclasses.replace(service, allowed=Allowed.parse(private), callback_hosts=hosts or CallbackHosts())


@pytest.mark.parametrize("url", _PRIVATE)
def test_an_address_that_is_not_public_is_refused(service: Service, url: str) -> None:
    with pytest.raises(InvalidInput, match="have the operator allow it in ENLARGER_ALLOW_PRIVATE") as raised:
        check_callback_url(opened(service), url)
    assert raised.value.faults[0][:2] == ("callBackUrl", "callback_refused")
    assert "/hook" not in str(raised.value)


@pytest.mark.parametrize(("locale", "says"), [("en", "does not call"), ("ru", "не обращается"), ("zh", "不会回调")])
async def test_create_task_refuses_it_in_the_requests_language(api: httpx2.AsyncClient, locale: str, says: str) -> None:
    wanted = {**BODY, "callBackUrl": "http://10.1.2.3/hook"}
    reply = (await api.post(CREATE, json=wanted, headers={"Accept-Language": locale})).json()
    assert (reply["code"], reply["data"], says in reply["msg"]) == (422, None, True)


async def test_names_and_public_addresses_are_taken_without_being_looked_up(api: httpx2.AsyncClient) -> None:
    for url in ("https://app.example/hook", "https://93.184.215.14/hook", "http://never-there.example:8080/hook"):
        await create(api, {**BODY, "callBackUrl": url})


def test_what_the_settings_allow_is_taken(service: Service) -> None:
    for url in ("http://127.0.0.1:8000/hook", "http://localhost:8000/hook"):
        check_callback_url(opened(service, ("127.0.0.1", "localhost")), url)
    check_callback_url(opened(service, ("10.0.0.0/8",)), "https://10.1.2.3/hook")


_ADVICE = [
    ("http://169.254.169.254/latest", "because clouds keep secrets there"),
    ("http://[::ffff:169.254.169.254]/", "because clouds keep secrets there"),
    ("http://100.100.100.200/", "because clouds keep secrets there"),
    ("http://metadata.google.internal/", "because clouds keep secrets there"),
    ("http://0x7f000001/", "written in an unusual way"),
    ("http://2130706433/", "written in an unusual way"),
    ("http://127.1/", "written in an unusual way"),
    ("http://93.184.215.14:6379/", "give one of a web server"),
]


@pytest.mark.parametrize(("url", "says"), _ADVICE)
@pytest.mark.parametrize("locale", ["en", "ru", "zh"])
def test_only_advice_that_helps_is_given(service: Service, url: str, says: str, locale: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        check_callback_url(opened(service, ["0.0.0.0/0"] if "clouds" in says else []), url)
    assert raised.value.faults[0][:2] == ("callBackUrl", "callback_refused")
    assert says in str(raised.value)
    helps = "web server" in says
    assert ("ENLARGER" in str(raised.value)) == helps
    translated = localise(raised.value.args[0], locale)
    assert (translated == str(raised.value)) == (locale == "en")


@pytest.mark.parametrize(
    ("allow", "deny", "setting"),
    [
        (["shop.example"], [], "add it to ENLARGER_CALLBACK_ALLOW"),
        ([], ["app.example"], "excluded in ENLARGER_CALLBACK_DENY: give another host"),
        (["app.example"], ["*"], "excluded in ENLARGER_CALLBACK_DENY: give another host"),
    ],
)
def test_a_host_that_callbacks_are_not_sent_to_is_refused(
    service: Service, allow: list[str], deny: list[str], setting: str
) -> None:
    with pytest.raises(InvalidInput, match=setting) as raised:
        check_callback_url(opened(service, hosts=CallbackHosts(allow, deny)), "https://app.example/secret")
    assert "https://app.example" in str(raised.value)
    assert "secret" not in str(raised.value)
