"""The shipped networks that read rows of a table: their cards, their answers and their gradients."""

import hashlib
import tomllib
from pathlib import Path

import keras
import numpy as np
import pytest

import xai_widgets as xai
from xai_widgets.assets.cards import ModelError
from xai_widgets.datasets.tabular import load_table
from xai_widgets.models.tabular_forest import tabular_forest

ROOT = Path(__file__).parents[3]
ASSETS = ROOT / "xai_widgets" / "assets"
each_table = pytest.mark.parametrize("name", ["breast_cancer", "wine"])


def card_of(name):
    return tomllib.loads((ASSETS / name / "card.toml").read_text(encoding="utf-8"))


@each_table
def test_the_card_tells_the_truth(name):
    card, data, net = card_of(name), load_table(name), xai.load_model(name)
    features, classes = data.test
    right = net.predict(features).classes == classes
    assert card["tested_on"] == len(classes)
    assert card["accuracy"] == round(float(right.mean()), 4)
    assert card["accuracy_per_class"] == [round(float(right[classes == k].mean()), 4) for k in range(len(data.labels))]
    assert card["accuracy_of_the_forest"] == round(float(tabular_forest(data).score(*data.test)), 4)
    assert card["accuracy"] > 0.94
    assert card["accuracy_cross_validated"] > 0.97
    assert card["sha256"] == hashlib.sha256((ASSETS / name / card["file"]).read_bytes()).hexdigest()
    assert net.labels == tuple(card["labels"]) == data.labels
    assert net.input_shape == tuple(card["input_shape"]) == (len(data.feature_names),)


@each_table
def test_the_readme_has_the_figures_of_the_card(name, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from data.cards import with_figures

    readme = (ROOT / "data" / name / "README.md").read_text(encoding="utf-8")
    assert with_figures(readme, (ASSETS / name / "card.toml").read_text(encoding="utf-8")) == readme
    trained = sum(int(np.prod(one.shape)) for one in xai.load_model(name).model.trainable_variables)
    assert f"{trained:,} parameters" in readme


@each_table
def test_the_net_standardises_by_the_rows_it_was_trained_on(name):
    data, net = load_table(name), xai.load_model(name)
    first = net.model.layers[0]
    seen = keras.ops.convert_to_numpy(first(data.train.features))
    assert np.abs(seen.mean(axis=0)).max() < 1e-3
    assert np.abs(seen.std(axis=0) - 1).max() < 1e-3
    assert [type(layer).__name__ for layer in net.model.layers] == ["Normalization", "Dense", "Dense", "Dense"]
    assert [layer.activation.__name__ for layer in net.model.layers[1:]] == ["relu", "relu", "softmax"]


def by_hand(net, features):
    """Compute the logits of a net of a table in float64, from its weights alone."""
    standardise, *dense = net.model.layers
    mean, variance = (
        keras.ops.convert_to_numpy(one).astype("float64") for one in (standardise.mean, standardise.variance)
    )
    weights = [[one.astype("float64") for one in layer.get_weights()] for layer in dense]
    x = (features.astype("float64") - mean) / np.sqrt(variance)
    gradient = np.broadcast_to(np.diag(1 / np.sqrt(variance[0])), (len(x), x.shape[1], x.shape[1]))
    for kernel, bias in weights[:-1]:
        x = x @ kernel + bias
        gradient = (gradient @ kernel) * (x > 0)[:, np.newaxis]
        x = np.maximum(x, 0)
    kernel, bias = weights[-1]
    return x @ kernel + bias, gradient @ kernel


@pytest.mark.backend
@each_table
def test_logits_probabilities_and_gradients_on_rows(name):
    data, net = load_table(name), xai.load_model(name)
    rows = data.test.features[:7]
    logits, gradients = by_hand(net, rows)
    assert np.allclose(net.logits(rows), logits, atol=1e-3)
    answer = net.predict(rows)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert np.allclose(np.asarray(answer), powers / powers.sum(axis=1, keepdims=True), atol=1e-4)
    for k, label in enumerate(net.labels):
        found = xai.explain(net, rows, "saliency", target=label)
        assert found.values.shape == rows.shape
        assert np.allclose(found.values, gradients[..., k], rtol=1e-3, atol=1e-3 * np.abs(gradients).max())
        assert found.pictures is None


def test_one_row_is_a_batch_of_one():
    data, net = load_table("wine"), xai.load_model("wine")
    row = data.test.features[0]
    assert net.logits(row).shape == (1, 3)
    assert xai.explain(net, row, "saliency").values.shape == (1, 13)
    assert repr(net.predict(row)).startswith("Predictions(1 row, 3 classes)")
    assert repr(net.predict(data.test.features[:2])[:2]).startswith("Predictions(2 rows,")


def test_rows_that_are_refused():
    net = xai.load_model("wine")
    with pytest.raises(ValueError, match=r"expected rows of shape \(N, 13\) or \(13\), got \(2, 12\)$"):
        net.predict(np.zeros((2, 12)))
    with pytest.raises(ValueError, match="NaN"):
        net.predict(np.full((2, 13), np.nan))
    with pytest.raises(ValueError, match="not pictures; pass float arrays"):
        net.predict(xai.sample_image("cat"))


def test_an_explanation_of_rows_is_shown_as_text():
    found = xai.explain(xai.load_model("wine"), load_table("wine").test.features[:2], "saliency", target="Barolo")
    assert repr(found).startswith("Attribution(2x13: saliency")
    assert found._repr_png_() is None
    with pytest.raises(ValueError, match="not those of pictures"):
        found.heatmap()


def test_a_name_that_is_nearly_right_is_offered():
    with pytest.raises(ModelError, match="did you mean wine"):
        xai.load_model("wines")


def test_models_are_listed_with_what_they_read():
    table = xai.list_models()
    assert table["wine"].reads == "table"
    assert table["digits"].reads == table["vgg16"].reads == "picture"
    assert table["wine"].input == (13,)
    xai.set_language("fr")
    assert "une ligne de tableau" in repr(table)
    assert "0,00" in repr(table)
