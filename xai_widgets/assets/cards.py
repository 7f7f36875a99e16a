"""The cards of the shipped models: their properties, their files and the hashes of these files."""

from __future__ import annotations

import functools
import hashlib
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.user_files import reason

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

_CARD = "card.toml"


class ModelError(ValueError):
    """A model cannot be loaded; the message says why and what to do."""


@dataclass(frozen=True)
class Card:
    """The description of a shipped model.

    Attributes
    ----------
    name : str
        The name for `load_model`.
    folder : Traversable
        The folder with its files.
    file : str
        The weight file.
    sha256 : str
        The SHA-256 of the weight file, in hexadecimal digits.
    labels : tuple of str
        The K class names.
    input_shape : tuple of int
        Height, width and channels of a picture; number of features of a row; or number of words of a text.
    value_range : (float, float) or None
        The values in the input space of the model for the pixel values 0 and 255; None if its inputs are not pictures.
    accuracy : float
        Share of the test examples that are classified correctly, 0 to 1.
    licence : str
        The licence of the weights.
    kind : {"classifier", "scene reader"}
        The kind of model in the file.
    history : (str, str) or None
        The file of its weights during training, and its SHA-256.
    reads : {"picture", "table", "text"}
        The kind of its input.
    vocabulary : (str, str) or None
        The file of its vocabulary, and its SHA-256.
    features : (str, str) or None
        The file of its activations for test pictures that are not in the package, and its SHA-256.
    """

    name: str
    folder: Traversable
    file: str
    sha256: str
    labels: tuple[str, ...]
    input_shape: tuple[int, ...]
    value_range: tuple[float, float] | None
    accuracy: float
    licence: str
    kind: str = "classifier"
    history: tuple[str, str] | None = None
    reads: str = "picture"
    vocabulary: tuple[str, str] | None = None
    features: tuple[str, str] | None = None

    @property
    def megabytes(self) -> float:
        """Size of the weight file, in units of a million bytes."""
        return len(self.content(self.file, self.sha256)) / 1e6

    def preprocess(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map pixel values 0..255 to the input space of the model; raise ValueError if it does not take pictures."""
        if self.value_range is None:
            raise ValueError(f"the input of {self.name!r} is a {self.reads}, not a picture")
        low, high = self.value_range
        return (low + pixels * ((high - low) / 255)).astype(np.float32)

    def content(self, file: str, sha256: str) -> bytes:
        """Return the content of a file in the folder of the card; raise ModelError if it has another SHA-256."""
        try:
            content = (self.folder / file).read_bytes()
        except OSError as error:
            place = f"{file!r} of the shipped model {self.name!r}"
            raise ModelError(f"{place} cannot be read: {reason(error)}; install the package again") from error
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise ModelError(
                f"{file!r} of the shipped model {self.name!r} is not the file that its card describes (SHA-256 "
                f"{found[:12]}..., not {sha256[:12]}...); install the package again"
            )
        return content


def asset_directory() -> Traversable:
    """Return the folder of the shipped models, with one folder for each model.

    Examples
    --------
    >>> (asset_directory() / "digits" / "card.toml").is_file()
    True
    """
    return resources.files("xai_widgets.assets")


@functools.cache
def shipped_cards() -> dict[str, Card]:
    """Return the cards of all shipped models, by name.

    Examples
    --------
    >>> shipped_cards()["digits"].input_shape
    (8, 8, 1)
    """
    folders = sorted(asset_directory().iterdir(), key=lambda entry: entry.name)
    cards = (_read_card(folder) for folder in folders if (folder / _CARD).is_file())
    return {card.name: card for card in cards}


def _read_card(folder: Traversable) -> Card:
    try:
        return _card_of(folder, tomllib.loads((folder / _CARD).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the card of the shipped model {folder.name!r} is damaged ({reason(error)}); install the package again"
        ) from error


def _card_of(folder: Traversable, values: dict[str, Any]) -> Card:
    return Card(
        name=values["name"],
        folder=folder,
        file=values["file"],
        sha256=values["sha256"],
        labels=tuple(values["labels"]),
        input_shape=tuple(values["input_shape"]),
        value_range=(values["value_range"][0], values["value_range"][1]) if "value_range" in values else None,
        accuracy=values["accuracy"],
        licence=values["licence"],
        kind=values.get("kind", "classifier"),
        history=_companion(values, "history"),
        reads=values.get("reads", "picture"),
        vocabulary=_companion(values, "vocabulary"),
        features=_companion(values, "features"),
    )


def _companion(values: dict[str, Any], key: str) -> tuple[str, str] | None:
    """Return a file in the folder of the weights and its SHA-256, if the card names one."""
    return (values[key], values[f"{key}_sha256"]) if key in values else None
