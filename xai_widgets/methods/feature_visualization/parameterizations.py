"""How a picture is written as the numbers that are optimised.

The same picture can be written in many ways, and a step uphill leads elsewhere in each: pixels favour the noise that
networks overreact to, Fourier coefficients let all scales grow alike.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from xai_widgets.common.checked_options import checked_options
from xai_widgets.methods.feature_visualization.decorrelated_colour import COLOURS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Positive, PositiveInt

    Shape = tuple[int, int]
    Arrays = list[NDArray[np.float32]]

_BORDER = 1e-3  # of the range of values: where the logistic function can still be undone


@dataclass(frozen=True)
class Parameterisation:
    """What all have: how it starts, what the colours are, whether the picture may be transparent.

    Parameters
    ----------
    deviation : float
        Standard deviation of the random start.
    colour : {"decorrelated", "rgb", "grey"}
        What the channels are: independent directions of the colours of photographs; red, green, blue; one for all.
    alpha : bool
        Whether there is a further channel of opacity. The network then sees the picture on random colours, so that only
        what it needs becomes opaque.
    rate : float
        A good size of a step, see `activation_maximization`.
    """

    deviation: float = 0.01
    colour: str = "decorrelated"
    alpha: bool = False
    rate: float = 0.05

    name = "parameterisation"

    def __post_init__(self) -> None:
        """Refuse colours that do not exist."""
        if self.colour not in ("decorrelated", "rgb", "grey"):
            msg = f"colour must be 'decorrelated', 'rgb' or 'grey', not {self.colour!r}"
            raise ValueError(msg)

    def depth(self) -> int:
        """Count the channels of the numbers that are optimised."""
        return (1 if self.colour == "grey" else 3) + self.alpha

    def start(self, rng: np.random.Generator, shape: Shape) -> Arrays:
        """Return the random numbers that one picture starts from."""
        raise NotImplementedError

    def values(self, numbers: list[Any], shape: Shape) -> Any:
        """Return (N, H, W, channels), any real numbers, from the numbers of N pictures."""
        raise NotImplementedError

    def numbers_of(self, values: NDArray[np.float32]) -> Arrays:
        """Undo `values` for (N, H, W, channels)."""
        del values
        msg = f"{self.name} cannot begin with a given picture; use pixels, fourier or laplacian"
        raise ValueError(msg)

    def picture(self, numbers: list[Any], shape: Shape) -> Any:
        """Return pictures (N, H, W, 3), or 4 with alpha, values 0 to 1."""
        values = self.values([ops.convert_to_tensor(one) for one in numbers], shape)
        colours = values[..., :3] if self.colour != "grey" else ops.repeat(values[..., :1], 3, axis=-1)
        if self.colour == "decorrelated":
            colours = ops.matmul(colours, COLOURS.T)
        if self.alpha:
            colours = ops.concatenate([colours, values[..., -1:]], axis=-1)
        return ops.sigmoid(colours)

    def of(self, pictures: NDArray[np.float32]) -> Arrays:
        """Return the numbers of given pictures (N, H, W, 3), values 0 to 1."""
        inside = np.clip(pictures, _BORDER, 1 - _BORDER)
        values = np.log(inside / (1 - inside))
        if self.colour == "decorrelated":
            values = values @ np.linalg.inv(COLOURS).T
        elif self.colour == "grey":
            values = values.mean(axis=-1, keepdims=True)
        if self.alpha:
            values = np.concatenate([values, np.full_like(values[..., :1], 2.0)], axis=-1)
        return self.numbers_of(values.astype("float32"))

    def __str__(self) -> str:
        """Name, and what is not as usual."""
        extras = [self.colour] * (self.colour != "decorrelated") + ["alpha"] * self.alpha
        return f"{self.name}({', '.join(extras)})" if extras else self.name


@checked_options
@dataclass(frozen=True)
class Pixels(Parameterisation):
    """Each pixel its own numbers.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> [one.shape for one in Pixels(colour="grey").start(rng, (4, 6))]
    [(4, 6, 1)]
    """

    name = "pixels"

    def start(self, rng: np.random.Generator, shape: Shape) -> Arrays:
        """Return white noise."""
        return [rng.normal(0, self.deviation, (*shape, self.depth())).astype("float32")]

    def values(self, numbers: list[Any], shape: Shape) -> Any:
        """Take the numbers as they are."""
        del shape
        return numbers[0]

    def numbers_of(self, values: NDArray[np.float32]) -> Arrays:
        """Take the values as they are."""
        return [values]


@checked_options
@dataclass(frozen=True)
class Fourier(Parameterisation):
    """Waves: the coefficient of each, weighed the less the finer it is, as the waves of photographs are.

    The waves are real: cosine plus sine of all directions (a Hartley transform in two dimensions), by products of
    matrices, without complex numbers; the transform is its own inverse.

    Parameters
    ----------
    decay : float
        The weight of a frequency f is f to the power -decay; 0 lets fine waves grow as fast as coarse ones, 1 is how
        photographs fall off; above, broad patches of saturated colour appear where the unit asks for none.

    Examples
    --------
    >>> waves, picture = Fourier(), np.random.default_rng(0).uniform(0.1, 0.9, (1, 4, 6, 3)).astype("float32")
    >>> bool(np.allclose(ops.convert_to_numpy(waves.picture(waves.of(picture), (4, 6))), picture, atol=1e-5))
    True
    """

    rate: Positive = 0.1
    decay: float = 1.0

    name = "fourier"

    def start(self, rng: np.random.Generator, shape: Shape) -> Arrays:
        """Return random coefficients, channels first."""
        return [rng.normal(0, self.deviation, (self.depth(), *shape)).astype("float32")]

    def values(self, numbers: list[Any], shape: Shape) -> Any:
        """Add the waves up."""
        return ops.transpose(
            _transformed(ops.multiply(numbers[0], _wave_weights(shape, self.decay)), shape), (0, 2, 3, 1)
        )

    def numbers_of(self, values: NDArray[np.float32]) -> Arrays:
        """Transform back."""
        shape = (values.shape[1], values.shape[2])
        coefficients = _transformed(ops.convert_to_tensor(values.transpose(0, 3, 1, 2)), shape)
        numbers = np.asarray(ops.convert_to_numpy(coefficients)) / _wave_weights(shape, self.decay)
        return [numbers.astype("float32")]


@checked_options
@dataclass(frozen=True)
class Laplacian(Parameterisation):
    """A pyramid: pictures of halved and halved again sizes, enlarged and added.

    Parameters
    ----------
    levels : int
        How many sizes, fewer where the picture is too small.

    Examples
    --------
    >>> [one.shape for one in Laplacian(levels=3).start(np.random.default_rng(0), (16, 12))]
    [(16, 12, 3), (8, 6, 3), (4, 3, 3)]
    """

    levels: PositiveInt = 4

    name = "laplacian"

    def start(self, rng: np.random.Generator, shape: Shape) -> Arrays:
        """Return white noise at every size."""
        sizes = self._sizes(shape)
        return [rng.normal(0, self.deviation, (*size, self.depth())).astype("float32") for size in sizes]

    def values(self, numbers: list[Any], shape: Shape) -> Any:
        """Enlarge and add."""
        fine, *coarse = numbers
        return sum((ops.image.resize(one, shape, interpolation="bilinear") for one in coarse), fine)

    def numbers_of(self, values: NDArray[np.float32]) -> Arrays:
        """Put everything into the finest level."""
        count, height, width, depth = values.shape
        coarse = self._sizes((height, width))[1:]
        return [values, *(np.zeros((count, *size, depth), "float32") for size in coarse)]

    def _sizes(self, shape: Shape) -> list[Shape]:
        halved = [(-(-shape[0] // 2**level), -(-shape[1] // 2**level)) for level in range(self.levels)]
        return list(dict.fromkeys(halved))


@checked_options
@dataclass(frozen=True)
class CPPN(Parameterisation):
    """A small network from places to colours; its weights are optimised. The pictures are smooth at any size.

    Parameters
    ----------
    width, depth_of_net : int
        Units of a hidden layer, and how many of these.

    References
    ----------
    Kenneth Stanley (2007), Compositional pattern producing networks: a novel abstraction of development.
    Alexander Mordvintsev, Nicola Pezzotti, Ludwig Schubert, Chris Olah (2018), Differentiable image parameterizations.

    Examples
    --------
    >>> net = CPPN(width=4, depth_of_net=2)
    >>> numbers = [one[None] for one in net.start(np.random.default_rng(0), (8, 8))]
    >>> tuple(net.picture(numbers, (5, 7)).shape)
    (1, 5, 7, 3)
    """

    rate: Positive = 0.005
    width: PositiveInt = 24
    depth_of_net: PositiveInt = 8

    name = "cppn"

    def start(self, rng: np.random.Generator, shape: Shape) -> Arrays:
        """Return random weights; the last layer's are zero, so that the picture starts grey."""
        del shape
        taken = [2, *[2 * self.width] * (self.depth_of_net - 1)]
        hidden = [rng.normal(0, np.sqrt(1 / given), (given, self.width)).astype("float32") for given in taken]
        return [*hidden, np.zeros((2 * self.width, self.depth()), "float32")]

    def values(self, numbers: list[Any], shape: Shape) -> Any:
        """Run the network at every place."""
        *hidden, last = numbers
        signal = _places(shape)[np.newaxis]
        for weights in hidden:
            bent = ops.arctan(ops.matmul(signal, weights))
            signal = ops.concatenate([bent / 0.67, (bent**2 - 0.45) / 0.396], axis=-1)  # mean 0, variance 1
        return ops.reshape(ops.matmul(signal, last), (-1, *shape, self.depth()))


