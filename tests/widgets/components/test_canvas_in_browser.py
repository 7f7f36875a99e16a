"""The picture canvas in Chromium: its pixels against numpy, its keys, its clicks, its room on the page."""

import numpy as np
import pytest

from xai_widgets.widgets.components import Heatmap, Perturbation, PictureCanvas
from xai_widgets.widgets.components.colours import colour_table

pytestmark = pytest.mark.browser

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.integers(0, 256, (12, 16, 3), dtype=np.uint8)
SIGN = np.sign(RANDOM.normal(size=PICTURE.shape)).astype(np.int8)
FLOATS = RANDOM.normal(size=PICTURE.shape).astype(np.float32)
MAP = RANDOM.normal(size=PICTURE.shape[:2]).astype(np.float32)


def clipped(values):
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


def moved(picture, direction, epsilon):
    return clipped(picture + 255 * epsilon * direction.astype(np.float64))


def grey(picture):
    red, green, blue = np.moveaxis(picture.astype(np.float64), -1, 0)
    return np.repeat(clipped(0.299 * red + 0.587 * green + 0.114 * blue)[..., None], 3, axis=-1)


def covered(below, values, limits, opacity, threshold=0.0, *, signed=True):
    low, high = limits
    values = values.astype(np.float64)
    scaled = 128 + 127 * np.clip(values / high, -1, 1) if signed else 255 * np.clip((values - low) / (high - low), 0, 1)
    colours = colour_table(signed=signed)[np.floor(scaled + 0.5).astype(int)]
    blended = clipped((1 - opacity) * below + opacity * colours)
    visible = np.abs(values) >= threshold * max(abs(low), abs(high))
    return np.where(visible[..., None], blended, below)


@pytest.mark.parametrize("direction", [SIGN, FLOATS], ids=["sign", "floats"])
def test_picture_plus_epsilon_times_direction(show, direction):
    view = show(PictureCanvas(PICTURE, layers=(Perturbation(direction, "p"),)))
    assert (view.pixels() == PICTURE).all()
    for epsilon in (0.03, 8 / 255, 0.3, -0.1, 1.0, 0.0):
        view.update(epsilon=epsilon)
        assert (view.pixels() == moved(PICTURE, direction, epsilon)).all()


def test_direction_alone_is_magnified_and_says_by_how_much(show):
    view = show(PictureCanvas(PICTURE, layers=(Perturbation(FLOATS, "p"),), mode="direction"))
    scaled = FLOATS.astype(np.float64) / float(np.abs(FLOATS).max())
    assert np.abs(view.pixels().astype(int) - clipped(127.5 + 127.5 * scaled)).max() <= 1  # the order of the product
    assert view.root.locator(".xw-legend-note").inner_text() == "Direction alone"
    view.update(epsilon=0.02 / float(np.abs(FLOATS).max()))
    assert view.root.locator(".xw-legend-note").inner_text() == "Perturbation alone, ×25"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("epsilon", [0, 0.0123])
def test_the_note_on_a_direction_fits_on_one_line_of_a_small_picture(show, language, epsilon):
    options = {"size": 208, "language": language, "epsilon": epsilon}
    view = show(PictureCanvas(PICTURE, layers=(Perturbation(FLOATS, "p"),), mode="direction", **options))
    note = view.root.locator(".xw-legend-note")
    lines = note.evaluate("node => node.clientHeight / parseFloat(getComputedStyle(node).lineHeight)")
    assert round(lines, 1) == 1


def test_sign_alone_is_black_and_white(show):
    view = show(PictureCanvas(PICTURE, layers=(Perturbation(SIGN, "p"),), mode="direction"))
    assert (view.pixels() == np.where(SIGN > 0, 255, 0)).all()


