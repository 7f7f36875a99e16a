"""The softmax or sigmoid at the end of a graph, recognised by what it computes, and the graph without it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.models.graph.reading import WithoutActivation, activation_input, ends_in_plain_layer, passes_through

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.graph.computation_steps import Program, Step

    Array = NDArray[np.float32]

LINEAR = "linear"
_SIZE = 5  # of an axis that the model leaves free, while an operation is tried
_EXAMPLES = 4
_WIDE = 30  # times the usual values: where a softmax, a clip or a tanh is not taken for plain arithmetic
_ROUNDING, _HALF_ROUNDING = 1e-5, 8e-3

# Operations that put values elsewhere, or choose the largest of them: an activation that acts on each value alone and
# keeps their order may as well come after them.
_MOVES = frozenset(
    {"Cast", "Concatenate", "ExpandDims", "Flatten", "GetItem", "Moveaxis", "Permute", "Reshape", "Squeeze", "Stack"}
    | {"Swapaxes", "Transpose"}
)
_LARGEST = frozenset(
    {"GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D", "Max", "Maximum", "MaxPool"}
    | {"MaxPooling1D", "MaxPooling2D", "MaxPooling3D"}
)
# Operations that add, scale or choose values: after dense and convolutional layers without activation they make no
# probabilities, wherever their values happen to lie.
_NO_ACTIVATION = (
    _MOVES
    | _LARGEST
    | frozenset(
        {"Add", "Average", "BatchNormalization", "Mean", "Rescaling", "Subtract", "Sum"}
        | {f"{kind}Pooling{axes}D" for kind in ("Average", "GlobalAverage") for axes in (1, 2, 3)}
    )
)


def _softmax(values: Array, axis: int = -1) -> Array:
    powers = np.exp(values - values.max(axis=axis, keepdims=True))
    shares: Array = powers / powers.sum(axis=axis, keepdims=True)
    return shares


def _sigmoid(values: Array) -> Array:
    share: Array = (0.5 * (1 + np.tanh(0.5 * values))).astype("float32")
    return share


# Name: (the function of NumPy arrays and an axis, the function of tensors over the last axis)
_FUNCTIONS: dict[str, tuple[Callable[[Array, int], Array], Callable[[Any], Any]]] = {
    "softmax": (_softmax, keras.ops.softmax),
    "sigmoid": (lambda values, _axis: _sigmoid(values), keras.ops.sigmoid),
    "log_softmax": (lambda values, axis: np.log(_softmax(values, axis)), keras.ops.log_softmax),
    "log_sigmoid": (lambda values, _axis: np.log(_sigmoid(values)), keras.ops.log_sigmoid),
}


def activation_function(name: str) -> Callable[[Any], Any]:
    """Return a final activation as a function of tensors, by the name that `drop_activations` gives.

    Examples
    --------
    >>> keras.ops.convert_to_numpy(activation_function("sigmoid")(keras.ops.zeros((1, 1)))).tolist()
    [[0.5]]
    """
    return (lambda values: values) if name == LINEAR else _FUNCTIONS[name][1]


@dataclass(frozen=True, eq=False)
class _Ending:
    """How an output ends: in activations of one kind, and after them in steps that only move values."""

    name: str
    makers: list[Step]
    tail: list[Step]


def drop_activations(program: Program) -> tuple[str, ...]:
    """End each output of a program before its final activation, if it has one.

    An activation is recognised by what it computes, not by its name: a ``Lambda(tf.sigmoid)``, a function of the
    reader's own and ``tf.nn.softmax`` count as those of Keras do. What comes after it may move values (``Reshape``,
    ``Concatenate``) or, for a sigmoid, choose the largest.

    Returns
    -------
    tuple of str
        For each output ``"softmax"``, ``"sigmoid"``, ``"log_softmax"``, ``"log_sigmoid"``, or ``"linear"`` where no
        activation was found: applied to the new output, over its last axis, it gives the old one.
    """
    ends = {slot: _logits_behind(program, slot) for slot in dict.fromkeys(program.outputs)}
    names = tuple(ends[slot][1] for slot in program.outputs)
    program.structure = keras.tree.map_structure(lambda slot: ends[slot][0], program.structure)
    program.outputs = tuple(ends[slot][0] for slot in program.outputs)
    return names


def ends_in_weights(program: Program) -> bool:
    """Tell whether dense or convolutional layers without activation, and after them no activation, make the output."""
    makers, _ = _last_makers(program, program.outputs[0], _NO_ACTIVATION, lambda step: _is_affine(step, program))
    return bool(makers) and all(_makes_linearly(step) for step in makers)


def _is_affine(step: Step, program: Program) -> bool:
    """Tell whether a step without weights adds, scales or repeats values, or gives a constant: it is tried.

    Such a ``Lambda``, or ``multiply`` with a number, bounds nothing, and so makes no probabilities of what it gets.
    """
    if len(step.inputs) != 1 or len(step.outputs) != 1 or isinstance(step.operation, keras.Model):
        return False
    if getattr(step.operation, "variables", []):
        return False
    one, other = (_WIDE * _drawn(program.shapes[step.inputs[0]], seed) for seed in (0, 1))

    def run(values: Array) -> Array:
        held = {step.inputs[0]: keras.ops.convert_to_tensor(values)}
        step.run(held)
        made: Array = backend.to_numpy(keras.ops.cast(held[step.outputs[0]], "float32"))
        return made

    try:
        sums = run(one) + run(other) - run(np.zeros_like(one))
        together = run(one + other)
    except Exception:  # noqa: BLE001  (whatever it does not take, it is no plain arithmetic)
        return False
    size = max(1.0, float(np.abs(together).max(initial=0)))
    return bool(np.allclose(sums, together, rtol=_HALF_ROUNDING, atol=_HALF_ROUNDING * size))


def _makes_linearly(step: Step) -> bool:
    if isinstance(step.operation, keras.Model):
        try:
            return ends_in_plain_layer(step.operation, _probe_of(step.operation))
        except (AttributeError, ValueError):  # it does not tell what it takes
            return False
    return hasattr(_plain(step.operation), "kernel") and _is_bare(step)


def _plain(operation: Any) -> Any:
    return operation.layer if isinstance(operation, WithoutActivation) else operation


def _is_bare(step: Step) -> bool:
    without = isinstance(step.operation, WithoutActivation)
    return without or getattr(step.operation, "activation", None) in (None, keras.activations.linear)


def _logits_behind(program: Program, output: int) -> tuple[int, str]:
    """Return the slot of the logits behind one output, and the name of the activation that was left out."""
    ending = _ending(program, output)
    if ending is None:
        return output, LINEAR
    if len(ending.makers) == 1 and all(passes_through(step.operation) for step in ending.tail):
        maker = ending.makers[0]
        if not _is_fused(maker) and not isinstance(maker.operation, keras.Model):
            return maker.inputs[0], ending.name
        output, ending = maker.outputs[0], dataclasses.replace(ending, tail=[])
    return _without_makers(program, output, ending), ending.name


def _ending(program: Program, output: int) -> _Ending | None:
    """Return how an output ends; None where it does not end in activations that can be left out."""
    makers, tail = _last_makers(program, output)
    names = {_activation_of(step, program) for step in makers}
    name = names.pop() if len(names) == 1 else LINEAR
    if name == LINEAR or ("softmax" in name and len(makers) != 1):
        return None
    ending = _Ending(name, makers, tail)
    return ending if _commutes(output, ending) else None


def _last_makers(
    program: Program,
    output: int,
    moves: frozenset[str] = _MOVES | _LARGEST,
    also: Callable[[Step], bool] = lambda _step: False,
) -> tuple[list[Step], list[Step]]:
    """Return the steps that make the values of an output, and those after them that only move values, in order.

    `also` tells of further steps that they are no makers.
    """
    makers, tail, waiting = set(), set(), [output]
    number = {slot: place for place, step in enumerate(program.steps) for slot in step.outputs}
    while waiting:
        slot = waiting.pop()
        if slot not in number:
            return [], []  # an input
        operation = program.steps[number[slot]].operation
        known = passes_through(operation) or type(operation).__name__ in moves
        if known or also(program.steps[number[slot]]):
            tail.add(number[slot])
            waiting += program.steps[number[slot]].inputs
        else:
            makers.add(number[slot])
    return [program.steps[place] for place in sorted(makers)], [program.steps[place] for place in sorted(tail)]


def _is_fused(step: Step) -> bool:
    """Tell whether a step is a dense or convolutional layer, whose activation is a part of it."""
    return hasattr(step.operation, "kernel")


def _activation_of(step: Step, program: Program) -> str:
    """Return the name of the activation that a step ends in, by trying it on drawn values."""
    operation = step.operation
    if len(step.inputs) != 1 or len(step.outputs) != 1:
        return LINEAR
    if isinstance(operation, keras.Model):
        return _activation_of_model(operation)
    if _is_fused(step):
        function = getattr(operation, "activation", None)
        return LINEAR if function in (None, keras.activations.linear) else recognised(function, step.shapes[0])
    if program.shapes[step.inputs[0]] != step.shapes[0] or getattr(operation, "variables", []):
        return LINEAR

    def run(values: Any) -> Any:
        held = {step.inputs[0]: values}
        step.run(held)
        return held[step.outputs[0]]

    return recognised(run, step.shapes[0])


def recognised(function: Callable[[Any], Any], shape: tuple[int | None, ...]) -> str:
    """Return the name of the activation that a function computes on tensors of a shape; "linear" if of none.

    Examples
    --------
    >>> recognised(lambda x: 1 / (1 + keras.ops.exp(-x)), (None, 3))
    'sigmoid'
    >>> recognised(keras.ops.tanh, (None, 3))
    'linear'
    """
    drawn = _drawn(shape)
    try:
        made = function(keras.ops.convert_to_tensor(drawn))
        half = keras.backend.standardize_dtype(made.dtype) in ("float16", "bfloat16")
        found = backend.to_numpy(keras.ops.cast(made, "float32"))
    except Exception:  # noqa: BLE001  (whatever an operation does not take, it is no activation)
        return LINEAR
    if found.shape != drawn.shape:
        return LINEAR
    for name, (expected, _) in _FUNCTIONS.items():
        axes = range(1, drawn.ndim) if "softmax" in name else (1,)
        if any(_close(found, expected(drawn, axis), half=half) for axis in axes):
            return name
    return LINEAR


def _drawn(shape: tuple[int | None, ...], seed: int = 0) -> Array:
    sizes = [_EXAMPLES, *(size or _SIZE for size in shape[1:])]
    return np.random.default_rng(seed).normal(0, 3, sizes).astype("float32")


def _close(found: Array, expected: Array, *, half: bool = False) -> bool:
    rounding = _HALF_ROUNDING if half else _ROUNDING
    return bool(np.allclose(found, expected, rtol=rounding, atol=rounding))


def _activation_of_model(model: keras.Model) -> str:
    """Return the activation that a subclassed model, a part of a graph, ends in."""
    reader = _reader_of(model)
    return LINEAR if reader is None else recognised(reader.layer.activation, (None, _SIZE))


def _reader_of(model: Any) -> Any:
    """Return what reads the logits of a subclassed model that is a part of a graph."""
    try:
        return activation_input(model, _probe_of(model))
    except (AttributeError, ValueError):  # it does not tell what it takes
        return None


def _probe_of(model: Any) -> Any:
    shape = model.input_shape if getattr(model, "_nodes_by_depth", None) else _called_shape(model)
    return np.abs(_drawn(tuple(shape)))


def _called_shape(model: Any) -> tuple[int | None, ...]:
    """Return the shape of what a subclassed model was called on in a graph."""
    return tuple(model._inbound_nodes[0].input_tensors[0].shape)  # noqa: SLF001  (no public way)


def _commutes(output: int, ending: _Ending) -> bool:
    """Tell whether the activation may as well come last: the tail is run on drawn values and on activated ones."""
    before: dict[int, Any] = {}
    after: dict[int, Any] = {}
    on_array, on_tensor = _FUNCTIONS[ending.name]
    for maker in ending.makers:
        drawn = _drawn(maker.shapes[0])
        before[maker.outputs[0]] = keras.ops.convert_to_tensor(drawn)
        after[maker.outputs[0]] = keras.ops.convert_to_tensor(_activated(maker, drawn, on_array))
    try:
        for step in ending.tail:
            step.run(before)
            step.run(after)
    except Exception:  # noqa: BLE001  (sizes that were left free do not suit the tail)
        return False
    last, half = backend.to_numpy(on_tensor(keras.ops.cast(before[output], "float32"))), _is_half(after[output])
    return _close(backend.to_numpy(keras.ops.cast(after[output], "float32")), last, half=half)


def _is_half(tensor: Any) -> bool:
    return keras.backend.standardize_dtype(tensor.dtype) in ("float16", "bfloat16")


def _activated(maker: Step, drawn: Array, on_array: Callable[[Array, int], Array]) -> Array:
    """Return what the activation of a maker itself gives for drawn values: its axis may be any."""
    if isinstance(maker.operation, keras.Model):
        return on_array(drawn, -1)
    if _is_fused(maker):
        made = maker.operation.activation(keras.ops.convert_to_tensor(drawn))
    else:
        held = {maker.inputs[0]: keras.ops.convert_to_tensor(drawn)}
        maker.run(held)
        made = held[maker.outputs[0]]
    found: Array = backend.to_numpy(keras.ops.cast(made, "float32"))
    return found


def _without_makers(program: Program, output: int, ending: _Ending) -> int:
    """Take the activations out of the makers' steps, in copies of them where others read what they make."""
    made = {slot for step in (*ending.makers, *ending.tail) for slot in step.outputs}
    others = [step for step in program.steps if step not in ending.makers and step not in ending.tail]
    shared = made.intersection(slot for step in others for slot in step.inputs)
    shared |= made.intersection(slot for slot in program.outputs if slot != output)
    bare = {id(step): _bare(step) for step in ending.makers}
    if not shared:
        program.steps[:] = [bare.get(id(step), step) for step in program.steps]
        return output
    renamed = {slot: program.new_slot(program.shapes[slot]) for slot in made}
    program.steps += [_renamed(bare.get(id(step), step), renamed) for step in (*ending.makers, *ending.tail)]
    return renamed[output]


def _bare(step: Step) -> Step:
    """Return a step without its activation."""
    if isinstance(step.operation, keras.Model):
        reader = _reader_of(step.operation)
        return dataclasses.replace(step, operation=reader)
    if _is_fused(step):
        return dataclasses.replace(step, operation=WithoutActivation(step.operation))
    (given,) = step.inputs
    unchanged = keras.layers.Identity(name=f"{step.operation.name}_logits", dtype="float32")
    return dataclasses.replace(step, operation=unchanged, arguments=lambda values: ((values[given],), {}))


def _renamed(step: Step, renamed: dict[int, int]) -> Step:
    """Return a step that reads and writes other slots."""
    names = {new: old for old, new in renamed.items()}

    def arguments(values: dict[int, Any]) -> tuple[Any, Any]:
        return step.arguments({**values, **{old: values[new] for new, old in names.items() if new in values}})

    inputs, outputs = (tuple(renamed.get(slot, slot) for slot in slots) for slots in (step.inputs, step.outputs))
    return dataclasses.replace(step, inputs=inputs, outputs=outputs, arguments=arguments)
