"""`DreamLab`: show a network a picture, and let what it sees in it grow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets
from PIL import Image

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal
from xai_widgets.methods import deep_dream
from xai_widgets.models.pictures import MAX_PIXELS, load_image
from xai_widgets.models.program import read_program
from xai_widgets.plots.visualization import visualization_figure
from xai_widgets.widgets.components import PictureCanvas, PictureUpload, Slider
from xai_widgets.widgets.model_lab import ModelLab
from xai_widgets.widgets.pictures import default_picture, picture_names, read_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.runtime.worker import Job

_PANEL = 380  # CSS pixels: two pictures fit a laptop's screen
_LARGEST_UPLOAD = 1024  # pixels a side: a phone's picture is decoded smaller


class DreamLab(ModelLab):
    """Dream on a picture, from coarse to fine, and run the dream back and forth.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What dreams; the creatures model if left out.
    image : str, path, array or PIL image, optional
        Where the dream begins: a name of `list_images`, or anything that `load_image` reads.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the layer does not exist or the picture cannot be read.

    References
    ----------
    Alexander Mordvintsev, Christopher Olah, Mike Tyka (2015), Inceptionism: going deeper into neural networks.

    Examples
    --------
    >>> lab = DreamLab("creatures", "creature-owl", layer="conv2_1", size=48, octaves=1, steps=2)
    >>> lab.wait(), len(lab.frames)
    (True, 3)
    >>> lab
    DreamLab('creatures', conv2_1, 1 x 2 steps)
    >>> lab.close()
    """

    area = "dream"

    model = traitlets.Any(None, allow_none=True)
    """What dreams; always a `Classifier` once set."""

    image = traitlets.Any(None, allow_none=True)
    """Where the dream begins, as it was given."""

    layer = traitlets.Unicode(None, allow_none=True)
    """Path of the layer whose answers grow; None: the last but one convolution."""

    guide = traitlets.Unicode("")
    """Name of a sample picture that the dream is to resemble; empty: whatever the layer sees."""

    octaves = traitlets.Int(3, min=1, max=8)
    """At how many sizes, the last being the picture's own."""

    steps = traitlets.Int(8, min=1, max=100)
    """Steps at each size."""

    size = traitlets.Int(192, min=8, max=1024)
    """Pixels a side of the dream."""

    seed = traitlets.Int(0, min=0)
    """Of the shifts before each step."""

    step = traitlets.Int(0, min=0)
    """Which moment of the dream is shown; it runs along while the dream lasts."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self.frames: list[NDArray[np.uint8]] = []
        super().__init__(**options)
        wanted: Any = "creatures" if model is None else model
        self.model = wanted
        self.image = default_picture(self.model) if image is None else image
        self._layers = self._convolutions()
        self.layer = self.layer or self._layers[-2:][0]
        self._picture = self._read(self.image)
        self._make()
        self._listen()
        self._refresh()

    # What can be read from code

    def figure(self) -> Figure:
        """Return the picture and the present moment of the dream as a matplotlib figure."""
        first, shown = (self.frames[0], self.frames[self._place]) if self.frames else (self._picture, self._picture)
        names = [self.text("original"), self.text("dream", layer=self.layer)]
        return visualization_figure(np.stack([first, shown]) / 255, names, caption=self._subject())

    def describe(self) -> str:
        """Return what both pictures show."""
        return self.text("alt", layer=self.layer, model=self.model.name, step=self._place)

    def __repr__(self) -> str:
        """Model, layer, octaves and steps."""
        return f"DreamLab({self.model.name!r}, {self.layer}, {self.octaves} x {self.steps} steps)"

    # State

    @property
    def _place(self) -> int:
        return min(self.step, max(len(self.frames) - 1, 0))

    def _convolutions(self) -> list[str]:
        program = read_program(self.model.model)
        found = [one.path for one in program.needed(program.outputs) if "Conv" in type(one.operation).__name__]
        if not found:
            msg = f"{self.model.name!r} has no convolution to dream with"
            raise ValueError(msg)
        return list(dict.fromkeys(found))

    def _read(self, image: Any) -> NDArray[np.uint8]:
        """Return a picture as a square of the dream's size."""
        side = (self.size, self.size)
        picture = Image.fromarray(load_image(read_picture(image, self.model)))
        shorter = min(picture.size)
        left, top = ((length - shorter) // 2 for length in picture.size)
        cut = picture.crop((left, top, left + shorter, top + shorter))
        return np.asarray(cut.resize(side, Image.Resampling.BICUBIC), "uint8")

    def _subject(self) -> str:
        return self.text(
            "subject", layer=self.layer, model=self.model.name, octaves=self.octaves, steps=self.steps, seed=self.seed
        )

    # Making

    def _make(self) -> None:
        names = picture_names(self.model)
        sample = self.image if isinstance(self.image, str) and self.image in names else None
        own = [] if sample else [(message("lab.own_picture", self.language), None)]
        self.picture_menu = widgets.Dropdown(
            options=[*((name, name) for name in names), *own], value=sample, **self._control("picture")
        )
        self.upload = PictureUpload(label=message("lab.upload", self.language), language=self.language)
        layers = list(dict.fromkeys([*self._layers, self.layer]))
        self.layer_menu = widgets.Dropdown(options=layers, value=self.layer, **self._control("layer"))
        guides = [(self.text("no_guide"), ""), *((name, name) for name in names)]
        self.guide_menu = widgets.Dropdown(options=guides, value=self.guide, **self._control("guide"))
        self.octave_box = widgets.BoundedIntText(value=self.octaves, min=1, max=8, **self._control("octaves"))
        self.step_box = widgets.BoundedIntText(value=self.steps, min=1, max=100, **self._control("steps"))
        shared: dict[str, Any] = {"size": _PANEL, "language": self.language, "legend": False, "readout": False}
        self.original = PictureCanvas(title=self.text("original"), **shared)
        self.canvas = PictureCanvas(**shared)
        self.slider = Slider(label=self.text("moment"), step=1.0, digits=0, max=1.0, language=self.language)
        row = widgets.Layout(flex_flow="row wrap", overflow="visible", align_items="center", grid_gap="4px 8px")
        pictures = widgets.Layout(flex_flow="row wrap", overflow="visible", justify_content="center", grid_gap="0 16px")
        menus = [self.picture_menu, self.upload, self.layer_menu, self.guide_menu, self.octave_box, self.step_box]
        self.children = (
            widgets.HBox(menus, layout=row),
            self._error_panel,
            widgets.HBox([self.original, self.canvas], layout=pictures),
            self.slider,
            self._recipe_line,
        )

    def _control(self, key: str) -> dict[str, Any]:
        narrow = key in {"octaves", "steps"}
        layout = widgets.Layout(width="104px") if narrow else widgets.Layout(width="auto", max_width="220px")
        return {"description": self.text(key), "layout": layout, "style": {"description_width": "initial"}}

    def _listen(self) -> None:
        for name, menu in (
            ("layer", self.layer_menu),
            ("guide", self.guide_menu),
            ("octaves", self.octave_box),
            ("steps", self.step_box),
        ):
            traitlets.link((self, name), (menu, "value"))
        self.picture_menu.observe(self._on_menu, "value")
        self.upload.observe(lambda _change: self._change_picture(self.upload.picture_bytes), "serial")
        self.slider.observe(self._on_slider, "value")
        self.observe(lambda _change: self._refresh(), ["layer", "guide", "octaves", "steps", "seed"])
        self.observe(lambda _change: self._paint(), "step")
        for view in (self.upload, self.original, self.canvas, self.slider):
            view.observe(lambda _change: self.stop(), "escapes")

    # Events

    def _on_menu(self, change: dict[str, Any]) -> None:
        if change["new"] is not None:
            self._change_picture(change["new"])

    def _change_picture(self, image: Any) -> None:
        """Take a picture from the page; what cannot be read is said in the lab, and the last picture stays."""
        try:
            given = image if isinstance(image, str) else load_image(image, max_side=_LARGEST_UPLOAD)
            self._picture = self._read(given)
        except ValueError:
            self.show_error(self.text("bad_picture", megapixels=MAX_PIXELS // 1_000_000))
            return
        self.image = given
        self._refresh()

    def _on_slider(self, change: dict[str, Any]) -> None:
        if not self._painting:
            self.step = round(change["new"])

    # Computing

    def _refresh(self) -> None:
        """Dream in the worker; every step is a frame."""
        picture, options = self._picture, self._options()

        def work(job: Job) -> None:
            begun = time.perf_counter()
            frames = [picture]
            job.show(lambda: self._begin(frames))

            def watch(seen: NDArray[np.float32]) -> None:
                frames.append(_enlarged(seen, picture.shape[0]))
                newest = len(frames) - 1
                job.show(lambda: self._follow(newest))

            deep_dream(self.model, picture, watch=watch, progress=job.progress, **options)
            job.show(lambda: self._finish(time.perf_counter() - begun))

        self.compute(work)

    def _options(self) -> dict[str, Any]:
        guide = read_picture(self.guide, self.model) if self.guide else None
        return {
            "layer": self.layer,
            "guide_image": guide,
            "octaves": self.octaves,
            "steps": self.steps,
            "seed": self.seed,
        }

    # Painting

    def _begin(self, frames: list[NDArray[np.uint8]]) -> None:
        self.frames = frames
        with self.painting():
            self.slider.max = float(self.octaves * self.steps)
        self.original.set_picture(frames[0])
        self.original.alt = self.text("alt_original")
        self._follow(0)

    def _follow(self, newest: int) -> None:
        if self.step == newest:
            self._paint()
        else:
            self.step = newest

    def _paint(self) -> None:
        """Show the present moment."""
        if not self.frames:
            return
        with self.painting():
            self.slider.value = min(float(self.step), self.slider.max)
        with self.canvas.hold_sync():
            self.canvas.set_picture(self.frames[self._place])
            self.canvas.title = self.text("dream", layer=self.layer)
            self.canvas.alt = self.describe()

    def _finish(self, seconds: float) -> None:
        time_taken = self.text("time", seconds=decimal(seconds, 1, self.language))
        self.show_recipe(f"{self._subject()} · {time_taken}")

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the dream."""
        self.canvas.progress = share


def _enlarged(picture: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    """Return a frame of any octave at the dream's own size."""
    image = Image.fromarray(np.round(255 * picture).astype("uint8"))
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR), "uint8")
