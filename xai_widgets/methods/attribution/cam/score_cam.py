"""Score-CAM: maps weighted by the score of the picture masked with each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.attribution.cam.cam import map_probe, rectified
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.explained_batches import explained_batches
from xai_widgets.methods.core.point_gradients import gradients_at_points
from xai_widgets.methods.core.target_scores import Scalar, pictures_of
from xai_widgets.methods.core.upsampling import upsample as enlarge
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Output, PositiveInt, Progress
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target

    Batch = NDArray[np.float32]


@attribution_method(
    family="activation",
    paper=Paper("Wang et al.", 2020, "Score-CAM", arxiv="1910.01279"),
    forward=1,
    per="maps",
    explains=("picture", "sequence"),
    needs=("convolutions",),
    grain="coarse",
    order=50,
)
def score_cam(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    baseline: float = 0.0,
    channels: PositiveInt | None = None,
    relu: bool = True,
    upsample: bool = True,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Score-CAM: each map of a layer hides a part of the picture; the scores that are left weigh the maps.

    Each map is enlarged to the picture and brought to 0..1, the picture is multiplied with it, and the network asked
    again. The weights are the softmax of these scores over the maps. No gradient is needed, but a forward pass for
    each map.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. It must be
        functional or Sequential, nested models are opened, and have one input.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the outputs, (N, K) or nested as the model
        gives them, each before its final softmax or sigmoid unless `output` says otherwise, to a tensor (N,),
        written with ``keras.ops``: ``lambda outputs: outputs["words"][:, 3, 17]``.
    layer : str, optional
        The path of any layer that gives maps, (N, h, w, C) of pictures, (N, t, C) of sequences, (N, d, h, w, C) of
        volumes: ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is called several
        times, otherwise its last is meant. Left out, the last layer with places before the pooling: features at
        their most abstract that still have a place. For a network that gives scores at each place, such as a U-Net,
        it is the bottleneck: the last layer with the fewest places.
    baseline : float, default 0.0
        What stands where a map hides the picture, in units of the model's input space; 0 as in the paper.
    channels : int, optional
        Use only so many maps of each picture, 1 or more: those that vary most over its places ("faster Score-CAM").
        All, if left out.
    relu : bool, default True
        Whether negative values of the map become 0, as in the paper; False leaves the signed map.
    upsample : bool, default True
        Whether the map is enlarged, bilinearly, to the height and width of the input (the length of a sequence);
        False leaves it as coarse as the layer gives it.
    output : {"logit", "probability"}, default "logit"
        The score of the masked pictures: the outputs before the final softmax or sigmoid, or those after it.
        Softmax over the maps sharpens differences of logits: few maps then count.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting masked pictures, and may raise an error to
        stop. None is silent.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W) for pictures, (N, T) for sequences, or as coarse as the layer, (N, h, w) or (N, t), if
        not upsampled; never normalised, in units of the activations.

    Raises
    ------
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; an unknown layer (the nearest names are given), one that gives no maps or does not lead to
        the outputs; no named layer where none is a sensible choice: no convolution, a transformer or a mixer,
        scores at each place without a bottleneck, several outputs without a common layer (layers to choose from are
        named); a model with several inputs, or one whose maps have no places in the input; or a model whose scores
        are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Haofan Wang, Zifan Wang, Mengnan Du, Fan Yang, Zijian Zhang, Sirui Ding, Piotr Mardziel, Xia Hu (2020), Score-CAM:
    score-weighted visual explanations for convolutional neural networks, arXiv:1910.01279.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> score_cam(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8)
    """
    at = map_probe(model, layer, output)
    arrays = at.subject.as_inputs(inputs)
    picture = at.spatial_input(arrays)
    if picture is None or len(keras.tree.flatten(arrays)) != 1:
        msg = f"score_cam masks the one picture that a model sees; {at.subject.name!r} takes something else"
        raise ValueError(msg)
    values, scores, names = [], [], list[str]()
    whole = list(explained_batches(at, arrays, target, differentiate=False, batch_size=batch_size))
    activations = [one for batch in whole for one in batch.activations]
    rows = np.concatenate([batch.scalar.rows for batch in whole])
    for batch in whole:
        names.extend(batch.scalar.names)
        scores.append(batch.scores)
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
    options = {"layer": at.path, "baseline": baseline, "channels": channels, "relu": relu}
    recipe = Recipe("score_cam", at.subject.name, tuple(names), options | {"upsample": upsample, "output": output})
    shown = pictures_of(at.subject, picture)
    return Attribution(
        np.stack(values).astype("float32"), np.concatenate(scores), recipe, pictures=shown, has_channels=False
    )


def _most_varied(activations: Batch, channels: int | None) -> Batch:
    """Return the maps of one example, or those that vary most, in their own order."""
    if channels is None or channels >= activations.shape[-1]:
        return activations
    spread = activations.reshape(-1, activations.shape[-1]).std(axis=0)
    return activations[..., np.sort(np.argsort(-spread, kind="stable")[:channels])]


def _masked_copies(picture: Batch, maps: Batch, baseline: float) -> Callable[[int], Batch]:
    """Return a function that gives the next few copies of a picture, each masked with one of the maps."""
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
