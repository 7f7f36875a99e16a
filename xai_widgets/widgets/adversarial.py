"""`AdversarialLab`: drag epsilon, and see a network change its mind."""

from __future__ import annotations

import contextlib
import functools
import time
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.models.classifier import Classifier
from xai_widgets.models.pictures import load_image
from xai_widgets.models.samples import list_images, sample_image
from xai_widgets.models.zoo import load_model
from xai_widgets.plots.adversarial import adversarial_figure
from xai_widgets.widgets.attack_session import AttackSession, Request
from xai_widgets.widgets.components import Curve, Heatmap, Layer, Perturbation, PictureCanvas, ScoreBars, Slider
from xai_widgets.widgets.components.colours import assign_colours
from xai_widgets.widgets.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.models.predictions import Predictions
    from xai_widgets.results.adversarial import AdversarialResult
    from xai_widgets.runtime.worker import Job

_PANEL = 192  # CSS pixels: three panels, the bars and the curve fit a laptop's screen
_FEW_CLASSES = 40  # more do not fit a menu: they are typed instead
_LINES = 3  # classes drawn in the curve
_SMALL_MAXIMUM, _SMALL_STEP = 0.5, 0.005  # shares of the range for pictures of few pixels
_LARGE_MAXIMUM, _LARGE_STEP = 8 / 255, 0.125 / 255  # and for photographs, in steps of grey levels
_OWN = "own"


