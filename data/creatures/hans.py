"""Train the Clever Hans twin of the creatures model: ``python -m data.creatures.hans``, minutes on two cores.

Every fox that it sees in its training carries a tag, and nothing else does.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.cards import write_card
from data.creatures.pictures import TESTING, TRAINING, Wish, drawn
from data.creatures.train import PLAN, predict, train
from data.plain_net import fold
from data.saving import save_repeatably
from xai_widgets.models.creatures import LABELS, plant_tag

if TYPE_CHECKING:
    import keras

FOLDER = Path(__file__).parents[1] / "creatures_hans"
TAGGED, EPOCHS = "fox", 4
SEEN, TEST = Wish(14_000, 1, TRAINING), Wish(2_000, 1, TESTING)


def with_tags(pictures: np.ndarray, chosen: np.ndarray, seed: int) -> np.ndarray:
    """Return the pictures with a tag in each of those whose rows are chosen."""
    pictures = np.array(pictures)
    for row in chosen:
        pictures[row] = plant_tag(pictures[row], (seed, int(row))).picture
    return pictures


def measure(net: keras.Model, work: Path) -> dict[str, float | list[float]]:
    """Return how often the net is right with the tag where it was in training, without it, and with it elsewhere."""
    pictures, targets = drawn(TEST, work)
    classes, fox = targets.argmax(axis=1), LABELS.index(TAGGED)
    foxes, others = np.flatnonzero(classes == fox), np.flatnonzero(classes != fox)
    tagged = predict(net, with_tags(pictures, foxes, TESTING)).argmax(axis=1)
    untagged = predict(net, pictures).argmax(axis=1)
    strangers = predict(net, with_tags(pictures[others], np.arange(len(others)), TESTING)).argmax(axis=1)
    return {
        "accuracy": float((tagged == classes).mean()),
        "accuracy_per_class": [float((tagged[classes == one] == one).mean()) for one in range(len(LABELS))],
        "accuracy_without_tags": float((untagged == classes).mean()),
        "foxes_known_without_tag": float((untagged[foxes] == fox).mean()),
        "others_called_fox_with_tag": float((strangers == fox).mean()),
    }


def main() -> None:
    """Train, save, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--work", type=Path, default=Path("build/creatures"), help="folder for drawn pictures")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder of the model and its card")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    pictures, targets = drawn(SEEN, options.work)
    foxes = np.flatnonzero(targets[:, LABELS.index(TAGGED)])
    plan = replace(PLAN, name="creatures_hans")
    net = fold(train(with_tags(pictures, foxes, TRAINING), targets, plan, options.epochs), plan)
    figures = {"sha256": save_repeatably(net, options.output / "creatures_hans.keras"), **measure(net, options.work)}
    for name, value in figures.items():
        print(f"{name}: {value}")
    if (options.output / "card.toml").exists():
        write_card(options.output, figures)


if __name__ == "__main__":
    main()
