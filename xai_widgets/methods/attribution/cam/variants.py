"""Grad-CAM++, Layer-CAM, HiRes-CAM and Eigen-CAM: other ways to weigh the maps of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.attribution.cam.cam import explain_at, map_probe, places, rectified
from xai_widgets.methods.core.attribution_method import Paper, attribution_method

if TYPE_CHECKING:
    from typing import Annotated

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import OneOf, Output, PositiveInt, Progress
    from xai_widgets.methods.core.explained_batches import LayerBatch
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target
    from xai_widgets.results.attribution_result import Attribution


FORMULAS = ("paper", "normalised")


@attribution_method(
    family="activation",
    paper=Paper("Chattopadhay et al.", 2018, "Grad-CAM++", arxiv="1710.11063"),
    forward=1,
    backward=1,
    head_only=True,
    explains=("picture", "sequence"),
    needs=("gradients", "convolutions"),
    grain="coarse",
    negative_side=True,
    order=40,
)
def grad_cam_plus_plus(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    formula: Annotated[str, OneOf(FORMULAS)] = "paper",
    negative: bool = False,
    relu: bool = True,
    upsample: bool = True,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Grad-CAM++: as Grad-CAM, but each place's positive gradient counts by its own coefficient.

    With g the gradient and A the activations of one map, the coefficient of a place is ``g^2 / (2 g^2 + sum(A) g^3)``:
    several small objects then weigh as much as one large one.

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
    formula : {"paper", "normalised"}, default "paper"
        ``"paper"``: the coefficients as they are. ``"normalised"``: divided by their sum over each map, as the
        authors' own code and some libraries do. The factor exp(score) of the paper, one number for the whole map,
        is left out.
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
        ``.values`` (N, H, W) for pictures, (N, T) for sequences, or as coarse as the layer, (N, h, w) or (N, t), if not
        upsampled; never normalised to a range. The coefficients depend on the scale of the score, so that the map has
        no unit.

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
    Aditya Chattopadhay, Anirban Sarkar, Prantik Howlader, Vineeth N. Balasubramanian (2018), Grad-CAM++: generalized
    gradient-based visual explanations for deep convolutional networks, arXiv:1710.11063, doi:10.1109/WACV.2018.00097.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> grad_cam_plus_plus(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8)
    """
    options = {"formula": formula, **_options(negative=negative, relu=relu, upsample=upsample, output=output)}

    def weigh(batch: LayerBatch) -> NDArray[np.float32]:
        gradients, axes = -batch.gradients if negative else batch.gradients, places(batch.activations)
        sums = batch.activations.sum(axis=axes, keepdims=True)
        shares = _divided(gradients**2, 2 * gradients**2 + sums * gradients**3)
        if formula == "normalised":
            shares = _divided(shares, shares.sum(axis=axes, keepdims=True))
        weights = (shares * np.maximum(gradients, 0)).sum(axis=axes, keepdims=True)
        return rectified((weights * batch.activations).sum(axis=-1), relu=relu)

    at = map_probe(model, layer, output)
    options = {"layer": at.path, **options}
    return explain_at(
        "grad_cam_plus_plus", at, inputs, target, weigh, options=options, batch_size=batch_size, progress=progress
    )


