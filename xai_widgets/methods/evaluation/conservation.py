"""Does an explanation share out the whole score? Completeness and conservation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.core.baselines import baseline_name, make_baselines
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.target_scores import explained_scalar, scores
from xai_widgets.methods.evaluation.place_scores import name_of, relevance, target_of
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.evaluation_results import Completeness
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    import keras

    from xai_widgets.common.option_types import Output, PositiveInt, Progress
    from xai_widgets.models.outputs.targets import Target


@recorded
def completeness(
    model: Classifier | keras.Model,
    inputs: Any,
    explanation: Any,
    target: Target = None,
    *,
    baseline: Any = None,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Completeness:
    """Compare the sum of an explanation with what theory says there is to share out.

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is explained; it gives one row of K class scores for each example. A bare Keras model is
        wrapped by `wrap`, without class names.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    explanation : Attribution or array
        The explanation of the inputs: one value for each input value, (N, H, W, C), (N, T, C) or (N, F), or for
        each place, (N, H, W) or (N, T). Channels are summed or, for gradients, reduced to their largest magnitude.
    target : str, int, sequence of them, callable, or None
        Whose score is compared: a class by name or index, one for all examples or one for each; None takes the
        class that the explanation explains or, for an array and where that is another scalar, the class that the
        model predicts. A callable makes another scalar: from the tensor of outputs (N, K) to a tensor (N,), written
        with ``keras.ops``.
    baseline : number, array, {"black", "grey", "white", "mean", "blurred", "uniform"}, a list of them, or None
        With one, as methods of differences take it (`integrated_gradients`, `deep_lift`), the sum must be the score
        less the baseline's (completeness; of several baselines, their mean). Without, it must be the score itself
        (conservation, which layer-wise relevance propagation promises). A number is that value everywhere, in units
        of the model's input space; an array has the shape of one example or of all inputs; ``"black"``, ``"grey"``
        and ``"white"`` are the ends and the middle of the value range, ``"mean"`` each picture's mean colour,
        ``"blurred"`` each picture without its details, ``"uniform"`` random values from the range, always the same.
    output : {"logit", "probability"}, default "logit"
        The score.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting the inputs and each of their baselines, and
        may raise an error to stop. None is silent.

    Returns
    -------
    Completeness
        ``.total`` (N,), the sum of the values; ``.due`` (N,), what it should be; ``.error`` (N,), their difference,
        all in units of the score; ``.relative`` (N,), its magnitude as a share of what is due, NaN where that is 0.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; an explanation that does not fit the inputs or is not finite; a baseline that is unknown, does not
        fit the inputs, or needs a value range that the model does not tell; or a model whose scores are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    Warns
    -----
    UserWarning
        If rows of features far from 0 are compared with the baseline 0.

    References
    ----------
    Mukund Sundararajan, Ankur Taly, Qiqi Yan (2017), Axiomatic attribution for deep networks, arXiv:1703.01365.
    Sebastian Bach, Alexander Binder, Grégoire Montavon, Frederick Klauschen, Klaus-Robert Müller, Wojciech Samek
    (2015), On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance propagation,
    doi:10.1371/journal.pone.0130140.

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
    bases = [] if baseline is None else list(make_baselines(classifier, batch, baseline))
    report, found = reporter(progress), []
    for points in [batch, *bases]:
        found.append(scores(classifier, points, scalar, output, batch_size).astype("float64"))
        report(len(found) * len(batch), (1 + len(bases)) * len(batch))
    due = found[0] - np.mean(found[1:], axis=0) if bases else found[0]
    values = np.asarray(getattr(explanation, "values", explanation), "float64")
    told = {"explanation": name_of(explanation), "baseline": None if baseline is None else baseline_name(baseline)}
    recipe = Recipe("completeness", classifier.name, scalar.names, told | {"output": output})
    return Completeness(values.reshape(len(values), -1).sum(axis=1), due, recipe)
