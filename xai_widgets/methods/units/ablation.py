"""Switching units off, and seeing which class falls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.progress import reporter
from xai_widgets.methods.units.reading import checked_units
from xai_widgets.models.cut import cut
from xai_widgets.models.network import subject_of
from xai_widgets.models.store import store_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.cut import Cut


def ablation_effect(
    model: Classifier | keras.Model,
    inputs: Any,
    layer: str,
    units: int | Sequence[int | Sequence[int]] | None = None,
    *,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> NDArray[np.float32]:
    """How far the logit of each class moves when units are switched off, set to 0 at all places.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential; left as it is.
    inputs : array (N, ...), or pictures
    layer : str
        Path of the layer whose units are switched off; what it gives is set to 0, after its own activation.
    units : int, or sequence of int or of sequences of int, optional
        Each item is one experiment: a number switches off this unit alone, a sequence several units together. So
        ``[3, 7]`` are two experiments and ``[[3, 7]]`` is one. None: each unit of the layer alone.
    batch_size : int, optional
        Pictures at a time; as many as memory allows if left out. The part before the layer runs once for each batch,
        the part behind it once for each experiment.
    progress : callable or bool, optional
        Counts pictures.

    Returns
    -------
    (N, U, K) float32 array
        For each picture, experiment and class: the logit without the units minus the logit with them. Negative: the
        units spoke for the class. ``.mean(axis=0)`` is the effect on a whole set.

    Raises
    ------
    NoGraphError
        For a subclassed model.
    ValueError
        For an unknown layer or unit, or a model without class scores.

    Notes
    -----
    A unit that gives only zeros has no effect. Where a dense layer alone follows (or averaging and a dense layer), the
    effect is minus the unit's activation (averaged) times its weight, and effects of several units add up; otherwise
    they need not. Zero may be a value that the network never saw in combination with the other units.

    References
    ----------
    Bolei Zhou, Yiyou Sun, David Bau, Antonio Torralba (2018), Revisiting the importance of individual units in CNNs via
    ablation.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> change = ablation_effect(digits, three, "conv4", [5, [5, 6]])
    >>> change.shape
    (1, 2, 10)
    """
    subject = subject_of(model)
    arrays = subject.as_inputs(inputs)
    parts = _kept_cut(subject, layer)
    count = parts.shape[-1] if parts.shape else None
    if not count:
        raise ValueError(f"the layer {parts.path!r} gives {parts.shape} for one example: it has no units")
    masks = _masks(units, count, parts.path)
    before, behind = _halves(subject, parts)
    report = reporter(progress)
    changes = np.empty((len(arrays), len(masks), len(subject.labels)), "float32")
    for part in subject.batches(len(arrays), batch_size):
        activations, context = before(arrays[part])
        intact = behind(activations, context, np.ones(count, "float32"))
        for number, mask in enumerate(masks):
            changes[part, number] = behind(activations, context, mask) - intact
        report(part.stop, len(arrays))
    return changes


def _kept_cut(subject: Classifier, layer: str) -> Cut:
    model = subject.model
    found: Cut = store_of(model).kept(("cut", layer, True), lambda: cut(model, layer, logits=True))
    return found


def _halves(subject: Classifier, parts: Cut) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return what runs up to the layer, and what runs from there to the logits with a mask over units."""
    finish = subject.finishing()

    def head(activations: Any, context: Any, mask: Any) -> Any:
        kept = activations * keras.ops.cast(mask, activations.dtype)
        return finish(parts.head(kept, context))

    before = subject.compiled(("units before", parts.path), lambda: (parts.features, parts.variables))
    behind = subject.compiled(("units behind", parts.path), lambda: (head, parts.variables))
    return before, behind


def _masks(units: Any, count: int, layer: str) -> list[NDArray[np.float32]]:
    """Return for each experiment what the units are multiplied with, 0 or 1."""
    items = range(count) if units is None else units if isinstance(units, Iterable) else [units]
    masks = []
    for item in items:
        mask = np.ones(count, "float32")
        mask[checked_units(item, count, layer)] = 0
        masks.append(mask)
    if not masks:
        raise ValueError("no unit was given; name at least one, or None for each of them alone")
    return masks
