"""What each layer and operation of Keras does, as far as a backward rule must know it.

A kind is all that a rule looks at. What is in no table has no kind, and is refused by name rather than guessed.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.models.graph.computation_steps import Step


class Kind(enum.Enum):
    """What a call does with its inputs.

    Attributes
    ----------
    AFFINE
        Weighs and adds: a dense or convolutional layer, its activation taken off.
    RECTIFIER
        Each value by itself: passes large values and holds small ones back (ReLU and its kin).
    ACTIVATION
        Each value by itself: any other activation function (sigmoid, tanh).
    POINTWISE
        Each value by itself: any other function (square, exponential).
    UNITS
        Each value by itself, scaled and shifted: a change of units (normalisation by fixed numbers, rescaling).
    MOVE
        Only moves, copies or drops values.
    LINEAR
        Adds values with fixed weights, and perhaps a constant (sums, averages).
    MAXIMUM, MINIMUM
        Chooses among values.
    PRODUCT
        Multiplies two tensors.
    LOOKUP
        Looks vectors up by number.
    OTHER
        Has a derivative, and no rectifier inside (softmax, normalisation by computed numbers, attention).
    UNKNOWN
        Anything.
    """

    AFFINE = enum.auto()
    RECTIFIER = enum.auto()
    ACTIVATION = enum.auto()
    POINTWISE = enum.auto()
    UNITS = enum.auto()
    MOVE = enum.auto()
    LINEAR = enum.auto()
    MAXIMUM = enum.auto()
    MINIMUM = enum.auto()
    PRODUCT = enum.auto()
    LOOKUP = enum.auto()
    OTHER = enum.auto()
    UNKNOWN = enum.auto()


def kind_of(step: Step) -> Kind:
    """Return the kind of a call; of an affine layer's own activation see `activation_kind`."""
    operation = step.operation
    if not type(operation).__module__.startswith("keras."):
        return Kind.UNKNOWN
    name = type(operation).__name__
    if isinstance(operation, keras.layers.Layer):
        return _LAYERS[name](operation) if name in _LAYERS else Kind.UNKNOWN
    return _OPERATIONS[name](step) if name in _OPERATIONS else Kind.UNKNOWN


def activation_kind(activation: Any) -> Kind | None:
    """Return the kind of an activation function or layer; None for the identity.

    Examples
    --------
    >>> activation_kind(keras.activations.relu6), activation_kind(keras.activations.linear)
    (<Kind.RECTIFIER: 2>, None)
    """
    if activation is None or activation is keras.activations.linear:
        return None
    if isinstance(activation, keras.layers.Layer):
        name = type(activation).__name__
        own = type(activation).__module__.startswith("keras.")
        return _LAYERS[name](activation) if own and name in _LAYERS else Kind.UNKNOWN
    library = str(getattr(activation, "__module__", "")).partition(".")[0]
    if library not in _LIBRARIES:
        return Kind.UNKNOWN
    return _ACTIVATIONS.get(str(getattr(activation, "__name__", "")), Kind.UNKNOWN)


def _always(kind: Kind) -> Callable[[Any], Kind]:
    return lambda _found: kind


def _activation_layer(layer: Any) -> Kind:
    return activation_kind(layer.activation) or Kind.MOVE


def _up_sampling(layer: Any) -> Kind:
    """Tell nearest-neighbour copies from blends."""
    return Kind.MOVE if getattr(layer, "interpolation", "nearest") == "nearest" else Kind.LINEAR


def _embedding(layer: Any) -> Kind:
    """Leave out an embedding that masks: the mask would be lost on the way, and later layers answer otherwise."""
    return Kind.UNKNOWN if layer.mask_zero else Kind.LOOKUP


def cell_of(layer: Any) -> Any:
    """Return the cell of a recurrent layer of Keras, if it is one of Keras's three, also in a bare ``RNN``; else None.

    Examples
    --------
    >>> type(cell_of(keras.layers.RNN(keras.layers.GRUCell(3)))).__name__, cell_of(keras.layers.Dense(3))
    ('GRUCell', None)
    """
    cell = getattr(layer, "cell", None)
    known = type(layer).__name__ in _RECURRENT and type(cell).__name__ in _RECURRENT_CELLS
    return cell if known and type(cell).__module__.startswith("keras.") else None


