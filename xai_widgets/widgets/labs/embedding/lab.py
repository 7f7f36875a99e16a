"""`EmbeddingLab`: watch t-SNE lay vectors out, beside another method, and ask both maps what they kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.datasets.own_vectors import own_vectors
from xai_widgets.datasets.vectors import VectorSet, load_vectors
from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods.embedding import LAYOUTS, MapQuality, map_quality
from xai_widgets.plots.embedding_figures import embedding_figure
from xai_widgets.widgets.base.given_names import note_name
from xai_widgets.widgets.base.lab import Lab
from xai_widgets.widgets.base.number_traits import FiniteFloat, WholeNumber
from xai_widgets.widgets.labs.embedding.views import STARTS, EmbeddingViews

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.embedding_result import Embedding
    from xai_widgets.runtime.worker import Job

_EVERY = 10  # steps between two frames


class EmbeddingLab(Lab):
    """Lay vectors out in two ways side by side; hover, draw around points, compare what each map kept.

    Parameters
    ----------
    data : str, array or VectorSet, optional
        What is laid out, ``"digits"``, ``"faces"``, ``"words"``, ``"photos"``, an array of your own of shape (N, D), or
        a `VectorSet`; the digits if left out.
    labels : sequence of N str or int, optional
        Of an array: the group of each vector, which gives its colour.
    pictures : array or sequence of N pictures, optional
        Of an array: what is shown for the points that are chosen.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist, or labels or pictures are given for what is no array.
    ValueError
        If there is no such set, or an array is no set of vectors, as `own_vectors` tells.

    References
    ----------
    Martin Wattenberg, Fernanda Viégas, Ian Johnson (2016), How to use t-SNE effectively, doi:10.23915/distill.00002.

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

    perplexity = FiniteFloat(30.0, min=1)
    """About how many neighbours each point of t-SNE looks at."""

    steps = WholeNumber(500, min=1)
    """Of t-SNE's descent."""

    start = traitlets.Enum(STARTS, default_value="pca")
    """Where t-SNE begins."""

    seed = WholeNumber(0, min=0)
    """Of the start, and of UMAP."""

    neighbours = WholeNumber(15, min=1)
    """How many the quality figures ask for."""

    chosen: traitlets.List[int] = traitlets.List(WholeNumber(min=0))
    """Numbers of the points that were drawn around."""

    def __init__(self, data: Any = None, *, labels: Any = None, pictures: Any = None, **options: Any) -> None:
        self._layouts: list[Embedding | None] = [None, None]
        self._qualities: list[MapQuality | None] = [None, None]
        self._frames: list[NDArray[np.float32] | None] = [None, None]
        self._wanted_perplexity: float | None = None  # what the reader has set, whatever the data allow
        super().__init__(**options)
        if labels is not None or pictures is not None:
            if data is None or isinstance(data, (str, VectorSet)):
                raise TypeError("labels and pictures belong to an array of vectors, which is the first argument")
            data = own_vectors(data, labels=labels, pictures=pictures)
        wanted: Any = self.data if data is None else data
        self.data = wanted
        self._make()
        chosen = [one for one in self.chosen if one < len(self.data)]
        self._show_items()
        self._listen()
        self.chosen = chosen
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
        """Return both maps as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            A panel for each of both layouts that is made, its points coloured by their groups; those that are chosen
            have a ring.
        """
        names = [self.text(f"method_{method}") for method in (self.method, self.other_method)]
        if names[0] == names[1]:
            names[1] += "\u200b"  # a title of its own
        shown = {name: frame for name, frame in zip(names, self._frames, strict=True) if frame is not None}
        groups = self.data.groups if shown else None
        shown = shown or {self.text("empty"): np.zeros((0, 2), np.float32)}
        return embedding_figure(shown, groups, self.data.group_names, self._ringed() if groups is not None else None)

    def _ringed(self) -> NDArray[np.bool_]:
        """Return which points have a ring: the chosen ones, and those that the set marks."""
        ringed = np.zeros(len(self.data), bool) if self.data.marked is None else np.array(self.data.marked, bool)
        ringed[[one for one in self.chosen if one < len(self.data)]] = True
        return ringed

    def describe(self) -> str:
        """Return what both maps show.

        Returns
        -------
        str
            For each of both layouts, what it shows. In the language of the lab.
        """
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
            return note_name(load_vectors(value, language=self.language), value)
        if isinstance(value, VectorSet):
            return value
        if not hasattr(value, "__array__") and not isinstance(value, (list, tuple)):
            kind = type(value).__name__
            raise traitlets.TraitError(f"data is the name of a set, an array of vectors or a VectorSet, not {kind}")
        return own_vectors(value)

    # Making

    def _make(self) -> None:
        self._own = self.data
        self.views = views = EmbeddingViews(self.data, self.language)
        self.data_menu, self.start_menu, self.seed_button = views.data_menu, views.start_menu, views.seed_button
        self.method_menu, self.other_menu = views.method_menu, views.other_menu
        self.perplexity_slider, self.steps_slider = views.perplexity_slider, views.steps_slider
        self.maps, self.tiles = views.maps, views.tiles
        controls, rest = views.rows()
        self.arrange(*controls, self._error_panel, *rest)

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
        self.observe(self._on_perplexity, "perplexity")
        self.observe(lambda _change: self._refresh(), ["method", "start", "seed", "neighbours"])
        self.observe(self._on_steps, "steps")
        self.observe(lambda _change: self._refresh((1,)), "other_method")
        self.observe(lambda _change: self._show_chosen(), "chosen")

    # Events

    def _on_menu(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] != self.data.name:
            self.data = self._own if change["new"] == self._own.name else change["new"]

    def _on_data(self, _change: object) -> None:
        if self.data.name not in [value for _, value in self.data_menu.options]:
            self._own = self.data
        with self.painting():  # a menu with other options chooses its first one
            self.views.offer(self.data)
        self._show_items()
        self._refresh()

    def _on_perplexity(self, change: dict[str, Any]) -> None:
        if not self._painting:
            self._wanted_perplexity = change["new"]
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
        """Return what lets t-SNE be watched and stopped, and UMAP be stopped."""
        if method != "tsne":
            return {"progress": job.progress} if method == "umap" else {}

        def watch(points: NDArray[np.float32], done: int, _divergence: float | None) -> None:
            job.show(lambda: self._follow(side, points, done))

        return {"watch": watch, "every": _EVERY, "progress": job.progress}

    # Painting

    def _begin(self, side: int) -> None:
        self._layouts[side] = self._qualities[side] = None
        self.maps[side].caption = ""

    def _follow(self, side: int, points: NDArray[np.float32], step: int) -> None:
        self._frames[side] = points
        self.views.show_frame(side, points, step, self.steps)

    def _finish(self, side: int, made: Embedding, quality: MapQuality) -> None:
        self._layouts[side], self._qualities[side], self._frames[side] = made, quality, made.points
        self.views.show_layout(side, made, quality, self.steps, self._alt(side))

    def _alt(self, side: int) -> str:
        return self.views.describe(self.data, self._layouts[side], self._qualities[side])

    def _show_items(self) -> None:
        """Give both maps the names, groups and pictures of the points; nothing is laid out yet."""
        self._layouts, self._qualities, self._frames = [None, None], [None, None], [None, None]
        wanted = self.perplexity if self._wanted_perplexity is None else self._wanted_perplexity
        self._wanted_perplexity = wanted
        with self.painting():  # what the data allow is no choice of the reader's
            self.perplexity = min(wanted, self.views.show_items(self.data))
        self.chosen = []
        self._show_chosen()

    def _show_chosen(self) -> None:
        self.views.show_chosen(self.data, [one for one in self.chosen if one < len(self.data)])

    def _tell(self, seconds: float) -> None:
        count, width = self.data.vectors.shape
        self.show_recipe(
            self.text(
                "recipe",
                data=self.views.data_name(self.data.name),
                count=count,
                width=width,
                perplexity=decimal(self.perplexity, 0, self.language),
                seed=self.seed,
                seconds=decimal(seconds, 1, self.language),
            )
        )

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on both maps.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        for view in self.maps:
            view.progress = share
