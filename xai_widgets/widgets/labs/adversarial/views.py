"""What the adversarial lab shows: its controls, three pictures, the bars, the curve; no computing here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.plots.palette import look
from xai_widgets.widgets.base.class_lab import ClassViews
from xai_widgets.widgets.base.value_units import value_unit
from xai_widgets.widgets.base.views import row
from xai_widgets.widgets.components import (
    BrowserLink,
    Curve,
    Heatmap,
    Layer,
    Perturbation,
    PictureCanvas,
    Slider,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xai_widgets.models.outputs.predictions import Predictions, Score
    from xai_widgets.results.adversarial_results import AdversarialResult
    from xai_widgets.widgets.base.class_lab import ClassControls
    from xai_widgets.widgets.labs.adversarial.session import AttackRequest, AttackSession

_PANEL = 192  # CSS pixels: three panels, the bars and the curve fit a laptop's screen
_FEW_CLASSES = 40  # more do not fit a menu: they are typed instead
_LINES = 3  # classes drawn in the curve
_SMALL_STEP = 0.005  # of the slider, as a share of the range, for pictures of few pixels
_LARGE_STEP = 0.125 / 255  # and for photographs, in grey levels


class AdversarialViews(ClassViews):
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    labels : sequence of str
        The model's classes.
    controls : ClassControls
        The menu of pictures, the upload and the bars.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "adversarial"

    def __init__(self, labels: Sequence[str], controls: ClassControls, language: str) -> None:
        super().__init__(controls, language)
        self.labels = labels
        self._painted_direction: object = None
        self._make_controls()
        self._make_pictures()
        self._make_charts()

    # Making

    def _make_controls(self) -> None:
        self.attack_menu = widgets.Dropdown(
            options=[(self.text("fgsm"), "fgsm"), (self.text("pgd"), "pgd")], **self._control("attack")
        )
        self.aim_menu = widgets.Dropdown(
            options=[(self.text("away"), False), (self.text("towards"), True)], **self._control("aim")
        )
        many = len(self.labels) > _FEW_CLASSES
        kind = widgets.Combobox if many else widgets.Dropdown
        extra = {"continuous_update": False} if many else {}
        self.class_menu = kind(options=tuple(self.labels), **extra, **self._control("class"))
        self.explain_box = widgets.Checkbox(indent=False, **self._control("explanation", styled=False))
        self.slider = Slider(
            label=self.text("epsilon"), description=self.text("epsilon_name"), max=1.0, language=self.language
        )

    def _control(self, key: str, *, styled: bool = True) -> dict[str, Any]:
        """Return the options that keep a control as narrow as its words."""
        options: dict[str, Any] = {
            "description": self.text(key),
            "layout": widgets.Layout(width="auto", max_width="176px"),
        }
        return {**options, "style": {"description_width": "initial"}} if styled else options

    def _make_pictures(self) -> None:
        # There is a legend only as long as saliency is shown.
        shared: dict[str, Any] = {"size": _PANEL, "legend": False, "language": self.language}
        self.original = PictureCanvas(title=self.text("original"), **shared)
        self.direction = PictureCanvas(mode="direction", alt=self.text("alt_direction"), **shared)
        self.adversarial = PictureCanvas(**shared)

    def _make_charts(self) -> None:
        self.curve = Curve(
            title=self.text("curve"),
            x_label="ε",
            y_unit="%",
            y_range=(0.0, 1.0),
            chart_height=180,
            reports=False,
            language=self.language,
        )
        for half in (self.bars, self.curve):
            half.layout.flex, half.layout.width = "1 1 300px", "auto"

    @property
    def components(self) -> tuple[Any, ...]:
        """The views with JavaScript of their own, in each of which Esc stops the computation."""
        return (self.upload, self.original, self.direction, self.adversarial, self.slider, self.bars, self.curve)

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        controls = [self.picture_menu, self.upload, self.attack_menu, self.aim_menu, self.class_menu, self.explain_box]
        pictures = [self.original, _sign("+ ε ×"), self.direction, _sign("="), self.adversarial]
        return (
            row(controls, align_items="center", grid_gap="4px 8px"),
            row(pictures, align_items="flex-start").add_class("xw-sum"),
            self.slider,
            row([self.bars, self.curve], align_items="flex-start", grid_gap="0 24px"),
        )

    def link_in_browser(self) -> BrowserLink:
        """Let the picture and the curve's cursor follow the slider without the kernel."""
        return BrowserLink((self.slider, "value"), [(self.adversarial, "epsilon"), (self.curve, "cursor")])

    # Painting

    def show_scale(self, *, small: bool, end: float, value: float) -> None:
        """Give slider and curve the range that suits the picture."""
        slider = self.slider
        slider.unit, slider.digits = ("", 3) if small else ("/255", 2)
        slider.max = end
        slider.step = _SMALL_STEP if small else _LARGE_STEP
        slider.value = self.adversarial.epsilon = self.curve.cursor = value
        self.curve.x_unit, self.curve.step, self.curve.x_range = slider.unit, slider.step, (0.0, end)

    def show_picture(self, session: AttackSession) -> None:
        """Show a new picture, before anything is computed for it."""
        self._painted_direction = None
        for canvas in (self.original, self.direction, self.adversarial):
            canvas.set_picture(session.picture)
        self.original.caption = self._answer(session.predictions)
        self.original.alt = self.describe_original(session.predictions)
        self.adversarial.caption = self.adversarial.alt = ""  # what it said was of the picture before

    def show_attack(
        self, session: AttackSession, request: AttackRequest, share: float, result: AdversarialResult
    ) -> None:
        """Show the new answer. Epsilon itself is left alone: by now the reader may have dragged it on."""
        self._show_bars(session.top, request, result)  # first: it is what the reader waits for
        with self.direction.hold_sync(), self.adversarial.hold_sync():  # one message each
            self._show_pictures(session, request, share, result)
        self.class_menu.value = self.labels[request.target]

    def _show_pictures(
        self, session: AttackSession, request: AttackRequest, share: float, result: AdversarialResult
    ) -> None:
        one_step = request.attack == "fgsm"
        shown = (session, request, None if one_step else share)
        if shown != self._painted_direction:  # FGSM's direction is sent once for the whole slider
            layer = Perturbation(session.direction(request, share))
            self.direction.set_layer(layer)
            self.adversarial.set_layer(layer)
            self._painted_direction = shown
        self.direction.title = self.text("direction" if one_step else "direction_pgd")
        self.adversarial.title = self.text("adversarial" if one_step else "adversarial_pgd")
        self.adversarial.caption = self._answer(result.after)
        self.adversarial.alt = self.describe_adversarial(result.after, share, small=session.is_small)

    def _show_bars(self, top: int, request: AttackRequest, result: AdversarialResult) -> None:
        with self.bars.hold_sync():
            self.bars.set_scores(
                result.after.probabilities[0], labels=self.labels, reference=result.before.probabilities[0]
            )
            self.bars.pinned = (top,)
            self.bars.notes = {top: self.text("true_note")}
            self.bars.selected = request.target

    def show_maps(self, request: AttackRequest, maps: Sequence[NDArray[np.float32]]) -> None:
        """Lay saliency maps over the pictures before and after, on one scale; none takes them away."""
        name = self.text("similarity_name", label=self.labels[request.target])
        unit = value_unit("saliency", self.language)
        limit = max((float(one.max()) for one in maps), default=1.0) or 1.0
        for place, canvas in enumerate((self.original, self.adversarial)):
            kept: list[Layer] = [layer for layer in canvas.layers if isinstance(layer, Perturbation)]
            found = maps[place : place + 1]
            heat = [Heatmap(one, name, signed=False, value_range=(0.0, limit), unit=unit) for one in found]
            if heat or len(kept) < len(canvas.layers):
                canvas.legend = bool(heat)
                canvas.layers = (*kept, *heat)

    def show_curve(
        self, session: AttackSession, request: AttackRequest, shares: NDArray[np.float64], known: NDArray[np.float32]
    ) -> None:
        """Draw the confidence of the classes that matter: the attacked one, the first answer, the winners."""
        winners = np.bincount(known.argmax(axis=1), minlength=known.shape[1])
        order = [request.target, session.top, *np.argsort(-winners, kind="stable").tolist()]
        drawn = [index for index in dict.fromkeys(order) if winners[index] or index in order[:2]][:_LINES]
        looks = {i: {"colour": look(i).colour, "dash": look(i).dash} for i in drawn}
        lines = [{"label": self.labels[i], "values": known[:, i], **looks[i]} for i in drawn]
        size = self.size(float(shares[-1]), small=session.is_small)
        with self.curve.hold_sync():
            self.curve.marks = []
            self.curve.set_data(shares, lines)
            labels = ", ".join(self.labels[index] for index in drawn)
            self.curve.alt = self.text("alt_curve", labels=labels, maximum=size)

    def show_mark(self, smallest: float) -> None:
        """Mark where the answer changes."""
        self.curve.marks = [{"x": smallest, "label": self.text("change_mark")}]

    def show_progress(self, share: float | None) -> None:
        """Show the thin bar."""
        self.adversarial.progress = share

    # Words

    def describe_original(self, before: Predictions) -> str:
        """Say what the first panel shows."""
        best = best_score(before)
        return self.text(
            "alt_original", label=self.labels[best.index], percent=percent(best.probability, self.language)
        )

    def describe_adversarial(self, after: Predictions, share: float, *, small: bool) -> str:
        """Say what the third panel shows."""
        best = best_score(after)
        likely = percent(best.probability, self.language)
        return self.text(
            "alt_adversarial", epsilon=self.size(share, small=small), label=self.labels[best.index], percent=likely
        )

    def size(self, share: float, *, small: bool) -> str:
        """Write a size as the slider does."""
        return decimal(share, 3, self.language) if small else f"{decimal(255 * share, 2, self.language)}/255"

    def _answer(self, predictions: Predictions) -> str:
        best = best_score(predictions)
        return self.text("answer", label=self.labels[best.index], percent=percent(best.probability, self.language))


def best_score(predictions: Predictions) -> Score:
    """Return the most probable class of the one image."""
    return predictions.top(1)[0][0]


def _sign(text: str) -> widgets.HTML:
    """Write what stands between two panels, halfway down."""
    style = f"font-size:18px;padding:{_PANEL // 2}px 8px 0;color:var(--jp-ui-font-color2,#595959);white-space:nowrap"
    return widgets.HTML(f'<div aria-hidden="true" style="{style}">{text}</div>')
