"""Random forests, trained on the spot."""

import numpy as np
import pytest

from xai_widgets.datasets.tabular import load_table
from xai_widgets.models.tabular_forest import tabular_forest

each_table = pytest.mark.parametrize("name", ["breast_cancer", "wine"])


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
