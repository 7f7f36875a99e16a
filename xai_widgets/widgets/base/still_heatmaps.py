"""The heatmaps of a lab in its still figure: the same values, range and colours as on the page."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from matplotlib.colors import ListedColormap

from xai_widgets.plots.panels import plain
from xai_widgets.widgets.components.colours import colour_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    from xai_widgets.widgets.components import Heatmap


@functools.cache
def heatmap_colours(*, signed: bool) -> ListedColormap:
    """Return the colour table of the labs as matplotlib takes it.

    Parameters
    ----------
    signed : bool
        Whether values have a sign: then the middle of the range is white.

    Returns
    -------
    matplotlib.colors.ListedColormap
        255 entries with zero in the middle, or 256 from dark to light.

    Examples
    --------
    >>> heatmap_colours(signed=True)(0.5)[:3] == (1.0, 1.0, 1.0)
    True
    """
    table = colour_table(signed=signed) / 255
    return ListedColormap(table[1:] if signed else table, name="signed" if signed else "unsigned")


def draw_heatmap(axes: Axes, heatmap: Heatmap, title: str, *, opacity: float = 1.0) -> AxesImage:
    """Draw a heatmap of the page into a figure.

    Parameters
    ----------
    axes : matplotlib axes
    heatmap : Heatmap
        The layer that is on the page.
    title : str
    opacity : float
        From 0 to 1.

    Returns
    -------
    matplotlib.image.AxesImage
    """
    low, high = heatmap.value_range or (0.0, 1.0)  # a heatmap has a range once it is made
    colours = heatmap_colours(signed=heatmap.signed)
    drawn = axes.imshow(heatmap.values, cmap=colours, vmin=low, vmax=high, alpha=opacity)
    axes.set_title(plain(title), fontsize=10)
    return drawn
