"""A cache for each Keras model: its head, compiled functions and other values, which do not keep the model alive."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.models.graph.computation_steps import has_graph
from xai_widgets.models.graph.fingerprint import fingerprint, same_structure
from xai_widgets.models.graph.float32 import is_reduced
from xai_widgets.models.graph.idle_layers import idle_states
from xai_widgets.models.graph.output_head import Head, find_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

_NUMBERS = 2**21  # of the inputs that are compared at a time: fourteen pictures of 224 x 224
_COMPARED = 16  # inputs at the most: their passes are not compiled
_AGREEMENT = 1e-3  # between the model's own outputs and those that are explained
_REDUCED_AGREEMENT = 5e-2  # where the model itself computes in half precision


class Store:
    """The head of one model and its compiled functions, for one state of the model's structure."""

    def __init__(self, model: keras.Model) -> None:
        """Hold the model weakly: a compiled function that owned it would keep it in memory for ever."""
        self._model = weakref.ref(model)
        self._fingerprint = fingerprint(model)
        self._compiled: dict[object, Callable[..., Any]] = {}
        self._built: dict[object, Any] = {}
        self._head: Head | None = None
        self._classes: int | None = None
        self._tried = False
        self.lock = threading.RLock()  # Keras models are not made for several threads at a time

    def fits(self, model: keras.Model) -> bool:
        """Tell whether the model is still built as it was; its weights may have changed."""
        return same_structure(self._fingerprint, fingerprint(model))

    def head(self, probe: Any) -> Head:
        """Return the model's head; `probe` is a batch that fits the model, looked at once."""
        with self.lock:
            if self._head is None:
                model: Any = self._model()  # alive: the caller holds it
                if not getattr(model, "built", True):
                    model(probe, training=False)  # a model that was never called has no variables yet
                refuse_broken_weights(model)
                state = _state(model)
                found = find_head(model, probe)
                _check_agreement(model, found, probe)
                _check_state(model, state)
                self._fingerprint = fingerprint(model)
                self._head = found
            return self._head

    def check(self, inputs: Any) -> None:
        """Compare what is explained with the model's own outputs on the first batch of inputs, up to 16 of them.

        Raises
        ------
        ValueError
            If they differ; the message names the likely causes.
        """
        with self.lock:
            if self._tried:
                return
            head = self.head(keras.tree.map_structure(lambda one: one[:1], inputs))
            model: Any = self._model()
            state = _state(model)
            for part in _parts(inputs):
                _check_agreement(model, head, keras.tree.map_structure(lambda one, part=part: one[part], inputs))
            _check_state(model, state)
            self._tried = True

    def classes(self, probe: Any) -> int:
        """Return how many outputs the model has: its own word, else by trying."""
        with self.lock:
            if self._classes is None:
                head, shape = self.head(probe), getattr(self._model(), "output_shape", None)
                known = shape[-1] if isinstance(shape, tuple) else None
                self._classes = int(known or head.raw(_floats(probe)).shape[-1])
            return self._classes

    def compiled(
        self, key: object, build: Callable[[], tuple[Callable[..., Any], Any]], *, on_device: bool = False
    ) -> Callable[..., Any]:
        """Return the function kept under `key`; the first time, `build` gives it and the variables it reads.

        With `on_device` it returns tensors of the backend and not arrays.
        """
        with self.lock:
            if key not in self._compiled:
                function, variables = build()
                self._compiled[key] = self._locked(backend.compile(function, variables, on_device=on_device))
            return self._compiled[key]

    @property
    def compilations(self) -> int:
        """The number of compiled functions that are kept."""
        return len(self._compiled)

    def get_or_build(self, key: object, build: Callable[[], Any]) -> Any:
        """Return the value kept under `key`; the first time, `build` makes it. It must not hold the model."""
        with self.lock:
            if key not in self._built:
                self._built[key] = build()
            return self._built[key]

    def _locked(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arrays: Any) -> Any:
            with self.lock:
                return function(*arrays)

        return run


_STORES: weakref.WeakKeyDictionary[Any, Store] = weakref.WeakKeyDictionary()
_STORES_LOCK = threading.Lock()


def store_of(model: keras.Model) -> Store:
    """Return the store of a model, made on first use, and made anew where the model was edited since."""
    with _STORES_LOCK:
        if model not in _STORES or not _STORES[model].fits(model):
            _STORES[model] = Store(model)
        return _STORES[model]


def _floats(inputs: Any) -> Any:
    return keras.tree.map_structure(lambda one: keras.ops.convert_to_tensor(one, "float32"), inputs)


