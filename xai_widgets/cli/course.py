"""The commands that open the course: ``lab`` and ``demo``. The notebooks are in a checkout, not in the package."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

from xai_widgets.cli.errors import UsageError


def add_commands(commands: Any) -> None:
    """Add ``lab`` and ``demo`` to the subcommands of an argument parser."""
    text = "open the course in JupyterLab; from a checkout"
    lab = commands.add_parser("lab", help=text, description=text)
    lab.set_defaults(run=_lab)
    lab.add_argument("--port", type=_port, help="a free port; by default 8888 or the next that is free")
    text = "serve the course as applications, without code; from a checkout"
    demo = commands.add_parser("demo", help=text, description=text)
    demo.set_defaults(run=_demo)
    demo.add_argument("notebook", nargs="?", default="index", help="such as 03_adversarial; by default the map of all")
    demo.add_argument("--port", type=_port, help="a free port; by default 8866 or the next that is free")
    demo.add_argument(
        "--visitors", type=int, metavar="N", help="how many pages may be open at a time; by default what memory allows"
    )
    demo.add_argument(
        "--ip", help="the address to listen at, 0.0.0.0 for all; other machines reach it, and readers need a token"
    )
    demo.add_argument(
        "--token",
        action="store_true",
        help="ask for a token on this machine too: JUPYTER_TOKEN, or one made up and printed",
    )
    demo.add_argument("--dark", action="store_true", help="light text on a dark ground")
    for one in (lab, demo):
        one.add_argument("--no-browser", action="store_true", help="print the address, open nothing")


def _lab(options: argparse.Namespace) -> int:
    """Open the course in JupyterLab."""
    from xai_widgets.i18n import language

    notebooks = _notebooks()
    if importlib.util.find_spec("jupyterlab") is None:
        raise ModuleNotFoundError("No module named 'jupyterlab'", name="jupyterlab")
    start = f"/lab/tree/{language()}/index.ipynb"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={notebooks}"]
    command += [f"--LabApp.default_url={start}", *(["--no-browser"] if options.no_browser else [])]
    if options.port is not None:
        command += [f"--port={options.port}", "--ServerApp.port_retries=0"]
    return subprocess.call(command)  # noqa: S603  (a fixed command; only paths and numbers come from the user)


def _demo(options: argparse.Namespace) -> int:
    """Serve the course as applications."""
    from xai_widgets.i18n import language

    notebooks = _notebooks()
    from xai_widgets.course.authoring.application import serve

    opened = options.notebook.removesuffix(".ipynb")
    opened = opened if "/" in opened else f"{language()}/{opened}"
    try:
        serve(
            notebooks,
            f"{opened}.ipynb",
            port=options.port,
            browser=not options.no_browser,
            theme="dark" if options.dark else "system",
            visitors=options.visitors,
            ip=options.ip,
            token=options.token,
        )
    except (FileNotFoundError, ValueError) as error:
        raise UsageError(str(error)) from error
    return 0


def _notebooks() -> Path:
    """Return the folder of the notebooks."""
    from xai_widgets.course.authoring.checkout import Layout

    try:
        return Layout.find().root / "notebooks"
    except FileNotFoundError:
        where = str(Path.cwd())
        raise UsageError(f"the notebooks are in a checkout of the repository, and {where!r} is in none") from None


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {number}")
    return number
