"""The files of `keras.applications`: found, downloaded, and used only if they are what they claim to be.

Where a file comes from
-----------------------
It is looked for in the cache of this package, then in that of Keras. If it is in neither, or is not what it claims to
be, it is downloaded from the mirror (see `xai_widgets.common.download`) or, without one, from the address that Keras
names, over an encrypted connection, into the cache of this package.

What is checked, at every load
------------------------------
- The class index has a known SHA-256.
- For the weights of most models Keras publishes an MD5, which the file must have, wherever it was found. At its first
  use the SHA-256 of the file is noted in the cache of this package, and from then on the file must have that too.
- Where Keras publishes none (MobileNetV2), the first file is taken from the address of Keras alone, and its SHA-256 is
  noted. Another file (from a mirror, copied into a cache by hand, or left there by Keras) is taken only if the caller
  says its SHA-256: ``load_model("mobilenet_v2", sha256="...")``, once.

A note protects against a file that was spoilt or exchanged later, not against somebody who can write into the cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xai_widgets.common.atomic_file import write_whole
from xai_widgets.common.download import (
    MIRROR_VARIABLE,
    DownloadError,
    cache_directory,
    download,
    is_expected,
    mirror_address,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.common.download import Progress

ADVICE: Final = (
    f"Connect to the network and try again, or set {MIRROR_VARIABLE} to the address of a folder with the file; "
    'load_model("digits") and .keras files need no network'
)


@dataclass(frozen=True)
class PublishedFile:
    """A file that Keras publishes.

    Attributes
    ----------
    name : str
        Its name, in a cache and on a mirror.
    digest : str or None
        Its hash, as ``"sha256:..."`` or ``"md5:..."``; None if none is known.
    beside : callable
        Returns a function of the module of Keras that names the address of the file.
    model : str, default ""
        The model whose weights it holds.
    """

    name: str
    digest: str | None
    beside: Callable[[], Any]
    model: str = ""

    def address(self) -> str:
        """Return the address that Keras downloads the file from.

        Raises
        ------
        DownloadError
            If this version of Keras names none.
        """
        named = [
            value
            for value in vars(sys.modules[self.beside().__module__]).values()
            if isinstance(value, str) and value.startswith("https://")
        ]
        folders = [value for value in named if value.endswith("/")]
        if whole := [value for value in named if value.endswith(f"/{self.name}")]:
            return whole[0]
        if len(folders) == 1:
            return folders[0] + self.name
        raise DownloadError(f"this version of Keras does not say where {self.name} is; save it as {str(self.kept())!r}")

    def kept(self) -> Path:
        """Return the path in the cache of this package."""
        return cache_directory() / self.name

    def found(self, *, sha256: str | None = None, progress: Progress = True) -> Path:
        """Return a file that is what it claims to be; it is downloaded at the first use.

        Parameters
        ----------
        sha256 : str, optional
            The SHA-256 that the file must have, by the word of the caller.
        progress : bool or callable, default True
            Whether to show a bar for files of more than one mebibyte. A callable is called with ``(done, total)``, in
            bytes (total is 0 if unknown), and may raise an exception to stop the download.

        Returns
        -------
        Path
            The file, in the cache of this package or in that of Keras.

        Raises
        ------
        DownloadError
            If there is no such file and it cannot be downloaded.
        """
        noted = self._noted()
        own = _sha256(sha256) or noted
        known = [one for one in (self.digest, own) if one]
        places = [self.kept(), _keras_cache(self.name)]
        there = (path for path in places if known and all(is_expected(path, digest) for digest in known))
        try:
            path = next(there, None) or self._downloaded(known, progress)
        except DownloadError as error:
            raise DownloadError(self._why_not(error, [path for path in places if path.is_file()], known)) from error
        if own is None or own != noted:
            self._note(path)
        return path

    def _downloaded(self, known: list[str], progress: Progress) -> Path:
        mirror = mirror_address(self.name)
        if mirror is None:
            return self._download(self.address(), known, progress)
        if not known:
            raise DownloadError(
                "no hash of this file is known, so a mirror is not trusted with it: let whoever keeps the mirror "
                f"({MIRROR_VARIABLE}) tell its SHA-256, and give it once: {self._call('...')}"
            )
        try:
            return self._download(mirror, known, progress)
        except DownloadError as error:
            raise DownloadError(f"the mirror ({MIRROR_VARIABLE}) does not have it: {error}") from error

    def _download(self, address: str, known: list[str], progress: Progress) -> Path:
        """Download the file; of two hashes that are known, the last one is the stronger."""
        if not known:
            return self._download_unknown(address, progress)
        path = download(address, self.kept(), digest=known[-1], progress=progress)
        if not all(is_expected(path, digest) for digest in known):
            path.unlink(missing_ok=True)
            raise DownloadError(f"the file at {address} has not the hash that Keras publishes; it was not stored")
        return path

    def _download_unknown(self, address: str, progress: Progress) -> Path:
        """Download a file of which nothing is known, whether or not there is one of its name."""
        fresh = self.kept().with_name(f"{self.name}.new")
        try:
            fresh.unlink(missing_ok=True)
            return download(address, fresh, progress=progress).replace(self.kept())
        except DownloadError:
            raise
        except OSError as error:
            raise DownloadError(f"{str(self.kept())!r} cannot be written: {error.strerror or error}") from error

    def _why_not(self, error: DownloadError, spoilt: list[Path], known: list[str]) -> str:
        if not spoilt:
            return f"{self.name} cannot be downloaded: {error}. {ADVICE}"
        place = str(spoilt[0])
        if known:
            return (
                f"{place!r} is not the file that it claims to be (its hash is not {known[-1]}), and it cannot be "
                f"downloaded again: {error}. {ADVICE}"
            )
        found = _file_sha256(spoilt[0])
        return (
            f"{self.name} cannot be downloaded: {error}. Of {place!r} nobody publishes a hash; if you trust it, say so "
            f"once: {self._call(found)}. {ADVICE}"
        )

    def _call(self, sha256: str) -> str:
        return f'load_model("{self.model}", sha256="{sha256}")'

    def _note_path(self) -> Path:
        return cache_directory() / f"{self.name}.sha256.json"

    def _noted(self) -> str | None:
        """Return the SHA-256 that was noted at the first use; one beside another published hash counts no more."""
        try:
            note = json.loads(self._note_path().read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(note, dict) or note.get("published") != self.digest:
            return None
        return _sha256(note["sha256"]) if _is_sha256(note.get("sha256")) else None

    def _note(self, path: Path) -> None:
        """Note the SHA-256 of a file that was checked, unless it is known anyway or the cache cannot be written."""
        if self.digest is not None and self.digest.startswith("sha256:"):
            return
        note = {"file": self.name, "published": self.digest, "sha256": _file_sha256(path)}
        with contextlib.suppress(OSError):
            cache_directory().mkdir(parents=True, exist_ok=True)
            write_whole(self._note_path(), json.dumps(note, indent=1) + "\n")


def check_sha256(sha256: str | None) -> None:
    """Refuse what is no SHA-256.

    Raises
    ------
    ValueError
        If it is not 64 hexadecimal digits.

    Examples
    --------
    >>> check_sha256("abc")
    Traceback (most recent call last):
    ...
    ValueError: sha256 must be the 64 hexadecimal digits of a SHA-256, not 'abc'
    """
    if sha256 is not None and not _is_sha256(sha256):
        raise ValueError(f"sha256 must be the 64 hexadecimal digits of a SHA-256, not {sha256!r}")


def _is_sha256(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and all(digit in "0123456789abcdefABCDEF" for digit in value)


def _sha256(hexadecimal: str | None) -> str | None:
    return hexadecimal and f"sha256:{hexadecimal.lower()}"


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keras_cache(file: str) -> Path:
    """Return the path at which Keras stores a file."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models" / file
