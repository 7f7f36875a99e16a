"""The outputs of layers of a model, the rest of the model run from there, and the gradient with respect to them.

What is compiled is kept for the model and found again by every method that reads the same layer: one function from the
inputs to the layer, one from there to the model's outputs, one from there to the gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.core.input_batches import input_batches
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.target_scores import OUTPUTS
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.intermediate_outputs import IntermediateOutputs, intermediate_outputs
from xai_widgets.models.graph.map_layers import default_layer
from xai_widgets.models.graph.splitting import ModelSplit, split_model
from xai_widgets.models.kinds.network import Network
from xai_widgets.models.kinds.wrapping import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Progress
    from xai_widgets.methods.core.input_batches import InputBatch
    from xai_widgets.methods.core.target_scores import Scalar
    from xai_widgets.models.kinds.wrapped_model import WrappedModel


_MAP_AXES = 3


@dataclass(frozen=True, eq=False)
class LayerState:
    """What a model has computed of a batch when it has come to a layer; tensors on the device of the backend.

    Attributes
    ----------
    tensor : (n, ..., C) tensor
        The output of the layer.
    context : tuple of tensors
        What the rest of the model reads beside it: connections that skip the layer, and other inputs.
    """

    tensor: Any
    context: tuple[Any, ...]

    @property
    def activations(self) -> NDArray[np.float32]:
        """The output of the layer as an array, (n, ..., C)."""
        found: NDArray[np.float32] = backend.to_numpy(self.tensor)
        return found

    def masked(self, mask: NDArray[np.float32]) -> LayerState:
        """Return the state with the layer's units multiplied by `mask`, (C,)."""
        factors = keras.ops.cast(keras.ops.convert_to_tensor(mask), self.tensor.dtype)
        return LayerState(self.tensor * factors, self.context)


