"""What each layer of Keras does to space: nothing, a sliding kernel, or more than is known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.reach import Slide, pair, same_padding

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai_widgets.models.program import Step

    Pair = tuple[int, int]

_LOWEST = float(np.finfo("float32").min)


@dataclass(frozen=True, eq=False)
class Sliding:
    """A layer whose every output looks at one small box of its input.

    Attributes
    ----------
    slide : Slide
    run : callable
        The layer's own computation on boxes that are already padded.
    pad : float
        What stands outside the map.
    correction : (H, W) array or None
        What the result is to be multiplied with at each place of the layer's output: averages leave the padding out.
    """

    slide: Slide
    run: Callable[[Any], Any]
    pad: float = 0.0
    correction: Any = None


def sliding(step: Step, size: Pair) -> Sliding | None:
    """Return how a step slides over a map of the given size; None if it does not, or not in a way known here."""
    layer = step.operation
    if not _is_plain(layer) or getattr(layer, "data_format", "channels_last") != "channels_last":
        return None
    make = _SLIDING.get(type(layer).__name__)
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


def _convolution(layer: Any, size: Pair) -> Sliding | None:
    return Sliding(
        _slide(layer, size, layer.kernel_size, layer.dilation_rate, layer.strides), _with_padding_done(layer)
    )


def _max_pooling(layer: Any, size: Pair) -> Sliding | None:
    return Sliding(_slide(layer, size, layer.pool_size, (1, 1), layer.strides), _with_padding_done(layer), _LOWEST)


def _average_pooling(layer: Any, size: Pair) -> Sliding | None:
    slide, run = _slide(layer, size, layer.pool_size, (1, 1), layer.strides), _with_padding_done(layer)
    if layer.padding == "valid":
        return Sliding(slide, run)
    made = [(size - 1) * stride + span for size, stride, span in zip(slide.size, slide.stride, slide.span, strict=True)]
    ones = np.zeros((1, *made, 1), "float32")
    top, left = slide.before
    ones[:, top : top + size[0], left : left + size[1]] = 1
    padded = keras.ops.convert_to_numpy(run(ones))
    whole = keras.ops.convert_to_numpy(layer.call(np.ones((1, *size, 1), "float32")))
    return Sliding(slide, run, correction=(whole / padded)[0, ..., 0])


def _zero_padding(layer: Any, size: Pair) -> Sliding | None:
    (top, bottom), (left, right) = layer.padding
    return _shift((top, left), (size[0] + top + bottom, size[1] + left + right))


def _cropping(layer: Any, size: Pair) -> Sliding | None:
    (top, bottom), (left, right) = layer.cropping
    return _shift((-top, -left), (size[0] - top - bottom, size[1] - left - right))


def _shift(before: Pair, size: Pair) -> Sliding:
    return Sliding(Slide((1, 1), (1, 1), (1, 1), before, size), lambda x: x)


def _slide(layer: Any, size: Pair, kernel: Pair, dilation: Pair, stride: Pair) -> Slide:
    spans = [1 + (k - 1) * d for k, d in zip(kernel, dilation, strict=True)]
    if layer.padding == "same":
        padded = [same_padding(n, span, step) for n, span, step in zip(size, spans, stride, strict=True)]
    else:
        padded = [(0, (n - span) // step + 1) for n, span, step in zip(size, spans, stride, strict=True)]
    before, made = zip(*padded, strict=True)
    return Slide(pair(kernel), pair(stride), pair(dilation), pair(before), pair(made))


def _with_padding_done(layer: Any) -> Callable[[Any], Any]:
    """Return the layer's computation, weights shared, on inputs that were padded before."""
    twin = object.__new__(type(layer))  # copy.copy would save and load the layer: its weights would be others
    twin.__dict__.update(layer.__dict__, padding="valid")
    run: Callable[[Any], Any] = twin.call
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


_SLIDING: dict[str, Callable[[Any, Pair], Sliding | None]] = {
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
