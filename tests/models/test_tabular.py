"""Tables, the nets that read their rows, and forests trained on the spot."""

import hashlib
import math
import tomllib
from pathlib import Path

import keras
import numpy as np
import pytest

import xai_widgets as xai
from xai_widgets.models.tabular import load_table, tabular_forest
from xai_widgets.models.zoo import ModelError

ROOT = Path(__file__).parents[2]
TABLES = ("breast_cancer", "wine")
SHAPES = {"breast_cancer": (569, 30, 2), "wine": (178, 13, 3)}
each_table = pytest.mark.parametrize("name", TABLES)


def card_of(name):
    return tomllib.loads((ROOT / "data" / name / "card.toml").read_text(encoding="utf-8"))


# --------------------------------------------------------------------------------------------------------------- tables


@each_table
def test_it_is_the_table_of_scikit_learn(name):
    from sklearn import datasets

    raw, data = getattr(datasets, f"load_{name}")(), load_table(name)
    rows, features, classes = SHAPES[name]
    assert data.features.shape == (rows, features)
    assert np.allclose(data.features, raw.data)
    assert np.array_equal(data.classes, raw.target)
    assert len(data.labels) == classes
    assert [one.replace(" ", "_") for one in data.feature_names] == [one.replace(" ", "_") for one in raw.feature_names]
    assert data.features.dtype == np.float32


def test_the_wines_have_their_names():
    # 59 Barolo, 71 Grignolino, 48 Barbera: Forina and others (1986).
    data = load_table("wine")
    assert dict(zip(data.labels, np.bincount(data.classes).tolist(), strict=True)) == {
        "Barolo": 59,
        "Grignolino": 71,
        "Barbera": 48,
    }


@each_table
def test_the_split_covers_all_without_overlap_and_keeps_the_shares(name):
    data = load_table(name)
    assert sorted([*data.train_rows, *data.test_rows]) == list(range(len(data.features)))
    assert len(data.test_rows) == math.ceil(0.25 * len(data.features))
    share = np.bincount(data.classes) / len(data.classes)
    for _, classes in (data.train, data.test):
        assert np.abs(np.bincount(classes) / len(classes) - share).max() < 0.02
    features, classes = data.test
    assert np.array_equal(features, data.features[data.test_rows])
    assert np.array_equal(classes, data.classes[data.test_rows])


def test_the_split_never_changes():
    # The shipped weights have seen the one part and not the other.
    assert load_table("wine").test_rows[:12].tolist() == [0, 3, 6, 9, 19, 21, 23, 24, 36, 39, 44, 45]
    assert load_table("breast_cancer").test_rows[:12].tolist() == [9, 21, 24, 28, 31, 32, 34, 35, 38, 40, 42, 43]


def test_the_caller_may_write_into_it():
    load_table("wine").features[:] = 0
    assert load_table("wine").features.any()


def test_spelling_is_forgiven_and_an_unknown_table_refused():
    assert load_table("Breast cancer").name == "breast_cancer"
    with pytest.raises(ValueError, match="did you mean wine"):
        load_table("wines")
    with pytest.raises(ValueError, match="choose one of: breast_cancer, wine"):
        load_table("xyz")


@each_table
@pytest.mark.parametrize("language", ["en", "fr"])
def test_names_have_titles_in_both_languages(name, language):
    data = load_table(name)
    titles = data.feature_titles(language)
    assert len(set(titles)) == len(data.feature_names)
    assert len(data.label_titles(language)) == len(data.labels)
    xai.set_language(language)
    assert data.feature_titles() == titles
    if name == "breast_cancer":
        assert ("bénin" in data.label_titles()) == (language == "fr")


# ----------------------------------------------------------------------------------------------------------------- nets


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
    assert card["sha256"] == hashlib.sha256((ROOT / "data" / name / card["file"]).read_bytes()).hexdigest()
    assert net.labels == tuple(card["labels"]) == data.labels
    assert net.input_shape == tuple(card["input_shape"]) == (len(data.feature_names),)


@each_table
def test_the_readme_has_the_figures_of_the_card(name, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from data.cards import with_figures

    folder = ROOT / "data" / name
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert with_figures(readme, (folder / "card.toml").read_text(encoding="utf-8")) == readme
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
    slope = np.broadcast_to(np.diag(1 / np.sqrt(variance[0])), (len(x), x.shape[1], x.shape[1]))
    for kernel, bias in weights[:-1]:
        x = x @ kernel + bias
        slope = (slope @ kernel) * (x > 0)[:, np.newaxis]
        x = np.maximum(x, 0)
    kernel, bias = weights[-1]
    return x @ kernel + bias, slope @ kernel


@pytest.mark.backend
@each_table
def test_logits_probabilities_and_gradients_on_rows(name):
    data, net = load_table(name), xai.load_model(name)
    rows = data.test.features[:7]
    logits, slopes = by_hand(net, rows)
    assert np.allclose(net.logits(rows), logits, atol=1e-3)
    answer = net.predict(rows)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert np.allclose(np.asarray(answer), powers / powers.sum(axis=1, keepdims=True), atol=1e-4)
    for k, label in enumerate(net.labels):
        found = xai.explain(net, rows, "saliency", target=label)
        assert found.values.shape == rows.shape
        assert np.allclose(found.values, slopes[..., k], rtol=1e-3, atol=1e-3 * np.abs(slopes).max())
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


def test_a_table_has_no_map_from_pixels():
    from xai_widgets.models.shipped import shipped_cards

    with pytest.raises(ValueError, match="'wine' takes no pictures: it reads a table"):
        shipped_cards()["wine"].preprocess(np.zeros((1, 2, 2, 3), "float32"))
    with pytest.raises(ModelError, match="did you mean wine"):
        xai.load_model("wines")


# -------------------------------------------------------------------------------------------------------------- forests


@each_table
def test_a_forest_is_made_again_by_its_seed(name):
    data = load_table(name)
    first, again, other = (
        tabular_forest(name, trees=40, seed=seed).predict_proba(data.test.features) for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.allclose(first.sum(axis=1), 1)
    assert first.shape == (len(data.test.classes), len(data.labels))


def test_a_forest_has_not_seen_the_test_rows():
    data = load_table("breast_cancer")
    data.features[data.test_rows] = np.nan  # a forest accepts NaN in training, and would then choose otherwise
    data.classes[data.test_rows] = 0
    expected = tabular_forest("breast_cancer", trees=20).predict_proba(data.train.features)
    assert np.array_equal(tabular_forest(data, trees=20).predict_proba(data.train.features), expected)


def test_a_forest_of_no_trees_is_refused():
    with pytest.raises(ValueError, match="at least one tree, not 0"):
        tabular_forest("wine", trees=0)


def test_models_are_listed_with_what_they_read():
    table = xai.list_models()
    assert table["wine"].reads == "table"
    assert table["digits"].reads == table["vgg16"].reads == "picture"
    assert table["wine"].input == (13,)
    xai.set_language("fr")
    assert "une ligne de tableau" in repr(table)
    assert "0,00" in repr(table)
