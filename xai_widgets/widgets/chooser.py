"""`MethodChooser`: the slide's questions as filters over the methods, each with a small map of the picture."""

from __future__ import annotations

import functools
import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.registry import METHODS
from xai_widgets.models.names import match, suggestion
from xai_widgets.plots.panels import add_caption, draw_picture, panel_grid
from xai_widgets.widgets.chooser_session import (
    QUESTIONS,
    QUICK,
    ChooserSession,
    few_passes,
    ruled_out,
    thumbnail,
)
from xai_widgets.widgets.components import Heatmap, PictureCanvas
from xai_widgets.widgets.components.tile_grid import TileGrid
from xai_widgets.widgets.method_panel import method_name, place_of
from xai_widgets.widgets.picture_lab import PictureLab, menu, row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xai_widgets.runtime.worker import Job
    from xai_widgets.widgets.attribution_session import Explained

_SIDE = 64  # of a small map, in CSS pixels
_SIZE = 216  # of the chosen one
_COLUMNS = 6  # of the still picture
# What answers at once comes first, so that the page fills quickly.
_ORDER = sorted(METHODS, key=lambda name: (not few_passes(METHODS[name]), list(METHODS).index(name)))


class MethodChooser(PictureLab):
    """Answer the slide's questions, and see which methods remain; each shows its map of the picture.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What is to be explained: a name or file for `load_model`, or a model. The creatures model if left out. Methods
        that cannot be applied to it say why.
    image : str, path, array or PIL image, optional
        The picture: a name of `list_images`, anything that `load_image` reads, or floats in the model's input space.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the picture does not fit the model.

    Examples
    --------
    >>> lab = MethodChooser("digits", "digit-3", inside="outputs")
    >>> lab.wait()
    True
    >>> lab.remaining
    ('occlusion', 'lime_image', 'rise', 'kernel_shap', 'shapley_sampling')
    >>> lab.close()
    """

    area = "chooser"

    inside = traitlets.Enum(QUESTIONS[0].answers, default_value="any")
    """What can be had of the model: ``"gradients"``, or ``"outputs"`` alone."""

    network = traitlets.Enum(QUESTIONS[1].answers, default_value="any")
    """What network it is: ``"convolutional"`` or ``"other"``."""

    retraining = traitlets.Enum(QUESTIONS[2].answers, default_value="any")
    """Whether it may be changed and trained again: ``"yes"`` or ``"no"``."""

    price = traitlets.Enum(QUESTIONS[3].answers, default_value="any")
    """How many passes an explanation may take: ``"few"``, one to three; ``"many"``, one for each sample or position."""

    grain = traitlets.Enum(QUESTIONS[4].answers, default_value="any")
    """How detailed the map is: ``"fine"``, pixels, or ``"coarse"``, regions."""

    family = traitlets.Enum(QUESTIONS[5].answers, default_value="any")
    """How the method works: ``"gradient"``, ``"relevance"``, ``"perturbation"`` or ``"activation"``."""

    selected = traitlets.Unicode("grad_cam")
    """The method whose card is shown."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._refused: dict[str, str] = {}
        self._found: dict[str, Explained] = {}
        super().__init__(model, image, **options)

    # What can be read from code

    @property
    def answers(self) -> dict[str, str]:
        """The answer to each question."""
        return {question.name: getattr(self, question.name) for question in QUESTIONS}

    @property
    def remaining(self) -> tuple[str, ...]:
        """The methods that no answer rules out and that the model has not turned out to be unfit for."""
        return tuple(name for name in METHODS if not self._reason(name))

    def figure(self) -> Figure:
        """Return the maps of the methods that remain, those that are made; `wait` first for all of them."""
        names = [name for name in self.remaining if name in self._found]
        if not names:
            figure, axes = panel_grid(1, 1)
            draw_picture(axes[0, 0], self.session.picture / 255, self._count())
            return figure
        rows = -(-len(names) // _COLUMNS)
        figure, axes = panel_grid(rows, min(_COLUMNS, len(names)))
        figure.set_size_inches(1.5 * axes.shape[1], 1.75 * rows + 0.3)
        for panel, name in zip(axes.ravel(), names, strict=False):
            panel.imshow(thumbnail(self.session.picture, self._found[name], self.session.picture.shape[0]))
            panel.set_title(method_name(name, self.language), fontsize=8)
        add_caption(figure, self._count())
        return figure

    def describe(self) -> str:
        """Return which methods remain."""
        names = ", ".join(method_name(name, self.language) for name in self.remaining)
        return f"{self._count()} {names}"

    def __repr__(self) -> str:
        """Model and answers."""
        given = [f"{name}={value}" for name, value in self.answers.items() if value != "any"]
        return f"MethodChooser({', '.join([repr(self.model.name), *given])})"

    # Making

    def make_session(self, image: Any) -> ChooserSession:
        """Look at a picture."""
        return ChooserSession(self.model, image)

    def make_views(self) -> None:
        """Make the views and arrange them."""
        self.menus = {question.name: self._question(question.name, question.answers) for question in QUESTIONS}
        self.again_button = widgets.Button(description=self.text("again"), layout=widgets.Layout(width="auto"))
        self.grid = TileGrid(side=_SIDE, alt=self.text("grid"), language=self.language)
        self.canvas = PictureCanvas(size=_SIZE, readout=False, language=self.language)
        self.count_line, self.card = widgets.HTML(), widgets.HTML(layout=widgets.Layout(min_height="116px"))
        self.bars.count = 2
        self.bars.layout.flex, self.bars.layout.width = "0 0 auto", "100%"
        left = widgets.VBox([self.grid, self.bars], layout=widgets.Layout(flex="1 1 560px", overflow="visible"))
        chosen = widgets.VBox([self.canvas, self.card], layout=widgets.Layout(flex="0 1 264px", overflow="visible"))
        questions = widgets.Layout(grid_template_columns="repeat(auto-fit, minmax(290px, 1fr))", grid_gap="2px 14px")
        centred = {"align_items": "center", "grid_gap": "4px 12px"}
        self.children = (
            row([self.picture_menu, self.upload, self.again_button, self.count_line], **centred),
            widgets.GridBox(list(self.menus.values()), layout=questions),
            row([left, chosen], align_items="flex-start", grid_gap="4px 16px"),
            self._error_panel,
        )
        self._listen()

    def _question(self, name: str, answers: tuple[str, ...]) -> widgets.Dropdown:
        options = [(self.text(f"{name}_{answer}"), answer) for answer in answers]
        asked = menu(self.text(f"{name}_question"), options, getattr(self, name))
        asked.layout.max_width = "none"
        return asked

    def _listen(self) -> None:
        for name, asked in self.menus.items():
            traitlets.link((self, name), (asked, "value"))
        self.again_button.on_click(lambda _button: self.forget())
        self.grid.observe(self._on_tile, "selected")
        self.observe(lambda _change: self._show_tiles(), list(self.menus))
        self.observe(lambda _change: self._show_card(), "selected")
        self.hears_escape(self.grid, self.canvas)

    def forget(self) -> None:
        """Take all answers back."""
        for name in self.menus:
            setattr(self, name, "any")

    # State

    @traitlets.validate("selected")
    def _known(self, proposal: dict[str, Any]) -> str:
        found = match(proposal["value"], METHODS)
        if found is None:
            raise traitlets.TraitError(
                f"unknown method {proposal['value']!r}; {suggestion(proposal['value'], METHODS)}"
            )
        return found

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        self.canvas.set_picture(self.session.picture)
        self.bars.reference = ()  # there is no other answer to compare with

    def _on_tile(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self.selected = change["new"]

    def _reason(self, name: str) -> str:
        """Return in words why a method is out; nothing if it is in the running."""
        question = ruled_out(METHODS[name], self.answers)
        if question:
            return self.text(f"{question}_out")
        return self.text("refused") if name in self._refused else ""

    # Computing

    def refresh(self) -> None:
        """Ask the worker for the maps of all methods, those that remain first."""
        self._found, self._refused, target = {}, {}, self.explained
        self.grid.clear_pictures()
        self._show_tiles()
        wanted = sorted(_ORDER, key=lambda name: bool(ruled_out(METHODS[name], self.answers)))

        books = self._found, self._refused  # a job that is replaced writes on in its own, which nobody reads

        def work(job: Job) -> None:
            for name in wanted:
                self._ask(name, target, *books, job)
                job.show(functools.partial(self._show_method, name))

        self.compute(work)

    def _ask(
        self, name: str, target: int, found: dict[str, Explained], refused: dict[str, str], job: Job | None = None
    ) -> None:
        """Make one map; what the method refuses is kept, for it is an answer too."""
        try:
            found[name] = self.session.quick(name, target, job.progress if job else None)
        except ValueError as error:
            refused[name] = str(error)

    # Painting

    def _show_method(self, name: str) -> None:
        if name in self._found:
            self.grid.set_picture(name, thumbnail(self.session.picture, self._found[name], _SIDE))
        else:
            self._show_tiles()
        if name == self.selected:
            self._show_card()

    def _show_tiles(self) -> None:
        """Say which methods are in the running."""
        labels = {name: method_name(name, self.language) for name in METHODS}
        self.grid.set_tiles(list(METHODS), labels, {name: why for name in METHODS if (why := self._reason(name))})
        style = "color:var(--jp-ui-font-color1,#1f1f1f);font-weight:600"
        self.count_line.value = f'<div role="status" style="{style}">{html.escape(self._count())}</div>'
        self._show_card()

    def _count(self) -> str:
        return self.text("count", left=len(self.remaining), total=len(METHODS))

    def _show_card(self) -> None:
        """Show the chosen method: its map, who described it, what it takes."""
        if self._session is None:
            return
        name, method = self.selected, METHODS[self.selected]
        self.grid.selected = name
        found = self._found.get(name)
        with self.canvas.hold_sync():
            self.canvas.title = method_name(name, self.language)
            self.canvas.layers = () if found is None else (self._heatmap(found),)
            self.canvas.alt = self._alt(name, found)
        passes = message("methods." + method.passes.replace(", ", "_").replace(" ", "_"), self.language)
        lines = [method.paper, self.text("takes", passes=passes), self._time(name, found)]
        lines += [self._refused[name]] if name in self._refused else []
        why = self._reason(name)
        verdict = self.text("out", why=why) if why else self.text("in")
        body = "".join(f"<div>{html.escape(line)}</div>" for line in lines if line)
        style = "color:var(--jp-ui-font-color1,#1f1f1f);font-size:12px;line-height:16px;max-width:264px"
        self.card.value = f'<div style="{style}"><div><b>{html.escape(verdict)}</b></div>{body}</div>'

    def _time(self, name: str, found: Explained | None) -> str:
        if found is None:
            return ""
        options = ", ".join(f"{key}={value}" for key, value in QUICK.get(name, {}).items())
        seconds = self.text("seconds", seconds=decimal(found.seconds, 2, self.language))
        return f"{seconds} ({options})" if options else seconds

    def _heatmap(self, found: Explained) -> Heatmap:
        coarse = found.heatmap.shape[0] < self.session.picture.shape[0]
        name = message("attribution.legend", self.language, label=self.label)
        return Heatmap(found.heatmap, name, signed=found.signed, smooth=coarse)

    def _alt(self, name: str, found: Explained | None) -> str:
        if found is None:
            return self.text("alt_picture")
        place = place_of(np.asarray(found.heatmap), self.language)
        fields = {"method": method_name(name, self.language), "label": self.label, "place": place}
        return message("attribution.alt_map", self.language, **fields)

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the chosen map while maps are made."""
        self.canvas.progress = None if share is None else len(self._found) / len(METHODS)
