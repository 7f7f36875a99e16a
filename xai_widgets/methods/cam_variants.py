"""Grad-CAM++, Layer-CAM, HiRes-CAM and Eigen-CAM: other ways to weigh the maps of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.activations import Layer, LayerBatch
from xai_widgets.methods.cam import explain_at, places, rectified

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target
    from xai_widgets.results.attribution import Attribution

    Progress = Callable[[int, int], object] | bool | None

FORMULAS = ("paper", "normalised")


def grad_cam_plus_plus(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    formula: str = "paper",
    negative: bool = False,
    relu: bool = True,
    upsample: bool = True,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """Grad-CAM++: as Grad-CAM, but each place's positive gradient counts by its own coefficient.

    With g the gradient and A the activations of one map, the coefficient of a place is ``g^2 / (2 g^2 + sum(A) g^3)``:
    several small objects then weigh as much as one large one.

    Parameters
    ----------
    model, inputs, target, layer, negative, relu, upsample, output, batch_size, progress
        As for `grad_cam`.
    formula : {"paper", "normalised"}
        ``"paper"``: the coefficients as they are. ``"normalised"``: divided by their sum over each map, as the authors'
        own code and some libraries do. The factor exp(score) of the paper, one number for the whole map, is left out.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W), or (N, h, w) if not upsampled; never normalised to a range.

    Raises
    ------
    ValueError
        For an unknown formula, and as `grad_cam` does.

    References
    ----------
    Aditya Chattopadhay, Anirban Sarkar, Prantik Howlader, Vineeth N. Balasubramanian (2018), Grad-CAM++: generalized
    gradient-based visual explanations for deep convolutional networks.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> grad_cam_plus_plus(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8)
    """
    if formula not in FORMULAS:
        msg = f"formula must be one of {', '.join(map(repr, FORMULAS))}, not {formula!r}"
        raise ValueError(msg)
    options = {"formula": formula, **_options(negative=negative, relu=relu, upsample=upsample, output=output)}

    def weigh(seen: LayerBatch) -> NDArray[np.float32]:
        slopes, axes = -seen.gradients if negative else seen.gradients, places(seen.activations)
        sums = seen.activations.sum(axis=axes, keepdims=True)
        shares = _divided(slopes**2, 2 * slopes**2 + sums * slopes**3)
        if formula == "normalised":
            shares = _divided(shares, shares.sum(axis=axes, keepdims=True))
        weights = (shares * np.maximum(slopes, 0)).sum(axis=axes, keepdims=True)
        return rectified((weights * seen.activations).sum(axis=-1), relu=relu)

    at = Layer(model, inputs, layer, output)
    options = {"layer": at.name, **options}
    return explain_at("grad_cam_plus_plus", at, target, weigh, options, batch_size=batch_size, progress=progress)


def layer_cam(
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
    """Layer-CAM: each activation times its own positive gradient, so that early, fine layers give maps too.

    Parameters
    ----------
    model, inputs, target, layer, negative, relu, upsample, output, batch_size, progress
        As for `grad_cam`.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W), or (N, h, w) if not upsampled; never normalised.

    Raises
    ------
    ValueError
        As `grad_cam` does.

    References
    ----------
    Peng-Tao Jiang, Chang-Bin Zhang, Qibin Hou, Ming-Ming Cheng, Yunchao Wei (2021), LayerCAM: exploring hierarchical
    class activation maps for localization.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> layer_cam(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8)
    """
    sign = -1 if negative else 1

    def weigh(seen: LayerBatch) -> NDArray[np.float32]:
        maps = (np.maximum(sign * seen.gradients, 0) * seen.activations).sum(axis=-1)
        return rectified(maps, relu=relu)

    at = Layer(model, inputs, layer, output)
    options = {"layer": at.name, **_options(negative=negative, relu=relu, upsample=upsample, output=output)}
    return explain_at("layer_cam", at, target, weigh, options, batch_size=batch_size, progress=progress)


def hires_cam(
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
    """HiRes-CAM: each activation times its own gradient, with no averaging in between.

    Where the layer is followed by a dense one alone, the map sums to the score less the bias: it shows what the model
    used. Where global average pooling comes in between, it is Grad-CAM.

    Parameters
    ----------
    model, inputs, target, layer, negative, relu, upsample, output, batch_size, progress
        As for `grad_cam`.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W), or (N, h, w) if not upsampled, in units of the score.

    Raises
    ------
    ValueError
        As `grad_cam` does.

    References
    ----------
    Rachel L. Draelos, Lawrence Carin (2020), Use HiResCAM instead of Grad-CAM for faithful explanations of
    convolutional neural networks.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> hires_cam(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8)
    """
    sign = -1 if negative else 1

    def weigh(seen: LayerBatch) -> NDArray[np.float32]:
        return rectified((sign * seen.gradients * seen.activations).sum(axis=-1), relu=relu)

    at = Layer(model, inputs, layer, output)
    options = {"layer": at.name, **_options(negative=negative, relu=relu, upsample=upsample, output=output)}
    return explain_at("hires_cam", at, target, weigh, options, batch_size=batch_size, progress=progress)


def eigen_cam(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    relu: bool = True,
    upsample: bool = True,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """Eigen-CAM: the maps of a layer projected on their first principal direction. It asks for no gradient.

    Nor does it ask what is explained: every class has the same map. The target decides only on ``.score``.

    Parameters
    ----------
    model, inputs, target, layer, relu, upsample, output, batch_size, progress
        As for `grad_cam`.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W), or (N, h, w) if not upsampled, in units of the activations. Activations are not centred,
        as in the paper; of the two directions that are equally good, the one in which the map's sum is positive.

    Raises
    ------
    ValueError
        As `grad_cam` does.

    References
    ----------
    Mohammed Bany Muhammad, Mohammed Yeasin (2020), Eigen-CAM: class activation map using principal components.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> eigen_cam(xai.load_model("digits"), xai.sample_image("digit-3")).values.shape
    (1, 8, 8)
    """

    def weigh(seen: LayerBatch) -> NDArray[np.float32]:
        maps = _first_component(seen.activations.reshape(len(seen.activations), -1, seen.activations.shape[-1]))
        return rectified(maps.reshape(seen.activations.shape[:-1]), relu=relu)

    at = Layer(model, inputs, layer, output)
    options = {"layer": at.name, "relu": relu, "upsample": upsample, "output": output}
    return explain_at(
        "eigen_cam", at, target, weigh, options, differentiate=False, batch_size=batch_size, progress=progress
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
