"""The exercises of 12_units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Layers = Sequence[tuple[int, int]]


def _field(layers: Layers) -> tuple[int, int]:
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size, jump


def _stride_first(layers: Layers) -> tuple[int, int]:
    """Apply a layer's own stride to its own kernel."""
    size, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        size += (kernel - 1) * jump
    return size, jump


def _size(layers: Layers, step: Callable[[int, int, int], int]) -> tuple[int, int]:
    """Grow the size by another rule."""
    size, jump = 1, 1
    for kernel, stride in layers:
        size = step(size, kernel, jump)
        jump *= stride
    return size, jump


@register("12.field")
class Field(FunctionExercise):
    """Write the size and the jump of a receptive field: ``field(layers)``, layers (kernel, stride)."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "no_jump": lambda layers: _size(layers, lambda size, kernel, _jump: size + kernel - 1),
        "whole_kernel": lambda layers: _size(layers, lambda size, kernel, jump: size + kernel * jump),
        "product": lambda layers: _size(layers, lambda size, kernel, _jump: size * kernel),
        "stride_first": _stride_first,
        "backwards": lambda layers: _field(layers[::-1]),
        "swapped": lambda layers: _field(layers)[::-1],
        "jump_added": lambda layers: (_field(layers)[0], 1 + sum(stride - 1 for _, stride in layers)),
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw nets with strides above 1 whose layers read backwards give another field."""
        for depth in (3, 6):
            kernels, strides = rng.integers(2, 6, depth), rng.integers(1, 4, depth)
            kernels[0], kernels[-1], strides[0], strides[-1] = 3, 5, 2, 3
            yield ([(int(k), int(s)) for k, s in zip(kernels, strides, strict=True)],)

    def reference(self, layers: Layers) -> tuple[int, int]:
        """Each kernel adds its length less one, in steps of the jump so far."""
        return _field(layers)


def _purity(pictures: np.ndarray, classes: np.ndarray) -> np.ndarray:
    return np.array([np.bincount(classes[row]).max() / len(row) for row in pictures])


@register("12.purity")
class Purity(FunctionExercise):
    """Write the share of the most frequent class: ``purity(pictures, classes)``, pictures (U, k)."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "counts": lambda pictures, classes: _purity(pictures, classes) * pictures.shape[1],
        "best_picture": lambda pictures, classes: (classes[pictures] == classes[pictures[:, :1]]).mean(axis=1),
        "distinct": lambda pictures, classes: np.array([len(set(classes[row])) / len(row) for row in pictures]),
        "mean": lambda pictures, classes: _purity(pictures, classes).mean(),
        "numbers": lambda pictures, _classes: _purity(pictures, np.arange(pictures.max() + 1)),
        "whole_set": lambda pictures, classes: np.full(len(pictures), np.bincount(classes).max() / len(classes)),
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw units, their pictures, and classes, some of them rare."""
        for count in (5, 9):
            classes = rng.integers(0, 4, 60)
            yield np.stack([rng.permutation(60)[:count] for _ in range(12)]), classes

    def reference(self, pictures: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Count the classes of each unit's pictures."""
        return _purity(pictures, classes)


@register("12.dead")
class Dead(FunctionExercise):
    """Find the units that are never active: ``dead(activations)``, activations (N, h, w, C)."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "alive": lambda a: (a > 0).any(axis=(0, 1, 2)),
        "one_picture": lambda a: (a.max(axis=(1, 2)) <= 0).any(axis=0),
        "first_picture": lambda a: a[0].max(axis=(0, 1)) <= 0,
        "a_zero": lambda a: (a == 0).any(axis=(0, 1, 2)),
        "share": lambda a: (a.max(axis=(0, 1, 2)) <= 0).mean(),
        "by_picture": lambda a: a.max(axis=(1, 2)) <= 0,
        "threshold": lambda a: a.max(axis=(0, 1, 2)) < 0.1,
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw sparse maps: units that are dead, active once, weakly active, and inactive in most pictures."""
        for count in (4, 7):
            maps = np.maximum(rng.normal(0, 1, (count, 3, 5, 8)), 0)
            maps[..., [1, 4]] = 0
            maps[: count - 1, :, :, 2] = 0
            maps[1:, :, :, 3] = 0
            maps[..., 5] *= 0.01
            maps[0, 1, 1, 6] = 0
            yield (maps[..., rng.permutation(8)],)

    def reference(self, activations: np.ndarray) -> np.ndarray:
        """Never above 0: in no picture, at no place."""
        never: np.ndarray = activations.max(axis=(0, 1, 2)) <= 0
        return never
