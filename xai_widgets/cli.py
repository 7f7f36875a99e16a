"""The command ``xai-widgets``: the course, an explanation of a picture, and what there is, from a shell."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from xai_widgets import __version__
from xai_widgets.i18n import LANGUAGES, set_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.models.tables import Table

    Row = TypeVar("Row")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands behind ``xai-widgets`` on the command line; by default what the shell gave.

    Returns
    -------
    int
        0 if all is well, 1 if the machine is not ready for the course, 2 if something asked for cannot be done.

    Examples
    --------
    >>> main(["models"])
    name ...
    digits ...
    0
    """
    options = _parser().parse_args(arguments)
    if options.language:
        set_language(options.language)
    try:
        return int(options.run(options))
    except (ValueError, OSError, RuntimeError, TypeError) as error:
        print(f"xai-widgets {options.command}: {error}", file=sys.stderr)  # noqa: T201
        return 2


def _lab(options: argparse.Namespace) -> int:
    """Open the course in JupyterLab; it lies in a checkout, not in the package."""
    from xai_widgets.course.layout import Layout
    from xai_widgets.i18n import language

    root = Layout.find().root
    start = f"/lab/tree/{language()}/index.ipynb"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root / 'notebooks'}"]
    command += [f"--LabApp.default_url={start}", *(["--no-browser"] if options.no_browser else [])]
    if options.port is not None:
        command += [f"--port={options.port}", "--ServerApp.port_retries=0"]
    return subprocess.call(command)  # noqa: S603  (our own command; paths and numbers alone come from the reader)


def _demo(options: argparse.Namespace) -> int:
    """Serve the course as applications; it lies in a checkout, not in the package."""
    from xai_widgets.course.layout import Layout
    from xai_widgets.i18n import language

    try:
        from xai_widgets.course.application import serve
    except ImportError as error:
        raise RuntimeError(f"this takes Voila ({error}): pip install voila, or the extra [demo]") from error
    opened = options.notebook.removesuffix(".ipynb")
    opened = opened if "/" in opened else f"{language()}/{opened}"
    serve(
        Layout.find().root / "notebooks",
        f"{opened}.ipynb",
        port=options.port,
        browser=not options.no_browser,
        theme="dark" if options.dark else "light",
    )
    return 0


def _explain(options: argparse.Namespace) -> int:
    """Explain what a model says of a picture, and save the map."""
    from xai_widgets.methods import explain
    from xai_widgets.models.pictures import load_image
    from xai_widgets.models.zoo import load_model

    picture, model = load_image(options.picture), load_model(options.model)
    for score in model.predict(picture).top(3)[0]:
        print(f"{score.probability:7.1%}  {score.label}")  # noqa: T201
    attribution = explain(model, picture, options.method, _target(options.target, model.labels))
    output = Path(options.output or f"{_stem(options.picture)}-{attribution.recipe.method}.png")
    figure = attribution.show()
    try:
        figure.savefig(output, bbox_inches="tight", dpi=150)
    except OSError as error:
        raise OSError(f"cannot write {output}: {error.strerror}; choose another file with --output") from None
    print(f"{attribution.recipe}\n{output}")  # noqa: T201
    return 0


def _models(options: argparse.Namespace) -> int:
    from xai_widgets.models.zoo import list_models

    del options
    return _shown(list_models())


def _methods(options: argparse.Namespace) -> int:
    from xai_widgets.methods import list_methods

    del options
    return _shown(list_methods())


def _info(options: argparse.Namespace) -> int:
    """Look at the machine."""
    from xai_widgets.course.machine import check_machine

    del options
    report = check_machine()
    print(report)  # noqa: T201
    return int(not report.ready)


def _shown(table: Table[Row]) -> int:
    print(table)  # noqa: T201
    return 0


def _target(text: str | None, labels: Sequence[str]) -> str | int | None:
    """Read a class: its name, or its number where no class has that name."""
    return int(text) if text is not None and text.isdecimal() and text not in labels else text


def _stem(source: str) -> str:
    """Return the name of a file or an address without its folder and ending."""
    return Path(source.partition("?")[0]).stem or "picture"


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"a port lies between 1 and 65535, not {number}")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xai-widgets", description="Interpretability of deep networks.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument("--language", choices=LANGUAGES, help="of what is shown; by default that of your system")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    lab = command("lab", _lab, "open the course in JupyterLab; from a checkout")
    lab.add_argument("--port", type=_port, help="a free port; by default 8888 or the next that is free")
    lab.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    demo = command("demo", _demo, "serve the course as applications, without code; from a checkout")
    demo.add_argument("notebook", nargs="?", default="index", help="such as 03_adversarial; by default the map of all")
    demo.add_argument("--port", type=_port, help="a free port; by default 8866 or the next that is free")
    demo.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    demo.add_argument("--dark", action="store_true", help="light text on a dark ground")
    one = command("explain", _explain, "explain what a model says of a picture, and save the map")
    one.add_argument("picture", help="a file or a web address")
    one.add_argument("--model", default="photos", help="a name from `xai-widgets models`, or a .keras or .h5 file")
    one.add_argument("--method", default="grad_cam", help="a name from `xai-widgets methods`")
    one.add_argument("--target", help="the class to explain; by default the one that the model answers")
    one.add_argument("-o", "--output", help="the file to write: .png, .pdf or .svg; by default PICTURE-METHOD.png")
    command("models", _models, "list the models that have a name")
    command("methods", _methods, "list the methods: what each needs, gives and costs")
    command("info", _info, "check this machine: Python, packages, backend, device, memory")
    return parser


if __name__ == "__main__":
    sys.exit(main())
