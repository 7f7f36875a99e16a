"""Does a map depend on what the network has learnt? The sanity check by cascading randomisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.warning import without_doubts
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.target_scores import resolve_classes
from xai_widgets.methods.evaluation.named_methods import method_function, method_name
from xai_widgets.methods.evaluation.place_scores import relevance
from xai_widgets.methods.evaluation.similarity import Measure, map_similarity
from xai_widgets.methods.evaluation.weight_randomization import forget, layer_paths, twin_of
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.evaluation_results import Randomisation
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress, Seed
    from xai_widgets.methods.evaluation.named_methods import Method
    from xai_widgets.models.outputs.targets import Target


@recorded
def cascading_randomisation(
    model: Classifier | keras.Model,
    inputs: Any,
    method: Method,
    target: Target = None,
    *,
    steps: PositiveInt | None = None,
    measure: Measure = "spearman",
    signed: bool = False,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Randomisation:
    """Replace the weights by random ones, layer by layer from the output on, and see whether the map notices.

    A map that looks the same for a network that knows nothing shows the picture, not what the network has learnt. The
    model itself is not changed: a copy of it forgets.

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is explained; it gives one row of K class scores for each example. A bare Keras model is
        wrapped by `wrap`, without class names. It must be functional or Sequential, for it has to be copied.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    method : str or callable
        A name from `list_methods`, or a function of (model, inputs, target) that gives an Attribution, such as
        ``functools.partial(smooth_grad, samples=10)``.
    target : str, int, sequence of them, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        trained network predicts.
    steps : int, optional
        How many stages, 1 or more, spread evenly over the layers, the last being all of them; left out, one stage a
        layer.
    measure : {"spearman", "cosine", "top"}, default "spearman"
        How maps are compared: rank correlation over the places (-1 to 1); cosine of the angle between the maps (-1
        to 1); share of the most important tenth of the places that both maps have in common (0 to 1, a tenth by
        chance).
    signed : bool, default False
        Whether signs count. The paper shows both; magnitudes, the default, are what most drawings show.
    seed : int, default 0
        Seed of the new weights, 0 or more.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most. A function that takes no `batch_size` is called without it.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting stages, and may raise an error to stop. None
        is silent.

    Returns
    -------
    Randomisation
        ``.stages``, the S layers after which maps are compared, from the output to the input; ``.similarity`` (S,
        N), with the map of the trained network; ``.final`` (N,), with all weights random: near 0 passes the check,
        near 1 fails it; ``.maps`` (S + 1, N, ...).

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; a model without weights or one that cannot be copied; or an unknown method, or what the method
        itself refuses.
    TypeError
        If the model is no Keras model, `method` is neither a name nor a function, the inputs are no numbers, a
        target is not a class, or an option does not exist.

    References
    ----------
    Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim (2018), Sanity checks for
    saliency maps, arXiv:1810.03292.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> checked = cascading_randomisation(digits, three, "saliency", steps=2)
    >>> len(checked.stages), checked.similarity.shape
    (2, (2, 1))
    """
    classifier, explain = Classifier.wrap(model), method_function(method, batch_size)
    batch = classifier.as_inputs(inputs)
    shown = _stages(classifier, steps)
    classes = resolve_classes(classifier, batch, target, batch_size).tolist()
    first = explain(classifier, batch, classes)
    maps, report = [_map(first, batch, signed)], reporter(progress)
    twin = twin_of(classifier)
    for path in forget(twin.model, seed):
        if path in shown:
            with without_doubts():  # nothing else is expected of a network that has forgotten
                maps.append(_map(explain(twin, batch, classes), batch, signed))
            report(len(maps) - 1, len(shown))
    compared = np.stack(maps)
    flat = compared.reshape(*compared.shape[:2], compared.shape[2], -1)
    similarity = np.stack([map_similarity(flat[0], one, measure) for one in flat[1:]])
    told = {"explanation": method_name(method), "steps": steps, "measure": measure, "signed": signed, "seed": seed}
    recipe = Recipe("cascading_randomisation", classifier.name, first.recipe.target, told)
    return Randomisation(tuple(shown), similarity, compared.astype("float32"), recipe)


def _stages(classifier: Classifier, steps: int | None) -> list[str]:
    """Return the layers after which the map is looked at, from the output to the input."""
    paths = layer_paths(classifier.model)
    if not paths:
        msg = f"{classifier.name!r} has no layer with weights: there is nothing to forget"
        raise ValueError(msg)
    if steps is None:
        return paths
    places = np.linspace(len(paths) / min(steps, len(paths)), len(paths), min(steps, len(paths)))
    return [paths[place - 1] for place in places.round().astype("int64")]


def _map(explanation: Any, inputs: NDArray[np.float32], signed: bool) -> NDArray[np.float64]:
    found = relevance(explanation, inputs)
    return found if signed else np.abs(found)
