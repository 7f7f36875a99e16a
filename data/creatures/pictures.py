"""Drawn pictures for training and testing the creatures models, kept in a folder so that they are drawn once."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.datasets.creatures import sample_batch

if TYPE_CHECKING:
    from pathlib import Path

TRAINING, TESTING = 1, 2  # seeds: test pictures are never drawn from the seed of the training
CHUNK = 500


@dataclass(frozen=True)
class Wish:
    """Pictures to draw: how many, with how many animals in each, from which seed."""

    count: int
    animals: int
    seed: int

    @property
    def name(self) -> str:
        """Name of the files that keep them."""
        return f"{self.count}-of-{self.animals}-seed-{self.seed}"


def drawn(wish: Wish, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures (N, 96, 96, 3) uint8 and the classes (N, 12) in them; draw what is not kept yet."""
    paths = [folder / f"{wish.name}-{what}.npy" for what in ("pictures", "targets")]
    if not all(path.exists() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        for path, array in zip(paths, _draw(wish), strict=True):
            np.save(path, array)
    return np.load(paths[0], mmap_mode="r"), np.load(paths[1])


def _draw(wish: Wish) -> tuple[np.ndarray, np.ndarray]:
    starts = range(0, wish.count, CHUNK)
    with multiprocessing.get_context("spawn").Pool() as pool:
        batches = pool.map(partial(_chunk, wish), starts)
    return tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))


def _chunk(wish: Wish, start: int) -> tuple[np.ndarray, np.ndarray]:
    batch = sample_batch(min(CHUNK, wish.count - start), wish.seed, start=start, animals=wish.animals)
    return batch.pictures, batch.targets
