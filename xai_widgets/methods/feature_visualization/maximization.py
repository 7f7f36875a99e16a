"""Activation maximisation: what a picture looks like that makes a unit answer as strongly as it can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import checked_options, naming
from xai_widgets.common.warning import warn_reader
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.streaming import anytime
from xai_widgets.methods.feature_visualization.adam import Adam
from xai_widgets.methods.feature_visualization.objectives import Objective, channel, logit
from xai_widgets.methods.feature_visualization.parameterizations import Parameterisation, parameterisation_of
from xai_widgets.methods.feature_visualization.problem import (
    Problem,
    fitted_picture,
    objective_values,
    outputs_for,
)
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.results.recipe import Recipe
from xai_widgets.results.visualization_result import FeatureVisualization

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Positive, PositiveInt, Progress, Seed
    from xai_widgets.methods.feature_visualization.transformations import Transformation
    from xai_widgets.models.kinds.classifier import Classifier

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
        progress: Progress = None,
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
        self._moved = np.zeros(count, bool)

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
        self._moved[part] |= np.any([one.reshape(len(one), -1).any(axis=1) for one in gradients], axis=0)
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
        """Return the pictures of the steps so far; warn, at the end, of those that no gradient ever moved."""
        if self.done >= self.total and not self._moved.all():
            warn_reader(
                f"{np.count_nonzero(~self._moved)} of {self.count} pictures never changed: what they are to raise "
                f"({', '.join(self.problem.objective.names())}) is off at their start, and behind a ReLU that is off "
                "there is no gradient; give another seed=, or start= a picture in which it is on"
            )
        pictures = self.pictures()
        inputs = np.concatenate([self.problem.inputs_of(pictures[part]) for part in self._parts])
        return FeatureVisualization(pictures, inputs, self.score(pictures), self.curve(), self.recipe())


@recorded
@anytime
def activation_maximization(
    model: Classifier | keras.Model,
    target: Wanted,
    *,
    layer: str | None = None,
    parameterisation: str | Parameterisation = "fourier",
    transformations: Sequence[Transformation] | None = None,
    size: PositiveInt | tuple[PositiveInt, PositiveInt] | None = None,
    samples: PositiveInt | None = None,
    start: Any = None,
    steps: PositiveInt = 96,
    rate: Positive | None = None,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Maximization:
    """Activation maximisation: optimise a picture until a class, a unit or a direction answers as strongly as it can.

    ``activation_maximization.stream(...)`` yields the pictures early and, with ever more steps, better ones. From one
    unit to the next nothing is compiled again, and many are drawn in one batch. A rectified unit that is off everywhere
    at the start has no gradient to go up: another seed, or a larger deviation of the start, may turn it on.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        Functional or Sequential; takes pictures of 1 or 3 channels. A bare model is taken to see 0..255, or give
        ``Classifier(value_range=...)``.
    target : str, int, sequence of them, or Objective
        A class by name or index; with `layer`, the index of a channel there. Several give a picture each. An
        objective says anything else: ``channel("conv", 3) - 0.5 * total_variation()``.
    layer : str, optional
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant. Left out, the target is a class or an objective.
    parameterisation : {"fourier", "pixels", "laplacian", "cppn"} or Parameterisation, default "fourier"
        How the picture is written: by the waves that it is a sum of, by its pixels, by details of several sizes, by
        a small network from places to colours; or one made with options.
    transformations : sequence of Transformation, optional
        How the picture is moved before each look: `standard` if left out; ``()`` for none.
    size : int or (int, int), optional
        Height and width in pixels, 1 or more; the model's own size if left out. Another one only where the layers
        take it.
    samples : int, optional
        How many pictures, 1 or more, where `target` names one thing: each starts from other random numbers.
    start : picture, optional
        Where to begin, instead of at random numbers: one picture for all, as floats (H, W, C) in the model's input
        space, a uint8 array (H, W, 3), a PIL image or a path. It is resized where need be.
    steps : int, default 96
        Steps of Adam, 1 or more.
    rate : float, optional
        Size of a step, above 0; that of the parameterisation if left out.
    seed : int, default 0
        Seed of the starts and movements, 0 or more. Same seed, same pictures; picture n is the same alone and in a
        batch, but for rounding.
    batch_size : int, optional
        How many pictures are drawn at a time, 1 or more. Left out, as many as the memory allows, 512 at most.
        Objectives that compare pictures take them all at once.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting steps, and may raise an error to stop. None is
        silent.

    Returns
    -------
    FeatureVisualization
        ``.pictures`` (N, H, W, 3), 0 to 1, with opacity as a fourth channel where the parameterisation has it;
        ``.score`` (N,), the objective at each picture as it is, and ``.curve`` (steps, N), at each step as the network
        saw it then, in units of the activations or logits; ``.show()``.

    Raises
    ------
    ValueError
        For an unknown class, layer or unit; a size that the model does not take; inputs that are no pictures, or of
        an unknown range; an option whose value is not allowed; or a layer given beside an objective, which names
        its own.
    TypeError
        If the target is neither a class nor an objective, or with a layer no whole number; or an option does not
        exist.

    Warns
    -----
    UserWarning
        If some pictures never changed, since what they are to raise is off at their start.

    References
    ----------
    Dumitru Erhan, Yoshua Bengio, Aaron Courville, Pascal Vincent (2009), Visualizing higher-layer features of a deep
    network, Technical report 1341, Université de Montréal. Chris Olah, Alexander Mordvintsev, Ludwig Schubert (2017),
    Feature visualization, doi:10.23915/distill.00007.

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
    with naming("start"):
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


