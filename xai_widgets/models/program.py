"""A Keras graph as a flat list of steps: nested models opened, each call its own, nothing rebuilt.

Users know a model by its layers. A nested model hides its own layers' tensors: a new ``keras.Model`` between a tensor
inside and one outside is "disconnected". Here the calls are read once, in order, and run again on real tensors; the
user's layers are called, never copied, and no call is added to their history.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras

from xai_widgets.models.graph import WithoutActivation, activation_name, calls_as_keras, passes_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Shape = tuple[int | None, ...]


class NoGraphError(ValueError):
    """The model's layers are not connected in a graph that can be read."""


@dataclass(frozen=True, eq=False)
class Step:
    """One call of one layer or operation.

    Attributes
    ----------
    path : str
        Where the layer is: ``"backbone/conv"``.
    operation : Any
        The layer, or the operation such as ``keras.ops.relu``.
    inputs, outputs : tuple of int
        The slots of the tensors that it takes and makes.
    arguments : callable
        From the values by slot to the call's (args, kwargs).
    shapes : tuple
        The shapes of the outputs, None where free; the batch axis is included.
    """

    path: str
    operation: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    arguments: Callable[[dict[int, Any]], tuple[Any, Any]]
    shapes: tuple[Shape, ...]

    def run(self, values: dict[int, Any]) -> None:
        """Call the operation on the values of its slots and store what it gives."""
        args, kwargs = self.arguments(values)
        if getattr(self.operation, "_call_has_training_arg", False):
            kwargs["training"] = False
        made = keras.tree.flatten(self.operation(*args, **kwargs))
        values.update(zip(self.outputs, made, strict=True))


@dataclass(eq=False)
class Program:
    """A model's whole graph, in the order of its computation.

    Attributes
    ----------
    name : str
        The model's.
    steps : list of Step
    inputs, outputs : tuple of int
        Slots of the model's inputs and outputs, flattened.
    structure : Any
        The outputs as the model nests them, slots in place of tensors.
    made_by : dict
        For the path of each layer, operation and nested model, the slots that each of its calls made, in order.
    shapes : dict
        The shape of what each slot holds.
    variables : list of keras.Variable
        All that the steps read.
    """

    name: str
    steps: list[Step] = field(default_factory=list)
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    structure: Any = None
    made_by: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    shapes: dict[int, Shape] = field(default_factory=dict)
    variables: list[Any] = field(default_factory=list)

    def start(self, inputs: Any) -> dict[int, Any]:
        """Return the values before the first step: the model's inputs, nested as the model takes them."""
        return dict(zip(self.inputs, keras.tree.flatten(inputs), strict=True))

    def run(self, inputs: Any) -> Any:
        """Return the outputs, nested as the model's."""
        values = self.start(inputs)
        for step in self.needed(self.outputs):
            step.run(values)
        return keras.tree.map_structure(values.__getitem__, self.structure)

    def producer(self, slot: int) -> Step | None:
        """Return the step that makes a slot; None for an input."""
        return next((step for step in self.steps if slot in step.outputs), None)

    def downstream(self, slots: Iterable[int]) -> set[int]:
        """Return all slots that depend on any of `slots`, themselves included."""
        reached = set(slots)
        for step in self.steps:
            if reached.intersection(step.inputs):
                reached.update(step.outputs)
        return reached

    def needed(self, slots: Iterable[int], given: Iterable[int] = ()) -> list[Step]:
        """Return, in order, the steps that make `slots` from what is `given`."""
        wanted, known, kept = set(slots), set(given), []
        for step in reversed(self.steps):
            if not known.issuperset(step.outputs) and wanted.intersection(step.outputs):
                kept.append(step)
                wanted.update(slot for slot in step.inputs if slot not in known)
        return kept[::-1]

    def new_slot(self, shape: Any) -> int:
        """Return a slot that no other tensor has."""
        slot = len(self.shapes)
        self.shapes[slot] = tuple(shape)
        return slot


def read_program(model: keras.Model) -> Program:
    """Read a functional or Sequential model, with all models nested in it.

    Raises
    ------
    NoGraphError
        If the model, or a Sequential one before its first call, has no graph.

    Examples
    --------
    >>> inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="hidden")], name="backbone")
    >>> outer = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(2, name="head")])
    >>> [step.path for step in read_program(outer).steps]
    ['backbone/hidden', 'head']
    """
    if not has_graph(model):
        msg = (
            f"the layers of {model.name!r} ({type(model).__name__}) are not connected in a graph: what it computes is "
            "in its own call(). Write it with the functional API, keras.Model(inputs, outputs), or as "
            "keras.Sequential (called once); its layers may be kept as they are"
        )
        raise NoGraphError(msg)
    program = Program(model.name)
    graph = _graph_of(model)
    program.inputs = tuple(program.new_slot(tensor.shape) for tensor in graph.inputs)
    slots = _inline(program, model, program.inputs, "")
    program.outputs = tuple(slots)
    program.structure = keras.tree.pack_sequence_as(_outputs_structure(model), slots)
    program.variables = list(model.variables)
    return program


