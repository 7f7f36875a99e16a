"""How much sooner is occlusion when only what a window reaches is computed again? Side by side with full passes.

    python benchmarks/occlusion.py              # net A, 121 positions, and net B, 169, both with random weights
    python benchmarks/occlusion.py --net A --peers captum xplique --repeats 9
    python benchmarks/occlusion.py --model net.keras

Each row: one picture by boxes, by full passes in the best of several batch sizes, and by other libraries (what they
need: peers.py); milliseconds are the least of all turns, and "sooner" says how many times, by these and, in brackets,
by the least processor times. Beside the table: how many times less work was planned, and by how much boxes and full
passes differ, relative to the largest value. All run in one process, in turns, so that whatever else the machine does
slows down all of them.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import peers
from nets import CLASS, NETS, Net, keras_net, pictures
from turns import circumstances, in_turns, milliseconds, table

import xai_widgets as xai
from xai_widgets.methods.attribution.perturbation.incremental.box_plan import make_box_plan
from xai_widgets.methods.attribution.perturbation.occlusion import occlusion
from xai_widgets.methods.attribution.perturbation.windows import Windows

BATCHES = (16, 32, 64)


def measure(model: Any, net: Net | None, names: Any, repeats: int, seconds: float) -> str:
    """Time boxes, full passes and other libraries in turns; return what was found."""
    classifier = model if net is None else xai.Classifier(model, value_range=(0, 1))
    shape = classifier.input_shape
    x = np.random.default_rng(1).random((1, *shape)).astype("float32") if net is None else pictures(net, 1)
    cut = {} if net is None else {"patch": net.patch, "stride": net.stride}
    found: dict[Any, Any] = {}

    def job(name: Any, **options: Any) -> Any:
        def run() -> None:
            found[name] = occlusion(classifier, x, CLASS, baseline=0.5, **cut, **options).values

        return run

    jobs: dict[Any, Any] = {"boxes": job("boxes", incremental=True)}
    jobs |= {batch: job(batch, incremental=False, batch_size=batch) for batch in BATCHES}
    if net is not None:
        jobs |= peers.asked(net, x, ("occlusion",), names)
    times = in_turns(jobs, repeats, seconds)
    boxes, full = times["boxes"], min((times[batch] for batch in BATCHES), key=lambda one: one.best)
    ways = {"boxes": boxes, "full passes": full} | {way[1]: times[way] for way in times if isinstance(way, tuple)}
    rows = []
    for name, taken in ways.items():
        sooner = f"{taken.best / boxes.best:.2f} ({taken.work / boxes.work:.2f})"
        rows.append([name, milliseconds(taken.best), sooner])
    windows = Windows.on(shape[:2], cut.get("patch"), cut.get("stride"))
    plan = make_box_plan(classifier.model, shape, windows)
    difference = float(np.abs(found["boxes"] - found[BATCHES[0]]).max() / np.abs(found[BATCHES[0]]).max())
    said = (
        f"{len(windows)} positions, planned {plan.saving if plan else 1:.2f} times less work, differ {difference:.1e}"
    )
    return f"{classifier.name}: {said}\n\n{table(['way', 'ms', 'boxes are sooner by'], rows)}\n"


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=NETS, action="append")
    parser.add_argument("--model")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=120, help="after which no new turn begins")
    parser.add_argument("--peers", nargs="+", default=["captum", "xplique"], help="which, or none")
    options = parser.parse_args()
    peers.restart_fairly()
    names = [] if options.peers == ["none"] else options.peers
    print(circumstances(*peers.PACKAGES) + "\n", flush=True)
    if options.model:
        print(measure(xai.load_model(options.model), None, [], options.repeats, options.seconds), flush=True)
        return
    for name in options.net or NETS:
        net = NETS[name]
        print(measure(keras_net(net), net, names, options.repeats, options.seconds), flush=True)


if __name__ == "__main__":
    main()
