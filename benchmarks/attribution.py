"""The time of each method beside a network's bare passes, and beside other libraries on the same weights.

    python benchmarks/attribution.py                       # net A, one picture and sixteen
    python benchmarks/attribution.py --net B --batch 1
    python benchmarks/attribution.py --net B --batch 16 --peers none --repeats 3
    python benchmarks/attribution.py --many                # those of many gradients

Which methods these are, and which bare passes each is held against, stands in the methods' descriptions; nets and
pictures are in nets.py, the other libraries and what they need in peers.py; one that is not installed is left out by
name. All jobs take turns in one process. Milliseconds are the least of all turns; a ratio is that of the least times on
the clock, and, beside it, of the least processor times, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

import peers
import tensorflow as tf
from nets import CLASS, NETS, Net, keras_net, pictures
from turns import circumstances, in_turns, milliseconds, table, verdict

import xai_widgets as xai
from xai_widgets.methods.registry import methods_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.methods.registry import Method

AIMS = {"plain": 1.15, "rules": 1.3}  # times the bare passes: the usual way back, or rules on it
BATCHES = {"A": (16, 32, 64), "B": (8, 16, 32)}  # where raw gradients are fastest


def of_few_passes() -> dict[str, Method]:
    """Return our methods that ask any network for a few passes, by the names of `peers.called`."""
    chosen = [one for one in methods_for("picture").values() if one.few_passes and not one.needs_retraining]
    return {name: method for method in chosen for name in peers.called(method)}


def of_many_gradients() -> dict[str, Method]:
    """Return our methods that ask for the gradient at many points and need no other data, by name."""
    chosen = methods_for("picture").items()
    return {name: one for name, one in chosen if one.needs_gradients and one.cost.per and not one.background}


def bare_pass(method: Method) -> tuple[str, int, float]:
    """Return which bare pass a method is held against, how many of them, and how near it should come."""
    whole_way_back = method.cost.backward and not method.cost.head_only
    rules = method.family == "relevance" or method.values == "pattern"
    aim = AIMS["rules" if rules else "plain"]
    return "gradient" if whole_way_back else "forward", method.cost.forward, aim


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
    found = of_few_passes()
    for name, method in found.items():
        jobs[name] = partial(peers.called(method)[name], classifier, images, CLASS)
    jobs |= peers.asked(net, images, found, names)
    times = in_turns(jobs, repeats, seconds)
    rows = [[f"bare {name} pass", milliseconds(times[name].best), *[""] * 3] for name in ("forward", "gradient")]
    for name in filter(times.__contains__, found):
        bare, passes, aim = bare_pass(found[name])
        mine, limit = times[name], times[bare]
        held = f"{passes} {bare}" if passes > 1 else bare
        best, work = mine.best / limit.best / passes, mine.work / limit.work / passes
        other = peers.fastest(times, name)
        theirs = "" if other is None else f"{milliseconds(other[1].best)} ({other[0]})"
        met = f"{aim} {verdict(best <= aim, work <= aim)}"
        rows.append([name, milliseconds(mine.best), f"{best:.2f} ({work:.2f}) of {held}", met, theirs])
    return table(["method", "ms", "ratio (processor time)", "aim", "fastest other, ms"], rows)


def many_passes(name: str, names: Any, steps: int, repeats: int, seconds: float) -> str:
    """Measure the methods of many gradients on one picture, in gradients a second."""
    net = NETS[name]
    model, images = keras_net(net), pictures(net, 1)
    classifier = xai.Classifier(model, value_range=(0, 1))
    _, gradient = bare_passes(model)
    jobs: dict[Any, Any] = {}
    for size in BATCHES[name]:
        x = tf.repeat(tf.constant(images), size, axis=0)
        jobs["bare", size] = lambda x=x: gradient(x).numpy()
    found = of_many_gradients()
    for one in found.values():
        jobs[one.name] = partial(one.function, classifier, images, CLASS, **{str(one.cost.per): steps})
    jobs |= peers.asked(net, images, found, names, peers.Amounts(steps=steps))
    times = in_turns(jobs, repeats, seconds)
    best, work = (max(size / getattr(times["bare", size], kind) for size in BATCHES[name]) for kind in ("best", "work"))
    rows = [["bare gradients, best batch", "", f"{best:.1f}", "", "", ""]]
    for method in filter(times.__contains__, found):
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
    parser.add_argument("--many", action="store_true", help="the methods of many gradients instead")
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
