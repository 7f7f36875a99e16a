"""`ToyNets`: a net that saturates and a net whose gradient jumps, and what every method answers on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.agg_figure import AggFigure
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.widgets.base.lab import Lab
from xai_widgets.widgets.base.number_traits import FiniteFloat
from xai_widgets.widgets.components import Curve, Slider
from xai_widgets.widgets.components.signed_bars import bar, table
from xai_widgets.widgets.labs.toy_nets.session import METHODS, TOYS, Answers, Toy, answers

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.runtime.worker import Job

_WIDE, _NARROW = "430px", 170


class ToyNets(Lab):
    """Move the inputs of a tiny net, and see what each method answers beside what the net does.

    `saturation` is 1 - relu(1 - i1 - i2); `discontinuity` is relu(x - 10). The methods are the package's own, run on a
    Keras model.

    Parameters
    ----------
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.

    Examples
    --------
    >>> lab = ToyNets(net="discontinuity", x=10.5)
    >>> lab.wait()
    True
    >>> lab.answers.values["deep_lift"].round(3).tolist(), lab.answers.values["gradient_times_input"].round(3).tolist()
    ([0.5], [10.5])
    >>> lab.close()
    """

    area = "toy_nets"

    net = traitlets.Enum(tuple(TOYS), "saturation")
    """Which net."""

    i1 = FiniteFloat(1.0, min=0.0, max=2.0)
    """First input of the net that saturates."""

    i2 = FiniteFloat(1.0, min=0.0, max=2.0)
    """Its second input."""

    x = FiniteFloat(10.1, min=0.0, max=20.0)
    """Input of the net with a threshold."""

    method = traitlets.Enum(tuple(METHODS), "gradient_times_input")
    """Whose answer for the first input is drawn beside the net's output."""

    def __init__(self, **options: Any) -> None:
        self._models: dict[str, keras.Model] = {}
        self._answers: Answers | None = None
        super().__init__(**options)
        self._make()
        self._listen()
        self._show_net()

    # What can be read from code

    @property
    def answers(self) -> Answers:
        """What the net and all methods say in the present state."""
        return answers(self._model(), self._toy, self.point, self.method)

    @property
    def point(self) -> tuple[float, ...]:
        """The present inputs."""
        return tuple(float(getattr(self, name)) for name in self._toy.inputs)

    def figure(self) -> Figure:
        """Return the curve and the bars of the present state as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The output along the first input with the answer of the chosen method, and the answers of all methods at
            the point as bars.
        """
        found, toy = self.answers, self._toy
        figure = AggFigure(figsize=(8.6, 3.4), layout="constrained", dpi=110)
        left, right = figure.subplots(1, 2)
        left.plot(toy.line, found.line, color=OKABE_ITO[0], label="y")
        left.plot(toy.line, found.along, color=OKABE_ITO[1], linestyle="--", label=self._name(self.method))
        left.axvline(self.point[0], color="0.6", linewidth=1)
        left.set(xlabel=toy.names[0], title=self.text(f"formula_{self.net}"))
        left.legend(frameon=False)
        for place, name in enumerate(toy.names):
            heights = np.arange(len(METHODS)) + 0.36 * (place - (len(toy.names) - 1) / 2)
            right.barh(heights, [one[place] for one in found.values.values()], 0.34, color=OKABE_ITO[place], label=name)
        right.set_yticks(range(len(METHODS)), [self._name(method) for method in METHODS])
        right.invert_yaxis()
        right.axvline(0, color="0.4", linewidth=1)
        right.legend(frameon=False)
        for axis in (left.xaxis, left.yaxis, right.xaxis):
            axis.set_major_formatter(lambda value, _: decimal(value, 1, self.language))
        for axes in (left, right):
            axes.spines[["top", "right"]].set_visible(False)
        return figure

    def describe(self) -> str:
        """Return the point, the output and every method's answer.

        Returns
        -------
        str
            The formula, the point, the output, and what each method gives to each input. In the language of the
            lab.
        """
        found = self.answers
        told = [
            self.text("alt_method", method=self._name(name), values=self._numbers(values))
            for name, values in found.values.items()
        ]
        point = self._numbers(np.array(self.point))
        return " ".join(
            [self.text("alt", formula=self.text(f"formula_{self.net}"), point=point, y=self._y(found)), *told]
        )

    def __repr__(self) -> str:
        """Net and inputs."""
        inputs = ", ".join(f"{name}={value:g}" for name, value in zip(self._toy.inputs, self.point, strict=True))
        return f"ToyNets({self.net!r}, {inputs})"

    # Making

    @property
    def _toy(self) -> Toy:
        return TOYS[self.net]

    def _model(self) -> keras.Model:
        if self.net not in self._models:
            self._models[self.net] = self._toy.make()
        return self._models[self.net]

    def _name(self, method: str) -> str:
        return self.text(f"method_{method}")

    def _make(self) -> None:
        menu: dict[str, Any] = {"style": {"description_width": "initial"}, "layout": widgets.Layout(width="auto")}
        self.net_menu = widgets.Dropdown(
            options=[(self.text(f"net_{name}"), name) for name in TOYS], description=self.text("net"), **menu
        )
        self.method_menu = widgets.Dropdown(
            options=[(self._name(name), name) for name in METHODS], description=self.text("beside"), **menu
        )
        self.sliders = {
            trait: Slider(
                label=name,
                tooltip=self.text("input_help"),
                max=toy.end,
                step=toy.step,
                digits=2,
                language=self.language,
            )
            for toy in TOYS.values()
            for trait, name in zip(toy.inputs, toy.names, strict=True)
        }
        self.curve = Curve(language=self.language, chart_height=230)
        self.formula, self.bars, self.sentence = (widgets.HTML() for _ in range(3))
        half = {"flex": f"1 1 {_WIDE}", "min_width": "280px", "overflow": "visible"}
        left = widgets.VBox([self.curve, self.method_menu, *self.sliders.values()], layout=widgets.Layout(**half))
        right = widgets.VBox([self.bars, self.sentence], layout=widgets.Layout(**half))
        wrap: dict[str, str] = {"flex_flow": "row wrap", "overflow": "visible", "grid_gap": "6px 24px"}
        self.arrange(
            widgets.HBox([self.net_menu, self.formula], layout=widgets.Layout(align_items="center", **wrap)),
            widgets.HBox([left, right], layout=widgets.Layout(align_items="flex-start", **wrap)),
            self._error_panel,
        )

    def _listen(self) -> None:
        traitlets.link((self, "net"), (self.net_menu, "value"))
        traitlets.link((self, "method"), (self.method_menu, "value"))
        for name, slider in self.sliders.items():
            traitlets.link((self, name), (slider, "value"))
        self.curve.observe(self._on_cursor, "cursor")
        self.observe(lambda _change: self._show_net(), "net")
        self.observe(lambda _change: self._refresh(), ["method", *self.sliders])

    def _show_net(self) -> None:
        """Show the controls of the chosen net."""
        toy = self._toy
        for name, slider in self.sliders.items():
            slider.layout.display = None if name in toy.inputs else "none"
        style = "font-size:15px;color:var(--jp-ui-font-color1,#1f1f1f)"
        self.formula.value = f'<span style="{style}">{self.text(f"formula_{self.net}")}</span>'
        self._answers = None
        self._refresh()

    def _on_cursor(self, change: dict[str, Any]) -> None:
        if change["new"] is not None and self._answers is not None:
            setattr(self, self._toy.inputs[0], min(max(change["new"], 0.0), self._toy.end))

    # Computing and painting

    def _refresh(self) -> None:
        net, toy, point, method = self._model(), self._toy, self.point, self.method

        def work(job: Job) -> None:
            found = answers(net, toy, point, method)
            job.show(lambda: self._paint(found))

        self.compute(work)

    def _paint(self, found: Answers) -> None:
        self._answers = found
        self._draw()
        toy = self._toy
        sizes = np.concatenate(list(found.values.values()))
        low, high = min(float(sizes.min()), 0.0), max(float(sizes.max()), 0.0, 1e-6)
        rows = [(self._name(name), *self._row(found, name, low, high)) for name in METHODS]
        key = " · ".join(
            f'<span style="border-bottom:4px solid {OKABE_ITO[place]}">{name}</span>'
            for place, name in enumerate(toy.names)
        )
        head = [self.text(key) for key in ("head_method", "head_bars", "head_values", "head_sum")]
        style = "color:var(--jp-ui-font-color1,#1f1f1f);font-size:13px;margin-bottom:2px"
        self.bars.value = f'<div style="{style}">{key}</div>{table(head, rows, bar_width=_NARROW)}'
        whole = [self._name(name) for name in METHODS if name != "gradient" and found.gives_the_rise(name)]
        text = self.text("rise", y=self._y(found), rise=decimal(found.rise, 2, self.language))
        text += " " + (self.text("whole", methods=", ".join(whole)) if whole else self.text("none_whole"))
        note = "color:var(--jp-ui-font-color1,#1f1f1f);font-size:13px;line-height:1.4;margin-top:6px"
        self.sentence.value = f'<div role="status" style="{note}">{text}</div>'

    def _row(self, found: Answers, name: str, low: float, high: float) -> tuple[str, list[str]]:
        values = found.values[name]
        bars = "".join(bar(float(one), low, high, OKABE_ITO[place]) for place, one in enumerate(values))
        total = "" if name == "gradient" else decimal(float(values.sum()), 2, self.language)
        return bars, [self._numbers(values), f"{total} ✓" if total and found.gives_the_rise(name) else total]

    def _draw(self) -> None:
        """Draw the output and the chosen method's answer along the first input."""
        found, toy = self._answers, self._toy
        if found is None:
            return
        with self.curve.hold_sync():
            self.curve.x_label, self.curve.step = toy.names[0], toy.step
            beside = f"{self._name(self.method)}, {toy.names[0]}"
            lines = [
                {"label": "y", "values": found.line, "colour": OKABE_ITO[0]},
                {"label": beside, "values": found.along, "colour": OKABE_ITO[1], "dash": "6 4"},
            ]
            self.curve.set_data(toy.line, lines)
            self.curve.cursor = self.point[0]
            self.curve.alt = self.text("alt_curve", name=toy.names[0], method=self._name(self.method))

    def _numbers(self, values: NDArray[Any]) -> str:
        written = [decimal(float(one), 2, self.language) for one in values]
        return written[0] if len(written) == 1 else self.text("pair", first=written[0], second=written[1])

    def _y(self, found: Answers) -> str:
        return decimal(found.output, 2, self.language)
