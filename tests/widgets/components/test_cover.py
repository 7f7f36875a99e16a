"""Covers, patches and segments of the picture canvas, on the Python side."""

import numpy as np
import pytest
import traitlets

from xai_widgets.widgets.components import Heatmap, PictureCanvas


def test_cover_patch_and_segments_must_fit_the_picture():
    canvas = PictureCanvas(np.zeros((8, 6, 3), np.uint8))
    with pytest.raises(ValueError, match="a cover must have the height and width of the picture, \\(8, 6\\)"):
        canvas.set_cover(np.zeros((6, 8, 3), np.uint8))
    with pytest.raises(traitlets.TraitError, match="inside of 8x6 pixels"):
        canvas.patch = (6, 0, 3, 3)
    with pytest.raises(ValueError, match="segments are whole numbers"):
        canvas.set_segments(np.zeros((8, 6)))
    canvas.set_segments(np.arange(48).reshape(8, 6))
    canvas.hidden, canvas.patch = [3], (5, 3, 3, 3)
    canvas.set_picture(np.zeros((8, 6, 3), np.uint8))  # what was hidden of the last picture says nothing here
    assert (canvas.segments, canvas.hidden, canvas.patch) == (b"", [], ())


def test_a_heatmap_has_gaps_only_where_they_are_expected():
    values = np.array([[np.nan, 2.0]])
    with pytest.raises(ValueError, match="NaN"):
        Heatmap(values, "m")
    assert Heatmap(values, "m", gaps=True).value_range == (-2.0, 2.0)
    assert Heatmap(values * np.nan, "m", gaps=True).value_range == (-1.0, 1.0)
