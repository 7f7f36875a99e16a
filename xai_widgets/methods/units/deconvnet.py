"""One activation of one unit carried back to the picture, all others set to 0: the deconvnet of Zeiler and Fergus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.attribution.backpropagation.deconvolution import rules_at_rectifiers
from xai_widgets.methods.attribution.backpropagation.rules.batch_runs import at_inputs
from xai_widgets.methods.attribution.backpropagation.rules.engine import backward, forward, own_derivative
from xai_widgets.methods.attribution.backpropagation.rules.node_graph import read_net
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.core.target_scores import pictures_of
from xai_widgets.methods.units.top_patches import top_patches
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.splitting import find_slot
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Annotated

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import NonNegativeInt, OneOf, PositiveInt, Progress
    from xai_widgets.methods.attribution.backpropagation.rules.node_graph import Net
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.kinds.wrapped_model import WrappedModel

__all__ = ["project_unit"]

_MAP_AXES = 4
WAYS = ("deconvolution", "guided_backprop", "gradient")


@recorded
def project_unit(
    model: Classifier | keras.Model,
    inputs: Any,
    layer: str,
    unit: NonNegativeInt,
    *,
    place: Any = None,
    way: Annotated[str, OneOf(WAYS)] = "deconvolution",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Carry one activation of a unit back to the picture: what of the picture made the unit answer there.

    All other activations of the layer are set to 0. On the way back, max pooling sends what comes to the places of its
    maxima (the switches), convolutions are transposed, and rectifiers act as `way` says.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential.
    inputs : array or pictures
        A batch of N pictures as floats in the model's input space, (N, H, W, C); one such picture without the batch
        axis; or pictures, which are resized and preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a
        sequence of them.
    layer : str
        The path of a layer, ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is
        called several times, otherwise its last is meant.
    unit : int
        The number of the unit, 0 or more: its channel in the layer's map.
    place : (int, int) or (N, 2) int array, optional
        Row and column of the layer's map; where the unit is strongest in each picture, if left out.
    way : {"deconvolution", "guided_backprop", "gradient"}, default "deconvolution"
        Rectifiers cut off what is negative on the way back; or also what comes to units that were off; or let pass
        what comes to units that were on. The last is the derivative of the activation; the others carry back the
        activation itself, as the paper does.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting pictures, and may raise an error to stop. None
        is silent.

    Returns
    -------
    Attribution
        ``.values`` (N, H, W, C), 0 outside the unit's receptive field, in units of the activation, for the gradient
        per unit of the input; ``.score`` (N,), the activation that was carried back. A unit that is 0 there gives
        zeros.

    Raises
    ------
    UnsupportedLayerError
        If a layer is not one of Keras' own, where rectifiers might hide (not for the gradient).
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For an unknown layer, unit, place or way, a model of several inputs, inputs of a wrong shape, or with NaN or
        infinite values, or a batch size below 1.
    TypeError
        If the model is no Keras model, or an option does not exist.

    References
    ----------
    Matthew Zeiler, Rob Fergus (2014), Visualizing and understanding convolutional networks, arXiv:1311.2901,
    doi:10.1007/978-3-319-10590-1_53.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> project_unit(digits, three, "conv2", 5, place=(3, 4))
    Attribution(1x8x8x1: project_unit · digits · target conv2 5 · way=deconvolution)
    """
    subject = wrap(model)
    arrays: Any = subject.as_inputs(inputs)
    if not isinstance(arrays, np.ndarray):
        msg = f"{subject.name!r} takes several inputs: there is no one picture to go back to"
        raise ValueError(msg)  # noqa: TRY004  (it is the model that does not fit)
    probe = LayerProbe(subject, layer)
    path, shape, number = probe.path, probe.shape, int(probe.unit_numbers(int(unit))[0])
    if place is None:
        places = _strongest(subject, arrays, path, number, batch_size)
    else:
        places = _checked_place(place, shape[:2] if len(shape) == _MAP_AXES - 1 else (1, 1), path, len(arrays))
    run = _walk(subject, path, way)
    report, parts = reporter(progress), []
    for part in subject.batches(len(arrays), batch_size):
        parts.append(run(arrays[part], places[part], np.full(len(places[part]), number)))
        report(part.stop, len(arrays))
    score, values = (np.concatenate(one) for one in zip(*parts, strict=True))
    recipe = Recipe("project_unit", subject.name, (f"{path} {number}",) * len(arrays), {"way": way})
    return Attribution(values, score, recipe, None, pictures_of(subject, arrays), None, subject.has_channels(arrays))


def _checked_place(place: Any, size: Any, path: str, count: int) -> NDArray[np.int32]:
    """Return the given row and column for each of `count` pictures."""
    given = np.asarray(place)
    fits = given.shape in ((2,), (count, 2)) and (given >= 0).all()
    if not fits or any(n is not None and (given[..., axis] >= n).any() for axis, n in enumerate(size)):
        raise ValueError(f"place is a row and a column of the map of {path!r}, {tuple(size)}, not {place!r}")
    return np.broadcast_to(given.astype("int32"), (count, 2))


def _strongest(
    subject: WrappedModel, arrays: NDArray[np.float32], path: str, unit: int, batch_size: int | None
) -> NDArray[np.int32]:
    """Return for each picture the row and column where the unit is strongest."""
    found = top_patches(subject, arrays, path, units=[unit], count=len(arrays), batch_size=batch_size)
    places: NDArray[np.int32] = found.places[0][np.argsort(found.pictures[0])].astype("int32")
    return places


def _walk(subject: WrappedModel, path: str, way: str) -> Callable[..., Any]:
    """Return what carries activations back: (inputs, places, units) -> (scores, values)."""

    def read() -> Net:
        program = read_program(subject.model)
        _, program.structure = find_slot(program, path)
        program.outputs = (program.structure,)
        return read_net(program, merge=False)

    net: Net = store_of(subject.model).get_or_build(("net up to", path), read)
    rules = [own_derivative] * len(net.nodes) if way == "gradient" else rules_at_rectifiers(way, net)
    (slot,) = net.program.outputs

    def whole(inputs: Any, places: Any, units: Any) -> tuple[Any, Any]:
        values, calls = forward(net, inputs)
        chosen = _chosen(values[slot], places, units)
        kept = keras.ops.cast(values[slot], "float32") * chosen
        start = chosen if way == "gradient" else kept
        score = keras.ops.sum(kept, axis=tuple(range(1, len(kept.shape))))
        return score, at_inputs(net, inputs, backward(calls, rules, {slot: start}))

    return subject.compiled(("unit projected", path, way), lambda: (whole, net.program.variables))


def _chosen(activations: Any, places: Any, units: Any) -> Any:
    """Return 1 at one place of one unit for each picture, 0 elsewhere, shaped like the activations."""
    shape = keras.ops.shape(activations)
    chosen = keras.ops.one_hot(units, shape[-1], dtype="float32")
    if len(shape) != _MAP_AXES:
        return chosen
    rows, columns = (keras.ops.one_hot(places[:, axis], shape[1 + axis], dtype="float32") for axis in (0, 1))
    return rows[:, :, None, None] * columns[:, None, :, None] * chosen[:, None, None, :]
