"""What is looked at when a model is wrapped: where its channels are, its precision, its own preprocessing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.common.warning import warn_reader
from xai_widgets.models.graph.computation_steps import has_graph
from xai_widgets.models.graph.float32 import is_reduced
from xai_widgets.models.graph.reading import layers_by_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_COLOURS = (1, 3)
_CHANNELS_LAST = (1, 2, 3, 4)
_SMALL_SCALE = 1 / 50  # a model that divides its inputs by more than this takes pixel values


def refuse_channels_first(model: keras.Model) -> None:
    """Refuse a model that holds channels before height and width: its maps would be read with their axes mixed up.

    Raises
    ------
    ValueError
        If a layer is set to it, or an input begins with a picture's channels, which is then transposed.
    """
    for path, layer in layers_by_path(model).items():
        if getattr(layer, "data_format", None) == "channels_first":
            _refuse(model, f"the layer {path!r} has data_format='channels_first'")
    for tensor in model.inputs if has_graph(model) else []:
        shape = tuple(tensor.shape[1:])
        if len(shape) != 3 or shape[0] not in _COLOURS or shape[-1] in _CHANNELS_LAST:
            continue
        if keras.config.image_data_format() == "channels_first":
            _refuse(model, f"its input is {shape}, and Keras is set to 'channels_first'")
        if _moves_channels_last(tensor):
            _refuse(model, f"its input is {shape}, transposed by its first layer")
        if not _convolved(tensor):
            warn_reader(
                f"the input of {model.name!r} is {shape}: if its first axis holds channels, maps are read with their "
                "axes mixed up; put the channels last"
            )


def refuse_states(model: keras.Model) -> None:
    """Refuse a model that goes on from one batch to the next: explanations run it many times.

    Raises
    ------
    ValueError
        If a layer is stateful.
    """
    for path, layer in layers_by_path(model).items():
        if getattr(layer, "stateful", False) is True:
            raise ValueError(
                f"the layer {path!r} of {model.name!r} is stateful: its answers depend on what was asked before, and "
                "an explanation asks many times. Build the model again with stateful=False and Input(shape), and give "
                "it the same weights with set_weights"
            )


def _refuse(model: keras.Model, why: str) -> None:
    raise ValueError(
        f"{model.name!r} takes channels first ({why}), and explanations are made of channels last, (N, H, W, C). Build "
        "it again with data_format='channels_last' and Input((H, W, C)), and give it the same weights with "
        "set_weights: those of convolutions have the same shape in both"
    )


def _consumers(tensor: Any) -> list[Any]:
    operation = tensor._keras_history.operation  # noqa: SLF001  (Keras has no public way from a tensor to its layer)
    return [node.operation for node in operation._outbound_nodes]  # noqa: SLF001


def _moves_channels_last(tensor: Any) -> bool:
    """Tell whether the first thing that happens to an input is that its first axis goes last."""
    for operation in _consumers(tensor):
        axes = getattr(operation, "dims", None) or getattr(operation, "axes", None)
        if type(operation).__name__ in ("Permute", "Transpose") and axes is not None and axes[-1] == 1:
            return True
        if type(operation).__name__ == "Moveaxis":
            return True
    return False


def _convolved(tensor: Any) -> bool:
    """Tell whether layers with channels last take the input as it is."""
    return any(
        getattr(operation, "data_format", None) == "channels_last" and type(operation).__name__ != "Flatten"
        for operation in _consumers(tensor)
    )


def warn_of_half_precision(model: keras.Model) -> None:
    """Say that explanations of a model without a graph run in its own precision; with a graph they run in float32."""
    if not has_graph(model) and model.built and is_reduced(model):
        warn_reader(
            f"{model.name!r} computes in {model.compute_dtype} and has no graph that could be run in float32: small "
            "gradients are rounded to zero. Build it again under keras.config.set_dtype_policy('float32') and give it "
            "the same weights"
        )


def own_preprocessing(model: Any) -> tuple[Callable[..., Any] | None, tuple[int, int, int] | None]:
    """Return the preprocessing that a model carries, as those of keras-hub do, and the size that it makes.

    Raises
    ------
    ValueError
        If it cannot be used for pictures.
    """
    preprocessor = getattr(model, "preprocessor", None)
    if preprocessor is None or not has_graph(model) or len(model.inputs) != 1 or len(model.inputs[0].shape) != 4:
        return None, None
    size = getattr(preprocessor, "image_size", None)
    channels = model.inputs[0].shape[-1]
    sides = tuple(size or model.inputs[0].shape[1:3])
    shape = tuple(side or 64 for side in sides)

    def preprocess(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        made: NDArray[np.float32] = backend.to_numpy(keras.ops.cast(preprocessor(pixels), "float32"))
        return made

    try:
        fits = preprocess(np.zeros((1, *shape, channels), "float32")).shape == (1, *shape, channels)
    except Exception as error:
        raise ValueError(_why_not(model, str(error)[:200])) from error
    if not fits:
        raise ValueError(_why_not(model, "it gives another shape than the model takes"))
    return preprocess, None if None in sides else (shape[0], shape[1], channels)


def resizes(preprocess: Callable[..., Any], shape: tuple[int, ...]) -> bool:
    """Tell whether a preprocessing brings pictures of another size to the model's input, (H, W, C), by itself."""
    height, width, channels = shape
    try:
        made = preprocess(np.zeros((1, height + 7, width + 3, channels), "float32"))
    except Exception:  # noqa: BLE001  (the code of other people)
        return False
    return bool(np.shape(made)[1:] == tuple(shape))


def _why_not(model: Any, why: str) -> str:
    return (
        f"the preprocessor of {model.name!r} cannot be used for pictures ({why}); give preprocess=, a function from a "
        "float32 batch 0..255 to the model's input"
    )


def built_in_range(model: keras.Model) -> tuple[float, float] | None:
    """Return 0 to 255 for a model that begins by scaling pixel values down; None where nothing tells the range."""
    if not has_graph(model):
        return None
    first = next((one for one in layers_by_path(model).values() if not isinstance(one, keras.Model)), None)
    scale = getattr(first, "scale", None) if isinstance(first, keras.layers.Rescaling) else None
    takes_pixels = isinstance(scale, float) and 0 < scale < _SMALL_SCALE
    return (0.0, 255.0) if takes_pixels else None
