"""How a picture is moved before the network sees it, anew at each step: what survives is no trick of single pixels.

All movements of a step are joined in one affine map, so that the picture is resampled once, whatever their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from xai_widgets.common.checked_options import checked_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import NonNegative, NonNegativeInt, Positive

GREY = 0.5  # what is outside the picture


@dataclass(frozen=True)
class Transformation:
    """One random movement, or a change of the frame.

    Attributes
    ----------
    margin : int
        Pixels that are added at each side of what the network sees; below zero: cut off.
    """

    margin: int = 0

    def matrix(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw the affine map (3, 3) from places seen to places of the picture, both from the middle."""
        del rng
        return np.eye(3)


@checked_options
@dataclass(frozen=True)
class Jitter(Transformation):
    """Move by up to half of `pixels`, in whole pixels, each way alike.

    Examples
    --------
    >>> drawn = [Jitter(pixels=4).matrix(np.random.default_rng(seed))[0, 2] for seed in range(50)]
    >>> float(min(drawn)), float(max(drawn))
    (-2.0, 2.0)
    """

    pixels: NonNegativeInt = 8

    def matrix(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw a shift."""
        across, down = rng.integers(-(self.pixels // 2), self.pixels // 2, 2, endpoint=True)
        return _affine(np.eye(2), (float(across), float(down)))


@checked_options
@dataclass(frozen=True)
class Scale(Transformation):
    """Enlarge by a random factor between `low` and `high`.

    Examples
    --------
    >>> matrix = Scale(low=2.0, high=2.0).matrix(np.random.default_rng(0))
    >>> matrix.diagonal().tolist()
    [0.5, 0.5, 1.0]
    """

    low: Positive = 0.9
    high: Positive = 1.1

    def matrix(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw a factor."""
        return _affine(np.eye(2) / rng.uniform(self.low, self.high))


@checked_options
@dataclass(frozen=True)
class Rotate(Transformation):
    """Turn by a random angle up to `degrees`, either way.

    Examples
    --------
    >>> turned = Rotate(degrees=90).matrix(np.random.default_rng(0))
    >>> round(float(np.linalg.det(turned)), 6)
    1.0
    """

    degrees: NonNegative = 10.0

    def matrix(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw an angle."""
        angle = np.deg2rad(rng.uniform(-self.degrees, self.degrees))
        return _affine(np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))


def pad(pixels: int) -> Transformation:
    """Show the network `pixels` more at each side, grey where the picture ends.

    Parameters
    ----------
    pixels : int
        How many pixels, 0 or more.

    Returns
    -------
    Transformation
        One whose margin is `pixels`.

    Examples
    --------
    >>> pad(12).margin, crop(12).margin
    (12, -12)
    """
    return Transformation(margin=pixels)


def crop(pixels: int) -> Transformation:
    """Show the network `pixels` less at each side.

    Parameters
    ----------
    pixels : int
        How many pixels, 0 or more.

    Returns
    -------
    Transformation
        One whose margin is minus `pixels`.
    """
    return Transformation(margin=-pixels)


def standard(size: int) -> tuple[Transformation, ...]:
    """Return what Olah, Mordvintsev and Schubert (2017), Feature visualization, found to work well at 128 pixels.

    For pictures of another size, pixels are counted in proportion. As in lucid, what jitter moves by is cut off again:
    of 12 pixels of grey frame, 6 are left.

    Parameters
    ----------
    size : int
        The shorter side of the pictures in pixels, 1 or more.

    Returns
    -------
    tuple of 6 Transformation
        A frame, a wide jitter, scaling, a turn, a narrow jitter, and half of the frame cut off.

    References
    ----------
    Chris Olah, Alexander Mordvintsev, Ludwig Schubert (2017), Feature visualization, doi:10.23915/distill.00007.

    Examples
    --------
    >>> [one.margin for one in standard(128)], standard(96)[1]
    ([12, 0, 0, 0, 0, -6], Jitter(margin=0, pixels=6))
    """
    share = size / 128
    frame, wide, narrow = (max(1, round(pixels * share)) for pixels in (12, 8, 4))
    return (pad(frame), Jitter(pixels=wide), Scale(), Rotate(), Jitter(pixels=narrow), crop(frame // 2))


@dataclass(frozen=True)
class View:
    """What the network sees of a picture.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the picture.
    transformations : sequence of Transformation
    """

    shape: tuple[int, int]
    transformations: tuple[Transformation, ...]

    @property
    def margin(self) -> int:
        """Pixels added at each side, or (below zero) cut off."""
        return sum(one.margin for one in self.transformations)

    @property
    def moves(self) -> bool:
        """Whether the picture must be resampled."""
        return any(type(one) is not Transformation for one in self.transformations)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of what is seen."""
        return self.shape[0] + 2 * self.margin, self.shape[1] + 2 * self.margin

    def draw(self, rngs: Sequence[np.random.Generator]) -> NDArray[np.float32]:
        """Draw one map for each picture, as eight numbers, in the frame of the padded picture."""
        height, width = (side + 2 * max(self.margin, 0) for side in self.shape)
        middle = _affine(np.eye(2), ((width - 1) / 2, (height - 1) / 2))
        back = np.linalg.inv(middle)
        maps = [np.linalg.multi_dot([middle, np.eye(3), *self._matrices(rng), back]) for rng in rngs]
        return np.stack(maps).reshape(-1, 9)[:, :8].astype("float32")

    def _matrices(self, rng: np.random.Generator) -> list[NDArray[np.float64]]:
        return [one.matrix(rng) for one in self.transformations]

    def look(self, pictures: Any, maps: Any = None) -> Any:
        """Return what the network sees of pictures (N, H, W, C), by the maps that were drawn; none: not moved."""
        border = max(self.margin, 0)
        framed = pictures - GREY  # so that zeros, which fill what is outside, are grey
        if border:
            framed = ops.pad(framed, ((0, 0), (border, border), (border, border), (0, 0)))
        if self.moves and maps is not None:
            framed = ops.image.affine_transform(framed, maps, interpolation="bilinear", fill_mode="constant")
        cut = max(-self.margin, 0)
        return (framed[:, cut:-cut, cut:-cut] if cut else framed) + GREY


def _affine(linear: NDArray[np.float64], shift: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.float64]:
    """Put a linear map and a shift (across, down) together."""
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = shift
    return matrix
