"""The exercises of 02_convnet_recap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def _slide(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Lay a filter over every place of a picture; return the sums of products."""
    rows, columns = (p - k + 1 for p, k in zip(picture.shape, kernel.shape, strict=True))
    sums = [
        np.sum(picture[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel)
        for i, j in np.ndindex(max(rows, 0), max(columns, 0))
    ]
    return np.reshape(sums, (max(rows, 0), max(columns, 0)))


def _spread(signal: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Carry a signal back through a filter: each place adds it to the pixels of its window."""
    found = np.zeros(tuple(s + k - 1 for s, k in zip(signal.shape, kernel.shape, strict=True)))
    for i, j in np.ndindex(*signal.shape):
        found[i : i + kernel.shape[0], j : j + kernel.shape[1]] += signal[i, j] * kernel
    return found


def _last_wins(signal: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Overwrite earlier values instead of adding to them."""
    found = np.zeros(tuple(s + k - 1 for s, k in zip(signal.shape, kernel.shape, strict=True)))
    for i, j in np.ndindex(*signal.shape):
        found[i : i + kernel.shape[0], j : j + kernel.shape[1]] = signal[i, j] * kernel
    return found


@register("02.conv2d")
class Conv2d(FunctionExercise):
    """Write a convolution: ``my_conv2d(picture, kernel)``, without padding."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw pictures and filters that are not square."""
        for shape, size in (((5, 6), (2, 3)), ((4, 4), (3, 3))):
            yield rng.normal(size=shape), rng.normal(size=size)

    def reference(self, picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        """Compute what networks call a convolution."""
        return _slide(picture, kernel)

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "flipped": lambda x, k: _slide(x, k[::-1, ::-1]),
        "transposed": lambda x, k: _slide(x.T, k).T,
        "mean": lambda x, k: _slide(x, k) / k.size,
        "padded": lambda x, k: _slide(np.pad(x, [(0, k.shape[0] - 1), (0, k.shape[1] - 1)]), k),
        "one_short": lambda x, k: _slide(x, k)[:-1, :-1],
        "rectified": lambda x, k: np.maximum(_slide(x, k), 0),
    }


@register("02.conv_backward")
class ConvBackward(FunctionExercise):
    """Carry a signal back through a convolution: ``my_conv_backward(signal, kernel)``."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw signals and filters that are not square."""
        for shape, size in (((4, 3), (2, 3)), ((2, 2), (3, 3))):
            yield rng.normal(size=shape), rng.normal(size=size)

    def reference(self, signal: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        """Send each signal to the pixels that it came from."""
        return _spread(signal, kernel)

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "flipped": lambda s, k: _spread(s, k[::-1, ::-1]),
        "mean": lambda s, k: _spread(s, k) / k.size,
        "last_wins": _last_wins,
        "unweighted": lambda s, k: _spread(s, np.ones_like(k)),
        "rectified": lambda s, k: _spread(np.maximum(s, 0), k),
        "cut": lambda s, k: _spread(s, k)[: s.shape[0], : s.shape[1]],
    }


@register("02.relu_backward")
class ReluBackward(FunctionExercise):
    """Carry a signal back through a ReLU: ``my_relu_backward(z, signal)``."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw inputs and signals of the way back, with zeros among the inputs."""
        for shape in ((3, 3), (2, 4, 5)):
            z, signal = rng.normal(size=shape), rng.normal(size=shape)
            z.flat[::3] = 0
            yield z, signal

    def reference(self, z: np.ndarray, signal: np.ndarray) -> np.ndarray:
        """Follow the slides: 1 above 0, 0 below, and 0 at 0, as libraries have it."""
        return np.where(z > 0, signal, 0.0)

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "one_at_zero": lambda z, s: np.where(z >= 0, s, 0.0),
        "half_at_zero": lambda z, s: np.where(z > 0, s, np.where(z == 0, s / 2, 0.0)),
        "forward": lambda z, _s: np.maximum(z, 0),
        "of_the_signal": lambda _z, s: np.maximum(s, 0),
        "times_z": lambda z, s: np.maximum(z, 0) * s,
        "mask": lambda z, _s: (z > 0).astype("float64"),
        "both": lambda z, s: np.where((z > 0) & (s > 0), s, 0.0),
        "unchanged": lambda _z, s: s,
    }


@register("02.pool_backward")
class PoolBackward(FunctionExercise):
    """Carry a signal back through max-pooling: ``my_pool_backward(a, signal)``, windows of 2 x 2."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw maps without equal values: which of two equal ones gets the signal is not prescribed."""
        for rows, columns in ((2, 2), (3, 2)):
            count = 4 * rows * columns
            a = rng.permutation(np.arange(count) - count / 2).reshape(2 * rows, 2 * columns)
            yield a, rng.normal(size=(rows, columns))

    def reference(self, a: np.ndarray, signal: np.ndarray) -> np.ndarray:
        """Send each signal to the largest value of its window, as the switches of the slides do."""
        taken: np.ndarray = _repeated(signal) * (a == _repeated(_pooled(a)))
        return taken

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "everywhere": lambda _a, s: _repeated(s),
        "shared_out": lambda _a, s: _repeated(s) / 4,
        "values": lambda a, _s: a * (a == _repeated(_pooled(a))),
        "times_value": lambda a, s: a * _repeated(s) * (a == _repeated(_pooled(a))),
        "smallest": lambda a, s: _repeated(s) * (a == _repeated(-_pooled(-a))),
        "first_corner": lambda a, s: _repeated(s) * _first_corner(a),
        "mask": lambda a, _s: (a == _repeated(_pooled(a))).astype("float64"),
    }


def _pooled(a: np.ndarray) -> np.ndarray:
    largest: np.ndarray = a.reshape(a.shape[0] // 2, 2, a.shape[1] // 2, 2).max(axis=(1, 3))
    return largest


def _repeated(signal: np.ndarray) -> np.ndarray:
    return np.kron(signal, np.ones((2, 2)))


def _first_corner(a: np.ndarray) -> np.ndarray:
    corner = np.zeros_like(a, dtype="float64")
    corner[::2, ::2] = 1
    return corner
