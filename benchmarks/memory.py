"""How much memory does each notebook need? The peak of its kernel's process tree while all cells run.

python benchmarks/memory.py [--language fr]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import nbformat

from xai_widgets.course.authoring.execution import run
from xai_widgets.course.authoring.notebook_memory import Peak

NOTEBOOKS = Path(__file__).parents[1] / "notebooks" / "solutions"


def measure(path: Path, language: str) -> tuple[float, float]:
    """Run a notebook; return its peak in gigabytes and its time in seconds."""
    notebook = nbformat.read(path, as_version=4)
    begun = time.perf_counter()
    with Peak() as peak:
        run(notebook, path.parent, language)
    return peak.bytes / 1e9, time.perf_counter() - begun


def main() -> None:
    """Measure every solved notebook and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", choices=("en", "fr"), default="en")
    language = parser.parse_args().language
    print("| notebook | peak memory | time |\n|---|---|---|")
    for path in sorted((NOTEBOOKS / language).glob("*.ipynb")):
        gigabytes, seconds = measure(path, language)
        print(f"| {path.stem} | {gigabytes:.2f} GB | {seconds:.0f} s |", flush=True)


if __name__ == "__main__":
    main()
