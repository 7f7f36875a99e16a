"""A lucid model of a function of Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_widgets.backend.lucid_bridge.freezing import INPUT, frozen_graph
from xai_widgets.backend.lucid_bridge.lucid_import import load_lucid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def lucid_model(
    function: Callable[[Any], Sequence[Any]],
    depths: Mapping[str, int],
    shape: tuple[int, ...],
    *,
    name: str = "keras",
    labels: Sequence[str] | None = None,
) -> Any:
    """Make a lucid ``Model`` of a function from pictures, values 0 to 1, to the outputs of layers.

    Parameters
    ----------
    function : callable
        Maps a tensor (N, *shape) to one tensor for each layer.
    depths : mapping of str to int
        For the name of each layer, its number of channels.
    shape : tuple of int
        The shape of one picture.
    name : str, default "keras"
        The name of the model.
    labels : sequence of str, optional
        Names of the classes.

    Returns
    -------
    lucid.modelzoo.vision_base.Model
        The model.
    """
    base = load_lucid("lucid.modelzoo.vision_base")
    traits = {
        "input_name": INPUT,
        "image_shape": list(shape),
        "image_value_range": (0, 1),
        "model_name": name,
        "model_path": f"keras://{name}",
        "dataset": None,
        "labels": None if labels is None else list(labels),
        "graph_def": frozen_graph(function, list(depths), shape),  # a plain attribute, also where it is a property
    }
    made = type("KerasModel", (base.Model,), dict(traits))()
    made.graph_def, made.labels = traits["graph_def"], traits["labels"]  # older versions' __init__ clears them
    tagged = [{"name": layer, "depth": depth, "tags": ["keras"]} for layer, depth in depths.items()]
    made.layers = base._layers_from_list_of_dicts(made, tagged)  # noqa: SLF001  (no public way)
    return made
