"""How robust a model is: the smallest epsilon that changes an answer, and accuracy against epsilon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.adversarial.attacks import Attack, checked_epsilon, fgsm_direction, pgd
from xai_widgets.methods.adversarial.threat_model import Norm  # noqa: TC001  (read where a call is checked)
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.results.adversarial_results import MinimalEpsilon, RobustnessCurve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Annotated

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import OneOf, Positive, PositiveInt, Progress, Seed, Within
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target

ATTACKS = ("fgsm", "pgd")
_SCAN = 16  # sizes tried before the bisection: an attack may succeed at a size and fail again at a larger one


@recorded
def minimal_epsilon(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    attack: Annotated[str, OneOf(ATTACKS)] = "fgsm",
    maximum: Positive | None = None,
    tolerance: Positive | None = None,
    targeted: bool = False,
    norm: Norm = "linf",
    clip: Any = "auto",
    mask: Any = None,
    steps: PositiveInt = 10,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> MinimalEpsilon:
    """Find the smallest epsilon at which an attack changes the class (or, targeted, reaches it).

    Sixteen sizes, evenly spaced up to `maximum`, bracket the first change; bisection then narrows the bracket down to
    `tolerance`. A change confined between two of the sixteen sizes can be missed.

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
    attack : {"fgsm", "pgd"}, default "fgsm"
        The attack that is tried at each size. For FGSM the gradient is taken once and only forward passes follow.
    maximum : float, optional
        Largest epsilon tried, above 0, in units of the model's input space; the width of the value range, or 1
        where it is unknown, if left out.
    tolerance : float, optional
        Width of the last bracket, above 0, in the same units; a thousandth of `maximum` if left out.
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
    steps : int, default 10
        Gradients of each attack by PGD, 1 or more; FGSM takes one.
    seed : int, default 0
        Seed of PGD's random starts, 0 or more.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting the sizes tried, and may raise an error to
        stop. None is silent.

    Returns
    -------
    MinimalEpsilon
        ``.epsilon`` (N,), in units of the model's input space: 0 where the answer is wrong already and infinity
        where nothing up to `maximum` helps; ``.adversarial`` (N, ...), the inputs changed by so much, unchanged
        where nothing helps; ``.after``, the predictions for them.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; inputs outside the range; a range that is none, or a mask that does not fit; a targeted attack
        without a target; or a model that no gradient goes through, or whose scores or gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is not a class, or an option does not
        exist or is missing.

    References
    ----------
    Seyed-Mohsen Moosavi-Dezfooli, Alhussein Fawzi, Pascal Frossard (2016), DeepFool: a simple and accurate method to
    fool deep neural networks, arXiv:1511.04599 (which defines robustness as this smallest size).

    Examples
    --------
    >>> import keras, numpy as np
    >>> line = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, use_bias=False)])
    >>> line.set_weights([np.array([[1.0, -1.0], [1.0, -1.0]])])
    >>> found = minimal_epsilon(line, [[0.3, 0.1]], target=0, tolerance=1e-4)
    >>> round(float(found.epsilon[0]), 3)  # where the margin, 2 * 0.4 at first, is gone: 4 epsilon = 0.8
    0.2
    """
    request = Attack.prepare(
        model, inputs, target, targeted=targeted, norm=norm, clip=clip, mask=mask, batch_size=batch_size
    )
    largest = float(_width(request) if maximum is None else maximum)
    narrow = float(largest / 1000 if tolerance is None else tolerance)
    place = _placer(request, attack, steps, seed)
    halvings = max(0, int(np.ceil(np.log2(largest / _SCAN / narrow))))
    report, total = reporter(progress), _SCAN + halvings
    low, high = _scan(request, place, largest, report, total)
    for halving in range(halvings):
        low, high = _halve(request, place, low, high)
        report(_SCAN + halving + 1, total)
    found = np.isfinite(high)
    adversarial = place(np.where(found, high, 0).astype("float32"))
    options = {"attack": attack, "maximum": largest, "tolerance": narrow}
    seeds = {"steps": steps, "seed": seed} if attack == "pgd" else {}
    recipe = request.recipe("minimal_epsilon", **options, **seeds)
    return MinimalEpsilon(high, adversarial, request.predict(adversarial), narrow, recipe)


def _width(request: Attack) -> float:
    """Return the width of the range of values, 1 where it is unknown."""
    return 1.0 if request.allowed.clip is None else float(np.max(request.allowed.clip[1] - request.allowed.clip[0]))


def _placer(
    request: Attack, attack: str, steps: int, seed: int
) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return the function from one epsilon per input to the attacked inputs."""
    if attack == "fgsm":
        direction = fgsm_direction(request)
        return lambda sizes: request.allowed.move(request.inputs, direction, sizes)

    def by_pgd(sizes: NDArray[np.float32]) -> NDArray[np.float32]:
        result = pgd(
            request.classifier,
            request.inputs,
            request.classes.tolist(),
            epsilon=sizes,
            steps=steps,
            seed=seed,
            targeted=request.targeted,
            norm=request.allowed.norm,
            clip=request.allowed.clip,
            mask=request.allowed.mask,
            batch_size=request.batch_size,
        )
        return result.adversarial

    return by_pgd


