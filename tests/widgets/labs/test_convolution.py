"""The convolution lab, against loops over the slides' numbers and random ones."""

import numpy as np
import pytest
import traitlets

from xai_widgets import ConvolutionLab
from xai_widgets.widgets.labs.convolution.session import FILTER, PICTURE, WEIGHTS

SLIDE = [[9, 3, 5, 0], [0, 2, 0, 1], [1, 3, 4, 1], [3, 0, 5, 1]]  # the slides' feature map


@pytest.fixture(scope="module")
def the_lab():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XAI_WIDGETS_SYNC", "1")
        made = ConvolutionLab(language="en")
        yield made
        made.close()


@pytest.fixture
def lab(the_lab):
    the_lab.reset_button.click()
    the_lab.backward = True
    return the_lab


def by_loops(picture, kernel, weights):
    """Write both passes out; of equal maxima, the first takes all."""
    z, a, p = np.zeros((4, 4)), np.zeros((4, 4)), np.zeros((2, 2))
    for i, j in np.ndindex(4, 4):
        z[i, j] = sum(picture[i + u, j + v] * kernel[u, v] for u, v in np.ndindex(2, 2))
        a[i, j] = max(z[i, j], 0)
    at_a, at_x = np.zeros((4, 4)), np.zeros((5, 5))
    for i, j in np.ndindex(2, 2):
        best = max(((2 * i + u, 2 * j + v) for u, v in np.ndindex(2, 2)), key=lambda cell: a[cell])
        p[i, j] = a[best]
        at_a[best] = weights[i, j]
    at_z = np.where(z > 0, at_a, 0)
    for i, j in np.ndindex(4, 4):
        for u, v in np.ndindex(2, 2):
            at_x[i + u, j + v] += kernel[u, v] * at_z[i, j]
    return {"z": z, "a": a, "p": p}, {"p": weights, "a": at_a, "z": at_z, "x": at_x}, float((p * weights).sum())


def test_the_slides_feature_map(lab):
    assert lab.flow.made["a"].tolist() == SLIDE
    assert lab.made["p"].array.tolist() == [[9, 5], [3, 5]]
    assert lab.flow.switches.sum() == 4
    assert set(lab.made["a"].outlined) == {tuple(cell) for cell in np.argwhere(lab.flow.switches).tolist()}


@pytest.mark.parametrize("seed", range(3))
def test_random_numbers_agree_with_loops(lab, seed):
    rng = np.random.default_rng(seed)
    picture, kernel, weights = (rng.normal(size=(side, side)) for side in (5, 2, 2))
    lab.picture, lab.filter, lab.weights = picture, kernel, weights
    made, back, score = by_loops(picture, kernel, weights)
    for place, expected in made.items():
        np.testing.assert_allclose(lab.flow.made[place], expected, atol=1e-5)
    for place in ("p", "z", "x"):
        np.testing.assert_allclose(lab.flow.back[place], back[place], atol=1e-4)
        np.testing.assert_allclose(lab.back[place].array, back[place], atol=1e-4)
    assert lab.flow.score == pytest.approx(score, abs=1e-4)


def test_a_cell_says_what_it_is_made_of(lab):
    lab.made["z"].selected = (0, 3)
    assert set(lab.given["picture"].outlined) == {(0, 3), (0, 4), (1, 3), (1, 4)}
    assert "z = (2) × 4 + (1) × 2 + (−1) × 0 + (−2) × 6 = −2" in lab.words.value
    lab.made["p"].selected = (0, 0)
    assert lab.made["a"].outlined == ((0, 0), (0, 1), (1, 0), (1, 1))
    assert "max(9 ; 3 ; 0 ; 2) = 9" in lab.words.value
    lab.given["picture"].selected = (0, 0)
    assert lab.made["z"].outlined == ((0, 0),)
    lab.made["a"].selected = (1, 2)
    assert "max(−3, 0) = 0" in lab.words.value


def test_a_typed_number_runs_through_at_once(lab):
    typed = np.asarray(PICTURE, float)
    typed[0, 0] = 7
    lab.given["picture"].values = typed
    made, back, score = by_loops(typed, np.asarray(FILTER), np.asarray(WEIGHTS))
    assert lab.made["z"].array.tolist() == made["z"].tolist()
    assert lab.back["x"].array.tolist() == back["x"].tolist()
    assert lab.flow.score == score


def test_the_way_back_can_be_hidden(lab):
    lab.backward_box.value = False
    assert not any(matrix.shown for matrix in lab.back.values())
    assert all(matrix.shown for matrix in lab.made.values())


def test_names_words_and_refusals(lab):
    assert repr(lab) == "ConvolutionLab(backward=True)"
    assert lab.describe().startswith("The score is 15. 12 of 16 units are on")
    assert len(lab.figure().axes) == 6 + 4
    with pytest.raises(traitlets.TraitError, match="picture has shape"):
        lab.picture = np.zeros((4, 4))
    with pytest.raises(TypeError, match="did you mean picture"):
        ConvolutionLab(pictur=PICTURE)
