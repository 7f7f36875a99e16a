"""`OcclusionLab`: slide a patch over a picture by hand, and watch the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.panels import SIGNED_MAP, add_caption, draw_picture, panel_grid
from xai_widgets.widgets.components import Heatmap, PictureCanvas, Slider
from xai_widgets.widgets.occlusion_session import FILLS, OcclusionSession, Setting
from xai_widgets.widgets.picture_lab import PictureLab, menu, row

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.attribution import Attribution
    from xai_widgets.runtime.worker import Job

_SIZE = 262  # of a picture, in CSS pixels: three beside each other, and room for the rest on a laptop's screen
_PICTURES = 368  # what the pictures take with their legends and two lines of caption: nothing jumps
_USUAL_PATCH = 6  # times smaller than the picture
_SAME = 1e-3  # of the largest fall: what rounding may leave between the two maps


class OcclusionLab(PictureLab):
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
    Matthew D. Zeiler, Rob Fergus (2013), Visualizing and understanding convolutional networks.

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

    patch = traitlets.Int(None, allow_none=True, min=1)
    """The side of the patch in pixels of the model's input; None: a sixth of the picture's."""

    stride = traitlets.Int(None, allow_none=True, min=1)
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
    def setting(self) -> Setting:
        """Patch, stride and fill, as they are used."""
        patch = max(2, round(min(self.session.sides) / _USUAL_PATCH)) if self.patch is None else self.patch
        patch = min(patch, *self.session.sides)
        stride = (patch + 1) // 2 if self.stride is None else self.stride
        fill = self.session.fills[0] if self.fill is None else self.fill
        return Setting(patch, min(stride, patch), fill)

    def figure(self) -> Figure:
        """Return picture and maps of the present state as a matplotlib figure."""
        self._finish()
        maps = [(self.text("hand"), self._hand_map()), (self.text("everywhere"), self._whole_values())]
        known = [(title, values) for title, values in maps if values is not None]
        figure, axes = panel_grid(1, 1 + len(known))
        draw_picture(axes[0, 0], self._covered() / 255, self.label)
        limit = self._limit([values for _, values in known])
        for panel, (title, values) in zip(axes[0, 1:], known, strict=True):
            panel.imshow(self.session.picture.mean(axis=-1), cmap="gray")
            panel.imshow(values, cmap=SIGNED_MAP, vmin=-limit, vmax=limit, alpha=0.7)
            panel.set_title(title, fontsize=10)
        add_caption(figure, f"{self._score_line()}\n{self._recipe()}")
        return figure

    def describe(self) -> str:
        """Return what the picture and the maps show."""
        self._finish()
        whole = self._whole_values()
        found = [] if whole is None else [self.text("alt_whole", label=self.label, peak=self._peak(whole))]
        return " ".join([self.text("alt_picture", label=self.label), self._score_line() + ".", *found])

    def __repr__(self) -> str:
        """Model, patch, stride and fill."""
        now = self.setting
        return f"OcclusionLab({self.model.name!r}, {self.label}, patch={now.patch}, stride={now.stride}, {now.fill})"

    def _finish(self) -> None:
        """Compute here what the worker has not come to: a still picture waits for it."""
        now = self.setting
        if self.place:
            self.session.visit(now, [self.session.place(now, corner) for corner in (*self.visited, self.place)])
        if self.whole and self._answer is None:
            self._answer, _ = self.session.whole_map(now, self.explained)

    # Making

    def make_session(self, image: Any) -> OcclusionSession:
        """Look at a picture."""
        return OcclusionSession(self.model, image)

    def make_views(self) -> None:
        """Make the views and arrange them."""
        shared: dict[str, Any] = {"size": _SIZE, "language": self.language}
        self.canvas = PictureCanvas(title=self.text("slide"), legend=False, readout=False, **shared)
        self.hand_canvas = PictureCanvas(title=self.text("hand"), readout=False, **shared)
        self.whole_canvas = PictureCanvas(title=self.text("everywhere"), readout=False, **shared)
        self.fill_menu = menu(self.text("fill"))
        self.whole_button = widgets.ToggleButton(
            description=self.text("slide_everywhere"), layout=widgets.Layout(width="auto")
        )
        self.again_button = widgets.Button(description=self.text("again"), layout=widgets.Layout(width="auto"))
        sizes: dict[str, Any] = {"min": 1.0, "max": 2.0, "step": 1.0, "unit": " px", "language": self.language}
        self.patch_slider = Slider(label=self.text("patch"), value=1.0, **sizes)
        self.stride_slider = Slider(label=self.text("stride"), value=1.0, **sizes)
        for slider in (self.patch_slider, self.stride_slider):
            slider.layout.width = "auto"
        sliders = widgets.VBox([self.patch_slider, self.stride_slider], layout=widgets.Layout(flex="1 1 240px"))
        self.bars.count, self.bars.layout.flex = 3, "2 1 300px"
        controls = [self.picture_menu, self.upload, self.fill_menu, self.whole_button, self.again_button]
        pictures = [self.canvas, self.hand_canvas, self.whole_canvas]
        self.children = (
            row(controls, align_items="center", grid_gap="4px 12px"),
            row(pictures, align_items="flex-start", justify_content="space-between", min_height=f"{_PICTURES}px"),
            row([sliders, self.bars], align_items="flex-start", grid_gap="4px 24px"),
            self._recipe_line,
            self._error_panel,
        )
        self._listen()

    def _listen(self) -> None:
        traitlets.link((self, "whole"), (self.whole_button, "value"))
        self.again_button.on_click(lambda _button: self._start_again())
        self.fill_menu.observe(self._on_fill, "value")
        self.patch_slider.observe(self._on_patch, "value")
        self.stride_slider.observe(self._on_stride, "value")
        self.canvas.observe(self._on_hand, ["patch", "trail"])
        self.observe(self._on_place, "place")
        self.observe(self._on_setting, ["patch", "stride", "fill"])
        self.observe(self._on_whole, "whole")
        self.hears_escape(self.canvas, self.hand_canvas, self.whole_canvas, self.patch_slider, self.stride_slider)

    # State

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        picture = self.session.picture
        if self.fill is not None and self.fill not in self.session.fills:
            self.fill = None
        for canvas in (self.canvas, self.hand_canvas, self.whole_canvas):
            canvas.set_picture(picture)
        self.fill_menu.options = [(self.text(f"fill_{name}"), name) for name in self.session.fills]
        self._show_setting()
        self._start_again(corner=self.place)

    def _show_setting(self) -> None:
        """Give the controls, the cover and the grid of the patch their values."""
        now = self.setting
        with self.painting():
            self.fill_menu.value = now.fill
            self.patch_slider.max = float(max(2, min(self.session.sides) // 2, now.patch))
            self.patch_slider.value = float(now.patch)
            self.stride_slider.max = float(max(2, now.patch))
            self.stride_slider.value = float(now.stride)
        windows = self.session.windows(now)
        self.canvas.set_cover(self.session.cover(now.fill))
        self.canvas.stride = windows.stride

    def _start_again(self, corner: Any = ()) -> None:
        """Forget where the hand has been; put the patch at a corner, or in the middle and not counted as a visit."""
        windows = self.session.windows(self.setting)
        middle = tuple((side - size) // 2 for side, size in zip(windows.shape, windows.patch, strict=True))
        start = windows.starts[self.session.place(self.setting, corner or middle)].tolist()
        with self.painting(), self.canvas.hold_sync():
            self.canvas.trail = [start] if corner else []
            self.canvas.patch = (*start, *windows.patch)
            self.place = tuple(start) if corner else ()
        if self.children:
            self.refresh()

    # Events

    def _on_hand(self, _change: object) -> None:
        """Take the place that the hand has chosen in the browser, once: patch and trail come in one message."""
        hand = (self.canvas.patch, len(self.canvas.trail))
        if self._painting or not self.canvas.patch or hand == self._hand:
            return
        self._hand = hand
        with self.painting():
            self.place = tuple(self.canvas.patch[:2])
        self.refresh()

    def _on_place(self, change: dict[str, Any]) -> None:
        """Code has put the patch somewhere."""
        if self._painting or self._session is None:
            return
        if len(change["new"]) != 2:
            raise ValueError(f"place is a row and a column, not {change['new']!r}")
        start = self.session.windows(self.setting).starts[self.session.place(self.setting, change["new"])].tolist()
        with self.painting(), self.canvas.hold_sync():
            self.place = tuple(start)
            self.canvas.patch = (*start, *self.canvas.patch[2:])
            if start not in self.canvas.trail:
                self.canvas.trail = [*self.canvas.trail, start]
        self.refresh()

    def _on_whole(self, _change: object) -> None:
        if self._session is not None:
            self.refresh()

    def _on_fill(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            self.fill = change["new"]

    def _on_patch(self, change: dict[str, Any]) -> None:
        if not self._painting:
            self.patch = round(change["new"])

    def _on_stride(self, change: dict[str, Any]) -> None:
        if not self._painting:
            self.stride = round(change["new"])

    def _on_setting(self, change: dict[str, Any]) -> None:
        """Another patch, stride or fill: what was found before says nothing about it."""
        if self._session is None or self._painting:
            return
        if change["name"] == "fill" and self.fill is not None and self.fill not in self.session.fills:
            raise ValueError(
                f"the fill {self.fill!r} needs the range of the input space, which {self.model.name!r} does not tell; "
                f"choose one of {', '.join(self.session.fills)}"
            )
        self._show_setting()
        keep = self.place if change["name"] == "fill" and self.place else ()
        self._start_again(corner=keep)

    # Computing

    def refresh(self) -> None:
        """Ask the worker for the scores where the hand has been, then for the map of all places if it is wanted."""
        session, now, target, whole = self.session, self.setting, self.explained, self.whole
        places = [session.place(now, corner) for corner in self.visited]
        here = session.place(now, self.canvas.patch[:2]) if self.place else None
        self._answer = None

        def work(job: Job) -> None:
            if here is not None:
                session.visit(now, [here])  # what is under the hand comes first
                job.show(self._show_hand)
                session.visit(now, places, job.progress)
            job.show(self._show_hand)
            if not whole:
                job.show(self._clear_whole)
                return
            found, seconds = session.whole_map(now, target, job.progress)
            job.show(lambda: self._show_whole(found, seconds))

        self.compute(work)

    # Painting

    def _logits_here(self) -> NDArray[np.float32] | None:
        """Return the logits with the patch where it is; None if they are not known, or no patch was put down."""
        if not self.place:
            return None
        found: NDArray[np.float32] | None = self.session.known(
            self.setting, self.session.place(self.setting, self.place)
        )
        return found

    def _hand_map(self) -> NDArray[np.float32] | None:
        now = self.setting
        found: NDArray[np.float32] | None = self.session.hand_map(
            now, [self.session.place(now, corner) for corner in self.visited], self.explained
        )
        return found

    def _whole_values(self) -> NDArray[np.float32] | None:
        return None if self._answer is None else self._answer.values[0]

    def _limit(self, maps: list[NDArray[np.float32]]) -> float:
        """Return the end of the colour scale that the two maps share."""
        return max((float(np.nanmax(np.abs(values))) for values in maps), default=0.0) or 1.0

    def _show_hand(self) -> None:
        here = self._logits_here()
        logits = self.session.logits if here is None else here
        self.bars.set_scores(self.model.probabilities(logits[np.newaxis])[0], reference=self.session.probabilities)
        self.canvas.caption = self._score_line()
        self.canvas.alt = self.text("alt_picture", label=self.label)
        self._show_maps()

    def _show_whole(self, found: Attribution, seconds: float) -> None:
        self._answer = found
        self._show_maps()
        self.show_recipe(f"{found.recipe} · {self.text('seconds', seconds=decimal(seconds, 2, self.language))}")

    def _clear_whole(self) -> None:
        self.whole_canvas.layers = ()
        self.whole_canvas.caption = self.text("whole_hint")
        self.show_recipe(self._recipe())

    def _show_maps(self) -> None:
        """Paint both maps on one scale, and say how they compare."""
        hand, whole = self._hand_map(), self._whole_values()
        limit = self._limit([values for values in (hand, whole) if values is not None])
        for canvas, values in ((self.hand_canvas, hand), (self.whole_canvas, whole)):
            known = () if values is None else (self._heatmap(values, limit),)
            if values is not None or canvas is self.hand_canvas:
                canvas.layers = known
        self.hand_canvas.caption = self._comparison(hand, whole)
        self.hand_canvas.alt = self.text("alt_hand", label=self.label, count=len(self.visited))
        if whole is not None:
            self.whole_canvas.caption = self._peak(whole)
            self.whole_canvas.alt = self.text("alt_whole", label=self.label, peak=self._peak(whole))

    def _heatmap(self, values: NDArray[np.float32], limit: float) -> Heatmap:
        name = self.text("legend", label=self.label)
        return Heatmap(values, name, value_range=(-limit, limit), gaps=True)

    def _comparison(self, hand: NDArray[np.float32] | None, whole: NDArray[np.float32] | None) -> str:
        """Say how many places the hand has visited, and how far its map is from the whole one."""
        total = len(self.session.windows(self.setting))
        if hand is None:
            return self.text("hand_hint")
        counted = self.text("visited", count=len(self.visited), total=total)
        if whole is None:
            return counted
        apart = float(np.nanmax(np.abs(hand - whole)))
        same = apart <= _SAME * (float(np.abs(whole).max()) or 1.0)
        key = "same" if same else "apart"
        return f"{counted} {self.text(key, difference=decimal(apart, 2, self.language))}"

    def _peak(self, values: NDArray[np.float32]) -> str:
        at, along = np.unravel_index(int(values.argmax()), values.shape)
        return self.text("peak", fall=_signed(float(values.max()), self.language), row=int(at), column=int(along))

    def _score_line(self) -> str:
        """Say what the score is without the patch and with it."""
        before, here = float(self.session.logits[self.explained]), self._logits_here()
        whole = _signed(before, self.language)
        if here is None:
            return self.text("score", label=self.label, before=whole)
        after = float(here[self.explained])
        return self.text(
            "score_change",
            label=self.label,
            before=whole,
            after=_signed(after, self.language),
            change=_signed(after - before, self.language, plus=True),
        )

    def _covered(self) -> NDArray[np.uint8]:
        """Return the picture with the patch on it, if it was put down."""
        picture: NDArray[np.uint8] = self.session.picture.copy()
        if self.place:
            top, left, height, width = self.canvas.patch
            inside = (slice(top, top + height), slice(left, left + width))
            picture[inside] = self.session.cover(self.setting.fill)[inside]
        return picture

    def _recipe(self) -> str:
        if self._answer is not None:
            return str(self._answer.recipe)
        now = self.setting
        return f"{self.model.name} · {self.label} · patch={now.patch} · stride={now.stride} · fill={now.fill}"

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the map that is being made."""
        self.whole_canvas.progress = share if self.whole else None


def _signed(value: float, language: str, *, plus: bool = False) -> str:
    """Write a score: two digits, a true minus."""
    text = decimal(abs(value), 2, language)
    rounded = round(value, 2)
    return f"−{text}" if rounded < 0 else f"+{text}" if plus else text
