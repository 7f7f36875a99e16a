"""One table for many methods: a row a method, a column a score."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.common.record_table import RecordTable
from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.target_scores import resolve_classes
from xai_widgets.methods.evaluation.conservation import completeness
from xai_widgets.methods.evaluation.cost import cost
from xai_widgets.methods.evaluation.deletion_insertion import deletion_curve, insertion_curve
from xai_widgets.methods.evaluation.fidelity import infidelity, mu_fidelity
from xai_widgets.methods.evaluation.localization import pointing_game, relevance_mass
from xai_widgets.methods.evaluation.max_sensitivity import max_sensitivity
from xai_widgets.methods.evaluation.named_methods import method_function, named_methods
from xai_widgets.methods.evaluation.parts import part_importance
from xai_widgets.methods.evaluation.randomization import cascading_randomisation
from xai_widgets.methods.evaluation.road import road
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.evaluation_results import MethodComparison, mean_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress, Seed
    from xai_widgets.datasets.creatures import Scene
    from xai_widgets.methods.evaluation.named_methods import Method
    from xai_widgets.models.outputs.targets import Target
    from xai_widgets.results.attribution_result import Attribution


@dataclass(frozen=True, eq=False)
class _Case:
    """What is compared on: the model, its inputs, the classes explained, and what is known about them."""

    classifier: Classifier
    inputs: NDArray[np.float32]
    classes: list[int]
    masks: Any
    scenes: Any
    options: dict[str, Any]

    @property
    def given(self) -> tuple[Classifier, NDArray[np.float32]]:
        """Model, inputs: what every score begins with."""
        return self.classifier, self.inputs

    def of(self, *names: str) -> dict[str, Any]:
        """Return those of the options that a score takes."""
        return {name: self.options[name] for name in names}


def _deletion(case: _Case, _method: Method, found: Attribution) -> Any:
    return deletion_curve(*case.given, found, case.classes, **case.of("steps", "seed", "batch_size")).area


def _insertion(case: _Case, _method: Method, found: Attribution) -> Any:
    return insertion_curve(*case.given, found, case.classes, **case.of("steps", "seed", "batch_size")).area


def _road(case: _Case, _method: Method, found: Attribution) -> Any:
    return road(*case.given, found, case.classes, **case.of("seed", "batch_size")).gap


def _mu_fidelity(case: _Case, _method: Method, found: Attribution) -> Any:
    return mu_fidelity(*case.given, found, case.classes, **case.of("samples", "seed", "batch_size")).values


def _infidelity(case: _Case, _method: Method, found: Attribution) -> Any:
    return infidelity(*case.given, found, case.classes, **case.of("samples", "seed", "batch_size")).relative


def _pointing(case: _Case, _method: Method, found: Attribution) -> Any:
    return pointing_game(found, case.masks).values


def _mass(case: _Case, _method: Method, found: Attribution) -> Any:
    return relevance_mass(found, case.masks).values


def _parts(case: _Case, _method: Method, found: Attribution) -> Any:
    return part_importance(case.classifier, case.scenes, found, case.classes, **case.of("batch_size")).correlation


def _conservation(case: _Case, _method: Method, found: Attribution) -> Any:
    """Use the method's own check where it has one, else compare with the score."""
    due = found.values.reshape(len(found), -1).sum(axis=1) - (0 if found.delta is None else found.delta)
    if found.delta is not None:
        return np.abs(found.delta) / np.where(due == 0, np.nan, np.abs(due))
    return completeness(*case.given, found, case.classes, **case.of("batch_size")).relative


def _randomisation(case: _Case, method: Method, _found: Attribution) -> Any:
    return cascading_randomisation(*case.given, method, case.classes, steps=1, **case.of("seed", "batch_size")).final


def _sensitivity(case: _Case, method: Method, _found: Attribution) -> Any:
    return max_sensitivity(*case.given, method, case.classes, **case.of("seed", "batch_size")).values


def _seconds(case: _Case, method: Method, _found: Attribution) -> Any:
    return np.full(
        len(case.inputs), cost(*case.given, method, case.classes, **case.of("batch_size")).seconds / len(case.inputs)
    )


SCORES: dict[str, Callable[[_Case, Method, Attribution], Any]] = {
    "deletion": _deletion,
    "insertion": _insertion,
    "road": _road,
    "mu_fidelity": _mu_fidelity,
    "infidelity": _infidelity,
    "pointing": _pointing,
    "mass": _mass,
    "parts": _parts,
    "conservation": _conservation,
    "randomisation": _randomisation,
    "sensitivity": _sensitivity,
    "seconds": _seconds,
}
NEEDED = {"pointing": "masks", "mass": "masks", "parts": "scenes"}


