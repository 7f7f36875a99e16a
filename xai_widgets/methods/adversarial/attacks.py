"""Adversarial examples: the fast gradient sign method and projected gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.adversarial.threat_model import Norm, PerturbationSet, perturbation_set
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.target_scores import one_hot, pictures_of, resolve_classes
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.outputs.predictions import Predictions
from xai_widgets.results.adversarial_results import AdversarialResult
from xai_widgets.results.recipe import Recipe, exact, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Annotated

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import NonNegative, PositiveInt, Progress, Seed, Within
    from xai_widgets.models.outputs.targets import Target

_MASKED = -1e30  # stands for minus infinity where a class must not count; infinity would make NaN gradients


@dataclass(frozen=True, eq=False)
class Attack:
    """A checked request: whom to attack, where from, which way, how far it may go."""

    classifier: Classifier
    inputs: NDArray[np.float32]
    classes: NDArray[np.int64]
    targeted: bool
    allowed: PerturbationSet
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
        allowed = perturbation_set(classifier, batch, norm, clip, mask)
        return cls(classifier, batch, classes, targeted, allowed, batch_size)

    def losses_and_gradients(
        self, points: NDArray[np.float32], part: slice = slice(None)
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what the attack wants to raise, at points that stand for `part` of the inputs, and its gradient."""
        rows = one_hot(self.classes[part], len(self.classifier.labels))
        margin = self.classifier.compiled("margin", lambda: _margin_gradient(self.classifier))
        losses, gradients = zip(
            *(margin(points[cut], rows[cut]) for cut in self.classifier.batches(len(points), self.batch_size)),
            strict=True,
        )
        sign = np.float32(-1 if self.targeted else 1)
        loss, gradient = np.concatenate(losses), np.concatenate(gradients)
        return np.asarray(sign * loss, dtype="float32"), np.asarray(sign * gradient, dtype="float32")

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
        quantity = "value" if self.classifier.head == "values" else "probability"
        return Predictions(self.classifier.probabilities(logits), self.classifier.labels, quantity=quantity)

    def recipe(self, method: str, **options: Any) -> Recipe:
        """Write down how the attack was made."""
        names = tuple(self.classifier.labels[index] for index in self.classes)
        masked = None if self.allowed.mask is None else fingerprint(self.allowed.mask)
        bounds = None if self.allowed.clip is None else tuple(map(exact, self.allowed.clip))
        shared = {"targeted": self.targeted, "norm": self.allowed.norm, "clip": bounds, "mask": masked}
        return Recipe(method, self.classifier.name, names, {**options, **shared})


def _margin_gradient(classifier: Classifier) -> tuple[Any, Any]:
    """Return the function (x, one-hot rows) -> (margin, gradient), and its variables.

    The margin is log-sum-exp of the other logits minus the class's own: cross-entropy is softplus of it, so both have
    gradients of the same direction. Its own gradient, however, does not vanish where the model is certain, as that of
    cross-entropy does in float32. Where classes do not exclude each other the margin is minus the class's own score.
    """
    logits, variables = classifier.logits_function()
    competing = classifier.exclusive

    def margin(x: Any, rows: Any) -> Any:
        outputs = logits(x)
        own = keras.ops.sum(outputs * rows, axis=-1)
        if not competing:
            return -own
        others = keras.ops.where(rows > 0, keras.ops.full_like(outputs, _MASKED), outputs)
        return keras.ops.logsumexp(others, axis=-1) - own

    return backend.value_and_gradient(margin), variables


def checked_epsilon(epsilon: Any, count: int, name: str = "epsilon") -> NDArray[np.float32]:
    """Return one epsilon per input; refuse what is no size."""
    values = np.asarray(epsilon, dtype="float32")
    if values.shape not in ((), (count,)):
        msg = f"{name} must be one number or one per input ({count}), not of shape {values.shape}"
        raise ValueError(msg)
    return np.broadcast_to(values, (count,)).copy()