def has_graph(model: Any) -> bool:
    """Tell whether a model runs a graph that Keras knows, and not a ``call`` of its own making.

    Examples
    --------
    >>> has_graph(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])), has_graph(keras.Sequential())
    (True, False)
    """
    known = isinstance(model, keras.Model) and hasattr(_graph_of(model), "_nodes_by_depth")
    return known and calls_as_keras(model)


def _graph_of(model: Any) -> Any:
    """Return the functional graph of a model; a Sequential one holds it inside."""
    return model._functional if isinstance(model, keras.Sequential) else model  # noqa: SLF001  (no public way)


def _outputs_structure(model: Any) -> Any:
    structure = getattr(_graph_of(model), "_outputs_struct", model.outputs)
    single = isinstance(structure, (list, tuple)) and len(structure) == 1  # Keras unpacks these
    return structure[0] if single else structure


def _inline(program: Program, model: Any, given: Iterable[int], prefix: str) -> list[int]:
    """Append the steps of one call of a model and return the slots of its outputs, flattened."""
    graph = _graph_of(model)
    slot_of = {id(tensor): slot for tensor, slot in zip(graph.inputs, given, strict=True)}
    for node in _ordered_nodes(graph):
        path, operation = prefix + node.operation.name, node.operation
        taken = tuple(slot_of[id(tensor)] for tensor in node.input_tensors)
        if _can_be_opened(node):
            inner = [slot_of[id(tensor)] for tensor in _called_on(node)]
            made = tuple(_inline(program, operation, inner, path + "/"))
        else:
            made = tuple(program.new_slot(tensor.shape) for tensor in node.outputs)
            shapes = tuple(tuple(tensor.shape) for tensor in node.outputs)
            program.steps.append(Step(path, operation, taken, made, _arguments(node, slot_of), shapes))
        slot_of.update({id(tensor): slot for tensor, slot in zip(node.outputs, made, strict=True)})
        program.made_by.setdefault(path, []).append(made)
    return [slot_of[id(tensor)] for tensor in graph.outputs]


def _ordered_nodes(graph: Any) -> Iterable[Any]:
    """List the calls that make up a graph in an order in which they can be run."""
    by_depth = graph._nodes_by_depth  # noqa: SLF001  (the graph itself has no public name)
    for depth in sorted(by_depth, reverse=True):
        yield from (node for node in by_depth[depth] if node.operation is not None and not node.is_input)


def _can_be_opened(node: Any) -> bool:
    """Tell whether a call is that of a nested model, with nothing but tensors of the ranks that it was made for."""
    arguments = node.arguments
    if not has_graph(node.operation) or len(arguments.args) != 1 or arguments.kwargs.get("mask") is not None:
        return False
    ranks = [len(tensor.shape) for tensor in _graph_of(node.operation).inputs]
    return set(arguments.kwargs) <= {"training", "mask"} and ranks == [len(one.shape) for one in _called_on(node)]


def _called_on(node: Any) -> list[Any]:
    """Return the tensors that a nested model is called on, in the order of its inputs."""
    graph, given = _graph_of(node.operation), node.arguments.args[0]
    if isinstance(given, dict) and not isinstance(graph._inputs_struct, dict):  # noqa: SLF001  (no public name)
        given = [given[tensor.name] for tensor in graph.inputs]
    return list(keras.tree.flatten(given))


def _arguments(node: Any, slot_of: dict[int, int]) -> Callable[[dict[int, Any]], tuple[Any, Any]]:
    """Return a function that fills values into the arguments of a call."""
    nested = (list(node.arguments.args), dict(node.arguments.kwargs))
    slots = {id(tensor): slot_of[id(tensor)] for tensor in node.input_tensors}

    def fill(values: dict[int, Any]) -> tuple[Any, Any]:
        args, kwargs = keras.tree.map_structure(
            lambda one: values[slots[id(one)]] if isinstance(one, keras.KerasTensor) else one, nested
        )
        return args, dict(kwargs)

    return fill


def drop_activations(program: Program) -> None:
    """End each output of a program before its final softmax or sigmoid, if it has one."""
    ends = {slot: _before_activation(program, slot) for slot in program.outputs}
    program.structure = keras.tree.map_structure(ends.__getitem__, program.structure)
    program.outputs = tuple(ends[slot] for slot in program.outputs)


def _before_activation(program: Program, output: int) -> int:
    """Return the slot of the logits behind one output; an activation fused into a layer is taken off in its step."""
    slot, step = output, program.producer(output)
    while step is not None and passes_through(step.operation):
        slot = step.inputs[0]
        step = program.producer(slot)
    if step is None or activation_name(step.operation) == "linear" or len(step.inputs) != 1:
        return output
    if not hasattr(step.operation, "kernel"):
        return step.inputs[0]
    bare = dataclasses.replace(step, operation=WithoutActivation(step.operation))
    program.steps[program.steps.index(step)] = bare
    return slot
