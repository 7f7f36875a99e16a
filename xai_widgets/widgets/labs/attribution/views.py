"""What the attribution explorer shows: a panel for each method, the bars, the deletion curves; no computing here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from xai_widgets.methods.registry import METHODS
from xai_widgets.widgets.base.class_lab import ClassViews
from xai_widgets.widgets.base.method_panel import MethodPanel
from xai_widgets.widgets.base.views import row
from xai_widgets.widgets.base.widget_tree import close_widgets
from xai_widgets.widgets.components import BrowserLink, Curve, Slider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from xai_widgets.widgets.base.class_lab import ClassControls
    from xai_widgets.widgets.base.explanation_session import AttributionSession

SIZES = {1: 192, 2: 192, 3: 192, 4: 160}  # of a panel's picture in CSS pixels, by how many there are
_MENU, _ALL, _GAP = 264, 920, 16  # the widest menu, all panels side by side, and between two of them
_BARS, _CHART = 3, 106  # bars, and pixels of the chart beside them


class AttributionViews(ClassViews):
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    methods : sequence of str
        What the panels show first.
    controls : ClassControls
        The menu of pictures, the upload and the bars.
    opacity, threshold : float
        Where the sliders stand at first.
    hidden_share : float
        Where the cursor of the curves stands at first.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "attribution"

    def __init__(
        self,
        methods: Sequence[str],
        controls: ClassControls,
        *,
        opacity: float,
        threshold: float,
        hidden_share: float,
        language: str,
    ) -> None:
        super().__init__(controls, language)
        self.bars.count = _BARS
        narrow = widgets.Layout(width="auto", max_width="220px")
        self.add_button = widgets.Button(description=self.text("add"), icon="plus", layout=widgets.Layout(width="auto"))
        self.compare_box = widgets.Checkbox(description=self.text("compare"), indent=False, layout=narrow)
        shared: dict[str, Any] = {"language": language, "max": 1.0, "step": 0.01, "unit": "%"}
        self.opacity_slider = Slider(label=self.text("opacity"), value=opacity, **shared)
        self.threshold_slider = Slider(label=self.text("threshold"), value=threshold, **shared)
        self.curve = Curve(
            title=self.text("deletion"),
            x_label=self.text("hidden"),
            x_unit="%",
            y_unit="%",
            x_range=(0.0, 1.0),
            y_range=(0.0, 1.0),
            chart_height=_CHART,
            on_points=True,
            cursor=hidden_share,
            at=hidden_share,
            language=language,
        )
        for part, room in ((self.bars, "360px"), (self.curve, "280px")):
            part.layout.flex, part.layout.width = f"1 1 {room}", "auto"
        self.panels: list[MethodPanel] = []
        self.panel_row = row([], align_items="flex-start", grid_gap="4px 16px")
        self._links: list[BrowserLink] = []
        self.make_panels(methods)

    def make_panels(self, methods: Sequence[str]) -> list[MethodPanel]:
        """Show a panel for each method; those of methods that were shown stay. Return the new ones."""
        size = SIZES[len(methods)]
        room = max(size, min(_MENU, _ALL // len(methods) - _GAP))
        left, new, panels = list(self.panels), [], []
        for name in methods:
            known = next((panel for panel in left if panel.menu.value == name), None)
            if known is None:
                panels.append(MethodPanel(tuple(METHODS), name, size, room, self.language))
                new.append(panels[-1])
            else:
                left.remove(known)
                known.resize(size, room)
                panels.append(known)
        self.panels = panels
        for panel in panels:
            panel.remove_button.layout.visibility = "visible" if len(panels) > 1 else "hidden"
        self.add_button.disabled = len(panels) == max(SIZES)
        self._link()
        self.compare(divided=self.compare_box.value)
        self.panel_row.children = panels
        close_widgets(left)
        return new

    def _link(self) -> None:
        """Let all pictures follow the sliders and the cursor of the curves, in the browser."""
        before = self._links
        canvases = [panel.canvas for panel in self.panels]
        leaders = {
            "opacity": (self.opacity_slider, "value"),
            "threshold": (self.threshold_slider, "value"),
            "hidden_share": (self.curve, "at"),
        }
        for canvas in canvases:
            for trait, (leader, of_leader) in leaders.items():
                setattr(canvas, trait, getattr(leader, of_leader))
        self._links = [
            BrowserLink(leader, [(canvas, trait) for canvas in canvases]) for trait, leader in leaders.items()
        ]
        for link in before:
            link.close()

    def rows(self) -> tuple[widgets.Widget, ...]:
        """Arrange everything from top to bottom."""
        sliders = widgets.VBox([self.opacity_slider, self.threshold_slider], layout=widgets.Layout(flex="1 1 180px"))
        controls = [self.picture_menu, self.upload, self.add_button, self.compare_box]
        return (
            row(controls, align_items="center", grid_gap="4px 12px"),
            self.panel_row,
            row([self.bars, self.curve, sliders], align_items="flex-start", grid_gap="4px 16px"),
        )

    def show_session(self, session: AttributionSession) -> None:
        """Show a new picture, before any map is made."""
        for panel in self.panels:
            panel.show_picture(session)

    def show_request(
        self, session: AttributionSession, methods: Sequence[str], options: Mapping[str, Any], target: int
    ) -> None:
        """Set menus and marks to what is asked for."""
        self.bars.selected = target
        for name, panel in zip(methods, self.panels, strict=True):
            panel.show_layers(session.layers, options.get(name, {}).get("layer", session.usual_layer))

    def show_patch(self, patch: tuple[int, ...]) -> None:
        """Outline what is hidden in all pictures; an empty tuple: nothing."""
        for panel in self.panels:
            panel.canvas.outline = patch

    def show_curves(self, shares: NDArray[Any], lines: Sequence[Mapping[str, Any]], label: str) -> None:
        """Draw how fast the score falls, a line for each map."""
        with self.curve.hold_sync():
            self.curve.alt = self.text("alt_deletion", label=label)
            self.curve.set_data(shares, [dict(line) for line in lines])

    def compare(self, *, divided: bool) -> None:
        """Put a divider between each map and the picture, or take it away."""
        for panel in self.panels:
            panel.canvas.swipe = 0.5 if divided else None

    def show_progress(self, share: float | None) -> None:
        """Show the thin bar on the panel that is computed."""
        for panel in self.panels:
            if panel.canvas.progress is not None:
                panel.canvas.progress = share
                return
