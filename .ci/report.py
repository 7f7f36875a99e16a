"""Say what the parts of a run of CI took: ``report.py FOLDER``, where the folder holds what ``run`` noted.

``parts.tsv`` has a line for each part: its name, its seconds, its exit status. A part that runs tests has a JUnit file
of its name beside it.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOWEST = 30
QUICK = 6  # seconds: folders below it are one line


@dataclass(frozen=True)
class Case:
    """A test that was run: its part, the folder of its file, its name, and its seconds with its own fixtures."""

    part: str
    folder: str
    name: str
    seconds: float


def main(folder: Path) -> None:
    """Print three tables: the parts, the folders of tests, the slowest tests."""
    parts = [line.split("\t") for line in (folder / "parts.tsv").read_text("utf-8").splitlines()]
    cases = {name: list(read(folder / f"{name}.xml", name)) for name, _, _ in parts}
    print(f"\n{'part':<44}{'minutes':>8}{'tests':>7}")
    for name, seconds, status in parts:
        failed = "" if status == "0" else f"   failed ({status})"
        print(f"{name:<44}{int(seconds) / 60:>8.1f}{len(cases[name]) or '':>7}{failed}")
    print(f"{'all':<44}{sum(int(seconds) for _, seconds, _ in parts) / 60:>8.1f}{sum(map(len, cases.values())):>7}")
    everything = [case for found in cases.values() for case in found]
    if everything:
        show_folders(everything)
        show_slowest(everything)


def read(path: Path, part: str) -> Iterator[Case]:
    """Give the tests of a JUnit file; none where there is no file."""
    if not path.is_file():
        return
    for case in ET.parse(path).iter("testcase"):  # noqa: S314  (our own file)
        module = case.get("classname", "")
        folder = "/".join(module.split(".")[:2])
        yield Case(part, folder, f"{module}::{case.get('name')}".partition("@")[0], float(case.get("time", 0)))


def show_folders(cases: list[Case]) -> None:
    """Print what the tests of each folder took, the largest first; several processes share them."""
    found: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        found[f"{case.part}: {case.folder}"].append(case.seconds)
    quick = [name for name, seconds in found.items() if sum(seconds) < QUICK]
    if quick:
        found["the others"] = [second for name in quick for second in found.pop(name)]
    print(f"\n{'folder (minutes of one process)':<44}{'minutes':>8}{'tests':>7}")
    for name, seconds in sorted(found.items(), key=lambda item: -sum(item[1])):
        print(f"{name:<44}{sum(seconds) / 60:>8.1f}{len(seconds):>7}")


def show_slowest(cases: list[Case]) -> None:
    """Print the tests that took longest."""
    print(f"\nthe {SLOWEST} slowest tests, in seconds")
    for case in sorted(cases, key=lambda case: -case.seconds)[:SLOWEST]:
        print(f"{case.seconds:>8.1f}  {case.part}: {case.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
