"""`Classifier`: any Keras model with what a person needs around it: labels, preprocessing, logits, ranked answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from PIL import Image

from xai_widgets import backend
from xai_widgets.models import preprocessing
from xai_widgets.models.predictions import Predictions
from xai_widgets.models.store import finished_logits, store_of
from xai_widgets.models.targets import class_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from xai_widgets.models.graph import Head

_PICTURE_AXES = 3  # height, width, channels
_PROBE_SIZE = 64  # height and width tried on a model that takes pictures of any size
_USUAL_BATCH, _LARGEST_BATCH = 32, 512
_BATCH_BYTES = 64 * 2**20  # up to here a batch larger than usual pays: a small net is busy with overheads
_MEMORY_SHARE = 0.25  # of what is free: the rest is for the backward pass, workspaces and the reader's own data


class Classifier:
    """Wrap a Keras model: functional, Sequential, nested or subclassed.

    Parameters
    ----------
    model : keras.Model
        Takes float batches (N, H, W, C), channels last, or rows of features (N, F), and gives one row of K class
        scores per example. Not changed.
    labels : sequence of str, optional
        K class names; ``"class 0"``, ``"class 1"``, ... if left out. Two labels for a single output name its two
        classes, the second one where it is large.
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

    Raises
    ------
    TypeError
        If `model` is not a Keras model.
    ValueError
        If the number of labels is not the number of classes, or the model has several inputs or outputs.

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

    _labels: tuple[str, ...] | None

    def __init__(
        self,
        model: keras.Model,
        labels: Sequence[str] | None = None,
        preprocess: Callable[[NDArray[np.float32]], Any] | None = None,
        *,
        name: str | None = None,
        value_range: tuple[float, float] | None = None,
        input_shape: tuple[int, int, int] | None = None,
    ) -> None:
        if not isinstance(model, keras.Model):
            msg = f"model must be a keras.Model, not {type(model).__name__}; other libraries' models need a wrapper"
            raise TypeError(msg)
        self._set_up(model, preprocess, name=name, value_range=value_range, shape=input_shape or _declared_shape(model))
        self._labels = None if labels is None else tuple(str(label) for label in labels)
        shape = _declared_outputs(model)
        if self._labels is not None and shape is not None:
            self._check_labels(shape[-1])

    def _set_up(
        self,
        model: keras.Model,
        preprocess: Callable[[NDArray[np.float32]], Any] | None,
        *,
        name: str | None,
        value_range: tuple[float, float] | None,
        shape: tuple[int | None, ...] | None,
    ) -> None:
        """Store what every wrapped model has."""
        self.model = model
        self.name = str(name or model.name)
        self._labels = None
        self._preprocess = preprocess
        self._given_range = None if value_range is None else _checked_range(value_range)
        self._shape = shape
        self._pixel_map: preprocessing.PixelMap | None = None
        self._pixel_map_known = False

    @classmethod
    def wrap(cls, model: Classifier | keras.Model) -> Classifier:
        """Return a classifier as it is, and a bare Keras model wrapped without labels or preprocessing."""
        return model if isinstance(model, Classifier) else cls(model)

    def __repr__(self) -> str:
        """Name, input and classes, always the same for the same model."""
        shape = "x".join("?" if n is None else str(n) for n in self._shape) if self._shape else "?"
        return f"Classifier({self.name!r}, input {shape})"

    # What the model is

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example, (H, W, C) for pictures; 64 stands for a height or width that is free."""
        if self._shape is None:
            msg = f"{self.name!r} does not tell its input shape; call it once on data, or give Classifier(input_shape=)"
            raise ValueError(msg)
        return tuple(size or _PROBE_SIZE for size in self._shape)

    @property
    def head(self) -> str:
        """How the model ends: "softmax", "sigmoid", "probability" (logits not found) or "linear"."""
        return "softmax" if self._two_from_one() else self._find_head().kind

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the K classes."""
        if self._labels is None:
            count = self.logits(self._probe()).shape[-1]
            self._labels = tuple(f"class {index}" for index in range(count))
        return self._labels

    @property
    def value_range(self) -> tuple[Any, Any] | None:
        """Smallest and largest value of the input space, numbers or (C,) arrays; None if unknown."""
        if self._given_range is not None:
            return self._given_range
        pixel_map = self.pixel_map if self._preprocess is not None else None
        if pixel_map is None:
            return None
        low, high = pixel_map.low, pixel_map.high
        return (float(low[0]), float(high[0])) if np.ptp(low) == np.ptp(high) == 0 else (low, high)

    @property
    def pixel_map(self) -> preprocessing.PixelMap | None:
        """How pixels 0..255 become inputs, if that is the same affine map at every pixel; None if it is not."""
        if not self._pixel_map_known:
            height, width, channels = self._picture_shape()
            function = self._preprocess or preprocessing.identity
            self._pixel_map = preprocessing.fit_pixel_map(function, (height, width), channels)
            self._pixel_map_known = True
        return self._pixel_map

    def index(self, target: str | int) -> int:
        """Return the index of a class given by name or index; an unknown name is refused with the nearest ones."""
        return class_index(target, self.labels)

    # What goes in

    def preprocess(self, pictures: Any) -> NDArray[np.float32]:
        """Bring pictures to the model's input space.

        Parameters
        ----------
        pictures : uint8 (H, W, 3), PIL image, or a sequence of them (sizes may differ)

        Returns
        -------
        float32 (N, H, W, C)
            Each picture scaled to cover the input, the overhang cut off, then preprocessed.
        """
        height, width, channels = self._picture_shape()
        pixels = np.stack(
            [preprocessing.resize_picture(one, (height, width), channels) for one in _as_pictures(pictures)]
        )
        function = self._preprocess or preprocessing.identity
        return preprocessing.checked_output(function(pixels), pixels.shape)

    def as_inputs(self, images: Any) -> NDArray[np.float32]:
        """Return a float32 batch in the model's input space, from pictures or from such a batch (or one example).

        Pictures (uint8 arrays, PIL images) are preprocessed; float arrays are taken to be in the input space already.

        Raises
        ------
        ValueError
            For a wrong shape, no images at all, NaN or infinite values.
        """
        if _is_picture(images):
            return self.preprocess(images)
        inputs = np.asarray(keras.ops.convert_to_numpy(images) if keras.ops.is_tensor(images) else images)
        if not np.issubdtype(inputs.dtype, np.number) or np.iscomplexobj(inputs):
            msg = f"images must be numbers, not an array of {inputs.dtype}; load_image reads files and addresses"
            raise TypeError(msg)
        inputs = self._with_batch_axis(inputs.astype("float32"))
        if not np.isfinite(inputs).all():
            bad = int(np.count_nonzero(~np.isfinite(inputs)))
            msg = f"images hold {bad} NaN or infinite values; replace them first"
            raise ValueError(msg)
        return inputs

    def _picture_shape(self) -> tuple[int, int, int]:
        """Return the input's shape where it is that of a picture; refuse pictures for a model of anything else."""
        if len(self.input_shape) != _PICTURE_AXES:
            msg = f"{self.name!r} takes inputs of shape {self.input_shape}, not pictures; pass float arrays"
            raise ValueError(msg)
        height, width, channels = self.input_shape
        return height, width, channels

    def _with_batch_axis(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Add the batch axis to a single example; refuse what does not fit the model."""
        expected = self._shape
        if expected is None:  # a subclassed model: what comes is what it takes
            self._shape = inputs.shape[1:]
            return inputs
        for candidate in (inputs, inputs[np.newaxis]):
            fits = candidate.ndim == len(expected) + 1 and all(
                want in (None, got) for want, got in zip(expected, candidate.shape[1:], strict=True)
            )
            if fits and len(candidate):
                return candidate
        shape = ", ".join("any" if n is None else str(n) for n in expected)
        pictures = len(expected) == _PICTURE_AXES
        hint = " (a picture as uint8 is resized by itself; a float array is not)" if pictures else ""
        msg = (
            f"expected {'images' if pictures else 'rows'} of shape (N, {shape}) or ({shape}), got {inputs.shape}{hint}"
        )
        raise ValueError(msg)

    def to_display(self, inputs: NDArray[np.float32], like: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Turn a batch in the input space back into RGB for the eye.

        Parameters
        ----------
        inputs : float32 (N, H, W, C)
        like : float32 (N, H, W, C), optional
            Where the range of values is unknown, guess it from these: pictures that are compared need one scale.

        Returns
        -------
        float32 (N, H, W, 3)
            Values 0..1. Where `preprocess` cannot be undone, the usual ranges are tried, then each image's own.
        """
        low_high = self._given_range
        if low_high is not None and (self._preprocess is None or self.pixel_map is None):
            pixels = (inputs - low_high[0]) * (255 / (low_high[1] - low_high[0]))
        elif self._preprocess is not None and self.pixel_map is not None:
            pixels = self.pixel_map.to_pixels(inputs)
        else:
            pixels = preprocessing.guess_display(inputs, inputs if like is None else like)
        shown = np.clip(pixels / 255, 0, 1).astype("float32")
        return np.repeat(shown, 3, axis=-1) if shown.shape[-1] == 1 else shown[..., :3]

    # What comes out

    def logits(self, images: Any, *, batch_size: int | None = None) -> NDArray[np.float32]:
        """Return the class scores before the final softmax or sigmoid, shape (N, K)."""
        inputs = self.as_inputs(images)
        run = self.compiled("logits", lambda: self.logits_function(inputs))
        parts = [run(inputs[part]) for part in self.batches(len(inputs), batch_size)]
        logits: NDArray[np.float32] = np.concatenate(parts)
        if self._labels is not None:
            self._check_labels(logits.shape[-1])
        return logits

    def predict(self, images: Any, top: int = 5) -> Predictions:
        """Return class probabilities; the display lists the `top` best of each image."""
        probabilities = self.probabilities(self.logits(images))
        unit = "image" if len(self.input_shape) == _PICTURE_AXES else "row"
        return Predictions(probabilities, self.labels, top, unit)

    def probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn logits (N, K) into probabilities, by the model's own head; a linear head is read as softmax."""
        if self.head == "sigmoid" or logits.shape[-1] == 1:
            return (0.5 * (1 + np.tanh(0.5 * logits.astype("float64")))).astype("float32")
        shifted = np.exp(logits.astype("float64") - logits.max(axis=-1, keepdims=True))
        probabilities: NDArray[np.float32] = (shifted / shifted.sum(axis=-1, keepdims=True)).astype("float32")
        return probabilities

    # For the methods

    def logits_function(self, probe: NDArray[np.float32] | None = None) -> Any:
        """Return the function from an input tensor to the logits' tensor, and the variables that it reads."""
        head = self._find_head(probe)
        if not self._two_from_one(probe):
            return head.logits, head.variables
        return lambda x: _both_classes(head.logits(x)), head.variables

    def finishing(self, output: str = "logit") -> Callable[[Any], Any]:
        """Return the function from what comes before the final activation to logits or probabilities (N, K).

        For methods that run the graph themselves; `logits_function` does the same inside. It does not hold the model.
        """
        kind, two, squash = self._find_head().kind, self._two_from_one(), self._squash()

        def finish(raw: Any) -> Any:
            logits = finished_logits(raw, kind)
            logits = _both_classes(logits) if two else logits
            return squash(logits) if output == "probability" else logits

        return finish

    def _squash(self) -> Callable[[Any], Any]:
        squash: Callable[[Any], Any] = keras.ops.sigmoid if self.head == "sigmoid" else keras.ops.softmax
        return squash

    def outputs_function(self, output: str) -> Any:
        """Return the function from an input tensor to logits or, for ``"probability"``, to probabilities (N, K).

        With it come the variables that it reads.
        """
        logits, variables = self.logits_function()
        if output != "probability":
            return logits, variables
        squash = self._squash()
        return lambda x: squash(logits(x)), variables

    def compiled(self, key: object, build: Callable[[], Any]) -> Callable[..., Any]:
        """Return a compiled function, kept for this model under `key`; `build` gives (function, variables)."""
        return store_of(self.model).compiled((key, self._two_from_one()), build)

    def batches(self, count: int, batch_size: int | None = None) -> Iterable[slice]:
        """Cut `count` examples into batches: as asked, else as many as memory allows, 32 to 512."""
        size = self._fitting_batch() if batch_size is None else batch_size
        if size < 1:
            msg = f"batch_size must be at least 1, not {batch_size}"
            raise ValueError(msg)
        return (slice(start, min(start + size, count)) for start in range(0, count, size))

    def _fitting_batch(self) -> int:
        """Estimate how many examples' activations fit in the free memory."""
        per_example = 8 * sum(_elements(layer, self.input_shape) for layer in self.model.layers)
        cheap = min(_LARGEST_BATCH, _BATCH_BYTES // max(per_example, 1))
        fitting = int(_MEMORY_SHARE * backend.free_memory() / max(per_example, 1))
        return max(1, min(max(_USUAL_BATCH, cheap), fitting))

    def _probe(self) -> NDArray[np.float32]:
        return np.random.default_rng(0).uniform(0, 1, (1, *self.input_shape)).astype("float32")

    def _find_head(self, probe: NDArray[np.float32] | None = None) -> Head:
        return store_of(self.model).head(self._probe() if probe is None else probe[:1])

    def _two_from_one(self, probe: NDArray[np.float32] | None = None) -> bool:
        """Tell whether one output stands for two named classes."""
        if self._labels is None or len(self._labels) != 2:
            return False
        return store_of(self.model).classes(self._probe() if probe is None else probe[:1]) == 1

    def _check_labels(self, classes: int | None) -> None:
        """Refuse labels that are not one per class."""
        count = len(self._labels or ())
        if classes is not None and count != classes and not (classes == 1 and count == 2):
            msg = f"{count} labels were given, but {self.name!r} has {classes} classes; give one label per class"
            raise ValueError(msg)


def _both_classes(second: Any) -> Any:
    """Make two logits of one, that of the second class."""
    return keras.ops.concatenate([keras.ops.zeros_like(second), second], axis=-1)


def _declared_shape(model: keras.Model) -> tuple[int | None, ...] | None:
    """Return what a model says of its input, batch axis left out; None if it does not say."""
    try:
        shape = model.input_shape
    except (AttributeError, ValueError):
        return None
    if isinstance(shape, (list, dict)):
        msg = f"{model.name!r} has several inputs; wrap the one to explain in a model of its own"
        raise ValueError(msg)  # noqa: TRY004  (the type is Keras' own: it is the model that does not fit)
    return tuple(shape[1:]) if shape else None


def _declared_outputs(model: keras.Model) -> tuple[int | None, ...] | None:
    """Return what a model says of its output; None if it does not say. Several outputs are refused."""
    shape = getattr(model, "output_shape", None)
    if isinstance(shape, (list, dict)) or (isinstance(shape, tuple) and any(isinstance(n, tuple) for n in shape)):
        msg = f"{model.name!r} has several outputs; wrap the one to explain in a model of its own"
        raise ValueError(msg)
    return shape if isinstance(shape, tuple) else None


def _elements(layer: Any, input_shape: tuple[int, ...]) -> int:
    """Count the activations of one layer for one example; nested models count theirs."""
    if isinstance(layer, keras.Model):
        return sum(_elements(inner, input_shape) for inner in layer.layers)
    try:
        sizes = list(layer.output.shape[1:])
    except (AttributeError, ValueError):
        sizes = [*input_shape, 8]  # a layer that does not tell: as if it made eight maps of the input's size
    # A free height or width is at most that of the input.
    return math.prod(size or input_shape[min(axis, len(input_shape) - 1)] for axis, size in enumerate(sizes))


def _checked_range(value_range: tuple[float, float]) -> tuple[float, float]:
    """Refuse a range that is none."""
    low, high = value_range
    if not np.all(np.isfinite([low, high])) or low >= high:
        msg = f"value_range must be (low, high) with low < high, not {value_range}"
        raise ValueError(msg)
    return low, high


def _is_picture(images: Any) -> bool:
    """Tell pictures (uint8 arrays, PIL images, sequences of them) from arrays in the input space."""
    if isinstance(images, Image.Image):
        return True
    if isinstance(images, np.ndarray):
        return bool(images.dtype == np.uint8)
    return isinstance(images, (list, tuple)) and len(images) > 0 and all(_is_picture(one) for one in images)


def _as_pictures(pictures: Any) -> list[NDArray[np.uint8]]:
    """Return a list of uint8 (H, W, 3) arrays."""
    if (isinstance(pictures, np.ndarray) and pictures.ndim == 3) or isinstance(pictures, Image.Image):
        pictures = [pictures]
    arrays = [np.asarray(one.convert("RGB") if isinstance(one, Image.Image) else one) for one in pictures]
    for array in arrays:
        if array.dtype != np.uint8 or array.ndim != 3 or array.shape[-1] != 3 or 0 in array.shape:
            msg = f"a picture is uint8 (H, W, 3), not {array.dtype} {array.shape}; load_image makes one of anything"
            raise ValueError(msg)
    return arrays