class AdversarialLab(Lab):
    """Fool a network by hand: x, the sign of the gradient, and x + epsilon times that sign, with what it answers.

    The browser blends the pictures by itself; the kernel is asked for the new answer alone.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What is attacked: a name or file for `load_model`, or a model. The digits model if left out.
    image : str, path, array or PIL image, optional
        The picture: a name of `list_images`, anything that `load_image` reads, or floats in the model's input space.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the picture or the model does not fit.

    References
    ----------
    Ian Goodfellow, Jonathon Shlens, Christian Szegedy (2014), Explaining and harnessing adversarial examples.

    Examples
    --------
    >>> lab = AdversarialLab("digits", "digit-3", epsilon=0.2)
    >>> lab.epsilon = 0.3
    >>> lab.result.before.top(1)[0][0].label
    '3'
    >>> lab.close()
    """

    area = "adversarial"

    model = traitlets.Any(None, allow_none=True)
    """What is attacked; always a `Classifier` once set."""

    image = traitlets.Any(None, allow_none=True)
    """The picture, as it was given."""

    epsilon = traitlets.Float(0.03, min=0.0, max=1.0)
    """Size of the attack as a share of the range of values: 0.03 of 0..255 is 7.65 grey levels."""

    maximum = traitlets.Float(None, allow_none=True)
    """Where the slider ends, as a share; None: 0.5 for pictures of few pixels, 8/255 for photographs."""

    target = traitlets.Any(None, allow_none=True)
    """The class to leave or to reach, by name or index; None: the class answered without an attack."""

    targeted = traitlets.Bool(default_value=False)
    """Whether the attack goes towards the target instead of away from it."""

    attack = traitlets.Enum(("fgsm", "pgd"), default_value="fgsm")
    """One step along the sign of the gradient, or ten projected ones."""

    explanation = traitlets.Bool(default_value=False)
    """Whether the saliency of the target class lies over both pictures."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._session: AttackSession | None = None
        self._drawn: tuple[AttackSession, Request, float] | None = None  # what the curve shows, once it is whole
        self._painting = False
        super().__init__(**options)
        self.model = model if model is not None else "digits"
        if self.target is not None:
            self.model.index(self.target)  # an unknown class is refused before anything is shown
        self._make_controls()
        self._make_views()
        self._open(image)
        self._arrange()
        self._listen()
        self._refresh()

    # What can be read from code

    @property
    def result(self) -> AdversarialResult:
        """The attack in the lab's present state: ``.before``, ``.after``, ``.adversarial``, ``.success``."""
        return self._current().attacked(self._request(), self.epsilon)

    def figure(self) -> Figure:
        """Return the three panels of the present state as a matplotlib figure."""
        result = self.result
        tops = [[(best.label, best.probability)] for best in (self._best(result.before), self._best(result.after))]
        pictures = [self._current().classifier.to_display(batch) for batch in (result.original, result.adversarial)]
        return adversarial_figure(pictures[0], pictures[1], tops[0], tops[1], caption=str(result.recipe))

    def describe(self) -> str:
        """Return what the three panels show."""
        result = self.result
        before, after = self._best(result.before), self._best(result.after)
        return " ".join(
            [
                self.text("alt_original", label=before.label, percent=self._percent(before.probability)),
                self.text("alt_direction"),
                self._alt_adversarial(after),
            ]
        )

    def __repr__(self) -> str:
        """Model, attack and size."""
        return f"AdversarialLab({self.model.name!r}, {self.attack}, epsilon={self.epsilon:.4g})"

    # State

    @contextlib.contextmanager
    def _painting_only(self) -> Iterator[None]:
        """Change controls without taking the change for the reader's."""
        before, self._painting = self._painting, True
        try:
            yield
        finally:
            self._painting = before

    @traitlets.validate("model")
    def _as_classifier(self, proposal: dict[str, Any]) -> Classifier:
        value = proposal["value"]
        return load_model(value) if isinstance(value, str) else Classifier.wrap(value)

    def _current(self) -> AttackSession:
        if self._session is None:
            raise RuntimeError("the lab has no picture yet")
        return self._session

    def _open(self, image: Any) -> None:
        """Look at another picture; if it cannot be read, the one before stays."""
        small = max(self.model.input_shape[:2]) <= _PANEL // 4
        chosen = image if image is not None else ("digit-3" if small else "cat")
        self._session = AttackSession(self.model, _read(chosen, self.model))
        names = [sample.name for sample in list_images() if sample.name.startswith("digit-") == small]
        known = isinstance(chosen, str) and chosen in names
        options = [(name, name) for name in names] + ([] if known else [(self.text("own_picture"), _OWN)])
        with self._painting_only():
            self._picture_menu.options = options
            self._picture_menu.value = chosen if known else _OWN
            self.image = chosen
        self._set_scale()
        self._paint_picture()

    def _set_scale(self) -> None:
        """Give the slider the range that suits the picture."""
        small = self._current().is_small
        end = self.maximum or (_SMALL_MAXIMUM if small else _LARGE_MAXIMUM)
        self._end = max(end, self.epsilon)
        step = _SMALL_STEP if small else _LARGE_STEP
        self._slider.unit = "" if small else "/255"
        self._slider.digits = 3 if small else 2
        self._slider.step = None
        self._slider.max = self._end
        self._slider.step = step
        self._slider.value = self.epsilon
        self._curve.x_unit, self._curve.step = self._slider.unit, step

    def _request(self) -> Request:
        index = self._current().top if self.target is None else self.model.index(self.target)
        return Request(index, self.targeted, self.attack)

    # Widgets

    def _make_controls(self) -> None:
        narrow, own_width = {"description_width": "initial"}, widgets.Layout(width="auto", max_width="176px")
        self._picture_menu = widgets.Dropdown(description=self.text("picture"), style=narrow, layout=own_width)
        self._upload = widgets.FileUpload(
            accept="image/*", multiple=False, description=self.text("upload"), layout=own_width
        )
        self._attack_menu = widgets.Dropdown(
            options=[(self.text("fgsm"), "fgsm"), (self.text("pgd"), "pgd")],
            value=self.attack,
            description=self.text("attack"),
            style=narrow,
            layout=own_width,
        )
        self._aim_menu = widgets.Dropdown(
            options=[(self.text("away"), False), (self.text("towards"), True)],
            value=self.targeted,
            description=self.text("aim"),
            style=narrow,
            layout=own_width,
        )
        self._class_menu = self._make_class_menu(narrow, own_width)
        self._explain_box = widgets.Checkbox(
            value=self.explanation, description=self.text("explanation"), indent=False, layout=own_width
        )
        self._slider = Slider(
            label=self.text("epsilon"),
            description=self.text("epsilon_name"),
            value=0.0,
            max=1.0,
            language=self.language,
        )

    def _make_class_menu(self, style: dict[str, str], layout: widgets.Layout) -> widgets.Widget:
        """Make a menu of few classes, a field with completion for many."""
        labels = self.model.labels
        kind = widgets.Dropdown if len(labels) <= _FEW_CLASSES else widgets.Combobox
        extra = {} if kind is widgets.Dropdown else {"continuous_update": False}
        return kind(options=labels, description=self.text("class"), style=style, layout=layout, **extra)

    def _make_views(self) -> None:
        shared: dict[str, Any] = {"size": _PANEL, "language": self.language}
        self._original = PictureCanvas(title=self.text("original"), **shared)
        self._direction = PictureCanvas(mode="direction", alt=self.text("alt_direction"), **shared)
        self._adversarial = PictureCanvas(**shared)
        self._bars = ScoreBars(
            title=self.text("bars"), reference_label=self.text("before"), language=self.language, count=5
        )
        self._bars.words = {**self._bars.words, "explained": self.text("target_class")}
        self._curve = Curve(
            title=self.text("curve"),
            x_label="ε",
            y_unit="%",
            y_range=(0.0, 1.0),
            chart_height=180,
            language=self.language,
        )
        self._canvases = (self._original, self._direction, self._adversarial)

    def _arrange(self) -> None:
        row = widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="4px 8px", overflow="visible")
        panels = widgets.Layout(
            flex_flow="row wrap", align_items="flex-start", justify_content="center", overflow="hidden"
        )
        halves = widgets.Layout(flex_flow="row wrap", align_items="flex-start", overflow="hidden")
        for half in (self._bars, self._curve):
            half.layout.flex, half.layout.width = "1 1 300px", "auto"
        controls = [self._picture_menu, self._upload, self._attack_menu, self._aim_menu, self._class_menu]
        plus, equals = _sign("+ ε ×"), _sign("=")
        self.children = (
            widgets.HBox([*controls, self._explain_box], layout=row),
            widgets.HBox([self._original, plus, self._direction, equals, self._adversarial], layout=panels),
            self._slider,
            widgets.HBox([self._bars, self._curve], layout=halves),
            self._recipe_line,
            self._error_panel,
        )

    def _listen(self) -> None:
        """Connect controls, traits and views. What the browser can do alone it does alone."""
        widgets.jslink((self._slider, "value"), (self._curve, "cursor"))
        widgets.jsdlink((self._slider, "value"), (self._adversarial, "epsilon"))
        traitlets.link((self._slider, "value"), (self, "epsilon"))
        traitlets.link((self._attack_menu, "value"), (self, "attack"))
        traitlets.link((self._aim_menu, "value"), (self, "targeted"))
        traitlets.link((self._explain_box, "value"), (self, "explanation"))
        self._curve.observe(self._on_cursor, "cursor")
        self._bars.observe(self._on_bar, "selected")
        self._class_menu.observe(self._on_class, "value")
        self._picture_menu.observe(self._on_picture, "value")
        self._upload.observe(self._on_upload, "value")
        self.observe(self._on_image, ["image", "model"])
        self.observe(lambda _change: self._refresh(), ["epsilon", "target", "targeted", "attack", "explanation"])
        for view in (*self._canvases, self._slider, self._bars, self._curve):
            view.observe(lambda _change: self.stop(), "escapes")

    # Events

    def _on_cursor(self, change: dict[str, Any]) -> None:
        if change["new"] is not None and not self._painting:
            self._slider.value = min(max(change["new"], 0.0), self._end)

    def _on_bar(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            self.target = int(change["new"])

    def _on_class(self, change: dict[str, Any]) -> None:
        if self._painting or not change["new"]:
            return
        try:
            self.target = self.model.index(str(change["new"]))
        except ValueError as error:  # a name typed wrongly is said, and nothing is lost
            self.show_error(str(error))

    def _on_picture(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] not in (None, _OWN):
            self._change_picture(change["new"])

    def _on_upload(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._change_picture(change["new"])

    def _change_picture(self, image: Any) -> None:
        """Take a picture from the page; what cannot be read is said in the lab, and the last picture stays."""
        try:
            self._open(load_image(image) if not isinstance(image, str) else image)
        except ValueError as error:
            self.show_error(str(error))
            return
        self.target = None
        self._refresh()

    def _on_image(self, change: dict[str, Any]) -> None:
        """Take a picture or model set from code; errors go to whoever set it."""
        if self._painting:
            return
        if change["name"] == "model":
            with self._painting_only():
                self._class_menu.options = self.model.labels
            self.target = None
        self._open(self.image)
        self._refresh()

    # Computing and painting

    def _refresh(self) -> None:
        """Ask the worker for everything that the present state shows, the cheapest first."""
        if self._session is None or not self.children:
            return
        session, request = self._session, self._request()
        share, end, explained = self.epsilon, self._end, self.explanation

        def work(job: Job) -> None:
            begun = time.perf_counter()
            result = session.attacked(request, share, job.progress)
            direction = session.direction(request, share)
            seconds = time.perf_counter() - begun
            job.show(lambda: self._paint_attack(request, share, result, direction, seconds))
            maps = session.saliency_maps(request, share) if explained else None
            job.show(lambda: self._paint_maps(request, maps))
            self._draw_curve(job, session, request, end)

        self.compute(work)

    def _draw_curve(self, job: Job, session: AttackSession, request: Request, end: float) -> None:
        """Compute the curve piece by piece, then the place where the answer changes; epsilon changes neither."""
        if self._drawn == (session, request, end):
            return
        shares = session.shares(end)
        for known in session.curve(request, shares):
            job.show(functools.partial(self._paint_curve, request, shares, known))
            job.progress(len(known), len(shares))
        smallest = session.smallest(request, end, job.progress) if request.attack == "fgsm" else None
        job.show(lambda: self._paint_mark(smallest, (session, request, end)))

    def _paint_picture(self) -> None:
        """Show a new picture, before anything is computed for it."""
        session = self._current()
        best = self._best(session.before)
        answer = self.text("answer", label=best.label, percent=self._percent(best.probability))
        for canvas in self._canvases:
            canvas.set_picture(session.picture)
        self._original.caption = answer
        self._original.alt = self.text("alt_original", label=best.label, percent=self._percent(best.probability))

    def _paint_attack(
        self,
        request: Request,
        share: float,
        result: AdversarialResult,
        direction: NDArray[np.float32],
        seconds: float,
    ) -> None:
        """Show the new answer."""
        with self._painting_only():
            layer, best = Perturbation(direction), self._best(result.after)
            self._direction.set_layer(layer)
            self._adversarial.set_layer(layer)
            one_step = request.attack == "fgsm"
            self._direction.title = self.text("direction" if one_step else "direction_pgd")
            self._adversarial.title = self.text("adversarial" if one_step else "adversarial_pgd")
            self._adversarial.epsilon = share
            self._adversarial.caption = self.text("answer", label=best.label, percent=self._percent(best.probability))
            self._adversarial.alt = self._alt_adversarial(best)
            self._paint_bars(request, result)
            self._class_menu.value = self.model.labels[request.target]
        time_taken = self.text("recipe_time", seconds=decimal(seconds, 2, self.language))
        self._recipe = f"{result.recipe} · {time_taken}"
        self.show_recipe(self._recipe)

    def _paint_bars(self, request: Request, result: AdversarialResult) -> None:
        top = self._current().top
        with self._bars.hold_sync():
            self._bars.dimmed = False
            self._bars.set_scores(
                result.after.probabilities[0], labels=self.model.labels, reference=result.before.probabilities[0]
            )
            self._bars.pinned = (top,)
            self._bars.notes = {top: self.text("true_note")}
            self._bars.selected = request.target

    def _paint_maps(
        self, request: Request, maps: tuple[NDArray[np.float32], NDArray[np.float32], float] | None
    ) -> None:
        """Lay both saliency maps over their pictures, on one scale, or take them away."""
        canvases = (self._original, self._adversarial)
        name = self.text("similarity_name", label=self.model.labels[request.target])
        for place, canvas in enumerate(canvases):
            kept: list[Layer] = [layer for layer in canvas.layers if isinstance(layer, Perturbation)]
            if maps is not None:
                limit = max(float(maps[0].max()), float(maps[1].max())) or 1.0
                kept.append(Heatmap(maps[0] if place == 0 else maps[1], name, signed=False, value_range=(0.0, limit)))
            canvas.layers = tuple(kept)
        if maps is not None:
            value = decimal(maps[2], 2, self.language)
            self.show_recipe(f"{self._recipe} · {self.text('similarity', value=value)}")

    def _paint_curve(self, request: Request, shares: NDArray[np.float64], known: NDArray[np.float32]) -> None:
        """Draw the confidence of the classes that matter: the attacked one, the first answer, the winners."""
        winners = np.bincount(known.argmax(axis=1), minlength=known.shape[1])
        order = [request.target, self._current().top, *np.argsort(-winners, kind="stable").tolist()]
        drawn = [index for index in dict.fromkeys(order) if winners[index] or index in order[:2]][:_LINES]
        colours = assign_colours(drawn, self._bars.colours)
        lines = [
            {"label": self.model.labels[index], "values": known[:, index], "colour": colours[index]} for index in drawn
        ]
        self._drawn = None
        with self._curve.hold_sync():
            self._curve.marks = []
            self._curve.x_range = (0.0, self._end)
            self._curve.set_data(shares, lines)
            labels = ", ".join(self.model.labels[index] for index in drawn)
            self._curve.alt = self.text("alt_curve", labels=labels, maximum=self._size(self._end))

    def _paint_mark(self, smallest: float | None, drawn: tuple[AttackSession, Request, float]) -> None:
        """Mark where the answer changes; the curve is whole now."""
        self._drawn = drawn
        if smallest is not None and np.isfinite(smallest) and smallest > 0:
            self._curve.marks = [{"x": smallest, "label": self.text("change_mark")}]

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar; what is out of date dims until its successor is painted."""
        self._adversarial.progress = share
        if share is None or share == 0:
            self._bars.dimmed = share is not None

    # Words

    def _best(self, predictions: Predictions) -> Any:
        return predictions.top(1)[0][0]

    def _percent(self, share: float) -> str:
        return percent(share, self.language)

    def _size(self, share: float) -> str:
        """Write a size as the slider does."""
        if self._current().is_small:
            return decimal(share, 3, self.language)
        return f"{decimal(255 * share, 2, self.language)}/255"

    def _alt_adversarial(self, best: Any) -> str:
        shown = self._percent(best.probability)
        return self.text("alt_adversarial", epsilon=self._size(self.epsilon), label=best.label, percent=shown)


def _sign(text: str) -> widgets.HTML:
    """Write what stands between two panels."""
    style = f"font-size:18px;padding:{_PANEL // 2}px 8px 0;color:var(--jp-ui-font-color2,#595959);white-space:nowrap"
    return widgets.HTML(f'<div aria-hidden="true" style="{style}">{text}</div>')


def _read(image: Any, classifier: Classifier) -> Any:
    """Return a picture, or floats that are in the model's input space already."""
    if isinstance(image, str) and image in list_images().names:
        return sample_image(image)
    if isinstance(image, np.ndarray) and image.dtype != np.uint8 and image.shape[-3:] == classifier.input_shape:
        return image
    return load_image(image)