class LayerProbe:
    """Reads one layer of a model, or several, and differentiates the model's outputs with respect to one of them.

    Parameters
    ----------
    model : WrappedModel or keras.Model
        Functional or Sequential, with any models nested in it.
    layers : str, sequence of str, or None
        The path of a layer, ``"backbone/conv5_block3_out"``, or several of them, read in one pass; None for the
        one that `default_layer` chooses. ``intermediate_outputs.SCORES`` stands for the model's own output before
        its softmax or sigmoid.
    output : {"logit", "probability"}
        What `head` and `gradients` compute from the layer.

    Attributes
    ----------
    subject : WrappedModel
        The wrapped model.
    paths : tuple of str
        The whole path of each layer.
    shapes : tuple of tuple
        The shape of each layer's output for one example; None where a size is free.

    Raises
    ------
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For an unknown layer (the nearest names are given), one that gives several tensors, or an unknown output.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> probe = LayerProbe(digits, "conv4")
    >>> probe.path, probe.units, probe.activations(three).shape
    ('conv4', 64, (1, 4, 4, 64))
    >>> state = probe.forward(digits.as_inputs(three))
    >>> bool(np.allclose(probe.head(state), digits.logits(three), atol=1e-4))
    True
    >>> [one.shape for one in LayerProbe(digits, ["conv1", "conv4"]).activations(three)]
    [(1, 8, 8, 32), (1, 4, 4, 64)]
    """

    def __init__(
        self, model: WrappedModel | keras.Model, layers: str | Sequence[str] | None, *, output: str = "logit"
    ) -> None:
        if output not in OUTPUTS:
            raise ValueError(f"output must be one of {', '.join(map(repr, OUTPUTS))}, not {output!r}")
        self.subject = wrap(model)
        self.output = output
        self._single = layers is None or isinstance(layers, str)
        names = (_named(self.subject.model, layers),) if layers is None or isinstance(layers, str) else tuple(layers)
        self._outputs = outputs_of(self.subject, names)

    @property
    def paths(self) -> tuple[str, ...]:
        """The whole path of each layer."""
        return self._outputs.paths

    @property
    def shapes(self) -> tuple[tuple[int | None, ...], ...]:
        """The shape of each layer's output for one example."""
        return self._outputs.shapes

    @property
    def path(self) -> str:
        """The whole path of the layer, of a probe of one layer."""
        (path,) = self.paths
        return path

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape of the layer's output for one example, of a probe of one layer."""
        (shape,) = self.shapes
        return shape

    @property
    def units(self) -> int:
        """The number of units of the layer, the size of its last axis; of a probe of one layer.

        Raises
        ------
        ValueError
            If the layer's output has no last axis of a known size.
        """
        self.require_units()
        return int(self.shape[-1] or 0)

    def require_units(self) -> LayerProbe:
        """Return the probe itself if each layer has a known number of units; otherwise raise a ValueError."""
        for path, shape in zip(self.paths, self.shapes, strict=True):
            if not shape or not shape[-1]:
                raise ValueError(f"the layer {path!r} gives {shape} for one example: it has no known number of units")
        return self

    def require_maps(self) -> LayerProbe:
        """Return the probe itself if each layer gives maps (h, w, C); otherwise raise a ValueError."""
        for path, shape in zip(self.paths, self.require_units().shapes, strict=True):
            if len(shape) != _MAP_AXES:
                msg = f"the layer {path!r} gives {shape} for one example, no maps (h, w, C); choose an earlier one"
                raise ValueError(msg)
        return self

    def unit_numbers(self, units: Any = None) -> NDArray[np.int64]:
        """Return numbers of units of the layer, (U,), all of them for None.

        Raises
        ------
        ValueError
            If one is not among the layer's.

        Examples
        --------
        >>> import xai_widgets as xai
        >>> LayerProbe(xai.load_model("digits"), "conv4").unit_numbers([2, 0]).tolist()
        [2, 0]
        """
        count = self.units
        numbers = np.arange(count) if units is None else np.atleast_1d(np.asarray(units))
        wrong = numbers.ndim != 1 or not np.issubdtype(numbers.dtype, np.integer)
        if wrong or not len(numbers) or numbers.min() < 0 or numbers.max() >= count:
            raise ValueError(f"{self.path!r} has the units 0 to {count - 1}, not {units!r}")
        return numbers.astype("int64")

    # The outputs of the layers

    def read(self, batch: Any) -> Any:
        """Run the model up to the layers on one batch of inputs, all at once.

        Returns
        -------
        (n, ..., C) array, or a tuple of them
            A tuple where the probe was made of a sequence of layers.
        """
        found = backend.to_numpy(self.tensors(batch))
        return found[0] if self._single else found

    def tensors(self, batch: Any) -> tuple[Any, ...]:
        """Run the model up to the layers on one batch of inputs; return their outputs, left on the device."""
        found: tuple[Any, ...] = self._forward(self._outputs)(batch)
        return found

    def batches(
        self, inputs: Any, *, batch_size: int | None = None, progress: Progress = None
    ) -> Iterator[tuple[InputBatch, Any]]:
        """Yield each batch of inputs with the outputs of the layers.

        Parameters
        ----------
        inputs : array, pictures, or an iterator of batches of them
            Floats in the model's input space, (N, ...), or pictures, which are resized and preprocessed. An iterator is
            read once, and none of its items is kept.
        batch_size : int, optional
            Examples at a time, 1 or more; as many as memory allows if left out.
        progress : callable or bool, optional
            Counts examples; of an iterator, the total is what has come so far.

        Yields
        ------
        (InputBatch, array or tuple of arrays)
            A tuple where the probe was made of a sequence of layers.
        """
        return self._run(self.read, inputs, batch_size, progress)

    def activations(self, inputs: Any, *, batch_size: int | None = None, progress: Progress = None) -> Any:
        """Return the outputs of the layers for any number of inputs.

        Parameters
        ----------
        inputs : array, pictures, or an iterator of batches of them
            Floats in the model's input space, (N, ...), or pictures, which are resized and preprocessed. An iterator is
            read once, and none of its items is kept.
        batch_size : int, optional
            Examples at a time, 1 or more; as many as memory allows if left out.
        progress : callable or bool, optional
            Counts examples; of an iterator, the total is what has come so far.

        Returns
        -------
        (N, ..., C) array, or a tuple of them
            A tuple where the probe was made of a sequence of layers.
        """
        found = [one for _, one in self.batches(inputs, batch_size=batch_size, progress=progress)]
        return np.concatenate(found) if self._single else tuple(map(np.concatenate, zip(*found, strict=True)))

    def reduced(
        self,
        key: object,
        reduce: Callable[..., Any],
        inputs: Any,
        *more: Any,
        batch_size: int | None = None,
        progress: Progress = None,
    ) -> Iterator[tuple[InputBatch, Any]]:
        """Yield for each batch what a function makes of the layers' outputs, which do not leave the device.

        Parameters
        ----------
        key : hashable
            The name under which the compiled function is kept for the model; it must tell `reduce` from others.
        reduce : callable
            From the outputs of the layers, one argument each, and then `more`, all tensors, to (nested) tensors;
            written with ``keras.ops``. It must not hold the model.
        inputs : array, pictures, or an iterator of batches of them
            An iterator is read once, and none of its items is kept.
        *more : array
            Further arguments of `reduce`.
        batch_size : int, optional
            Examples at a time; as many as memory allows if left out.
        progress : callable or bool, optional
            Counts examples; of an iterator, the total is what has come so far.

        Yields
        ------
        (InputBatch, nested arrays)
        """
        outputs = self._outputs

        def build() -> tuple[Any, Any]:
            return lambda x, *rest: reduce(*outputs.run(x), *rest), outputs.variables

        run = self.subject.compiled(("reduced layer outputs", key, outputs.slots, len(more)), build)
        return self._run(lambda batch: run(batch, *more), inputs, batch_size, progress)

    def _run(
        self, run: Callable[[Any], Any], inputs: Any, batch_size: int | None, progress: Progress
    ) -> Iterator[tuple[InputBatch, Any]]:
        report = reporter(progress)
        for batch in input_batches(self.subject, inputs, batch_size):
            yield batch, run(batch.inputs)
            report(*batch.progress)

    # From the layer on

    @property
    def split(self) -> ModelSplit:
        """The model in two parts, before and after the layer, of a probe of one layer.

        Raises
        ------
        ValueError
            If the outputs of the model do not depend on the layer.
        """
        logits = not (isinstance(self.subject, Network) and self.output == "probability")
        model, path = self.subject.model, self.path
        found: ModelSplit = store_of(model).get_or_build(
            ("split", path, logits), lambda: split_model(model, path, logits=logits)
        )
        return found

    def spatial_input(self, inputs: Any) -> NDArray[np.float32] | None:
        """Return the input that the layer depends on and that has as many axes as its output; None if there is none."""
        place = self.spatial_place(inputs)
        return None if place is None else keras.tree.flatten(inputs)[place]

    def spatial_place(self, inputs: Any) -> int | None:
        """Return which of the inputs, flattened, `spatial_input` is."""
        flat = keras.tree.flatten(inputs)
        fitting = [place for place in self.split.inputs if flat[place].ndim == len(self.split.shape) + 1]
        return fitting[0] if fitting else None

    def forward(self, batch: Any) -> LayerState:
        """Run the model up to the layer on one batch of inputs, and keep what the rest of the model needs."""
        tensor, *context = self._forward(self.split)(batch)
        return LayerState(tensor, tuple(context))

    def head(self, state: LayerState, output: str | None = None) -> Any:
        """Run the model from the layer to its outputs.

        Parameters
        ----------
        state : LayerState
            From `forward`, changed or not.
        output : {"logit", "probability"}, optional
            The probe's own if left out.

        Returns
        -------
        (n, K) float32 array
            Scores of the classes; for a `Network`, arrays nested as its outputs.
        """
        parts, output = self.split, output or self.output

        def build() -> tuple[Any, Any]:
            finish = self.subject.output_transform(output)
            return lambda tensor, context: finish(parts.head(tensor, context)), parts.variables

        return self.subject.compiled(("head", parts.path, output), build)(state.tensor, state.context)

    def scores(self, state: LayerState, scalar: Scalar) -> NDArray[np.float32]:
        """Return the scalar that is explained, (n,), without a backward pass."""
        outputs = keras.tree.map_structure(keras.ops.convert_to_tensor, self.head(state))
        found: NDArray[np.float32] = backend.to_numpy(scalar.of(outputs, keras.ops.convert_to_tensor(scalar.rows)))
        return found

    def gradients(self, state: LayerState, scalar: Scalar) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Run the head forward and backward.

        Returns
        -------
        (n,) array, (n, ..., C) array
            The scalar that is explained, and its gradient with respect to the output of the layer.
        """
        parts, of = self.split, scalar.of

        def build() -> tuple[Any, Any]:
            finish = self.subject.output_transform(self.output)

            def score(tensor: Any, context: Any, rows: Any) -> Any:
                return of(finish(parts.head(tensor, context)), rows)

            return backend.value_and_gradient(score), parts.variables

        run = scalar.compiled(self.subject, ("head gradient", parts.path, self.output), build)
        values, gradients = run(state.tensor, state.context, scalar.rows)
        return values, gradients

    def _forward(self, parts: IntermediateOutputs | ModelSplit) -> Callable[[Any], Any]:
        """Return the compiled function from inputs to the outputs that `parts` needs, left on the device.

        The key are the places of the graph that are computed: a layer that is read and a layer that is explained share
        a function, where nothing skips the layer.
        """
        run, store = parts.run, store_of(self.subject.model)
        return store.compiled(("outputs at", parts.slots, parts.logits), lambda: (run, parts.variables), on_device=True)


def outputs_of(subject: WrappedModel, names: Sequence[str]) -> IntermediateOutputs:
    """Find layers of a wrapped model, once for a model; what is returned does not hold the model.

    Raises
    ------
    NoGraphError
        If the model is subclassed: its layers are not connected in a graph.
    ValueError
        If there is no such layer; the nearest names are given.
    """
    model, key = subject.model, tuple(names)
    found: IntermediateOutputs = store_of(model).get_or_build(
        ("intermediate outputs", key), lambda: intermediate_outputs(model, key)
    )
    return found


def _named(model: keras.Model, layer: str | None) -> str:
    """Return the path of a layer, or of the last one with maps if none is named."""
    if layer is not None:
        return layer
    found: str = store_of(model).get_or_build("default layer", lambda: default_layer(read_program(model)))
    return found