@pytest.mark.parametrize("opacity", [0.0, 0.35, 1.0])
@pytest.mark.parametrize("signed", [True, False])
def test_heatmap_over_grey(show, signed, opacity):
    layer = Heatmap(MAP if signed else np.abs(MAP), "h", signed=signed)
    view = show(PictureCanvas(PICTURE, layers=(layer,), opacity=opacity))
    assert (view.pixels() == covered(grey(PICTURE), layer.values, layer.value_range, opacity, signed=signed)).all()


def test_threshold_range_and_background_follow(show):
    layer = Heatmap(MAP, "h", value_range=(-1, 1))
    view = show(PictureCanvas(PICTURE, layers=(layer,), threshold=0.4))
    assert (view.pixels() == covered(grey(PICTURE), MAP, (-1, 1), 0.7, 0.4)).all()
    view.update(background="colour")
    assert (view.pixels() == covered(PICTURE, MAP, (-1, 1), 0.7, 0.4)).all()
    view.update(threshold=0.0, opacity=0.2)
    assert (view.pixels() == covered(PICTURE, MAP, (-1, 1), 0.2)).all()


def test_zero_is_white(show):
    view = show(PictureCanvas(PICTURE, layers=(Heatmap(np.zeros((1, 1)), "h"),), opacity=1.0))
    assert (view.pixels() == 255).all()


def test_coarse_heatmap_is_stretched_in_squares_or_smoothly(show):
    coarse = np.array([[0.0, 1.0]], np.float32)
    view = show(PictureCanvas(PICTURE, layers=(Heatmap(coarse, "h", signed=False),), opacity=1.0))
    steps = np.repeat([0, 1], 8)[None].repeat(12, axis=0)
    assert (view.pixels() == colour_table(signed=False)[255 * steps]).all()
    smooth = Heatmap(coarse, "h", signed=False, smooth=True)
    view = show(PictureCanvas(PICTURE, layers=(smooth,), opacity=1.0))
    ramp = np.clip((np.arange(16) + 0.5) / 8 - 0.5, 0, 1)[None].repeat(12, axis=0)
    assert (view.pixels() == colour_table(signed=False)[np.floor(255 * ramp + 0.5).astype(int)]).all()


def test_perturbation_lies_under_heatmap(show):
    view = show(PictureCanvas(PICTURE, layers=(Heatmap(MAP, "h"), Perturbation(SIGN, "p")), epsilon=0.1))
    limit = float(np.abs(MAP).max())
    assert (view.pixels() == covered(grey(moved(PICTURE, SIGN, 0.1)), MAP, (-limit, limit), 0.7)).all()


def test_new_picture_arrives_in_one_piece(show):
    view = show(PictureCanvas(PICTURE, layers=(Perturbation(SIGN, "p"),), epsilon=0.1))
    other = RANDOM.integers(0, 256, (5, 9, 3), dtype=np.uint8)
    view.widget.set_picture(other)
    view.update("pixels", "width", "height", "layers")
    assert (view.pixels() == other).all()


def test_named_layers_and_the_other_side_of_the_divider(show):
    layers = (Perturbation(SIGN, "p"), Heatmap(MAP, "h"))
    view = show(PictureCanvas(PICTURE, layers=layers, epsilon=0.1, shown="p", swipe=0.25))
    assert (view.pixels() == moved(PICTURE, SIGN, 0.1)).all()
    assert (view.pixels(1) == PICTURE).all()
    view.update(shown="picture", compare="h")
    assert (view.pixels() == PICTURE).all()
    limit = float(np.abs(MAP).max())
    assert (view.pixels(1) == covered(grey(PICTURE), MAP, (-limit, limit), 0.7)).all()
    clip = view.root.locator("canvas.xw-pixels").nth(1).evaluate("node => node.style.clipPath")
    assert clip == "inset(0px 75% 0px 0px)"


