"""What methods answer: stable texts, pictures of themselves, complete recipes."""

import dataclasses
import io
import pickle

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import xai_widgets
from tests.models import nets
from xai_widgets.methods import fgsm, minimal_epsilon, robustness_curve, saliency
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe, current_versions, exact, fingerprint

LABELS = ("$a$ <b>", "b_{", "c\\$")  # what people call their classes


@pytest.fixture(scope="module")
def classifier():
    return Classifier(nets.network(nets.Numbers.drawn(), name="net"), LABELS, value_range=(0, 1))


@pytest.fixture(scope="module")
def rows():
    return nets.linear(np.arange(6.0).reshape(3, 2), shape=(3,))


RESULTS = {
    "attribution": lambda model: saliency(model, nets.inputs(2), 0),
    "attack": lambda model: fgsm(model, nets.inputs(2), 0, epsilon=0.1),
    "curve": lambda model: robustness_curve(model, nets.inputs(2), [0, 1], epsilons=[0, 0.1]),
    "smallest": lambda model: minimal_epsilon(model, nets.inputs(2), 0),
}
DRAWN = ["attribution", "attack", "curve"]


@pytest.mark.parametrize("name", RESULTS)
def test_texts_are_stable(classifier, name):
    first, again = (repr(RESULTS[name](classifier)) for _ in range(2))
    assert first == again
    assert " at 0x" not in first


@pytest.mark.parametrize("name", DRAWN)
def test_pictures_of_themselves(classifier, name):
    data = RESULTS[name](classifier)._repr_png_()
    assert data.startswith(b"\x89PNG\r\n")
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    assert min(picture.shape) > 100
    assert picture.std() > 5  # something is drawn


@pytest.mark.parametrize("name", RESULTS)
def test_results_can_be_kept_in_a_file(classifier, name):
    result = RESULTS[name](classifier)
    assert repr(pickle.loads(pickle.dumps(result))) == repr(result)  # noqa: S301


@pytest.mark.parametrize("name", RESULTS)
def test_results_do_not_change(classifier, name):
    with pytest.raises(dataclasses.FrozenInstanceError):
        RESULTS[name](classifier).recipe = None


def test_texts(classifier):
    assert (
        repr(saliency(classifier, nets.inputs(2), ["b_{", 0]))
        == "Attribution(2x4x4x1: saliency · net · target b_{, $a$ <b> · output=logit)"
    )
    attack = fgsm(classifier, nets.inputs(2), 1, epsilon=0)
    done = int(attack.success.sum())
    assert repr(attack) == (
        f"AdversarialResult({done} of 2 succeeded: "
        "fgsm · net · target b_{ · epsilon=0 · targeted=False · norm=linf · clip=(0, 1))"
    )


def test_the_curve_is_a_table(classifier):
    lines = repr(robustness_curve(classifier, nets.inputs(2), [0, 1], epsilons=[0, 0.25])).splitlines()
    assert lines[1].split() == ["epsilon", "error"]
    assert lines[3].split()[0] == "0.25"
    assert lines[3].endswith("%")


def test_infinity_is_written(classifier):
    found = minimal_epsilon(classifier, nets.inputs(12), maximum=1e-6)
    assert "inf, ..." in repr(found)
    assert len(found) == 12


def test_lengths(classifier):
    assert len(RESULTS["attribution"](classifier)) == len(RESULTS["attack"](classifier)) == 2


# Inputs that are no pictures


def test_what_is_no_picture_is_not_drawn(rows):
    x = np.ones((2, 3))
    attack, attribution = fgsm(rows, x, 0, epsilon=0.1), saliency(rows, x, 0)
    assert attack._repr_png_() is None
    assert attribution._repr_png_() is None
    with pytest.raises(ValueError, match=r"inputs of shape \(2, 3\) are not pictures; use .perturbation"):
        attack.show()
    with pytest.raises(ValueError, match=r"values of shape \(2, 3\) are not those of pictures"):
        attribution.heatmap()


# Maps


def test_reductions():
    values = np.array([[[[1.0, -3.0], [2.0, 0.5]]]], "float32")
    answer = Attribution(values, np.zeros(1), Recipe("m", "n", ("t",), {}))
    assert answer.heatmap().tolist() == [[[3, 2]]]
    assert answer.heatmap("sum").tolist() == [[[-2, 2.5]]]
    assert answer.heatmap("mean_abs").tolist() == [[[2, 1.25]]]
    np.testing.assert_allclose(answer.heatmap("norm"), [[[10**0.5, 4.25**0.5]]], rtol=1e-6)
    flat = Attribution(values[..., 0], np.zeros(1), answer.recipe)
    assert flat.heatmap() is flat.values
    with pytest.raises(ValueError, match="unknown reduction 'max'; choose one of max_abs, sum, mean_abs, norm"):
        answer.heatmap("max")


def test_the_perturbation_is_the_difference(classifier):
    attack = fgsm(classifier, nets.inputs(2), 0, epsilon=0.1)
    np.testing.assert_array_equal(attack.perturbation, attack.adversarial - attack.original)


# Recipes


def test_a_recipe_names_the_versions():
    assert current_versions() == {
        "xai_widgets": xai_widgets.__version__,
        "keras": keras.__version__,
        "backend": keras.config.backend(),
        "python": current_versions()["python"],
    }


@pytest.mark.parametrize("name", RESULTS)
def test_recipes_are_complete(classifier, name):
    recipe = RESULTS[name](classifier).recipe
    assert recipe.model == "net"
    assert recipe.versions == current_versions()
    wanted = {
        "attribution": {"output"},
        "attack": {"epsilon", "targeted", "norm", "clip", "mask"},
        "curve": {"epsilons", "attack", "targeted", "norm", "clip", "mask"},
        "smallest": {"attack", "maximum", "tolerance", "targeted", "norm", "clip", "mask"},
    }[name]
    assert set(recipe.options) == wanted
    assert recipe.method in {"saliency", "fgsm", "robustness_curve", "minimal_epsilon"}


def test_a_recipe_is_one_line():
    recipe = Recipe("pgd", "net", ("ant", "bee", "ant", "cow", "dog"), {"epsilon": 0.0300000012, "mask": None, "n": 5})
    assert str(recipe) == "pgd · net · target ant, bee, cow ... · epsilon=0.03 · n=5"
    assert "versions" not in repr(recipe)
    long = Recipe("fgsm", "net", ("ant",), {"epsilon": (0.1, 0.25, 0.5, 1.0), "clip": ((-1.0, -0.123456), (1.0, 2.0))})
    assert str(long) == "fgsm · net · target ant · epsilon=0.1 to 1 (4 values) · clip=((-1, -0.1235), (1, 2))"


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_of_a_recipe_are_exact(numbers):
    written = exact(np.array(numbers, "float32"))
    assert np.array(written, "float32").tolist() == np.array(numbers, "float32").tolist()
    assert all(type(one) is float for one in written)


def test_a_fingerprint_tells_arrays_apart():
    mask = np.arange(12).reshape(3, 4) % 5 == 0
    assert (
        fingerprint(mask)
        == fingerprint(mask.astype("float32")[..., np.newaxis])
        == fingerprint(np.asfortranarray(mask))
    )
    others = [~mask, mask.reshape(4, 3), mask[:2], mask[np.newaxis]]
    assert len({fingerprint(mask), *map(fingerprint, others)}) == 5
