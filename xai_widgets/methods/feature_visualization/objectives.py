"""What a picture is optimised for: units, directions, whole layers, likeness, penalties; they add, subtract, multiply.

An objective's units, directions and weights are inputs of the compiled step, never constants of it: from one unit to
the next nothing is traced again, and each picture of a batch may have its own.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from keras import ops

from xai_widgets.common.checked_options import checked_options
from xai_widgets.models.graph.intermediate_outputs import SCORES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Arrays = list[NDArray[np.float32]]

PICTURE = "the picture itself"
_COSINE_FLOOR = 0.1  # a cosine raised to a power needs a gradient also where the angle is still wide
_TINY = 1e-6


class Binding(Protocol):
    """What an objective may ask about the model and the pictures that it is bound to."""

    @property
    def count(self) -> int:
        """How many pictures there are."""

    def depth(self, layer: str) -> int:
        """Return how many channels a layer gives."""

    def index(self, target: str | int) -> int:
        """Return the index of a class."""

    def activation(self, layer: str, picture: Any) -> NDArray[np.float32]:
        """Return what a layer gives for a picture, framed as the optimised ones are."""


class Objective:
    """A quantity to raise, one value for each picture.

    Attributes
    ----------
    layers : tuple of str
        What must be known to compute it: paths of layers, `SCORES`, `PICTURE`.
    couples : bool
        Whether a picture's value depends on the others of its batch.
    """

    layers: tuple[str, ...] = ()
    couples: bool = False

    def signature(self) -> tuple[Any, ...]:
        """Return what makes another compiled step necessary: the kind and the layers, not the units."""
        raise NotImplementedError

    def length(self) -> int | None:
        """Return how many pictures the objective is made for; None: any number."""
        return None

    def names(self) -> tuple[str, ...]:
        """Return what is optimised: one name for each picture, or one for all."""
        return (str(self),)

    def arrays(self, bound: Binding) -> Arrays:
        """Return the units, directions and weights, with one row for each picture."""
        del bound
        return []

    def values(self, seen: Mapping[str, Any], arrays: Sequence[Any]) -> Any:
        """Compute the values (N,) from what the layers give."""
        raise NotImplementedError

    def __add__(self, other: Objective | float) -> Objective:
        """Raise both; a number is added to the value and changes no picture."""
        return Combined("+", self, _as_objective(other))

    __radd__ = __add__

    def __sub__(self, other: Objective | float) -> Objective:
        """Raise one and lower the other: how a penalty is written."""
        return Combined("-", self, _as_objective(other))

    def __rsub__(self, other: Objective | float) -> Objective:
        """Raise what is left when this is taken away."""
        return Combined("-", _as_objective(other), self)

    def __neg__(self) -> Objective:
        """Lower instead of raise: what a unit does *not* like."""
        return -1.0 * self

    def __mul__(self, other: Objective | float) -> Objective:
        """Weigh by a number, or multiply two values."""
        return Combined("*", self, _as_objective(other))

    __rmul__ = __mul__


def _as_objective(value: Objective | float) -> Objective:
    if isinstance(value, Objective):
        return value
    if isinstance(value, (int, float, np.number)) and math.isfinite(value):
        return Number(float(value))
    msg = f"objectives combine with objectives and finite numbers, not with {value!r}"
    raise TypeError(msg)


@dataclass(frozen=True, eq=False)
class Number(Objective):
    """A weight, as an input: turning a slider of weights traces nothing again."""

    value: float

    def signature(self) -> tuple[Any, ...]:
        """All numbers are alike."""
        return ("number",)

    def arrays(self, bound: Binding) -> Arrays:
        """Repeat it for every picture."""
        return [np.full((bound.count, 1), self.value, "float32")]

    def values(self, seen: Mapping[str, Any], arrays: Sequence[Any]) -> Any:
        """Return the number for every picture."""
        del seen
        return arrays[0][:, 0]

    def __str__(self) -> str:
        """Few digits."""
        return f"{self.value:g}"


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


@dataclass(frozen=True, eq=False)
class Combined(Objective):
    """Two objectives added, subtracted or multiplied."""

    sign: str
    left: Objective
    right: Objective

    @property
    def layers(self) -> tuple[str, ...]:  # type: ignore[override]
        """The layers of both, each once."""
        return tuple(dict.fromkeys([*self.left.layers, *self.right.layers]))

    @property
    def couples(self) -> bool:  # type: ignore[override]
        """As soon as one does."""
        return self.left.couples or self.right.couples

    def signature(self) -> tuple[Any, ...]:
        """Both, and how they are joined."""
        return (self.sign, self.left.signature(), self.right.signature())

    def length(self) -> int | None:
        """Return the number that both are made for; refuse two that differ."""
        found = {size for size in (self.left.length(), self.right.length()) if size is not None}
        if len(found) > 1:
            msg = f"the parts of {self} are made for {' and '.join(map(str, sorted(found)))} pictures; give one number"
            raise ValueError(msg)
        return next(iter(found), None)

    def names(self) -> tuple[str, ...]:
        """Return the names of the part that names most: units, rather than the penalty on all."""
        return max((self.left.names(), self.right.names()), key=len) if self.length() else (str(self),)

    def arrays(self, bound: Binding) -> Arrays:
        """Those of the left, then those of the right."""
        return [*self.left.arrays(bound), *self.right.arrays(bound)]

    def values(self, seen: Mapping[str, Any], arrays: Sequence[Any]) -> Any:
        """Join the two values."""
        border = len(arrays) - self._right_count(self.right)
        return _OPERATORS[self.sign](self.left.values(seen, arrays[:border]), self.right.values(seen, arrays[border:]))

    def _right_count(self, objective: Objective) -> int:
        if isinstance(objective, Combined):
            return self._right_count(objective.left) + self._right_count(objective.right)
        return objective.inputs if isinstance(objective, Plain) else 1

    def __str__(self) -> str:
        """Write the formula."""
        if self.sign == "*" and isinstance(self.left, Objective) and isinstance(self.right, Number):
            return f"{self.right} {self.left}"
        return f"({self.left} {self.sign} {self.right})"


@dataclass(frozen=True, eq=False)
class Plain(Objective):
    """An objective that is one function of what one layer gives.

    Attributes
    ----------
    kind : str
        Its name; two of a kind at one layer share a compiled step.
    layer : str
    function : callable
        ``function(activations, *arrays)`` gives the values (N,).
    make : callable
        ``make(bound)`` gives the arrays.
    inputs : int
        How many arrays these are.
    subject : str
        What is optimised, for the recipe.
    size : int or None
        How many pictures it is made for.
    detail : tuple
        Further constants of the function, if any.
    each : tuple of str
        A name for each picture, if these differ.
    """

    kind: str
    layer: str
    function: Callable[..., Any]
    make: Callable[[Binding], Arrays] = lambda _bound: []
    inputs: int = 0
    subject: str = ""
    size: int | None = None
    couples: bool = False
    detail: tuple[Any, ...] = ()
    each: tuple[str, ...] = ()

    @property
    def layers(self) -> tuple[str, ...]:  # type: ignore[override]
        """The one layer."""
        return (self.layer,)

    def signature(self) -> tuple[Any, ...]:
        """Kind, layer and constants."""
        return (self.kind, self.layer, *self.detail)

    def length(self) -> int | None:
        """Return the number of units that were named."""
        return self.size

    def names(self) -> tuple[str, ...]:
        """Return the name of each picture's unit."""
        return self.each or (str(self),)

    def arrays(self, bound: Binding) -> Arrays:
        """Ask `make`, and look at what it gives."""
        made = [np.asarray(one, "float32") for one in self.make(bound)]
        return [one if len(one) == bound.count else np.repeat(one, bound.count, axis=0) for one in made]

    def values(self, seen: Mapping[str, Any], arrays: Sequence[Any]) -> Any:
        """Apply the function."""
        return self.function(seen[self.layer], *arrays)

    def __str__(self) -> str:
        """Kind and subject."""
        place = "" if self.layer in {PICTURE, SCORES} else f"{self.layer}"
        return f"{self.kind}({', '.join(part for part in (place, self.subject) if part)})"


