"""Write Keras models and arrays so that the same weights give the same file, byte for byte."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import keras

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can name


def save_repeatably(model: keras.Model, path: Path) -> str:
    """Save `model` as a ``.keras`` file without the time of day in it; return the file's SHA-256.

    Keras writes when it saved and memory addresses of shared objects, and zip files keep the time of each entry: two
    equal models would give two files. The entries are written again with a fixed time, in a fixed order.
    """
    with tempfile.TemporaryDirectory() as folder:
        original = Path(folder) / "model.keras"
        model.save(original)
        with zipfile.ZipFile(original) as source:
            entries = {name: source.read(name) for name in sorted(source.namelist())}
    metadata = json.loads(entries["metadata.json"])
    entries["metadata.json"] = json.dumps({"keras_version": metadata["keras_version"]}).encode()
    entries["config.json"] = _renumbered(entries["config.json"].decode()).encode()
    return _zip(entries, path)


def save_arrays_repeatably(arrays: Mapping[str, np.ndarray], path: Path) -> str:
    """Write arrays as an ``.npz`` file, without the time of day in it; return the file's SHA-256."""
    entries = {}
    for name, array in arrays.items():
        file = io.BytesIO()
        np.lib.format.write_array(file, array, allow_pickle=False)
        entries[f"{name}.npy"] = file.getvalue()
    return _zip(entries, path)


def _zip(entries: Mapping[str, bytes], path: Path) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _renumbered(config: str) -> str:
    """Give shared objects the numbers 1, 2, 3, ... as they come: equal numbers still mean one object."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return found[1] + str(numbers.setdefault(found[2], len(numbers) + 1))

    return re.sub(r'("shared_object_id": )(\d+)', number, config)