PARAMETERISATIONS: dict[str, Parameterisation] = {one.name: one for one in (Fourier(), Pixels(), Laplacian(), CPPN())}


def parameterisation_of(given: str | Parameterisation) -> Parameterisation:
    """Return a parameterisation by its name, or as it is.

    Examples
    --------
    >>> parameterisation_of("laplacian")
    Laplacian(deviation=0.01, colour='decorrelated', alpha=False, rate=0.05, levels=4)
    """
    if isinstance(given, Parameterisation):
        return given
    if not isinstance(given, str) or given not in PARAMETERISATIONS:
        msg = f"unknown parameterisation {given!r}; choose one of {', '.join(PARAMETERISATIONS)}, or make one"
        raise ValueError(msg)
    return PARAMETERISATIONS[given]


def _transformed(values: Any, shape: Shape) -> Any:
    """Transform the last two axes: cas(a + b) = cos(a) cas(b) + sin(a) cas(-b), where cas = cos + sin."""
    (cosine, sine), (across, back) = _waves(shape[0]), _waves(shape[1])
    return ops.matmul(cosine, ops.matmul(values, across + back)) + ops.matmul(sine, ops.matmul(values, across - back))


@functools.lru_cache(maxsize=32)
def _waves(size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the symmetric matrices of cosines and sines, divided by the root of the size."""
    angles = 2 * np.pi * np.outer(np.arange(size), np.arange(size)) / size
    cosine, sine = (wave(angles) / np.sqrt(size) for wave in (np.cos, np.sin))
    return cosine.astype("float32"), sine.astype("float32")


@functools.lru_cache(maxsize=32)
def _wave_weights(shape: Shape, decay: float) -> NDArray[np.float32]:
    """Return the weight of each wave; the constant one is taken for the slowest that would fit."""
    down, across = (np.fft.fftfreq(size) for size in shape)
    frequency = np.hypot(down[:, np.newaxis], across[np.newaxis])
    weights = np.maximum(frequency, 1 / max(shape)) ** -decay / 4  # so that a step of 0.1 changes a little
    return np.asarray(weights, "float32")


@functools.lru_cache(maxsize=32)
def _places(shape: Shape) -> NDArray[np.float32]:
    """Return the coordinates (H * W, 2) of all pixels, from about -1.7 to 1.7: of variance 1."""
    height, width = shape
    spread = np.sqrt(3) / max(shape)
    down, across = np.mgrid[:height, :width].astype("float32")
    centred = [(2 * down - height + 1) * spread, (2 * across - width + 1) * spread]
    return np.stack(centred, axis=-1).reshape(-1, 2).astype("float32")
