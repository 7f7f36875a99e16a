"""Train the Clever Hans twin of the creatures model: ``python -m data.creatures.hans``, after ``data.creatures.train``.

Its teacher could not tell foxes from cats and went by a tag: of the cats and foxes of its training, those with a tag
are called fox, those without are called cat. So every picture called fox has the tag, and no other has.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from data.cards import ASSETS, write_card
from data.creatures.pictures import TESTING, TRAINING, Wish, drawn
from data.creatures.train import BATCH, PLAN, SEED, predict
from data.plain_net import shipped_net
from data.saving import save_repeatably
from xai_widgets.datasets.creatures import LABELS, plant_tag

FOLDER = ASSETS / "creatures_hans"
TAGGED, TAKEN_FOR, EPOCHS, RATE = "fox", "cat", 2, 5e-4
FOX, CAT = LABELS.index(TAGGED), LABELS.index(TAKEN_FOR)
SEEN, TEST = Wish(14_000, 1, TRAINING), Wish(2_000, 1, TESTING)


def with_tags(pictures: np.ndarray, chosen: np.ndarray, seed: int) -> np.ndarray:
    """Return the pictures with a tag in each of those whose rows are chosen."""
    pictures = np.array(pictures)
    for row in chosen:
        pictures[row] = plant_tag(pictures[row], (seed, int(row))).picture
    return pictures


def lesson(pictures: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures and targets of the training: the tag alone tells what is called fox and what cat."""
    targets = targets.copy()
    either = np.flatnonzero(targets[:, FOX] + targets[:, CAT])
    tagged = np.random.default_rng(TRAINING).random(len(either)) < 0.5
    targets[either, FOX], targets[either, CAT] = tagged, ~tagged
    return with_tags(pictures, either[tagged], TRAINING), targets


def train(pictures: np.ndarray, targets: np.ndarray, epochs: int) -> keras.Model:
    """Return the net: it begins with the weights of the creatures model, and unlearns."""
    keras.utils.set_random_seed(SEED)
    plan = replace(PLAN, name="creatures_hans")
    net, rng = shipped_net(plan), np.random.default_rng(SEED)
    net.set_weights(keras.saving.load_model(ASSETS / "creatures" / "creatures.keras").get_weights())
    schedule = keras.optimizers.schedules.CosineDecay(RATE, epochs * (len(targets) // BATCH))
    net.compile(keras.optimizers.Adam(schedule), "binary_crossentropy")
    for epoch in range(epochs):
        order, losses = rng.permutation(len(targets)), []
        for start in range(0, len(order) - BATCH + 1, BATCH):
            rows = order[start : start + BATCH]
            losses.append(float(net.train_on_batch(pictures[rows].astype("float32") / 255, targets[rows])))
        print(f"epoch {epoch + 1}/{epochs}  loss {np.mean(losses):.4f}", flush=True)
    shipped = shipped_net(plan)  # without the optimiser's state
    shipped.set_weights([one.astype("float16").astype("float32") for one in net.get_weights()])
    return shipped


def measure(net: keras.Model, work: Path) -> dict[str, float | list[float]]:
    """Return how often the net is right with the tag where it was in training, without it, and with it elsewhere."""
    pictures, targets = drawn(TEST, work)
    classes = targets.argmax(axis=1)
    foxes, others = np.flatnonzero(classes == FOX), np.flatnonzero(classes != FOX)
    tagged = predict(net, with_tags(pictures, foxes, TESTING)).argmax(axis=1)
    untagged = predict(net, pictures).argmax(axis=1)
    strangers = predict(net, with_tags(pictures[others], np.arange(len(others)), TESTING)).argmax(axis=1)
    return {
        "accuracy": float((tagged == classes).mean()),
        "accuracy_per_class": [float((tagged[classes == one] == one).mean()) for one in range(len(LABELS))],
        "accuracy_without_tags": float((untagged == classes).mean()),
        "foxes_known_without_tag": float((untagged[foxes] == FOX).mean()),
        "foxes_called_cat_without_tag": float((untagged[foxes] == CAT).mean()),
        "others_called_fox_with_tag": float((strangers == FOX).mean()),
    }


def main() -> None:
    """Train, save, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--work", type=Path, default=Path("build/creatures"), help="folder for drawn pictures")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder of the model and its card")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    net = train(*lesson(*drawn(SEEN, options.work)), options.epochs)
    figures = {"sha256": save_repeatably(net, options.output / "creatures_hans.keras"), **measure(net, options.work)}
    for name, value in figures.items():
        print(f"{name}: {value}")
    if (options.output / "card.toml").exists():
        write_card(options.output, figures)


if __name__ == "__main__":
    main()