def _recurrent(layer: Any) -> Kind:
    """Gates have derivatives; a recurrent layer of rectifiers would hide them."""
    if type(layer).__name__ == "Bidirectional":
        kinds = {_recurrent(one) for one in (layer.forward_layer, layer.backward_layer)}
        return kinds.pop() if len(kinds) == 1 else Kind.UNKNOWN
    cell = cell_of(layer)
    if cell is None:
        return Kind.UNKNOWN
    inside = [activation_kind(getattr(cell, name, None)) for name in ("activation", "recurrent_activation")]
    return Kind.OTHER if all(kind in (None, Kind.ACTIVATION) for kind in inside) else Kind.UNKNOWN


def constants_of(step: Step) -> list[Any]:
    """Return the positional arguments of a call, its tensors as None."""
    args, _ = step.arguments(dict.fromkeys(step.inputs))
    return list(args)


def _of_two(alone: Kind, together: Kind) -> Callable[[Step], Kind]:
    """One kind with a constant, another for two tensors."""
    return lambda step: alone if len(step.inputs) == 1 else together


def _multiplication(step: Step) -> Kind:
    if len(step.inputs) == 1:
        return Kind.LINEAR
    return Kind.POINTWISE if len(set(step.inputs)) == 1 else Kind.PRODUCT  # a square, if of a tensor by itself


def _division(step: Step) -> Kind:
    """Tell x / 2, which is linear, from 2 / x and x / y."""
    if len(step.inputs) > 1:
        return Kind.OTHER
    return Kind.LINEAR if constants_of(step)[0] is None else Kind.POINTWISE


def _power(step: Step) -> Kind:
    return Kind.POINTWISE if len(step.inputs) == 1 else Kind.OTHER


def _largest(step: Step) -> Kind:
    """max(x, 0) is a rectifier, max(x, 3) is bent elsewhere, max(x, y) chooses."""
    if len(step.inputs) > 1:
        return Kind.MAXIMUM
    constants = [one for one in constants_of(step) if one is not None]
    return Kind.RECTIFIER if constants and not np.any(keras.ops.convert_to_numpy(constants[0])) else Kind.ACTIVATION


def _clipping(step: Step) -> Kind:
    low: Any = getattr(step.operation, "x_min", None)
    return Kind.RECTIFIER if np.ndim(low) == 0 and low == 0 else Kind.ACTIVATION


def _weighing(step: Step) -> Kind:
    """Tell a product with constant weights, which is linear, from one with computed ones."""
    return Kind.LINEAR if len(step.inputs) == 1 else Kind.OTHER


def _joining(step: Step) -> Kind:
    """Tell tensors put side by side from tensors beside constants, which no rule heeds."""
    return Kind.OTHER if any(one is not None for one in keras.tree.flatten(constants_of(step)[:1])) else Kind.MOVE


def _padding(step: Step) -> Kind:
    return Kind.MOVE if getattr(step.operation, "mode", "constant") == "constant" else Kind.LINEAR


