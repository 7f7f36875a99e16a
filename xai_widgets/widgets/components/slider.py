"""A labelled range control with an accessible name, an editable value and a logarithmic scale."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import traitlets

from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component


class Slider(Component):
    """A slider: drag, arrows (with Shift ten times as far), Home, End, or type the value.

    Every move sets `value` in the browser at once, so ``BrowserLink((slider, "value"), [(canvas, "epsilon")])`` follows
    the pointer in the same frame, and the kernel hears of it as soon as it can.

    Parameters
    ----------
    **options
        Any of the traits below.

    Raises
    ------
    TypeError
        If an option does not exist.
    traitlets.TraitError
        If the value is outside of the range, the range is empty, or a logarithmic scale does not start above zero.

    Examples
    --------
    >>> Slider(label="Epsilon", value=0.03, max=0.3, step=0.005, unit="/255")
    Slider('Epsilon', 0.03)
    """

    _esm = assets.module("slider")
    _css = assets.style("slider")
    answers: ClassVar[bool] = False

    label = traitlets.Unicode("").tag(sync=True)
    """The visible name of the control."""

    description = traitlets.Unicode("").tag(sync=True)
    """Its accessible name, where the visible one is too short, such as "ε" (default: the label)."""

    value = traitlets.Float(0.0).tag(sync=True)
    """The value, always in plain units: a unit changes only how it is written (default 0)."""

    min = traitlets.Float(0.0).tag(sync=True)
    """The smallest value (default 0)."""

    max = traitlets.Float(1.0).tag(sync=True)
    """The largest value (default 1)."""

    step = traitlets.Float(None, allow_none=True).tag(sync=True)
    """What an arrow key adds; drags stop on its multiples. On a logarithmic scale, a factor above 1.
    None: a hundredth of the way (default)."""

    scale = traitlets.Enum(("linear", "log"), default_value="linear").tag(sync=True)
    """Whether equal distances are equal differences (default) or equal ratios."""

    unit = traitlets.Unicode("").tag(sync=True)
    """How the value is written: ``""`` as it is, ``"%"`` times 100, ``"/255"`` times 255, else with this text."""

    digits = traitlets.Int(None, allow_none=True, min=0, max=12).tag(sync=True)
    """Digits after the decimal point, as written; None: as many as the step asks for (default)."""

    ticks = traitlets.List(traitlets.Float()).tag(sync=True)
    """Values marked under the track (default: none)."""

    disabled = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether it cannot be moved (default: no)."""

    plays = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether a button moves it step by step, to its end or until a key or the pointer stops it (default: no): for
    sliders over time. Where the reader's system asks for no motion, the button goes one step on."""

    @traitlets.validate("value")
    def _check_value(self, proposal: dict[str, Any]) -> float:
        value: float = proposal["value"]
        if not self.min <= value <= self.max:
            raise traitlets.TraitError(f"value must lie in [{self.min:g}, {self.max:g}], not be {value:g}")
        return value

    @traitlets.validate("min", "max", "scale")
    def _check_range(self, proposal: dict[str, Any]) -> Any:
        wanted = {"min": self.min, "max": self.max, "scale": self.scale, proposal["trait"].name: proposal["value"]}
        low, high = wanted["min"], wanted["max"]
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise traitlets.TraitError(f"min must be below max, and both finite: {low:g} and {high:g} are not")
        if wanted["scale"] == "log" and low <= 0:
            raise traitlets.TraitError(f"a logarithmic scale needs min above 0, not {low:g}")
        return proposal["value"]

    @traitlets.validate("step")
    def _check_step(self, proposal: dict[str, Any]) -> float | None:
        step: float | None = proposal["value"]
        least = 1.0 if self.scale == "log" else 0.0
        if step is not None and not (math.isfinite(step) and step > least):
            raise traitlets.TraitError(f"on a {self.scale} scale, step must be above {least:g}, not {step:g}")
        return step

    @traitlets.observe("min", "max")
    def _clamp(self, _change: object) -> None:
        self.value = min(max(self.value, self.min), self.max)

    def __repr__(self) -> str:
        """Return label and value."""
        return f"{type(self).__name__}({self.label!r}, {self.value:.6g})"
