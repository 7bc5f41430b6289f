from __future__ import annotations

import pytest

from enlarger.errors import ConfigurationError
from enlarger.infra.callback_hosts import CallbackHosts


def test_without_lists_every_host_may_be_called() -> None:
    assert CallbackHosts().permit("https://anything.example/hook")
    assert CallbackHosts(allow=["*"]).permit("https://anything.example/hook")
    assert not CallbackHosts(deny=["*"]).permit("https://anything.example/hook")


@pytest.mark.parametrize(
    ("url", "permitted"),
    [
        ("https://app.example/hook?token=1", True),
        ("https://APP.Example.:8443/hook", True),
        ("https://user:password@app.example/", True),
        ("https://below.app.example/", False),
        ("https://app.example.evil.example/", False),
        ("https://evil.example/app.example", False),
        ("https://app.example@evil.example/", False),
        ("https://a.b.shop.example/", True),
        ("https://shop.example/", False),
        ("https://notshop.example/", False),
        ("https://bücher.example/", True),
        ("https://xn--bcher-kva.example/", True),
        ("http://[2606:2800:0:0::1]:8080/", True),
        ("https://0x5db8d70e/", False),
        ("not a url", False),
    ],
)
def test_with_a_list_only_its_hosts_may_be_called_however_they_are_written(url: str, permitted: bool) -> None:
    hosts = CallbackHosts(allow=["app.example", "*.shop.example", "Bücher.example", "2606:2800::1"])
    assert hosts.permit(url) is permitted


@pytest.mark.parametrize("url", ["https://bad.shop.example/", "https://BAD.shop.example./", "https://x.bad.example/"])
def test_a_host_that_is_denied_is_not_called_though_it_is_allowed(url: str) -> None:
    hosts = CallbackHosts(allow=["*"], deny=["bad.shop.example", "*.bad.example"])
    assert hosts.permit("https://shop.example/")
    assert not hosts.permit(url)


@pytest.mark.parametrize("entry", ["", "*.", "*x.example", "a.*.example", "https://a.example", "a.example:80", "a/b"])
def test_an_entry_that_is_no_host_is_told(entry: str) -> None:
    with pytest.raises(ConfigurationError, match=r"ENLARGER_CALLBACK_DENY: .* is no host"):
        CallbackHosts(deny=[entry])
