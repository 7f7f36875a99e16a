"""What a net that knows ImageNet's thousand classes says of each training picture.

Eleven words say little about a picture; a thousand scores tell the breed, the room, the tool in the hand. The photos
net learns to foresee them with a second head that is thrown away afterwards (Hinton, Vinyals and Dean, "Distilling the
Knowledge in a Neural Network", 2015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np

from data.photos.augmentation import plain

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 192  # pixels: smaller pictures cost the teacher accuracy, larger ones time
BATCH = 64


def taught(pixels: np.ndarray, path: Path, kept: Path) -> np.ndarray:
    """Return the teacher's probabilities, float16 (N, classes), of pictures (N, H, W, 3) uint8, each as it is.

    `path` is a saved model for RGB values 0..255 with its preprocessing inside and a softmax at its end; the answers
    are kept in the file `kept`.
    """
    if kept.exists():
        return np.load(kept)
    teacher = _of_any_side(keras.saving.load_model(path, compile=False))
    parts = [pixels[start : start + BATCH] for start in range(0, len(pixels), BATCH)]
    answers = [np.asarray(teacher.predict_on_batch(255 * plain(part, SIDE)), "float16") for part in parts]
    np.save(kept, np.concatenate(answers))
    return np.load(kept)


def _of_any_side(model: keras.Model) -> keras.Model:
    """Return the same convolutional net for pictures of any side."""
    free = keras.models.clone_model(
        model,
        input_tensors=keras.Input((None, None, 3)),
        clone_function=lambda layer: layer.__class__.from_config(layer.get_config()),
    )
    free.set_weights(model.get_weights())
    return free
