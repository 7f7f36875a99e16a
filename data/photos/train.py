"""Train the photos model: ``python -m data.photos.train FOLDER TEACHER``.

FOLDER holds the archives of pictures, TEACHER is a saved net that knows ImageNet's classes.

Ten minutes on a GPU, a day on two cores. The net sees small pictures first and large ones last: most of what it learns
does not need the large ones. Interrupted, it goes on from where it was last kept (``--work`` says where).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # half as fast again on processors where it is not the default

import keras
import numpy as np

from data.cards import ASSETS, write_card
from data.photos.augmentation import Phase, Views, plain
from data.photos.net import PLAN
from data.photos.pictures import SIDE, Pictures, read
from data.photos.teacher import Student, read_teacher
from data.plain_net import fold, training_net
from data.saving import save_repeatably

FOLDER = ASSETS / "photos"
EPOCHS, SEED, BATCH, PEAK, DECAY = 94, 0, 128, 2e-3, 0.05
PHASES = (Phase(96, 0.3, 0.3, 0.4), Phase(128, 0.5, 0.3, 0.4), Phase(128, 0.2, 0.8, 0.0))
WARM_UP = 2  # epochs in which the learning rate rises
KEPT = 10  # epochs after which the weights are kept and the net is measured


def learning_rate(epoch: float, epochs: int) -> float:
    """Return the rate at a moment of the training, in epochs: it rises, then falls as a cosine."""
    if epoch < WARM_UP:
        return PEAK * (epoch + 0.05) / WARM_UP
    return PEAK * 0.5 * (1 + math.cos(math.pi * (epoch - WARM_UP) / (epochs - WARM_UP)))


class Schedule(keras.callbacks.Callback):
    """Set the learning rate at each batch."""

    def __init__(self, epoch: int, epochs: int, steps: int) -> None:
        super().__init__()
        self.epoch, self.epochs, self.steps = epoch, epochs, steps

    def on_train_batch_begin(self, batch: int, logs: object = None) -> None:
        """Move on by one batch."""
        del logs
        self.model.optimizer.learning_rate = learning_rate(self.epoch + batch / self.steps, self.epochs)


def accuracy(net: keras.Model, pictures: Pictures, side: int = SIDE) -> float:
    """Return the share of pictures that a net names correctly."""
    return float((predict(net, pictures, side).argmax(axis=1) == pictures.classes).mean())


def predict(net: keras.Model, pictures: Pictures, side: int = SIDE) -> np.ndarray:
    """Return the scores (N, 11) of pictures as they are."""
    return net.predict(plain(pictures.pixels, side), batch_size=64, verbose=0)


def phases(epochs: int) -> list[Phase]:
    """Return the phase of each epoch."""
    ends = np.cumsum([phase.share for phase in PHASES])
    return [PHASES[int(np.searchsorted(ends, (epoch + 0.5) / epochs))] for epoch in range(epochs)]


def train(splits: dict[str, Pictures], teacher: keras.Model, epochs: int, work: Path) -> keras.Model:
    """Return the trained net; its weights and how far it came are kept in `work` now and then."""
    keras.utils.set_random_seed(SEED)
    net, done = training_net(PLAN, dropout=0.2), 0
    student = Student(net, teacher)
    optimizer = keras.optimizers.AdamW(PEAK, beta_2=0.99, weight_decay=DECAY, clipnorm=5.0)
    student.compile(optimizer)
    state, weights = work / "state.json", work / "training.weights.h5"
    if state.exists():
        done = json.loads(state.read_text())["epochs"]
        optimizer.build(student.trainable_variables)
        student.load_weights(weights)
    for epoch, phase in list(enumerate(phases(epochs)))[done:]:
        started = time.monotonic()
        views = Views(splits["train"], phase, BATCH, SEED + epoch, workers=os.cpu_count(), max_queue_size=32)
        history = student.fit(views, callbacks=[Schedule(epoch, epochs, len(views))], verbose=0, shuffle=False)
        said = f"epoch {epoch + 1:3d}/{epochs}  side {phase.side:3d}  loss {history.history['loss'][-1]:.4f}"
        if (epoch + 1) % KEPT == 0:
            student.save_weights(weights)
            state.write_text(json.dumps({"epochs": epoch + 1}))
            said += f"  validation {accuracy(net, splits['val'], phase.side):.4f}"
        print(f"{said}  {time.monotonic() - started:.1f} s", flush=True)
    return net


def main() -> None:
    """Train, fold, save; `data.photos.check` measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder of imagenette128_*.npz and pets128.npz")
    parser.add_argument(
        "teacher", type=Path, help="a .keras file: RGB 0..255 in, probabilities of ImageNet's classes out"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--work", type=Path, default=Path("build/photos"), help="folder for what is kept on the way")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder of the model and its card")
    options = parser.parse_args()
    for folder in (options.work, options.output):
        folder.mkdir(parents=True, exist_ok=True)
    splits = read(options.pictures)
    print({name: len(pictures) for name, pictures in splits.items()}, flush=True)
    net = fold(train(splits, read_teacher(options.teacher), options.epochs, options.work), PLAN)
    figures = {"sha256": save_repeatably(net, options.output / "photos.keras")}
    print(f"sha256 {figures['sha256']}  validation {accuracy(net, splits['val']):.4f}")
    if (options.output / "card.toml").exists():
        write_card(options.output, figures)


if __name__ == "__main__":
    main()
