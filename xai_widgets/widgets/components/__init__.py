"""The few views with JavaScript of their own: picture with layers, score bars, slider, chart, matrix, upload.

Each is a plain ES module and a style sheet beside its Python class; nothing is bundled, nothing is fetched.
"""

from __future__ import annotations

from xai_widgets.widgets.components.atlas_map import AtlasMap
from xai_widgets.widgets.components.base import Component
from xai_widgets.widgets.components.browser_link import BrowserLink
from xai_widgets.widgets.components.choice_menu import ChoiceMenu
from xai_widgets.widgets.components.curve import Curve
from xai_widgets.widgets.components.layers import Heatmap, Layer, Perturbation
from xai_widgets.widgets.components.matrix import Matrix
from xai_widgets.widgets.components.picture_canvas import PictureCanvas
from xai_widgets.widgets.components.picture_upload import PictureUpload
from xai_widgets.widgets.components.point_map import PointMap
from xai_widgets.widgets.components.quiet_bar import QuietBar
from xai_widgets.widgets.components.request_line import RequestLine
from xai_widgets.widgets.components.score_bars import ScoreBars
from xai_widgets.widgets.components.slider import Slider
from xai_widgets.widgets.components.tile_grid import TileGrid

__all__ = [
    "AtlasMap",
    "BrowserLink",
    "ChoiceMenu",
    "Component",
    "Curve",
    "Heatmap",
    "Layer",
    "Matrix",
    "Perturbation",
    "PictureCanvas",
    "PictureUpload",
    "PointMap",
    "QuietBar",
    "RequestLine",
    "ScoreBars",
    "Slider",
    "TileGrid",
]
