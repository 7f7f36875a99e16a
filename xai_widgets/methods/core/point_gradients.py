"""Gradients at many points per example: any number of them, in full batches, with a bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.core.progress import reporter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Progress
    from xai_widgets.methods.core.target_scores import Scalar
    from xai_widgets.models.kinds.wrapped_model import WrappedModel

    Points = NDArray[np.float32]
    Stream = Callable[[int], Points]


@dataclass(frozen=True, eq=False)
class Segment:
    """Consecutive points of one example, with what the model gave there.

    Attributes
    ----------
    example : int
    places : slice
        Which of the example's points these are.
    points : (n, ...) array
    scores : (n,) array
    gradients : (n, ...) array, or None if only scores were asked for
    """

    example: int
    places: slice
    points: Points
    scores: NDArray[np.float32]
    gradients: Any


def gradients_at_points(
    classifier: WrappedModel,
    scalar: Scalar,
    streams: Callable[[int], Stream],
    per_example: int,
    *,
    owners: NDArray[np.int64] | None = None,
    output: str = "logit",
    differentiate: bool = True,
    batch_size: int | None = None,
    progress: Progress = None,
) -> Iterator[Segment]:
    """Differentiate the explained scalar, or only compute it, at several points for each example.

    Examples are taken one after the other and their points in order, but a batch runs over the border from one example
    to the next: the network always gets full batches, and no more than one of them is ever held.

    Parameters
    ----------
    classifier, scalar
        The model and what is explained.
    streams : callable
        ``streams(example)`` begins the points of an example and returns a function that gives its next n points.
    per_example : int
        How many points each has.
    owners : (M,) int array, optional
        For each stream the row of `scalar` that holds its class, where streams are not simply the N examples.
    differentiate : bool
        False: only scores are wanted, which takes a forward pass alone.
    output, batch_size, progress
        See the methods; progress counts points.

    Yields
    ------
    Segment
    """
    owners = np.arange(len(scalar.rows)) if owners is None else owners
    report, total = reporter(progress), len(owners) * per_example
    run = (scalar.gradients if differentiate else scalar.values)(classifier, output)
    stream: Stream | None = None
    for part in classifier.batches(total, batch_size):
        cut, points = list(pieces(part, per_example)), []
        for example, places in cut:
            if places.start == 0 or stream is None:
                stream = streams(example)
            points.append(stream(places.stop - places.start))
        counts = [len(piece) for piece in points]
        rows = scalar.rows[np.repeat(owners[[example for example, _ in cut]], counts)]
        batch = points[0] if len(points) == 1 else np.concatenate(points)
        scores, gradients = run(batch, rows) if differentiate else (run(batch, rows), None)
        first = 0
        for (example, places), count in zip(cut, counts, strict=True):
            span = slice(first, first + count)
            these = None if gradients is None else gradients[span]
            yield Segment(example, places, batch[span], scores[span], these)
            first += count
        report(part.stop, total)


def pieces(part: slice, per_example: int) -> Iterator[tuple[int, slice]]:
    """Cut a run of points, numbered through all examples, at the borders between examples."""
    start: int = part.start
    while start < part.stop:
        example, place = divmod(start, per_example)
        count = min(part.stop - start, per_example - place)
        yield example, slice(place, place + count)
        start += count


def weighted_sum(weights: NDArray[Any], values: Points) -> NDArray[np.float64]:
    """Sum `values` (n, ...) over the first axis with `weights` (n,), in one product of matrices."""
    flat = np.asarray(weights, "float32") @ values.reshape(len(values), -1)
    return flat.reshape(values.shape[1:]).astype("float64")
