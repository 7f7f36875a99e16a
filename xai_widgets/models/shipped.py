"""The models that come with the package: a card and a weight file each, checked when they are read."""

from __future__ import annotations

import functools
import hashlib
import tempfile
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.models.model_files import ModelError, read_model

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import keras
    from numpy.typing import NDArray

_CARD = "card.toml"


@dataclass(frozen=True)
class Card:
    """What is known of a shipped model.

    Attributes
    ----------
    name : str
        What `load_model` calls it.
    folder : Traversable
        Where its files are.
    file, sha256 : str
        The weight file and what it must hash to.
    labels : tuple of str
        K class names.
    input_shape : tuple of int
        Height, width, channels; or how many features a row has, or how many words a text.
    value_range : (float, float) or None
        What the pixel values 0 and 255 become in the model's input space; None where it takes no pictures.
    accuracy : float
        Share of the test examples that are classified right.
    licence : str
        Of the weights.
    kind : str
        ``"classifier"``, or what else the file holds.
    history : (str, str) or None
        The file of its weights during training and what that must hash to.
    reads : str
        What it is given: ``"picture"``, ``"table"`` or ``"text"``.
    vocabulary : (str, str) or None
        The file of the words that it knows and what that must hash to.
    features : (str, str) or None
        The file of what it makes of test pictures that cannot ship, and what that must hash to.
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
        return len((self.folder / self.file).read_bytes()) / 1e6

    def preprocess(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map pixel values 0..255 to the model's input space, where it takes pictures."""
        if self.value_range is None:
            raise ValueError(f"{self.name!r} takes no pictures: it reads a {self.reads}")
        low, high = self.value_range
        return (low + pixels * ((high - low) / 255)).astype(np.float32)

    def content(self, file: str, sha256: str) -> bytes:
        """Return what a file beside the card holds, after checking that it is the one the card speaks of."""
        content = (self.folder / file).read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise ModelError(
                f"{file!r} of the shipped model {self.name!r} is not the file that its card describes (SHA-256 "
                f"{found[:12]}..., not {sha256[:12]}...); install the package again"
            )
        return content

    def read(self) -> keras.Model:
        """Return the model, after checking that its file is the one the card speaks of."""
        content = self.content(self.file, self.sha256)
        with tempfile.TemporaryDirectory() as folder:  # Keras reads from a path, and a wheel may be a zip file
            path = Path(folder) / self.file
            path.write_bytes(content)
            return read_model(path)


def data_directory() -> Traversable:
    """Return the folder of shipped models: inside the installed package, or ``data/`` of a source checkout.

    Examples
    --------
    >>> (data_directory() / "digits" / "card.toml").is_file()
    True
    """
    installed = resources.files("xai_widgets") / "_data"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "data"


@functools.cache
def shipped_cards() -> dict[str, Card]:
    """Return the cards of all shipped models, by name.

    Examples
    --------
    >>> shipped_cards()["digits"].input_shape
    (8, 8, 1)
    """
    folders = sorted(data_directory().iterdir(), key=lambda entry: entry.name)
    cards = (_read_card(folder) for folder in folders if (folder / _CARD).is_file())
    return {card.name: card for card in cards}


def _read_card(folder: Traversable) -> Card:
    values: dict[str, Any] = tomllib.loads((folder / _CARD).read_text(encoding="utf-8"))
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
    """Return a file beside the weights and what it must hash to, if the card names one."""
    return (values[key], values[f"{key}_sha256"]) if key in values else None
