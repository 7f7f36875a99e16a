"""Does a map depend on what the network has learnt? The sanity check by cascading randomisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.comparison import map_similarity
from xai_widgets.methods.evaluation.asking import method_function, method_name
from xai_widgets.methods.evaluation.forgetting import forget, layer_paths, twin_of
from xai_widgets.methods.evaluation.maps import relevance
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.scores import resolve_classes
from xai_widgets.models.classifier import Classifier
from xai_widgets.results.evaluation import Randomisation
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.methods.evaluation.asking import Method
    from xai_widgets.models.targets import Target


def cascading_randomisation(
    model: Classifier | keras.Model,
    inputs: Any,
    method: Method,
    target: Target = None,
    *,
    steps: int | None = None,
    measure: str = "spearman",
    signed: bool = False,
    seed: int = 0,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Randomisation:
    """Replace the weights by random ones, layer by layer from the output on, and see whether the map notices.

    A map that looks the same for a network that knows nothing shows the picture, not what the network has learnt. The
    model itself is not changed: a copy of it forgets.

    Parameters
    ----------
    model, inputs
        As for `saliency`. The model is functional or Sequential, for it has to be copied.
    method : str or callable
        A name from `list_methods`, or a function of (model, inputs, target) that gives an Attribution.
    target : str, int, sequence of them, or None
        The explained class; None takes the one that the trained network predicts.
    steps : int, optional
        How many stages, spread evenly over the layers, the last being all of them; left out, one stage a layer.
    measure : {"spearman", "cosine", "top"}
        How maps are compared; see `map_similarity`.
    signed : bool
        Whether signs count. The paper shows both; magnitudes, the default, are what most drawings show.
    seed : int
        Of the new weights.
    progress : bool or callable, optional
        As for `saliency`; it counts stages.

    Returns
    -------
    Randomisation
        ``.similarity`` (S, N), ``.final`` (N,): near 0 passes the check, near 1 fails it.

    Raises
    ------
    ValueError
        For a model without weights or one that cannot be copied, fewer than one step, an unknown method or measure,
        and what the method itself refuses.

    References
    ----------
    Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim (2018), Sanity checks for
    saliency maps.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> checked = cascading_randomisation(digits, three, "saliency", steps=2)
    >>> len(checked.stages), checked.similarity.shape
    (2, (2, 1))
    """
    classifier, explain = Classifier.wrap(model), method_function(method)
    batch = classifier.as_inputs(inputs)
    shown = _stages(classifier, steps)
    classes = resolve_classes(classifier, batch, target).tolist()
    first = explain(classifier, batch, classes)
    maps, report = [_map(first, batch, signed)], reporter(progress)
    twin = twin_of(classifier)
    for path in forget(twin.model, seed):
        if path in shown:
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
    if steps < 1:
        msg = f"steps must be at least 1, not {steps}"
        raise ValueError(msg)
    places = np.linspace(len(paths) / min(steps, len(paths)), len(paths), min(steps, len(paths)))
    return [paths[place - 1] for place in places.round().astype("int64")]


def _map(explanation: Any, inputs: NDArray[np.float32], signed: bool) -> NDArray[np.float64]:
    found = relevance(explanation, inputs)
    return found if signed else np.abs(found)
