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


@pytest.fixture
def units():
    """512 units on pages of 32; each picture says by its grey which unit it is, and `made` which were made."""
    made = []

    def picture(key):
        made.append(key)
        return np.full((8, 8, 3), int(key) // 2, np.uint8)

    grid = TileGrid(side=8, per_page=32)
    grid.set_tiles([str(unit) for unit in range(512)], {"300": "300 · whiskers"}, {"7": "silent"}, picture)
    grid.made = made
    return grid


def test_only_the_pictures_of_one_page_are_made(units):
    assert (units.pages, units.page, units.total, units.count) == (16, 0, 512, 512)
    assert units.made == list(units.shown) == [str(unit) for unit in range(32)]
    assert len(units.pixels) == 32 * 8 * 8 * 3
    assert repr(units) == "TileGrid(511 of 512)"
    units.page = 15
    assert units.shown == tuple(str(unit) for unit in range(480, 512))
    assert set(units.pixels[:192]) == {240}
    units.page = 99
    assert (units.page, units.shown[-1]) == (15, "511")


def test_a_tile_is_found_by_its_number_or_a_part_of_its_name(units):
    units.page = 3
    units.query = "30"
    assert units.shown == ("30", *(str(unit) for unit in range(300, 310)))
    assert (units.page, units.pages, units.count, units.total) == (0, 1, 11, 512)
    units.query = " Whisk"
    assert units.shown == ("300",)
    units.query = "cat"
    assert (units.shown, units.count, units.pages, units.pixels) == ((), 0, 1, b"")
    units.query = ""
    assert (units.page, units.count) == (0, 512)


def test_the_page_follows_what_is_chosen_elsewhere_and_stays_otherwise(units):
    units.selected = "300"
    assert (units.page, units.shown[12]) == (9, "300")
    units.page = 2
    units.set_tiles([str(unit) for unit in range(512)], picture=lambda _key: RED)
    assert (units.page, set(units.pixels)) == (2, {255, 0})  # the same tiles: who reads a page goes on reading it
    units.set_tiles([str(unit) for unit in range(511, -1, -1)], picture=lambda _key: RED)
    assert (units.page, "300" in units.shown) == (6, True)


def test_pictures_that_a_page_lacks_are_named(units):
    units.clear_pictures()
    units.page = 1
    assert units.missing == units.shown
    units.set_pictures({"33": RED, "400": RED})
    assert "33" not in units.missing
    units.page = 12
    assert units.missing == tuple(key for key in units.shown if key != "400")
