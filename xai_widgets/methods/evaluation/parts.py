"""Parts of creatures: what each counts, found by drawing the scene without it, and what a map claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.evaluation.maps import name_of, relevance, target_of
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.scores import explained_scalar, scores
from xai_widgets.models.classifier import Classifier
from xai_widgets.models.creatures import Scene, draw
from xai_widgets.results.evaluation import PartImportance
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras

    from xai_widgets.models.creatures import Drawing
    from xai_widgets.models.targets import Target


def part_importance(
    model: Classifier | keras.Model,
    scenes: Scene | Sequence[Scene],
    explanation: Any,
    target: Target = None,
    *,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> PartImportance:
    """Compare what a map claims for each part of the animals with what happens when the part is not there.

    The scene is drawn again without the part (and without what sits on it): nothing is hidden, no edge appears. How far
    the score falls is what the part truly counts for this network.

    Parameters
    ----------
    model : Classifier or keras.Model
        Takes square pictures.
    scenes : Scene or sequence of N Scenes
        Of the pictures that are explained, drawn at the model's size: ``draw(scene, 96).picture``.
    explanation : Attribution or array
        Of these pictures: values for each input value or each pixel.
    target : str, int, sequence of them, callable, or None
        Whose score; None takes what the explanation explains, for an array the predicted class.
    output : {"logit", "probability"}
        The score.
    batch_size : int, optional
        How many pictures at a time.
    progress : bool or callable, optional
        As for `saliency`; it counts parts.

    Returns
    -------
    PartImportance
        ``.true`` and ``.claimed``, for each part that can be seen; ``.correlation`` (N,).

    Raises
    ------
    ValueError
        If a scene shows no animal, or the explanation does not fit.

    References
    ----------
    Robin Hesse, Simone Schaub-Meyer, Stefan Roth (2023), FunnyBirds: a synthetic vision dataset for a part-based
    analysis of explainable AI methods (its single deletion protocol).

    Examples
    --------
    >>> import numpy as np, xai_widgets as xai
    >>> from xai_widgets.models.creatures import sample_scene
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
