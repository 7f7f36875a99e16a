"""Score-CAM: maps weighted by the score of the picture seen through each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.activations import Layer
from xai_widgets.methods.cam import rectified
from xai_widgets.methods.points import gradients_at_points
from xai_widgets.methods.scores import Scalar, pictures_of
from xai_widgets.methods.upsampling import upsample as enlarge
from xai_widgets.results.attribution import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

    Batch = NDArray[np.float32]


def score_cam(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    baseline: float = 0.0,
    channels: int | None = None,
    relu: bool = True,
    upsample: bool = True,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Attribution:
    """Score-CAM: each map of a layer hides a part of the picture; the scores that are left weigh the maps.

    Each map is enlarged to the picture and brought to 0..1, the picture is multiplied with it, and the network asked
    again. The weights are the softmax of these scores over the maps. No gradient is needed, but a forward pass for
    each map.

    Parameters
    ----------
    model, inputs, target, layer, relu, upsample, batch_size
        As for `grad_cam`; the model must have one input.
    baseline : float
        What stands where a map hides the picture, in the model's input space; 0 as in the paper.
    channels : int, optional
        Use only so many maps of each picture, those that vary most over its places ("faster Score-CAM").
    output : {"logit", "probability"}
        The score of the masked pictures. Softmax sharpens differences of logits: few maps then count.
    progress : bool or callable, optional
        As for `saliency`; it counts masked pictures.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W), or (N, h, w) if not upsampled, in units of the activations; never normalised.

    Raises
    ------
    ValueError
        For a model with several inputs, fewer than one channel, and as `grad_cam` does.

    References
    ----------
    Haofan Wang, Zifan Wang, Mengnan Du, Fan Yang, Zijian Zhang, Sirui Ding, Piotr Mardziel, Xia Hu (2020), Score-CAM:
    score-weighted visual explanations for convolutional neural networks.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> score_cam(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8)
    """
    if channels is not None and channels < 1:
        msg = f"channels must be at least 1, not {channels}"
        raise ValueError(msg)
    at = Layer(model, inputs, layer, output)
    picture = at.seen()
    if picture is None or len(keras.tree.flatten(at.inputs)) != 1:
        msg = f"score_cam masks the one picture that a model sees; {at.subject.name!r} takes something else"
        raise ValueError(msg)
    values, scores, names = [], [], list[str]()
    whole = list(at.batches(target, differentiate=False, batch_size=batch_size))
    activations = [one for seen in whole for one in seen.activations]
    rows = np.concatenate([seen.scalar.rows for seen in whole])
    for seen in whole:
        names.extend(seen.scalar.names)
        scores.append(seen.scores)
    scalar = Scalar(tuple(names), rows, whole[0].scalar.of, whole[0].scalar.lasting)
    kept = [_most_varied(one, channels) for one in activations]
    size = picture.shape[1:-1]
    streams = [_masked_copies(one, maps, baseline) for one, maps in zip(picture, kept, strict=True)]
    masked = np.empty((len(picture), kept[0].shape[-1]), "float32")
    for segment in gradients_at_points(
        at.subject,
        scalar,
        streams.__getitem__,
        masked.shape[1],
        output=output,
        differentiate=False,
        batch_size=batch_size,
        progress=progress,
    ):
        masked[segment.example, segment.places] = segment.scores
    for maps, found in zip(kept, masked, strict=True):
        weights = np.exp(found - found.max())
        coarse = rectified((maps * (weights / weights.sum())).sum(axis=-1), relu=relu)
        values.append(enlarge(coarse[np.newaxis], size)[0] if upsample else coarse)
    options = {"layer": at.name, "baseline": baseline, "channels": channels, "relu": relu}
    recipe = Recipe("score_cam", at.subject.name, tuple(names), options | {"upsample": upsample, "output": output})
    return Attribution(
        np.stack(values).astype("float32"), np.concatenate(scores), recipe, pictures=pictures_of(at.subject, picture)
    )


def _most_varied(activations: Batch, channels: int | None) -> Batch:
    """Return the maps of one example, or those that vary most, in their own order."""
    if channels is None or channels >= activations.shape[-1]:
        return activations
    spread = activations.reshape(-1, activations.shape[-1]).std(axis=0)
    return activations[..., np.sort(np.argsort(-spread, kind="stable")[:channels])]


def _masked_copies(picture: Batch, maps: Batch, baseline: float) -> Callable[[int], Batch]:
    """Return a function that gives the next few copies of a picture, each seen through one of the maps."""
    left = np.moveaxis(maps, -1, 0)

    def following(number: int) -> Batch:
        nonlocal left
        taken, left = left[:number], left[number:]
        masks = _zero_to_one(enlarge(taken, picture.shape[:-1]))[..., np.newaxis]
        return (baseline + masks * (picture - baseline)).astype("float32")

    return following


def _zero_to_one(maps: Batch) -> Batch:
    """Stretch each map to 0..1; one that is the same everywhere becomes 0."""
    axes = tuple(range(1, maps.ndim))
    low, span = maps.min(axis=axes, keepdims=True), np.ptp(maps, axis=axes, keepdims=True)
    stretched: Batch = np.divide(maps - low, span, out=np.zeros_like(maps), where=span > 0)
    return stretched
