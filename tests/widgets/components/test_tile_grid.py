"""The grid of tiles, from Python."""

import numpy as np
import pytest

from xai_widgets.widgets.components import TileGrid

RED = np.full((8, 8, 3), (255, 0, 0), np.uint8)


@pytest.fixture
def grid():
    made = TileGrid(side=8)
    made.set_tiles(["a", "b"], {"a": "First"}, {"b": "too dear"})
    return made


def test_tiles_are_told_with_what_is_known_of_them(grid):
    assert grid.tiles == [
        {"key": "a", "label": "First", "out": "", "known": False},
        {"key": "b", "label": "b", "out": "too dear", "known": False},
    ]
    assert repr(grid) == "TileGrid(1 of 2)"


def test_pictures_lie_in_the_order_of_the_tiles(grid):
    grid.set_picture("b", RED)
    pixels = np.frombuffer(grid.pixels, np.uint8).reshape(2, 8, 8, 3)
    assert not pixels[0].any()
    np.testing.assert_array_equal(pixels[1], RED)
    grid.set_tiles(["b", "a"])
    np.testing.assert_array_equal(np.frombuffer(grid.pixels, np.uint8).reshape(2, 8, 8, 3)[0], RED)
    assert [tile["known"] for tile in grid.tiles] == [True, False]
    grid.clear_pictures()
    assert not any(tile["known"] for tile in grid.tiles)


def test_what_does_not_fit_is_refused(grid):
    with pytest.raises(ValueError, match="no tile 'c'"):
        grid.set_picture("c", RED)
    with pytest.raises(ValueError, match=r"uint8 \(8, 8, 3\)"):
        grid.set_picture("a", RED[:4])
    with pytest.raises(TypeError, match="did you mean side"):
        TileGrid(sides=8)
