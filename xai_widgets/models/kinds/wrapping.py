"""`wrap`: a Keras model in the kind of wrapped model that fits its outputs."""

from __future__ import annotations

from typing import Any

import keras

from xai_widgets.models.graph.computation_steps import has_graph
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.kinds.network import Network
from xai_widgets.models.kinds.wrapped_model import WrappedModel


def wrap(model: WrappedModel | keras.Model, **options: Any) -> WrappedModel:
    """Wrap a model by what it gives: a `Classifier` for one row of class scores, else a `Network`.

    Parameters
    ----------
    model : keras.Model, Classifier or Network
        A wrapped model is returned as it is.
    **options : object
        Options of the kind that is chosen: ``preprocess``, ``name``, ``value_range``, ``input_shape``; for a
        `Classifier` also ``labels`` and ``outputs``.

    Returns
    -------
    Classifier or Network
        The wrapped model; its ``repr`` says which. A model that does not tell its outputs, such as a subclassed
        one, becomes a `Classifier`.

    Raises
    ------
    TypeError
        If `model` is neither a Keras model nor wrapped, if options are given for a model that is wrapped already,
        or if the kind has no such option.
    ValueError
        If the labels are not one for each class, or the model takes its channels first or keeps states from call to
        call.

    Examples
    --------
    >>> wrap(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="plain"))
    Classifier('plain', input 4, linear over 2 classes)
    >>> start = keras.Input((8, 8, 3))
    >>> wrap(keras.Model(start, keras.layers.Conv2D(2, 3)(start), name="maps"))
    Network('maps', input 8x8x3)
    """
    if isinstance(model, WrappedModel):
        if options:
            msg = f"{model!r} is wrapped already; give {', '.join(options)} when it is wrapped first"
            raise TypeError(msg)
        return model
    kind: type[WrappedModel] = Classifier if _gives_one_row(model) else Network
    return kind(model, **options)


def keras_model_of(model: Any) -> keras.Model | None:
    """Return the Keras model inside a wrapped one, or the model itself; None for whatever else answers."""
    if isinstance(model, WrappedModel):
        model = model.model
    return model if isinstance(model, keras.Model) else None


def _gives_one_row(model: Any) -> bool:
    """Tell whether a model gives one row of scores for each example; one that does not say is taken to do so."""
    if not isinstance(model, keras.Model) or not has_graph(model):
        return True
    return len(model.outputs) == 1 and len(model.outputs[0].shape) == 2 and isinstance(model.output_shape, tuple)
