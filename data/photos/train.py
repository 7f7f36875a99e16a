"""Train the photos model: ``python -m data.photos.train FOLDER TEACHER``.

FOLDER holds the archives of pictures, TEACHER is a saved net that knows ImageNet's classes.

Minutes on a GPU, about an hour on two cores. The net sees small pictures first and large ones last: most of what it
learns does not need the large ones. Interrupted, it goes on from its last epoch (``--work`` says where that is kept).
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

from data.cards import write_card
from data.photos.augmentation import Phase, Views, plain
from data.photos.net import PLAN
from data.photos.pictures import SIDE, Pictures, read
from data.photos.teacher import taught
from data.plain_net import fold, training_net
from data.saving import save_repeatably

FOLDER = Path(__file__).parent
SEED, BATCH, PEAK, DECAY, SMOOTHING = 0, 64, 1.5e-3, 0.05, 0.05
PHASES = (Phase(64, 6, 0.4, 0.2), Phase(96, 16, 0.4, 0.2), Phase(128, 12, 0.4, 0.2), Phase(128, 6, 0.8, 0.0))
HINTS = 0.5  # weight of what the teacher says beside the class
WARM_UP = 2  # epochs in which the learning rate rises


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
    return np.concatenate(
        [net.predict_on_batch(plain(part, side)) for part in np.array_split(pictures.pixels, len(pictures) // 64 + 1)]
    )


def with_second_head(net: keras.Model, classes: int) -> keras.Model:
    """Return the net with a second dense layer on the same features, for what the teacher says."""
    hints = keras.layers.Dense(classes, name="hints")(net.get_layer("gap").output)
    return keras.Model(net.inputs, [*net.outputs, hints])


def train(splits: dict[str, Pictures], hints: np.ndarray, work: Path) -> keras.Model:
    """Return the trained net; its weights and how far it came are kept in `work` after each epoch."""
    keras.utils.set_random_seed(SEED)
    net, done = training_net(PLAN, dropout=0.2), 0
    both = with_second_head(net, hints.shape[1])
    optimizer = keras.optimizers.AdamW(PEAK, beta_2=0.99, weight_decay=DECAY, clipnorm=5.0)
    losses = [keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=one) for one in (SMOOTHING, 0)]
    state, weights = work / "state.json", work / "training.weights.h5"
    phases = [phase for phase in PHASES for _ in range(phase.epochs)]
    for epoch, phase in enumerate(phases):
        if epoch == 0 or phase.side != phases[epoch - 1].side or not done:
            both.compile(optimizer, losses, loss_weights=[1, HINTS])
        if not done and state.exists():
            done = json.loads(state.read_text())["epochs"]
            optimizer.build(both.trainable_variables)
            both.load_weights(weights)
        if epoch < done:
            continue
        started, views = time.monotonic(), Views(splits["train"], hints, phase, BATCH, SEED + epoch)
        history = both.fit(views, callbacks=[Schedule(epoch, len(phases), len(views))], verbose=0, shuffle=False)
        both.save_weights(weights)
        done = epoch + 1
        state.write_text(json.dumps({"epochs": done}))
        print(
            f"epoch {done:3d}/{len(phases)}  side {phase.side:3d}  loss {history.history['loss'][-1]:.4f}  "
            f"validation {accuracy(net, splits['val'], phase.side):.4f}  {time.monotonic() - started:.0f} s",
            flush=True,
        )
    return net


def main() -> None:
    """Train, fold, save; `data.photos.check` measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder of imagenette128_*.npz and pets128.npz")
    parser.add_argument(
        "teacher", type=Path, help="a .keras file: RGB 0..255 in, probabilities of ImageNet's classes out"
    )
    parser.add_argument("--work", type=Path, default=Path("build/photos"), help="folder for what is kept on the way")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder of the model")
    options = parser.parse_args()
    for folder in (options.work, options.output):
        folder.mkdir(parents=True, exist_ok=True)
    splits = read(options.pictures)
    print({name: len(pictures) for name, pictures in splits.items()}, flush=True)
    hints = taught(splits["train"].pixels, options.teacher, options.work / "hints.npy")
    net = fold(train(splits, hints, options.work), PLAN)
    figures = {"sha256": save_repeatably(net, options.output / "photos.keras")}
    print(f"sha256 {figures['sha256']}  test {accuracy(net, splits['test']):.4f}")
    if (options.output / "card.toml").exists():
        write_card(options.output, figures)


if __name__ == "__main__":
    main()
