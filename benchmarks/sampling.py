"""Methods that perturb pictures: how much of a network's raw forward throughput is left, here and elsewhere.

    python benchmarks/sampling.py                  # net A, 1,000 perturbed copies
    python benchmarks/sampling.py --samples 300 --repeats 2 --peers xplique lime

Nets are in nets.py, the other libraries and what they need in peers.py; one that is not installed is left out by name.
All jobs take turns in one process. A share is of the best of the raw passes in several batch sizes, by the least times
on the clock and, beside it, by the least processor times.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

import peers
import tensorflow as tf
from nets import CLASS, NETS, keras_net, pictures
from turns import circumstances, in_turns, milliseconds, table, verdict

import xai_widgets as xai
from xai_widgets.methods.attribution.perturbation.superpixels import superpixels
from xai_widgets.methods.registry import methods_for

if TYPE_CHECKING:
    from xai_widgets.methods.registry import Method

BATCHES = (16, 32, 64)
AIM = 0.9


def of_perturbed_copies() -> dict[str, Method]:
    """Return our methods that ask for the scores of many perturbed pictures, by name."""
    chosen = methods_for("picture").items()
    return {name: one for name, one in chosen if one.family == "perturbation" and one.cost.per == "samples"}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=NETS, default="A")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=120, help="after which no new turn begins")
    parser.add_argument("--peers", nargs="+", default=list(peers.PEERS), help="which, or none")
    options = parser.parse_args()
    peers.restart_fairly()
    net, samples = NETS[options.net], options.samples
    model, images = keras_net(net), pictures(net, 1)
    classifier, segments = xai.Classifier(model, value_range=(0, 1)), superpixels(images[0], "grid", 49)[0]
    forward = tf.function(lambda x: model(x, training=False))
    jobs: dict[Any, Any] = {}
    for size in BATCHES:
        x = tf.repeat(tf.constant(images), size, axis=0)
        jobs["bare", size] = lambda x=x: forward(x).numpy()
    found = of_perturbed_copies()
    for name, method in found.items():
        cut = {"segments": segments} if "segments" in method.options else {}
        jobs[name] = partial(method.function, classifier, images, CLASS, samples=samples, **cut)
    names = [] if options.peers == ["none"] else options.peers
    wanted = (*found, "lime_image as documented")
    jobs |= peers.asked(net, images, wanted, names, peers.Amounts(samples=samples))
    print(circumstances(*peers.PACKAGES), flush=True)
    times = in_turns(jobs, options.repeats, options.seconds)
    best, work = (max(size / getattr(times["bare", size], kind) for size in BATCHES) for kind in ("best", "work"))
    print(f"\nnet {options.net}, {samples} copies of one picture; raw forward passes: {best:.0f} a second\n")
    rows = []
    for name, taken in times.items():
        if name[0] == "bare":
            continue
        method, library = (name, "here") if isinstance(name, str) else name
        share, spent = samples / taken.best / best, samples / taken.work / work
        aim = f"{AIM:.0%} {verdict(share >= AIM, spent >= AIM)}" if library == "here" else ""
        rows.append([method, library, milliseconds(taken.best), f"{share:.0%} ({spent:.0%})", aim])
    print(table(["method", "library", "ms", "share of raw (processor time)", "aim"], sorted(rows)), flush=True)


if __name__ == "__main__":
    main()
