"""Bars of class scores, sorted, with the explained class marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import traitlets

from xai_widgets.plots.palette import look
from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDING = 1e-4  # how far beyond [0, 1] a float32 probability may lie


class Scores(traitlets.TraitType[tuple[float, ...], npt.ArrayLike]):
    """Numbers from 0 to 1, one a class: any array of one axis, kept as a tuple."""

    info_text = "finite numbers from 0 to 1, one a class"

    def validate(self, _obj: Any, value: Any) -> tuple[float, ...]:
        """Return the tuple; refuse another shape, NaN, and what lies outside of [0, 1] by more than rounding."""
        array = np.asarray(value)
        if array.ndim != 1 or array.dtype.kind not in "fiu":
            if array.shape == (0,):
                return ()
            raise traitlets.TraitError(f"{self.name} are {self.info_text}, shape (K,), not {array.dtype} {array.shape}")
        bad = ~(np.isfinite(array) & (array >= -ROUNDING) & (array <= 1 + ROUNDING))
        if bad.any():
            at = int(np.argmax(bad))
            raise traitlets.TraitError(f"{self.name}[{at}] is {array[at]}: {self.name} are {self.info_text}; softmax?")
        return tuple(np.clip(array.astype(np.float64), 0, 1).tolist())


class ScoreBars(Component):
    """Bars of class scores: the best ones, the explained one and the pinned ones, sorted.

    Only the visible rows go to the browser, and once the names of all classes, where there are more than bars: then a
    field finds any of a thousand classes by its name or number.

    Parameters
    ----------
    **options
        Any of the traits below.

    Raises
    ------
    TypeError
        If an option does not exist.
    traitlets.TraitError
        If scores are not finite numbers from 0 to 1, one for each label.

    Examples
    --------
    >>> bars = ScoreBars(labels=("cat", "dog", "fox"), values=(0.2, 0.7, 0.1), count=2)
    >>> bars
    ScoreBars(3 classes, dog 0.7)
    >>> [row["label"] for row in bars.rows]
    ['dog', 'cat']
    """

    _esm = assets.module("score_bars")
    _css = assets.style("score_bars")

    labels = traitlets.Tuple(())
    """Names of the classes; left empty, their numbers are shown. Not sent: see `rows`."""

    values = Scores(())
    """A score from 0 to 1 for every class; any array of shape (K,). Not sent: see `rows`."""

    reference = Scores(())
    """Earlier scores, shown as a thin tick on each bar; empty: none (default). Not sent: see `rows`."""

    count = traitlets.Int(5, min=1)
    """How many bars there are, unless more are pinned (default 5)."""

    pinned = traitlets.Tuple(())
    """Numbers of classes that are always shown, such as the true one (default: none)."""

    notes: traitlets.Dict[int, str] = traitlets.Dict(key_trait=traitlets.Int(), value_trait=traitlets.Unicode())
    """A short remark beside the label of a class, by its number, such as ``{3: "true class"}`` (default: none)."""

    details: traitlets.Dict[int, str] = traitlets.Dict(key_trait=traitlets.Int(), value_trait=traitlets.Unicode())
    """A second number beside the score of a class, by its number, such as ``{3: "−1.24"}`` (default: none)."""

    details_label = traitlets.Unicode("").tag(sync=True)
    """What the second numbers are; room is kept for them once this is set (default: none)."""

    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    """Number of the explained class, always shown and marked; a click on a bar changes it; None: no class (default)."""

    selectable = traitlets.Bool(default_value=True).tag(sync=True)
    """Whether a click or Enter on a bar changes `selected` (default: yes)."""

    title = traitlets.Unicode("").tag(sync=True)
    """A line above the bars (default: none)."""

    alt = traitlets.Unicode("").tag(sync=True)
    """Name of the group of bars for those who do not see it (default: the title, or a word from the catalogue)."""

    reference_label = traitlets.Unicode("").tag(sync=True)
    """What the ticks are (default: a word from the catalogue, "before")."""

    empty = traitlets.Unicode("").tag(sync=True)
    """What is written where there are no scores (default: a word from the catalogue)."""

    sought = traitlets.Int(None, allow_none=True).tag(sync=True)
    """Number of a class that was looked up and cannot be `selected`: it is shown too; None: none (default)."""

    choices: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """Names of all classes where there are more than bars, for the field; else empty. Read-only."""

    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    """What the browser draws, best first: index, label, note, detail, value, reference, colour, hatch.
    Read-only."""

    slots = traitlets.Int(5, min=1).tag(sync=True)
    """For how many bars room is kept. Read-only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._refresh()

    def set_scores(
        self,
        values: npt.ArrayLike,
        labels: Sequence[str] | None = None,
        reference: npt.ArrayLike | None = None,
    ) -> None:
        """Set scores, labels and reference together, in one message.

        Parameters
        ----------
        values : array of float, shape (K,)
            Scores from 0 to 1.
        labels : sequence of str, optional
            Names of the classes (default: those of before).
        reference : array of float, shape (K,), optional
            Earlier scores (default: those of before; an empty one takes them away).

        Raises
        ------
        traitlets.TraitError
            If these are not finite numbers from 0 to 1, or not as many as there are labels.
        """
        with self.hold_sync(), self.hold_trait_notifications():
            if labels is not None:
                self.labels = tuple(labels)
            if reference is not None:
                self.reference = reference
            self.values = values

    @traitlets.validate("values", "reference", "labels")
    def _check_length(self, proposal: dict[str, Any]) -> Any:
        value, name = proposal["value"], proposal["trait"].name
        other = "labels" if name == "values" else "values"
        count = len(getattr(self, other))
        if value and count and len(value) != count:
            raise traitlets.TraitError(f"{len(value)} {name} for {count} {other}; change both at once by set_scores")
        return value

    @traitlets.validate("pinned")
    def _check_pinned(self, proposal: dict[str, Any]) -> tuple[int, ...]:
        pinned = tuple(dict.fromkeys(int(index) for index in proposal["value"]))
        if any(index < 0 for index in pinned):
            raise traitlets.TraitError(f"pinned are numbers of classes, from 0, not {pinned}")
        return pinned

    @traitlets.observe("labels", "values", "reference", "count", "pinned", "notes", "details", "selected", "sought")
    def _on_change(self, _change: object) -> None:
        self._refresh()

    def _refresh(self) -> None:
        """Choose the visible classes and send them."""
        visible = self._visible()
        kept = len({*self._kept()})
        with self.hold_sync():
            more = len(self.values) > len(visible)
            self.choices = [self._name(index) for index in range(len(self.values))] if more else []
            self.slots = max(min(self.count, len(self.values) or self.count), kept, 1)
            self.rows = [self._row(index) for index in visible]

    def _kept(self) -> list[int]:
        """Return the classes that must be shown: the explained one, that which was looked up and the pinned ones."""
        kept = [one for one in (self.selected, self.sought, *self.pinned) if one is not None]
        return [index for index in dict.fromkeys(kept) if 0 <= index < len(self.values)]

    def _visible(self) -> list[int]:
        """Return the numbers of the visible classes, best first, ties in their order."""
        best = sorted(range(len(self.values)), key=lambda index: (-self.values[index], index))
        kept = self._kept()
        others = [index for index in best if index not in kept][: max(self.count - len(kept), 0)]
        shown = {*kept, *others}
        return [index for index in best if index in shown]

    def _name(self, index: int) -> str:
        return str(self.labels[index]) if self.labels else str(index)

    def _row(self, index: int) -> dict[str, Any]:
        drawn = look(index)
        return {
            "index": index,
            "label": self._name(index),
            "note": self.notes.get(index, ""),
            "detail": self.details.get(index, ""),
            "value": self.values[index],
            "reference": self.reference[index] if self.reference else None,
            "colour": drawn.colour,
            "hatch": drawn.hatch,
        }

    def __repr__(self) -> str:
        """Return the number of classes and the best of them."""
        if not self.values:
            return f"{type(self).__name__}(empty)"
        best = self._row(int(np.argmax(self.values)))
        return f"{type(self).__name__}({len(self.values)} classes, {best['label']} {best['value']:.3g})"
