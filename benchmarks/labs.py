"""Are labs freed when they are closed? Memory, threads, widgets and comms while a thousand are opened and closed.

python benchmarks/labs.py [--labs 1000] [--kind OcclusionLab ...]

The labs of the registry take turns, as small as in the tests; each computes its answer and is closed. What is kept once
for all labs (compiled functions, sample pictures) comes with the first of each kind: rows from the second on tell.
"""

from __future__ import annotations

import argparse
import gc
import threading
import time
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import comm
import psutil
from ipywidgets.widgets.widget import _instances

from xai_widgets.widgets.base.lab_registry import registered_labs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PATIENCE = 300  # seconds for the answer of one lab


def open_and_close(kind: str, options: Mapping[str, Any]) -> None:
    """Make a lab, let it compute its answer, close it.

    Raises
    ------
    RuntimeError
        If it does not answer, or shows an error.
    """
    lab = registered_labs()[kind].load()(**options)
    if not lab.wait(_PATIENCE) or lab.error:
        raise RuntimeError(f"{kind}: {lab.error or 'no answer'}")
    lab.close()


def counts() -> tuple[float, int, int, int]:
    """Return resident megabytes, and how many threads, widgets and comms there are."""
    gc.collect()
    resident = psutil.Process().memory_info().rss / 1e6
    return resident, threading.active_count(), len(_instances), len(comm.get_comm_manager().comms)


def report(done: int, begun: float) -> None:
    """Print one row of the table."""
    resident, *others = counts()
    told = " | ".join(map(str, others))
    print(f"| {done} | {resident:.0f} MB | {told} | {time.perf_counter() - begun:.0f} s |", flush=True)


def turns(kinds: Iterable[str], total: int) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Return `total` labs to be made, kind after kind; what they are given is made once."""
    options = {kind: registered_labs()[kind].quick() for kind in kinds}
    return islice(cycle(options.items()), total)


def main() -> None:
    """Open and close labs, and print a table."""
    kinds = list(registered_labs())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labs", type=int, default=1000, help="how many, all kinds together (default: 1000)")
    parser.add_argument("--kind", nargs="+", choices=kinds, default=kinds, help="of these only")
    parser.add_argument("--every", type=int, default=100, help="labs between two rows (default: 100)")
    asked = parser.parse_args()
    print("| labs closed | memory | threads | widgets | comms | time |\n|--:|--:|--:|--:|--:|--:|")
    begun = time.perf_counter()
    report(0, begun)
    for done, (kind, options) in enumerate(turns(asked.kind, asked.labs), start=1):
        open_and_close(kind, options)
        if done % asked.every == 0 or done == asked.labs:
            report(done, begun)


if __name__ == "__main__":
    main()
