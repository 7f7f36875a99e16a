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
from data.cards import ASSETS, PAGES, write_card
from data.gallery import FOLDER as GALLERY
from data.gallery import matrix as matrix_figure
from data.photos.pictures import LABELS, SOURCES, Pictures, read
from data.saving import save_arrays_repeatably
from xai_widgets import load_model, sample_image
from xai_widgets.methods.embedding.features import last_features

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

    from xai_widgets.models.kinds.classifier import Classifier

CAT, DOG = LABELS.index("cat"), LABELS.index("dog")
PASSES = 30  # of which the median counts
LAID_OUT = 100  # test pictures of each class, whose vectors ship


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


def features(model: Classifier, pictures: Pictures, path: Path) -> str:
    """Keep what the model makes of some test pictures just before its answer; return the file's SHA-256.

    ``vectors`` (N, D) float16, ``classes`` (N,) and ``called`` (N,) uint8: the pictures themselves cannot ship.
    """
    rng = np.random.default_rng(0)
    rows = [rng.permutation(np.flatnonzero(pictures.classes == one))[:LAID_OUT] for one in range(len(LABELS))]
    chosen = pictures.where(np.concatenate(rows))
    found = last_features(model, chosen.pixels, chosen.classes)
    called = training.predict(model.model, chosen).argmax(axis=1)
    kept = {
        "vectors": found.vectors.astype("float16"),
        "classes": chosen.classes.astype("uint8"),
        "called": called.astype("uint8"),
    }
    return save_arrays_repeatably(kept, path)


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
    test = read(options.pictures)["test"]
    counts = confusion(model.model, test)
    found = figures(counts)
    found["features_sha256"] = features(model, test, ASSETS / "photos" / "features.npz")
    write_card(ASSETS / "photos", found)
    kept = {"labels": LABELS, **{source: matrix.tolist() for source, matrix in counts.items()}}
    (PAGES / "photos" / "confusion.json").write_text(json.dumps(kept) + "\n", encoding="utf-8")
    drawn(counts).savefig(GALLERY / "confusion-photos.png", dpi=100)
    for name, value in found.items():
        print(f"{name}: {value}")
    print(f"a forward pass: {milliseconds():.1f} ms")


if __name__ == "__main__":
    main()
