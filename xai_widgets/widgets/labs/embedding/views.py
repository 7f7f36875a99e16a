"""What the embedding lab shows: two maps of points, what each kept, and the points that were drawn around."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
from PIL import Image

from xai_widgets.datasets.own_vectors import OWN
from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.methods.embedding import LAYOUTS
from xai_widgets.widgets.base.views import Views, menu, row
from xai_widgets.widgets.components import BrowserLink, PointMap, Slider, TileGrid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xai_widgets.datasets.vectors import VectorSet
    from xai_widgets.methods.embedding import MapQuality
    from xai_widgets.results.embedding_result import Embedding

SETS = ("digits", "faces", "words", "photos")
STARTS = ("pca", "random")
_SIZE = 336  # CSS pixels: two maps, and the chosen points beside them, fit a laptop's screen
_TILE, _TILES = 48, 9  # size of the pictures of chosen points, and how many are on a page
_LINES = 12.4  # of names of chosen points, after which they scroll
_PERPLEXITY = 100  # at most
_MENU_WIDTH = "240px"


class EmbeddingViews(Views):
    """The lab's widgets, and how each kind of answer is painted on them.

    Parameters
    ----------
    data : VectorSet
        What the menu of data shows first.
    language : str
        ``"en"`` or ``"fr"``.
    """

    area = "embedding"

    def __init__(self, data: VectorSet, language: str) -> None:
        super().__init__(language)
        named = list(dict.fromkeys([*SETS, data.name]))
        methods = [(self.text(f"method_{method}"), method) for method in LAYOUTS]
        starts = [(self.text(f"start_{start}"), start) for start in STARTS]
        self.data_menu = menu(self.text("data"), [(self.data_name(name), name) for name in named], data.name)
        self.method_menu, self.other_menu = menu(self.text("left"), methods), menu(self.text("right"), methods)
        self.start_menu = menu(self.text("start"), starts)
        for one in (self.data_menu, self.method_menu, self.other_menu, self.start_menu):
            one.layout.max_width = _MENU_WIDTH
        self.seed_button = widgets.Button(
            description=self.text("again"), tooltip=self.text("again_note"), layout=widgets.Layout(width="auto")
        )
        shared: dict[str, Any] = {"digits": 0, "language": language}
        self.perplexity_slider = Slider(
            label=self.text("perplexity"), min=2.0, max=float(_PERPLEXITY), step=1.0, **shared
        )
        self.steps_slider = Slider(label=self.text("steps"), min=10.0, max=1000.0, step=10.0, **shared)
        self.maps = [PointMap(size=_SIZE, empty=self.text("empty"), language=language) for _ in range(2)]
        for view in self.maps:
            view.layout.width, view.layout.flex = f"{_SIZE + 14}px", "0 1 auto"
        self.tiles = TileGrid(side=_TILE, per_page=_TILES, lines=2, alt=self.text("chosen_none"), language=language)
        self.tiles.layout.display = "none"
        self.chosen_line = widgets.HTML()
        room = widgets.Layout(flex="1 1 190px", width="auto", overflow="visible")
        self.chosen_column = widgets.VBox([self.chosen_line, self.tiles], layout=room)
        self._link = BrowserLink((self.maps[0], "pointed"), [(self.maps[1], "pointed")])

    def data_name(self, name: str) -> str:
        """Return what a set is called on the page."""
        return self.text(f"data_{name}") if name in (*SETS, OWN) else name

    def rows(self) -> tuple[tuple[widgets.Widget, ...], tuple[widgets.Widget, ...]]:
        """Arrange the controls, and what follows them, from top to bottom."""
        controls = [self.data_menu, self.method_menu, self.other_menu, self.start_menu, self.seed_button]
        sliders = [self.perplexity_slider, self.steps_slider]
        return (
            (
                row(controls, align_items="center", grid_gap="4px 8px"),
                widgets.HBox(sliders, layout=widgets.Layout(overflow="visible")),
            ),
            (row([*self.maps, self.chosen_column], align_items="flex-start", grid_gap="0 12px"),),
        )

    def offer(self, data: VectorSet) -> None:
        """Choose a set in the menu, and add it if it is the reader's own."""
        if data.name not in [value for _, value in self.data_menu.options]:
            self.data_menu.options = [*self.data_menu.options, (data.name, data.name)]
        self.data_menu.value = data.name

    def show_items(self, data: VectorSet) -> float:
        """Give both maps the points' names, groups and pictures; return the largest perplexity that they allow."""
        for view in self.maps:
            view.set_items(data.names, data.groups, data.group_names, data.pictures, data.marked)
            view.caption = view.title = ""
        most = float(max(2, min(_PERPLEXITY, (len(data) - 1) // 3)))
        self.perplexity_slider.max = most  # t-SNE looks at three times as many neighbours
        return most

    def show_frame(self, side: int, points: NDArray[np.float32], step: int, steps: int) -> None:
        """Show a map in the making."""
        view = self.maps[side]
        with view.hold_sync():
            view.title = self.text("title_tsne", step=step, steps=steps)
            view.set_points(points)

    def show_layout(self, side: int, made: Embedding, quality: MapQuality, steps: int, alt: str) -> None:
        """Show a map, and what it kept."""
        view = self.maps[side]
        with view.hold_sync():
            view.set_points(made.points)
            view.title = (
                self.text("title_tsne", step=made.steps, steps=steps)
                if made.method == "tsne"
                else self.text(f"method_{made.method}")
            )
            figures = {"trust": quality.trustworthiness, "continuity": quality.continuity}
            written = {key: decimal(value, 3, self.language) for key, value in figures.items()}
            view.caption = self.text("quality", kept=percent(quality.kept, self.language, 0), **written)
            view.alt = alt

    def describe(self, data: VectorSet, made: Embedding | None, quality: MapQuality | None) -> str:
        """Return what a map shows."""
        if made is None or quality is None:
            return self.text("empty")
        return self.text(
            "alt",
            count=len(made),
            data=self.data_name(data.name),
            method=self.text(f"method_{made.method}"),
            neighbours=quality.neighbours,
            kept=percent(quality.kept, self.language, 0),
        )

    def show_chosen(self, data: VectorSet, chosen: Sequence[int]) -> None:
        """Say who was chosen: how many of each group, then their pictures or names."""
        style = "color:var(--jp-ui-font-color1,#1f1f1f);font-size:13px;line-height:1.4;overflow-wrap:anywhere"
        text = html.escape(self._chosen_text(data, chosen))
        names = html.escape(", ".join(data.names[one] for one in chosen)) if data.pictures is None else ""
        listed = f'<div tabindex="0" style="max-height:{_LINES * 1.4}em;overflow-y:auto">{names}</div>' if names else ""
        self.chosen_line.value = f'<div style="{style}"><div role="status">{text}</div>{listed}</div>'
        pictures = data.pictures
        shown = [] if pictures is None else chosen
        self.tiles.layout.display = None if shown else "none"
        labels = {str(one): data.names[one] for one in shown}
        self.tiles.set_tiles(list(labels), labels, picture=lambda key: _tile(pictures[int(key)]))  # type: ignore[index]

    def _chosen_text(self, data: VectorSet, chosen: Sequence[int]) -> str:
        if not chosen:
            return self.text("chosen_none")
        counts = np.bincount(data.groups[list(chosen)], minlength=len(data.group_names))
        groups = [
            self.text("group_count", name=data.group_names[group], count=int(counts[group]))
            for group in np.argsort(-counts, kind="stable")
            if counts[group]
        ]
        return f"{self.text('chosen', count=len(chosen))} · {', '.join(groups)}"


def _tile(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Enlarge a thumbnail to the size of a tile."""
    return np.asarray(Image.fromarray(picture).resize((_TILE, _TILE), Image.Resampling.NEAREST))
