"""Tables of measurements, and how they are split."""

import math

import numpy as np
import pytest

import xai_widgets as xai
from xai_widgets.datasets.tabular import load_table

TABLES = ("breast_cancer", "wine")
SHAPES = {"breast_cancer": (569, 30, 2), "wine": (178, 13, 3)}
each_table = pytest.mark.parametrize("name", TABLES)


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
