"""Adversarial examples: the fast gradient sign method and projected gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.perturbations import Ball, make_ball
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.scores import pictures_of, resolve_classes
from xai_widgets.models.classifier import Classifier
from xai_widgets.models.predictions import Predictions
from xai_widgets.results.adversarial import AdversarialResult
from xai_widgets.results.recipe import Recipe, exact, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.targets import Target

_MASKED = -1e30  # stands for minus infinity where a class must not count; infinity would make NaN gradients


@dataclass(frozen=True, eq=False)
class Attack:
    """A checked request: whom to attack, where from, which way, how far it may go."""

    classifier: Classifier
    inputs: NDArray[np.float32]
    classes: NDArray[np.int64]
    targeted: bool
    ball: Ball
    batch_size: int | None

    @classmethod
    def prepare(
        cls,
        model: Classifier | keras.Model,
        inputs: Any,
        target: Target,
        *,
        targeted: bool,
        norm: str,
        clip: Any,
        mask: Any,
        batch_size: int | None,
    ) -> Attack:
        """Check everything that can be checked before the first pass."""
        classifier = Classifier.wrap(model)
        batch = classifier.as_inputs(inputs)
        if targeted and target is None:
            msg = "a targeted attack needs its target: the class whose score is to rise"
            raise ValueError(msg)
        classes = resolve_classes(classifier, batch, target, batch_size)
        ball = make_ball(classifier, batch, norm, clip, mask)
        return cls(classifier, batch, classes, targeted, ball, batch_size)

    def losses_and_gradients(
        self, points: NDArray[np.float32], part: slice = slice(None)
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what the attack wants to raise, at points that stand for `part` of the inputs, and its gradient."""
        rows = np.eye(len(self.classifier.labels), dtype="float32")[self.classes[part]]
        margin = self.classifier.compiled("margin", lambda: _margin_gradient(self.classifier))
        losses, gradients = zip(
            *(margin(points[cut], rows[cut]) for cut in self.classifier.batches(len(points), self.batch_size)),
            strict=True,
        )
        sign = np.float32(-1 if self.targeted else 1)
        raised, slopes = np.concatenate(losses), np.concatenate(gradients)
        return np.asarray(sign * raised, dtype="float32"), np.asarray(sign * slopes, dtype="float32")

    def reached(self, points: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Tell for each point whether the class is left, or (targeted) taken."""
        found = self.classifier.logits(points, batch_size=self.batch_size).argmax(axis=-1)
        aim: NDArray[np.bool_] = (found == self.classes) == self.targeted
        return aim

    def result(
        self,
        adversarial: NDArray[np.float32],
        epsilon: NDArray[np.float32],
        recipe: Recipe,
        direction: NDArray[np.float32] | None = None,
        *,
        before: Predictions | None = None,
        after: Predictions | None = None,
    ) -> AdversarialResult:
        """Ask the model before and after, unless that is known, and put the answer together."""
        shown = [pictures_of(self.classifier, batch, self.inputs) for batch in (self.inputs, adversarial)]
        return AdversarialResult(
            original=self.inputs,
            adversarial=adversarial,
            before=self.predict(self.inputs) if before is None else before,
            after=self.predict(adversarial) if after is None else after,
            epsilon=epsilon,
            target=self.classes,
            targeted=self.targeted,
            recipe=recipe,
            direction=direction,
            pictures=None if shown[0] is None or shown[1] is None else (shown[0], shown[1]),
        )

    def predict(self, points: NDArray[np.float32]) -> Predictions:
        """Return the model's answers."""
        logits = self.classifier.logits(points, batch_size=self.batch_size)
        return Predictions(self.classifier.probabilities(logits), self.classifier.labels)

    def recipe(self, method: str, **options: Any) -> Recipe:
        """Write down how the attack was made."""
        names = tuple(self.classifier.labels[index] for index in self.classes)
        masked = None if self.ball.mask is None else fingerprint(self.ball.mask)
        bounds = None if self.ball.clip is None else tuple(map(exact, self.ball.clip))
        shared = {"targeted": self.targeted, "norm": self.ball.norm, "clip": bounds, "mask": masked}
        return Recipe(method, self.classifier.name, names, {**options, **shared})


def _margin_gradient(classifier: Classifier) -> tuple[Any, Any]:
    """Return the function (x, one-hot rows) -> (margin, gradient), and its variables.

    The margin is log-sum-exp of the other logits minus the class's own: cross-entropy is softplus of it, so both have
    gradients of the same direction. Its own gradient, however, does not vanish where the model is certain, as that of
    cross-entropy does in float32. With a sigmoid head classes do not compete: the margin is minus the logit.
    """
    logits, variables = classifier.logits_function()
    competing = classifier.head != "sigmoid" and len(classifier.labels) > 1

    def margin(x: Any, rows: Any) -> Any:
        outputs = logits(x)
        own = keras.ops.sum(outputs * rows, axis=-1)
        if not competing:
            return -own
        others = keras.ops.where(rows > 0, keras.ops.full_like(outputs, _MASKED), outputs)
        return keras.ops.logsumexp(others, axis=-1) - own

    return backend.value_and_gradient(margin), variables


def checked_epsilon(epsilon: Any, count: int) -> NDArray[np.float32]:
    """Return one epsilon per input; refuse what is no size."""
    values = np.asarray(epsilon, dtype="float32")
    if values.shape not in ((), (count,)):
        msg = f"epsilon must be one number or one per input ({count}), not of shape {values.shape}"
        raise ValueError(msg)
    if not np.isfinite(values).all() or (values < 0).any():
        msg = f"epsilon must be finite and not negative, not {epsilon}"
        raise ValueError(msg)
    return np.broadcast_to(values, (count,)).copy()


def fgsm(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    epsilon: float | NDArray[np.floating],
    targeted: bool = False,
    norm: str = "linf",
    clip: Any = "auto",
    mask: Any = None,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> AdversarialResult:
    """Fast gradient sign method: one step that raises the loss as fast as possible.

    Parameters
    ----------
    model : Classifier or keras.Model
    inputs : array
        A batch (N, ...) of floats in the model's input space, one such example, or pictures (uint8).
    target : str, int, sequence of them, or None
        The class whose score falls (or rises, if `targeted`): the true class, usually. None takes the predicted one.
    epsilon : float or (N,) array
        Size of the step in units of the model's input space: the largest change of any value (``"linf"``) or the
        Euclidean length of the change (``"l2"``).
    targeted : bool
        Step towards the target instead of away from it.
    norm : {"linf", "l2"}
    clip : (low, high), "auto" or None
        The range that values stay in. ``"auto"`` takes that of the classifier's preprocessing, if known.
    mask : array of 0 and 1, optional
        Where the attack may change values: (H, W), or the inputs' own shape.
    batch_size, progress
        As for `saliency`.

    Returns
    -------
    AdversarialResult
        ``.adversarial``, ``.perturbation``, ``.before`` and ``.after`` (predictions), ``.success``, ``.show()``.

    Raises
    ------
    ValueError
        For a wrong shape, NaN, a negative epsilon, inputs outside the range, an unknown class or norm, or a model that
        no gradient goes through.

    References
    ----------
    Ian Goodfellow, Jonathon Shlens, Christian Szegedy (2014), Explaining and harnessing adversarial examples.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> attack = fgsm(digits, xai.sample_image("digit-3"), target="3", epsilon=0.3)
    >>> round(float(abs(attack.perturbation).max()), 5)
    0.3
    """
    attack = Attack.prepare(
        model, inputs, target, targeted=targeted, norm=norm, clip=clip, mask=mask, batch_size=batch_size
    )
    sizes = checked_epsilon(epsilon, len(attack.inputs))
    direction = fgsm_direction(attack, progress)
    adversarial = attack.ball.move(attack.inputs, direction, sizes)
    return attack.result(adversarial, sizes, attack.recipe("fgsm", epsilon=_written(sizes)), direction)


def fgsm_direction(attack: Attack, progress: Callable[[int, int], object] | bool | None = None) -> NDArray[np.float32]:
    """Return the step of size 1 for every input; it does not depend on epsilon."""
    _, gradients = attack.losses_and_gradients(attack.inputs)
    reporter(progress)(len(gradients), len(gradients))
    return attack.ball.steepest(gradients)


def pgd(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    epsilon: float | NDArray[np.floating],
    step_size: float | NDArray[np.floating] | None = None,
    steps: int = 10,
    restarts: int = 1,
    random_start: bool = True,
    targeted: bool = False,
    norm: str = "linf",
    clip: Any = "auto",
    mask: Any = None,
    seed: int = 0,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> AdversarialResult:
    """Projected gradient descent: many small steps, each brought back into the allowed ball.

    Parameters
    ----------
    model, inputs, target, epsilon, targeted, norm, clip, mask, batch_size
        As for `fgsm`.
    step_size : float or (N,) array, optional
        Length of a step, in units of the input space; ``2.5 * epsilon / steps`` if left out, so that the border can be
        reached from anywhere in the ball.
    steps : int
        Gradients per restart.
    restarts : int
        How often to begin anew; each input keeps the best of its attempts (aim reached, then highest loss).
    random_start : bool
        Begin at a random point of the ball rather than at the input itself.
    seed : int
        Of the random starts; the same seed gives the same attack.
    progress : bool or callable, optional
        Counts steps over all restarts.

    Returns
    -------
    AdversarialResult

    Raises
    ------
    ValueError
        As for `fgsm`, and for fewer than one step or restart.

    References
    ----------
    Aleksander Madry, Aleksandar Makelov, Ludwig Schmidt, Dimitris Tsipras, Adrian Vladu (2018), Towards deep learning
    models resistant to adversarial attacks.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> attack = pgd(xai.load_model("digits"), xai.sample_image("digit-3"), target="3", epsilon=0.2, steps=5)
    >>> attack.adversarial.shape
    (1, 8, 8, 1)
    """
    if steps < 1 or restarts < 1:
        msg = f"steps and restarts must be at least 1, not {steps} and {restarts}"
        raise ValueError(msg)
    attack = Attack.prepare(
        model, inputs, target, targeted=targeted, norm=norm, clip=clip, mask=mask, batch_size=batch_size
    )
    sizes = checked_epsilon(epsilon, len(attack.inputs))
    lengths = checked_epsilon(2.5 * sizes / steps if step_size is None else step_size, len(sizes))
    search = _Search(attack, sizes, lengths, steps, reporter(progress), restarts * steps)
    best = search.run(np.random.default_rng(seed), restarts, random_start=random_start)
    options = {"epsilon": _written(sizes), "step_size": _written(lengths), "steps": steps, "restarts": restarts}
    return attack.result(best, sizes, attack.recipe("pgd", **options, random_start=random_start, seed=seed))


@dataclass
class _Search:
    """The loop of projected gradient descent over all inputs at once."""

    attack: Attack
    sizes: NDArray[np.float32]
    lengths: NDArray[np.float32]
    steps: int
    report: Callable[[int, int], object]
    total: int
    done: int = 0

    def run(self, rng: np.random.Generator, restarts: int, *, random_start: bool) -> NDArray[np.float32]:
        """Return the best point of all restarts for each input."""
        start = self.attack.inputs
        best, best_rank = start.copy(), np.full(len(start), -np.inf)
        for _ in range(restarts):
            begin = self.attack.ball.random_start(start, self.sizes, rng) if random_start else start
            end = self._descend(begin)
            rank = self._rank(end)
            better = rank > best_rank
            best[better], best_rank[better] = end[better], rank[better]
        return best

    def _descend(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        ball, start = self.attack.ball, self.attack.inputs
        for _ in range(self.steps):
            _, gradients = self.attack.losses_and_gradients(points)
            moved = ball.move(points, ball.steepest(gradients), self.lengths)
            points = ball.project(moved, start, self.sizes)
            self.done += 1
            self.report(self.done, self.total)
        return points

    def _rank(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """Order attempts: those that reach the aim first, then by loss squeezed into (0, 1)."""
        losses, _ = self.attack.losses_and_gradients(points)
        squeezed = 0.5 + np.arctan(losses.astype("float64")) / np.pi
        rank: NDArray[np.float64] = self.attack.reached(points) + squeezed
        return rank


def _written(sizes: NDArray[np.float32]) -> Any:
    """One number where all inputs share it, else one for each."""
    return exact(sizes[0] if np.ptp(sizes) == 0 else sizes)
