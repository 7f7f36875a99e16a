"""`Network`: a Keras model of any inputs and outputs, explained through scalars of the reader's own making."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import keras

from xai_widgets.models.graph.computation_steps import has_graph, read_program
from xai_widgets.models.graph.final_activations import drop_activations
from xai_widgets.models.kinds.wrapped_model import WrappedModel

if TYPE_CHECKING:
    from collections.abc import Callable


class Network(WrappedModel):
    """Wrap a model that is no plain classifier: several inputs, several outputs, or one that is not a row of scores.

    What is explained is a callable: it gets the outputs, nested as the model gives them, and makes one scalar for each
    example, ``lambda outputs: outputs["words"][:, 3, 17]``.

    Parameters
    ----------
    model : keras.Model
        Functional or Sequential. Not changed.
    preprocess : callable, optional
        From a float32 batch of resized pictures (N, H, W, C) with values 0..255 (RGB, or grey where C is 1) to the
        model's input space. Of several inputs, it is for the one that is a picture. None: the model takes 0..255, its
        preprocessing is inside.
    name : str, optional
        What displays call it; the model's own name if left out.
    value_range : (float, float), optional
        Smallest and largest value of the input space of pictures. Left out, it is found by trying `preprocess`; without
        `preprocess` it is unknown, and named baselines such as ``"black"`` are refused.
    input_shape : tuple, optional
        The shape of one example, (H, W, C) for pictures, where the model itself does not tell (subclassed, or pictures
        of any size).

    Raises
    ------
    TypeError
        If `model` is not a Keras model.
    ValueError
        If it takes its channels first or keeps states from call to call, or `value_range` is not (low, high) with low
        < high.

    Examples
    --------
    >>> start = keras.Input((8, 8, 3))
    >>> seen = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, name="conv")(start))
    >>> heads = {"kind": keras.layers.Dense(2, "softmax")(seen), "word": keras.layers.Dense(9, "softmax")(seen)}
    >>> Network(keras.Model(start, heads, name="two_heads"))
    Network('two_heads', input 8x8x3)
    """

    def outputs_function(self, output: str) -> Any:
        """Return the function from inputs to outputs, nested as the model's, and the variables that it reads.

        Each output comes before its final softmax or sigmoid, unless `output` is ``"probability"``.

        Parameters
        ----------
        output : {"logit", "probability"}
            The outputs before the final softmax or sigmoid, or those after it.

        Returns
        -------
        tuple of (callable, list of variables)
            The function takes tensors, nested as the model takes them, and gives tensors, nested as the model gives
            them.
        """
        if not has_graph(self.model):
            model = weakref.proxy(self.model)
            return lambda x: model(x, training=False), list(self.model.variables)
        program = read_program(self.model)
        if output != "probability":
            drop_activations(program)
        return program.run, program.variables

    def output_transform(self, output: str = "logit") -> Callable[[Any], Any]:
        """Leave the outputs as they are: the graph was cut before the activations already, or was to keep them.

        Parameters
        ----------
        output : {"logit", "probability"}
            The outputs before the final softmax or sigmoid, or those after it.

        Returns
        -------
        callable
            From tensors to the same tensors as float32, nested as they were.
        """
        del output
        return lambda raw: keras.tree.map_structure(lambda one: keras.ops.cast(one, "float32"), raw)
