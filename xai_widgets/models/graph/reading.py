"""Reading a Keras model: layers by path, and what goes into the last activation of one that only runs."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.common.name_matching import suggestion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_PASS_THROUGH = {"ActivityRegularization", "Dropout", "Identity"}


def layers_by_path(model: keras.Model) -> dict[str, Any]:
    """Return every layer of a model and of the models nested in it, by path.

    Examples
    --------
    >>> import keras
    >>> inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="hidden")], name="backbone")
    >>> outer = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(2, name="head")])
    >>> list(layers_by_path(outer))
    ['backbone', 'backbone/hidden', 'head']
    """
    return dict(_walk(model, ""))


def _walk(model: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for layer in getattr(model, "layers", []):
        if isinstance(layer, keras.layers.InputLayer):
            continue
        yield prefix + layer.name, layer
        yield from _walk(layer, f"{prefix}{layer.name}/")


def find_layer(model: keras.Model, path: str) -> Any:
    """Return the layer at a path such as ``"backbone/conv5_block3_out"``.

    A bare name is enough where only one layer of the whole model has it.

    Raises
    ------
    ValueError
        If there is none (the nearest paths are named) or several.

    Examples
    --------
    >>> import keras
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="hidden")])
    >>> find_layer(model, "hiden")
    Traceback (most recent call last):
    ...
    ValueError: unknown layer 'hiden'; did you mean hidden?
    """
    known = layers_by_path(model)
    return known[resolve_path(path, known)]


def resolve_path(path: str, known: Collection[str]) -> str:
    """Return the one of the `known` paths that is meant: itself, or the only one that ends in a bare name.

    Examples
    --------
    >>> resolve_path("conv", ["backbone/conv", "head"])
    'backbone/conv'
    """
    if path in known:
        return path
    matches = [full for full in known if full.rsplit("/", 1)[-1] == path]
    if len(matches) == 1:
        return matches[0]
    if matches:
        msg = f"several layers are called {path!r}; give the whole path, one of {', '.join(map(repr, matches))}"
        raise ValueError(msg)
    msg = f"unknown layer {path!r}; {suggestion(path, known)}"
    raise ValueError(msg)


def calls_as_keras(model: Any) -> bool:
    """Tell whether a model's ``call`` is Keras's own: otherwise its graph, if it has one, is not what it computes.

    Examples
    --------
    >>> import keras
    >>> class Doubled(keras.Model):
    ...     def call(self, x):
    ...         return 2 * super().call(x)
    >>> start = keras.Input((4,))
    >>> end = keras.layers.Dense(2)(start)
    >>> calls_as_keras(keras.Model(start, end)), calls_as_keras(Doubled(start, end))
    (True, False)
    """
    if not _is_of_keras(model, "call"):
        return False
    return _is_of_keras(model, "__call__") or _answers_as_its_graph(model)


_ANSWERS: weakref.WeakKeyDictionary[Any, bool] = weakref.WeakKeyDictionary()


def _answers_as_its_graph(model: Any) -> bool:
    """Tell, by trying once, whether a model with a ``__call__`` of its own still gives what its graph gives."""
    if model not in _ANSWERS:
        rng = np.random.default_rng(0)
        try:
            graph = keras.Model(model.inputs, model.outputs)
            x = [rng.random((2, *(size or 32 for size in one.shape[1:]))).astype("float32") for one in model.inputs]
            given = keras.tree.pack_sequence_as(model._inputs_struct, x)  # noqa: SLF001  (no public way)
            own, other = (keras.tree.flatten(one(given, training=False)) for one in (model, graph))
            _ANSWERS[model] = all(
                np.allclose(keras.ops.convert_to_numpy(one), keras.ops.convert_to_numpy(two), atol=1e-4)
                for one, two in zip(own, other, strict=True)
            )
        except (AttributeError, TypeError, ValueError):  # it has no graph, or takes something else
            _ANSWERS[model] = False
    return _ANSWERS[model]


def _is_of_keras(model: Any, method: str) -> bool:
    """Tell whether a method of the model is as Keras wrote it."""
    owner = next(kind for kind in type(model).__mro__ if method in vars(kind))
    return method not in vars(model) and owner.__module__.partition(".")[0] == "keras"


def passes_through(operation: Any) -> bool:
    """Tell whether an operation leaves values as they are at inference."""
    linear_activation = type(operation).__name__ == "Activation" and operation.activation is keras.activations.linear
    return linear_activation or type(operation).__name__ in _PASS_THROUGH


class WithoutActivation(keras.layers.Layer):
    """Runs a layer as it is, weights shared, but for its activation."""

    def __init__(self, layer: Any) -> None:
        policy = layer.dtype_policy  # that of a quantised layer would make another one of this
        dtype = policy if policy.quantization_mode is None else policy.compute_dtype
        super().__init__(name=f"{layer.name}_logits", dtype=dtype)
        twin = object.__new__(type(layer))  # copy.copy would save and load the layer: its weights would be others
        twin.__dict__.update(layer.__dict__, activation=keras.activations.linear)
        self.layer = twin

    def build(self, shape: Any) -> None:
        """Nothing to build: the variables exist."""
        del shape

    def call(self, x: Any) -> Any:
        """Run the layer's own computation, the one for integer weights where it was quantised."""
        quantized = getattr(self.layer, "quantization_mode", None)
        return self.layer.quantized_call(x) if quantized else self.layer.call(x)


