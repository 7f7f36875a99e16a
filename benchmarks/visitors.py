"""How much memory does one visitor of the demo take? The kernels of the real server, with several pages open at a time.

python benchmarks/visitors.py [--notebook 03_adversarial] [--visitors 1 3 5]

Each page is asked for like a browser's, and its labs compute; the kernels are measured while the pages are made and
when they have been at rest. Shared pages of memory (the code of TensorFlow) are counted once, and shared out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from statistics import mean
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from concurrent.futures import Future

_PERIOD = 0.25  # seconds between two looks
_REST = 15  # seconds after the last page is whole, for the labs' own threads
_PATIENCE = 600


def shares(server: psutil.Process) -> list[float]:
    """Return the proportional memory of each kernel, in bytes."""
    found = []
    for process in server.children(recursive=True):
        try:
            if any("ipykernel" in word for word in process.cmdline()):
                found.append(float(process.memory_full_info().pss))
        except psutil.Error:  # it ended between two looks
            continue
    return found


def measure(notebook: str, visitors: int, port: int) -> tuple[float, float, float, float]:
    """Open a notebook several times at once; return the most of one kernel, the mean at rest, the server's, seconds."""
    command = [sys.executable, "-m", "xai_widgets.cli", "--language", "en", "demo", notebook, "--no-browser"]
    command += [f"--port={port}", f"--visitors={visitors}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        address = running.stdout.readline().strip() if running.stdout else ""
        server, most, begun = psutil.Process(running.pid), 0.0, time.perf_counter()
        try:
            with ThreadPoolExecutor(visitors) as readers:
                pages = [readers.submit(_page, address) for _ in range(visitors)]
                while not _whole(pages):
                    most = max([most, *shares(server)])
                    time.sleep(_PERIOD)
                seconds, ended = time.perf_counter() - begun, time.perf_counter() + _REST
                while time.perf_counter() < ended:
                    most = max([most, *shares(server)])
                    time.sleep(_PERIOD)
            at_rest = shares(server)
            if len(at_rest) != visitors:
                raise RuntimeError(f"{len(at_rest)} kernels for {visitors} visitors")
            return most, mean(at_rest), float(server.memory_full_info().pss), seconds
        finally:
            running.terminate()


def _page(address: str) -> int:
    with urllib.request.urlopen(address, timeout=_PATIENCE) as page:  # noqa: S310  (our own server)
        return len(page.read())


def _whole(pages: list[Future[int]]) -> bool:
    return all(page.done() and page.result() > 0 for page in pages)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notebook", nargs="+", default=["03_adversarial"])
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 3, 5])
    parser.add_argument("--port", type=int, default=8890)
    asked = parser.parse_args()
    os.environ.pop("XAI_WIDGETS_SYNC", None)
    print("| notebook | visitors | most of one | each at rest | server | all pages after |\n|---|--:|--:|--:|--:|--:|")
    for notebook in asked.notebook:
        for visitors in asked.visitors:
            *sizes, seconds = measure(notebook, visitors, asked.port)
            told = " | ".join(f"{size / 1e9:.2f} GB" for size in sizes)
            print(f"| {notebook} | {visitors} | {told} | {seconds:.0f} s |", flush=True)


if __name__ == "__main__":
    main()
