"""A compact button that takes a picture from the reader's disk, a drop or the clipboard."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component

if TYPE_CHECKING:
    from collections.abc import Sequence

MEGABYTE = 1_000_000


class PictureUpload(Component):
    """A button for a picture: choose a file, drop one on it, or paste a picture while it has the focus.

    The file arrives as it is, byte for byte, undecoded. It travels in parts, because Jupyter's server closes the
    connection on a message of more than ten megabytes, and it is no part of the widget's state, so that a saved
    notebook does not carry it.

    Parameters
    ----------
    **options
        Any of the traits below.

    Raises
    ------
    TypeError
        If an option does not exist.
    traitlets.TraitError
        If `max_megabytes` is not a positive number.

    Examples
    --------
    Observe `serial`, which changes last and with every file, be it the same one again:

    >>> upload = PictureUpload(label="Your picture")
    >>> upload.observe(lambda change: print(change["new"], upload.file_name, upload.picture_bytes), "serial")
    >>> upload.receive(b"...", "cat.png")
    1 cat.png b'...'
    >>> upload
    PictureUpload('cat.png', 3 bytes)

    In a notebook, ``load_image(upload.picture_bytes)`` makes pixels of it.
    """

    _esm = assets.module("picture_upload")
    _css = assets.style("picture_upload")
    answers: ClassVar[bool] = False

    label = traitlets.Unicode("").tag(sync=True)
    """What the button says, and its accessible name (default: a word from the catalogue, "Upload")."""

    max_megabytes = traitlets.Float(50.0).tag(sync=True)
    """The largest file that is taken, in millions of bytes; the browser refuses a larger one (default 50)."""

    disabled = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether nothing can be uploaded (default: no)."""

    busy = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether the last picture is still being read; the button says so, keeps the focus and takes no other meanwhile
    (default: no)."""

    content = traitlets.Bytes(b"")
    """The last file, as it was on the reader's disk; empty: none yet. Not sent to the browser."""

    file_name = traitlets.Unicode("")
    """Its name there, without folders: untrusted text, to be escaped wherever it is shown. Not sent."""

    serial = traitlets.Int(0).tag(sync=True)
    """How many files have arrived: observe it, since it changes last and even where the same file comes twice."""

    def __init__(self, **options: Any) -> None:
        self._sender = ""
        self._parts: list[bytes] = []
        super().__init__(**options)
        self.on_msg(self._on_message)

    @property
    def picture_bytes(self) -> bytes:
        """The last file.

        Raises
        ------
        ValueError
            If there is none yet.
        """
        if not self.content:
            raise ValueError("nothing has been uploaded yet; observe serial to hear of the first picture")
        return self.content

    def receive(self, content: bytes, file_name: str = "") -> None:
        """Take a file as if the browser had sent it: content and name first, then `serial`, as one change.

        Parameters
        ----------
        content : bytes
            The file.
        file_name : str
            Its name.

        Raises
        ------
        ValueError
            If the file is empty, or larger than `max_megabytes`.
        """
        if not content:
            raise ValueError(f"the file {file_name!r} is empty")
        self._check_size(len(content))
        with self.hold_trait_notifications():
            self.content = content
            self.file_name = file_name
            self.serial += 1

    def _on_message(self, _widget: object, message: Any, buffers: Sequence[memoryview]) -> None:
        """Take one part of a file; the last one completes it."""
        if not isinstance(message, dict) or message.get("kind") != "picture-part" or len(buffers) != 1:
            return
        if message["index"] == 0:
            self._sender, self._parts = message["upload"], []
        if (message["upload"], message["index"]) != (self._sender, len(self._parts)):
            return  # of a file in whose place another one has come since
        self._parts.append(bytes(buffers[0]))
        self._check_size(sum(map(len, self._parts)))
        if len(self._parts) == message["count"]:
            content = b"".join(self._parts)
            self._parts = []
            self.receive(content, message["name"])

    def _check_size(self, count: int) -> None:
        """Refuse more than `max_megabytes`, and forget the parts of such a file."""
        if count > self.max_megabytes * MEGABYTE:
            self._sender, self._parts = "", []
            raise ValueError(f"a file of {count / MEGABYTE:.3g} MB or more; max_megabytes is {self.max_megabytes:g}")

    @traitlets.validate("max_megabytes")
    def _check_limit(self, proposal: dict[str, Any]) -> float:
        limit: float = proposal["value"]
        if not (math.isfinite(limit) and limit > 0):
            raise traitlets.TraitError(f"max_megabytes must be above 0, and finite, not {limit:g}")
        return limit

    def __repr__(self) -> str:
        """Return name and size of the last file."""
        if not self.content:
            return f"{type(self).__name__}(empty)"
        return f"{type(self).__name__}({self.file_name!r}, {len(self.content)} bytes)"
