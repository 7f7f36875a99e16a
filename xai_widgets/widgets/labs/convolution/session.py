"""What the convolution lab computes: a filter, a ReLU, a max-pooling and weights, in Keras, forward and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np

from xai_widgets.methods.attribution.gradients.saliency import saliency

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

SHAPES = {"picture": (5, 5), "filter": (2, 2), "weights": (2, 2)}
PLACES = {"x": (5, 5), "z": (4, 4), "a": (4, 4), "p": (2, 2)}  # in the order of the way forward
POOL = 2

# The slides' feature map is what the ReLU makes of the z of these numbers.
PICTURE = ((4, 6, 3, 4, 2), (1, 2, 5, 0, 6), (3, 1, 3, 5, 0), (6, 0, 1, 3, 3), (3, 3, 0, 0, 4))
FILTER = ((2, 1), (-1, -2))
WEIGHTS = ((1, -1), (2, 1))


@dataclass(frozen=True, eq=False)
class Flow:
    """One pass forward and back.

    Attributes
    ----------
    made : mapping
        ``"z"`` (4, 4) after the filter, ``"a"`` (4, 4) after the ReLU, ``"p"`` (2, 2) after max-pooling.
    score : float
        The sum of p times the weights.
    back : mapping
        The derivative of the score at ``"p"``, ``"a"``, ``"z"`` and ``"x"``.
    switches : (4, 4) bool array
        Which a each window of the pooling took.
    """

    made: Mapping[str, NDArray[np.float32]]
    score: float
    back: Mapping[str, NDArray[np.float32]]
    switches: NDArray[np.bool_]


class PoolNet:
    """Score = sum of weights times maxpool(ReLU(picture * filter)), as a Keras model without biases.

    Examples
    --------
    >>> flow = PoolNet().run(PICTURE, FILTER, WEIGHTS)
    >>> flow.made["a"].tolist()[0]
    [9.0, 3.0, 5.0, 0.0]
    >>> flow.made["p"].tolist(), flow.score
    ([[9.0, 5.0], [3.0, 5.0]], 15.0)
    """

    def __init__(self) -> None:
        layers = keras.layers
        rest = [
            layers.Conv2D(1, SHAPES["filter"], use_bias=False, name="convolution"),
            layers.ReLU(name="relu"),
            layers.MaxPooling2D(POOL, name="pooling"),
        ]
        flatten, weigh = layers.Flatten(name="flatten"), layers.Dense(1, use_bias=False, name="score")
        self._from: dict[str, keras.Model] = {}
        for skipped, (place, shape) in enumerate(PLACES.items()):
            start = made = keras.Input((*shape, 1), name=place)
            for layer in rest[skipped:]:
                made = layer(made)
            self._from[place] = keras.Model(start, weigh(flatten(made)), name=f"from_{place}")
        self.model = self._from["x"]
        outputs = [self.model.get_layer(layer.name).output for layer in rest]
        self._forward = keras.Model(self.model.input, [*outputs, self.model.output])
        start = keras.Input((*PLACES["a"], 1))
        self._pooled = keras.Model(start, keras.ops.sum(rest[-1](start), axis=(1, 2)), name="pooled")

    def run(self, picture: ArrayLike, weights_of_filter: ArrayLike, weights: ArrayLike) -> Flow:
        """Run forward and back.

        Parameters
        ----------
        picture : (5, 5) array
        weights_of_filter : (2, 2) array
        weights : (2, 2) array
        """
        kernel = np.reshape(np.asarray(weights_of_filter, "float32"), (*SHAPES["filter"], 1, 1))
        self.model.set_weights([kernel, np.reshape(np.asarray(weights, "float32"), (-1, 1))])
        x = np.reshape(np.asarray(picture, "float32"), (1, *SHAPES["picture"], 1))
        *made, score = (keras.ops.convert_to_numpy(one) for one in self._forward(x))
        values = dict(zip(PLACES, [x, *made], strict=True))
        back = {place: _matrix(saliency(self._from[place], one, 0).values) for place, one in values.items()}
        switches = _matrix(saliency(self._pooled, values["a"], 0).values) > 0
        shown = {place: _matrix(values[place]) for place in ("z", "a", "p")}
        return Flow(shown, float(score[0, 0]), back, switches)


def _matrix(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the one channel of the one picture; no zero has a sign."""
    matrix: NDArray[np.float32] = values[0, ..., 0] + np.float32(0)
    return matrix
