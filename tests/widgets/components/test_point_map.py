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


COPY = """
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
"""
INK = f"""canvas => {{
  {COPY}
  const {{ data }} = copy.getImageData(0, 0, canvas.width, canvas.height);
  return data.reduce((sum, value, at) => sum + Number(at % 4 === 3 && value > 0), 0);
}}"""


@pytest.fixture
def spread():
    """Twenty points in a row from left to right, without pictures."""
    made = PointMap(size=300, title="Row", language="en")
    made.set_items([f"point {one}" for one in range(20)], [0] * 20)
    made.set_points([[one, one % 2] for one in range(20)])
    return made


@pytest.mark.browser
def test_a_line_is_drawn_around_points_by_the_keys(show, blank, view):
    shown = show(view)
    canvas = shown.root.locator(".xw-map-canvas")
    canvas.focus()
    blank.keyboard.press("Home")  # the point on the left below
    blank.keyboard.press("l")
    assert shown.root.get_by_role("button", name="Draw around points").get_attribute("aria-pressed") == "true"
    assert "Space sets a corner" in shown.root.locator(".xw-map-hint").inner_text()
    for way, times in (("ArrowDown", 1), ("ArrowLeft", 1), (" ", 1), ("Shift+ArrowRight", 9), (" ", 1)):
        for _ in range(times):
            blank.keyboard.press(way)
    assert shown.root.locator("[aria-live]").inner_text() == "Corners: 2"
    for way, times in (("ArrowUp", 10), (" ", 1), ("Shift+ArrowUp", 2), (" ", 1), ("Backspace", 1)):
        for _ in range(times):
            blank.keyboard.press(way)
    blank.keyboard.press("Shift+ArrowDown")
    blank.keyboard.press("Shift+ArrowDown")
    blank.keyboard.press("Shift+ArrowLeft")
    for _ in range(8):
        blank.keyboard.press("Shift+ArrowLeft")
    blank.keyboard.press(" ")
    blank.keyboard.press("Enter")
    assert shown.get("chosen") == [0, 1]  # both below
    assert shown.root.locator("[aria-live]").inner_text() == "Points chosen: 2"
    blank.keyboard.press("l")
    blank.keyboard.press("Escape")  # gives up the line; the choice stays, nothing is stopped
    assert (shown.get("chosen"), shown.get("escapes")) == ([0, 1], 0)
    blank.keyboard.press("Escape")
    assert (shown.get("chosen"), shown.get("escapes")) == ([], 1)


@pytest.mark.browser
def test_a_map_is_zoomed_and_moved_and_comes_back(show, blank, spread):
    shown = show(spread)
    canvas = shown.root.locator(".xw-map-canvas")
    pictured = lambda: canvas.evaluate("canvas => (frames_passed(), canvas.toDataURL())")  # noqa: E731
    box = canvas.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    whole = pictured()
    blank.mouse.move(*middle)
    blank.mouse.wheel(0, -300)  # the page's, as long as the map has not the focus
    blank.evaluate("() => frames_passed()")
    blank.mouse.move(1, 1)
    blank.evaluate("() => frames_passed()")
    assert pictured() == whole
    seen = [whole]

    def changes():
        blank.evaluate("() => frames_passed()")
        seen.append(pictured())
        assert seen[-1] not in seen[:-1]

    canvas.focus()
    blank.keyboard.press("+")
    changes()
    blank.keyboard.press("Shift+ArrowRight")
    changes()
    shown.root.get_by_role("button", name="Zoom in").click()
    changes()
    shown.root.get_by_role("button", name="Move the map").click()
    blank.mouse.move(*middle)
    blank.mouse.down()
    blank.mouse.move(middle[0] + 60, middle[1], steps=3)
    blank.mouse.up()
    blank.mouse.move(1, 1)
    changes()
    assert shown.get("chosen") == []  # a map that is moved chooses nothing
    shown.root.get_by_role("button", name="Show the whole map").click()
    blank.evaluate("() => frames_passed()")
    assert pictured() == whole
    canvas.focus()
    blank.keyboard.press("+")
    blank.keyboard.press("End")  # a point out of sight comes into it
    blank.evaluate("() => frames_passed()")
    assert shown.root.locator(".xw-map-tip").inner_text() == "point 19"


@pytest.mark.browser
def test_many_points_are_drawn_and_the_chosen_ones_stand_out(show, blank):
    many = PointMap(size=300, language="en")
    places = np.stack(np.meshgrid(np.arange(70), np.arange(70)), axis=-1).reshape(-1, 2)
    many.set_items([str(one) for one in range(4900)], (places[:, 0] > 34).astype(int), ["left", "right"])
    many.set_points(places)
    shown = show(many)
    canvas = shown.root.locator(".xw-map-canvas")
    assert canvas.evaluate(INK) > 20_000
    colour = f"""([canvas, across]) => {{
      {COPY}
      return [...copy.getImageData(canvas.width * across, canvas.height * 0.7, 12, 12).data]
        .reduce((most, value, at, all) =>
          at % 4 === 3 && value > most[3] ? all.slice(at - 3, at + 1) : most, [0, 0, 0, 0]);
    }}"""
    handle = canvas.element_handle()
    assert blank.evaluate(colour, [handle, 0.2])[2] > 150  # blue
    assert blank.evaluate(colour, [handle, 0.8])[0] > 190  # vermilion
    shown.update("chosen", chosen=[int(one) for one in np.flatnonzero(places[:, 0] <= 34)])
    assert blank.evaluate(colour, [handle, 0.2])[3] > 200
    assert blank.evaluate(colour, [handle, 0.8])[3] < 50  # faded
