"""The providers that there are: each is a folder, and a line here."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from enlarger.providers.spec import ProviderSpec

PROVIDERS = {
    "kie": "enlarger.providers.kie.spec:SPEC",
    "replicate": "enlarger.providers.replicate.spec:SPEC",
    "fal": "enlarger.providers.fal.spec:SPEC",
    "local": "enlarger.providers.local.spec:SPEC",
    "sandbox": "enlarger.providers.sandbox.spec:SPEC",
}
"""By their names, in the order in which they are tried unless ENLARGER_ROUTES sets another.

The specs need packages that a client does not have, so they are imported when they are used.
"""


def specs() -> tuple[ProviderSpec[Any], ...]:
    """Every provider, in the usual order."""
    return tuple(spec_of(name) for name in PROVIDERS)


def spec_of(name: str) -> ProviderSpec[Any]:
    """A provider. Raises KeyError when there is none of this name."""
    spec: ProviderSpec[Any] = resolve_name(PROVIDERS[name])
    assert spec.name == name, f"{name} is registered as {spec.name}"
    return spec
