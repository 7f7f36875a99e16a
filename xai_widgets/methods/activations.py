"""What a layer gives for each example, and the gradient of what is explained with respect to it.

The model is cut at the layer: one forward pass, then a backward pass through the head alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.scores import OUTPUTS, Scalar, explained_scalar
from xai_widgets.models.cut import Cut, cut
from xai_widgets.models.network import Network, subject_of
from xai_widgets.models.program import Program, Step, read_program
from xai_widgets.models.store import store_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

# What comes after the last features and only gathers, drops or moves them.
_NO_FEATURES = ("Pool", "Dropout", "Flatten", "Reshape", "Permute", "Identity", "Padding", "Cropping", "UpSampling")


@dataclass(frozen=True, eq=False)
class LayerBatch:
    """A batch of examples seen at a layer.

    Attributes
    ----------
    part : slice
        Which of all examples.
    activations : (n, ..., C) array
    gradients : array of the same shape, or None if none were asked for
    scores : (n,) array
    scalar : Scalar
        What was explained of these.
    """

    part: slice
    activations: NDArray[np.float32]
    gradients: Any
    scores: NDArray[np.float32]
    scalar: Scalar


class Layer:
    """A layer of a wrapped model, found by path, with a batch of inputs."""

    def __init__(self, model: Classifier | keras.Model, inputs: Any, layer: str | None, output: str) -> None:
        if output not in OUTPUTS:
            msg = f"output must be one of {', '.join(map(repr, OUTPUTS))}, not {output!r}"
            raise ValueError(msg)
        self.subject = subject_of(model)
        self.inputs = self.subject.as_inputs(inputs)
        self.output = output
        self.cut = _kept_cut(self.subject, layer, output)
        if len(self.cut.shape) < 2:
            msg = f"the layer {self.cut.path!r} gives {self.cut.shape} for one example, no map; choose an earlier one"
            raise ValueError(msg)

    @property
    def name(self) -> str:
        """The layer's whole path."""
        return self.cut.path

    def __len__(self) -> int:
        return len(keras.tree.flatten(self.inputs)[0])

    def seen(self) -> NDArray[np.float32] | None:
        """Return the input that the layer looks at and that has as many axes; None if there is none."""
        flat = keras.tree.flatten(self.inputs)
        fitting = [flat[place] for place in self.cut.inputs if flat[place].ndim == len(self.cut.shape) + 1]
        return fitting[0] if fitting else None

    def batches(
        self,
        target: Target,
        *,
        differentiate: bool = True,
        batch_size: int | None = None,
        progress: Callable[[int, int], object] | bool | None = None,
    ) -> Iterator[LayerBatch]:
        """Yield activations, scores and gradients, batch by batch.

        For the predicted class the whole forward pass tells the class, and the head's gradient follows; the features
        are not computed a second time.
        """
        report = reporter(progress)
        for part in self.subject.batches(len(self), batch_size):
            inputs = keras.tree.map_structure(lambda one, part=part: one[part], self.inputs)
            if target is None:
                yield self._predicted(part, inputs, differentiate=differentiate)
            else:
                yield self._given(part, inputs, _of_part(target, part, len(self)), differentiate=differentiate)
            report(part.stop, len(self))

    # What is compiled is kept for the model and must not hold it: it takes the cut with it, never this object.

    def _given(self, part: slice, inputs: Any, target: Target, *, differentiate: bool) -> LayerBatch:
        """Run forward and the head backward in one compiled function."""
        scalar, parts = explained_scalar(self.subject, inputs, target, self.output), self.cut

        def build() -> tuple[Any, Any]:
            score = _head_score(parts, self.subject.finishing(self.output), scalar, differentiate=differentiate)

            def whole(x: Any, rows: Any) -> Any:
                activations, context = parts.features(x)
                return activations, *score(activations, context, rows)

            return whole, parts.variables

        key = ("layer", parts.path, self.output, differentiate)
        activations, *found = scalar.compiled(self.subject, key, build)(inputs, scalar.rows)
        return LayerBatch(part, activations, found[1] if differentiate else None, found[0], scalar)

    def _predicted(self, part: slice, inputs: Any, *, differentiate: bool) -> LayerBatch:
        """Run forward to learn the class, then the head once more, with its gradient."""
        parts = self.cut

        def build_forward() -> tuple[Any, Any]:
            finish = self.subject.finishing()

            def forward(x: Any) -> Any:
                activations, context = parts.features(x)
                return activations, context, finish(parts.head(activations, context))

            return forward, parts.variables

        if isinstance(self.subject, Network):
            _ = self.subject.labels  # raises, and says what to do
        run = self.subject.compiled(("layer forward", parts.path), build_forward)
        activations, context, logits = run(inputs)
        scalar = explained_scalar(self.subject, inputs, logits.argmax(axis=-1), self.output)

        def build_head() -> tuple[Any, Any]:
            finish = self.subject.finishing(self.output)
            return _head_score(parts, finish, scalar, differentiate=differentiate), parts.variables

        key = ("layer head", parts.path, self.output, differentiate)
        found = self.subject.compiled(key, build_head)(activations, context, scalar.rows)
        return LayerBatch(part, activations, found[1] if differentiate else None, found[0], scalar)


