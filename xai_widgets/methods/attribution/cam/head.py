"""The end that CAM in its original form needs: maps, global average pooling, one dense layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import keras
import numpy as np

from xai_widgets.models.graph.computation_steps import Program, Step, read_program
from xai_widgets.models.graph.final_activations import drop_activations
from xai_widgets.models.graph.reading import WithoutActivation, passes_through
from xai_widgets.models.kinds.classifier import Classifier

_GLOBAL = (
    keras.layers.GlobalAveragePooling1D,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalAveragePooling3D,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Rows = NDArray[np.float32]


def pooled_layer(model: Classifier | keras.Model) -> tuple[str, Callable[[Rows], tuple[Rows, Rows]]]:
    """Return the path of the layer whose maps are pooled, and a function from rows of classes to weights and biases.

    Raises
    ------
    ValueError
        If the model ends in anything else; the message names what was found.
    """
    subject = Classifier.wrap(model)
    program = read_program(subject.model)
    drop_activations(program)
    dense, slot = _before(program, program.outputs[0])
    if dense is None or not _is_dense(dense, program):
        _refuse(program, dense)
    pooling, slot = _before(program, dense.inputs[0])
    if pooling is None or not _pools_globally(pooling, program):
        _refuse(program, pooling)
    maps, slot = _before(program, pooling.inputs[0])
    if maps is None or len(program.shapes[slot]) not in (3, 4, 5):
        _refuse(program, maps)
    last, size = dense.operation, tuple(program.shapes[dense.inputs[0]][1:])
    return _call_path(program, slot), lambda rows: _chosen(*_weights(last, size), rows)


def _before(program: Program, slot: int) -> tuple[Step | None, int]:
    """Return the step that makes a slot, what leaves values as they are passed over, and the slot it makes."""
    step = program.producer(slot)
    while step is not None and (passes_through(step.operation) or _only_reshapes(step, program)):
        slot = step.inputs[0]
        step = program.producer(slot)
    return step, slot


def _only_reshapes(step: Step, program: Program) -> bool:
    """Tell whether a step turns (N, 1, 1, C) into (N, C) or the reverse."""
    if type(step.operation).__name__ not in ("Flatten", "Reshape", "Squeeze"):
        return False
    sizes = [size for shape in (program.shapes[step.inputs[0]], step.shapes[0]) for size in shape[1:-1]]
    return all(size == 1 for size in sizes)


def _is_dense(step: Step, program: Program) -> bool:
    """Tell whether a step is a linear dense layer: as such, or as a convolution of a single place."""
    operation, shape = _plain(step.operation), program.shapes[step.inputs[0]]
    linear = operation is not step.operation or getattr(operation, "activation", None) is keras.activations.linear
    if isinstance(operation, keras.layers.Conv2D):
        return linear and shape[1:-1] == (1, 1) == operation.kernel_size and operation.groups == 1
    return linear and isinstance(operation, keras.layers.Dense)


def _pools_globally(step: Step, program: Program) -> bool:
    """Tell whether a step averages over all places: as a layer, by a window as large, or as a mean."""
    before = program.shapes[step.inputs[0]]
    if isinstance(step.operation, _GLOBAL):
        return True
    if isinstance(step.operation, keras.layers.AveragePooling2D):
        return bool(before[1:3] == step.operation.pool_size)
    axes, rank = getattr(step.operation, "axis", None), len(before)
    if type(step.operation).__name__ != "Mean" or axes is None:
        return False
    averaged = list(axes) if isinstance(axes, (list, tuple)) else [axes]
    return sorted(axis % rank for axis in averaged) == list(range(1, rank - 1))


def _refuse(program: Program, step: Step | None) -> NoReturn:
    found = "the input" if step is None else f"{step.path!r} ({type(_plain(step.operation)).__name__})"
    msg = (
        f"cam needs a network that ends in maps, global average pooling and one dense layer; {program.name!r} has "
        f"{found} in one of these places. grad_cam works on any convolutional network"
    )
    raise ValueError(msg)


def _call_path(program: Program, slot: int) -> str:
    """Return the path of the call that made a slot."""
    path, calls = next((path, calls) for path, calls in program.made_by.items() if (slot,) in calls)
    return path if len(calls) == 1 else f"{path}#{calls.index((slot,))}"


def _plain(operation: Any) -> Any:
    return operation.layer if isinstance(operation, WithoutActivation) else operation


def _weights(operation: Any, size: tuple[int | None, ...]) -> tuple[Rows, Rows]:
    """Return the kernel (C, K) and the bias (K,) of a dense layer, or of a convolution of one place.

    Of a quantised layer, which holds integers and a scale, they are read off what the layer makes of the unit vectors.
    """
    dense = _plain(operation)
    if getattr(dense, "quantization_mode", None) is not None:
        channels = int(size[-1] or 0)  # a layer that was built knows them
        units = np.eye(channels, dtype="float32").reshape(-1, *[1] * (len(size) - 1), channels)
        made, bias = (_row_of(operation, x) for x in (units, np.zeros_like(units[:1])))
        return made - bias, bias[0]
    kernel = keras.ops.convert_to_numpy(dense.kernel)
    kernel = kernel.reshape(kernel.shape[-2:])  # a convolution of one place has two axes more
    bias = keras.ops.convert_to_numpy(dense.bias) if dense.use_bias else np.zeros(kernel.shape[1], "float32")
    return kernel, bias


def _row_of(operation: Any, x: Rows) -> Rows:
    made: Rows = keras.ops.convert_to_numpy(keras.ops.cast(operation(keras.ops.convert_to_tensor(x)), "float32"))
    return made.reshape(len(x), -1)


def _chosen(kernel: Rows, bias: Rows, rows: Rows) -> tuple[Rows, Rows]:
    """Return the weights (n, C) and biases (n,) of the classes in `rows`; of two named classes -w and w."""
    if rows.shape[1] == kernel.shape[1] + 1:
        kernel, bias = np.hstack([-kernel, kernel]), np.hstack([-bias, bias])
    return rows @ kernel.T, rows @ bias
