"""A line chart with a cursor that the browser moves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import traitlets

from xai_widgets.plots.palette import look
from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_DASH = re.compile(r"\d+(\.\d+)?([ ,]+\d+(\.\d+)?)*")
_SERIES = {"label", "values", "colour", "dash"}
PAIR = 2
FEW = 6  # numbers that an error quotes


class Curve(Component):
    """Lines over one axis, labelled at their ends, with a cursor to drag, marks, and a read-out.

    Between two points the read-out and the dots follow the straight line drawn there: those values are interpolated,
    not computed. A fraction of 1 shown in percent has one digit, more where it would be rounded to none or to all.

    Parameters
    ----------
    **options
        Any of the traits below.

    Raises
    ------
    TypeError
        If an option does not exist.
    traitlets.TraitError
        If `x` does not increase, a series is longer than `x`, or a colour is not like ``"#0072B2"``.

    Examples
    --------
    >>> curve = Curve(x_label="Epsilon", y_unit="%", y_range=(0, 1))
    >>> curve.set_data([0.0, 0.1, 0.2], {"cat": [0.9, 0.4, 0.1], "dog": [0.1, 0.6]})
    >>> curve
    Curve(3 points, 2 series)
    """

    _esm = assets.module("curve")
    _css = assets.style("curve")

    x = traitlets.List(traitlets.Float()).tag(sync=True)
    """Where the values are known, in increasing order."""

    series = traitlets.List(traitlets.Dict()).tag(sync=True)
    """The lines: ``label``, ``values`` (as many as `x` or fewer; None or NaN leaves a gap), ``colour`` (``"#0072B2"``)
    and ``dash`` (an SVG dash pattern such as ``"5 4"``; ``""`` for a full line): left out, those of the classes."""

    x_label = traitlets.Unicode("").tag(sync=True)
    """Name of the horizontal axis."""

    y_label = traitlets.Unicode("").tag(sync=True)
    """Name of the vertical axis."""

    x_range = traitlets.Tuple(()).tag(sync=True)
    """Ends of the horizontal axis; empty: those of `x` (default). Give it when data arrive little by little."""

    y_range = traitlets.Tuple(()).tag(sync=True)
    """Ends of the vertical axis; empty: round numbers around the values (default)."""

    x_unit = traitlets.Unicode("").tag(sync=True)
    """How horizontal values are written, as in `Slider`: ``""``, ``"%"``, ``"/255"``, or a text."""

    y_unit = traitlets.Unicode("").tag(sync=True)
    """How vertical values are written."""

    cursor = traitlets.Float(None, allow_none=True).tag(sync=True)
    """Where the vertical cursor stands; None: no cursor (default)."""

    step = traitlets.Float(None, allow_none=True).tag(sync=True)
    """What an arrow key adds to the cursor, and its drags stop on; None: a hundredth of the axis (default)."""

    on_points = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether drags and arrow keys lead from one of `x` to the next, where the values are computed (default: no)."""

    movable = traitlets.Bool(default_value=True).tag(sync=True)
    """Whether the cursor can be dragged (default: yes)."""

    reports = traitlets.Bool(default_value=True).tag(sync=True)
    """Whether the kernel hears of each move of the cursor (default: yes); no, where a `BrowserLink` passes it on."""

    at = traitlets.Float(None, allow_none=True).tag(sync=True)
    """Where the pointer is, at one of `x`, else where the cursor stands; the browser sets it, for a `BrowserLink`, and
    the kernel hears of it with the cursor alone (default: None)."""

    marks = traitlets.List(traitlets.Dict()).tag(sync=True)
    """Vertical marks: dicts of ``x`` and ``label`` (default: none)."""

    title = traitlets.Unicode("").tag(sync=True)
    """A line above the chart (default: none)."""

    alt = traitlets.Unicode("").tag(sync=True)
    """What the chart shows, in words, for those who do not see it (default: the title)."""

    empty = traitlets.Unicode("").tag(sync=True)
    """What is written while there are no data (default: a word from the catalogue)."""

    chart_height = traitlets.Int(220, min=100).tag(sync=True)
    """Height of the chart in CSS pixels; its width is that of its place (default 220)."""

    def set_data(self, x: npt.ArrayLike, series: Mapping[str, npt.ArrayLike] | Iterable[Mapping[str, Any]]) -> None:
        """Set `x` and the lines together, in one message.

        Parameters
        ----------
        x : array of float, shape (N,)
            Increasing.
        series : mapping of label to values, or iterable of dicts
            The lines: for each label its values, N or fewer; or dicts of ``label``, ``values``, and, where wanted,
            ``colour`` and ``dash``.

        Raises
        ------
        traitlets.TraitError
            If `x` does not increase or is not finite, or a line is longer.
        """
        pairs = series.items() if isinstance(series, Mapping) else None
        given: list[Any] = (
            list(series) if pairs is None else [{"label": label, "values": values} for label, values in pairs]
        )
        # Copied here: traitlets keeps an equal value as it is given. A list that its owner goes on filling would then
        # always equal itself, and the page would never hear of its last values.
        lines = [_checked_line(line, place) for place, line in enumerate(given)]
        with self.hold_sync(), self.hold_trait_notifications():
            self.x = np.asarray(x, dtype=float).tolist()
            self.series = lines

    @traitlets.validate("x")
    def _check_x(self, proposal: dict[str, Any]) -> list[float]:
        x: list[float] = proposal["value"]
        if not np.isfinite(x).all() or (np.diff(x) <= 0).any():
            raise traitlets.TraitError(f"x must be finite and increase, not {_brief(x)}")
        longest = max((len(line["values"]) for line in self.series), default=0)
        if longest > len(x):
            raise traitlets.TraitError(f"{len(x)} x for a series of {longest} values; change both at once by set_data")
        return x

    @traitlets.validate("series")
    def _check_series(self, proposal: dict[str, Any]) -> list[dict[str, Any]]:
        lines = [_checked_line(line, place) for place, line in enumerate(proposal["value"])]
        for line in lines:
            if len(line["values"]) > len(self.x):
                raise traitlets.TraitError(
                    f"{len(line['values'])} values in series {line['label']!r} for {len(self.x)} x"
                )
        return lines

    @traitlets.validate("x_range", "y_range")
    def _check_range(self, proposal: dict[str, Any]) -> tuple[float, ...]:
        ends = tuple(float(end) for end in proposal["value"])
        if ends and not (len(ends) == PAIR and np.isfinite(ends).all() and ends[0] < ends[1]):
            raise traitlets.TraitError(f"{proposal['trait'].name} is two increasing numbers, or (), not {ends}")
        return ends

    @traitlets.validate("marks")
    def _check_marks(self, proposal: dict[str, Any]) -> list[dict[str, Any]]:
        marks = []
        for mark in proposal["value"]:
            if set(mark) != {"x", "label"} or not np.isfinite(mark["x"]):
                raise traitlets.TraitError(f"a mark has a finite x and a label, not {mark}")
            marks.append({"x": float(mark["x"]), "label": str(mark["label"])})
        return marks

    @traitlets.validate("cursor", "step")
    def _check_finite(self, proposal: dict[str, Any]) -> float | None:
        value: float | None = proposal["value"]
        if value is not None and not np.isfinite(value):
            raise traitlets.TraitError(f"{proposal['trait'].name} must be finite or None, not {value}")
        return value

    def __repr__(self) -> str:
        """Return the number of points and of lines."""
        return f"{type(self).__name__}({len(self.x)} points, {len(self.series)} series)"


