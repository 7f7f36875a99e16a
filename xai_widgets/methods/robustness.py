"""How robust a model is: the smallest epsilon that changes an answer, and accuracy against epsilon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.adversarial import Attack, checked_epsilon, fgsm_direction, pgd
from xai_widgets.methods.progress import reporter
from xai_widgets.results.adversarial import MinimalEpsilon, RobustnessCurve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

ATTACKS = ("fgsm", "pgd")
_SCAN = 16  # sizes tried before the bisection: an attack may succeed at a size and fail again at a larger one


def minimal_epsilon(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    attack: str = "fgsm",
    maximum: float | None = None,
    tolerance: float | None = None,
    targeted: bool = False,
    norm: str = "linf",
    clip: Any = "auto",
    mask: Any = None,
    steps: int = 10,
    seed: int = 0,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> MinimalEpsilon:
    """Find the smallest epsilon at which an attack changes the class (or, targeted, reaches it).

    Sixteen sizes, evenly spaced up to `maximum`, bracket the first change; bisection then narrows the bracket down to
    `tolerance`. A change confined between two of the sixteen sizes can be missed.

    Parameters
    ----------
    model, inputs, target, targeted, norm, clip, mask, batch_size
        As for `fgsm`.
    attack : {"fgsm", "pgd"}
        For FGSM the gradient is taken once and only forward passes follow.
    maximum : float, optional
        Largest epsilon tried; the width of the value range, or 1 where it is unknown, if left out.
    tolerance : float, optional
        Width of the last bracket; a thousandth of `maximum` if left out.
    steps, seed
        Of PGD.
    progress : bool or callable, optional
        Counts the sizes tried.

    Returns
    -------
    MinimalEpsilon
        ``.epsilon`` (N,), 0 where the answer is wrong already and infinity where nothing up to `maximum` helps;
        ``.adversarial``.

    Raises
    ------
    ValueError
        As for `fgsm`, and for a maximum or tolerance that is not positive.

    References
    ----------
    Seyed-Mohsen Moosavi-Dezfooli, Alhussein Fawzi, Pascal Frossard (2016), DeepFool: a simple and accurate method to
    fool deep neural networks (which defines robustness as this smallest size).

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
    largest = _positive("maximum", _width(request) if maximum is None else maximum)
    narrow = _positive("tolerance", largest / 1000 if tolerance is None else tolerance)
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
    return 1.0 if request.ball.clip is None else float(np.max(request.ball.clip[1] - request.ball.clip[0]))


def _positive(name: str, value: float) -> float:
    if not np.isfinite(value) or value <= 0:
        msg = f"{name} must be a positive number, not {value}"
        raise ValueError(msg)
    return float(value)


def _placer(
    request: Attack, attack: str, steps: int, seed: int
) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return the function from one epsilon per input to the attacked inputs."""
    if attack not in ATTACKS:
        msg = f"attack must be one of {', '.join(map(repr, ATTACKS))}, not {attack!r}"
        raise ValueError(msg)
    if attack == "fgsm":
        direction = fgsm_direction(request)
        return lambda sizes: request.ball.move(request.inputs, direction, sizes)

    def by_pgd(sizes: NDArray[np.float32]) -> NDArray[np.float32]:
        result = pgd(
            request.classifier,
            request.inputs,
            request.classes.tolist(),
            epsilon=sizes,
            steps=steps,
            seed=seed,
            targeted=request.targeted,
            norm=request.ball.norm,
            clip=request.ball.clip,
            mask=request.ball.mask,
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


def robustness_curve(
    model: Classifier | keras.Model,
    inputs: Any,
    labels: Sequence[int | str] | NDArray[np.integer],
    *,
    epsilons: Sequence[float] | NDArray[np.floating],
    attack: str = "fgsm",
    norm: str = "linf",
    clip: Any = "auto",
    mask: Any = None,
    steps: int = 10,
    seed: int = 0,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> RobustnessCurve:
    """Measure the accuracy on a set of images when each may be attacked with a given epsilon.

    Parameters
    ----------
    model, inputs, norm, clip, mask, batch_size
        As for `fgsm`.
    labels : sequence of N int or str
        The true classes.
    epsilons : sequence of E floats
        Sizes in units of the model's input space; 0 gives the plain accuracy.
    attack : {"fgsm", "pgd"}
    steps, seed
        Of PGD.
    progress : bool or callable, optional
        Counts the sizes.

    Returns
    -------
    RobustnessCurve
        ``.epsilons``, ``.accuracy``, ``.error``, ``.standard_error``, ``.show()``.

    Raises
    ------
    ValueError
        As for `fgsm`, and if labels and images differ in number.

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
