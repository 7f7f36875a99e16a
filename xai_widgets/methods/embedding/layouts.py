"""Vectors to points of the plane: PCA, t-SNE (by openTSNE) and UMAP (by umap-learn)."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from xai_widgets.common.arrays import as_array
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.results.embedding_result import Embedding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Annotated

    from numpy.typing import ArrayLike, NDArray

    from xai_widgets.common.option_types import Positive, PositiveInt, Progress, Seed, Share, Within

    Watch = Callable[[NDArray[np.float32], int, float | None], object]

_EARLY: Final = 250  # steps with exaggerated attraction, as van der Maaten (2014) and openTSNE have it
_FEWEST: Final = 4  # vectors of which a layout can be made
_FFT_FROM: Final = 10_000  # points from which interpolation is faster than the tree
_UNWATCHED: Final = 50  # steps between two reports where nobody watches: openTSNE takes the divergence for each


@recorded
def pca(vectors: ArrayLike, *, seed: Seed = 0) -> Embedding:
    """Project vectors on the two directions in which they vary most.

    Parameters
    ----------
    vectors : (N, D) array
        Finite numbers, a row for each vector, N at least 4.
    seed : int, default 0
        Seed of the randomised solver that large data are given, 0 or more.

    Returns
    -------
    Embedding
        ``.points`` (N, 2), in the units of the vectors. The sign of an axis is such that its largest coordinate is
        positive.

    Raises
    ------
    ValueError
        If what is given is no table of finite numbers with 4 rows or more.

    References
    ----------
    Harold Hotelling (1933), Analysis of a complex of statistical variables into principal components,
    doi:10.1037/h0071325.

    Examples
    --------
    >>> line = np.outer([0, 1, 2, 7], [3, 4])
    >>> pca(line).points[:, 0].round(3).tolist()
    [-12.5, -7.5, -2.5, 22.5]
    """
    table = as_vectors(vectors)
    return Embedding(_principal(table, seed).astype(np.float32), "pca", {"seed": seed})


@recorded
def tsne(
    vectors: ArrayLike,
    *,
    perplexity: Positive | None = None,
    steps: PositiveInt = 750,
    exaggeration: Annotated[float, Within(least=1)] = 12,
    start: Literal["pca", "random"] = "pca",
    seed: Seed = 0,
    jobs: PositiveInt = 2,
    watch: Callable[[NDArray[np.float32], int, float | None], object] | None = None,
    every: PositiveInt = 10,
    progress: Progress = None,
) -> Embedding:
    """Lay vectors out so that neighbours stay neighbours, by t-SNE.

    Parameters
    ----------
    vectors : (N, D) array
        Finite numbers, a row for each vector, N at least 4.
    perplexity : float, optional
        About how many neighbours each point looks at; from 1 to (N - 1) / 3. By default 30, or that largest one.
    steps : int, default 750
        Steps of the descent, 1 or more.
    exaggeration : float, default 12
        How much stronger attraction is in the first 250 steps; at least 1.
    start : {"pca", "random"}, default "pca"
        Where the descent begins: at the vectors' two principal components, which keeps the large arrangement, or at
        random points.
    seed : int, default 0
        Seed of the start, and of the search for neighbours among many points; 0 or more.
    jobs : int, default 2
        Threads. The same number gives the same layout on a machine; sums are rounded otherwise with another number,
        and t-SNE makes much of little. That is why it is 2 wherever it runs, and not the number of cores.
    watch : callable, optional
        Called with points (N, 2), steps done and divergence (None at the start), first with the start itself. What
        it returns stops the descent if true.
    every : int, default 10
        Steps between two calls of `watch`; it must divide 250. Each call costs about as much as two steps.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting steps, and may raise an error to stop. None is
        silent.

    Returns
    -------
    Embedding
        ``.points`` (N, 2), whose unit means nothing; ``.divergence``, the Kullback-Leibler divergence that is left.
        Exact gradients are approximated: by a tree below 10,000 points, by interpolation and FFT from there on.

    Raises
    ------
    ValueError
        If what is given is no table of finite numbers with 4 rows or more, or an option is out of its range.
    ImportError
        If openTSNE is not installed.

    References
    ----------
    Laurens van der Maaten, Geoffrey Hinton (2008), Visualizing data using t-SNE, Journal of Machine Learning Research
    9. Laurens van der Maaten (2014), Accelerating t-SNE using tree-based algorithms, Journal of Machine Learning
    Research 15. George Linderman et al. (2019), Fast interpolation-based t-SNE for improved visualization of
    single-cell RNA-seq data, doi:10.1038/s41592-018-0308-4. Pavlin Poličar, Martin Stražar, Blaž Zupan (2024),
    openTSNE: a modular Python library for t-SNE dimensionality reduction and embedding, doi:10.18637/jss.v109.i03.

    Examples
    --------
    >>> two = np.repeat(np.eye(2) * 10, 10, axis=0) + np.random.default_rng(0).normal(size=(20, 2)) / 10
    >>> tsne(two, perplexity=5, steps=20)
    Embedding(20 points: tsne · perplexity=5 · steps=20 · exaggeration=12 · start=pca · seed=0 · jobs=2)
    """
    table = as_vectors(vectors)
    perplexity = min(30, (len(table) - 1) / 3) if perplexity is None else perplexity
    _check_options(len(table), perplexity, every)
    place = _start(table, start, seed)
    film = _Film(steps, _UNWATCHED if watch is None else every, watch, reporter(progress))
    film.begin(place)
    descent = {"perplexity": perplexity, "steps": steps, "exaggeration": exaggeration}
    found = _descend(table, place, film, **descent, seed=seed, jobs=jobs)
    film.end(found)
    options = {**descent, "start": start, "seed": seed, "jobs": jobs}
    return Embedding(np.asarray(found, np.float32), "tsne", options, film.divergence, film.done)


@recorded
def umap(
    vectors: ArrayLike,
    *,
    neighbours: Annotated[int, Within(least=2)] = 15,
    min_distance: Share = 0.1,
    steps: PositiveInt | None = None,
    seed: Seed = 0,
    progress: Progress = None,
) -> Embedding:
    """Lay vectors out by UMAP: like t-SNE a map of neighbours, with another cost.

    Parameters
    ----------
    vectors : (N, D) array
        Finite numbers, a row for each vector, N at least 4.
    neighbours : int, default 15
        How many nearest vectors each point looks at, 2 to N - 1.
    min_distance : float, default 0.1
        How near points may come, from 0 to 1.
    steps : int, optional
        Passes over the graph, 1 or more; UMAP's own choice if left out.
    seed : int, default 0
        Seed of the layout, 0 or more. One thread works, so that the seed repeats the layout.
    progress : callable or bool, optional
        Called with the number of passes done and of all, a few times a second; True draws a bar. It may raise to stop.

    Returns
    -------
    Embedding
        ``.points`` (N, 2), whose unit means nothing.

    Raises
    ------
    ValueError
        If what is given is no table of finite numbers with 4 rows or more, or an option is out of its range.
    ImportError
        If umap-learn is not installed.

    References
    ----------
    Leland McInnes, John Healy, James Melville (2018), UMAP: Uniform manifold approximation and projection,
    arXiv:1802.03426.

    Examples
    --------
    >>> umap(np.eye(6), neighbours=9)
    Traceback (most recent call last):
    ValueError: neighbours must be 2 to 5 for 6 vectors, not 9
    """
    table = as_vectors(vectors)
    if neighbours >= len(table):
        raise ValueError(f"neighbours must be 2 to {len(table) - 1} for {len(table)} vectors, not {neighbours}")
    package = _import("umap", "umap-learn")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed costs threads is what is wanted
        made = package.UMAP(
            n_neighbors=neighbours,
            min_dist=min_distance,
            n_epochs=steps,
            random_state=seed,
            n_jobs=1,
            tqdm_kwds=_bar_for(reporter(progress)),
        ).fit_transform(table)
    options = {"neighbours": neighbours, "min_distance": min_distance, "seed": seed}
    return Embedding(np.asarray(made, np.float32), "umap", options)


LAYOUTS: Mapping[str, Callable[..., Embedding]] = {"pca": pca, "tsne": tsne, "umap": umap}


def _bar_for(report: Callable[[int, int], object]) -> dict[str, Any]:
    """Return the options of umap-learn's bar that make it report its passes and write nothing."""
    return {"disable": False, "file": _BarReader(report), "bar_format": "{n_fmt}/{total_fmt}", "ascii": True}


