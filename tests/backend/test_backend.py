"""The same answers from TensorFlow, JAX and PyTorch."""

import keras
import numpy as np
import pytest

from xai_widgets import backend
from xai_widgets.backend.memory import available_memory

pytestmark = pytest.mark.backend

X = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, -1.0]], "float32")


def test_gradient_of_each_example():
    values, gradients = backend.compile(backend.value_and_gradient(lambda x: keras.ops.sum(x**3, axis=-1)))(X)
    np.testing.assert_allclose(values, (X**3).sum(axis=-1), rtol=1e-6)
    np.testing.assert_allclose(gradients, 3 * X**2, rtol=1e-6)


def test_only_the_first_argument_is_differentiated():
    function = backend.compile(backend.gradient(lambda x, rows: keras.ops.sum(x * x * rows, axis=-1)))
    rows = np.array([[1, 0, 0], [0, 0, 2]], "float32")
    np.testing.assert_allclose(function(X, rows), 2 * X * rows)


def test_rectifiers_have_gradient_0_at_0():
    gradient = backend.compile(backend.gradient(lambda x: keras.ops.sum(keras.ops.relu(x), axis=-1)))
    assert gradient(np.array([[-1.0, 0.0, 1.0]], "float32")).tolist() == [[0, 0, 1]]


def test_gradients_of_nested_inputs():
    function = backend.compile(backend.value_and_gradient(lambda x: keras.ops.sum(x["a"] * x["b"], axis=-1)))
    values, gradients = function({"a": X, "b": 2 * X})
    np.testing.assert_allclose(values, (2 * X**2).sum(axis=-1), rtol=1e-6)
    np.testing.assert_allclose(gradients["a"], 2 * X)
    np.testing.assert_allclose(gradients["b"], X)


def test_vector_jacobian_product():
    matrix = np.arange(6, dtype="float32").reshape(3, 2)
    product = backend.compile(backend.vjp(lambda x: keras.ops.matmul(x, matrix)))
    cotangent = np.array([[1.0, -1.0], [2.0, 0.5]], "float32")
    outputs, pulled = product(X, cotangent)
    np.testing.assert_allclose(outputs, X @ matrix, rtol=1e-6)
    np.testing.assert_allclose(pulled, cotangent @ matrix.T, rtol=1e-6)


@pytest.mark.parametrize(
    "cut",
    [
        lambda x: keras.ops.cast(keras.ops.argmax(x, axis=-1), "float32"),
        lambda x: keras.ops.sum(keras.ops.stop_gradient(x), axis=-1),
        lambda x: keras.ops.sum(keras.ops.cast(keras.ops.cast(x, "int32"), "float32"), axis=-1),
        lambda x: keras.ops.zeros_like(keras.ops.stop_gradient(x)[:, 0]),
        lambda x: keras.ops.sum(keras.ops.round(3 * x), axis=-1),
        lambda x: keras.ops.sum(keras.ops.floor(x) + keras.ops.ceil(x) + keras.ops.trunc(x), axis=-1),
        lambda x: keras.ops.sum(keras.ops.relu(keras.ops.sign(x)), axis=-1),
        lambda x: keras.ops.sum(keras.ops.floor_divide(x, 0.3), axis=-1),
    ],
    ids=["argmax", "stop_gradient", "integers", "constant", "round", "steps", "sign", "floor_divide"],
)
def test_a_cut_path_is_refused(cut):
    with pytest.raises(backend.NoGradientError, match="no gradient reaches the input"):
        backend.compile(backend.value_and_gradient(cut))(X)


def test_a_cut_path_is_refused_by_vjp():
    with pytest.raises(backend.NoGradientError):
        backend.compile(backend.vjp(keras.ops.stop_gradient))(X, X)


def test_a_gradient_that_is_zero_is_no_cut_path():
    dead = backend.compile(backend.gradient(lambda x: keras.ops.sum(keras.ops.relu(-keras.ops.abs(x) - 1), axis=-1)))
    assert not dead(X).any()
    times_zero = backend.compile(backend.gradient(lambda x: keras.ops.sum(0 * x + keras.ops.round(x), axis=-1)))
    assert not times_zero(X).any()


