"""Results of evaluations of explanations: curves, scores, completeness, randomization and importance of parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import rankdata

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.recipe import caption_of
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.common.record_table import RecordTable
    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class MaskingCurve:
    """The score against the share of the input that is hidden (deletion) or shown (insertion), for N examples.

    Attributes
    ----------
    shares : ndarray of float64, shape (S,)
        The share that is hidden or shown, from 0 to 1, in descending order of relevance.
    scores : ndarray of float32, shape (N, S)
        The score of the model for each masked input.
    recipe : Recipe
        The method and the options that reproduce the result.
    """

    shares: NDArray[np.float64]
    scores: NDArray[np.float32]
    recipe: Recipe

    @property
    def area(self) -> NDArray[np.float64]:
        """The area under each curve, shape (N,), which is the mean score over the shares."""
        found: NDArray[np.float64] = np.trapezoid(self.scores.astype("float64"), self.shares, axis=-1)
        return found

    def figure(self) -> Figure:
        """Return a matplotlib figure of the curves, with their areas in the legend."""
        from xai_widgets.plots.evaluation_figures import curve_figure

        return curve_figure(self.shares, self.scores, self.area, self.recipe.target, caption_of(self.recipe))

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.scores)

    def __repr__(self) -> str:
        """Return the areas and the recipe."""
        return f"MaskingCurve(area {_few(self.area)}, {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())


@dataclass(frozen=True, eq=False)
class RoadCurve:
    """The score against the share of pixels that are imputed from their neighbours (ROAD), for N examples.

    Attributes
    ----------
    shares : ndarray of float64, shape (S,)
        The share of pixels that are replaced, 0 to 1.
    most_first : ndarray of float32, shape (N, S)
        Scores if the most relevant pixels are replaced first.
    least_first : ndarray of float32, shape (N, S)
        Scores if the least relevant pixels are replaced first.
    recipe : Recipe
        The method and the options that reproduce the result.
    """

    shares: NDArray[np.float64]
    most_first: NDArray[np.float32]
    least_first: NDArray[np.float32]
    recipe: Recipe

    @property
    def gap(self) -> NDArray[np.float64]:
        """The mean over the shares of ``least_first - most_first``, shape (N,), in units of the score."""
        found: NDArray[np.float64] = (self.least_first.astype("float64") - self.most_first).mean(axis=-1)
        return found

    def figure(self) -> Figure:
        """Draw both curves of each example."""
        from xai_widgets.plots.evaluation_figures import road_figure

        return road_figure(self.shares, self.most_first, self.least_first, self.recipe.target, caption_of(self.recipe))

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.most_first)

    def __repr__(self) -> str:
        """Return the gaps and the recipe."""
        return f"RoadCurve(gap {_few(self.gap)}, {self.recipe})"


@dataclass(frozen=True, eq=False)
class MethodScore:
    """The value of a metric for the explanation of each example.

    Attributes
    ----------
    values : ndarray of float64, shape (N,)
        The metric; NaN for an example without a value.
    recipe : Recipe
        The metric and the options that reproduce the result.
    chance : ndarray of float64, shape (N,), or None
        The value for an uninformative explanation, if it is known.
    """

    values: NDArray[np.float64]
    recipe: Recipe
    chance: NDArray[np.float64] | None = None

    @property
    def mean(self) -> float:
        """The mean over the examples with a value."""
        return mean_of(self.values)

    def figure(self) -> Figure:
        """Draw the numbers, one bar an example."""
        return _bars(self.values, self.recipe, "value")

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.values)

    def __repr__(self) -> str:
        """Return the values and the recipe."""
        return f"MethodScore({_few(self.values)}, {self.recipe})"


@dataclass(frozen=True, eq=False)
class Infidelity(MethodScore):
    """The difference between the change of the score that an explanation predicts and the true one.

    Attributes
    ----------
    values : ndarray of float64, shape (N,)
        Mean squared difference over random perturbations, in squared units of the score.
    recipe : Recipe
        The metric and the options that reproduce the result.
    chance : ndarray of float64, shape (N,), or None
        The value for an uninformative explanation, if it is known.
    relative : ndarray of float64, shape (N,)
        The mean squared difference with the best scale of the explanation, divided by the mean squared change of the
        score: 0 if the prediction is exact up to a factor, 1 if it is uninformative, NaN if the score never changes.
    """

    relative: NDArray[np.float64] = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class Completeness:
    """Whether the values of an explanation sum to the score, for N examples.

    Attributes
    ----------
    total : ndarray of float64, shape (N,)
        The sum of the values of the explanation.
    due : ndarray of float64, shape (N,)
        The theoretical sum: the score minus that of the baseline, if there is one.
    recipe : Recipe
        The method and the options that reproduce the result.
    """

    total: NDArray[np.float64]
    due: NDArray[np.float64]
    recipe: Recipe

    @property
    def error(self) -> NDArray[np.float64]:
        """The sum of the values minus its theoretical value, shape (N,), in units of the score."""
        return self.total - self.due

    @property
    def relative(self) -> NDArray[np.float64]:
        """The absolute error divided by the absolute theoretical sum, shape (N,); NaN where that sum is 0."""
        due = np.where(self.due == 0, np.nan, np.abs(self.due))
        found: NDArray[np.float64] = np.abs(self.error) / due
        return found

    def figure(self) -> Figure:
        """Draw the errors, one bar an example."""
        return _bars(self.error, self.recipe, "error")

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.total)

    def __repr__(self) -> str:
        """Return the errors and the recipe."""
        return f"Completeness(error {_few(self.error)}, {self.recipe})"


@dataclass(frozen=True, eq=False)
class Randomisation:
    """The similarity of a map to that of the trained network while the weights are randomised layer by layer.

    Attributes
    ----------
    stages : tuple of str
        The layer that is randomised last at each of S stages; the layers after it are random already.
    similarity : ndarray of float64, shape (S, N)
        The similarity between the map of the trained network and that of each stage, for N examples.
    maps : ndarray of float32, shape (S + 1, N, ...)
        The map of the trained network, then those of the stages.
    recipe : Recipe
        The method and the options that reproduce the result.
    """

    stages: tuple[str, ...]
    similarity: NDArray[np.float64]
    maps: NDArray[np.float32]
    recipe: Recipe

    @property
    def final(self) -> NDArray[np.float64]:
        """The similarity if all layers are random, shape (N,); close to 0 for a map that depends on the weights."""
        last: NDArray[np.float64] = self.similarity[-1]
        return last

    def figure(self) -> Figure:
        """Return a matplotlib figure of the similarity against the stages."""
        from xai_widgets.plots.evaluation_figures import randomisation_figure

        return randomisation_figure(self.stages, self.similarity, caption_of(self.recipe))

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.final)

    def __repr__(self) -> str:
        """Return the final similarities and the recipe."""
        return f"Randomisation({len(self.stages)} stages, final similarity {_few(self.final)}, {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())


@dataclass(frozen=True, eq=False)
class PartImportance:
    """The importance of each part of the animals for a score, by an intervention and according to a map.

    Attributes
    ----------
    parts : tuple of (int, int, str)
        For each of P parts, the index of the scene, that of the animal from the left, and the name of the part.
    true : ndarray of float64, shape (P,)
        The score minus that of the same scene drawn without the part.
    claimed : ndarray of float64, shape (P,)
        The sum of the map over the pixels that can change if the part is removed.
    recipe : Recipe
        The method and the options that reproduce the result.
    """

    parts: tuple[tuple[int, int, str], ...]
    true: NDArray[np.float64]
    claimed: NDArray[np.float64]
    recipe: Recipe

    @property
    def correlation(self) -> NDArray[np.float64]:
        """Rank correlation of claimed and true importance over the parts of each scene, (N,); 0 if all are equal."""
        owners = np.array([scene for scene, _, _ in self.parts])
        return np.array([_ranks(self.true[owners == one], self.claimed[owners == one]) for one in np.unique(owners)])

    def figure(self) -> Figure:
        """Return a matplotlib figure of claimed against true importance, with one point for each part."""
        from xai_widgets.plots.evaluation_figures import parts_figure

        names = [part for _, _, part in self.parts]
        return parts_figure(names, self.true, self.claimed, caption_of(self.recipe))

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self.parts)

    def __repr__(self) -> str:
        """Return the correlations and the recipe."""
        return f"PartImportance({len(self)} parts, correlation {_few(self.correlation)}, {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())


@dataclass(frozen=True)
class MeasuredCost:
    """The measured computing time of a method.

    Attributes
    ----------
    seconds : float
        Time for all examples together, without compilation, in seconds: the median of the runs.
    forward_passes : float
        The same time, in units of the time of a forward pass of the same examples on this machine.
    runs : int
        Number of runs.
    recipe : Recipe or None
        The method and its options; None if the result was not made by `cost`. Times differ between calls.
    """

    seconds: float
    forward_passes: float
    runs: int
    recipe: Recipe | None = None

    def figure(self) -> Figure:
        """Draw the seconds as a bar, with the forward passes that they make."""
        from xai_widgets.plots.bar_figures import bars_figure

        name = "" if self.recipe is None else str(self.recipe.arguments.get("method", ""))
        passes = message("evaluation.in_passes", passes=decimal(self.forward_passes, 1))
        return bars_figure({passes: ([name], [self.seconds])}, message("evaluation.seconds"), str(self.recipe or ""))

    show = shown(figure)


@dataclass(frozen=True, eq=False)
class MethodComparison:
    """Scores of M methods on N examples.

    Attributes
    ----------
    methods : tuple of str
        The names of the M methods.
    scores : dict of str to ndarray of float64, shape (M, N)
        For the name of each score, its values; NaN where a score does not apply.
    explanations : dict of str to Attribution
        For the name of each method, its attributions of the examples.
    table : RecordTable
        The means over the examples, for reading; ``.table["grad_cam"].deletion`` is a cell.
    recipe : Recipe or None
        None where it was not made by `compare_methods`.
    """

    methods: tuple[str, ...]
    scores: dict[str, NDArray[np.float64]]
    explanations: dict[str, Any]
    table: RecordTable[Any]
    recipe: Recipe | None = None

    def figure(self) -> Figure:
        """Draw the means as bars, a panel a score."""
        from xai_widgets.plots.bar_figures import bars_figure

        panels = {
            message(f"evaluation.column_{column}"): (self.methods, [mean_of(row) for row in values])
            for column, values in self.scores.items()
        }
        return bars_figure(panels, caption=str(self.recipe or ""), shared=False)

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of methods."""
        return len(self.methods)

    def __repr__(self) -> str:
        """Return the table as text."""
        return repr(self.table)

    def _repr_html_(self) -> str:
        """Return the table as HTML."""
        return self.table._repr_html_()


