"""The map of points: from Python, and in Chromium."""

import numpy as np
import pytest

from xai_widgets.widgets.components import PointMap

BAD = "<img src=x onerror=window.harmed=1>"
CORNERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1.0]])  # left and right below, left and right above


@pytest.fixture
def view():
    made = PointMap(size=300, title="Corners", language="en")
    made.set_items([BAD, "b", "c", "d"], [0, 0, 1, 7], ["near", BAD], np.full((4, 2, 2, 3), 99, np.uint8), [0, 1, 0, 0])
    made.set_points(CORNERS)
    return made


def test_items_have_colours_marks_and_names(view):
    assert view.looks[0] == ["#0072B2", "o", "near"]
    assert view.looks[7][1:] == ["s", ""]  # no two groups look alike
    assert len({tuple(look[:2]) for look in view.looks}) == 8
    assert np.frombuffer(view.points, np.float32).reshape(4, 2).tolist() == CORNERS.tolist()
    assert repr(view) == "PointMap(4 points)"


def test_what_does_not_fit_is_refused(view):
    with pytest.raises(ValueError, match="4 names need points"):
        view.set_points(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="one for each name"):
        view.set_items(["a"], [0, 1])
    with pytest.raises(ValueError, match="as many pictures"):
        view.set_items(["a"], [0], pictures=np.zeros((2, 4, 4, 3), np.uint8))


@pytest.mark.browser
def test_hover_lasso_and_keys(show, blank, view):
    shown = show(view)
    canvas = shown.root.locator(".xw-map-canvas")
    box = canvas.bounding_box()
    spot = lambda x, y: (box["x"] + x, box["y"] + y)  # noqa: E731
    far = box["width"] - 14
    blank.mouse.move(*spot(16, far - 2))
    tip = shown.root.locator(".xw-map-tip")
    tip.wait_for()
    assert BAD in tip.inner_text()  # as text
    assert blank.evaluate("window.harmed") is None
    blank.mouse.move(*spot(2, 2))
    blank.mouse.down()
    for x, y in ((box["width"] - 2, 2), (box["width"] - 2, 60), (2, 60)):
        blank.mouse.move(*spot(x, y), steps=4)
    blank.mouse.up()
    assert shown.get("chosen") == [2, 3]
    canvas.focus()
    blank.keyboard.press("Home")
    blank.keyboard.press("ArrowRight")
    assert shown.get("pointed") == 1
    blank.keyboard.press("ArrowUp")
    assert shown.get("pointed") == 3
    blank.keyboard.press("Enter")
    assert shown.get("chosen") == [2]
    blank.keyboard.press("Escape")
    assert shown.get("chosen") == []