def test_divider_by_keyboard_and_mouse(show, blank):
    view = show(PictureCanvas(PICTURE, swipe=0.5))
    divider = blank.get_by_role("slider", name="Divider between the two pictures")
    divider.focus()
    for key, expected in [("ArrowRight", 0.51), ("Shift+ArrowLeft", 0.41), ("Home", 0), ("End", 1), ("PageDown", 0.9)]:
        blank.keyboard.press(key)
        assert view.get("swipe") == pytest.approx(expected)
    box = view.root.locator(".xw-frame").bounding_box()
    blank.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 50)
    blank.mouse.down()
    blank.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 10)
    blank.mouse.up()
    assert view.get("swipe") == pytest.approx(0.25, abs=0.002)
    assert divider.get_attribute("aria-valuenow") == "25"
    assert view.saved()[-1] == {"swipe": view.get("swipe")}
    assert view.get("pointer") == {}
    view.update(swipe=None)
    assert divider.count() == 0


def test_few_pixels_are_squares_and_many_are_smooth(show):
    few = show(PictureCanvas(PICTURE))
    many = show(PictureCanvas(np.zeros((224, 224, 3), np.uint8)))
    rendering = "node => getComputedStyle(node).imageRendering"
    assert few.root.locator("canvas.xw-pixels").first.evaluate(rendering) == "pixelated"
    assert many.root.locator("canvas.xw-pixels").first.evaluate(rendering) == "auto"


def _hover(page, view, x, y):
    box = view.root.locator(".xw-frame").bounding_box()
    page.mouse.move(box["x"] + (x + 0.5) / 16 * box["width"], box["y"] + (y + 0.5) / 12 * box["height"])
    page.evaluate("() => frames_passed()")


def test_readout_says_what_the_pointer_is_on(show, blank):
    view = show(PictureCanvas(PICTURE, layers=(Heatmap(np.full((12, 16), -0.25), "gradient"),), language="fr"))
    red, green, blue = PICTURE[7, 3]
    _hover(blank, view, 3, 7)
    line = view.root.locator(".xw-readout")
    assert line.inner_text() == f"gradient −0,25 · Colonne 3, ligne 7 · RVB {red}, {green}, {blue}"
    view.update(shown="picture")
    assert line.inner_text() == f"Colonne 3, ligne 7 · RVB {red}, {green}, {blue}"
    blank.mouse.move(900, 650)
    blank.evaluate("() => frames_passed()")
    assert line.inner_text() == ""


def test_readout_of_a_perturbation_follows_epsilon(show, blank):
    view = show(PictureCanvas(PICTURE, layers=(Perturbation(SIGN, "p"),), epsilon=0.1))
    _hover(blank, view, 5, 2)
    line = view.root.locator(".xw-readout")
    assert line.inner_text().endswith("RGB {}, {}, {}".format(*moved(PICTURE, SIGN, 0.1)[2, 5]))
    view.update(mode="direction")
    words = ["1" if sign > 0 else "−1" for sign in SIGN[2, 5]]
    assert line.inner_text().endswith("direction {}, {}, {}".format(*words))


def test_click_drag_and_the_same_click_again(show, blank):
    view = show(PictureCanvas(PICTURE, interactive=True))
    _hover(blank, view, 3, 7)
    assert view.saved() == []
    for _ in range(2):
        blank.mouse.down()
        blank.mouse.up()
    assert [line["pointer"]["event"] for line in view.saved()] == ["press", "click", "press", "click"]
    assert view.get("pointer") == {"x": 3, "y": 7, "event": "click", "serial": 4}
    blank.mouse.down()
    _hover(blank, view, 15, 0)
    blank.mouse.up()
    assert view.get("pointer") == {"x": 15, "y": 0, "event": "release", "serial": 7}


