"""`AggFigure`: a matplotlib figure that draws itself wherever it is: script, notebook, TensorBoard."""

from __future__ import annotations

import io
import os
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


class AggFigure(Figure):
    """A figure with an Agg canvas, which is not known to pyplot: labs draw in threads, where pyplot is not safe.

    A notebook shows it as PNG with or without ``%matplotlib inline``, and ``figure.canvas.buffer_rgba()`` gives its
    pixels.

    Parameters
    ----------
    *args, **kwargs
        Of `matplotlib.figure.Figure`.

    Attributes
    ----------
    displayed : bool
        Whether its picture was asked for, other than into a file with a name: a notebook does so to display it.

    Examples
    --------
    >>> import numpy as np
    >>> figure = AggFigure(figsize=(2, 1), dpi=50)
    >>> np.asarray(figure.canvas.buffer_rgba()).shape
    (50, 100, 4)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.displayed = False
        attach_agg(self)

    def png(self) -> bytes:
        """Return the figure as the content of a PNG file, without a margin around what is drawn."""
        file = io.BytesIO()
        self.savefig(file, format="png", bbox_inches="tight", dpi=self.dpi)
        return file.getvalue()

    def __repr__(self) -> str:
        """Return what matplotlib says of a figure: its size, and how many axes it has."""
        return super().__repr__().replace(type(self).__name__, "Figure", 1)

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return self.png()


def attach_agg(figure: Figure) -> None:
    """Give a figure an Agg canvas in place of the one that it has."""
    _DrawnCanvas(figure)


class _DrawnCanvas(FigureCanvasAgg):
    """A canvas whose pixels are those of the figure as it is now; matplotlib's are blank until ``draw()`` is called."""

    def buffer_rgba(self) -> memoryview:
        if self.figure.stale:
            self.draw()  # type: ignore[no-untyped-call]
        pixels: memoryview = super().buffer_rgba()  # type: ignore[no-untyped-call]
        return pixels

    def print_figure(self, filename: Any, *args: Any, **options: Any) -> Any:
        if not isinstance(filename, (str, os.PathLike)) and isinstance(self.figure, AggFigure):
            self.figure.displayed = True
        return super().print_figure(filename, *args, **options)
