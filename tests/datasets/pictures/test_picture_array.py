"""A picture that was read is drawn by a notebook, and is a NumPy array in everything else."""

import copy
import io
import pickle

import numpy as np
import pytest
from PIL import Image

from xai_widgets import compose, load_image, sample_image
from xai_widgets.datasets.pictures.picture_array import PictureArray, as_picture


def drawn(picture):
    """Return the pixels that a notebook shows."""
    content, _ = picture._repr_png_()
    return np.asarray(Image.open(io.BytesIO(content)))


def test_what_is_read_or_composed_is_drawn(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (150, 200, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "one.png")
    np.testing.assert_array_equal(drawn(load_image(tmp_path / "one.png")), pixels)
    np.testing.assert_array_equal(drawn(load_image(pixels, max_side=100)).shape, (256 // 100 * 75, 200, 3))
    np.testing.assert_array_equal(drawn(compose(pixels, pixels)), np.concatenate([pixels, pixels], axis=1))
    assert drawn(sample_image("cat")).shape == (300, 451, 3)


@pytest.mark.parametrize(("sides", "shown"), [((300, 451), (300, 451)), ((8, 8), (256, 256)), ((128, 10), (256, 20))])
def test_few_pixels_are_enlarged_and_stay_sharp(sides, shown):
    pixels = np.random.default_rng(0).integers(0, 256, (*sides, 3), np.uint8)
    found = drawn(as_picture(pixels))
    assert found.shape == (*shown, 3)
    step = shown[0] // sides[0]
    assert (found[::step, ::step] == pixels).all()
    assert (found[step - 1 :: step, step - 1 :: step] == pixels).all()


@pytest.mark.parametrize(
    ("sides", "shown"), [((640, 400), (640, 400)), ((641, 1282), (320, 640)), ((129, 1), (129, 1))]
)
def test_many_pixels_are_reduced(sides, shown):
    assert drawn(as_picture(np.zeros((*sides, 3), "uint8"))).shape == (*shown, 3)


def test_its_text_says_how_large_it_is():
    assert sample_image("cat")._repr_png_()[1] == {"alt": "a picture of 451\u00a0×\u00a0300 pixels"}


def test_a_part_of_a_picture_is_drawn_and_what_is_computed_is_not():
    cat = sample_image("cat")
    assert drawn(cat[:200, :300]).shape == (200, 300, 3)
    assert drawn(cat[:, ::-1]).shape == cat.shape
    computed = [
        cat / 255,
        cat + 1,
        255 - cat,
        cat > 100,
        np.clip(cat, 0, 9),
        cat @ np.eye(3),
        np.sqrt(cat),
        cat.sum(-1),
    ]
    computed += [
        np.asarray(cat),
        cat.mean(axis=(0, 1)),
        np.stack([cat, cat]),
        np.where(cat > 9, cat, 0),
        cat.max(axis=0),
    ]
    assert {type(one) for one in computed} == {np.ndarray}
    for one in (cat[..., 0], cat[0], cat[0, 0], cat.astype("float32"), cat.astype("int8"), cat[:0], cat[None], cat.T):
        assert one._repr_png_() is None


def test_the_values_are_those_of_a_plain_array():
    cat = sample_image("cat")
    plain = np.array(cat)
    assert type(plain) is np.ndarray
    np.testing.assert_array_equal(cat * np.uint8(3), plain * np.uint8(3))
    np.testing.assert_array_equal(np.add.reduce(cat, axis=0, dtype=int), np.add.reduce(plain, axis=0, dtype=int))
    assert cat.mean() == plain.mean()
    assert np.isscalar(cat.max())
    assert np.isscalar(cat[0, 0, 0])
    assert repr(cat) == repr(plain)
    assert [one.tolist() for one in np.divmod(cat[0, 0], 7)] == [one.tolist() for one in np.divmod(plain[0, 0], 7)]
    assert not (cat != plain).any()


def test_what_is_written_in_place_stays_the_picture():
    picture = load_image(np.full((2, 2, 3), 100, np.uint8))
    same = picture
    picture //= 2
    assert picture is same
    assert picture._repr_png_() is not None
    np.add(picture, 1, out=picture, where=picture > 9)
    assert same.tolist() == np.full((2, 2, 3), 51).tolist()


@pytest.mark.parametrize("again", [lambda p: pickle.loads(pickle.dumps(p)), lambda p: pickle.loads(pickle.dumps(p, 2))])  # noqa: S301
def test_a_pickle_holds_a_plain_array(again):
    cat = sample_image("cat")
    assert b"PictureArray" not in pickle.dumps(cat)
    assert type(again(cat)) is np.ndarray
    assert (again(cat) == cat).all()
    assert (copy.deepcopy(cat) == cat).all()


def test_keras_and_files_take_it(tmp_path):
    import keras

    cat = sample_image("cat")
    assert keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(cat)).tolist() == np.asarray(cat).tolist()
    net = keras.Sequential([keras.Input((300, 451, 3)), keras.layers.GlobalAveragePooling2D()])
    np.testing.assert_allclose(net.predict(cat[None], verbose=0)[0], np.asarray(cat).mean((0, 1)), rtol=1e-5)
    np.save(tmp_path / "cat.npy", cat)
    assert (np.load(tmp_path / "cat.npy") == cat).all()
    assert Image.fromarray(cat).size == (451, 300)
    assert isinstance(load_image(cat), PictureArray)
