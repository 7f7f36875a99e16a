"""The layers of a picture: heatmaps and perturbations, checked once and sent as binary buffers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from xai_widgets.widgets.components.colours import colour_table

PICTURE = "picture"  # the name of what lies under all layers
PLANE = 2  # axes: height and width
RGB = 3  # channels


def frozen(array: npt.NDArray[Any], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return the array as a read-only contiguous one: itself if it is one already, else one copy of it."""
    if array.dtype == dtype and array.flags.c_contiguous and not array.flags.writeable:
        return array
    copy = np.array(array, dtype=dtype, order="C")
    copy.setflags(write=False)
    return copy


def buffer(array: npt.NDArray[Any]) -> memoryview:
    """Return the bytes of a contiguous array without copying them."""
    return array.data.cast("B")


def _checked(values: npt.ArrayLike, what: str, *, gaps: bool = False) -> npt.NDArray[Any]:
    """Return numbers as an array; refuse text, objects, complex numbers, emptiness, infinity, and NaN but as gaps."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{what} must be real numbers, not {array.dtype}")
    if not array.size:
        raise ValueError(f"{what} of shape {array.shape} is empty")
    good = np.isfinite(array) | (np.isnan(array) if gaps else False)
    if not good.all():
        bad = int(array.size - good.sum())
        raise ValueError(f"{what} has {bad} values that are NaN or infinite; mend them, for example by np.nan_to_num")
    return array


@dataclass(frozen=True, eq=False)
class Layer:
    """What lies over a picture; see `Heatmap` and `Perturbation`."""

    values: npt.NDArray[Any]
    name: str

    def _check_name(self) -> None:
        if not isinstance(self.name, str) or self.name in ("", PICTURE):
            raise ValueError(f"a layer's name must be a text other than '' and {PICTURE!r}, not {self.name!r}")

    def state(self) -> dict[str, Any]:
        """Return what the browser gets; the values go as a buffer that shares the layer's memory."""
        height, width = self.values.shape[:2]
        return {"name": self.name, "height": height, "width": width, "values": buffer(self.values)}


@dataclass(frozen=True, eq=False)
class Heatmap(Layer):
    """One number a pixel, shown as a colour over the picture.

    Parameters
    ----------
    values : array of float, shape (H, W)
        Any height and width: it is stretched over the picture.
    name : str
        What the values are, in a word; shown in the legend.
    signed : bool
        Whether the sign means something: diverging colours, white at zero. Else sequential colours.
    value_range : tuple of float, optional
        The values of the two ends of the colours. Left out: ``(-m, m)`` with the largest magnitude `m` if signed,
        else from zero (or the smallest value, if negative) to the largest. Give it when heatmaps are compared.
    smooth : bool
        Whether a heatmap smaller than the picture is interpolated when stretched.
    gaps : bool
        Whether values may be NaN, which stands for "not known yet": there, the picture shows.
    unit : str
        The unit of the values, in words: what is read of a pixel says it after the number. Empty: nothing is said.

    Raises
    ------
    TypeError, ValueError
        If the values are not (H, W) finite numbers, or the range is not increasing (and symmetric, if signed).

    Examples
    --------
    >>> Heatmap(np.array([[-2.0, 1.0]]), "gradient").value_range
    (-2.0, 2.0)
    """

    signed: bool = True
    value_range: tuple[float, float] | None = None
    smooth: bool = False
    gaps: bool = False
    unit: str = ""

    def __post_init__(self) -> None:
        self._check_name()
        values = _checked(self.values, "a heatmap", gaps=self.gaps)
        if values.ndim != PLANE:
            raise ValueError(f"a heatmap has shape (H, W), not {values.shape}; reduce the channels first")
        object.__setattr__(self, "values", frozen(values, np.float32))
        object.__setattr__(self, "value_range", self._checked_range())

    def _checked_range(self) -> tuple[float, float]:
        """Return the values of the two ends of the colours."""
        if self.value_range is None:
            return self._own_range()
        low, high = (float(bound) for bound in self.value_range)
        if not (np.isfinite([low, high]).all() and low < high):
            raise ValueError(f"value_range must be two increasing numbers, not {self.value_range}")
        if self.signed and low != -high:
            raise ValueError(f"a signed heatmap is white at zero: value_range must be (-m, m), not {self.value_range}")
        return low, high

    def _own_range(self) -> tuple[float, float]:
        known = self.values[~np.isnan(self.values)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
        if self.signed:
            limit = max(-low, high) or 1.0
            return -limit, limit
        low = min(low, 0.0)
        return low, high if high > low else low + 1.0

    def state(self) -> dict[str, Any]:
        """Return what the browser gets."""
        low, high = self.value_range or self._own_range()
        kind = {"kind": "heatmap", "unit": self.unit, "signed": self.signed, "smooth": self.smooth}
        kind |= {"low": low, "high": high}
        return super().state() | kind | {"table": buffer(colour_table(signed=self.signed))}


@dataclass(frozen=True, eq=False)
class Perturbation(Layer):
    """A direction in which every channel of every pixel moves: the browser shows picture + epsilon x direction.

    Parameters
    ----------
    values : array of float32 or int8, shape (H, W, 3), (H, W, 1) or (H, W)
        The direction, for epsilon in fractions of the picture's range; a sign is sent as int8, a quarter of the bytes.
    name : str
        The layer's name.

    Raises
    ------
    TypeError, ValueError
        If the values are not finite numbers of such a shape.

    Examples
    --------
    >>> Perturbation(np.sign([[-0.3, 0.2]])).values.shape
    (1, 2, 3)
    """

    name: str = "perturbation"
    magnitude: float = field(init=False, default=1.0)

    def __post_init__(self) -> None:
        self._check_name()
        values = _checked(self.values, "a perturbation")
        if values.ndim == PLANE:
            values = values[..., None]
        if values.ndim != PLANE + 1 or values.shape[-1] not in (1, RGB):
            raise ValueError(f"a perturbation has shape (H, W, 3) or (H, W, 1), not {np.shape(self.values)}")
        if values.shape[-1] != RGB:
            values = np.repeat(values, RGB, axis=-1)
        object.__setattr__(self, "values", frozen(values, self._dtype(values)))
        object.__setattr__(self, "magnitude", float(np.abs(self.values.astype(np.float32)).max()) or 1.0)

    @staticmethod
    def _dtype(values: npt.NDArray[Any]) -> type[np.int8 | np.float32]:
        if values.dtype == np.int8:
            return np.int8
        return np.int8 if bool(np.isin(values, (-1, 0, 1)).all()) else np.float32

    def state(self) -> dict[str, Any]:
        """Return what the browser gets."""
        return super().state() | {"kind": "perturbation", "type": self.values.dtype.name, "magnitude": self.magnitude}
