"""The loss of the slides and its gradient, as plain functions of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from xai_widgets.models.kinds.classifier import Classifier


def loss(classifier: Classifier, x: Any, label: ArrayLike) -> NDArray[np.float32]:
    """Return the cross-entropy J(θ, x, y) = −log p(y | x) of each picture.

    Parameters
    ----------
    classifier : Classifier
        A network with a softmax.
    x : array (N, H, W, C)
        Pictures in the network's input space.
    label : int or array of N int
        Their classes, by index.

    Returns
    -------
    array of float32, shape (N,)

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> three = digits.preprocess(xai.sample_image("digit-3"))
    >>> bool(loss(digits, three, 3) < loss(digits, three, 8))
    True
    """
    return _loss_and_gradient(classifier, x, label)[0]


def loss_gradient(classifier: Classifier, x: Any, label: ArrayLike) -> NDArray[np.float32]:
    """Return the gradient ∇ₓJ(θ, x, y) of the cross-entropy with respect to each picture.

    Parameters
    ----------
    classifier : Classifier
        A network with a softmax.
    x : array (N, H, W, C)
        Pictures in the network's input space.
    label : int or array of N int
        Their classes, by index.

    Returns
    -------
    array of float32, shape (N, H, W, C)

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits = xai.load_model("digits")
    >>> loss_gradient(digits, digits.preprocess(xai.sample_image("digit-3")), 3).shape
    (1, 8, 8, 1)
    """
    return _loss_and_gradient(classifier, x, label)[1]


def _loss_and_gradient(
    classifier: Classifier, x: Any, label: ArrayLike
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    inputs = classifier.as_inputs(x)
    rows = np.eye(len(classifier.labels), dtype="float32")[np.broadcast_to(np.asarray(label, int), len(inputs))]
    run = classifier.compiled("course.loss", lambda: _build(classifier))
    value, gradient = run(inputs, rows)
    return value, gradient


def _build(classifier: Classifier) -> tuple[Any, Any]:
    """Write −log softmax as softplus of the other classes' log-sum-exp minus the class's own logit.

    It is the same number, but its gradient is exact in float32 where the probability is almost 1: the gradient of
    a softmax would be 0 for the class itself, p − 1 being rounded to 0.
    """
    import keras

    from xai_widgets import backend

    logits, variables = classifier.logits_function()

    def cross_entropy(x: Any, rows: Any) -> Any:
        outputs = logits(x)
        rivals = keras.ops.where(rows > 0, keras.ops.full_like(outputs, -1e30), outputs)
        return keras.ops.softplus(keras.ops.logsumexp(rivals, axis=-1) - keras.ops.sum(outputs * rows, axis=-1))

    return backend.value_and_gradient(cross_entropy), variables
