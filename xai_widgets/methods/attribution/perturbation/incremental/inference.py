"""Incremental inference: run a network on occluded copies of a picture, recomputing only what the occluder can reach.

The picture is run once and its activations are kept. For each copy, a layer then works on the box that has changed,
with a margin read from the kept activations; where the box has grown to nearly the whole map, or a layer looks at
everything at once, the box is put into the kept map and the rest is run as usual. The answers are those of full passes
but for rounding. After Supun Nakandala, Arun Kumar, Yannis Papakonstantinou (2019), Incremental and approximate
inference for faster occlusion-based deep CNN explanations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.attribution.perturbation.incremental.box_plan import Action, BoxPlan, Gather, make_box_plan
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.kinds.classifier import Classifier, finite_scores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from xai_widgets.methods.attribution.perturbation.masking import MaskedScorer
    from xai_widgets.methods.attribution.perturbation.windows import Windows

_WORTH_IT = 1.3  # times less work than full passes
_CHUNK_BYTES = 64 * 2**20  # of activations at a time: more falls out of the processor's caches
_INDEX_BYTES = 64 * 2**20  # of prepared indices that are kept for the next picture
_LARGEST_CHUNK = 512


@dataclass(eq=False)
class Incremental:
    """A plan with its two compiled functions.

    Attributes
    ----------
    plan : BoxPlan
    keep : callable
        From a picture (1, H, W, C) and its row to its score and the activations that the plan needs of it.
    score : callable
        From a fill, rows, kept activations and indices to the scores of some copies.
    """

    plan: BoxPlan
    keep: Callable[..., Any]
    score: Callable[..., Any]
    _chunks: dict[int, list[Any]] = field(default_factory=dict)

    def scores(
        self, scorer: MaskedScorer, example: int, report: Callable[[int], object] = lambda _done: None
    ) -> tuple[np.float32, NDArray[np.float32]]:
        """Return the score of one example, and those of all its occluded copies, shape (P,)."""
        picture, fill, row = (part[[example]] for part in (scorer.inputs, scorer.fills, scorer.scalar.rows))
        score, kept = self.keep(picture, row)
        kept = keras.tree.map_structure(keras.ops.convert_to_tensor, kept)  # once, not for each chunk
        found, done = np.empty(len(self.plan.windows.first), "float32"), 0
        for members, indices in self._cut(scorer.batch_size):
            found[members] = self.score(fill, np.repeat(row, len(members), axis=0), kept, indices)
            done += len(members)
            report(min(done, len(found)))
        return score[0], finite_scores(found, scorer.classifier.name)

    def _cut(self, batch_size: int | None) -> Iterator[tuple[NDArray[np.int64], list[Any]]]:
        """Cut the groups into chunks of nearly one size, each with its indices."""
        size = self._chunk() if batch_size is None else batch_size
        if size in self._chunks:
            yield from self._chunks[size]
            return
        made: list[Any] = []
        nbytes = 0
        for group in self.plan.groups:
            even = math.ceil(len(group) / math.ceil(len(group) / size))
            for first in range(0, len(group), even):
                # The last chunk is filled up: compilers that make a program for each size need no second one.
                members = group[np.minimum(np.arange(first, first + even), len(group) - 1)]
                chunk = members, self.plan.indices(members)
                nbytes += sum(index.nbytes for index in chunk[1])
                made = [*made, chunk] if nbytes < _INDEX_BYTES else []
                yield chunk
        if nbytes < _INDEX_BYTES:
            self._chunks = {size: made}

    def _chunk(self) -> int:
        """Return how many copies to run at a time."""
        each = max(self.plan.bytes_each, 1)
        fitting = int(0.25 * backend.free_memory() / each)
        return max(1, min(_LARGEST_CHUNK, max(8, _CHUNK_BYTES // each), fitting))


def incremental(scorer: MaskedScorer, windows: Windows, *, worth_it: float = _WORTH_IT) -> Incremental | None:
    """Return what runs these windows, made once for a model and a size; None where full passes are as good.

    Parameters
    ----------
    scorer : MaskedScorer
    windows : Windows
    worth_it : float
        How many times less work it must be.
    """
    subject = scorer.classifier
    if scorer.inputs.ndim != 4 or not isinstance(subject, Classifier):  # no height and width, or no row of scores
        return None
    model, shape = subject.model, scorer.inputs.shape[1:]

    def build() -> Incremental | None:
        plan = make_box_plan(model, shape, windows, several=_takes_any_size())
        return None if plan is None else _compiled(plan, scorer)

    key = ("incremental", scorer.output, subject.reading(), shape, windows.patch, windows.stride)
    made: Incremental | None = store_of(model).get_or_build(key, build) if scorer.scalar.lasting else build()
    return made if made is not None and made.plan.saving >= worth_it else None


def _takes_any_size() -> bool:
    """Tell whether boxes of another size cost no new compilation."""
    return backend.name() != "jax" and backend.device().kind == "cpu"


def _compiled(plan: BoxPlan, scorer: MaskedScorer) -> Incremental:
    """Compile the two functions of a plan, to be run by one thread at a time."""
    variables, lock = plan.program.variables, store_of(scorer.classifier.model).lock

    def locked(function: Callable[..., Any], *, any_size: bool) -> Callable[..., Any]:
        run = backend.compile(function, variables, any_size=any_size)

        def call(*arrays: Any) -> Any:
            with lock:
                return run(*arrays)

        return call

    finish, of = scorer.classifier.output_transform(scorer.output), scorer.scalar.of
    keep, score = _keeping(plan, finish, of), _scoring(plan, finish, of)
    return Incremental(plan, locked(keep, any_size=False), locked(score, any_size=_takes_any_size()))


def _keeping(plan: BoxPlan, finish: Callable[[Any], Any], of: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return the function from a picture to its score and the activations that are kept of it."""
    kept, (output,) = plan.kept, plan.program.outputs

    def keep(x: Any, rows: Any) -> Any:
        values = plan.program.start(x)
        for step in plan.program.needed((*kept, output)):
            step.run(values)
        return of(finish(values[output]), rows), [values[slot] for slot in kept]

    return keep


