"""Class activation maps: CAM and Grad-CAM, and the engine that their variants share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.activations import Layer, LayerBatch
from xai_widgets.methods.scores import pictures_of
from xai_widgets.methods.upsampling import upsample as enlarge
from xai_widgets.results.attribution import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

    Progress = Callable[[int, int], object] | bool | None
    Combine = Callable[[LayerBatch], NDArray[np.float32]]


def grad_cam(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    negative: bool = False,
    relu: bool = True,
    upsample: bool = True,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """Grad-CAM: the maps of a layer, each weighted by the mean of its gradient, summed.

    It costs a forward pass and a backward pass through what comes after the layer alone.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential, with any models nested in it. One with several inputs or outputs may be given bare, or
        wrapped in a `Network`.
    inputs : array, or several
        As for `saliency`; for a model with several inputs, nested as the model takes them.
    target : str, int, sequence of them, callable, or None
        As for `saliency`. A callable gets the outputs, nested as the model gives them (each before its final softmax or
        sigmoid), and makes one scalar per example: ``lambda outputs: outputs["words"][:, 3, 17]``.
    layer : str, optional
        The path of any layer that gives maps (N, h, w, C): ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first
        call of a layer that is called several times, otherwise its last is meant. Left out, the last layer with a
        height and width before the pooling: features at their most abstract that still have a place (see
        `default_layer`).
    negative : bool
        Reverse the gradient: where is what speaks against the target? (The paper's counterfactual explanation.)
    relu : bool
        Keep what speaks for the target alone, as the paper does; False leaves the signed map.
    upsample : bool
        Enlarge the map to the input's height and width, bilinearly; False gives it as coarse as it is.
    output, batch_size, progress
        As for `saliency`.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W), or (N, h, w) if not upsampled; never normalised: in units of the score, a map's mean over
        the places is about what the layer adds to the score.

    Raises
    ------
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For an unknown layer (the nearest names are given), one that gives no maps or does not lead to the outputs, and
        as `saliency` does.

    References
    ----------
    Ramprasaath R. Selvaraju, Michael Cogswell, Abhishek Das, Ramakrishna Vedantam, Devi Parikh, Dhruv Batra (2017),
    Grad-CAM: visual explanations from deep networks via gradient-based localization.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> grad_cam(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8)
    """
    sign = -1 if negative else 1
    at = Layer(model, inputs, layer, output)
    options = {"layer": at.name, "negative": negative or None, "relu": relu, "upsample": upsample, "output": output}

    def weigh(seen: LayerBatch) -> NDArray[np.float32]:
        weights = sign * seen.gradients.mean(axis=places(seen.activations), keepdims=True)
        return rectified((weights * seen.activations).sum(axis=-1), relu=relu)

    return explain_at("grad_cam", at, target, weigh, options, batch_size=batch_size, progress=progress)


def cam(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    negative: bool = False,
    relu: bool = False,
    upsample: bool = True,
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """CAM: the last maps, each weighted by the weight that joins it to the class.

    Only for networks that end in global average pooling and one dense layer; others need another training, or
    `grad_cam`, which gives the same map there (divided by the number of places).

    Parameters
    ----------
    model, inputs, upsample, batch_size, progress
        As for `grad_cam`.
    target : str, int, sequence of them, or None
        A class; there is no weight for anything else.
    negative : bool
        Reverse the weights: what speaks against the class.
    relu : bool
        Keep positive values alone; the paper keeps all.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W), or (N, h, w) if not upsampled, in units of the logit: the mean of the coarse map and the
        bias are the logit. ``.delta`` (N,) is what is missing of that: 0 but for rounding; None if `negative` or
        `relu`.

    Raises
    ------
    ValueError
        If the model does not end in a convolutional layer, global average pooling and one dense layer.

    References
    ----------
    Bolei Zhou, Aditya Khosla, Agata Lapedriza, Aude Oliva, Antonio Torralba (2016), Learning deep features for
    discriminative localization.

    Examples
    --------
    >>> import keras, numpy as np
    >>> net = [keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, "softmax")]
    >>> found = cam(keras.Sequential([keras.Input((8, 8, 1)), *net]), np.ones((8, 8, 1), "float32"), 1, upsample=False)
    >>> found.values.shape, bool(abs(found.delta[0]) < 1e-4)
    ((1, 6, 6), True)
    """
    from xai_widgets.methods.cam_head import pooled_layer

    if callable(target):
        msg = "cam explains a class, by the weights that lead to it; grad_cam takes a callable"
        raise ValueError(msg)  # noqa: TRY004  (callables are welcome elsewhere: it is the method that does not fit)
    path, weights_and_bias = pooled_layer(model)
    at = Layer(model, inputs, path, "logit")
    missing: list[NDArray[np.float64]] = []

    def weigh(seen: LayerBatch) -> NDArray[np.float32]:
        weights, bias = weights_and_bias(seen.scalar.rows)
        maps = np.einsum("nhwc,nc->nhw", seen.activations, weights)
        missing.append(maps.mean(axis=(1, 2), dtype="float64") + bias - seen.scores)
        return rectified(-maps if negative else maps, relu=relu)

    options = {"layer": at.name, "negative": negative or None, "relu": relu, "upsample": upsample}
    found = explain_at("cam", at, target, weigh, options, differentiate=False, batch_size=batch_size, progress=progress)
    delta = None if negative or relu else np.concatenate(missing)
    return Attribution(found.values, found.score, found.recipe, delta, found.pictures)


def explain_at(
    method: str,
    at: Layer,
    target: Target,
    combine: Combine,
    options: dict[str, Any],
    *,
    differentiate: bool = True,
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """Make one map for each example from what a layer gives; what all these methods share."""
    picture, names = at.seen(), list[str]()
    maps, scores = [], []
    if options["upsample"] and picture is None:
        msg = f"no input has as many axes as {at.name!r} gives, so there is no size to enlarge to: upsample=False"
        raise ValueError(msg)
    for seen in at.batches(target, differentiate=differentiate, batch_size=batch_size, progress=progress):
        coarse = combine(seen)
        maps.append(enlarge(coarse, picture.shape[1:-1]) if options["upsample"] and picture is not None else coarse)
        scores.append(seen.scores)
        names.extend(seen.scalar.names)
    pictures = None if picture is None else pictures_of(at.subject, picture)
    recipe = Recipe(method, at.subject.name, tuple(names), options)
    return Attribution(np.concatenate(maps).astype("float32"), np.concatenate(scores), recipe, pictures=pictures)


def rectified(maps: NDArray[np.float32], *, relu: bool) -> NDArray[np.float32]:
    """Cut what is below zero, if asked."""
    return np.maximum(maps, 0) if relu else maps


def places(activations: NDArray[Any]) -> tuple[int, ...]:
    """Return the axes between examples and channels."""
    return tuple(range(1, activations.ndim - 1))
