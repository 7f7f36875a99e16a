"""What is hidden of a picture, in Chromium: a patch that a hand moves, segments that a hand hides."""

import numpy as np
import pytest

from xai_widgets.widgets.components import Heatmap, PictureCanvas

pytestmark = pytest.mark.browser

RANDOM = np.random.default_rng(3)
PICTURE, COVER = RANDOM.integers(0, 256, (2, 12, 16, 3), dtype=np.uint8)
SEGMENTS = np.repeat(np.arange(4), 4)[np.newaxis].repeat(12, axis=0)  # four columns of segments


def canvas(**options):
    made = PictureCanvas(PICTURE, **options)
    made.set_cover(COVER)
    return made


def hidden_by(mask):
    return np.where(mask[..., np.newaxis], COVER, PICTURE)


def under(row, column, height, width):
    mask = np.zeros(PICTURE.shape[:2], bool)
    mask[row : row + height, column : column + width] = True
    return hidden_by(mask)


def at(view, x, y):
    box = view.root.locator(".xw-frame").bounding_box()
    return box["x"] + (x + 0.5) / 16 * box["width"], box["y"] + (y + 0.5) / 12 * box["height"]


def test_the_patch_shows_the_cover_and_follows_the_model(show):
    view = show(canvas(patch=(2, 3, 4, 5)))
    assert (view.pixels() == under(2, 3, 4, 5)).all()
    view.update(patch=(8, 11, 4, 5))
    assert (view.pixels() == under(8, 11, 4, 5)).all()
    view.update(patch=())
    assert (view.pixels() == PICTURE).all()
    assert not view.root.locator(".xw-patch").is_visible()


def test_a_press_centres_the_patch_and_a_drag_visits_every_place_on_its_way(show, blank):
    view = show(canvas(patch=(0, 0, 4, 4), stride=(2, 2)))
    blank.mouse.move(*at(view, 5, 5))
    blank.mouse.down()
    assert view.get("patch") == [4, 4, 4, 4]
    blank.mouse.move(*at(view, 13, 5))  # in one leap
    blank.mouse.up()
    assert view.get("patch") == [4, 12, 4, 4]
    assert view.get("trail") == [[4, 4], [4, 6], [4, 8], [4, 10], [4, 12]]
    blank.evaluate("frames_passed()")
    assert (view.pixels() == under(4, 12, 4, 4)).all()
    assert all(set(line) <= {"patch", "trail"} for line in view.saved())  # nothing else goes to the kernel


def test_arrows_move_the_patch_by_its_stride_and_reach_the_border(show, blank):
    view = show(canvas(patch=(0, 0, 5, 5), stride=(3, 3), alt="Noise"))
    blank.get_by_role("application", name="Noise").focus()
    places = []
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "End", "ArrowLeft", "Home"):
        blank.keyboard.press(key)
        places.append(tuple(view.get("patch")[:2]))
    # 12 - 5 = 7 is no multiple of 3: the last row of places is flush with the border. So is the last column, 11.
    assert places == [(0, 3), (3, 3), (6, 3), (7, 3), (6, 3), (6, 11), (6, 9), (6, 0)]
    blank.keyboard.press("Shift+ArrowRight")
    assert view.get("patch")[:2] == [6, 11]
    assert [6, 6] in view.get("trail")  # on the way


def test_segments_are_hidden_by_a_press_a_drag_and_a_key(show, blank):
    widget = canvas(interactive=True, alt="Noise")
    widget.set_segments(SEGMENTS)
    view = show(widget)
    assert view.root.locator(".xw-borders path").count() == 2
    blank.mouse.move(*at(view, 1, 1))
    blank.mouse.down()
    assert view.get("hidden") == [0]
    blank.mouse.move(*at(view, 9, 1), steps=8)
    blank.mouse.up()
    assert view.get("hidden") == [0, 1, 2]
    blank.evaluate("frames_passed()")
    assert (view.pixels() == hidden_by(SEGMENTS <= 2)).all()
    blank.mouse.click(*at(view, 5, 3))  # shows it again
    assert view.get("hidden") == [0, 2]
    blank.get_by_role("application", name="Noise").focus()
    blank.keyboard.press("End")
    blank.keyboard.press("Enter")
    assert view.get("hidden") == [0, 2, 3]
    blank.keyboard.press("Enter")
    assert view.get("hidden") == [0, 2]


def test_without_interaction_segments_are_only_drawn(show, blank):
    widget = canvas()
    widget.set_segments(SEGMENTS)
    view = show(widget)
    blank.mouse.click(*at(view, 1, 1))
    assert view.saved() == []
    assert view.root.locator(".xw-borders path").first.get_attribute("d") == "M4 0V12M8 0V12M12 0V12"


def test_gaps_of_a_heatmap_show_the_picture(show):
    values = np.full((12, 16), np.nan, "float32")
    values[:6] = 1.0
    view = show(PictureCanvas(PICTURE, layers=(Heatmap(values, "m", gaps=True),), background="colour", opacity=1.0))
    assert (view.pixels()[6:] == PICTURE[6:]).all()
    assert len(np.unique(view.pixels()[:6].reshape(-1, 3), axis=0)) == 1
