"""What attacks answer: the adversarial examples, the smallest epsilon, accuracy against epsilon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.results.attribution import figure_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.models.predictions import Predictions
    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class AdversarialResult:
    """N inputs before and after an attack.

    Attributes
    ----------
    original, adversarial : (N, ...) float32 arrays
        In the model's input space.
    perturbation : (N, ...) float32 array
        ``adversarial - original``, after clipping and masking.
    direction : (N, ...) float32 array
        The step for epsilon 1, before clipping: sign of the gradient (L-infinity) or the unit gradient (L2). None for
        attacks of several steps.
    before, after : Predictions
    epsilon : (N,) float32 array
        Size of the perturbation allowed, in units of the model's input space.
    target : (N,) int array
        The class whose score falls (or rises, if targeted).
    targeted : bool
    recipe : Recipe
    pictures : pair of (N, H, W, 3) float32 arrays, or None
        Both in [0, 1] for display.
    """

    original: NDArray[np.float32]
    adversarial: NDArray[np.float32]
    before: Predictions
    after: Predictions
    epsilon: NDArray[np.float32]
    target: NDArray[np.int64]
    targeted: bool
    recipe: Recipe
    direction: NDArray[np.float32] | None = None
    pictures: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None

    @property
    def perturbation(self) -> NDArray[np.float32]:
        """What was added, after clipping and masking."""
        return self.adversarial - self.original

    @property
    def success(self) -> NDArray[np.bool_]:
        """Whether each attack reached its aim: the class left, or (targeted) the class taken; shape (N,)."""
        reached: NDArray[np.bool_] = (self.after.classes == self.target) == self.targeted
        return reached

    def show(self) -> Figure:
        """Draw the three panels of the slide for each picture: x, the perturbation magnified, x adversarial.

        Raises
        ------
        ValueError
            If the inputs are not pictures.
        """
        from xai_widgets.plots.adversarial import adversarial_figure

        if self.pictures is None:
            msg = f"inputs of shape {self.original.shape} are not pictures; use .perturbation, .before and .after"
            raise ValueError(msg)
        tops = [[(best[0].label, best[0].probability) for best in one.top(1)] for one in (self.before, self.after)]
        return adversarial_figure(*self.pictures, tops[0], tops[1], caption=str(self.recipe))

    def __len__(self) -> int:
        """Count the inputs."""
        return len(self.original)

    def __repr__(self) -> str:
        """How many attacks reached their aim, and the recipe."""
        return f"AdversarialResult({int(self.success.sum())} of {len(self)} succeeded: {self.recipe})"

    def _repr_png_(self) -> bytes | None:
        """Draw itself in a notebook."""
        return figure_png(self.show()) if self.pictures is not None else None


@dataclass(frozen=True, eq=False)
class MinimalEpsilon:
    """The smallest epsilon at which an attack reaches its aim, for N inputs.

    Attributes
    ----------
    epsilon : (N,) float64 array
        In units of the model's input space; 0 where the aim is met without an attack, infinity where no epsilon up to
        the maximum does it.
    adversarial : (N, ...) float32 array
        The inputs at that epsilon; the original ones where it is infinite.
    after : Predictions
        For `adversarial`.
    tolerance : float
        The true value lies in ``(epsilon - tolerance, epsilon]``.
    recipe : Recipe
    """

    epsilon: NDArray[np.float64]
    adversarial: NDArray[np.float32]
    after: Predictions
    tolerance: float
    recipe: Recipe

    def __len__(self) -> int:
        """Count the inputs."""
        return len(self.epsilon)

    def __repr__(self) -> str:
        """Write the values of the first inputs."""
        first = ", ".join(f"{value:.4g}" for value in self.epsilon[:8])
        return f"MinimalEpsilon([{first}{', ...' if len(self) > 8 else ''}], {self.recipe})"


@dataclass(frozen=True, eq=False)
class RobustnessCurve:
    """Accuracy of a model under attack, against epsilon.

    Attributes
    ----------
    epsilons : (E,) float64 array
    accuracy : (E,) float64 array
        Share of the images that are still classified rightly.
    count : int
        How many images it was measured on.
    recipe : Recipe
    """

    epsilons: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    count: int
    recipe: Recipe

    @property
    def error(self) -> NDArray[np.float64]:
        """``1 - accuracy``."""
        return 1 - self.accuracy

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """How far the accuracy of such a sample strays by chance (binomial), shape (E,)."""
        spread: NDArray[np.float64] = np.sqrt(self.accuracy * (1 - self.accuracy) / self.count)
        return spread

    def show(self) -> Figure:
        """Draw accuracy against epsilon, with a band of two standard errors."""
        from xai_widgets.plots.adversarial import robustness_figure

        return robustness_figure(self.epsilons, self.accuracy, self.standard_error, caption=str(self.recipe))

    def __repr__(self) -> str:
        """Write a small table."""
        rows = [f"  {epsilon:8.4g}  {error:7.1%}" for epsilon, error in zip(self.epsilons, self.error, strict=True)]
        return "\n".join([f"RobustnessCurve({self.count} images, {self.recipe})", "   epsilon    error", *rows])

    def _repr_png_(self) -> bytes:
        """Draw itself in a notebook."""
        return figure_png(self.show())
