"""The outputs of several layers of a model, from one run of the part of the graph that leads to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.final_activations import drop_activations
from xai_widgets.models.graph.splitting import find_slot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras

SCORES = "scores of the classes"  # stands for the model's own output, before its softmax or sigmoid


@dataclass(frozen=True, eq=False)
class IntermediateOutputs:
    """The function from a model's inputs to the outputs of several of its layers.

    Attributes
    ----------
    names : tuple of str
        The layers, as they were given.
    paths : tuple of str
        The whole path of each layer.
    shapes : tuple of tuple
        The shape of each output for one example; None where a size is free.
    slots : tuple of int
        The places of these outputs in the model's program.
    run : callable
        ``run(inputs)`` returns a tuple of activations, one for each name. It does not hold the model.
    variables : list of keras.Variable
        The variables that ``run`` reads.
    """

    names: tuple[str, ...]
    paths: tuple[str, ...]
    shapes: tuple[tuple[int | None, ...], ...]
    slots: tuple[int, ...]
    run: Callable[[Any], tuple[Any, ...]]
    variables: list[Any]
    logits: ClassVar[bool] = True  # the program ends before its softmax or sigmoid

    @property
    def depths(self) -> tuple[int, ...]:
        """The number of channels of each output; 0 where it is not known."""
        return tuple(int(shape[-1] or 0) if shape else 0 for shape in self.shapes)


def intermediate_outputs(model: keras.Model, names: Sequence[str]) -> IntermediateOutputs:
    """Find layers by path, ``SCORES`` for the logits, and return the function from the inputs to their outputs.

    Nothing after the last of them is computed, and no layer is copied.

    Raises
    ------
    NoGraphError
        If the model is subclassed.
    ValueError
        For an unknown layer; the nearest names are given.

    Examples
    --------
    >>> import keras, numpy as np
    >>> layers = [keras.layers.Dense(3, name="hidden"), keras.layers.Dense(2, "softmax")]
    >>> outputs = intermediate_outputs(keras.Sequential([keras.Input((4,)), *layers]), ["hidden", SCORES])
    >>> outputs.depths, [tuple(one.shape) for one in outputs.run(np.ones((5, 4), "float32"))]
    ((3, 2), [(5, 3), (5, 2)])
    """
    program = read_program(model)
    drop_activations(program)
    found = [(SCORES, program.outputs[0]) if name == SCORES else find_slot(program, name) for name in names]
    slots = [slot for _, slot in found]
    steps = program.needed(slots)

    def run(inputs: Any) -> tuple[Any, ...]:
        values = program.start(inputs)
        for step in steps:
            step.run(values)
        return tuple(values[slot] for slot in slots)

    shapes = tuple(tuple(program.shapes[slot][1:]) for slot in slots)
    paths = tuple(path for path, _ in found)
    return IntermediateOutputs(tuple(names), paths, shapes, tuple(slots), run, program.variables)
