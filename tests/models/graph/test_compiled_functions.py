"""What is kept for a model: shared by all who wrap it, and forgotten with it."""

import gc
import threading
import weakref

import keras
import numpy as np
import pytest

from tests.models import nets
from xai_widgets import backend
from xai_widgets.methods import fgsm, saliency
from xai_widgets.models.graph.compiled_functions import _STORES, _parts, store_of
from xai_widgets.models.kinds.classifier import Classifier

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
    monkeypatch.setattr(
        backend, "compile", lambda *arguments, **options: made.append(1) or compiled(*arguments, **options)
    )
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


@pytest.mark.parametrize("bright", [0, 1, 8])
def test_what_is_explained_is_compared_with_the_models_own_answer_for_every_input(bright, monkeypatch):
    """As if the layers of the graph computed something else than the model, for one input alone."""

    def otherwise(self, x):
        mean = keras.ops.mean(x, axis=(1, 2, 3))[:, None]
        return self.raw(x) * keras.ops.where(mean > 0.5, 2.0, 1.0)

    monkeypatch.setattr("xai_widgets.models.graph.output_head.Head.outputs", otherwise)
    monkeypatch.setattr("xai_widgets.models.graph.compiled_functions._NUMBERS", 4 * 4 * 4)  # four at a time
    pictures = np.full((9, 4, 4, 1), 0.1, "float32")

    def net():
        start = keras.Input((4, 4, 1))
        return Classifier(keras.Model(start, keras.layers.Dense(2)(keras.layers.Flatten()(start))))

    assert saliency(net(), pictures, 0).values.shape == pictures.shape
    pictures[bright] = 0.9
    with pytest.raises(ValueError, match="is not what it answers"):
        saliency(net(), pictures, 0)


@pytest.mark.parametrize(("count", "looked"), [(1, 1), (16, 16), (1000, 16)])
def test_of_many_inputs_some_of_all_parts_are_compared(count, looked):
    places = np.concatenate([np.arange(count)[part] for part in _parts([np.zeros((count, 4)), np.zeros((count, 1))])])
    assert len(places) == len(set(places.tolist())) == looked
    assert (places[0], places[-1]) == (0, count - 1)
