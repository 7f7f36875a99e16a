"""Which layers of a graph have maps: for each convolution, the last layer before the next one; and the usual choice."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import keras

from xai_widgets.models.graph.each_step import inner_operation
from xai_widgets.models.graph.reading import passes_through

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xai_widgets.models.graph.computation_steps import Program, Step

# The kinds of layers that gather, drop or move features and compute no new ones.
_MOVING = ("Dropout", "Flatten", "Reshape", "Permute", "Identity", "Padding", "Cropping", "UpSampling", "Resiz")
_NO_FEATURES = ("Pool", *_MOVING)
# What may come between the scores of a dense prediction and the output, beside layers that move values.
_AFTER_SCORES = ("Activation", "Softmax", "Sigmoid", "Concatenate", "Cast", "Transpose", "Squeeze", "GetItem")
_RANKS = (4, 5, 3)  # of pictures, of volumes and films, of sequences: the batch and channels are counted
_TRIED_SIZE = 256  # of an axis that the model leaves free: it can be halved eight times
_NAMED = 6  # layers in a message


class _Candidate(NamedTuple):
    """A layer with maps: the path of one of its calls, and the slot that it makes."""

    path: str
    slot: int


def default_layer(program: Program) -> str:
    """Return the path of the layer that methods which need maps read if none is named.

    For a network that gives a row of scores it is the last call, in the order of computation, whose output has places
    (a height and width above 1, for a picture) and channels, that comes from a convolution and leads to all outputs,
    and that is no pooling, dropout or other layer that merely gathers or moves features: features at their most
    abstract, with places. So the activation after the last convolution and its batch normalisation is taken, the sum
    at the end of a residual net, ``block5_conv3`` (its ReLU fused) and not ``block5_pool`` in VGG16.

    For a network that gives scores at each place, such as a U-Net, it is the bottleneck: among these layers the last
    one with the fewest places. The layer that makes the scores themselves is never taken: its maps are the answer.

    Raises
    ------
    ValueError
        If there is no such layer, or the choice would be a guess; the message names layers to choose from. That is so
        if no convolution leads to the outputs, if most weights of the network come after the last convolution and act
        on tokens (N, T, C), as in a ViT or a Mixer, if scores are given at each place but no layer has fewer places,
        and if there are several outputs to which no layer leads in common.

    Examples
    --------
    >>> import keras
    >>> from xai_widgets.models.graph.computation_steps import read_program
    >>> layers = [keras.layers.Conv2D(4, 3, name="conv"), keras.layers.MaxPooling2D(), keras.layers.Flatten()]
    >>> default_layer(read_program(keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Dense(2)])))
    'conv'
    """
    scores = _scores_at_places(program)
    everything = _layers_of_convolutions(program, scores)
    found = _leading_to_all_outputs(program, [one for one in everything if one.slot not in scores])
    if scores:
        return _bottleneck(program, found, scores).path
    tokens = _tokens_after(program, found[-1].slot)
    if tokens:
        raise ValueError(
            f"{program.name!r} computes most of its answer from tokens (N, T, C), after {found[-1].path!r}, its last "
            f"layer with maps: no layer is a sensible choice. Name one, with upsample=False for one value per token: "
            f"{_listed(tokens)}; or layer={found[-1].path!r}"
        )
    return found[-1].path


def map_layers(program: Program) -> tuple[str, ...]:
    """Return for each convolution, in the order of computation, the last layer with maps before the next one.

    Layers that make the scores of a dense prediction are left out. Maps are those of pictures (N, h, w, C); where there
    are none, those of volumes and films (N, d, h, w, C), else of sequences (N, t, C).

    Raises
    ------
    ValueError
        If no convolution leads to the outputs.
    """
    scores = _scores_at_places(program)
    everything = _layers_of_convolutions(program, scores)
    return tuple(one.path for one in everything if one.slot not in scores) or tuple(one.path for one in everything)


def _layers_of_convolutions(program: Program, scores: dict[int, float]) -> list[_Candidate]:
    """Return the layers of `map_layers`; in a network that gives scores at each place, each of them at its own size."""
    needed = program.needed(program.outputs)
    convolved = program.downstream(slot for step in needed if _convolves(step) for slot in step.outputs)
    shapes = _shapes(program) if scores else program.shapes

    def replaces(step: Step, last: _Candidate) -> bool:
        resized = shapes[step.outputs[0]][1:-1] != shapes[last.slot][1:-1]
        return not _convolves(step) and not (scores and resized)

    rank, found = _rank(program), list[_Candidate]()
    for step in needed:
        if convolved.issuperset(step.outputs) and _has_maps(step, rank):
            if found and replaces(step, found[-1]):
                found.pop()
            found.append(_candidate(program, step))
    if found:
        return found
    others = [step for step in needed if any(_has_maps(step, rank) for rank in _RANKS)]
    named = f"layer=..., such as {_listed(_candidate(program, step).path for step in others)}" if others else ""
    advice = f"name a layer with maps: {named}" if others else "it has no layer with maps; saliency needs none"
    raise ValueError(f"no convolution leads to the outputs of {program.name!r}; {advice}")


def _rank(program: Program) -> int:
    """Return the number of axes of the maps of a network, the batch and channels counted; 0 if it has none."""
    needed = program.needed(program.outputs)
    ranks = {len(step.shapes[0]) for step in needed if _convolves(step) for rank in _RANKS if _has_maps(step, rank)}
    return next((rank for rank in _RANKS if rank in ranks), 0)


def _candidate(program: Program, step: Step) -> _Candidate:
    calls = program.made_by[step.path]
    path = step.path if len(calls) == 1 else f"{step.path}#{calls.index(step.outputs)}"
    return _Candidate(path, step.outputs[0])


def _listed(paths: Iterable[str]) -> str:
    """Name the last few layers."""
    return ", ".join(map(repr, list(paths)[-_NAMED:]))


def _convolves(step: Step) -> bool:
    """Tell whether a step is a convolution, or a layer of the reader's own or a wrapper that holds one."""
    operation = inner_operation(step.operation)
    layers = operation._flatten_layers() if isinstance(operation, keras.layers.Layer) else [operation]  # noqa: SLF001
    return any("Conv" in type(one).__name__ for one in layers)


