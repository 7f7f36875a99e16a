"""Shapley values of superpixels or features: KernelSHAP, and sampling of orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.attribution.perturbation.background_scorer import (
    BackgroundScorer,
    background_scorer,
)
from xai_widgets.methods.attribution.perturbation.coalitions import (
    all_coalitions,
    exact_shapley,
    kernel_coalitions,
    orders,
    regression,
)
from xai_widgets.methods.attribution.perturbation.fills import masked_scorer
from xai_widgets.methods.attribution.perturbation.superpixels import make_segments
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.baselines import baseline_name
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.room import require_room
from xai_widgets.methods.core.streaming import FIRST, anytime
from xai_widgets.models.kinds.wrapping import keras_model_of
from xai_widgets.results.recipe import Recipe
from xai_widgets.results.superpixel_result import SuperpixelAttribution, on_map

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Output, PositiveInt, Progress, Seed
    from xai_widgets.methods.attribution.perturbation.masking import MaskedScorer
    from xai_widgets.methods.core.streaming import Estimate
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target

    Batch = NDArray[np.float32]
    Bits = NDArray[np.bool_]
    Numbers = NDArray[np.float64]
    Scorer = MaskedScorer | BackgroundScorer

_OF_A_PLAYER = 17  # bytes for a player in a coalition, while those of one input are fitted


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

    def __init__(self, name: str, scorer: Scorer, segments: NDArray[np.int64], options: dict[str, Any]) -> None:
        self.name, self.scorer, self.segments, self.options = name, scorer, segments, dict(options)
        self.report = reporter(self.options.pop("progress"))
        self.players = [int(one.max()) + 1 for one in segments]
        self.ends = scorer.ends()
        self.first, self.total, self.done = FIRST, int(self.options["samples"]), 0

    def shown(self, example: int, bits: Bits) -> Batch:
        """Return the masks of coalitions: superpixels that take part are seen."""
        return bits[:, self.segments[example]].astype("float32")

    def answer(self, found: list[tuple[Numbers, Numbers]], *, exact: bool) -> SuperpixelAttribution:
        """Put values and errors of all inputs into a result."""
        weights, errors = tuple(values for values, _ in found), tuple(spread for _, spread in found)
        run = self.scorer
        options = self.options | {"samples": self.done, "exact": exact, "output": run.output}
        return SuperpixelAttribution(
            on_map(weights, self.segments),
            self.ends[:, 1].astype("float32"),
            Recipe(self.name, run.name, run.names, options),
            np.array([values.sum() for values in weights]) - (self.ends[:, 1] - self.ends[:, 0]),
            run.pictures(),
            on_map(errors, self.segments),
            run.inputs.ndim == 2,  # of features, else of places
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

            copies = self.scorer.only(example).scores([stream], 2**players)
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
        if kind is _Coalitions:
            kept = sum(self.players) // 8 + _OF_A_PLAYER * max(self.players)
            require_room(self.name, self.total * kept, f"samples={self.total}")
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
        for masked in self.scorer.scores(streams, count, lambda done: self.report(before + done, total)):
            self.games[masked.example].add(drawn[masked.example].pop(0), masked.scores)
        self.done += count

    def result(self) -> SuperpixelAttribution:
        """Return the values of all coalitions so far."""
        return self.answer([game.values() for game in self.games], exact=False)


@attribution_method(
    family="perturbation",
    paper=Paper("Lundberg, Lee", 2017, "A unified approach to interpreting model predictions", arxiv="1705.07874"),
    forward=1,
    per="samples",
    explains=("picture", "sequence", "row"),
    network_only=False,
    grain="coarse",
    quick={"samples": 100},
    order=40,
)
@anytime
def kernel_shap(
    model: Classifier | keras.Model | Any,
    inputs: Any,
    target: Target = None,
    *,
    samples: PositiveInt = 1000,
    segments: Any = None,
    count: PositiveInt = 50,
    baseline: Any = None,
    baselines: Any = None,
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Estimate[SuperpixelAttribution]:
    """KernelSHAP: the Shapley value of each superpixel or feature, by a weighted regression on coalitions.

    ``kernel_shap.stream(...)``, with the same arguments, yields a first answer after 32 coalitions and better ones
    after.

    Parameters
    ----------
    model : Classifier, Network, keras.Model, object with ``predict_proba``, or callable
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. For rows of
        features, the model may be anything that answers: an object with ``predict_proba``, such as a pipeline of
        scikit-learn, or a function from rows (n, F) to scores (n, K).
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the tensor of outputs, (N, K) or nested as
        the model gives them, to a tensor (N,), written with ``keras.ops``.
    samples : int, default 1000
        Coalitions for each input, 2 or more, drawn in pairs with their complements. Where all there are, 2 to the
        power of their number, are no more than that, they are all taken, and the values are exact.
    segments : {"slic", "quickshift", "felzenszwalb", "grid"} or array, optional
        The players. Of pictures: ``"slic"``, ``"quickshift"``, ``"felzenszwalb"`` and ``"grid"`` are cut by
        `superpixels`. An array holds whole numbers as labels: (H, W) of superpixels, (T,) of parts of a sequence,
        (F,) of groups of features, or one such array for each input. Left out: SLIC on pictures, and each feature,
        or step of a sequence, alone.
    count : int, default 50
        About how many superpixels, 1 or more.
    baseline : number, array, {"black", "grey", "white", "mean", "blurred", "uniform"}, optional
        What is shown of a player who does not take part. A number is that value everywhere, in units of the model's
        input space; (C,) numbers are a colour; an array has the shape of one example or of all inputs. ``"black"``,
        ``"grey"`` and ``"white"`` are the ends and the middle of the value range; ``"mean"`` is each picture's mean
        colour, ``"blurred"`` each picture without its details, ``"uniform"`` random values from the range, always
        the same. Left out: grey for pictures where the value range is known, else their mean colour; 0 where inputs
        are no pictures.
    baselines : (B, F) array, optional
        For rows, instead of `baseline`: a background set. A feature that does not take part is taken from each of
        its rows, and the scores are averaged. One call of the model then takes B rows for each coalition: 100 are
        usual. Models that are no networks need it, or one row as `baseline`.
    seed : int, default 0
        Seed of the coalitions and of quickshift, 0 or more. Every input gets the same draws, whatever its company.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes. A model that is no network gives what it gives.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most. For a model that is no network, 256.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting coalitions, and may raise an error to stop.
        None is silent.

    Returns
    -------
    SuperpixelAttribution
        ``.weights``: for each input the values (S,) of its S players, in units of the score, and ``.errors`` their
        standard errors; ``.values`` and ``.error`` the same as maps over ``.segments``, (N, H, W) for pictures, (N,
        T) for sequences, (N, F) for rows. ``.delta`` (N,) is the sum of the values minus the rise of the score from
        the baseline to the input: 0 but for rounding.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; an unknown kind of superpixels, or labels of a wrong shape; a
        baseline that is unknown, does not fit the inputs, or needs a value range that the model does not tell; both
        a baseline and baselines, or neither for a model that is no network; or a model whose scores are not finite.
    TypeError
        If the model does not answer for rows, the inputs are no numbers, a target is neither a class nor a callable
        (of a network), or an option does not exist.

    Warns
    -----
    UserWarning
        If rows of features far from 0 are compared with the baseline 0.

    References
    ----------
    Scott Lundberg, Su-In Lee (2017), A unified approach to interpreting model predictions, arXiv:1705.07874. Ian
    Covert, Su-In Lee (2021), Improving KernelSHAP: practical Shapley value estimation via linear regression,
    arXiv:2012.01536.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = kernel_shap(digits, three, "3", segments="grid", count=16, samples=200)
    >>> len(found.weights[0]), bool(abs(found.delta[0]) < 1e-4)
    (16, True)
    """
    return _begin("kernel_shap", _Coalitions, **locals())


@attribution_method(
    family="perturbation",
    paper=Paper(
        "Štrumbelj, Kononenko",
        2014,
        "Explaining prediction models and individual predictions",
        doi="10.1007/s10115-013-0679-x",
    ),
    forward=1,
    per="samples",
    explains=("picture", "sequence", "row"),
    network_only=False,
    grain="coarse",
    quick={"samples": 200},
    order=50,
)
@anytime
def shapley_sampling(
    model: Classifier | keras.Model | Any,
    inputs: Any,
    target: Target = None,
    *,
    samples: PositiveInt = 1000,
    segments: Any = None,
    count: PositiveInt = 50,
    baseline: Any = None,
    baselines: Any = None,
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Estimate[SuperpixelAttribution]:
    """Shapley values by sampling: what each superpixel adds when they come in one by one, over random orders.

    Orders are drawn in pairs, the second the first reversed. ``shapley_sampling.stream(...)`` yields a first answer
    after 32 runs and better ones after; until the first pair is complete, superpixels that have not come in yet share
    what is left in equal parts.

    Parameters
    ----------
    model : Classifier, Network, keras.Model, object with ``predict_proba``, or callable
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. For rows of
        features, the model may be anything that answers: an object with ``predict_proba``, such as a pipeline of
        scikit-learn, or a function from rows (n, F) to scores (n, K).
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the tensor of outputs, (N, K) or nested as
        the model gives them, to a tensor (N,), written with ``keras.ops``.
    samples : int, default 1000
        How often the network is run for each input, at least once for each place in a pair of orders: 2 (S - 1)
        times for S players. Where 2 to the power of S is no more than that, all coalitions are taken and the values
        are exact.
    segments : {"slic", "quickshift", "felzenszwalb", "grid"} or array, optional
        The players. Of pictures: ``"slic"``, ``"quickshift"``, ``"felzenszwalb"`` and ``"grid"`` are cut by
        `superpixels`. An array holds whole numbers as labels: (H, W) of superpixels, (T,) of parts of a sequence,
        (F,) of groups of features, or one such array for each input. Left out: SLIC on pictures, and each feature,
        or step of a sequence, alone.
    count : int, default 50
        About how many superpixels, 1 or more.
    baseline : number, array, {"black", "grey", "white", "mean", "blurred", "uniform"}, optional
        What is shown of a player who does not take part. A number is that value everywhere, in units of the model's
        input space; (C,) numbers are a colour; an array has the shape of one example or of all inputs. ``"black"``,
        ``"grey"`` and ``"white"`` are the ends and the middle of the value range; ``"mean"`` is each picture's mean
        colour, ``"blurred"`` each picture without its details, ``"uniform"`` random values from the range, always
        the same. Left out: grey for pictures where the value range is known, else their mean colour; 0 where inputs
        are no pictures.
    baselines : (B, F) array, optional
        For rows, instead of `baseline`: a background set. A feature that does not take part is taken from each of
        its rows, and the scores are averaged. One call of the model then takes B rows for each coalition: 100 are
        usual. Models that are no networks need it, or one row as `baseline`.
    seed : int, default 0
        Seed of the orders and of quickshift, 0 or more. Every input gets the same draws, whatever its company.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes. A model that is no network gives what it gives.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most. For a model that is no network, 256.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting runs of the network, and may raise an error to
        stop. None is silent.

    Returns
    -------
    SuperpixelAttribution
        ``.weights``: for each input the values (S,) of its S players, in units of the score, and ``.errors`` their
        standard errors, NaN as long as there is one pair of orders alone; ``.values`` and ``.error`` the same as
        maps over ``.segments``, (N, H, W) for pictures, (N, T) for sequences, (N, F) for rows. ``.delta`` (N,) is
        the sum of the values minus the rise of the score from the baseline to the input: 0 but for rounding.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; fewer samples than a pair of orders needs; an unknown kind of
        superpixels, or labels of a wrong shape; a baseline that is unknown, does not fit the inputs, or needs a
        value range that the model does not tell; both a baseline and baselines, or neither for a model that is no
        network; or a model whose scores are not finite.
    TypeError
        If the model does not answer for rows, the inputs are no numbers, a target is neither a class nor a callable
        (of a network), or an option does not exist.

    Warns
    -----
    UserWarning
        If rows of features far from 0 are compared with the baseline 0.

    References
    ----------
    Erik Štrumbelj, Igor Kononenko (2014), Explaining prediction models and individual predictions with feature
    contributions, doi:10.1007/s10115-013-0679-x. Rory Mitchell, Joshua Cooper, Eibe Frank, Geoffrey Holmes (2022),
    Sampling permutations for Shapley value estimation, arXiv:2104.12199.

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
    baselines: Any,
    segments: Any,
    output: str,
    batch_size: int | None,
    **options: Any,
) -> Estimate[SuperpixelAttribution]:
    """Set the game up; options are those that are left: samples, count, seed and progress."""
    if baseline is not None and baselines is not None:
        raise ValueError("give baseline= or baselines=, not both")
    asked: dict[str, Any] = {"output": output, "batch_size": batch_size}
    scorer: Scorer
    if baselines is not None or keras_model_of(model) is None:
        background = baseline if baselines is None else baselines
        scorer, named = background_scorer(model, inputs, target, background, **asked)
        told = {"baselines": named}
    else:
        scorer, fill = masked_scorer(model, inputs, target, baseline, **asked)
        told = {"baseline": baseline_name(fill)}
    labels, cut = make_segments(scorer, segments, options.pop("count"), options["seed"])
    about = name, scorer, labels, cut | told | options
    exact = 2 ** int(labels.max() + 1) <= options["samples"]
    return _Exact(*about) if exact else _Sampled(kind, *about)
