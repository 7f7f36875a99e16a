"""Activation maximisation: what a picture looks like that makes a unit answer as strongly as it can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.anytime import anytime
from xai_widgets.methods.feature_visualization.adam import Adam
from xai_widgets.methods.feature_visualization.objectives import Objective, channel, logit
from xai_widgets.methods.feature_visualization.parameterisations import Parameterisation, parameterisation_of
from xai_widgets.methods.feature_visualization.problem import (
    Problem,
    fitted_picture,
    objective_values,
    tapped,
)
from xai_widgets.methods.progress import reporter
from xai_widgets.models.network import subject_of
from xai_widgets.results.recipe import Recipe
from xai_widgets.results.visualization import FeatureVisualization

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras
    from numpy.typing import NDArray

    from xai_widgets.methods.feature_visualization.transformations import Transformation
    from xai_widgets.models.classifier import Classifier

    Wanted = Objective | str | int | Sequence[str | int]

_FIRST = 16  # steps: enough to see something


class Maximization:
    """Pictures that are being optimised; the same after n steps, however these were cut into calls.

    Parameters
    ----------
    problem : Problem
    count : int
        How many pictures.
    steps : int
        How many steps are wanted in all.
    rate : float
    seed : int
        Picture n draws from a stream of its own: it comes out alike alone and in a batch.
    start : (1 or count, H, W, 3) array, optional
        Where to begin, instead of at random numbers.
    batch_size : int, optional
    progress : bool or callable, optional
    """

    def __init__(
        self,
        problem: Problem,
        count: int,
        *,
        steps: int,
        rate: float,
        seed: int,
        start: NDArray[np.float32] | None = None,
        batch_size: int | None = None,
        progress: Callable[[int, int], object] | bool | None = None,
    ) -> None:
        self.problem, self.count, self.seed = problem, count, seed
        self.first, self.total, self.done = min(_FIRST, steps), steps, 0
        self._report, self._rate = reporter(progress), rate
        self._arrays = problem.objective.arrays(problem.bound(count))
        size = count if problem.objective.couples else batch_size
        self._parts = list(problem.subject.batches(count, size))
        self._rngs = [np.random.default_rng([seed, place]) for place in range(count)]
        self._ascents = [Adam(problem.start(self._rngs[part], start), rate) for part in self._parts]
        self._curve: list[NDArray[np.float32]] = []

    def advance(self, count: int) -> None:
        """Take `count` steps with every picture, batch by batch."""
        for _ in range(count):
            values = [self._step(part, ascent) for part, ascent in zip(self._parts, self._ascents, strict=True)]
            self._curve.append(np.concatenate(values))
            self.done += 1
            self._report(self.done, self.total)

    def _step(self, part: slice, ascent: Adam) -> NDArray[np.float32]:
        problem, rngs = self.problem, self._rngs[part]
        maps, background = problem.view.draw(rngs), problem.background(rngs)
        arrays = [one[part] for one in self._arrays]
        values, gradients = problem.step()(ascent.numbers, maps, background, arrays)
        ascent.step(gradients)
        return np.asarray(values, "float32")

    def pictures(self) -> NDArray[np.float32]:
        """Return the pictures as they are now, (N, H, W, 3 or 4), 0 to 1."""
        draw = self.problem.draw()
        return np.concatenate([draw(ascent.numbers) for ascent in self._ascents])

    def curve(self) -> NDArray[np.float32]:
        """Return the objective at each step so far, (steps, N)."""
        return np.array(self._curve, "float32").reshape(-1, self.count)

    def score(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the objective of pictures as they are."""
        parts = [self.problem.score(pictures[part], [one[part] for one in self._arrays]) for part in self._parts]
        return np.concatenate(parts)

    def recipe(self) -> Recipe:
        """Write down how the pictures were made."""
        problem = self.problem
        options = {
            "parameterisation": str(problem.parameterisation),
            "transformations": len(problem.view.transformations),
            "size": problem.shape,
            "steps": self.done,
            "rate": self._rate,
            "seed": self.seed,
        }
        return Recipe("activation_maximization", problem.subject.name, problem.objective.names(), options)

    def result(self) -> FeatureVisualization:
        """Return the pictures of the steps so far."""
        pictures = self.pictures()
        inputs = np.concatenate([self.problem.inputs_of(pictures[part]) for part in self._parts])
        return FeatureVisualization(pictures, inputs, self.score(pictures), self.curve(), self.recipe())


