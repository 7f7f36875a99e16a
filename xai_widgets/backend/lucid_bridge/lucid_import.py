"""Importing lucid: in its modules alone, the name ``tensorflow`` stands for the interface of TensorFlow 1.

Each module of lucid is run with a special ``__import__``. TensorFlow itself is not changed, so that eager mode, ``fit``
and all other libraries are not affected.
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
quietly = deprecation.silence  # while lucid builds a graph, because lucid is no longer maintained


def load_lucid(name: str = "lucid.optvis.render") -> Any:
    """Import a module of lucid.

    Raises
    ------
    ImportError
        If lucid is not installed.
    RuntimeError
        If the backend of Keras is not TensorFlow, which lucid needs.

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
    """A finder of the modules of lucid with a special loader."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the specification of a module of lucid, or None for other modules."""
        if fullname.partition(".")[0] != "lucid":
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _LucidLoader(spec.loader.name, spec.loader.path)
        return spec


class _LucidLoader(importlib.machinery.SourceFileLoader):
    """A loader that runs a module with builtins whose ``__import__`` returns the replacement modules."""

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
    """Return the replacement modules: the TensorFlow 1 interface of TensorFlow 2, and functions missing there."""
    first = types.ModuleType("tensorflow")
    contrib = types.ModuleType("tensorflow.contrib")
    parts: dict[str, Any] = {
        "__getattr__": lambda name: getattr(tf.compat.v1, name),  # any attribute (PEP 562)
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
    """Rotate pictures about their centre, counter-clockwise, as ``tf.contrib.image.rotate`` did."""
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
