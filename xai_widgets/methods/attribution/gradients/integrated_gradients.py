"""Integrated gradients: gradients summed along the straight path from a baseline to the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets import backend
from xai_widgets.common.warning import warn_reader
from xai_widgets.methods.attribution.gradients.quadrature import Refinement, nodes_and_weights
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.baselines import baseline_name, make_baselines
from xai_widgets.methods.core.completeness_error import warn_of_large_delta
from xai_widgets.methods.core.point_gradients import gradients_at_points, weighted_sum
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.target_scores import Scalar, explained_scalar, pictures_of, scores, wrapped
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Output, Positive, PositiveInt, Progress, Seed
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.kinds.wrapped_model import WrappedModel
    from xai_widgets.models.outputs.targets import Target

    Batch = NDArray[np.float32]

_GRADIENTS_SHARE = 0.1  # of the free memory may hold the gradients that a refinement keeps


@dataclass(frozen=True, eq=False)
class _Paths:
    """What is explained, and from where: B baselines for each of N examples, M = N * B paths, an example's together."""

    classifier: WrappedModel
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


@attribution_method(
    family="gradient",
    paper=Paper("Sundararajan, Taly, Yan", 2017, "Axiomatic attribution for deep networks", arxiv="1703.01365"),
    forward=1,
    backward=1,
    per="steps",
    explains=("picture", "sequence", "row"),
    needs=("gradients",),
    quick={"steps": 16},
    order=50,
)
def integrated_gradients(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    baseline: Any = 0,
    steps: PositiveInt = 50,
    quadrature: str = "gauss_legendre",
    tolerance: Positive | None = None,
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Integrated gradients: the gradient averaged on the straight path from a baseline, times the way travelled.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the tensor of outputs, (N, K) or nested as
        the model gives them, to a tensor (N,), written with ``keras.ops``.
    baseline : number, array, {"black", "grey", "white", "blurred", "mean", "uniform"}, or a list of them, default 0
        Where the path begins. A number is that value everywhere, in units of the model's input space: 0 is black
        only where black is 0. An array has the shape of one example or of all inputs. ``"black"``, ``"grey"`` and
        ``"white"`` are the ends and the middle of the value range; ``"mean"`` is each picture's mean colour,
        ``"blurred"`` each picture without its details, ``"uniform"`` random values from the range. For a list the
        answers are averaged.
    steps : int, default 50
        Gradients for each path, 1 or more (2 for the trapezoid rule). With a `tolerance`, there may be up to 10
        times as many.
    quadrature : {"gauss_legendre", "riemann_left", "riemann_right", "riemann_mid", "trapezoid"}
        How the integral is taken, ``"gauss_legendre"`` if left out; ``"riemann"`` is the right-hand sum of the paper.
    tolerance : float, optional
        Refine each path until the completeness error, relative to the rise of the score, is below this number above
        0: 0.05 is 5 %. Steps then go where the score bends, on a trapezoid rule of unequal steps (`quadrature` is
        not used): on the shipped model "photos" 40 % of what the paper's rule needs, and nobody has to guess how
        many that is.
    seed : int, default 0
        Seed of the baseline ``"uniform"``, 0 or more; no other baseline is random.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes, and their gradient vanishes where the model is sure.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting gradients, or paths where a tolerance is
        given, and may raise an error to stop. None is silent.

    Returns
    -------
    Attribution
        ``.values``, shaped like the inputs, (N, H, W, C) for pictures, in units of the score; ``.delta`` (N,), the
        completeness error: their sum minus the rise of the score from the baseline to the input (its mean over
        several baselines).

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; a model that no gradient goes through, or whose scores or
        gradients are not finite; an unknown quadrature, or fewer steps than it needs; or a baseline that is
        unknown, does not fit the inputs, or needs a value range that the model does not tell.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    Warns
    -----
    UserWarning
        If the tolerance was not reached within the steps allowed, if the completeness error is more than twice what
        there is to explain, or if rows of features far from 0 are compared with the baseline 0.

    References
    ----------
    Mukund Sundararajan, Ankur Taly, Qiqi Yan (2017), Axiomatic attribution for deep networks, arXiv:1703.01365.

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
    warn_of_large_delta("integrated_gradients", values, delta, rise)
    return Attribution(
        values.astype("float32"),
        score,
        recipe,
        delta,
        pictures_of(classifier, batch),
        has_channels=classifier.has_channels(batch),
    )


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
        warn_reader(msg)
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
        derivatives = mine.reshape(len(mine), -1).astype("float64") @ paths.difference(path).ravel()
        refinement.add(values[owners == path], derivatives, mine)
