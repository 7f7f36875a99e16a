"""The plan of an incremental run: which boxes each layer of a network works on, and where they are read from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.models.graph.box_propagation import Box, ChangedRegion, union
from xai_widgets.models.graph.computation_steps import NoGraphError, Program, Step, read_program
from xai_widgets.models.graph.final_activations import drop_activations
from xai_widgets.models.graph.layer_geometry import LayerGeometry, is_pointwise, layer_geometry

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from xai_widgets.methods.attribution.perturbation.windows import Windows

_NEARLY_WHOLE = 0.75  # of a map: from here on, cutting out and putting in cost more than they save
_WRITTEN, _READ = 4, 8  # what writing a value costs, and gathering one, in multiplications
# Windows near the border reach less. Those at a like distance are run together; here is what "near" may mean, as shares
# of the picture, from one group to sixteen.
_BORDERS = ((), (1 / 16,), (1 / 8,), (1 / 16, 1 / 5), (1 / 16, 1 / 8, 1 / 5))
_CALL = 2e8  # what one more call of the network costs, in multiplications


@dataclass(frozen=True, eq=False)
class Gather:
    """Read boxes from a map of which one part is kept and one part changed.

    Attributes
    ----------
    slot : int
        Of the map.
    changed : ChangedRegion
        What of it was computed anew.
    wanted : ChangedRegion or None
        What is read, or None for the whole map.
    geometry : LayerGeometry or None
        The layer that reads with a margin, if it does.
    """

    slot: int
    changed: ChangedRegion
    wanted: ChangedRegion | None = None
    geometry: LayerGeometry | None = None

    def box(self, members: Any) -> Box:
        """Return the boxes that are read for some of the occluders."""
        if self.wanted is None:
            return Box(np.zeros((len(self.changed.first[members]), 2), "int64"), self.changed.whole)
        made = self.wanted.boxes(members)
        return made if self.geometry is None else made.read_by(self.geometry.window)

    def index(self, members: Any) -> NDArray[np.int32]:
        """Return numbers of what is read, (B, h, w): 0 is the padding, then come the kept map and the changed boxes."""
        box, patch, whole = self.box(members), self.changed.boxes(members), self.changed.whole
        number, inside = box.index(whole)
        within, hit = Box(box.origins - patch.origins, box.size).index(patch.size)
        begin = 1 + math.prod(whole) + np.arange(len(number)).reshape(-1, 1, 1) * math.prod(patch.size)
        return np.where(hit, begin + within, np.where(inside, 1 + number, 0)).astype("int32")


@dataclass(frozen=True, eq=False)
class Action:
    """One step as it is run on boxes or on whole maps.

    Attributes
    ----------
    step : Step
    gathers : tuple of Gather
        What is read before.
    made : ChangedRegion or None
        What it computes; None for whole maps.
    geometry : LayerGeometry or None
        None where the step runs as it is.
    """

    step: Step
    gathers: tuple[Gather, ...]
    made: ChangedRegion | None = None
    geometry: LayerGeometry | None = None

    def correction(self, members: Any) -> NDArray[np.float32] | None:
        """Return what the result is multiplied with, (B, h, w, 1); None for nothing."""
        if self.geometry is None or self.geometry.correction is None or self.made is None:
            return None
        number, _ = self.made.boxes(members).index(self.made.whole)
        factors: NDArray[np.float32] = self.geometry.correction.ravel()[number][..., np.newaxis].astype("float32")
        return factors


@dataclass(eq=False)
class BoxPlan:
    """How a network is run on the occluded copies of pictures of one size.

    Attributes
    ----------
    program : Program
    windows : ChangedRegion
        The occluders.
    actions : list of Action
    groups : list of (G,) int arrays
        Which occluders are run together.
    saving : float
        How many times less work it is than full passes.
    bytes_each : int
        Of activations, for one copy.
    """

    program: Program
    windows: ChangedRegion
    actions: list[Action] = field(default_factory=list)
    groups: list[NDArray[np.int64]] = field(default_factory=list)
    saving: float = 0.0
    bytes_each: int = 0

    @property
    def gathers(self) -> list[Gather]:
        """All that is read."""
        return [gather for action in self.actions for gather in action.gathers]

    @property
    def kept(self) -> list[int]:
        """The slots whose activations are needed of the picture that nothing hides."""
        return sorted({gather.slot for gather in self.gathers})

    def indices(self, members: Any) -> list[Any]:
        """Return the arrays that the run of some of the occluders needs: the fill's places, then in order of actions.

        For each action these are the index of each of its gathers, then its correction, if it has one.
        """
        fill, _ = self.windows.boxes(members).index(self.windows.whole)
        found: list[Any] = [fill.astype("int32")]
        for action in self.actions:
            found += [gather.index(members) for gather in action.gathers]
            factors = action.correction(members)
            found += [] if factors is None else [factors]
        return found

    def work(self, members: Any) -> tuple[float, float]:
        """Estimate, for one group of occluders, multiplications and values written for each."""
        multiplications, values = 0.0, 0.0
        for action in self.actions:
            places, channels, weights = _costs(self.program, action.step)
            made = places if action.made is None else math.prod(action.made.boxes(members).size)
            read = sum(
                math.prod(gather.box(members).size) * _sizes(self.program, gather.slot)[-1] for gather in action.gathers
            )
            multiplications += made * (weights + _WRITTEN * channels) + _READ * read
            values += made * channels + 2 * read
        return multiplications, values


def make_box_plan(
    model: keras.Model, shape: tuple[int, ...], windows: Windows, *, several: bool = True
) -> BoxPlan | None:
    """Plan the run of a model on pictures of shape (H, W, C); None where its graph is not seen or does not fit.

    `several` allows groups of windows whose boxes differ in size.

    Examples
    --------
    >>> import keras
    >>> from xai_widgets.methods.attribution.perturbation.windows import Windows
    >>> layers = [keras.layers.Conv2D(8, 3, activation="relu") for _ in range(4)]
    >>> net = keras.Sequential([keras.Input((64, 64, 3)), *layers, keras.layers.GlobalAveragePooling2D()])
    >>> plan = make_box_plan(net, (64, 64, 3), Windows.on((64, 64), 8, 8))
    >>> plan.saving > 5
    True
    """
    try:
        program = read_program(model)
    except NoGraphError:
        return None
    if len(program.inputs) != 1 or len(shape) != 3 or len(program.outputs) != 1:
        return None
    drop_activations(program)
    if any(None in sizes[1:] for sizes in program.shapes.values()):
        program.fix_shapes(shape)
    first = windows.starts.astype("int64")
    plan = BoxPlan(program, ChangedRegion(first, first + np.array(windows.patch) - 1, (shape[0], shape[1])))
    follower = _Follower(plan)
    for step in program.needed(program.outputs):
        plan.actions.append(follower.follow(step))
    if program.outputs[0] not in follower.whole:  # its outputs are maps, which no classifier gives
        return None
    _choose_groups(plan, several=several)
    return plan


class _Follower:
    """Follows the changed part through the steps."""

    def __init__(self, plan: BoxPlan) -> None:
        self.shapes = plan.program.shapes
        self.changed: dict[int, ChangedRegion] = {plan.program.inputs[0]: plan.windows}
        self.whole: set[int] = set()

    def follow(self, step: Step) -> Action:
        """Plan one step: on boxes if its rule is known and they are still small, else on whole maps."""
        action = self._through_window(step) or self._combine(step)
        if action is not None and action.made is not None and action.made.share < _NEARLY_WHOLE:
            self.changed[step.outputs[0]] = action.made
            return action
        expanded = [slot for slot in dict.fromkeys(step.inputs) if slot in self.changed and slot not in self.whole]
        self.whole.update((*expanded, *step.outputs))
        return Action(step, tuple(Gather(slot, self.changed[slot]) for slot in expanded))

    def _through_window(self, step: Step) -> Action | None:
        if len(step.inputs) != 1 or not self._are_boxes(step):
            return None
        (slot,) = step.inputs
        changed = self.changed[slot]
        rule = layer_geometry(step, changed.whole)
        if rule is None or min(rule.window.size) < 1:
            return None
        made = changed.through(rule.window)
        return Action(step, (Gather(slot, changed, made, rule),), made, rule)

    def _combine(self, step: Step) -> Action | None:
        if not self._are_boxes(step) or not is_pointwise(step):
            return None
        found = {slot: self.changed[slot] for slot in step.inputs}
        wholes = {reach.whole for reach in found.values()} | {tuple(self.shapes[step.outputs[0]][1:3])}
        if len(wholes) != 1:
            return None
        made = union(list(found.values()))
        gathers = (Gather(slot, reach, made) for slot, reach in found.items() if not reach.same(made))
        return Action(step, tuple(gathers), made)

    def _are_boxes(self, step: Step) -> bool:
        """Tell whether a step takes nothing but pictures of which boxes have changed, and gives one more."""
        boxes = all(slot in self.changed and slot not in self.whole for slot in step.inputs)
        return boxes and bool(step.inputs) and len(step.outputs) == 1 and len(self.shapes[step.outputs[0]]) == 4


def _choose_groups(plan: BoxPlan, *, several: bool) -> None:
    """Group the occluders by their distance from the border, as finely as it pays."""
    count, choices = len(plan.windows.first), []
    for borders in _BORDERS if several else ((),):
        groups = _by_distance(plan.windows, borders)
        costs = [(len(group), *plan.work(group)) for group in groups]
        total = sum(size * work for size, work, _ in costs) + _CALL * len(groups)
        choices.append((total, max(values for *_, values in costs), groups))
    work, values, plan.groups = min(choices, key=lambda choice: choice[0])
    full = sum(places * (weights + _WRITTEN * channels) for places, channels, weights in _all_costs(plan))
    plan.saving, plan.bytes_each = count * full / (work - _CALL * len(plan.groups)), int(4 * values)


def _all_costs(plan: BoxPlan) -> list[tuple[int, int, int]]:
    return [_costs(plan.program, action.step) for action in plan.actions]


def _costs(program: Program, step: Step) -> tuple[int, int, int]:
    """Return a step's places, channels, and multiplications at each place."""
    shape = _sizes(program, step.outputs[0])
    places, channels = (math.prod(shape[:-1]), shape[-1]) if len(shape) == 3 else (1, math.prod(shape))
    weights = [math.prod(one.shape) for one in getattr(step.operation, "weights", []) if len(one.shape) > 1]
    return places, channels, sum(weights)


def _sizes(program: Program, slot: int) -> tuple[int, ...]:
    """Return the shape of what a slot holds for one copy."""
    return tuple(int(size or 1) for size in program.shapes[slot][1:])


def _by_distance(windows: ChangedRegion, borders: tuple[float, ...]) -> list[NDArray[np.int64]]:
    """Put together the windows whose distances from the border are alike, along both axes."""
    whole = np.array(windows.whole)
    distance = np.minimum(windows.first, whole - 1 - windows.last)
    classes = sum((distance >= border * whole).astype("int64") for border in borders) + np.zeros_like(distance)
    _, member = np.unique(classes, axis=0, return_inverse=True)
    return [np.flatnonzero(member.ravel() == group) for group in range(member.max() + 1)]
