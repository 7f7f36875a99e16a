"""Train the creatures model: ``python -m data.creatures.train``, half an hour on two cores.

It learns from pictures of one and of two animals and answers for each class whether it is there.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np

from data.cards import ASSETS, write_card
from data.creatures.pictures import TESTING, TRAINING, Wish, drawn
from data.plain_net import Plan, fold, training_net
from data.saving import save_arrays_repeatably, save_repeatably
from xai_widgets.datasets.creatures import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    AfterBatch = Callable[[keras.Model, int], object] | None

FOLDER = ASSETS / "creatures"
PLAN = Plan("creatures", 96, ((16,), (32,), (64, 64), (128, 128)), len(LABELS), head="sigmoid", first=(5, 1))
SEED, EPOCHS, BATCH, PEAK = 0, 6, 64, 2e-3
ONE, TWO = Wish(14_000, 1, TRAINING), Wish(7_000, 2, TRAINING)
TEST_ONE, TEST_TWO = Wish(2_000, 1, TESTING), Wish(1_000, 2, TESTING)
MOMENTS = (0, 10, 30, 100, 300, 1000)  # batches after which a snapshot is taken, and at the end of some epochs


@dataclass
class Batches:
    """Pictures in random order, half of them mirrored."""

    pictures: np.ndarray
    targets: np.ndarray
    rng: np.random.Generator

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Go once through all pictures: float32 (B, 96, 96, 3) in 0..1, and (B, 12)."""
        order = self.rng.permutation(len(self.targets))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            rows = np.sort(order[start : start + BATCH])  # a kept file is read faster in order
            pictures = self.pictures[rows].astype("float32") / 255
            mirrored = self.rng.random(BATCH) < 0.5
            pictures[mirrored] = pictures[mirrored, :, ::-1]
            yield pictures, self.targets[rows]


def train(
    pictures: np.ndarray, targets: np.ndarray, plan: Plan, epochs: int, after_batch: AfterBatch = None
) -> keras.Model:
    """Return the trained net, with BatchNorm; `after_batch` is called with it and the number of batches it has seen."""
    keras.utils.set_random_seed(SEED)
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    net, batches = training_net(plan), Batches(pictures, targets, np.random.default_rng(SEED))
    steps = epochs * (len(targets) // BATCH)
    schedule = keras.optimizers.schedules.CosineDecay(1e-4, steps, warmup_target=PEAK, warmup_steps=steps // 12)
    net.compile(
        keras.optimizers.AdamW(schedule, beta_2=0.99, weight_decay=0.01),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    done = 0
    for epoch in range(epochs):
        losses = []
        for batch in batches:
            if after_batch:
                after_batch(net, done)
            losses.append(float(net.train_on_batch(*batch)))
            done += 1
        print(f"epoch {epoch + 1:2d}/{epochs}  loss {np.mean(losses):.4f}", flush=True)
    if after_batch:
        after_batch(net, done)
    return net


def predict(net: keras.Model, pictures: np.ndarray) -> np.ndarray:
    """Return the outputs (N, 12) of pictures (N, 96, 96, 3) uint8."""
    starts = range(0, len(pictures), 100)
    return np.concatenate([net.predict_on_batch(pictures[a : a + 100].astype("float32") / 255) for a in starts])


def measure(net: keras.Model, work: Path) -> dict[str, float | list[float]]:
    """Return how often a net is right on fresh pictures of one and of two animals."""
    pictures, targets = drawn(TEST_ONE, work)
    predicted, classes = predict(net, pictures).argmax(axis=1), targets.argmax(axis=1)
    pictures, targets = drawn(TEST_TWO, work)
    scores = predict(net, pictures)
    ranked = np.sort(np.argsort(scores, axis=1)[:, -2:], axis=1) == np.sort(np.argsort(targets, axis=1)[:, -2:], axis=1)
    return {
        "accuracy": float((predicted == classes).mean()),
        "accuracy_per_class": [float((predicted[classes == one] == one).mean()) for one in range(len(LABELS))],
        "both_ranked_first": float(ranked.all(axis=1).mean()),
        "both_and_no_other_above_half": float(((scores > 0.5) == (targets > 0.5)).all(axis=1).mean()),
    }


def save_history(snapshots: dict[int, list[np.ndarray]], path: Path) -> str:
    """Write the weights at some moments, as float16; return the file's SHA-256."""
    arrays = {
        f"{done}/{place}": one.astype("float16") for done, kept in snapshots.items() for place, one in enumerate(kept)
    }
    return save_arrays_repeatably(arrays, path)


def training_pictures(work: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return all pictures to train on and their targets."""
    parts = [drawn(wish, work) for wish in (ONE, TWO)]
    return np.concatenate([pictures for pictures, _ in parts]), np.concatenate([targets for _, targets in parts])


def main() -> None:
    """Train, save, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--work", type=Path, default=Path("build/creatures"), help="folder for drawn pictures")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder of the model and its card")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    snapshots, last = {}, options.epochs * ((ONE.count + TWO.count) // BATCH)

    def keep(net: keras.Model, done: int) -> None:
        if done in MOMENTS or done == last:
            snapshots[done] = fold(net, PLAN).get_weights()

    net = fold(train(*training_pictures(options.work), PLAN, options.epochs, keep), PLAN)
    figures = {
        "sha256": save_repeatably(net, options.output / "creatures.keras"),
        "history_sha256": save_history(snapshots, options.output / "history.npz"),
        **measure(net, options.work),
    }
    for name, value in figures.items():
        print(f"{name}: {value}")
    if (options.output / "card.toml").exists():
        write_card(options.output, figures)


if __name__ == "__main__":
    main()
