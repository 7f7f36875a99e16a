"""What the lab on toy nets computes: what a tiny net and every method answer at one point, and along a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.warning import without_doubts
from xai_widgets.methods.attribution.backpropagation.deep_lift import deep_lift
from xai_widgets.methods.attribution.backpropagation.lrp import lrp
from xai_widgets.methods.attribution.gradients.integrated_gradients import integrated_gradients
from xai_widgets.methods.attribution.gradients.saliency import gradient_times_input, saliency
from xai_widgets.methods.attribution.perturbation.occlusion import occlusion
from xai_widgets.models.toy_networks import saturating_net, threshold_net

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    Method = Callable[[Any, Any], Any]

# Each as the package has it, from the input 0 where a method needs a reference.
METHODS: dict[str, Method] = {
    "gradient": lambda net, x: saliency(net, x, 0),
    "gradient_times_input": lambda net, x: gradient_times_input(net, x, 0),
    "integrated_gradients": lambda net, x: integrated_gradients(
        net, x, 0, baseline=0, steps=1000, quadrature="riemann_mid"
    ),
    "deep_lift": lambda net, x: deep_lift(net, x, 0, baseline=0),
    "lrp": lambda net, x: lrp(net, x, 0, rule="epsilon"),
    "occlusion": lambda net, x: occlusion(net, x, 0, baseline=0),
}
_ENOUGH = 0.01  # of the rise: a sum this near to it counts as the whole


@dataclass(frozen=True)
class Toy:
    """One net of the lab.

    Attributes
    ----------
    make : callable
    inputs : tuple of str
        The traits that hold its inputs, the one along the curve first.
    names : tuple of str
        How they are written.
    end, step : float
        The inputs go from 0 to here by this.
    """

    make: Callable[[], keras.Model]
    inputs: tuple[str, ...]
    names: tuple[str, ...]
    end: float
    step: float

    @property
    def line(self) -> NDArray[np.float64]:
        """The places of the curve."""
        return np.asarray(np.arange(round(self.end / self.step) + 1) * self.step, np.float64)


TOYS = {
    "saturation": Toy(saturating_net, ("i1", "i2"), ("i₁", "i₂"), 2.0, 0.05),
    "discontinuity": Toy(threshold_net, ("x",), ("x",), 20.0, 0.1),
}


@dataclass(frozen=True, eq=False)
class Answers:
    """What the net and all methods say at one point, and along the line through it.

    Attributes
    ----------
    output : float
    rise : float
        By how much the output is above that of the input 0.
    values : dict of (F,) arrays
        By method, for each input.
    line : (L,) array
        The output along the first input.
    along : (L,) array
        What the chosen method gives the first input there.
    """

    output: float
    rise: float
    values: dict[str, NDArray[np.float32]]
    line: NDArray[np.float32]
    along: NDArray[np.float32]

    def gives_the_rise(self, method: str) -> bool:
        """Tell whether a method's values sum to the rise."""
        return abs(float(self.values[method].sum()) - self.rise) <= _ENOUGH * (abs(self.rise) + 0.5)


def answers(net: keras.Model, toy: Toy, point: tuple[float, ...], chosen: str) -> Answers:
    """Return the answers of the net and of all methods at a point, and of the chosen method along the line through it.

    Examples
    --------
    >>> toy = TOYS["saturation"]
    >>> found = answers(toy.make(), toy, (1.0, 1.0), "lrp")
    >>> found.rise, found.values["gradient"].tolist(), found.values["deep_lift"].tolist()
    (1.0, [0.0, 0.0], [0.5, 0.5])
    """
    ends = np.array([point, np.zeros(len(point))], "float32")
    with without_doubts():  # that some methods fail here is what the lab shows
        found = {name: method(net, ends) for name, method in METHODS.items()}
        line = METHODS[chosen](net, np.array([(along, *point[1:]) for along in toy.line], "float32"))
    output, start = next(iter(found.values())).score.tolist()
    values = {name: one.values[0] for name, one in found.items()}
    return Answers(output, output - start, values, line.score, line.values[:, 0])
