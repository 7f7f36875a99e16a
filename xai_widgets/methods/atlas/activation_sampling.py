"""Activations of many pictures, and the attribution of each class's logit to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import checked_options
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.target_scores import class_scalar
from xai_widgets.models.kinds.classifier import as_classifier
from xai_widgets.models.kinds.wrapping import wrap

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress, Seed
    from xai_widgets.methods.core.layer_probe import LayerState
    from xai_widgets.models.kinds.classifier import Classifier

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
        Activation times gradient of each class's logit, summed over channels: the part of the logit that
        it accounts for, to first order.
    labels : tuple of K str
        The classes.
    pictures : (M,) int64 array
        The number of the picture that each comes from.

    Examples
    --------
    >>> one = ActivationSample("conv", np.ones((3, 8)), np.ones((3, 2)), ("cat", "dog"), np.array([0, 0, 1]))
    >>> (one + one).vectors.shape
    (6, 8)
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


@checked_options
def sample_activations(
    model: Classifier | keras.Model,
    inputs: Any,
    *,
    layer: str,
    samples: PositiveInt = 1,
    pooled: bool = False,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> ActivationSample:
    """Take activations of a layer from each picture, at random places or pooled, with each class's attribution.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential; takes pictures and gives one row of class scores.
    inputs : array (N, H, W, C), or pictures
        The pictures: floats in the model's input space, or uint8 arrays (H, W, 3), PIL images or paths, which are
        resized and preprocessed.
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant. It gives maps (N, h, w, C).
    samples : int, default 1
        Random places from each picture, with replacement; 1 or more.
    pooled : bool, default False
        Whether the mean over all places is taken instead: one activation for each picture.
    seed : int, default 0
        Seed of the places, 0 or more.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting pictures, and may raise an error to stop. None
        is silent.

    Returns
    -------
    ActivationSample
        ``.vectors`` (M, C), ``.attribution`` (M, K); M is N times `samples`, or N. Of a model with more than 32
        classes, those 32 that are predicted most often.

    Raises
    ------
    ValueError
        For an unknown layer, one without maps, a model without class scores, inputs of a wrong shape, or an option
        whose value is not allowed.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> taken = sample_activations(digits, xai.sample_image("digit-3"), layer="conv4", samples=5)
    >>> taken.vectors.shape, taken.attribution.shape
    ((5, 64), (5, 10))
    """
    at = LayerProbe(as_classifier(wrap(model)), layer).require_maps()
    subject, report = as_classifier(at.subject), reporter(progress)
    arrays = subject.as_inputs(inputs)
    classes = _most_frequent(subject, arrays, batch_size)
    chance = np.random.default_rng(seed).random((len(arrays), samples, 2))
    found = []
    for part in subject.batches(len(arrays), batch_size):
        state = at.forward(arrays[part])
        activations = state.activations
        effects = [(activations * class_gradient(at, state, one)).sum(axis=-1) for one in classes]
        effect = np.stack(effects, axis=-1)
        numbers = np.arange(part.start, part.stop)
        places = None if pooled else (chance[part] * activations.shape[1:3]).astype(int)
        found.append(_taken(at.path, activations, effect, places, numbers))
        report(part.stop, len(arrays))
    total = found[0]
    for one in found[1:]:
        total = total + one
    labels = tuple(as_classifier(subject).labels[one] for one in classes)
    return ActivationSample(total.layer, total.vectors, total.attribution, labels, total.pictures)


def class_gradient(probe: LayerProbe, state: LayerState, label: int) -> NDArray[np.float32]:
    """Return the gradient of one class's logit with respect to the output of a layer, (n, h, w, C)."""
    return probe.gradients(state, class_scalar(probe.subject, np.full(len(state.tensor), label)))[1]


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