# Units and directions


def logit(target: str | int | Sequence[str | int]) -> Objective:
    """Raise the score of a class, before the softmax.

    Parameters
    ----------
    target : str, int or a sequence of them
        A class by name or index, one for all pictures or one for each.

    Returns
    -------
    Objective
        Its value is in units of the logit. It can be added to others, subtracted from them and multiplied with
        numbers.

    Raises
    ------
    ValueError
        If the sequence is empty. Once it is used with a model, if a class is unknown or the model has none.

    References
    ----------
    Karen Simonyan, Andrea Vedaldi, Andrew Zisserman (2013), Deep inside convolutional networks: visualising image
    classification models and saliency maps, arXiv:1312.6034.

    Examples
    --------
    >>> print(logit("cat") - 0.1 * l2())
    (logit(cat) - 0.1 l2())
    """
    classes = [target] if isinstance(target, (str, int, np.integer)) else list(target)

    def rows(bound: Binding) -> Arrays:
        return [_one_hot([bound.index(one) for one in classes], bound.depth(SCORES), SCORES)]

    names = tuple(map(str, classes))
    return Plain("logit", SCORES, _along, rows, 1, _listed(classes), _size(classes, target), each=names)


def channel(layer: str, unit: int | Sequence[int]) -> Objective:
    """Raise the mean of a channel over all places.

    Parameters
    ----------
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant. It gives maps (N, h, w, C) or rows (N, C).
    unit : int or sequence of int
        One channel for all pictures, or one for each; 0 to C - 1.

    Returns
    -------
    Objective
        Its value is in units of the layer's activations. It can be added to others, subtracted from them and
        multiplied with numbers.

    Raises
    ------
    ValueError
        If no unit is named. Once it is used with a model, if the layer is unknown or has no such unit.

    References
    ----------
    Chris Olah, Alexander Mordvintsev, Ludwig Schubert (2017), Feature visualization, doi:10.23915/distill.00007.

    Examples
    --------
    >>> print(channel("conv", [3, 17]))
    channel(conv, 3, 17)
    """
    units = np.atleast_1d(unit).tolist()

    def rows(bound: Binding) -> Arrays:
        return [_one_hot(units, bound.depth(layer), layer)]

    names = tuple(f"{layer} {one}" for one in units)
    return Plain("channel", layer, _along, rows, 1, _listed(units), _size(units, unit), each=names)


