"""What the backward stepper computes: one small ReLU network in Keras, and four ways back through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.attribution.backpropagation.deconvolution import deconvolution, guided_backprop
from xai_widgets.methods.attribution.backpropagation.lrp import lrp, relevance_by_layer
from xai_widgets.methods.attribution.gradients.saliency import saliency

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

RULES = ("gradient", "deconvolution", "guided_backprop", "lrp")
PLACES = ("a", "z", "x")  # in the order of the walk back
SHAPES = {"picture": (4, 4), "filter": (2, 2), "weights": (3, 3)}

# The slides' matrices: what comes to the ReLU, and what comes back to it. The picture and the filter are ours, so that
# their convolution is the slides' matrix.
PICTURE = ((3, 0, 2, 2), (3, 1, 1, 0), (1, 2, 3, 3), (1, 3, 1, 2))
FILTER = ((2, 1), (-1, -2))
WEIGHTS = ((-2, 3, -1), (6, -3, 1), (2, -1, 3))

_GRADIENTS = {"gradient": saliency, "deconvolution": deconvolution, "guided_backprop": guided_backprop}


@dataclass(frozen=True, eq=False)
class Passes:
    """One pass forward, and what each rule carries back.

    Attributes
    ----------
    z, a : (3, 3) arrays
        Before and after the ReLU.
    score : float
        The sum of a times the weights.
    back : mapping
        For each of `RULES`, the signal at ``"a"``, at ``"z"`` and at ``"x"``.
    lrp_error : float
        Relevance at the picture, summed, minus the score.
    """

    z: NDArray[np.float32]
    a: NDArray[np.float32]
    score: float
    back: Mapping[str, Mapping[str, NDArray[np.float32]]]
    lrp_error: float

    def stopped(self, rule: str) -> NDArray[np.bool_]:
        """Return where the ReLU's rule let nothing of a signal through."""
        signals = self.back[rule]
        stopped: NDArray[np.bool_] = (signals["a"] != 0) & (signals["z"] == 0)
        return stopped


class ReluNet:
    """Score = sum of weights times ReLU(picture * filter), as a Keras model without biases.

    The same layers make three models, which start at the picture, at z and at a: the methods run on them as they are.

    Examples
    --------
    >>> net = ReluNet()
    >>> passes = net.run(PICTURE, FILTER, WEIGHTS)
    >>> passes.score
    15.0
    >>> passes.back["guided_backprop"]["z"].tolist()
    [[0.0, 0.0, 0.0], [6.0, 0.0, 0.0], [0.0, 0.0, 3.0]]
    """

    def __init__(self) -> None:
        layers = keras.layers
        convolution = layers.Conv2D(1, SHAPES["filter"], use_bias=False, name="convolution")
        relu, flatten = layers.ReLU(name="relu"), layers.Flatten(name="flatten")
        weigh = layers.Dense(1, use_bias=False, name="score")
        x = keras.Input((*SHAPES["picture"], 1), name="x")
        z, a = (keras.Input((*SHAPES["weights"], 1), name=name) for name in ("z", "a"))
        self.model = keras.Model(x, weigh(flatten(relu(convolution(x)))), name="relu_net")
        self._from_z = keras.Model(z, weigh(flatten(relu(z))), name="from_z")
        self._from_a = keras.Model(a, weigh(flatten(a)), name="from_a")
        self._forward = keras.Model(x, [self.model.get_layer(name).output for name in ("convolution", "relu", "score")])

    def run(self, picture: ArrayLike, weights_of_filter: ArrayLike, weights: ArrayLike) -> Passes:
        """Run forward and back.

        Parameters
        ----------
        picture : (4, 4) array
        weights_of_filter : (2, 2) array
        weights : (3, 3) array
        """
        kernel = np.reshape(np.asarray(weights_of_filter, "float32"), (*SHAPES["filter"], 1, 1))
        self.model.set_weights([kernel, np.reshape(np.asarray(weights, "float32"), (-1, 1))])
        x = np.reshape(np.asarray(picture, "float32"), (1, *SHAPES["picture"], 1))
        z, a, score = (keras.ops.convert_to_numpy(made) for made in self._forward(x))
        at_a = _matrix(saliency(self._from_a, a, 0).values)  # above the ReLU the three rules are one
        back: dict[str, Mapping[str, NDArray[np.float32]]] = {
            rule: {
                "a": at_a,
                "z": _matrix(method(self._from_z, z, 0).values),
                "x": _matrix(method(self.model, x, 0).values),
            }
            for rule, method in _GRADIENTS.items()
        }
        relevance = relevance_by_layer(self.model, x, 0, rule="zero").values
        layers = {"a": "relu", "z": "convolution", "x": "input"}
        back["lrp"] = {place: _matrix(relevance[path]) for place, path in layers.items()}
        error: Any = lrp(self.model, x, 0, rule="zero").delta
        return Passes(_matrix(z), _matrix(a), float(score[0, 0]), back, float(error[0]))


def _matrix(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the one channel of the one picture; no zero has a sign."""
    matrix: NDArray[np.float32] = values[0, ..., 0] + np.float32(0)
    return matrix
