"""Keeping the greetings of TensorFlow out of a shell."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import tempfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# Remarks on the processor that are written before TensorFlow reads how much it may say; errors (E, F) are others.
_GREETING: Final = re.compile(
    rb"^(WARNING: All log messages before absl::InitializeLog|[IW]\d{4} [\d:.]+ |\d{4}-\d\d-\d\d [\d:.]+: [IW] )"
)


@contextlib.contextmanager
def without_greetings() -> Iterator[None]:
    """Hold back what is written to the standard error, and then write it without the lines that say nothing.

    After an error all of it is written.

    Examples
    --------
    >>> with without_greetings():
    ...     pass
    """
    sys.stderr.flush()
    try:
        own = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    try:
        holding = tempfile.TemporaryFile()  # noqa: SIM115  (closed below)
    except OSError:  # there is no room to hold anything back
        os.close(own)
        yield
        return
    with holding as held:
        os.dup2(held.fileno(), 2)
        every = True
        try:
            yield
            every = False
        finally:
            sys.stderr.flush()
            os.dup2(own, 2)
            os.close(own)
            held.seek(0)
            for line in held:
                if every or not _GREETING.match(line):
                    os.write(2, line)


def start_backend() -> None:
    """Import the backend of Keras, without what it says of the processor."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns where pictures have several sizes
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = max(os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"), "2")
    with without_greetings():
        from xai_widgets import backend

        backend.device()
