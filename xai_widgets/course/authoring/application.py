"""Notebooks of the course as applications: Voila serves their texts, figures and labs, without their code."""

from __future__ import annotations

import html
import re
import socket
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.ioloop import IOLoop
from tornado.web import RedirectHandler
from traitlets import Unicode
from traitlets.config import Config
from voila.app import Voila
from voila.tornado.execution_request_handler import ExecutionRequestHandler
from voila.tornado.handler import TornadoVoilaHandler

from xai_widgets.course.authoring.application_visitors import (
    EVERY_ADDRESS,
    CourseCells,
    CoursePage,
    is_reached,
    visitors_that_fit,
)
from xai_widgets.course.exercises.exercise import solutions
from xai_widgets.course.exercises.grade_ids import grade_id
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
    """Prepare a notebook for each visitor; Voila calls this before the kernel starts."""
    del request, cwd
    return as_application(notebook)


class CourseApplication(Voila):
    """A Voila server for the folder of notebooks, which opens one of them and prints its address."""

    opened = Unicode(help="The notebook to open, from the folder that is served.")

    def setup_template_dirs(self) -> None:
        """Look for the page here first."""
        super().setup_template_dirs()
        self.template_paths.insert(0, str(_TEMPLATE))

    def init_handlers(self) -> list[Any]:
        """Redirect the root to the notebook, and let `CoursePage` say who may open one."""
        start = f"{self.server_url}voila/render/{self.opened}"
        pages = [_of_course(handler) for handler in super().init_handlers()]
        return [(self.server_url, RedirectHandler, {"url": start, "permanent": False}), *pages]

    def start(self) -> None:
        """Serve until Ctrl-C."""
        IOLoop.current().add_callback(self._tell)
        super().start()

    def launch_browser(self) -> None:
        """Open the notebook by a file: the commands of this machine, which others see, must not hold the token."""
        page = Path(self.connection_dir, "open.html")
        page.write_text(f'<meta http-equiv="refresh" content="0; url={html.escape(self.address())}">', encoding="utf-8")
        threading.Thread(target=webbrowser.open, args=[page.as_uri()], daemon=True).start()

    def _tell(self) -> None:
        print(self.address(), flush=True)  # noqa: T201

    def address(self) -> str:
        """Return the address of the notebook, with the token if this server has made one up."""
        host = socket.gethostname() if self.ip in EVERY_ADDRESS else self.ip
        host = f"[{host}]" if ":" in host else host
        token = f"?token={self.identity_provider.token}" if self.identity_provider.token_generated else ""
        return f"http://{host}:{self.port}{self.server_url}voila/render/{self.opened}{token}"


def _of_course(handler: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a handler of Voila with its pages, and what runs their cells, replaced by ours."""
    pattern, kind, *about = handler
    own = {TornadoVoilaHandler: CoursePage, ExecutionRequestHandler: CourseCells}
    return (pattern, own.get(kind, kind), *about)


def serve(
    root: Path,
    opened: str,
    *,
    port: int | None = None,
    browser: bool = True,
    theme: str = "system",
    visitors: int | None = None,
    ip: str | None = None,
    token: bool = False,
) -> None:
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
        ``"light"``, ``"dark"``, or ``"system"``: as the reader's system is. ``?theme=dark`` at the end of an address
        chooses too, and nothing else there does.
    visitors : int, optional
        How many pages may be open at a time, each with a kernel of up to 1.1 GB; as many as memory allows if left out.
        Others get a page that tries again by itself.
    ip : str, optional
        The address at which to listen, ``"0.0.0.0"`` for all that this machine has; its own, which no other machine
        reaches, if left out.
    token : bool
        Whether readers must show a token; they must in any case where other machines reach the server. It is that of
        the variable ``JUPYTER_TOKEN``, or made up and printed with the address.

    Raises
    ------
    ValueError
        If `visitors` is below 1, or `ip` is no address.
    FileNotFoundError
        If there is no such notebook; the message says which there are.
    """
    if not (root / opened).is_file():
        there = ", ".join(path.stem for path in sorted((root / opened).parent.glob("*.ipynb"))) or "none"
        raise FileNotFoundError(f"no notebook {opened} in {root}; there are: {there}")
    if visitors is not None and visitors < 1:
        raise ValueError(f"visitors must be at least 1, not {visitors}")
    CoursePage.most = visitors_that_fit() if visitors is None else visitors
    reached = ip is not None and is_reached(ip)
    config = Config()
    config.VoilaConfiguration.prelaunch_hook = _before_launch
    config.VoilaConfiguration.theme = "light" if theme == "system" else theme
    config.VoilaConfiguration.resources = {"follows_system": theme == "system"}  # for the page; see voila/index.html.j2
    config.VoilaConfiguration.progressive_rendering = True  # each lab shows as soon as its cell has run
    config.VoilaConfiguration.allow_theme_override = "NO"  # Voila writes a theme into the page as it comes
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.file_allowlist = [r".*\.(png|jpg|svg)"]
    config.VoilaConfiguration.extension_allowlist = list(_EXTENSIONS)
    config.Voila.tornado_settings = {
        "disable_check_xsrf": True,  # or a page that is left cannot end its kernel
        # Another name for this machine is that of another site, which has no token.
        "allow_remote_access": reached,
    }
    config.Voila.auto_token = token or reached
    config.MappingKernelManager.cull_idle_timeout = _IDLE
    config.MappingKernelManager.cull_interval = _IDLE // 10
    config.Voila.log_level = "WARN"
    where: dict[str, Any] = {} if port is None else {"port": port, "port_retries": 0}
    where |= {} if ip is None else {"ip": ip}
    application = CourseApplication(config=config, root_dir=str(root), opened=opened, open_browser=browser, **where)
    application.initialize([])
    application.start()
