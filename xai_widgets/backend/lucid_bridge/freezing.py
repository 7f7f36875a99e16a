"""A Keras function as one frozen graph of TensorFlow 1, in which each layer's output has the layer's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

INPUT = "image"
eagerly = context.eager_mode  # for code inside of an open graph of TensorFlow 1
_TAP = "tap/"


def frozen_graph(function: Callable[[Any], Sequence[Any]], names: Sequence[str], shape: tuple[int, ...]) -> Any:
    """Freeze a function of pictures that returns one tensor for each name.

    The node that computes a tensor is renamed and not copied, because a copy beside the main path of the graph has no
    gradient. If two names stand for one tensor, the second gets a node of its own.

    Parameters
    ----------
    function : callable
        Maps a tensor (N, *shape) to tensors, in the order of `names`.
    names : sequence of str
        The names of the tensors.
    shape : tuple of int
        The shape of one picture.

    Returns
    -------
    GraphDef
        The graph. Its input is called ``"image"``; weights are constants.

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
    """Return the part of a graph on which some nodes depend."""
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
    """Return the new name of each node that is renamed."""
    nodes, renamed = {node.name: node for node in graph.node}, dict[str, str]()
    for name in names:
        made_by = nodes[_TAP + name].input[0]
        first_output = ":" not in made_by or made_by.endswith(":0")
        node = made_by.partition(":")[0]
        free = first_output and node not in renamed and node != INPUT
        renamed[node if free else _TAP + name] = name
    taken = set(names)
    for node in graph.node:  # another node with the name of a layer is renamed
        if node.name in taken and node.name not in renamed:
            renamed[node.name] = f"{node.name}_inside"
    return renamed


def _rename(graph: Any, renamed: dict[str, str]) -> None:
    """Change the names of nodes and all references to them."""

    def mentioned(name: str) -> str:
        control, bare = ("^", name[1:]) if name.startswith("^") else ("", name)
        node, colon, output = bare.partition(":")
        return f"{control}{renamed.get(node, node)}{colon}{output}"

    for node in graph.node:
        node.name = renamed.get(node.name, node.name)
        node.input[:] = [mentioned(name) for name in node.input]
