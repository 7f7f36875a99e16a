"""Sources of notebooks as authors mistype them: a fault in one line, and nothing is written."""

import contextlib
import io
import tempfile
from pathlib import Path

from tests.adversarial.judging import Case
from tests.course.authoring.test_build import course, files
from tests.course.authoring.test_malformed_sources import GOOD, MALFORMED, OTHER_FILES
from xai_widgets.course.__main__ import main


def built(text, beside=()):
    """Build a course of one source; return the status, what was said, and whether anything was written."""
    with tempfile.TemporaryDirectory() as folder:
        layout = course(Path(folder), _01_trial=text)
        for name, content in beside:
            (Path(folder) / name).write_bytes(content)
        before = files(layout)
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            status = main(["build", "--root", folder])
        return status, said.getvalue(), files(layout) == before


def is_told(what):
    """Return what tells whether a build ended in a line about the fault, without a traceback and without a file."""

    def right(found):
        status, said, unchanged = found
        return status == 1 and unchanged and what in said and "Traceback" not in said

    return right


def cases():
    for name, (text, _, what) in MALFORMED.items():
        yield Case("notebooks", name, lambda text=text: built(text), is_told(what), may_refuse=False)
    for name, (path, content, what) in OTHER_FILES.items():
        beside = [(path, content)]
        yield Case("notebooks", name, lambda beside=beside: built(GOOD, beside), is_told(what), may_refuse=False)
