"""One model, one objective, one way to write pictures: the compiled step, and everything around it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from xai_widgets import backend
from xai_widgets.methods.core.layer_probe import LayerProbe, outputs_of
from xai_widgets.methods.feature_visualization.objectives import PICTURE
from xai_widgets.methods.feature_visualization.transformations import Transformation, View, standard
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.graph.intermediate_outputs import SCORES, IntermediateOutputs
from xai_widgets.models.kinds.classifier import Classifier, as_classifier
from xai_widgets.models.kinds.wrapping import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras
    from numpy.typing import NDArray

    from xai_widgets.methods.feature_visualization.objectives import Objective
    from xai_widgets.methods.feature_visualization.parameterizations import Parameterisation
    from xai_widgets.models.kinds.wrapped_model import WrappedModel

    Numbers = list[NDArray[np.float32]]

_BACKGROUND = 8  # squares of random colour along each side, behind what is transparent


class Problem:
    """What is optimised, at which size, and how it is written.

    Parameters
    ----------
    model : Classifier or keras.Model
    objective : Objective
    parameterisation : Parameterisation
    transformations : sequence of Transformation, or None
        None: `standard`, without the frame where the model takes one size alone.
    size : int, (int, int) or None
        Height and width of the pictures; None: what the model takes.

    Raises
    ------
    ValueError
        If the model does not take pictures, or pictures of this size; if a layer does not exist; if it is not known how
        pixels become inputs.
    """

    def __init__(
        self,
        model: Classifier | keras.Model,
        objective: Objective,
        parameterisation: Parameterisation,
        transformations: Sequence[Transformation] | None = None,
        size: int | tuple[int, int] | None = None,
    ) -> None:
        self.subject = wrap(model)
        self.objective = objective
        height, width, self.channels = picture_shape(self.subject)
        if self.channels == 1:
            parameterisation = dataclasses.replace(parameterisation, colour="grey")
        self.parameterisation = parameterisation
        self.layers = outputs_for(self.subject, objective)
        self.to_inputs = pixel_function(self.subject)
        self.view = self._view(checked_size(size, (height, width)), transformations, (height, width))

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the pictures."""
        return self.view.shape

    def _view(self, shape: tuple[int, int], wanted: Sequence[Transformation] | None, usual: tuple[int, int]) -> View:
        """Choose what the network sees; refuse a size that it does not take."""
        if not all(isinstance(one, Transformation) for one in wanted or ()):
            raise TypeError(f"transformations are Jitter, Scale, Rotate, pad(...) or crop(...), not {wanted!r}")
        view = View(shape, tuple(standard(min(shape)) if wanted is None else wanted))
        if min(view.size) < 1:
            msg = f"transformations cut {-view.margin} pixels off each side of {shape}; nothing is left"
            raise ValueError(msg)
        if view.size == usual or takes_size(self.subject, self.layers, view.size):
            return view
        unframed = View(shape, tuple(one for one in view.transformations if not one.margin))
        if wanted is None and (shape == usual or takes_size(self.subject, self.layers, shape)):
            return unframed
        seen = "x".join(map(str, view.size))
        usually = "x".join(map(str, usual))
        msg = f"{self.subject.name!r} cannot look at {seen} pixels this way; it takes {usually}: leave out size and pad"
        raise ValueError(msg)

    # What objectives ask

    def bound(self, count: int) -> Bound:
        """Return what objectives may ask about."""
        return Bound(self, count)

    # What is compiled

    def step(self) -> Callable[..., Any]:
        """Return the function (numbers, maps, background, arrays) -> (values, gradients), compiled once."""
        key = ("feature step", self._key(), self.view.margin, self.view.moves)
        return self.subject.compiled(key, lambda: (self._step_function(), self.layers.variables))

    def draw(self) -> Callable[..., Any]:
        """Return the function from numbers to pictures (N, H, W, 3 or 4)."""
        written, shape = self.parameterisation, self.shape
        key = ("feature picture", written, shape)
        return self.subject.compiled(key, lambda: (lambda numbers: written.picture(numbers, shape), ()))

    def _key(self) -> tuple[Any, ...]:
        return (self.objective.signature(), self.layers.paths, self.parameterisation, self.shape)

    def _step_function(self) -> Callable[..., Any]:
        # What is compiled is kept for the model and must not hold it: it takes these with it, never this object.
        written, shape, view = self.parameterisation, self.shape, self.view
        objective, layers, to_inputs = self.objective, self.layers, self.to_inputs
        see = seer(self.subject, layers)

        def values(numbers: Any, maps: Any, background: Any, arrays: Any) -> Any:
            pictures = written.picture(numbers, shape)
            shown = to_inputs(view.look(flattened(pictures, background), maps))
            return objective.values({**see(layers.run(shown)), PICTURE: pictures}, arrays)

        return backend.value_and_gradient(values)

    # Running

    def start(self, rngs: Sequence[np.random.Generator], pictures: Any = None) -> Numbers:
        """Return the numbers that the pictures start from: random ones, or those of given pictures."""
        if pictures is not None:
            given = [np.repeat(one, len(rngs) // len(one), axis=0) for one in self.parameterisation.of(pictures)]
            return [np.ascontiguousarray(one, dtype="float32") for one in given]
        drawn = [self.parameterisation.start(rng, self.shape) for rng in rngs]
        return [np.stack(parts) for parts in zip(*drawn, strict=True)]

    def background(self, rngs: Sequence[np.random.Generator]) -> NDArray[np.float32]:
        """Return the random colours behind transparent pictures; next to nothing where none are."""
        if not self.parameterisation.alpha:
            return np.zeros((len(rngs), 1, 1, 3), "float32")
        return np.stack([rng.uniform(0, 1, (_BACKGROUND, _BACKGROUND, 3)) for rng in rngs]).astype("float32")

    def inputs_of(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return pictures (N, H, W, 3 or 4) as the model takes them, on grey where they are transparent."""
        grey = np.full((len(pictures), 1, 1, 3), 0.5, "float32")
        inputs: NDArray[np.float32] = backend.to_numpy(self.to_inputs(flattened(pictures, grey)))
        return inputs

    def score(self, pictures: NDArray[np.float32], arrays: Sequence[Any]) -> NDArray[np.float32]:
        """Return the objective (N,) of pictures that are neither moved nor framed."""
        return objective_values(self.subject, self.layers, self.objective, (self.inputs_of(pictures), pictures), arrays)


@dataclasses.dataclass(frozen=True)
class Bound:
    """What an objective may ask about a problem."""

    problem: Problem
    count: int

    def depth(self, layer: str) -> int:
        """Return how many channels a layer gives."""
        return depth_of(self.problem.subject, self.problem.layers, layer)

    def index(self, target: str | int) -> int:
        """Return the index of a class."""
        return as_classifier(self.problem.subject).index(target)

    def activation(self, layer: str, picture: Any) -> NDArray[np.float32]:
        """Return what a layer gives for a picture, framed as the optimised ones are."""
        problem = self.problem
        shown = fitted_picture(problem.subject, picture, problem.shape)
        framed = View(problem.shape, tuple(one for one in problem.view.transformations if one.margin)).look(shown)
        inputs = backend.to_numpy(problem.to_inputs(framed))
        return activations_of(problem.subject, problem.layers, inputs)[layer]


# Shared with DeepDream and with the measuring of pictures


def picture_shape(subject: WrappedModel) -> tuple[int, int, int]:
    """Return height, width and channels; refuse a model that does not take pictures."""
    shape = subject.input_shape
    if len(shape) != 3 or shape[-1] not in (1, 3):
        msg = f"{subject.name!r} takes inputs of shape {shape}, not pictures of 1 or 3 channels"
        raise ValueError(msg)
    return shape[0], shape[1], shape[2]


def outputs_for(subject: WrappedModel, objective: Objective) -> IntermediateOutputs:
    """Find the layers that an objective needs, once for a model."""
    return outputs_of(subject, [name for name in objective.layers if name != PICTURE])


def depth_of(subject: WrappedModel, layers: IntermediateOutputs, layer: str) -> int:
    """Return how many channels a layer gives; of the scores, how many classes there are."""
    if layer == SCORES and isinstance(subject, Classifier):
        return len(subject.labels)
    return layers.depths[layers.names.index(layer)]


def seer(subject: WrappedModel, layers: IntermediateOutputs) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """Return the function that names what layers give; scores are brought to logits. It does not hold the model."""
    finish = subject.output_transform() if SCORES in layers.names and isinstance(subject, Classifier) else None
    names = layers.names

    def see(activations: Sequence[Any]) -> dict[str, Any]:
        named = dict(zip(names, (ops.cast(one, "float32") for one in activations), strict=True))
        if finish is not None:
            named[SCORES] = finish(named[SCORES])
        return named

    return see


def activations_of(
    subject: WrappedModel, layers: IntermediateOutputs, inputs: NDArray[np.float32]
) -> dict[str, NDArray[np.float32]]:
    """Run a batch of inputs up to the layers."""
    tensors = LayerProbe(subject, layers.names).tensors(inputs)
    found: dict[str, NDArray[np.float32]] = backend.to_numpy(seer(subject, layers)(tensors))
    return found


def objective_values(
    subject: WrappedModel,
    layers: IntermediateOutputs,
    objective: Objective,
    batch: tuple[NDArray[np.float32], NDArray[np.float32]],
    arrays: Sequence[Any],
) -> NDArray[np.float32]:
    """Compute an objective (N,) from a batch of inputs, given also as pictures."""
    inputs, pictures = batch
    seen: dict[str, Any] = {PICTURE: pictures}
    if layers.names:
        seen |= activations_of(subject, layers, inputs)
    tensors = {name: ops.convert_to_tensor(one, dtype="float32") for name, one in seen.items()}
    values: NDArray[np.float32] = backend.to_numpy(
        objective.values(tensors, [ops.convert_to_tensor(one) for one in arrays])
    )
    return values


def takes_size(subject: WrappedModel, layers: IntermediateOutputs, size: tuple[int, int]) -> bool:
    """Tell, by trying, whether the layers can be computed for pictures of another size."""

    def attempt() -> bool:
        try:
            layers.run(np.zeros((1, *size, picture_shape(subject)[2]), "float32"))
        except Exception:  # noqa: BLE001  (each layer and each backend refuses in its own way)
            return False
        return True

    known: bool = store_of(subject.model).get_or_build(("takes", layers.paths, size), attempt)
    return known


def pixel_function(subject: WrappedModel) -> Callable[[Any], Any]:
    """Return the function of tensors from pictures (N, H, W, 3), 0 to 1, to inputs.

    Raises
    ------
    ValueError
        If the preprocessing is not an affine map of each pixel, and no range of values is known.
    """
    channels, matrix, offset = picture_shape(subject)[2], None, None
    low_high, pixels = subject.value_range, subject.pixel_map
    if pixels is not None and (low_high is None or _same_range(pixels, low_high)):
        matrix, offset = (255 * pixels.matrix).astype("float32"), pixels.offset.astype("float32")
    elif low_high is not None:
        low, high = (np.broadcast_to(np.asarray(end, "float32"), (channels,)) for end in low_high)
        matrix, offset = np.diag(high - low), low
    if matrix is None or offset is None:
        msg = f"it is not known how pixels become inputs of {subject.name!r}: give Classifier(value_range=(low, high))"
        raise ValueError(msg)
    plain = np.allclose(matrix, np.eye(channels)) and not offset.any()
    scale = None if np.count_nonzero(matrix - np.diag(np.diag(matrix))) else np.diag(matrix)

    def to_inputs(pictures: Any) -> Any:
        own = ops.mean(pictures, axis=-1, keepdims=True) if channels == 1 else pictures
        if plain:
            return own
        return ops.add(ops.multiply(own, scale) if scale is not None else ops.matmul(own, matrix), offset)

    return to_inputs


def _same_range(pixels: Any, low_high: tuple[Any, Any]) -> bool:
    return bool(np.allclose(pixels.low, low_high[0]) and np.allclose(pixels.high, low_high[1]))


def fitted_picture(subject: WrappedModel, picture: Any, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return one picture as (1, H, W, 3), 0 to 1, of the wanted size."""
    shown = subject.to_display(subject.as_inputs(picture))[:1]
    if shown.shape[1:3] != shape:
        shown = backend.to_numpy(ops.clip(ops.image.resize(shown, shape, interpolation="bicubic"), 0, 1))
    return np.asarray(shown, "float32")


def flattened(pictures: Any, background: Any) -> Any:
    """Lay pictures with opacity on a background of random squares, made smooth; others are left as they are."""
    if pictures.shape[-1] == 3:
        return pictures
    pictures = ops.convert_to_tensor(pictures)
    opaque = pictures[..., 3:]
    behind = ops.image.resize(background, tuple(pictures.shape[1:3]), interpolation="bilinear")
    return pictures[..., :3] * opaque + behind * (1 - opaque)


def checked_size(size: int | tuple[int, int] | None, usual: tuple[int, int]) -> tuple[int, int]:
    """Return height and width; refuse what is no size."""
    if size is None:
        return usual
    pair = (size, size) if isinstance(size, (int, np.integer)) else tuple(size)
    if len(pair) != 2 or not all(isinstance(side, (int, np.integer)) and side > 0 for side in pair):
        msg = f"size must be a number of pixels or (height, width), not {size!r}"
        raise ValueError(msg)
    return int(pair[0]), int(pair[1])
