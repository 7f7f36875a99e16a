"""The four networks as a student gets them, and the folder that holds them."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.assets.cards import ModelError, asset_directory
from xai_widgets.common.atomic_file import write_whole
from xai_widgets.common.user_files import reason, temporary_file
from xai_widgets.course.capstone.plan import CLASSES, LETTERS, FaultPlan
from xai_widgets.course.capstone.team_pictures import SIDE, Pictures, fresh_pictures, spoilt
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.zoo.keras_files import read_model
from xai_widgets.models.zoo.known_models import as_known

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from importlib.resources.abc import Traversable

    import keras

DESCRIPTION = "set.toml"
_ARCHIVE_SEED = 3  # no picture of an archive is a training picture, or one of the figures


@dataclass(frozen=True)
class Suspect:
    """One network of the set, by its letter, and the pictures of the team that trained it.

    Attributes
    ----------
    letter : str
    network : Classifier
        Its classes are `CLASSES`.
    """

    letter: str
    network: Classifier
    _plan: FaultPlan = field(repr=False, compare=False)

    def archive(self, count: int, seed: int = 0) -> Pictures:
        """Return pictures from the team's files, under the names that the team gave them; not its training pictures.

        Parameters
        ----------
        count : int
            How many.
        seed : int
            Another seed, other pictures.
        """
        seeds = (self._plan.seed, _ARCHIVE_SEED, LETTERS.index(self.letter), seed)
        clean, order = fresh_pictures(count, seeds), np.random.default_rng(seeds).permutation(count)
        shuffled = Pictures(clean.pictures[order], clean.classes[order], clean.animals[order])
        return spoilt(shuffled, self._plan, self._plan.fault(self.letter), seed)

    def copy(self, rate: float = 1e-3) -> keras.Model:
        """Return a copy of the network, ready for training with Adam; the original is left as it is.

        Parameters
        ----------
        rate : float
            The learning rate.
        """
        import keras

        copied = keras.models.clone_model(self.network.model)
        copied.set_weights(self.network.model.get_weights())
        copied.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
        return copied

    def wrap(self, network: keras.Model) -> Classifier:
        """Return a trained copy as a classifier, for the methods and the labs."""
        return wrapped(network, self.letter)


_loaded: list[tuple[dict[str, Suspect], FaultPlan]] = []  # the set that the checks use: that of the notebook


def load_suspects(folder: str | os.PathLike[str] | None = None) -> dict[str, Suspect]:
    """Return the four networks of the capstone by their letters, A to D.

    Parameters
    ----------
    folder : str or path, optional
        A folder that ``python -m xai_widgets.course capstone`` wrote; by default the set that is shipped.

    Raises
    ------
    ModelError
        If the folder holds no such set, or a file is not the one that the set describes.

    Examples
    --------
    >>> list(load_suspects())
    ['A', 'B', 'C', 'D']
    """
    home = asset_directory() / "capstone" if folder is None else Path(folder)
    described = _described(home)
    try:
        plan = FaultPlan.unsealed(described["key"])
    except ValueError as error:
        raise ModelError(f"{home}: {error}; make the set again") from error
    found = {letter: Suspect(letter, wrapped(_network(home, letter, described), letter), plan) for letter in LETTERS}
    _loaded[:] = [(found, plan)]
    return dict(found)


def current_set() -> tuple[Mapping[str, Suspect], FaultPlan]:
    """Return the networks that were loaded last, or those that are shipped, and their faults: for checks."""
    if not _loaded:
        load_suspects()
    return _loaded[0]


def wrapped(network: keras.Model, name: str) -> Classifier:
    """Return a Keras network of the capstone with its class names; labs leave its fault to the student."""
    return Classifier(as_known(network), CLASSES, lambda pixels: pixels / 255, name=name, value_range=(0.0, 1.0))


def write_set(
    folder: Path,
    plan: FaultPlan,
    networks: Mapping[str, keras.Model],
    measured: Mapping[str, Mapping[str, float]],
    *,
    save: Callable[[Any, Path], object],
    licence: str = "",
) -> None:
    """Write the networks, and a description in which the fault of each network is sealed.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    plan : FaultPlan
    networks : mapping of str to keras.Model
        By letter.
    measured : mapping
        What `figures` returns for each.
    save : callable
        Writes a network to a path that ends in ``.keras``.
    licence : str
        Of the weights, if they are to be handed on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for letter in LETTERS:
        save(networks[letter], folder / f"{letter}.keras")
    digests = [hashlib.sha256((folder / f"{letter}.keras").read_bytes()).hexdigest() for letter in LETTERS]
    rights = [round(measured[letter]["archive"], 4) for letter in LETTERS]
    names = ", ".join(f'"{name}"' for name in CLASSES)
    lines = [
        "# Four networks of 14_debug_a_model, three of which have a fault. Written by xai_widgets.course.capstone.",
        f"labels = [{names}]",
        f"input_shape = [{SIDE}, {SIDE}, 3]",
        "value_range = [0.0, 1.0] # what the pixel values 0 and 255 become",
        'data = "our own drawings, xai_widgets.datasets.creatures; what each team made of them is in the key"',
        *([f'licence = "{licence}"'] if licence else []),
        f'key = "{plan.sealed()}"',
        *(f'{letter} = "{letter}.keras"' for letter in LETTERS),
        *(f'{letter}_sha256 = "{digest}"' for letter, digest in zip(LETTERS, digests, strict=True)),
        *(
            f"{letter}_accuracy = {right} # on pictures like those of its team"
            for letter, right in zip(LETTERS, rights, strict=True)
        ),
    ]
    write_whole(folder / DESCRIPTION, "\n".join(lines) + "\n")


def _described(home: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads((home / DESCRIPTION).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ModelError(
            f"{home} holds no set of networks for the capstone ({error}); "
            "`python -m xai_widgets.course capstone FOLDER` makes one"
        ) from error


def _network(home: Traversable, letter: str, described: Mapping[str, Any]) -> keras.Model:
    try:
        content = (home / described[letter]).read_bytes()
    except OSError as error:
        raise ModelError(
            f"{described[letter]} of {home} cannot be read: {reason(error)}; make the set again"
        ) from error
    found, wanted = hashlib.sha256(content).hexdigest(), described[f"{letter}_sha256"]
    if found != wanted:
        raise ModelError(f"{described[letter]} is not the file that {DESCRIPTION} describes; make the set again")
    with temporary_file(f"{letter}.keras", content) as path:  # Keras reads from a path, and a wheel may be a zip file
        return read_model(path)
