"""What the labs on units share: the model and its layers, and pictures made small or large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from PIL import Image

from xai_widgets.i18n import message
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.widgets.base.model_lab import ModelLab
from xai_widgets.widgets.components.colours import colour_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier

TILE = 56  # CSS pixels
_GREY = 128  # beside a picture that is no square
_FRAME = (255, 255, 255), (0, 0, 0)  # seen on any picture


class UnitLab(ModelLab):
    """The base of labs on one layer of one model."""

    area = "units"

    on_a_layer = True

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer; None: the first of the menu."""


def convolutions(classifier: Classifier) -> tuple[str, ...]:
    """Return the paths of a model's convolutions, from the first to the last.

    Raises
    ------
    ValueError
        If there is none.
    """
    program = read_program(classifier.model)
    steps = program.needed(program.outputs)
    found = tuple(dict.fromkeys(step.path for step in steps if "Conv" in type(step.operation).__name__))
    if not found:
        raise ValueError(message("lab.no_convolution"))
    return found


def chosen_layer(layer: str | None, layers: Sequence[str], default: str) -> str:
    """Return the layer that is shown; one that does not exist is refused."""
    if layer is None:
        return default
    if layer not in layers:
        raise ValueError(f"there is no layer {layer!r} to show; choose one of {', '.join(layers)}")
    return layer


def as_pixels(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """Return a picture of values 0 to 1 as uint8."""
    pixels: NDArray[np.uint8] = np.round(255 * np.clip(picture, 0, 1)).astype("uint8")
    return pixels


def tile(picture: NDArray[np.uint8], side: int = TILE) -> NDArray[np.uint8]:
    """Fit a picture (H, W, 3) into a square, on grey; few pixels stay sharp.

    Examples
    --------
    >>> tile(np.zeros((2, 4, 3), "uint8"), 8)[:, 0, 0].tolist()
    [128, 128, 0, 0, 0, 0, 128, 128]
    """
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    way = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
    small = np.asarray(Image.fromarray(picture).resize(size, way))
    square = np.full((side, side, 3), _GREY, "uint8")
    top, left = (side - small.shape[0]) // 2, (side - small.shape[1]) // 2
    square[top : top + small.shape[0], left : left + small.shape[1]] = small
    return square


def map_pixels(values: NDArray[Any], largest: float) -> NDArray[np.uint8]:
    """Colour a map (H, W) of values from 0 to the largest; what is below 0 is as dark as 0.

    Examples
    --------
    >>> map_pixels(np.array([[0.0, 2.0]]), 2.0)[0].sum(axis=1).tolist()[0] < 30
    True
    """
    share = np.clip(values.astype("float32") / (largest if largest > 0 else 1), 0, 1)
    coloured: NDArray[np.uint8] = colour_table(signed=False)[np.round(255 * share).astype("int64")]
    return coloured


def framed(picture: NDArray[np.uint8], box: Sequence[int], side: int = 288) -> NDArray[np.uint8]:
    """Enlarge a picture by a whole factor and draw a frame around a box: top, left, bottom, right."""
    scale = max(1, side // max(picture.shape[:2]))
    large: NDArray[np.uint8] = picture.repeat(scale, axis=0).repeat(scale, axis=1)
    top, left, bottom, right = (int(edge) * scale for edge in box)
    for inset, colour in enumerate(_FRAME):
        rows, columns = slice(top + inset, bottom - inset), slice(left + inset, right - inset)
        for edge in (top + inset, bottom - inset - 1):
            large[edge, columns] = colour
        for edge in (left + inset, right - inset - 1):
            large[rows, edge] = colour
    return large
