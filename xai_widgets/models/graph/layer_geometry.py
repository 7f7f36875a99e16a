"""The geometry of each kind of Keras layer: pointwise, a sliding window, or one that is not handled here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.models.graph.box_propagation import SlidingWindow, pair, same_padding

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.graph.computation_steps import Step

    Pair = tuple[int, int]

_LOWEST = float(np.finfo("float32").min)


@dataclass(frozen=True, eq=False)
class LayerGeometry:
    """How a layer whose outputs each depend on one small box of its input reads that input.

    Attributes
    ----------
    window : SlidingWindow
    run : callable
        The layer's own computation on boxes that are already padded.
    pad : float
        The value of the padding around the map.
    correction : (H, W) array or None
        What the result is to be multiplied with at each place of the layer's output: averages leave the padding out.
    """

    window: SlidingWindow
    run: Callable[[Any], Any]
    pad: float = 0.0
    correction: Any = None


def layer_geometry(step: Step, size: Pair) -> LayerGeometry | None:
    """Return how a step slides over a map of the given size; None if it does not, or not in a way known here."""
    layer = step.operation
    if not _is_plain(layer) or getattr(layer, "data_format", "channels_last") != "channels_last":
        return None
    make = _GEOMETRIES.get(type(layer).__name__)
    return None if make is None else make(layer, size)


def is_pointwise(step: Step) -> bool:
    """Tell whether each place of a step's output depends on the same place of its inputs alone."""
    operation = step.operation
    table = _LAYERS if isinstance(operation, keras.layers.Layer) else _OPERATIONS
    allowed = table.get(type(operation).__name__)
    return allowed is not None and _is_plain(operation) and allowed(operation) and _constants_are_flat(step)


def _is_plain(operation: Any) -> bool:
    """Tell whether an operation is Keras' own, single precision, and ends in an activation of Keras, if in any."""
    activation = getattr(operation, "activation", None)
    own = type(operation).__module__.startswith("keras.")
    known = activation is None or str(getattr(activation, "__module__", "")).startswith("keras.")
    return own and known and getattr(operation, "compute_dtype", "float32") == "float32"


def _constants_are_flat(step: Step) -> bool:
    """Tell whether what is combined with the tensors is the same at every place: numbers, or one value a channel."""
    args, kwargs = step.arguments(dict.fromkeys(step.inputs))
    constants = [one for one in keras.tree.flatten((args, kwargs)) if hasattr(one, "shape")]
    return all(set(tuple(constant.shape)[-3:-1]) <= {1} for constant in constants)


def _convolution(layer: Any, size: Pair) -> LayerGeometry | None:
    return LayerGeometry(
        _sliding_window(layer, size, layer.kernel_size, layer.dilation_rate, layer.strides), _with_padding_done(layer)
    )


def _max_pooling(layer: Any, size: Pair) -> LayerGeometry | None:
    return LayerGeometry(
        _sliding_window(layer, size, layer.pool_size, (1, 1), layer.strides), _with_padding_done(layer), _LOWEST
    )


