"""What is explained or attacked."""

import numpy as np
import pytest

from xai_widgets.models.outputs.targets import class_index, class_indices

LABELS = ["tabby cat", "great white shark", "hen"]
PREDICTED = np.array([2, 0, 1, 2])


@pytest.mark.parametrize(
    ("target", "index"),
    [("hen", 2), ("Great White-Shark", 1), ("tabby_cat", 0), (0, 0), (-1, 2), (np.int64(1), 1), (np.uint8(2), 2)],
)
def test_one_class(target, index):
    assert class_index(target, LABELS) == index


def test_an_exact_name_goes_before_one_spelt_alike():
    assert class_index("A", ["a", "A"]) == 1


@pytest.mark.parametrize(
    ("target", "error", "words"),
    [
        ("tabby cats", ValueError, "unknown class 'tabby cats'; did you mean tabby cat"),
        ("zzz", ValueError, "choose one of: tabby cat, great white shark, hen"),
        (3, ValueError, "class index 3 is out of range: the model has 3 classes, 0 to 2"),
        (-4, ValueError, "out of range"),
        (1.0, TypeError, "a class name, a class index, or a callable"),
        (True, TypeError, "not True"),
        (np.bool_(1), TypeError, "a class name"),
        (None, TypeError, "not None"),
    ],
)
def test_no_class(target, error, words):
    with pytest.raises(error, match=words):
        class_index(target, LABELS)


def test_one_for_all_one_each_or_the_predicted_ones():
    assert class_indices("hen", LABELS, PREDICTED).tolist() == [2, 2, 2, 2]
    assert class_indices(np.int32(1), LABELS, PREDICTED).tolist() == [1, 1, 1, 1]
    assert class_indices(["hen", 0, "hen", -2], LABELS, PREDICTED).tolist() == [2, 0, 2, 1]
    assert class_indices(np.array([0, 1, 2, 0]), LABELS, PREDICTED).tolist() == [0, 1, 2, 0]
    assert class_indices(None, LABELS, PREDICTED).tolist() == PREDICTED.tolist()


@pytest.mark.parametrize(
    ("target", "error", "words"),
    [
        ([0, 1], ValueError, "2 targets were given for 4 images; give one for all, or one per image"),
        ([], ValueError, "0 targets were given"),
        ([0, 1, 2, "hens"], ValueError, "unknown class 'hens'"),
        ([0, 1, 2, 3], ValueError, "out of range"),
        (len, TypeError, "not a callable"),
        (1.5, TypeError, "a class name, a class index"),
        (np.array(1.5), TypeError, "a class name, a class index"),
        ([0.0] * 4, TypeError, "not 0.0"),
    ],
)
def test_targets_that_are_refused(target, error, words):
    with pytest.raises(error, match=words):
        class_indices(target, LABELS, PREDICTED)
