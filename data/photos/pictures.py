"""The pictures that the photos model is trained on: read from archives that do not ship with the project.

Each archive is an ``.npz`` with ``jpeg`` (all files as one array of bytes), ``offset`` (where each begins and ends),
``label``, ``split`` and ``classes``. Two sources are put together: Imagenette (ten classes of ImageNet) and the
Oxford-IIIT Pet data set (Parkhi et al., "Cats and Dogs", CVPR 2012).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 128
LABELS = (
    "cat", "dog", "tench", "cassette player", "chain saw", "church",
    "french horn", "garbage truck", "gas pump", "golf ball", "parachute",
)  # fmt: skip
SAME = {"english springer": "dog"}
SOURCES = ("imagenette", "pets")
HELD_OUT = 20  # Imagenette has no validation split: one of so many of its training pictures is kept for it


@dataclass(frozen=True)
class Pictures:
    """Pictures (N, 128, 128, 3) uint8, their classes (N,) and the source (N,) of each, as indices."""

    pixels: np.ndarray
    classes: np.ndarray
    sources: np.ndarray

    def __len__(self) -> int:
        return len(self.classes)

    def where(self, chosen: np.ndarray) -> Pictures:
        """Return the pictures of a mask (N,) or of indices."""
        return Pictures(self.pixels[chosen], self.classes[chosen], self.sources[chosen])


def read(folder: Path) -> dict[str, Pictures]:
    """Return the splits "train", "val" and "test" of every archive in a folder.

    Raises FileNotFoundError where the folder holds none of the archives.
    """
    paths = sorted([*folder.glob("imagenette128_*.npz"), *folder.glob("pets128.npz")])
    if not paths:
        raise FileNotFoundError(f"{folder} holds neither imagenette128_*.npz nor pets128.npz")
    parts = [_read(path) for path in paths]
    pictures = Pictures(
        *(np.concatenate([getattr(part, name) for part, _ in parts]) for name in ("pixels", "classes", "sources"))
    )
    splits = np.concatenate([split for _, split in parts])
    return {name: pictures.where(splits == name) for name in ("train", "val", "test")}


def _read(path: Path) -> tuple[Pictures, np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        data, offsets = archive["jpeg"].tobytes(), archive["offset"]
        names, labels, splits = archive["classes"], archive["label"], archive["split"].copy()
    pixels = np.stack([_decode(data[a:b]) for a, b in pairwise(offsets)])
    classes = np.array([LABELS.index(SAME.get(str(name), str(name))) for name in names])[labels]
    source = next(number for number, name in enumerate(SOURCES) if path.name.startswith(name))
    if "val" not in splits:
        train = np.flatnonzero(splits == "train")
        splits[train[::HELD_OUT]] = "val"
    return Pictures(pixels, classes, np.full(len(labels), source)), splits


def _decode(jpeg: bytes) -> np.ndarray:
    picture = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))
    if picture.shape != (SIDE, SIDE, 3):
        raise ValueError(f"a picture of {SIDE}x{SIDE} was expected, found {picture.shape}")
    return picture
