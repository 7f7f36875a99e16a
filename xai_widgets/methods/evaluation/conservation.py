"""Does an explanation share out the whole score? Completeness and conservation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.baselines import baseline_name, make_baselines
from xai_widgets.methods.evaluation.maps import name_of, relevance, target_of
from xai_widgets.methods.scores import explained_scalar, scores
from xai_widgets.models.classifier import Classifier
from xai_widgets.results.evaluation import Completeness
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    import keras

    from xai_widgets.models.targets import Target


def completeness(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    baseline: Any = None,
    output: str = "logit",
    batch_size: int | None = None,
) -> Completeness:
    """Compare the sum of an explanation with what theory says there is to share out.

    Parameters
    ----------
    model, inputs, batch_size
        As for `saliency`; no gradient is needed.
    explanation, target
        As for `deletion_curve`.
    baseline : number, array, name, list of them, or None
        With one, as for `integrated_gradients` and `deep_lift`, the sum must be the score less the baseline's
        (completeness; of several baselines, their mean). Without, it must be the score itself (conservation, as for
        layer-wise relevance propagation).
    output : {"logit", "probability"}
        The score.

    Returns
    -------
    Completeness
        ``.error`` (N,), ``.relative`` (N,).

    Raises
    ------
    ValueError
        For an explanation or a baseline that does not fit, and as `saliency` does.

    References
    ----------
    Mukund Sundararajan, Ankur Taly, Qiqi Yan (2017), Axiomatic attribution for deep networks. Sebastian Bach et al.
    (2015), On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance propagation.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = xai.explain(digits, three, "integrated_gradients", "3")
    >>> bool(completeness(digits, three, found, baseline=0).relative[0] < 0.03)
    True
    """
    classifier = Classifier.wrap(model)
    batch = classifier.as_inputs(inputs)
    relevance(explanation, batch)  # refuses what does not fit
    scalar = explained_scalar(classifier, batch, target_of(explanation, target, classifier), output, batch_size)
    due = scores(classifier, batch, scalar, output, batch_size).astype("float64")
    if baseline is not None:
        bases = make_baselines(classifier, batch, baseline)
        due = due - np.mean([scores(classifier, base, scalar, output, batch_size) for base in bases], axis=0)
    values = np.asarray(getattr(explanation, "values", explanation), "float64")
    told = {"explanation": name_of(explanation), "baseline": None if baseline is None else baseline_name(baseline)}
    recipe = Recipe("completeness", classifier.name, scalar.names, told | {"output": output})
    return Completeness(values.reshape(len(values), -1).sum(axis=1), due, recipe)
