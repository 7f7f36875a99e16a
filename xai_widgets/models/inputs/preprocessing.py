"""From pictures to a model's input space, and back for display."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

from xai_widgets.common.warning import warn_of_doubt

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_WHITE = 255
_SLACK = 0.5  # of the range: noise and attacks lead a little outside, values of another range far outside
_TOLERANCE = 1e-3  # of the range of values: what float32 arithmetic in a preprocessing function may lose


@dataclass(frozen=True)
class PixelMap:
    """The map from pixel values (0..255) to a model's input space, where it is affine in the channels.

    Attributes
    ----------
    matrix : (C, C) array
        Rows are pixel channels, columns are channels of the input space.
    offset : (C,) array
        The input-space value of black.
    """

    matrix: NDArray[np.float64]
    offset: NDArray[np.float64]

    @property
    def low(self) -> NDArray[np.float32]:
        """The smallest value of each channel of the input space."""
        return _bound(self.offset + np.minimum(255 * self.matrix, 0).sum(axis=0))

    @property
    def high(self) -> NDArray[np.float32]:
        """The largest value of each channel of the input space."""
        return _bound(self.offset + np.maximum(255 * self.matrix, 0).sum(axis=0))

    def to_pixels(self, inputs: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Undo the map: (..., C) in the input space to (..., C) in 0..255, not clipped."""
        pixels: NDArray[np.float64] = (inputs - self.offset) @ np.linalg.inv(self.matrix)
        return pixels

    def direction_to_pixels(self, direction: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Map a difference of inputs to a difference of pixel values: the offset does not count."""
        pixels: NDArray[np.float64] = direction @ np.linalg.inv(self.matrix)
        return pixels


def identity(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Leave 0..255 as it is: the model holds its own preprocessing."""
    return pixels


def fit_pixel_map(preprocess: Callable[..., Any], size: tuple[int, int], channels: int) -> PixelMap | None:
    """Find the affine map that a preprocessing function applies to each pixel, by trying it on two random pictures.

    Parameters
    ----------
    preprocess : callable
        From float32 (N, H, W, C) in 0..255 to the model's input space, same shape.
    size : (int, int)
        Height and width to try.
    channels : int
        How many channels the model takes.

    Returns
    -------
    PixelMap or None
        None where the function is not affine pixel by pixel (a standardisation by the picture's own mean, say) or
        cannot be undone.
    """
    rng, shape = np.random.default_rng(0), (1, *size, channels)
    # A bright and a dark picture, one after the other: a standardisation would treat them differently.
    pictures = [rng.uniform(0, top, shape).astype("float32") for top in (255, 100)]
    pixels = np.concatenate(pictures)
    outputs = np.concatenate([checked_output(preprocess(one.copy()), shape) for one in pictures])
    outputs = outputs.astype("float64").reshape(-1, channels)
    design = np.column_stack([pixels.reshape(-1, channels), np.ones(len(outputs))]).astype("float64")
    solution, *_ = np.linalg.lstsq(design, outputs, rcond=None)
    left_over = np.abs(design @ solution - outputs).max()
    spread = np.ptp(outputs)
    if spread == 0 or left_over > _TOLERANCE * spread or np.linalg.cond(solution[:-1]) > 1 / _TOLERANCE:
        return None
    return PixelMap(_rounded(solution[:-1]), _rounded(solution[-1], scale=float(spread)))


def _bound(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Take out what float32 left over, so that 0..1 does not end at 1.0000001."""
    return np.asarray(np.round(values, 5), dtype="float32")


def _rounded(values: NDArray[np.float64], scale: float = 1.0) -> NDArray[np.float64]:
    """Take out float32 dust, so that 0..255 maps to exactly -1..1 where it should."""
    digits = 9
    rounded: NDArray[np.float64] = np.round(values, digits) if scale <= 1 else np.round(values, 4)
    return rounded


def checked_output(outputs: object, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Refuse what a preprocessing function must not give: another shape, or values that are not numbers."""
    array = np.asarray(outputs, dtype="float32")
    if array.shape != shape:
        msg = f"preprocess must keep the shape {shape} of its batch, but gave {array.shape}"
        raise ValueError(msg)
    if not np.isfinite(array).all():
        msg = "preprocess gave NaN or infinite values"
        raise ValueError(msg)
    return array


def resize_picture(picture: NDArray[np.uint8], size: tuple[int, int], channels: int) -> NDArray[np.float32]:
    """Fit a picture to a model's input: scaled to cover the size, the overhang cut off evenly, proportions kept.

    Parameters
    ----------
    picture : uint8 (H, W, 3)
        As `load_image` gives it.
    size : (int, int)
        Height and width wanted.
    channels : {1, 3}
        1 gives the picture's luminance.

    Returns
    -------
    float32 (height, width, channels)
        Values 0..255.

    Examples
    --------
    >>> import numpy as np
    >>> resize_picture(np.zeros((40, 60, 3), "uint8"), (8, 8), 1).shape
    (8, 8, 1)
    """
    image = Image.fromarray(picture)
    if channels == 1:
        image = image.convert("L")
    elif channels != 3:
        msg = f"a picture has 1 or 3 channels, but the model takes {channels}; pass float arrays in its input space"
        raise ValueError(msg)
    if image.size != size[::-1]:
        image = ImageOps.fit(image, size[::-1], method=Image.Resampling.BICUBIC)
    pixels = np.asarray(image, dtype="float32")
    return pixels.reshape(*size, channels)


def fitting_size(own: tuple[int, ...], wanted: tuple[int | None, int | None]) -> tuple[int, int]:
    """Return the height and width for a picture: those of the model, its own where the model leaves them free.

    Examples
    --------
    >>> fitting_size((40, 60), (None, None)), fitting_size((40, 60), (8, 8)), fitting_size((40, 60), (None, 30))
    ((40, 60), (8, 8), (20, 30))
    """
    height, width = wanted
    if height is None and width is None:
        return own[0], own[1]
    if height is None:
        height = max(1, round(own[0] * (width or 1) / own[1]))
    return height, width or max(1, round(own[1] * height / own[0]))


def check_range(inputs: NDArray[np.float32], value_range: tuple[Any, Any] | None, name: str) -> None:
    """Refuse pixel values 0..255 for a model that takes another range; warn of other values outside of it.

    Raises
    ------
    ValueError
        If inputs look like pixel values and the model takes far smaller ones.
    """
    if value_range is None:
        return
    low, high = float(np.min(value_range[0])), float(np.max(value_range[1]))
    smallest, largest, span = float(inputs.min()), float(inputs.max()), high - low
    found = f"these images hold values from {smallest:.4g} to {largest:.4g}, but {name!r} takes {low:.4g} to {high:.4g}"
    advice = (
        "give pictures as uint8, which are preprocessed, or bring them to this range first: model.preprocess(pictures)"
    )
    if smallest >= 0 and largest <= _WHITE and largest > high + 3 * span:
        raise ValueError(f"{found}: they look like pixel values 0 to 255; {advice}")
    if smallest < low - _SLACK * span or largest > high + _SLACK * span:
        warn_of_doubt(f"{found}; {advice}")
    elif span > _WHITE / 2 and smallest >= 0 and 0 < largest <= 1:
        warn_of_doubt(f"{found}: they look like pixel values divided by 255, which are nearly black here; {advice}")


def guess_display(inputs: NDArray[np.float32], like: NDArray[np.float32]) -> NDArray[np.float64]:
    """Map inputs to 0..255 for display by the range of `like`: one of the usual ranges, else each picture's own."""
    low, high = float(like.min(initial=0)), float(like.max(initial=0))
    for bottom, top in ((0, 1), (-1, 1), (0, 255)):
        if low >= bottom and high <= top:
            return (inputs.astype("float64") - bottom) * (255 / (top - bottom))
    axes = tuple(range(1, inputs.ndim))
    bottoms, tops = like.min(axis=axes, keepdims=True), like.max(axis=axes, keepdims=True)
    scaled: NDArray[np.float64] = (inputs - bottoms) * (255.0 / np.maximum(tops - bottoms, 1e-12))
    return scaled
