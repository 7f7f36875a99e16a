"""Train, measure and save a small net for a table of measurements; one script a table calls this."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # a CPU repeats to the bit, a GPU does not
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from sklearn.model_selection import StratifiedKFold

from data.cards import ASSETS, write_card
from data.saving import save_repeatably
from xai_widgets.datasets.tabular import load_table
from xai_widgets.models.tabular_forest import tabular_forest

if TYPE_CHECKING:
    from xai_widgets.datasets.tabular import Rows, TableData

SEED, HIDDEN, BATCH, FOLDS = 0, (16, 16), 32, 10


def build(name: str, seen: np.ndarray, classes: int) -> keras.Model:
    """Return the untrained net; it standardises its inputs itself, by the mean and the variance of the rows seen."""
    layers = keras.layers
    standardise = layers.Normalization(name="standardise")
    standardise.adapt(seen)
    hidden = [layers.Dense(units, activation="relu", name=f"hidden{n}") for n, units in enumerate(HIDDEN, 1)]
    scores = layers.Dense(classes, activation="softmax", name="scores")
    return keras.Sequential([keras.Input((seen.shape[1],), name="features"), standardise, *hidden, scores], name=name)


def train(name: str, rows: Rows, classes: int, epochs: int) -> keras.Model:
    """Return the net trained on features (N, F), in natural units, and their classes (N,)."""
    keras.utils.set_random_seed(SEED)
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    model, rng = build(name, rows.features, classes), np.random.default_rng(SEED)
    schedule = keras.optimizers.schedules.CosineDecay(5e-3, epochs * (-(-len(rows.features) // BATCH)))
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=0.3), "sparse_categorical_crossentropy")
    for _ in range(epochs):
        order = rng.permutation(len(rows.features))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            model.train_on_batch(rows.features[chosen], rows.classes[chosen])
    trained = build(name, rows.features, classes)  # without the optimiser's state, which triples the file
    trained.set_weights(model.get_weights())
    return trained


def right(model: keras.Model, rows: Rows) -> np.ndarray:
    """Tell of each row whether its class is found, shape (N,)."""
    return keras.ops.convert_to_numpy(model(rows.features)).argmax(axis=1) == rows.classes


def cross_validated(data: TableData, epochs: int) -> float:
    """Return the share of all rows that nets trained without them classify right, in ten folds."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(data.features, data.classes)
    found = []
    for seen, unseen in folds:
        part, rest = (type(data.train)(data.features[rows], data.classes[rows]) for rows in (seen, unseen))
        found.append(right(train(data.name, part, len(data.labels), epochs), rest))
    return float(np.concatenate(found).mean())


def main(name: str, epochs: int, description: str | None) -> None:
    """Train, save, measure, and write the card."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--quick", action="store_true", help="leave out the ten folds")
    parser.add_argument("--output", type=Path, default=ASSETS / name, help="folder of the model and its card")
    options = parser.parse_args()
    began, data, folder = time.perf_counter(), load_table(name), options.output
    folder.mkdir(parents=True, exist_ok=True)
    model = train(name, data.train, len(data.labels), options.epochs)
    found = right(model, data.test)
    figures = {
        "sha256": save_repeatably(model, folder / f"{name}.keras"),
        "accuracy": float(found.mean()),
        "accuracy_per_class": [float(found[data.test.classes == k].mean()) for k in range(len(data.labels))],
        "accuracy_of_the_forest": float(tabular_forest(data).score(*data.test)),
    }
    if not options.quick:
        figures["accuracy_cross_validated"] = cross_validated(data, options.epochs)
    if (folder / "card.toml").exists():
        write_card(folder, figures)
    for key, value in figures.items():
        print(f"{key}: {value}")
    print(f"{time.perf_counter() - began:.0f} s")
