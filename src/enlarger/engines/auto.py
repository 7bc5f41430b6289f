"""Chooses a network by looking at the picture. What decides was measured: docs/quality.md, docs/decisions.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from enlarger.engines.inspection import Findings, inspect
from enlarger.engines.messages import AUTO, Order
from enlarger.engines.networks import network_spec
from enlarger.engines.pictures import read_picture
from enlarger.engines.spec import NetworkSpec

FAITHFUL = "span-x4"
"""Keeps what is in the picture, compression's traces too. Its weights are not installed with Enlarger."""
CLEANING = "real-esrgan-x4plus"
"""Paints over blocks and noise, and over fine detail with them."""
CANDIDATES = (FAITHFUL, CLEANING)

LEAST_JPEG_QUALITY = 90
"""Below it, SPAN sharpens what a JPEG adds around edges."""
MOST_BLOCKINESS = 0.25
"""Pictures that never were JPEGs have less; most that were JPEGs of quality 80 or less have more."""
MOST_COLOUR_NOISE = 4.0
"""Noise with a standard deviation of 8 has more, which SPAN makes into specks; with 3 it has less."""

_TITLES = {FAITHFUL: "SPAN", CLEANING: "Real-ESRGAN x4plus"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A network, and a sentence about why it was chosen."""

    network: str
    reason: str


def candidates(network: str) -> list[NetworkSpec]:
    """The networks that may run for the name in an order. Raises EngineUnavailable when there is none of that name."""
    return [network_spec(name) for name in (CANDIDATES if network == AUTO else (network,))]


def resolve(order: Order, has_weights: Callable[[str], bool]) -> tuple[Order, str | None]:
    """The order with a network that was chosen for its picture, and the reason; other orders stay as they are.

    Raises PictureError when the picture cannot be used.
    """
    if order.network != AUTO:
        return order, None
    source = Path(order.source)
    choice = choose(inspect(source, read_picture(source, max_pixels=order.max_pixels)), has_weights)
    return msgspec.structs.replace(order, network=choice.network), choice.reason


def choose(findings: Findings, has_weights: Callable[[str], bool]) -> Choice:
    """Choose by what is known of a picture, and among the networks whose weights are on this machine."""
    network, picture = _best(findings)
    if has_weights(network):
        return Choice(network, f"{_TITLES[network]}, because the picture is {picture}.")
    package = network_spec(network).weights.package
    return Choice(
        CLEANING,
        f"{_TITLES[CLEANING]}, because the weights of {_TITLES[network]} are not on this machine: the picture is"
        f" {picture}, and {_TITLES[network]} would suit it better ({package.name}, which `enlarger models install span`"
        " fetches).",
    )


def _best(findings: Findings) -> tuple[str, str]:
    """The best network of all, and what the picture is."""
    if findings.jpeg_quality is not None and findings.jpeg_quality < LEAST_JPEG_QUALITY:
        return CLEANING, f"a JPEG of quality {findings.jpeg_quality}"
    is_jpeg = findings.jpeg_quality is not None
    kind = f"a JPEG of quality {findings.jpeg_quality}" if is_jpeg else "not a JPEG"
    if findings.blockiness > MOST_BLOCKINESS:
        return CLEANING, f"{kind} but has the blocks of one that was compressed more"
    if findings.colour_noise > MOST_COLOUR_NOISE:
        return CLEANING, f"{kind} and has colour noise"
    return FAITHFUL, f"{kind} without blocks or colour noise" if is_jpeg else "free of blocks and colour noise"
