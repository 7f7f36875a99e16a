"""Notebooks of the course as applications: Voila serves their texts, figures and labs, without their code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.ioloop import IOLoop
from tornado.web import RedirectHandler
from traitlets import Unicode
from traitlets.config import Config
from voila.app import Voila

from xai_widgets.course.base import solutions
from xai_widgets.course.edition import grade_id
from xai_widgets.i18n import LANGUAGES, message

if TYPE_CHECKING:
    from nbformat import NotebookNode

# An exercise is the last thing in its cell of text: its heading, then what is asked.
_WORDS = {message("course.application.exercise", code): code for code in LANGUAGES}
_EXERCISE = re.compile(rf"^(?P<heading>#{{2,5}} (?P<word>{'|'.join(_WORDS)})\s\d+.*)\n[\s\S]*\Z", re.MULTILINE)
_TEMPLATE = Path(__file__).with_name("voila")  # Voila's own, which fetches nothing from other machines
# Of JupyterLab: what brings the labs to the page. Others, such as nbgrader, do not fit Voila and complain.
_EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget")
_IDLE = 600  # seconds after which the kernel of a page that was left is ended


def as_application(notebook: NotebookNode) -> NotebookNode:
    """Prepare a notebook of students for readers who see no code, in place.

    Its exercises are done: what the student would write is there already, so that what follows from it is shown; what
    asks for code, and the verdict on it, is left out.

    Parameters
    ----------
    notebook : NotebookNode
        Of any edition. Where the package has no solution, the cell stays as it is.

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    # A drawn graph takes a script from another machine; each notebook says what comes before it.
    notebook.cells = [cell for cell in notebook.cells if "```mermaid" not in cell.source]
    answers = {grade_id("exercise", name): code for name, code in solutions().items()}
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown":
            cell.source = _EXERCISE.sub(_done, cell.source)
        elif marks.get("grade"):
            cell.source += "\nNone"  # it still runs, for cells below ask for the verdict
        elif marks.get("grade_id") in answers:
            cell.source = answers[marks["grade_id"]]
    return notebook


def _done(exercise: re.Match[str]) -> str:
    return f"{exercise['heading']}\n\n{message('course.application.done', _WORDS[exercise['word']])}"


def _before_launch(request: Any, notebook: NotebookNode, cwd: str) -> NotebookNode:
    """Be called by Voila for each visitor, before the kernel starts."""
    del request, cwd
    return as_application(notebook)


class CourseApplication(Voila):
    """Voila on the folder of notebooks, which opens one of them and tells its address."""

    opened = Unicode(help="The notebook to open, from the folder that is served.")

    def setup_template_dirs(self) -> None:
        """Look for the page here first."""
        super().setup_template_dirs()
        self.template_paths.insert(0, str(_TEMPLATE))

    def init_handlers(self) -> list[Any]:
        """Lead from the root to the notebook."""
        start = f"{self.server_url}voila/render/{self.opened}"
        return [(self.server_url, RedirectHandler, {"url": start, "permanent": False}), *super().init_handlers()]

    def start(self) -> None:
        """Serve until Ctrl-C."""
        IOLoop.current().add_callback(self._tell)
        super().start()

    def _tell(self) -> None:
        print(f"{self.connection_url}voila/render/{self.opened}", flush=True)  # noqa: T201


def serve(root: Path, opened: str, *, port: int | None = None, browser: bool = True, theme: str = "light") -> None:
    """Serve a folder of notebooks as applications until Ctrl-C.

    Parameters
    ----------
    root : Path
        The folder; links from one notebook to the next are followed inside of it.
    opened : str
        The notebook to open, from `root`: ``"fr/03_adversarial.ipynb"``.
    port : int, optional
        This one or none; 8866 or the next that is free if left out.
    browser : bool
        Whether to open a browser.
    theme : str
        ``"light"`` or ``"dark"``; ``?theme=dark`` at the end of an address chooses too.

    Raises
    ------
    FileNotFoundError
        If there is no such notebook; the message says which there are.
    """
    if not (root / opened).is_file():
        there = ", ".join(path.stem for path in sorted((root / opened).parent.glob("*.ipynb"))) or "none"
        raise FileNotFoundError(f"no notebook {opened} in {root}; there are: {there}")
    config = Config()
    config.VoilaConfiguration.prelaunch_hook = _before_launch
    config.VoilaConfiguration.theme = theme
    config.VoilaConfiguration.file_allowlist = [r".*\.(png|jpg|svg)"]
    config.VoilaConfiguration.extension_allowlist = list(_EXTENSIONS)
    config.Voila.tornado_settings = {"disable_check_xsrf": True}  # or a page that is left cannot end its kernel
    config.MappingKernelManager.cull_idle_timeout = _IDLE
    config.MappingKernelManager.cull_interval = _IDLE // 10
    config.Voila.log_level = "WARN"
    where = {} if port is None else {"port": port, "port_retries": 0}
    application = CourseApplication(config=config, root_dir=str(root), opened=opened, open_browser=browser, **where)
    application.initialize([])
    application.start()
