"""`EmbeddingLab`: watch t-SNE lay vectors out, beside another method, and ask both maps what they kept."""

from __future__ import annotations

import html
import time
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets
from PIL import Image

from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.methods.embedding import LAYOUTS, MapQuality, map_quality
from xai_widgets.models.vectors import VectorSet, load_vectors
from xai_widgets.plots.embedding import embedding_figure
from xai_widgets.widgets.components import BrowserLink, PointMap, Slider, TileGrid
from xai_widgets.widgets.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.embedding import Embedding
    from xai_widgets.runtime.worker import Job

_SIZE = 384  # CSS pixels: two maps fit a laptop's screen
_TILE, _TILES = 48, 12  # size and number of the pictures of chosen points
_LISTED = 40  # names of chosen points that are written out
_EVERY = 10  # steps between two frames
_PERPLEXITY = 100  # at most
_SETS = ("digits", "faces", "words", "photos")


class EmbeddingLab(Lab):
    """Lay vectors out in two ways side by side; hover, draw around points, compare what each map kept.

    Parameters
    ----------
    data : str or VectorSet, optional
        What is laid out, ``"digits"``, ``"faces"``, ``"words"``, ``"photos"`` or a set of your own; the digits if left
        out.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If there is no such set.

    References
    ----------
    Martin Wattenberg, Fernanda Viégas, Ian Johnson (2016), How to use t-SNE effectively.

    Examples
    --------
    >>> lab = EmbeddingLab("faces", steps=20)
    >>> lab.wait()
    True
    >>> lab
    EmbeddingLab('faces', tsne and pca, perplexity 30, 20 steps, seed 0)
    >>> lab.close()
    """

    area = "embedding"

    data = traitlets.Any("digits")
    """What is laid out; always a `VectorSet` once set."""

    method = traitlets.Enum(tuple(LAYOUTS), default_value="tsne")
    """How the left map is made."""

    other_method = traitlets.Enum(tuple(LAYOUTS), default_value="pca")
    """How the right map is made."""

    perplexity = traitlets.Float(30.0, min=1)
    """About how many neighbours each point of t-SNE looks at."""

    steps = traitlets.Int(500, min=1)
    """Of t-SNE's descent."""

    start = traitlets.Enum(("pca", "random"), default_value="pca")
    """Where t-SNE begins."""

    seed = traitlets.Int(0, min=0)
    """Of the start, and of UMAP."""

    neighbours = traitlets.Int(15, min=1)
    """How many the quality figures ask for."""

    chosen: traitlets.List[int] = traitlets.List(traitlets.Int(min=0))
    """Numbers of the points that were drawn around."""

    def __init__(self, data: Any = None, **options: Any) -> None:
        self._layouts: list[Embedding | None] = [None, None]
        self._qualities: list[MapQuality | None] = [None, None]
        self._frames: list[NDArray[np.float32] | None] = [None, None]
        self._moving_menu = False
        super().__init__(**options)
        wanted: Any = self.data if data is None else data
        self.data = wanted
        self._make()
        self._show_items()
        self._listen()
        self._refresh()

    # What can be read from code

    @property
    def layouts(self) -> tuple[Embedding | None, Embedding | None]:
        """Both layouts; None while there is none."""
        return self._layouts[0], self._layouts[1]

    @property
    def qualities(self) -> tuple[MapQuality | None, MapQuality | None]:
        """What both maps kept; None while it is not known."""
        return self._qualities[0], self._qualities[1]

    def figure(self) -> Figure:
        """Return both maps as a matplotlib figure."""
        names = [self.text(f"method_{method}") for method in (self.method, self.other_method)]
        if names[0] == names[1]:
            names[1] += "\u200b"  # a title of its own
        shown = {name: frame for name, frame in zip(names, self._frames, strict=True) if frame is not None}
        groups = self.data.groups if shown else None
        shown = shown or {self.text("empty"): np.zeros((0, 2), np.float32)}
        return embedding_figure(shown, groups, self.data.group_names, self.data.marked if groups is not None else None)

    def describe(self) -> str:
        """Return what both maps show."""
        return " ".join(self._alt(side) for side in range(2))

    def __repr__(self) -> str:
        """Name the data, methods and options."""
        made = f"{self.method} and {self.other_method}, perplexity {self.perplexity:g}, {self.steps} steps"
        return f"EmbeddingLab({self.data.name!r}, {made}, seed {self.seed})"

    # State

    @traitlets.validate("data")
    def _as_vectors(self, proposal: dict[str, Any]) -> VectorSet:
        value = proposal["value"]
        if isinstance(value, str):
            return load_vectors(value, language=self.language)
        if not isinstance(value, VectorSet):
            raise traitlets.TraitError(f"data is the name of a set or a VectorSet, not {type(value).__name__}")
        return value

    @property
    def _data_name(self) -> str:
        return self.text(f"data_{self.data.name}") if self.data.name in _SETS else self.data.name

    # Making

    def _make(self) -> None:
        sets = [(self.text(f"data_{name}"), name) for name in _SETS]
        if self.data.name not in _SETS:
            sets.append((self.data.name, self.data.name))
        self._own = self.data
        methods = [(self.text(f"method_{method}"), method) for method in LAYOUTS]
        starts = [(self.text(f"start_{start}"), start) for start in ("pca", "random")]
        self.data_menu = widgets.Dropdown(options=sets, value=self.data.name, **self._control("data"))
        self.method_menu = widgets.Dropdown(options=methods, **self._control("left"))
        self.other_menu = widgets.Dropdown(options=methods, **self._control("right"))
        self.start_menu = widgets.Dropdown(options=starts, **self._control("start"))
        self.seed_button = widgets.Button(
            description=self.text("again"), tooltip=self.text("again_note"), layout=widgets.Layout(width="auto")
        )
        shared: dict[str, Any] = {"digits": 0, "language": self.language}
        self.perplexity_slider = Slider(
            label=self.text("perplexity"), min=2.0, max=float(_PERPLEXITY), step=1.0, **shared
        )
        self.steps_slider = Slider(label=self.text("steps"), min=10.0, max=1000.0, step=10.0, **shared)
        self.maps = [PointMap(size=_SIZE, empty=self.text("empty"), language=self.language) for _ in range(2)]
        for view in self.maps:
            view.layout.width, view.layout.flex = f"{_SIZE + 14}px", "0 1 auto"
        self.tiles = TileGrid(side=_TILE, alt=self.text("chosen_none"), language=self.language)
        self.tiles.layout.display = "none"
        self._chosen_line = widgets.HTML()
        row = widgets.Layout(flex_flow="row wrap", overflow="visible", align_items="center", grid_gap="4px 8px")
        side_by_side = widgets.Layout(
            flex_flow="row wrap", overflow="visible", align_items="flex-start", grid_gap="0 16px"
        )
        controls = [self.data_menu, self.method_menu, self.other_menu, self.start_menu, self.seed_button]
        self.children = (
            widgets.HBox(controls, layout=row),
            widgets.HBox([self.perplexity_slider, self.steps_slider], layout=widgets.Layout(overflow="visible")),
            self._error_panel,
            widgets.HBox(self.maps, layout=side_by_side),
            self._chosen_line,
            self.tiles,
            self._recipe_line,
        )
        self._link = BrowserLink((self.maps[0], "pointed"), [(self.maps[1], "pointed")])

    def _control(self, key: str) -> dict[str, Any]:
        layout = widgets.Layout(width="auto", max_width="240px")
        return {"description": self.text(key), "layout": layout, "style": {"description_width": "initial"}}

    def _listen(self) -> None:
        for name, menu in (("method", self.method_menu), ("other_method", self.other_menu), ("start", self.start_menu)):
            traitlets.link((self, name), (menu, "value"))
        traitlets.link((self, "perplexity"), (self.perplexity_slider, "value"))
        for view in self.maps:
            traitlets.link((self, "chosen"), (view, "chosen"))
            view.observe(lambda _change: self.stop(), "escapes")
        self.steps_slider.value = float(self.steps)
        self.steps_slider.observe(lambda change: self.set_trait("steps", max(1, round(change["new"]))), "value")
        self.data_menu.observe(self._on_menu, "value")
        self.seed_button.on_click(lambda _button: self.set_trait("seed", self.seed + 1))
        self.observe(self._on_data, "data")
        self.observe(lambda _change: self._refresh(), ["method", "perplexity", "start", "seed", "neighbours"])
        self.observe(self._on_steps, "steps")
        self.observe(lambda _change: self._refresh((1,)), "other_method")
        self.observe(lambda _change: self._show_chosen(), "chosen")

    # Events

    def _on_menu(self, change: dict[str, Any]) -> None:
        if not self._moving_menu and change["new"] != self.data.name:
            self.data = self._own if change["new"] == self._own.name else change["new"]

    def _on_data(self, _change: object) -> None:
        self._moving_menu = True  # a menu with other options chooses its first one
        if self.data.name not in [value for _, value in self.data_menu.options]:
            self._own = self.data
            self.data_menu.options = [*self.data_menu.options, (self.data.name, self.data.name)]
        self.data_menu.value = self.data.name
        self._moving_menu = False
        self._show_items()
        self._refresh()

    def _on_steps(self, _change: object) -> None:
        self.steps_slider.value = float(self.steps)
        self._refresh()

    # Computing

    def _refresh(self, sides: tuple[int, ...] = (0, 1)) -> None:
        """Lay out what is out of date: a map that no option bears on is kept."""
        data, neighbours = self.data, min(self.neighbours, (len(self.data) - 1) // 2)
        wanted = [(side, self._options(side)) for side in sides]
        stale = [(side, options) for side, options in wanted if not self._is_made(side, options, neighbours)]

        def work(job: Job) -> None:
            begun = time.perf_counter()
            for side, (method, options) in stale:
                job.show(lambda side=side: self._begin(side))  # type: ignore[misc]
                made = LAYOUTS[method](data.vectors, **options, **self._following(job, side, method))
                job.check()
                quality = map_quality(data.vectors, made.points, neighbours=neighbours)
                job.show(lambda side=side, made=made, quality=quality: self._finish(side, made, quality))  # type: ignore[misc]
            job.show(lambda: self._tell(time.perf_counter() - begun))

        self.compute(work)

    def _options(self, side: int) -> tuple[str, dict[str, Any]]:
        method = (self.method, self.other_method)[side]
        options: dict[str, Any] = {"seed": self.seed}
        if method == "tsne":
            options |= {"perplexity": self.perplexity, "steps": self.steps, "start": self.start}
        return method, options

    def _is_made(self, side: int, wanted: tuple[str, dict[str, Any]], neighbours: int) -> bool:
        made, quality = self._layouts[side], self._qualities[side]
        method, options = wanted
        if made is None or quality is None or quality.neighbours != neighbours or made.method != method:
            return False
        return all(made.options[name] == value for name, value in options.items())

    def _following(self, job: Job, side: int, method: str) -> dict[str, Callable[..., object] | int]:
        """Return what lets t-SNE be watched and stopped."""
        if method != "tsne":
            return {}

        def watch(points: NDArray[np.float32], done: int, _divergence: float | None) -> None:
            job.show(lambda: self._follow(side, points, done))

        return {"watch": watch, "every": _EVERY, "progress": job.progress}

    # Painting

    def _begin(self, side: int) -> None:
        self._layouts[side] = self._qualities[side] = None
        self.maps[side].caption = ""

    def _follow(self, side: int, points: NDArray[np.float32], step: int) -> None:
        self._frames[side] = points
        view = self.maps[side]
        with view.hold_sync():
            view.title = self.text("title_tsne", step=step, steps=self.steps)
            view.set_points(points)

    def _finish(self, side: int, made: Embedding, quality: MapQuality) -> None:
        self._layouts[side], self._qualities[side], self._frames[side] = made, quality, made.points
        view = self.maps[side]
        name = self.text(f"method_{made.method}")
        tsne = made.method == "tsne"
        with view.hold_sync():
            view.set_points(made.points)
            view.title = self.text("title_tsne", step=made.steps, steps=self.steps) if tsne else name
            figures = {"trust": quality.trustworthiness, "continuity": quality.continuity}
            written = {key: decimal(value, 3, self.language) for key, value in figures.items()}
            view.caption = self.text("quality", kept=percent(quality.kept, self.language, 0), **written)
            view.alt = self._alt(side)

    def _alt(self, side: int) -> str:
        made, quality = self._layouts[side], self._qualities[side]
        if made is None or quality is None:
            return self.text("empty")
        return self.text(
            "alt",
            count=len(made),
            data=self._data_name,
            method=self.text(f"method_{made.method}"),
            neighbours=quality.neighbours,
            kept=percent(quality.kept, self.language, 0),
        )

    def _show_items(self) -> None:
        """Tell both maps what the points are; nothing is laid out yet."""
        self._layouts, self._qualities, self._frames = [None, None], [None, None], [None, None]
        data = self.data
        for view in self.maps:
            view.set_items(data.names, data.groups, data.group_names, data.pictures, data.marked)
            view.caption = view.title = ""
        most = float(max(2, min(_PERPLEXITY, (len(data) - 1) // 3)))
        self.perplexity_slider.max = most  # t-SNE looks at three times as many neighbours
        self.perplexity = min(self.perplexity, most)
        self.chosen = []
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Say who was chosen: how many of each group, then their pictures or names."""
        data, chosen = self.data, [one for one in self.chosen if one < len(self.data)]
        if not chosen:
            self._write_chosen(self.text("chosen_none"))
        else:
            counts = np.bincount(data.groups[chosen], minlength=len(data.group_names))
            groups = [
                self.text("group_count", name=data.group_names[group], count=int(counts[group]))
                for group in np.argsort(-counts, kind="stable")
                if counts[group]
            ]
            listed = ", ".join(data.names[one] for one in chosen[:_LISTED]) if data.pictures is None else ""
            more = "…" if data.pictures is None and len(chosen) > _LISTED else ""
            parts = [self.text("chosen", count=len(chosen)), ", ".join(groups), listed + more]
            self._write_chosen(" · ".join(part for part in parts if part))
        self._show_tiles(chosen[:_TILES] if data.pictures is not None else [])

    def _write_chosen(self, text: str) -> None:
        style = "color:var(--jp-ui-font-color1,#1f1f1f);font-size:13px;line-height:1.4;overflow-wrap:anywhere"
        self._chosen_line.value = f'<div role="status" style="{style}">{html.escape(text)}</div>'

    def _show_tiles(self, chosen: list[int]) -> None:
        self.tiles.layout.display = None if chosen else "none"
        with self.tiles.hold_sync():
            self.tiles.set_tiles([str(one) for one in chosen], {str(one): self.data.names[one] for one in chosen})
            for one in chosen:
                self.tiles.set_picture(str(one), _tile(self.data.pictures[one]))

    def _tell(self, seconds: float) -> None:
        count, width = self.data.vectors.shape
        self.show_recipe(
            self.text(
                "recipe",
                data=self._data_name,
                count=count,
                width=width,
                perplexity=decimal(self.perplexity, 0, self.language),
                seed=self.seed,
                seconds=decimal(seconds, 1, self.language),
            )
        )

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on both maps."""
        for view in self.maps:
            view.progress = share


def _tile(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Enlarge a thumbnail to the size of a tile."""
    return np.asarray(Image.fromarray(picture).resize((_TILE, _TILE), Image.Resampling.NEAREST))