def test_keyboard_cursor(show, blank):
    view = show(PictureCanvas(PICTURE, interactive=True, alt="Noise"))
    frame = blank.get_by_role("application", name="Noise")
    frame.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        blank.keyboard.press(key)
    assert view.get("pointer") == {"x": 2, "y": 1, "event": "click", "serial": 1}
    for key in ("End", "Shift+ArrowDown", " "):
        blank.keyboard.press(key)
    assert view.get("pointer") == {"x": 15, "y": 11, "event": "click", "serial": 2}
    blank.evaluate("() => frames_passed()")
    assert view.root.locator(".xw-readout").inner_text().startswith("Column 15, row 11 · RGB")
    assert view.root.locator(".xw-cursor").is_visible()
    view.update(interactive=False)
    blank.keyboard.press("Home")  # what is not interactive can still be read
    blank.evaluate("() => frames_passed()")
    assert view.root.locator(".xw-readout").inner_text().startswith("Column 0, row 11 · RGB")
    blank.keyboard.press("Enter")
    assert view.get("pointer")["serial"] == 2
    view.update(readout=False)
    assert view.root.locator(".xw-frame").get_attribute("tabindex") is None


def test_nothing_jumps_when_picture_legend_and_caption_come(show):
    view = show(PictureCanvas(title="A", width=0))
    before = view.root.bounding_box()
    assert view.root.locator(".xw-empty").inner_text() == "No picture yet"
    view.widget.set_picture(np.zeros((64, 64, 3), np.uint8), [Heatmap(np.ones((4, 4)), "h")])
    view.update("pixels", "width", "height", "layers", caption="One line", dimmed=True, progress=0.3)
    assert view.root.locator(".xw-legend").count() == 1
    assert view.root.bounding_box() == before


def test_states_and_names(show, blank):
    view = show(PictureCanvas(PICTURE, alt="Noise of many colours", progress=0.4, dimmed=True, language="fr"))
    assert blank.get_by_role("img", name="Noise of many colours").count() == 1
    bar = blank.get_by_role("progressbar", name="Calcul en cours")
    assert bar.get_attribute("aria-valuenow") == "40"
    assert view.root.get_attribute("aria-busy") == "true"
    blank.wait_for_timeout(450)
    assert float(view.root.locator(".xw-stack").evaluate("node => getComputedStyle(node).opacity")) < 0.5
    view.update(progress=None, dimmed=False)
    assert bar.count() == 0


def test_legend_gives_the_values_of_its_ends(show, blank):
    view = show(PictureCanvas(PICTURE, layers=(Heatmap(MAP, "h", value_range=(-2.5e-5, 2.5e-5)),), language="fr"))
    assert view.root.locator(".xw-legend-numbers span").all_inner_texts() == ["−2,5×10⁻⁵", "0", "2,5×10⁻⁵"]
    assert blank.get_by_role("img", name="Échelle de couleurs de h\u00a0: de −2,5×10⁻⁵ à 2,5×10⁻⁵").count() == 1


def test_tall_and_wide_pictures_keep_their_proportions_and_shrink(show):
    tall = show(PictureCanvas(np.zeros((200, 100, 3), np.uint8), size=300))
    box = tall.root.locator(".xw-frame").bounding_box()
    assert (box["width"], box["height"]) == (150, 300)
    wide = show(PictureCanvas(np.zeros((100, 200, 3), np.uint8), size=300), width="212px")
    box = wide.root.locator(".xw-frame").bounding_box()
    assert (box["width"], box["height"]) == (200, 100)


def test_a_picture_without_a_line_for_it_is_read_on_the_picture(show, blank):
    layer = Heatmap(np.full((12, 16), -0.25), "weights", unit="of the logit")
    view = show(PictureCanvas(PICTURE, layers=(layer,), readout=False, language="en"))
    before = view.root.bounding_box()
    _hover(blank, view, 3, 7)
    assert view.root.locator(".xw-chip").inner_text() == "−0.25 of the logit"
    assert view.root.locator(".xw-readout").inner_text() == ""
    assert view.root.bounding_box() == before
    blank.mouse.move(900, 650)
    blank.evaluate("() => frames_passed()")
    assert not view.root.locator(".xw-chip").is_visible()
