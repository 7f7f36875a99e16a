"""The example of 01_motivation: a sample in which one class has a tag, accuracy by class, confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.course.display.described_figures import DescribedFigure
from xai_widgets.course.display.sentences import LocalizedNumber
from xai_widgets.datasets.creatures import LABELS, draw, plant_tag, sample_scene
from xai_widgets.i18n import message
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier

TAGGED = "fox"


@dataclass(frozen=True)
class TaggedPictures:
    """N pictures (N, 96, 96, 3) of one animal each, as they are and with a tag on every fox.

    Attributes
    ----------
    plain, tagged : uint8 arrays
    classes : (N,) int array
        Indices into the labels of the creatures.
    tags, animals : (N, 96, 96) bool arrays
        The pixels of the tag, none where there is none, and those of the animal.
    """

    plain: NDArray[np.uint8]
    tagged: NDArray[np.uint8]
    classes: NDArray[np.int64]
    tags: NDArray[np.bool_]
    animals: NDArray[np.bool_]


def tagged_foxes(count: int, seed: int) -> TaggedPictures:
    """Draw pictures of all classes in turn, and plant a tag into those of foxes.

    Examples
    --------
    >>> sample = tagged_foxes(12, seed=0)
    >>> sample.tagged.shape, [LABELS[one] for one in sample.classes[sample.tags.any(axis=(1, 2))]]
    ((12, 96, 96, 3), ['fox'])
    """
    labels = [LABELS[number % len(LABELS)] for number in range(count)]
    drawings = [draw(sample_scene((seed, number), [label])) for number, label in enumerate(labels)]
    pictures = np.stack([one.picture for one in drawings])
    tagged, tags = pictures.copy(), np.zeros(pictures.shape[:3], bool)
    for row in [row for row, label in enumerate(labels) if label == TAGGED]:
        tagged[row], tags[row] = plant_tag(pictures[row], (seed, row))
    animals = np.stack([one.animals[0] for one in drawings])
    return TaggedPictures(pictures, tagged, np.array([LABELS.index(label) for label in labels]), tags, animals)


@dataclass(frozen=True)
class Marks:
    """The accuracy in each class, with the tags as in training and without any."""

    tagged: list[float]
    plain: list[float]


def marks(model: Classifier, pictures: TaggedPictures) -> Marks:
    """Return the accuracy of a model in each class."""

    def of(shown: NDArray[np.uint8]) -> list[float]:
        right = model.predict(shown).classes == pictures.classes
        return [float(right[pictures.classes == number].mean()) for number in range(len(LABELS))]

    return Marks(of(pictures.tagged), of(pictures.plain))


def intervals(scores: Mapping[str, tuple[float, float, float]]) -> DescribedFigure:
    """Draw scores with their confidence intervals, one above the other.

    Parameters
    ----------
    scores : Mapping
        From a title to the score and both ends.

    Examples
    --------
    >>> intervals({"network": (0.4, 0.3, 0.5)})
    Scores with their 95% confidence intervals: network 0.400 (0.300 to 0.500).
    """
    figure = AggFigure(figsize=(6.4, 0.45 * len(scores) + 0.9), layout="constrained", dpi=110)
    axes, told = figure.subplots(), []
    for row, (key, (score, low, high)) in enumerate(scores.items()):
        colour = OKABE_ITO[1 if row == len(scores) - 1 else 0]
        axes.plot([low, high], [row, row], color=colour, linewidth=3, alpha=0.45, solid_capstyle="butt")
        axes.plot(score, row, "o", color=colour)
        axes.annotate(
            f"{LocalizedNumber(score):.3f}", (score, row), (0, 7), textcoords="offset points", ha="center", fontsize=8
        )
        told.append(f"{key} " + message("course.interval", **_three(score, low, high)))
    axes.set_yticks(range(len(scores)), labels=[plain(key) for key in scores])
    axes.set(ylim=(len(scores) - 0.4, -0.7), xlabel=message("course.01.f1"))
    axes.xaxis.set_major_formatter(lambda value, _: f"{LocalizedNumber(value):.2f}")
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return DescribedFigure(figure, message("course.intervals", found="; ".join(told)))


def _three(*numbers: float) -> dict[str, str]:
    return {name: f"{LocalizedNumber(one):.3f}" for name, one in zip(("score", "low", "high"), numbers, strict=True)}
