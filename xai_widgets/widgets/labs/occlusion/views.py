"""What the occlusion lab shows: the picture with the patch, the map of the hand, the map of all places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.i18n.numbers import decimal, with_sign
from xai_widgets.widgets.base.class_lab import ClassViews
from xai_widgets.widgets.base.method_panel import flat_note
from xai_widgets.widgets.base.value_units import value_unit
from xai_widgets.widgets.base.views import menu, row
from xai_widgets.widgets.components import Heatmap, PictureCanvas, Slider

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.widgets.base.class_lab import ClassControls
    from xai_widgets.widgets.labs.occlusion.session import OcclusionSession, OcclusionState, Patch

_SIZE = 262  # of a picture, in CSS pixels: three beside each other, and room for the rest on a laptop's screen
_PICTURES = 368  # what the pictures take with their legends and two lines of caption: nothing jumps
_SAME = 1e-3  # of the largest fall: what rounding may leave between the two maps


class OcclusionViews(ClassViews):
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    controls : ClassControls
        The menu of pictures, the upload and the bars.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "occlusion"

    def __init__(self, controls: ClassControls, language: str) -> None:
        super().__init__(controls, language)
        self.bars.count, self.bars.layout.flex = 3, "2 1 300px"
        shared: dict[str, Any] = {"size": _SIZE, "language": language, "readout": False}
        self.canvas = PictureCanvas(title=self.text("slide"), legend=False, **shared)
        self.hand_canvas = PictureCanvas(title=self.text("hand"), **shared)
        self.whole_canvas = PictureCanvas(title=self.text("everywhere"), **shared)
        self.fill_menu = menu(self.text("fill"))
        narrow = {"width": "auto"}
        self.whole_button = widgets.ToggleButton(
            description=self.text("slide_everywhere"), layout=widgets.Layout(**narrow)
        )
        self.again_button = widgets.Button(description=self.text("again"), layout=widgets.Layout(**narrow))
        sizes: dict[str, Any] = {"min": 1.0, "max": 2.0, "step": 1.0, "unit": " px", "language": language}
        self.patch_slider = Slider(label=self.text("patch"), value=1.0, **sizes)
        self.stride_slider = Slider(label=self.text("stride"), value=1.0, **sizes)
        for slider in (self.patch_slider, self.stride_slider):
            slider.layout.width = "auto"

    @property
    def canvases(self) -> tuple[PictureCanvas, PictureCanvas, PictureCanvas]:
        """The picture, the map of the hand, the map of all places."""
        return self.canvas, self.hand_canvas, self.whole_canvas

    @property
    def components(self) -> tuple[Any, ...]:
        """The views in which Esc stops the computation."""
        return (*self.canvases, self.patch_slider, self.stride_slider)

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        sliders = widgets.VBox([self.patch_slider, self.stride_slider], layout=widgets.Layout(flex="1 1 240px"))
        controls = [self.picture_menu, self.upload, self.fill_menu, self.whole_button, self.again_button]
        return (
            row(controls, align_items="center", grid_gap="4px 12px"),
            row(self.canvases, align_items="flex-start", justify_content="space-between", min_height=f"{_PICTURES}px"),
            row([sliders, self.bars], align_items="flex-start", grid_gap="4px 24px"),
        )

    # State

    def show_session(self, session: OcclusionSession) -> None:
        """Show a new picture, before anything is computed for it."""
        for canvas in self.canvases:
            canvas.set_picture(session.picture)
        self.fill_menu.options = [(self.text(f"fill_{name}"), name) for name in session.fills]

    def show_patch(self, session: OcclusionSession, patch: Patch) -> None:
        """Give the controls, the cover and the grid of the patch their values."""
        self.fill_menu.value = patch.fill
        self.patch_slider.max = float(max(2, min(session.sides) // 2, patch.patch))
        self.patch_slider.value = float(patch.patch)
        self.stride_slider.max = float(max(2, patch.patch))
        self.stride_slider.value = float(patch.stride)
        self.canvas.set_cover(session.cover(patch.fill))
        self.canvas.stride = session.windows(patch).stride

    def put_patch(self, corner: list[int], size: tuple[int, ...], trail: list[list[int]]) -> None:
        """Put the patch somewhere, with a trail of visited places."""
        with self.canvas.hold_sync():
            self.canvas.trail = trail
            self.canvas.patch = (*corner, *size)

    # Answers

    def show_hand(self, state: OcclusionState) -> None:
        """Show the score with the patch where it is, and both maps."""
        session, here = state.session, state.logits_here
        logits = session.logits if here is None else here
        probabilities = session.classifier.probabilities(logits[np.newaxis])[0]
        self.bars.set_scores(probabilities, reference=session.probabilities)
        self.canvas.caption = self.score_line(state)
        self.canvas.alt = self.text("alt_picture", label=state.label)
        self.show_maps(state)

    def show_maps(self, state: OcclusionState) -> None:
        """Paint both maps on one scale, and say how they compare."""
        hand, whole = self.heatmaps(state)
        self.hand_canvas.layers = () if hand is None else (hand,)
        self.hand_canvas.caption = self._comparison(state)
        self.hand_canvas.alt = self.text("alt_hand", label=state.label, count=len(state.visited))
        if whole is not None:
            self.whole_canvas.layers = (whole,)
            self.whole_canvas.caption = self.peak(whole.values)
            self.whole_canvas.alt = self.text("alt_whole", label=state.label, peak=self.peak(whole.values))

    def clear_whole(self) -> None:
        """Take the map of all places away."""
        self.whole_canvas.layers = ()
        self.whole_canvas.caption = self.text("whole_hint")

    def heatmaps(self, state: OcclusionState) -> tuple[Heatmap | None, Heatmap | None]:
        """Return the maps of the hand and of all places as they lie over the picture, None for one that is not made."""
        name, unit, limit = self.text("legend", label=state.label), value_unit("occlusion", self.language), state.limit
        hand, whole = (
            None if values is None else Heatmap(values, name, value_range=(-limit, limit), gaps=True, unit=unit)
            for values in (state.hand_map, state.whole_map)
        )
        return hand, whole

    # Words

    def _comparison(self, state: OcclusionState) -> str:
        """Return how many places the hand has visited, and how far its map is from the whole one."""
        hand, whole = state.hand_map, state.whole_map
        if hand is None:
            return self.text("hand_hint")
        total = len(state.session.windows(state.patch))
        counted = self.text("visited", count=len(state.visited), total=total)
        if whole is None:
            return counted
        apart = float(np.nanmax(np.abs(hand - whole)))
        same = apart <= _SAME * (float(np.abs(whole).max()) or 1.0)
        key = "same" if same else "apart"
        return f"{counted} {self.text(key, difference=decimal(apart, 2, self.language))}"

    def peak(self, values: NDArray[np.float32]) -> str:
        """Return where the score falls most, and by how much, or that it does not change anywhere."""
        if note := flat_note(values, self.language):
            return note
        at, along = np.unravel_index(int(values.argmax()), values.shape)
        return self.text("peak", fall=self._score(float(values.max())), row=int(at), column=int(along))

    def score_line(self, state: OcclusionState) -> str:
        """Return what the score is without the patch and with it."""
        before, here = float(state.session.logits[state.target]), state.logits_here
        whole = self._score(before)
        if here is None:
            return self.text("score", label=state.label, before=whole)
        after = float(here[state.target])
        change = with_sign(after - before, 2, self.language)
        return self.text("score_change", label=state.label, before=whole, after=self._score(after), change=change)

    def _score(self, value: float) -> str:
        return decimal(value, 2, self.language)