def _scoring(plan: BoxPlan, finish: Callable[[Any], Any], of: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Return the function that runs the plan on some copies."""
    (start,), (output,) = plan.program.inputs, plan.program.outputs
    slots = plan.kept

    def score(fill: Any, rows: Any, kept: Any, indices: Any) -> Any:
        base, following = dict(zip(slots, kept, strict=True)), iter(indices)
        pixels = keras.ops.reshape(fill, (-1, fill.shape[-1]))
        values = {start: keras.ops.take(pixels, next(following), axis=0)}
        for action in plan.actions:
            _act(action, values, base, following)
        return of(finish(values[output]), rows)

    return score


def _act(action: Action, values: dict[int, Any], base: dict[int, Any], following: Iterator[Any]) -> None:
    """Run one action on the copies' boxes."""
    read = {one.slot: _gather(one, base[one.slot], values[one.slot], next(following)) for one in action.gathers}
    if action.geometry is not None:
        made = action.geometry.run(*read.values())
        values[action.step.outputs[0]] = made if action.geometry.correction is None else made * next(following)
        return
    if action.made is None:
        values.update(read)  # whole from now on
    given = {slot: read.get(slot, values.get(slot)) for slot in action.step.inputs}
    action.step.run(given)
    values.update({slot: given[slot] for slot in action.step.outputs})


def _gather(gather: Gather, kept: Any, changed: Any, index: Any) -> Any:
    """Read boxes (B, h, w, C): padding, kept and changed places lie in one table, and are taken from it in one go."""
    channels = kept.shape[-1]
    pad = keras.ops.full((1, channels), 0.0 if gather.geometry is None else gather.geometry.pad, dtype=kept.dtype)
    flat = [keras.ops.reshape(part, (-1, channels)) for part in (kept, changed)]
    read = keras.ops.take(keras.ops.concatenate([pad, *flat], axis=0), index, axis=0)
    return read if gather.wanted is not None else keras.ops.reshape(read, (-1, *gather.changed.whole, channels))