def _parts(inputs: Any) -> Iterator[NDArray[np.intp]]:
    """Yield the places of the examples that are compared, so many at a time as the memory holds in any model.

    These are all of them, or of a large batch some from its first to its last.
    """
    flat = keras.tree.flatten(inputs)
    count, numbers = len(flat[0]), sum(int(np.prod(np.shape(one)[1:])) for one in flat)
    places = np.linspace(0, count - 1, min(count, _COMPARED)).round().astype(np.intp)
    step = max(1, _NUMBERS // max(1, numbers))
    for start in range(0, len(places), step):
        yield places[start : start + step]


def _check_agreement(model: Any, head: Head, inputs: Any) -> None:
    """Refuse a model whose own outputs are not those that would be explained."""
    given = _floats(inputs)
    own = _row(model(given, training=False))
    found = backend.to_numpy(head.outputs(given))
    rounding = _REDUCED_AGREEMENT if is_reduced(model) else _AGREEMENT
    if _agree(own, found, rounding) or not np.isfinite(own).all():  # scores that are not finite are refused by name
        return
    if not _agree(own, _row(model(given, training=False)), rounding):
        msg = (
            f"{model.name!r} gives different answers for the same input (dropout or noise at inference, or a state): "
            "explanations would describe none of them; make it deterministic when training=False"
        )
        raise ValueError(msg)
    msg = (
        f"what would be explained of {model.name!r} is not what it answers: {_worst(found, own)}. "
        "Its layers compute something else within the model than by themselves (a call() or __call__ of its own, "
        "values cached from an earlier call); rebuild it as keras.Model(inputs, outputs)"
    )
    raise ValueError(msg)


def _row(outputs: Any) -> Any:
    flat = keras.tree.flatten(outputs)
    return backend.to_numpy(keras.ops.cast(flat[0], "float32"))


def _worst(found: Any, own: Any) -> str:
    """Write the scores of the example in which two batches of scores are farthest apart."""
    place = 0 if found.shape != own.shape else int(np.abs(found - own).reshape(len(own), -1).max(axis=1).argmax())
    return f"{_in_words(found[place])} against {_in_words(own[place])}"


def _in_words(row: Any) -> str:
    return "(" + ", ".join(f"{value:.4g}" for value in row[:3]) + (", ...)" if len(row) > 3 else ")")


def _agree(one: Any, other: Any, rounding: float) -> bool:
    largest = max(1.0, float(np.abs(one).max(initial=0)))
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=rounding, atol=rounding * largest))


def broken_weights(model: Any) -> list[str]:
    """Return the paths of the weights of a model that hold NaN or infinite values."""
    broken = []
    for variable in model.weights:
        if "float" not in str(variable.dtype):
            continue
        values = np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(variable, "float32")))
        if not np.isfinite(values).all():
            broken.append(str(variable.path))
    return broken


def refuse_broken_weights(model: Any) -> None:
    """Refuse a model whose weights are NaN or infinite: a ReLU may turn them into scores that look sound.

    Raises
    ------
    ValueError
        The message names some of the weights.
    """
    broken = broken_weights(model)
    if broken:
        raise ValueError(
            f"the weights {', '.join(map(repr, broken[:3]))} of {model.name!r} hold values that are NaN or infinite: "
            "nothing can be explained. Load the weights of an earlier epoch, or train it again with a smaller learning "
            "rate"
        )


def _state(model: Any) -> list[Any]:
    """Return what inference must not change."""
    return [np.copy(keras.ops.convert_to_numpy(variable)) for variable in model.non_trainable_variables]


def _check_state(model: Any, before: list[Any]) -> None:
    """Put back what a run at inference has changed, and refuse the model: its answers depend on what was asked.

    The random numbers that idle layers draw are no reason: no answer depends on them.
    """
    changed, idle = [], idle_states(model) if has_graph(model) else set()
    for variable, value in zip(model.non_trainable_variables, before, strict=True):
        if not np.array_equal(keras.ops.convert_to_numpy(variable), value, equal_nan=value.dtype.kind == "f"):
            variable.assign(value)
            changed += [] if id(variable) in idle else [variable.path]
    if changed:
        msg = (
            f"{model.name!r} changes its state at inference ({', '.join(map(repr, changed[:3]))}): an explanation runs "
            "the model many times and would change its answers; build it with stateful=False, or with layers that "
            "update their state only when training=True"
        )
        raise ValueError(msg)