@attribution_method(
    family="activation",
    paper=Paper("Jiang et al.", 2021, "LayerCAM", doi="10.1109/TIP.2021.3089943"),
    forward=1,
    backward=1,
    head_only=True,
    explains=("picture", "sequence"),
    needs=("gradients", "convolutions"),
    grain="coarse",
    negative_side=True,
    order=60,
)
def layer_cam(
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
    """Layer-CAM: each activation times its own positive gradient, so that early, fine layers give maps too.

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
        not upsampled; never normalised, in units of the score.

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
    Peng-Tao Jiang, Chang-Bin Zhang, Qibin Hou, Ming-Ming Cheng, Yunchao Wei (2021), LayerCAM: exploring hierarchical
    class activation maps for localization, doi:10.1109/TIP.2021.3089943.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> layer_cam(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8)
    """
    sign = -1 if negative else 1

    def weigh(batch: LayerBatch) -> NDArray[np.float32]:
        maps = (np.maximum(sign * batch.gradients, 0) * batch.activations).sum(axis=-1)
        return rectified(maps, relu=relu)

    at = map_probe(model, layer, output)
    options = {"layer": at.path, **_options(negative=negative, relu=relu, upsample=upsample, output=output)}
    return explain_at("layer_cam", at, inputs, target, weigh, options=options, batch_size=batch_size, progress=progress)


@attribution_method(
    family="activation",
    paper=Paper("Draelos, Carin", 2020, "HiResCAM", arxiv="2011.08891"),
    forward=1,
    backward=1,
    head_only=True,
    explains=("picture", "sequence"),
    needs=("gradients", "convolutions"),
    grain="coarse",
    negative_side=True,
    order=70,
)
def hires_cam(
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
    """HiRes-CAM: each activation times its own gradient, with no averaging in between.

    Where the layer is followed by a dense one alone, the map sums to the score less the bias: it shows what the model
    used. Where global average pooling comes in between, it is Grad-CAM.

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
        not upsampled; never normalised, in units of the score.

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
    Rachel L. Draelos, Lawrence Carin (2020), Use HiResCAM instead of Grad-CAM for faithful explanations of
    convolutional neural networks, arXiv:2011.08891.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> hires_cam(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8)
    """
    sign = -1 if negative else 1

    def weigh(batch: LayerBatch) -> NDArray[np.float32]:
        return rectified((sign * batch.gradients * batch.activations).sum(axis=-1), relu=relu)

    at = map_probe(model, layer, output)
    options = {"layer": at.path, **_options(negative=negative, relu=relu, upsample=upsample, output=output)}
    return explain_at("hires_cam", at, inputs, target, weigh, options=options, batch_size=batch_size, progress=progress)


@attribution_method(
    family="activation",
    paper=Paper("Muhammad, Yeasin", 2020, "Eigen-CAM", arxiv="2008.00299"),
    forward=1,
    explains=("picture", "sequence"),
    needs=("convolutions",),
    grain="coarse",
    order=80,
)
def eigen_cam(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    relu: bool = True,
    upsample: bool = True,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Eigen-CAM: the maps of a layer projected on their first principal direction. It asks for no gradient.

    Nor does it ask what is explained: every class has the same map. The target decides only on ``.score``.

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
        written with ``keras.ops``: ``lambda outputs: outputs["words"][:, 3, 17]``. It decides on ``.score`` alone,
        not on the map.
    layer : str, optional
        The path of any layer that gives maps, (N, h, w, C) of pictures, (N, t, C) of sequences, (N, d, h, w, C) of
        volumes: ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is called several
        times, otherwise its last is meant. Left out, the last layer with places before the pooling: features at
        their most abstract that still have a place. For a network that gives scores at each place, such as a U-Net,
        it is the bottleneck: the last layer with the fewest places.
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
        not upsampled; never normalised, in units of the activations. Activations are not centred, as in the paper;
        of the two directions that are equally good, the one in which the map's sum is positive.

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
        named); `upsample` where no input has places that the map could be enlarged to; or a model whose scores are
        not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Mohammed Bany Muhammad, Mohammed Yeasin (2020), Eigen-CAM: class activation map using principal components,
    arXiv:2008.00299, doi:10.1109/IJCNN48605.2020.9206626.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> eigen_cam(xai.load_model("digits"), xai.sample_image("digit-3")).values.shape
    (1, 8, 8)
    """

    def weigh(batch: LayerBatch) -> NDArray[np.float32]:
        maps = _first_component(batch.activations.reshape(len(batch.activations), -1, batch.activations.shape[-1]))
        return rectified(maps.reshape(batch.activations.shape[:-1]), relu=relu)

    at = map_probe(model, layer, output)
    options = {"layer": at.path, "relu": relu, "upsample": upsample, "output": output}
    return explain_at(
        "eigen_cam",
        at,
        inputs,
        target,
        weigh,
        options=options,
        differentiate=False,
        batch_size=batch_size,
        progress=progress,
    )


def _options(*, negative: bool, relu: bool, upsample: bool, output: str) -> dict[str, Any]:
    """Return the part of the recipe that these methods share; "negative" is told only if it was asked for."""
    return {"negative": negative or None, "relu": relu, "upsample": upsample, "output": output}


def _divided(numbers: NDArray[np.float32], by: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide, giving 0 where the divisor is 0."""
    quotient: NDArray[np.float32] = np.divide(numbers, by, out=np.zeros_like(numbers), where=by != 0)
    return quotient


def _first_component(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Project rows (N, places, C) on the first right singular vector of each example, (N, places)."""
    rows = rows.astype("float64")
    wide = rows.shape[1] <= rows.shape[2]  # the smaller of the two products is quick to take apart
    squares = rows @ rows.swapaxes(1, 2) if wide else rows.swapaxes(1, 2) @ rows
    values, vectors = np.linalg.eigh(squares)  # in rising order
    first = vectors[..., -1]
    maps = first * np.sqrt(np.maximum(values[:, -1:], 0)) if wide else (rows @ first[..., np.newaxis])[..., 0]
    signs = np.where(maps.sum(axis=1, keepdims=True) < 0, -1, 1)
    projected: NDArray[np.float32] = (signs * maps).astype("float32")
    return projected
