"""Interactive labs and plain functions for the interpretability of deep networks.

Everything is loaded on first use (PEP 562), so that ``import xai_widgets`` stays quick and brings in neither
TensorFlow nor matplotlib until something needs them. ``help(xai_widgets.explain)`` tells all of one name;
``docs/api.md`` in the repository lists all names with a line on each.

What to use
-----------
=======================================  =======================================================================
to get a model                           `load_model`, `list_models`, `load_text_model`, `load_scene_reader`,
                                         `load_history`, `tabular_forest`
to bring your own model                  `wrap`, `Classifier`, `Network`; `check_model` says what is wrong with it
to get inputs                            `load_image`, `sample_image`, `list_images`, `compose`, `load_table`,
                                         `load_vectors`
to explain an answer                     `explain` with a name of `list_methods`; `Attribution` and
                                         `WordAttribution` are what it gives
to judge explanations, to attack,        the functions of `xai_widgets.methods`: `deletion_curve`,
to look into layers                      `compare_methods`, `pgd`, `activation_maximization`, `dissect` and more
to choose French or English              `set_language`, `language`
to try by hand, in a notebook            a lab
=======================================  =======================================================================

The labs
--------
`ConvolutionLab`, `AdversarialLab`, `OcclusionLab`, `LimeLab`, `AttributionExplorer`, `BackwardStepper`, `CamLab`,
`RelevanceLab`, `ToyNets`, `MethodChooser`, `DreamLab`, `FeatureLab`, `AtlasExplorer`, `DissectionExplorer`,
`ActivationBrowser`, `FilterBrowser`, `TrainingScrubber`, `UnitExplorer`, `EmbeddingLab`

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
import sys
from typing import TYPE_CHECKING, Any

from xai_widgets.moved_modules import install as _accept_old_paths

__version__ = "0.1.0"

# TensorFlow greets every reader with a page of remarks on the processor, in red in a notebook; warnings still come.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Threads of scikit-learn and openTSNE that wait for work would otherwise spin: beside a busy kernel, ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

_accept_old_paths()

if "IPython" in sys.modules:  # a notebook, most likely
    from xai_widgets.common.short_errors import install as _shorten_errors

    _shorten_errors()

if TYPE_CHECKING:
    from xai_widgets import methods as methods
    from xai_widgets.datasets.pictures.composition import compose as compose
    from xai_widgets.datasets.pictures.picture_reading import load_image as load_image
    from xai_widgets.datasets.pictures.samples import list_images as list_images
    from xai_widgets.datasets.pictures.samples import sample_image as sample_image
    from xai_widgets.datasets.tabular import load_table as load_table
    from xai_widgets.datasets.vectors import load_vectors as load_vectors
    from xai_widgets.i18n import language as language
    from xai_widgets.i18n import set_language as set_language
    from xai_widgets.methods import explain as explain
    from xai_widgets.methods import list_methods as list_methods
    from xai_widgets.models.checking.check_model import check_model as check_model
    from xai_widgets.models.kinds.classifier import Classifier as Classifier
    from xai_widgets.models.kinds.network import Network as Network
    from xai_widgets.models.kinds.wrapping import wrap as wrap
    from xai_widgets.models.tabular_forest import tabular_forest as tabular_forest
    from xai_widgets.models.text.text_loading import load_text_model as load_text_model
    from xai_widgets.models.zoo.loading import load_model as load_model
    from xai_widgets.models.zoo.model_table import list_models as list_models
    from xai_widgets.models.zoo.scene_reader import load_scene_reader as load_scene_reader
    from xai_widgets.models.zoo.training_history import load_history as load_history
    from xai_widgets.results.attribution_result import Attribution as Attribution
    from xai_widgets.results.word_result import WordAttribution as WordAttribution
    from xai_widgets.widgets.labs.activation_browser.lab import ActivationBrowser as ActivationBrowser
    from xai_widgets.widgets.labs.adversarial.lab import AdversarialLab as AdversarialLab
    from xai_widgets.widgets.labs.atlas.lab import AtlasExplorer as AtlasExplorer
    from xai_widgets.widgets.labs.attribution.lab import AttributionExplorer as AttributionExplorer
    from xai_widgets.widgets.labs.backward_stepper.lab import BackwardStepper as BackwardStepper
    from xai_widgets.widgets.labs.cam.lab import CamLab as CamLab
    from xai_widgets.widgets.labs.chooser.lab import MethodChooser as MethodChooser
    from xai_widgets.widgets.labs.convolution.lab import ConvolutionLab as ConvolutionLab
    from xai_widgets.widgets.labs.dissection.lab import DissectionExplorer as DissectionExplorer
    from xai_widgets.widgets.labs.dream.lab import DreamLab as DreamLab
    from xai_widgets.widgets.labs.embedding.lab import EmbeddingLab as EmbeddingLab
    from xai_widgets.widgets.labs.feature.lab import FeatureLab as FeatureLab
    from xai_widgets.widgets.labs.filter_browser.lab import FilterBrowser as FilterBrowser
    from xai_widgets.widgets.labs.lime.lab import LimeLab as LimeLab
    from xai_widgets.widgets.labs.occlusion.lab import OcclusionLab as OcclusionLab
    from xai_widgets.widgets.labs.relevance.lab import RelevanceLab as RelevanceLab
    from xai_widgets.widgets.labs.toy_nets.lab import ToyNets as ToyNets
    from xai_widgets.widgets.labs.training_scrubber.lab import TrainingScrubber as TrainingScrubber
    from xai_widgets.widgets.labs.unit_explorer.lab import UnitExplorer as UnitExplorer

_HOME = {
    "Attribution": "xai_widgets.results.attribution_result",
    "Classifier": "xai_widgets.models.kinds.classifier",
    "Network": "xai_widgets.models.kinds.network",
    "WordAttribution": "xai_widgets.results.word_result",
    "check_model": "xai_widgets.models.checking.check_model",
    "compose": "xai_widgets.datasets.pictures.composition",
    "explain": "xai_widgets.methods",
    "language": "xai_widgets.i18n",
    "list_images": "xai_widgets.datasets.pictures.samples",
    "list_methods": "xai_widgets.methods",
    "list_models": "xai_widgets.models.zoo.model_table",
    "load_history": "xai_widgets.models.zoo.training_history",
    "load_image": "xai_widgets.datasets.pictures.picture_reading",
    "load_model": "xai_widgets.models.zoo.loading",
    "load_scene_reader": "xai_widgets.models.zoo.scene_reader",
    "load_table": "xai_widgets.datasets.tabular",
    "load_text_model": "xai_widgets.models.text.text_loading",
    "load_vectors": "xai_widgets.datasets.vectors",
    "sample_image": "xai_widgets.datasets.pictures.samples",
    "set_language": "xai_widgets.i18n",
    "tabular_forest": "xai_widgets.models.tabular_forest",
    "wrap": "xai_widgets.models.kinds.wrapping",
}
_SUBMODULES = ("methods",)


def _home() -> dict[str, str]:
    """Return the module of each public name; the labs are found by their folders."""
    registry = importlib.import_module(f"{__name__}.widgets.base.lab_registry")
    return _HOME | {name: entry.module for name, entry in registry.registered_labs().items()}


def _public_names() -> list[str]:
    """Return what ``from xai_widgets import *`` imports."""
    return [*sorted(_home()), "__version__", *_SUBMODULES]


def _asked_by_help() -> bool:
    """Tell whether ``help(xai_widgets)`` reads ``__all__``.

    It prints all there is to say of each class and function that it finds there, hundreds of pages. Without
    ``__all__`` it prints the text at the top of this file, in which all names are.
    """
    return sys._getframe(2).f_code.co_name == "docmodule"  # noqa: SLF001  (of pydoc, under whatever name it runs)


def __getattr__(name: str) -> Any:
    """Import the public name on first use."""
    if name == "__all__" and not _asked_by_help():
        return _public_names()
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    home = _HOME if name in _HOME else _home()
    if name not in home:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(home[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Names for completion, the lazy ones included."""
    return sorted({*globals(), *_public_names(), "__all__"})
