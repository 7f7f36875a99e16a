"""Switching units off, and seeing which class falls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import checked_options
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.progress import reporter
from xai_widgets.models.kinds.classifier import as_classifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress
    from xai_widgets.models.kinds.classifier import Classifier

    Units = int | Sequence[int | Sequence[int]] | None


__all__ = ["ablation_effect"]


@checked_options
def ablation_effect(
    model: Classifier | keras.Model,
    inputs: Any,
    layer: str,
    units: Units = None,
    *,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> NDArray[np.float32]:
    """How far the logit of each class moves when units are switched off, set to 0 at all places.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential; left as it is.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    layer : str
        Path of the layer whose units are switched off; what it gives is set to 0, after its own activation.
    units : int, or sequence of int or of sequences of int, optional
        Each item is one experiment: a number switches off this unit alone, a sequence several units together. So
        ``[3, 7]`` are two experiments and ``[[3, 7]]`` is one. None: each unit of the layer alone.
    batch_size : int, optional
        Pictures at a time, 1 or more; as many as the memory allows, 512 at most, if left out. The part before the
        layer runs once for each batch, the part behind it once for each experiment.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting pictures, and may raise an error to stop. None
        is silent.

    Returns
    -------
    (N, U, K) float32 array
        For each picture, experiment and class, in units of the logit: the logit without the units minus the logit
        with them. Negative: the units spoke for the class. ``.mean(axis=0)`` is the effect on a whole set.

    Raises
    ------
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For an unknown layer or unit, no unit at all, a model without class scores, inputs of a wrong shape, or with
        NaN or infinite values, or a batch size below 1.
    TypeError
        If the model is no Keras model, or an option does not exist.

    Notes
    -----
    A unit that gives only zeros has no effect. Where a dense layer alone follows (or averaging and a dense layer), the
    effect is minus the unit's activation (averaged) times its weight, and effects of several units add up; otherwise
    they need not. Zero may be a value that the network never saw in combination with the other units.

    References
    ----------
    Bolei Zhou, Yiyou Sun, David Bau, Antonio Torralba (2018), Revisiting the importance of individual units in CNNs via
    ablation, arXiv:1806.02891.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> change = ablation_effect(digits, three, "conv4", [5, [5, 6]])
    >>> change.shape
    (1, 2, 10)
    """
    probe = LayerProbe(model, layer)
    subject, report = probe.subject, reporter(progress)
    arrays = subject.as_inputs(inputs)
    masks = _masks(units, probe)
    changes = np.empty((len(arrays), len(masks), len(as_classifier(subject).labels)), "float32")
    for part in subject.batches(len(arrays), batch_size):
        state = probe.forward(arrays[part])
        intact = probe.head(state)
        for number, mask in enumerate(masks):
            changes[part, number] = probe.head(state.masked(mask)) - intact
        report(part.stop, len(arrays))
    return changes


def _masks(units: Any, probe: LayerProbe) -> list[NDArray[np.float32]]:
    """Return for each experiment what the units are multiplied with, 0 or 1."""
    items = range(probe.units) if units is None else units if isinstance(units, Iterable) else [units]
    masks = []
    for item in items:
        mask = np.ones(probe.units, "float32")
        mask[probe.unit_numbers(item)] = 0
        masks.append(mask)
    if not masks:
        raise ValueError("no unit was given; name at least one, or None for each of them alone")
    return masks
