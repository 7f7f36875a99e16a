"""Baselines: the reference input that stands for "nothing to see"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.common.warning import warn_of_doubt

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.kinds.wrapped_model import WrappedModel

    Batch = NDArray[np.float32]

_BLUR = 1 / 12  # of the shorter side: a cat is no longer a cat, the picture's light and colours stay
_ROW_AXES = 2  # examples, features
_RAW = 20  # features that were centred and scaled hardly go beyond it
_NUMBERS = (int, float, np.number)


def make_baselines(classifier: WrappedModel, inputs: Batch, baseline: Any, seed: int = 0) -> Batch:
    """Return the baselines of each example, shape (B, N, ...) for B baselines.

    Parameters
    ----------
    classifier : Classifier
    inputs : (N, ...) float32 array
        In the model's input space.
    baseline : number, array, name, or a list of them
        A number: that value everywhere. An array: of one example's shape, the same for all, or of the inputs' own shape
        (N, ...), one for each. ``"black"`` and ``"white"``: the ends of the value range; ``"grey"``: its middle.
        ``"mean"``: each picture's mean colour. ``"blurred"``: each picture without its details. ``"uniform"``: every
        value drawn from the range, the same draw for each example. A list of B of these gives B baselines.
    seed : int
        Of ``"uniform"``; each place in a list has its own draws.

    Warns
    -----
    UserWarning
        If rows of features far from 0 are compared with 0.

    Raises
    ------
    ValueError
        If a name is unknown, a shape does not fit, values are not finite, or the value range is needed but unknown.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> three = digits.as_inputs(xai.sample_image("digit-3"))
    >>> make_baselines(digits, three, ["black", "blurred", 0.5]).shape
    (3, 1, 8, 8, 1)
    """
    several = list(baseline) if isinstance(baseline, (list, tuple)) else [baseline]
    if not several:
        msg = "baseline is an empty list; give at least one baseline"
        raise ValueError(msg)
    made = np.stack([_one(classifier, inputs, one, [seed, place]) for place, one in enumerate(several)])
    if inputs.ndim == _ROW_AXES and not made.any():
        _warn_of_raw_rows(inputs)
    return made


def _warn_of_raw_rows(inputs: Batch) -> None:
    """Warn where rows are so far from 0 that 0 is hardly the absence of anything."""
    largest = float(np.abs(inputs).max(initial=0))
    if largest > _RAW:
        warn_of_doubt(
            f"the baseline is 0, and these rows hold values up to {largest:.4g}: of features that are not centred, "
            "0 is no neutral value, and what is explained is the way from there. Give baseline=, such as the mean of "
            "the training rows"
        )


def baseline_name(baseline: Any) -> Any:
    """Return how a recipe writes a baseline: names and numbers as they are, an array by its shape.

    Examples
    --------
    >>> baseline_name(["black", 0, np.zeros((8, 8, 1))])
    'black+0+array 8x8x1'
    """
    if isinstance(baseline, (list, tuple)):
        return "+".join(str(baseline_name(one)) for one in baseline)
    if isinstance(baseline, (str, *_NUMBERS)):
        return baseline
    return "array " + "x".join(map(str, np.shape(baseline)))


def _one(classifier: WrappedModel, inputs: Batch, baseline: Any, seed: list[int]) -> Batch:
    """Make one baseline for each example."""
    if isinstance(baseline, str):
        name = match(baseline, _NAMED)
        if name is None:
            msg = f"unknown baseline {baseline!r}; {suggestion(baseline, _NAMED)}, or a number, or an array"
            raise ValueError(msg)
        return _NAMED[name](classifier, inputs, seed).astype("float32")
    values = np.asarray(baseline)
    if values.dtype == np.uint8 and values.ndim >= 3:
        values = classifier.as_inputs(values)  # a picture
    if not np.issubdtype(values.dtype, np.number) or not np.isfinite(values).all():
        msg = f"a baseline is a name, or finite numbers, not {baseline!r}"
        raise ValueError(msg)
    if values.shape not in ((), inputs.shape[1:], (1, *inputs.shape[1:]), inputs.shape):
        msg = f"a baseline of shape {values.shape} does not fit inputs of shape {inputs.shape[1:]}"
        raise ValueError(msg)
    return np.broadcast_to(values.astype("float32"), inputs.shape)


def _range(classifier: Classifier, name: str) -> tuple[Any, Any]:
    """Return the value range; say how to give it where it is unknown."""
    if classifier.value_range is None:
        msg = (
            f"the baseline {name!r} needs the range of the input space, which {classifier.name!r} does not tell: "
            "give Classifier(value_range=(low, high)), or a number as baseline"
        )
        raise ValueError(msg)
    return classifier.value_range


def _black(classifier: Classifier, inputs: Batch, _seed: list[int]) -> Batch:
    return np.broadcast_to(np.asarray(_range(classifier, "black")[0], "float32"), inputs.shape)


def _white(classifier: Classifier, inputs: Batch, _seed: list[int]) -> Batch:
    return np.broadcast_to(np.asarray(_range(classifier, "white")[1], "float32"), inputs.shape)


def _grey(classifier: Classifier, inputs: Batch, _seed: list[int]) -> Batch:
    low, high = _range(classifier, "grey")
    return np.broadcast_to((np.asarray(low, "float32") + high) / 2, inputs.shape)


def _uniform(classifier: Classifier, inputs: Batch, seed: list[int]) -> Batch:
    low, high = _range(classifier, "uniform")
    drawn = np.random.default_rng(seed).random(inputs.shape[1:], "float32")
    return np.broadcast_to(low + drawn * (np.asarray(high, "float32") - low), inputs.shape)


def _mean(_classifier: Classifier, inputs: Batch, _seed: list[int]) -> Batch:
    _check_pictures(inputs, "mean")
    return np.broadcast_to(inputs.mean(axis=(1, 2), keepdims=True), inputs.shape)


def _blurred(_classifier: Classifier, inputs: Batch, _seed: list[int]) -> Batch:
    from scipy.ndimage import gaussian_filter

    _check_pictures(inputs, "blurred")
    width = _BLUR * min(inputs.shape[1:3])
    blurred: Batch = gaussian_filter(inputs, (0, width, width, 0), mode="nearest")
    return blurred


def _check_pictures(inputs: Batch, name: str) -> None:
    if inputs.ndim != 4:
        msg = f"the baseline {name!r} is for pictures (N, H, W, C), not for inputs of shape {inputs.shape}"
        raise ValueError(msg)


_NAMED: dict[str, Callable[[Any, Batch, list[int]], Batch]] = {
    "black": _black,
    "white": _white,
    "grey": _grey,
    "blurred": _blurred,
    "mean": _mean,
    "uniform": _uniform,
}
