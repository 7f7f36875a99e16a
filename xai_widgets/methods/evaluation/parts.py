"""Parts of creatures: what each counts, found by drawing the scene without it, and what a map claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.datasets.creatures import Scene, draw
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.target_scores import explained_scalar, scores
from xai_widgets.methods.evaluation.place_scores import name_of, relevance, target_of
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.evaluation_results import PartImportance
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

    from xai_widgets.common.option_types import Output, PositiveInt, Progress
    from xai_widgets.datasets.creatures import Drawing
    from xai_widgets.models.outputs.targets import Target


@recorded
def part_importance(
    model: Classifier | keras.Model,
    scenes: Scene | Sequence[Scene],
    explanation: Any,
    target: Target = None,
    *,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> PartImportance:
    """Compare what a map claims for each part of the animals with what happens when the part is not there.

    The scene is drawn again without the part (and without what sits on it): nothing is hidden, no edge appears. How far
    the score falls is what the part truly counts for this network.

    Parameters
    ----------
    model : Classifier or keras.Model
        Takes square pictures and gives one row of K class scores for each. A bare Keras model is wrapped by `wrap`,
        without class names.
    scenes : Scene or sequence of N Scenes
        Of the pictures that are explained, drawn at the model's size: ``draw(scene, 96).picture``.
    explanation : Attribution or array
        The explanation of these pictures: one value for each input value, (N, S, S, C), or for each pixel, (N, S,
        S). Channels are summed or, for gradients, reduced to their largest magnitude.
    target : str, int, sequence of them, callable, or None
        Whose score: a class by name or index, one for all examples or one for each; None takes the class that the
        explanation explains or, for an array and where that is another scalar, the class that the model predicts. A
        callable makes another scalar: from the tensor of outputs (N, K) to a tensor (N,), written with
        ``keras.ops``.
    output : {"logit", "probability"}, default "logit"
        The score: the outputs before the final softmax or sigmoid, or those after it.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting parts, and may raise an error to stop. None is
        silent.

    Returns
    -------
    PartImportance
        ``.parts``, the P parts that can be seen, as (scene, animal, name); ``.true`` (P,), the fall of the score
        without each, in units of the score; ``.claimed`` (P,), the sum of the map over its pixels; ``.correlation``
        (N,), the rank correlation of both over the parts of each scene, -1 to 1.

    Raises
    ------
    ValueError
        If a scene shows no animal, the model does not take square pictures, the explanation does not fit the
        pictures or is not finite, a class is unknown, or an option's value is not allowed.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Robin Hesse, Simone Schaub-Meyer, Stefan Roth (2023), FunnyBirds: a synthetic vision dataset for a part-based
    analysis of explainable AI methods (its single deletion protocol), arXiv:2308.06248.

    Examples
    --------
    >>> import numpy as np, xai_widgets as xai
    >>> from xai_widgets.datasets.creatures import sample_scene
    >>> creatures, scene = xai.load_model("creatures"), sample_scene(5, classes=["cat"])
    >>> even = part_importance(creatures, scene, np.ones((1, 96, 96)), "cat")
    >>> (0, 0, "head") in even.parts, bool((even.claimed > 0).all())
    (True, True)
    """
    classifier = Classifier.wrap(model)
    listed = [scenes] if isinstance(scenes, Scene) else list(scenes)
    drawings = [draw(scene, _side(classifier)) for scene in listed]
    batch = classifier.as_inputs([one.picture for one in drawings])
    places = relevance(explanation, batch)
    scalar = explained_scalar(classifier, batch, target_of(explanation, target, classifier), output, batch_size)
    whole = scores(classifier, batch, scalar, output, batch_size).astype("float64")
    parts = [(place, *part) for place, drawing in enumerate(drawings) for part in _visible(drawing, place)]
    owners, run = np.array([scene for scene, _, _ in parts]), scalar.values(classifier, output)
    without, report = np.empty(len(parts)), reporter(progress)
    for chunk in classifier.batches(len(parts), batch_size):
        changed = [draw(listed[scene].without(animal, part), _side(classifier)) for scene, animal, part in parts[chunk]]
        without[chunk] = run(classifier.as_inputs([one.picture for one in changed]), scalar.rows[owners[chunk]])
        report(chunk.stop, len(parts))
    claimed = [places[scene][drawings[scene].footprint(animal, part)].sum() for scene, animal, part in parts]
    recipe = Recipe(
        "part_importance", classifier.name, scalar.names, {"explanation": name_of(explanation), "output": output}
    )
    return PartImportance(tuple(parts), whole[owners] - without, np.array(claimed), recipe)


def _side(classifier: Classifier) -> int:
    shape = classifier.input_shape
    if len(shape) != 3 or shape[0] != shape[1]:
        msg = f"{classifier.name!r} takes inputs of shape {shape}; scenes are drawn as square pictures"
        raise ValueError(msg)
    return shape[0]


def _visible(drawing: Drawing, place: int) -> list[tuple[int, str]]:
    """Return the animals' parts that can be seen."""
    found = [(animal, part) for (animal, part), mask in drawing.masks.items() if animal is not None and mask.any()]
    if not found:
        msg = f"scene {place} shows no part of an animal"
        raise ValueError(msg)
    return found
