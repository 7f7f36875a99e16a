"""What is kept for a model: shared by all who wrap it, and forgotten with it."""

import gc
import threading
import weakref

import numpy as np
import pytest

from models import nets
from xai_widgets import backend
from xai_widgets.methods import fgsm, saliency
from xai_widgets.models.classifier import Classifier
from xai_widgets.models.store import _STORES, store_of

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()
LASTING = ["fused", "linear", "Softmax", "Sequential", "nested twice", "subclassed", "subclassed linear"]


@pytest.mark.parametrize("ending", [*LASTING, "by hand"])
def test_a_model_that_is_dropped_is_freed(ending):
    build = nets.ENDINGS[ending][0] if ending in nets.ENDINGS else nets.HIDDEN_LOGITS[ending]
    classifier, x = Classifier(build(NUMBERS)), nets.inputs(1)
    result = fgsm(classifier, x, epsilon=0.1)
    kept = saliency(classifier, x)
    saliency(classifier, x, lambda outputs: outputs[:, 0])
    model, count = weakref.ref(classifier.model), len(_STORES)
    assert model() in _STORES
    del classifier
    for _ in range(3):
        gc.collect()
    assert model() is None
    assert len(_STORES) < count
    assert len(kept) == len(result) == 1  # results outlive the model


def test_two_classifiers_of_one_model_share_what_is_compiled(monkeypatch):
    made, compiled = [], backend.compile
    monkeypatch.setattr(backend, "compile", lambda *arguments: made.append(1) or compiled(*arguments))
    model, x = nets.network(NUMBERS), nets.inputs(1)
    for labels in (None, list("abc"), list("xyz")):
        Classifier(model, labels).predict(x)
        saliency(Classifier(model, labels), x, 0)
        saliency(Classifier(model, labels), x, 1)
    assert len(made) == 2  # logits, and the gradient of any class
    assert store_of(model) is store_of(model)


def test_many_threads_get_the_same_answers():
    classifier, x = Classifier(nets.Subclassed(NUMBERS), input_shape=nets.SHAPE), nets.inputs(4)
    answers, start = [], threading.Barrier(6)

    def ask(explained):
        start.wait()
        answers.append((explained, saliency(classifier, x, explained).values, classifier.logits(x)))

    threads = [threading.Thread(target=ask, args=(number % 3,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    for explained, values, logits in answers:
        np.testing.assert_allclose(logits, NUMBERS.logits(x), rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(values, saliency(classifier, x, explained).values, rtol=1e-6)
