"""How much memory does each notebook need? The peak of its kernel's process tree while all cells run.

python benchmarks/memory.py [--language fr]
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks" / "solutions"
PERIOD = 0.05  # seconds between two looks


class Peak(threading.Thread):
    """Looks at the processes that this one started until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.bytes, self.ended = 0, threading.Event()

    def run(self) -> None:
        """Keep the largest sum of resident memory."""
        while not self.ended.wait(PERIOD):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.bytes = max(self.bytes, total)


def measure(path: Path, language: str) -> tuple[float, float]:
    """Run a notebook; return its peak in gigabytes and its time in seconds."""
    client = NotebookClient(
        nbformat.read(path, as_version=4), timeout=600, resources={"metadata": {"path": str(path.parent)}}
    )
    peak, begun = Peak(), time.perf_counter()
    peak.start()
    client.execute(env={**os.environ, "XAI_WIDGETS_LANG": language, "XAI_WIDGETS_SYNC": "1"})
    peak.ended.set()
    peak.join()
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
