"""Batches of examples with the outputs of a layer, the score that is explained, and its gradient at the layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.core.input_batches import example_count, examples
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.target_scores import Scalar, explained_scalar
from xai_widgets.models.kinds.classifier import as_classifier, finite_scores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Progress
    from xai_widgets.methods.core.layer_probe import LayerProbe
    from xai_widgets.models.outputs.targets import Target


@dataclass(frozen=True, eq=False)
class LayerBatch:
    """Consecutive examples with the outputs of a layer and what is explained of them.

    Attributes
    ----------
    part : slice
        The numbers of these examples among all.
    activations : (n, ..., C) array
        The outputs of the layer.
    gradients : array of the same shape, or None
        The gradient of the scores with respect to the activations; None if none was asked for.
    scores : (n,) array
        The scalar that is explained.
    scalar : Scalar
        What this scalar is.
    """

    part: slice
    activations: NDArray[np.float32]
    gradients: Any
    scores: NDArray[np.float32]
    scalar: Scalar


def explained_batches(
    probe: LayerProbe,
    inputs: Any,
    target: Target,
    *,
    differentiate: bool = True,
    batch_size: int | None = None,
    progress: Progress = None,
) -> Iterator[LayerBatch]:
    """Yield the outputs of a layer, scores and gradients, batch by batch.

    The model runs once up to the layer. For the predicted class (`target` is None) the rest of the model runs once
    more, to find the class.

    Parameters
    ----------
    probe : LayerProbe
        Of one layer that the outputs depend on.
    inputs : array, or several
        In the model's input space, nested as the model takes them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the tensor of outputs, (N, K) or nested as
        the model gives them, to a tensor (N,), written with ``keras.ops``.
    differentiate : bool
        Whether the gradients are wanted.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting examples, and may raise an error to stop. None
        is silent.

    Raises
    ------
    ValueError
        For an unknown class, or as many targets as do not fit the examples.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.methods.core.layer_probe import LayerProbe
    >>> digits = xai.load_model("digits")
    >>> three = digits.as_inputs(xai.sample_image("digit-3"))
    >>> (batch,) = explained_batches(LayerProbe(digits, "conv4"), three, "3")
    >>> batch.activations.shape, batch.gradients.shape, batch.scores.shape
    ((1, 4, 4, 64), (1, 4, 4, 64), (1,))
    """
    report, count = reporter(progress), example_count(inputs)
    if target is None:
        as_classifier(probe.subject)  # raises, and says what to do
    for part in probe.subject.batches(count, batch_size):
        taken = examples(inputs, part)
        chosen = (
            None
            if target is None
            else explained_scalar(probe.subject, taken, _of_part(target, part, count), probe.output)
        )
        state = probe.forward(taken)
        if chosen is None:
            predicted = finite_scores(probe.head(state, "logit"), probe.subject.name).argmax(axis=-1)
            chosen = explained_scalar(probe.subject, taken, predicted, probe.output)
        if differentiate:
            scores, gradients = probe.gradients(state, chosen)
        else:
            scores, gradients = probe.scores(state, chosen), None
        yield LayerBatch(part, state.activations, gradients, scores, chosen)
        report(part.stop, count)


def _of_part(target: Any, part: slice, count: int) -> Any:
    """Return the targets of a batch, where there is one for each example."""
    if callable(target) or isinstance(target, (str, int, np.integer)) or np.ndim(target) == 0:
        return target
    if len(target) != count:
        msg = f"{len(target)} targets were given for {count} images; give one for all, or one per image"
        raise ValueError(msg)
    return list(target)[part]
