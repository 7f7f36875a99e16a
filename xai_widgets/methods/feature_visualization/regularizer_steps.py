"""Ways to make a picture, from the plainest to the one that works, each seen beside the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xai_widgets.methods.feature_visualization.objectives import Objective, l2, total_variation
from xai_widgets.methods.feature_visualization.parameterizations import (
    CPPN,
    Fourier,
    Laplacian,
    Parameterisation,
    Pixels,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.methods.feature_visualization.transformations import Transformation


@dataclass(frozen=True)
class Way:
    """A parameterisation, with or without movements, and penalties.

    Attributes
    ----------
    parameterisation : Parameterisation
    moved : bool
        Whether the picture is moved before each look.
    l2, total_variation : float
        Weights of the penalties, as shares: 1 takes away as much as a score of `unit` gives.
    """

    parameterisation: Parameterisation
    moved: bool = True
    l2: float = 0.0
    total_variation: float = 0.0

    def options(self) -> dict[str, Any]:
        """Return the options of `activation_maximization` that stand for this way."""
        moves: Sequence[Transformation] | None = None if self.moved else ()
        return {"parameterisation": self.parameterisation, "transformations": moves}

    def objective(self, wanted: Objective, unit: float = 1.0) -> Objective:
        """Take the penalties away from an objective.

        Parameters
        ----------
        wanted : Objective
        unit : float
            A score of the size that the objective reaches: what the penalties are measured by.
        """
        for weight, penalty in ((self.l2, l2()), (self.total_variation, total_variation())):
            if weight:
                wanted = wanted - (weight * unit) * penalty
        return wanted


_PLAIN = Pixels(colour="rgb")
WAYS: dict[str, Way] = {
    "pixels": Way(_PLAIN, moved=False),
    "l2": Way(Pixels(colour="rgb", deviation=0.0), moved=False, l2=100.0),
    "total_variation": Way(_PLAIN, moved=False, total_variation=40.0),
    "moved": Way(_PLAIN),
    "fourier": Way(Fourier(colour="rgb")),
    "decorrelated": Way(Fourier()),
    "laplacian": Way(Laplacian()),
    "cppn": Way(CPPN()),
    "alpha": Way(Fourier(alpha=True)),
}
"""``"pixels"`` and nothing else; with the penalty of Simonyan, Vedaldi and Zisserman (2013), ``"l2"``, from grey; with
one on roughness (Mahendran and Vedaldi 2015); pixels of pictures that are moved; Fourier coefficients, and those of
independent colours, which is what `activation_maximization` does unless told otherwise; a pyramid; a network."""
