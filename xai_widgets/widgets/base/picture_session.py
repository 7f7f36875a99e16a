"""What sessions on one picture share: the picture in the model's input space and on screen, and the model's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.models.outputs.predictions import Predictions
from xai_widgets.runtime.cache import ContentCache
from xai_widgets.widgets.base.picture_choice import one_input

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier


class PictureSession:
    """One picture seen by one model.

    Parameters
    ----------
    classifier : Classifier
    image : picture or (H, W, C) float array
        One image.

    Attributes
    ----------
    class_names : tuple of str
        What the page calls the classes; a lab sets them in its language.
    inputs : (1, H, W, C) float32 array
        In the model's input space.
    picture : (H, W, 3) uint8 array
        As it is shown.
    logits : (K,) float32 array
    predictions : Predictions
    top : int
        The class that the model names.

    Raises
    ------
    ValueError
        If it is not one picture that fits the model.
    """

    def __init__(self, classifier: Classifier, image: Any) -> None:
        self.classifier = classifier
        self.class_names: tuple[str, ...] = tuple(classifier.labels)
        self.inputs = one_input(image, classifier)
        self.logits: NDArray[np.float32] = classifier.logits(self.inputs)[0]
        self.predictions = Predictions(classifier.probabilities(self.logits[np.newaxis]), classifier.labels)
        self.top = int(self.logits.argmax())
        self.picture = self.shown(self.inputs)
        self._cache = ContentCache()

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """What the model answers, (K,)."""
        found: NDArray[np.float32] = self.predictions.probabilities[0]
        return found

    def shown(self, inputs: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Return an image of the input space as the session's picture is shown."""
        found: NDArray[np.uint8] = np.round(255 * self.classifier.to_display(inputs, self.inputs)[0]).astype("uint8")
        return found
