"""The planted tag: where it is, what it leaves alone, what it refuses."""

import numpy as np
import pytest

from xai_widgets.datasets.creatures import SceneError, draw, plant_tag, sample_scene


@pytest.fixture(scope="module")
def picture():
    return draw(sample_scene(0, noise=False)).picture


def test_nothing_changes_far_from_the_tag(picture):
    tagged = plant_tag(picture, 3)
    changed = (tagged.picture != picture).any(axis=2)
    rows, columns = np.nonzero(tagged.mask)
    near = np.zeros_like(changed)
    near[rows.min() - 1 : rows.max() + 2, columns.min() - 1 : columns.max() + 2] = True
    assert changed[tagged.mask].mean() > 0.9
    assert not changed[~near].any()


@pytest.mark.parametrize("size", [32, 96, 300])
def test_it_has_the_same_share_of_pictures_of_every_size(size):
    mask = plant_tag(draw(sample_scene(0), size).picture).mask
    assert 0.012 < mask.mean() < 0.02
    assert not mask[: size // 2].any()
    assert not mask[:, size // 2 :].any()


def test_seeds_repeat_and_move_it(picture):
    assert (plant_tag(picture, (1, 2)).picture == plant_tag(picture, (1, 2)).picture).all()
    assert len({plant_tag(picture, seed).mask.tobytes() for seed in range(8)}) > 2


def test_the_picture_given_is_left_as_it_is(picture):
    before = picture.copy()
    plant_tag(picture)
    assert (picture == before).all()


@pytest.mark.parametrize(
    "wrong", [np.zeros((96, 96), np.uint8), np.zeros((96, 96, 3)), np.zeros((96, 96, 4), np.uint8)]
)
def test_what_is_no_picture_is_refused(wrong):
    with pytest.raises(SceneError, match=r"\(H, W, 3\) of uint8"):
        plant_tag(wrong)