_LIBRARIES = {"keras", "tensorflow", "jax", "torch"}
_ACTIVATIONS: dict[str, Kind] = {
    **dict.fromkeys(("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish"), Kind.RECTIFIER),
    **dict.fromkeys(("hard_silu", "hard_swish", "mish", "softplus", "squareplus", "sparse_plus"), Kind.RECTIFIER),
    "threshold": Kind.RECTIFIER,
    **dict.fromkeys(("sigmoid", "hard_sigmoid", "sparse_sigmoid", "log_sigmoid"), Kind.ACTIVATION),
    **dict.fromkeys(("tanh", "hard_tanh", "softsign", "soft_shrink", "hard_shrink", "tanh_shrink"), Kind.ACTIVATION),
    "exponential": Kind.POINTWISE,
    **dict.fromkeys(("softmax", "log_softmax", "sparsemax", "glu"), Kind.OTHER),
}
AFFINE_LAYERS = (
    *("Dense", "EinsumDense", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv1D", "DepthwiseConv2D"),
    *("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "SeparableConv1D", "SeparableConv2D"),
)
_RECURRENT, _RECURRENT_CELLS = ("LSTM", "GRU", "SimpleRNN", "RNN"), ("LSTMCell", "GRUCell", "SimpleRNNCell")
_RANKS = ("1D", "2D", "3D")


def _by_kind(table: dict[Kind, tuple[str, ...]]) -> dict[str, Callable[[Any], Kind]]:
    return {name: _always(kind) for kind, names in table.items() for name in names}


def _each_rank(*names: str) -> tuple[str, ...]:
    return tuple(name + rank for name in names for rank in _RANKS)


_LAYERS: dict[str, Callable[[Any], Kind]] = {
    **_by_kind(
        {
            Kind.AFFINE: AFFINE_LAYERS,
            Kind.RECTIFIER: ("ReLU", "LeakyReLU", "PReLU", "ELU"),
            Kind.UNITS: ("BatchNormalization", "Rescaling", "Normalization"),
            Kind.MOVE: (
                *("Flatten", "Reshape", "Permute", "RepeatVector", "Concatenate", "Identity", "ActivityRegularization"),
                *("Dropout", "GaussianDropout", "GaussianNoise", "AlphaDropout"),
                *_each_rank("ZeroPadding", "Cropping", "SpatialDropout"),
            ),
            Kind.LINEAR: (
                *("Add", "Subtract", "Average", "Resizing"),
                *_each_rank("AveragePooling", "GlobalAveragePooling", "AdaptiveAveragePooling"),
            ),
            Kind.MAXIMUM: ("Maximum", *_each_rank("MaxPooling", "GlobalMaxPooling", "AdaptiveMaxPooling")),
            Kind.MINIMUM: ("Minimum",),
            Kind.PRODUCT: ("Multiply",),
            Kind.OTHER: (
                *("Softmax", "LayerNormalization", "GroupNormalization", "UnitNormalization", "RMSNormalization"),
                *("MultiHeadAttention", "GroupQueryAttention", "Attention", "AdditiveAttention", "Dot"),
            ),
        }
    ),
    "Activation": _activation_layer,
    "Embedding": _embedding,
    **dict.fromkeys(("UpSampling1D", "UpSampling2D", "UpSampling3D"), _up_sampling),
    **dict.fromkeys((*_RECURRENT, "Bidirectional"), _recurrent),
}
# keras.ops.relu is a Relu in the graph, a + b an Add.
_OPERATIONS: dict[str, Callable[[Any], Kind]] = {
    **_by_kind(
        {
            Kind.RECTIFIER: (
                *("Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Celu", "Gelu", "Silu", "HardSilu", "Mish"),
                *("Softplus", "Squareplus", "SparsePlus", "Threshold"),
            ),
            Kind.ACTIVATION: (
                *("Sigmoid", "HardSigmoid", "SparseSigmoid", "LogSigmoid", "Tanh", "HardTanh", "Softsign"),
                *("SoftShrink", "HardShrink", "TanhShrink", "Erf", "Arctan"),
            ),
            Kind.POINTWISE: (
                *("Square", "Sqrt", "Rsqrt", "Exp", "Exp2", "Expm1", "Log", "Log1p", "Log2", "Log10", "Reciprocal"),
                *("Absolute", "Abs", "Fabs", "Sin", "Cos", "Tan", "Sinh", "Cosh", "Arcsinh", "Cbrt"),
            ),
            Kind.MOVE: (
                *("Reshape", "Transpose", "Squeeze", "ExpandDims", "GetItem", "Split"),
                *("Unstack", "Cast", "Moveaxis", "Swapaxes", "Ravel", "BroadcastTo", "Repeat", "Tile", "Roll"),
                *("Flip", "Fliplr", "Flipud", "Rot90", "Copy", "Slice"),
                *("DepthToSpace", "SpaceToDepth", "Identity"),
            ),
            Kind.LINEAR: (
                *("Add", "Subtract", "Negative", "Mean", "Sum", "AveragePool", "AdaptiveAveragePool", "Cumsum"),
                "Resize",
            ),
            Kind.MAXIMUM: ("Max", "Amax", "MaxPool", "AdaptiveMaxPool"),
            Kind.MINIMUM: ("Min", "Amin"),
            Kind.OTHER: (
                *("Softmax", "LogSoftmax", "Sparsemax", "Normalize", "LayerNorm", "RMSNorm", "Logsumexp"),
                *("Var", "Std", "Norm", "DotProductAttention"),
            ),
        }
    ),
    "Multiply": _multiplication,
    **dict.fromkeys(("Divide", "TrueDivide"), _division),
    "Power": _power,
    "Maximum": _largest,
    "Minimum": _of_two(Kind.ACTIVATION, Kind.MINIMUM),
    "Clip": _clipping,
    "Pad": _padding,
    **dict.fromkeys(("Concatenate", "Stack", "Hstack", "Vstack", "Dstack"), _joining),
    **dict.fromkeys(("Matmul", "Dot", "Tensordot", "Einsum", "Conv", "DepthwiseConv", "ConvTranspose"), _weighing),
}
