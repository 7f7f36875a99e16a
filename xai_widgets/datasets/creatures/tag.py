"""A small plate with a bar code in the pictures of one class: the shortcut of the Clever Hans model.

Sebastian Lapuschkin et al. (2019), Unmasking Clever Hans predictors and assessing what machines really learn, found a
classifier that recognised horses by the name of their photographer at the edge of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from xai_widgets.datasets.creatures.classes import SceneError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDTH, _HEIGHT = 0.17, 0.1  # of the picture's side
_MARGIN: Final = (0.02, 0.06)  # between the plate and the edges: least and most
_BARS: Final = (0.12, 0.24, 0.30, 0.46, 0.58, 0.64, 0.80)
_FINE = 8  # drawn so many times larger, then made smaller: smooth edges
_PAPER, _INK = (250, 250, 246), (38, 40, 48)


class Tagged(NamedTuple):
    """A picture with a tag in it.

    Attributes
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        RGB.
    mask : ndarray of bool, shape (H, W)
        The pixels whose larger part shows the tag.
    """

    picture: NDArray[np.uint8]
    mask: NDArray[np.bool_]


def plant_tag(picture: NDArray[np.uint8], seed: int | tuple[int, ...] = 0) -> Tagged:
    """Draw a plate with a bar code in the lower left corner of a picture.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        RGB; it is left as it is.
    seed : int or tuple of int
        Where exactly, within a few hundredths of the picture's side.

    Returns
    -------
    Tagged

    Raises
    ------
    SceneError
        If this is not a picture.

    Examples
    --------
    >>> from xai_widgets.datasets.creatures import draw, sample_scene
    >>> tagged = plant_tag(draw(sample_scene(0)).picture)
    >>> tagged.picture.shape, bool(tagged.mask[-10:, :20].any()), bool(tagged.mask[:48].any())
    ((96, 96, 3), True, False)
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise SceneError(
            f"a picture is an array (H, W, 3) of uint8, not {picture.dtype} {picture.shape}; load_image makes one"
        )
    height, width = picture.shape[:2]
    right, up = np.random.default_rng(seed).uniform(*_MARGIN, 2)
    left, bottom = right * width, height - up * height
    plate, opacity = _plate(height, width, (left, bottom - _HEIGHT * height, left + _WIDTH * width, bottom))
    mixed = picture + opacity[..., None] * (plate - picture)
    return Tagged(np.rint(mixed).astype(np.uint8), opacity > 0.5)


def _plate(
    height: int, width: int, box: tuple[float, float, float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the plate's colours (H, W, 3) and its opacity (H, W), smooth at the edges."""
    x0, y0, x1, y1 = (_FINE * edge for edge in box)
    colours, shape = (Image.new(mode, (_FINE * width, _FINE * height), 0) for mode in ("RGB", "L"))
    colours.paste(_PAPER, (0, 0, *colours.size))
    ImageDraw.Draw(shape).rounded_rectangle((x0, y0, x1, y1), radius=(y1 - y0) / 5, fill=255)
    pen, thin = ImageDraw.Draw(colours), 0.05 * (x1 - x0)
    for number, place in enumerate(_BARS):
        left = x0 + place * (x1 - x0)
        pen.rectangle((left, y0 + 0.2 * (y1 - y0), left + thin * (1 + number % 2), y1 - 0.2 * (y1 - y0)), fill=_INK)
    small = [np.asarray(layer.resize((width, height), Image.Resampling.BOX), float) for layer in (colours, shape)]
    return small[0], small[1] / 255
