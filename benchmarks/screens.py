"""Measure each lab's height, the time to its first picture, and the time from a change to its answer.

    python benchmarks/screens.py
    python benchmarks/screens.py --changes 40 --labs OcclusionLab LimeLab

A real JupyterLab in a real Chromium, 1366 x 768 with the file browser open; the labs are those of the screenshots, one
after the other in one kernel, which has read TensorFlow and the models before. The clock is the page's own. The first
picture is there when the lab is drawn and dims nothing; the answer to a change, when nothing of the lab is dimmed any
more, or, of a control that asks nothing of the kernel, with the next frame.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pages import open_notebook

from tests.browser.harness import change, control_of
from xai_widgets.widgets.base.lab_registry import registered_labs

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.harness import Notebook

HEIGHT = 640  # pixels, the aim
PATIENCE = 120_000  # milliseconds for one answer
SET_UP = """
from xai_widgets.widgets.base.lab_registry import registered_labs
for entry in registered_labs().values():
    entry.make().close()
"""
LAB = "lab = registered_labs()[{name!r}].make(language='en')\nlab"
# Notes when the lab of a cell is first drawn and at rest.
FIRST = """(place) => {
  const cell = document.querySelectorAll(".jp-Notebook .jp-CodeCell")[place];
  const began = performance.now();
  window.first = null;
  const look = () => {
    const lab = cell.querySelector(".xw-lab");
    const drawn = lab?.querySelector("canvas, img, svg, table")?.checkVisibility();
    if (drawn && lab.getAttribute("aria-busy") === "false" && !lab.querySelector(".xw-old, .xw-dimmed")) {
      window.first = performance.now() - began;
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
# Notes how long the lab takes from an event of a control to its rest.
WATCH = """(lab) => {
  const probe = window.probe = { began: null, took: null, busy: false, next: null, frames: 0 };
  const begin = (event) => { if (probe.began === null) probe.began = event.timeStamp; };
  for (const event of ["keydown", "input", "change"]) lab.addEventListener(event, begin, { capture: true });
  const look = () => {
    const isRest = lab.getAttribute("aria-busy") === "false" && !lab.querySelector(".xw-old");
    if (!isRest) probe.busy = true;
    if (probe.began !== null) {
      probe.frames += 1;
      probe.next ??= performance.now() - probe.began;
      if (isRest && probe.busy) probe.took ??= performance.now() - probe.began;
      else if (probe.frames > 60 && !probe.busy) probe.took ??= probe.next;
    }
    if (probe.took === null) requestAnimationFrame(look);
  };
  look();
}"""


@dataclass(frozen=True)
class Screen:
    """What was measured of a lab: pixels, milliseconds, and milliseconds of each change."""

    height: float
    first: float
    changes: list[float]


def measure(notebook: Notebook, place: int, changes: int) -> Screen:
    """Run the cell of a lab, then change its first control again and again."""
    page = notebook.page
    page.locator(".jp-Notebook .jp-CodeCell").nth(place).scroll_into_view_if_needed()
    page.evaluate(FIRST, place)
    notebook.start_cell(place)
    page.wait_for_function("window.first !== null", timeout=PATIENCE)
    lab = page.locator(".jp-Notebook .jp-CodeCell").nth(place).locator(".xw-lab").first
    height = lab.evaluate("lab => lab.getBoundingClientRect().height")
    return Screen(height, page.evaluate("window.first"), [one_change(lab) for _turn in range(changes)])


def one_change(lab: Locator) -> float:
    """Change the lab's first control; return how long the answer took, in milliseconds."""
    control = control_of(lab)
    control.focus()
    lab.evaluate(WATCH)
    change(control)
    lab.page.wait_for_function("window.probe.took !== null", timeout=PATIENCE)
    took: float = lab.page.evaluate("window.probe.took")
    lab.page.wait_for_timeout(200)
    return took


def row(name: str, screen: Screen) -> str:
    """Write what was measured as a line of a Markdown table."""
    waits = [f"{np.percentile(screen.changes, part):.0f} ms" for part in (50, 95)]
    height = f"{screen.height:.0f} px" + ("" if round(screen.height) <= HEIGHT else " *")
    return f"| {name} | {height} | {screen.first:.0f} ms | {' | '.join(waits)} |"


def main() -> None:
    """Measure the labs and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labs", nargs="+", metavar="LAB", default=list(registered_labs()), help="(default: all)")
    parser.add_argument("--changes", type=int, default=20, help="how many changes of each lab (default: 20)")
    options = parser.parse_args()
    print(f"| lab | height (* above {HEIGHT} px) | first picture | change to answer, median | 95 % |")
    print("|---|--:|--:|--:|--:|")
    with open_notebook(SET_UP, *(LAB.format(name=name) for name in options.labs)) as notebook:
        notebook.run_cell(0)
        for place, name in enumerate(options.labs, start=1):
            print(row(name, measure(notebook, place, options.changes)), flush=True)


if __name__ == "__main__":
    main()
