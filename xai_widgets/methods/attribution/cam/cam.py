"""Class activation maps: CAM and Grad-CAM, and the engine that their variants share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.explained_batches import LayerBatch, explained_batches
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.target_scores import pictures_of
from xai_widgets.methods.core.upsampling import upsample as enlarge
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Output, PositiveInt, Progress
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target

    Combine = Callable[[LayerBatch], NDArray[np.float32]]

_LEAST_AXES = 2  # of a map for one example: a place and a channel


@attribution_method(
    family="activation",
    paper=Paper("Selvaraju et al.", 2017, "Grad-CAM", doi="10.1109/ICCV.2017.74", arxiv="1610.02391"),
    forward=1,
    backward=1,
    head_only=True,
    explains=("picture", "sequence"),
    needs=("gradients", "convolutions"),
    grain="coarse",
    negative_side=True,
    order=20,
)
def grad_cam(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    negative: bool = False,
    relu: bool = True,
    upsample: bool = True,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Grad-CAM: the maps of a layer, each weighted by the mean of its gradient, summed.

    It costs a forward pass and a backward pass through what comes after the layer alone.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. It must be
        functional or Sequential; nested models are opened, and it may have several inputs or outputs.
    inputs : array, pictures, or several of them
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them. A model with several inputs
        takes one array for each, nested as the model takes them.
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
    negative : bool, default False
        Whether the gradient is reversed, so that the map shows what speaks against the target (the counterfactual
        explanation of Grad-CAM's paper).
    relu : bool, default True
        Whether negative values of the map become 0, as in the paper; False leaves the signed map.
    upsample : bool, default True
        Whether the map is enlarged, bilinearly, to the height and width of the input (the length of a sequence);
        False leaves it as coarse as the layer gives it.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes, and their gradient vanishes where the model is sure.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting examples, and may raise an error to stop. None
        is silent.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W) for pictures, (N, T) for sequences, or as coarse as the layer, (N, h, w) or (N, t), if
        not upsampled; never normalised: in units of the score, a map's mean over the places is about what the layer
        adds to the score.

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
        named); `upsample` where no input has places that the map could be enlarged to; or a model that no gradient
        goes through, or whose scores or gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Ramprasaath R. Selvaraju, Michael Cogswell, Abhishek Das, Ramakrishna Vedantam, Devi Parikh, Dhruv Batra (2017),
    Grad-CAM: visual explanations from deep networks via gradient-based localization, arXiv:1610.02391,
    doi:10.1109/ICCV.2017.74.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> grad_cam(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8)
    """
    sign = -1 if negative else 1
    at = map_probe(model, layer, output)
    options = {"layer": at.path, "negative": negative or None, "relu": relu, "upsample": upsample, "output": output}

    def weigh(batch: LayerBatch) -> NDArray[np.float32]:
        weights = sign * batch.gradients.mean(axis=places(batch.activations), keepdims=True)
        return rectified((weights * batch.activations).sum(axis=-1), relu=relu)

    return explain_at("grad_cam", at, inputs, target, weigh, options=options, batch_size=batch_size, progress=progress)


