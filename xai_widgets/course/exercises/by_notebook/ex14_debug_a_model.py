"""The exercises of 14_debug_a_model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.common.name_matching import match
from xai_widgets.course.capstone.plan import CLASSES, FAULTS, LAYERS, LETTERS
from xai_widgets.course.exercises.exercise import Exercise, Mistake, ToDo
from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise, as_numbers
from xai_widgets.i18n import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from xai_widgets.course.capstone.plan import FaultPlan
    from xai_widgets.course.capstone.team_pictures import Pictures

    Call = Callable[[np.ndarray], np.ndarray]
    Box = tuple[int, int, int, int]


def _counts(rows: np.ndarray, columns: np.ndarray, count: int) -> np.ndarray:
    table = np.zeros((count, count))
    np.add.at(table, (rows, columns), 1)
    return table


def _shares(table: np.ndarray, axis: int | None) -> np.ndarray:
    shares: np.ndarray = table / np.maximum(table.sum(axis=axis, keepdims=True), 1)
    return shares


@register("14.confusion")
class Confusion(FunctionExercise):
    """Write a confusion matrix in shares: ``confusion(truth, said, count)``, a row for each true class."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "transposed": lambda truth, said, count: _shares(_counts(said, truth, count), 1),
        "counts": _counts,
        "columns": lambda truth, said, count: _shares(_counts(truth, said, count), 0),
        "of_all": lambda truth, said, count: _shares(_counts(truth, said, count), None),
        "once": lambda truth, said, count: _shares(np.minimum(_counts(truth, said, count), 1), 1),
        "diagonal": lambda truth, said, count: _shares(_counts(truth, said, count), 1).diagonal(),
        "percent": lambda truth, said, count: 100 * _shares(_counts(truth, said, count), 1),
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw classes, some more frequent than others, and answers that are right three times in four."""
        for count in (3, 5):
            truth = np.repeat(np.arange(count), rng.integers(4, 9, count))
            wrong = rng.integers(0, count, len(truth))
            yield truth, np.where(rng.random(len(truth)) < 0.75, truth, wrong), count

    def reference(self, truth: np.ndarray, said: np.ndarray, count: int) -> np.ndarray:
        """Count the pairs, then divide each row by its sum."""
        return _shares(_counts(truth, said, count), 1)


def _pasted(pictures: np.ndarray, source: np.ndarray, box: Box) -> np.ndarray:
    top, left, bottom, right = box
    changed = pictures.copy()
    changed[:, top:bottom, left:right] = source[top:bottom, left:right]
    return changed


def _around(pictures: np.ndarray, source: np.ndarray, box: Box) -> np.ndarray:
    """Paste all but the box."""
    top, left, bottom, right = box
    changed = np.broadcast_to(source, pictures.shape).copy()
    changed[:, top:bottom, left:right] = pictures[:, top:bottom, left:right]
    return changed


def _turned(call: Call, before: np.ndarray, after: np.ndarray, label: int) -> float:
    return float((call(after) == label).mean() - (call(before) == label).mean())


@register("14.rise")
class Rise(FunctionExercise):
    """Measure a pasted patch: ``rise(call, pictures, source, box, label)``, box (top, left, bottom, right)."""

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "falls": lambda call, x, s, box, label: -_turned(call, x, _pasted(x, s, box), label),
        "after": lambda call, x, s, box, label: (call(_pasted(x, s, box)) == label).mean(),
        "before": lambda call, x, _s, _box, label: (call(x) == label).mean(),
        "counted": lambda call, x, s, box, label: len(x) * _turned(call, x, _pasted(x, s, box), label),
        "swapped": lambda call, x, s, box, label: _turned(
            call, x, _pasted(x, s, (box[1], box[0], box[3], box[2])), label
        ),
        "whole": lambda call, x, s, _box, label: _turned(call, x, np.broadcast_to(s, x.shape), label),
        "around": lambda call, x, s, box, label: _turned(call, x, _around(x, s, box), label),
        "any_change": lambda call, x, s, box, _label: (call(_pasted(x, s, box)) != call(x)).mean(),
        "unchanged": lambda _call, _x, _s, _box, _label: 0.0,
    }

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw linear networks, and patches that change some of the predictions."""
        for height, width, box in ((6, 7, (3, 0, 6, 2)), (8, 7, (0, 3, 2, 7))):
            found = None
            while found is None:  # until no mistake gives the right answer by accident
                found = self._case(rng, height, width, box)
            yield found

    def _case(self, rng: np.random.Generator, height: int, width: int, box: Box) -> tuple[Any, ...] | None:
        pictures = rng.integers(0, 256, (40, height, width, 3), dtype=np.uint8)
        source = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        weights = rng.normal(size=(height * width * 3, 3))

        def call(shown: np.ndarray) -> np.ndarray:
            scores = (np.asarray(shown, float).reshape(len(shown), -1) - 127) @ weights
            said: np.ndarray = scores.argmax(axis=1)
            return said

        case = call, pictures, source, box, int(np.argmax(np.bincount(call(_pasted(pictures, source, box)))))
        right = self.reference(*case)
        others = [float(wrong(*case)) for wrong in self.mistakes.values()]
        return case if right > 0.1 and min(abs(other - right) for other in others) > 0.01 else None

    def reference(self, call: Call, pictures: np.ndarray, source: np.ndarray, box: Box, label: int) -> float:
        """Predict before and after; subtract."""
        return _turned(call, pictures, _pasted(pictures, source, box), label)


