"""The layer of a model that a lab shows before the reader chooses one, and what is said where none stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_widgets.i18n import message
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.map_layers import default_layer, map_layers

if TYPE_CHECKING:
    from xai_widgets.models.kinds.classifier import Classifier


def usual_layer(classifier: Classifier) -> str | None:
    """Return the layer that `grad_cam` reads if none is named; None where it asks for one.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> usual_layer(xai.load_model("digits"))
    'conv4'
    """
    try:
        return default_layer(read_program(classifier.model))
    except ValueError:  # no maps, or no layer that is a sensible choice
        return None


def layer_note(classifier: Classifier, language: str) -> str:
    """Return one sentence where no layer of a model is a sensible choice, as in a ViT; otherwise an empty text.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> layer_note(xai.load_model("digits"), "en")
    ''
    """
    if usual_layer(classifier) is not None:
        return ""
    try:
        last = map_layers(read_program(classifier.model))[-1]
    except ValueError:  # no maps: there is nothing to say of them
        return ""
    return message("lab.layer_note", language, model=classifier.name, layer=last)
