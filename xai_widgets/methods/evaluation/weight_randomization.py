"""A copy of a network that forgets what it has learnt, layer by layer from the output on."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xai_widgets.models.kinds.classifier import Classifier


def twin_of(classifier: Classifier) -> Classifier:
    """Return the same classifier around a copy of its network, with weights of its own.

    Raises
    ------
    ValueError
        If the network cannot be copied: a subclassed one that does not say how it is made.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> twin = twin_of(digits)
    >>> twin.model is digits.model, twin.labels == digits.labels
    (False, True)
    """
    try:
        network = keras.models.clone_model(classifier.model)
    except (TypeError, ValueError, NotImplementedError) as error:
        msg = f"{classifier.name!r} cannot be copied ({error}); only a functional or Sequential model can"
        raise ValueError(msg) from error
    network.set_weights(classifier.model.get_weights())
    twin = copy.copy(classifier)
    twin.model = network
    return twin


def forget(network: keras.Model, seed: int) -> Iterator[str]:
    """Draw the weights of a network anew, layer by layer from the output to the input, and name each layer.

    Weights are drawn as before any training, by each layer's own initialisers; those of a layer that has none are dealt
    out anew among their places. The network is changed in place.

    Yields
    ------
    str
        The layer's path, such as ``"backbone/conv1"``, when it and all behind it are random.
    """
    rng = np.random.default_rng(seed)
    for path, layer in reversed(list(_layers(network))):
        for variable in layer.weights:
            variable.assign(_fresh(layer, variable, rng))
        yield path


def layer_paths(network: keras.Model) -> list[str]:
    """Return the paths of the layers that hold weights, from the output to the input.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> layer_paths(xai.load_model("creatures").model)[:2]
    ['scores', 'conv4_2']
    """
    return [path for path, _ in reversed(list(_layers(network)))]


def _layers(network: keras.Model, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give the layers that hold weights, those of nested models each for itself, from the input to the output."""
    for layer in network.layers:
        path = prefix + layer.name
        if isinstance(layer, keras.Model):
            yield from _layers(layer, f"{path}/")
        elif layer.weights:
            yield path, layer


def _fresh(layer: Any, variable: Any, rng: np.random.Generator) -> Any:
    """Draw one weight anew."""
    known = getattr(layer, f"{variable.name}_initializer", None)
    if not isinstance(known, keras.initializers.Initializer):
        values = np.asarray(keras.ops.convert_to_numpy(variable))
        return rng.permuted(values.ravel()).reshape(values.shape)
    config = known.get_config()
    if "seed" in config:
        config["seed"] = int(rng.integers(2**31))
    return type(known).from_config(config)(variable.shape, dtype="float32")