def _average_pooling(layer: Any, size: Pair) -> LayerGeometry | None:
    window, run = _sliding_window(layer, size, layer.pool_size, (1, 1), layer.strides), _with_padding_done(layer)
    if layer.padding == "valid":
        return LayerGeometry(window, run)
    made = [
        (size - 1) * stride + span for size, stride, span in zip(window.size, window.stride, window.span, strict=True)
    ]
    top, left = window.before

    def averages(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the layer's own averages of a map, and those of the map with zeros around it."""
        padded = np.pad(values, ((0, 0), (top, made[0]), (left, made[1]), (0, 0)))[:, : made[0], : made[1]]
        whole, around = layer.call(keras.ops.convert_to_tensor(values)), run(keras.ops.convert_to_tensor(padded))
        return keras.ops.convert_to_numpy(whole), keras.ops.convert_to_numpy(around)

    whole, around = averages(np.ones((1, *size, 1), "float32"))
    correction = (whole / around)[0, ..., 0]
    trial, padded = averages(np.random.default_rng(0).uniform(0, 1, (1, *size, 1)).astype("float32"))
    if not np.allclose(trial[0, ..., 0], correction * padded[0, ..., 0], atol=1e-5):
        return None  # Keras on PyTorch repeats the border where the padding is larger on one side
    return LayerGeometry(window, run, correction=correction)


def _zero_padding(layer: Any, size: Pair) -> LayerGeometry | None:
    (top, bottom), (left, right) = layer.padding
    return _shift((top, left), (size[0] + top + bottom, size[1] + left + right))


def _cropping(layer: Any, size: Pair) -> LayerGeometry | None:
    (top, bottom), (left, right) = layer.cropping
    return _shift((-top, -left), (size[0] - top - bottom, size[1] - left - right))


def _shift(before: Pair, size: Pair) -> LayerGeometry:
    return LayerGeometry(SlidingWindow((1, 1), (1, 1), (1, 1), before, size), lambda x: x)


def _sliding_window(layer: Any, size: Pair, kernel: Pair, dilation: Pair, stride: Pair) -> SlidingWindow:
    spans = [1 + (k - 1) * d for k, d in zip(kernel, dilation, strict=True)]
    if layer.padding == "same":
        padded = [same_padding(n, span, step) for n, span, step in zip(size, spans, stride, strict=True)]
    else:
        padded = [(0, (n - span) // step + 1) for n, span, step in zip(size, spans, stride, strict=True)]
    before, made = zip(*padded, strict=True)
    return SlidingWindow(pair(kernel), pair(stride), pair(dilation), pair(before), pair(made))


def _with_padding_done(layer: Any) -> Callable[[Any], Any]:
    """Return the layer's computation, weights shared, on inputs that were padded before."""
    twin = object.__new__(type(layer))  # copy.copy would save and load the layer: its weights would be others
    twin.__dict__.update(layer.__dict__, padding="valid")
    # Weights of another precision than the computation's are cast where the layer is called as a whole.
    run: Callable[[Any], Any] = twin.call if twin.compute_dtype == twin.variable_dtype else twin
    return run


def _always(_operation: Any) -> bool:
    return True


def _on_channels(operation: Any) -> bool:
    """Tell whether a layer with an axis works along the last one of pictures."""
    axis = operation.axis
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)
    return axes in ((-1,), (3,))


def _shared_over_space(operation: Any) -> bool:
    return {1, 2} <= set(operation.shared_axes or ())


def _scaled_by_channel(operation: Any) -> bool:
    """Tell whether a Rescaling multiplies and adds numbers, or one value a channel."""
    return np.ndim(operation.scale) <= 1 and np.ndim(operation.offset) <= 1


_GEOMETRIES: dict[str, Callable[[Any, Pair], LayerGeometry | None]] = {
    "Conv2D": _convolution,
    "DepthwiseConv2D": _convolution,
    "SeparableConv2D": _convolution,
    "MaxPooling2D": _max_pooling,
    "AveragePooling2D": _average_pooling,
    "ZeroPadding2D": _zero_padding,
    "Cropping2D": _cropping,
}
_LAYERS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("Activation", "ReLU", "LeakyReLU", "ELU", "Identity", "ActivityRegularization", "Dense"), _always),
    **dict.fromkeys(("Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout"), _always),
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), _always),
    **dict.fromkeys(("BatchNormalization", "LayerNormalization", "UnitNormalization"), _on_channels),
    **dict.fromkeys(("Softmax", "Concatenate"), _on_channels),
    "PReLU": _shared_over_space,
    "Rescaling": _scaled_by_channel,
}
# keras.ops.relu is a Relu in the graph, a + b an Add.
_OPERATIONS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Celu", "Gelu", "Silu"), _always),
    **dict.fromkeys(("Sigmoid", "HardSigmoid", "HardSilu", "LogSigmoid", "Softplus", "Softsign"), _always),
    **dict.fromkeys(("Tanh", "HardTanh", "Exp", "Log", "Sqrt", "Square", "Negative", "Absolute", "Clip"), _always),
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Maximum", "Minimum", "Power"), _always),
    **dict.fromkeys(("Softmax", "Concatenate"), _on_channels),
}
