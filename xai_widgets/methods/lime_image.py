"""LIME on pictures: a linear model of the score around one picture, in terms of its superpixels."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.anytime import FIRST, anytime
from xai_widgets.methods.baselines import baseline_name
from xai_widgets.methods.fills import masking_of
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.scores import pictures_of
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
    Numbers = NDArray[np.float64]
    Progress = Callable[[int, int], object] | bool | None

SEGMENT_MEANS = "segments"  # the fill of the lime package: each superpixel in its mean colour
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

    def __init__(self, masking: Masking, segments: NDArray[np.int64], options: dict[str, Any]) -> None:
        self.masking, self.segments, self.options = masking, segments, dict(options)
        self.report = reporter(self.options.pop("progress"))
        players = [int(one.max()) + 1 for one in segments]
        self.first, self.total, self.done = FIRST, int(options["samples"]), 0
        self.neighbours = [_Neighbours(count, self.total, options["seed"]) for count in players]

    def advance(self, count: int) -> None:
        """Run the network on more neighbours."""
        total, before = self.total * len(self.neighbours), self.done * len(self.neighbours)

        def stream(example: int) -> Callable[[int], Batch]:
            def masks(wanted: int) -> Batch:
                return self.neighbours[example].draw(wanted)[:, self.segments[example]].astype("float32")

            return masks

        streams = [stream(example) for example in range(len(self.neighbours))]
        for copies in self.masking.scores(streams, count, lambda done: self.report(before + done, total)):
            of = self.neighbours[copies.example]
            of.scores = np.concatenate([of.scores, copies.scores])
        self.done += count

    def result(self) -> SuperpixelAttribution:
        """Fit a linear model to the neighbours of each picture."""
        width, ridge, features = (self.options[name] for name in ("kernel_width", "ridge", "features"))
        found = [
            fit_lime(of.seen, of.scores, kernel_width=width, ridge=ridge, features=features) for of in self.neighbours
        ]
        weights, errors, intercepts, fits = zip(*found, strict=True)
        run = self.masking
        options = self.options | {"samples": self.done, "output": run.output}
        return SuperpixelAttribution(
            on_map(weights, self.segments),
            np.array([of.scores[0] for of in self.neighbours]),
            Recipe("lime_image", run.classifier.name, run.scalar.names, options),
            pictures=pictures_of(run.classifier, run.inputs),
            error=on_map(errors, self.segments),
            segments=self.segments,
            weights=weights,
            errors=errors,
            intercept=np.array(intercepts),
            fit=np.array(fits),
        )


@anytime
def lime_image(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    samples: int = 1000,
    segments: Any = "slic",
    count: int = 50,
    fill: Any = SEGMENT_MEANS,
    features: int | None = None,
    kernel_width: float = 0.25,
    ridge: float = 1.0,
    seed: int = 0,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Progress = None,
) -> Estimate[SuperpixelAttribution]:
    """LIME: a linear model of the score on neighbours of a picture, each with half of its superpixels hidden.

    The neighbours and the fit are those of the ``lime`` package, with the same answers for the same seed; but the
    network is fed full batches, and what is explained is any scalar. ``lime_image.stream(...)``, with the same
    arguments, yields a first answer after 32 neighbours and better ones after.

    Parameters
    ----------
    model, inputs, target, output, batch_size
        As for `saliency`; no gradient is needed. The package explains probabilities.
    samples : int
        Neighbours of each picture, itself included.
    segments : {"slic", "quickshift", "felzenszwalb", "grid"} or array
        As for `kernel_shap`. The package's own is quickshift.
    count : int
        About how many superpixels.
    fill : number, array or name
        What hides a superpixel, as for `occlusion`; ``"segments"``, as in the package, is its own mean colour.
    features : int, optional
        How many superpixels the linear model may use: forward selection up to 6, else those of the largest weights.
        All, if left out.
    kernel_width : float
        Neighbours at the cosine distance d weigh ``sqrt(exp(-d**2 / kernel_width**2))``.
    ridge : float
        Penalty of the linear model; 1 in the package.
    seed : int
        Every picture gets the same draws, whatever its company.
    progress : bool or callable, optional
        As for `saliency`; it counts neighbours.

    Returns
    -------
    SuperpixelAttribution
        ``.weights``: for each picture those of its superpixels (S,), in units of the score; ``.errors`` their standard
        errors by the draw of the neighbours; ``.values`` (N, H, W) the weights as a map over ``.segments``; ``.fit``
        (N,) how well the linear model fits (R squared, weighted), ``.intercept`` (N,) its constant.

    Raises
    ------
    ValueError
        For too few samples, a width or penalty that is none, segments that do not fit, an unknown fill, and as
        `saliency` does.
    ImportError
        If the ``lime`` package is missing.

    References
    ----------
    Marco Tulio Ribeiro, Sameer Singh, Carlos Guestrin (2016), "Why should I trust you?": explaining the predictions of
    any classifier.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = lime_image(digits, three, "3", segments="grid", count=16, samples=200)
    >>> len(found.weights[0]), bool(found.fit[0] > 0.5)
    (16, True)
    """
    lime_base()
    if samples < 2 or not kernel_width > 0 or not ridge >= 0 or (features is not None and features < 1):
        msg = (
            "samples must be at least 2, kernel_width above 0, ridge at least 0 and features at least 1, "
            f"not {samples}, {kernel_width}, {ridge} and {features}"
        )
        raise ValueError(msg)
    own = isinstance(fill, str) and fill == SEGMENT_MEANS
    masking, chosen = masking_of(model, inputs, target, 0 if own else fill, output=output, batch_size=batch_size)
    labels, cut = make_segments(masking, segments, count, seed)
    if own:
        masking = dataclasses.replace(masking, fills=segment_means(masking.inputs, labels))
    options: dict[str, Any] = {"samples": samples, "fill": SEGMENT_MEANS if own else baseline_name(chosen)}
    options |= {"features": features, "kernel_width": kernel_width, "ridge": ridge, "seed": seed}
    return _Lime(masking, labels, cut | options | {"progress": progress})


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


def fit_lime(
    bits: NDArray[np.uint8], scores: Batch, *, kernel_width: float, ridge: float, features: int | None
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
