"""The rules of layer-wise relevance propagation; a new one is a short class.

What a layer receives is shared out among its inputs in proportion to z_ij, what input i adds to output j (x_i w_ij in
the plain rules): R_i = sum over j of z_ij / z_j R_j. The rules differ in z_ij, and in what they do where z_j is small.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import keras

from xai_widgets import backend
from xai_widgets.common.checked_options import checked_options
from xai_widgets.common.renamed_options import renamed_options, warn_renamed
from xai_widgets.methods.attribution.backpropagation.rules.engine import LayerCall, own_derivative
from xai_widgets.methods.attribution.backpropagation.rules.layer_kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xai_widgets.common.option_types import NonNegative
    from xai_widgets.methods.attribution.backpropagation.rules.affine_layers import Affine

    Tensor = Any

_TINY = 1e-30  # lost in any float32 but 0


@dataclass(frozen=True)
class Rule:
    """How a layer shares its relevance out among its inputs.

    A rule is a frozen dataclass, so that two of the same numbers are the same. Its class says which layers it is for:
    by default those with weights.
    """

    @property
    def for_any_layer(self) -> bool:
        """Tell whether the rule needs no weights."""
        return False

    def __call__(self, call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
        """Return the relevance of each input of a call, from that of its output."""
        raise NotImplementedError


@dataclass(frozen=True)
class Pass(Rule):
    """Hand the relevance on as it is, value by value: for activations and changes of units."""

    @property
    def for_any_layer(self) -> bool:
        """It needs no weights, but an output shaped like the input."""
        return True

    def __call__(self, call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
        """Refuse a layer of several inputs or of another shape."""
        if len(call.inputs) != 1 or tuple(call.inputs[0].shape[1:]) != tuple(relevance.shape[1:]):
            msg = f"{call.node.name} changes the shape or has several inputs, so relevance cannot pass as it is"
            raise ValueError(msg)
        return [relevance]


@renamed_options(epsilon="stabilizer")
@checked_options
@dataclass(frozen=True)
class Epsilon(Rule):
    """LRP-epsilon: z_ij = x_i w_ij, and z_j is moved away from 0 by the stabilizer, the epsilon of the literature.

    Attributes
    ----------
    stabilizer : float
        0 gives LRP-0, the plain rule. It takes a share of its own, which is lost; a large one keeps only what counts
        most.
    bias : bool
        Whether the bias is one more input, whose share is lost. False shares it out with the rest.
    """

    stabilizer: NonNegative = 1e-6
    bias: bool = True

    @property
    def epsilon(self) -> float:
        """The stabilizer, by its old name."""
        warn_renamed("Epsilon", "epsilon", "stabilizer")
        return self.stabilizer

    @property
    def for_any_layer(self) -> bool:
        """Any layer with a derivative, as if it were linear here; the factors of a product get equal shares."""
        return True

    def __call__(self, call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
        """Multiply the input by what its own derivative carries back."""
        affine = call.node.affine
        z = call.output if self.bias or affine is None or affine.bias() is None else call.output - affine.bias()
        if call.node.factors > 1:  # each of which would take all: they take equal shares
            relevance = relevance / call.node.factors
        parts = call.pull(_ratio(relevance, z, self.stabilizer))
        return [x * part for x, part in zip(call.inputs, parts, strict=True)]


@checked_options
@dataclass(frozen=True)
class Gamma(Rule):
    """LRP-gamma: what adds in the direction of the output counts (1 + gamma) times.

    Attributes
    ----------
    gamma : float
        0 gives LRP-0; large values come near to z+.
    bias : bool
        Whether the bias is one more input, whose share is lost. False shares it out with the rest.
    """

    gamma: NonNegative = 0.25
    bias: bool = True

    def __call__(self, call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
        """Share positive outputs out with weights for them, negative ones with weights against."""
        layer, gamma = _Weights(call), self.gamma
        kernel, positive, negative = layer.kernel, layer.positive, layer.negative
        bias = layer.bias if self.bias else 0.0
        up = [(layer.x_positive, kernel + gamma * positive), (layer.x_negative, kernel + gamma * negative)]
        down = [(layer.x_positive, kernel + gamma * negative), (layer.x_negative, kernel + gamma * positive)]
        on = keras.ops.cast(call.output > 0, relevance.dtype)
        found = layer.share(up, bias + gamma * _clip(bias, 1), relevance * on)
        off = relevance * (1 - on)  # all 0 before a ReLU whose silent units got nothing: then half of the work is saved
        return [
            keras.ops.cond(
                keras.ops.any(off != 0),
                lambda: found + layer.share(down, bias + gamma * _clip(bias, -1), off),
                lambda: found,
            )
        ]


@checked_options
@dataclass(frozen=True)
class AlphaBeta(Rule):
    """LRP-alpha-beta: positive contributions get alpha of the relevance, negative ones minus beta of it.

    Attributes
    ----------
    alpha, beta : float
        alpha - beta = 1. alpha 1 and beta 0 is `ZPlus`.
    bias : bool
        Whether the bias is one more input, whose share is lost. False shares it out with the rest.
    conserve : bool
        In the paper's rule an output without negative contributions still gives alpha of its relevance, more than it
        has. True gives it once.

    Raises
    ------
    ValueError
        If alpha - beta is not 1, or either is negative.
    """

    alpha: float = 2.0
    beta: float = 1.0
    bias: bool = True
    conserve: bool = False

    def __post_init__(self) -> None:
        """Check the numbers."""
        if abs(self.alpha - self.beta - 1) > 1e-6 or self.beta < 0:
            msg = f"alpha - beta must be 1, neither negative, not alpha={self.alpha}, beta={self.beta}"
            raise ValueError(msg)

    def __call__(self, call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
        """Share out twice, by what is positive and by what is negative."""
        layer = _Weights(call)
        bias = layer.bias if self.bias else 0.0
        more = [(layer.x_positive, layer.positive), (layer.x_negative, layer.negative)]
        if self.beta == 0:
            return [layer.share(more, _clip(bias, 1), relevance)]
        less = [(layer.x_positive, layer.negative), (layer.x_negative, layer.positive)]
        alpha, beta = self.alpha * relevance, self.beta * relevance
        if self.conserve:
            has_more, has_less = (layer.total(parts, _clip(bias, sign)) != 0 for parts, sign in ((more, 1), (less, -1)))
            alpha = keras.ops.where(has_less, alpha, relevance)
            beta = keras.ops.where(has_more, beta, -relevance)
        return [layer.share(more, _clip(bias, 1), alpha) - layer.share(less, _clip(bias, -1), beta)]


@checked_options
@dataclass(frozen=True)
class ZPlus(AlphaBeta):
    """The z+ rule: only positive contributions count; it is alpha-beta with alpha 1 and beta 0.

    A positive bias takes no share, unless `bias` is True: with batch normalisation merged into them, the biases of a
    deep network would take nearly all.
    """

    alpha: float = 1.0
    beta: float = 0.0
    bias: bool = False


@dataclass(frozen=True)
class WSquare(Rule):
    """The w^2 rule: z_ij = w_ij^2, whatever the input. For a first layer whose inputs are unbounded."""

    def __call__(self, call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
        """Run the layer with squared weights on ones."""
        layer = _Weights(call)
        return [layer.share([(keras.ops.ones_like(layer.x), layer.kernel**2)], 0.0, relevance)]


@dataclass(frozen=True)
class Flat(Rule):
    """The flat rule: all inputs that a unit looks at get the same. For a first layer, where pixels are a detail."""

    def __call__(self, call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
        """Run the layer with weights of one on ones."""
        layer = _Weights(call)
        return [layer.share([(keras.ops.ones_like(layer.x), keras.ops.ones_like(layer.kernel))], 0.0, relevance)]


@dataclass(frozen=True)
class ZBox(Rule):
    """The z-box rule, for a first layer whose inputs lie between `low` and `high`.

    z_ij = x_i w_ij - low_i max(w_ij, 0) - high_i min(w_ij, 0), which is never negative.

    Attributes
    ----------
    low, high : float or tuple of floats, one for each channel
        The range of the model's inputs; what rescales or pads them before the layer is applied to it too.
    """

    low: float | tuple[float, ...] = 0.0
    high: float | tuple[float, ...] = 1.0

    def __call__(self, call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
        """Run the layer on the input and on both ends of the range."""
        ones = keras.ops.ones_like(call.inputs[0])
        return self.between(ones * self.ends()[0], ones * self.ends()[1], call, relevance)

    def ends(self) -> tuple[Tensor, Tensor]:
        """Return the range as tensors."""
        return keras.ops.convert_to_tensor(self.low, "float32"), keras.ops.convert_to_tensor(self.high, "float32")

    @staticmethod
    def between(low: Tensor, high: Tensor, call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
        """Share out with a range for each input of the layer."""
        layer = _Weights(call)
        parts = [(layer.x, layer.kernel), (-low, layer.positive), (-high, layer.negative)]
        return [layer.share(parts, 0.0, relevance)]


class _Weights:
    """What the rules for layers with weights ask of a call."""

    def __init__(self, call: LayerCall) -> None:
        affine: Affine = call.node.affine  # type: ignore[assignment]  # the plan gives such rules to such layers
        (self.x,) = call.inputs
        self.affine = affine
        self.kernel = affine.kernel()
        self.bias = 0.0 if affine.bias() is None else affine.bias()
        self.x_positive = self.x if call.node.nonnegative else _clip(self.x, 1)
        self.x_negative = None if call.node.nonnegative else _clip(self.x, -1)

    @property
    def positive(self) -> Tensor:
        return _clip(self.kernel, 1)

    @property
    def negative(self) -> Tensor:
        return _clip(self.kernel, -1)

    def share(self, parts: Sequence[tuple[Any, Tensor]], bias: Any, relevance: Tensor) -> Tensor:
        """Share relevance out by the sum of what inputs add through kernels; inputs of None are all 0."""
        runs = [(x, *self._run(x, kernel)) for x, kernel in parts if x is not None]
        ratio = _ratio(relevance, sum(z for _, z, _ in runs) + bias, 0.0)
        return sum(x * pull(ratio)[0] for x, _, pull in runs)

    def total(self, parts: Sequence[tuple[Any, Tensor]], bias: Any) -> Tensor:
        """Return z_j alone."""
        return sum(self.affine.apply(x, kernel) for x, kernel in parts if x is not None) + bias

    def _run(self, x: Tensor, kernel: Tensor) -> tuple[Tensor, Callable[[Tensor], Sequence[Tensor]]]:
        return backend.pullback(lambda taken: self.affine.apply(taken, kernel))(x)


def _clip(values: Any, sign: int) -> Any:
    """Return the positive or the negative part."""
    if isinstance(values, float):
        return values
    return keras.ops.maximum(values, 0.0) if sign > 0 else keras.ops.minimum(values, 0.0)


def _ratio(relevance: Tensor, z: Tensor, stabilizer: float) -> Tensor:
    """Divide; nothing is shared out where nothing was added."""
    if stabilizer:
        # Away from 0 in the direction of z, and of 0 itself upward; choosing by `where` takes half as long again.
        return relevance / (z + stabilizer * keras.ops.sign(z + _TINY))
    nothing = z == 0
    return keras.ops.where(nothing, 0.0, relevance / keras.ops.where(nothing, 1.0, z))


def gated(place: int) -> Callable[[LayerCall, Tensor], Sequence[Tensor]]:
    """Return the rule of a product with gates: the other factor, at `place`, takes all, however often it is taken.

    Leila Arras, Grégoire Montavon, Klaus-Robert Müller, Wojciech Samek (2017), Explaining recurrent neural network
    predictions in sentiment analysis.
    """

    def share(call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
        parts = call.pull(_ratio(relevance / call.node.times[place], call.output, 0.0))
        pairs = zip(call.inputs, parts, strict=True)
        return [x * part if index == place else keras.ops.zeros_like(x) for index, (x, part) in enumerate(pairs)]

    return share


def looked_up(_call: LayerCall, relevance: Tensor) -> Sequence[Tensor]:
    """Give a word what its vector gets in all."""
    return [keras.ops.sum(relevance, axis=-1)]


# What is done where a layer has no weights. Maxima: the winner takes all.
BY_KIND: dict[Kind, Callable[[LayerCall, Tensor], Sequence[Tensor]]] = {
    Kind.RECTIFIER: Pass(),
    Kind.ACTIVATION: Pass(),
    Kind.UNITS: Pass(),
    Kind.MOVE: own_derivative,
    Kind.LINEAR: Epsilon(),
    Kind.MAXIMUM: own_derivative,
    Kind.MINIMUM: own_derivative,
    Kind.LOOKUP: looked_up,
}
RULES: dict[str, Callable[..., Rule]] = {
    "zero": partial(Epsilon, 0.0),
    "epsilon": Epsilon,
    "gamma": Gamma,
    "z_plus": ZPlus,
    "alpha_beta": AlphaBeta,
    "w_square": WSquare,
    "flat": Flat,
    "z_box": ZBox,
    "pass": Pass,
}
