"""What several layers of a model give at once, in one run of the part of the graph that leads to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xai_widgets.models.cut import find_slot
from xai_widgets.models.program import drop_activations, read_program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras

SCORES = "scores of the classes"  # stands for the model's own output, before its softmax or sigmoid


@dataclass(frozen=True, eq=False)
class Taps:
    """Layers of a model that can be read together.

    Attributes
    ----------
    names : tuple of str
        As they were asked for.
    paths : tuple of str
        The whole path of each layer.
    depths : tuple of int
        How many channels each gives.
    run : callable
        ``run(inputs)`` gives a tuple of activations, one for each name. It does not hold the model.
    variables : list of keras.Variable
        What it reads.
    """

    names: tuple[str, ...]
    paths: tuple[str, ...]
    depths: tuple[int, ...]
    run: Callable[[Any], tuple[Any, ...]]
    variables: list[Any]


def tap(model: keras.Model, names: Sequence[str]) -> Taps:
    """Find layers by path, ``SCORES`` for the logits, and return what runs up to all of them.

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
    >>> taps = tap(keras.Sequential([keras.Input((4,)), *layers]), ["hidden", SCORES])
    >>> taps.depths, [tuple(one.shape) for one in taps.run(np.ones((5, 4), "float32"))]
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

    depths = tuple(int(program.shapes[slot][-1] or 0) for slot in slots)
    return Taps(tuple(names), tuple(path for path, _ in found), depths, run, program.variables)
