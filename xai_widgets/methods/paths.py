"""Integrated gradients: gradients summed along the straight path from a baseline to the input."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets import backend
from xai_widgets.methods.baselines import baseline_name, make_baselines
from xai_widgets.methods.points import gradients_at_points, weighted_sum
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.quadrature import Refinement, nodes_and_weights
from xai_widgets.methods.scores import Scalar, explained_scalar, pictures_of, scores, wrapped
from xai_widgets.results.attribution import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

    Batch = NDArray[np.float32]
    Progress = Callable[[int, int], object] | bool | None

_GRADIENTS_SHARE = 0.1  # of the free memory may hold the gradients that a refinement keeps


@dataclass(frozen=True, eq=False)
class _Paths:
    """What is explained, and from where: B baselines for each of N examples, M = N * B paths, an example's together."""

    classifier: Classifier
    scalar: Scalar
    inputs: Batch
    starts: Batch
    output: str
    batch_size: int | None

    def __len__(self) -> int:
        return int(np.prod(self.starts.shape[:2]))

    @property
    def owners(self) -> NDArray[np.int64]:
        return np.arange(len(self)) // len(self.starts)

    def start(self, path: int) -> Batch:
        example, place = divmod(path, len(self.starts))
        start: Batch = self.starts[place, example]
        return start

    def difference(self, path: int) -> Batch:
        difference: Batch = self.inputs[path // len(self.starts)] - self.start(path)
        return difference

    def at(self, path: int, nodes: NDArray[np.float64]) -> Batch:
        """Return the points of a path at places between 0, its start, and 1, the input."""
        spread = nodes.astype("float32").reshape(-1, *[1] * (self.inputs.ndim - 1))
        points: Batch = spread * self.difference(path)
        points += self.start(path)
        return points

    def rises(self) -> tuple[Batch, NDArray[np.float64]]:
        """Return the scores of the inputs (N,), and how much each path rises, averaged over the baselines (N,)."""
        top = scores(self.classifier, self.inputs, self.scalar, self.output, self.batch_size)
        bottom = [scores(self.classifier, starts, self.scalar, self.output, self.batch_size) for starts in self.starts]
        return top, top - np.mean(bottom, axis=0, dtype="float64")


def integrated_gradients(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    baseline: Any = 0,
    steps: int = 50,
    quadrature: str = "gauss_legendre",
    tolerance: float | None = None,
    seed: int = 0,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Attribution:
    """Integrated gradients: the gradient averaged on the straight path from a baseline, times the way travelled.

    Parameters
    ----------
    model, inputs, target, output, batch_size
        As for `saliency`.
    baseline : number, array, {"black", "white", "blurred", "mean", "uniform"}, or a list of them
        Where the path begins, see `make_baselines`; for a list the answers are averaged. A number is in units of the
        model's input space: 0 is black only where black is 0.
    steps : int
        Gradients for each path. With a `tolerance`, the most there may be is 10 times as many.
    quadrature : {"gauss_legendre", "riemann_left", "riemann_right", "riemann_mid", "trapezoid"}
        How the integral is taken; ``"riemann"`` is the right-hand sum of the paper.
    tolerance : float, optional
        Refine each path until the completeness error, relative to the rise of the score, is below this: 0.05 is 5 %.
        Steps then go where the score bends, on a trapezoid rule of unequal steps (`quadrature` is not used): on the
        shipped model "photos" 40 % of what the paper's rule needs, and nobody has to guess how many that is.
    seed : int
        Of the baseline ``"uniform"``.
    progress : bool or callable, optional
        As for `saliency`; it counts gradients (with a tolerance: paths).

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C) in units of the score; ``.delta`` (N,), the completeness error: their sum minus the
        rise of the score from the baseline to the input (its mean over several baselines).

    Raises
    ------
    ValueError
        For an unknown quadrature or baseline, fewer steps than the rule needs, a tolerance that is not positive, and
        as `saliency` does.

    Warns
    -----
    UserWarning
        If the tolerance was not reached within the steps allowed.

    References
    ----------
    Mukund Sundararajan, Ankur Taly, Qiqi Yan (2017), Axiomatic attribution for deep networks.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = integrated_gradients(digits, three, "3", tolerance=0.01)
    >>> bool(abs(found.delta[0]) < 0.01 * found.score[0])
    True
    """
    classifier, batch = wrapped(model, inputs)
    rule = nodes_and_weights(quadrature, steps)
    scalar = explained_scalar(classifier, batch, target, output, batch_size)
    starts = make_baselines(classifier, batch, baseline, seed)
    paths = _Paths(classifier, scalar, batch, starts, output, batch_size)
    options: dict[str, Any] = {"baseline": baseline_name(baseline), "steps": steps, "quadrature": quadrature}
    if tolerance is None:
        values = _by_rule(paths, *rule, progress)
    else:
        values, used = _refined(paths, tolerance, 10 * steps, progress)
        options |= {"steps": used, "quadrature": "adaptive", "tolerance": tolerance}
    if "uniform" in str(options["baseline"]):
        options["seed"] = seed
    score, rise = paths.rises()
    recipe = Recipe("integrated_gradients", classifier.name, scalar.names, options | {"output": output})
    delta = values.reshape(len(values), -1).sum(axis=1) - rise
    return Attribution(values.astype("float32"), score, recipe, delta, pictures_of(classifier, batch))


def _by_rule(
    paths: _Paths, nodes: NDArray[np.float64], weights: NDArray[np.float64], progress: Progress
) -> NDArray[np.float64]:
    """Sum along all paths with one rule, in full batches that run over the border between paths."""

    def stream(path: int) -> Callable[[int], Batch]:
        left = nodes

        def following(count: int) -> Batch:
            nonlocal left
            taken, left = left[:count], left[count:]
            return paths.at(path, taken)

        return following

    values = np.zeros(paths.inputs.shape)
    segments = gradients_at_points(
        paths.classifier,
        paths.scalar,
        stream,
        len(nodes),
        owners=paths.owners,
        output=paths.output,
        batch_size=paths.batch_size,
        progress=progress,
    )
    for segment in segments:
        mean = weighted_sum(weights[segment.places], segment.gradients)
        values[paths.owners[segment.example]] += mean * paths.difference(segment.example) / len(paths.starts)
    return values


def _refined(paths: _Paths, tolerance: float, most: int, progress: Progress) -> tuple[NDArray[np.float64], int]:
    """Refine each path until its error is small; as many at a time as the memory holds. Also tell the most steps."""
    if not tolerance > 0:
        msg = f"tolerance must be above 0, not {tolerance}"
        raise ValueError(msg)
    report, values, used, missed = reporter(progress), np.zeros(paths.inputs.shape), 0, 0
    together = max(1, int(_GRADIENTS_SHARE * backend.free_memory() / (4 * paths.inputs[0].size * most)))
    for first in range(0, len(paths), together):
        group = {path: Refinement(tolerance, most) for path in range(first, min(first + together, len(paths)))}
        while waiting := [path for path, refinement in group.items() if len(refinement.wanted)]:
            _take_round(paths, {path: group[path] for path in waiting})
        for path, refinement in group.items():
            share = refinement.mean_gradient() * paths.difference(path) / len(paths.starts)
            values[paths.owners[path]] += share
            used, missed = max(used, len(refinement.nodes)), missed + (not refinement.reached())
        report(first + len(group), len(paths))
    if missed:
        msg = f"{missed} of {len(paths)} paths did not reach the tolerance in {most} steps; allow more, or see .delta"
        warnings.warn(msg, stacklevel=3)
    return values, used


def _take_round(paths: _Paths, group: dict[int, Refinement]) -> None:
    """Ask the model for all nodes that are wanted, in full batches."""
    nodes = np.concatenate([refinement.wanted for refinement in group.values()])
    owners = np.repeat(list(group), [len(refinement.wanted) for refinement in group.values()])
    run, found = paths.scalar.gradients(paths.classifier, paths.output), []
    for part in paths.classifier.batches(len(nodes), paths.batch_size):
        points = [paths.at(path, nodes[[place]]) for place, path in enumerate(owners[part], part.start)]
        found.append(run(np.concatenate(points), paths.scalar.rows[paths.owners[owners[part]]]))
    values, gradients = (np.concatenate(parts) for parts in zip(*found, strict=True))
    for path, refinement in group.items():
        mine = gradients[owners == path]
        slopes = mine.reshape(len(mine), -1).astype("float64") @ paths.difference(path).ravel()
        refinement.add(values[owners == path], slopes, mine)
