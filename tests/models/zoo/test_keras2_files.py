"""Files of Keras 2 are read where they mean the same, and refused with the way to go where they do not.

``keras2/`` holds real ones: ``keras2/make.py`` wrote them.
"""

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets.assets.cards import ModelError
from xai_widgets.models.zoo.keras_files import read_model

FILES = Path(__file__).parent / "keras2"


@pytest.mark.parametrize("name", ["convolutions", "recurrent"])
def test_an_h5_file_of_keras_2_answers_what_it_answered_there(name):
    known = np.load(FILES / f"{name}.npz")
    before = (FILES / f"{name}.h5").read_bytes()
    model = read_model(FILES / f"{name}.h5")
    np.testing.assert_allclose(model.predict(known["x"], verbose=0), known["y"], atol=1e-6)
    assert (FILES / f"{name}.h5").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("convolutions.keras", r"written by Keras 2.*tf_keras\.models\.load_model\('convolutions.keras'\)\.save"),
        ("hard_sigmoid.h5", r"'hard_sigmoid'.*clip\(0.2 x \+ 0.5"),
        ("own_operations.h5", "uses TFOpLambda, which Keras 2 had"),
    ],
)
def test_what_would_answer_something_else_is_refused(name, words):
    with pytest.raises(ModelError, match=words):
        read_model(FILES / name)


def test_the_advice_for_hard_sigmoid_works():
    known = np.load(FILES / "hard_sigmoid.npz")
    own = keras.Sequential([keras.Input((4,)), layers.Dense(3, lambda x: keras.ops.clip(0.2 * x + 0.5, 0, 1))])
    own.load_weights(FILES / "hard_sigmoid.h5")
    np.testing.assert_allclose(own.predict(known["x"], verbose=0), known["y"], atol=1e-6)


def test_the_advice_to_convert_works(tmp_path):
    """Where Keras 2 is installed: what it reads and saves as .h5 is read here."""
    tf_keras = pytest.importorskip("tf_keras")
    tf_keras.models.load_model(FILES / "convolutions.keras").save(tmp_path / "model.h5")
    assert read_model(tmp_path / "model.h5").output_shape == (None, 3)


def test_hard_sigmoid_of_keras_3_is_read(tmp_path):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, "hard_sigmoid")])
    model.save(tmp_path / "own.h5")
    x = np.eye(4, dtype="float32")
    found = read_model(tmp_path / "own.h5").predict(x, verbose=0)
    np.testing.assert_allclose(found, model.predict(x, verbose=0), atol=1e-6)


@pytest.mark.parametrize("groups", [1, 2])
def test_an_option_that_is_not_idle_is_not_dropped(tmp_path, groups):
    path = tmp_path / "net.h5"
    keras.Sequential([keras.Input((6, 6, 4)), layers.DepthwiseConv2D(3)]).save(path)
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = file.attrs["model_config"].replace(
            '"dilation_rate"', f'"groups": {groups}, "dilation_rate"'
        )
    if groups == 1:
        assert read_model(path).output_shape == (None, 4, 4, 4)
    else:
        with pytest.raises(ModelError, match=r"another version of Keras.*groups"):
            read_model(path)


@pytest.mark.parametrize(("metadata", "words"), [(True, "tf_keras"), (False, "not saved by Keras and has no layers")])
def test_a_saved_model(tmp_path, metadata, words):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"x")
    if metadata:
        (tmp_path / "saved" / "keras_metadata.pb").write_bytes(b"x")
    with pytest.raises(ModelError, match=words):
        read_model(tmp_path / "saved")
