"""The library lucid, written for TensorFlow 1, on today's TensorFlow and on models of Keras 3."""

from __future__ import annotations

from xai_widgets.backend.lucid_bridge.freezing import eagerly, frozen_graph
from xai_widgets.backend.lucid_bridge.loading import load_lucid, quietly
from xai_widgets.backend.lucid_bridge.model import lucid_model

__all__ = ["eagerly", "frozen_graph", "load_lucid", "lucid_model", "quietly"]
