"""Reading a Keras model from a file, without running any code that the file may hold."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import keras

from xai_widgets.models.names import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ZIP_MARK, _HDF5_MARK = b"PK\x03\x04", b"\x89HDF\r\n"
_MARKS = {".keras": _ZIP_MARK, ".h5": _HDF5_MARK, ".hdf5": _HDF5_MARK}
_READ = "a .keras file, or an .h5 file of a whole model"

# What a file begins with, and what it is then.
_SIGNATURES = (
    (_ZIP_MARK, "its content is that of a .keras file: rename it so"),
    (_HDF5_MARK, "its content is that of an .h5 file: rename it so"),
    (b"version https://git-lfs", "it is a placeholder of Git LFS: run `git lfs pull` to have the file itself"),
)


class ModelError(ValueError):
    """A model cannot be loaded; the message says why and what to do."""


def read_model(path: Path, custom_objects: Mapping[str, Any] | None = None) -> keras.Model:
    """Read a whole model from a ``.keras`` or ``.h5`` file, in Keras' safe mode and without its optimiser.

    Parameters
    ----------
    path : Path
        The file.
    custom_objects : mapping, optional
        Layers and functions of the reader's own, by the name that the file uses.

    Returns
    -------
    keras.Model
        Not compiled.

    Raises
    ------
    ModelError
        If there is no such file, if it is no model, is broken, holds weights alone, or holds Python code
        (``Lambda`` layers), which is never run.

    Examples
    --------
    >>> read_model(Path("no_such_net.keras"))
    Traceback (most recent call last):
    ...
    xai_widgets.models.model_files.ModelError: there is no file 'no_such_net.keras' ...
    """
    path = path.expanduser()
    _check_exists(path)
    _check_kind(path)
    code = sorted(set(_layers_with_code(_config(path))))
    if code:
        raise ModelError(
            f"{path.name!r} holds Python code in Lambda layers ({', '.join(code)}), which could do anything and is not "
            "run; replace them by built-in or registered layers and save again, or build the model in Python and wrap "
            "it: Classifier(model)"
        )
    try:
        return keras.saving.load_model(path, custom_objects=custom_objects, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises nearly everything on what it cannot rebuild
        raise ModelError(_why_not(path, error)) from error


def _check_exists(path: Path) -> None:
    if path.is_file():
        return
    if (path / "saved_model.pb").exists():
        raise ModelError(
            f"{path.name!r} is a TensorFlow SavedModel, which Keras 3 cannot rebuild layer by layer; load it with the "
            "version that made it and save it as a .keras file"
        )
    if path.is_dir():
        raise ModelError(f"{path.name!r} is a folder; give {_READ}")
    beside = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
    close = nearest(path.name, beside)
    hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise ModelError(f"there is no file {str(path)!r} (seen from {str(Path.cwd())!r}){hint}")


def _check_kind(path: Path) -> None:
    """Refuse a file whose name or beginning is not that of a Keras model."""
    if path.stat().st_size == 0:
        raise ModelError(f"{path.name!r} is empty")
    own = _MARKS.get(path.suffix)
    if (own == _ZIP_MARK and zipfile.is_zipfile(path)) or (own == _HDF5_MARK and h5py.is_hdf5(path)):
        return
    with path.open("rb") as file:
        head = file.read(32)
    for mark, meaning in _SIGNATURES:
        if head.startswith(mark) and mark != own:
            raise ModelError(f"{path.name!r} cannot be read as it is named; {meaning}")
    if own is not None:
        raise ModelError(f"{path.name!r} is broken or incomplete: it is no {path.suffix} file; save or fetch it again")
    raise ModelError(f"{path.name!r} is not a Keras model; give {_READ}")


def _config(path: Path) -> Any:
    """Return the description of the model that a file holds, as JSON."""
    try:
        if path.suffix == ".keras":
            with zipfile.ZipFile(path) as archive:
                text = archive.read("config.json")
        else:
            with h5py.File(path, "r") as file:
                text = file.attrs.get("model_config", b"null")
        config = json.loads(text)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path.name!r} is broken, or no Keras model: {error}") from error
    if config is None:
        raise ModelError(
            f"{path.name!r} holds weights alone, without the layers; build the model in Python, call "
            "model.load_weights, and wrap it: Classifier(model)"
        )
    return config


def _layers_with_code(config: Any) -> Iterator[str]:
    """Go through a model's description; give the names of Lambda layers, which carry Python code."""
    if isinstance(config, dict):
        if config.get("class_name") in {"Lambda", "__lambda__"}:
            inner = config.get("config")
            yield str(inner.get("name", "unnamed")) if isinstance(inner, dict) else "unnamed"
            if config["class_name"] == "Lambda":
                return
        for value in config.values():
            yield from _layers_with_code(value)
    elif isinstance(config, list):
        for value in config:
            yield from _layers_with_code(value)


def _why_not(path: Path, error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    if "Could not locate" in text or "Unknown layer" in text or "register_keras_serializable" in text:
        return (
            f"{path.name!r} uses classes or functions that are not Keras' own; "
            f"pass them: load_model(path, custom_objects={{'Name': Name}}). Keras says: {text[:300]}"
        )
    return f"{path.name!r} is broken or was made by another version of Keras: {text[:300]}"
