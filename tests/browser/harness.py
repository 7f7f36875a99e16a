"""A real JupyterLab (or Voila) in a real Chromium, driven from Python: for the browser tests and for the benchmarks.

It runs on a free port with a token, on a copy of some notebooks, with the settings of the course and none of
the reader's own; what a page asks of another machine and what it complains about are kept for the tests to look at.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlparse

import nbformat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, Playwright, Request

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "binder" / "jupyter" / "default_setting_overrides.json"
LABEXTENSIONS = ROOT / "xai_widgets" / "widgets" / "labextensions"
CHROMIUM_VARIABLE = "XAI_WIDGETS_CHROMIUM"
SCREENSHOTS_VARIABLE = "XAI_WIDGETS_SCREENSHOTS"
FLAGS = (
    "--no-sandbox",  # containers have no user namespaces
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SERVER_PORTS = range(20_000, 30_000)
START = 90  # seconds that a server or a page may take before something is wrong
RUN = 480  # seconds that a notebook may take, on one core beside another test
# What anywidget says where a page was busy for two seconds: no complaint, the widgets mend it (see test_late_page.py).
LATE = "[anywidget] Failed to initialize model."


def find_chromium() -> str | None:
    """Return the Chromium to use: the one that the environment names, else the one on the path."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get(CHROMIUM_VARIABLE) or next(filter(None, map(shutil.which, names)), None)


def launch(playwright: Playwright, chromium: str) -> Browser:
    """Start Chromium without a window."""
    return playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))


# ---------------------------------------------------------------------------------------------------------- the server


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: where its notebooks lie, where it listens, what it says."""

    folder: Path
    port: int
    token: str
    log: Path

    def url(self, path: str) -> str:
        """Return an address of the server, token included."""
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"

    def ask(self, path: str, method: str = "GET") -> Any:
        """Call the server's REST interface; return its answer, read from JSON."""
        request = urllib.request.Request(self.url(path), method=method)  # noqa: S310  (our own server)
        with urllib.request.urlopen(request, timeout=START) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def stop_kernels(self, path: str = "") -> None:
        """End the kernels of a notebook, of a folder or (by default) of all, to free their memory."""
        for session in self.ask("api/sessions"):
            if session["path"].startswith(path):
                self.ask(f"api/sessions/{session['id']}", "DELETE")


@contextlib.contextmanager
def serve(folder: Path, private: Path, **variables: str) -> Iterator[Server]:
    """Run JupyterLab on `folder`, its own files under `private`; `variables` go to the kernels."""
    server = Server(folder, _free_port(), secrets.token_hex(16), private / "jupyterlab.log")
    labconfig = private / "config" / "labconfig"
    labconfig.mkdir(parents=True)
    shutil.copy(SETTINGS, labconfig)
    with _running(_command(server), _environment(private) | variables, server.log, server.url("api/status")):
        try:
            yield server
        finally:
            with contextlib.suppress(OSError):
                server.stop_kernels()


@contextlib.contextmanager
def serve_applications(private: Path, *arguments: str, **variables: str) -> Iterator[str]:
    """Run ``xai-widgets demo`` on the course with `arguments`, its files under `private`; give its address."""
    port = _free_port()
    command = [sys.executable, "-m", "xai_widgets.cli", "--language", "en", "demo", *arguments]
    command += [f"--port={port}", "--no-browser"]
    address = f"http://127.0.0.1:{port}"
    environment = _environment(private) | variables
    with _running(command, environment, private / "voila.log", f"{address}/voila/static/voila.js"):
        yield address


@contextlib.contextmanager
def _running(command: list[str], environment: dict[str, str], log: Path, probe: str) -> Iterator[None]:
    """Run a server from the root of the checkout, from when `probe` answers to the end."""
    with log.open("w") as said:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that its kernels end with it
        )
        try:
            _wait_for(probe, process, log)
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=START)


def _free_port() -> int:
    """Return a port below those that systems hand out: a kernel of another test cannot be given it meanwhile."""
    for port in random.SystemRandom().sample(SERVER_PORTS, 100):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError(f"none of a hundred ports from {SERVER_PORTS.start} to {SERVER_PORTS.stop - 1} is free")


def _command(server: Server) -> list[str]:
    return [
        sys.executable,
        *("-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"),
        f"--ServerApp.root_dir={server.folder}",
        *("--ip=127.0.0.1", f"--port={server.port}", "--ServerApp.port_retries=0"),
        f"--IdentityProvider.token={server.token}",
        f"--LabServerApp.extra_labextensions_path={LABEXTENSIONS}",  # of JupyterLab, and of Notebook 7 beside it
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]


