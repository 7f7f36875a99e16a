"""Make a set of networks from a seed: ``python -m xai_widgets.course capstone FOLDER --seed 7``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from xai_widgets.course.capstone.measures import figures, shortcomings
from xai_widgets.course.capstone.plan import LETTERS, FaultPlan
from xai_widgets.course.capstone.suspects import write_set
from xai_widgets.course.capstone.team_pictures import fresh_pictures
from xai_widgets.course.capstone.training import COUNT, EPOCHS, train_networks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_TESTED: Final = 800  # pictures behind the figures


def make_set(
    folder: Path,
    seed: int,
    *,
    count: int = COUNT,
    epochs: int = EPOCHS,
    save: Callable[[Any, Path], object] = lambda network, path: network.save(path),
    report: Callable[[str], object] = print,
    licence: str = "",
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Train the four networks of a seed, measure them, write them.

    Parameters
    ----------
    folder : Path
        Gets ``A.keras`` to ``D.keras`` and ``set.toml``.
    seed : int
        From which the faults, their details and their order are drawn.
    count, epochs : int
        How many drawings to learn from, and how often.
    save : callable
        Writes a network to a path.
    report : callable
        Gets a line of text at each step.
    licence : str
        Of the weights, if they are to be handed on.

    Returns
    -------
    measured : dict of str to dict
        The figures of the network of each *fault*, not by letter: they may be shown without telling which is which.
    shortcomings : list of str
        What makes the set unfit for the course; empty if it is fit.
    """
    plan = FaultPlan.draw(seed)
    networks = train_networks(plan, count=count, epochs=epochs, report=report)
    fresh = fresh_pictures(_TESTED, (seed, 2))  # not one of the training pictures
    measured = {letter: figures(networks[letter], plan, letter, fresh) for letter in LETTERS}
    write_set(folder, plan, networks, measured, save=save, licence=licence)
    return {plan.fault(letter): values for letter, values in measured.items()}, shortcomings(plan, measured)
