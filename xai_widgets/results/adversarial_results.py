"""Results of attacks: adversarial examples, the smallest epsilon, accuracy against epsilon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.i18n import message
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.recipe import caption_of
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.models.outputs.predictions import Predictions
    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class AdversarialResult:
    """N inputs before and after an attack.

    Attributes
    ----------
    original : ndarray of float32, shape (N, ...)
        The inputs, in the input space of the model.
    adversarial : ndarray of float32, shape (N, ...)
        The perturbed inputs, in the input space of the model.
    perturbation : ndarray of float32, shape (N, ...)
        ``adversarial - original``, after clipping and masking.
    direction : ndarray of float32, shape (N, ...), or None
        The step for epsilon 1, before clipping: the sign of the gradient (L-infinity) or the unit gradient (L2). None
        for attacks of several steps.
    before : Predictions
        The predictions for `original`.
    after : Predictions
        The predictions for `adversarial`.
    epsilon : ndarray of float32, shape (N,)
        The largest norm of the perturbation that was allowed, in units of the input space of the model.
    target : ndarray of int64, shape (N,)
        The class whose score is reduced, or increased in a targeted attack.
    targeted : bool
        Whether the attack is targeted.
    recipe : Recipe
        The attack and the options that reproduce the result.
    pictures : pair of ndarray of float32, shape (N, H, W, 3), or None
        `original` and `adversarial` as pictures, 0..1; None if the inputs are not pictures.
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
        """The difference ``adversarial - original``, after clipping and masking."""
        return self.adversarial - self.original

    @property
    def success(self) -> NDArray[np.bool_]:
        """Whether each attack succeeded: another class than `target`, or `target` if targeted; shape (N,)."""
        reached: NDArray[np.bool_] = (self.after.classes == self.target) == self.targeted
        return reached

    def figure(self, count: int = 6) -> Figure:
        """Draw three panels for each picture: the original, the magnified perturbation, the adversarial picture.

        Parameters
        ----------
        count : int, default 6
            How many pictures are drawn, from the first on, at most 100; the figure says so if there are more.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, with the predictions above the pictures.

        Raises
        ------
        ValueError
            If the inputs are not pictures, or `count` is not from 1 to 100.
        """
        from xai_widgets.plots.adversarial_figures import adversarial_figure

        if self.pictures is None:
            msg = f"inputs of shape {self.original.shape} are not pictures; use .perturbation, .before and .after"
            raise ValueError(msg)
        tops = [[(best[0].label, best[0].probability) for best in one.top(1)] for one in (self.before, self.after)]
        return adversarial_figure(*self.pictures, tops[0], tops[1], caption=caption_of(self.recipe), count=count)

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of inputs."""
        return len(self.original)

    def __repr__(self) -> str:
        """Return the number of successful attacks and the recipe."""
        return f"AdversarialResult({int(self.success.sum())} of {len(self)} succeeded: {self.recipe})"

    def _repr_png_(self) -> bytes | None:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure()) if self.pictures is not None else None


@dataclass(frozen=True, eq=False)
class MinimalEpsilon:
    """The smallest epsilon at which an attack succeeds, for N inputs.

    Attributes
    ----------
    epsilon : ndarray of float64, shape (N,)
        In units of the input space of the model: 0 if the attack succeeds without a perturbation, infinity if it fails
        for every epsilon up to the maximum.
    adversarial : ndarray of float32, shape (N, ...)
        The inputs perturbed by that epsilon; the original ones where it is infinite.
    after : Predictions
        The predictions for `adversarial`.
    tolerance : float
        The true value is in ``(epsilon - tolerance, epsilon]``.
    recipe : Recipe
        The attack and the options that reproduce the result.
    """

    epsilon: NDArray[np.float64]
    adversarial: NDArray[np.float32]
    after: Predictions
    tolerance: float
    recipe: Recipe

    def figure(self) -> Figure:
        """Draw the smallest epsilon of each input; those that no epsilon changes have no bar."""
        from xai_widgets.plots.bar_figures import bars_figure

        panel = {self.recipe.method: (self.recipe.target, self.epsilon)}
        return bars_figure(panel, message("evaluation.smallest_epsilon"), caption_of(self.recipe))

    show = shown(figure)

    def __len__(self) -> int:
        """Return the number of inputs."""
        return len(self.epsilon)

    def __repr__(self) -> str:
        """Return the values of the first inputs and the recipe."""
        first = ", ".join(f"{value:.4g}" for value in self.epsilon[:8])
        return f"MinimalEpsilon([{first}{', ...' if len(self) > 8 else ''}], {self.recipe})"


@dataclass(frozen=True, eq=False)
class RobustnessCurve:
    """Accuracy of a model under attack, against epsilon.

    Attributes
    ----------
    epsilons : ndarray of float64, shape (E,)
        Sizes of the perturbation, in units of the input space of the model.
    accuracy : ndarray of float64, shape (E,)
        Share of the images that are classified correctly under the attack, 0 to 1.
    count : int
        Number of images.
    recipe : Recipe
        The attack and the options that reproduce the result.
    """

    epsilons: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    count: int
    recipe: Recipe

    @property
    def error(self) -> NDArray[np.float64]:
        """The error rate ``1 - accuracy``, shape (E,)."""
        return 1 - self.accuracy

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """Standard error of the accuracy (binomial), shape (E,)."""
        spread: NDArray[np.float64] = np.sqrt(self.accuracy * (1 - self.accuracy) / self.count)
        return spread

    def figure(self) -> Figure:
        """Return a matplotlib figure of the accuracy against epsilon, with a band of two standard errors."""
        from xai_widgets.plots.adversarial_figures import robustness_figure

        return robustness_figure(self.epsilons, self.accuracy, self.standard_error, caption=caption_of(self.recipe))

    show = shown(figure)

    def __repr__(self) -> str:
        """Return a table of epsilon and error rate."""
        rows = [f"  {epsilon:8.4g}  {error:7.1%}" for epsilon, error in zip(self.epsilons, self.error, strict=True)]
        return "\n".join([f"RobustnessCurve({self.count} images, {self.recipe})", "   epsilon    error", *rows])

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())
