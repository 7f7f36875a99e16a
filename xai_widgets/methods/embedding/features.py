"""The features that a classifier computes just before its scores, as vectors to be laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.common.checked_options import checked_options
from xai_widgets.datasets.vectors import VectorSet, thumbnails
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.final_activations import drop_activations
from xai_widgets.models.graph.intermediate_outputs import SCORES
from xai_widgets.models.kinds.classifier import as_classifier
from xai_widgets.models.kinds.wrapping import wrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from xai_widgets.common.option_types import PositiveInt
    from xai_widgets.models.kinds.classifier import Classifier


@checked_options
def last_features(
    model: Classifier | keras.Model,
    pictures: NDArray[Any],
    classes: ArrayLike,
    *,
    layer: str | None = None,
    batch_size: PositiveInt | None = None,
) -> VectorSet:
    """Run pictures up to a layer; mark those that the classifier gets wrong.

    Parameters
    ----------
    model : Classifier or keras.Model
        With one output, a score for each class.
    pictures : (N, H, W, C) array
        Pictures, or inputs of the model.
    classes : (N,) array of int
        The true classes.
    layer : str, optional
        Path of the layer; what the scores are made from if left out. Maps are averaged over their places.
    batch_size : int, optional
        As many as memory allows if left out.

    Returns
    -------
    VectorSet
        Groups are the true classes; a name tells the answer where it is another one.

    Raises
    ------
    ValueError
        If counts differ, a class does not exist, or the layer does not.

    Examples
    --------
    >>> from xai_widgets import load_model
    >>> from xai_widgets.datasets.pictures.samples import digits_split
    >>> inputs, classes = digits_split("test")
    >>> last_features(load_model("digits"), inputs[:20], classes[:20]).vectors.shape[0]
    20
    """
    subject = as_classifier(wrap(model))
    true = np.asarray(classes, np.int64)
    if len(true) != len(pictures):
        raise ValueError(f"{len(pictures)} pictures need as many classes, got {len(true)}")
    probe = LayerProbe(subject, [_before_scores(subject.model) if layer is None else layer, SCORES])
    to_logits = subject.output_transform()

    def reduce(features: Any, scores: Any) -> list[Any]:
        return [_pooled(features), to_logits(scores)]

    found = [one for _, one in probe.reduced("pooled features", reduce, pictures, batch_size=batch_size)]
    vectors, answers = (np.concatenate([np.asarray(part[side]) for part in found]) for side in (0, 1))
    labels = subject.labels
    if true.min() < 0 or true.max() >= len(labels):
        raise ValueError(f"classes are 0 to {len(labels) - 1}, got {int(true.min())} to {int(true.max())}")
    said = answers.argmax(axis=1)
    names = tuple(labels[t] if t == s else f"{labels[t]} → {labels[s]}" for t, s in zip(true, said, strict=True))
    return VectorSet(subject.name, vectors, names, true, labels, thumbnails(pictures), said != true)


def _before_scores(model: Any) -> str:
    """Return the path of the layer that the scores are made from."""
    program = read_program(model)
    drop_activations(program)
    last = program.producer(program.outputs[0])
    before = None if last is None else program.producer(last.inputs[0])
    if before is None:
        raise ValueError("the scores are made from the input itself; there is no layer before them")
    return before.path


def _pooled(features: Any) -> Any:
    """Average maps over their places."""
    places = tuple(range(1, len(features.shape) - 1))
    return keras.ops.mean(features, axis=places) if places else features
