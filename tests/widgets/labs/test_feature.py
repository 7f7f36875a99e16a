"""The feature lab, driven as a reader and as code would drive it."""

import keras
import numpy as np
import pytest

from xai_widgets import FeatureLab
from xai_widgets.methods import activation_maximization, objective_scores
from xai_widgets.methods.feature_visualization import LucidWay, lucid_visualization
from xai_widgets.models.graph.intermediate_outputs import SCORES
from xai_widgets.widgets.base.feature_session import STRIDE, Film
from xai_widgets.widgets.labs.feature.views import FeatureViews

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def net():
    """Two convolutions and three classes on 12 x 12 pictures."""
    from xai_widgets import Classifier

    keras.utils.set_random_seed(0)
    layers = keras.layers
    stack = [layers.Conv2D(4, 3, name="first"), layers.Conv2D(6, 3, name="second"), layers.GlobalAveragePooling2D()]
    model = keras.Sequential([keras.Input((12, 12, 3)), *stack, layers.Dense(3, name="scores")], name="small")
    return Classifier(model, ["ant", "<b>bee</b>", "cow"], value_range=(0, 1))


@pytest.fixture
def lab(net):
    made = FeatureLab(net, unit=1, steps=10)
    yield made
    made.close()


def test_film_is_the_optimisation(lab, net):
    film, other = lab.films
    assert film.steps == [0, 4, 8, 10]
    assert len(film.frames) == len(film.scores) == len(other.frames) == 4
    last = activation_maximization(net, 1, steps=10)
    np.testing.assert_array_equal(film.frames[-1], np.round(255 * last.pictures[0]).astype("uint8"))
    np.testing.assert_allclose(film.scores[-1], last.score[0], rtol=1e-5)
    assert film.scores[-1] > film.scores[0]


def test_scores_are_those_of_the_picture_as_it_is(net):
    """Nothing is taken away for the penalty, and the picture is not moved."""
    lab = FeatureLab(net, layer="second", unit=2, way="l2", steps=STRIDE)
    film = lab.films[0]
    shown = film.frames[-1][None].astype("float32") / 255
    np.testing.assert_allclose(film.scores[-1], objective_scores(net, shown, 2, layer="second")[0], atol=0.02)
    lab.close()


def test_film_is_run_back_and_forth(lab):
    first, last = lab.films[0].frames[0], lab.films[0].frames[-1]
    assert lab.step == 10
    assert lab.canvases[0].pixels == last.tobytes()
    lab.slider.value = 3.0  # between two frames: the one before
    assert lab.step == 3
    assert lab.canvases[0].pixels == first.tobytes()
    assert "0" in lab.canvases[0].alt
    lab.step = 8
    assert lab.slider.value == 8


def test_each_moment_is_painted_as_it_was_and_the_last_one_is(net, monkeypatch):
    """The film goes on in the worker's thread while a moment of it is painted."""
    painted, original = [], FeatureViews.show_curve
    monkeypatch.setattr(
        FeatureViews, "show_curve", lambda views, films, *rest: (painted.append(films), original(views, films, *rest))
    )
    lab = FeatureLab(net, unit=1, steps=10)
    assert [[len(film.scores) for film in films] for films in painted] == [[1, 1], [2, 2], [3, 3], [4, 4]]
    assert lab.curve.x == [0, 4, 8, 10]
    assert [len(line["values"]) for line in lab.curve.series] == [4, 4]
    lab.close()


def test_a_film_in_the_making_leaves_the_slider_where_the_reader_has_put_it(lab):
    def put_back(change):
        if change["new"] == 4:
            lab.slider.value = 0.0

    lab.observe(put_back, "step")
    lab.seed = 3
    assert (lab.step, lab.slider.value) == (0, 0)
    assert lab.curve.x == [0, 4, 8, 10]
    lab.unobserve(put_back, "step")
    lab.seed = 4  # the next film is followed again
    assert (lab.step, lab.slider.value) == (10, 10)


