"""The maps of a layer as plain arrays, and which layers have any: what class activation maps are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.activations import Layer, map_layers
from xai_widgets.models.network import subject_of
from xai_widgets.models.program import read_program
from xai_widgets.results.layer_maps import LayerMaps

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.targets import Target


def layer_maps(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    output: str = "logit",
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> LayerMaps:
    """Return what a layer gives for each example, and the gradient of the score with respect to it.

    Parameters
    ----------
    model, inputs, target, layer, output, batch_size, progress
        As for `grad_cam`.

    Returns
    -------
    LayerMaps
        ``.activations`` and ``.gradients`` (N, h, w, C), ``.weights`` (N, C), ``.score`` (N,).

    Raises
    ------
    ValueError
        As `grad_cam` does.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = layer_maps(digits, three, "3", layer=layers_with_maps(digits)[-1])
    >>> by_hand = np.maximum((found.activations * found.weights[:, None, None]).sum(axis=-1), 0)
    >>> bool(np.allclose(by_hand, xai.methods.grad_cam(digits, three, "3", upsample=False).values, atol=1e-5))
    True
    """
    at = Layer(model, inputs, layer, output)
    seen = list(at.batches(target, batch_size=batch_size, progress=progress))
    names = tuple(name for one in seen for name in one.scalar.names)
    activations, gradients, scores = (
        np.concatenate([getattr(one, what) for one in seen]) for what in ("activations", "gradients", "scores")
    )
    return LayerMaps(at.name, activations, gradients, scores, names)


def layers_with_maps(model: Classifier | keras.Model) -> tuple[str, ...]:
    """Return the paths of the layers at which a class activation map can be drawn, from the first to the last.

    One for each convolution: the last layer that its maps pass before the next convolution or pooling, so after batch
    normalisation and activation where these are layers of their own. The last of them is `grad_cam`'s own choice.

    Raises
    ------
    NoGraphError
        For a subclassed model.
    ValueError
        If no convolution leads to the outputs.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> layers_with_maps(xai.load_model("creatures"))[-1]
    'conv4_2'
    """
    return map_layers(read_program(subject_of(model).model))
