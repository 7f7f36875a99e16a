"""What the dream lab computes: a picture as a square, and the frames of a dream on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from xai_widgets.datasets.pictures.picture_reading import load_image
from xai_widgets.methods import deep_dream
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.widgets.base.picture_choice import read_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier


def convolutions_to_dream(classifier: Classifier) -> tuple[str, ...]:
    """Return the paths of the layers that may dream, from the first to the last.

    Raises
    ------
    ValueError
        If there is none.
    """
    program = read_program(classifier.model)
    found = [one.path for one in program.needed(program.outputs) if "Conv" in type(one.operation).__name__]
    if not found:
        raise ValueError(f"{classifier.name!r} has no convolution to dream with")
    return tuple(dict.fromkeys(found))


class DreamSession:
    """One picture, and one model that dreams on it.

    Parameters
    ----------
    classifier : Classifier
    image : picture
        What `load_image` reads.
    size : int
        Pixels a side of the dream.

    Attributes
    ----------
    picture : (size, size, 3) uint8 array
        The middle of the picture.
    layers : tuple of str
        The paths of the convolutions.

    Raises
    ------
    ValueError
        If the picture cannot be read, or the model has no convolution.
    """

    def __init__(self, classifier: Classifier, image: Any, size: int) -> None:
        self.classifier = classifier
        self.layers = convolutions_to_dream(classifier)
        picture = Image.fromarray(load_image(image))
        shorter = min(picture.size)
        left, top = ((length - shorter) // 2 for length in picture.size)
        cut = picture.crop((left, top, left + shorter, top + shorter))
        self.picture: NDArray[np.uint8] = np.asarray(cut.resize((size, size), Image.Resampling.BICUBIC), "uint8")

    def dream(
        self,
        guide: str,
        watch: Callable[[NDArray[np.uint8]], object],
        progress: Callable[[int, int], object] | None = None,
        **options: Any,
    ) -> None:
        """Dream, and hand over each step as a frame of the dream's own size, uint8.

        Parameters
        ----------
        guide : str
            The name of a sample picture, or an empty text.
        watch : callable
            Called with each frame, (size, size, 3).
        progress : callable, optional
            Called with the steps done and their number.
        **options
            Those of `deep_dream`: layer, octaves, steps, seed.
        """
        side = self.picture.shape[0]
        deep_dream(
            self.classifier,
            self.picture,
            guide_image=read_picture(guide, self.classifier) if guide else None,
            watch=lambda seen: watch(_enlarged(seen, side)),
            progress=progress,
            **options,
        )


def _enlarged(picture: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    """Return a frame of any octave at the dream's own size."""
    image = Image.fromarray(np.round(255 * picture).astype("uint8"))
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR), "uint8")
