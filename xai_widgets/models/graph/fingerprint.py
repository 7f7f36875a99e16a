"""What of a model is compiled in: its layers, how they are joined, and how each is set. Weights may change freely."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

_PLAIN = (bool, int, float, str, tuple, type(None))
_PASSING = {"built", "compiled", "loss", "optimizer", "stop_training", "supports_jit", "train_function"}
_APART = frozenset({*_PASSING, "activation"})  # an activation is taken by `_activation`


def fingerprint(model: keras.Model) -> list[Any]:
    """Return what tells one state of a model's structure from another; compare with `same_structure`.

    It holds layers and activations, so that no other object can take their place in memory, but not the model.

    Examples
    --------
    >>> import keras
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, "softmax")])
    >>> before = fingerprint(model)
    >>> model.layers[0].set_weights(model.layers[0].get_weights())
    >>> same_structure(before, fingerprint(model))
    True
    >>> model.layers[0].activation = keras.activations.linear
    >>> same_structure(before, fingerprint(model))
    False
    """
    facts = [*(getattr(model, "outputs", None) or ()), *vars(model).get("_trainable_variables", ())]
    for layer in model._flatten_layers(include_self=False):  # noqa: SLF001  (no public way to layers within layers)
        held = vars(layer)
        facts += [value for name, value in held.items() if name[0] != "_" and name not in _APART]
        facts += layer, _activation(held), held.get("_dtype_policy")
        facts += held.get("_trainable_variables", ())
        facts += held.get("_non_trainable_variables", ())
        if "_functional" in held or "_nodes" in held:  # a nested model, whose graph may be another
            facts += getattr(layer, "outputs", None) or ()
    return facts


def same_structure(one: list[Any], other: list[Any]) -> bool:
    """Tell whether two fingerprints are of the same structure."""
    return len(one) == len(other) and (
        all(map(operator.is_, one, other)) or all(map(_same, one, other))  # nearly always the first, which is quick
    )


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and isinstance(one, _PLAIN) and bool(one == other))


def _activation(held: dict[str, Any]) -> Any:
    """Return the activation of a layer, also while another function stands in its place to read its input."""
    value = held.get("activation")
    return getattr(value, "stands_for", value)
