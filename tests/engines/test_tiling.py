from __future__ import annotations

import dataclasses
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.engines.networks import NETWORKS
from enlarger.engines.tiling import blend, tile_side, tiles
from enlarger.errors import EngineOutOfMemory

_SPEC = dataclasses.replace(NETWORKS["real-esrgan-x4plus"], context=8, feather=4)


@given(
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    side=st.integers(48, 200),
    scale=st.sampled_from([1, 2, 4]),
    multiple=st.sampled_from([1, 2, 4]),
)
def test_tiles_cover_the_picture_and_blend_to_what_was_cut(
    width: int, height: int, side: int, scale: int, multiple: int
) -> None:
    rng = np.random.default_rng(width * height)
    enlarged = rng.integers(0, 256, (height * scale, width * scale, 3), np.uint8)
    canvas = np.zeros_like(enlarged)
    plan = tiles(width, height, side, dataclasses.replace(_SPEC, multiple=multiple))
    for tile in plan:
        assert tile.x.start % multiple == 0
        assert tile.y.start % multiple == 0
        assert tile.x.stop - tile.x.start <= side
        assert tile.y.stop - tile.y.start <= side
        rows = slice(tile.y.start * scale, tile.y.stop * scale)
        blend(canvas[rows], tile, enlarged[rows, tile.x.start * scale : tile.x.stop * scale], scale)
    assert np.array_equal(canvas, enlarged)


@given(length=st.integers(1, 5000), side=st.integers(48, 512), multiple=st.sampled_from([1, 2, 4]))
def test_no_output_is_used_that_is_too_near_to_a_cut(length: int, side: int, multiple: int) -> None:
    plan = tiles(length, 1, side, dataclasses.replace(_SPEC, multiple=multiple))
    margin = _SPEC.context - _SPEC.feather // 2
    for before, after in pairwise(plan):
        assert after.x.keep_start - after.x.start >= margin
        assert before.x.stop - before.x.keep_stop >= margin
        assert before.x.keep_stop >= after.x.keep_start + after.x.feather
    assert plan[0].x.keep_start == 0
    assert plan[-1].x.keep_stop == length


def test_a_difference_between_two_tiles_is_spread_over_the_feather() -> None:
    plan = tiles(80, 40, 48, _SPEC)
    assert len(plan) == 2
    canvas = np.zeros((40, 80, 1), np.uint8)
    for tile, value in zip(plan, (0, 200), strict=True):
        blend(canvas, tile, np.full((40, tile.x.stop - tile.x.start, 1), value, np.uint8), 1)
    seam = canvas[0, :, 0]
    assert seam[0] == 0
    assert seam[-1] == 200
    assert np.abs(np.diff(seam.astype(int))).max() <= 200 // 4


def test_tiles_are_as_large_as_the_memory_allows() -> None:
    spec = NETWORKS["real-esrgan-x4plus"]
    assert tile_side(spec, 64 << 30) == spec.tile_limit
    side = tile_side(spec, 1 << 30)
    assert spec.memory(side) <= 1 << 30 < spec.memory(side + 1)
    spec = dataclasses.replace(spec, margin=18)  # which takes memory, too
    side = tile_side(spec, 1 << 30)
    assert spec.memory(side) <= 1 << 30 < spec.memory(side + 1)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("held", [0, 1, 5 << 20, (300 << 20) + 7])
def test_what_would_do_is_told_and_does(name: str, held: int) -> None:
    spec = NETWORKS[name]
    with pytest.raises(EngineOutOfMemory, match=rf"for {name} and this picture, and may use 100:") as raised:
        tile_side(spec, 100 << 20, held=held)
    told = re.search(r"set ENLARGER_ENGINE_MEMORY to (\d+) or more", str(raised.value))
    assert told is not None
    assert tile_side(spec, int(told[1]) << 20, held=held) > 2 * spec.context
    with pytest.raises(EngineOutOfMemory):
        tile_side(spec, (int(told[1]) - 1) << 20, held=held)
