"""Shapley values of superpixels or features: KernelSHAP, and sampling of orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.anytime import FIRST, anytime
from xai_widgets.methods.baselines import baseline_name
from xai_widgets.methods.coalitions import all_coalitions, exact_shapley, kernel_coalitions, orders, regression
from xai_widgets.methods.fills import masking_of
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.scores import pictures_of, scores
from xai_widgets.methods.superpixels import make_segments
from xai_widgets.results.recipe import Recipe
from xai_widgets.results.superpixels import SuperpixelAttribution, on_map

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.methods.anytime import Estimate
    from xai_widgets.methods.copies import Masking
    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target

    Batch = NDArray[np.float32]
    Bits = NDArray[np.bool_]
    Numbers = NDArray[np.float64]
    Progress = Callable[[int, int], object] | bool | None


class _Coalitions:
    """The coalitions of one input that were drawn by the Shapley kernel, with their scores, in a bit a player."""

    def __init__(self, players: int, ends: tuple[float, float], seed: int) -> None:
        self.players, self.ends = players, ends
        self.draw = kernel_coalitions(players, seed)
        self.bits: list[NDArray[np.uint8]] = []
        self.worths: list[Batch] = []

    def add(self, bits: Bits, worths: Batch) -> None:
        self.bits.append(np.packbits(bits, axis=1))
        self.worths.append(worths)

    def values(self) -> tuple[Numbers, Numbers]:
        bits = np.unpackbits(np.concatenate(self.bits), axis=1, count=self.players).astype(bool)
        return regression(bits, np.concatenate(self.worths).astype("float64"), *self.ends)


class _Orders:
    """What each player of one input added in orders that were drawn in pairs, the second the first reversed."""

    def __init__(self, players: int, ends: tuple[float, float], seed: int) -> None:
        self.players, self.ends = players, ends
        self.following = orders(players, seed)
        self.current: list[NDArray[np.int64]] = []
        self.bits = np.zeros((0, players), bool)
        self.worths = np.zeros(0)
        self.count, self.total, self.squares = 0, np.zeros(players), np.zeros(players)

    def draw(self, count: int) -> Bits:
        """Return the next coalitions: along each order, what has come in so far."""
        while len(self.bits) < count:
            order = self.following()
            self.current.append(order)
            ranks = order.argsort()
            self.bits = np.concatenate([self.bits, ranks < np.arange(1, self.players)[:, np.newaxis]])
        taken, self.bits = self.bits[:count], self.bits[count:]
        return taken

    def add(self, _bits: Bits, worths: Batch) -> None:
        """Take the worths along the orders; a pair counts as soon as it is complete."""
        self.worths = np.concatenate([self.worths, worths])
        length = self.players - 1
        while len(self.worths) >= 2 * length:
            rows, self.worths = self.worths[: 2 * length].reshape(2, length), self.worths[2 * length :]
            added = np.empty((2, self.players))
            for place in range(2):
                steps = np.diff(np.concatenate([self.ends[:1], rows[place], self.ends[1:]]))
                added[place, self.current.pop(0)] = steps
            mean = added.mean(axis=0)
            self.count, self.total, self.squares = self.count + 1, self.total + mean, self.squares + mean**2

    def values(self) -> tuple[Numbers, Numbers]:
        if not self.count:
            return self._begun(), np.full(self.players, np.nan)
        mean = self.total / self.count
        if self.count == 1:
            return mean, np.full(self.players, np.nan)
        spread = np.maximum(self.squares / self.count - mean**2, 0)
        return mean, np.sqrt(spread / (self.count - 1))

    def _begun(self) -> Numbers:
        """Return what is known within the first order: what those in it added, and an equal share for the others."""
        known = np.concatenate([self.ends[:1], self.worths[: self.players - 1]])
        values = np.full(self.players, (self.ends[1] - known[-1]) / (self.players - len(known) + 1))
        values[self.current[0][: len(known) - 1]] = np.diff(known)
        return values


class _Shapley:
    """Shapley values that are under way, for all inputs at a time; `advance` is the subclasses' own."""

    def __init__(self, name: str, masking: Masking, segments: NDArray[np.int64], options: dict[str, Any]) -> None:
        self.name, self.masking, self.segments, self.options = name, masking, segments, dict(options)
        self.report = reporter(self.options.pop("progress"))
        self.players = [int(one.max()) + 1 for one in segments]
        run = masking
        ends = [scores(run.classifier, x, run.scalar, run.output, run.batch_size) for x in (run.fills, run.inputs)]
        self.ends = np.stack(ends, axis=1).astype("float64")
        self.first, self.total, self.done = FIRST, int(self.options["samples"]), 0

    def shown(self, example: int, bits: Bits) -> Batch:
        """Return the masks of coalitions: superpixels that take part are seen."""
        return bits[:, self.segments[example]].astype("float32")

    def answer(self, found: list[tuple[Numbers, Numbers]], *, exact: bool) -> SuperpixelAttribution:
        """Put values and errors of all inputs into a result."""
        weights, errors = tuple(values for values, _ in found), tuple(spread for _, spread in found)
        run = self.masking
        options = self.options | {"samples": self.done, "exact": exact, "output": run.output}
        return SuperpixelAttribution(
            on_map(weights, self.segments),
            self.ends[:, 1].astype("float32"),
            Recipe(self.name, run.classifier.name, run.scalar.names, options),
            np.array([values.sum() for values in weights]) - (self.ends[:, 1] - self.ends[:, 0]),
            pictures_of(run.classifier, run.inputs),
            on_map(errors, self.segments),
            segments=self.segments,
            weights=weights,
            errors=errors,
            intercept=self.ends[:, 0],
        )


