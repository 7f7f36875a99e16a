"""From a model and its inputs to attributions by a backward rule, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.attribution.backpropagation.rules.node_graph import Net, read_net
from xai_widgets.methods.core.completeness_error import warn_of_large_delta
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.target_scores import explained_scalar, pictures_of
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.final_activations import drop_activations
from xai_widgets.models.kinds.network import Network
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Progress
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.kinds.wrapped_model import WrappedModel
    from xai_widgets.models.outputs.targets import Target


_ROUNDING = 1e-3  # of the score: what is explained is a weighted sum of the logits up to here


@dataclass(frozen=True, eq=False)
class Start:
    """Where a walk back begins.

    Attributes
    ----------
    score : tensor (N,)
    signals : dict
        For each slot of the outputs, the derivative of the score by it.
    """

    score: Any
    signals: dict[int, Any]


class Run:
    """A model's net, a batch of inputs for it, and what is explained of them."""

    def __init__(
        self,
        model: Classifier | keras.Model,
        inputs: Any,
        target: Target,
        *,
        output: str = "logit",
        merge: bool,
        batch_size: int | None = None,
    ) -> None:
        self.subject = wrap(model)
        self.inputs: Any = self.subject.as_inputs(inputs)
        self.output = output
        self.batch_size = batch_size
        self.scalar = explained_scalar(self.subject, self.inputs, target, output, batch_size)
        self.net = _kept_net(self.subject, output, merge=merge)

    def __len__(self) -> int:
        return len(keras.tree.flatten(self.inputs)[0])

    def begin(self) -> Callable[[dict[int, Any], Any], Start]:
        """Return the function from the values of all slots and rows of classes to the start of the walk back.

        It is taken into compiled functions, which must not hold the model; so it does not hold this object.
        """
        finish, program, scalar = self.subject.output_transform(self.output), self.net.program, self.scalar
        slots = tuple(dict.fromkeys(program.outputs))

        def start(values: dict[int, Any], rows: Any) -> Start:
            def score(*tensors: Any) -> Any:
                outputs = dict(zip(slots, tensors, strict=True))
                raw = keras.tree.map_structure(outputs.__getitem__, program.structure)
                return scalar.of(finish(raw), rows)

            found, pull = backend.pullback(score)(*[values[slot] for slot in slots])
            return Start(found, dict(zip(slots, pull(keras.ops.ones_like(found)), strict=True)))

        return start

    def compiled(self, key: tuple[object, ...], function: Callable[..., Any]) -> Callable[..., Any]:
        """Compile a function of (inputs, rows, ...), kept for the model under `key` and the kind of output."""
        whole = (*key, self.output)
        return self.scalar.compiled(self.subject, whole, lambda: (function, self.net.program.variables))

    def each(self, run: Callable[..., Any], progress: Progress, *more: NDArray[np.float32]) -> Any:
        """Call a compiled function batch by batch and join what it gives; `more` are cut like the inputs."""
        report, parts = reporter(progress), []
        for part in self.subject.batches(len(self), self.batch_size):
            taken = keras.tree.map_structure(lambda one, part=part: one[part], self.inputs)
            others = [keras.tree.map_structure(lambda one, part=part: cut(one, part), one) for one in more]
            parts.append(run(taken, self.scalar.rows[part], *others))
            report(part.stop, len(self))
        return keras.tree.map_structure(lambda *arrays: np.concatenate(arrays), *parts)

    def attribution(
        self,
        method: str,
        found: Any,
        score: NDArray[np.float32],
        options: Mapping[str, object],
        expected: NDArray[np.float32] | None = None,
    ) -> Any:
        """Return the attribution to the input, or to each of several, nested as the model takes them.

        `expected` is what all values of an example must sum to.
        """
        recipe = Recipe(method, self.subject.name, self.scalar.names, dict(options))
        delta = None
        if expected is not None:
            sums = [one.reshape(len(one), -1).sum(axis=1, dtype="float64") for one in keras.tree.flatten(found)]
            delta = np.sum(sums, axis=0) - expected
            warn_of_large_delta(method, found, delta, expected)

        def one(place: int, values: NDArray[np.float32], inputs: NDArray[np.float32]) -> Attribution:
            channels = self.subject.has_channels(inputs, place)
            return Attribution(values, score, recipe, delta, pictures_of(self.subject, inputs), None, channels)

        flat = zip(keras.tree.flatten(found), keras.tree.flatten(self.inputs), strict=True)
        return keras.tree.pack_sequence_as(found, [one(place, *pair) for place, pair in enumerate(flat)])


def cut(array: NDArray[np.float32], part: slice) -> NDArray[np.float32]:
    """Return a part of an array; an array of one example serves all parts."""
    return array if len(array) == 1 else array[part]


def at_inputs(net: Net, inputs: Any, signals: dict[int, Any]) -> Any:
    """Return the signals at the inputs, nested as these; zeros where none came."""
    flat = keras.tree.flatten(inputs)
    found = []
    for slot, one in zip(net.program.inputs, flat, strict=True):
        signal = signals.get(slot)
        found.append(keras.ops.zeros_like(one, dtype="float32") if signal is None else signal)
    return keras.tree.pack_sequence_as(inputs, found)


def totals(signals: dict[int, Any]) -> Any:
    """Add all signals up for each example, (N,)."""
    return sum(
        keras.ops.sum(keras.ops.reshape(one, (keras.ops.shape(one)[0], -1)), axis=-1) for one in signals.values()
    )


def check_weighted_sum(method: str, score: NDArray[np.float32], explained: NDArray[np.float32]) -> None:
    """Refuse a scalar that is no weighted sum of the outputs: its relevance would have no place to start."""
    if np.any(np.abs(score - explained) > _ROUNDING * (1 + np.abs(score))):
        msg = (
            f"{method} explains a logit or a weighted sum of logits, such as lambda outputs: outputs[:, 0] - "
            "outputs[:, 1], not any other function of them; integrated_gradients does"
        )
        raise ValueError(msg)


def _kept_net(subject: WrappedModel, output: str, *, merge: bool) -> Net:
    """Read a model once; what is kept does not hold it."""
    logits = not (isinstance(subject, Network) and output == "probability")
    model = subject.model

    def read() -> Net:
        program = read_program(model)
        if logits:
            drop_activations(program)
        return read_net(program, merge=merge)

    net: Net = store_of(model).get_or_build(("net of rules", logits, merge), read)
    return net
