"""A Keras graph as a flat list of steps: nested models opened, each call its own, nothing rebuilt.

Users know a model by its layers. A nested model hides its own layers' tensors: a new ``keras.Model`` between a tensor
inside and one outside is "disconnected". Here the calls are read once, in order, and run again on real tensors; the
user's layers are called, never copied, and no call is added to their history.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import keras

from xai_widgets.models.graph.each_step import EachStep, at_each_step, folded, inner_operation, steps_of, unwrapped
from xai_widgets.models.graph.float32 import in_float32
from xai_widgets.models.graph.idle_layers import is_idle
from xai_widgets.models.graph.reading import calls_as_keras

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

    def fix_shapes(self, *shapes: Shape) -> None:
        """Put numbers where the model leaves sizes free, for inputs of the given shapes (without the batch axis)."""
        specs = {slot: keras.KerasTensor((None, *shape)) for slot, shape in zip(self.inputs, shapes, strict=True)}
        for step in self.steps:
            args, kwargs = step.arguments(specs)
            made = keras.tree.flatten(step.operation.compute_output_spec(*args, **kwargs))
            specs.update(zip(step.outputs, made, strict=True))
        self.shapes.update({slot: tuple(spec.shape) for slot, spec in specs.items()})

    def new_slot(self, shape: Any) -> int:
        """Return a slot that no other tensor has."""
        slot = len(self.shapes)
        self.shapes[slot] = tuple(shape)
        return slot


def read_program(model: keras.Model) -> Program:
    """Read a functional or Sequential model, with all models nested in it.

    It computes in float32, whatever precision the model's layers are set to.

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
    program.steps = [replace(step, operation=_at_inference(step, program)) for step in program.steps]
    return program


def _at_inference(step: Step, program: Program) -> Any:
    """Return the operation of a step in float32; what is idle at inference and draws random numbers is left out."""
    operation = step.operation
    if len(step.inputs) == len(step.outputs) == 1 and is_idle(operation, program.shapes[step.inputs[0]]):
        return keras.layers.Identity(name=operation.name, dtype="float32")
    inner = in_float32(inner_operation(operation))
    return EachStep(inner, operation.steps) if isinstance(operation, EachStep) else inner


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


def _inline(program: Program, model: Any, given: Iterable[int], prefix: str, steps: int | None = None) -> list[int]:
    """Append the calls that make up one call of a model and return the slots of its outputs, flattened.

    Where the model is applied to each of several `steps`, its slots hold tensors with an axis for them.
    """
    graph = _graph_of(model)
    slot_of = {id(tensor): slot for tensor, slot in zip(graph.inputs, given, strict=True)}
    for node in _ordered_nodes(graph):
        path = prefix + node.operation.name
        inner = _opened(node, slot_of, steps)
        if inner is None:
            made = _append(program, node, path, slot_of, steps)
        else:
            model_called, taken, steps_of_it = inner
            made = tuple(_inline(program, model_called, taken, path + "/", steps_of_it))
        slot_of.update({id(tensor): slot for tensor, slot in zip(node.outputs, made, strict=True)})
        program.made_by.setdefault(path, []).append(made)
    return [slot_of[id(tensor)] for tensor in graph.outputs]


def _opened(node: Any, slot_of: dict[int, int], steps: int | None) -> tuple[Any, list[int], int | None] | None:
    """Return the model that a call runs, the slots of its inputs, and the number of steps that it is applied to each.

    None for a call that is not that of a nested model, or that cannot be opened.
    """
    if _can_be_opened(node):
        return node.operation, [slot_of[id(tensor)] for tensor in _called_on(node)], steps
    number = steps_of(node)
    inner: Any = getattr(node.operation, "layer", None)
    if steps is not None or number is None or not has_graph(inner) or len(inner.inputs) != 1:
        return None
    (given,) = node.input_tensors
    same_rank = len(given.shape) == len(inner.inputs[0].shape) + 1
    return (inner, [slot_of[id(given)]], number) if same_rank else None


def _append(
    program: Program, node: Any, path: str, slot_of: dict[int, int], steps: int | None = None
) -> tuple[int, ...]:
    """Append one call of a layer or operation and return the slots that it makes."""
    distributed = steps_of(node)
    operation, arguments = unwrapped(node.operation), _arguments(node, slot_of)
    if operation is not node.operation:
        arguments = _without_training(arguments)
    if distributed is not None and steps is None:
        operation = at_each_step(node.operation.layer, distributed)
        arguments = _without_training(arguments)
    elif steps is not None:
        operation = at_each_step(operation, steps)
    taken = tuple(slot_of[id(tensor)] for tensor in node.input_tensors)
    if isinstance(operation, EachStep):
        arguments = _on_folded(arguments, taken)
    shapes = tuple(_with_steps(tensor.shape, steps) for tensor in node.outputs)
    made = tuple(program.new_slot(shape) for shape in shapes)
    program.steps.append(Step(path, operation, taken, made, arguments, shapes))
    return made


def _with_steps(shape: Any, steps: int | None) -> Shape:
    return tuple(shape) if steps is None else (shape[0], steps, *shape[1:])


def _without_training(arguments: Callable[[dict[int, Any]], tuple[Any, Any]]) -> Callable[..., tuple[Any, Any]]:
    """Leave out what a wrapper takes and the layer in it may not; whether it is training is told when it is run."""

    def fill(values: dict[int, Any]) -> tuple[Any, Any]:
        args, kwargs = arguments(values)
        return args[:1], {name: one for name, one in kwargs.items() if name not in ("training", "mask")}

    return fill


def _on_folded(
    arguments: Callable[[dict[int, Any]], tuple[Any, Any]], taken: tuple[int, ...]
) -> Callable[..., tuple[Any, Any]]:
    """Fold examples and steps of the tensors that a call takes into one axis."""
    return lambda values: arguments({slot: folded(values[slot]) for slot in taken})


def _ordered_nodes(graph: Any) -> Iterable[Any]:
    """List the calls that make up a graph in an order in which they can be run."""
    by_depth = graph._nodes_by_depth  # noqa: SLF001  (the graph itself has no public name)
    for depth in sorted(by_depth, reverse=True):
        yield from (node for node in by_depth[depth] if node.operation is not None and not node.is_input)


def _can_be_opened(node: Any) -> bool:
    """Tell whether a call is that of a nested model, with nothing but tensors of the ranks that it was made for."""
    arguments = node.arguments
    masks = keras.tree.flatten(arguments.kwargs.get("mask"))  # of several inputs [None, None]
    if not has_graph(node.operation) or len(arguments.args) != 1 or any(mask is not None for mask in masks):
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