def _has_maps(step: Step, rank: int) -> bool:
    """Tell whether a step gives one set of maps, at several places, and does more than gather or move them."""
    if len(step.shapes) != 1 or len(step.shapes[0]) != rank or set(step.shapes[0][1:-1]) == {1}:
        return False
    return not any(word in type(inner_operation(step.operation)).__name__ for word in _NO_FEATURES)


# Dense prediction


def _scores_at_places(program: Program) -> dict[int, float]:
    """Return the slots that hold scores at each place, and what follows them, with the number of their places.

    They lead to an output through nothing but activations and layers that move values. Empty for a network that gives
    rows of scores.
    """
    found: dict[int, float] = {}
    waiting = list(program.outputs)
    shapes = _shapes(program)
    while waiting:
        slot = waiting.pop()
        step = program.producer(slot)
        if slot in found or step is None:
            continue
        found[slot] = _places(shapes[slot])
        if _only_moves(step):
            waiting += step.inputs
    makers = [step for step in program.steps if found.keys() & set(step.outputs) and not _only_moves(step)]
    rank, placed = _rank(program), _with_places(program)
    dense = any(_has_maps(step, rank) and placed.issuperset(step.outputs) for step in makers)
    return found if dense else {}


def _with_places(program: Program) -> set[int]:
    """Return the slots whose places are those of maps: made by a convolution, or of such slots one after the other.

    Words that are written about a picture have places of their own: those that another input gives, or that were made
    after the maps had been pooled.
    """
    convolutions = [slot for step in program.steps if _convolves(step) for slot in step.outputs]
    beside = [one for one in program.inputs if not program.downstream([one]).intersection(convolutions)]
    other, found = program.downstream(beside), set[int]()
    for step in program.steps:
        several = any(len(shape) >= min(_RANKS) and set(shape[1:-1]) != {1} for shape in step.shapes[:1])
        from_maps = not other.intersection(step.outputs) and bool(found.intersection(step.inputs))
        if several and (_convolves(step) or from_maps):
            found.update(step.outputs)
    return found


