"""`Classifier`: any Keras model with what a person needs around it: labels, preprocessing, logits, ranked answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.common.class_labels import read_labels
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.graph.computation_steps import has_graph
from xai_widgets.models.kinds.wrapped_model import WrappedModel
from xai_widgets.models.outputs.output_reading import KINDS, OutputReading, names_without_labels, read_outputs
from xai_widgets.models.outputs.predictions import Predictions
from xai_widgets.models.outputs.targets import class_index

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.common.class_labels import Labels
    from xai_widgets.models.graph.compiled_functions import Store

_PICTURE_AXES = 3  # height, width, channels
_ROW_AXES = 2  # examples and classes


class Classifier(WrappedModel):
    """Wrap a Keras model: functional, Sequential, nested or subclassed.

    Parameters
    ----------
    model : keras.Model
        Takes float batches (N, H, W, C), channels last, or rows of features (N, F), and gives one row of K class
        scores per example. Not changed.
    labels : sequence, mapping or path, optional
        K class names, ``{index: name}``, ``{name: index}``, or a file of names (`read_labels`); ``"class 0"``,
        ``"class 1"``, ... if left out. Two labels for a single output name its two classes, the second one where it is
        large: with z the logit of the second class, that of the first is -z. Without labels it is the positive class,
        the one where the output is large, that is explained.
    preprocess : callable, optional
        From a float32 batch of resized pictures (N, H, W, C) with values 0..255 (RGB, or grey where C is 1) to the
        model's input space. None: the model takes 0..255, its preprocessing is inside.
    name : str, optional
        What displays call it; the model's own name if left out.
    value_range : (float, float), optional
        Smallest and largest value of the input space. Left out, it is found by trying `preprocess`; without
        `preprocess` it is unknown, and attacks are not clipped unless they are told a range.
    input_shape : (int, int, int), optional
        Height, width and channels, where the model itself does not tell (subclassed, or pictures of any size).
    outputs : {"logits", "probability", "log_probability", "values"}, optional
        What the model's outputs are, where it does not end in a softmax or sigmoid. Left out, it is found by trying
        several inputs: rows that sum to one, or numbers that all lie in 0..1, are probabilities; other rows of several
        numbers are logits of a softmax; another single number is a value, as of a regression.

    Raises
    ------
    TypeError
        If `model` is not a Keras model.
    ValueError
        If the number of labels is not the number of classes, `outputs` is none of the four, `value_range` is not (low,
        high) with low < high, or the model has several outputs, takes its channels first or keeps states from call to
        call.

    Examples
    --------
    >>> import keras, numpy as np
    >>> net = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    >>> two = Classifier(net, labels=["round", "square"], preprocess=lambda pixels: pixels / 255)
    >>> two.input_shape, two.head, two.value_range
    ((8, 8, 1), 'softmax', (0.0, 1.0))
    >>> len(two.predict(np.zeros((5, 8, 8, 1), "float32")))
    5
    """

    def __init__(
        self,
        model: keras.Model,
        labels: Labels | None = None,
        preprocess: Callable[[NDArray[np.float32]], Any] | None = None,
        *,
        name: str | None = None,
        value_range: tuple[float, float] | None = None,
        input_shape: tuple[int, int, int] | None = None,
        outputs: str | None = None,
    ) -> None:
        super().__init__(model, preprocess, name=name, value_range=value_range, input_shape=input_shape)
        if outputs is not None and outputs not in KINDS:
            msg = f"outputs must be one of {', '.join(map(repr, KINDS))}, not {outputs!r}"
            raise ValueError(msg)
        self._asked = outputs
        shape = _declared_outputs(model)
        count = shape[-1] if shape is not None else None
        self._labels = None if labels is None else tuple(read_labels(labels, count))
        if self._labels is not None:
            self._check_labels(count)

    @classmethod
    def wrap(cls, model: WrappedModel | keras.Model) -> Classifier:
        """Return a classifier as it is, and a bare Keras model wrapped without labels or preprocessing.

        Parameters
        ----------
        model : Classifier or keras.Model
            A classifier, which is returned as it is, or a model that gives one row of class scores.

        Raises
        ------
        ValueError
            If the model is wrapped as something else, which has no classes, or has several outputs.
        TypeError
            If it is no Keras model.
        """
        return as_classifier(model) if isinstance(model, WrappedModel) else cls(model)

    # What the model is

    def _outputs_in_words(self) -> list[str]:
        """Return how the outputs are read; nothing for a model without a graph or that cannot be read."""
        try:
            return [self.outputs_in_words()] if has_graph(self.model) else []
        except ValueError:
            return []

    def outputs_in_words(self) -> str:
        """Return how the outputs are read, as a recipe writes it.

        Returns
        -------
        str
            ``"softmax over 10 classes"``, ``"values"``.
        """
        head, count = self.head, len(self.labels)
        return head if head == "values" else f"{head} over {count} {'class' if count == 1 else 'classes'}"

    @property
    def head(self) -> str:
        """What the scores are: "softmax", "sigmoid", "linear", "probability", "log_probability" or "values".

        "softmax" and "sigmoid": the logits before that activation; of two classes of one output z they are -z and z.
        "linear": outputs without an activation, read as logits of a softmax. "probability": the outputs lie in 0..1 but
        no logits were found behind them; scores are their logarithms where they sum to one, else the probabilities
        themselves. "log_probability": logarithms of probabilities. "values": a single output that is no probability.
        """
        return self.reading().kind

    @property
    def exclusive(self) -> bool:
        """Whether classes exclude each other, so that probabilities sum to one by a softmax."""
        return self.reading().exclusive

    @property
    def outputs_asked(self) -> str | None:
        """What the outputs were said to be, by ``outputs=``."""
        return self._asked

    @property
    def labels_given(self) -> bool:
        """Whether the classes were given names."""
        return self._labels is not None

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the K classes."""
        if self._labels is not None:
            return self._labels
        store = self._store()
        names: tuple[str, ...] = store.get_or_build(
            ("names", self._asked), lambda: names_without_labels(self._reading(store), store.classes(self.probe()))
        )
        return names

    def index(self, target: str | int) -> int:
        """Return the index of a class given by name or index; an unknown name is refused with the nearest ones.

        Parameters
        ----------
        target : str or int
            The name of a class, or its index, which counts from the end where it is negative. Case and punctuation
            of a name do not count.

        Returns
        -------
        int
            The index, 0 to K - 1.

        Raises
        ------
        ValueError
            If the name is unknown (the nearest ones are given), or the index is out of range.
        TypeError
            If it is neither a name nor a whole number.
        """
        return class_index(target, self.labels)

    # What comes out

    def logits(self, images: Any, *, batch_size: int | None = None) -> NDArray[np.float32]:
        """Return the class scores before the final softmax or sigmoid, shape (N, K).

        Parameters
        ----------
        images : array or pictures
            A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C)
            or rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
            preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
        batch_size : int, optional
            How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512
            at most.

        Returns
        -------
        float32 array, shape (N, K)
            One row of class scores for each example. What they are says `head`: logits of a softmax or sigmoid,
            logarithms of probabilities, probabilities or values.

        Raises
        ------
        ValueError
            For inputs of a wrong shape, or with NaN or infinite values; a batch size below 1; or if a score is not
            finite, or is not what the model itself answers.
        """
        inputs = self.as_inputs(images)
        self.check(inputs)
        run = self.compiled("logits", lambda: self.logits_function(inputs))
        parts = [
            run(keras.tree.map_structure(lambda one, part=part: one[part], inputs))
            for part in self.batches(self.count(inputs), batch_size)
        ]
        logits: NDArray[np.float32] = np.concatenate(parts)
        if self._labels is not None:
            self._check_labels(logits.shape[-1])
        return finite_scores(logits, self.name)

    def predict(self, images: Any, top: int = 5) -> Predictions:
        """Return class probabilities, or values; the display lists the `top` best of each image.

        Parameters
        ----------
        images : array or pictures
            A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C)
            or rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
            preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them.
        top : int
            How many classes the display lists for each example, the best first.

        Returns
        -------
        Predictions
            ``.probabilities`` (N, K), from 0 to 1, or the values of a model that gives these; ``.labels`` (K,).

        Raises
        ------
        ValueError
            For inputs of a wrong shape, or with NaN or infinite values; or if a score is not finite, or is not what
            the model itself answers.
        """
        logits, reading = self.logits(images), self.reading()
        unit = "image" if len(self.input_shape) == _PICTURE_AXES else "row"
        quantity = "value" if reading.kind == "values" else "probability"
        return Predictions(reading.probabilities(logits), self.labels, top, unit, quantity)

    def probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn logits (N, K) into probabilities, by the model's own head; a linear head is read as softmax.

        Parameters
        ----------
        logits : float32 array, shape (N, K)
            Class scores, as `logits` gives them.

        Returns
        -------
        float32 array, shape (N, K)
            Probabilities from 0 to 1, which sum to one where classes exclude each other; the scores themselves
            where they are values.
        """
        return self.reading().probabilities(logits)

    # For the methods

    def check(self, inputs: Any) -> None:
        """Compare what would be explained with the model's own answers, for the first inputs that a model gets.

        Parameters
        ----------
        inputs : array (N, ...)
            A batch in the model's input space, as `as_inputs` gives it. All its examples are compared, or of more than
            16 some from the first to the last.

        Raises
        ------
        ValueError
            If they differ: what is explained would not be the model.
        """
        self._store().check(inputs)

    def reading(self, probe: Any = None) -> OutputReading:
        """Return how the model's outputs are read as scores and probabilities; `probe` is a batch that fits it.

        Parameters
        ----------
        probe : array (n, ...), optional
            A batch in the model's input space, of which the first example is tried; random numbers, if left out. A
            model that does not tell its input shape needs it.

        Returns
        -------
        OutputReading
            ``.kind``, which is `head`; ``.exclusive``; and the functions ``.scores`` and ``.squash``, from what
            comes before the final activation to scores, and from scores to probabilities.

        Raises
        ------
        ValueError
            If the model does not tell its input shape and no probe is given, or its outputs cannot be read as one
            row of class scores.
        """
        return self._reading(self._store(), probe)

    def _reading(self, store: Store, probe: Any = None) -> OutputReading:
        count = None if self._labels is None else len(self._labels)

        def read() -> OutputReading:
            one = self.probe() if probe is None else keras.tree.map_structure(lambda each: each[:1], probe)
            return read_outputs(store.head(one), store.classes(one), count, self._asked, self.name)

        found: OutputReading = store.get_or_build(("reading", count, self._asked), read)
        return found

    def logits_function(self, probe: NDArray[np.float32] | None = None) -> Any:
        """Return the function from an input tensor to the logits' tensor, and the variables that it reads.

        Parameters
        ----------
        probe : array (n, ...), optional
            A batch in the model's input space, of which the first example is tried; random numbers, if left out. A
            model that does not tell its input shape needs it.

        Returns
        -------
        tuple of (callable, list of variables)
            The function takes a tensor (N, ...) in the input space and gives a tensor (N, K).
        """
        store = self._store()
        reading, head = self._reading(store, probe), store.head(probe)
        return lambda x: reading.scores(head.raw(x)), head.variables

    def output_transform(self, output: str = "logit") -> Callable[[Any], Any]:
        """Return the function from what comes before the final activation to logits or probabilities (N, K).

        For methods that run the graph themselves; `logits_function` does the same inside. It does not hold the model.

        Parameters
        ----------
        output : {"logit", "probability"}
            The outputs before the final softmax or sigmoid, or those after it.

        Returns
        -------
        callable
            From a tensor of what comes before the final activation to a tensor (N, K).
        """
        reading = self.reading()
        return (lambda raw: reading.squash(reading.scores(raw))) if output == "probability" else reading.scores

    def outputs_function(self, output: str) -> Any:
        """Return the function from an input tensor to logits or, for ``"probability"``, to probabilities (N, K).

        With it come the variables that it reads.

        Parameters
        ----------
        output : {"logit", "probability"}
            The outputs before the final softmax or sigmoid, or those after it.

        Returns
        -------
        tuple of (callable, list of variables)
            The function takes a tensor (N, ...) in the input space and gives a tensor (N, K).
        """
        logits, variables = self.logits_function()
        squash = self.reading().squash
        return (lambda x: squash(logits(x))) if output == "probability" else logits, variables

    def compiled(self, key: object, build: Callable[[], Any]) -> Callable[..., Any]:
        """Return a compiled function, kept for this model under `key`; `build` gives (function, variables).

        Parameters
        ----------
        key : hashable
            The name under which the function is kept: the same key gives the same function again, for as long as
            the model lives.
        build : callable
            Is called without arguments where nothing is kept under the key, and gives (function, variables): a
            function of tensors, and the variables of the model that it reads.

        Returns
        -------
        callable
            The function, compiled for the backend: from arrays to arrays.
        """
        store = self._store()
        return store.compiled((key, self._reading(store)), build)

    def _store(self) -> Store:
        return store_of(self.model)

    def _check_labels(self, classes: int | None) -> None:
        """Refuse labels that are not one per class."""
        count = len(self._labels or ())
        if classes is not None and count != classes and not (classes == 1 and count == 2):
            msg = f"{count} labels were given, but {self.name!r} has {classes} classes; give one label per class"
            raise ValueError(msg)


class NotFiniteError(ValueError):
    """What a model gives, or what is computed of it, is NaN or infinite."""


def finite_scores(scores: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Return scores, gradients or other values of a model, which must be finite.

    Raises
    ------
    NotFiniteError
        If some are NaN or infinite; the message says what to look at.
    """
    if not np.isfinite(scores).all():
        bad = int(np.count_nonzero(~np.isfinite(scores)))
        msg = (
            f"{bad} of {scores.size} values that {name!r} gives (scores, or what is computed of them) are NaN or "
            "infinite: nothing can be explained. Look for NaN or very large numbers in its weights, "
            "model.get_weights(), and at what it gives for these inputs"
        )
        raise NotFiniteError(msg)
    return scores


