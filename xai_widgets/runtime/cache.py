"""A cache by content, bounded in bytes."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

_OVERHEAD = 256  # bytes that an entry costs beside its arrays


def content_key(*parts: Any) -> str:
    """Return a digest of values: equal content gives equal keys, whatever the objects.

    Arrays count by type, shape and bytes; tuples, lists and dicts by what they hold; everything else by its repr.

    Examples
    --------
    >>> import numpy as np
    >>> content_key("fgsm", np.zeros(3)) == content_key("fgsm", np.zeros(3))
    True
    >>> content_key("fgsm", np.zeros(3)) == content_key("fgsm", np.zeros((3, 1)))
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        _feed(digest, part)
    return digest.hexdigest()


def _feed(digest: Any, part: Any) -> None:
    """Add one value to a digest, with what tells it from its neighbours."""
    if isinstance(part, np.ndarray) and part.dtype.hasobject:  # its bytes are addresses
        digest.update(f"objects {part.shape} ".encode())
        _feed(digest, part.ravel().tolist())
    elif isinstance(part, np.ndarray):
        digest.update(f"array {part.dtype} {part.shape} ".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    elif isinstance(part, dict):
        digest.update(b"dict ")
        _feed(digest, sorted(part.items(), key=repr))
    elif isinstance(part, (list, tuple)):
        digest.update(f"{type(part).__name__} {len(part)} ".encode())
        for one in part:
            _feed(digest, one)
    else:
        digest.update(f"{type(part).__name__} {part!r} ".encode())


class ContentCache:
    """Keeps the results used last, up to a number of bytes; safe to use from several threads.

    Parameters
    ----------
    max_bytes : int
        A result larger than this is not kept at all.

    Examples
    --------
    >>> cache = ContentCache(max_bytes=10_000)
    >>> cache.get_or("key", lambda: 6 * 7)
    42
    """

    def __init__(self, max_bytes: int = 64 * 2**20) -> None:
        self._entries: LRUCache[str, Any] = LRUCache(max_bytes, getsizeof=size_in_bytes)
        self._lock = threading.Lock()

    def get_or(self, key: str, compute: Callable[[], Any]) -> Any:
        """Return what is kept under `key`, else compute and keep it."""
        with self._lock:
            if key in self._entries:
                return self._entries[key]
        value = compute()
        with self._lock:
            if size_in_bytes(value) <= self._entries.maxsize:
                self._entries[key] = value
        return value

    def __contains__(self, key: str) -> bool:
        """Tell whether something is kept under `key`."""
        with self._lock:
            return key in self._entries

    @property
    def bytes(self) -> int:
        """How much is kept now."""
        return int(self._entries.currsize)


def size_in_bytes(value: Any) -> int:
    """Count the bytes of arrays, however nested in tuples, lists, dicts and dataclasses, and a bit for each."""
    if isinstance(value, np.ndarray):
        return value.nbytes + _OVERHEAD
    if isinstance(value, (list, tuple, set)):
        return _OVERHEAD + sum(size_in_bytes(one) for one in value)
    if isinstance(value, dict):
        return _OVERHEAD + sum(size_in_bytes(one) for one in value.values())
    if dataclasses.is_dataclass(value):  # results are; anything else (a model, say) is shared, not owned
        return _OVERHEAD + sum(size_in_bytes(getattr(value, field.name)) for field in dataclasses.fields(value))
    return sys.getsizeof(value)
