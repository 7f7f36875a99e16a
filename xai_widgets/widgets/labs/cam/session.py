"""What the CAM lab computes: one picture seen by one model, maps at any layer, each thing once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.name_matching import match
from xai_widgets.datasets.creatures import draw
from xai_widgets.datasets.creatures.language import QUESTIONS
from xai_widgets.datasets.pictures.creature_samples import creature_names, creature_scene
from xai_widgets.methods.attribution.cam.layer_maps import layer_maps, layers_with_maps
from xai_widgets.methods.evaluation.localization import relevance_mass
from xai_widgets.methods.registry import explain, methods_for
from xai_widgets.models.zoo.scene_reader import WORDS, SceneReader
from xai_widgets.runtime.cache import content_key
from xai_widgets.widgets.base.picture_session import PictureSession
from xai_widgets.widgets.base.usual_layer import usual_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.attribution_result import Attribution
    from xai_widgets.results.layer_maps_result import LayerMaps

    Progress = Callable[[int, int], object] | None

_MAPS = {
    name: method
    for name, method in methods_for("picture").items()
    if method.family == "activation" and method.grain == "coarse"
}
METHODS = tuple(_MAPS)
WITHOUT_OPPOSITE = frozenset(name for name, method in _MAPS.items() if not method.negative_side)
OUTPUTS = ("classes", *WORDS, *QUESTIONS)  # of a reader of scenes
SIDES = ("for", "against", "both")
_QUICK = frozenset(name for name, method in _MAPS.items() if method.few_passes and "layer" in method.options)
_LAYERS = 8  # of a deep network, evenly spaced


@dataclass(frozen=True)
class CamRequest:
    """What the map shows: a class, a method, a layer, what speaks for the class or against it."""

    target: int
    method: str
    layer: str
    side: str


@dataclass(frozen=True, eq=False)
class CamMap:
    """A map, and how long it took the first time."""

    attribution: Attribution
    seconds: float

    @property
    def heatmap(self) -> NDArray[np.float32]:
        """The one map, (H, W)."""
        one: NDArray[np.float32] = self.attribution.heatmap("sum")[0]
        return one


class CamSession(PictureSession):
    """One picture seen by one model.

    Parameters
    ----------
    classifier : Classifier
    image : picture or (H, W, C) float array
        One image.
    masks : mapping of str to (H, W) bool array, optional
        Where things are in the picture, by label, in the model's input size.

    Raises
    ------
    ValueError
        If it is not one picture that fits the model, or the model has no maps.
    """

    def __init__(
        self, classifier: Classifier, image: Any, masks: Mapping[str, NDArray[np.bool_]] | None = None
    ) -> None:
        super().__init__(classifier, image)
        self.layers = layers_with_maps(classifier)
        self.first_layer = usual_layer(classifier) or self.layers[-1]
        self.masks = dict(masks or {})

    @property
    def shown_layers(self) -> tuple[str, ...]:
        """The layers that are shown side by side: all, or of a deep network a few."""
        places = np.linspace(0, len(self.layers) - 1, min(len(self.layers), _LAYERS)).round().astype(int)
        return tuple(self.layers[place] for place in places)

    def map(self, request: CamRequest, progress: Progress = None) -> CamMap:
        """Draw the map as large as the picture; what the method raises is raised."""
        return self._drawn(request, upsample=True, progress=progress)

    def map_at(self, request: CamRequest, layer: str) -> CamMap:
        """Draw the map at another layer, as coarse as it is there; by Grad-CAM where a method is too slow for that."""
        method = self.method_at_layers(request.method)
        return self._drawn(CamRequest(request.target, method, layer, request.side), upsample=False)

    def method_at_layers(self, method: str) -> str:
        """Return the method that draws the maps of all layers."""
        return method if method in _QUICK else "grad_cam"

    def guided(self, request: CamRequest, layer: str, progress: Progress = None) -> CamMap:
        """Draw guided Grad-CAM."""
        return self._timed("guided_grad_cam", request.target, {"layer": layer}, progress)

    def channels(self, request: CamRequest, layer: str) -> LayerMaps:
        """Return the maps of the layer, with their weights."""
        key = content_key("channels", request.target, layer)
        found: LayerMaps = self._cache.get_or(
            key, lambda: layer_maps(self.classifier, self.inputs, request.target, layer=layer)
        )
        return found

    def inside(self, drawn: CamMap, label: str) -> float | None:
        """Return the share of what speaks for a class that lies on the thing; None where nobody knows where it is."""
        mask = self.masks.get(label)
        if mask is None or not mask.any() or not (drawn.attribution.values > 0).any():
            return None
        return float(relevance_mass(drawn.attribution, mask).values[0])

    def _drawn(self, request: CamRequest, *, upsample: bool, progress: Progress = None) -> CamMap:
        options: dict[str, Any] = {"upsample": upsample, "relu": request.side != "both"}
        if request.method != "cam":
            options["layer"] = request.layer
        if request.method not in WITHOUT_OPPOSITE:
            options["negative"] = request.side == "against"
        return self._timed(request.method, request.target, options, progress)

    def _timed(self, method: str, target: int, options: dict[str, Any], progress: Progress) -> CamMap:
        def compute() -> CamMap:
            begun = time.perf_counter()
            found = explain(self.classifier, self.inputs, method, target, progress=progress, **options)
            return CamMap(found, time.perf_counter() - begun)

        answer: CamMap = self._cache.get_or(content_key(method, target, options), compute)
        return answer


def classifier_of(model: Classifier | SceneReader, output: str) -> Classifier:
    """Return the classifier that says one of `OUTPUTS`; a plain classifier says its classes alone."""
    if not isinstance(model, SceneReader):
        return model
    if output == "classes":
        return model.classes
    return model.word(output) if output in WORDS else model.question(output)


def animal_masks(chosen: Any, classifier: Classifier) -> dict[str, NDArray[np.bool_]]:
    """Return where each animal of a sample picture is, in the size that the model takes."""
    if not isinstance(chosen, str) or match(chosen, creature_names()) is None:
        return {}
    drawing = draw(creature_scene(chosen), classifier.input_shape[0])
    return dict(zip(drawing.labels, drawing.animals, strict=True))
