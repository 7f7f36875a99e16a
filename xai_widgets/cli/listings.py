"""The commands that say what there is: ``models``, ``methods`` and ``info``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_widgets.cli.quiet import start_backend, without_greetings

if TYPE_CHECKING:
    import argparse


def add_commands(commands: Any) -> None:
    """Add ``models``, ``methods`` and ``info`` to the subcommands of an argument parser."""
    text = "list the models that have a name"
    commands.add_parser("models", help=text, description=text).set_defaults(run=_models)
    text = "list the methods: what each needs, gives and costs"
    methods = commands.add_parser("methods", help=text, description=text)
    methods.set_defaults(run=_methods)
    methods.add_argument(
        "--explains",
        choices=("picture", "sequence", "row", "text"),
        help="only those that explain this: picture, sequence, row or text",
    )
    methods.add_argument("--markdown", action="store_true", help="all of them as a table in Markdown, with references")
    text = "check this machine: Python, packages, backend, device, memory"
    commands.add_parser("info", help=text, description=text).set_defaults(run=_info)


def _models(options: argparse.Namespace) -> int:
    from xai_widgets.models.zoo.model_table import list_models

    del options
    print(list_models())  # noqa: T201
    return 0


def _methods(options: argparse.Namespace) -> int:
    start_backend()
    from xai_widgets.methods.registry import list_methods, methods_in_markdown

    print(methods_in_markdown() if options.markdown else list_methods(options.explains))  # noqa: T201
    return 0


def _info(options: argparse.Namespace) -> int:
    """Check the machine and print the report."""
    from xai_widgets.course.display.machine_check import check_machine

    del options
    with without_greetings():
        report = check_machine(in_shell=True)
    print(report)  # noqa: T201
    return int(not report.ready)