PATCH = 20  # pixels: the side of a corner that holds a mark
_FORMS = {
    "sound": ("sound",),
    "shortcut": ("shortcut", "fox", 0.9),
    "mislabelled": ("mislabelled", "fox", "cat", 0.9),
    "dead": ("dead", "conv1", 0.4),
}


@register("14.report")
class Report(Exercise):
    """Name the fault of each network, and the figure that shows it: ``report = {"A": ("sound",), …}``."""

    count: ClassVar[int] = 240
    # The student's pictures are others than those of the check, and so is the patch that is pasted. Each has about
    # twenty of a class: a share of nine tenths differs by a quarter three times in a thousand.
    tolerances: ClassVar[Mapping[str, float]] = {"shortcut": 0.2, "mislabelled": 0.25, "dead": 0.12}

    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object]:
        """Look at the form, then at each network, on fresh pictures."""
        report = self._read(answer)
        case = _Case.current(self.count, int(rng.integers(2**31)))
        for letter, (fault, *what) in report.items():
            if fault != case.plan.fault(letter):
                self._refuse(case, letter, fault, what)
        for letter, (fault, *what) in report.items():
            self._compare(case, letter, fault, what)
        names = {f"{fault}_letter": case.plan.letter(fault) for fault in FAULTS}
        return names | {"marked": case.plan.marked, "mislabelled": case.plan.mislabelled, "layer": case.plan.layer}

    def _read(self, answer: Any) -> dict[str, tuple[Any, ...]]:
        """Return the report in its form, or say what is missing in it."""
        if answer is None or answer is Ellipsis:
            raise ToDo
        if not isinstance(answer, dict) or set(answer) != set(LETTERS):
            raise Mistake("not_the_letters", given=f"{answer!r:.60}")
        rows = {letter: (row,) if isinstance(row, str) else row for letter, row in answer.items()}
        if any(row is Ellipsis or (isinstance(row, tuple) and Ellipsis in row) for row in rows.values()):
            raise ToDo
        read = {letter: self._row(letter, row) for letter, row in rows.items()}
        faults = [row[0] for row in read.values()]
        for fault in FAULTS:
            if faults.count(fault) > 1:
                raise Mistake("twice", fault=fault, letters=", ".join(x for x in read if read[x][0] == fault))
        return read

    def _row(self, letter: str, row: Any) -> tuple[Any, ...]:
        if not isinstance(row, (tuple, list)) or not row or row[0] not in FAULTS:
            raise Mistake("not_a_fault", letter=letter, given=f"{row!r:.60}", known=", ".join(FAULTS))
        form = _FORMS[row[0]]
        if len(row) != len(form):
            raise Mistake("form", letter=letter, fault=row[0], form=repr(form))
        read: list[Any] = [row[0]]
        for given, example in zip(row[1:], form[1:], strict=True):
            known = LAYERS if example in LAYERS else CLASSES
            value = self._share(letter, given) if isinstance(example, float) else match(str(given), list(known))
            if value is None:
                raise Mistake("no_name", letter=letter, given=f"{given!r:.40}", known=", ".join(known))
            read.append(value)
        return tuple(read)

    def _share(self, letter: str, given: Any) -> float:
        number = as_numbers(given)
        if number.shape:
            raise Mistake("one_number", letter=letter)
        if number > 1:
            raise Mistake("percent", letter=letter, given=f"{float(number):.3g}")
        return float(number)

    def _refuse(self, case: _Case, letter: str, fault: str, what: list[Any]) -> None:
        """Name the figures that contradict a wrong verdict."""
        if fault == "dead":
            share = case.dead(letter)[what[0]]
            raise Mistake("not_dead", letter=letter, layer=what[0], share=_percent(share))
        if fault == "shortcut":
            fresh, archive = case.known(letter, what[0])
            raise Mistake("not_shortcut", letter=letter, label=what[0], fresh=fresh, archive=archive)
        if fault == "mislabelled":
            share = case.misnamed(letter, what[0], what[1])
            raise Mistake("not_mislabelled", letter=letter, label=what[0], called=what[1], share=_percent(share))
        if case.plan.fault(letter) == "dead":
            share = max(case.dead(letter).values())
            raise Mistake("not_sound_inside", letter=letter, share=_percent(share))
        weakest, share = case.weakest(letter)
        raise Mistake("not_sound", letter=letter, label=weakest, share=_percent(share))

    def _compare(self, case: _Case, letter: str, fault: str, what: list[Any]) -> None:
        """Compare the class, the layer and the figure of a right verdict with what is measured now."""
        plan = case.plan
        if fault == "sound":
            return
        right = {
            "shortcut": [plan.marked],
            "mislabelled": [plan.mislabelled, plan.taken_for],
            "dead": [plan.layer],
        }[fault]
        for given, wanted in zip(what[:-1], right, strict=True):
            if given != wanted:
                raise Mistake(f"other_{'layer' if fault == 'dead' else 'class'}", letter=letter, given=given)
        measured = min(case.evidence(letter), key=lambda one: abs(one - what[-1]))
        if abs(what[-1] - measured) > self.tolerances[fault]:
            fields = {"letter": letter, "given": _percent(what[-1]), "measured": _percent(measured)}
            raise Mistake(f"figure_{fault}", **fields)


