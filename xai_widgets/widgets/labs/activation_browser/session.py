"""What the activation browser computes: the maps of the layers for one picture, each layer once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.widgets.base.picture_session import PictureSession

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier

_MAP_AXES = 4


class ActivationSession(PictureSession):
    """One picture in one model, and the maps of its layers.

    Parameters
    ----------
    classifier : Classifier
    image : picture or (H, W, C) float array

    Raises
    ------
    ValueError
        If it is not one picture that fits the model.
    """

    def __init__(self, classifier: Classifier, image: Any) -> None:
        super().__init__(classifier, image)
        self._maps: dict[str, NDArray[np.float32]] = {}

    def maps(self, layer: str) -> NDArray[np.float32]:
        """Return what a layer gives for the picture, (h, w, C)."""
        if layer not in self._maps:
            self._maps[layer] = LayerProbe(self.classifier, layer).read(self.inputs)[0]
        return self._maps[layer]


def layers_to_browse(classifier: Classifier) -> tuple[str, ...]:
    """Return the paths of all layers that give maps, in the order of computation.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> layers_to_browse(xai.load_model("digits"))
    ('conv1', 'conv2', 'pool', 'conv3', 'conv4')
    """
    program = read_program(classifier.model)
    steps = [step for step in program.needed(program.outputs) if len(step.shapes) == 1]
    found = tuple(dict.fromkeys(s.path for s in steps if len(s.shapes[0]) == _MAP_AXES and s.shapes[0][-1]))
    if not found:
        raise ValueError(f"no layer of {classifier.name!r} gives maps")
    return found
