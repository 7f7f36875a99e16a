"""What is computed once per Keras model and kept for as long as the model lives, but does not keep it alive."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.models.graph import Head, find_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_SMALLEST = 1e-30  # log of a probability that underflowed to 0


class Store:
    """The head of one model and its compiled functions."""

    def __init__(self, model: keras.Model) -> None:
        """Hold the model weakly: a compiled function that owned it would keep it in memory for ever."""
        self._model = weakref.ref(model)
        self._compiled: dict[object, Callable[..., Any]] = {}
        self._kept: dict[object, Any] = {}
        self._head: Head | None = None
        self._classes: int | None = None
        self.lock = threading.RLock()  # Keras models are not made for several threads at a time

    def head(self, probe: Any) -> Head:
        """Return the model's head; `probe` is a batch that fits the model, looked at once."""
        with self.lock:
            if self._head is None:
                model: Any = self._model()  # alive: the caller holds it
                if not getattr(model, "built", True):
                    model(probe, training=False)  # a model that was never called has no variables yet
                self._head = _see_through(_rows_of_floats(find_head(model, probe)), probe)
            return self._head

    def classes(self, probe: Any) -> int:
        """Return how many outputs the model has: its own word, else by trying."""
        with self.lock:
            if self._classes is None:
                head, shape = self.head(probe), getattr(self._model(), "output_shape", None)
                known = shape[-1] if isinstance(shape, tuple) else None
                self._classes = int(known or head.logits(probe).shape[-1])
            return self._classes

    def compiled(self, key: object, build: Callable[[], tuple[Callable[..., Any], Any]]) -> Callable[..., Any]:
        """Return the function kept under `key`; the first time, `build` gives it and the variables it reads."""
        with self.lock:
            if key not in self._compiled:
                function, variables = build()
                self._compiled[key] = self._locked(backend.compile(function, variables))
            return self._compiled[key]

    def kept(self, key: object, build: Callable[[], Any]) -> Any:
        """Return what is kept under `key`; the first time, `build` makes it. It must not hold the model."""
        with self.lock:
            if key not in self._kept:
                self._kept[key] = build()
            return self._kept[key]

    def _locked(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arrays: Any) -> Any:
            with self.lock:
                return function(*arrays)

        return run


_STORES: weakref.WeakKeyDictionary[Any, Store] = weakref.WeakKeyDictionary()
_STORES_LOCK = threading.Lock()


def store_of(model: keras.Model) -> Store:
    """Return the store of a model, made on first use."""
    with _STORES_LOCK:
        if model not in _STORES:
            _STORES[model] = Store(model)
        return _STORES[model]


def _see_through(head: Head, probe: Any) -> Head:
    """Take logarithms where outputs are probabilities whose logits were not found."""
    if head.kind != "linear" or not _looks_like_probabilities(backend.to_numpy(head.logits(probe))):
        return head

    return Head("probability", lambda x: finished_logits(head.logits(x), "probability"), head.variables)


def finished_logits(raw: Any, kind: str) -> Any:
    """Bring raw outputs to float32 logits; logarithms stand for them where a head gives bare probabilities."""
    rows = keras.ops.cast(raw, "float32")
    return keras.ops.log(keras.ops.maximum(rows, _SMALLEST)) if kind == "probability" else rows


def _rows_of_floats(head: Head) -> Head:
    """Refuse outputs that are not one row per image; bring half precision up, so that scores can be added exactly."""

    def logits(x: Any) -> Any:
        rows = head.logits(x)
        if not keras.ops.is_tensor(rows) or len(rows.shape) != 2:
            found = f"shape {tuple(rows.shape)}" if keras.ops.is_tensor(rows) else f"a {type(rows).__name__}"
            msg = f"the model must give one row of class scores per image, shape (N, K), not {found}"
            raise ValueError(msg)
        return keras.ops.cast(rows, "float32")

    return Head(head.kind, logits, head.variables)


def _looks_like_probabilities(outputs: NDArray[np.float32]) -> bool:
    """Tell whether rows of several non-negative numbers sum to one."""
    return outputs.shape[-1] > 1 and bool((outputs >= 0).all() and np.allclose(outputs.sum(axis=1), 1, atol=1e-3))
