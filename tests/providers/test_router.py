"""Whom a task is given to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from enlarger.catalog import build_input_or_raise, get_model
from enlarger.errors import SubmissionRefused
from enlarger.providers import Provider
from enlarger.providers.router import Candidate, Router
from enlarger.providers.routing import read_routing

_TOPAZ = get_model("topaz/image-upscale")


def topaz(factor: str) -> dict[str, Any]:
    return build_input_or_raise(_TOPAZ, {"image_url": "https://example.com/a.png", "upscale_factor": factor})


def make_router(*names: str, routes: str = "", **unconfigured: str) -> Router:
    providers = {name: cast("Provider", SimpleNamespace(name=name)) for name in names}
    return Router(providers, read_routing(routes, unconfigured=unconfigured), clock=lambda: 0.0)


def names(candidates: list[Candidate]) -> list[str]:
    return [candidate.provider.name for candidate in candidates]


def test_candidates_are_those_that_run_the_model_in_the_users_order() -> None:
    router = make_router("kie", "replicate", "local")
    assert names(router.candidates(_TOPAZ, topaz("2"), tried={})) == ["kie", "replicate", "local"]
    assert names(router.candidates(get_model("real-esrgan/fast"), {}, tried={})) == ["local"]
    router = make_router("replicate", "local", routes="local,kie,replicate", kie="set KIE_API_KEY")
    assert names(router.candidates(_TOPAZ, topaz("2"), tried={})) == ["local", "replicate"]
    assert make_router("local").candidates(get_model("topaz/video-upscale"), {}, tried={}) == []


def test_what_will_not_change_for_the_task_is_lasting() -> None:
    router = make_router("kie", "replicate", "local")
    kie, replicate, local = router.candidates(_TOPAZ, topaz("8"), tried={"kie": "it failed there", "local": ""})
    assert kie.unavailability is not None
    assert (kie.unavailability.reason, kie.unavailability.permanent) == ("it failed there", True)
    assert replicate.unavailability is not None
    assert replicate.unavailability.permanent
    assert "upscale_factor '8'" in replicate.unavailability.reason
    assert local.unavailability is not None
    assert local.unavailability.permanent


def test_a_providers_health_is_a_hindrance_for_a_time() -> None:
    router = make_router("kie", "local")
    assert router.start("kie")
    router.note("kie", SubmissionRefused("too many at a time", reason="busy", retry_after=9), 0.2)
    kie, local = router.candidates(_TOPAZ, topaz("2"), tried={})
    assert kie.unavailability is not None
    assert (kie.unavailability.reason, kie.unavailability.permanent, kie.unavailability.seconds) == (
        "too many at a time",
        False,
        9,
    )
    assert local.unavailability is None
    assert not router.start("kie")
    assert router.changed.is_set()
