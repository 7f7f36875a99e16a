"""LIME on rows of features, through the lime package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from xai_widgets.common.checked_options import naming
from xai_widgets.methods.attribution.perturbation.lime_image import lime_base
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.predictors import as_predictor
from xai_widgets.methods.core.progress import forecast_by_trial, reporter
from xai_widgets.methods.core.room import require_room
from xai_widgets.results.recipe import Recipe, fingerprint
from xai_widgets.results.superpixel_result import SuperpixelAttribution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Annotated

    from xai_widgets.common.option_types import Output, Positive, PositiveInt, Progress, Seed, Within
    from xai_widgets.methods.core.predictors import Predictor
    from xai_widgets.models.outputs.targets import Target

_OF_A_VALUE: Final = 40  # bytes that the lime package keeps for a feature of a neighbour


@attribution_method(
    family="perturbation",
    paper=Paper(
        "Ribeiro, Singh, Guestrin", 2016, "Why should I trust you?", doi="10.1145/2939672.2939778", arxiv="1602.04938"
    ),
    forward=1,
    per="samples",
    explains=("row",),
    network_only=False,
    quick={"samples": 200},
    background="training",
    order=60,
)
def lime_tabular(
    model: Any,
    inputs: Any,
    target: Target = None,
    *,
    training: Any,
    samples: Annotated[int, Within(least=2)] = 1000,
    features: PositiveInt | None = None,
    names: Sequence[str] | None = None,
    discretise: bool = True,
    kernel_width: Positive | None = None,
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> SuperpixelAttribution:
    """LIME on tables, through the ``lime`` package: a linear model of the score on rows drawn around one.

    Parameters
    ----------
    model : Classifier, keras.Model, object with ``predict_proba`` (a forest), or callable
        Gives scores (N, K) for N rows.
    inputs : (N, F) or (F,) array
        The rows to explain, of F finite features each.
    target : str, int, sequence of them, or None
        The explained class, one for all or one for each row; None takes the predicted class.
    training : (M, F) array
        Rows that tell how features are spread, such as those that the model was trained on.
    samples : int, default 1000
        Rows drawn for each, 2 or more.
    features : int, optional
        How many features the linear model may use, 1 or more; all, if left out.
    names : sequence of F str, optional
        What the features are called in ``.names``; their numbers, if left out.
    discretise : bool, default True
        Whether the linear model speaks of quartiles ("alcohol above 13.7"), as the package does, or of standard
        units.
    kernel_width : float, optional
        Neighbours at the distance d, in standard units, weigh ``sqrt(exp(-d**2 / kernel_width**2))``, as in the
        package; above 0. Left out, 0.75 times the root of F.
    seed : int, default 0
        Seed of the draws, 0 or more. Every row gets draws of its own generator with this seed.
    output : {"logit", "probability"}, default "logit"
        What is explained of a network; others give what they give.
    batch_size : int, optional
        How many of the drawn rows go through the model at a time, 1 or more. Left out, as many as the memory
        allows, 512 at most; 256 for a model that is no network.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting rows, and may raise an error to stop. None is
        silent.

    Returns
    -------
    SuperpixelAttribution
        ``.values`` (N, F) and ``.weights``, for each row (F,), in units of the score; ``.fit`` (N,), R squared of
        the linear model; ``.intercept`` (N,), its constant; ``.names``: for each row what each weight speaks of.

    Raises
    ------
    ValueError
        For shapes that do not fit, values that are not finite, an unknown class, another number of targets than of
        rows, an option whose value is not allowed, or answers that are not one finite row of scores for each.
    TypeError
        If `model` does not answer for rows, `training` is left out, the target is neither a name nor a number, or
        an option does not exist.
    ImportError
        If the ``lime`` package is missing.

    References
    ----------
    Marco Tulio Ribeiro, Sameer Singh, Carlos Guestrin (2016), "Why should I trust you?": explaining the predictions of
    any classifier, arXiv:1602.04938, doi:10.1145/2939672.2939778.

    Examples
    --------
    >>> def second(rows):
    ...     return np.stack([-rows[:, 1], rows[:, 1]], axis=1)
    >>> rows = np.random.default_rng(0).normal(size=(100, 3))
    >>> found = lime_tabular(second, [0.5, 1.0, 0.2], 1, training=rows, discretise=False)
    >>> int(np.abs(found.values[0]).argmax())
    1
    """
    lime_base()
    with naming("inputs"):
        rows = np.atleast_2d(np.asarray(inputs, "float64"))
    with naming("training"):
        training = np.asarray(training, "float64")
    if names is not None and len(names) != rows.shape[-1]:
        raise ValueError(f"names must be one for each of the {rows.shape[-1]} features, not {len(names)}")
    if rows.ndim != 2 or training.ndim != 2 or rows.shape[1:] != training.shape[1:]:
        given = f"{rows.shape} and {training.shape}"
        msg = f"inputs are (N, F) and training (M, F), not {given}"
        raise ValueError(msg)
    if not (np.isfinite(rows).all() and np.isfinite(training).all()):
        msg = "inputs and training must be finite; replace NaN and infinite values first"
        raise ValueError(msg)
    predictor, report = as_predictor(model, rows, output, batch_size), reporter(progress)
    classes, score = predictor.columns(rows, target)
    about: dict[str, Any] = {"names": names, "discretise": discretise, "kernel_width": kernel_width, "seed": seed}
    require_room("lime_tabular", samples * rows.shape[1] * _OF_A_VALUE, f"samples={samples}")
    found = []
    for place, row in enumerate(rows):

        def one(count: int, row: Any = row, column: int = int(classes[place])) -> Any:
            explainer = _explainer(training, **about)
            return _explained(explainer, predictor, row, column, features=features or len(row), samples=count)

        if place == 0:
            forecast_by_trial(one, samples, len(rows))
        found.append(one(samples))
        report(place + 1, len(rows))
    weights, intercepts, fits, conditions = zip(*found, strict=True)
    options = {"training": fingerprint(training), "samples": samples, "features": features, "discretise": discretise}
    options |= {"kernel_width": kernel_width, "seed": seed, "output": predictor.output}
    recipe = Recipe("lime_tabular", predictor.name, tuple(predictor.labels[index] for index in classes), options)
    return SuperpixelAttribution(
        np.stack(weights).astype("float32"),
        score.astype("float32"),
        recipe,
        has_channels=True,
        segments=np.broadcast_to(np.arange(rows.shape[1]), rows.shape),
        weights=weights,
        intercept=np.array(intercepts),
        fit=np.array(fits),
        names=conditions,
    )


def _explainer(training: Any, *, names: Any, discretise: bool, kernel_width: float | None, seed: int) -> Any:
    """Make lime's explainer of tables; its mode for regression explains any one number."""
    from lime.lime_tabular import LimeTabularExplainer

    return LimeTabularExplainer(
        training,
        mode="regression",
        feature_names=None if names is None else list(names),
        discretize_continuous=discretise,
        kernel_width=kernel_width,
        random_state=seed,
    )


def _explained(
    explainer: Any, predictor: Predictor, row: Any, column: int, *, features: int, samples: int
) -> tuple[Any, float, float, tuple[str, ...]]:
    """Return weights, intercept, fit, and what the weights speak of, for one row."""
    made = explainer.explain_instance(
        row, lambda rows: predictor.scores(rows)[:, column], num_features=features, num_samples=samples
    )
    weights = np.zeros(len(row))
    for feature, weight in made.local_exp[1]:
        weights[feature] = weight
    mapper = made.domain_mapper
    spoken = mapper.discretized_feature_names or mapper.feature_names
    return weights, float(made.intercept[1]), float(made.score), tuple(map(str, spoken))
