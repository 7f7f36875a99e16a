"""Scores of masked copies of the inputs: any number of them, in full batches, with a bounded memory."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.core.point_gradients import pieces
from xai_widgets.methods.core.target_scores import pictures_of, scores
from xai_widgets.models.kinds.classifier import NotFiniteError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from xai_widgets.methods.core.target_scores import Scalar
    from xai_widgets.models.kinds.wrapped_model import WrappedModel

    Batch = NDArray[np.float32]
    Stream = Callable[[int], Batch]


_ROWS = 2  # axes of a batch of rows


@dataclass(frozen=True, eq=False)
class MaskedBatch:
    """Consecutive masked copies of one example, with their scores.

    Attributes
    ----------
    example : int
    places : slice
        Which of the copies asked for these are.
    masks : (n, ...) array
    scores : (n,) array
    """

    example: int
    places: slice
    masks: Batch
    scores: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class MaskedScorer:
    """Scores masked copies of a batch of inputs: holds the inputs, their fills and the scalar that is explained.

    Attributes
    ----------
    classifier, scalar
        The model and what is explained.
    inputs, fills : (N, ...) float32 arrays
        A mask of 1 shows the input, one of 0 the fill, one between them a blend.
    output : {"logit", "probability"}
    batch_size : int or None
    """

    classifier: WrappedModel
    scalar: Scalar
    inputs: Batch
    fills: Batch
    output: str = "logit"
    batch_size: int | None = None

    def __len__(self) -> int:
        """Count the inputs."""
        return len(self.inputs)

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.classifier.name

    @property
    def names(self) -> tuple[str, ...]:
        """What is explained of each input."""
        return self.scalar.names

    def ends(self) -> NDArray[np.float64]:
        """Return the scores of the fill and of the input, shape (N, 2)."""
        seen = scores(self.classifier, self.inputs, self.scalar, self.output, self.batch_size)
        with self._finite_though_hidden():
            hidden = scores(self.classifier, self.fills, self.scalar, self.output, self.batch_size)
        return np.stack([hidden, seen], axis=1).astype("float64")

    @property
    def places(self) -> tuple[int, ...]:
        """The shape of one input without its channels: what a mask has."""
        single = self.inputs.ndim == _ROWS or self.classifier.has_channels(self.inputs) is False
        return self.inputs.shape[1:] if single else self.inputs.shape[1:-1]

    def pictures(self) -> Batch | None:
        """Return the inputs for display; None where they are no pictures."""
        return pictures_of(self.classifier, self.inputs)

    def only(self, example: int) -> MaskedScorer:
        """Return the same for one input alone."""
        one = slice(example, example + 1)
        scalar = dataclasses.replace(self.scalar, names=self.scalar.names[one], rows=self.scalar.rows[one])
        return dataclasses.replace(self, scalar=scalar, inputs=self.inputs[one], fills=self.fills[one])

    def scores(
        self,
        streams: Sequence[Stream],
        count: int,
        report: Callable[[int], object] = lambda _done: None,
    ) -> Iterator[MaskedBatch]:
        """Run the model on `count` masked copies of each input.

        Inputs are taken one after the other, but a batch runs over the border from one to the next: the network always
        gets full batches, and no more than one of them is ever held.

        Parameters
        ----------
        streams : sequence of N callables
            Each gives the next n masks of its input, float32 (n, ...), without the channels' axis.
        count : int
        report : callable
            Gets the number of copies done so far.
        """
        run = self._compiled()
        for part in self.classifier.batches(len(self) * count, self.batch_size):
            cut = list(pieces(part, count))
            masks = [streams[example](places.stop - places.start) for example, places in cut]
            owners = np.repeat([example for example, _ in cut], [len(mask) for mask in masks])
            found = self._run(run, owners, masks[0] if len(masks) == 1 else np.concatenate(masks))
            first = 0
            for (example, places), mask in zip(cut, masks, strict=True):
                yield MaskedBatch(example, places, mask, found[first : first + len(mask)])
                first += len(mask)
            report(part.stop)

    def _run(self, run: Callable[..., Any], owners: NDArray[np.int64], masks: Batch) -> NDArray[np.float32]:
        """Score masks; where all are of one input, pass that input once and let the compiled function broadcast it."""
        taken = owners[:1] if owners[0] == owners[-1] else owners
        with self._finite_though_hidden():
            found: NDArray[np.float32] = run(self.inputs[taken], self.fills[taken], masks, self.scalar.rows[owners])
        return found

    @contextmanager
    def _finite_though_hidden(self) -> Iterator[None]:
        """Say of a model that gives NaN where something is hidden, and only there, that another baseline may help.

        Raises
        ------
        NotFiniteError
            In place of one from inside.
        """
        try:
            yield
        except NotFiniteError as error:
            scores(self.classifier, self.inputs, self.scalar, self.output, self.batch_size)
            msg = (
                f"where parts of its input are hidden by the baseline, {self.classifier.name!r} gives NaN or infinite "
                "scores; give another baseline, for a model of tokens that leaves 0 out (mask_zero) a number that it "
                "does not: baseline=1"
            )
            raise NotFiniteError(msg) from error

    def _compiled(self) -> Callable[..., Any]:
        def build() -> tuple[Any, Any]:
            outputs, variables = self.classifier.outputs_function(self.output)
            scalar = self.scalar.of  # alone: what is kept for a model must not hold the model
            return lambda x, fill, mask, rows: scalar(outputs(blend(x, fill, mask)), rows), variables

        return self.scalar.compiled(self.classifier, ("copies", self.output), build)


def blend(x: Any, fill: Any, mask: Any) -> Any:
    """Show `x` where the mask is 1 and `fill` where it is 0; a mask without the channels' axis serves all of them."""
    if len(mask.shape) < len(x.shape):
        mask = keras.ops.expand_dims(mask, -1)
    return x * mask + fill * (1 - mask)
