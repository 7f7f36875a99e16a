"""Pictures without a network."""

import numpy as np
import pytest

from xai_widgets import i18n
from xai_widgets.models.pictures import PictureError
from xai_widgets.models.samples import digits_split, list_images, sample_image

FIRST_TEST_CLASSES = [2, 0, 4, 9, 4, 1, 2, 4, 6, 7, 9, 1, 8, 0, 9, 8, 2, 9, 7, 7]


@pytest.mark.parametrize("sample", list_images(), ids=lambda sample: sample.name)
def test_every_listed_picture_is_there(sample, offline):
    picture = sample_image(sample.name)
    assert picture.dtype == np.uint8
    assert picture.shape == (*sample.size[::-1], 3)
    assert np.ptp(picture) > 100


@pytest.mark.parametrize("name", ["CAT", "chelsea", "Grace Hopper", "digit 3", "Digit_3"])
def test_spelling_is_forgiven(name):
    assert sample_image(name).ndim == 3


@pytest.mark.parametrize(
    ("name", "hint"), [("cofee", "did you mean coffee"), ("digit-10", "did you mean digit-1"), ("xyz", "choose one of")]
)
def test_an_unknown_name_is_refused_with_the_nearest(name, hint):
    with pytest.raises(PictureError, match=hint):
        sample_image(name)


def test_the_caller_may_write_into_it():
    sample_image("digit-1")[:] = 0
    assert sample_image("digit-1").any()
    digits_split("test")[0][:] = 0
    assert digits_split("test")[0].any()


def test_digits_are_split_without_overlap_and_keep_their_proportions():
    parts = {part: digits_split(part) for part in ("train", "test")}
    assert {part: len(inputs) for part, (inputs, _) in parts.items()} == {"train": 1347, "test": 450}
    for inputs, classes in parts.values():
        assert inputs.dtype == np.float32
        assert inputs.min() == 0
        assert inputs.max() == 1
        assert set(np.unique(inputs * 16)) == set(range(17))
        shares = np.bincount(classes) / len(classes)
        assert np.abs(shares - 0.1).max() < 0.01
    from sklearn.datasets import load_digits

    both = np.concatenate([parts["train"][0], parts["test"][0]]).reshape(-1, 64) * 16
    assert sorted(map(tuple, both)) == sorted(map(tuple, load_digits().data))


def test_the_split_never_changes():
    # The shipped weights have seen the one part and not the other.
    assert digits_split("test")[1][:20].tolist() == FIRST_TEST_CLASSES


def test_another_part_is_refused():
    with pytest.raises(ValueError, match="'train' or 'test', not 'validation'"):
        digits_split("validation")


def test_digits_are_white_on_black_and_of_their_class():
    inputs, classes = digits_split("test")
    for digit in range(10):
        picture = sample_image(f"digit-{digit}")
        first = inputs[classes == digit][0, ..., 0]
        assert np.array_equal(picture[..., 0], np.rint(first * 255))
        assert picture[:, [0, -1]].mean() < picture[:, 2:-2].mean()


def test_the_table_shows_itself_in_both_languages():
    table = list_images()
    assert table["cat"].library == "scikit-image"
    assert "cat " in repr(table)
    assert "<th" in table._repr_html_()
    i18n.set_language("fr")
    assert repr(table).split()[0] == "nom"
    with pytest.raises(KeyError, match="coffee"):
        table["cofee"]
    assert [row.name for row in table[:2]] == table.names[:2]
