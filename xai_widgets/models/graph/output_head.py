"""How a model ends: the function to what comes before its final activation, and what its outputs are."""

from __future__ import annotations

import functools
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.models.graph.computation_steps import has_graph, read_program
from xai_widgets.models.graph.final_activations import (
    LINEAR,
    activation_function,
    drop_activations,
    ends_in_weights,
    recognised,
)
from xai_widgets.models.graph.reading import activation_input, alive, ends_in_plain_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

_SUM_ROUNDING = 1e-3  # of rows of probabilities
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Head:
    """How a model ends.

    Attributes
    ----------
    activation : str
        The final activation that was found and left out: ``"softmax"``, ``"sigmoid"``, ``"log_softmax"``,
        ``"log_sigmoid"``, or ``"linear"`` where there is none.
    raw : callable
        From an input tensor to the float32 tensor (N, K) before that activation.
    variables : list of keras.Variable
        What `raw` reads.
    plain : bool
        Whether dense or convolutional layers without activation make the outputs: these are no probabilities, unless
        one is told so.
    tried : callable
        Returns tensors whose outputs are looked at.
    """

    activation: str
    raw: Callable[[Any], Any]
    variables: list[Any]
    plain: bool
    tried: Callable[[], Iterable[Any]]

    @functools.cached_property
    def looks_like(self) -> str:
        """What the outputs of a model without a known activation look like, on several inputs.

        ``"distribution"`` (rows that sum to one), ``"log_distribution"`` (logarithms of such), ``"probabilities"``
        (each in 0..1), ``"log_probabilities"`` (each below 0), ``"values"``.
        """
        return _look(self.raw, self.tried()) if self.activation == LINEAR else "values"

    def outputs(self, x: Any) -> Any:
        """Return the model's own outputs."""
        return activation_function(self.activation)(self.raw(x))


def find_head(model: keras.Model, probe: Any, tried: Sequence[Any] | None = None) -> Head:
    """Find the final activation of a model, and what its outputs look like where it has none.

    Functional and Sequential models, nested ones too, are run without the activation; a model with a ``call`` of its
    own runs as it is while its last activation reports what it received. The user's model, its weights and its outputs
    stay as they are. `probe` is a batch that fits the model; `tried` are tensors whose outputs are looked at, numbers
    of the probe's shape if left out.
    """
    activation, raw, variables, plain = _found(model, probe)
    return Head(activation, _rows_of_floats(raw), variables, plain, lambda: _probes(probe) if tried is None else tried)


def _found(model: keras.Model, probe: Any) -> tuple[str, Callable[[Any], Any], list[Any], bool]:
    """Return the activation, the function to what comes before it, its variables, and whether a plain layer is last."""
    if has_graph(model):
        program, dtypes = read_program(model), [tensor.dtype for tensor in model.inputs]
        activation = drop_activations(program)[0]
        plain = activation == LINEAR and ends_in_weights(program)
        return activation, lambda x: program.run(_as_declared(x, dtypes)), program.variables, plain
    reader, reference, variables = activation_input(model, probe), weakref.ref(model), list(model.variables)
    if reader is not None:
        name = recognised(reader.layer.activation, (None, 5))
        if name != LINEAR:
            return name, reader, variables, False
    plain = reader is None and ends_in_plain_layer(model, probe)
    return LINEAR, lambda x: alive(reference)(x, training=False), variables, plain


def _as_declared(x: Any, dtypes: list[str]) -> Any:
    """Cast inputs to the integers that a model takes, as Keras does; floats and strings stay as they are."""
    flat, kept = keras.tree.flatten(x), ("float", "string")
    cast = [
        one if any(kind in dtype for kind in kept) else keras.ops.cast(one, dtype)
        for one, dtype in zip(flat, dtypes, strict=True)
    ]
    return keras.tree.pack_sequence_as(x, cast)


def _rows_of_floats(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Refuse outputs that are not one row per example; bring other precisions to float32."""

    def rows(x: Any) -> Any:
        found = function(x)
        if isinstance(found, (list, tuple)) and len(found) == 1:
            found = found[0]
        if not keras.ops.is_tensor(found) or len(found.shape) != 2:
            what = f"shape {tuple(found.shape)}" if keras.ops.is_tensor(found) else f"a {type(found).__name__}"
            msg = f"the model must give one row of class scores per example, shape (N, K), not {what}"
            raise ValueError(msg)
        return keras.ops.cast(found, "float32")

    return rows


def _look(function: Callable[[Any], Any], tried: Iterable[Any]) -> str:
    """Tell what outputs look like, from several inputs."""
    found = [_finite(function, one) for one in tried]
    return _look_of_rows(np.concatenate([one for one in found if one is not None] or [np.full((1, 1), 2.0, "float32")]))


def _look_of_rows(rows: NDArray[np.float32]) -> str:
    """Tell what rows of outputs look like, as in `Head`."""
    if _sum_to_one(rows):
        return "distribution"
    if (rows <= _SLACK).all() and _sum_to_one(np.exp(rows)):
        return "log_distribution"
    if rows.size > 0 and bool((rows >= -_SLACK).all() and (rows <= 1 + _SLACK).all()):
        return "probabilities"
    return "log_probabilities" if rows.size > 0 and bool((rows <= _SLACK).all()) else "values"


def _probes(probe: Any) -> Iterator[Any]:
    """Yield the probe itself, then darker, brighter, negative and random inputs of its shape."""
    yield _floats(probe)
    rng = np.random.default_rng(1)
    for low, high in ((0, 0), (0, 255), (-1, 0), (-30, 30)):
        drawn = keras.tree.map_structure(lambda one, low=low, high=high: rng.uniform(low, high, _several(one)), probe)
        yield _floats(drawn)


def _several(one: Any) -> tuple[int, ...]:
    return (4, *one.shape[1:])


def _finite(function: Callable[[Any], Any], inputs: Any) -> NDArray[np.float32] | None:
    """Return the rows for some inputs that are finite; None where the model does not take such inputs."""
    try:
        rows: NDArray[np.float32] = backend.to_numpy(function(inputs))
    except ValueError:
        raise
    except Exception:  # noqa: BLE001  (numbers of words outside the vocabulary, say)
        return None
    return rows[np.isfinite(rows).all(axis=1)]


def _floats(inputs: Any) -> Any:
    return keras.tree.map_structure(lambda one: keras.ops.convert_to_tensor(one, "float32"), inputs)


def _sum_to_one(rows: NDArray[np.float32]) -> bool:
    """Tell whether rows of several non-negative numbers sum to one."""
    several = rows.shape[-1] > 1 and rows.size > 0
    return several and bool((rows >= -_SLACK).all() and np.allclose(rows.sum(axis=1), 1, atol=_SUM_ROUNDING))
