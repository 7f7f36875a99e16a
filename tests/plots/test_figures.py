"""Figures: panels, scales, and labels that are anybody's text."""

import io
import itertools

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

from xai_widgets import i18n
from xai_widgets.plots.adversarial_figures import adversarial_figure, magnify, robustness_figure
from xai_widgets.plots.agg_figure import GROUND, contrast
from xai_widgets.plots.attribution_figures import attribution_figure
from xai_widgets.plots.dissection_figures import unit_figure
from xai_widgets.plots.embedding_figures import embedding_figure
from xai_widgets.plots.evaluation_figures import curve_figure
from xai_widgets.plots.palette import COLOURS, look
from xai_widgets.plots.panels import SIGNED_MAP, UNSIGNED_MAP, draw_picture, interpolation, panel_grid, plain

PICTURES = np.random.default_rng(0).random((2, 5, 6, 3))
NASTY = ["$", "$x$", "$\\frac{", "a\\$b", "\\", "_{^}", "100 % & more", "<b>", "$$", "a$b$c$"]


def rendered(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def shown_text(text):
    """Return what matplotlib draws for a text, as it draws it: a formula would raise or be read."""
    figure = Figure()
    drawn = figure.text(0, 0, plain(text))
    words, is_formula = drawn._preprocess_math(drawn.get_text())
    return words, is_formula


@pytest.mark.parametrize("label", NASTY)
def test_labels_are_drawn_as_they_are(label):
    assert shown_text(label) == (label, False)
    answers = [(label, 0.5), (label, 0.5)]
    assert rendered(adversarial_figure(PICTURES, PICTURES, answers, answers, caption=label))
    assert rendered(attribution_figure(PICTURES[..., 0], PICTURES, [label, label], caption=label))
    assert rendered(robustness_figure(np.array([0, 1.0]), np.ones(2), np.zeros(2), caption=label))


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12))
@settings(max_examples=50)
def test_any_label_is_drawn_as_it_is(label):
    assert shown_text(label) == (label, False)


def test_the_three_panels():
    after = np.clip(PICTURES + 0.01, 0, 1)
    answers = [("cat", 0.9), ("dog", 0.5)]
    figure = adversarial_figure(PICTURES, after, answers, [("hen", 0.6), ("cow", 0.7)], caption="how")
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[0] == "cat\n90.0%"
    assert titles[1] == "+ perturbation (×50)"
    assert titles[5] == "cow\n70.0%"
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), PICTURES[0])
    np.testing.assert_allclose(figure.axes[2].images[0].get_array(), after[0])


def test_figures_speak_the_readers_language():
    i18n.set_language("fr")
    answers = [("chat", 0.9)]
    figure = adversarial_figure(PICTURES[:1], PICTURES[:1], answers, answers)
    assert [axes.get_title() for axes in figure.axes[:2]] == ["chat\n90,0\u202f%", "aucune perturbation"]
    assert robustness_figure(np.zeros(1), np.ones(1), np.zeros(1)).axes[0].get_ylabel() == "exactitude"


def test_no_perturbation_is_grey():
    figure = adversarial_figure(PICTURES[:1], PICTURES[:1], [("cat", 0.9)], [("cat", 0.9)])
    assert figure.axes[1].get_title() == "no perturbation"
    assert (figure.axes[1].images[0].get_array() == 0.5).all()


def test_at_most_six_rows():
    many = np.zeros((9, 2, 2, 3))
    assert len(adversarial_figure(many, many, [("a", 1.0)] * 9, [("a", 1.0)] * 9).axes) == 18
    assert len(attribution_figure(many[..., 0], None, ["a"] * 9).axes) == 7  # and the colour bar


@given(st.floats(1e-6, 1))
def test_magnified_to_the_whole_range(largest):
    difference = largest * np.array([-1.0, 0.0, 0.5])
    shown, factor = magnify(difference)
    np.testing.assert_allclose(shown, [0, 0.5, 0.75], atol=1e-9)
    assert factor == pytest.approx(0.5 / largest)


def test_nothing_is_not_magnified():
    shown, factor = magnify(np.zeros(3))
    assert factor == 0
    assert shown.tolist() == [0.5] * 3


@pytest.mark.parametrize(
    ("values", "cmap", "limits"),
    [
        ([[-1.0, 4.0]], SIGNED_MAP, (-4, 4)),
        ([[1.0, 4.0]], UNSIGNED_MAP, (0, 4)),
        ([[0.0, 0.0]], UNSIGNED_MAP, (0, 1)),
    ],
)
def test_signed_maps_are_white_at_zero(values, cmap, limits):
    image = attribution_figure(np.array([values]), None, ["cat"]).axes[0].images[0]
    assert image.get_cmap().name == cmap
    assert image.get_clim() == limits
    if cmap == SIGNED_MAP:
        assert min(image.get_cmap()(image.norm(0.0))[:3]) > 0.95


