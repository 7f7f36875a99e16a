"""Reading the shipped models, after a check of the SHA-256 of each file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_widgets.common.user_files import temporary_file
from xai_widgets.models.zoo.keras_files import read_model
from xai_widgets.models.zoo.known_models import as_known

if TYPE_CHECKING:
    import keras

    from xai_widgets.assets.cards import Card


def read_shipped(card: Card) -> keras.Model:
    """Return the model that a card describes.

    Parameters
    ----------
    card : Card
        The card of a shipped model.

    Returns
    -------
    keras.Model
        The model, not compiled.

    Raises
    ------
    ModelError
        If the file is missing, or has another SHA-256 than its card states.
    OSError
        If no temporary file can be written.

    Examples
    --------
    >>> from xai_widgets.assets.cards import shipped_cards
    >>> read_shipped(shipped_cards()["digits"]).output_shape
    (None, 10)
    """
    content = card.content(card.file, card.sha256)
    with temporary_file(card.file, content) as path:  # Keras reads from a path, and a wheel may be a zip file
        return as_known(read_model(path))