def activation_input(model: keras.Model, probe: Any) -> ActivationInput | None:
    """Return what reads the input of the activation that makes a subclassed model's outputs, if it ends in one."""
    layers = [layer for layer in layers_by_path(model).values() if callable(getattr(layer, "activation", None))]
    plain = (None, keras.activations.linear, keras.activations.relu)
    readers = (
        ActivationInput(weakref.ref(model), layer) for layer in reversed(layers) if layer.activation not in plain
    )
    return next((one for one in readers if one.makes_the_outputs(probe)), None)


def ends_in_plain_layer(model: keras.Model, probe: Any) -> bool:
    """Tell whether a dense or convolutional layer without activation makes a subclassed model's outputs."""
    linear = keras.activations.linear
    found = layers_by_path(model).values()
    layers = [one for one in found if hasattr(one, "kernel") and getattr(one, "activation", None) is linear]
    made: list[Any] = []

    def report(values: Any) -> Any:
        made.append(values)
        return values

    report.stands_for = linear  # type: ignore[attr-defined]  # for whoever looks at the layers meanwhile
    with ActivationInput.lock:
        try:
            for layer in layers:
                layer.activation = report
            outputs = model(probe, training=False)
        finally:
            for layer in layers:
                layer.activation = linear
    return any(_same_values(one, outputs) for one in made)


def _same_values(made: Any, given: Any) -> bool:
    """Tell whether two tensors hold the same values, whatever their shapes."""
    one, other = _floats(made), _floats(given)
    if one is None or other is None or one.size != other.size or len(one) != len(other):
        return False
    return bool(np.allclose(one.reshape(other.shape), other, atol=1e-6))


def _floats(tensor: Any) -> Any:
    """Return the values of a tensor; None where it has none, such as one within a ``tf.function``."""
    if not keras.ops.is_tensor(tensor):
        return None
    try:
        return keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32"))
    except (NotImplementedError, TypeError, ValueError):
        return None


def alive(model: weakref.ref[Any]) -> Any:
    """Return a model that is held weakly; whoever asks for its answers holds it."""
    found = model()
    if found is None:
        msg = "the model is gone: keep it for as long as functions made of it are called"
        raise ReferenceError(msg)
    return found


class ActivationInput:
    """Runs a subclassed model and gives what went into one layer's activation."""

    lock = threading.RLock()  # the layer's activation is replaced for the time of one run

    def __init__(self, model: weakref.ref[Any], layer: Any) -> None:
        self.model, self.layer = model, layer
        self.name = f"{layer.name}_logits"

    def __call__(self, x: Any) -> Any:
        """Return the input of the activation, shaped like the outputs."""
        outputs, received = self._run(x)
        return keras.ops.reshape(received[-1], keras.ops.shape(outputs))

    def makes_the_outputs(self, probe: Any) -> bool:
        """Tell whether the model gives what the layer's last activation made, whatever its shape."""
        outputs, received = self._run(probe)
        if not received or _floats(received[-1]) is None:
            return False
        return _same_values(self.layer.activation(received[-1]), outputs)

    def _run(self, x: Any) -> tuple[Any, list[Any]]:
        """Return the model's outputs and all that went into the layer's activation."""
        received: list[Any] = []
        activation = self.layer.activation

        def report(logits: Any) -> Any:
            received.append(logits)
            return activation(logits)

        report.stands_for = activation  # type: ignore[attr-defined]  # for whoever looks at the layer meanwhile
        with self.lock:
            self.layer.activation = report
            try:
                outputs = alive(self.model)(x, training=False)
            finally:
                self.layer.activation = activation
        return outputs, received
