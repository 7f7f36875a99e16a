"""LIME on rows of features, through the lime package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.lime_image import lime_base
from xai_widgets.methods.predictors import as_predictor
from xai_widgets.methods.progress import reporter
from xai_widgets.results.recipe import Recipe, fingerprint
from xai_widgets.results.superpixels import SuperpixelAttribution

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.methods.predictors import Predictor
    from xai_widgets.models.targets import Target

    Progress = Callable[[int, int], object] | bool | None


def lime_tabular(
    model: Any,
    inputs: Any,
    target: Target = None,
    *,
    training: Any,
    samples: int = 1000,
    features: int | None = None,
    names: Sequence[str] | None = None,
    discretise: bool = True,
    kernel_width: float | None = None,
    seed: int = 0,
    output: str = "logit",
    progress: Progress = None,
) -> SuperpixelAttribution:
    """LIME on tables, through the ``lime`` package: a linear model of the score on rows drawn around one.

    Parameters
    ----------
    model : Classifier, keras.Model, object with ``predict_proba`` (a forest), or callable
        Gives scores (N, K) for N rows.
    inputs : (N, F) or (F,) array
    target : str, int, sequence of them, or None
        The explained class, one for all or one for each row; None takes the predicted class.
    training : (M, F) array
        Rows that tell how features are spread.
    samples : int
        Rows drawn for each.
    features : int, optional
        How many features the linear model may use; all, if left out.
    names : sequence of F str, optional
    discretise : bool
        Whether the linear model speaks of quartiles ("alcohol above 13.7"), as the package does, or of standard units.
    kernel_width : float, optional
        Of the package, which takes 0.75 times the root of F if it is left out.
    seed : int
        Every row gets draws of its own generator with this seed.
    output : {"logit", "probability"}
        What is explained of a network; others give what they give.
    progress : bool or callable, optional
        True for a bar; a callable gets ``(done, total)``, counting rows, and may raise to stop.

    Returns
    -------
    SuperpixelAttribution
        ``.values`` (N, F) and ``.weights``; ``.fit`` (N,), R squared; ``.intercept`` (N,); ``.names``: for each row
        what each weight speaks of.

    Raises
    ------
    ValueError
        For shapes that do not fit, values that are not finite, an unknown class, or fewer than two samples.
    ImportError
        If the ``lime`` package is missing.

    References
    ----------
    Marco Tulio Ribeiro, Sameer Singh, Carlos Guestrin (2016), "Why should I trust you?": explaining the predictions of
    any classifier.

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
    rows, training = np.atleast_2d(np.asarray(inputs, "float64")), np.asarray(training, "float64")
    if rows.ndim != 2 or training.ndim != 2 or rows.shape[1:] != training.shape[1:] or samples < 2:
        given = f"{rows.shape}, {training.shape} and {samples}"
        msg = f"inputs are (N, F), training (M, F) and samples at least 2, not {given}"
        raise ValueError(msg)
    if not (np.isfinite(rows).all() and np.isfinite(training).all()):
        msg = "inputs and training must be finite; replace NaN and infinite values first"
        raise ValueError(msg)
    predictor, report = as_predictor(model, rows, output), reporter(progress)
    classes, score = predictor.columns(rows, target)
    about: dict[str, Any] = {"names": names, "discretise": discretise, "kernel_width": kernel_width, "seed": seed}
    found = []
    for place, row in enumerate(rows):
        explainer = _explainer(training, **about)
        found.append(
            _explained(explainer, predictor, row, int(classes[place]), features=features or len(row), samples=samples)
        )
        report(place + 1, len(rows))
    weights, intercepts, fits, conditions = zip(*found, strict=True)
    options = {"training": fingerprint(training), "samples": samples, "features": features, "discretise": discretise}
    options |= {"kernel_width": kernel_width, "seed": seed, "output": predictor.output}
    recipe = Recipe("lime_tabular", predictor.name, tuple(predictor.labels[index] for index in classes), options)
    return SuperpixelAttribution(
        np.stack(weights).astype("float32"),
        score.astype("float32"),
        recipe,
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
