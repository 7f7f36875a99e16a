"""Guided Grad-CAM: fine where guided backpropagation is, and of the target alone as Grad-CAM is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.attribution.backpropagation.deconvolution import guided_backprop
from xai_widgets.methods.attribution.cam.cam import grad_cam, map_probe
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from xai_widgets.common.option_types import Output, PositiveInt, Progress
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target


@attribution_method(
    family="activation",
    paper=Paper("Selvaraju et al.", 2017, "Grad-CAM", doi="10.1109/ICCV.2017.74", arxiv="1610.02391"),
    forward=2,
    backward=1,
    explains=("picture", "sequence"),
    needs=("gradients", "convolutions"),
    values="pattern",
    order=30,
)
def guided_grad_cam(
    model: Classifier | keras.Model,
    inputs: Any,
    target: Target = None,
    *,
    layer: str | None = None,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Attribution:
    """Guided Grad-CAM: guided backpropagation, kept where Grad-CAM sees the target.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names: as a `Classifier`
        where it gives one row of scores, else as a `Network`, which needs a callable as target. It must be
        functional or Sequential; nested models are opened, and it may have several inputs or outputs. It must have
        a rectifier.
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
        True shows a bar; a callable gets ``(done, total)``, counting the examples of guided backpropagation, which
        takes longer than Grad-CAM, and may raise an error to stop. None is silent.

    Returns
    -------
    Attribution
        ``.values``, shaped like the inputs, (N, H, W, C) for pictures: the product of guided backpropagation and
        Grad-CAM's map, signed, fine and of the target alone. It has no unit. Of several inputs, the one that the
        layer depends on and whose places its maps have.

    Raises
    ------
    NoGraphError
        For a subclassed model, whose layers are not connected in a graph.
    UnsupportedLayerError
        If a layer is not one of Keras' own (rectifiers might hide in it), or is an embedding, which has no
        gradient. All are named.
    ValueError
        For inputs of a wrong shape, or with NaN or infinite values; an unknown class, or another number of targets
        than of examples; no target where the model gives more than one row of class scores; an option whose value
        is not allowed; an unknown layer (the nearest names are given), one that gives no maps or does not lead to
        the outputs; no named layer where none is a sensible choice: no convolution, a transformer or a mixer,
        scores at each place without a bottleneck, several outputs without a common layer (layers to choose from are
        named); a model without a rectifier; maps that cannot be enlarged to an input; or a model that no gradient
        goes through, or whose scores or gradients are not finite.
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
    >>> guided_grad_cam(xai.load_model("digits"), xai.sample_image("digit-3"), "3").values.shape
    (1, 8, 8, 1)
    """
    coarse = grad_cam(model, inputs, target, layer=layer, output=output, batch_size=batch_size)
    fine: Any = guided_backprop(model, inputs, target, output=output, batch_size=batch_size, progress=progress)
    if not isinstance(fine, Attribution):  # of several inputs: that of the one that the layer's map is drawn on
        at = map_probe(model, coarse.recipe.options["layer"], output)
        place = at.spatial_place(at.subject.as_inputs(inputs))
        fine = keras.tree.flatten(fine)[place or 0]
    options = {"layer": coarse.recipe.options["layer"], "output": output}
    recipe = Recipe("guided_grad_cam", coarse.recipe.model, coarse.recipe.target, options)
    values = fine.values * coarse.values[..., np.newaxis]
    return Attribution(values, coarse.score, recipe, pictures=coarse.pictures, has_channels=fine.has_channels)
