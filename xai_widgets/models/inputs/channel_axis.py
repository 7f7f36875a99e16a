"""Whether the last axis of a model's input holds channels: found from what the model does with it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_widgets.models.graph.computation_steps import has_graph, read_program

if TYPE_CHECKING:
    import keras

    from xai_widgets.models.graph.computation_steps import Program, Step

_ROWS, _PICTURES = 2, 4  # axes of rows of features and of pictures, the batch counted


def has_channels(model: keras.Model, place: int, axes: int) -> bool | None:
    """Tell whether the last axis of an input is that of channels or features.

    Parameters
    ----------
    model : keras.Model
    place : int
        Which of its inputs, flattened.
    axes : int
        The number of axes of the input, the batch counted.

    Returns
    -------
    bool or None
        False where the model begins by adding an axis for a single channel. None for three axes that it flattens at
        once, or if its graph is not seen: these may be sequences (N, T, C) or grey pictures (N, H, W).

    Examples
    --------
    >>> import keras
    >>> layers = keras.layers
    >>> series = keras.Sequential([keras.Input((20, 3)), layers.Conv1D(4, 3), layers.GlobalMaxPooling1D()])
    >>> grey = keras.Sequential([keras.Input((28, 28)), layers.Reshape((28, 28, 1)), layers.Conv2D(4, 3)])
    >>> has_channels(series, 0, 3), has_channels(grey, 0, 3)
    (True, False)
    """
    if axes == _ROWS:
        return True
    usual = True if axes >= _PICTURES else None
    if not has_graph(model):
        return usual
    program = read_program(model)
    found = _from_readers(program, program.inputs[place])
    return usual if found is None else found


def _from_readers(program: Program, slot: int) -> bool | None:
    """Return what the first step that changes the shape of a slot, or has weights, says of it."""
    for step in program.steps:
        if slot not in step.inputs or len(step.shapes) != 1:
            continue
        before, after = program.shapes[slot], step.shapes[0]
        if after == (*before, 1):
            return False
        found = True if _mixes_channels(step) else _from_readers(program, step.outputs[0]) if after == before else None
        if found is not None:
            return found
    return None


def _mixes_channels(step: Step) -> bool:
    """Tell whether a step is a layer with weights for the last axis, or one for sequences, pictures or volumes."""
    weights = getattr(step.operation, "weights", [])
    return any(len(one.shape) > 1 for one in weights) or type(step.operation).__name__.endswith(("1D", "2D", "3D"))
