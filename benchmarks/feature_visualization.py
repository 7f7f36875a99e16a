"""How long a step of feature visualisation takes, beside other libraries and beside the network's own two passes.

    python benchmarks/feature_visualization.py

A net like VGG (two convolutions in each of four blocks of 32 to 256 channels), untrained, which takes as long as a
trained one; pictures of 128 pixels, a channel of its third block, the usual transformations of each. Milliseconds a
step, wall clock and processor time (the one to look at on a busy machine), medians of rounds of 16 steps. xplique,
tf-keras-vis and lucent are measured where they are installed; their calls begin anew each time, so that what 48 steps
take more than 16 is what counts.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers, ops
from peers import restart_fairly, stand_in_for_torchvision

from xai_widgets import Classifier, backend
from xai_widgets.backend.lucid_bridge import load_lucid
from xai_widgets.methods.feature_visualization import Fourier, Maximization, channel, to_lucid
from xai_widgets.methods.feature_visualization.problem import Problem
from xai_widgets.models.graph.intermediate_outputs import intermediate_outputs

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE, LAYER, STEPS, ROUNDS = 128, "b3c1", 16, 5
LONG = 3 * STEPS


def network() -> Classifier:
    """Make the net."""
    keras.utils.set_random_seed(0)
    start = seen = keras.Input((SIZE, SIZE, 3))
    for block, depth in enumerate((32, 64, 128, 256), 1):
        for place in (1, 2):
            seen = layers.Conv2D(depth, 3, padding="same", activation="relu", name=f"b{block}c{place}")(seen)
        seen = layers.MaxPooling2D()(seen)
    scores = layers.Dense(10)(layers.GlobalAveragePooling2D()(seen))
    return Classifier(keras.Model(start, scores, name="vgg_like"), value_range=(0, 1))


def ours(net: Classifier, units: list[int], *, moved: bool = True) -> Callable[[], object]:
    """Return what takes a round of steps here."""
    problem = Problem(net, channel(LAYER, units), Fourier(), None if moved else ())
    under_way = Maximization(problem, len(units), steps=STEPS, rate=0.05, seed=0)
    return lambda: under_way.advance(STEPS)


def lucids(net: Classifier, *, moved: bool = True) -> tuple[Callable[[], object], Any]:
    """Return what takes a round of steps in lucid, and its open session."""
    first, param = load_lucid("lucid.optvis.param.images").tf, load_lucid("lucid.optvis.param")
    session = first.Session(graph=first.Graph())
    with session.graph.as_default(), session.as_default():
        transforms = None if moved else []
        render = load_lucid("lucid.optvis.render")
        at = render.make_vis_T(to_lucid(net, [LAYER]), f"{LAYER}:3", lambda: param.image(SIZE), None, transforms, True)  # noqa: FBT003
        first.global_variables_initializer().run()
        step = [at("loss"), at("vis_op")]
    return lambda: [session.run(step) for _ in range(STEPS)], session


def peers(net: Classifier) -> dict[str, Callable[[int], object]]:
    """Return what takes so many steps in the libraries that happen to be installed."""
    found: dict[str, Callable[[int], object]] = {}
    with contextlib.suppress(ImportError):
        from xplique import features_visualizations as xplique

        wanted = xplique.Objective.channel(net.model, LAYER, 3)
        found["xplique, one unit"] = lambda steps: xplique.optimize(wanted, nb_steps=steps, custom_shape=(SIZE, SIZE))
    with contextlib.suppress(ImportError):
        from tf_keras_vis.activation_maximization import ActivationMaximization
        from tf_keras_vis.utils.model_modifiers import ExtractIntermediateLayer, ReplaceToLinear
        from tf_keras_vis.utils.scores import CategoricalScore

        maximize = ActivationMaximization(net.model, [ExtractIntermediateLayer(LAYER), ReplaceToLinear()], clone=True)
        found["tf-keras-vis, one unit"] = lambda steps: maximize(CategoricalScore(3), steps=steps)
    with contextlib.suppress(ImportError):
        found["lucent, one unit"] = lucent()
    return found


def lucent() -> Callable[[int], object]:
    """Return what takes so many steps in lucent: the same layers in PyTorch, up to the one that is drawn."""
    import kornia
    import torch
    from kornia import geometry

    stand_in_for_torchvision()
    for name in ("get_rotation_matrix2d", "warp_affine"):  # lucent looks for them where kornia had them before
        setattr(kornia, name, getattr(geometry, name))
    from lucent.optvis import render

    made: dict[str, Any] = {}
    depths = {"b1c1": (3, 32), "b1c2": (32, 32), "b2c1": (32, 64), "b2c2": (64, 64), LAYER: (64, 128)}
    for name, (before, depth) in depths.items():
        made |= {name: torch.nn.Conv2d(before, depth, 3, padding=1), f"{name}_relu": torch.nn.ReLU()}
        made |= {f"{name}_pool": torch.nn.MaxPool2d(2)} if name.endswith("c2") else {}
    net = torch.nn.Sequential(OrderedDict(made)).eval().requires_grad_(requires_grad=False)
    shown = SIZE + 12  # as lucid and we show it
    options = {"preprocess": False, "progress": False, "show_image": False, "fixed_image_size": shown}
    return lambda steps: render.render_vis(net, f"{LAYER}:3", thresholds=(steps,), **options)


def marginal(work: Callable[[int], object]) -> tuple[float, float]:
    """Return milliseconds a step, wall clock and processor time, of calls that begin anew each time."""
    taken = np.zeros((ROUNDS, 2, 2))
    work(STEPS)
    for part in taken:
        for place, steps in enumerate((STEPS, LONG)):
            begun = time.perf_counter(), time.process_time()
            work(steps)
            part[place] = time.perf_counter() - begun[0], time.process_time() - begun[1]
    wall, cpu = 1e3 * np.median(taken[:, 1] - taken[:, 0], axis=0) / (LONG - STEPS)
    return float(wall), float(cpu)


def raw(net: Classifier) -> Callable[[], object]:
    """Return a forward and a backward pass of the layers alone."""
    layers = intermediate_outputs(net.model, [LAYER])
    run = backend.compile(backend.value_and_gradient(lambda x: ops.mean(layers.run(x)[0], axis=(1, 2, 3))))
    picture = np.zeros((1, SIZE, SIZE, 3), "float32")
    return lambda: [run(picture) for _ in range(STEPS)]


def measure(work: Callable[[], object]) -> tuple[float, float]:
    """Return milliseconds a step: wall clock and processor time."""
    work()  # compiles
    walls, cpus = [], []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return 1e3 * float(np.median(walls)) / STEPS, 1e3 * float(np.median(cpus)) / STEPS


def main() -> None:
    """Print the table."""
    restart_fairly()
    net = network()
    theirs, session = lucids(net)
    plain, other = lucids(net, moved=False)
    rows: dict[str, tuple[Callable[[], object], int]] = {
        "the network's passes alone": (raw(net), 1),
        "here, one unit, nothing moved": (ours(net, [3], moved=False), 1),
        "lucid, one unit, nothing moved": (plain, 1),
        "here, one unit": (ours(net, [3]), 1),
        "lucid, one unit": (theirs, 1),
        "here, eight units, each": (ours(net, list(range(8))), 8),
    }
    print(f"{'':34}{'wall ms':>10}{'cpu ms':>10}")
    for name, (work, count) in rows.items():
        wall, cpu = measure(work)
        print(f"{name:34}{wall / count:10.1f}{cpu / count:10.1f}")
    for name, library in peers(net).items():
        wall, cpu = marginal(library)
        print(f"{name:34}{wall:10.1f}{cpu:10.1f}")
    session.close()
    other.close()


if __name__ == "__main__":
    main()
