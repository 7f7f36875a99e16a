"""Run notebooks: with nbclient to make outputs, with nbval to check that they are reproducible."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nbclient import NotebookClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbformat import NotebookNode

_SANITIZE = Path(__file__).with_name("sanitize.cfg")
_VIEW = "application/vnd.jupyter.widget-view+json"
SECONDS = 600
_THREADS = frozenset({"OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"})


def environment(language: str) -> dict[str, str]:
    """Return the variables under which notebooks run: their language, and labs that compute inline and raise.

    A kernel has no terminal: progress bars and warnings of the platform would only differ from run to run. TensorFlow's
    oneDNN is on or off by the processor, prints a line where it is on, and rounds otherwise: it is off everywhere.
    The number of threads changes the rounding too: a limit for whoever runs notebooks beside other work is left out.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _THREADS}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    return {**inherited, **quiet, "XAI_WIDGETS_LANG": language, "XAI_WIDGETS_SYNC": "1"}


@contextlib.contextmanager
def folder_to_run_in(folder: Path) -> Iterator[None]:
    """Make a folder if there is none; it goes again if nothing has been put into it."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # something lies in it
            for one in new:
                one.rmdir()


def run(notebook: NotebookNode, folder: Path, language: str) -> NotebookNode:
    """Run a notebook in place, in `folder`, which exists, and keep the outputs that another run would give again.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell raises.
    """
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
    )
    client.execute(env=environment(language))
    notebook.metadata.language_info = {key: notebook.metadata.language_info[key] for key in _KEPT}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(_VIEW, None)
    return notebook


# Python's version would differ from machine to machine.
_KEPT = ("file_extension", "mimetype", "name")


def validate(paths: Sequence[Path], language: str, *, compare: bool = True) -> subprocess.CompletedProcess[str]:
    """Run notebooks under nbval, a fresh kernel each.

    Parameters
    ----------
    paths : sequence of Path
        The notebooks.
    language : str
        The language of the labs and the checks.
    compare : bool
        Whether the text outputs must be those in the file; if not, the cells must only run.

    Returns
    -------
    CompletedProcess
        Its ``returncode`` is 0 if all is well; ``stdout`` is nbval's report.
    """
    mode = "--nbval" if compare else "--nbval-lax"
    command = [sys.executable, "-m", "pytest", mode, "-q", "-p", "no:cacheprovider", "-c", os.devnull, *map(str, paths)]
    options = [f"--nbval-cell-timeout={SECONDS}", f"--nbval-sanitize-with={_SANITIZE}", f"--rootdir={paths[0].parent}"]
    return subprocess.run(  # noqa: S603  (our own Python, on our own notebooks)
        [*command, *options], env=environment(language), capture_output=True, text=True, check=False
    )
