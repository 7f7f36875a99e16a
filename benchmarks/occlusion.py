"""How much sooner is occlusion when only what a window reaches is computed again? Both ways side by side.

    python benchmarks/occlusion.py              # VGG-like at 96 px and VGG16 at 224 px, both with random weights
    python benchmarks/occlusion.py --net small --repeats 9
    python benchmarks/occlusion.py --model net.keras

Each line: milliseconds (median) for one picture by full passes, in the best of several batch sizes, and by boxes; how
many times sooner that is; how many times less work was planned; and by how much the answers differ, relative to the
largest. Both run in one process, in turns, so that whatever else the machine does slows down both.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

import xai_widgets as xai
from xai_widgets.methods.boxes import make_plan
from xai_widgets.methods.occlusion import occlusion
from xai_widgets.methods.regions import Windows

if TYPE_CHECKING:
    from collections.abc import Callable

BATCHES = (16, 32, 64)


def vgg(size: int, blocks: list[tuple[int, int]], dense: list[int]) -> keras.Model:
    """Make a net of 3 x 3 convolutions with He-normal weights; one dense layer follows global average pooling."""
    keras.utils.set_random_seed(0)
    start = keras.Input((size, size, 3))
    t = start
    for channels, count in blocks:
        for _ in range(count):
            conv = keras.layers.Conv2D(channels, 3, padding="same", activation="relu", kernel_initializer="he_normal")
            t = conv(t)
        t = keras.layers.MaxPooling2D()(t)
    t = keras.layers.GlobalAveragePooling2D()(t) if len(dense) == 1 else keras.layers.Flatten()(t)
    for place, units in enumerate(dense, 1):
        t = keras.layers.Dense(units, activation="relu" if place < len(dense) else None)(t)
    return keras.Model(start, t, name=f"vgg{size}")


# Net, patch, stride: 121 and 169 positions.
NETS: dict[str, tuple[Callable[[], keras.Model], int, int]] = {
    "small": (lambda: vgg(96, [(32, 2), (64, 2), (128, 2), (256, 2)], [10]), 16, 8),
    "vgg16": (
        lambda: vgg(224, [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], [4096, 4096, 1000]),
        32,
        16,
    ),
}


def measure(model: Any, patch: int | None, stride: int | None, repeats: int) -> str:
    """Time full passes and boxes in turns; return a line."""
    classifier = xai.Classifier.wrap(model)
    x = np.random.default_rng(1).random((1, *classifier.input_shape)).astype("float32")
    ways: dict[Any, dict[str, Any]] = {"boxes": {"incremental": True}}
    ways |= {batch: {"incremental": False, "batch_size": batch} for batch in BATCHES}
    found, times = {}, {}
    for name, options in ways.items():
        found[name] = occlusion(classifier, x, 0, patch=patch, stride=stride, fill=0.5, **options).values
        times[name] = []
    for _ in range(repeats):
        for name, options in ways.items():
            begun = time.perf_counter()
            occlusion(classifier, x, 0, patch=patch, stride=stride, fill=0.5, **options)
            times[name].append(1000 * (time.perf_counter() - begun))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    full = min(medians[batch] for batch in BATCHES)
    windows = Windows.on(classifier.input_shape[:2], patch, stride)
    plan = make_plan(classifier.model, classifier.input_shape, windows)
    difference = float(np.abs(found["boxes"] - found[BATCHES[0]]).max() / np.abs(found[BATCHES[0]]).max())
    planned = plan.saving if plan else 1.0
    return (
        f"{classifier.name}: {len(windows)} positions, full {full:.0f} ms, boxes {medians['boxes']:.0f} ms, "
        f"{full / medians['boxes']:.2f} times sooner (planned {planned:.2f}), differ {difference:.1e}"
    )


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=NETS, action="append")
    parser.add_argument("--model")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    if options.model:
        print(measure(xai.load_model(options.model), None, None, options.repeats), flush=True)
        return
    for name in options.net or NETS:
        make, patch, stride = NETS[name]
        print(measure(make(), patch, stride, options.repeats), flush=True)


if __name__ == "__main__":
    main()