def _only_moves(step: Step) -> bool:
    operation = inner_operation(step.operation)
    name = type(operation).__name__
    return passes_through(operation) or name in _AFTER_SCORES or any(word in name for word in _MOVING)


def _shapes(program: Program) -> dict[int, Any]:
    """Return the shapes of all slots, sizes that are free tried out; as they are where that cannot be done."""
    if not any(None in shape[1:] for shape in program.shapes.values()):
        return program.shapes
    given = [tuple(size or _TRIED_SIZE for size in program.shapes[slot][1:]) for slot in program.inputs]
    kept = dict(program.shapes)
    try:
        program.fix_shapes(*given)
        return dict(program.shapes)
    except Exception:  # noqa: BLE001  (whatever a layer does not take, sizes stay unknown)
        return kept
    finally:
        program.shapes.update(kept)


def _places(shape: tuple[int | None, ...]) -> float:
    return math.prod(math.inf if size is None else size for size in shape[1:-1])


def _bottleneck(program: Program, found: list[_Candidate], scores: dict[int, float]) -> _Candidate:
    """Return the last of the layers with the fewest places; refuse where none has fewer than the answer."""
    shapes = _shapes(program)
    fewest = min((_places(shapes[one.slot]) for one in found), default=math.inf)
    if not fewest < max(scores.values()):
        named = f"Name the layer to explain: {_listed(one.path for one in found)}" if found else "saliency needs none"
        raise ValueError(
            f"{program.name!r} gives scores at each place and has no layer with fewer places than these, so no layer "
            f"is a sensible choice. {named}"
        )
    return [one for one in found if _places(shapes[one.slot]) == fewest][-1]


# Several outputs, and tokens


def _leading_to_all_outputs(program: Program, found: list[_Candidate]) -> list[_Candidate]:
    """Return the layers that lead to all outputs to which any of them leads."""
    reached = {one: program.downstream([one.slot]).intersection(program.outputs) for one in found}
    together: set[int] = set().union(*reached.values())
    common = [one for one in found if reached[one] == together]
    if found and not common:
        raise ValueError(
            f"no layer of {program.name!r} leads to all of its outputs, so none is a sensible choice for each of them. "
            f"Name one that leads to what is explained: {_listed(one.path for one in found)}"
        )
    return common


def _tokens_after(program: Program, slot: int) -> list[str]:
    """Return the layers on tokens (N, T, C) made of the maps in a slot, if more weights act on these than before."""
    shape = program.shapes[slot]
    if len(shape) == min(_RANKS):
        return []  # a sequence: its places are tokens themselves
    before = program.needed([slot])
    beside = [one for one in program.inputs if slot not in program.downstream([one])]
    after, other = program.downstream([slot]), program.downstream(beside)
    tokens = [
        step
        for step in program.needed(program.outputs)
        if after.intersection(step.inputs)
        and not other.intersection(step.outputs)
        and any(len(one) == min(_RANKS) and not _fewer(one, shape) for one in step.shapes[:1])
    ]
    if sum(map(_kernels, tokens)) <= sum(map(_kernels, before)):
        return []
    features = [step for step in tokens if _has_maps(step, min(_RANKS))]
    between = [step for step in features if not _kernels(step)]  # sums and normalisations: what blocks take and give
    return [_candidate(program, step).path for step in between or features]


def _fewer(tokens: tuple[int | None, ...], maps: tuple[int | None, ...]) -> bool:
    """Tell whether there are fewer tokens than a quarter of the places of maps: those that were merged once count."""
    return _places(tokens) * 4 < _places(maps)


def _kernels(step: Step) -> int:
    """Count the weights of a step that mix channels or places."""
    return sum(len(one.shape) > 1 for one in getattr(step.operation, "weights", []))
