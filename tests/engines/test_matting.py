"""A coarse mask follows a picture's own edges, and the background is taken out of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import pyvips

from enlarger.engines.matting import reduced, separate
from tests.engines.objects import Plane, in_front, outline, overlap
from tests.pictures import Array


def coarse(covered: Plane) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """What a network that sees 320 x 320 pixels can say of an outline at best."""
    height, width = covered.shape
    image = pyvips.Image.new_from_array(covered.astype(np.float32))
    small = image.resize(320 / width, vscale=320 / height, kernel="linear").gaussblur(0.8, precision="float")
    return np.asarray(small.numpy(), np.float32).clip(0, 1)


def colours(picture: Array) -> pyvips.Image:
    return pyvips.Image.new_from_array(picture).cast("float") / 255


def cut(picture: pyvips.Image, mask: Any) -> Any:
    return separate(picture, reduced(picture), mask)


def plain(mask: np.ndarray[tuple[int, int], np.dtype[np.float32]], width: int, height: int) -> Plane:
    larger = pyvips.Image.new_from_array(mask).resize(width / 320, vscale=height / 320, kernel="cubic")
    return np.asarray(larger.numpy(), np.float64).clip(0, 1)


@pytest.mark.parametrize(("hairs", "share", "least"), [(0, 0.35, 0.99), (80, 0.6, 0.975)])
def test_a_mask_becomes_much_sharper_than_one_that_is_only_enlarged(hairs: int, share: float, least: float) -> None:
    covered = outline(1200, 900, hairs=hairs)
    mask = coarse(covered)
    refined = cut(colours(in_front(covered)), mask).numpy()[..., 3]
    error, usual = (np.abs(one - covered).mean() for one in (refined, plain(mask, 1200, 900)))
    assert error < share * usual
    assert overlap(refined, covered) > least


def test_what_is_well_inside_or_outside_stays_so_whatever_the_texture_is() -> None:
    covered = outline(640, 480)
    picture = in_front(covered)
    picture[:] = np.random.default_rng(1).integers(0, 256, picture.shape)
    alpha = cut(colours(picture), coarse(covered)).numpy()[..., 3]
    assert alpha[220:260, 300:340].min() > 0.99
    assert alpha[:40].max() < 0.01


def test_the_background_is_taken_out_of_an_edges_colours() -> None:
    covered = outline(800, 600)
    behind, front = np.array((0, 0, 255)), np.array((230, 120, 20))
    picture = np.asarray((covered[..., None] * front + (1 - covered[..., None]) * behind).round(), np.uint8)
    made = cut(colours(picture), coarse(covered)).numpy()
    edge = (covered > 0.3) & (covered < 0.9)
    blue_before, blue = picture[edge][:, 2].mean(), made[edge][:, 2].mean() * 255
    assert blue_before > 80
    assert blue < 40
    inside = covered == 1
    inside[made[..., 3] < 1] = False
    np.testing.assert_allclose(made[inside][:, :3] * 255, picture[inside], atol=0.1)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2000), (2000, 3), (640, 640)])
def test_every_size_is_kept(width: int, height: int) -> None:
    picture = pyvips.Image.black(width, height, bands=3).cast("float") + 0.4
    made = cut(picture, np.full((320, 320), 0.9, np.float32)).numpy()
    assert made.reshape(height, width, 4).shape == (height, width, 4)
    np.testing.assert_allclose(made[..., 3], 0.9, atol=1e-4)
    np.testing.assert_allclose(made[..., :3], 0.4, atol=1e-3)
