"""The exercises of 07_cam."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.common.name_matching import match
from xai_widgets.course.exercises.exercise import Exercise, Mistake, ToDo
from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from xai_widgets.models.kinds.classifier import Classifier


def _positive(values: np.ndarray) -> np.ndarray:
    rectified: np.ndarray = np.maximum(values, 0)
    return rectified


def _mean(maps: np.ndarray) -> np.ndarray:
    mean: np.ndarray = maps.mean(axis=(0, 1))
    return mean


@register("07.cam")
class CAM(FunctionExercise):
    """Write CAM: ``my_cam(maps, weights, index)``, maps (h, w, C) and the weights (C, K) of the dense layer."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw maps as a rectified convolution gives them, and weights of both signs."""
        for height, width, channels, classes in ((6, 6, 5, 3), (4, 7, 3, 4)):
            maps = np.maximum(rng.normal(size=(height, width, channels)), 0)
            yield maps, rng.normal(size=(channels, classes)), int(rng.integers(classes))

    def reference(self, maps: np.ndarray, weights: np.ndarray, index: int) -> np.ndarray:
        """Follow Zhou et al. (2016)."""
        weighted: np.ndarray = (maps * weights[:, index]).sum(axis=-1)
        return weighted

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "all_classes": lambda maps, weights, _: maps @ weights,
        "no_weights": lambda maps, _w, _i: maps.sum(axis=-1),
        "mean_of_maps": lambda maps, weights, index: (maps * weights[:, index]).mean(axis=-1),
        "not_summed": lambda maps, weights, index: maps * weights[:, index],
        "pooled": lambda maps, weights, index: _mean(maps) @ weights[:, index],
        "rectified": lambda maps, weights, index: _positive((maps * weights[:, index]).sum(axis=-1)),
        "magnitudes": lambda maps, weights, index: (maps * np.abs(weights[:, index])).sum(axis=-1),
        "divided_by_places": lambda maps, weights, index: (
            (maps * weights[:, index]).sum(axis=-1) / (maps.shape[0] * maps.shape[1])
        ),
    }


