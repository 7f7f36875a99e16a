"""What is looked at in the file of a model before Keras reads it: sizes, links, and whatever would run code."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any, Final

import h5py

from xai_widgets.assets.cards import ModelError
from xai_widgets.backend.memory import available_memory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FREE_OF_SUSPICION = 100_000_000  # bytes: up to here a file may become as large as it likes
_PACKED = 20  # times smaller than what is in it: numbers of a trained model hardly shrink at all
_CONFIG_BYTES = 64_000_000
_MOST_LAYERS = 20_000
_WEIGHTS_LOOKED_AT = 1_000_000_000  # bytes of an archive's weights that are opened here; Keras refuses links itself
_STORED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_RUNNING: Final = {
    "TFSMLayer": "it loads a SavedModel from another place, which is a program",
    "Lambda": "it holds Python code",
    "__lambda__": "it holds Python code",
}
# The parts of Keras that networks are made of. Others, such as keras.utils.get_file, do more than compute.
_PARTS: Final = frozenset(
    {
        *("layers", "models", "ops", "activations", "initializers", "regularizers", "constraints", "dtype_policies"),
        *("losses", "metrics", "optimizers", "quantizers", "random"),
    }
)


def check_archive(path: Path) -> None:
    """Refuse a ``.keras`` archive that would take more memory than a model does, or that cannot be read.

    Raises
    ------
    ModelError
        For an encrypted entry, an unknown compression, a size that does not fit that of the file or the memory.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        for entry in entries:
            if entry.flag_bits & 1:
                raise ModelError(f"{path.name!r} is encrypted; give a file without a password")
            if entry.compress_type not in _STORED:
                raise ModelError(f"{path.name!r} is compressed in a way that Keras does not write; save it again")
            if entry.filename == "config.json" and entry.file_size > _CONFIG_BYTES:
                raise ModelError(f"{path.name!r} describes its layers in {entry.file_size:,} bytes, as no model does")
        _check_size(path, sum(entry.file_size for entry in entries))
        for entry in entries:
            if entry.filename.endswith(".h5") and entry.file_size <= _WEIGHTS_LOOKED_AT:
                _check_weights(path, io.BytesIO(archive.read(entry)))


def check_hdf5(path: Path) -> None:
    """Refuse an ``.h5`` file whose numbers lie elsewhere or would take more memory than a model does.

    Raises
    ------
    ModelError
        For a link to another file, numbers outside of the file, or a size that does not fit that of the file.
    """
    _check_weights(path, path)


def _check_weights(path: Path, source: Any) -> None:
    try:
        with h5py.File(source, "r") as file:
            _check_size(path, sum(_sizes(path, file)))
    except OSError:
        return  # no HDF5 file: whoever reads it says so


def _sizes(path: Path, group: h5py.Group) -> Iterator[int]:
    """Yield the bytes of each array below a group."""
    for name in group:
        if isinstance(group.get(name, getlink=True), (h5py.ExternalLink, h5py.SoftLink)):
            raise ModelError(f"{path.name!r} holds a link ({name!r}) in place of weights, which is not followed")
        one = group[name]
        if isinstance(one, h5py.Group):
            yield from _sizes(path, one)
        elif one.external or one.is_virtual:
            raise ModelError(f"{path.name!r} holds weights ({name!r}) that lie in another file, which is not read")
        else:
            yield int(one.size or 0) * one.dtype.itemsize


def _check_size(path: Path, size: int) -> None:
    """Refuse what is far larger than its file, or than the memory."""
    own, free = path.stat().st_size, available_memory()
    if size > max(_FREE_OF_SUSPICION, _PACKED * own):
        raise ModelError(
            f"{path.name!r} has {own:,} bytes and would become {size:,}: no trained model shrinks so much, so it "
            "is not read"
        )
    if 2 * size > free:
        raise ModelError(f"{path.name!r} needs {2 * size:,} bytes of memory to be read, and {free:,} are free")


def check_configuration(path: Path, config: Any) -> None:
    """Refuse a configuration that would run code, or that no model has.

    Raises
    ------
    ModelError
        For layers that hold code or load a program, functions that are not those of a network, or too many layers.
    """
    found = list(_described(config))
    if len(found) > _MOST_LAYERS:
        raise ModelError(f"{path.name!r} describes {len(found):,} objects; a model has up to {_MOST_LAYERS:,}")
    running = sorted({(_named(one), str(one["class_name"])) for one in found if one["class_name"] in _RUNNING})
    if running:
        names = ", ".join(name for name, _ in running)
        kinds = "; ".join(f"{kind}: {_RUNNING[kind]}" for kind in dict.fromkeys(kind for _, kind in running))
        raise ModelError(
            f"{path.name!r} contains Python code or programs ({names}; {kinds}), which is not run because it could be "
            "harmful; replace them by built-in or registered layers and save again, or build the model in Python and "
            "wrap it: Classifier(model)"
        )
    for one in found:
        if not _is_part_of_networks(one.get("module")) or _is_a_class_in_place_of_a_function(one):
            name = one.get("config") if one["class_name"] == "function" else one["class_name"]
            raise ModelError(
                f"{path.name!r} uses {name!r} of {one['module']!r}, which is no part of a network and is not run; "
                "replace it by what keras.layers and keras.activations have, and save again"
            )


def _is_part_of_networks(module: Any) -> bool:
    """Tell whether an object comes from a part of Keras that networks are made of, or not from Keras."""
    parts = str(module).split(".")
    if parts[0] != "keras" or len(parts) == 1:
        return True
    inner = parts[2:] if parts[1] == "src" else parts[1:]
    return bool(inner) and inner[0] in _PARTS


def _is_a_class_in_place_of_a_function(described: dict[str, Any]) -> bool:
    """Tell whether a layer or a model is named where a function is meant: what calling it does is not known."""
    parts = str(described.get("module")).split(".")
    return described["class_name"] == "function" and parts[0] == "keras" and bool({"layers", "models"} & set(parts))


def _described(config: Any) -> Iterator[dict[str, Any]]:
    """Yield the description of each object in a configuration."""
    waiting = [config]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("class_name"), str):
                yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _named(described: dict[str, Any]) -> str:
    own = described.get("config")
    return str(own.get("name", "unnamed")) if isinstance(own, dict) else "unnamed"
