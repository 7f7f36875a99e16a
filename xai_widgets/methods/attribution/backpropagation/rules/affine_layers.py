"""Dense and convolutional layers as a kernel, a bias, and the bilinear map that applies a kernel to an input.

Rules of relevance run a layer with other kernels: its positive part, its squares, ones. The layer itself is not
touched; its weights are read anew at each run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, eq=False)
class Affine:
    """An affine map ``apply(x, kernel) + bias``.

    Attributes
    ----------
    apply : callable
        From an input and a kernel to the output without bias; linear in both.
    kernel : callable
        Reads the kernel.
    bias : callable
        Reads the bias, shaped so that it can be added to the output; None if there is none.
    channel_axis : int
        Of the output.
    spread : callable
        Shapes one number for each output channel so that it multiplies the kernel; None if that cannot be.
    convolutional : bool
    """

    apply: Callable[[Any, Any], Any]
    kernel: Callable[[], Any]
    bias: Callable[[], Any]
    channel_axis: int
    spread: Callable[[Any], Any] | None
    convolutional: bool

    def __call__(self, x: Any) -> Any:
        """Run the layer, without its activation."""
        linear, bias = self.apply(x, self.kernel()), self.bias()
        return linear if bias is None else linear + bias


def affine_parts(layer: Any) -> list[Affine] | None:
    """Return the affine maps that a layer applies one after the other; None if its weights cannot be read.

    A separable convolution is two: each channel by itself, then each place by itself.

    Examples
    --------
    >>> dense = keras.layers.Dense(3)
    >>> dense.build((None, 2))
    >>> len(affine_parts(dense))
    1
    """
    if getattr(layer, "quantization_mode", None) is not None:
        return None
    name = type(layer).__name__
    if name == "Dense":
        return [_dense(layer)]
    if name == "EinsumDense":
        return [_einsum(layer)]
    if name.startswith("Separable"):
        return _separable(layer)
    make = _depthwise if name.startswith("Depthwise") else _transposed if name.endswith("Transpose") else _convolution
    return [make(layer)]


def _dense(layer: Any) -> Affine:
    def kernel() -> Any:
        return read(layer.kernel)

    return Affine(keras.ops.matmul, kernel, lambda: read(layer.bias), -1, lambda scale: scale, convolutional=False)


def _einsum(layer: Any) -> Affine:
    def apply(x: Any, kernel: Any) -> Any:
        return keras.ops.einsum(layer.equation, x, kernel)

    def kernel() -> Any:
        return read(layer.kernel)

    return Affine(apply, kernel, lambda: read(layer.bias), -1, None, convolutional=False)


def _convolution(layer: Any) -> Affine:
    def apply(x: Any, kernel: Any) -> Any:
        x, padding = _causally_padded(layer, x)
        return keras.ops.conv(x, kernel, padding=padding, **_options(layer))

    return _of_convolution(layer, apply, "kernel", lambda scale: scale)


def _transposed(layer: Any) -> Affine:
    def apply(x: Any, kernel: Any) -> Any:
        outer = {"padding": layer.padding, "output_padding": layer.output_padding}
        return keras.ops.conv_transpose(x, kernel, **outer, **_options(layer))

    # The kernel's last axis is the input's.
    return _of_convolution(layer, apply, "kernel", lambda scale: keras.ops.expand_dims(scale, -1))


def _depthwise(layer: Any) -> Affine:
    def apply(x: Any, kernel: Any) -> Any:
        return keras.ops.depthwise_conv(x, kernel, padding=layer.padding, **_options(layer, tuple))

    return _of_convolution(layer, apply, "kernel", _by_multiplier(layer))


def _separable(layer: Any) -> list[Affine]:
    def each_channel(x: Any, kernel: Any) -> Any:
        x, padding = _causally_padded(layer, x)
        return keras.ops.depthwise_conv(x, kernel, padding=padding, **_options(layer, tuple))

    def each_place(x: Any, kernel: Any) -> Any:
        return keras.ops.conv(x, kernel, padding="valid", data_format=layer.data_format)

    first = _of_convolution(layer, each_channel, "depthwise_kernel", _by_multiplier(layer), biased=False)
    return [first, _of_convolution(layer, each_place, "pointwise_kernel", lambda scale: scale)]


def _of_convolution(
    layer: Any,
    apply: Callable[[Any, Any], Any],
    name: str,
    spread: Callable[[Any], Any],
    *,
    biased: bool = True,
) -> Affine:
    """Read a kernel by its name on the layer; a bias of channels in front gets axes behind it."""
    last = layer.data_format == "channels_last"

    def kernel() -> Any:
        return read(getattr(layer, name))

    def bias() -> Any:
        found = read(layer.bias) if biased else None
        return found if last or found is None else keras.ops.reshape(found, (-1, *[1] * layer.rank))

    return Affine(apply, kernel, bias, -1 if last else 1, spread, convolutional=True)


def _by_multiplier(layer: Any) -> Callable[[Any], Any]:
    """Shape numbers of the output's channels as a depthwise kernel ends: (channels, multiplier)."""
    return lambda scale: keras.ops.reshape(scale, (-1, layer.depth_multiplier))


def _options(layer: Any, sequence: type = list) -> dict[str, Any]:
    """Return what a layer hands over beside its kernel; TensorFlow takes strides as a list here, as a tuple there."""
    strides = layer.strides if isinstance(layer.strides, int) else sequence(layer.strides)
    return {"strides": strides, "dilation_rate": layer.dilation_rate, "data_format": layer.data_format}


def _causally_padded(layer: Any, x: Any) -> tuple[Any, str]:
    """Pad a sequence in front, where the layer looks backward only."""
    if layer.padding != "causal":
        return x, layer.padding
    front = [layer.dilation_rate[0] * (layer.kernel_size[0] - 1), 0]
    sides = [[0, 0], front, [0, 0]] if layer.data_format == "channels_last" else [[0, 0], [0, 0], front]
    return keras.ops.pad(x, sides), "valid"


def read(variable: Any) -> Any:
    """Return a variable as a tensor, in single precision; None for None."""
    return None if variable is None else single(keras.ops.convert_to_tensor(variable))


def single(tensor: Any) -> Any:
    """Bring floats to single precision, so that relevance can be added and divided, and everything fits together."""
    other = keras.backend.standardize_dtype(tensor.dtype) in ("float16", "bfloat16", "float64")
    return keras.ops.cast(tensor, "float32") if other else tensor


def normalised(affine: Affine, layer: Any) -> Affine:
    """Merge a batch normalisation, which follows an affine map, into it."""
    spread = affine.spread

    def scale() -> Any:
        inverse = keras.ops.rsqrt(read(layer.moving_variance) + layer.epsilon)
        return inverse * read(layer.gamma) if layer.scale else inverse

    def beside_channels(values: Any) -> Any:
        """Add the axes that come after the channels in the output."""
        behind = -1 - affine.channel_axis if affine.channel_axis < 0 else len(affine.kernel().shape) - 2
        return keras.ops.reshape(values, (-1, *[1] * behind))

    def kernel() -> Any:
        return affine.kernel() * spread(scale())  # type: ignore[misc]  # no spread, no merging

    def bias() -> Any:
        before, mean = affine.bias(), beside_channels(read(layer.moving_mean))
        moved = (-mean if before is None else before - mean) * beside_channels(scale())
        return moved + beside_channels(read(layer.beta)) if layer.center else moved

    return Affine(affine.apply, kernel, bias, affine.channel_axis, spread, affine.convolutional)