@register("07.grad_cam")
class GradCAM(FunctionExercise):
    """Write Grad-CAM: ``my_grad_cam(maps, gradients)``, both (h, w, C), to a map (h, w)."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw maps as a rectified convolution gives them, and gradients that differ from place to place."""
        for shape in ((6, 6, 5), (4, 7, 3)):
            maps, gradients = self._drawn(shape, rng)
            while not self._has_both_signs(maps, gradients):  # or the ReLU could be left out
                maps, gradients = self._drawn(shape, rng)
            yield maps, gradients

    def _drawn(self, shape: tuple[int, int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        maps = np.maximum(rng.normal(0.3, 1, size=shape), 0)
        return maps, rng.normal(size=shape) + rng.normal(0.2, 1, size=shape[-1])

    def _has_both_signs(self, maps: np.ndarray, gradients: np.ndarray) -> bool:
        found = (maps * _mean(gradients)).sum(axis=-1)
        return bool(found.min() < -0.1 and found.max() > 0.1)

    def reference(self, maps: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        """Follow Selvaraju et al. (2017)."""
        return _positive((maps * _mean(gradients)).sum(axis=-1))

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "no_relu": lambda maps, gradients: (maps * _mean(gradients)).sum(axis=-1),
        "sum_of_gradients": lambda maps, gradients: _positive((maps * gradients.sum(axis=(0, 1))).sum(axis=-1)),
        "sum_no_relu": lambda maps, gradients: (maps * gradients.sum(axis=(0, 1))).sum(axis=-1),
        "place_by_place": lambda maps, gradients: _positive((maps * gradients).sum(axis=-1)),
        "place_by_place_no_relu": lambda maps, gradients: (maps * gradients).sum(axis=-1),
        "positive_weights": lambda maps, gradients: (maps * _positive(_mean(gradients))).sum(axis=-1),
        "positive_gradients": lambda maps, gradients: _positive((maps * _mean(_positive(gradients))).sum(axis=-1)),
        "magnitudes": lambda maps, gradients: (maps * np.abs(_mean(gradients))).sum(axis=-1),
        "no_maps": lambda _maps, gradients: _positive(gradients.sum(axis=-1)),
        "mean_of_maps": lambda maps, gradients: _positive((maps * _mean(gradients)).mean(axis=-1)),
        "only_weights": lambda _maps, gradients: _mean(gradients),
    }


@dataclass(frozen=True)
class _Measured:
    """What is measured of a layer: cells of its map, share of the maps whose highest point lies on the animal."""

    cells: int
    hits: float


@functools.cache
def _measure_creatures() -> dict[str, _Measured]:
    """Measure the layers of the creatures model, on pictures that the notebook does not show."""
    from xai_widgets import load_model
    from xai_widgets.datasets.creatures import draw, sample_scene

    drawings = [draw(sample_scene((7, number), animals=2, occluders=False)) for number in range(12)]
    pictures = np.stack([one.picture for one in drawings for _ in one.labels])
    labels = [label for one in drawings for label in one.labels]
    masks = np.concatenate([one.animals for one in drawings])
    return _measure_layers(load_model("creatures"), pictures, labels, masks)


def _measure_layers(
    network: Classifier, pictures: np.ndarray, labels: Sequence[str], masks: np.ndarray
) -> dict[str, _Measured]:
    """Measure Grad-CAM at every layer of a network: how fine it is, and how often it points at what it explains."""
    from xai_widgets.methods import layers_with_maps, pointing_game
    from xai_widgets.methods.attribution.cam.cam import grad_cam

    found = {}
    for layer in layers_with_maps(network):
        maps = grad_cam(network, pictures, labels, layer=layer)
        rows, columns = grad_cam(network, pictures[:1], labels[:1], layer=layer, upsample=False).values.shape[1:]
        found[layer] = _Measured(rows * columns, float(pointing_game(maps, masks).values.mean()))
    return found


@register("07.layer")
class FineAndRight(Exercise):
    """Name the layer of the creatures model whose Grad-CAM is the finest of those that point at the right animal."""

    least: ClassVar[float] = 0.9
    _own: dict[str, _Measured] | None = None

    def measured_on(
        self, network: Classifier, pictures: np.ndarray, labels: Sequence[str], masks: np.ndarray
    ) -> FineAndRight:
        """Ask about another network from now on; return the exercise.

        Parameters
        ----------
        network : Classifier
            One with layers that give maps.
        pictures : (N, H, W, C) array
            Pictures that it has not learnt from.
        labels : sequence of str
            The class to be explained in each.
        masks : (N, H, W) array of bool
            Where what is named lies.
        """
        self._own = _measure_layers(network, pictures, labels, masks)
        return self

    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object]:
        """Measure every layer on other pictures than the notebook's."""
        del rng  # the pictures are fixed: near the limit, chance must not decide
        if answer is None or answer is Ellipsis:
            raise ToDo
        measured = self._own or _measure_creatures()
        if not isinstance(answer, str) or match(answer, measured) is None:
            raise Mistake("unknown", given=str(answer), layers=", ".join(measured))
        name = str(match(answer, measured))
        chosen = measured[name]
        finer = {layer for layer, one in measured.items() if one.cells > chosen.cells and one.hits >= self.least}
        if self.is_first_try and (finer or chosen.hits < self.least):
            raise Mistake("not_both", layer=name)
        if chosen.hits < self.least:
            raise Mistake("not_right", layer=name, hits=f"{100 * chosen.hits:.0f}")
        if finer:
            raise Mistake("too_coarse", layer=name, cells=chosen.cells)
        return {"layer": name, "cells": chosen.cells, "hits": f"{100 * chosen.hits:.0f}"}