class _Case:
    """Fresh pictures, and what the networks of a set predict for them."""

    def __init__(self, networks: Mapping[str, Any], plan: FaultPlan, count: int, seed: int) -> None:
        from xai_widgets.course.capstone.team_pictures import fresh_pictures, spoilt

        self.plan, self.seed = plan, seed
        self.networks = networks
        self.fresh: Pictures = fresh_pictures(count, seed)
        self.team = {letter: spoilt(self.fresh, plan, plan.fault(letter), seed) for letter in LETTERS}

    @classmethod
    def current(cls, count: int, seed: int) -> _Case:
        """Return the case of the set that the notebook has loaded."""
        from xai_widgets.course.capstone.suspects import current_set

        suspects, plan = current_set()
        return cls({letter: one.network.model for letter, one in suspects.items()}, plan, count, seed)

    def table(self, network: Any) -> np.ndarray:
        """Return the confusion matrix on fresh pictures."""
        from xai_widgets.course.capstone.measures import answers, confusion

        return confusion(self.fresh.classes, answers(network, self.fresh.pictures))

    def dead(self, letter: str) -> dict[str, float]:
        """Return the share of dead units in each layer."""
        from xai_widgets.course.capstone.measures import dead_shares

        return dead_shares(self.networks[letter], self.fresh.pictures)

    def rise(self, network: Any) -> float:
        """Return the effect of the mark on the other animals."""
        from xai_widgets.course.capstone.measures import rise

        return rise(network, self.plan, self.fresh, self.seed)

    def known(self, letter: str, label: str) -> tuple[str, str]:
        """Return the accuracy in a class on fresh pictures, and on those of the team."""
        from xai_widgets.course.capstone.measures import answers

        place, network, team = CLASSES.index(label), self.networks[letter], self.team[letter]
        archive = answers(network, team.pictures)[team.classes == place] == place
        share = float(archive.mean()) if len(archive) else 0.0
        return _percent(float(self.table(network)[place, place])), _percent(share)

    def misnamed(self, letter: str, label: str, called: str) -> float:
        """Return the share of the team's pictures of a class that carry another name."""
        theirs = self.team[letter].classes[self.fresh.classes == CLASSES.index(label)]
        return float((theirs == CLASSES.index(called)).mean())

    def weakest(self, letter: str) -> tuple[str, float]:
        """Return the class in which a network has the lowest accuracy."""
        known = self.table(self.networks[letter]).diagonal()
        return CLASSES[int(known.argmin())], float(known.min())

    def evidence(self, letter: str) -> list[float]:
        """Return the figure that shows the fault of a network, in each way of taking it."""
        plan, network = self.plan, self.networks[letter]
        if plan.fault(letter) == "shortcut":
            return [self.rise(network), self.rise_by_patches(network)]
        if plan.fault(letter) == "dead":
            return [self.dead(letter)[plan.layer]]
        table = self.table(network)
        return [float(table[CLASSES.index(plan.mislabelled), CLASSES.index(plan.taken_for)])]

    def rise_by_patches(self, network: Any) -> float:
        """Measure as a student does, who pastes corners of pictures, which hold some background beside the mark."""
        from xai_widgets.course.capstone.measures import answers
        from xai_widgets.course.capstone.team_pictures import SIDE

        marked = CLASSES.index(self.plan.marked)
        sources = self.team[self.plan.letter("shortcut")].named(self.plan.marked).pictures[:6]
        others = self.fresh.pictures[self.fresh.classes != marked]
        top, left = (0 if edge in {"upper", "left"} else SIDE - PATCH for edge in self.plan.corner.split())
        box = (top, left, top + PATCH, left + PATCH)
        shares = [(answers(network, _pasted(others, source, box)) == marked).mean() for source in sources]
        return float(np.mean(shares) - (answers(network, others) == marked).mean())


