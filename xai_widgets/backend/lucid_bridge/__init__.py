"""The library lucid, written for TensorFlow 1, on TensorFlow 2 and models of Keras 3."""

from __future__ import annotations

from xai_widgets.backend.lucid_bridge.freezing import eagerly, frozen_graph
from xai_widgets.backend.lucid_bridge.lucid_import import load_lucid, quietly
from xai_widgets.backend.lucid_bridge.model import lucid_model

__all__ = ["eagerly", "frozen_graph", "load_lucid", "lucid_model", "quietly"]
