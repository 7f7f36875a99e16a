"""Files that Keras 2 has written: which of them can be read, and how the others are converted."""

from __future__ import annotations

import contextlib
import inspect
import json
import shutil
import zipfile
from typing import TYPE_CHECKING, Any, Final

import h5py
import keras

from xai_widgets.common.user_files import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ANY = object()
# Options of layers that Keras 3 no longer takes, with the value that changes nothing; any value, where they bear on
# training alone.
_DROPPED: Final[dict[str, Any]] = {
    "groups": 1,
    "time_major": False,
    "noise_shape": None,
    "rng_type": _ANY,
    "trainable": _ANY,
    "kernel_initializer": _ANY,
    "kernel_regularizer": _ANY,
    "kernel_constraint": _ANY,
}
_BY_NAME = frozenset({"trainable"})  # taken by name, or among the further options that most layers take


# Layers of Keras 2 that Keras 3 does not have.
GONE: Final = frozenset(
    {
        "TFOpLambda",
        "SlicingOpLambda",
        "LocallyConnected1D",
        "LocallyConnected2D",
        "ThresholdedReLU",
        "CuDNNLSTM",
        "CuDNNGRU",
    }
)


def conversion(name: str) -> str:
    """Return how a file or folder that only Keras 2 reads becomes one that is read here."""
    return (
        f"convert it where Keras 2 is installed (pip install tf_keras): tf_keras.models.load_model({name!r})"
        ".save('model.h5'), and give that file"
    )


def is_of_keras2(path: Path) -> bool:
    """Tell whether a ``.keras`` file was written by Keras 2, whose layout Keras 3 does not read."""
    with contextlib.suppress(KeyError, ValueError, OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        version = json.loads(archive.read("metadata.json")).get("keras_version", "")
        return str(version).startswith("2.")
    return False


def changed_meaning(path: Path, config: Any) -> str | None:
    """Return what means something else in Keras 3 than in the Keras 2 that wrote an ``.h5`` file; None if nothing does.

    Parameters
    ----------
    path : Path
    config : dict
        The configuration of the model in it.
    """
    if path.suffix == ".keras" or '"hard_sigmoid"' not in json.dumps(config):
        return None
    with h5py.File(path, "r") as file:
        version = file.attrs.get("keras_version", "")
    version = version.decode() if isinstance(version, bytes) else str(version)
    if not version.startswith(("1.", "2.")):
        return None
    return (
        "uses the activation 'hard_sigmoid', which was clip(0.2 x + 0.5, 0, 1) in the Keras 2 that wrote it and is "
        "clip(x / 6 + 0.5, 0, 1) in Keras 3: its answers would be others. Build the model in Python with a function of "
        "your own, load the weights, and wrap it: Classifier(model)"
    )


@contextlib.contextmanager
def readable(path: Path, config: Any) -> Iterator[Path]:
    """Give the path of an ``.h5`` file without the options that Keras 3 has dropped; the file itself stays as it is.

    Parameters
    ----------
    path : Path
    config : dict
        The configuration of the model in it; options are taken out of it.
    """
    if path.suffix == ".keras" or not _drop_idle_options(config):
        yield path
        return
    with temporary_folder() as folder:
        copy = folder / path.name
        shutil.copyfile(path, copy)
        with h5py.File(copy, "r+") as file:
            file.attrs["model_config"] = json.dumps(config)
        yield copy


def _drop_idle_options(config: Any) -> bool:
    """Take options out that the layers no longer know and that change nothing; tell whether there were any."""
    if isinstance(config, list):
        found = [_drop_idle_options(one) for one in config]
        return any(found)
    if not isinstance(config, dict):
        return False
    layer, own = getattr(keras.layers, str(config.get("class_name")), None), config.get("config")
    dropped = []
    if inspect.isclass(layer) and isinstance(own, dict):
        known = inspect.signature(layer).parameters
        open_ended = any(one.kind is one.VAR_KEYWORD for one in known.values())
        old = [key for key in _DROPPED if key in own and key not in known and not (open_ended and key in _BY_NAME)]
        dropped = [key for key in old if _DROPPED[key] is _ANY or own[key] == _DROPPED[key]]
        for key in dropped:
            del own[key]
    inside = [_drop_idle_options(one) for one in config.values()]
    return bool(dropped) or any(inside)
