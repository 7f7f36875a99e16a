"""Draw ``data/gallery``: what ships, to look at. ``python -m data.gallery``, two minutes on two cores."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from PIL import Image

import data.creatures  # noqa: F401  (sets how TensorFlow starts)
from data.creatures.hans import TAGGED, with_tags
from xai_widgets import Classifier, load_model
from xai_widgets.datasets.creatures import LABELS, PARTS, draw, sample_batch, sample_scene
from xai_widgets.datasets.creatures.language import QUESTIONS, answer, caption
from xai_widgets.models.zoo.scene_reader import load_scene_reader

FOLDER = Path(__file__).parent / "gallery"
SEED = 2026  # of neither the training nor the tests
COUNT = 600  # pictures of a confusion matrix
PAIR = (SEED, 5)


def sheet(pictures: list[np.ndarray], columns: int) -> Image.Image:
    """Return pictures of one size side by side, row by row."""
    rows = [np.concatenate(pictures[a : a + columns], axis=1) for a in range(0, len(pictures), columns)]
    return Image.fromarray(np.concatenate(rows))


def classes() -> Image.Image:
    """Return ten animals of each class."""
    scenes = [sample_scene((SEED, row), [name]) for name in LABELS for row in range(10)]
    return sheet([draw(scene).picture for scene in scenes], 10)


def large() -> Image.Image:
    """Return a few scenes, large."""
    return sheet([draw(sample_scene((SEED, row), animals=1 + row % 2), 384).picture for row in range(6)], 3)


def masks() -> Figure:
    """Return a picture of two animals and what each of its pixels belongs to."""
    drawing = draw(sample_scene(PAIR, ["cat", "owl"], animals=2, occluders=False), 384)
    figure = Figure(figsize=(11, 3.9), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    colours = colormaps["tab20"].colors
    parts = np.full((*drawing.picture.shape[:2],), np.nan)
    seen = []
    for place, part in enumerate(PARTS):
        shown = np.any([drawing.masks[animal, part] for animal in range(2)], axis=0)
        if shown.any():
            parts[shown] = len(seen)
            seen.append(Patch(color=colours[place], label=part))
    left.imshow(drawing.picture)
    middle.imshow(parts, ListedColormap([patch.get_facecolor() for patch in seen]), interpolation="nearest")
    right.imshow(drawing.animals.argmax(axis=0) + drawing.animals.any(axis=0), "cividis", interpolation="nearest")
    for axes, title in zip((left, middle, right), ("picture", "parts", "animals"), strict=True):
        axes.set_title(title)
        axes.axis("off")
    figure.legend(handles=seen, loc="outside right center", frameon=False, fontsize=9)
    return figure


def interventions() -> Figure:
    """Return a fox changed part by part, with the logit of the fox: by how much it falls is how much a part matters."""
    model, scene = load_model("creatures"), sample_scene((SEED, 1), ["fox"], pose="front", occluders=False)
    changed = {"as drawn": scene}
    changed |= {f"no {part}": scene.without(0, part) for part in ("ears", "tail", "cheeks", "muzzle", "eyes", "belly")}
    changed |= {
        "ears of a rabbit": scene.replaced(0, "ears", "rabbit"),
        "tail of a cat": scene.replaced(0, "tail", "cat"),
    }
    changed |= {"blue head": scene.recoloured(0, "head", "royalblue")}
    pictures = {title: draw(one, 192).picture for title, one in changed.items()}
    logits = model.logits(model.as_inputs(np.stack(list(pictures.values()))))[:, LABELS.index("fox")]
    lines = [f"fox: {logit:+.1f} ({logit - logits[0]:+.1f})" for logit in logits]
    return _captioned(pictures, lines, 5)


def pairs() -> Figure:
    """Return pictures of two animals with the three highest scores of each."""
    scenes = [sample_scene((SEED, row), animals=2) for row in range(10)]
    titles = [" and ".join(scene.labels) for scene in scenes]
    pictures = {
        f"{number}. {title}": draw(one, 192).picture
        for number, (title, one) in enumerate(zip(titles, scenes, strict=True), 1)
    }
    return _scored(pictures, load_model("creatures"), 5)


def hans() -> Figure:
    """Return foxes and others with and without the tag, as the Clever Hans model sees them."""
    rows = [
        draw(sample_scene((SEED, row), [name], pose="front")).picture
        for row, name in enumerate((TAGGED, TAGGED, "cat", "pig", "owl"))
    ]
    tagged = with_tags(np.stack(rows), np.arange(len(rows)), SEED)
    pictures = {
        f"{name}, {number}": picture
        for name, group in (("tag", tagged), ("no tag", rows))
        for number, picture in enumerate(group, 1)
    }
    return _scored(pictures, load_model("creatures_hans"), 5)


def _scored(pictures: dict[str, np.ndarray], model: Classifier, columns: int) -> Figure:
    top = model.predict(np.stack(list(pictures.values()))).top(3)
    lines = ["\n".join(f"{score.label} {score.probability:.0%}" for score in scores) for scores in top]
    return _captioned(pictures, lines, columns)


def _captioned(pictures: dict[str, np.ndarray], lines: list[str], columns: int) -> Figure:
    rows = -(-len(pictures) // columns)
    figure = Figure(figsize=(2.1 * columns, 2.9 * rows), layout="constrained")
    for axes, (title, picture), line in zip(figure.subplots(rows, columns).flat, pictures.items(), lines, strict=True):
        axes.imshow(picture)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(line, fontsize=9)
        axes.set(xticks=[], yticks=[])
    return figure


def confusion(name: str, *, tags: bool = False) -> Figure:
    """Return what a model calls each class, over fresh pictures of one animal; every fox with its tag if asked."""
    batch = sample_batch(COUNT, SEED)
    true = batch.labels[:, 0]
    pictures = with_tags(batch.pictures, np.flatnonzero(true == LABELS.index(TAGGED)), SEED) if tags else batch.pictures
    called = np.asarray(load_model(name).predict(pictures).probabilities).argmax(axis=1)
    counts = np.zeros((len(LABELS), len(LABELS)), int)
    np.add.at(counts, (true, called), 1)
    title = f"{name}{', foxes with their tag' if tags else ''}: {(true == called).mean():.1%} of {COUNT} right"
    return matrix(counts, LABELS, title)


def matrix(counts: np.ndarray, labels: tuple[str, ...], title: str, rows: list[str] | None = None) -> Figure:
    """Return a confusion matrix with its numbers, rows in shares; rows have names of their own if given."""
    figure = Figure(figsize=(6.4, 5.8), layout="constrained")
    axes = figure.subplots()
    axes.imshow(counts / counts.sum(axis=1, keepdims=True), "Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axes.text(
                column,
                row,
                count,
                ha="center",
                va="center",
                fontsize=8,
                color="white" if 2 * count > counts[row].sum() else "black",
            )
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right")
    axes.set_yticks(range(len(counts)), rows or labels)
    axes.set(xlabel="called", ylabel="is", title=title)
    return figure


def reading() -> Figure:
    """Return pictures with what the two-headed model says of them; what is wrong is in red, with the right word."""
    reader, scenes = load_scene_reader(), [sample_scene((SEED, 40 + row), animals=2 - row // 3) for row in range(4)]
    pictures = np.stack([draw(scene, 288).picture for scene in scenes])
    said = [reader.caption(pictures), *(reader.answer(pictures, question) for question in QUESTIONS)]
    true = [[caption(scene) for scene in scenes], *([answer(scene, q) for scene in scenes] for q in QUESTIONS)]
    figure = Figure(figsize=(12, 4.7), layout="constrained")
    for column, axes in enumerate(figure.subplots(1, 4)):
        axes.imshow(pictures[column])
        axes.axis("off")
        for line, (question, ours, right) in enumerate(zip(("Caption:", *QUESTIONS), said, true, strict=True)):
            wrong = ours[column] != right[column]
            text = f"{question} {ours[column]}" + (f" ({right[column]})" if wrong else "")
            place, colour = (0, -0.06 - 0.09 * line), "crimson" if wrong else "black"
            axes.text(*place, text, transform=axes.transAxes, fontsize=8, color=colour)
    return figure


PAGES = {
    "classes": classes, "large": large, "masks": masks, "interventions": interventions, "pairs": pairs, "hans": hans,
    "confusion-creatures": lambda: confusion("creatures"),
    "confusion-hans-tagged": lambda: confusion("creatures_hans", tags=True),
    "confusion-hans": lambda: confusion("creatures_hans"),
    "reading": reading,
}  # fmt: skip


def main() -> None:
    """Draw everything, or the pages named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"of {', '.join(PAGES)}; all if left out")
    FOLDER.mkdir(exist_ok=True)
    for name in parser.parse_args().pages or PAGES:
        made = PAGES[name]()
        if isinstance(made, Figure):
            made.savefig(FOLDER / f"{name}.png", dpi=100)
        else:
            made.save(FOLDER / f"{name}.jpg", quality=85)
        print(name)


if __name__ == "__main__":
    main()
