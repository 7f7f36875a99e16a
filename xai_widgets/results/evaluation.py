"""What evaluations of explanations answer: curves, scores, and checks by theory, by chance, by intervention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import rankdata

from xai_widgets.results.attribution import figure_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.models.tables import Table
    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class MaskingCurve:
    """The score against the share of the input that is hidden (deletion) or shown (insertion), for N examples.

    Attributes
    ----------
    shares : (S,) float64 array
        From 0 to 1: how much is hidden or shown, the most relevant places first.
    scores : (N, S) float32 array
        What the model then answers.
    recipe : Recipe
    """

    shares: NDArray[np.float64]
    scores: NDArray[np.float32]
    recipe: Recipe

    @property
    def area(self) -> NDArray[np.float64]:
        """The area under each curve, (N,): the mean score along the way."""
        found: NDArray[np.float64] = np.trapezoid(self.scores.astype("float64"), self.shares, axis=-1)
        return found

    def show(self) -> Figure:
        """Draw the curves, with their areas."""
        from xai_widgets.plots.evaluation import curve_figure

        return curve_figure(self.shares, self.scores, self.area, self.recipe.target, str(self.recipe))

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.scores)

    def __repr__(self) -> str:
        """Areas and recipe."""
        return f"MaskingCurve(area {_few(self.area)}, {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Draw itself in a notebook."""
        return figure_png(self.show())


@dataclass(frozen=True, eq=False)
class RoadCurve:
    """The score against the share of pixels that are replaced by what their neighbours suggest, for N examples.

    Attributes
    ----------
    shares : (S,) float64 array
        How much is replaced.
    most_first, least_first : (N, S) float32 arrays
        Scores where the most relevant pixels go first, and where the least relevant ones do.
    recipe : Recipe
    """

    shares: NDArray[np.float64]
    most_first: NDArray[np.float32]
    least_first: NDArray[np.float32]
    recipe: Recipe

    @property
    def gap(self) -> NDArray[np.float64]:
        """How far the two orders lie apart, (N,): mean over the shares of (least first - most first)."""
        found: NDArray[np.float64] = (self.least_first.astype("float64") - self.most_first).mean(axis=-1)
        return found

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.most_first)

    def __repr__(self) -> str:
        """Gaps and recipe."""
        return f"RoadCurve(gap {_few(self.gap)}, {self.recipe})"


@dataclass(frozen=True, eq=False)
class Score:
    """One number per example that says how good its explanation is, in one sense.

    Attributes
    ----------
    values : (N,) float64 array
    recipe : Recipe
    chance : (N,) float64 array or None
        What an explanation that says nothing scores, where that is known.
    """

    values: NDArray[np.float64]
    recipe: Recipe
    chance: NDArray[np.float64] | None = None

    @property
    def mean(self) -> float:
        """The mean over the examples that have a value."""
        return mean_of(self.values)

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.values)

    def __repr__(self) -> str:
        """Values and recipe."""
        return f"Score({_few(self.values)}, {self.recipe})"


@dataclass(frozen=True, eq=False)
class Infidelity(Score):
    """How far what the explanation promises lies from what the model does, when the input is changed.

    Attributes
    ----------
    values : (N,) float64 array
        Mean squared difference, in squared units of the score.
    relative : (N,) float64 array
        The same with the explanation on its best scale, as a share of the mean squared change of the score: 0 where
        promises are kept up to a factor, 1 where they say nothing. NaN where the score never changes.
    """

    relative: NDArray[np.float64] = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class Completeness:
    """Whether an explanation shares out what there is to share, for N examples.

    Attributes
    ----------
    total : (N,) float64 array
        The sum of the explanation's values.
    due : (N,) float64 array
        What it must be: the score, less that of the baseline if there is one.
    recipe : Recipe
    """

    total: NDArray[np.float64]
    due: NDArray[np.float64]
    recipe: Recipe

    @property
    def error(self) -> NDArray[np.float64]:
        """The sum less what it must be, (N,), in units of the score."""
        return self.total - self.due

    @property
    def relative(self) -> NDArray[np.float64]:
        """The size of the error as a share of what is due, (N,); NaN where nothing is."""
        due = np.where(self.due == 0, np.nan, np.abs(self.due))
        found: NDArray[np.float64] = np.abs(self.error) / due
        return found

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.total)

    def __repr__(self) -> str:
        """Errors and recipe."""
        return f"Completeness(error {_few(self.error)}, {self.recipe})"


