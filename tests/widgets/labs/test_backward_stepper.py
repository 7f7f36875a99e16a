"""The backward stepper, against the slides' matrices and against loops over random numbers."""

import numpy as np
import pytest
import traitlets

from xai_widgets import BackwardStepper
from xai_widgets.methods import saliency
from xai_widgets.widgets.labs.backward_stepper.session import FILTER, PICTURE, RULES, WEIGHTS

# As the slides print them: before and after the ReLU, then what comes back, by the three rules.
Z = [[1, -1, 5], [2, -5, -7], [-3, 2, 4]]
A = [[1, 0, 5], [2, 0, 0], [0, 2, 4]]
BACK = {
    "gradient": [[-2, 0, -1], [6, 0, 0], [0, -1, 3]],
    "deconvolution": [[0, 3, 0], [6, 0, 1], [2, 0, 3]],
    "guided_backprop": [[0, 0, 0], [6, 0, 0], [0, 0, 3]],
}


@pytest.fixture(scope="module", autouse=True)
def inline():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XAI_WIDGETS_SYNC", "1")
        yield


@pytest.fixture(scope="module")
def the_lab():
    """One lab for all tests: a network's first passes take a second."""
    made = BackwardStepper(language="en")
    yield made
    made.close()


@pytest.fixture
def lab(the_lab):
    the_lab.reset_button.click()
    the_lab.step = 6
    return the_lab


@pytest.fixture
def net(the_lab):
    return the_lab._net


def by_loops(picture, kernel, weights):
    """Write both passes out, unit by unit."""
    z = np.zeros((3, 3))
    for i, j in np.ndindex(3, 3):
        z[i, j] = sum(picture[i + u, j + v] * kernel[u, v] for u, v in np.ndindex(2, 2))
    a = np.where(z > 0, z, 0)
    at_z = {
        "gradient": np.where(z > 0, weights, 0),
        "deconvolution": np.where(weights > 0, weights, 0),
        "guided_backprop": np.where((z > 0) & (weights > 0), weights, 0),
        "lrp": a * weights,
    }
    at_x = {rule: np.zeros((4, 4)) for rule in RULES}
    for i, j in np.ndindex(3, 3):
        for u, v in np.ndindex(2, 2):
            for rule in RULES[:3]:
                at_x[rule][i + u, j + v] += kernel[u, v] * at_z[rule][i, j]
            if z[i, j] > 0:
                part = picture[i + u, j + v] * kernel[u, v] / z[i, j]
                at_x["lrp"][i + u, j + v] += part * at_z["lrp"][i, j]
    return z, a, float((a * weights).sum()), at_z, at_x


@pytest.mark.parametrize("seed", range(4))
def test_random_numbers_agree_with_loops(net, seed):
    rng = np.random.default_rng(seed)
    picture, kernel, weights = (rng.normal(size=(side, side)) for side in (4, 2, 3))
    passes = net.run(picture, kernel, weights)
    z, a, score, at_z, at_x = by_loops(picture, kernel, weights)
    np.testing.assert_allclose(passes.z, z, atol=1e-5)
    np.testing.assert_allclose(passes.a, a, atol=1e-5)
    assert passes.score == pytest.approx(score, abs=1e-4)
    for rule in RULES:
        np.testing.assert_allclose(passes.back[rule]["z"], at_z[rule], atol=1e-4)
        np.testing.assert_allclose(passes.back[rule]["x"], at_x[rule], atol=1e-3)
    assert passes.back["lrp"]["x"].sum() == pytest.approx(score, abs=1e-3)
    assert abs(passes.lrp_error) < 1e-3


def test_the_slides_numbers(lab):
    assert lab.passes.z.tolist() == Z
    assert lab.passes.a.tolist() == A
    assert lab.passes.score == 15
    for rule, expected in BACK.items():
        assert lab.passes.back[rule]["z"].tolist() == expected
        assert lab.back[rule]["z"].array.tolist() == expected
        assert lab.passes.back[rule]["a"].tolist() == np.asarray(WEIGHTS).tolist()