def test_a_path_beside_a_step_counts():
    gradient = backend.compile(backend.gradient(lambda x: keras.ops.sum(keras.ops.round(x) + 2 * x, axis=-1)))
    np.testing.assert_array_equal(gradient(X), np.full_like(X, 2))
    through = backend.compile(
        backend.gradient(lambda x: keras.ops.sum(x + keras.ops.stop_gradient(keras.ops.round(x) - x), axis=-1))
    )
    np.testing.assert_array_equal(through(X), np.ones_like(X))


def test_one_function_takes_batches_of_any_size():
    double = backend.compile(lambda x: 2 * x)
    for count in (1, 5, 3, 1):
        np.testing.assert_array_equal(double(np.ones((count, 2), "float32")), np.full((count, 2), 2.0))


def test_a_size_seen_before_is_not_traced_again():
    traced = []
    double = backend.compile(lambda x: (traced.append(x.shape), 2 * x)[1])
    for count in (1, 5, 1, 5):
        double(np.ones((count, 2), "float32"))
    # TensorFlow leaves the batch free, JAX compiles for each size, PyTorch runs the function itself.
    assert len(traced) == {"tensorflow": 1, "jax": 2, "torch": 4}[backend.name()]


def test_weights_are_read_at_each_call():
    layer = keras.layers.Dense(1, use_bias=False)
    layer.build((None, 3))
    run = backend.compile(layer, layer.variables)
    for value in (1.0, -2.0):
        layer.set_weights([np.full((3, 1), value)])
        np.testing.assert_allclose(run(X), value * X.sum(axis=-1, keepdims=True), rtol=1e-6)


def test_to_numpy_keeps_the_structure():
    brought = backend.to_numpy({"a": [keras.ops.ones(2)], "b": (keras.ops.zeros((1, 1)),)})
    assert isinstance(brought["a"][0], np.ndarray)
    assert brought["b"][0].shape == (1, 1)


def test_device_and_memory():
    assert backend.name() == keras.config.backend()
    assert backend.device().kind in {"cpu", "gpu", "tpu"}
    assert backend.device().name
    assert backend.free_memory() > 0


@pytest.mark.parametrize("limit", ["1000", "max", "", None])
def test_a_container_may_have_less_memory_than_its_machine(tmp_path, limit):
    files = tmp_path / "limit", tmp_path / "usage"
    if limit is not None:
        files[0].write_text(f"{limit}\n", "ascii")
    files[1].write_text("400\n", "ascii")
    found = available_memory(((str(files[0]), str(files[1])),))
    assert found == 600 if limit == "1000" else found > 600


def test_memory_is_never_negative(tmp_path):
    for name, text in (("limit", "100"), ("usage", "400")):
        (tmp_path / name).write_text(text, "ascii")
    assert available_memory(((str(tmp_path / "limit"), str(tmp_path / "usage")),)) == 0


def test_a_backend_without_gradients_is_refused(monkeypatch):
    backend._implementation.cache_clear()
    monkeypatch.setattr(backend, "name", lambda: "numpy")
    try:
        with pytest.raises(RuntimeError, match="'numpy', which has no gradients; set KERAS_BACKEND"):
            backend.device()
    finally:
        backend._implementation.cache_clear()


def test_a_pullback_takes_each_tensor_for_itself():
    def run(x, seed):
        y = 2 * x
        total, pull = backend.pullback(lambda a, b, _unused: a * b + a)(x, y, x)
        return total, pull(seed), pull(2 * seed)

    x, seed = np.array([1.0, 3.0], "float32"), np.array([1.0, 10.0], "float32")
    total, once, twice = backend.compile(run)(x, seed)
    np.testing.assert_allclose(total, 2 * x**2 + x)
    for found, factor in ((once, 1), (twice, 2)):
        for part, expected in zip(found, ((2 * x + 1) * seed, x * seed, 0 * x), strict=True):
            np.testing.assert_allclose(part, factor * expected)


def test_a_pullback_of_several_outputs_and_of_none_that_depends():
    def run(x):
        (left, right), pull = backend.pullback(lambda t: [3 * t, t])(x)
        fixed, none = backend.pullback(keras.ops.ones_like)(x)
        return pull([left, right])[0], none(fixed)[0]

    both, nothing = backend.compile(run)(np.array([2.0], "float32"))
    assert (both.tolist(), nothing.tolist()) == ([20.0], [0.0])
