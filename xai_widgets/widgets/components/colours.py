"""Colours: tables of 256 entries for heatmaps."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

ENTRIES = 256
CENTRE = 128  # of a signed table: white, value zero; entries 1 and 255 are the two ends


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