def _checked_line(line: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Return one series as the browser takes it: plain numbers, None for gaps, a colour."""
    if not {"label", "values"} <= set(line) <= _SERIES:
        raise traitlets.TraitError(f"a series has label and values, and maybe colour and dash, not {sorted(line)}")
    colour = line.get("colour") or look(place).colour
    dash = line.get("dash", look(place).dash) or ""
    if not _COLOUR.fullmatch(colour):
        raise traitlets.TraitError(f"a colour is written like '#0072B2', not {colour!r}")
    if dash and not _DASH.fullmatch(dash):
        raise traitlets.TraitError(f"a dash pattern is written like '5 4', not {dash!r}")
    return {"label": str(line["label"]), "values": _numbers(line["values"]), "colour": colour, "dash": dash}


def _numbers(values: npt.ArrayLike) -> list[float | None]:
    """Return plain numbers, None where there is none."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 1:
        raise traitlets.TraitError(f"the values of a series have shape (N,), not {array.shape}")
    return [value if np.isfinite(value) else None for value in array.tolist()]


def _brief(numbers: Sequence[float]) -> str:
    """Return the first few numbers, for an error."""
    return ", ".join([*(f"{number:g}" for number in numbers[:FEW]), *(["..."] if len(numbers) > FEW else [])])
