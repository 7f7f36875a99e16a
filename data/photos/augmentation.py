"""Random views of the training pictures, drawn in the same way whatever the source and the class.

The two sources differ in camera, framing and squeeze; what a view changes (crop, proportions, mirror, brightness,
contrast, saturation, sharpness) is what could tell them apart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from data.photos.pictures import Pictures

PROPORTIONS = (3 / 4, 4 / 3)  # width over height of a view
AT_MOST = 1600  # pictures of a class in an epoch
BLURRED = 0.2  # share of the views that are drawn from a coarser picture


class Phase(NamedTuple):
    """A part of the training.

    Attributes
    ----------
    side : int
        Pixels of a view.
    share : float
        How much of the training it is, 0..1.
    least : float
        The smallest share of a picture that a view shows. Views of a part make things look larger than they are in
        whole pictures; the last phase shows nearly whole ones, as the net will be given (Touvron et al., "Fixing the
        train-test resolution discrepancy", NeurIPS 2019).
    pasted : float
        The share of the views into which a part of another one is pasted.
    """

    side: int
    share: float
    least: float
    pasted: float


def views(pixels: np.ndarray, side: int, least: float, rng: np.random.Generator) -> np.ndarray:
    """Return one random view, float32 (N, side, side, 3) in 0..1, of each picture (N, H, W, 3) uint8."""
    cropped = np.stack([_cropped(picture, side, least, rng) for picture in pixels])
    return _lit(cropped.astype("float32") / 255, rng)


def plain(pixels: np.ndarray, side: int) -> np.ndarray:
    """Return the pictures as they are, only resized: float32 (N, side, side, 3) in 0..1."""
    if pixels.shape[1] != side:
        pixels = np.stack([np.asarray(Image.fromarray(one).resize((side, side), Image.BILINEAR)) for one in pixels])
    return pixels.astype("float32") / 255


def _cropped(picture: np.ndarray, side: int, least: float, rng: np.random.Generator) -> np.ndarray:
    height, width = picture.shape[:2]
    proportion = math.exp(rng.uniform(*map(math.log, PROPORTIONS)))
    area = rng.uniform(least, 1) * height * width
    wide, high = min(width, math.sqrt(area * proportion)), min(height, math.sqrt(area / proportion))
    left, top = rng.uniform(0, width - wide), rng.uniform(0, height - high)
    image, box = Image.fromarray(picture), (left, top, left + wide, top + high)
    if rng.random() < BLURRED:
        coarse = round(side * rng.uniform(0.4, 0.9))
        image, box = image.resize((coarse, coarse), Image.BILINEAR, box), None
    view = np.asarray(image.resize((side, side), Image.BILINEAR, box))
    return view[:, ::-1] if rng.random() < 0.5 else view


def _lit(views: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Change brightness, contrast and saturation of each view, each by a factor of its own."""

    def factors() -> np.ndarray:
        return rng.uniform(0.7, 1.3, (len(views), 1, 1, 1)).astype("float32")

    grey = views.mean(axis=3, keepdims=True)
    views = grey + factors() * (views - grey)
    mean = views.mean(axis=(1, 2, 3), keepdims=True)
    views = mean * factors() + factors() * (views - mean)
    return np.clip(views, 0, 1)


def pasted(
    views: np.ndarray, targets: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Paste a rectangle of another view into a share of the views, and mix the targets (N, K) by area.

    Each row of targets still adds up to 1. Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers
    with Localizable Features", ICCV 2019. It also shows the net two things in one picture.
    """
    side, mixed, kept = views.shape[1], views.copy(), np.ones((len(views), 1), "float32")
    others = rng.permutation(len(views))
    for row in np.flatnonzero(rng.random(len(views)) < share):
        height, width = (round(side * rng.uniform(0.35, 0.8)) for _ in range(2))
        top, left = rng.integers(side - height + 1), rng.integers(side - width + 1)
        window = np.s_[top : top + height, left : left + width]
        mixed[row][window] = views[others[row]][window]
        kept[row] -= height * width / side**2
    return mixed, kept * targets + (1 - kept) * targets[others]


class Views(keras.utils.PyDataset):
    """Random views in random order, new ones each epoch; of a frequent class only a part is drawn each time.

    A dog is six times as frequent as a golf ball: at most `AT_MOST` pictures of a class are seen in an epoch, and what
    is left of the difference is taken out of the loss by a weight for each picture. The targets themselves must add up
    to 1: the gradient of TensorFlow's cross-entropy is wrong for others, and pushes all scores up together.

    Each batch has random numbers of its own, so that any number of workers gives the same views.
    """

    def __init__(self, pictures: Pictures, phase: Phase, batch: int, seed: int, **options: Any) -> None:
        super().__init__(**options)
        self.pictures, self.phase, self.batch, self.seed = pictures, phase, batch, seed
        counts = np.minimum(np.bincount(pictures.classes), AT_MOST)
        self.weights = (counts.mean() / counts).astype("float32")
        rng = np.random.default_rng(seed)
        rows = [rng.permutation(np.flatnonzero(pictures.classes == one))[:AT_MOST] for one in range(len(counts))]
        self.order = rng.permutation(np.concatenate(rows))

    def __len__(self) -> int:
        return len(self.order) // self.batch

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self.seed, number])
        rows = self.order[number * self.batch : (number + 1) * self.batch]
        targets = np.eye(len(self.weights), dtype="float32")[self.pictures.classes[rows]]
        seen = views(self.pictures.pixels[rows], self.phase.side, self.phase.least, rng)
        seen, targets = pasted(seen, targets, self.phase.pasted, rng)
        return seen, targets, targets @ self.weights
