"""Addresses of webhooks: made by us, and by nobody else."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from enlarger.infra.webhook_urls import PATH, WebhookUrls

URLS = WebhookUrls(b"secret", "https://service.example")


def parts(url: str | None) -> tuple[str, str, str]:
    assert url is not None
    provider, reference, signature = urlsplit(url).path.removeprefix(f"{PATH}/").split("/")
    return provider, reference, signature


def test_an_address_names_provider_and_attempt_and_is_ours() -> None:
    url = URLS.make("kie", "a" * 32)
    assert url is not None
    assert url.startswith("https://service.example/webhooks/kie/" + "a" * 32 + "/")
    assert URLS.check(*parts(url))
    assert URLS.make("kie", "a" * 32) == url, "all processes make the same"


def test_no_part_of_an_address_can_be_another() -> None:
    provider, reference, signature = parts(URLS.make("kie", "a" * 32))
    assert not URLS.check("replicate", reference, signature)
    assert not URLS.check(provider, "b" * 32, signature)
    assert not URLS.check("kie.a", "a" * 31, signature)
    for wrong in ("", signature[:-1], signature + "A", signature.swapcase(), "ü", secrets.token_urlsafe(24)):
        assert not URLS.check(provider, reference, wrong), wrong


def test_without_the_secret_nobody_makes_one() -> None:
    assert not URLS.check(*parts(WebhookUrls(b"another", "https://service.example").make("kie", "a" * 32)))


def test_a_signature_is_good_in_a_path() -> None:
    for number in range(200):
        signature = parts(URLS.make("kie", str(number)))[2]
        assert len(signature) == 32
        assert signature.replace("-", "").replace("_", "").isalnum()


def test_without_a_public_address_there_is_none_and_those_of_earlier_still_count() -> None:
    hidden = WebhookUrls(b"secret", None)
    assert hidden.make("kie", "a" * 32) is None
    assert hidden.check(*parts(URLS.make("kie", "a" * 32)))
