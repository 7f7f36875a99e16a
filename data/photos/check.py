"""Measure the photos model on its test pictures: ``python -m data.photos.check FOLDER``, a minute on two cores.

The test pictures cannot ship. What is measured goes into the card, the page and ``confusion.json``: accuracy by class,
and what the pictures of each class and source are called, which shows whether the net goes by the source.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import data.photos.train as training
from data.cards import write_card
from data.gallery import FOLDER as GALLERY
from data.gallery import matrix as matrix_figure
from data.photos.pictures import LABELS, SOURCES, Pictures, read
from xai_widgets import load_model, sample_image

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

FOLDER = Path(__file__).parent
CAT, DOG = LABELS.index("cat"), LABELS.index("dog")
PASSES = 30  # of which the median counts


def confusion(net: keras.Model, pictures: Pictures) -> dict[str, np.ndarray]:
    """Return for each source how many pictures (K, K) of a class are called what."""
    called = training.predict(net, pictures).argmax(axis=1)
    counts = {source: np.zeros((len(LABELS), len(LABELS)), int) for source in SOURCES}
    for number, source in enumerate(SOURCES):
        chosen = pictures.sources == number
        np.add.at(counts[source], (pictures.classes[chosen], called[chosen]), 1)
    return counts


def figures(counts: dict[str, np.ndarray]) -> dict[str, float | list[float]]:
    """Return what the card says."""
    total = np.sum(list(counts.values()), axis=0)
    pets, springers = counts["pets"], counts["imagenette"][DOG]
    things = [place for place in range(len(LABELS)) if place not in (CAT, DOG)]
    others = counts["imagenette"][things]
    return {
        "tested_on": int(total.sum()),
        "accuracy": float(total.trace() / total.sum()),
        "accuracy_per_class": (total.diagonal() / total.sum(axis=1)).tolist(),
        "springers_called_dog": float(springers[DOG] / springers.sum()),
        "pets_called_things": float(pets[:, things].sum() / pets.sum()),
        "things_called_pets": float(others[:, [CAT, DOG]].sum() / others.sum()),
    }


def drawn(counts: dict[str, np.ndarray]) -> Figure:
    """Return the confusion matrix; cats and dogs have a row for each source."""
    rows = {
        f"{label} ({source})" if place in (CAT, DOG) else label: (place, matrix[place])
        for source, matrix in counts.items()
        for place, label in enumerate(LABELS)
        if matrix[place].any()
    }
    right, total = (int(sum(pick)) for pick in zip(*((row[at], row.sum()) for at, row in rows.values()), strict=True))
    shown = np.stack([row for _, row in rows.values()])
    return matrix_figure(shown, LABELS, f"photos: {right / total:.1%} of {total} right", list(rows))


def milliseconds() -> float:
    """Return the median time of one picture through the shipped model, on one core if the process has but one."""
    model = load_model("photos")
    inputs = model.as_inputs(sample_image("cat"))
    taken = []
    for _ in range(PASSES):
        begun = time.perf_counter()
        model.logits(inputs)
        taken.append(1e3 * (time.perf_counter() - begun))
    return float(np.median(taken))


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder of imagenette128_*.npz and pets128.npz")
    options = parser.parse_args()
    model = load_model("photos")
    counts = confusion(model.model, read(options.pictures)["test"])
    found = figures(counts)
    write_card(FOLDER, found)
    kept = {"labels": LABELS, **{source: matrix.tolist() for source, matrix in counts.items()}}
    (FOLDER / "confusion.json").write_text(json.dumps(kept) + "\n", encoding="utf-8")
    drawn(counts).savefig(GALLERY / "confusion-photos.png", dpi=100)
    for name, value in found.items():
        print(f"{name}: {value}")
    print(f"a forward pass: {milliseconds():.1f} ms")


if __name__ == "__main__":
    main()
