"""What stands out in a picture is found, and nothing is found where nothing does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import pyvips
from numpy.typing import NDArray

from enlarger.engines.foreground import find_foreground
from enlarger.errors import BadOutput, NoForeground

Tensor = NDArray[np.float32]

_GREY = pyvips.Image.black(40, 30, bands=3).cast("float") + 0.5


def gives(plane: Any) -> Callable[[Tensor], Tensor]:
    return lambda _: np.broadcast_to(np.asarray(plane, np.float32), (1, 1, 320, 320))


def test_the_network_sees_the_picture_as_its_authors_show_it() -> None:
    seen: list[Tensor] = []

    def network(input: Tensor) -> Tensor:
        seen.append(input.copy())
        return gives(np.linspace(0, 1, 320))(input)

    find_foreground(network, pyvips.Image.black(40, 30, bands=3).linear(1, [0.8, 0.4, 0]))
    (input,) = seen
    assert input.shape == (1, 3, 320, 320)
    assert input.dtype == np.float32
    assert input.flags.c_contiguous
    # Divided by the brightest value, 0.8, and normalised by ImageNet's mean and deviation.
    expected = [(1 - 0.485) / 0.229, (0.5 - 0.456) / 0.224, (0 - 0.406) / 0.225]
    np.testing.assert_allclose(input[0].mean(axis=(1, 2)), expected, atol=1e-4)


def test_the_mask_is_stretched_to_0_and_1() -> None:
    mask = find_foreground(gives(np.linspace(0.2, 0.8, 320)), _GREY)
    assert mask.shape == (320, 320)
    np.testing.assert_allclose((mask.min(), mask.max()), (0, 1), atol=1e-6)


def test_a_picture_without_a_foreground_is_an_error_that_says_so() -> None:
    with pytest.raises(NoForeground, match=r"Nothing in the picture stands out .*: use a picture with a clear object"):
        find_foreground(gives(np.linspace(0, 0.4, 320)), _GREY)


@pytest.mark.parametrize("value", [0, 1, np.nan, np.inf])
def test_an_empty_or_broken_mask_is_never_a_success(value: float) -> None:
    with pytest.raises(BadOutput, match="mask is empty or broken"):
        find_foreground(gives(value), _GREY)


def test_some_broken_values_are_enough() -> None:
    plane = np.linspace(0, 1, 320, dtype=np.float32)
    plane[7] = np.nan
    with pytest.raises(BadOutput, match="mask is empty or broken"):
        find_foreground(gives(plane), _GREY)