class _Exact(_Shapley):
    """All coalitions, where there are no more than samples; one answer, without error."""

    def __init__(self, *about: Any) -> None:
        super().__init__(*about)
        self.first = self.total = 2 ** max(self.players)
        self.worths: list[Numbers] = []

    def advance(self, count: int) -> None:
        """Run every coalition of every input."""
        self.done += count
        for example, players in enumerate(self.players):
            left = all_coalitions(players)
            found: list[Batch] = []

            def stream(wanted: int, example: int = example) -> Batch:
                nonlocal left
                taken, left = left[:wanted], left[wanted:]
                return self.shown(example, taken)

            copies = self.masking.only(example).scores([stream], 2**players)
            found.extend(some.scores for some in copies)
            self.worths.append(np.concatenate(found).astype("float64"))
            self.report((example + 1) * self.total, len(self.players) * self.total)

    def result(self) -> SuperpixelAttribution:
        """Return the exact values."""
        values = [exact_shapley(worths) for worths in self.worths]
        return self.answer([(one, np.zeros_like(one)) for one in values], exact=True)


class _Sampled(_Shapley):
    """A sample of the coalitions."""

    def __init__(self, kind: Any, *about: Any) -> None:
        super().__init__(*about)
        least = 2 * max(max(self.players) - 1, 1) if kind is _Orders else 2
        if self.total < least:
            msg = f"samples must be at least {least} for {max(self.players)} superpixels, not {self.total}"
            raise ValueError(msg)
        self.games = [
            (kind if players > 1 else _Coalitions)(players, (empty, full), self.options["seed"])
            for players, (empty, full) in zip(self.players, self.ends, strict=True)
        ]

    def advance(self, count: int) -> None:
        """Draw coalitions and run them."""
        drawn: list[list[Bits]] = [[] for _ in self.games]
        total, before = self.total * len(self.games), self.done * len(self.games)

        def stream(example: int) -> Callable[[int], Batch]:
            def masks(wanted: int) -> Batch:
                drawn[example].append(self.games[example].draw(wanted))
                return self.shown(example, drawn[example][-1])

            return masks

        streams = [stream(example) for example in range(len(self.games))]
        for copies in self.masking.scores(streams, count, lambda done: self.report(before + done, total)):
            self.games[copies.example].add(drawn[copies.example].pop(0), copies.scores)
        self.done += count

    def result(self) -> SuperpixelAttribution:
        """Return the values of all coalitions so far."""
        return self.answer([game.values() for game in self.games], exact=False)