def _environment(private: Path) -> dict[str, str]:
    """Return an environment in which nobody's own settings of Jupyter count."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "COV_CORE"))
    }
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }
    return kept | {name: str(private / place) for name, place in own.items()} | {"JUPYTER_PLATFORM_DIRS": "1"}


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=START):  # noqa: S310  (our own server)
            return
        time.sleep(0.2)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")


# -------------------------------------------------------------------------------------------------------- the notebooks


def write_notebook(path: Path, *cells: str) -> None:
    """Write a notebook of code cells for the Python kernel."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, path)


# ------------------------------------------------------------------------------------------------------------ the page

_PANEL = "window.jupyterapp.shell.currentWidget"
_READY = f"""async () => {{
  const panel = {_PANEL};
  await panel.context.ready;
  await panel.sessionContext.ready;
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel) throw new Error("the notebook has no kernel");
  await kernel.info;
}}"""
_RUN = """() => {
  window.hasRun = false;
  window.jupyterapp.commands.execute("notebook:run-all-cells").finally(() => { window.hasRun = true; });
}"""
_RUN_CELL = f"""(index) => {{
  window.hasRun = false;
  {_PANEL}.content.activeCellIndex = index;
  window.jupyterapp.commands.execute("notebook:run-cell").finally(() => {{ window.hasRun = true; }});
}}"""
_OUTPUTS = f"""() => [...{_PANEL}.content.model.cells].flatMap((cell, index) =>
  cell.type === "code" ? cell.outputs.toJSON().map((output) => ({{ cell: index, ...output }})) : [])"""
_ASK = f"""async (code) => {{
  const future = {_PANEL}.sessionContext.session.kernel.requestExecute({{ code }});
  let printed = "";
  future.onIOPub = ({{ header, content }}) => {{
    if (header.msg_type === "stream" && content.name === "stdout") printed += content.text;
    if (header.msg_type === "error") printed += content.traceback.join("\\n");
  }};
  await future.done;
  return printed;
}}"""
_COUNTS = f"""() => [...{_PANEL}.content.model.cells]
  .filter((cell) => cell.type === "code" && cell.sharedModel.source.trim()).map((cell) => cell.executionCount)"""


_ASKS_FOR_STILL = re.compile(r'"data": ?\{"ask":')


