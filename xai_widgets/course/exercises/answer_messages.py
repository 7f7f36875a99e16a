"""Answers as bytes, between the process of a student and the one that judges.

Both ways it is data: JSON, arrays without objects, networks as files. Nothing of it is run by whoever reads it; a
function stays where it is, and is called by its number.
"""

from __future__ import annotations

import base64
import io
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 200_000_000  # bytes of a message
_DEEPEST = 20


class Opaque:
    """What stands for an object that is no data: its kind is told, nothing else.

    Parameters
    ----------
    kind : str
        The name of its class.
    """

    def __init__(self, kind: str) -> None:
        type_name = kind if kind.isidentifier() else "object"
        self.__class__ = type(type_name, (Opaque,), {})

    def __repr__(self) -> str:
        """Name the kind."""
        return f"<{type(self).__name__}>"


class SentClassifier:
    """A classifier on its way to the student: its network as a file, and what it takes.

    Parameters
    ----------
    network : bytes
        As Keras writes it.
    about : dict
        Labels, name and range of values.
    """

    def __init__(self, network: bytes, about: dict[str, Any]) -> None:
        self.network, self.about = network, about


def to_bytes(value: Any, kept: list[Callable[..., Any]]) -> bytes:
    """Write a message; a function is added to those that are kept, and its place is written."""
    return json.dumps(_written(value, kept, _DEEPEST)).encode()


def from_bytes(message: bytes, function: Callable[[int], Any]) -> Any:
    """Read what `to_bytes` has written; `function` makes what stands for the function of a number.

    Raises
    ------
    ValueError
        If the message is no such thing.
    """
    try:
        return _read(json.loads(message), function)
    except (KeyError, TypeError, IndexError, RecursionError, AttributeError) as error:
        raise ValueError(f"no answer: {error}") from None


def _written(value: Any, kept: list[Callable[..., Any]], depth: int) -> Any:  # noqa: PLR0911  (one a kind)
    if value is None or isinstance(value, (bool, str)):
        return value
    if value is Ellipsis:
        return None
    if isinstance(value, (int, np.integer)):
        return {"int": str(int(value))}
    if isinstance(value, (float, np.floating)):
        return {"float": repr(float(value))}
    if isinstance(value, np.bool_):
        return bool(value)
    if depth == 0:
        return {"opaque": type(value).__name__}
    if isinstance(value, (list, tuple, set, frozenset)):
        kind = next(kind for kind in (list, tuple, set, frozenset) if isinstance(value, kind))
        return {kind.__name__: [_written(one, kept, depth - 1) for one in value]}
    if isinstance(value, dict):
        return {"dict": [[_written(part, kept, depth - 1) for part in pair] for pair in value.items()]}
    return _written_object(value, kept)


def _written_object(value: Any, kept: list[Callable[..., Any]]) -> Any:
    if isinstance(value, SentClassifier):
        return {"classifier": [_text(value.network), _written(value.about, kept, 3)]}
    network = getattr(value, "model", value)
    if type(network).__module__.split(".")[0] == "keras" or hasattr(network, "get_weights"):
        return {"network": _text(network_bytes(network))}
    if callable(value):
        kept.append(value)
        return {"function": len(kept) - 1}
    try:
        array = np.asarray(value)
    except Exception:  # noqa: BLE001  (an object of the student's)
        return {"opaque": type(value).__name__}
    if array.dtype.kind not in "biufc":
        return {"opaque": type(value).__name__}
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return {"array": _text(file.getvalue())}


def _read(value: Any, function: Callable[[int], Any]) -> Any:  # noqa: PLR0911  (one a kind)
    if value is None or isinstance(value, (bool, str)):
        return value
    ((kind, content),) = value.items()
    if kind == "int":
        return int(content[:100])
    if kind == "float":
        return float(content)
    if kind in ("list", "tuple", "set", "frozenset"):
        parts = [_read(one, function) for one in content]
        return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](parts)
    if kind == "dict":
        return {_read(key, function): _read(one, function) for key, one in content}
    if kind == "array":
        return np.load(io.BytesIO(base64.b64decode(content)), allow_pickle=False)
    if kind == "network":
        return network_from(base64.b64decode(content))
    if kind == "classifier":
        return SentClassifier(base64.b64decode(content[0]), _read(content[1], function))
    return function(int(content)) if kind == "function" else Opaque(str(content))


def network_bytes(network: Any) -> bytes:
    """Return a Keras network as the file that Keras makes of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        network.save(path)
        return path.read_bytes()


def network_from(content: bytes) -> Any:
    """Return the network of a file, which must hold no code."""
    from xai_widgets.models.zoo.keras_files import read_model

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        path.write_bytes(content)
        return read_model(path)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
