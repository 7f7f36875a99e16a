"""What holds for every component in Chromium: themes, sizes, untrusted text, and nothing left behind."""

import numpy as np
import pytest

from tests.contrast import CONTRASTS
from xai_widgets.widgets.components import Curve, Heatmap, Matrix, PictureCanvas, PictureUpload, ScoreBars, Slider

pytestmark = pytest.mark.browser

BAD = "<img src=x onerror=window.harmed=1>"
# The variables of JupyterLab's two themes that the components use.
THEMES = {
    "light page": ("light", {}),
    "dark page": ("dark", {}),
    "JupyterLab light": (
        "dark",
        {"ui-font-color1": "rgba(0,0,0,.87)", "layout-color0": "white", "layout-color2": "#eee",
         "brand-color1": "#1976d2"},
    ),
    "JupyterLab dark": (
        "light",
        {"ui-font-color1": "rgba(255,255,255,.87)", "layout-color0": "#111", "layout-color2": "#424242",
         "brand-color1": "#2196f3"},
    ),
}  # fmt: skip


def _all():
    picture = np.zeros((20, 20, 3), np.uint8)
    heatmap = Heatmap(np.ones((20, 20)), "gradient")
    curve = Curve(title="Chart", x_label="x", y_label="y", cursor=0.5, marks=[{"x": 0.7, "label": "mark"}])
    curve.set_data([0, 1], {"one": [0, 1], "two": [1, 0]})
    return [
        PictureCanvas(picture, title="Title", caption="Caption", layers=(heatmap,), swipe=0.5),
        PictureCanvas(title="Empty"),
        ScoreBars(
            title="Scores", labels=("a", "b"), values=(0.9, 0.1), reference=(0.5, 0.5), selected=0, notes={1: "note"}
        ),
        Slider(label="Size", ticks=[0, 0.5, 1]),
        PictureUpload(),
        curve,
        Matrix(values=[[9, -9], [0, 4]], title="Numbers", editable=True),
        Matrix(values=[[9, -9, 1e-7], [0, 4, -2.5]], title="Read", crossed=((0, 0),), outlined=((1, 1),)),
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_contrast(show, blank, theme):
    scheme, variables = THEMES[theme]
    blank.emulate_media(color_scheme=scheme)
    blank.add_style_tag(content=f":root {{ {' '.join(f'--jp-{key}: {value};' for key, value in variables.items())} }}")
    if variables:
        blank.evaluate("light => { document.body.dataset.jpThemeLight = String(light) }", theme.endswith("light"))
    for widget in _all():
        view = show(widget)
        found = view.root.evaluate(CONTRASTS)
        assert found
        assert {text: ratio for text, ratio in found if ratio < 4.5} == {}
        dark = theme.endswith("dark") or theme.startswith("dark")
        assert ("rgb(255" not in view.root.evaluate("node => getComputedStyle(node).backgroundColor")) == dark


def test_targets_are_large_enough(show):
    for widget in _all():
        view = show(widget)
        for node in view.root.locator("input:visible, [role=slider]:visible, [role=option]:visible").all():
            box = node.bounding_box()
            assert min(box["width"], box["height"]) >= 32


def test_focus_is_visible(show, blank):
    views = [show(widget) for widget in _all()]
    seen = set()
    for _ in range(9):
        blank.keyboard.press("Tab")
        outline = blank.evaluate(
            """() => { const node = document.activeElement; const style = getComputedStyle(node);
               return [node.getAttribute("aria-label"), style.outlineStyle, parseFloat(style.outlineWidth)] }""",
        )
        if outline[0]:
            seen.add(outline[0])
            assert outline[1:] == ["solid", 2]
    assert {
        "Divider between the two pictures",
        "a, 90.0%, before 50.0%",
        "Size",
        "Size: exact value",
        "Upload",
        "x",
    } <= seen
    assert len(views) == 8


def test_untrusted_text_is_text(show, blank):
    bars = ScoreBars(
        labels=(BAD,), values=(0.5,), notes={0: BAD}, title=BAD, reference=(0.5,), reference_label=BAD, alt=BAD
    )
    canvas = PictureCanvas(np.zeros((4, 4, 3), np.uint8), title=BAD, caption=BAD, alt=BAD, language="fr")
    canvas.set_heatmap(np.ones((4, 4)), BAD)
    curve = Curve(
        title=BAD, x_label=BAD, y_label=BAD, alt=BAD, cursor=0.5, marks=[{"x": 0.5, "label": BAD}], y_unit=BAD
    )
    curve.set_data([0, 1], {BAD: [0, 1]})
    views = [
        show(widget)
        for widget in (
            bars,
            canvas,
            curve,
            Slider(label=BAD, unit=BAD, ticks=[0.5]),
            ScoreBars(empty=BAD),
            PictureUpload(label=BAD),
            Matrix(title=BAD, alt=BAD),
        )
    ]
    for view in views:
        assert view.root.locator("img[src]").count() == 0
        assert BAD in view.root.evaluate("node => node.textContent")
    assert blank.evaluate("() => window.harmed") is None


def test_nothing_is_left_behind(show, blank):
    for widget in _all():
        view = show(widget)
        left = view.dispose()
        assert left == 0
        assert blank.evaluate("view => views[view].host.outerHTML.includes('xw')", view.number) is False
    show(Slider(label="The next one works"))


def test_updates_after_the_end_do_nothing(show, blank):
    view = show(PictureCanvas(np.zeros((4, 4, 3), np.uint8)))
    blank.evaluate(
        """view => { const { model, dispose } = views[view]; model.set("epsilon", 0.5); dispose(); }""", view.number
    )
    blank.evaluate("() => frames_passed()")


def test_motion_is_reduced_on_request(show, blank):
    blank.emulate_media(reduced_motion="reduce")
    for widget in _all():
        durations = show(widget).root.evaluate(
            "root => [...root.querySelectorAll('*')].map((n) => getComputedStyle(n).transitionDuration)"
        )
        assert set(durations) <= {"0s"}


@pytest.mark.parametrize("width", ["900px", "384px", "220px"])
def test_nothing_overflows(show, width):
    for widget in _all():
        view = show(widget, width=width)
        assert view.root.bounding_box()["width"] <= float(width[:-2])
        assert view.root.evaluate("root => root.scrollWidth <= root.clientWidth")