@anytime
def kernel_shap(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    samples: int = 1000,
    segments: Any = None,
    count: int = 50,
    baseline: Any = None,
    seed: int = 0,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Estimate[SuperpixelAttribution]:
    """KernelSHAP: the Shapley value of each superpixel or feature, by a weighted regression on coalitions.

    ``kernel_shap.stream(...)``, with the same arguments, yields a first answer after 32 coalitions and better ones
    after.

    Parameters
    ----------
    model, inputs, target, output, batch_size
        As for `saliency`; no gradient is needed. Inputs may also be sequences (N, T, C) or rows of features (N, F).
    samples : int
        Coalitions for each input, drawn in pairs with their complements. Where all there are, 2 to the power of their
        number, are no more than that, they are all taken, and the values are exact.
    segments : {"slic", "quickshift", "felzenszwalb", "grid"} or array, optional
        The players: superpixels cut by `superpixels`, or labels (H, W), or (F,) for groups of features. SLIC on
        pictures and each feature alone, if left out.
    count : int
        About how many superpixels.
    baseline : number, array or name, optional
        What is shown of a player who does not take part, as `fill` for `occlusion`.
    seed : int
        Every input gets the same draws, whatever its company.
    progress : bool or callable, optional
        As for `saliency`; it counts coalitions.

    Returns
    -------
    SuperpixelAttribution
        ``.weights``: for each input the values (S,), in units of the score, and ``.errors`` their standard errors;
        ``.values`` and ``.error`` (N, H, W) the same as maps over ``.segments``. ``.delta`` (N,) is the sum of the
        values minus the rise of the score from the baseline to the input: 0 but for rounding.

    Raises
    ------
    ValueError
        For too few samples, segments that do not fit, an unknown baseline, and as `saliency` does.

    References
    ----------
    Scott Lundberg, Su-In Lee (2017), A unified approach to interpreting model predictions. Ian Covert, Su-In Lee
    (2021), Improving KernelSHAP: practical Shapley value estimation via linear regression.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = kernel_shap(digits, three, "3", segments="grid", count=16, samples=200)
    >>> len(found.weights[0]), bool(abs(found.delta[0]) < 1e-4)
    (16, True)
    """
    return _begin("kernel_shap", _Coalitions, **locals())


@anytime
def shapley_sampling(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    samples: int = 1000,
    segments: Any = None,
    count: int = 50,
    baseline: Any = None,
    seed: int = 0,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Estimate[SuperpixelAttribution]:
    """Shapley values by sampling: what each superpixel adds when they come in one by one, over random orders.

    Orders are drawn in pairs, the second the first reversed. ``shapley_sampling.stream(...)`` yields a first answer
    after 32 runs and better ones after; until the first pair is complete, superpixels that have not come in yet share
    what is left in equal parts.

    Parameters
    ----------
    model, inputs, target, segments, count, baseline, seed, output, batch_size, progress
        As for `kernel_shap`.
    samples : int
        How often the network is run for each input, at least once for each place in a pair of orders: 2 (S - 1) times.
        Where 2 to the power of S is no more than that, all coalitions are taken and the values are exact.

    Returns
    -------
    SuperpixelAttribution
        As `kernel_shap` gives; the errors are NaN as long as there is one pair alone.

    Raises
    ------
    ValueError
        As `kernel_shap` does.

    References
    ----------
    Erik Štrumbelj, Igor Kononenko (2014), Explaining prediction models and individual predictions with feature
    contributions. Rory Mitchell, Joshua Cooper, Eibe Frank, Geoffrey Holmes (2022), Sampling permutations for Shapley
    value estimation.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = shapley_sampling(digits, three, "3", segments="grid", count=16, samples=300)
    >>> bool(abs(found.delta[0]) < 1e-4)
    True
    """
    return _begin("shapley_sampling", _Orders, **locals())


def _begin(
    name: str,
    kind: Any,
    *,
    model: Any,
    inputs: Any,
    target: Target,
    baseline: Any,
    segments: Any,
    output: str,
    batch_size: int | None,
    **options: Any,
) -> Estimate[SuperpixelAttribution]:
    """Set the game up; options are those that are left: samples, count, seed and progress."""
    masking, fill = masking_of(model, inputs, target, baseline, output=output, batch_size=batch_size)
    labels, cut = make_segments(masking, segments, options.pop("count"), options["seed"])
    about = name, masking, labels, cut | {"baseline": baseline_name(fill)} | options
    exact = 2 ** int(labels.max() + 1) <= options["samples"]
    return _Exact(*about) if exact else _Sampled(kind, *about)