def _scan(
    request: Attack,
    place: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    largest: float,
    report: Callable[[int, int], object],
    total: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bracket the first success of each input: fails at `low`, succeeds at `high` (infinite if never)."""
    count = len(request.inputs)
    low = np.zeros(count)
    high = np.where(request.reached(request.inputs), 0.0, np.inf)
    for step, size in enumerate(np.linspace(0, largest, _SCAN + 1)[1:], start=1):
        open_ones = np.isinf(high)
        if open_ones.any():
            reached = request.reached(place(np.full(count, size, "float32")))
            high = np.where(open_ones & reached, size, high)
            low = np.where(open_ones & ~reached, size, low)
        report(step, total)
    return low, high


def _halve(
    request: Attack,
    place: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Halve every bracket at once."""
    searched = np.isfinite(high) & (high > 0)
    middle = np.where(searched, (low + np.where(searched, high, 0)) / 2, 0)
    reached = request.reached(place(middle.astype("float32")))
    return np.where(searched & ~reached, middle, low), np.where(searched & reached, middle, high)


@recorded
def robustness_curve(
    model: Classifier | keras.Model,
    inputs: Any,
    labels: Sequence[int | str] | NDArray[np.integer],
    *,
    epsilons: Annotated[Sequence[float] | NDArray[np.floating], Within(least=0)],
    attack: Annotated[str, OneOf(ATTACKS)] = "fgsm",
    norm: Norm = "linf",
    clip: Any = "auto",
    mask: Any = None,
    steps: PositiveInt = 10,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> RobustnessCurve:
    """Measure the accuracy on a set of images when each may be attacked with a given epsilon.

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is attacked; it gives one row of K class scores for each example. A bare Keras model is
        wrapped by `wrap`, without class names. Gradients must go through it.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    labels : sequence of N int or str
        The true classes, by index or name.
    epsilons : sequence of E floats
        Sizes, 0 or more, in units of the model's input space; 0 gives the plain accuracy.
    attack : {"fgsm", "pgd"}, default "fgsm"
        The attack at each size.
    norm : {"linf", "l2"}, default "linf"
        How the size of a change is measured, over all values of one input: its largest value, or its Euclidean
        length.
    clip : (low, high), "auto" or None, default "auto"
        The range that values stay in: numbers, or one for each channel (C,). ``"auto"`` takes that of the
        classifier's preprocessing, if known; None leaves values free.
    mask : array of 0 and 1, optional
        Where the attack may change values: (H, W), (N, H, W), or the inputs' own shape. Everywhere, if left out.
    steps : int, default 10
        Gradients of each attack by PGD, 1 or more; FGSM takes one.
    seed : int, default 0
        Seed of PGD's random starts, 0 or more.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting the sizes, and may raise an error to stop.
        None is silent.

    Returns
    -------
    RobustnessCurve
        ``.epsilons`` (E,); ``.accuracy`` (E,), the share of the inputs that keep their true class under the attack,
        0 to 1; ``.error``, what is missing to 1; ``.standard_error`` (E,) by the number of inputs; ``.show()``.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; inputs outside the range; a range that is none, or a mask that does not fit; or a model that no
        gradient goes through, or whose scores or gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is not a class, or an option does not
        exist or is missing.

    References
    ----------
    Ian Goodfellow, Jonathon Shlens, Christian Szegedy (2014), Explaining and harnessing adversarial examples,
    arXiv:1412.6572. Aleksander Madry, Aleksandar Makelov, Ludwig Schmidt, Dimitris Tsipras, Adrian Vladu (2018),
    Towards deep learning models resistant to adversarial attacks, arXiv:1706.06083.

    Examples
    --------
    >>> import keras, numpy as np
    >>> line = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, use_bias=False)])
    >>> line.set_weights([np.array([[1.0, -1.0], [1.0, -1.0]])])
    >>> robustness_curve(line, [[0.3, 0.1], [2.0, 2.0]], [0, 0], epsilons=[0, 0.5]).error.tolist()
    [0.0, 0.5]
    """
    request = Attack.prepare(
        model, inputs, list(labels), targeted=False, norm=norm, clip=clip, mask=mask, batch_size=batch_size
    )
    sizes = np.asarray(epsilons, dtype="float64").reshape(-1)
    checked_epsilon(sizes, len(sizes))
    place, report, count = _placer(request, attack, steps, seed), reporter(progress), len(request.inputs)
    accuracy = []
    for done, size in enumerate(sizes, start=1):
        accuracy.append(1 - float(request.reached(place(np.full(count, size, "float32"))).mean()))
        report(done, len(sizes))
    options: dict[str, Any] = {"epsilons": tuple(sizes.tolist()), "attack": attack}
    if attack == "pgd":
        options |= {"steps": steps, "seed": seed}
    return RobustnessCurve(sizes, np.array(accuracy), count, request.recipe("robustness_curve", **options))