@attribution_method(
    family="activation",
    paper=Paper("Zhou et al.", 2016, "Learning deep features for discriminative localization", arxiv="1512.04150"),
    forward=1,
    explains=("picture", "sequence"),
    needs=("convolutions", "retraining"),
    grain="coarse",
    negative_side=True,
    order=10,
)
def cam(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    negative: bool = False,
    relu: bool = False,
    upsample: bool = True,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """CAM: the last maps, each weighted by the weight that joins it to the class.

    Only for networks that end in global average pooling and one dense layer; others need another training, or
    `grad_cam`, which gives the same map there (divided by the number of places).

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is explained, functional or Sequential: a convolutional layer, global average pooling and one
        dense layer at its end. A bare Keras model is wrapped by `wrap`, without class names.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    target : str, int, sequence of them, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. There is no weight for anything else.
    negative : bool, default False
        Whether the weights are reversed, so that the map shows what speaks against the class.
    relu : bool, default False
        Whether negative values of the map become 0; the paper keeps all.
    upsample : bool, default True
        Whether the map is enlarged, bilinearly, to the height and width of the input (the length of a sequence);
        False leaves it as coarse as the layer gives it.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting examples, and may raise an error to stop. None
        is silent.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W) for pictures, or as coarse as the layer, (N, h, w), if not upsampled, in units of the
        logit: the mean of the coarse map and the bias are the logit. ``.delta`` (N,) is what is missing of that: 0
        but for rounding, of a quantised layer also that of its inputs to integers; None if `negative` or `relu`.

    Raises
    ------
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        If the model does not end in a convolutional layer, global average pooling and one dense layer, or the
        target is a callable; for inputs of a wrong shape, or with NaN or infinite values; an unknown class, or
        another number of targets than of examples; an option whose value is not allowed; or a model whose scores
        are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Bolei Zhou, Aditya Khosla, Agata Lapedriza, Aude Oliva, Antonio Torralba (2016), Learning deep features for
    discriminative localization, arXiv:1512.04150, doi:10.1109/CVPR.2016.319.

    Examples
    --------
    >>> import keras, numpy as np
    >>> net = [keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, "softmax")]
    >>> found = cam(keras.Sequential([keras.Input((8, 8, 1)), *net]), np.ones((8, 8, 1), "float32"), 1, upsample=False)
    >>> found.values.shape, bool(abs(found.delta[0]) < 1e-4)
    ((1, 6, 6), True)
    """
    from xai_widgets.methods.attribution.cam.head import pooled_layer

    if callable(target):
        msg = "cam explains a class, by the weights that lead to it; grad_cam takes a callable"
        raise ValueError(msg)  # noqa: TRY004  (callables are welcome elsewhere: it is the method that does not fit)
    path, weights_and_bias = pooled_layer(model)
    at = map_probe(model, path)
    missing: list[NDArray[np.float64]] = []

    def weigh(batch: LayerBatch) -> NDArray[np.float32]:
        weights, bias = weights_and_bias(batch.scalar.rows)
        maps = np.einsum("n...c,nc->n...", batch.activations, weights)
        missing.append(maps.mean(axis=tuple(range(1, maps.ndim)), dtype="float64") + bias - batch.scores)
        return rectified(-maps if negative else maps, relu=relu)

    options = {"layer": at.path, "negative": negative or None, "relu": relu, "upsample": upsample}
    found = explain_at(
        "cam", at, inputs, target, weigh, options=options, differentiate=False, batch_size=batch_size, progress=progress
    )
    delta = None if negative or relu else np.concatenate(missing)
    return Attribution(found.values, found.score, found.recipe, delta, found.pictures, None, found.has_channels)


def explain_at(
    method: str,
    at: LayerProbe,
    inputs: Any,
    target: Target,
    combine: Combine,
    *,
    options: dict[str, Any],
    differentiate: bool = True,
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """Make one map for each example from what a layer gives; what all these methods share."""
    arrays, names = at.subject.as_inputs(inputs), list[str]()
    picture = at.spatial_input(arrays)
    maps, scores = [], []
    if options["upsample"] and picture is None:
        msg = f"no input has as many axes as {at.path!r} gives, so there is no size to enlarge to: upsample=False"
        raise ValueError(msg)
    for batch in explained_batches(
        at, arrays, target, differentiate=differentiate, batch_size=batch_size, progress=progress
    ):
        coarse = combine(batch)
        maps.append(enlarge(coarse, picture.shape[1:-1]) if options["upsample"] and picture is not None else coarse)
        scores.append(batch.scores)
        names.extend(batch.scalar.names)
    pictures = None if picture is None else pictures_of(at.subject, picture)
    recipe = Recipe(method, at.subject.name, tuple(names), options)
    values, score = np.concatenate(maps).astype("float32"), np.concatenate(scores)
    return Attribution(values, score, recipe, pictures=pictures, has_channels=False)


def map_probe(model: Classifier | keras.Model, layer: str | None, output: str = "logit") -> LayerProbe:
    """Return the probe of a layer that gives a map, along any number of axes."""
    probe = LayerProbe(model, layer, output=output)
    if len(probe.split.shape) < _LEAST_AXES:
        msg = f"the layer {probe.path!r} gives {probe.shape} for one example, no map; choose an earlier one"
        raise ValueError(msg)
    return probe


def rectified(maps: NDArray[np.float32], *, relu: bool) -> NDArray[np.float32]:
    """Cut what is below zero, if asked."""
    return np.maximum(maps, 0) if relu else maps


def places(activations: NDArray[Any]) -> tuple[int, ...]:
    """Return the axes between examples and channels."""
    return tuple(range(1, activations.ndim - 1))
