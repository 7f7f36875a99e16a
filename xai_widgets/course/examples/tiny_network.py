"""A tiny network with random weights, written twice: in NumPy, with its gradient by hand, and as a Keras model.

Exercises on gradients are checked against the NumPy one, so that a check does not depend on the code that it checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.models.kinds.classifier import Classifier

SHAPE = (6, 6, 1)
CLASSES = 4
HIDDEN = 12


@dataclass(frozen=True)
class TinyNet:
    """Softmax of a two-layer ReLU network without biases, on 6 x 6 grey pictures with values 0..1.

    Attributes
    ----------
    first : (36, 12) array
        Weights of the first layer.
    second : (12, 4) array
        Weights of the second.
    """

    first: NDArray[np.float64]
    second: NDArray[np.float64]

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Self:
        """Draw random weights."""
        first = rng.normal(size=(int(np.prod(SHAPE)), HIDDEN)) / np.sqrt(HIDDEN)
        return cls(first, rng.normal(size=(HIDDEN, CLASSES)))

    def pictures(self, rng: np.random.Generator, count: int) -> NDArray[np.float32]:
        """Draw pictures at which no gradient is so small that its sign could depend on rounding."""
        kept: list[NDArray[np.float32]] = []
        while len(kept) < count:
            # Some pixels at the border of the range, where clipping shows.
            picture = np.clip(rng.uniform(-0.2, 1.2, SHAPE), 0, 1).astype("float32")
            gradients = [np.abs(self.loss_gradient(picture[np.newaxis], np.array([c]))) for c in range(CLASSES)]
            logit_gradients = [np.abs(self.logit_gradient(picture[np.newaxis], np.array([c]))) for c in range(CLASSES)]
            if min(s.min() / max(s.max(), 1e-9) for s in gradients + logit_gradients) > 1e-4:
                kept.append(picture)
        return np.stack(kept)

    def probabilities(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the softmax, shape (N, 4)."""
        logits = self._hidden(x) @ self.second
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        softmax: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
        return softmax

    def loss(self, x: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the cross-entropy of `classes`, shape (N,)."""
        loss: NDArray[np.float64] = -np.log(self.probabilities(x)[np.arange(len(x)), classes] + 1e-300)
        return loss

    def loss_gradient(self, x: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the gradient of the cross-entropy of `classes` with respect to the pictures."""
        return self._pull_back(x, self.probabilities(x) - np.eye(CLASSES)[classes])

    def logit_gradient(self, x: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the gradient of the logits of `classes` with respect to the pictures."""
        return self._pull_back(x, np.eye(CLASSES)[classes])

    def classifier(self) -> Classifier:
        """Return the same network as a Keras model, wrapped."""
        import keras

        from xai_widgets.models.kinds.classifier import Classifier

        layers = keras.layers
        dense = [layers.Dense(HIDDEN, "relu", use_bias=False), layers.Dense(CLASSES, "softmax", use_bias=False)]
        model = keras.Sequential([keras.Input(SHAPE), layers.Flatten(), *dense])
        model.set_weights([self.first, self.second])
        labels = [f"class {number}" for number in range(CLASSES)]
        return Classifier(model, labels, lambda pixels: pixels / 255, name="tiny", value_range=(0.0, 1.0))

    def _hidden(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        hidden: NDArray[np.float64] = np.maximum(x.reshape(len(x), -1) @ self.first, 0)
        return hidden

    def _pull_back(self, x: NDArray[np.float32], of_logits: NDArray[np.float64]) -> NDArray[np.float64]:
        gates = (x.reshape(len(x), -1) @ self.first) > 0
        pulled: NDArray[np.float64] = ((of_logits @ self.second.T) * gates) @ self.first.T
        return pulled.reshape(x.shape)
