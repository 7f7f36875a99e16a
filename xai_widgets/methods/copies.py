"""Scores of masked copies of the inputs: any number of them, in full batches, with a bounded memory."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.points import pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from xai_widgets.methods.scores import Scalar
    from xai_widgets.models.classifier import Classifier

    Batch = NDArray[np.float32]
    Stream = Callable[[int], Batch]


@dataclass(frozen=True, eq=False)
class Copies:
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
class Masking:
    """Inputs, what shows where they are masked, and what is explained.

    Attributes
    ----------
    classifier, scalar
        The model and what is explained.
    inputs, fills : (N, ...) float32 arrays
        A mask of 1 shows the input, one of 0 the fill, one between them a blend.
    output : {"logit", "probability"}
    batch_size : int or None
    """

    classifier: Classifier
    scalar: Scalar
    inputs: Batch
    fills: Batch
    output: str = "logit"
    batch_size: int | None = None

    def __len__(self) -> int:
        """Count the inputs."""
        return len(self.inputs)

    def only(self, example: int) -> Masking:
        """Return the same for one input alone."""
        one = slice(example, example + 1)
        scalar = dataclasses.replace(self.scalar, names=self.scalar.names[one], rows=self.scalar.rows[one])
        return dataclasses.replace(self, scalar=scalar, inputs=self.inputs[one], fills=self.fills[one])

    def scores(
        self,
        streams: Sequence[Stream],
        count: int,
        report: Callable[[int], object] = lambda _done: None,
    ) -> Iterator[Copies]:
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
                yield Copies(example, places, mask, found[first : first + len(mask)])
                first += len(mask)
            report(part.stop)

    def _run(self, run: Callable[..., Any], owners: NDArray[np.int64], masks: Batch) -> NDArray[np.float32]:
        """Hand over one input where all copies are of the same, so that it is copied by the network's own threads."""
        taken = owners[:1] if owners[0] == owners[-1] else owners
        found: NDArray[np.float32] = run(self.inputs[taken], self.fills[taken], masks, self.scalar.rows[owners])
        return found

    def _compiled(self) -> Callable[..., Any]:
        def build() -> tuple[Any, Any]:
            outputs, variables = self.classifier.outputs_function(self.output)
            return lambda x, fill, mask, rows: self.scalar.of(outputs(blend(x, fill, mask)), rows), variables

        return self.scalar.compiled(self.classifier, ("copies", self.output), build)


def blend(x: Any, fill: Any, mask: Any) -> Any:
    """Show `x` where the mask is 1 and `fill` where it is 0; a mask without the channels' axis serves all of them."""
    if len(mask.shape) < len(x.shape):
        mask = keras.ops.expand_dims(mask, -1)
    return x * mask + fill * (1 - mask)
