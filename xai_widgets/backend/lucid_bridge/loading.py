"""Importing lucid: its modules, and they alone, find TensorFlow 1 under the name ``tensorflow``.

Each module of lucid is run with an ``__import__`` of its own. Nothing is changed in TensorFlow itself, so that eager
mode, ``fit`` and all other libraries go on as before.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.abc
import importlib.machinery
import sys
import threading
import types
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf
from tensorflow.python.util import deprecation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LOCK = threading.Lock()
quietly = deprecation.silence  # while lucid builds a graph: nobody can change what it calls any more


def load_lucid(name: str = "lucid.optvis.render") -> Any:
    """Import a module of lucid.

    Raises
    ------
    ImportError
        If lucid is not installed.
    RuntimeError
        If Keras does not run on TensorFlow: lucid knows nothing else.

    Examples
    --------
    >>> load_lucid("lucid.optvis.param").__name__
    'lucid.optvis.param'
    """
    if keras.config.backend() != "tensorflow":
        msg = f"lucid needs TensorFlow, and Keras runs on {keras.config.backend()!r}: set KERAS_BACKEND=tensorflow"
        raise RuntimeError(msg)
    with _LOCK:
        if not any(isinstance(finder, _LucidFinder) for finder in sys.meta_path):
            sys.meta_path.insert(0, _LucidFinder())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != "lucid":
            raise
        msg = 'lucid is not installed: pip install "xai_widgets[course]", or "lucid<0.3.10"'
        raise ImportError(msg) from error


class _LucidFinder(importlib.abc.MetaPathFinder):
    """Finds lucid as everybody does, and loads it in its own way."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find modules of lucid; leave all others to the next finder."""
        if fullname.partition(".")[0] != "lucid":
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _LucidLoader(spec.loader.name, spec.loader.path)
        return spec


class _LucidLoader(importlib.machinery.SourceFileLoader):
    """Runs a module with builtins whose ``__import__`` knows the stand-ins."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module."""
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _import}
        super().exec_module(module)


def _import(
    name: str,
    globals: Mapping[str, Any] | None = None,  # noqa: A002  (the names that Python gives them)
    locals: Mapping[str, Any] | None = None,  # noqa: A002
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    """Import for lucid: TensorFlow 1 instead of TensorFlow, everything else as usual."""
    if level == 0 and name in _STAND_INS:
        return _STAND_INS[name] if fromlist else _STAND_INS[name.partition(".")[0]]
    return builtins.__import__(name, globals, locals, fromlist or (), level)


def _stand_ins() -> dict[str, types.ModuleType]:
    """Make the modules that lucid gets: TensorFlow 1 as TensorFlow 2 keeps it, and the little that was dropped."""
    first = types.ModuleType("tensorflow")
    contrib = types.ModuleType("tensorflow.contrib")
    parts: dict[str, Any] = {
        "__getattr__": lambda name: getattr(tf.compat.v1, name),  # whatever is asked for (PEP 562)
        "contrib": contrib,
        "batch_gather": lambda params, indices, name=None: tf.gather(params, indices, batch_dims=1, name=name),
    }
    vars(first).update(parts)
    slim = types.ModuleType("tensorflow.contrib.slim")  # only lucid's own CPPN would use it
    vars(contrib).update({"image": types.SimpleNamespace(rotate=_rotate), "slim": slim})
    return {
        "tensorflow": first,
        "tensorflow.contrib": contrib,
        "tensorflow.contrib.slim": slim,
        "tensorflow.io": tf.io,
        "tensorflow.io.gfile": tf.io.gfile,
    }


def _rotate(images: Any, angles: Any, interpolation: str = "NEAREST", name: str | None = None) -> Any:
    """Turn pictures about their middle, counter-clockwise, as ``tf.contrib.image.rotate`` did."""
    shape = tf.shape(images)
    middle = [(tf.cast(shape[axis], "float32") - 1) / 2 for axis in (2, 1)]  # across, down
    angle = tf.reshape(tf.cast(angles, "float32"), [-1])
    cosine, sine, nothing = tf.cos(angle), tf.sin(angle), tf.zeros_like(angle)
    across = middle[0] - cosine * middle[0] + sine * middle[1]
    down = middle[1] - sine * middle[0] - cosine * middle[1]
    maps = tf.stack([cosine, -sine, across, sine, cosine, down, nothing, nothing], axis=1)
    return tf.raw_ops.ImageProjectiveTransformV2(
        images=images,
        transforms=tf.tile(maps, [shape[0] // tf.shape(maps)[0], 1]),
        output_shape=shape[1:3],
        interpolation=interpolation,
        name=name,
    )


_STAND_INS = _stand_ins()
