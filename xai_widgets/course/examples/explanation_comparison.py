"""The comparisons of 09_choosing: maps, masking curves, and maps that may not depend on the network."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from xai_widgets.course.display.claims import interval_of
from xai_widgets.course.display.described_figures import DescribedFigure
from xai_widgets.course.display.sentences import LocalizedNumber
from xai_widgets.datasets.creatures import draw
from xai_widgets.datasets.pictures.creature_samples import creature_scene
from xai_widgets.i18n import catalogue, language, message
from xai_widgets.methods import cascading_randomisation
from xai_widgets.methods.attribution.backpropagation.deconvolution import guided_backprop
from xai_widgets.methods.attribution.cam.cam import grad_cam
from xai_widgets.methods.attribution.gradients.saliency import saliency
from xai_widgets.methods.attribution.gradients.smooth_grad import smooth_grad
from xai_widgets.methods.evaluation.place_scores import relevance
from xai_widgets.models.zoo.loading import load_model
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.plots.panels import UNSIGNED_MAP, interpolation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from xai_widgets.datasets.creatures import Drawing
    from xai_widgets.results.attribution_result import Attribution
    from xai_widgets.results.evaluation_results import MaskingCurve, PartImportance, Randomisation

_DASHES = ("-", "--", ":", "-.")
_PANEL = 1.45  # inches


def edges(model: Any, inputs: Any, target: Any) -> Attribution:
    """Return the edges of the picture: a map that resembles an explanation and does not depend on the network."""
    found = saliency(model, inputs, target)
    gradients = np.gradient(np.asarray(inputs, "float32").mean(axis=-1), axis=(1, 2))
    recipe = dataclasses.replace(found.recipe, method="edges", options={})
    return dataclasses.replace(found, values=np.hypot(*gradients).astype("float32"), recipe=recipe)


def _smooth(model: Any, inputs: Any, target: Any) -> Attribution:
    return smooth_grad(model, inputs, target, samples=16)


SUSPECTS: Final[dict[str, Callable[..., Attribution]]] = {
    "A": saliency,
    "B": edges,
    "C": grad_cam,
    "D": guided_backprop,
    "E": _smooth,
}
"""The maps of the exercise on the sanity check, by the letter that hides which method made them."""


def spoken(methods: Iterable[str]) -> list[str]:
    """Return the names of methods in the reader's language; names without a translation are returned unchanged.

    Examples
    --------
    >>> spoken(["grad_cam", "1"])
    ['Grad-CAM', '1']
    """
    known = catalogue("attribution", language())
    return [known.get(f"method_{name}", name) for name in methods]


def with_interval(samples: ArrayLike, spec: str) -> str:
    """Return the mean of samples with its 95% interval, as a cell of a table.

    Parameters
    ----------
    samples : (n,) array of bool or float
        One value for each independent case.
    spec : str
        The format of a number, such as ``".0%"``.

    Returns
    -------
    str

    Examples
    --------
    >>> with_interval([True] * 9 + [False], ".0%")
    '90% [60%, 98%]'
    """
    found = interval_of(samples)
    mean, low, high = (f"{LocalizedNumber(one):{spec}}" for one in (found.mean, found.low, found.high))
    return message("course.09.interval", mean=mean, low=low, high=high)


def leading(scores: Mapping[str, NDArray[Any]]) -> list[str]:
    """Return the name with the best mean, and those whose difference to it has an interval that contains zero.

    Parameters
    ----------
    scores : Mapping
        From a name to its score on each of n cases, the same cases for all; the higher the better.

    Returns
    -------
    list of str
        The best first.

    Examples
    --------
    >>> leading({"a": np.array([0.1, 0.2, 0.3]), "b": np.array([0.7, 0.9, 0.8])})
    ['b']
    """
    best = max(scores, key=lambda name: float(np.mean(scores[name])))
    close = [name for name in scores if name != best and interval_of(scores[best] - scores[name]).low <= 0]
    return [best, *close]


def claimed_by(measured: PartImportance, drawings: Sequence[Drawing], explanation: Any) -> PartImportance:
    """Return the importance of parts that was measured once, beside what another map claims for them.

    Parameters
    ----------
    measured : PartImportance
        Of N scenes; what it has measured is kept.
    drawings : Sequence of N Drawings
        The same scenes, drawn at the size of the map.
    explanation : Attribution or array
        The other map of these scenes, (N, S, S, C) or (N, S, S).

    Returns
    -------
    PartImportance
    """
    maps = relevance(explanation, np.array([one.picture for one in drawings], "float32"))
    claimed = [maps[scene][drawings[scene].footprint(animal, part)].sum() for scene, animal, part in measured.parts]
    return dataclasses.replace(measured, claimed=np.array(claimed))


def similarity_when_random(seed: int) -> dict[str, float]:
    """Return the similarity of each map of a cat to that of the network with half of its layers randomised.

    These are the layers nearest to the output, whose activations differ most from class to class.
    """
    model = load_model("creatures")
    picture = draw(creature_scene("creature-cat-dog"), 96).picture
    return {
        letter: float(cascading_randomisation(model, picture, method, "cat", steps=2, seed=seed).similarity[0, 0])
        for letter, method in SUSPECTS.items()
    }


def map_panels(maps: Mapping[str, NDArray[Any]], columns: int = 5) -> DescribedFigure:
    """Draw maps side by side, each on its own scale and with its title.

    Parameters
    ----------
    maps : Mapping
        From the title of a panel to a picture (H, W, 3) in [0, 1] or the magnitudes of a map (H, W).
    columns : int

    Returns
    -------
    DescribedFigure
    """
    rows = -(-len(maps) // columns)
    figure = AggFigure(figsize=(_PANEL * columns, (_PANEL + 0.22) * rows), layout="constrained", dpi=110)
    axes = np.asarray(figure.subplots(rows, columns, squeeze=False))
    for panel in axes.ravel().tolist():
        panel.set_axis_off()
    titles = spoken(maps)
    for panel, title, values in zip(axes.ravel(), titles, maps.values(), strict=False):
        shown = values if values.ndim == 3 else np.abs(values)
        # The brightest pixels of a fine map are so few that all others would be black beside them.
        limit = None if values.ndim == 3 else float(np.quantile(shown, 0.995)) or 1.0
        panel.imshow(shown, cmap=UNSIGNED_MAP, vmin=0, vmax=limit, interpolation=interpolation(shown))
        panel.set_title(title, fontsize=9)
    return DescribedFigure(figure, message("course.09.maps", names=", ".join(filter(None, titles))))


def curve_panels(curves: Mapping[str, MaskingCurve]) -> DescribedFigure:
    """Draw the masking curves of several methods on one picture, each with its area.

    Parameters
    ----------
    curves : Mapping
        From a method's name to its curve; the first example is drawn.

    Returns
    -------
    DescribedFigure
        Its text says the areas.
    """
    figure = AggFigure(figsize=(7.6, 3.2), layout="constrained", dpi=110)
    axes, sentences = figure.subplots(), []
    for number, (name, curve) in enumerate(curves.items()):
        label = message("evaluation.area", name=spoken([name])[0], area=f"{LocalizedNumber(curve.area[0]):.2f}")
        style: dict[str, Any] = {"linestyle": _DASHES[number % 4], "marker": ".", "color": OKABE_ITO[number]}
        axes.plot(curve.shares, curve.scores[0], label=label, **style)
        sentences.append(label)
    axes.set(xlabel=message("course.09.share_hidden"), ylabel=message("evaluation.score"), ylim=(-0.02, 1.02))
    axes.xaxis.set_major_formatter(lambda value, _: f"{LocalizedNumber(value):.0%}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{LocalizedNumber(value):.1f}")
    figure.legend(loc="outside right upper", frameon=False, fontsize=9)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return DescribedFigure(figure, message("course.09.curves", areas="; ".join(sentences)))


def cascade_panels(checks: Mapping[str, Randomisation], stages: tuple[int, ...]) -> DescribedFigure:
    """Draw several kinds of maps, a row each: those of the trained network, then after some of the stages.

    Parameters
    ----------
    checks : Mapping
        From the word beside a row to what `cascading_randomisation` found; the first example is drawn.
    stages : tuple of int
        Which stages are shown, from 1.

    Returns
    -------
    DescribedFigure
    """
    shown = (0, *stages)
    figure = AggFigure(figsize=(_PANEL * len(shown), _PANEL * len(checks) + 0.3), layout="constrained", dpi=110)
    axes = np.asarray(figure.subplots(len(checks), len(shown), squeeze=False))
    for row, (name, check) in enumerate(checks.items()):
        for column, stage in enumerate(shown):
            panel, values = axes[row, column], np.abs(check.maps[stage][0])
            panel.imshow(values, cmap=UNSIGNED_MAP, vmin=0, vmax=float(np.quantile(values, 0.995)) or 1.0)
            panel.set(xticks=[], yticks=[])
            panel.spines[:].set_visible(False)
            if row == 0:
                words = message("course.09.trained") if stage == 0 else check.stages[stage - 1]
                panel.set_title(words, fontsize=9)
        axes[row, 0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=11)
    return DescribedFigure(figure, message("course.09.cascade", names=", ".join(checks)))
