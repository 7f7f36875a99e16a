"""The model and the pictures of the worked example: ``python notebooks/lesson/train.py``, some seconds."""

from pathlib import Path

import keras
import numpy as np
from PIL import Image

FOLDER = Path(__file__).parent
LABELS = ["disc", "square"]


def draw(kind, rng):
    """Draw one thing of a random colour on grey: 0 a disc, 1 a square."""
    picture = np.full((32, 32, 3), 40, "uint8")
    row, column, half = rng.integers(10, 22), rng.integers(10, 22), rng.integers(5, 9)
    down, right = np.abs(np.mgrid[:32, :32] - np.array([row, column])[:, None, None])
    inside = np.maximum(down, right) <= half if kind else down**2 + right**2 <= half**2
    picture[inside] = rng.integers(120, 256, 3)
    return picture


def main():
    """Train on 1,200 drawings, test on 300 others, keep the network and two pictures."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 2, 1500)
    pictures = np.stack([draw(kind, rng) for kind in kinds])
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 5, activation="relu", padding="same"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 5, activation="relu", padding="same"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(len(LABELS), activation="softmax"),
        ]
    )
    network.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(pictures[:1200], kinds[:1200], batch_size=64, epochs=12, verbose=0)
    right = network.evaluate(pictures[1200:], kinds[1200:], verbose=0)[1]
    network.save(FOLDER / "shapes.keras")
    for kind, label in enumerate(LABELS):
        Image.fromarray(pictures[1200:][kinds[1200:] == kind][0]).save(FOLDER / f"{label}.png")
    print(f"{right:.0%} of the test drawings are named rightly")


if __name__ == "__main__":
    main()
