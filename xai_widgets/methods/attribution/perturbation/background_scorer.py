"""Scores of rows of which some features are taken from a background set: for whatever answers for rows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.attribution.perturbation.masking import MaskedBatch
from xai_widgets.methods.core.predictors import Predictor, as_predictor
from xai_widgets.methods.core.target_scores import scalar_of_callable
from xai_widgets.models.kinds.wrapping import keras_model_of
from xai_widgets.results.recipe import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from xai_widgets.models.outputs.targets import Target

    Batch = NDArray[np.float32]
    Rows = NDArray[np.float64]
    Stream = Callable[[int], Batch]

_ROWS_AT_A_TIME = 16384  # mixed rows that are held


@dataclass(frozen=True, eq=False)
class BackgroundScorer:
    """Scores rows that are mixed with a background set: the mean over its rows, as KernelSHAP defines it.

    A mask of 1 takes the feature of the row, one of 0 that of a background row.

    Attributes
    ----------
    predictor : Predictor
    classes : (N,) array
        What is explained of each row.
    inputs : (N, F) array
    background : (B, F) array
    scalar : callable, optional
        From scores (n, K) to (n,): what is explained in place of a class.
    target : str
        What the scalar is called.
    """

    predictor: Predictor
    classes: NDArray[np.int64]
    inputs: Rows
    background: Rows
    scalar: Callable[[Rows], Rows] | None = None
    target: str = ""

    def __len__(self) -> int:
        """Count the rows that are explained."""
        return len(self.inputs)

    @property
    def name(self) -> str:
        """The name of what answers."""
        return self.predictor.name

    @property
    def names(self) -> tuple[str, ...]:
        """What is explained of each row."""
        if self.scalar is not None:
            return (self.target,) * len(self)
        return tuple(self.predictor.labels[index] for index in self.classes)

    @property
    def output(self) -> str:
        """What the scores are: "logit" or "probability"."""
        return self.predictor.output

    def only(self, example: int) -> BackgroundScorer:
        """Return the same for one row alone."""
        one = slice(example, example + 1)
        return dataclasses.replace(self, classes=self.classes[one], inputs=self.inputs[one])

    def ends(self) -> Rows:
        """Return the scores without and with all features, shape (N, 2)."""
        masks = np.stack([np.zeros(self.inputs.shape[1], "float32"), np.ones(self.inputs.shape[1], "float32")])
        return np.stack([self._scored(example, masks) for example in range(len(self))]).astype("float64")

    @property
    def places(self) -> tuple[int, ...]:
        """The shape of a mask: one place for each feature."""
        return self.inputs.shape[1:]

    def pictures(self) -> None:
        """Return nothing: rows are no pictures."""

    def scores(
        self, streams: Sequence[Stream], count: int, report: Callable[[int], object] = lambda _done: None
    ) -> Iterator[MaskedBatch]:
        """Yield the mean scores of `count` masks of each row.

        Parameters
        ----------
        streams : sequence of callable
            One for each row: from a number n to the next n masks, (n, F), 1 where a value is kept.
        count : int
            Masks of each row.
        report : callable
            Gets the number of masks of all rows that are scored so far.

        Yields
        ------
        MaskedBatch
            The row, the places of these masks among its `count`, the masks, and their mean scores over the background.
        """
        size = max(1, _ROWS_AT_A_TIME // len(self.background))
        for example, stream in enumerate(streams):
            for start in range(0, count, size):
                masks = stream(min(size, count - start))
                places = slice(start, start + len(masks))
                yield MaskedBatch(example, places, masks, self._scored(example, masks))
                report(example * count + places.stop)

    def _scored(self, example: int, masks: Batch) -> Batch:
        """Return the mean score over the background, shape (n,)."""
        shown = masks[:, np.newaxis] > 0
        mixed = np.where(shown, self.inputs[example], self.background).reshape(-1, self.inputs.shape[1])
        scores = self.predictor.scores(mixed)
        found = scores[:, self.classes[example]] if self.scalar is None else self.scalar(scores)
        means: Batch = found.reshape(len(masks), -1).mean(axis=1).astype("float32")
        return means


def background_scorer(
    model: Any, inputs: Any, target: Target, baselines: Any, *, output: str, batch_size: int | None
) -> tuple[BackgroundScorer, str]:
    """Put together what is explained by a background set; return also what a recipe says of the set.

    Raises
    ------
    ValueError
        If no set is given, rows and set do not fit, or hold values that are not finite.
    """
    if isinstance(baselines, str) and keras_model_of(model) is not None:
        raise ValueError(f"baselines are rows (B, F) to average over, or one, not {baselines!r}")
    if baselines is None or isinstance(baselines, str):
        raise ValueError(
            "what stands for a hidden feature is not known for a model that is no network: give baselines=, rows to "
            "average over, such as 100 rows of the training data, or baseline=, one row"
        )
    rows, background = _numbers("inputs", inputs), _numbers("baselines", baselines)
    fits = rows.ndim == background.ndim == 2 and background.shape[1] == rows.shape[1]
    if not fits or not len(rows) or not len(background):
        raise ValueError(
            f"inputs are rows (N, F) and baselines rows (B, F), not {np.shape(inputs)} and {np.shape(baselines)}; for "
            "pictures and sequences give baseline="
        )
    if not (np.isfinite(rows).all() and np.isfinite(background).all()):
        raise ValueError("inputs and baselines must be finite; replace NaN and infinite values first")
    predictor = as_predictor(model, rows, output, batch_size)
    named = f"array {fingerprint(background)}"
    if callable(target):
        name = getattr(target, "__name__", "callable")
        scalar = _scalar_of(target, name, tensors=keras_model_of(model) is not None)
        classes = np.zeros(len(rows), "int64")
        return BackgroundScorer(predictor, classes, rows, background, scalar, name), named
    classes, _ = predictor.columns(rows, target)
    return BackgroundScorer(predictor, classes, rows, background), named


def _scalar_of(target: Callable[[Any], Any], name: str, *, tensors: bool) -> Callable[[Rows], Rows]:
    """Return what a reader's own callable makes of scores (n, K): tensors of a network, arrays of all others."""
    on_tensors = scalar_of_callable(target, name)

    def scalar(scores: Rows) -> Rows:
        if tensors:
            found: Rows = backend.to_numpy(on_tensors(keras.ops.convert_to_tensor(scores, "float32"), None))
        else:
            found = np.asarray(target(scores), "float64")
        if found.shape != scores.shape[:1] or not np.isfinite(found).all():
            raise ValueError(
                f"the callable target {name!r} must give one finite number for each row of scores, ({len(scores)},), "
                f"not an array of shape {found.shape}"
            )
        return found

    return scalar


def _numbers(name: str, given: Any) -> Rows:
    """Return rows of numbers; refuse what is none by its name."""
    try:
        return np.atleast_2d(np.asarray(given, "float64"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be rows of numbers, (B, F) or (F,), not {given!r:.100}") from error