@checked_options
def objective_scores(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Wanted,
    *,
    layer: str | None = None,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> NDArray[np.float32]:
    """Measure on any pictures what `activation_maximization` raises.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        Functional or Sequential; takes pictures of 1 or 3 channels. A bare model is taken to see 0..255, or give
        ``Classifier(value_range=...)``.
    inputs : array or pictures
        A batch of N pictures as floats in the model's input space, (N, H, W, C); one such picture without the batch
        axis; or pictures, which are resized and preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a
        sequence of them.
    target : str, int, sequence of them, or Objective
        A class by name or index; with `layer`, the index of a channel there. Several give a picture each. An
        objective says anything else: ``channel("conv", 3) - 0.5 * total_variation()``.
    layer : str, optional
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant. Left out, the target is a class or an objective.
    batch_size : int, optional
        How many pictures go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most. Objectives that compare pictures take them all at once.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting pictures, and may raise an error to stop. None
        is silent.

    Returns
    -------
    (N,) float32 array
        The objective of each picture as it is, without movements: in units of the logit of a class, or of the
        activations of a channel.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, layer or unit; another number
        of targets than of pictures; an option whose value is not allowed; or a layer given beside an objective,
        which names its own.
    TypeError
        If the target is neither a class nor an objective, or with a layer no whole number; or an option does not
        exist.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> threes = [objective_scores(digits, xai.sample_image(f"digit-{digit}"), "3")[0] for digit in (3, 8)]
    >>> bool(threes[0] > threes[1])
    True
    """
    subject, objective = wrap(model), objective_of(target, layer)
    batch, layers = subject.as_inputs(inputs), outputs_for(subject, objective)
    problem = Problem(subject, objective, parameterisation_of("pixels"), ())
    arrays, report = objective.arrays(problem.bound(len(batch))), reporter(progress)
    found = []
    for part in subject.batches(len(batch), len(batch) if objective.couples else batch_size):
        shown, rows = subject.to_display(batch[part]), [one[part] for one in arrays]
        found.append(objective_values(subject, layers, objective, (batch[part], shown), rows))
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
        if isinstance(target, (str, list, tuple, range, np.ndarray, int, np.integer)):
            return logit(target)
        raise TypeError(f"target is a class by name or index (or several), or an objective, not {target!r}")
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