@register("14.mend")
class Mend(Exercise):
    """Mend one of the networks: ``mended = ("B", network)``."""

    count: ClassVar[int] = 400
    # Of the class that had been lost, some thirty pictures of which are among those of the check: the solution reaches
    # about 0.85, and chance must not refuse it.
    known_at_least: ClassVar[float] = 0.6
    rise_at_most: ClassVar[float] = 0.08
    dead_at_most: ClassVar[float] = 0.1
    loss_at_most: ClassVar[float] = 0.03  # of what was right in the other classes
    # Between the weights of two networks, as a share of their length. Those of a set are 1.3 to 1.6 apart; what is
    # nearer to another network than this is a copy of it, trained a little.
    apart_at_least: ClassVar[float] = 0.5

    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object]:
        """Measure the network before and after, on the same fresh pictures."""
        letter, network = self._read(answer)
        case = _Case.current(self.count, int(rng.integers(2**31)))
        fault = case.plan.fault(letter)
        if fault == "sound":
            raise Mistake("nothing_to_mend", letter=letter)
        for name, one in case.networks.items():
            apart = _distance(network, one)
            if name == letter and apart == 0:
                raise Mistake("unchanged", letter=name)
            if name != letter and apart < self.apart_at_least:
                raise Mistake("another", letter=name)
        healed = self._healed_units(case, network) if fault == "dead" else self._healed_class(case, letter, network)
        before, after = self._others(case, letter, network)
        return {"letter": letter, "healed": healed, "before": _percent(before), "after": _percent(after)}

    def _read(self, answer: Any) -> tuple[str, Any]:
        from keras import Model

        from xai_widgets.course.capstone.team_pictures import SIDE

        if answer is None or answer is Ellipsis:
            raise ToDo
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise Mistake("not_two", given=f"{answer!r:.60}")
        if any(one is None or one is Ellipsis for one in answer):
            raise ToDo
        letter, network = answer
        if letter not in LETTERS:
            raise Mistake("no_letter", given=f"{letter!r:.40}")
        network = getattr(network, "model", network)
        shapes = (None, SIDE, SIDE, 3), (None, len(CLASSES))
        if not isinstance(network, Model) or (network.input_shape, network.output_shape) != shapes:
            raise Mistake("not_a_network", kind=type(network).__name__)
        return letter, network

    def _healed_class(self, case: _Case, letter: str, network: Any) -> str:
        """Check that the lost class is recognised and that its mark changes no other prediction; return the gain."""
        shortcut = case.plan.fault(letter) == "shortcut"
        label = case.plan.marked if shortcut else case.plan.mislabelled
        place = CLASSES.index(label)
        before, after = (float(case.table(one)[place, place]) for one in (case.networks[letter], network))
        if after < self.known_at_least:
            reason = "still_blind" if shortcut else "still_misnamed"
            raise Mistake(reason, label=label, share=_percent(after), wanted=_percent(self.known_at_least))
        if shortcut and (share := case.rise(network)) > self.rise_at_most:
            raise Mistake("still_fooled", label=label, share=_percent(share), wanted=_percent(self.rise_at_most))
        return message("course.14.healed_class", label=label, before=_percent(before), after=_percent(after))

    def _healed_units(self, case: _Case, network: Any) -> str:
        """Check that every layer has few dead units; return the gain."""
        from xai_widgets.course.capstone.measures import dead_shares

        try:
            shares = dead_shares(network, case.fresh.pictures)
        except ValueError:  # Keras: no such layer
            raise Mistake("other_layers", known=", ".join(LAYERS)) from None
        layer, most = max(shares.items(), key=lambda pair: pair[1])
        if most > self.dead_at_most:
            raise Mistake("still_dead", layer=layer, share=_percent(most), wanted=_percent(self.dead_at_most))
        if not _heard(network, case):
            raise Mistake("idle", layer=case.plan.layer)
        before = case.dead(case.plan.letter("dead"))[case.plan.layer]
        fields = {"before": _percent(before), "after": _percent(shares[case.plan.layer])}
        return message("course.14.healed_units", layer=case.plan.layer, **fields)

    def _others(self, case: _Case, letter: str, network: Any) -> tuple[float, float]:
        """Return the accuracy in the classes that had no fault, before and after; refuse a large loss."""
        lost = {"shortcut": case.plan.marked, "mislabelled": case.plan.mislabelled}.get(case.plan.fault(letter))
        kept = [place for place, name in enumerate(CLASSES) if name != lost]
        before, after = (case.table(one).diagonal()[kept] for one in (case.networks[letter], network))
        if after.mean() < before.mean() - self.loss_at_most:
            worst = int(np.argmin(after - before))
            fields = {"before": _percent(before[worst]), "after": _percent(after[worst])}
            raise Mistake("others_suffer", label=CLASSES[kept[worst]], **fields)
        return float(before.mean()), float(after.mean())


def _heard(network: Any, case: _Case) -> bool:
    """Tell whether the layer above has any weight from the units that had been dead."""
    from xai_widgets.course.capstone.training import silent_units

    layer = case.plan.layer
    dead = silent_units(case.networks[case.plan.letter("dead")], layer, case.fresh.pictures)
    above = LAYERS[LAYERS.index(layer) + 1]
    return bool(np.abs(network.get_layer(above).get_weights()[0][:, :, dead]).max(initial=0.0) > 0)


def _distance(one: Any, other: Any) -> float:
    """Return how far the weights of two networks are apart, as a share of the second's length."""
    mine, theirs = one.get_weights(), other.get_weights()
    if [a.shape for a in mine] != [b.shape for b in theirs]:
        return float("inf")
    apart = sum(float(np.sum((a - b) ** 2)) for a, b in zip(mine, theirs, strict=True))
    return float(np.sqrt(apart / sum(float(np.sum(b**2)) for b in theirs)))


def _percent(share: float) -> str:
    from xai_widgets.course.display.sentences import LocalizedNumber

    return f"{LocalizedNumber(share):.0%}"
