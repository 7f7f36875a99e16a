"""A Keras function as one frozen graph of TensorFlow 1, in which each layer's output has the layer's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

INPUT = "image"
eagerly = context.eager_mode  # for a reader who has opened a graph of TensorFlow 1 already
_TAP = "tap/"


def frozen_graph(function: Callable[[Any], Sequence[Any]], names: Sequence[str], shape: tuple[int, ...]) -> Any:
    """Freeze a function of pictures that gives one tensor for each name.

    The node that makes a tensor is renamed, not copied: a copy beside the graph's main path would have no gradient with
    respect to it. Only where two names stand for one tensor does the second get a node of its own.

    Parameters
    ----------
    function : callable
        From a tensor (N, *shape) to tensors, in the order of `names`.
    names : sequence of str
    shape : tuple of int
        Of one picture.

    Returns
    -------
    GraphDef
        Its input is called ``"image"``; weights are constants.

    Examples
    --------
    >>> graph = frozen_graph(lambda x: [tf.nn.relu(x), x + 1.0], ["on", "more"], (2,))
    >>> {"image", "on", "more"} <= {node.name for node in graph.node}
    True
    """

    def tapped(image: Any) -> list[Any]:
        outputs = function(image)
        return [tf.identity(one, name=_TAP + name) for one, name in zip(outputs, names, strict=True)]

    spec = tf.TensorSpec([None, *shape], tf.float32, name=INPUT)
    concrete = tf.function(tapped, autograph=False).get_concrete_function(spec)
    graph = convert_variables_to_constants_v2(concrete).graph.as_graph_def()
    _rename(graph, _new_names(graph, names))
    return _leading_to(graph, names)


def _leading_to(graph: Any, names: Sequence[str]) -> Any:
    """Return the part of a graph that some nodes need."""
    nodes, wanted, waiting = {node.name: node for node in graph.node}, set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [mention.lstrip("^").partition(":")[0] for mention in nodes[name].input]
    part = type(graph)(versions=graph.versions, library=graph.library)
    part.node.extend(node for node in graph.node if node.name in wanted)
    return part


def _new_names(graph: Any, names: Sequence[str]) -> dict[str, str]:
    """Return which node gets which name."""
    nodes, renamed = {node.name: node for node in graph.node}, dict[str, str]()
    for name in names:
        made_by = nodes[_TAP + name].input[0]
        first_output = ":" not in made_by or made_by.endswith(":0")
        node = made_by.partition(":")[0]
        free = first_output and node not in renamed and node != INPUT
        renamed[node if free else _TAP + name] = name
    taken = set(names)
    for node in graph.node:  # a node that has a layer's name by chance gives way
        if node.name in taken and node.name not in renamed:
            renamed[node.name] = f"{node.name}_inside"
    return renamed


def _rename(graph: Any, renamed: dict[str, str]) -> None:
    """Change the names of nodes, and wherever they are mentioned."""

    def mentioned(name: str) -> str:
        control, bare = ("^", name[1:]) if name.startswith("^") else ("", name)
        node, colon, output = bare.partition(":")
        return f"{control}{renamed.get(node, node)}{colon}{output}"

    for node in graph.node:
        node.name = renamed.get(node.name, node.name)
        node.input[:] = [mentioned(name) for name in node.input]
