"""What the engine's process is told, and what it tells: lines of JSON on its stdin and stdout."""

from __future__ import annotations

import msgspec

from enlarger.engines.extent import Extent
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFolders

AUTO = "auto"
"""As an order's network: one is chosen by looking at the picture."""
PAUSE, RESUME = b'"pause"\n', b'"resume"\n'
"""Lines on stdin that pause the current order before its next tile, or resume it. A new order is not paused."""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The first line on stdin: what holds for all orders."""

    cache: str
    """A folder for compiled graphs."""
    weights: WeightsFolders
    engine: str | None = None
    """The backend that is to be used; None is the fastest one."""
    given_up: dict[str, str] = {}
    """Backends whose drivers crashed an earlier process, with what was seen of it."""
    memory: int
    """Bytes beyond which the process may not allocate."""


class Order(Extent, frozen=True, kw_only=True, tag="enlarge"):
    """What to enlarge and how, beside how large: how an engine is told its job, also across the pipe to its process."""

    source: str
    """The file to read, of a format that `engines.formats.sniff` knows."""
    target: str
    """The file to write; its folder also holds the raw pixels meanwhile."""
    network: str
    """Its name, or AUTO."""
    own: NetworkSpec | None = None
    """What is known of it, if it is a network of the user's own."""
    strength: int = 100
    """How much of the network's detail is in the result, 0 to 100; the rest is a plain enlargement."""
    denoise: int | None = 0
    """How much noise is removed before, 0 to 100; None, for AUTO alone, is what suits the picture."""
    engine: str | None = None
    """The backend that is to be used; None is what `Start` says."""
    precision: str | None = None
    """That of the backend, of which the fastest is used; None is any."""
    format: str | None = None
    """A name in `engines.formats.FORMATS`; None is what suits the source's own."""
    quality: int | None = None
    """The encoder's, 1 to 100, for formats that lose something; None is its usual one."""
    keep_hidden_colours: bool = False
    """Whether the colours under full transparency are the source's, or those of the pixels around."""
    memory: int
    """Bytes that the engine may use."""
    tile: int | None = None
    """The longest side of a tile in input pixels; None is what fits into the memory, and more than that is not used."""
    max_pixels: int
    max_side: int
    """The most pixels on the longest side of the result."""


class CutOut(msgspec.Struct, frozen=True, kw_only=True, tag="cut-out"):
    """The order to cut a picture's foreground out."""

    source: str
    """The file to read, as in `Order`."""
    target: str
    """The file to write, as in `Order`."""
    format: str
    """A name in `engines.formats.FORMATS`, of a format that has transparency."""
    quality: int | None = None
    """As in `Order`."""
    memory: int
    """As in `Order`."""
    max_pixels: int


AnyOrder = Order | CutOut


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was done."""

    engine: str = ""
    """The backend's name."""
    device: str = ""
    precision: str = ""
    note: str | None = None
    """What the user should know: another backend had to be used."""
    network: str | None
    """None when it was a plain enlargement."""
    reason: str | None = None
    """Why this network was chosen, if the order left that open."""
    strength: int = 100
    denoise: int = 0
    format: str
    width: int
    height: int
    source_width: int
    source_height: int
    seconds: float
    """How long it took, including reading and writing, but not the time for which it was paused."""
    tile_seconds: float = 0.0
    """How much of that the networks took."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line on stdout: progress, or an order's end, which is either `outcome` or `error`."""

    fraction: float | None = None
    gpu: str | None = None
    """The backend on a GPU that is loaded now: if the process dies, it may be its driver's fault."""
    outcome: Outcome | None = None
    error: str | None = None
    """The error's sentence."""
    kind: str | None = None
    """The error's class in `enlarger.errors`; without it, an unexpected error."""
    field: str | None = None
    """The field of the input that is at fault."""
