"""The exercises of 01_motivation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.common.name_matching import match
from xai_widgets.course.exercises.exercise import Exercise, Mistake, ToDo
from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


def _share(values: np.ndarray, mask: np.ndarray) -> float:
    total = float(values.sum())
    return float(values[mask].sum()) / total if total else 0.0


@register("01.share")
class Share(FunctionExercise):
    """Write the share of a map's positive values that lies in a mask: ``my_share(heatmap, mask)``."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[np.ndarray, np.ndarray]]:
        """Draw maps of both signs, and one that is negative everywhere."""
        for height, width in ((6, 5), (9, 4)):
            yield rng.normal(0.3, 1, (height, width)), rng.random((height, width)) < 0.3
        yield -rng.random((4, 4)), rng.random((4, 4)) < 0.5

    def reference(self, heatmap: np.ndarray, mask: np.ndarray) -> float:
        """Keep what is positive, then compare the mask with the whole."""
        return _share(np.maximum(heatmap, 0), mask)

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "signed": _share,
        "magnitude": lambda heatmap, mask: _share(np.abs(heatmap), mask),
        "not_divided": lambda heatmap, mask: np.maximum(heatmap, 0)[mask].sum(),
        "mean": lambda heatmap, mask: np.maximum(heatmap, 0)[mask].mean(),
        "outside": lambda heatmap, mask: _share(np.maximum(heatmap, 0), ~mask),
        "counted": lambda heatmap, mask: _share((heatmap > 0).astype(float), mask),
        "area": lambda _heatmap, mask: mask.mean(),
        "percent": lambda heatmap, mask: 100 * _share(np.maximum(heatmap, 0), mask),
    }


@register("01.audit")
class Audit(Exercise):
    """Name the class that depends on the tag, and what is predicted without it: ``audit = ("…", "…")``."""

    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object]:
        """Measure the network on fresh pictures, and find the class whose accuracy falls most."""
        if answer is None or answer is Ellipsis or (isinstance(answer, tuple) and Ellipsis in answer):
            raise ToDo
        fallen, called, marks = self._measured(int(rng.integers(2**31)))
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise Mistake("not_two", given=f"{answer!r:.60}")
        names = [match(str(one), list(marks)) for one in answer]
        for given, name in zip(answer, names, strict=True):
            if name is None:
                raise Mistake("no_class", given=f"{given!r:.40}", known=", ".join(marks))
        if names == [called, fallen]:
            raise Mistake("swapped")
        if names[0] != fallen:
            raise Mistake("stands", label=names[0], share=f"{100 * marks[str(names[0])]:.0f}")
        if names[1] != called:
            raise Mistake("other_name", label=names[1], fallen=fallen)
        return {"fallen": fallen, "called": called}

    def _measured(self, seed: int) -> tuple[str, str, dict[str, float]]:
        """Return the class whose accuracy falls most, its usual prediction then, and the accuracies without tags."""
        from xai_widgets.course.examples.planted_tag import marks, tagged_foxes
        from xai_widgets.datasets.creatures import LABELS
        from xai_widgets.models.zoo.loading import load_model

        model, pictures = load_model("creatures_hans"), tagged_foxes(4 * len(LABELS), seed)
        found = marks(model, pictures)
        fallen = int(np.argmax(np.array(found.tagged) - np.array(found.plain)))
        answers = model.predict(pictures.plain[pictures.classes == fallen]).classes
        called = int(np.bincount(answers, minlength=len(LABELS)).argmax())
        return LABELS[fallen], LABELS[called], dict(zip(LABELS, found.plain, strict=True))


KINDS: dict[str, tuple[str, str, str]] = {
    "lime": ("local", "agnostic", "after"),
    "saliency": ("local", "dependent", "after"),
    "occlusion": ("local", "agnostic", "after"),
    "t-SNE of the pictures": ("global", "agnostic", "before"),
    "dead filters, epoch by epoch": ("global", "dependent", "during"),
    "activation maximisation": ("global", "dependent", "after"),
    "network dissection": ("global", "dependent", "after"),
}
"""What each technique of the third exercise is: its scope, whether it needs the model's inside, and its time."""
_WORDS = (("local", "global"), ("agnostic", "dependent"), ("before", "during", "after"))


@register("01.kinds")
class Kinds(Exercise):
    """Place techniques: local or global, agnostic or dependent, before, during or after."""

    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object]:
        """Count the wrong words at a first try; later say why the first wrong one is wrong."""
        del rng  # the table is fixed
        if answer is None or answer is Ellipsis:
            raise ToDo
        if not isinstance(answer, dict) or set(answer) != set(KINDS):
            raise Mistake("not_the_table", known=", ".join(KINDS))
        if any(row is Ellipsis or Ellipsis in tuple(row) for row in answer.values()):
            raise ToDo
        wrong = [one for name, right in KINDS.items() for one in self._wrong(name, tuple(answer[name]), right)]
        if wrong and self.is_first_try:
            raise Mistake("some", count=len(wrong), of=len(KINDS) * len(_WORDS))
        for name, column, given in wrong:
            raise Mistake(column, name=name, given=given)
        return {"count": len(KINDS)}

    def _wrong(self, name: str, given: tuple[Any, ...], right: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
        """Give the wrong words of a row, each with its name and column; refuse what is no such word."""
        if len(given) != len(_WORDS):
            raise Mistake("not_three", name=name)
        for word, allowed, wanted, column in zip(given, _WORDS, right, ("scope", "access", "time"), strict=True):
            if word not in allowed:
                raise Mistake("no_word", name=name, given=f"{word!r:.30}", known=", ".join(allowed))
            if word != wanted:
                yield name, column, word