@anytime
def activation_maximization(
    model: Classifier | keras.Model,
    target: Wanted,
    *,
    layer: str | None = None,
    parameterisation: str | Parameterisation = "fourier",
    transformations: Sequence[Transformation] | None = None,
    size: int | tuple[int, int] | None = None,
    samples: int | None = None,
    start: Any = None,
    steps: int = 96,
    rate: float | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Maximization:
    """Activation maximisation: optimise a picture until a class, a unit or a direction answers as strongly as it can.

    ``activation_maximization.stream(...)`` yields the pictures early and, with ever more steps, better ones. From one
    unit to the next nothing is compiled again, and many are drawn in one batch. A rectified unit that is off everywhere
    at the start has no slope to go up: another seed, or a larger deviation of the start, may turn it on.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential. A bare model is taken to see 0..255, or give ``Classifier(value_range=...)``.
    target : str, int, sequence of them, or Objective
        A class by name or index; with `layer`, the index of a channel there. Several give a picture each. An objective
        says anything else: ``channel("conv", 3) - 0.5 * total_variation()``.
    layer : str, optional
        The path of a layer, as `grad_cam` takes it.
    parameterisation : str or Parameterisation
        How the picture is written: ``"fourier"``, ``"pixels"``, ``"laplacian"``, ``"cppn"``, or one made with options.
    transformations : sequence of Transformation, optional
        How the picture is moved before each look: `standard` if left out; ``()`` for none.
    size : int or (int, int), optional
        Pixels; the model's own size if left out. Another one only where the layers take it.
    samples : int, optional
        How many pictures, where `target` names one thing: each starts from other random numbers.
    start : picture, optional
        Where to begin, instead of at random numbers.
    steps : int
        Of Adam.
    rate : float, optional
        Size of a step; that of the parameterisation if left out.
    seed : int
        Same seed, same pictures. Picture n is the same alone and in a batch, but for rounding.
    batch_size, progress
        As for `saliency`; progress counts steps.

    Returns
    -------
    FeatureVisualization
        ``.pictures`` (N, H, W, 3), 0 to 1, ``.score`` (N,), ``.curve`` (steps, N), ``.show()``.

    Raises
    ------
    ValueError
        For an unknown class, layer or unit, a size that the model does not take, or numbers that make no sense.

    References
    ----------
    Dumitru Erhan, Yoshua Bengio, Aaron Courville, Pascal Vincent (2009), Visualizing higher-layer features of a deep
    network. Chris Olah, Alexander Mordvintsev, Ludwig Schubert (2017), Feature visualization.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> three = activation_maximization(xai.load_model("digits"), "3", steps=8)
    >>> three.pictures.shape, three.curve.shape, bool(three.curve[-1] > three.curve[0])
    ((1, 8, 8, 3), (8, 1), True)
    """
    written = parameterisation_of(parameterisation)
    problem = Problem(model, objective_of(target, layer), written, transformations, size)
    count = _count(problem.objective, samples)
    chosen_rate = written.rate if rate is None else rate
    if steps < 1 or not chosen_rate > 0:
        msg = f"steps and rate must be above 0, not {steps} and {rate}"
        raise ValueError(msg)
    given = None if start is None else fitted_picture(problem.subject, start, problem.shape)
    return Maximization(
        problem,
        count,
        steps=steps,
        rate=chosen_rate,
        seed=seed,
        start=given,
        batch_size=batch_size,
        progress=progress,
    )


def objective_scores(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Wanted,
    *,
    layer: str | None = None,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> NDArray[np.float32]:
    """Measure on any pictures what `activation_maximization` raises.

    Parameters
    ----------
    model, target, layer, batch_size, progress
        As for `activation_maximization`.
    inputs : array
        As for `saliency`.

    Returns
    -------
    (N,) float32 array

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> threes = [objective_scores(digits, xai.sample_image(f"digit-{digit}"), "3")[0] for digit in (3, 8)]
    >>> bool(threes[0] > threes[1])
    True
    """
    subject, objective = subject_of(model), objective_of(target, layer)
    batch, taps = subject.as_inputs(inputs), tapped(subject, objective)
    problem = Problem(subject, objective, parameterisation_of("pixels"), ())
    arrays, report = objective.arrays(problem.bound(len(batch))), reporter(progress)
    found = []
    for part in subject.batches(len(batch), len(batch) if objective.couples else batch_size):
        shown, rows = subject.to_display(batch[part]), [one[part] for one in arrays]
        found.append(objective_values(subject, taps, objective, (batch[part], shown), rows))
        report(part.stop, len(batch))
    return np.concatenate(found)


def objective_of(target: Wanted, layer: str | None) -> Objective:
    """Return an objective as it is, one for a class, or (with a layer) one for its channels."""
    if isinstance(target, Objective):
        if layer is not None:
            msg = "an objective names its own layers; leave out layer"
            raise ValueError(msg)
        return target
    if layer is None:
        return logit(target)
    units = np.asarray(target)
    if not np.issubdtype(units.dtype, np.integer):
        msg = f"with a layer, target is the index of a channel (or several), not {target!r}"
        raise TypeError(msg)
    return channel(layer, units.tolist())


def _count(objective: Objective, samples: int | None) -> int:
    """Return how many pictures there are."""
    named = objective.length()
    if samples is not None and (samples < 1 or (named is not None and named != samples)):
        msg = f"samples must be at least 1, and {named} where as many units are named; not {samples}"
        raise ValueError(msg)
    return named or samples or 1
