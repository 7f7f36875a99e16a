"""A model split at a layer into the part before it and the part after it, each of which can be run alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras

from xai_widgets.models.graph.computation_steps import Program, Step, read_program
from xai_widgets.models.graph.final_activations import drop_activations
from xai_widgets.models.graph.reading import resolve_path

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ModelSplit", "drop_activations", "find_slot", "split_model", "split_program"]


@dataclass(frozen=True, eq=False)
class ModelSplit:
    """A model in two parts.

    Attributes
    ----------
    path : str
        The whole path of the layer, with ``"#0"``, ``"#1"`` ... behind it where the layer is called several times.
    shape : tuple
        The shape of the layer's output for one example; None where a size is free.
    slots : tuple of int
        The places of the layer's output and then of the context in the model's program.
    logits : bool
        Whether the program ends before its softmax or sigmoid.
    features : callable
        ``features(inputs) -> (activation, context)``. The context is a tuple of all other tensors that the rest of the
        model needs: what skips past the layer, and inputs that do not pass through it.
    head : callable
        ``head(activation, context) -> outputs``, nested as the model's outputs. ``head(*features(x))`` are the model's
        own; differentiated by its first argument, it gives the whole derivative by the layer's output.
    steps : list of Step
        The head, call by call.
    variables : list of keras.Variable
        The variables that both parts read.
    inputs : tuple of int
        Which of the model's inputs (flattened) the layer depends on.
    """

    path: str
    shape: tuple[int | None, ...]
    slots: tuple[int, ...]
    logits: bool
    features: Callable[[Any], tuple[Any, tuple[Any, ...]]]
    head: Callable[[Any, Any], Any]
    steps: list[Step]
    variables: list[Any]
    inputs: tuple[int, ...]

    def run(self, inputs: Any) -> tuple[Any, ...]:
        """Return the layer's output and then the context, in one tuple."""
        activation, context = self.features(inputs)
        return activation, *context


def split_model(model: keras.Model, layer: str, *, logits: bool = False) -> ModelSplit:
    """Split a functional or Sequential model at the output of a layer.

    The layer may be anywhere: in a residual branch, in models nested to any depth (``"backbone/conv5_block3_out"``),
    shared by several calls (the last one is meant, ``"conv#0"`` is the first). Nothing is copied or rebuilt; both parts
    call the user's own layers, and read their weights anew at each run.

    Parameters
    ----------
    model : keras.Model
    layer : str
        The path of a layer, of an operation such as ``keras.ops.relu``, or of a nested model; a bare name is enough
        where it is unique.
    logits : bool
        Leave out the softmax or sigmoid at the end of each output.

    Raises
    ------
    NoGraphError
        If the model is subclassed: its layers are not connected in a graph.
    ValueError
        If there is no such layer (the nearest names are given), it gives several tensors, or the outputs do not depend
        on it.

    Examples
    --------
    >>> import numpy as np
    >>> inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="hidden")], name="backbone")
    >>> model = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(2, "softmax", name="head")])
    >>> parts = split_model(model, "backbone/hidden")
    >>> x = np.ones((1, 4), "float32")
    >>> activation, context = parts.features(x)
    >>> bool(np.allclose(parts.head(activation, context), model(x)))
    True
    """
    program = read_program(model)
    if logits:
        drop_activations(program)
    return split_program(program, layer, logits=logits)


def split_program(program: Program, layer: str, *, logits: bool = False) -> ModelSplit:
    """Split a program that was already read at the output of a layer.

    Parameters
    ----------
    program : Program
        Its last softmax or sigmoid is dropped already where `logits` is true.
    layer : str
        The path of a layer, of an operation, or of a nested model.
    logits : bool
        Whether the head gives logits; the parts are told so.

    Raises
    ------
    ValueError
        If there is no such layer (the nearest names are given), it gives several tensors, or the outputs do not depend
        on it.
    """
    path, slot = find_slot(program, layer)
    after = program.downstream([slot])
    if not after.intersection(program.outputs):
        msg = f"the outputs of {program.name!r} do not depend on the layer {path!r}; choose one that leads to them"
        raise ValueError(msg)
    later = [step for step in program.needed(program.outputs, [slot]) if after.intersection(step.inputs)]
    made = {slot, *(made for step in later for made in step.outputs)}
    taken = [slot for step in later for slot in step.inputs] + list(program.outputs)
    context = tuple(dict.fromkeys(one for one in taken if one not in made))
    earlier = program.needed([slot, *context])

    def features(inputs: Any) -> tuple[Any, tuple[Any, ...]]:
        values = program.start(inputs)
        for step in earlier:
            step.run(values)
        return values[slot], tuple(values[one] for one in context)

    def head(activation: Any, rest: Any) -> Any:
        values = {slot: activation, **dict(zip(context, rest, strict=True))}
        for step in later:
            step.run(values)
        return keras.tree.map_structure(values.__getitem__, program.structure)

    reached = tuple(place for place, start in enumerate(program.inputs) if slot in program.downstream([start]))
    shape = program.shapes[slot][1:]
    slots = (slot, *context)
    return ModelSplit(path, shape, slots, logits, features, head, later, program.variables, reached)


def find_slot(program: Program, layer: str) -> tuple[str, int]:
    """Return the whole path and the slot of a layer's output."""
    name, _, number = layer.partition("#")
    path = resolve_path(name, program.made_by)
    calls = program.made_by[path]
    if number and not (number.isdigit() and int(number) < len(calls)):
        msg = f"{path!r} is called {len(calls)} times, #0 to #{len(calls) - 1}; {layer!r} names none of them"
        raise ValueError(msg)
    call = int(number) if number else len(calls) - 1
    if len(calls[call]) != 1:
        msg = f"{path!r} gives {len(calls[call])} tensors; choose a layer that gives one"
        raise ValueError(msg)
    return (path if len(calls) == 1 else f"{path}#{call}"), calls[call][0]
