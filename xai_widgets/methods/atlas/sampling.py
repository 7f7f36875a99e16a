"""Activations of many pictures, and what each says for each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.units.reading import map_shape
from xai_widgets.models.cut import cut
from xai_widgets.models.network import subject_of
from xai_widgets.models.store import store_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.cut import Cut

MOST_CLASSES = 32  # whose attribution is computed; each costs a pass backwards through the head


@dataclass(frozen=True, eq=False)
class ActivationSample:
    """Some activations of a layer.

    Attributes
    ----------
    layer : str
        Its whole path.
    vectors : (M, C) float32 array
        One activation each: of one place of a picture, or pooled over all of its places.
    attribution : (M, K) float32 array
        Activation times gradient of each class's logit, summed over channels: what the activation says for the class,
        to first order.
    labels : tuple of K str
        The classes.
    pictures : (M,) int64 array
        The number of the picture that each comes from.
    """

    layer: str
    vectors: NDArray[np.float32]
    attribution: NDArray[np.float32]
    labels: tuple[str, ...]
    pictures: NDArray[np.int64]

    def __add__(self, other: ActivationSample) -> ActivationSample:
        """Put two samples together."""
        joined = (
            np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("vectors", "attribution", "pictures")
        )
        vectors, attribution, pictures = joined
        return ActivationSample(self.layer, vectors, attribution, self.labels, pictures)


class Slopes:
    """A layer with maps, and the gradient of any class's logit with respect to it.

    Parameters
    ----------
    model : Classifier or keras.Model
    layer : str

    Raises
    ------
    ValueError
        If there is no such layer, or it gives no maps.
    """

    def __init__(self, model: Classifier | keras.Model, layer: str) -> None:
        self.subject = subject_of(model)
        self.layer, shape = map_shape(self.subject, layer)
        self.depth = int(shape[-1] or 0)
        parts: Cut = store_of(self.subject.model).kept(
            ("cut", self.layer, True), lambda: cut(self.subject.model, self.layer, logits=True)
        )
        finish = self.subject.finishing()

        def logit(activations: Any, context: Any, chosen: Any) -> Any:
            return keras.ops.sum(finish(parts.head(activations, context)) * chosen, axis=-1)

        def slopes(activations: Any, context: Any, chosen: Any) -> Any:
            return backend.value_and_gradient(lambda a: logit(a, context, chosen))(activations)[1]

        self.features = self.subject.compiled(("atlas before", self.layer), lambda: (parts.features, parts.variables))
        self._slopes = self.subject.compiled(("atlas slopes", self.layer), lambda: (slopes, parts.variables))

    def of(self, activations: NDArray[np.float32], context: Any, label: int) -> NDArray[np.float32]:
        """Return the gradient of one class's logit, (N, h, w, C)."""
        chosen = np.zeros((len(activations), len(self.subject.labels)), "float32")
        chosen[:, label] = 1
        found: NDArray[np.float32] = self._slopes(activations, context, chosen)
        return found


def sample_activations(
    model: Classifier | keras.Model,
    inputs: Any,
    *,
    layer: str,
    samples: int = 1,
    pooled: bool = False,
    seed: int = 0,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> ActivationSample:
    """Take activations of a layer from each picture, at random places or pooled, with what they say for each class.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential.
    inputs : array (N, H, W, C), or pictures
    layer : str
        Path of a layer with maps.
    samples : int
        Random places from each picture, with replacement.
    pooled : bool
        Take the mean over all places instead: one activation for each picture.
    seed : int
    batch_size : int, optional
        Pictures at a time; as many as memory allows if left out.
    progress : callable or bool, optional
        Counts pictures.

    Returns
    -------
    ActivationSample
        ``.vectors`` (M, C), ``.attribution`` (M, K); M is N times `samples`, or N. Of a model with more than 32
        classes, those 32 that are predicted most often.

    Raises
    ------
    ValueError
        For an unknown layer, one without maps, or less than one sample.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> taken = sample_activations(digits, xai.sample_image("digit-3"), layer="conv4", samples=5)
    >>> taken.vectors.shape, taken.attribution.shape
    ((5, 64), (5, 10))
    """
    if samples < 1:
        raise ValueError(f"samples must be at least 1, not {samples}")
    slopes = Slopes(model, layer)
    subject, report = slopes.subject, reporter(progress)
    arrays = subject.as_inputs(inputs)
    classes = _most_frequent(subject, arrays, batch_size)
    chance = np.random.default_rng(seed).random((len(arrays), samples, 2))
    found = []
    for part in subject.batches(len(arrays), batch_size):
        activations, context = slopes.features(arrays[part])
        effects = [(activations * slopes.of(activations, context, one)).sum(axis=-1) for one in classes]
        effect = np.stack(effects, axis=-1)
        numbers = np.arange(part.start, part.stop)
        places = None if pooled else (chance[part] * activations.shape[1:3]).astype(int)
        found.append(_taken(slopes.layer, activations, effect, places, numbers))
        report(part.stop, len(arrays))
    total = found[0]
    for one in found[1:]:
        total = total + one
    labels = tuple(subject.labels[one] for one in classes)
    return ActivationSample(total.layer, total.vectors, total.attribution, labels, total.pictures)


def _taken(
    layer: str,
    activations: NDArray[np.float32],
    effect: NDArray[np.float32],
    places: NDArray[np.int64] | None,
    numbers: NDArray[np.int64],
) -> ActivationSample:
    """Pool a batch, or take its places (n, samples, 2)."""
    if places is None:
        return ActivationSample(layer, activations.mean(axis=(1, 2)), effect.sum(axis=(1, 2)), (), numbers)
    rows = np.arange(len(activations))[:, np.newaxis]
    at = (rows, places[..., 0], places[..., 1])
    vectors, said = (one[at].reshape(-1, one.shape[-1]) for one in (activations, effect))
    return ActivationSample(layer, vectors, said, (), np.repeat(numbers, places.shape[1]))


def _most_frequent(subject: Classifier, arrays: NDArray[np.float32], batch_size: int | None) -> list[int]:
    """Return all classes, or those that are predicted most often where there are too many, in their order."""
    count = len(subject.labels)
    if count <= MOST_CLASSES:
        return list(range(count))
    read = np.bincount(subject.logits(arrays, batch_size=batch_size).argmax(axis=1), minlength=count)
    return sorted(np.argsort(-read, kind="stable")[:MOST_CLASSES].tolist())
