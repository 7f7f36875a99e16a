"""What a model does with some inputs: its answers, its gradients, its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.models.checking.finding import Finding, finding
from xai_widgets.models.graph.computation_steps import has_graph, read_program
from xai_widgets.models.graph.intermediate_outputs import intermediate_outputs
from xai_widgets.models.graph.map_layers import default_layer
from xai_widgets.models.graph.reading import layers_by_path
from xai_widgets.models.kinds.classifier import Classifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.wrapped_model import WrappedModel

_FEW = 8  # pictures of which one class alone says something
_SAME = 1e-3  # probabilities that differ by less are the same answer
_AT_A_TIME = 8  # inputs of which the activations of all layers are held
_PICTURE_AXES = 3
_MOSTLY = 0.5  # a share of channels that is worth a look


def first(inputs: Any, count: int) -> Any:
    """Return the first examples of a batch."""
    return keras.tree.map_structure(lambda one: one[:count], inputs)


def agreement(subject: WrappedModel, inputs: Any, _drawn: bool) -> Iterator[Finding]:
    """Compare what would be explained with the model's own answer; a difference raises."""
    if isinstance(subject, Classifier):
        subject.check(inputs)
        yield finding("agreement", "good", "agreement")


def gradient(subject: WrappedModel, inputs: Any, _drawn: bool) -> Iterator[Finding]:
    """Look at the gradient of the highest score with respect to the inputs."""
    if not isinstance(subject, Classifier):
        return
    outputs, _ = subject.outputs_function("logit")
    run = backend.value_and_gradient(lambda x: keras.ops.max(outputs(x), axis=-1))
    given = keras.tree.map_structure(lambda one: keras.ops.convert_to_tensor(one, "float32"), first(inputs, _AT_A_TIME))
    try:
        _, found = run(given)
    except backend.NoGradientError:
        yield finding("gradient", "look", "gradient_none")
        return
    values = np.concatenate([np.ravel(backend.to_numpy(one)) for one in keras.tree.flatten(found)])
    zeros = float(np.mean(values == 0))
    if not np.isfinite(values).all():
        yield finding("gradient", "wrong", "gradient_broken")
    elif zeros == 1:
        yield finding("gradient", "look", "gradient_zero")
    else:
        yield finding("gradient", "good", "gradient", share=f"{zeros:.0%}")


def answers(subject: WrappedModel, inputs: Any, drawn: bool) -> Iterator[Finding]:
    """Look whether the answers differ from picture to picture."""
    if not isinstance(subject, Classifier) or drawn:
        return
    scores = subject.logits(inputs)
    found, count = subject.probabilities(scores), len(scores)
    best = found.argmax(axis=1)
    spread = float(np.ptp(found, axis=0).max())
    fields = {"count": count, "spread": f"{spread:.2g}", "label": subject.labels[int(best[0])]}
    if count > 1 and spread < _SAME * max(1.0, float(np.abs(found).max())):
        yield finding("answers", "look", "answers_same", **fields)
    elif count >= _FEW and found.shape[1] > 1 and len(set(best.tolist())) == 1:
        yield finding("answers", "look", "answers_one_class", **fields)
    else:
        yield finding("answers", "good", "answers_differ", **fields)


def dead_layers(subject: WrappedModel, inputs: Any, drawn: bool) -> Iterator[Finding]:
    """Look for layers that end in a ReLU and are zero, and for those of which most channels are."""
    names = _rectified(subject.model) if has_graph(subject.model) and not drawn else []
    if not names:
        return
    reads = intermediate_outputs(subject.model, names)
    alive: list[NDArray[np.bool_]] = [np.zeros(1, bool) for _ in names]
    for start in range(0, subject.count(inputs), _AT_A_TIME):
        part = keras.tree.map_structure(lambda one, start=start: one[start : start + _AT_A_TIME], inputs)
        for place, one in enumerate(reads.run(keras.tree.map_structure(keras.ops.convert_to_tensor, part))):
            alive[place] = alive[place] | (_largest(one) > 0)
    fields = {"count": subject.count(inputs)}
    dead = [name for name, one in zip(names, alive, strict=True) if not one.any()]
    partly = [name for name, one in zip(names, alive, strict=True) if one.any() and one.mean() < 1 - _MOSTLY]
    if dead:
        yield finding("dead", "wrong", "dead_layers", names=", ".join(map(repr, dead[:3])), **fields)
    elif partly:
        yield finding("dead", "look", "dead_channels", names=", ".join(map(repr, partly[:3])), **fields)
    else:
        yield finding("dead", "good", "dead_none", layers=len(names), **fields)


def maps_of_default_layer(subject: WrappedModel, inputs: Any, drawn: bool) -> Iterator[Finding]:
    """Look whether the layer whose maps are taken tells places apart."""
    if drawn or len(subject.input_shape) != _PICTURE_AXES or not has_graph(subject.model):
        return
    try:
        layer = default_layer(read_program(subject.model))
    except ValueError:  # said of the model already
        return
    few = keras.tree.map_structure(keras.ops.convert_to_tensor, first(inputs, _AT_A_TIME))
    maps = backend.to_numpy(intermediate_outputs(subject.model, [layer]).run(few)[0])
    rows, columns = maps.shape[1:3]
    fields = {"layer": layer, "rows": rows, "columns": columns, "count": len(maps)}
    if float(np.ptp(maps, axis=(1, 2)).max()) == 0:
        yield finding("maps", "look", "maps_flat", **fields)
    else:
        yield finding("maps", "good", "maps_differ", **fields)


def _largest(values: Any) -> NDArray[np.float32]:
    """Return the largest activation of each channel, as an array."""
    axes = tuple(range(len(values.shape) - 1))
    largest: NDArray[np.float32] = backend.to_numpy(keras.ops.max(values, axis=axes))
    return largest


def _rectified(model: keras.Model) -> list[str]:
    """Return the paths of the layers that end in a ReLU."""
    relu = (keras.activations.relu, keras.activations.relu6)
    return [
        path
        for path, layer in layers_by_path(model).items()
        if isinstance(layer, keras.layers.ReLU) or getattr(layer, "activation", None) in relu
    ]