@recorded
def compare_methods(
    model: Classifier | keras.Model,
    inputs: Any,
    methods: Sequence[Method] | Mapping[str, Method],
    target: Target = None,
    *,
    scores: Sequence[str] | None = None,
    masks: Any = None,
    scenes: Scene | Sequence[Scene] | None = None,
    steps: PositiveInt = 20,
    samples: PositiveInt = 100,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> MethodComparison:
    """Score many methods on the same inputs, in many senses: no single number says which explanation is right.

    Parameters
    ----------
    model : Classifier or keras.Model
        The model that is explained; it gives one row of K class scores for each example. A bare Keras model is
        wrapped by `wrap`, without class names.
    inputs : array or pictures
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
    methods : sequence of names and functions, or dict of them by the names of their rows
        Names from `list_methods`; functions of (model, inputs, target) that give an Attribution, such as
        ``functools.partial(smooth_grad, samples=10)``.
    target : str, int, sequence of them, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts.
    scores : sequence of str, optional
        The columns, in this order; all that apply if left out. Lower is better for ``"deletion"``, ``"infidelity"``
        (relative), ``"conservation"`` (relative error: the method's own check, or against the score),
        ``"randomisation"`` (similarity with a network that knows nothing), ``"sensitivity"`` (of 10 small moves)
        and ``"seconds"`` (an example); higher for ``"insertion"``, ``"road"``, ``"mu_fidelity"``, ``"pointing"``,
        ``"mass"`` and ``"parts"``.
    masks : bool array, optional
        The pixels of the explained thing, (N, H, W) or one (H, W) for all; for ``"pointing"`` and ``"mass"``.
    scenes : Scene or sequence of N Scenes, optional
        What the inputs were drawn from, for ``"parts"``.
    steps : int, default 20
        Steps of the deletion and insertion curves, 1 or more.
    samples : int, default 100
        Subsets for ``"mu_fidelity"`` and ``"infidelity"``, 2 or more.
    seed : int, default 0
        Seed of all scores that draw, 0 or more.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most. A function that takes no `batch_size` is called without it.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting the cells of the table, and may raise an error
        to stop. None is silent.

    Returns
    -------
    MethodComparison
        ``.table`` holds the means over the examples, a row for each of the M methods; ``.scores`` all numbers, (M,
        N) under the name of each score; ``.explanations`` what was scored, by the methods' names.

    Raises
    ------
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; a model that gives more than one row of class scores; an option whose value is not
        allowed; unknown methods or scores; scores whose masks or scenes were not given; or what methods and scores
        refuse.
    TypeError
        If the model is no Keras model, a method is neither a name nor a function, a target is not a class, or an
        option does not exist.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = compare_methods(digits, three, ["saliency", "lrp"], "3", scores=["deletion", "insertion"], steps=8)
    >>> found.methods, found.scores["deletion"].shape
    (('saliency', 'lrp'), (2, 1))
    """
    classifier, asked = Classifier.wrap(model), named_methods(methods)
    batch = classifier.as_inputs(inputs)
    columns = _columns(scores, {"masks": masks, "scenes": scenes}, pictures=batch.ndim == 4)
    classes = resolve_classes(classifier, batch, target).tolist()
    options = {"steps": steps, "samples": samples, "seed": seed, "batch_size": batch_size}
    case = _Case(classifier, batch, classes, masks, scenes, options)
    found: dict[str, list[Any]] = {column: [] for column in columns}
    explanations, report, total = {}, reporter(progress), len(asked) * len(columns)
    for row, (name, method) in enumerate(asked.items()):
        explanations[name] = method_function(method, batch_size)(classifier, batch, classes)
        for place, column in enumerate(columns):
            found[column].append(SCORES[column](case, method, explanations[name]))
            report(row * len(columns) + place + 1, total)
    numbers = {column: np.stack(rows).astype("float64") for column, rows in found.items()}
    return MethodComparison(tuple(asked), numbers, explanations, _table(tuple(asked), numbers))


def _columns(scores: Sequence[str] | None, material: dict[str, Any], *, pictures: bool) -> list[str]:
    """Return the columns: those asked for, or all that apply."""
    if scores is None:
        unfit = set() if pictures else {"road", "randomisation"}
        missing = {column for column, needed in NEEDED.items() if material[needed] is None}
        return [column for column in SCORES if column not in unfit | missing]
    columns = []
    for score in [scores] if isinstance(scores, str) else scores:
        column = match(score, SCORES)
        if column is None:
            msg = f"unknown score {score!r}; {suggestion(score, SCORES)}"
            raise ValueError(msg)
        if column in NEEDED and material[NEEDED[column]] is None:
            msg = f"the score {column!r} needs {NEEDED[column]}; give {NEEDED[column]}="
            raise ValueError(msg)
        columns.append(column)
    if not columns:
        msg = f"scores is empty; choose among {', '.join(SCORES)}"
        raise ValueError(msg)
    return list(dict.fromkeys(columns))


def _table(methods: tuple[str, ...], numbers: dict[str, NDArray[np.float64]]) -> RecordTable[Any]:
    """Make the table of the means."""
    record = dataclasses.make_dataclass("MethodScores", ["method", *numbers], frozen=True)
    means = {column: [mean_of(row) for row in values] for column, values in numbers.items()}
    rows = [record(name, *(means[column][row] for column in numbers)) for row, name in enumerate(methods)]
    return RecordTable(rows, "evaluation.column_", dict.fromkeys(numbers, _written))


def _written(value: float) -> str:
    """Write a score with two digits or three after the mark; a dash where there is none."""
    if np.isnan(value):
        return message("evaluation.none")
    return decimal(value, 3 if abs(value) < 1 else 2).replace("-", "\N{MINUS SIGN}")
