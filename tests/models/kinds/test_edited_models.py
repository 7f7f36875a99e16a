"""A model is explained as it is now: edited after use, quantised, with other weights."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets import backend
from xai_widgets.methods import cam, deep_lift, grad_cam, lrp, occlusion, saliency
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

SHAPE = (8, 8, 3)
X = np.random.default_rng(0).random((2, *SHAPE)).astype("float32")


def net(units=3, activation="softmax"):
    keras.utils.set_random_seed(0)
    start = [keras.Input(SHAPE), layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D()]
    return keras.Sequential([*start, layers.Dense(units, activation, name="scores")])


def another_head(model):
    model.pop()
    model.add(layers.Dense(5, "softmax", kernel_initializer="he_normal"))


def another_activation(model):
    model.layers[-1].activation = keras.activations.sigmoid


def an_added_layer(model):
    model.layers[-1].activation = keras.activations.linear
    model.add(layers.Lambda(lambda z: keras.ops.softmax(2 * z)))


def lora(model):
    model.layers[-1].enable_lora(2)
    model.layers[-1].lora_kernel_b.assign(np.ones((2, 3), "float32"))


def another_hidden_activation(model):
    model.layers[0].activation = keras.activations.tanh


EDITS = [another_head, another_activation, an_added_layer, lora, another_hidden_activation]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_model_is_explained_as_it_is_now(edit):
    model = net()
    classifier = Classifier(model)
    methods = (saliency, grad_cam, occlusion) if edit is an_added_layer else (saliency, grad_cam, lrp, occlusion)
    before = [method(classifier, X, 1).score for method in methods]
    edit(model)
    fresh = keras.models.clone_model(model) if edit not in (lora, an_added_layer) else None
    own = backend.to_numpy(model(X))
    np.testing.assert_allclose(classifier.predict(X).probabilities, own, rtol=1e-4)
    assert len(classifier.labels) == own.shape[1]
    after = [method(classifier, X, 1).score for method in methods]
    for one in after[1:]:
        np.testing.assert_allclose(one, after[0], rtol=1e-3, atol=1e-5)
    if edit is not another_activation:  # which has the same logits
        assert np.abs(after[0] - before[0]).max() > 1e-3
    if fresh is not None:
        fresh.set_weights(model.get_weights())
        np.testing.assert_allclose(saliency(fresh, X, 1).values, saliency(classifier, X, 1).values, atol=1e-6)


def test_given_labels_must_fit_the_edited_model():
    model = net()
    classifier = Classifier(model, list("abc"))
    classifier.predict(X)
    another_head(model)
    with pytest.raises(ValueError, match=r"3 labels were given, but .* has 5 classes"):
        classifier.predict(X)


def test_new_weights_keep_what_is_compiled():
    model = net()
    classifier = Classifier(model)
    before = classifier.predict(X).probabilities
    store = store_of(model)
    model.set_weights([2 * one for one in model.get_weights()])
    np.testing.assert_allclose(classifier.predict(X).probabilities, backend.to_numpy(model(X)), rtol=1e-5)
    assert np.abs(classifier.predict(X).probabilities - before).max() > 1e-3
    assert store_of(model) is store


def test_training_keeps_what_is_compiled():
    model = net()
    classifier = Classifier(model)
    classifier.predict(X)
    store = store_of(model)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(X, np.array([0, 1]), verbose=0)
    np.testing.assert_allclose(classifier.predict(X).probabilities, backend.to_numpy(model(X)), rtol=1e-5)
    assert store_of(model) is store


def test_a_quantised_model_is_explained_by_its_integer_weights():
    model = net()
    classifier = Classifier(model)
    classifier.predict(X)
    model.quantize("int8")
    own = backend.to_numpy(model(X))
    np.testing.assert_allclose(classifier.predict(X).probabilities, own, rtol=1e-3)
    np.testing.assert_allclose(np.exp(np.diff(classifier.logits(X))), own[:, 1:] / own[:, :-1], rtol=1e-2)


def test_the_other_methods_see_an_edited_head_too():
    model = net()
    for method in (cam, deep_lift):
        options = {"baseline": 0} if method is deep_lift else {}
        method(model, X, 0, **options)
    another_head(model)
    for method in (cam, deep_lift):
        options = {"baseline": 0} if method is deep_lift else {}
        np.testing.assert_allclose(method(model, X, 4, **options).score, saliency(model, X, 4).score, rtol=1e-3)
