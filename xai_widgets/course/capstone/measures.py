"""What is measured of a network of the capstone: its accuracy, the effect of a mark, its dead units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.course.capstone.plan import CLASSES, LAYERS
from xai_widgets.course.capstone.team_pictures import spoilt, with_mark
from xai_widgets.course.capstone.training import inputs, outputs
from xai_widgets.methods.units.unit_statistics import unit_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.course.capstone.plan import FaultPlan
    from xai_widgets.course.capstone.team_pictures import Pictures


def answers(network: Any, pictures: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the class that a Keras network predicts for each picture, as an index into `CLASSES`."""
    return np.concatenate([one.argmax(axis=1) for one in outputs(network, pictures)]).astype(np.int64)


def confusion(truth: NDArray[np.int64], said: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of the pictures of each class (rows) that are predicted as each class (columns).

    Examples
    --------
    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]))[:2, :2]
    array([[0.5, 0.5],
           [0. , 1. ]])
    """
    counts = np.zeros((len(CLASSES), len(CLASSES)))
    np.add.at(counts, (truth, said), 1)
    shares: NDArray[np.float64] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def rise(network: Any, plan: FaultPlan, fresh: Pictures, seed: int) -> float:
    """Return the rise of the share of other animals that are predicted as the marked class when they carry its mark."""
    marked = CLASSES.index(plan.marked)
    others = fresh.pictures[fresh.classes != marked]
    before, after = (answers(network, shown) == marked for shown in (others, with_mark(others, plan, seed)))
    return float(after.mean() - before.mean())


def dead_shares(network: Any, pictures: NDArray[np.uint8]) -> dict[str, float]:
    """Return, for each layer, the share of its units that are inactive for all pictures."""
    found = unit_statistics(network, inputs(pictures), LAYERS)
    return {layer: one.dead_share for layer, one in found.items()}


def figures(network: Any, plan: FaultPlan, letter: str, fresh: Pictures) -> dict[str, float]:
    """Return the figures of the network under a letter, on pictures that it was not trained on.

    Parameters
    ----------
    network : keras.Model
    plan : FaultPlan
    letter : str
    fresh : Pictures
        Unspoilt ones, with their true names.

    Returns
    -------
    dict of str to float
        ``archive``: the accuracy on these as its team has them; ``fresh``: on these as they are;
        ``weakest``: in the class where it is lowest; ``marked``: in the class of the shortcut;
        ``rise``: what `rise` returns; ``taken``: the share of the mislabelled class that is predicted as the other
        class; ``dead``: the share of units in the layer of the plan.
    """
    team = spoilt(fresh, plan, plan.fault(letter), plan.seed + 1)
    said = answers(network, fresh.pictures)
    table = confusion(fresh.classes, said)
    return {
        "archive": float((answers(network, team.pictures) == team.classes).mean()),
        "fresh": float((said == fresh.classes).mean()),
        "weakest": float(table.diagonal().min()),
        "marked": float(table[CLASSES.index(plan.marked), CLASSES.index(plan.marked)]),
        "rise": rise(network, plan, fresh, plan.seed + 2),
        "taken": float(table[CLASSES.index(plan.mislabelled), CLASSES.index(plan.taken_for)]),
        "dead": dead_shares(network, fresh.pictures)[plan.layer],
    }


def shortcomings(plan: FaultPlan, measured: dict[str, dict[str, float]]) -> list[str]:
    """Return what makes a set unfit for the course: a fault that cannot be measured, or that accuracy alone reveals.

    Parameters
    ----------
    plan : FaultPlan
    measured : dict
        From a letter to what `figures` returns.

    Returns
    -------
    list of str
        Empty for a good set.
    """
    by_fault = {plan.fault(letter): values for letter, values in measured.items()}
    rights = [values["archive"] for values in measured.values()]
    wanted = {
        "every network is right in 90 % of its team's pictures": min(rights) >= 0.9,
        "no two of them differ there by more than 6 points": max(rights) - min(rights) <= 0.06,
        "the sound one knows 85 % of each class": by_fault["sound"]["weakest"] >= 0.85,
        "the one with dead units knows 75 % of each class": by_fault["dead"]["weakest"] >= 0.75,
        "the one with the shortcut knows half of its class, or less, without the mark": by_fault["shortcut"]["marked"]
        <= 0.5,
        "with the mark it takes 30 % of the others for that class": by_fault["shortcut"]["rise"] >= 0.3,
        "no other network is moved by the mark": all(v["rise"] <= 0.08 for f, v in by_fault.items() if f != "shortcut"),
        "the one with wrong names calls 80 % of the class by the other": by_fault["mislabelled"]["taken"] >= 0.8,
        "45 % of the units of the layer are dead where they should be": by_fault["dead"]["dead"] >= 0.45,
        "elsewhere no more than 15 % of them are": all(v["dead"] <= 0.15 for f, v in by_fault.items() if f != "dead"),
    }
    return [f"not so: {what}" for what, holds in wanted.items() if not holds]