def _bars(values: NDArray[np.float64], recipe: Recipe, label: str) -> Figure:
    """Draw one number for each example."""
    from xai_widgets.plots.bar_figures import bars_figure

    numbered = [message("evaluation.example", number=place + 1) for place in range(len(values))]
    names = recipe.target if len(recipe.target) == len(values) else numbered
    return bars_figure({recipe.method: (names, values)}, message(f"evaluation.{label}"), str(recipe))


def mean_of(values: NDArray[np.float64]) -> float:
    """Return the mean of the values that are not NaN, or NaN if there are none.

    Examples
    --------
    >>> mean_of(np.array([1.0, np.nan, 3.0])), mean_of(np.array([np.nan]))
    (2.0, nan)
    """
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return Pearson's correlation; 0 where one of the arrays is constant.

    Examples
    --------
    >>> round(correlation(np.array([1.0, 2, 3]), np.array([2.0, 4, 6])), 6), correlation(np.ones(3), np.arange(3.0))
    (1.0, 0.0)
    """
    a, b = a - a.mean(), b - b.mean()
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.clip(a @ b / lengths, -1, 1)) if lengths > 0 else 0.0


def _ranks(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return correlation(rankdata(a), rankdata(b))


def _few(values: NDArray[np.float64]) -> str:
    """Return the first four values as text."""
    return ", ".join(f"{value:.4g}" for value in values[:4]) + (", ..." if len(values) > 4 else "")
