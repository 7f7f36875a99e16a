"""Models of tokens whose embedding masks: what cannot explain them says what can, and that does."""

import re

import keras
import numpy as np
import pytest

from xai_widgets import Classifier, explain
from xai_widgets.methods.attribution.backpropagation.rules.engine import UnsupportedLayerError
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import Epsilon

layers = keras.layers
pytestmark = pytest.mark.backend
REFUSED = ["saliency", "integrated_gradients", "deep_lift", "lrp", "guided_backprop", "gradient_times_input"]
HEADS = {
    "lstm": lambda: [layers.LSTM(4)],
    "mean": lambda: [layers.GlobalAveragePooling1D()],
    "bidirectional": lambda: [layers.Bidirectional(layers.GRU(3))],
}


@pytest.fixture(scope="module", params=HEADS)
def case(request):
    """Return a classifier of tokens, and two sentences of which one is padded."""
    keras.utils.set_random_seed(3)
    head = HEADS[request.param]()
    embedding = layers.Embedding(20, 5, mask_zero=True, name="words")
    model = keras.Sequential([keras.Input((6,), dtype="int32"), embedding, *head, layers.Dense(2, "softmax")])
    sentences = np.array([[3, 7, 1, 9, 4, 2], [5, 8, 6, 0, 0, 0]])
    return request.param, Classifier(model, ["no", "yes"]), sentences


@pytest.mark.parametrize("name", REFUSED)
def test_the_refusal_names_methods_that_work(case, name):
    _, classifier, sentences = case
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (what it says is followed below)
        explain(classifier, sentences, name)
    advised = re.findall("occlusion|kernel_shap", str(caught.value))
    assert set(advised) == {"occlusion", "kernel_shap"}
    assert "integrated_gradients" not in str(caught.value)
    for other in advised:
        found = explain(classifier, sentences, other, baseline=1)
        assert np.isfinite(found.values).all()
        assert np.abs(found.values).max() > 0


def test_a_rule_for_the_embedding_is_refused(case):
    _, classifier, sentences = case
    with pytest.raises(UnsupportedLayerError, match=r"'words'.*occlusion and kernel_shap"):
        explain(classifier, sentences, "lrp", rule={"words": Epsilon(), "not_equal": Epsilon()})


@pytest.mark.parametrize("name", ["kernel_shap", "shapley_sampling"])
def test_scores_that_are_not_finite_without_any_token_are_refused(case, name):
    head, classifier, sentences = case
    if head != "mean":  # the mean over no token is 0 / 0; a recurrent layer keeps its first state
        assert np.isfinite(explain(classifier, sentences, name).values).all()
        return
    with pytest.raises(ValueError, match=r"give another baseline.*baseline=1"):
        explain(classifier, sentences, name)
    found = explain(classifier, sentences, name, baseline=1)
    whole = classifier.logits(sentences)
    hidden = classifier.logits(np.ones_like(sentences))
    rows = np.arange(2), whole.argmax(axis=1)
    np.testing.assert_allclose(found.values.sum(axis=1), whole[rows] - hidden[rows], atol=1e-5)