@checked_options
def neuron(layer: str, unit: int | Sequence[int], place: tuple[int, int] | None = None) -> Objective:
    """Raise a channel at one place: (row, column), the middle if left out.

    Parameters
    ----------
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant. It gives maps (N, h, w, C).
    unit : int or sequence of int
        One channel for all pictures, or one for each; 0 to C - 1.
    place : (int, int), optional
        Row and column of the layer's map, from 0; the middle if left out.

    Returns
    -------
    Objective
        Its value is in units of the layer's activations. It can be added to others, subtracted from them and
        multiplied with numbers.

    Raises
    ------
    ValueError
        If no unit is named. Once it is used with a model, if the layer is unknown or has no such unit.

    References
    ----------
    Chris Olah, Alexander Mordvintsev, Ludwig Schubert (2017), Feature visualization, doi:10.23915/distill.00007.

    Examples
    --------
    >>> print(neuron("conv", 3, (0, 2)))
    neuron(conv, 3 at (0, 2))
    """
    units, centred = np.atleast_1d(unit).tolist(), place is None

    def rows(bound: Binding) -> Arrays:
        where = np.array([place or (0, 0)], "float32")
        return [_one_hot(units, bound.depth(layer), layer), where]

    def at_place(activations: Any, directions: Any, where: Any) -> Any:
        height, width = activations.shape[1:3]
        if centred:
            here = activations[:, height // 2, width // 2]
        else:
            down = ops.cast(ops.equal(where[:, :1], ops.arange(height, dtype="float32")), "float32")
            across = ops.cast(ops.equal(where[:, 1:], ops.arange(width, dtype="float32")), "float32")
            here = ops.einsum("nhwc,nh,nw->nc", activations, down, across)
        return ops.sum(here * directions, axis=-1)

    subject = _listed(units) + ("" if place is None else f" at {place}")
    return Plain("neuron", layer, at_place, rows, 2, subject, _size(units, unit), detail=(centred,))


@checked_options
def direction(layer: str, vector: ArrayLike, power: float = 0.0) -> Objective:
    """Raise what a layer gives along a direction of its channels.

    Parameters
    ----------
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant. It gives maps (N, h, w, C) or rows (N, C).
    vector : (C,) or (N, C) array
        One direction for all pictures, or one for each; taken at length 1.
    power : float
        0: the plain product. Above: the product times the cosine to this power, so that the picture shows the
        direction and little else.

    Returns
    -------
    Objective
        Its value is in units of the layer's activations. It can be added to others, subtracted from them and
        multiplied with numbers.

    Raises
    ------
    ValueError
        Once it is used with a model, if the layer is unknown, or the vectors do not fit it, are not finite or are
        zero.

    Examples
    --------
    >>> print(direction("conv", [1.0, 0.0]))
    direction(conv, 2 numbers)
    """
    vectors = np.atleast_2d(np.asarray(vector, "float32"))
    size = len(vectors) if np.ndim(vector) == 2 else None

    def rows(bound: Binding) -> Arrays:
        lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
        if vectors.shape[-1] != bound.depth(layer) or not np.isfinite(lengths).all() or not lengths.all():
            msg = f"a direction at {layer!r} has {bound.depth(layer)} finite numbers, not all zero; got {vectors.shape}"
            raise ValueError(msg)
        return [vectors / lengths]

    def along(activations: Any, directions: Any) -> Any:
        return _sharpened(activations, _spread(directions, activations), power)

    return Plain("direction", layer, along, rows, 1, f"{vectors.shape[-1]} numbers", size, detail=(power,))


def interaction(layer: str, first: int, second: int) -> Objective:
    """Raise two channels where both are on: the mean over places of their product, negative values cut off.

    Parameters
    ----------
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant. It gives maps (N, h, w, C) or rows (N, C).
    first : int
        The first channel, 0 to C - 1.
    second : int
        The second channel, 0 to C - 1.

    Returns
    -------
    Objective
        Its value is in squared units of the layer's activations. It can be added to others, subtracted from them
        and multiplied with numbers.

    Raises
    ------
    ValueError
        Once it is used with a model, if the layer is unknown or has no such unit.

    Examples
    --------
    >>> print(interaction("conv", 3, 5))
    interaction(conv, 3, 5)
    """

    def rows(bound: Binding) -> Arrays:
        return [_one_hot([unit], bound.depth(layer), layer) for unit in (first, second)]

    def both(activations: Any, one: Any, other: Any) -> Any:
        maps = [ops.relu(ops.sum(activations * _spread(rows, activations), axis=-1)) for rows in (one, other)]
        return _mean(maps[0] * maps[1])

    return Plain("interaction", layer, both, rows, 2, f"{first}, {second}")


# Whole layers


def excitement(layer: str) -> Objective:
    """Raise whatever a layer already sees: the mean of its squares. This is DeepDream's objective.

    Parameters
    ----------
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant.

    Returns
    -------
    Objective
        Its value is in squared units of the layer's activations. It can be added to others, subtracted from them
        and multiplied with numbers.

    Raises
    ------
    ValueError
        Once it is used with a model, if the layer is unknown.

    References
    ----------
    Alexander Mordvintsev, Christopher Olah, Mike Tyka (2015), Inceptionism: going deeper into neural networks,
    https://research.google/blog/inceptionism-going-deeper-into-neural-networks/.

    Examples
    --------
    >>> print(excitement("conv"))
    excitement(conv)
    """
    return Plain("excitement", layer, lambda activations: _mean(activations**2))


def diversity(layer: str) -> Objective:
    """Raise the differences between the pictures of a batch: minus the mean cosine of their Gram matrices.

    Parameters
    ----------
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant. It gives maps (N, h, w, C).

    Returns
    -------
    Objective
        Its value lies between -1 and 0, has no unit, and is 0 for a single picture. It compares all pictures, which
        are therefore drawn in one batch. It can be added to others, subtracted from them and multiplied with
        numbers.

    Raises
    ------
    ValueError
        Once it is used with a model, if the layer is unknown.

    References
    ----------
    Chris Olah, Alexander Mordvintsev, Ludwig Schubert (2017), Feature visualization, doi:10.23915/distill.00007.

    Examples
    --------
    >>> print(channel("conv", 3) + 10 * diversity("conv"))
    (channel(conv, 3) + 10 diversity(conv))
    """

    def spread(activations: Any) -> Any:
        grams = _gram(activations)
        flat = ops.reshape(grams, (-1, grams.shape[-1] * grams.shape[-2]))
        unit = flat / (ops.norm(flat, axis=-1, keepdims=True) + _TINY)
        others = ops.sum(unit, axis=0, keepdims=True) - unit
        count = ops.cast(ops.shape(unit)[0], "float32")
        return -ops.sum(unit * others, axis=-1) / ops.maximum(count - 1, 1)

    return Plain("diversity", layer, spread, couples=True)


# Likeness to a picture


@checked_options
def caricature(layer: str, picture: Any, power: float = 1.0) -> Objective:
    """Raise, at every place, what a picture makes a layer see there; what it sees most is exaggerated.

    Parameters
    ----------
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant.
    picture : picture
        One picture: a uint8 array (H, W, 3), or floats (H, W, C) in the model's input space.
    power : float
        0: the plain product. Above: the product times the cosine to this power, so that the picture shows what the
        layer saw and little else.

    Returns
    -------
    Objective
        Its value is in units of the layer's activations. It can be added to others, subtracted from them and
        multiplied with numbers.

    Raises
    ------
    ValueError
        Once it is used with a model, if the layer is unknown, or the picture does not fit the model.

    Examples
    --------
    >>> print(caricature("conv", np.zeros((8, 8, 3), "uint8")))
    caricature(conv, a picture)
    """

    def exaggerate(activations: Any, wanted: Any) -> Any:
        return _sharpened(activations, wanted / (ops.norm(wanted, axis=-1, keepdims=True) + _TINY), power)

    return Plain("caricature", layer, exaggerate, _like(layer, picture), 1, "a picture", detail=(power,))


def inversion(layer: str, picture: Any) -> Objective:
    """Raise the likeness to a picture as a layer sees it: minus the squared distance, relative to its own square.

    Parameters
    ----------
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant.
    picture : picture
        One picture: a uint8 array (H, W, 3), or floats (H, W, C) in the model's input space.

    Returns
    -------
    Objective
        Its value is 0 at best, has no unit, and is -1 where the layer gives 0 everywhere. It can be added to
        others, subtracted from them and multiplied with numbers.

    Raises
    ------
    ValueError
        Once it is used with a model, if the layer is unknown, or the picture does not fit the model.

    References
    ----------
    Aravindh Mahendran, Andrea Vedaldi (2015), Understanding deep image representations by inverting them,
    arXiv:1412.0035.

    Examples
    --------
    >>> print(inversion("conv", np.zeros((8, 8, 3), "uint8")))
    inversion(conv, a picture)
    """

    def likeness(activations: Any, wanted: Any) -> Any:
        return -_mean((activations - wanted) ** 2) / (_mean(wanted**2) + _TINY)

    return Plain("inversion", layer, likeness, _like(layer, picture), 1, "a picture")


def style(layer: str, picture: Any) -> Objective:
    """Raise the likeness of textures: minus the squared distance of Gram matrices, relative to the picture's own.

    Parameters
    ----------
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant. It gives maps (N, h, w, C).
    picture : picture
        One picture: a uint8 array (H, W, 3), or floats (H, W, C) in the model's input space.

    Returns
    -------
    Objective
        Its value is 0 at best, and has no unit. It can be added to others, subtracted from them and multiplied with
        numbers.

    Raises
    ------
    ValueError
        Once it is used with a model, if the layer is unknown, or the picture does not fit the model.

    References
    ----------
    Leon Gatys, Alexander Ecker, Matthias Bethge (2015), A neural algorithm of artistic style, arXiv:1508.06576.

    Examples
    --------
    >>> print(style("conv", np.zeros((8, 8, 3), "uint8")))
    style(conv, a picture)
    """

    def likeness(activations: Any, wanted: Any) -> Any:
        own, other = _gram(activations), _gram(wanted)
        return -_mean((own - other) ** 2) / (_mean(other**2) + _TINY**2)

    return Plain("style", layer, likeness, _like(layer, picture), 1, "a picture")


def guide(layer: str, picture: Any) -> Objective:
    """Raise, at every place, the best match with any place of a guiding picture: guided DeepDream.

    Parameters
    ----------
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant.
    picture : picture
        One picture: a uint8 array (H, W, 3), or floats (H, W, C) in the model's input space.

    Returns
    -------
    Objective
        Its value is in squared units of the layer's activations. It can be added to others, subtracted from them
        and multiplied with numbers.

    Raises
    ------
    ValueError
        Once it is used with a model, if the layer is unknown, or the picture does not fit the model.

    References
    ----------
    Alexander Mordvintsev, Christopher Olah, Mike Tyka (2015), Inceptionism: going deeper into neural networks,
    https://research.google/blog/inceptionism-going-deeper-into-neural-networks/.

    Examples
    --------
    >>> print(guide("conv", np.zeros((8, 8, 3), "uint8")))
    guide(conv, a picture)
    """

    def best_match(activations: Any, features: Any) -> Any:
        depth = activations.shape[-1]
        here = ops.reshape(activations, (ops.shape(activations)[0], -1, depth))
        there = ops.reshape(features, (ops.shape(features)[0], -1, depth))
        return _mean(ops.max(ops.matmul(here, ops.transpose(there, (0, 2, 1))), axis=-1))

    return Plain("guide", layer, best_match, _like(layer, picture), 1, "a picture")


# Penalties on the picture, values 0 to 1; they are subtracted


def total_variation() -> Objective:
    """Measure roughness: the mean absolute difference of neighbouring pixels.

    Returns
    -------
    Objective
        Its value is 0 to 2, for pictures of values 0 to 1; subtract it to make pictures smooth. It can be added to
        others, subtracted from them and multiplied with numbers.

    Examples
    --------
    >>> picture = np.zeros((1, 2, 2, 1), "float32")
    >>> picture[0, 0, 0] = 1
    >>> float(total_variation().values({PICTURE: picture}, [])[0])
    1.0
    """

    def roughness(picture: Any) -> Any:
        colours = picture[..., :3]
        down = ops.abs(colours[:, 1:] - colours[:, :-1])
        across = ops.abs(colours[:, :, 1:] - colours[:, :, :-1])
        return _mean(down) + _mean(across)

    return Plain("total_variation", PICTURE, roughness)


@checked_options
def l1(around: float = 0.5) -> Objective:
    """Measure the mean distance of pixel values to a grey.

    Parameters
    ----------
    around : float
        The grey, 0 to 1.

    Returns
    -------
    Objective
        Its value is 0 to 1, for pictures of values 0 to 1; subtract it to keep near to the grey. It can be added to
        others, subtracted from them and multiplied with numbers.

    Examples
    --------
    >>> float(l1(0.25).values({PICTURE: np.ones((1, 2, 2, 3), "float32")}, [])[0])
    0.75
    """
    return Plain("l1", PICTURE, lambda picture: _mean(ops.abs(picture[..., :3] - around)), detail=(around,))


@checked_options
def l2(around: float = 0.5) -> Objective:
    """Measure the mean squared distance of pixel values to a grey: the regulariser of Simonyan et al. (2013).

    Parameters
    ----------
    around : float
        The grey, 0 to 1.

    Returns
    -------
    Objective
        Its value is 0 to 1, for pictures of values 0 to 1; subtract it to keep near to the grey. It can be added to
        others, subtracted from them and multiplied with numbers.

    References
    ----------
    Karen Simonyan, Andrea Vedaldi, Andrew Zisserman (2013), Deep inside convolutional networks: visualising image
    classification models and saliency maps, arXiv:1312.6034.

    Examples
    --------
    >>> float(l2().values({PICTURE: np.ones((1, 2, 2, 3), "float32")}, [])[0])
    0.25
    """
    return Plain("l2", PICTURE, lambda picture: _mean((picture[..., :3] - around) ** 2), detail=(around,))


def alpha() -> Objective:
    """Measure how much of the picture is opaque, for parameterisations with transparency.

    Returns
    -------
    Objective
        Its value is 0 to 1; subtract it to leave transparent what does not count. It can be added to others,
        subtracted from them and multiplied with numbers.

    Raises
    ------
    ValueError
        Once it is used with a model, if the pictures have no transparency.

    Examples
    --------
    >>> float(alpha().values({PICTURE: np.ones((1, 2, 2, 4), "float32")}, [])[0])
    1.0
    """

    def opaque(picture: Any) -> Any:
        if picture.shape[-1] not in (2, 4):
            msg = "the pictures have no transparency; use a parameterisation with alpha=True"
            raise ValueError(msg)
        return _mean(picture[..., -1:])

    return Plain("alpha", PICTURE, opaque)


# What they share


def _mean(tensor: Any) -> Any:
    """Average over all axes but the first."""
    return ops.mean(tensor, axis=tuple(range(1, len(tensor.shape))))


def _along(activations: Any, directions: Any) -> Any:
    """Project the mean over places on one direction for each picture."""
    places = tuple(range(1, len(activations.shape) - 1))
    return ops.sum((ops.mean(activations, axis=places) if places else activations) * directions, axis=-1)


def _spread(rows: Any, activations: Any) -> Any:
    """Give rows (N, C) as many axes as the activations."""
    for _ in range(len(activations.shape) - 2):
        rows = ops.expand_dims(rows, 1)
    return rows


def _sharpened(activations: Any, directions: Any, power: float) -> Any:
    """Multiply with unit directions, times the cosine to a power, and average over places."""
    product = ops.sum(activations * directions, axis=-1)
    if power:
        cosine = product / (ops.sqrt(ops.sum(activations**2, axis=-1) + _TINY**2) + _TINY)
        product = product * ops.maximum(cosine, _COSINE_FLOOR) ** power
    return _mean(product) if len(product.shape) > 1 else product


def _gram(activations: Any) -> Any:
    """Correlate the channels over all places: (N, C, C)."""
    depth = activations.shape[-1]
    flat = ops.reshape(activations, (-1, math.prod(activations.shape[1:-1]), depth))
    return ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / flat.shape[1]


def _like(layer: str, picture: Any) -> Callable[[Binding], Arrays]:
    return lambda bound: [bound.activation(layer, picture)]


def _one_hot(units: Sequence[int], depth: int, layer: str) -> NDArray[np.float32]:
    for unit in units:
        if not 0 <= unit < depth:
            msg = f"{layer!r} has the units 0 to {depth - 1}, not {unit}"
            raise ValueError(msg)
    return np.eye(depth, dtype="float32")[list(units)]


def _size(units: Sequence[Any], given: Any) -> int | None:
    """Return how many pictures are asked for: none in particular where a single unit is named."""
    single = isinstance(given, str) or np.ndim(given) == 0
    if not single and not units:
        raise ValueError("no unit is named; give at least one")
    return None if single else len(units)


def _listed(names: Sequence[Any]) -> str:
    few = 4
    return ", ".join(map(str, names[:few])) + (f", ... ({len(names)})" if len(names) > few else "")
