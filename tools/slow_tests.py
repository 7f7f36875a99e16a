"""Write the list of slow tests, which `make test-fast` leaves out: ``python -m tools.slow_tests report.xml ...``.

The reports are those of a whole run in JUnit's format (``make test REPORT=report.xml``). The list has a line for each
slow function of tests, and for each slow doctest: where a case takes longer than `SECONDS` on average, or all of them
together longer than `TOGETHER`. tests/conftest.py reads it, and marks these tests ``slow``. What a fixture takes counts
for the test that comes first; give the report of ``make test-fast`` too, in which another one has come first.
"""

from __future__ import annotations

import argparse
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
LIST = ROOT / "tests" / "slow_tests.txt"
SECONDS = 0.3
TOGETHER = 3.0


def slow_functions(reports: Iterable[Path], root: Path = ROOT) -> list[str]:
    """Return the slow functions of some reports, as pytest names them without their cases, sorted."""
    found: dict[str, list[float]] = defaultdict(list)
    for report in reports:
        for case in ET.parse(report).iter("testcase"):  # noqa: S314  (our own file)
            function = _function(case, root)
            if function is not None:
                found[function].append(float(case.get("time", 0)))
    return sorted(name for name, took in found.items() if sum(took) > min(SECONDS * len(took), TOGETHER))


def _function(case: ET.Element, root: Path) -> str | None:
    """Return a test as pytest names it, without its case; None where its file is gone.

    The report names ``tests.course.test_a.TestB`` and ``test_c[case]@group``.
    """
    words = case.get("classname", "").split(".")
    for count in range(len(words), 0, -1):
        file = Path(*words[:count]).with_suffix(".py")
        if (root / file).is_file():
            name = case.get("name", "").partition("[")[0].partition("@")[0]
            return "::".join([file.as_posix(), *words[count:], name])
    return None


def main(arguments: list[str] | None = None) -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(prog="python -m tools.slow_tests", description=__doc__.partition("\n")[0])
    parser.add_argument("reports", nargs="+", type=Path)
    names = slow_functions(parser.parse_args(arguments).reports)
    LIST.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    print(f"{len(names)} slow functions are listed in {LIST.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
