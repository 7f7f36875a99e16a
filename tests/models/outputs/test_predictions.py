"""Ranked answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xai_widgets import i18n
from xai_widgets.models.outputs.predictions import Predictions, Score

TWO = Predictions(np.array([[0.1, 0.7, 0.2], [0.5, 0.25, 0.25]], "float32"), ("ant", "bee", "<b>cow</b> & co"))


def test_ranking():
    best = TWO.top(2)
    assert best[0] == [Score("bee", 1, pytest.approx(0.7)), Score("<b>cow</b> & co", 2, pytest.approx(0.2))]
    assert best[1][1].index == 1  # of equal probabilities, the first class
    assert [len(row) for row in TWO.top(10)] == [3, 3]
    assert TWO.classes.tolist() == [1, 0]


@given(arrays.arrays("float32", arrays.array_shapes(min_dims=2, max_dims=2), elements=st.floats(0, 1, width=32)))
def test_ranks_fall_and_hold_every_class_once(probabilities):
    labels = tuple(str(index) for index in range(probabilities.shape[1]))
    for row, best in zip(probabilities, Predictions(probabilities, labels).top(len(labels)), strict=True):
        assert [score.probability for score in best] == sorted(row.tolist(), reverse=True)
        assert sorted(score.index for score in best) == list(range(len(labels)))
        assert all(score.label == str(score.index) and score.probability == row[score.index] for score in best)


def test_indexing_keeps_the_first_axis():
    assert len(TWO) == 2
    assert TWO[1].probabilities.shape == (1, 3)
    assert TWO[-1].top(1)[0][0].label == "ant"
    assert TWO[:1].classes.tolist() == [1]
    assert [len(one) for one in TWO] == [1, 1]
    with pytest.raises(IndexError):
        TWO[2]


def test_as_an_array():
    np.testing.assert_array_equal(np.asarray(TWO), TWO.probabilities)
    assert np.asarray(TWO, dtype="float64").dtype == np.float64
    copied = np.array(TWO, copy=True)
    copied[:] = 0
    assert TWO.probabilities.any()


def test_repr_is_stable():
    assert repr(TWO[:1]) == "Predictions(1 image, 3 classes)\n  bee 70.0%, <b>cow</b> & co 20.0%, ant 10.0%"
    many = Predictions(np.full((20, 3), 1 / 3, "float32"), ("a", "b", "c"), shown=1)
    assert repr(many).splitlines()[0] == "Predictions(20 images, 3 classes)"
    assert repr(many).splitlines()[-2:] == ["  a 33.3%", "  ..."]


def test_html_escapes_labels():
    shown = TWO._repr_html_()
    assert "&lt;b&gt;cow&lt;/b&gt; &amp; co, <span" in shown
    assert "<b>" not in shown


def test_html_speaks_the_readers_language_and_claims_no_certainty():
    i18n.set_language("fr")
    shown = Predictions(np.array([[0.999999, 0.000001]], "float32"), ("a", "b"))._repr_html_()
    assert "&gt;\u00a099,99\u202f%" in shown
    assert shown.count("font-weight") == 1
