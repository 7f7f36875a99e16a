"""The set of perturbations an attack may use: a norm ball around the input, within the range of values and a mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from xai_widgets.common.checked_options import checked_options, naming
from xai_widgets.common.option_types import OneOf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier

NORMS = ("linf", "l2")
Norm = Annotated[str, OneOf(NORMS)]


@dataclass(frozen=True, eq=False)
class PerturbationSet:
    """The inputs that an attack may produce: those within a norm ball, the range of values and a mask.

    Attributes
    ----------
    norm : {"linf", "l2"}
        How size is measured, over all values of one input.
    clip : (low, high) or None
        The allowed range of values, numbers or per channel; None leaves values free.
    mask : array or None
        1 where the attack may change values, 0 where not; broadcast against a batch.
    """

    norm: str
    clip: tuple[Any, Any] | None
    mask: NDArray[np.float32] | None

    def steepest(self, gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the step of size 1 along which the gradient promises most.

        That is the sign of the gradient for L-infinity and the unit gradient for L2; a zero gradient gives no step.
        """
        allowed = gradient if self.mask is None else gradient * self.mask
        if self.norm == "linf":
            signs: NDArray[np.float32] = np.sign(allowed)
            return signs
        scaled = allowed / _largest(allowed)  # first: the length of a tiny gradient has few digits or none
        return np.asarray(scaled / np.maximum(_lengths(scaled), np.finfo("float32").tiny), dtype="float32")

    def move(
        self, start: NDArray[np.float32], direction: NDArray[np.float32], epsilon: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Go `epsilon` (one per input) along a direction, and stay in the range of values."""
        return self.into_range(start + _per_input(epsilon, start.ndim) * direction)

    def project(
        self, moved: NDArray[np.float32], start: NDArray[np.float32], epsilon: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the nearest point within `epsilon` of the start, then the nearest to that in the range of values.

        Clipping only brings values nearer to the start, which lies in the range: the result is in both.
        """
        limit = _per_input(epsilon, start.ndim)
        step = moved - start if self.mask is None else (moved - start) * self.mask
        if self.norm == "linf":
            step = np.clip(step, -limit, limit)
        else:
            step = step * np.minimum(1, limit / np.maximum(_lengths(step), np.finfo("float32").tiny))
        return self.into_range(start + step.astype("float32"))

    def random_start(
        self, start: NDArray[np.float32], epsilon: NDArray[np.float32], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """Draw a point uniformly from the ball."""
        if self.norm == "linf":
            step = rng.uniform(-1, 1, start.shape).astype("float32")
        else:
            normal = rng.standard_normal(start.shape).astype("float32")
            dimensions = normal[0].size if self.mask is None else np.broadcast_to(self.mask, start.shape)[0].sum()
            normal = normal if self.mask is None else normal * self.mask
            radius = rng.uniform(0, 1, (len(start),)).astype("float32") ** (1 / max(float(dimensions), 1.0))
            step = normal / np.maximum(_lengths(normal), 1e-12) * _per_input(radius, start.ndim)
        moved = (start + step * _per_input(epsilon, start.ndim)).astype("float32")
        return self.project(moved, start, epsilon)

    def into_range(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clip to the allowed range."""
        clipped = values if self.clip is None else np.clip(values, *self.clip)
        return clipped.astype("float32")


@checked_options
def perturbation_set(
    classifier: Classifier, inputs: NDArray[np.float32], norm: Norm, clip: Any, mask: Any
) -> PerturbationSet:
    """Check an attack's options and return its perturbation set.

    Parameters
    ----------
    classifier : Classifier
        Tells the range where `clip` is ``"auto"``.
    inputs : (N, ...) float32 array
    norm : {"linf", "l2"}
    clip : (low, high), "auto" or None
    mask : array or None

    Raises
    ------
    ValueError
        For an unknown norm, a range that is none or that does not hold the inputs, a mask that does not fit.
    """
    return PerturbationSet(norm, _checked_clip(classifier, inputs, clip), _checked_mask(inputs, mask))


def _checked_clip(classifier: Classifier, inputs: NDArray[np.float32], clip: Any) -> tuple[Any, Any] | None:
    """Return the range; clipping inputs that lie outside would change them even with epsilon 0."""
    if isinstance(clip, str):
        if clip != "auto":
            msg = f"clip must be (low, high), 'auto' or None, not {clip!r}"
            raise ValueError(msg)
        clip = classifier.value_range
    if clip is None:
        return None
    with naming("clip must be (low, high)"):
        low, high = (np.asarray(bound, dtype="float32") for bound in clip)
    if not (low < high).all():
        msg = f"clip must be (low, high) with low < high, not {clip}"
        raise ValueError(msg)
    slack = 1e-4 * (high - low)
    if (inputs < low - slack).any() or (inputs > high + slack).any():
        msg = (
            f"inputs go from {inputs.min():.4g} to {inputs.max():.4g}, outside the range {clip}; "
            "preprocess them as the model expects, or give another clip (None for no limit)"
        )
        raise ValueError(msg)
    return low, high


def _checked_mask(inputs: NDArray[np.float32], mask: Any) -> NDArray[np.float32] | None:
    """Return a mask of zeros and ones that fits the inputs; (H, W) serves all channels."""
    if mask is None:
        return None
    with naming("mask"):
        array = np.asarray(mask, dtype="float32")
    if array.shape == inputs.shape[1:-1] or (array.shape == inputs.shape[:-1] and array.ndim > 1):
        array = array[..., np.newaxis]
    try:
        np.broadcast_to(array, inputs.shape)
    except ValueError:
        msg = f"mask of shape {np.shape(mask)} does not fit inputs {inputs.shape}; give (H, W) or the full shape"
        raise ValueError(msg) from None
    if not np.isin(array, (0, 1)).all():
        msg = "mask must hold only 0 (leave) and 1 (may change)"
        raise ValueError(msg)
    return array


def _per_input(values: NDArray[np.floating], dimensions: int) -> NDArray[np.float32]:
    """Shape (N,) as (N, 1, ..., 1)."""
    return np.asarray(values, dtype="float32").reshape(-1, *(1,) * (dimensions - 1))


def _largest(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Largest absolute value of each input, shape (N, 1, ..., 1); 1 where all are zero, to divide by."""
    largest = np.abs(values).max(axis=tuple(range(1, values.ndim)), keepdims=True)
    return np.where(largest > 0, largest, np.float32(1))


def _lengths(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Euclidean length of each input, shape (N, 1, ..., 1); scaled first, since squares of tiny gradients vanish."""
    largest = _largest(values)
    squares = ((values / largest) ** 2).sum(axis=tuple(range(1, values.ndim)), keepdims=True)
    lengths: NDArray[np.float32] = largest * np.sqrt(squares)
    return lengths
