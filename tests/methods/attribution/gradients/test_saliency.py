"""Saliency: closed forms, central differences, and every way to write the same network."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from tests.methods import slow
from tests.methods.rectifiers import RECTIFIERS
from tests.models import nets
from xai_widgets import backend
from xai_widgets.methods import saliency
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()
relu, ops = keras.ops.relu, keras.ops


def function(made, size=2):
    """Make a model of one output from a function of its input tensor."""
    start = keras.Input((size,))
    return keras.Model(start, made(start))


def first(t):
    return t[:, :1]


def second(t):
    return t[:, 1:2]


# Closed forms. Rectifiers have gradient 0 at 0.

CLOSED_FORMS = {
    "two units": (lambda t: relu(relu(first(t) - 1) - relu(second(t))), (3, 1), (1, -1)),
    "two units, far off": (lambda t: relu(relu(first(t) - 1) - relu(second(t))), (-10, -5), (0, 0)),
    "saturation": (lambda t: 1 - relu(1 - first(t) - second(t)), (1, 1), (0, 0)),
    "before saturation": (lambda t: 1 - relu(1 - first(t) - second(t)), (0.2, 0.3), (1, 1)),
    "threshold": (lambda t: relu(first(t) - 10) + 0 * second(t), (10, 0), (0, 0)),
    "past the threshold": (lambda t: relu(first(t) - 10) + 0 * second(t), (10.001, 0), (1, 0)),
    "minimum": (lambda t: first(t) - relu(first(t) - second(t)), (4, 2), (0, 1)),
    "piecewise": (lambda t: 2 * relu(first(t)) + 2 * relu(second(t) - 1.5), (1, 2), (2, 2)),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_closed_forms(name):
    made, point, expected = CLOSED_FORMS[name]
    np.testing.assert_allclose(saliency(function(made), [point], 0).values, [expected], atol=1e-6)


@pytest.mark.parametrize("name", RECTIFIERS)
def test_every_way_to_write_a_rectifier(name):
    model = function(lambda t: ops.sum(-ops.square(RECTIFIERS[name](t)), axis=-1, keepdims=True), size=4)
    x = np.array([[5.0, 0.0, -5.0, 10.0]], "float32")
    weights, outputs = model.get_weights(), backend.to_numpy(model(x))
    expected = [[-10, 0, 0, 0 if "6" in name else -20]]
    np.testing.assert_allclose(saliency(model, x, 0).values, expected, atol=1e-5)
    np.testing.assert_array_equal(backend.to_numpy(model(x)), outputs)
    assert all(map(np.array_equal, model.get_weights(), weights))


def test_gradient_times_input_sums_to_the_logit_without_biases():
    zero = np.zeros(nets.HIDDEN), np.zeros(nets.CLASSES)
    numbers = nets.Numbers(NUMBERS.first, zero[0], NUMBERS.second, zero[1])
    x = nets.inputs(5)
    for index in range(nets.CLASSES):
        found = saliency(nets.network(numbers), x, index)
        np.testing.assert_allclose((found.values * x).sum(axis=(1, 2, 3)), found.score, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(found.score, numbers.logits(x)[:, index], rtol=1e-5, atol=1e-5)


# A second, slow implementation


@pytest.mark.parametrize("ending", [*nets.ENDINGS, *nets.HIDDEN_LOGITS])
@pytest.mark.parametrize("output", ["logit", "probability"])
def test_central_differences(ending, output):
    build, kind = nets.ENDINGS.get(ending) or (nets.HIDDEN_LOGITS[ending], "probability")
    x, index = nets.inputs(2), 1

    def score(point):
        logits = NUMBERS.logits(point[np.newaxis])[0]
        if output == "probability":
            return (nets.sigmoid if kind == "sigmoid" else nets.softmax)(logits)[index]
        return np.log(nets.softmax(logits))[index] if kind == "probability" else logits[index]

    found = saliency(build(NUMBERS), x, index, output=output)
    np.testing.assert_allclose(found.score, [score(one) for one in x], rtol=1e-4, atol=1e-5)
    for values, one in zip(found.values, x, strict=True):
        np.testing.assert_allclose(values, slow.gradient(score, one), rtol=1e-3, atol=2e-4)


def test_a_target_of_ones_own():
    def difference(outputs):
        return outputs[:, 0] - outputs[:, 2]

    found = saliency(nets.network(NUMBERS), nets.inputs(2), difference)
    assert found.recipe.target == ("difference", "difference")
    for values, one in zip(found.values, nets.inputs(2), strict=True):
        exact = slow.gradient(lambda point: NUMBERS.logits(point[np.newaxis])[0] @ [1, 0, -1], one)
        np.testing.assert_allclose(values, exact, rtol=1e-3, atol=1e-4)


def test_a_target_that_gives_no_scalar_per_image_is_refused():
    with pytest.raises(ValueError, match=r"one scalar per image, shape \(N,\), but gave shape"):
        saliency(nets.network(NUMBERS), nets.inputs(2), lambda outputs: outputs)


def test_a_model_that_cuts_the_gradient_is_refused():
    start = keras.Input((4,))
    for cut in (
        lambda t: ops.one_hot(ops.argmax(t, axis=-1), 4),
        ops.stop_gradient,
        ops.round,
        lambda t: ops.cast(ops.cast(t, "int32"), "float32"),
    ):
        with pytest.raises(backend.NoGradientError, match="Use a method without gradients"):
            saliency(keras.Model(start, layers.Dense(2)(cut(start))), np.ones((1, 4)), 0)


# Properties


def test_classes_by_name_by_index_one_for_all_or_one_each():
    classifier, x = Classifier(nets.network(NUMBERS), ("ant", "bee", "cow")), nets.inputs(3)
    alone = [saliency(classifier, x, index).values for index in range(3)]
    np.testing.assert_array_equal(saliency(classifier, x, "bee").values, alone[1])
    mixed = saliency(classifier, x, ["cow", 0, "bee"])
    assert mixed.recipe.target == ("cow", "ant", "bee")
    expected = np.stack([alone[2][0], alone[0][1], alone[1][2]])
    np.testing.assert_allclose(mixed.values, expected, rtol=1e-6)
    top = classifier.predict(x).classes
    np.testing.assert_array_equal(saliency(classifier, x).values, saliency(classifier, x, top).values)


@given(count=st.integers(1, 9), size=st.integers(1, 10), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_neither_company_nor_batches_change_a_gradient(shared, count, size, seed):
    x = nets.inputs(count, seed)
    together = saliency(shared, x, 2).values
    np.testing.assert_allclose(saliency(shared, x, 2, batch_size=size).values, together, rtol=1e-5, atol=1e-6)
    single = np.concatenate([saliency(shared, one, 2).values for one in x])
    np.testing.assert_allclose(single, together, rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module")
def shared():
    return Classifier(nets.network(NUMBERS))


def test_progress_counts_the_images_and_may_stop(shared):
    seen = []
    saliency(shared, nets.inputs(5), 0, batch_size=2, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(2, 5), (4, 5), (5, 5)]

    class Enough(Exception):  # noqa: N818
        pass

    def stop(done, total):
        raise Enough

    with pytest.raises(Enough):
        saliency(shared, nets.inputs(5), 0, progress=stop)


def test_a_bar_on_request(shared, capsys):
    saliency(shared, nets.inputs(5), 0, batch_size=2, progress=True)
    assert "5/5" in capsys.readouterr().err
    saliency(shared, nets.inputs(5), 0, batch_size=2, progress=False)
    assert not capsys.readouterr().err


def test_an_unknown_output_is_refused(shared):
    with pytest.raises(ValueError, match="output must be one of 'logit', 'probability', not 'loss'"):
        saliency(shared, nets.inputs(1), 0, output="loss")


def test_inputs_of_any_rank():
    rows = nets.linear(np.arange(6.0).reshape(3, 2), shape=(3,))
    answer = saliency(rows, np.ones((2, 3)), 1)
    np.testing.assert_allclose(answer.values, [[1, 3, 5]] * 2)
    assert answer.pictures is None


def test_the_input_is_not_written_to(shared):
    x = nets.inputs(2)
    kept = x.copy()
    saliency(shared, x, 0)
    np.testing.assert_array_equal(x, kept)