@dataclass(frozen=True, eq=False)
class Randomisation:
    """How much a map still resembles itself while the network forgets, layer by layer, what it has learnt.

    Attributes
    ----------
    stages : tuple of S str
        The layer that was randomised last at each stage; those behind it are random already.
    similarity : (S, N) float64 array
        Between the map of the trained network and that of each stage, for N examples.
    maps : (S + 1, N, ...) float32 array
        What was compared: the map of the trained network, then those of the stages.
    recipe : Recipe
    """

    stages: tuple[str, ...]
    similarity: NDArray[np.float64]
    maps: NDArray[np.float32]
    recipe: Recipe

    @property
    def final(self) -> NDArray[np.float64]:
        """The similarity once nothing learnt is left, (N,); near 0 for a map that depends on what was learnt."""
        last: NDArray[np.float64] = self.similarity[-1]
        return last

    def show(self) -> Figure:
        """Draw the similarity against the stages."""
        from xai_widgets.plots.evaluation import randomisation_figure

        return randomisation_figure(self.stages, self.similarity, str(self.recipe))

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.final)

    def __repr__(self) -> str:
        """Write the final similarities and the recipe."""
        return f"Randomisation({len(self.stages)} stages, final similarity {_few(self.final)}, {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Draw itself in a notebook."""
        return figure_png(self.show())


@dataclass(frozen=True, eq=False)
class PartImportance:
    """What each part of the animals counts for a score, by taking it away, and by what a map claims.

    Attributes
    ----------
    parts : tuple of P (scene, animal, part)
        Which scene, which of its animals from the left, and the part's name.
    true : (P,) float64 array
        The score less that of the same scene drawn without the part.
    claimed : (P,) float64 array
        The sum of the map where taking the part away can change the picture.
    recipe : Recipe
    """

    parts: tuple[tuple[int, int, str], ...]
    true: NDArray[np.float64]
    claimed: NDArray[np.float64]
    recipe: Recipe

    @property
    def correlation(self) -> NDArray[np.float64]:
        """Rank correlation of claimed with true importance over each scene's parts, (N,); 0 where all are equal."""
        owners = np.array([scene for scene, _, _ in self.parts])
        return np.array([_ranks(self.true[owners == one], self.claimed[owners == one]) for one in np.unique(owners)])

    def show(self) -> Figure:
        """Draw claimed against true importance, one point a part."""
        from xai_widgets.plots.evaluation import parts_figure

        names = [part for _, _, part in self.parts]
        return parts_figure(names, self.true, self.claimed, str(self.recipe))

    def __len__(self) -> int:
        """Count the parts."""
        return len(self.parts)

    def __repr__(self) -> str:
        """Correlations and recipe."""
        return f"PartImportance({len(self)} parts, correlation {_few(self.correlation)}, {self.recipe})"

    def _repr_png_(self) -> bytes:
        """Draw itself in a notebook."""
        return figure_png(self.show())


@dataclass(frozen=True)
class Cost:
    """What a method asks for.

    Attributes
    ----------
    seconds : float
        For all examples together, once its graph is compiled: the median of the runs.
    forward_passes : float
        The same in forward passes of the same examples on this machine.
    runs : int
    """

    seconds: float
    forward_passes: float
    runs: int


@dataclass(frozen=True, eq=False)
class MethodComparison:
    """Scores of M methods on N examples: a row a method, a column a score.

    Attributes
    ----------
    methods : tuple of M str
    scores : dict
        By the column's name, an (M, N) float64 array; NaN where a score does not apply.
    explanations : dict
        By the method's name, its Attribution of the examples.
    table : Table
        The means over the examples, for reading; ``.table["grad_cam"].deletion`` is a cell.
    """

    methods: tuple[str, ...]
    scores: dict[str, NDArray[np.float64]]
    explanations: dict[str, Any]
    table: Table[Any]

    def __len__(self) -> int:
        """Count the methods."""
        return len(self.methods)

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table)

    def _repr_html_(self) -> str:
        """Show the table."""
        return self.table._repr_html_()


def mean_of(values: NDArray[np.float64]) -> float:
    """Return the mean of what is not NaN; NaN if nothing is left.

    Examples
    --------
    >>> mean_of(np.array([1.0, np.nan, 3.0])), mean_of(np.array([np.nan]))
    (2.0, nan)
    """
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return Pearson's correlation; 0 where one of them is constant, for it tells nothing.

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
    """Write the first of the values."""
    return ", ".join(f"{value:.4g}" for value in values[:4]) + (", ..." if len(values) > 4 else "")
