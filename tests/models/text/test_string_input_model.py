"""Keras models that take strings: what is explained is what they answer."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets.methods import explain, lime_text, occlude_words, saliency
from xai_widgets.models.checking.check_model import check_model
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.text.string_input_model import StringInputModel, takes_strings

WORDS = ["good", "bad", "film", "a"]
WORTH = {"good": 2.0, "bad": -1.5, "film": 0.25, "a": 0.0}
TEXTS = ["a good good film", "bad film", "a film"]


def reader(end, shape=()):
    """A sum of the worths of words, then a layer of two scores, or one."""
    vectorise = layers.TextVectorization(vocabulary=WORDS, output_sequence_length=6)
    embed = layers.Embedding(len(WORDS) + 2, 1, name="worths")
    model = keras.Sequential(
        [keras.Input(shape, dtype="string"), vectorise, embed, layers.Flatten(), layers.Dense(1, use_bias=False), end]
    )
    worths = [0.0, 0.0, *(WORTH[word] for word in WORDS)]
    embed.set_weights([np.array(worths)[:, np.newaxis]])
    model.layers[-2].set_weights([np.ones((6, 1))])
    return model


def worth(text):
    return sum(WORTH[word] for word in text.split())


SIGMOID = {
    "activation": lambda: layers.Activation("sigmoid"),
    "Dense": lambda: layers.Dense(1, "sigmoid", kernel_initializer="ones"),
}


@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("end", SIGMOID.values(), ids=SIGMOID)
def test_a_word_is_worth_what_it_adds_to_the_logit(end, shape):
    model = Classifier(reader(end(), shape), ["no", "yes"])
    found = occlude_words(model, TEXTS, "yes")
    np.testing.assert_allclose(found.score, [worth(text) for text in TEXTS], atol=1e-6)
    for text, weights in zip(TEXTS, found.weights, strict=True):
        np.testing.assert_allclose(weights, [WORTH[word] for word in text.split()], atol=1e-6)
    against = occlude_words(model, TEXTS, "no")
    np.testing.assert_allclose(against.score, -found.score, atol=1e-6)


def test_probabilities_are_the_models_own():
    model = reader(layers.Dense(3, "softmax"))
    texts = np.array(TEXTS, object)
    own = model(keras.ops.convert_to_tensor(texts)).numpy()
    np.testing.assert_allclose(StringInputModel(model).predict_proba(TEXTS), own, atol=1e-6)
    assert StringInputModel(model).labels == ("class 0", "class 1", "class 2")
    found = occlude_words(model, TEXTS, output="probability")
    np.testing.assert_allclose(found.score, own.max(axis=1), atol=1e-6)


def test_explain_knows_texts_and_lime_finds_the_words():
    model = reader(layers.Activation("sigmoid"))
    assert takes_strings(model)
    found = explain(Classifier(model, ["no", "yes"]), "a good bad film", "lime_text", "yes", samples=300)
    assert [word for word, _ in found.top(2)] == ["good", "bad"]
    np.testing.assert_array_equal(
        lime_text(Classifier(model, ["no", "yes"]), "a good bad film", "yes", samples=300).weights, found.weights
    )


def test_what_needs_numbers_is_refused_and_its_advice_works():
    model = reader(layers.Activation("sigmoid"))
    for call in (lambda: saliency(model, TEXTS), lambda: Classifier(model).predict(TEXTS)):
        with pytest.raises(ValueError, match=r"takes strings.*occlude_words or lime_text"):
            call()
    with pytest.raises(ValueError, match="for texts, choose occlude_words or lime_text"):
        explain(model, TEXTS, "saliency")
    assert len(occlude_words(model, TEXTS).weights) == 3
    assert repr(Classifier(model)) == f"Classifier({model.name!r}, input ?)"
    assert "takes strings" in check_model(model)["outputs"].seen


@pytest.mark.parametrize("worth", [0.05, 0.4])
def test_scores_of_a_plain_layer_are_logits_though_they_lie_between_0_and_1(worth):
    model = reader(layers.Dense(1, kernel_initializer=keras.initializers.Constant(0.01), bias_initializer="zeros"))
    model.layers[-1].set_weights([np.full((1, 1), 0.01), np.array([worth])])
    own = model(keras.ops.convert_to_tensor(np.array(TEXTS, object))).numpy()[:, 0]
    assert ((own > 0) & (own < 1)).all()
    found = occlude_words(Classifier(model, ["no", "yes"]), TEXTS, "yes", output="probability")
    np.testing.assert_allclose(found.score, 1 / (1 + np.exp(-own)), rtol=1e-5)


def test_outputs_are_looked_at_on_more_than_one_text():
    gate = layers.Lambda(keras.ops.relu, output_shape=(1,))  # 0 for words that are not known
    found = StringInputModel(reader(gate))
    assert found.labels == ("value",)
    np.testing.assert_allclose(found.predict_proba(["good good"]), [[4.0]], rtol=1e-6)


def test_what_the_outputs_were_said_to_be_counts():
    model = Classifier(reader(layers.Dense(2, kernel_initializer="ones")), ["a", "b"], outputs="values", name="worths")
    found = occlude_words(model, TEXTS, "b", output="probability")
    np.testing.assert_allclose(found.score, [worth(text) for text in TEXTS], rtol=1e-6)
    assert found.recipe.model == "worths"
    assert StringInputModel(reader(layers.Activation("sigmoid"))).labels == ("positive class",)