@dataclass
class Watched:
    """A page: what it complained about, whom else it called, what the kernel was sent (beside questions for stills)."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen from before the page is opened."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", self._fail)
        self.page.on("request", self._watch)
        self.page.on("websocket", lambda socket: socket.on("framesent", self._count))

    def _fail(self, error: Error) -> None:
        if str(error) != LATE:
            self.complaints.append(str(error))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def _watch(self, request: Request) -> None:
        address = urlparse(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in {"127.0.0.1", "localhost"}:
            self.strangers.append(request.url)

    def _count(self, message: str | bytes) -> None:
        text = message if isinstance(message, str) else message.decode("utf-8", "replace")
        if not _ASKS_FOR_STILL.search(text):
            self.sent += re.findall(r'"msg_type": ?"(\w+)"', text)[:1]

    def screenshot(self, name: str) -> Path | None:
        """Keep a picture of the page in the folder that the environment names; return where."""
        folder = os.environ.get(SCREENSHOTS_VARIABLE)
        if not folder:
            return None
        path = Path(folder).expanduser() / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        return path


_BEGUN = """() => {
  const cells = document.querySelector("#rendered_cells");
  return cells && getComputedStyle(cells).display !== "none" && document.querySelector(".voila-skeleton-container");
}"""
_DONE = "() => !document.querySelector('.voila-skeleton-container')"


class Application(Watched):
    """A notebook that Voila serves."""

    @classmethod
    def open(cls, page: Page, address: str) -> Self:
        """Open an address of the server; return when all cells have run and are shown."""
        application = cls(page)
        page.goto(address, timeout=RUN * 1000)
        application.wait_shown()
        return application

    def wait_begun(self) -> None:
        """Wait until the texts are shown, and cells are still to run."""
        self.page.wait_for_function(_BEGUN, timeout=RUN * 1000)

    def wait_shown(self) -> None:
        """Wait until all cells have run and are shown."""
        self.wait_begun()
        self.page.wait_for_function(_DONE, timeout=RUN * 1000)

    def errors(self) -> list[str]:
        """Return what cells wrote as errors."""
        kinds = ("application/vnd.jupyter.stderr", "application/vnd.jupyter.error")
        failed = ", ".join(f".jp-OutputArea-output[data-mime-type='{kind}']" for kind in kinds)
        return self.page.locator(f"{failed}, :text('There was an error when executing cell')").all_inner_texts()


@dataclass
class Notebook(Watched):
    """A notebook open in JupyterLab, and the file in which it lies."""

    file: Path = field(kw_only=True)

    @classmethod
    def open(cls, page: Page, server: Server, path: str, *, alone: bool = False) -> Self:
        """Open a notebook of the folder, in JupyterLab or alone as in Notebook 7; return when its kernel is ready."""
        notebook = cls(page, file=server.folder / path)
        address = f"notebooks/{path}" if alone else f"lab/workspaces/{secrets.token_hex(4)}/tree/{path}"
        page.goto(server.url(address), timeout=START * 1000)
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=START * 1000)
        page.evaluate(_READY)
        if not alone:  # Notebook 7 has no such indicator
            notebook.wait_idle()
        return notebook

    def wait_idle(self, seconds: float = START) -> None:
        """Wait until the kernel has nothing left to do."""
        idle = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
        self.page.locator(idle).first.wait_for(state="attached", timeout=seconds * 1000)

    def run_all_cells(self, seconds: float = RUN) -> None:
        """Run every cell and wait for the end."""
        self.page.evaluate(_RUN)
        self.page.wait_for_function("window.hasRun", timeout=seconds * 1000)
        self.wait_idle(seconds)

    def start_cell(self, index: int) -> None:
        """Run one cell, and do not wait for its end."""
        self.page.evaluate(_RUN_CELL, index)

    def run_cell(self, index: int, seconds: float = RUN) -> None:
        """Run one cell and wait for its end."""
        self.start_cell(index)
        self.page.wait_for_function("window.hasRun", timeout=seconds * 1000)
        self.wait_idle(seconds)

    def ask_kernel(self, code: str) -> str:
        """Run code that stands in no cell; return what it prints, or its traceback."""
        printed: str = self.page.evaluate(_ASK, code)
        return printed

    def save(self) -> None:
        """Write the notebook to its file."""
        self.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")

    def is_busy(self) -> bool:
        """Tell whether the kernel is at work."""
        return self.page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").count() > 0

    def errors(self) -> list[str]:
        """Return the errors that cells ended with."""
        failed = [output for output in self.page.evaluate(_OUTPUTS) if output["output_type"] == "error"]
        return [f"cell {output['cell']}: {output['ename']}: {output['evalue']}" for output in failed]

    def shown(self, kind: str = "text/html") -> str:
        """Return what the cells display as HTML or as another kind of text, all of it."""
        outputs = (output.get("data", {}).get(kind, "") for output in self.page.evaluate(_OUTPUTS))
        return "\n".join("".join(text) for text in outputs)

    def warnings(self) -> list[str]:
        """Return what the cells wrote to the stream of warnings and errors."""
        outputs = self.page.evaluate(_OUTPUTS)
        return ["".join(output["text"]) for output in outputs if output.get("name") == "stderr"]

    def cells_not_run(self) -> int:
        """Return how many code cells have no execution count."""
        return sum(count is None for count in self.page.evaluate(_COUNTS))


@contextlib.contextmanager
def open_cells(
    browser: Browser, server: Server, *cells: str, height: int = 768, patience: int = 60
) -> Iterator[Notebook]:
    """Open a notebook of these cells in a fresh page; `patience` is in seconds. At the end its kernel is stopped."""
    path = f"labs/{secrets.token_hex(4)}/lab.ipynb"  # a folder of its own: its cells may write files
    file = server.folder / path
    file.parent.mkdir(parents=True)
    write_notebook(file, *cells)
    context = browser.new_context(viewport={"width": 1366, "height": height})
    try:
        page = context.new_page()
        page.set_default_timeout(1000 * patience)
        yield Notebook.open(page, server, path)
    finally:
        context.close()
        server.stop_kernels(path)


@contextlib.contextmanager
def open_lab(browser: Browser, server: Server, code: str, height: int = 768, patience: int = 60) -> Iterator[Notebook]:
    """Run the cell of a lab in a notebook of its own; `patience` is in seconds."""
    with open_cells(browser, server, code, height=height, patience=patience) as notebook:
        notebook.run_all_cells()
        yield notebook


def control_of(lab: Locator) -> Locator:
    """Return a control of a lab that a reader changes: a menu, else a slider, else a number."""
    menus = lab.locator("select:enabled:visible")
    for place in range(menus.count()):
        if menus.nth(place).evaluate("one => one.options.length") > 1:
            return menus.nth(place)
    sliders = lab.locator("input[type=range]:enabled:visible")
    return (sliders if sliders.count() else lab.locator("input[type=text]:enabled:visible")).first


def change(control: Locator) -> None:
    """Change a control: the next entry of a menu, whose arrows JupyterLab keeps for itself; a step of the others."""
    kind = control.evaluate("one => one.tagName === 'SELECT' ? 'menu' : one.type")
    if kind == "menu":
        control.select_option(index=control.evaluate("one => (one.selectedIndex + 1) % one.options.length"))
    else:
        upper = control.evaluate("one => 2 * Number(one.value) > Number(one.min) + Number(one.max)")
        control.press("PageUp" if kind == "text" else "ArrowLeft" if upper else "ArrowRight")
