"""`show()` shows: under the cell of a notebook, in a window of a script; where there is none, it is said."""

import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from xai_widgets import methods, results

ROOT = Path(__file__).parents[2]
RESULT = """
import numpy as np
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe
result = Attribution(np.ones((2, 4, 4), "float32"), np.zeros(2), Recipe("m", "n", ("a", "b"), {}))
"""
# A backend with windows, as far as matplotlib knows: each window that is shown is written into a file.
WINDOWS = """
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

class Manager(FigureManagerBase):
    def show(self):
        self.canvas.figure.savefig("window.png")

    @classmethod
    def start_main_loop(cls):
        print("the windows are open")

class FigureCanvas(FigureCanvasAgg):
    manager_class = Manager
"""


def run(code, folder, **variables):
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MPLBACKEND", "DISPLAY", "WAYLAND_DISPLAY"}
    }
    path = os.pathsep.join([str(ROOT), str(folder)])
    environment |= {"PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"} | variables
    (folder / "script.py").write_text(RESULT + code, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "script.py"], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )


def test_without_a_window_a_script_says_what_to_do_and_that_works(tmp_path):
    code = "result.show(); result.show()\nresult.save('a.png')\nresult.show().savefig('b.png')\n"
    done = run(code, tmp_path)
    assert done.stderr.count("no window can be opened here; to keep a figure, write result.save(name)") == 1
    assert done.stdout == ""
    assert all((tmp_path / name).stat().st_size > 1000 for name in ("a.png", "b.png"))


def test_it_is_said_in_french(tmp_path):
    done = run("result.show()", tmp_path, XAI_WIDGETS_LANG="fr")
    assert "aucune fenêtre ne peut s’ouvrir ici" in done.stderr


def test_a_script_opens_a_window(tmp_path):
    (tmp_path / "windows.py").write_text(WINDOWS, encoding="utf-8")
    code = "figure = result.show()\nprint(type(figure.canvas).__name__, len(figure.axes))\nfigure.savefig('a.png')\n"
    done = run(code, tmp_path, MPLBACKEND="module://windows")
    assert "no window" not in done.stderr
    assert done.stdout.splitlines() == ["the windows are open", "_DrawnCanvas 3"]
    assert (tmp_path / "window.png").stat().st_size > 1000
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_a_backend_that_cannot_be_loaded_is_no_window(tmp_path):
    done = run("result.show()", tmp_path, MPLBACKEND="tkagg")
    assert "no window can be opened here" in done.stderr


def test_a_thread_shows_nothing(tmp_path):
    code = "import threading\nthread = threading.Thread(target=result.show)\nthread.start(); thread.join()\n"
    assert "no window" not in run(code, tmp_path).stderr


CELLS = {
    "result.show()": 1,
    "result.show()\nNone": 1,
    "for one in result:\n    one.show()": 2,
    "figure = result.show()": 1,
    "figure": 1,
    "figure = result.figure()": 0,
    "result.figure()": 1,
    "result": 1,
    "figure = result.show()\nfigure.savefig('a.png')": 1,
    "from IPython.display import display\ndisplay(result.show())": 1,
    "import threading\nthread = threading.Thread(target=result.show)\nthread.start(); thread.join()": 0,
    "from xai_widgets.course import DescribedFigure\nDescribedFigure(result.show(), 'two maps')": 1,
    "result.show()\n1 / 0": 1,
    "x = 1": 0,
    "print('before')\nresult.show();\nx = 2": 1,
    "from xai_widgets import sample_image\nsample_image('digit-3')": 1,
    "sample_image('digit-3')[:4]": 1,
    "sample_image('digit-3') / 255": 0,
    "None": 0,
}


@pytest.mark.slow
@pytest.mark.parametrize("first", ["", "%matplotlib inline"])
def test_a_notebook_shows_each_figure_once(tmp_path, first, monkeypatch):
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("MPLBACKEND")
    cells = [nbformat.v4.new_code_cell(code) for code in (first, RESULT, *CELLS)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(
        notebook, timeout=300, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    found = {
        cell.source: sum("image/png" in output.get("data", {}) for output in cell.outputs)
        for cell in notebook.cells[2:]
    }
    assert found == CELLS
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert {output.output_type for output in outputs} == {"display_data", "execute_result", "error", "stream"}
    assert [output.text for output in outputs if output.output_type == "stream"] == ["before\n"]  # and nothing else
    (last,) = notebook.cells[2].outputs
    assert last.data["text/plain"].startswith("<Figure size ")


def test_every_class_that_draws_a_figure_shows_it():
    """Each result has ``show``, made of its own ``figure``."""
    found = {}
    for package in (methods, results):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for kind in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(kind) and "figure" in vars(kind) and not inspect.isabstract(kind):
                    found[kind.__name__] = getattr(getattr(kind, "show", None), "__wrapped__", None) is kind.figure
    found.pop("ExampleBatch")  # the base of batches, which draws nothing
    assert len(found) >= 28
    assert [name for name, shows in found.items() if not shows] == []


def test_every_figure_of_the_package_draws_itself():
    """A plain matplotlib figure shows nothing in a notebook."""
    made = re.compile(r"(?<![\w.])Figure\(|figure\.Figure\(")
    sources = sorted((Path(__file__).parents[2] / "xai_widgets").rglob("*.py"))
    code = {path: [line for line in path.read_text("utf-8").splitlines() if ">>>" not in line] for path in sources}
    plain = [
        f"{path.name}: {line}"
        for path, lines in code.items()
        for line in lines
        if made.search(line) and "class " not in line
    ]
    assert plain == []
