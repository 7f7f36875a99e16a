"""The fill shown where a part of the input is hidden, and the scorer of inputs masked with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.attribution.perturbation.masking import MaskedScorer
from xai_widgets.methods.core.baselines import make_baselines
from xai_widgets.methods.core.target_scores import explained_scalar, wrapped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.models.kinds.wrapped_model import WrappedModel
    from xai_widgets.models.outputs.targets import Target

    Batch = NDArray[np.float32]


def default_fill(classifier: WrappedModel, inputs: Batch) -> Any:
    """Return what hides a part where nothing was said: grey, the mean colour, or 0."""
    if inputs.ndim != 4:
        return 0
    return "mean" if classifier.value_range is None else "grey"


def make_fills(classifier: WrappedModel, inputs: Batch, fill: Any) -> Batch:
    """Return what shows instead of each input, shape (N, ...); `fill` is one baseline or a colour (C,)."""
    if isinstance(fill, (list, tuple)):
        fill = np.asarray(fill)
    channels = inputs.shape[-1:]
    if not isinstance(fill, str) and inputs.ndim > 2 and np.shape(fill) == channels != inputs.shape[1:]:
        fill = np.broadcast_to(np.asarray(fill, "float32"), inputs.shape[1:])
    fills: Batch = make_baselines(classifier, inputs, fill)[0]
    return fills


def masked_scorer(
    model: Any, inputs: Any, target: Target, fill: Any, *, output: str, batch_size: int | None
) -> tuple[MaskedScorer, Any]:
    """Put together what all methods of this family begin with; return also which fill was chosen."""
    subject, batch = wrapped(model, inputs)
    fill = default_fill(subject, batch) if fill is None else fill
    fills = make_fills(subject, batch, fill)
    scalar = explained_scalar(subject, batch, target, output, batch_size)
    return MaskedScorer(subject, scalar, batch, fills, output, batch_size), fill
