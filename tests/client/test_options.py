"""What a client is told, and by whom."""

from __future__ import annotations

import inspect
from pathlib import Path

import httpx2
import pytest
from rich.pretty import pretty_repr
from scripts.write_sync_client import RAW, REQUESTS, WRITTEN, make_raw, make_sync

import enlarger
from enlarger.client import KieApiClient, NanoBananaClient, SyncKieApiClient
from enlarger.client.http import client_arguments, request_arguments
from enlarger.client.options import HOSTED_UPLOAD_URL, HOSTED_URL, change_options, load_options
from enlarger.client.wire import Request
from enlarger.errors import ConfigurationError
from tests.client.world import options


def test_the_environment_tells_everything() -> None:
    told = load_options(
        {},
        {
            "KIE_API_KEY": " key ",
            "KIE_BASE_URL": "http://enlarger.lan:8686/",
            "KIE_PROXY": "http://proxy:3128",
            "KIE_CALLBACK_URL": "https://example.com/hook",
            "KIE_API_MAX_POLLS": "150",
            "KIE_API_POLLING_INTERVAL": "5",
        },
    )
    assert (told.api_key, told.base_url, told.upload_url) == (
        "key",
        "http://enlarger.lan:8686",
        "http://enlarger.lan:8686",
    )
    assert (told.proxy, told.callback_url) == ("http://proxy:3128", "https://example.com/hook")
    assert (told.max_polls, told.poll_interval) == (150, 5.0)


def test_arguments_count_before_the_environment() -> None:
    told = load_options({"api_key": "mine", "max_polls": 3}, {"KIE_API_KEY": "other", "KIE_API_MAX_POLLS": "9"})
    assert (told.api_key, told.max_polls) == ("mine", 3)


def test_the_hosted_service_is_meant_without_a_base_url() -> None:
    assert (options().base_url, options().upload_url) == (HOSTED_URL, HOSTED_UPLOAD_URL)
    assert options(upload_url="http://files").upload_url == "http://files"


