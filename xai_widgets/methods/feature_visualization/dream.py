"""DeepDream: a picture is shown what a layer sees in it, and what it sees grows."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops
from scipy.ndimage import gaussian_filter

from xai_widgets import backend
from xai_widgets.common.checked_options import naming
from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.datasets.pictures.picture_reading import load_image
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.feature_visualization.decorrelated_colour import COLOURS
from xai_widgets.methods.feature_visualization.maximization import objective_of
from xai_widgets.methods.feature_visualization.objectives import PICTURE, Objective, excitement, guide
from xai_widgets.methods.feature_visualization.parameterizations import Pixels
from xai_widgets.methods.feature_visualization.problem import Problem, checked_size, picture_shape, seer, takes_size
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.results.recipe import Recipe
from xai_widgets.results.visualization_result import Dream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Annotated

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import NonNegativeInt, Positive, PositiveInt, Progress, Seed, Within
    from xai_widgets.methods.feature_visualization.maximization import Wanted
    from xai_widgets.models.kinds.classifier import Classifier

_TINY = 1e-8
_SIGMAS = (1, 2, 4)  # pixels: where one size of detail ends and the next begins
_WEIGHTS = (0.2, 1.0, 1.0, 0.7)  # of the sizes, from fine to coarse
_LARGEST_TILE = 384  # pixels a side: what a small machine differentiates at once


class Dreamer:
    """The gradient of an objective at a picture of any size, tile by tile.

    Parameters
    ----------
    problem : Problem
        Model and objective.
    tile : int or None
        Pixels a side.
    """

    def __init__(self, problem: Problem, tile: int | None) -> None:
        self.problem = problem
        height, width, _ = picture_shape(problem.subject)
        self.free = takes_size(problem.subject, problem.layers, (height + 2, width + 2))
        if not self.free and tile is not None:
            msg = f"{problem.subject.name!r} takes {height}x{width} pixels alone; leave out tile"
            raise ValueError(msg)
        side = tile or max(height, width, _LARGEST_TILE)
        self.tile = (side, side) if self.free else (height, width)
        self.arrays = problem.objective.arrays(problem.bound(1))
        self._run = store_of(problem.subject.model).get_or_build(
            ("dream", problem.objective.signature(), problem.layers.paths),
            lambda: backend.compile(self._function(), problem.layers.variables, any_size=True),
        )

    def _function(self) -> Callable[..., Any]:
        objective, run, to_inputs = self.problem.objective, self.problem.layers.run, self.problem.to_inputs
        see = seer(self.problem.subject, self.problem.layers)

        def values(picture: Any, arrays: Any) -> Any:
            return objective.values({**see(run(to_inputs(picture))), PICTURE: picture}, arrays)

        return backend.value_and_gradient(values)

    def gradient(self, picture: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
        """Return the mean objective of the tiles of a picture (H, W, 3), and its gradient."""
        gradient, covered, values = np.zeros_like(picture), np.zeros(picture.shape[:2], "float32"), []
        with store_of(self.problem.subject.model).lock:
            for rows, columns in self._tiles(picture.shape[:2]):
                value, part = self._run(picture[np.newaxis, rows, columns], self.arrays)
                gradient[rows, columns] += part[0]
                covered[rows, columns] += 1
                values.append(float(value[0]))
        return float(np.mean(values)), np.asarray(gradient / covered[..., np.newaxis], "float32")

    def _tiles(self, shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
        for rows in spans(shape[0], self.tile[0]):
            for columns in spans(shape[1], self.tile[1]):
                yield rows, columns


def spans(length: int, tile: int) -> list[slice]:
    """Cover a length by as few equal spans as possible; the last one is moved back so that it ends in time.

    Examples
    --------
    >>> spans(10, 4)
    [slice(0, 4, None), slice(4, 8, None), slice(6, 10, None)]
    >>> spans(3, 4)
    [slice(0, 3, None)]
    """
    starts = [*range(0, max(length - tile, 0), tile), max(length - tile, 0)]
    return [slice(start, min(start + tile, length)) for start in starts]


def octave_shapes(
    shape: tuple[int, int], octaves: int, scale: float, smallest: tuple[int, int]
) -> list[tuple[int, int]]:
    """Return the sizes at which a picture is dreamt, the smallest first; none is smaller than `smallest`.

    Examples
    --------
    >>> octave_shapes((100, 200), 3, 2.0, (30, 30))
    [(50, 100), (100, 200)]
    """
    every = [(round(shape[0] / scale**power), round(shape[1] / scale**power)) for power in range(octaves)]
    fitting = [one for one in every if one[0] >= smallest[0] and one[1] >= smallest[1]]
    return fitting[::-1]


@recorded
@renamed_options(image="inputs")
def deep_dream(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Wanted | None = None,
    *,
    layer: str | None = None,
    guide_image: Any = None,
    octaves: PositiveInt = 4,
    octave_scale: Annotated[float, Within(above=1)] = 1.4,
    steps: PositiveInt = 10,
    step_size: Positive = 0.015,
    jitter: NonNegativeInt = 16,
    size: PositiveInt | tuple[PositiveInt, PositiveInt] | None = None,
    tile: PositiveInt | None = None,
    seed: Seed = 0,
    progress: Progress = None,
    watch: Callable[[NDArray[np.float32]], object] | None = None,
) -> Dream:
    """DeepDream: start from a picture, and exaggerate what a layer finds in it, from coarse to fine.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        Functional or Sequential; takes pictures of 1 or 3 channels. A bare model is taken to see 0..255, or give
        ``Classifier(value_range=...)``.
    inputs : path, address, array or PIL image
        One picture of any size: a file name, a web address, the content of a file, an array (H, W) or (H, W, C), C from
        1 to 4, of 0..255 or 0..1, or an image of Pillow.
    target : str, int, or Objective, optional
        What to raise: a class by name or index; with `layer`, the index of a channel there; or an objective. Left
        out, all that `layer` sees (the mean of its squares).
    layer : str, optional
        The path of a layer, ``"backbone/conv5_block3_out"``; needed unless a class or an objective is given.
    guide_image : picture, optional
        Raise what resembles this picture as the layer sees it: guided dream. It takes a layer and no target.
    octaves : int, default 4
        At how many sizes, 1 or more, each `octave_scale` times the one before; the last is the picture's own.
    octave_scale : float, default 1.4
        How much larger each size is than the one before, above 1.
    steps : int, default 10
        Steps at each size, 1 or more.
    step_size : float, default 0.015
        Mean change of a value in a step, above 0, as a share of the range.
    jitter : int, default 16
        Largest shift before each step, 0 or more, in pixels, so that tiles leave no seams.
    size : int or (int, int), optional
        Height and width of the result in pixels; the picture's own if left out.
    tile : int, optional
        Pixels a side, 1 or more, of what is differentiated at once: memory does not grow with the picture. A model
        that takes one size alone is shown tiles of this size.
    seed : int, default 0
        Seed of the shifts, 0 or more.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting steps over all sizes, and may raise an error
        to stop. None is silent.
    watch : callable, optional
        Gets the picture (H, W, 3), 0 to 1, after each step, as large as that octave.

    Returns
    -------
    Dream
        ``.picture`` and ``.original`` (H, W, 3), 0 to 1; ``.curve``, for each size the objective at each of its
        steps, (steps,); ``.show()``.

    Raises
    ------
    ValueError
        If neither a layer, nor a class, nor an objective is given, a guided dream has a target or no layer, the
        picture is smaller than the tiles that a model needs, a class, layer or unit is unknown, or an option's
        value is not allowed.
    TypeError
        If the target is neither a class nor an objective, or with a layer no whole number; or an option does not
        exist.

    References
    ----------
    Alexander Mordvintsev, Christopher Olah, Mike Tyka (2015), Inceptionism: going deeper into neural networks,
    https://research.google/blog/inceptionism-going-deeper-into-neural-networks/.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> creatures = xai.load_model("creatures")
    >>> dream = deep_dream(creatures, xai.sample_image("cat"), layer="conv3_1", size=48, octaves=1, steps=2)
    >>> dream.picture.shape, bool(dream.curve[0][1] > dream.curve[0][0])
    ((48, 48, 3), True)
    """
    subject = wrap(model)
    if guide_image is not None:
        with naming("guide_image"):
            guide_image = subject.as_inputs(guide_image)
    problem = Problem(subject, _objective(target, layer, guide_image), Pixels(), ())
    dreamer = Dreamer(problem, tile)
    pixels = load_image(inputs)
    original = _resized(np.asarray(pixels / 255, "float32"), checked_size(size, (pixels.shape[0], pixels.shape[1])))
    shapes = octave_shapes(original.shape[:2], octaves, octave_scale, (1, 1) if dreamer.free else dreamer.tile)
    if not shapes:
        msg = (
            f"the picture has {original.shape[:2]} pixels, less than the {dreamer.tile} that the model takes: size=..."
        )
        raise ValueError(msg)
    rng, report, done = np.random.default_rng(seed), reporter(progress), 0
    detail: NDArray[np.float32] = np.zeros((*shapes[0], 3), "float32")
    curve, picture = list[Any](), original
    for shape in shapes:
        base = _resized(original, shape)
        picture = np.clip(base + _resized(detail, shape), 0, 1)
        values = []
        for _ in range(steps):
            value, picture = _uphill(
                dreamer, picture, step_size, rng.integers(-jitter, jitter, 2, endpoint=True).tolist()
            )
            values.append(value)
            done += 1
            if watch is not None:
                watch(picture)
            report(done, steps * len(shapes))
        detail = picture - base
        curve.append(np.array(values, "float32"))
    options = {
        "octaves": len(shapes),
        "octave_scale": float(octave_scale),
        "steps": steps,
        "step_size": float(step_size),
        "jitter": jitter,
        "seed": seed,
    }
    recipe = Recipe("deep_dream", problem.subject.name, problem.objective.names(), options)
    return Dream(original, picture, curve, recipe)


def _objective(target: Wanted | None, layer: str | None, guide_image: Any) -> Objective:
    if guide_image is not None:
        if layer is None or target is not None:
            raise ValueError("a guided dream takes a layer and no target: layer=...")
        return guide(layer, guide_image)
    if target is not None:
        return objective_of(target, layer)
    if layer is None:
        raise ValueError("say what to exaggerate: a layer (layer=...), a class or an objective")
    return excitement(layer)


def _uphill(
    dreamer: Dreamer, picture: NDArray[np.float32], step_size: float, shift: Sequence[int]
) -> tuple[float, NDArray[np.float32]]:
    """Shift, take a step along the gradient at mean size 1, shift back."""
    shifted = np.roll(picture, tuple(shift), axis=(0, 1))
    value, raw = dreamer.gradient(shifted)
    gradient = balanced(raw)
    moved = shifted + np.float32(step_size) * gradient / (np.abs(gradient).mean() + _TINY)
    back = np.roll(np.clip(moved, 0, 1), (-shift[0], -shift[1]), axis=(0, 1))
    return value, np.asarray(back, "float32")


def balanced(gradient: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring all sizes of detail in a gradient (H, W, 3) to equal strength, the finest to less; colours nearer to grey.

    Networks react most to the finest detail; without this, nothing else would grow (Mordvintsev 2015, in the code of
    DeepDream). Colours are mixed as in photographs, see `COLOURS`.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0, 1, (32, 32, 3)).astype("float32")
    >>> fine = [np.abs(np.diff(one, axis=0)).mean() / np.abs(one).mean() for one in (noise, balanced(noise))]
    >>> bool(fine[1] < fine[0])
    True
    """
    levels = [gradient, *(gaussian_filter(gradient, (sigma, sigma, 0), mode="wrap") for sigma in _SIGMAS)]
    bands = [fine - coarse for fine, coarse in itertools.pairwise(levels)] + [levels[-1]]
    equal = sum(weight * band / (band.std() + _TINY) for weight, band in zip(_WEIGHTS, bands, strict=True))
    return np.asarray(equal @ (COLOURS @ COLOURS.T), "float32")


def _resized(picture: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    if picture.shape[:2] == tuple(shape):
        return picture
    made = ops.image.resize(picture[np.newaxis], tuple(shape), interpolation="bilinear", antialias=True)
    resized: NDArray[np.float32] = backend.to_numpy(made)[0]
    return resized