def test_a_unit_comes_back_with_its_layer(lab):
    lab.layer_menu.value = "second"
    lab.unit_menu.value = 5
    lab.layer_menu.value = "first"
    assert (lab.layer, lab.unit, lab.unit_menu.value) == ("first", 0, 0)
    lab.layer_menu.value = SCORES
    assert (lab.layer, lab.unit) == (None, 1)
    lab.layer_menu.value = "second"
    assert (lab.unit, lab.unit_menu.value) == (5, 5)


def test_controls_choose_layer_unit_and_way(lab):
    assert [value for _, value in lab.layer_menu.options] == ["first", "second", SCORES]
    lab.layer_menu.value = "second"
    assert (lab.layer, lab.unit) == ("second", 0)
    assert len(lab.unit_menu.options) == 6
    lab.unit_menu.value = 5
    assert lab.unit == 5
    lab.way_menus[1].value = "moved"
    assert lab.other_way == "moved"
    before = lab.films[0].frames[-1]
    lab.seed_button.click()
    assert lab.seed == 1
    assert abs(lab.films[0].frames[-1].astype(int) - before).max() > 0
    lab.seed = 0
    np.testing.assert_array_equal(lab.films[0].frames[-1], before)


def test_code_moves_the_controls(lab):
    lab.layer = "first"
    assert lab.layer_menu.value == "first"
    lab.unit = 3
    assert lab.unit_menu.value == 3
    with pytest.raises(ValueError, match="0 to 3"):
        lab.unit = 4


def test_what_does_not_exist_is_refused(net):
    with pytest.raises(ValueError, match="second"):
        FeatureLab(net, layer="secund")
    with pytest.raises(ValueError, match="0 to 2"):
        FeatureLab(net, unit=3)
    with pytest.raises(TypeError, match="steps"):
        FeatureLab(net, stebs=3)


def test_still_picture_and_words(lab):
    assert len([axes for axes in lab.figure().axes if axes.images]) == 2
    assert repr(lab) == "FeatureLab('small', class <b>bee</b>, decorrelated and pixels, 10 steps)"
    assert "after 10 steps" in lab.describe()
    assert "<b>" not in lab._recipe_line.value
    assert "image/png" in lab._repr_mimebundle_()


def test_french(net):
    lab = FeatureLab(net, steps=1, language="fr")
    assert lab.layer_menu.description == "Couche"
    assert "après 1 pas" in lab.describe()
    lab.close()


def test_lucid_draws_the_same_unit(net):
    """lucid's film beside ours: its own steps, and the same measure of both, the unit's answer to the picture."""
    load = pytest.importorskip("xai_widgets.backend.lucid_bridge").load_lucid
    lab = FeatureLab(net, layer="second", unit=2, other_way="lucid", steps=6, seed=3)
    assert "lucid" in [way for _, way in lab.way_menus[0].options]
    film = lab.films[1]
    assert film.steps == [0, 4, 6]
    drawn = lucid_visualization(net, "second:2", steps=6, seed=3)
    assert abs(film.frames[-1] - np.round(255 * drawn.pictures[0])).max() <= 1
    np.testing.assert_allclose(film.scores[-1], drawn.score[0], rtol=1e-4)
    assert "by lucid" in lab.describe()

    objectives, transform, param = (load(f"lucid.optvis.{name}") for name in ("objectives", "transform", "param"))
    wanted = objectives.channel("second", 2) - 0.5 * objectives.L2("input", 0.5)
    lab.lucid = LucidWay(wanted, lambda: param.image(12, fft=False), [transform.jitter(2)])
    assert lab.films[1] is not film
    assert abs(lab.films[1].frames[-1].astype(int) - film.frames[-1]).max() > 0
    lab.close()


def test_lucid_where_it_is_not(net, monkeypatch):
    """Nothing offers it, and asking for it says why not."""
    monkeypatch.setattr(keras.config, "backend", lambda: "torch")
    lab = FeatureLab(net, steps=1)
    assert "lucid" not in [way for _, way in lab.way_menus[0].options]
    with pytest.raises((ImportError, RuntimeError), match="lucid"):
        lab.way = "lucid"
    lab.close()


def test_film_tells_its_frame():
    film = Film(steps=[0, 4, 8])
    assert [film.at(step) for step in (0, 3, 4, 7.9, 8, 99)] == [0, 0, 1, 1, 2, 2]
