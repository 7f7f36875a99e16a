"""The picture of a still: the figure, and the bars below it."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from xai_widgets.widgets.base.lab import Lab
from xai_widgets.widgets.base.still_picture import bars_figure, still_picture
from xai_widgets.widgets.components import ScoreBars


class Square(Lab):
    """A red square of one inch at 100 dots."""

    def figure(self):
        figure = Figure(figsize=(1, 1), dpi=100, facecolor="red")
        figure.text(0, 0, "")
        return figure


def drawn(lab):
    return Image.open(io.BytesIO(still_picture(lab)))


def test_bars_follow_the_figure():
    lab = Square()
    alone = drawn(lab)
    lab.bars = ScoreBars(labels=("cat", "dog"), values=(0.25, 0.75), language="en")
    both = drawn(lab)
    assert both.height > alone.height + 50
    assert both.width >= 400
    lab.bars = ScoreBars()  # nothing was answered yet
    assert drawn(lab).size == alone.size
    lab.close()


@pytest.mark.parametrize("selected", [0, 1, None])
def test_the_explained_class_is_marked(selected):
    bars = ScoreBars(labels=("cat", "dog"), values=(0.25, 0.75), selected=selected, language="en")
    (axes,) = bars_figure(bars).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    marked = {None: ["dog", "cat"], 0: ["dog", "■ cat"], 1: ["■ dog", "cat"]}[selected]
    assert names == marked
    assert [text.get_text() for text in axes.texts] == ["75.0%", "25.0%"]
    legend = "" if selected is None else " · ■ explained class"
    assert axes.get_title(loc="left") == f"What the network answers{legend}"


def test_bars_are_as_long_as_the_scores_and_have_the_colours_of_the_classes():
    bars = ScoreBars(labels=("a$b", "c"), values=(0.5, 0.125), reference=(0.25, 0.5), language="fr")
    (axes,) = bars_figure(bars).axes
    widths = [bar.get_width() for bar in axes.patches[2:]]
    assert widths == [0.5, 0.125]
    assert np.allclose([line.get_segments()[0][0][0] for line in axes.collections], [0.25, 0.5])
    assert axes.get_title(loc="left").startswith("Ce que répond le réseau · | ")
    assert axes.get_yticklabels()[0].get_text() == r"a\$b"
