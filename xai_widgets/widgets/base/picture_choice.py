"""Which picture a lab opens, and which it offers, by what its model takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.datasets.creatures.classes import LABELS as CREATURES
from xai_widgets.datasets.pictures.picture_reading import load_image
from xai_widgets.datasets.pictures.samples import list_images, sample_image

if TYPE_CHECKING:
    from xai_widgets.models.kinds.classifier import Classifier

_SMALL_INPUT = 48  # a model that takes pictures up to this size is offered digits, a larger one photographs


_FIRST = {"digit-": "digit-3", "creature-": "creature-cat-dog", "": "cat"}  # by the beginning of the samples' names


def _family(classifier: Classifier) -> str:
    """Return how the names of those samples begin that fit a model; nothing for photographs."""
    if max(classifier.input_shape[:2]) <= _SMALL_INPUT:
        return "digit-"
    return "creature-" if set(classifier.labels) <= set(CREATURES) else ""


def default_picture(classifier: Classifier) -> str:
    """Return the name of the sample that a model is shown first."""
    return _FIRST[_family(classifier)]


def picture_names(classifier: Classifier) -> list[str]:
    """Return the names of the samples that a model is offered; a menu must not wait for a download."""
    family, names = _family(classifier), [sample.name for sample in list_images() if not sample.network]
    if family:
        return [name for name in names if name.startswith(family)]
    return [name for name in names if not name.startswith(tuple(filter(None, _FIRST)))]


def fitting_picture(image: Any, classifier: Classifier) -> Any:
    """Return the picture that a lab opens when its model changes.

    Parameters
    ----------
    image : str, path, array or PIL image
        What was open, as it was given.
    classifier : Classifier
        The new model.

    Returns
    -------
    str, path, array or PIL image
        The same picture, unless it is a sample of another kind than the model reads: then the first that fits.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> fitting_picture("digit-3", xai.load_model("creatures")), fitting_picture("digit-3", xai.load_model("digits"))
    ('creature-cat-dog', 'digit-3')
    """
    if not isinstance(image, str) or image not in list_images().names:
        return image
    kinds = tuple(filter(None, _FIRST))
    kind = next((kind for kind in kinds if image.startswith(kind)), "")
    return image if kind == _family(classifier) else default_picture(classifier)


def is_model_input(image: Any, classifier: Classifier) -> bool:
    """Tell whether an image is an array of floats in the model's input space."""
    return (
        isinstance(image, np.ndarray) and image.dtype != np.uint8 and image.shape[-3:] == tuple(classifier.input_shape)
    )


def read_picture(image: Any, classifier: Classifier) -> Any:
    """Return a picture, or floats that are in the model's input space already.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    if isinstance(image, str) and image in list_images().names:
        return sample_image(image)
    if is_model_input(image, classifier):
        return image
    return load_image(image)


def one_input(image: Any, classifier: Classifier) -> Any:
    """Return one image in the model's input space, (1, H, W, C) float32.

    Raises
    ------
    ValueError
        If it is not one picture that fits the model.
    """
    inputs = classifier.as_inputs(image)
    if len(inputs) != 1 or inputs.ndim != 4 or inputs.shape[-1] not in (1, 3):
        raise ValueError(f"the lab takes one picture at a time, not inputs of shape {inputs.shape}")
    return inputs