def as_classifier(model: WrappedModel) -> Classifier:
    """Return a wrapped model that has classes; refuse one that has none.

    Raises
    ------
    ValueError
        If it does not give one row of class scores.
    """
    if not isinstance(model, Classifier):
        shape = getattr(model.model, "output_shape", None)
        one_row = isinstance(shape, tuple) and len(shape) == _ROW_AXES and not isinstance(shape[0], (tuple, list))
        why = (
            f"is wrapped as a {type(model).__name__}, without classes: give the model bare or as a Classifier, or"
            if one_row
            else "gives more than one row of class scores, so a class alone does not say what to explain:"
        )
        msg = f"{model.name!r} {why} give a callable as target, from the outputs to one scalar per example"
        raise ValueError(msg)  # noqa: TRY004  (the target does not fit the model)
    return model


def _declared_outputs(model: keras.Model) -> tuple[int | None, ...] | None:
    """Return what a model says of its output; None if it does not say. Several outputs are refused."""
    shape = getattr(model, "output_shape", None)
    if isinstance(shape, (list, dict)) or (isinstance(shape, tuple) and any(isinstance(n, tuple) for n in shape)):
        msg = f"{model.name!r} has several outputs; wrap the one to explain in a model of its own"
        raise ValueError(msg)
    return shape if isinstance(shape, tuple) else None
