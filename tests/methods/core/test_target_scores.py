"""The explained scalar."""

import keras
import numpy as np
import pytest

from tests.models import graphs, nets
from xai_widgets import backend
from xai_widgets.methods import gradient_times_input, integrated_gradients, saliency, smooth_grad, var_grad
from xai_widgets.methods.core.target_scores import pictures_of, resolve_classes, score_gradient
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()


def test_the_names_of_what_was_explained():
    classifier, x = Classifier(nets.network(NUMBERS), ("ant", "bee", "cow")), nets.inputs(2)
    found = score_gradient(classifier, x, None)
    assert found.names == tuple(classifier.labels[index] for index in NUMBERS.logits(x).argmax(axis=-1))
    assert score_gradient(classifier, x, lambda outputs: outputs[:, 0]).names == ("<lambda>",) * 2


def test_single_sigmoid_with_two_labels():
    numbers = nets.Numbers.drawn(classes=1)
    two, x = Classifier(nets.network(numbers, "sigmoid"), ["no", "yes"]), nets.inputs(2)
    yes, no = score_gradient(two, x, "yes"), score_gradient(two, x, "no")
    np.testing.assert_allclose(yes.score, numbers.logits(x)[:, 0], rtol=1e-5)
    np.testing.assert_allclose(no.score, -yes.score, rtol=1e-6)
    np.testing.assert_allclose(no.gradient, -yes.gradient, rtol=1e-6)
    assert np.abs(yes.gradient).max() > 0
    yes, no = (score_gradient(two, x, name, output="probability") for name in ("yes", "no"))
    np.testing.assert_allclose(yes.score + no.score, 1, rtol=1e-6)
    np.testing.assert_allclose(yes.gradient, -no.gradient, atol=1e-6)


def test_the_model_is_asked_only_for_the_predicted_class(monkeypatch):
    classifier, x = Classifier(nets.network(NUMBERS), list("abc")), nets.inputs(2)
    assert resolve_classes(classifier, x, None).tolist() == NUMBERS.logits(x).argmax(axis=-1).tolist()
    monkeypatch.setattr(classifier, "logits", lambda *a, **k: pytest.fail("not needed"))
    assert resolve_classes(classifier, x, "b").tolist() == [1, 1]


def test_only_pictures_are_shown():
    classifier = Classifier(nets.network(NUMBERS), value_range=(0, 1))
    assert pictures_of(classifier, nets.inputs(2)).shape == (2, 4, 4, 3)
    assert pictures_of(classifier, np.zeros((2, 4))) is None
    assert pictures_of(classifier, np.zeros((2, 4, 4, 2))) is None


EVERY_GRADIENT = (saliency, gradient_times_input, smooth_grad, var_grad, integrated_gradients)


@pytest.mark.slow
@pytest.mark.parametrize("method", EVERY_GRADIENT)
def test_several_outputs_are_explained_through_a_callable(method):
    model, _ = graphs.made("two outputs")
    x = graphs.unstacked(model)
    found = method(model, x, lambda outputs: outputs["words"][:, 1, 2])
    assert found.values.shape == x.shape
    expected = saliency(model, x, lambda outputs: outputs["words"][:, 1, 2], output="probability")
    np.testing.assert_allclose(expected.score, backend.to_numpy(model(x))["words"][:, 1, 2], rtol=1e-4)
    with pytest.raises(ValueError, match=r"more than one row of class scores.*give a callable as target"):
        method(model, x, 0)


def test_a_map_of_classes_has_a_scalar_too():
    """A model that answers at every place: outputs (N, H, W, K)."""
    start = keras.Input((8, 8, 3))
    model = keras.Model(start, keras.layers.Conv2D(4, 3, activation="softmax")(start))
    found = saliency(model, nets.inputs(2, shape=(8, 8, 3)), lambda outputs: outputs[:, 2, 3, 1])
    reached = np.abs(found.values).sum(axis=(0, 3)) > 0
    assert reached[2:5, 3:6].all()
    assert reached.sum() == 9


def test_several_inputs_are_refused_by_name():
    model, _ = graphs.made("two inputs")
    for method in EVERY_GRADIENT:
        with pytest.raises(
            ValueError, match=r"has several inputs; wrap the one to explain.*or use grad_cam, lrp or deep_lift"
        ):
            method(model, graphs.example(model), lambda outputs: outputs[:, 0])
