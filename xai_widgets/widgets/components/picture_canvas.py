"""A picture with layers that the browser blends without asking the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import traitlets

from xai_widgets.widgets.components import assets
from xai_widgets.widgets.components.base import Component
from xai_widgets.widgets.components.layers import PLANE, RGB, Heatmap, Layer, Perturbation

if TYPE_CHECKING:
    from collections.abc import Iterable


_PATCH = 4  # numbers: row, column, height, width


def checked_picture(picture: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return the picture if it is uint8 of shape (H, W, 3); refuse anything else with what to do about it.

    Examples
    --------
    >>> checked_picture(np.zeros((2, 3, 3), np.uint8)).shape
    (2, 3, 3)
    """
    array = np.asarray(picture)
    if array.ndim != RGB or array.shape[-1] != RGB or not array.size:
        raise ValueError(f"a picture has shape (H, W, 3), not {array.shape}; give one RGB picture, not a batch")
    if array.dtype != np.uint8:
        raise TypeError(
            f"a picture has type uint8 (0..255), not {array.dtype}; from [0, 1] use (255 * x).round().astype('uint8')",
        )
    return array


def _layers_to_json(layers: Iterable[Layer], _widget: object) -> list[dict[str, Any]]:
    return [layer.state() for layer in layers]


class PictureCanvas(Component):
    """A picture with heatmaps or a perturbation over it; opacity, threshold, epsilon and swipe need no kernel.

    Parameters
    ----------
    picture : array of uint8, shape (H, W, 3), optional
        The picture; `set_picture` changes it later.
    **options
        Any of the traits below.

    Raises
    ------
    TypeError
        If an option does not exist, or the picture is not uint8.
    ValueError
        If the picture is not (H, W, 3).

    Examples
    --------
    >>> canvas = PictureCanvas(np.zeros((64, 64, 3), np.uint8), title="A night")
    >>> canvas.set_heatmap(np.ones((8, 8)), name="saliency", signed=False)
    >>> canvas.set_perturbation(np.ones((64, 64, 3), np.int8))
    >>> canvas
    PictureCanvas(64x64, 2 layers)
    """

    _esm = assets.module("picture_canvas")
    _css = assets.style("picture_canvas")

    pixels = traitlets.Bytes(b"").tag(sync=True)
    """The picture's bytes, RGB, row by row; set them through `set_picture`."""

    width = traitlets.Int(0, min=0).tag(sync=True)
    """The picture's width in pixels; 0 while there is none."""

    height = traitlets.Int(0, min=0).tag(sync=True)
    """The picture's height in pixels; 0 while there is none."""

    layers = traitlets.Tuple(()).tag(sync=True, to_json=_layers_to_json)
    """The layers, `Heatmap` or `Perturbation`, lowest first (default: none)."""

    shown = traitlets.Unicode("").tag(sync=True)
    """Name of the one layer shown; ``""``: all of them (default); ``"picture"``: none."""

    compare = traitlets.Unicode("picture").tag(sync=True)
    """Name of the layer shown left of the divider; ``"picture"``: the plain picture (default)."""

    swipe = traitlets.Float(None, allow_none=True, min=0.0, max=1.0).tag(sync=True)
    """Where the divider stands, from 0 (left) to 1; None: no divider (default)."""

    opacity = traitlets.Float(0.7, min=0.0, max=1.0).tag(sync=True)
    """How much the heatmaps cover the picture, from 0 to 1 (default 0.7)."""

    threshold = traitlets.Float(0.0, min=0.0, max=1.0).tag(sync=True)
    """Heatmap values of smaller magnitude than this fraction of the largest of the scale are hidden (default 0)."""

    background = traitlets.Enum(("grey", "colour"), default_value="grey").tag(sync=True)
    """Whether heatmaps lie on a grey copy of the picture (default) or on its colours."""

    epsilon = traitlets.Float(0.0, min=-1.0, max=1.0).tag(sync=True)
    """How far the picture moves along the perturbation, in fractions of the picture's range (default 0)."""

    mode = traitlets.Enum(("sum", "direction"), default_value="sum").tag(sync=True)
    """``"sum"``: picture + epsilon x direction (default); ``"direction"``: the direction alone, magnified."""

    title = traitlets.Unicode("").tag(sync=True)
    """A line above the picture (default: none)."""

    caption = traitlets.Unicode("").tag(sync=True)
    """A text under the picture; room for one line is kept (default: none)."""

    caption_help = traitlets.Unicode("").tag(sync=True)
    """What the caption means: shown while the pointer is on it, or the keys (default: nothing)."""

    alt = traitlets.Unicode("").tag(sync=True)
    """What the picture shows, in words, for those who do not see it (default: the title)."""

    empty = traitlets.Unicode("").tag(sync=True)
    """What is written where there is no picture (default: a word from the catalogue)."""

    size = traitlets.Int(320, min=32).tag(sync=True)
    """Largest width and height of the picture on screen, in CSS pixels; it shrinks with its place (default 320)."""

    legend = traitlets.Bool(default_value=True).tag(sync=True)
    """Whether there is a legend under the picture; its room is kept even when there is nothing to explain (default)."""

    readout = traitlets.Bool(default_value=True).tag(sync=True)
    """Whether a line under the picture says what the pointer is on, and its room is kept (default); else the values of
    maps stand on the picture itself, while there is a pointer."""

    linked = traitlets.Bool(default_value=True).tag(sync=True)
    """Whether a pixel that is pointed at here or in another picture of the lab, of the same size, is marked in both
    (default); no, where the pictures do not show the same input."""

    progress = traitlets.Float(None, allow_none=True, min=0.0, max=1.0).tag(sync=True)
    """How much of a computation is done, as a thin bar on the picture; None: no bar (default)."""

    interactive = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether clicks, drags and a keyboard cursor are reported in `pointer` (default: no)."""

    pointer = traitlets.Dict().tag(sync=True)
    """The last event on the picture: ``x`` and ``y`` in its pixels, ``event`` ("press", "drag", "release" after a drag,
    "click"), and ``serial``, a number that grows so that the same click twice is two changes."""

    cover = traitlets.Bytes(b"").tag(sync=True)
    """The bytes that show where something is hidden, like `pixels`; set them through `set_cover` (default: none)."""

    patch = traitlets.Tuple(()).tag(sync=True)
    """Row, column, height and width of a patch that shows the cover, and that a hand moves; empty: none (default)."""

    stride = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(1, 1)).tag(sync=True)
    """By how many rows and columns the patch moves; the last place is flush with the border (default: 1 and 1)."""

    trail: traitlets.List[Any] = traitlets.List().tag(sync=True)
    """Where a hand has put the patch, each [row, column] once, in their order; empty it to begin anew."""

    segments = traitlets.Bytes(b"").tag(sync=True)
    """The number of each pixel's segment as uint16, row by row; set it through `set_segments` (default: none)."""

    hidden = traitlets.List(traitlets.Int()).tag(sync=True)
    """The segments that show the cover; if `interactive`, a press or Enter hides or shows one, a drag several."""

    hiding = traitlets.Bytes(b"").tag(sync=True)
    """For each pixel the share of the pixels that is hidden once it is, float32, row by row; set it through
    `set_hiding` (default: none)."""

    hidden_share = traitlets.Float(0.0, min=0.0, max=1.0).tag(sync=True)
    """How much is hidden in that order, the cover showing instead and no layer; 0: nothing (default)."""

    outline = traitlets.Tuple(()).tag(sync=True)
    """Row, column, height and width of a rectangle that is outlined, as a patch is; empty: none (default)."""

    def __init__(self, picture: npt.ArrayLike | None = None, **options: Any) -> None:
        if picture is not None:
            array = checked_picture(picture)
            options = {**_picture_traits(array), **options}
        super().__init__(**options)

    def set_picture(self, picture: npt.ArrayLike, layers: Iterable[Layer] = ()) -> None:
        """Show another picture, with other layers: those of the last picture say nothing about this one.

        Parameters
        ----------
        picture : array of uint8, shape (H, W, 3)
            The picture.
        layers : iterable of Layer
            Its layers (default: none).

        Raises
        ------
        TypeError, ValueError
            If it is not such an array.
        """
        traits = _picture_traits(checked_picture(picture))
        with self.hold_sync(), self.hold_trait_notifications():
            blank: dict[str, Any] = {"cover": b"", "patch": (), "trail": [], "segments": b"", "hidden": []}
            blank |= {"hiding": b"", "outline": ()}
            for name, value in {**blank, **traits, "layers": tuple(layers)}.items():
                setattr(self, name, value)

    def set_cover(self, picture: npt.ArrayLike) -> None:
        """Choose what shows where something is hidden.

        Parameters
        ----------
        picture : array of uint8, shape (H, W, 3)
            Of the picture's size.

        Raises
        ------
        TypeError, ValueError
            If it is not such an array.
        """
        array = checked_picture(picture)
        self._check_size("a cover", array)
        self.cover = array.tobytes()

    def set_segments(self, labels: npt.ArrayLike) -> None:
        """Cut the picture into segments, and show all of them.

        Parameters
        ----------
        labels : array of int, shape (H, W)
            For each pixel the number of its segment, from 0.

        Raises
        ------
        ValueError
            If they are not whole numbers below 65,536 of the picture's height and width.
        """
        array = np.asarray(labels)
        self._check_size("segments", array)
        if (
            array.ndim != PLANE
            or array.dtype.kind not in "iub"
            or array.min() < 0
            or array.max() > np.iinfo("uint16").max
        ):
            raise ValueError(f"segments are whole numbers (H, W) from 0 to 65,535, not {array.dtype} {array.shape}")
        with self.hold_sync():
            self.hidden = []
            self.segments = array.astype("<u2").tobytes()

    def set_hiding(self, shares: npt.ArrayLike) -> None:
        """Choose in which order pixels are hidden: `hidden_share` then says how many show the cover.

        Parameters
        ----------
        shares : array of float, shape (H, W)
            For each pixel the share of the pixels that is hidden once it is, above 0 and at most 1.

        Raises
        ------
        ValueError
            If they are not numbers above 0 and at most 1 of the picture's height and width.
        """
        array = np.asarray(shares)
        self._check_size("an order of hiding", array)
        if array.ndim != PLANE or array.dtype.kind != "f" or not ((array > 0) & (array <= 1)).all():
            raise ValueError(f"an order of hiding is shares (H, W) above 0 and at most 1, not {array.shape}")
        self.hiding = array.astype("<f4").tobytes()

    def _check_size(self, what: str, array: npt.NDArray[Any]) -> None:
        if array.shape[:2] != (self.height, self.width):
            here = (self.height, self.width)
            raise ValueError(f"{what} must have the height and width of the picture, {here}, not {array.shape[:2]}")

    def clear(self) -> None:
        """Take the picture and its layers away."""
        with self.hold_sync(), self.hold_trait_notifications():
            self.layers = ()
            self.pixels, self.width, self.height = b"", 0, 0

    def set_layer(self, layer: Layer) -> None:
        """Add a layer on top, or put it in the place of the one of the same name.

        Parameters
        ----------
        layer : Layer
            The layer.
        """
        names = [other.name for other in self.layers]
        place = names.index(layer.name) if layer.name in names else len(names)
        self.layers = (*self.layers[:place], layer, *self.layers[place + 1 :])

    def set_heatmap(
        self,
        values: npt.ArrayLike,
        name: str = "heatmap",
        *,
        signed: bool = True,
        value_range: tuple[float, float] | None = None,
        smooth: bool = False,
    ) -> None:
        """Add or replace the heatmap called `name`.

        Parameters
        ----------
        values : array of float, shape (H, W)
            Any height and width: it is stretched over the picture.
        name : str
            What the values are, in a word; shown in the legend.
        signed : bool
            Whether the sign means something: diverging colours, white at zero. Else sequential colours.
        value_range : tuple of float, optional
            The values of the two ends of the colours; from the values themselves if left out.
        smooth : bool
            Whether a heatmap smaller than the picture is interpolated when stretched.

        Raises
        ------
        TypeError, ValueError
            If the values are not (H, W) finite numbers, or the range is not increasing (and symmetric, if signed).
        """
        self.set_layer(Heatmap(np.asarray(values), name, signed=signed, value_range=value_range, smooth=smooth))

    def set_perturbation(self, direction: npt.ArrayLike, name: str = "perturbation") -> None:
        """Add or replace the perturbation called `name`.

        Parameters
        ----------
        direction : array of float32 or int8, shape (H, W, 3), (H, W, 1) or (H, W)
            The direction, for epsilon in fractions of the picture's range.
        name : str
            The layer's name.

        Raises
        ------
        TypeError, ValueError
            If the values are not finite numbers of such a shape.
        traitlets.TraitError
            If its height and width are not the picture's.
        """
        self.set_layer(Perturbation(np.asarray(direction), name))

    def remove_layer(self, name: str) -> None:
        """Take a layer away.

        Raises
        ------
        KeyError
            If there is no layer of that name.
        """
        names = [layer.name for layer in self.layers]
        if name not in names:
            raise KeyError(f"no layer {name!r}; there are {', '.join(names) or 'none'}")
        self.layers = tuple(layer for layer in self.layers if layer.name != name)

    @traitlets.validate("layers")
    def _check_layers(self, proposal: dict[str, Any]) -> tuple[Layer, ...]:
        layers: tuple[Layer, ...] = proposal["value"]
        names = [layer.name if isinstance(layer, Layer) else repr(layer) for layer in layers]
        if not all(isinstance(layer, Layer) for layer in layers) or len(set(names)) < len(names):
            raise traitlets.TraitError(f"layers are Heatmap or Perturbation, each of another name, not {names}")
        for layer in layers:
            here, there = layer.values.shape[:2], (self.height, self.width)
            if isinstance(layer, Perturbation) and here != there:
                raise traitlets.TraitError(
                    f"a perturbation has the height and width of its picture, {there}, not {here}"
                )
        return layers

    @traitlets.validate("patch", "outline")
    def _check_patch(self, proposal: dict[str, Any]) -> tuple[int, ...]:
        patch = tuple(int(number) for number in proposal["value"])
        if not patch:
            return ()
        if len(patch) == _PATCH:
            row, column, height, width = patch
            if row >= 0 and column >= 0 and 0 < height <= self.height - row and 0 < width <= self.width - column:
                return patch
        raise traitlets.TraitError(
            f"{proposal['trait'].name} must be (row, column, height, width) inside of {self.height}x{self.width} "
            f"pixels, not {patch}"
        )

    @traitlets.validate("pixels")
    def _check_pixels(self, proposal: dict[str, Any]) -> bytes:
        value: bytes = proposal["value"]
        if len(value) != self.width * self.height * RGB:
            raise traitlets.TraitError(f"{len(value)} bytes are not {self.height}x{self.width} pixels; use set_picture")
        return value

    def __repr__(self) -> str:
        """Return size and number of layers."""
        count = len(self.layers)
        what = f"{self.width}x{self.height}" if self.pixels else "empty"
        return f"{type(self).__name__}({what}, {count} layer{'' if count == 1 else 's'})"


def _picture_traits(picture: npt.NDArray[np.uint8]) -> dict[str, Any]:
    """Return the traits that hold a picture; its bytes are copied once, since the array may change later."""
    height, width = picture.shape[:2]
    return {"width": width, "height": height, "pixels": picture.tobytes()}
