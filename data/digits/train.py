"""Train the digits model: ``python -m data.digits.train``, two minutes on two cores.

The same machine and the same versions give the same file, to the bit.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # a CPU repeats to the bit, a GPU does not
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from sklearn.datasets import load_digits

from data.cards import ASSETS, write_card
from data.saving import save_repeatably
from xai_widgets.datasets.pictures.samples import digits_split

FOLDER = ASSETS / "digits"
SEED, EPOCHS, BATCH = 0, 80, 64


def build() -> keras.Model:
    """Return the untrained net: convolutions, ReLU, one pooling, global average pooling and one dense layer."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            layers.Conv2D(32, 3, padding="same", activation="relu", name="conv1"),
            layers.Conv2D(32, 3, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(name="pool"),
            layers.Conv2D(64, 3, padding="same", activation="relu", name="conv3"),
            layers.Conv2D(64, 3, padding="same", activation="relu", name="conv4"),
            layers.GlobalAveragePooling2D(name="gap"),
            layers.Dense(10, activation="softmax", name="scores"),
        ],
        name="digits",
    )


def shifted(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move half of the images by one pixel up, down, left or right, black coming in: writers do not centre exactly."""
    moved = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    offsets = rng.choice([(1, 1), (1, 1), (1, 1), (1, 1), (0, 1), (2, 1), (1, 0), (1, 2)], len(images))
    parts = zip(moved, offsets, strict=True)
    return np.stack([one[down : down + 8, right : right + 8] for one, (down, right) in parts])


def train(images: np.ndarray, classes: np.ndarray, epochs: int = EPOCHS) -> keras.Model:
    """Return the net trained on inputs (N, 8, 8, 1) in 0..1 and their classes (N,)."""
    keras.utils.set_random_seed(SEED)
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    model, rng = build(), np.random.default_rng(SEED)
    schedule = keras.optimizers.schedules.CosineDecay(3e-3, epochs * (-(-len(images) // BATCH)))
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=1e-3), "sparse_categorical_crossentropy")
    for epoch in range(epochs):
        moved, order = shifted(images, rng), rng.permutation(len(images))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        losses = [float(model.train_on_batch(moved[rows], classes[rows])) for rows in batches]
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1:3d}  loss {np.mean(losses):.4f}")
    trained = build()  # without the optimiser's state, which triples the file
    trained.set_weights(model.get_weights())
    return trained


def accuracy_in_file_order(epochs: int) -> float:
    """Train on the beginning of the file and test on its end: the writers take turns there, so some are new."""
    digits = load_digits()
    images, classes = (digits.images / 16).astype("float32")[..., np.newaxis], digits.target
    seen = len(digits_split("train")[0])
    net = train(images[:seen], classes[:seen], epochs)
    return float((net.predict_on_batch(images[seen:]).argmax(axis=1) == classes[seen:]).mean())


def main() -> None:
    """Train, save, measure, and write the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder of the model and its card")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    model = train(*digits_split("train"), options.epochs)
    digest = save_repeatably(model, options.output / "digits.keras")
    images, classes = digits_split("test")
    predicted = model.predict_on_batch(images).argmax(axis=1)
    figures = {
        "sha256": digest,
        "accuracy": float((predicted == classes).mean()),
        "accuracy_per_class": [float((predicted[classes == digit] == digit).mean()) for digit in range(10)],
    }
    if (options.output / "card.toml").exists():
        figures["accuracy_in_file_order"] = accuracy_in_file_order(options.epochs)
        write_card(options.output, figures)
    for name, value in figures.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
