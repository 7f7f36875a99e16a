"""The command ``xai-widgets``: the course, the explanation of pictures, and lists of models and methods."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from xai_widgets import __version__
from xai_widgets.cli import course, explaining, listings
from xai_widgets.cli.errors import UsageError, needed_package
from xai_widgets.i18n import LANGUAGES, set_language

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments after ``xai-widgets`` on the command line. By default they are those of the process.

    Returns
    -------
    int
        The exit status: 0 after success; 1 after a failure, or if the machine is not ready for the course; 2 if the
        arguments are wrong.

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
        return _run(options)
    except BrokenPipeError:  # whoever read the output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except UsageError as error:
        return _refused(options.command, error, 2)
    except ImportError as error:
        return _refused(options.command, needed_package(error), 1)
    except (ValueError, OSError, RuntimeError, TypeError, MemoryError) as error:
        return _refused(options.command, error, 1)
    except KeyboardInterrupt:
        return _refused(options.command, "interrupted", 130)


def _run(options: argparse.Namespace) -> int:
    """Run a command, and write all that it says, so that a reader who left is noticed here."""
    status = int(options.run(options))
    sys.stdout.flush()
    return status


def _refused(command: str, error: object, status: int) -> int:
    """Say what is wrong in one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    print(f"xai-widgets {command}: {text}", file=sys.stderr)  # noqa: T201
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xai-widgets", description="Interpretability of deep networks.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--language", choices=LANGUAGES, help="language of the output; by default XAI_WIDGETS_LANG, else en"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for part in (course, explaining, listings):
        part.add_commands(commands)
    return parser
