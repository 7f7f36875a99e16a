"""Are promises kept? What an explanation says of random changes of the input, against what the model then does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.baselines import baseline_name
from xai_widgets.methods.evaluation.maps import SLOPES, method_of, name_of, relevance, target_of
from xai_widgets.methods.fills import masking_of
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.scores import scores
from xai_widgets.models.classifier import Classifier
from xai_widgets.results.evaluation import Infidelity, Score, correlation
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.methods.copies import Masking
    from xai_widgets.models.targets import Target

    Progress = Callable[[int, int], object] | bool | None
    Floats = NDArray[np.float64]


def mu_fidelity(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    samples: int = 200,
    hidden: float = 0.2,
    grid: int = 9,
    fill: Any = None,
    seed: int = 0,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Score:
    """Correlate, over random subsets of the input, the relevance that is hidden with the fall of the score.

    Parameters
    ----------
    model, inputs, batch_size
        As for `saliency`; no gradient is needed.
    explanation, target
        As for `deletion_curve`.
    samples : int
        Random subsets; every example gets the same ones.
    hidden : float
        The share of the cells that a subset holds, above 0 and below 1.
    grid : int
        Cells along each side of a picture; of rows each feature is a cell.
    fill : number, array or name, optional
        What hides, as for `occlusion`.
    seed : int
    output : {"logit", "probability"}
        The score.
    progress : bool or callable, optional
        As for `saliency`; it counts masked copies.

    Returns
    -------
    Score
        ``.values`` (N,), -1 to 1; 0 where the map or the score is the same for all subsets.

    Raises
    ------
    ValueError
        For fewer than two samples, a share or a grid that is none, an explanation that does not fit, and as
        `saliency` does.

    References
    ----------
    Umang Bhatt, Adrian Weller, José M. F. Moura (2020), Evaluating and aggregating feature-based model explanations.

    Examples
    --------
    >>> import keras, numpy as np
    >>> total = keras.Sequential([keras.Input((9,)), keras.layers.Dense(1, use_bias=False)])
    >>> total.set_weights([np.ones((9, 1))])
    >>> x = np.arange(9.0)[np.newaxis]
    >>> [mu_fidelity(total, x, sign * x, 0).values.round(4).tolist() for sign in (1, -1)]
    [[1.0], [-1.0]]
    """
    _check(samples, hidden, grid)
    masking, fill = _prepare(model, inputs, explanation, target, fill=fill, output=output, batch_size=batch_size)
    told = {"samples": samples, "hidden": hidden, "grid": grid, "fill": baseline_name(fill), "seed": seed}
    promised, kept = _trials(masking, relevance(explanation, masking.inputs), told, progress)
    values = np.array([correlation(one, other) for one, other in zip(promised, kept, strict=True)])
    return Score(values, _recipe("mu_fidelity", masking, explanation, told))


def infidelity(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    slopes: bool | None = None,
    samples: int = 200,
    hidden: float = 0.2,
    grid: int = 9,
    fill: Any = None,
    seed: int = 0,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Infidelity:
    """Measure how far the fall of the score that an explanation promises is from the one that comes.

    The input is changed by hiding random cells, that is by ``I = (x - fill)`` there and 0 elsewhere. An explanation by
    slopes promises a fall of ``I . values``; one by shares of the score promises the sum of the shares that are hidden.

    Parameters
    ----------
    model, inputs, batch_size
        As for `saliency`; no gradient is needed.
    explanation, target
        As for `deletion_curve`.
    slopes : bool, optional
        Whether the explanation holds slopes, in units of the score per unit of the input. Left out: yes for
        `saliency` and `smooth_grad`, no for the others and for arrays.
    samples, hidden, grid, fill, seed, output, progress
        As for `mu_fidelity`.

    Returns
    -------
    Infidelity
        ``.values`` (N,), 0 at best, in squared units of the score; ``.relative`` (N,), 0 to 1, for maps on a scale of
        their own, such as Grad-CAM's.

    Raises
    ------
    ValueError
        As `mu_fidelity` does, and for slopes that are not shaped like the inputs.

    References
    ----------
    Chih-Kuan Yeh, Cheng-Yu Hsieh, Arun Sai Suggala, David I. Inouye, Pradeep Ravikumar (2019), On the (in)fidelity and
    sensitivity of explanations.

    Examples
    --------
    >>> import keras, numpy as np
    >>> line = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> line.set_weights([np.array([[1.0], [-2.0], [4.0]]), np.ones(1)])
    >>> slopes = np.array([[1.0, -2.0, 4.0]])
    >>> infidelity(line, [[3.0, 2.0, 1.0]], slopes, 0, slopes=True, hidden=0.5).values.tolist()
    [0.0]
    """
    _check(samples, hidden, grid)
    masking, fill = _prepare(model, inputs, explanation, target, fill=fill, output=output, batch_size=batch_size)
    told = {"samples": samples, "hidden": hidden, "grid": grid, "fill": baseline_name(fill), "seed": seed}
    slopes = method_of(explanation) in SLOPES if slopes is None else slopes
    shares = _shares(explanation, masking) if slopes else relevance(explanation, masking.inputs)
    promised, kept = _trials(masking, shares, told, progress)
    recipe = _recipe("infidelity", masking, explanation, {"slopes": slopes, **told})
    return Infidelity(((promised - kept) ** 2).mean(axis=1), recipe, relative=_unexplained(promised, kept))


def _check(samples: int, hidden: float, grid: int) -> None:
    if samples < 2 or not 0 < hidden < 1 or grid < 1:
        found = f"{samples}, {hidden} and {grid}"
        msg = f"samples must be at least 2, hidden between 0 and 1, and grid at least 1, not {found}"
        raise ValueError(msg)


def _prepare(
    model: Any, inputs: Any, explanation: Any, target: Target, *, fill: Any, **options: Any
) -> tuple[Masking, Any]:
    """Return the masking, and which fill was chosen."""
    classifier = Classifier.wrap(model)
    batch = classifier.as_inputs(inputs)
    relevance(explanation, batch)  # refuses what does not fit, before anything is computed
    return masking_of(classifier, batch, target_of(explanation, target, classifier), fill, **options)


def _shares(explanation: Any, masking: Masking) -> Floats:
    """Turn slopes into what they promise when a place is hidden."""
    inputs, values = masking.inputs, np.asarray(getattr(explanation, "values", explanation), "float64")
    if values.shape != inputs.shape:
        msg = f"slopes are shaped like the inputs, {inputs.shape}, not {values.shape}; give slopes=False"
        raise ValueError(msg)
    promised: Floats = values * (inputs - masking.fills)
    return promised if inputs.ndim == 2 else np.asarray(promised.sum(axis=-1))


def _trials(masking: Masking, shares: Floats, options: dict[str, Any], progress: Progress) -> tuple[Floats, Floats]:
    """Hide random cells: what is promised and how far the score falls, each (N, samples)."""
    samples, report = options["samples"], reporter(progress)
    total, drawing = len(masking) * samples, (options["grid"], options["hidden"], options["seed"])
    whole = scores(masking.classifier, masking.inputs, masking.scalar, masking.output, masking.batch_size)
    streams = [_subsets(shares.shape[1:], *drawing) for _ in range(len(masking))]
    promised, kept = np.empty((2, len(masking), samples))
    for copies in masking.scores(streams, samples, lambda done: report(done, total)):
        gone = 1 - copies.masks.reshape(len(copies.masks), -1).astype("float64")
        promised[copies.example, copies.places] = gone @ shares[copies.example].ravel()
        kept[copies.example, copies.places] = whole[copies.example] - copies.scores.astype("float64")
    return promised, kept


def _subsets(shape: tuple[int, ...], grid: int, hidden: float, seed: int) -> Callable[[int], NDArray[np.float32]]:
    """Return a function that draws the next masks: 0 on a random subset of the cells, of fixed size."""
    cells = _cells(shape, grid)
    count = int(cells.max()) + 1
    gone, rng = min(max(1, round(hidden * count)), count), np.random.default_rng(seed)

    def draw(wanted: int) -> NDArray[np.float32]:
        ranks = rng.random((wanted, count)).argsort(axis=1).argsort(axis=1)
        return (ranks >= gone).astype("float32")[:, cells]

    return draw


def _cells(shape: tuple[int, ...], grid: int) -> NDArray[np.int64]:
    """Give each pixel of a picture the number of its cell in a grid, and any other place one of its own.

    Examples
    --------
    >>> _cells((2, 4), 2).tolist()
    [[0, 0, 1, 1], [2, 2, 3, 3]]
    """
    if len(shape) != 2:
        return np.arange(np.prod(shape, dtype="int64")).reshape(shape)
    across = [np.arange(length) * min(grid, length) // length for length in shape]
    return across[0][:, np.newaxis] * min(grid, shape[1]) + across[1]


def _unexplained(promised: Floats, kept: Floats) -> Floats:
    """Return the share of the mean squared fall that is left with the promises on their best scale, (N,)."""
    both, square, due = (promised * kept).mean(axis=1), (promised**2).mean(axis=1), (kept**2).mean(axis=1)
    explained = both**2 / np.where(square > 0, square, 1)
    found: Floats = np.maximum(0, 1 - explained / np.where(due > 0, due, np.nan))
    return found


def _recipe(name: str, masking: Masking, explanation: Any, told: dict[str, Any]) -> Recipe:
    options = {"explanation": name_of(explanation), **told, "output": masking.output}
    return Recipe(name, masking.classifier.name, masking.scalar.names, options)
