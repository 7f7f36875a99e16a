"""Interactive labs and plain functions for the interpretability of deep networks.

Everything is loaded on first use (PEP 562), so that ``import xai_widgets`` stays quick and brings in neither
TensorFlow nor matplotlib until something needs them.

Examples
--------
>>> import xai_widgets as xai
>>> digits = xai.load_model("digits")
>>> xai.explain(digits, xai.sample_image("digit-3"), "saliency").values.shape
(1, 8, 8, 1)
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# TensorFlow greets every reader with a page of remarks on the processor, in red in a notebook; warnings still come.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Threads of scikit-learn and openTSNE that wait for work would otherwise spin: beside a busy kernel, ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

if TYPE_CHECKING:
    from xai_widgets import methods as methods
    from xai_widgets.i18n import language as language
    from xai_widgets.i18n import set_language as set_language
    from xai_widgets.methods import explain as explain
    from xai_widgets.methods import list_methods as list_methods
    from xai_widgets.models.classifier import Classifier as Classifier
    from xai_widgets.models.composition import compose as compose
    from xai_widgets.models.history import load_history as load_history
    from xai_widgets.models.pictures import load_image as load_image
    from xai_widgets.models.samples import list_images as list_images
    from xai_widgets.models.samples import sample_image as sample_image
    from xai_widgets.models.scene_reader import load_scene_reader as load_scene_reader
    from xai_widgets.models.tabular import load_table as load_table
    from xai_widgets.models.tabular import tabular_forest as tabular_forest
    from xai_widgets.models.text import load_text_model as load_text_model
    from xai_widgets.models.vectors import load_vectors as load_vectors
    from xai_widgets.models.zoo import list_models as list_models
    from xai_widgets.models.zoo import load_model as load_model
    from xai_widgets.widgets.activation_browser import ActivationBrowser as ActivationBrowser
    from xai_widgets.widgets.adversarial import AdversarialLab as AdversarialLab
    from xai_widgets.widgets.atlas import AtlasExplorer as AtlasExplorer
    from xai_widgets.widgets.attribution import AttributionExplorer as AttributionExplorer
    from xai_widgets.widgets.backward_stepper import BackwardStepper as BackwardStepper
    from xai_widgets.widgets.cam import CamLab as CamLab
    from xai_widgets.widgets.chooser import MethodChooser as MethodChooser
    from xai_widgets.widgets.convolution import ConvolutionLab as ConvolutionLab
    from xai_widgets.widgets.dissection import DissectionExplorer as DissectionExplorer
    from xai_widgets.widgets.dream import DreamLab as DreamLab
    from xai_widgets.widgets.embedding import EmbeddingLab as EmbeddingLab
    from xai_widgets.widgets.feature import FeatureLab as FeatureLab
    from xai_widgets.widgets.filter_browser import FilterBrowser as FilterBrowser
    from xai_widgets.widgets.lime import LimeLab as LimeLab
    from xai_widgets.widgets.occlusion import OcclusionLab as OcclusionLab
    from xai_widgets.widgets.relevance import RelevanceLab as RelevanceLab
    from xai_widgets.widgets.toy_nets import ToyNets as ToyNets
    from xai_widgets.widgets.training_scrubber import TrainingScrubber as TrainingScrubber
    from xai_widgets.widgets.unit_explorer import UnitExplorer as UnitExplorer

_HOME = {
    "ActivationBrowser": "xai_widgets.widgets.activation_browser",
    "AdversarialLab": "xai_widgets.widgets.adversarial",
    "AtlasExplorer": "xai_widgets.widgets.atlas",
    "AttributionExplorer": "xai_widgets.widgets.attribution",
    "BackwardStepper": "xai_widgets.widgets.backward_stepper",
    "CamLab": "xai_widgets.widgets.cam",
    "Classifier": "xai_widgets.models.classifier",
    "ConvolutionLab": "xai_widgets.widgets.convolution",
    "DissectionExplorer": "xai_widgets.widgets.dissection",
    "DreamLab": "xai_widgets.widgets.dream",
    "EmbeddingLab": "xai_widgets.widgets.embedding",
    "FeatureLab": "xai_widgets.widgets.feature",
    "FilterBrowser": "xai_widgets.widgets.filter_browser",
    "MethodChooser": "xai_widgets.widgets.chooser",
    "LimeLab": "xai_widgets.widgets.lime",
    "OcclusionLab": "xai_widgets.widgets.occlusion",
    "RelevanceLab": "xai_widgets.widgets.relevance",
    "ToyNets": "xai_widgets.widgets.toy_nets",
    "TrainingScrubber": "xai_widgets.widgets.training_scrubber",
    "UnitExplorer": "xai_widgets.widgets.unit_explorer",
    "compose": "xai_widgets.models.composition",
    "explain": "xai_widgets.methods",
    "language": "xai_widgets.i18n",
    "list_images": "xai_widgets.models.samples",
    "list_methods": "xai_widgets.methods",
    "list_models": "xai_widgets.models.zoo",
    "load_history": "xai_widgets.models.history",
    "load_image": "xai_widgets.models.pictures",
    "load_model": "xai_widgets.models.zoo",
    "load_scene_reader": "xai_widgets.models.scene_reader",
    "load_table": "xai_widgets.models.tabular",
    "load_text_model": "xai_widgets.models.text",
    "load_vectors": "xai_widgets.models.vectors",
    "sample_image": "xai_widgets.models.samples",
    "set_language": "xai_widgets.i18n",
    "tabular_forest": "xai_widgets.models.tabular",
}
_SUBMODULES = ("methods",)

__all__ = [*sorted(_HOME), "__version__", "methods"]  # noqa: PLE0604  (names, read from the table above)


def __getattr__(name: str) -> Any:
    """Import the public name on first use."""
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Names for completion, the lazy ones included."""
    return sorted({*globals(), *__all__})
