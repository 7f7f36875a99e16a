"""What can be said of a model by itself: its inputs, outputs, labels, precision, weights and maps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import keras
import numpy as np

from xai_widgets.models.checking.finding import Finding, finding
from xai_widgets.models.graph.compiled_functions import broken_weights
from xai_widgets.models.graph.computation_steps import has_graph, read_program
from xai_widgets.models.graph.float32 import is_reduced
from xai_widgets.models.graph.map_layers import default_layer
from xai_widgets.models.graph.reading import layers_by_path
from xai_widgets.models.kinds.classifier import Classifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xai_widgets.models.kinds.wrapped_model import WrappedModel

_COLOURS = (1, 3, 4)
_PIXELS = 127.5  # values that reach farther are those of pixels 0 to 255
_DIVIDES = 0.1  # a scale below it divides pixel values, as 1 / 255 and 1 / 127.5
_FOUND = frozenset({"softmax", "sigmoid"})  # what the graph itself tells


def inputs(subject: WrappedModel) -> Iterator[Finding]:
    """Say which axes an input has."""
    shape = subject.input_shape
    kind = {3: "picture", 2: "sequence", 1: "row"}.get(len(shape), "other")
    written = "(N, " + ", ".join(map(str, shape)) + ")"
    if kind == "picture" and shape[-1] not in _COLOURS:
        yield finding("inputs", "look", "inputs_channels", shape=written, count=shape[-1])
    else:
        yield finding("inputs", "good", f"inputs_{kind}", shape=written)


def value_range(subject: WrappedModel) -> Iterator[Finding]:
    """Say which values the inputs take, and whether they are scaled twice."""
    known, built_in = subject.value_range, subject.built_in_range
    pictures = len(subject.input_shape) == 3
    dividing = _layers_that_divide(subject.model)
    if len(dividing) > 1:
        yield finding("range", "wrong", "range_layers", names=", ".join(map(repr, dividing)))
        return
    if known is None:
        if built_in is not None:
            yield finding("range", "good", "range_built_in", low=built_in[0], high=built_in[1])
        elif pictures:
            yield finding("range", "look", "range_unknown")
        else:
            yield finding("range", "good", "range_of_rows")
        return
    low, high = float(np.min(known[0])), float(np.max(known[1]))
    if built_in is not None and high < _PIXELS:
        yield finding("range", "wrong", "range_twice", low=low, high=high)
    else:
        yield finding("range", "good", "range_known", low=low, high=high)


def _layers_that_divide(model: keras.Model) -> list[str]:
    """Return the paths of the layers that make small numbers of pixel values, those of nested models too."""
    return [
        path
        for path, layer in layers_by_path(model).items()
        if isinstance(layer, keras.layers.Rescaling) and float(np.max(np.abs(layer.scale))) < _DIVIDES
    ]


def outputs(subject: WrappedModel) -> Iterator[Finding]:
    """Say what the outputs are, and how that is known."""
    if not isinstance(subject, Classifier):
        yield finding("outputs", "good", "outputs_network")
        return
    kind, count = subject.head, len(subject.labels)
    sure = kind in _FOUND or subject.outputs_asked is not None
    yield finding("outputs", "good" if sure else "look", f"outputs_{kind}", count=count)


def labels(subject: WrappedModel) -> Iterator[Finding]:
    """Say whether the classes have names."""
    if not isinstance(subject, Classifier):
        return
    if not subject.labels_given:
        yield finding("labels", "look", "labels_none", first=subject.labels[0])
    else:
        yield finding("labels", "good", "labels_given", count=len(subject.labels), first=subject.labels[0])


def precision(subject: WrappedModel) -> Iterator[Finding]:
    """Say in which precision the model computes, and in which it is explained."""
    dtype = keras.backend.standardize_dtype(subject.model.compute_dtype)
    if not is_reduced(subject.model):
        yield finding("precision", "good", "precision_full", dtype=dtype)
    elif has_graph(subject.model):
        yield finding("precision", "good", "precision_raised", dtype=dtype)
    else:
        yield finding("precision", "look", "precision_reduced", dtype=dtype)


def weights(subject: WrappedModel) -> Iterator[Finding]:
    """Look for weights that are not finite."""
    broken, count = broken_weights(subject.model), sum(math.prod(one.shape) for one in subject.model.weights)
    if broken:
        yield finding("weights", "wrong", "weights_broken", names=", ".join(broken[:3]), count=len(broken))
    else:
        yield finding("weights", "good", "weights_fine", count=count)


def default_layer_of_maps(subject: WrappedModel) -> Iterator[Finding]:
    """Say which layer class activation maps take."""
    if not has_graph(subject.model):
        yield finding("layer", "look", "layer_no_graph")
        return
    if len(subject.input_shape) != 3:
        return
    try:
        yield finding("layer", "good", "layer_found", layer=default_layer(read_program(subject.model)))
    except ValueError as error:
        yield Finding("layer", "look", str(error))