@recorded
def fgsm(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    epsilon: NonNegative | Annotated[NDArray[np.floating], Within(least=0)],
    targeted: bool = False,
    norm: Norm = "linf",
    clip: Any = "auto",
    mask: Any = None,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> AdversarialResult:
    """Fast gradient sign method: one step that raises the loss as fast as possible.

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is attacked; it gives one row of K class scores for each example. A bare Keras model is
        wrapped by `wrap`, without class names. Gradients must go through it.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    target : str, int, sequence of them, or None
        The class whose score falls (or rises, if `targeted`), by name or index, one for all inputs or one for each:
        the true class, usually. None takes the class that the model predicts; a targeted attack needs one.
    epsilon : float or (N,) array
        Size of the change, 0 or more, one for all inputs or one for each, in units of the model's input space: the
        largest change of any value (``"linf"``) or the Euclidean length of the change (``"l2"``).
    targeted : bool, default False
        Whether the attack goes towards the target instead of away from it.
    norm : {"linf", "l2"}, default "linf"
        How the size of a change is measured, over all values of one input: its largest value, or its Euclidean
        length.
    clip : (low, high), "auto" or None, default "auto"
        The range that values stay in: numbers, or one for each channel (C,). ``"auto"`` takes that of the
        classifier's preprocessing, if known; None leaves values free.
    mask : array of 0 and 1, optional
        Where the attack may change values: (H, W), (N, H, W), or the inputs' own shape. Everywhere, if left out.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting inputs, and may raise an error to stop. None
        is silent.

    Returns
    -------
    AdversarialResult
        ``.adversarial`` (N, ...) and ``.perturbation``, what was added, in the model's input space; ``.before`` and
        ``.after``, the predictions; ``.success`` (N,), whether the class was left or, targeted, reached;
        ``.direction`` (N, ...), the step of size 1, which does not depend on epsilon; ``.show()``.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; inputs outside the range; a range that is none, a mask that does not fit, or sizes that are neither
        one nor one for each input; a targeted attack without a target; or a model that no gradient goes through, or
        whose scores or gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is not a class, or an option does not
        exist or is missing.

    References
    ----------
    Ian Goodfellow, Jonathon Shlens, Christian Szegedy (2014), Explaining and harnessing adversarial examples,
    arXiv:1412.6572.

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
    adversarial = attack.allowed.move(attack.inputs, direction, sizes)
    return attack.result(adversarial, sizes, attack.recipe("fgsm", epsilon=_written(sizes)), direction)


def fgsm_direction(attack: Attack, progress: Progress = None) -> NDArray[np.float32]:
    """Return the step of size 1 for every input; it does not depend on epsilon."""
    _, gradients = attack.losses_and_gradients(attack.inputs)
    reporter(progress)(len(gradients), len(gradients))
    return attack.allowed.steepest(gradients)


@recorded
def pgd(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    epsilon: NonNegative | Annotated[NDArray[np.floating], Within(least=0)],
    step_size: NonNegative | Annotated[NDArray[np.floating], Within(least=0)] | None = None,
    steps: PositiveInt = 10,
    restarts: PositiveInt = 1,
    random_start: bool = True,
    targeted: bool = False,
    norm: Norm = "linf",
    clip: Any = "auto",
    mask: Any = None,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> AdversarialResult:
    """Projected gradient descent: many small steps, each brought back into the allowed ball.

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is attacked; it gives one row of K class scores for each example. A bare Keras model is
        wrapped by `wrap`, without class names. Gradients must go through it.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    target : str, int, sequence of them, or None
        The class whose score falls (or rises, if `targeted`), by name or index, one for all inputs or one for each:
        the true class, usually. None takes the class that the model predicts; a targeted attack needs one.
    epsilon : float or (N,) array
        Radius of the allowed ball, 0 or more, one for all inputs or one for each, in units of the model's input
        space: the largest change of any value (``"linf"``) or the Euclidean length of the change (``"l2"``).
    step_size : float or (N,) array, optional
        Length of a step, 0 or more, in units of the input space; ``2.5 * epsilon / steps`` if left out, so that the
        border can be reached from anywhere in the ball.
    steps : int, default 10
        Gradients per restart, 1 or more.
    restarts : int, default 1
        How often to begin anew, 1 or more; each input keeps the best of its attempts (aim reached, then highest
        loss).
    random_start : bool, default True
        Whether to begin at a random point of the ball rather than at the input itself.
    targeted : bool, default False
        Whether the attack goes towards the target instead of away from it.
    norm : {"linf", "l2"}, default "linf"
        How the size of a change is measured, over all values of one input: its largest value, or its Euclidean
        length.
    clip : (low, high), "auto" or None, default "auto"
        The range that values stay in: numbers, or one for each channel (C,). ``"auto"`` takes that of the
        classifier's preprocessing, if known; None leaves values free.
    mask : array of 0 and 1, optional
        Where the attack may change values: (H, W), (N, H, W), or the inputs' own shape. Everywhere, if left out.
    seed : int, default 0
        Seed of the random starts, 0 or more; the same seed gives the same attack.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting steps over all restarts, and may raise an
        error to stop. None is silent.

    Returns
    -------
    AdversarialResult
        ``.adversarial`` (N, ...) and ``.perturbation``, what was added, in the model's input space; ``.before`` and
        ``.after``, the predictions; ``.success`` (N,), whether the class was left or, targeted, reached;
        ``.show()``.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; inputs outside the range; a range that is none, a mask that does not fit, or sizes that are neither
        one nor one for each input; a targeted attack without a target; or a model that no gradient goes through, or
        whose scores or gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is not a class, or an option does not
        exist or is missing.

    References
    ----------
    Aleksander Madry, Aleksandar Makelov, Ludwig Schmidt, Dimitris Tsipras, Adrian Vladu (2018), Towards deep learning
    models resistant to adversarial attacks, arXiv:1706.06083.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> attack = pgd(xai.load_model("digits"), xai.sample_image("digit-3"), target="3", epsilon=0.2, steps=5)
    >>> attack.adversarial.shape
    (1, 8, 8, 1)
    """
    attack = Attack.prepare(
        model, inputs, target, targeted=targeted, norm=norm, clip=clip, mask=mask, batch_size=batch_size
    )
    sizes = checked_epsilon(epsilon, len(attack.inputs))
    lengths = checked_epsilon(2.5 * sizes / steps if step_size is None else step_size, len(sizes), "step_size")
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
            begin = self.attack.allowed.random_start(start, self.sizes, rng) if random_start else start
            end = self._descend(begin)
            rank = self._rank(end)
            better = rank > best_rank
            best[better], best_rank[better] = end[better], rank[better]
        return best

    def _descend(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        allowed, start = self.attack.allowed, self.attack.inputs
        for _ in range(self.steps):
            _, gradients = self.attack.losses_and_gradients(points)
            moved = allowed.move(points, allowed.steepest(gradients), self.lengths)
            points = allowed.project(moved, start, self.sizes)
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
