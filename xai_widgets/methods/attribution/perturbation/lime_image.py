"""LIME on pictures: a linear model of the score around one picture, in terms of its superpixels."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import checked_options
from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.methods.attribution.perturbation.fills import masked_scorer
from xai_widgets.methods.attribution.perturbation.superpixels import make_segments
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.baselines import baseline_name
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.room import require_room
from xai_widgets.methods.core.streaming import FIRST, anytime
from xai_widgets.methods.core.target_scores import pictures_of
from xai_widgets.results.recipe import Recipe
from xai_widgets.results.superpixel_result import SuperpixelAttribution, on_map

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Annotated

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import NonNegative, Output, Positive, PositiveInt, Progress, Seed, Within
    from xai_widgets.methods.attribution.perturbation.masking import MaskedScorer
    from xai_widgets.methods.core.streaming import Estimate
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target

    Batch = NDArray[np.float32]
    Numbers = NDArray[np.float64]

SEGMENT_MEANS = "segments"  # the baseline of the lime package: each superpixel in its mean colour
_DRAWN = 16  # bytes for each superpixel of each neighbour, while those of a picture are drawn or fitted
_SEED_DRAWS = 1000  # lime draws a seed for its segmentation first; with the same draws come the same answers


class _Neighbours:
    """Which superpixels are seen in each neighbour of one picture, in the draws of the lime package."""

    def __init__(self, players: int, samples: int, seed: int) -> None:
        random = np.random.RandomState(seed)  # the generator of lime: same seed, same neighbours
        random.randint(0, high=_SEED_DRAWS)
        self.bits = random.randint(0, 2, samples * players).reshape(samples, players).astype("uint8")
        self.bits[0] = 1
        self.taken = 0
        self.scores = np.zeros(0, "float32")

    def draw(self, count: int) -> NDArray[np.uint8]:
        """Return the next neighbours; the first is the picture itself."""
        self.taken += count
        return self.bits[self.taken - count : self.taken]

    @property
    def seen(self) -> NDArray[np.uint8]:
        """All neighbours that have a score."""
        return self.bits[: len(self.scores)]


class _Lime:
    """A LIME that is under way."""

    def __init__(self, scorer: MaskedScorer, segments: NDArray[np.int64], options: dict[str, Any]) -> None:
        self.scorer, self.segments, self.options = scorer, segments, dict(options)
        self.report = reporter(self.options.pop("progress"))
        players = [int(one.max()) + 1 for one in segments]
        self.first, self.total, self.done = FIRST, int(options["samples"]), 0
        require_room("lime_image", self.total * (sum(players) + _DRAWN * max(players)), f"samples={self.total}")
        self.neighbours = [_Neighbours(count, self.total, options["seed"]) for count in players]

    def advance(self, count: int) -> None:
        """Run the network on more neighbours."""
        total, before = self.total * len(self.neighbours), self.done * len(self.neighbours)

        def stream(example: int) -> Callable[[int], Batch]:
            def masks(wanted: int) -> Batch:
                return self.neighbours[example].draw(wanted)[:, self.segments[example]].astype("float32")

            return masks

        streams = [stream(example) for example in range(len(self.neighbours))]
        for masked in self.scorer.scores(streams, count, lambda done: self.report(before + done, total)):
            of = self.neighbours[masked.example]
            of.scores = np.concatenate([of.scores, masked.scores])
        self.done += count

    def result(self) -> SuperpixelAttribution:
        """Fit a linear model to the neighbours of each picture."""
        width, ridge, features = (self.options[name] for name in ("kernel_width", "ridge", "features"))
        found = [
            fit_lime(of.seen, of.scores, kernel_width=width, ridge=ridge, features=features) for of in self.neighbours
        ]
        weights, errors, intercepts, fits = zip(*found, strict=True)
        run = self.scorer
        options = self.options | {"samples": self.done, "output": run.output}
        return SuperpixelAttribution(
            on_map(weights, self.segments),
            np.array([of.scores[0] for of in self.neighbours]),
            Recipe("lime_image", run.classifier.name, run.scalar.names, options),
            pictures=pictures_of(run.classifier, run.inputs),
            error=on_map(errors, self.segments),
            has_channels=False,
            segments=self.segments,
            weights=weights,
            errors=errors,
            intercept=np.array(intercepts),
            fit=np.array(fits),
        )


@attribution_method(
    family="perturbation",
    paper=Paper(
        "Ribeiro, Singh, Guestrin", 2016, "Why should I trust you?", doi="10.1145/2939672.2939778", arxiv="1602.04938"
    ),
    forward=1,
    per="samples",
    grain="coarse",
    quick={"samples": 100},
    order=20,
)
@anytime
@renamed_options(fill="baseline")
def lime_image(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    samples: Annotated[int, Within(least=2)] = 1000,
    segments: Any = "slic",
    count: PositiveInt = 50,
    baseline: Any = SEGMENT_MEANS,
    features: PositiveInt | None = None,
    kernel_width: Positive = 0.25,
    ridge: NonNegative = 1.0,
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Estimate[SuperpixelAttribution]:
    """LIME: a linear model of the score on neighbours of a picture, each with half of its superpixels hidden.

    The neighbours and the fit are those of the ``lime`` package, with the same answers for the same seed; but the
    network is fed full batches, and what is explained is any scalar. ``lime_image.stream(...)``, with the same
    arguments, yields a first answer after 32 neighbours and better ones after.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target.
    inputs : array or pictures
        A batch of N pictures as floats in the model's input space, (N, H, W, C); one such picture without the batch
        axis; or pictures, which are resized and preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a
        sequence of them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the tensor of outputs, (N, K) or nested as
        the model gives them, to a tensor (N,), written with ``keras.ops``.
    samples : int, default 1000
        Neighbours of each picture, itself included, 2 or more.
    segments : {"slic", "quickshift", "felzenszwalb", "grid"} or array, default "slic"
        The superpixels: ``"slic"``, ``"quickshift"``, ``"felzenszwalb"`` and ``"grid"`` are cut by `superpixels`;
        an array holds whole numbers as labels, (H, W) for all pictures or (N, H, W). The package's own is
        quickshift.
    count : int, default 50
        About how many superpixels, 1 or more.
    baseline : number, array, {"segments", "black", "grey", "white", "mean", "blurred", "uniform"}, optional
        What hides a superpixel. ``"segments"``, the default as in the package, is its own mean colour. A number is that
        value everywhere, in units of the model's input space; (C,) numbers are a colour; an array has the shape of one
        example or of all inputs. ``"black"``, ``"grey"`` and ``"white"`` are the ends and the middle of the value
        range; ``"mean"`` is each picture's mean colour, ``"blurred"`` each picture without its details, ``"uniform"``
        random values from the range, always the same. None: grey for pictures where the value range is known, else
        their mean colour; 0 where inputs are no pictures.
    features : int, optional
        How many superpixels the linear model may use, 1 or more: forward selection up to 6, else those of the
        largest weights. All, if left out.
    kernel_width : float, default 0.25
        Neighbours at the cosine distance d weigh ``sqrt(exp(-d**2 / kernel_width**2))``; above 0.
    ridge : float, default 1.0
        Penalty of the linear model, 0 or more; 1 in the package.
    seed : int, default 0
        Seed of the neighbours and of quickshift, 0 or more. Every picture gets the same draws, whatever its
        company.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes. The package explains probabilities.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting neighbours, and may raise an error to stop.
        None is silent.

    Returns
    -------
    SuperpixelAttribution
        ``.weights``: for each picture those of its superpixels (S,), in units of the score; ``.errors`` their standard
        errors by the draw of the neighbours; ``.values`` (N, H, W) the weights as a map over ``.segments``; ``.fit``
        (N,) how well the linear model fits (R squared, weighted), ``.intercept`` (N,) its constant.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; a model with several inputs; an unknown kind of superpixels, or labels of a wrong shape; a
        baseline that is unknown, does not fit the inputs, or needs a value range that the model does not tell; or a
        model whose scores are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.
    ImportError
        If the ``lime`` package is missing.

    References
    ----------
    Marco Tulio Ribeiro, Sameer Singh, Carlos Guestrin (2016), "Why should I trust you?": explaining the predictions of
    any classifier, arXiv:1602.04938, doi:10.1145/2939672.2939778.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = lime_image(digits, three, "3", segments="grid", count=16, samples=200)
    >>> len(found.weights[0]), bool(found.fit[0] > 0.5)
    (16, True)
    """
    lime_base()
    own = isinstance(baseline, str) and baseline == SEGMENT_MEANS
    scorer, chosen = masked_scorer(model, inputs, target, 0 if own else baseline, output=output, batch_size=batch_size)
    labels, cut = make_segments(scorer, segments, count, seed)
    if own:
        scorer = dataclasses.replace(scorer, fills=segment_means(scorer.inputs, labels))
    options: dict[str, Any] = {"samples": samples, "baseline": SEGMENT_MEANS if own else baseline_name(chosen)}
    options |= {"features": features, "kernel_width": kernel_width, "ridge": ridge, "seed": seed}
    return _Lime(scorer, labels, cut | options | {"progress": progress})


def lime_base() -> Any:
    """Return the module of the lime package that fits linear models, or say how to get it."""
    try:
        from lime import lime_base as found
    except ImportError as error:
        msg = "LIME needs the lime package, which comes with xai_widgets[course]: pip install lime"
        raise ImportError(msg) from error
    return found


def segment_means(inputs: Batch, segments: NDArray[np.int64]) -> Batch:
    """Paint each superpixel in its mean colour.

    Examples
    --------
    >>> picture = np.array([[[[0.0], [1.0], [5.0]]]], "float32")
    >>> segment_means(picture, np.array([[[0, 0, 1]]])).ravel().tolist()
    [0.5, 0.5, 5.0]
    """
    painted = np.empty(inputs.shape, "float32")
    for picture, labels, result in zip(inputs, segments, painted, strict=True):
        values = picture.reshape(labels.size, -1).astype("float64")
        totals = np.zeros((int(labels.max()) + 1, values.shape[1]))
        np.add.at(totals, labels.ravel(), values)
        means = totals / np.bincount(labels.ravel())[:, np.newaxis]
        result[...] = means[labels.ravel()].reshape(result.shape)
    return painted


def kernel(distances: Numbers, width: float) -> Numbers:
    """Weigh neighbours by their distance.

    Examples
    --------
    >>> kernel(np.array([0.0, 0.25]), 0.25).round(4).tolist()
    [1.0, 0.6065]
    """
    return np.sqrt(np.exp(-(distances**2) / width**2))


@checked_options
def fit_lime(
    bits: NDArray[np.uint8], scores: Batch, *, kernel_width: Positive, ridge: NonNegative, features: PositiveInt | None
) -> tuple[Numbers, Numbers, float, float]:
    """Fit the linear model of the lime package; return weights and errors (S,), the intercept and R squared.

    The first row of `bits` (n, S) is the picture itself. The errors are those of a weighted ridge regression by the
    draw of its rows (the sandwich estimate); NaN while rows are fewer than what is fitted.
    """
    from sklearn.linear_model import Ridge
    from sklearn.metrics import pairwise_distances

    distances = pairwise_distances(bits, bits[:1], metric="cosine").ravel()
    base = lime_base().LimeBase(functools.partial(kernel, width=kernel_width), random_state=0)
    intercept, pairs, fit, _ = base.explain_instance_with_data(
        bits,
        scores[:, np.newaxis].astype("float64"),
        distances,
        0,
        bits.shape[1] if features is None else features,
        feature_selection="none" if features is None else "auto",
        model_regressor=Ridge(alpha=ridge, fit_intercept=True, random_state=0),
    )
    weights, errors = np.zeros(bits.shape[1]), np.zeros(bits.shape[1])
    used = np.array([place for place, _ in pairs])
    weights[used] = [weight for _, weight in pairs]
    errors[used] = _errors(bits[:, used], scores - intercept - bits @ weights, kernel(distances, kernel_width), ridge)
    return weights, errors, float(intercept), float(fit)


def _errors(bits: NDArray[np.uint8], residuals: Numbers, weights: Numbers, ridge: float) -> Numbers:
    """Return the standard errors of the weights of a ridge regression with an intercept."""
    rows = np.column_stack([np.ones(len(bits)), bits.astype("float64")])
    count, fitted = rows.shape
    if count <= fitted:
        return np.full(fitted - 1, np.nan)
    inverse = np.linalg.pinv(rows.T * weights @ rows + np.diag([0.0, *[ridge] * (fitted - 1)]))
    pulls = (rows * (weights * residuals)[:, np.newaxis]) @ inverse
    errors: Numbers = np.sqrt((pulls**2).sum(axis=0) * count / (count - fitted))[1:]
    return errors
