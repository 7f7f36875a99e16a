"""`WrappedModel`: what every wrapped Keras model has: its graph, preprocessing, inputs and batches."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.common.arrays import as_array
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.graph.computation_steps import has_graph
from xai_widgets.models.inputs import preprocessing
from xai_widgets.models.inputs.channel_axis import has_channels
from xai_widgets.models.inputs.input_reading import as_pictures, is_picture, read_given
from xai_widgets.models.inputs.model_checks import (
    built_in_range,
    own_preprocessing,
    refuse_channels_first,
    refuse_states,
    resizes,
    warn_of_half_precision,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

_PICTURE_AXES = 3  # height, width, channels
_PROBE_SIZE = 64  # height and width tried on a model that takes pictures of any size
_USUAL_BATCH, _LARGEST_BATCH = 32, 512
_BATCH_BYTES = 64 * 2**20  # up to here a batch larger than usual pays: a small net is busy with overheads
_MEMORY_SHARE = 0.25  # of what is free: the rest is for the backward pass, workspaces and the reader's own data


class WrappedModel(ABC):
    """A Keras model with its preprocessing, the base of `Classifier` and `Network`.

    A kind of model says what it gives: `outputs_function` runs the whole model, and `output_transform` is the last step
    of it, for methods that run the graph themselves.

    Parameters
    ----------
    model : keras.Model
        Not changed.
    preprocess : callable, optional
        From a float32 batch of resized pictures (N, H, W, C) with values 0..255 to the model's input space.
    name : str, optional
        What displays call it; the model's own name if left out.
    value_range : (float, float), optional
        Smallest and largest value of the input space.
    input_shape : tuple, optional
        The shape of one example, where the model itself does not tell.

    Raises
    ------
    TypeError
        If `model` is not a Keras model.
    """

    def __init__(
        self,
        model: keras.Model,
        preprocess: Callable[[NDArray[np.float32]], Any] | None = None,
        *,
        name: str | None = None,
        value_range: tuple[float, float] | None = None,
        input_shape: tuple[int | None, ...] | None = None,
    ) -> None:
        if not isinstance(model, keras.Model):
            msg = f"model must be a keras.Model, not {type(model).__name__}; other libraries' models need a wrapper"
            raise TypeError(msg)
        self.model = model
        self.name = str(name or model.name)
        self._resizes = False
        refuse_channels_first(model)
        refuse_states(model)
        warn_of_half_precision(model)
        if preprocess is None:
            preprocess, size = own_preprocessing(model)
            input_shape = input_shape or size
            self._resizes = preprocess is not None and size is not None and resizes(preprocess, size)
        self._preprocess = preprocess
        self._given_range = None if value_range is None else _checked_range(value_range)
        self._shape = input_shape or _main_shape(model, self._tensors)
        self._pixel_map: preprocessing.PixelMap | None = None
        self._pixel_map_known = False

    def __repr__(self) -> str:
        """Kind, name, input, and how the outputs are read."""
        known = self._shape or _shape_of_a_call(self.model)
        shape = "x".join("?" if n is None else str(n) for n in known) if known else "?"
        about = [repr(self.name), f"input {shape}", *self._outputs_in_words()]
        return f"{type(self).__name__}({', '.join(about)})"

    def _outputs_in_words(self) -> list[str]:
        """Return how the outputs are read, for the ``repr``; nothing where that is not known."""
        return []

    @property
    def _tensors(self) -> list[Any] | None:
        """The model's inputs, where it has a graph."""
        return list(self.model.inputs) if has_graph(self.model) else None

    # What a kind of model says

    @abstractmethod
    def outputs_function(self, output: str) -> tuple[Callable[[Any], Any], list[Any]]:
        """Return the function from inputs to what is explained, and the variables that it reads.

        Parameters
        ----------
        output : {"logit", "probability"}
            The outputs before the final softmax or sigmoid, or those after it.

        Returns
        -------
        tuple of (callable, list of variables)
            The function takes tensors, nested as the model takes them, and gives tensors, (N, K) or nested as the
            model gives them.
        """

    @abstractmethod
    def output_transform(self, output: str = "logit") -> Callable[[Any], Any]:
        """Return the function from what comes before the final activation to what is explained.

        For methods that run the graph themselves; `outputs_function` does the same inside. It does not hold the model.

        Parameters
        ----------
        output : {"logit", "probability"}
            The outputs before the final softmax or sigmoid, or those after it.

        Returns
        -------
        callable
            From tensors, nested as the model gives them, to tensors, (N, K) or nested in the same way.
        """

    # What goes in

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example, (H, W, C) for pictures; 64 stands for a height or width that is free.

        Raises
        ------
        ValueError
            If the model does not tell: a subclassed one that was not called yet, or gets other inputs than one array,
            and is wrapped without `input_shape`.
        """
        shape = self._shape or _shape_of_a_call(self.model)
        if shape is None:
            msg = f"{self.name!r} does not tell its input shape; call it once on an array, or wrap it with input_shape="
            raise ValueError(msg)
        return tuple(size or _PROBE_SIZE for size in shape)

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
    def built_in_range(self) -> tuple[float, float] | None:
        """Smallest and largest pixel value for a model that scales them itself; None where nothing in it tells."""
        return built_in_range(self.model)

    @property
    def pixel_map(self) -> preprocessing.PixelMap | None:
        """How pixels 0..255 become inputs, if that is the same affine map at every pixel; None if it is not."""
        if not self._pixel_map_known:
            height, width, channels = self._picture_shape()
            function = self._preprocess or preprocessing.identity
            self._pixel_map = preprocessing.fit_pixel_map(function, (height, width), channels)
            self._pixel_map_known = True
        return self._pixel_map

    def preprocess(self, pictures: Any) -> NDArray[np.float32]:
        """Bring pictures to the model's input space.

        Parameters
        ----------
        pictures : uint8 array (H, W, 3), PIL image, or a sequence of them
            Pictures of any sizes, which may differ. Grey ones may be (H, W) or (H, W, 1); batches (N, ...) of all
            of these are taken too.

        Returns
        -------
        float32 (N, H, W, C)
            Each picture scaled to cover the input, the overhang cut off, then preprocessed. Where the model takes any
            height or width, pictures keep their own. A preprocessor that the model carries, as those of keras-hub do,
            gets pictures of their own size if it resizes them.

        Raises
        ------
        ValueError
            If the model takes no pictures, what is given is none, `preprocess` gives another shape than it gets, or
            the model takes pictures of any size and those of a batch have several.
        """
        *_, channels = model_shape = self._picture_shape()
        height, width = (self._shape or self.input_shape)[:2]
        arrays = as_pictures(pictures, (height, width))
        function = self._preprocess or preprocessing.identity
        if self._resizes:
            each = [preprocessing.resize_picture(one, one.shape[:2], channels)[np.newaxis] for one in arrays]
            return np.concatenate([preprocessing.checked_output(function(one), (1, *model_shape)) for one in each])
        sizes = {preprocessing.fitting_size(one.shape[:2], (height, width)) for one in arrays}
        if len(sizes) != 1:
            msg = (
                f"{self.name!r} takes pictures of any size, but all of a batch must have one: these have {len(sizes)}; "
                "resize them, give them one by one, or wrap the model with input_shape=(height, width, channels)"
            )
            raise ValueError(msg)
        (size,) = sizes
        pixels = np.stack([preprocessing.resize_picture(one, size, channels) for one in arrays])
        return preprocessing.checked_output(function(pixels), pixels.shape)

    def as_inputs(self, images: Any) -> Any:
        """Return a float32 batch in the model's input space, from pictures or from such a batch (or one example).

        Pictures (uint8 arrays, PIL images, paths) are preprocessed; float arrays are taken to be in the input space
        already. Tensors of TensorFlow, JAX and PyTorch, a batch (images, labels) of a data set and a whole
        ``tf.data.Dataset`` are taken too. For a model of several inputs: such arrays (int32 where the model takes
        integers), nested as it takes them; where it takes a list, a dictionary of its inputs' names will do.

        Parameters
        ----------
        images : array, pictures, or several of them
            A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C)
            or rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
            preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them. A model with several
            inputs takes one array for each, nested as the model takes them.

        Returns
        -------
        float32 array (N, ...), or several, nested as given
            The inputs as the model takes them; int32 for an input of integers, such as tokens.

        Raises
        ------
        ValueError
            For a wrong shape, no images at all, NaN or infinite values, pixel values 0..255 where the model takes
            another range, integers other than uint8 where there is a preprocessing, or another number of inputs.
        TypeError
            For an array of anything but real numbers.

        Warns
        -----
        UserWarning
            If values lie outside the range that the model takes, or in 0..1 where it takes 0..255.
        """
        self._refuse_strings()
        tensors = self._tensors
        if tensors is not None and len(tensors) > 1:
            return self._several_inputs(images, tensors)
        return self._one_input(images)

    def _refuse_strings(self) -> None:
        """Refuse to go on with a model of texts, which has no inputs in numbers."""
        if any(str(tensor.dtype) == "string" for tensor in self._tensors or []):
            raise ValueError(
                f"{self.name!r} takes strings, which have no pixels and no gradients: explain it with occlude_words or "
                "lime_text, from the texts themselves"
            )

    def _one_input(self, images: Any) -> NDArray[np.float32]:
        images = read_given(images, self._shape)
        if is_picture(images):
            return self.preprocess(images)
        inputs = np.asarray(images)
        if not np.issubdtype(inputs.dtype, np.number) or np.iscomplexobj(inputs):
            msg = f"images must be numbers, not an array of {inputs.dtype}; load_image reads files and addresses"
            raise TypeError(msg)
        integers = np.issubdtype(inputs.dtype, np.integer)
        inputs = self._with_batch_axis(inputs.astype("float32"))
        if not np.isfinite(inputs).all():
            bad = int(np.count_nonzero(~np.isfinite(inputs)))
            msg = f"images hold {bad} NaN or infinite values; replace them first"
            raise ValueError(msg)
        if inputs.ndim == _PICTURE_AXES + 1 and inputs.shape[-1] in (1, 3):
            self._check_pixels(inputs, integers=integers)
        return inputs

    def _check_pixels(self, inputs: NDArray[np.float32], *, integers: bool) -> None:
        """Refuse or warn of pixel values in another range than the model's."""
        if integers and self._preprocess is not None:
            msg = (
                f"these images are integers, but not uint8, so it is not known whether {self.name!r} has to preprocess "
                "them: give pictures as uint8, images.astype('uint8'), or inputs as floats"
            )
            raise ValueError(msg)
        preprocessing.check_range(inputs, self.value_range or self.built_in_range, self.name)

    def _several_inputs(self, given: Any, tensors: list[Any]) -> Any:
        """Return one array for each input, nested as the model takes them."""
        flat = keras.tree.flatten(self._by_name(given, tensors))
        if len(flat) != len(tensors) or isinstance(given, np.ndarray):
            names = ", ".join(repr(tensor.name) for tensor in tensors)
            msg = f"{self.name!r} takes {len(tensors)} inputs, {names}; give one array for each"
            raise ValueError(msg)
        arrays = [self._fitting(one, tensor) for one, tensor in zip(flat, tensors, strict=True)]
        if len({len(array) for array in arrays}) != 1:
            msg = f"the inputs hold different numbers of examples: {', '.join(str(len(array)) for array in arrays)}"
            raise ValueError(msg)
        return keras.tree.pack_sequence_as(self.model.input, arrays)

    def _by_name(self, given: Any, tensors: list[Any]) -> Any:
        """Return several inputs in the model's order; a dictionary for a model that takes a list goes by its names.

        Raises
        ------
        ValueError
            If the model takes a dictionary and gets none, or the names are not those of its inputs.
        """
        wanted = self.model.input
        named = isinstance(wanted, dict)
        names = list(wanted) if named else [tensor.name for tensor in tensors]
        if isinstance(given, dict) and set(given) == set(names):
            return given if named else [given[name] for name in names]
        if not named and not isinstance(given, dict):
            return given
        listed = ", ".join(map(repr, names))
        kind = f"a dictionary of {', '.join(map(repr, given))}" if isinstance(given, dict) else type(given).__name__
        raise ValueError(
            f"{self.name!r} takes {len(tensors)} inputs, {listed}; give one array for each, in a dictionary with "
            f"these names, not {kind}"
        )

    def _fitting(self, given: Any, tensor: Any) -> NDArray[Any]:
        """Return one of several inputs as an array with a batch axis; pictures are preprocessed."""
        shape, given = tuple(tensor.shape[1:]), as_array(given)
        if np.asarray(given).dtype == np.uint8 and len(shape) == _PICTURE_AXES:
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
        without_channel = [inputs[..., np.newaxis]] if expected[-1] == 1 and len(expected) == _PICTURE_AXES else []
        given = [inputs, *without_channel]
        for candidate in [shaped for one in given for shaped in (one, one[np.newaxis])]:
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
            Pictures in the model's input space.
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

    # For the methods

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
        return store_of(self.model).compiled(key, build)

    def batches(self, count: int, batch_size: int | None = None) -> Iterable[slice]:
        """Cut `count` examples into batches: as asked, else as many as memory allows.

        Parameters
        ----------
        count : int
            How many examples there are, 0 or more.
        batch_size : int, optional
            How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512
            at most.

        Returns
        -------
        iterable of slice
            The places of each batch among the examples, in order.

        Raises
        ------
        ValueError
            If the batch size is below 1.
        """
        size = self._fitting_batch() if batch_size is None else batch_size
        if size < 1:
            msg = f"batch_size must be at least 1, not {batch_size}"
            raise ValueError(msg)
        return (slice(start, min(start + size, count)) for start in range(0, count, size))

    def count(self, inputs: Any) -> int:
        """Count the examples of what `as_inputs` gave.

        Parameters
        ----------
        inputs : array (N, ...), or several
            What `as_inputs` gave.

        Returns
        -------
        int
            N.
        """
        return len(keras.tree.flatten(inputs)[0])

    def has_channels(self, inputs: NDArray[Any], place: int = 0) -> bool | None:
        """Tell whether the last axis of inputs is that of channels or features.

        Parameters
        ----------
        inputs : array
            As `as_inputs` gives them; one of several inputs.
        place : int
            Which of several inputs they are.

        Returns
        -------
        bool or None
            None if that is not known: see `channel_axis.has_channels`.
        """
        axes = inputs.ndim
        found: bool | None = store_of(self.model).get_or_build(
            ("channels", place, axes), lambda: has_channels(self.model, place, axes)
        )
        return found

    def _fitting_batch(self) -> int:
        """Estimate how many examples' activations fit in the free memory."""
        per_example = 8 * sum(_elements(layer, self.input_shape) for layer in self.model.layers)
        cheap = min(_LARGEST_BATCH, _BATCH_BYTES // max(per_example, 1))
        fitting = int(_MEMORY_SHARE * backend.free_memory() / max(per_example, 1))
        return max(1, min(max(_USUAL_BATCH, cheap), fitting))

    def probe(self) -> Any:
        """Return one example that fits the model, to see what it gives.

        Returns
        -------
        float32 array (1, ...), or several, nested as the model takes them
            Uniform random numbers 0..1, the same at each call.

        Raises
        ------
        ValueError
            If the model takes strings.
        """
        self._refuse_strings()
        rng = np.random.default_rng(0)
        if self._tensors is not None and len(self._tensors) > 1:
            shapes = [[size or _PROBE_SIZE for size in tensor.shape[1:]] for tensor in self._tensors]
            drawn = [rng.uniform(0, 1, (1, *shape)).astype("float32") for shape in shapes]
            return keras.tree.pack_sequence_as(self.model.input, drawn)
        return rng.uniform(0, 1, (1, *self.input_shape)).astype("float32")


def _main_shape(model: keras.Model, tensors: list[Any] | None) -> tuple[int | None, ...] | None:
    """Return the shape of one example, of the first picture where there are several inputs; None if unknown."""
    if tensors is not None:
        shapes = [tuple(tensor.shape[1:]) for tensor in tensors]
        pictures = [shape for shape in shapes if len(shape) == _PICTURE_AXES]
        return next(iter(pictures or shapes), None)
    try:
        shape = model.input_shape
    except (AttributeError, ValueError):
        return None
    if isinstance(shape, (list, dict)):
        msg = f"{model.name!r} has several inputs and no graph; wrap the one to explain in a model of its own"
        raise ValueError(msg)  # noqa: TRY004  (the type is Keras' own: it is the model that does not fit)
    return tuple(shape[1:]) if shape else None


def _shape_of_a_call(model: keras.Model) -> tuple[int | None, ...] | None:
    """Return the shape of one example that a model was built for, by its first call; None for one that was not."""
    shape = (model.get_build_config() or {}).get("input_shape")
    if not isinstance(shape, tuple | list) or not all(isinstance(size, int | None) for size in shape):
        return None
    return tuple(shape[1:]) or None


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