def test_what_a_rule_stops_is_struck_through(lab):
    assert lab.back["guided_backprop"]["z"].crossed == ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 0), (2, 1))
    assert lab.back["lrp"]["z"].crossed == ()
    assert lab.passes.stopped("deconvolution").sum() == 4


def test_a_typed_number_runs_through_at_once(lab):
    typed = np.asarray(FILTER, float)
    typed[0, 0] = -3
    lab.given["filter"].values = typed
    assert lab.filter == ((-3, 1), (-1, -2))
    z, _, score, _, at_x = by_loops(np.asarray(PICTURE), typed, np.asarray(WEIGHTS))
    np.testing.assert_allclose(lab.made["z"].array, z)
    np.testing.assert_allclose(lab.back["deconvolution"]["x"].array, at_x["deconvolution"])
    assert lab.passes.score == score
    lab.reset_button.click()
    assert lab.filter == FILTER
    assert lab.passes.z.tolist() == Z


def test_the_model_is_a_real_one(lab):
    x = np.reshape(np.asarray(PICTURE, "float32"), (1, 4, 4, 1))
    np.testing.assert_allclose(saliency(lab.model, x, 0).values[0, ..., 0], lab.passes.back["gradient"]["x"])


def test_the_opposite_score_turns_the_gradient_round_but_not_guided_backpropagation(lab):
    before = lab.passes
    lab.opposite_button.click()
    assert lab.passes.score == -before.score
    np.testing.assert_allclose(lab.passes.back["gradient"]["x"], -before.back["gradient"]["x"])
    assert (lab.passes.back["guided_backprop"]["z"] >= 0).all()


def test_steps_show_what_has_been_reached(lab):
    shown = {0: 0, 1: 1, 2: 2, 3: 2, 4: 6, 5: 10, 6: 14}
    texts = set()
    for step, count in shown.items():
        lab.slider.value = float(step)
        assert lab.step == step
        matrices = [*lab.made.values(), *(one for rule in RULES for one in lab.back[rule].values())]
        assert sum(matrix.shown for matrix in matrices) == count
        assert (">15&nbsp;" in lab.score.value) == (step >= 3)
        texts.add(lab.words.value)
    assert len(texts) == len(shown)


def test_a_cell_frames_what_it_is_made_of_and_what_it_makes(lab):
    lab.made["z"].selected = (1, 2)
    assert set(lab.given["picture"].outlined) == {(1, 2), (1, 3), (2, 2), (2, 3)}
    assert lab.back["lrp"]["a"].outlined == ((1, 2),)
    assert "z = −7" in lab.words.value
    assert "deconvolution 1" in lab.words.value
    lab.given["picture"].selected = (0, 0)
    assert lab.made["z"].outlined == ((0, 0),)
    lab.step = 2
    assert lab.made["z"].outlined == ()


def test_one_scale_for_the_three_gradients(lab):
    limits = {lab.back[rule]["x"].limit for rule in RULES[:3]}
    assert limits == {14.0}
    assert lab.back["lrp"]["x"].limit == 42


@pytest.mark.parametrize(("name", "shape"), [("picture", (3, 3)), ("filter", (3, 3)), ("weights", (2, 2))])
def test_another_shape_is_refused(lab, name, shape):
    with pytest.raises(traitlets.TraitError, match=f"{name} has shape"):
        setattr(lab, name, np.zeros(shape))


def test_still_picture_words_and_name(lab):
    assert len(lab.figure().axes) == 5 + 12
    assert lab.describe().startswith("The score is 15. Gradient: the ReLU stops 4 signals")
    assert repr(lab) == "BackwardStepper(step=6)"
    with pytest.raises(TypeError, match="did you mean step"):
        BackwardStepper(stepp=2)


def test_in_french():
    lab = BackwardStepper(language="fr", step=3)
    assert "En avant" in lab.words.value
    assert lab.describe().startswith("Le score est 15.")
    lab.picture = np.asarray(PICTURE) / 8
    assert "1,88" in lab.score.value
    lab.close()
