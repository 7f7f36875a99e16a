"""`OcclusionLab`: slide a patch over a picture by hand, and watch the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.panels import add_caption, draw_picture, panel_grid
from xai_widgets.results.recipe import Recipe
from xai_widgets.results.recipe_words import recipe_in_words
from xai_widgets.widgets.base.class_lab import ClassLab
from xai_widgets.widgets.base.number_traits import WholeNumber
from xai_widgets.widgets.base.still_heatmaps import draw_heatmap
from xai_widgets.widgets.labs.occlusion.session import FILLS, OcclusionSession, OcclusionState, Patch
from xai_widgets.widgets.labs.occlusion.views import OcclusionViews

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xai_widgets.results.attribution_result import Attribution
    from xai_widgets.runtime.worker import Job

_USUAL_PATCH = 6  # times smaller than the picture


class OcclusionLab(ClassLab):
    """Drag a patch over the picture; the score of the class follows, and what was found fills a map.

    A button makes the map of all places. Where the hand has been everywhere, the two maps are the same.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What is explained: a name or file for `load_model`, or a model. The creatures model if left out.
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

    References
    ----------
    Matthew D. Zeiler, Rob Fergus (2013), Visualizing and understanding convolutional networks, arXiv:1311.2901.

    Examples
    --------
    >>> lab = OcclusionLab("digits", "digit-3", patch=2, stride=2, whole=True)
    >>> lab.place = (2, 4)
    >>> lab.wait()
    True
    >>> lab.result.values.shape, lab.visited
    ((1, 8, 8), [(2, 4)])
    >>> lab.close()
    """

    area = "occlusion"

    session_type = OcclusionSession
    bars_reference = "whole"

    patch = WholeNumber(None, allow_none=True, min=1)
    """The side of the patch in pixels of the model's input; None: a sixth of the picture's."""

    stride = WholeNumber(None, allow_none=True, min=1)
    """How far the patch moves at a time, at most its side; None: half of it."""

    fill = traitlets.Enum(FILLS, default_value=None, allow_none=True)
    """What the patch shows; None: grey, or the mean colour where the range of the input space is unknown."""

    place = traitlets.Tuple(default_value=())
    """Row and column of the patch's upper left corner; it snaps to the nearest place. Empty: not put down yet."""

    whole = traitlets.Bool(default_value=False)
    """Whether the map of all places is made."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._answer: Attribution | None = None
        self._hand: tuple[Any, int] = ((), 0)
        self._visits: list[tuple[int, int]] = []  # where the hand was, whatever the grid is now
        self._trail: set[tuple[int, int]] = set()  # the same, on the present grid
        self._held: tuple[int, ...] = ()  # where it is
        super().__init__(model, image, **options)

    # What can be read from code

    @property
    def result(self) -> Attribution | None:
        """The map of all places; None until it is made."""
        return self._answer

    @property
    def visited(self) -> list[tuple[int, int]]:
        """Where the patch has been put, in order."""
        return [(int(row), int(column)) for row, column in self.canvas.trail]

    @property
    def setting(self) -> Patch:
        """Patch, stride and fill, as they are used."""
        patch = max(2, round(min(self.session.sides) / _USUAL_PATCH)) if self.patch is None else self.patch
        patch = min(patch, *self.session.sides)
        stride = (patch + 1) // 2 if self.stride is None else self.stride
        fill = self.session.fills[0] if self.fill is None else self.fill
        return Patch(patch, min(stride, patch), fill)

    @property
    def state(self) -> OcclusionState:
        """Everything that is known at this moment."""
        place = tuple(self.place)
        return OcclusionState(self.session, self.setting, self.explained, place, tuple(self.visited), self._answer)

    def figure(self) -> Figure:
        """Return picture and maps of the present state as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The picture as it is covered, and the maps by hand and of all positions, as far as they are known. A
            computation that was begun is finished here; the caption is the score and the recipe.
        """
        self._finish()
        state, views = self.state, self.views
        titles = (self.text("hand"), self.text("everywhere"))
        known = [(title, one) for title, one in zip(titles, views.heatmaps(state), strict=True) if one is not None]
        figure, axes = panel_grid(1, 1 + len(known))
        draw_picture(axes[0, 0], state.covered / 255, self.label)
        for panel, (title, heatmap) in zip(axes[0, 1:], known, strict=True):
            panel.imshow(self.session.picture.mean(axis=-1), cmap="gray")
            draw_heatmap(panel, heatmap, title, opacity=0.7)
        add_caption(figure, f"{views.score_line(state)}\n{self._recipe()}")
        return figure

    def describe(self) -> str:
        """Return what the picture and the maps show.

        Returns
        -------
        str
            The class, the score of the covered picture and, where it is known, the peak of the map of all
            positions. A computation that was begun is finished here. In the language of the lab.
        """
        self._finish()
        state, views = self.state, self.views
        whole = state.whole_map
        found = [] if whole is None else [self.text("alt_whole", label=self.label, peak=views.peak(whole))]
        return " ".join([self.text("alt_picture", label=self.label), views.score_line(state) + ".", *found])

    def __repr__(self) -> str:
        """Model, patch, stride and fill."""
        now = self.setting
        return f"OcclusionLab({self.model.name!r}, {self.label}, patch={now.patch}, stride={now.stride}, {now.fill})"

    def _finish(self) -> None:
        """Compute here what the worker has not come to: a still picture waits for it."""
        state = self.state
        if state.here is not None:
            self.session.visit(state.patch, [*state.places, state.here])
        if self.whole and self._answer is None:
            self._answer, _ = self.session.whole_map(state.patch, state.target)

    # Making

    def make_views(self) -> None:
        """Make the views and arrange them."""
        self.views = views = OcclusionViews(self.controls, self.language)
        self.canvas, self.hand_canvas, self.whole_canvas = views.canvases
        self.fill_menu, self.patch_slider, self.stride_slider = views.fill_menu, views.patch_slider, views.stride_slider
        self.whole_button, self.again_button = views.whole_button, views.again_button
        self.arrange(*views.rows(), self._error_panel)
        self._listen()

    def _listen(self) -> None:
        traitlets.link((self, "whole"), (self.whole_button, "value"))
        self.again_button.on_click(lambda _button: self._start_again())
        self.fill_menu.observe(lambda change: self.take("fill", change["new"]), "value")
        self.patch_slider.observe(lambda change: self.take("patch", round(change["new"])), "value")
        self.stride_slider.observe(lambda change: self.take("stride", round(change["new"])), "value")
        self.canvas.observe(self._on_hand, ["patch", "trail"])
        self.observe(self._on_place, "place")
        self.observe(self._on_setting, ["patch", "stride", "fill"])
        self.on_change("whole", self.refresh)
        self.hears_escape(*self.views.components)

    # State

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        if self.fill is not None and self.fill not in self.session.fills:
            self.fill = None
        self.views.show_session(self.session)
        self.views.show_patch(self.session, self.setting)
        if not self._held:
            self._held, self._visits = tuple(self.place), [tuple(self.place)] if self.place else []
        self._put_patch()

    def _put_patch(self) -> None:
        """Put the patch, and the trail of the hand, on the present grid; in the middle, not counted, without a hand.

        Each place that the hand has visited goes to the nearest one. Where a coarse grid joins several, a finer one
        has them all again.
        """
        windows = self.session.windows(self.setting)
        middle = tuple((side - size) // 2 for side, size in zip(windows.shape, windows.patch, strict=True))
        start = self._on_grid(self._held or middle)
        trail = dict.fromkeys(self._on_grid(corner) for corner in self._visits)
        self._trail = set(trail)
        with self.painting():
            self.views.put_patch(list(start), windows.patch, [list(corner) for corner in trail])
            self.place = start if self._held else ()

    def _on_grid(self, corner: Any) -> tuple[int, int]:
        """Return the corner of the nearest place."""
        row, column = self.session.windows(self.setting).starts[self.session.place(self.setting, corner)].tolist()
        return row, column

    def _start_again(self) -> None:
        """Clear the visited places, and compute."""
        self._held, self._visits = (), []
        self._put_patch()
        self.refresh()

    # Events

    def _on_hand(self, _change: object) -> None:
        """Take the place that the hand has chosen in the browser, once: patch and trail come in one message."""
        hand = (self.canvas.patch, len(self.canvas.trail))
        if self._painting or not self.canvas.patch or hand == self._hand:
            return
        self._hand = hand
        self._visit([(int(row), int(column)) for row, column in self.canvas.trail], tuple(self.canvas.patch[:2]))
        with self.painting():
            self.place = tuple(self.canvas.patch[:2])
        self.refresh()

    def _visit(self, corners: list[tuple[int, int]], held: tuple[int, ...]) -> None:
        """Write down where the hand is, and where it was for the first time on this grid."""
        self._visits += [corner for corner in corners if corner not in self._trail]
        self._trail.update(corners)
        self._held = held

    def _on_place(self, change: dict[str, Any]) -> None:
        """Code has put the patch somewhere."""
        if self._painting or self._session is None:
            return
        if len(change["new"]) != 2:
            raise ValueError(f"place is a row and a column, not {change['new']!r}")
        start = self._on_grid(change["new"])
        self._visit([start], start)
        self._put_patch()
        self.refresh()

    def _on_setting(self, change: dict[str, Any]) -> None:
        """Another patch, stride or fill: the places that the hand has visited are asked anew."""
        if self._session is None or self._painting:
            return
        if change["name"] == "fill" and self.fill is not None and self.fill not in self.session.fills:
            raise ValueError(
                f"the fill {self.fill!r} needs the range of the input space, which {self.model.name!r} does not tell; "
                f"choose one of {', '.join(self.session.fills)}"
            )
        with self.painting():
            self.views.show_patch(self.session, self.setting)
        self._put_patch()
        self.refresh()

    # Computing

    def ask_worker(self) -> None:
        """Ask the worker for the scores where the hand has been, then for the map of all places if it is wanted."""
        self._answer = None
        state, session, whole = self.state, self.session, self.whole

        def work(job: Job) -> None:
            if state.here is not None:
                session.visit(state.patch, [state.here])  # what is under the hand comes first
                job.show(self._show_hand)
                session.visit(state.patch, state.places, job.progress)
            job.show(self._show_hand)
            if not whole:
                job.show(self._clear_whole)
                return
            found, seconds = session.whole_map(state.patch, state.target, job.progress)
            job.show(lambda: self._show_whole(found, seconds))

        self.compute(work)

    # Painting

    def _show_hand(self) -> None:
        self.views.show_hand(self.state)

    def _show_whole(self, found: Attribution, seconds: float) -> None:
        self._answer = found
        self.views.show_maps(self.state)
        taken = self.text("seconds", seconds=decimal(seconds, 2, self.language))
        self.show_recipe(recipe_in_words(found.recipe, self.language, target=[self.label], more=[taken]))

    def _clear_whole(self) -> None:
        self.views.clear_whole()
        self.show_recipe(self._recipe())

    def _recipe(self) -> str:
        if self._answer is not None:
            return recipe_in_words(self._answer.recipe, self.language, target=[self.label])
        now = self.setting
        options = {"patch": f"{now.patch}x{now.patch}", "stride": f"{now.stride}x{now.stride}", "baseline": now.fill}
        made = Recipe("occlusion", self.model.name, (self.label,), options)
        return recipe_in_words(made, self.language)

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the map that is being made.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.whole_canvas.progress = share if self.whole else None
