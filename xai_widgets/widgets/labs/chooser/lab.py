"""`MethodChooser`: the slide's questions as filters over the methods, each with a small map of the picture."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import traitlets

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.methods.registry import METHODS, methods_for
from xai_widgets.plots.panels import add_caption, draw_picture, panel_grid
from xai_widgets.widgets.base.class_lab import ClassLab
from xai_widgets.widgets.base.method_panel import method_name
from xai_widgets.widgets.labs.chooser.session import QUESTIONS, ChooserSession, ChooserState, ruled_out
from xai_widgets.widgets.labs.chooser.views import ChooserViews

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from xai_widgets.runtime.worker import Job
    from xai_widgets.widgets.base.explanation_session import Explained

_COLUMNS = 6  # of the still picture


class MethodChooser(ClassLab):
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

    session_type = ChooserSession

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
        return self.state.remaining

    @property
    def state(self) -> ChooserState:
        """What is known now: the answers, the maps that are made, and why others are not."""
        return ChooserState(self.session, self.label, self.selected, self.answers, self._found, self._refused)

    def figure(self) -> Figure:
        """Return the maps of the methods that remain, those that are made; `wait` first for all of them.

        Returns
        -------
        matplotlib.figure.Figure
            A panel for each method that remains and whose map is made; the picture alone where there is none.
        """
        state, picture = self.state, self.session.picture
        names = [name for name in state.remaining if name in state.found]
        if not names:
            figure, axes = panel_grid(1, 1)
            draw_picture(axes[0, 0], picture / 255, self.views.count(state))
            return figure
        rows = -(-len(names) // _COLUMNS)
        figure, axes = panel_grid(rows, min(_COLUMNS, len(names)))
        figure.set_size_inches(1.5 * axes.shape[1], 1.75 * rows + 0.3)
        for panel, name in zip(axes.ravel(), names, strict=False):
            panel.imshow(state.thumbnail(name, picture.shape[0]))
            panel.set_title(method_name(name, self.language), fontsize=8)
        add_caption(figure, self.views.count(state))
        return figure

    def describe(self) -> str:
        """Return which methods remain.

        Returns
        -------
        str
            How many methods remain, and their names. In the language of the lab.
        """
        return self.views.describe(self.state)

    def __repr__(self) -> str:
        """Model and answers."""
        given = [f"{name}={value}" for name, value in self.answers.items() if value != "any"]
        return f"MethodChooser({', '.join([repr(self.model.name), *given])})"

    # Making

    def make_views(self) -> None:
        """Make the views and arrange them."""
        self.views = views = ChooserViews(self.controls, self.language)
        self.menus, self.grid, self.canvas, self.card = views.menus, views.grid, views.canvas, views.card
        self.again_button, self.count_line = views.again_button, views.count_line
        self.arrange(*views.rows(), self._error_panel)
        self._listen()

    def _listen(self) -> None:
        for name, asked in self.menus.items():
            traitlets.link((self, name), (asked, "value"))
        self.again_button.on_click(lambda _button: self.forget())
        self.grid.observe(self._on_tile, "selected")
        self.observe(lambda _change: self._show(self.views.show_tiles), list(self.menus))
        self.observe(lambda _change: self._show(self.views.show_card), "selected")
        self.hears_escape(*self.views.components)

    def forget(self) -> None:
        """Take all answers back."""
        for name in self.menus:
            setattr(self, name, "any")

    # State

    @traitlets.validate("selected")
    def _known(self, proposal: dict[str, Any]) -> str:
        found = match(proposal["value"], methods_for("picture"))
        if found is None:
            raise traitlets.TraitError(
                f"unknown method {proposal['value']!r}; {suggestion(proposal['value'], methods_for('picture'))}"
            )
        return found

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        self.views.show_session(self.session)

    def _on_tile(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self.selected = change["new"]

    def _show(self, show: Callable[[ChooserState], object]) -> None:
        """Show what is known now, where a picture is open."""
        if self._session is not None:
            show(self.state)

    # Computing

    def ask_worker(self) -> None:
        """Ask the worker for the maps of all methods, those that remain first."""
        self._found, self._refused, target = {}, {}, self.explained
        self.grid.clear_pictures()
        self.views.show_tiles(self.state)
        # What answers at once comes first, so that the page fills quickly.
        wanted = sorted(self.state.offered, key=lambda name: not METHODS[name].few_passes)
        wanted.sort(key=lambda name: bool(ruled_out(METHODS[name], self.answers)))

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

    def _show_method(self, name: str) -> None:
        self.views.show_method(name, self.state)

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the chosen map while maps are made.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.canvas.progress = None if share is None else len(self._found) / len(self.state.offered)
