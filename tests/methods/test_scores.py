"""The explained scalar."""

import numpy as np
import pytest

from models import nets
from xai_widgets.methods.scores import pictures_of, resolve_classes, score_gradient
from xai_widgets.models.classifier import Classifier

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
    assert not no.score.any()
    assert not no.gradient.any()
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
