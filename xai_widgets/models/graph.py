"""Reading the graph of a Keras model: layers by path, and the logits behind a final softmax or sigmoid."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.models.names import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_ACTIVATIONS = {"softmax": "softmax", "sigmoid": "sigmoid", "Softmax": "softmax", "Sigmoid": "sigmoid"}
_PASS_THROUGH = {"Identity", "Dropout"}


@dataclass(frozen=True)
class Head:
    """How a model ends.

    Attributes
    ----------
    kind : str
        ``"softmax"`` or ``"sigmoid"``: logits were found behind that activation; ``"linear"``: the outputs have none.
    logits : callable
        From an input tensor to the tensor before the final activation (the outputs themselves if linear).
    variables : list of keras.Variable
        What `logits` reads.
    """

    kind: str
    logits: Callable[[Any], Any]
    variables: list[Any]


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


def find_head(model: keras.Model, probe: Any) -> Head:
    """Find the logits of a model: what goes into its final softmax or sigmoid.

    Functional and Sequential models, nested ones too, are cut before the activation; a model with a ``call`` of its own
    runs as it is while its last activation reports what it received. The user's model, its weights and its outputs stay
    as they are. `probe` is a batch that fits the model: on it, the activation so found must make the outputs.
    """
    if _ends_in_graph(model):
        kind, cut = _cut_graph(model)  # shares the layers but does not hold the model, which may so be forgotten
        return Head(kind, lambda x: cut(x, training=False), list(cut.variables))
    tap, reference = _tap_of(model, probe), weakref.ref(model)
    if tap is None:
        return Head("linear", lambda x: _alive(reference)(x, training=False), list(model.variables))
    return Head(activation_name(tap.layer), tap, list(model.variables))


def _has_graph(model: Any) -> bool:
    """Tell whether Keras knows what the model computes; Sequential has a graph once it is built."""
    return (isinstance(model, keras.Sequential) or hasattr(model, "operations")) and calls_as_keras(model)


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
    return all(_is_of_keras(model, method) for method in ("call", "__call__"))


def _is_of_keras(model: Any, method: str) -> bool:
    """Tell whether a method of the model is as Keras wrote it."""
    owner = next(kind for kind in type(model).__mro__ if method in vars(kind))
    return method not in vars(model) and owner.__module__.partition(".")[0] == "keras"


def _ends_in_graph(model: Any) -> bool:
    """Tell whether graphs, one within the other, say what comes last: a layer, not a model with its own ``call``."""
    if not _has_graph(model):
        return False
    last = _ending(model)[0]
    return not isinstance(last, keras.Model) or _ends_in_graph(last)


def _cut_graph(model: Any) -> tuple[str, Any]:
    """Return the kind of head, and a model that shares all layers but ends before the head's activation."""
    start = model.inputs[0]
    operation, node = _ending(model)
    kind, before = activation_name(operation), node.input_tensors
    if len(before) == 1 and isinstance(operation, keras.Model) and _has_graph(operation):
        kind, inner = _cut_graph(operation)
        return kind, keras.Model(start, inner(before[0]))
    if kind == "linear" or len(before) != 1:
        return "linear", keras.Model(start, model.outputs[0])
    if hasattr(operation, "kernel"):  # the activation is fused into a dense or convolutional layer
        return kind, keras.Model(start, WithoutActivation(operation)(before[0]))
    return kind, keras.Model(start, before[0])


def _ending(model: Any) -> tuple[Any, Any]:
    """Return the last operation of a graph that changes values, and its call."""
    operation, node = _producer(model.outputs[0])
    while passes_through(operation):
        operation, node = _producer(node.input_tensors[0])
    return operation, node


def _producer(tensor: Any) -> tuple[Any, Any]:
    """Return the operation that makes a symbolic tensor, and the call that made it."""
    history = tensor._keras_history  # noqa: SLF001  (Keras has no public way from a tensor to its layer)
    return history.operation, history.operation._inbound_nodes[history.node_index]  # noqa: SLF001


def passes_through(operation: Any) -> bool:
    """Tell whether an operation leaves values as they are at inference."""
    linear_activation = type(operation).__name__ == "Activation" and operation.activation is keras.activations.linear
    return linear_activation or type(operation).__name__ in _PASS_THROUGH


def activation_name(operation: Any) -> str:
    """Return "softmax" or "sigmoid" if the operation ends in it, else "linear"."""
    activation = getattr(operation, "activation", None)
    name = getattr(activation, "__name__", None) if activation is not None else type(operation).__name__
    return _ACTIVATIONS.get(str(name), "linear")


class WithoutActivation(keras.layers.Layer):
    """Runs a layer as it is, weights shared, but for its activation."""

    def __init__(self, layer: Any) -> None:
        super().__init__(name=f"{layer.name}_logits", dtype=layer.dtype_policy)
        twin = object.__new__(type(layer))  # copy.copy would save and load the layer: its weights would be others
        twin.__dict__.update(layer.__dict__, activation=keras.activations.linear)
        self.layer = twin

    def build(self, shape: Any) -> None:
        """Nothing to build: the variables exist."""
        del shape

    def call(self, x: Any) -> Any:
        """Run the layer's own computation."""
        return self.layer.call(x)


def _tap_of(model: keras.Model, probe: Any) -> _Tap | None:
    """Tap the softmax or sigmoid that makes a subclassed model's outputs, if any; gates inside the model do not."""
    layers = [layer for layer in layers_by_path(model).values() if activation_name(layer) != "linear"]
    taps = (_Tap(weakref.ref(model), layer) for layer in reversed(layers) if hasattr(layer, "activation"))
    return next((tap for tap in taps if tap.makes_the_outputs(probe)), None)


def _alive(model: weakref.ref[Any]) -> Any:
    """Return a model that is held weakly; whoever asks for its answers holds it."""
    found = model()
    if found is None:
        msg = "the model is gone: keep it for as long as functions made of it are called"
        raise ReferenceError(msg)
    return found


class _Tap:
    """Runs a subclassed model and gives what went into one layer's activation."""

    _lock = threading.RLock()  # the layer's activation is replaced for the time of one run

    def __init__(self, model: weakref.ref[Any], layer: Any) -> None:
        self.model, self.layer = model, layer

    def __call__(self, x: Any) -> Any:
        return self._run(x)[1][-1]

    def makes_the_outputs(self, probe: Any) -> bool:
        """Tell whether the model gives what the layer's last activation made."""
        outputs, received = self._run(probe)
        if not received or not keras.ops.is_tensor(outputs):
            return False
        made = keras.ops.convert_to_numpy(keras.ops.cast(self.layer.activation(received[-1]), "float32"))
        given = keras.ops.convert_to_numpy(keras.ops.cast(outputs, "float32"))
        return made.shape == given.shape and bool(np.allclose(made, given, atol=1e-6))

    def _run(self, x: Any) -> tuple[Any, list[Any]]:
        """Return the model's outputs and all that went into the layer's activation."""
        received: list[Any] = []
        activation = self.layer.activation

        def report(logits: Any) -> Any:
            received.append(logits)
            return activation(logits)

        with self._lock:
            self.layer.activation = report
            try:
                outputs = _alive(self.model)(x, training=False)
            finally:
                self.layer.activation = activation
        return outputs, received
