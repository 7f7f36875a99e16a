"""`Network`: a Keras model of any inputs and outputs, explained through scalars of the reader's own making."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, NoReturn

import keras
import numpy as np

from xai_widgets.models.classifier import Classifier
from xai_widgets.models.program import drop_activations, has_graph, read_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class Network(Classifier):
    """Wrap a model that is no plain classifier: several inputs, several outputs, or one that is not a row of scores.

    What is explained is a callable: it gets the outputs, nested as the model gives them, and makes one scalar for each
    example, ``lambda outputs: outputs["words"][:, 3, 17]``.

    Parameters
    ----------
    model : keras.Model
        Functional or Sequential. Not changed.
    preprocess, name, value_range
        As for `Classifier`; they concern the input that is a picture.

    Raises
    ------
    TypeError
        If `model` is not a Keras model.

    Examples
    --------
    >>> start = keras.Input((8, 8, 3))
    >>> seen = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, name="conv")(start))
    >>> heads = {"kind": keras.layers.Dense(2, "softmax")(seen), "word": keras.layers.Dense(9, "softmax")(seen)}
    >>> Network(keras.Model(start, heads, name="two_heads"))
    Network('two_heads', input 8x8x3)
    """

    def __init__(
        self,
        model: keras.Model,
        preprocess: Callable[[NDArray[np.float32]], Any] | None = None,
        *,
        name: str | None = None,
        value_range: tuple[float, float] | None = None,
    ) -> None:
        if not isinstance(model, keras.Model):
            msg = f"model must be a keras.Model, not {type(model).__name__}; other libraries' models need a wrapper"
            raise TypeError(msg)
        self._tensors = model.inputs if has_graph(model) else None
        shapes = [tuple(tensor.shape[1:]) for tensor in self._tensors or []]
        pictures = [shape for shape in shapes if len(shape) == 3]
        main = next(iter(pictures or shapes), None)
        self._set_up(model, preprocess, name=name, value_range=value_range, shape=main)

    def __repr__(self) -> str:
        """Name and the input that is a picture, always the same for the same model."""
        return super().__repr__().replace("Classifier(", "Network(", 1)

    @property
    def labels(self) -> tuple[str, ...]:
        """None: there is no one row of classes."""
        self._refuse_classes()

    def logits_function(self, probe: NDArray[np.float32] | None = None) -> Any:
        """Refuse: there is no one row of class scores."""
        del probe
        self._refuse_classes()

    def _refuse_classes(self) -> NoReturn:
        msg = (
            f"{self.name!r} gives more than one row of class scores, so a class alone does not say what to explain: "
            "give a callable as target, from the outputs to one scalar per example"
        )
        raise ValueError(msg)

    def outputs_function(self, output: str) -> Any:
        """Return the function from inputs to outputs, nested as the model's, and the variables that it reads.

        Each output comes before its final softmax or sigmoid, unless `output` is ``"probability"``.
        """
        if not has_graph(self.model):
            model = weakref.proxy(self.model)
            return lambda x: model(x, training=False), list(self.model.variables)
        program = read_program(self.model)
        if output != "probability":
            drop_activations(program)
        return program.run, program.variables

    def finishing(self, output: str = "logit") -> Callable[[Any], Any]:
        """Leave the outputs as they are: the graph was cut before the activations already, or was to keep them."""
        del output
        return lambda raw: keras.tree.map_structure(lambda one: keras.ops.cast(one, "float32"), raw)

    def as_inputs(self, images: Any) -> Any:
        """Return float32 arrays (int32 where the model takes integers), nested as the model takes them.

        Raises
        ------
        ValueError
            If their number or a shape does not fit, or values are NaN or infinite.
        """
        if self._tensors is None or len(self._tensors) == 1:
            return super().as_inputs(images)
        given = keras.tree.flatten(images)
        if len(given) != len(self._tensors) or isinstance(images, np.ndarray):
            names = ", ".join(repr(tensor.name) for tensor in self._tensors)
            msg = f"{self.name!r} takes {len(self._tensors)} inputs, {names}; give one array for each"
            raise ValueError(msg)
        arrays = [self._fitting(one, tensor) for one, tensor in zip(given, self._tensors, strict=True)]
        if len({len(array) for array in arrays}) != 1:
            msg = f"the inputs hold different numbers of examples: {', '.join(str(len(array)) for array in arrays)}"
            raise ValueError(msg)
        return keras.tree.pack_sequence_as(images, arrays)

    def _fitting(self, given: Any, tensor: Any) -> NDArray[Any]:
        """Return one input as an array with a batch axis; pictures are preprocessed."""
        shape = tuple(tensor.shape[1:])
        if np.asarray(given).dtype == np.uint8 and len(shape) == 3:
            return self.preprocess(given)
        array = np.asarray(given).astype("int32" if "int" in tensor.dtype else "float32")
        array = array[np.newaxis] if array.ndim == len(shape) else array
        fits = array.ndim == len(shape) + 1 and all(
            want in (None, got) for want, got in zip(shape, array.shape[1:], strict=True)
        )
        if not fits or not np.isfinite(array).all():
            expected = ", ".join("any" if n is None else str(n) for n in shape)
            msg = f"expected finite values of shape (N, {expected}) for {tensor.name!r}, got {np.shape(given)}"
            raise ValueError(msg)
        return array

    def _two_from_one(self, probe: NDArray[np.float32] | None = None) -> bool:
        """Never: outputs are given as they are."""
        del probe
        return False


def subject_of(model: Classifier | keras.Model) -> Classifier:
    """Wrap a model by what it gives: a `Classifier` for one row of class scores, else a `Network`.

    Examples
    --------
    >>> subject_of(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="plain"))
    Classifier('plain', input 4)
    """
    if isinstance(model, Classifier) or not isinstance(model, keras.Model) or not has_graph(model):
        return Classifier.wrap(model)
    plain = len(model.inputs) == len(model.outputs) == 1 and len(model.outputs[0].shape) == 2
    return Classifier(model) if plain and isinstance(model.output_shape, tuple) else Network(model)
