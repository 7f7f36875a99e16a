"""A small matrix of numbers that can be read cell by cell, or typed over."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import traitlets

from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component

MOST = 400  # cells: each is an element of the page


class Numbers(traitlets.TraitType[tuple[tuple[float, ...], ...], npt.ArrayLike]):
    """Finite numbers in rows of one length: any array of two axes, kept as tuples."""

    info_text = "finite numbers in rows of one length, shape (H, W)"

    def validate(self, _obj: Any, value: Any) -> tuple[tuple[float, ...], ...]:
        """Return the tuples; refuse another shape, texts, NaN, and more cells than a page should hold."""
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise traitlets.TraitError(f"{self.name} are {self.info_text}, not {type(value).__name__}") from None
        if array.ndim != 2 or not 1 <= array.size <= MOST:
            raise traitlets.TraitError(f"{self.name} are {self.info_text}, 1 to {MOST} of them, not {array.shape}")
        if not np.isfinite(array).all():
            raise traitlets.TraitError(f"{self.name} are {self.info_text}: there is NaN or infinity in them")
        return tuple(tuple(row) for row in array.tolist())


class Matrix(Component):
    """Numbers in cells, coloured by their sign: blue below zero, none at zero, red above.

    Arrows walk through the cells. In a matrix that can be changed, type over a number: each stroke that leaves a
    number changes `values` at once. Page up and page down add and take 1, with Shift 10; Esc puts the old number back.

    Parameters
    ----------
    **options
        Any of the traits below.

    Raises
    ------
    TypeError
        If an option does not exist.
    traitlets.TraitError
        If the values are not finite numbers in rows of one length.

    Examples
    --------
    >>> matrix = Matrix(values=[[1, -1], [0, 2]], title="z")
    >>> matrix
    Matrix('z', 2x2)
    >>> matrix.array.sum()
    np.float64(2.0)
    """

    _esm = assets.module("matrix")
    _css = assets.style("matrix")

    values = Numbers(((0.0,),)).tag(sync=True)
    """The numbers; any array of shape (H, W)."""

    title = traitlets.Unicode("").tag(sync=True)
    """A line above the matrix (default: none)."""

    alt = traitlets.Unicode("").tag(sync=True)
    """Name of the matrix for those who do not see it (default: the title, or a word from the catalogue)."""

    editable = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether the numbers can be typed over (default: no)."""

    limit = traitlets.Float(None, allow_none=True, min=0.0).tag(sync=True)
    """The size of a number that has the deepest colour; give it to matrices that are compared.
    None: the largest of its own (default)."""

    shown = traitlets.Bool(default_value=True).tag(sync=True)
    """Whether the numbers are there yet; their room is kept (default: yes)."""

    crossed = traitlets.Tuple(()).tag(sync=True)
    """Cells with a line through them, as pairs of row and column from 0: a signal that was stopped (default: none)."""

    outlined = traitlets.Tuple(()).tag(sync=True)
    """Cells with a frame, as pairs of row and column from 0 (default: none)."""

    selected = traitlets.Tuple(None, allow_none=True).tag(sync=True)
    """Row and column of the cell last visited, from 0; None: none yet (default)."""

    @traitlets.default("_dom_classes")
    def _default_classes(self) -> tuple[str, ...]:
        """Mark what the reader types as no answer."""
        return () if self.editable else super()._default_classes()

    @property
    def array(self) -> npt.NDArray[np.float64]:
        """The values as an array, shape (H, W)."""
        return np.asarray(self.values, dtype=np.float64)

    @traitlets.validate("crossed", "outlined")
    def _check_cells(self, proposal: dict[str, Any]) -> tuple[tuple[int, int], ...]:
        cells = tuple(self._cell(proposal["trait"].name, cell) for cell in proposal["value"])
        return tuple(dict.fromkeys(cells))

    @traitlets.validate("selected")
    def _check_selected(self, proposal: dict[str, Any]) -> tuple[int, int] | None:
        value = proposal["value"]
        return None if value is None else self._cell("selected", value)

    @staticmethod
    def _cell(name: str, cell: Any) -> tuple[int, int]:
        """Return row and column; refuse what is no pair of whole numbers from 0."""
        numbers = np.asarray(cell)
        if numbers.shape != (2,) or numbers.dtype.kind not in "iu" or (numbers < 0).any():
            raise traitlets.TraitError(f"{name}: a cell is a pair of row and column, from 0, not {cell!r}")
        row, column = numbers.tolist()
        return row, column

    def __repr__(self) -> str:
        """Return title and shape."""
        return f"{type(self).__name__}({self.title!r}, {len(self.values)}x{len(self.values[0])})"
