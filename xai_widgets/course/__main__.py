"""The command of instructors, ``python -m xai_widgets.course``: build, check, claims, gain and others."""

from __future__ import annotations

import argparse
import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from xai_widgets.course.authoring.address import set_address
from xai_widgets.course.authoring.build import build, check
from xai_widgets.course.authoring.checkout import Layout
from xai_widgets.course.authoring.fault import CourseError
from xai_widgets.course.authoring.handing_out import export, hand_out
from xai_widgets.course.authoring.told_claims import claim_faults, claims_of_course, measured
from xai_widgets.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.course.authoring.fault import Fault


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 if all is well, 1 if the course has faults."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "capstone":
        return _capstone(options)
    if options.command == "gain":
        return _gain(options)
    if options.command == "build" and options.to and (not options.students_only or options.only or options.text_only):
        parser.error("--to goes with --students-only, and with no other choice: it writes the whole course")
    try:
        layout = Layout.find(options.root)
        faults = _address(options, layout) if options.command == "address" else _run(options, layout)
    except OSError as error:  # no checkout; a folder that cannot be written
        print(f"{options.command}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201
    reads = options.command in {"check", "claims"}
    kept = "; nothing was written" if faults and not reads else ""
    print(f"{options.command}: {len(faults) or 'no'} fault{'s' * (len(faults) != 1)}{kept}")  # noqa: T201
    return int(bool(faults))


def _run(options: argparse.Namespace, layout: Layout) -> list[Fault]:
    """Do what is asked; return the faults of the course."""
    if options.command == "claims":
        return _claims(layout, options.language)
    if options.command == "export":
        return export(layout, options.folder, options.language)
    if options.command == "check":
        return check(layout, students_only=options.students_only, only=options.only)
    if options.to:
        return hand_out(layout, options.to)
    return build(
        layout,
        students_only=options.students_only,
        only=options.only,
        text_only=options.text_only,
        rerun=options.all,
        tell=functools.partial(print, flush=True),
    )


def _claims(layout: Layout, language: str) -> list[Fault]:
    """Print what the solved notebooks claim, and what carries it; return what is false."""
    faults: list[Fault] = []
    for slug, claims in claims_of_course(layout, language).items():
        for one in claims:
            print(f"{one.number}  {one.text}\n{' ' * len(one.number)}  {measured(one)}")  # noqa: T201
        faults += claim_faults(slug, claims)
    return faults


def _address(options: argparse.Namespace, layout: Layout) -> list[Fault]:
    """Set the address of the repository, take it out, or say what it is."""
    try:
        if not options.address and not options.remove:
            print(layout.repository() or "the address of the repository is not set")  # noqa: T201
            return []
        written = set_address(layout, options.address)
    except CourseError as error:
        return list(error.faults)
    print(f"address: written into {', '.join(written)}")  # noqa: T201
    print("every notebook has it too, in its links and set-up cell; this renews them and keeps all outputs:")  # noqa: T201
    print("    python -m xai_widgets.course build --text-only")  # noqa: T201
    return []


def _gain(options: argparse.Namespace) -> int:
    """Print what a class has learnt."""
    from xai_widgets.course.assessment.learning_gain import learning_gain

    try:
        print(learning_gain(options.folder))  # noqa: T201
    except ValueError as error:
        print(f"gain: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _capstone(options: argparse.Namespace) -> int:
    """Make a set of networks for the capstone, and print the measures of each fault."""
    from xai_widgets.course.capstone.making import make_set

    measured, unfit = make_set(options.folder, options.seed, count=options.count, epochs=options.epochs)
    for fault, values in measured.items():
        told = ", ".join(f"{name} {value:.1%}" for name, value in values.items())
        print(f"{fault}: {told}")  # noqa: T201
    for what in unfit:
        print(what, file=sys.stderr)  # noqa: T201
    print(f"{options.folder}: " + ("unfit for the course; try another seed" if unfit else "ready"))  # noqa: T201
    return int(bool(unfit))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m xai_widgets.course", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("build", "make the notebooks of students and the solved ones, in both languages"),
        ("check", "show that the notebooks are what build makes, and that they can be run again"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--students-only", action="store_true", help="leave out the solved notebooks")
        command.add_argument("--only", metavar="SLUG", help="one notebook, such as 03_adversarial")
        command.add_argument("--root", type=Path, help="a folder inside the checkout; the current one by default")
        if name == "build":
            kept = "where the code is what it was, keep the outputs and renew the text alone"
            command.add_argument("--text-only", action="store_true", help=kept)
            again = "run also the solved notebooks whose code, package and data are what they were"
            command.add_argument("--all", action="store_true", help=again)
            handed = (
                "with --students-only: write the notebooks of students into a folder to hand out, without any solution"
            )
            command.add_argument("--to", metavar="FOLDER", type=Path, help=handed)
    told = "list what the solved notebooks claim, each with the figure that carries it; fail if one is false"
    command = commands.add_parser("claims", help=told, description=told)
    command.add_argument("--language", choices=LANGUAGES, default="en")
    command.add_argument("--root", type=Path, help="a folder inside the checkout; the current one by default")
    told = "say what a class has learnt, from the files that the concept test has written before and after the course"
    command = commands.add_parser("gain", help=told, description=told)
    command.add_argument("folder", type=Path, help="holds the files, also in folders of it")
    command = commands.add_parser("export", help="write the assignments for nbgrader, with marked solutions")
    command.add_argument("folder", type=Path, help="the course folder of nbgrader; assignments go to its source/")
    command.add_argument("--language", choices=LANGUAGES, default="fr")
    command.add_argument("--root", type=Path, help="a folder inside the checkout; the current one by default")
    told = "set the repository's address in every file that names it; without ADDRESS, say what it is"
    command = commands.add_parser("address", help=told, description=told)
    which = command.add_mutually_exclusive_group()
    which.add_argument("address", nargs="?", help="https://github.com/<account>/<repository>")
    which.add_argument("--remove", action="store_true", help="take it out: nothing leads to an address any more")
    command.add_argument("--root", type=Path, help="a folder inside the checkout; the current one by default")
    command = commands.add_parser("capstone", help="train four networks, three with a hidden fault, from a seed")
    command.add_argument("folder", type=Path, help="gets A.keras to D.keras and set.toml")
    command.add_argument("--seed", type=int, required=True, help="of which network has which fault, and where")
    command.add_argument("--count", type=int, default=6000, help="drawings to learn from")
    command.add_argument("--epochs", type=int, default=8)
    return parser


if __name__ == "__main__":
    sys.exit(main())