@pytest.mark.parametrize(
    ("given", "environment", "says"),
    [
        ({}, {}, "KIE_API_KEY"),
        ({"api_key": "  "}, {}, "KIE_API_KEY"),
        ({"api_key": "ключ"}, {}, "characters that no key has"),
        ({"api_key": "key\nX-Evil: 1"}, {}, "characters that no key has"),
        ({"api_key": "enl_key"}, {}, "one of an Enlarger service .* KIE_BASE_URL"),
        ({}, {"KIE_API_KEY": "enl_key", "KIE_BASE_URL": "https://api.kie.ai/"}, "one of an Enlarger service"),
        ({"api_key": "key", "base_url": "api.kie.ai"}, {}, "KIE_BASE_URL"),
        ({"api_key": "key", "base_url": "ftp://api.kie.ai"}, {}, "KIE_BASE_URL"),
        ({"api_key": "key", "base_url": "https://"}, {}, "KIE_BASE_URL"),
        ({"api_key": "key", "base_url": "https://user:password@api.kie.ai"}, {}, "without user"),
        ({"api_key": "key", "base_url": "https://api.kie.ai/#x"}, {}, "KIE_BASE_URL"),
        ({"api_key": "key", "max_polls": "five"}, {}, "max_polls"),
        ({"api_key": "key"}, {"KIE_API_MAX_POLLS": "0"}, "KIE_API_MAX_POLLS"),
        ({"api_key": "key"}, {"KIE_API_MAX_POLLS": "inf"}, "KIE_API_MAX_POLLS"),
        ({"api_key": "key", "poll_interval": 0}, {}, "poll_interval"),
        ({"api_key": "key", "max_polls": 0}, {}, "max_polls"),
        ({"api_key": "key"}, {"KIE_API_MAX_POLLS": "1.5"}, "KIE_API_MAX_POLLS.*give a whole number from 1"),
        ({"api_key": "key", "max_polls": 2.5}, {}, "max_polls"),
        ({"api_key": "key", "max_retries": 0.5}, {}, "max_retries.*give a whole number from 0"),
        ({"api_key": "key"}, {"KIE_CALLBACK_URL": "nonsense"}, "KIE_CALLBACK_URL"),
        ({"api_key": "key"}, {"KIE_CALLBACK_URL": "ftp://app.example/hook"}, "KIE_CALLBACK_URL"),
        ({"api_key": "key", "callback_url": "https://"}, {}, "callback_url"),
        ({"api_key": "key", "callback_url": "//app.example/hook"}, {}, "callback_url"),
        ({"api_key": "key", "callback_url": 5}, {}, "callback_url"),
        ({"api_key": "key", "timeout": -1}, {}, "timeout"),
        ({"api_key": "key", "max_retries": -1}, {}, "max_retries"),
        ({"api_key": "key"}, {"KIE_API_MAX_POLLS": "many"}, "KIE_API_MAX_POLLS"),
        ({"api_key": "key"}, {"KIE_API_POLLING_INTERVAL": "nan"}, "poll_interval"),
    ],
)
def test_a_wrong_option_is_named(given: dict[str, object], environment: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        load_options(given, environment)


def test_a_wrong_callback_url_is_not_repeated() -> None:
    for value in ("app.example/hook?token=secret", "https://?token=secret"):
        with pytest.raises(ConfigurationError, match="callback_url") as raised:
            load_options({"api_key": "key", "callback_url": value}, {})
        assert "secret" not in str(raised.value)


def test_an_address_is_read_in_all_its_spellings() -> None:
    for url in (
        "https://API.kie.ai/",
        "HTTPS://api.kie.ai/api/v1",
        "https://api.kie.ai/api/v1/",
        " https://api.kie.ai",
    ):
        assert options(base_url=url).base_url == HOSTED_URL
        assert options(base_url=url).upload_url == HOSTED_UPLOAD_URL


def test_what_the_environment_says_of_its_service_is_not_told_to_another() -> None:
    environment = {"KIE_API_KEY": "key", "KIE_BASE_URL": "https://one", "KIE_UPLOAD_URL": "https://files.one"}
    assert load_options({}, environment).upload_url == "https://files.one"
    assert load_options({"base_url": "https://one/"}, environment).upload_url == "https://files.one"
    assert load_options({"base_url": "https://two"}, environment).upload_url == "https://two"


def test_the_environments_proxy_is_not_for_this_machine() -> None:
    environment = {"KIE_API_KEY": "key", "KIE_PROXY": "http://proxy:1"}
    assert load_options({}, environment).proxy == "http://proxy:1"
    assert load_options({"base_url": "http://127.0.0.1:8686"}, environment).proxy is None
    assert load_options({"base_url": "http://localhost:1", "proxy": "http://mine:1"}, environment).proxy is not None


def test_a_proxy_must_be_one() -> None:
    for wrong in ("proxy:3128", "ftp://proxy", "http://proxy:bad", "http://"):
        with pytest.raises(ConfigurationError, match="KIE_PROXY"):
            KieApiClient("key", proxy=wrong)
    assert KieApiClient("key", proxy="socks5://proxy:1080").options.proxy
    assert client_arguments(options(proxy="http://proxy:3128"))["proxy"] == "http://proxy:3128"


async def test_other_options_over_the_same_connections() -> None:
    async with NanoBananaClient("key", max_polls=7) as client:
        twin = client.with_options(max_retries=0, callback_url="https://example.com/hook")
        assert type(twin) is NanoBananaClient
        assert (twin.options.max_retries, twin.options.max_polls) == (0, 7)
        assert client.options.max_retries == 4
        moved = client.with_options(base_url="http://localhost:8686")
        assert moved.options.upload_url == "http://localhost:8686"
        with pytest.raises(ConfigurationError, match="cannot change proxy"):
            client.with_options(proxy="http://proxy")  # type: ignore[call-arg]
        with pytest.raises(ConfigurationError, match="max_retries"):
            change_options(client.options, {"max_retries": -1})
        await twin.aclose()
        assert not client._driver.http.is_closed
        assert moved.options.base_url == "http://localhost:8686"


async def test_a_client_of_the_users_is_left_open() -> None:
    async with httpx2.AsyncClient() as http:
        async with KieApiClient("key", http_client=http):
            pass
        assert not http.is_closed


def test_a_key_is_shown_to_nobody() -> None:
    told = options(api_key="secret-key", proxy="http://user:password@proxy:1")
    assert "secret" not in repr(told)
    assert "password" not in repr(told)
    assert "secret" not in pretty_repr(told)
    arguments = request_arguments(told, Request(method="GET", path="/x"))
    assert arguments["headers"]["Authorization"] == "Bearer secret-key"


def test_the_synchronous_client_and_the_raw_responses_are_written_from_the_other() -> None:
    texts = {written: make_sync(source.read_text()) for written, source in WRITTEN.items()}
    for written, expected in {RAW: make_raw(REQUESTS.read_text()), **texts}.items():
        assert sorted("".join(written.read_text().split())) == sorted("".join(expected.split())), "run `make sync`"


def test_both_clients_have_the_same_methods() -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        return {
            name.replace("aclose", "close"): list(inspect.signature(member).parameters)
            for name, member in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("__")
        }

    assert methods(KieApiClient) == methods(SyncKieApiClient)


def test_the_package_says_what_it_has() -> None:
    for name in enlarger.__all__:
        assert getattr(enlarger, name) is not None
    assert Path(enlarger.__file__).with_name("py.typed").exists()