class _BarReader:
    """A file that a bar writes to: each number of passes is reported."""

    def __init__(self, report: Callable[[int, int], object]) -> None:
        self._report = report

    def write(self, text: str) -> None:
        """Report what the bar says; a line that only clears it says nothing."""
        done, separator, total = text.strip().partition("/")
        if separator:
            self._report(int(done), int(total))

    def flush(self) -> None:
        """Keep nothing back."""


def as_vectors(vectors: ArrayLike, name: str = "vectors") -> NDArray[np.float64]:
    """Return a table (N, D) of float64, or say what is wrong with it.

    Parameters
    ----------
    vectors : (N, D) array
        What should be a table.
    name : str, default "vectors"
        What errors call it.

    Returns
    -------
    (N, D) float64 array
        The table, N at least 4.

    Raises
    ------
    ValueError
        If it holds no numbers, has other axes, no column, fewer than 4 rows, or values that are not finite.

    Examples
    --------
    >>> as_vectors([[1, 2]])
    Traceback (most recent call last):
    ValueError: a layout needs at least 4 vectors, got 1
    """
    try:
        table = np.ascontiguousarray(as_array(vectors), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a table (N, D) of numbers: {error}") from None
    if table.ndim != 2 or table.shape[1] == 0:
        raise ValueError(f"{name} must be a table (N, D); flatten what has more axes: got the shape {table.shape}")
    if len(table) < _FEWEST:
        raise ValueError(f"a layout needs at least {_FEWEST} {name}, got {len(table)}")
    if not np.isfinite(table).all():
        raise ValueError(f"{name} must be finite numbers; {int((~np.isfinite(table)).any(axis=1).sum())} are not")
    return table


class _Film:
    """Counts steps over both phases of the descent, reports them, and hands frames out."""

    def __init__(self, steps: int, every: int, watch: Watch | None, report: Callable[[int, int], object]) -> None:
        self.steps, self.every, self.done = steps, every, 0
        self.divergence: float | None = None
        self._stopped, self._before = False, 0
        self._watch, self._report = watch, report

    def begin(self, points: NDArray[np.float64]) -> None:
        """Show the start."""
        self._report(0, self.steps)
        if self._watch is not None:
            self._watch(points.astype(np.float32), 0, None)

    def optimization_about_to_start(self) -> None:
        """Hear from openTSNE that a phase begins: it counts its steps anew."""
        self._before = self.done

    def __call__(self, iteration: int, divergence: float, points: NDArray[np.float64]) -> bool:
        """Return whether the descent stops here, as openTSNE asks its callbacks."""
        self._show(self._before + iteration, float(divergence), points)
        return self._stopped

    def end(self, found: Any) -> None:
        """Show the last step, unless it was shown or somebody stopped before."""
        if not self._stopped and self.done < self.steps:
            last = found.kl_divergence
            self._show(self.steps, self.divergence if last is None else float(last), found)

    def _show(self, done: int, divergence: float | None, points: NDArray[np.float64]) -> None:
        self.done, self.divergence = done, divergence
        self._report(done, self.steps)
        if self._watch is not None:
            self._stopped = bool(self._watch(np.array(points, np.float32), done, divergence))


def _descend(
    table: NDArray[np.float64], place: NDArray[np.float64], film: _Film, *, seed: int, jobs: int, **options: float
) -> Any:
    """Run openTSNE's two phases; return its embedding."""
    early = min(_EARLY, round(options["steps"]))
    package = _import("openTSNE", "openTSNE")
    return package.TSNE(
        perplexity=options["perplexity"],
        early_exaggeration=options["exaggeration"],
        early_exaggeration_iter=early,
        n_iter=round(options["steps"]) - early,
        initialization=place,
        negative_gradient_method="fft" if len(table) >= _FFT_FROM else "bh",
        callbacks=film,
        callbacks_every_iters=film.every,
        n_jobs=jobs,
        random_state=seed,
    ).fit(table)


def _start(table: NDArray[np.float64], start: str, seed: int) -> NDArray[np.float64]:
    """Return a tiny layout to begin with: far points would not move."""
    if start == "random":
        return np.random.default_rng(seed).normal(0, 1e-4, (len(table), 2))
    points = _principal(table, seed)
    spread = points[:, 0].std()
    return points * (1e-4 / spread) if spread > 0 else np.random.default_rng(seed).normal(0, 1e-4, points.shape)


def _principal(table: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Return the first two principal components; a second one of zeros where there is one direction alone."""
    from sklearn.decomposition import PCA

    found = PCA(min(2, table.shape[1]), random_state=seed).fit_transform(table)
    largest = np.abs(found).argmax(axis=0)
    signs = np.sign(found[largest, np.arange(found.shape[1])])
    points = np.zeros((len(table), 2))
    points[:, : found.shape[1]] = found * np.where(signs == 0, 1, signs)
    return points


def _check_options(count: int, perplexity: float, every: int) -> None:
    if not 1 <= perplexity <= (count - 1) / 3:
        raise ValueError(f"perplexity must be from 1 to {(count - 1) / 3:.4g} for {count} vectors, not {perplexity}")
    if _EARLY % every:
        raise ValueError(f"every must divide {_EARLY}, not {every}")


def _import(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f"this layout needs {package}: pip install {package}, or the extra [course]") from error
