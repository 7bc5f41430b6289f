"""Where providers announce the ends of tasks to: addresses that nobody can make up."""

from __future__ import annotations

import base64
import hashlib
import hmac

PATH = "/webhooks"


def same_submission(one: str, other: str) -> bool:
    """Whether two addresses are one submission's, also when the service's public URL has changed between them."""
    return one.split("/")[-2:] == other.split("/")[-2:]


class WebhookUrls:
    """Makes and checks the addresses, with a secret that all processes of a service share."""

    def __init__(self, secret: bytes, public_url: str | None) -> None:
        """Without a public URL there are no addresses, and providers are asked instead."""
        self._secret = secret
        self._public_url = public_url

    def make(self, provider: str, reference: str) -> str | None:
        """The address for one submission to a provider, which is written down under `reference`."""
        if self._public_url is None:
            return None
        return f"{self._public_url}{PATH}/{provider}/{reference}/{self._sign(provider, reference)}"

    def check(self, provider: str, reference: str, signature: str) -> bool:
        """Whether an address with these parts is ours."""
        return hmac.compare_digest(signature.encode(), self._sign(provider, reference).encode())

    def _sign(self, provider: str, reference: str) -> str:
        digest = hmac.digest(self._secret, f"{provider}.{reference}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:24]).decode()
