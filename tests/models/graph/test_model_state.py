"""Is a model still what it was? Every weight counts, and how the layers are set."""

import keras
import numpy as np
import pytest

from xai_widgets.models.graph.model_state import ModelState, weights_digest

LARGE = 600  # 600 x 600 weights: what is digested in its folded form


def dense(units=LARGE, **options):
    model = keras.Sequential([keras.Input((LARGE,)), keras.layers.Dense(units, **options)])
    generator = np.random.default_rng(0)
    for variable in model.weights:
        variable.assign(generator.standard_normal(variable.shape))
    return model


def kernel(model):
    return keras.ops.convert_to_numpy(model.layers[0].kernel).copy()


def changed_by(model, edit):
    before = ModelState(model)
    values = kernel(model)
    model.layers[0].kernel.assign(edit(values))
    return not ModelState(model).is_same(before)


def one_weight(values):
    values[299, 17] = np.nextafter(values[299, 17], np.float32(9))
    return values


@pytest.mark.parametrize("units", [2, LARGE])
@pytest.mark.parametrize(
    "edit", [one_weight, np.flipud, np.fliplr, np.negative, lambda values: np.roll(values, 1, axis=0)]
)
def test_no_change_of_weights_goes_unseen(units, edit):
    if units == 2 and edit is one_weight:
        assert changed_by(dense(2), lambda values: values + np.float32(1e-3) * np.eye(LARGE, 2, dtype="float32"))
    else:
        assert changed_by(dense(units), edit)


def test_rows_of_any_length_that_change_places_are_seen():
    for units in (1024, 2048):  # 4096 and 8192 bytes a row
        assert changed_by(dense(units), lambda values: values[np.random.default_rng(1).permutation(LARGE)])


def test_the_same_weights_have_the_same_digest_wherever_they_lie():
    one, other = dense(), dense()
    assert weights_digest(one) == weights_digest(other)
    assert not changed_by(one, lambda values: values)


def test_the_statistics_of_a_normalisation_count():
    model = keras.Sequential([keras.Input((4,)), keras.layers.BatchNormalization()])
    before = ModelState(model)
    model(np.ones((2, 4), "float32"), training=True)
    assert not ModelState(model).is_same(before)


def test_weights_of_half_precision_count():
    for dtype in ("bfloat16", "float16"):
        assert changed_by(dense(2, dtype=keras.DTypePolicy(dtype)), np.negative)


def test_a_layer_that_is_set_otherwise_is_another_model():
    model = dense(2)
    before = ModelState(model)
    model.layers[0].activation = keras.activations.relu
    assert not ModelState(model).is_same(before)


def test_a_model_without_weights_is_the_same():
    model = keras.Sequential([keras.Input((4,)), keras.layers.ReLU()])
    assert ModelState(model).is_same(ModelState(model))