def _head_score(parts: Cut, finish: Callable[[Any], Any], scalar: Scalar, *, differentiate: bool) -> Callable[..., Any]:
    """Return the function (activations, context, rows) -> (scores,) or (scores, gradients)."""

    def score(activations: Any, context: Any, rows: Any) -> Any:
        return scalar.of(finish(parts.head(activations, context)), rows)

    if not differentiate:
        return lambda *tensors: (score(*tensors),)

    def both(activations: Any, context: Any, rows: Any) -> Any:
        return backend.value_and_gradient(lambda a: score(a, context, rows))(activations)

    return both


def _of_part(target: Any, part: slice, count: int) -> Any:
    """Return the targets of a batch, where there is one for each example."""
    if callable(target) or isinstance(target, (str, int, np.integer)) or np.ndim(target) == 0:
        return target
    if len(target) != count:
        msg = f"{len(target)} targets were given for {count} images; give one for all, or one per image"
        raise ValueError(msg)
    return list(target)[part]


def _kept_cut(subject: Classifier, layer: str | None, output: str) -> Cut:
    """Cut a model once for each layer; a cut does not hold the model."""
    logits = not (isinstance(subject, Network) and output == "probability")
    store, model = store_of(subject.model), subject.model
    if layer is None:
        layer = store.kept("default layer", lambda: default_layer(read_program(model)))
    found: Cut = store.kept(("cut", layer, logits), lambda: cut(model, layer, logits=logits))
    return found


def default_layer(program: Program) -> str:
    """Return the path of the last layer that still has maps: features at their most abstract, with places.

    It is the last call, in the order of computation, whose output has a height and a width above 1, that comes from a
    convolution and leads to the outputs, and that is no pooling, dropout or other layer that merely gathers or moves
    features. So the activation after the last convolution and its batch normalisation is taken, the sum at the end of a
    residual net, ``block5_conv3`` (its ReLU fused) and not ``block5_pool`` in VGG16.

    Raises
    ------
    ValueError
        If no convolution leads to the outputs.

    Examples
    --------
    >>> from xai_widgets.models.program import read_program
    >>> layers = [keras.layers.Conv2D(4, 3, name="conv"), keras.layers.MaxPooling2D(), keras.layers.Flatten()]
    >>> default_layer(read_program(keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Dense(2)])))
    'conv'
    """
    return map_layers(program)[-1]


def map_layers(program: Program) -> tuple[str, ...]:
    """Return for each convolution, in the order of computation, the last layer with maps before the next one.

    The rules are those of `default_layer`, which is the last of them.
    """
    convolved = program.downstream(slot for step in program.steps if _convolves(step) for slot in step.outputs)
    found: list[str] = []
    for step in program.needed(program.outputs):
        if convolved.issuperset(step.outputs) and _has_maps(step):
            calls = program.made_by[step.path]
            path = step.path if len(calls) == 1 else f"{step.path}#{calls.index(step.outputs)}"
            if found and not _convolves(step):
                found.pop()
            found.append(path)
    if not found:
        msg = f"no convolution leads to the outputs of {program.name!r}; name a layer with maps: layer=..."
        raise ValueError(msg)
    return tuple(found)


def _convolves(step: Step) -> bool:
    return "Conv" in type(step.operation).__name__


def _has_maps(step: Step) -> bool:
    """Tell whether a step gives one set of maps (N, h, w, C) and does more than gather or move them."""
    if len(step.shapes) != 1 or len(step.shapes[0]) != 4 or step.shapes[0][1:3] == (1, 1):
        return False
    return not any(word in type(step.operation).__name__ for word in _NO_FEATURES)
