"""How long does a reader wait? From a key press on the lab's slider to the new picture, and to the new prediction.

    python benchmarks/interaction.py
    python benchmarks/interaction.py --model net.keras --labels labels.json

A real JupyterLab in a real Chromium; the clock is the page's own. It starts with the key's event and stops at the first
frame that shows another picture (blended in the browser) and other bars (from the kernel). Without ``--model``, a
MobileNetV2 with untrained weights stands for a model of 224 x 224 pixels: it takes as long as a trained one.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pages import open_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

WARM_UP = 5  # changes that are not counted
PAUSE = (100, 400)  # milliseconds between an answer and the next key
PATIENCE = 60_000
AIMS = {"digits": 50, "MobileNetV2": 150}  # milliseconds, median
DIGITS = """
import xai_widgets as xai
lab = xai.AdversarialLab("digits", "digit-3", epsilon=0.03)
lab
"""
UNTRAINED = """
import keras
import xai_widgets as xai
net = keras.applications.MobileNetV2(weights=None)
model = xai.Classifier(net, preprocess=keras.applications.mobilenet_v2.preprocess_input)
kernel = net.layers[-1].kernel  # as it is drawn, all classes answer alike
kernel.assign(kernel / model.logits(model.as_inputs(xai.sample_image("cat"))).std())
lab = xai.AdversarialLab(model, "cat", epsilon=0.001)
lab
"""
FROM_FILE = """
import xai_widgets as xai
lab = xai.AdversarialLab(xai.load_model({path!r}, labels={labels!r}), "cat", epsilon=0.001)
lab
"""
# Picture and bars are drawn by the page's frames; a message posted while one is drawn arrives right after it is shown.
PROBE = """() => {
  const canvas = document.querySelectorAll(".xw-picture canvas.xw-pixels[role=img]")[2];
  const list = document.querySelector(".xw-bars .xw-rows");
  const slider = document.querySelector("input[type=range]");
  const lengths = () => [...list.querySelectorAll(".xw-row")].map((row) =>
    row.dataset.index + row.querySelector(".xw-fill").style.inlineSize).sort().join();
  const probe = window.probe = { began: 0, picture: null, bars: null };
  const shown = (what) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { probe[what] ??= performance.now() - probe.began; };
    port2.postMessage(null);
  };
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...image) {
    put.apply(this, image);
    if (this.canvas === canvas) shown("picture");
  };
  let before = lengths();
  new MutationObserver(() => {
    if (probe.bars !== null || lengths() === before) return;
    before = lengths();
    shown("bars");
  }).observe(list, { subtree: true, childList: true, attributeFilter: ["style"] });
  slider.addEventListener("keydown", (event) => {
    before = lengths();
    Object.assign(probe, { began: event.timeStamp, picture: null, bars: null });
  }, { capture: true });
}"""


@dataclass(frozen=True)
class Waits:
    """Milliseconds from a key to the picture and to the bars, one of each a change."""

    picture: list[float]
    bars: list[float]


@contextlib.contextmanager
def lab_page(code: str) -> Iterator[Page]:
    """Open a notebook whose one cell shows a lab, and run it."""
    with open_notebook(code, height=900) as notebook:
        notebook.run_all_cells()
        if notebook.errors():
            sys.exit(f"the lab failed: {notebook.errors()}")
        yield notebook.page


def measure(code: str, changes: int) -> Waits:
    """Move the slider by single key presses, each after the answer to the last; return the waits."""
    waits = Waits([], [])
    pauses = random.Random(0)  # noqa: S311  (a rhythm, not a secret)
    with lab_page(code) as page:
        slider = page.get_by_role("slider", name="Epsilon", exact=True)
        slider.wait_for(timeout=PATIENCE)
        page.locator(".xw-curve .xw-mark, .xw-curve svg").first.wait_for(timeout=PATIENCE)
        page.wait_for_timeout(6000)  # the curve is computed once, when the picture is opened
        page.evaluate(PROBE)
        slider.focus()
        for turn in range(WARM_UP + changes):
            answer = one_change(page, "ArrowRight" if turn % 20 < 10 else "ArrowLeft")
            if turn >= WARM_UP:
                waits.picture.append(answer["picture"])
                waits.bars.append(answer["bars"])
            page.wait_for_timeout(pauses.uniform(*PAUSE))
    return waits


def one_change(page: Page, key: str) -> dict[str, Any]:
    """Press a key and wait until picture and bars have changed."""
    page.keyboard.press(key)
    page.wait_for_function("window.probe.picture !== null && window.probe.bars !== null", timeout=PATIENCE)
    answer: dict[str, Any] = page.evaluate("window.probe")
    return answer


def row(name: str, aim: int, waits: Waits) -> str:
    """Write the waits as a line of a Markdown table."""
    cells = [f"{np.percentile(values, part):.0f} ms" for values in (waits.picture, waits.bars) for part in (50, 95)]
    return f"| {name} | {' | '.join(cells)} | {aim} ms | {len(waits.bars)} |"


def main() -> None:
    """Measure both models and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a .keras file; without it, a MobileNetV2 with untrained weights")
    parser.add_argument("--labels", help="its class names: a file, or 'imagenet'")
    parser.add_argument("--changes", type=int, default=60, help="how many key presses (default: 60)")
    options = parser.parse_args()
    large = FROM_FILE.format(path=options.model, labels=options.labels) if options.model else UNTRAINED
    name = Path(options.model).stem if options.model else "MobileNetV2 (untrained weights)"
    print("| model | picture, median | 95 % | prediction, median | 95 % | aim | changes |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    print(row("digits, 8 × 8", AIMS["digits"], measure(DIGITS, options.changes)), flush=True)
    print(row(f"{name}, 224 × 224", AIMS["MobileNetV2"], measure(large, options.changes)), flush=True)


if __name__ == "__main__":
    main()