def test_all_maps_share_one_scale():
    figure = attribution_figure(np.array([[[1.0, 2.0]], [[0.0, 10.0]]]), None, ["a", "b"])
    assert {axes.images[0].get_clim() for axes in figure.axes[:2]} == {(0, 10)}


def test_the_curve_has_a_band_of_two_standard_errors():
    epsilons, accuracy, spread = np.array([0, 0.1, 0.2]), np.array([1.0, 0.5, 0.0]), np.array([0.0, 0.1, 0.0])
    axes = robustness_figure(epsilons, accuracy, spread).axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), np.stack([epsilons, accuracy], axis=1))
    band = axes.collections[0].get_paths()[0].vertices
    inner = band[np.isclose(band[:, 0], 0.1)][:, 1]
    assert (inner.min(), inner.max()) == (pytest.approx(0.3), pytest.approx(0.7))
    assert 0 <= band[:, 1].min() <= band[:, 1].max() <= 1


def test_few_pixels_stay_sharp():
    assert interpolation(np.zeros((8, 8, 3))) == "nearest"
    assert interpolation(np.zeros((224, 224, 3))) == "antialiased"


def test_pictures_are_clipped_not_wrapped():
    axes = Figure().subplots()
    draw_picture(axes, np.array([[[1.2, -0.1, 0.5]]]), "x")
    np.testing.assert_allclose(axes.images[0].get_array().ravel(), [1, 0, 0.5])


FIGURES = {
    "curves": lambda: curve_figure(np.array([0, 1.0]), np.eye(6, 2), np.ones(6), list("abcdef"), caption="how"),
    "maps": lambda: attribution_figure(PICTURES[..., 0] - 0.5, PICTURES, ["a", "b"], caption="how"),
    "points": lambda: embedding_figure({"PCA": np.eye(4)[:, :2]}, [0, 5, 6, 6], list("abcdefg")),
    "bars": lambda: unit_figure(PICTURES[0], "Unit 1", list("abcdefg"), np.ones(7), np.ones(7), caption="how"),
}


@pytest.mark.parametrize("kind", FIGURES)
def test_figures_are_legible_on_a_light_and_on_a_dark_page(kind):
    """They bring a card of their own, so that the page does not matter, and all their text is legible on it."""
    figure = FIGURES[kind]()
    pixels = np.asarray(figure.canvas.buffer_rgba())
    assert pixels[[0, -1, 0, -1], [0, 0, -1, -1]].tolist() == [[0xF3, 0xF3, 0xF3, 0xFF]] * 4
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    assert len(texts) > 2
    assert min(contrast(text.get_color(), GROUND) for text in texts) >= 4.5
    assert figure.axes[0].get_facecolor() == to_rgba(GROUND)


def test_pale_lines_have_an_edge_in_the_figure_and_in_its_legend():
    figure = FIGURES["curves"]()
    figure.canvas.draw()
    (axes,) = figure.axes
    for lines in (axes.lines, axes.get_legend().get_lines()):
        edged = [bool(line.get_path_effects()) for line in lines]
        assert edged == [contrast(colour, GROUND) < 3 for colour in COLOURS]
    assert edged == [False, False, False, True, True, True]


@pytest.mark.parametrize(
    ("title", "lines"), [("cat", 1), ("relevance by the rule z-plus of the class garbage truck", 2)]
)
def test_titles_of_panels_do_not_reach_into_each_other(title, lines):
    figure, axes = panel_grid(1, 3)
    for panel in axes[0]:
        draw_picture(panel, PICTURES[0], title)
    figure.canvas.draw()
    boxes = [panel.title.get_window_extent() for panel in axes[0]]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))
    assert [panel.get_title().count("\n") + 1 for panel in axes[0]] == [lines] * 3
    assert axes[0, 0].get_title().replace("\n", " ") == title


def test_a_class_has_one_look_in_bars_and_in_points():
    (_, bars) = FIGURES["bars"]().axes
    assert [(to_hex(bar.get_facecolor()).upper(), bar.get_hatch() or "") for bar in bars.patches] == [
        (look(place).colour, look(place).hatch) for place in range(7)
    ]
    (points,) = FIGURES["points"]().axes
    assert [to_hex(one.get_facecolor()[0]).upper() for one in points.collections] == [
        look(group).colour for group in (0, 5, 6)
    ]
    assert [text.get_text() for text in points.texts] == ["a", "f", "g"]


def test_figures_are_not_pyplots():
    """Pyplot would keep every figure, and warn at the twenty-first."""
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    attribution_figure(PICTURES[..., 0], PICTURES, ["a", "b"])
    assert plt.get_fignums() == before
    assert mpl.get_backend().lower() == "agg"
