"""The time of each method beside a network's bare passes, and beside other libraries on the same weights.

    python benchmarks/attribution.py                       # net A, one picture and sixteen
    python benchmarks/attribution.py --net B --batch 1
    python benchmarks/attribution.py --net B --batch 16 --peers none --repeats 3
    python benchmarks/attribution.py --many                # integrated gradients and SmoothGrad

Nets and pictures are in nets.py, the other libraries and what they need in peers.py; one that is not installed is left
out by name. All jobs take turns in one process. Milliseconds are the least of all turns; a ratio is that of the least
times on the clock, and, beside it, of the least processor times, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import peers
import tensorflow as tf
from nets import CLASS, NETS, Net, keras_net, pictures
from turns import circumstances, in_turns, milliseconds, table, verdict

import xai_widgets as xai
from xai_widgets import methods

if TYPE_CHECKING:
    from collections.abc import Callable

# Method, how it is called here, which bare pass it is held against, how many of these, and how near it should come.
ONE_PASS: list[tuple[str, Callable[..., Any], dict[str, Any], str, int, float]] = [
    ("saliency", methods.saliency, {}, "gradient", 1, 1.15),
    ("guided backpropagation", methods.guided_backprop, {}, "gradient", 1, 1.3),
    ("Grad-CAM", methods.grad_cam, {}, "forward", 1, 1.15),
    ("LRP epsilon", methods.lrp, {"rule": "epsilon"}, "gradient", 1, 1.3),
    ("LRP epsilon, z+", methods.lrp, {"composite": "epsilon_plus"}, "gradient", 1, 1.3),
    ("LRP epsilon, gamma, box", methods.lrp, {"composite": "epsilon_gamma_box"}, "gradient", 1, 1.3),
    ("DeepLIFT", methods.deep_lift, {}, "gradient", 2, 1.3),
]
MANY = ("integrated gradients", "SmoothGrad")
BATCHES = {"A": (16, 32, 64), "B": (8, 16, 32)}  # where raw gradients are fastest


def bare_passes(model: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Compile what nothing can be faster than: a forward pass, and one with the way back to the input."""

    def forward(x: Any) -> Any:
        return model(x, training=False)

    def gradient(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x, training=False)[:, CLASS]
        return tape.gradient(score, x)

    return tf.function(forward), tf.function(gradient)


def one_pass(net: Net, count: int, names: Any, repeats: int, seconds: float) -> str:
    """Measure the methods of one pass and return a table."""
    model, images = keras_net(net), pictures(net, count)
    classifier = xai.Classifier(model, value_range=(0, 1))
    forward, gradient = bare_passes(model)
    x = tf.constant(images)
    jobs: dict[Any, Any] = {"forward": lambda: forward(x).numpy(), "gradient": lambda: gradient(x).numpy()}
    for name, method, options, *_ in ONE_PASS:
        jobs[name] = lambda method=method, options=options: method(classifier, images, CLASS, **options)
    asked = tuple(row[0] for row in ONE_PASS)
    jobs |= peers.asked(net, images, asked, names)
    times = in_turns(jobs, repeats, seconds)
    rows = [[f"bare {name} pass", milliseconds(times[name].best), *[""] * 3] for name in ("forward", "gradient")]
    for name, _, _, bare, passes, aim in ONE_PASS:
        mine, limit = times[name], times[bare]
        held = f"{passes} {bare}" if passes > 1 else bare
        best, work = mine.best / limit.best / passes, mine.work / limit.work / passes
        other = peers.fastest(times, name)
        theirs = "" if other is None else f"{milliseconds(other[1].best)} ({other[0]})"
        met = f"{aim} {verdict(best <= aim, work <= aim)}"
        rows.append([name, milliseconds(mine.best), f"{best:.2f} ({work:.2f}) of {held}", met, theirs])
    return table(["method", "ms", "ratio (processor time)", "aim", "fastest other, ms"], rows)


def many_passes(name: str, names: Any, steps: int, repeats: int, seconds: float) -> str:
    """Measure integrated gradients and SmoothGrad of one picture, in gradients a second."""
    net = NETS[name]
    model, images = keras_net(net), pictures(net, 1)
    classifier = xai.Classifier(model, value_range=(0, 1))
    _, gradient = bare_passes(model)
    jobs: dict[Any, Any] = {}
    for size in BATCHES[name]:
        x = tf.repeat(tf.constant(images), size, axis=0)
        jobs["bare", size] = lambda x=x: gradient(x).numpy()
    jobs["integrated gradients"] = lambda: methods.integrated_gradients(classifier, images, CLASS, steps=steps)
    jobs["SmoothGrad"] = lambda: methods.smooth_grad(classifier, images, CLASS, samples=steps)
    amounts = peers.Amounts(steps=steps)
    jobs |= peers.asked(net, images, MANY, names, amounts)
    times = in_turns(jobs, repeats, seconds)
    best, work = (max(size / getattr(times["bare", size], kind) for size in BATCHES[name]) for kind in ("best", "work"))
    rows = [["bare gradients, best batch", "", f"{best:.1f}", "", "", ""]]
    for method in MANY:
        mine, other = times[method], peers.fastest(times, method)
        share, spent = steps / mine.best / best, steps / mine.work / work
        theirs = "" if other is None else f"{milliseconds(other[1].best)} ({other[0]})"
        captum = times.get((method, "captum"))
        times_captum = "" if captum is None else f"{captum.best / mine.best:.1f} ({captum.work / mine.work:.1f})"
        cells = [milliseconds(mine.best), f"{steps / mine.best:.1f}", f"{share:.0%} ({spent:.0%})"]
        rows.append([method, *cells, theirs, times_captum])
    heads = ["method", "ms", "gradients a second", "share of bare (processor time)", "fastest other, ms"]
    return table([*heads, "captum / here (processor time)"], rows)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=NETS, default="A")
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--many", action="store_true", help="integrated gradients and SmoothGrad instead")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=120, help="after which no new turn begins")
    parser.add_argument("--peers", nargs="+", default=list(peers.PEERS), help="which, or none")
    options = parser.parse_args()
    peers.restart_fairly()
    names = [] if options.peers == ["none"] else options.peers
    print(circumstances(*peers.PACKAGES), flush=True)
    if options.many:
        print(f"\nnet {options.net}, {options.steps} gradients for one picture\n", flush=True)
        print(many_passes(options.net, names, options.steps, options.repeats, options.seconds), flush=True)
        return
    for count in options.batch:
        print(f"\nnet {options.net}, {count} picture{'s' if count > 1 else ''}\n", flush=True)
        print(one_pass(NETS[options.net], count, names, options.repeats, options.seconds), flush=True)


if __name__ == "__main__":
    main()
