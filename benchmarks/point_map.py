"""Measure the map of points: the time to its first picture, the time of a frame, what is sent to the page.

    python benchmarks/point_map.py
    python benchmarks/point_map.py --counts 1000 100000

A real JupyterLab in a real Chromium. The points lie in ten heaps of ten groups, without pictures. The first picture is
timed from the start of the cell. Then the pointer moves over the map, and, with the tool that moves the map, drags it,
zoomed in by a half, one event a frame; a frame is the time from one to the next, so that none is below 17 ms.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from pages import open_notebook

if TYPE_CHECKING:
    from tests.browser.harness import Notebook

COUNTS = (1_000, 10_000, 100_000)
FRAMES = 60
PATIENCE = 120_000  # milliseconds
SET_UP = """
import json
import numpy as np
from xai_widgets.widgets.components import PointMap

def points(count):
    draws = np.random.default_rng(0)
    groups = draws.integers(0, 10, count)
    heaps = draws.normal(scale=4, size=(10, 2))
    view = PointMap(size=480, language="en")
    view.set_items([f"point {one}" for one in range(count)], groups, [f"group {one}" for one in range(10)])
    view.set_points(heaps[groups] + draws.normal(size=(count, 2)))
    return view

def sent(view):
    state = view.get_state()
    raw = sum(len(one) for one in state.values() if isinstance(one, bytes))
    told = {key: one for key, one in state.items() if not isinstance(one, bytes) and not key.startswith("_")}
    return raw + len(json.dumps(told, default=str))
"""
FIRST = """(place) => {
  const cell = document.querySelectorAll(".jp-Notebook .jp-CodeCell")[place];
  const began = performance.now();
  window.first = null;
  const look = () => {
    const canvas = cell.querySelector(".xw-map-canvas");
    const drawn = canvas && canvas.width !== 300 && cell.querySelector(".xw-empty").hidden;
    if (drawn) window.first = performance.now() - began;
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
# Sends one event of the pointer a frame, and notes how long each frame took.
FRAME = """async ([canvas, kind, frames]) => {
  const box = canvas.getBoundingClientRect();
  const tell = (type, share, buttons) => canvas.dispatchEvent(new PointerEvent(type, {
    bubbles: true, pointerId: 1, button: 0, buttons,
    clientX: box.left + share * box.width, clientY: box.top + 0.5 * box.height,
  }));
  canvas.setPointerCapture = () => {};
  if (kind === "drag") tell("pointerdown", 0.3, 1);
  const times = [];
  let before = null;
  for (let at = 0; at < frames; at++) {
    const now = await new Promise(requestAnimationFrame);
    if (before !== null) times.push(now - before);
    before = now;
    tell("pointermove", 0.3 + 0.4 * at / frames, kind === "drag" ? 1 : 0);
  }
  if (kind === "drag") tell("pointerup", 0.7, 0);
  return times.sort((a, b) => a - b);
}"""


def measure(notebook: Notebook, place: int, count: int) -> dict[str, Any]:
    """Show a map of so many points, move the pointer over it, drag it."""
    page = notebook.page
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(place)
    cell.scroll_into_view_if_needed()
    page.evaluate(FIRST, place)
    notebook.start_cell(place)
    page.wait_for_function("window.first !== null", timeout=PATIENCE)
    found = {"count": count, "first": page.evaluate("window.first")}
    canvas = cell.locator(".xw-map-canvas")
    found["hover"] = page.evaluate(FRAME, [canvas.element_handle(), "hover", FRAMES])
    move = cell.get_by_role("button", name="Move the map")
    if move.count():
        move.click()
        cell.get_by_role("button", name="Zoom in").click()
        found["drag"] = page.evaluate(FRAME, [canvas.element_handle(), "drag", FRAMES])
    found["bytes"] = json.loads(notebook.ask_kernel("print(sent(view))"))
    return found


def row(found: dict[str, Any]) -> str:
    """Write what was measured as a line of a Markdown table."""

    def of(times: list[float] | None) -> str:
        return "–" if times is None else f"{times[len(times) // 2]:.0f} ms | {times[int(0.95 * len(times))]:.0f} ms"

    parts = [f"{found['count']:,}", f"{found['first']:.0f} ms", of(found["hover"]), of(found.get("drag"))]
    return f"| {' | '.join(parts)} | {found['bytes'] / 1e6:.2f} MB |"


def main() -> None:
    """Measure maps and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=list(COUNTS), help="how many points")
    options = parser.parse_args()
    print("| points | first picture | frame, pointer moves, median | 95 % | map moves, median | 95 % | sent |")
    print("|--:|--:|--:|--:|--:|--:|--:|")
    cells = [f"view = points({count})\nview" for count in options.counts]
    with open_notebook(SET_UP, *cells) as notebook:
        notebook.run_cell(0)
        for place, count in enumerate(options.counts, start=1):
            print(row(measure(notebook, place, count)), flush=True)


if __name__ == "__main__":
    main()
