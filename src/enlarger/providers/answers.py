"""What the answers of a provider's API mean where they follow HTTP. In doubt a submission may have been taken."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2

from enlarger.errors import AcceptanceUnknown, ProviderSilent, RefusalReason, SubmissionRefused
from enlarger.providers.http import retry_after

NOT_FOUND = 404

# Of 408, 409 and 5xx nobody knows how far the request has come.
_REASONS: dict[int, RefusalReason] = {
    400: "input",
    401: "access",
    402: "credits",
    403: "access",
    404: "input",
    405: "input",
    413: "input",
    415: "input",
    422: "input",
    429: "busy",
    407: "down",  # which is a proxy's
}
_WORDS: dict[RefusalReason, str] = {
    "input": "{title} does not take this task (HTTP {status}): its model or its input is wrong there.",
    "busy": "{title} takes no more tasks for the moment (HTTP {status}).",
    "credits": "The {title} account has no credit left (HTTP {status}): top it up.",
    "access": "{title} refuses the requests (HTTP {status}): check {key}, and that {title} can be reached from this"
    " country.",
    "down": "The proxy to {title} refuses the requests (HTTP {status}): check {settings}_PROXY.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How one provider's answers are told; their bodies are repeated nowhere."""

    title: str
    key: str
    """The setting with the key."""
    name: str
    """The provider's name, with which its other settings begin."""

    @property
    def _settings(self) -> str:
        return f"ENLARGER_{self.name.upper()}"

    def refusal(self, response: httpx2.Response, *, reason: RefusalReason | None = None) -> SubmissionRefused | None:
        """The refusal that an answer is; None where it may be anything else. `reason` is a better one from its body."""
        known = _REASONS.get(response.status_code)
        if known is None:
            return None
        reason = reason or known
        return SubmissionRefused(
            _WORDS[reason].format(title=self.title, key=self.key, settings=self._settings, status=response.status_code),
            reason=reason,
            code=response.status_code,
            retry_after=retry_after(response),
        )

    def unclear(self, response: httpx2.Response) -> AcceptanceUnknown:
        """That an answer to a submission says neither that it was taken nor that it was not."""
        return AcceptanceUnknown(
            f"{self.title} may have taken the task (HTTP {response.status_code}): its answer does not say so.",
            code=response.status_code if response.is_error else None,
        )

    def not_sent(self, error: Exception) -> SubmissionRefused:
        """The refusal of a request that never left."""
        return SubmissionRefused(
            f"{self.title} cannot be reached ({type(error).__name__}): check {self._settings}_BASE_URL,"
            f" {self._settings}_PROXY and the network.",
            reason="down",
        )

    def no_answer(self, error: Exception) -> ProviderSilent:
        """That a request, which costs nothing, was not answered."""
        return ProviderSilent(f"{self.title} does not answer ({type(error).__name__}).")

    def silent(self, response: httpx2.Response, what: str) -> ProviderSilent:
        """That the provider does not say now, or do, what it was asked."""
        return ProviderSilent(
            f"{self.title} {what} (HTTP {response.status_code}).",
            code=response.status_code if response.is_error else None,
            retry_after=retry_after(response),
        )
