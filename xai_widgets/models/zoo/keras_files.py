"""Reading a Keras model from a file, without running any code that the file may contain."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import h5py
import keras

from xai_widgets.assets.cards import ModelError
from xai_widgets.common.download import is_expected
from xai_widgets.common.user_files import fault_of_file, reason, user_path
from xai_widgets.models.zoo.file_safety import check_archive, check_configuration, check_hdf5
from xai_widgets.models.zoo.keras2_files import GONE, changed_meaning, conversion, is_of_keras2, readable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ZIP_MARK, _HDF5_MARK = b"PK\x03\x04", b"\x89HDF\r\n"
_MARKS = {".keras": _ZIP_MARK, ".h5": _HDF5_MARK, ".hdf5": _HDF5_MARK}
_READ = "a .keras file, or an .h5 file of a whole model"

# The first bytes of a file, and the advice for a file that begins with them.
_SIGNATURES = (
    (_ZIP_MARK, "its content is that of a .keras file: rename it so"),
    (_HDF5_MARK, "its content is that of an .h5 file: rename it so"),
    (b"version https://git-lfs", "it is a placeholder of Git LFS: run `git lfs pull` to have the file itself"),
)


def read_model(
    path: Path, custom_objects: Mapping[str, Any] | None = None, *, sha256: str | None = None
) -> keras.Model:
    """Read a whole model from a ``.keras`` or ``.h5`` file, in the safe mode of Keras and without its optimiser.

    Parameters
    ----------
    path : Path
        The file.
    custom_objects : mapping, optional
        Layers and functions that are not part of Keras, by the name in the file.
    sha256 : str, optional
        The SHA-256 that the file must have, as hexadecimal digits.

    Returns
    -------
    keras.Model
        The model, not compiled.

    Raises
    ------
    ModelError
        If there is no such file, or it is not a model, is broken, contains weights alone, contains Python code
        (``Lambda`` layers) or programs, which are never run, links to other files, or far more than its size says, or
        has another SHA-256.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_model(Path("no_such_net.keras"))
    Traceback (most recent call last):
    ...
    xai_widgets.assets.cards.ModelError: there is no file 'no_such_net.keras' ...
    """
    path = user_path(path)
    _check_exists(path)
    if sha256 is not None and not is_expected(path, f"sha256:{sha256}"):
        raise ModelError(f"{path.name!r} is not the file that is meant: its SHA-256 is not {sha256}; get it again")
    _check_kind(path)
    try:
        config = _looked_through(path)
    except ModelError:
        raise
    except Exception as error:  # a damaged file: zipfile and h5py raise nearly everything
        raise ModelError(
            f"{path.name!r} is broken or incomplete ({reason(error)}); save it or download it again"
        ) from error
    try:
        with readable(path, config) as file:
            return keras.saving.load_model(file, custom_objects=custom_objects, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises nearly everything on what it cannot rebuild
        raise ModelError(_why_not(path, error)) from error


def _looked_through(path: Path) -> Any:
    """Return the configuration of the model in a file in which there is nothing that must not be read."""
    (check_archive if path.suffix == ".keras" else check_hdf5)(path)
    config = _config(path)
    check_configuration(path, config)
    if path.suffix == ".keras" and is_of_keras2(path):
        raise ModelError(
            f"{path.name!r} was written by Keras 2, whose .keras files Keras 3 cannot read; {conversion(path.name)}"
        )
    other = changed_meaning(path, config)
    if other is not None:
        raise ModelError(f"{path.name!r} {other}")
    return config


def _check_exists(path: Path) -> None:
    fault = fault_of_file(path)
    if fault is None:
        return
    if not fault.endswith("is a folder"):
        raise ModelError(fault)
    if (path / "saved_model.pb").exists():
        raise ModelError(
            f"{path.name!r} is a TensorFlow SavedModel, which Keras 3 cannot rebuild layer by layer; "
            + _of_saved_model(path)
        )
    raise ModelError(f"{path.name!r} is a folder; give {_READ}")


def _of_saved_model(path: Path) -> str:
    """Return what to do with a SavedModel: Keras 2 reads its own, and others have no layers."""
    if (path / "keras_metadata.pb").exists():
        return conversion(path.name)
    return (
        "it was not saved by Keras and has no layers: build the model in Python, give it the weights, and wrap it: "
        "Classifier(model)"
    )


def _check_kind(path: Path) -> None:
    """Raise an error if the name or the first bytes of a file are not those of a Keras model."""
    if path.stat().st_size == 0:
        raise ModelError(f"{path.name!r} is empty")
    own = _MARKS.get(path.suffix)
    if (own == _ZIP_MARK and zipfile.is_zipfile(path)) or (own == _HDF5_MARK and h5py.is_hdf5(path)):
        return
    with path.open("rb") as file:
        head = file.read(32)
    for mark, meaning in _SIGNATURES:
        if head.startswith(mark) and mark != own:
            raise ModelError(f"{path.name!r} has the wrong suffix; {meaning}")
    if own is not None:
        raise ModelError(
            f"{path.name!r} is broken or incomplete: it is not a {path.suffix} file; save it or download it again"
        )
    raise ModelError(f"{path.name!r} is not a Keras model; give {_READ}")


def _config(path: Path) -> Any:
    """Return the configuration of the model in a file, as read from JSON."""
    try:
        if path.suffix == ".keras":
            with zipfile.ZipFile(path) as archive:
                text = archive.read("config.json")
        else:
            with h5py.File(path, "r") as file:
                text = file.attrs.get("model_config", b"null")
        config = json.loads(text)
    except (KeyError, ValueError, OSError, RecursionError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path.name!r} is broken, or not a Keras model: {error}") from error
    if config is None:
        raise ModelError(
            f"{path.name!r} contains weights alone, without the layers; build the model in Python, call "
            "model.load_weights, and wrap it: Classifier(model)"
        )
    return config


def _why_not(path: Path, error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    gone = next((name for name in sorted(GONE) if f"Unknown layer: '{name}'" in text), None)
    if gone is not None:
        return (
            f"{path.name!r} uses {gone}, which Keras 2 had and Keras 3 has not; build the model in Python without it, "
            "give it the weights, and wrap it: Classifier(model)"
        )
    if "Could not locate" in text or "Unknown layer" in text or "register_keras_serializable" in text:
        return (
            f"{path.name!r} uses classes or functions that are not part of Keras; "
            f"pass them: load_model(path, custom_objects={{'Name': Name}}). Error of Keras: {text[:300]}"
        )
    return f"{path.name!r} is broken or was made by another version of Keras: {text[:300]}"
