"""Colours: tables of 256 entries for heatmaps, and Okabe-Ito colours that stay with their class."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ENTRIES = 256
CENTRE = 128  # of a signed table: white, value zero; entries 1 and 255 are the two ends

# Okabe and Ito (2008), "Color universal design", without black (a theme's text) and with yellow last (faint on white).
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")


@functools.cache
def colour_table(*, signed: bool) -> npt.NDArray[np.uint8]:
    """Return the colours of a heatmap.

    Parameters
    ----------
    signed : bool
        Whether values have a sign: blue below zero, white at zero, red above. Else dark to light, perceptually uniform.

    Returns
    -------
    numpy.ndarray
        uint8, shape (256, 3), read-only. A signed value ``v`` within ``[-limit, limit]`` has entry
        ``128 + 127 * v / limit``; an unsigned one within ``[low, high]`` has entry ``255 * (v - low) / (high - low)``.

    Examples
    --------
    >>> colour_table(signed=True)[128].tolist()
    [255, 255, 255]
    >>> colour_table(signed=False).shape
    (256, 3)
    """
    from matplotlib import colormaps

    from xai_widgets.plots.panels import SIGNED_MAP, UNSIGNED_MAP

    positions = np.linspace(0, 1, ENTRIES)
    if not signed:
        rgb = colormaps[UNSIGNED_MAP](positions)[:, :3]
    else:
        values = np.clip((np.arange(ENTRIES) - CENTRE) / (CENTRE - 1), -1, 1)
        rgb = colormaps[SIGNED_MAP]((values + 1) / 2)[:, :3]
        # The middle of that map is a very light grey: lift it to white, and leave the ends as they are.
        rgb = rgb + (1 - rgb[CENTRE]) * (1 - np.abs(values))[:, None]
    table: npt.NDArray[np.uint8] = np.rint(255 * np.clip(rgb, 0, 1)).astype(np.uint8)
    table.setflags(write=False)
    return table


def assign_colours(classes: Iterable[int], before: Mapping[int, str]) -> dict[int, str]:
    """Give every class a colour: the one it had, else its own of the palette, else the first that is free.

    Parameters
    ----------
    classes : iterable of int
        The classes that are visible.
    before : mapping of int to str
        What was assigned earlier.

    Returns
    -------
    dict of int to str
        Colours of the visible classes first, then those of earlier classes, kept in case these come back.

    Examples
    --------
    >>> first = assign_colours([3, 10], {})
    >>> first[3], first[10]
    ('#CC79A7', '#0072B2')
    >>> assign_colours([10], first)[10]
    '#0072B2'
    """
    chosen: dict[int, str] = {}
    visible = list(classes)
    for index in [*(i for i in visible if i in before), *(i for i in visible if i not in before)]:
        own = before.get(index, OKABE_ITO[index % len(OKABE_ITO)])
        free = [colour for colour in (own, *OKABE_ITO) if colour not in chosen.values()]
        chosen[index] = free[0] if free else own
    return {**chosen, **{index: colour for index, colour in before.items() if index not in chosen}}
