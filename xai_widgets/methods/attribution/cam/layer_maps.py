"""The maps of a layer as plain arrays, and which layers have any: what class activation maps are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.attribution.cam.cam import map_probe
from xai_widgets.methods.core.explained_batches import explained_batches
from xai_widgets.methods.core.recording import recorded
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.map_layers import map_layers
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.results.layer_maps_result import LayerMaps

if TYPE_CHECKING:
    import keras

    from xai_widgets.common.option_types import Output, PositiveInt, Progress
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target


@recorded
def layer_maps(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> LayerMaps:
    """Return what a layer gives for each example, and the gradient of the score with respect to it.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. It must be
        functional or Sequential; nested models are opened, and it may have several inputs or outputs.
    inputs : array, pictures, or several of them
        A batch of N examples as floats in the model's input space: pictures (N, H, W, C), sequences (N, T, C) or
        rows of features (N, F); one such example without the batch axis; or pictures, which are resized and
        preprocessed: uint8 arrays (H, W, 3), PIL images, paths, or a sequence of them. A model with several inputs
        takes one array for each, nested as the model takes them.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. A callable makes another scalar to explain: from the outputs, (N, K) or nested as the model
        gives them, each before its final softmax or sigmoid unless `output` says otherwise, to a tensor (N,),
        written with ``keras.ops``: ``lambda outputs: outputs["words"][:, 3, 17]``.
    layer : str, optional
        The path of any layer that gives maps, (N, h, w, C) of pictures, (N, t, C) of sequences, (N, d, h, w, C) of
        volumes: ``"backbone/conv5_block3_out"``; ``"conv#0"`` is the first call of a layer that is called several
        times, otherwise its last is meant. Left out, the last layer with places before the pooling: features at
        their most abstract that still have a place. For a network that gives scores at each place, such as a U-Net,
        it is the bottleneck: the last layer with the fewest places.
    output : {"logit", "probability"}, default "logit"
        What is explained: the outputs before the final softmax or sigmoid, or those after it. Probabilities mix in
        all other classes, and their gradient vanishes where the model is sure.
    batch_size : int, optional
        How many examples go through the model at a time, 1 or more. Left out, as many as the memory allows, 512 at
        most.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting examples, and may raise an error to stop. None
        is silent.

    Returns
    -------
    LayerMaps
        ``.activations`` (N, h, w, C), what the layer gives; ``.gradients`` of the same shape, in units of the score
        per unit of the activations; ``.weights`` (N, C), their mean over the places; ``.score`` (N,).

    Raises
    ------
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; an unknown layer (the nearest names are given), one that gives no maps or does not lead to
        the outputs; no named layer where none is a sensible choice: no convolution, a transformer or a mixer,
        scores at each place without a bottleneck, several outputs without a common layer (layers to choose from are
        named); or a model that no gradient goes through, or whose scores or gradients are not finite.
    TypeError
        If the model is no Keras model, the inputs are no numbers, a target is neither a class nor a callable, or an
        option does not exist.

    References
    ----------
    Ramprasaath R. Selvaraju, Michael Cogswell, Abhishek Das, Ramakrishna Vedantam, Devi Parikh, Dhruv Batra (2017),
    Grad-CAM: visual explanations from deep networks via gradient-based localization, arXiv:1610.02391,
    doi:10.1109/ICCV.2017.74.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = layer_maps(digits, three, "3", layer=layers_with_maps(digits)[-1])
    >>> by_hand = np.maximum((found.activations * found.weights[:, None, None]).sum(axis=-1), 0)
    >>> bool(np.allclose(by_hand, xai.methods.grad_cam(digits, three, "3", upsample=False).values, atol=1e-5))
    True
    """
    at = map_probe(model, layer, output)
    arrays = at.subject.as_inputs(inputs)
    batches = list(explained_batches(at, arrays, target, batch_size=batch_size, progress=progress))
    names = tuple(name for one in batches for name in one.scalar.names)
    activations, gradients, scores = (
        np.concatenate([getattr(one, what) for one in batches]) for what in ("activations", "gradients", "scores")
    )
    return LayerMaps(at.path, activations, gradients, scores, names)


def layers_with_maps(model: Classifier | keras.Model) -> tuple[str, ...]:
    """Return the paths of the layers at which a class activation map can be drawn, from the first to the last.

    One for each convolution: the last layer that its maps pass before the next convolution or pooling, so after batch
    normalisation and activation where these are layers of their own. `grad_cam`'s own choice is one of them, the last
    one where a network gives a row of scores.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        Functional or Sequential; nested models are opened.

    Returns
    -------
    tuple of str
        The paths, as the `layer` of `grad_cam` takes them, in the order of computation. Layers that make the scores
        of a dense prediction, such as those of a U-Net after its last features, are left out.

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
    return map_layers(read_program(wrap(model).model))
