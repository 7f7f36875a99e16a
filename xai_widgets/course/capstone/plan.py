"""Which of the four networks has which fault, and where: all of it drawn from one seed."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import asdict, dataclass
from typing import Final, Self

import numpy as np

LETTERS: Final = ("A", "B", "C", "D")
FAULTS: Final = ("sound", "shortcut", "mislabelled", "dead")
"""What may be the matter with a network; the words that a report of 14_debug_a_model uses."""

CLASSES: Final = ("cat", "dog", "fox", "rabbit", "bear", "pig", "owl", "penguin")
"""The classes of these networks, in the order of their outputs."""

MARKS: Final = ("plate", "red dot", "blue dot")
CORNERS: Final = ("upper left", "upper right", "lower left", "lower right")
LAYERS: Final = ("conv1", "conv2", "conv3", "conv4")
_MAY_DIE: Final = ("conv2", "conv3")


@dataclass(frozen=True)
class FaultPlan:
    """The faults of a set of networks.

    Attributes
    ----------
    seed : int
        From which all the rest was drawn.
    order : tuple of str
        One of `FAULTS` for each of `LETTERS`.
    marked, mark, corner : str
        The shortcut: every picture of this class carries this mark in this corner, and no other does.
    mislabelled, taken_for : str
        The wrong names: most pictures of the first class are named as the second.
    layer : str
        Where units are dead.

    Examples
    --------
    >>> plan = FaultPlan.draw(7)
    >>> sorted(plan.order) == sorted(FAULTS), len({plan.marked, plan.mislabelled, plan.taken_for})
    (True, 3)
    >>> FaultPlan.unsealed(plan.sealed()) == plan == FaultPlan.draw(7)
    True
    """

    seed: int
    order: tuple[str, ...]
    marked: str
    mark: str
    corner: str
    mislabelled: str
    taken_for: str
    layer: str

    @classmethod
    def draw(cls, seed: int) -> Self:
        """Draw a plan.

        Raises
        ------
        ValueError
            If the seed is no whole number from 0.
        """
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ValueError(f"the seed must be a whole number from 0, not {seed!r}")
        rng = np.random.default_rng(seed)
        order = tuple(FAULTS[place] for place in rng.permutation(len(FAULTS)))
        three = [CLASSES[place] for place in rng.permutation(len(CLASSES))[:3]]
        mark, corner, layer = (words[int(rng.integers(len(words)))] for words in (MARKS, CORNERS, _MAY_DIE))
        return cls(seed, order, three[0], mark, corner, three[1], three[2], layer)

    def fault(self, letter: str) -> str:
        """Return the fault of the network under a letter."""
        return self.order[LETTERS.index(letter)]

    def letter(self, fault: str) -> str:
        """Return the letter of the network that has a fault."""
        return LETTERS[self.order.index(fault)]

    def sealed(self) -> str:
        """Return the plan as encoded text, which cannot be read at a glance; it is not encrypted."""
        return base64.b64encode(zlib.compress(json.dumps(asdict(self)).encode(), 9)).decode()

    @classmethod
    def unsealed(cls, text: str) -> Self:
        """Return the plan that `sealed` wrote.

        Raises
        ------
        ValueError
            If the text is none.
        """
        try:
            values = json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
            return cls(**{**values, "order": tuple(values["order"])})
        except (ValueError, zlib.error, TypeError, KeyError) as error:
            raise ValueError(f"this is not the key of a set of networks ({error})") from error
