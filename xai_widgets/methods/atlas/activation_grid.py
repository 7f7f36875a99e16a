"""The activations of a layer on one picture: an icon for each place, and groups of neurons active together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.methods.atlas.activation_sampling import class_gradient
from xai_widgets.methods.atlas.icons import draw_icons
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.recording import recorded
from xai_widgets.models.kinds.classifier import as_classifier
from xai_widgets.results.atlas_results import ActivationGrid, NeuronGroups
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress, Seed
    from xai_widgets.methods.core.layer_probe import LayerState
    from xai_widgets.models.kinds.classifier import Classifier

_ROUNDS = 500  # of the factorisation; it stops earlier where nothing moves any more


@recorded
@renamed_options(image="inputs")
def activation_grid(
    model: Classifier | keras.Model,
    inputs: Any,
    *,
    layer: str,
    grid: PositiveInt | None = None,
    size: PositiveInt | None = None,
    steps: PositiveInt = 32,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> ActivationGrid:
    """Draw for each place of a layer's map an icon of the activation there, in one picture.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential; takes pictures. A bare model is taken to see 0..255.
    inputs : picture, or array (1, H, W, C)
        One picture: floats in the model's input space, (H, W, C) or (1, H, W, C); or a uint8 array (H, W, 3), a PIL
        image or a path, which is resized and preprocessed.
    layer : str
        The path of a layer with maps (N, h, w, C): ``"backbone/conv5_block3_out"``.
    grid : int, optional
        Rows and columns, from 1 to the size of the map: neighbouring places are averaged. Every place of its own if
        left out.
    size : int, optional
        Pixels a side of an icon, 1 or more; what the model takes if left out. Another one only where the layers up
        to this one take it.
    steps : int, default 32
        Steps of each icon's optimisation, 1 or more.
    seed : int, default 0
        Seed of the icons, 0 or more; icon n is the same alone and among others, but for rounding.
    batch_size : int, optional
        How many icons are drawn at a time, 1 or more; 16 if left out.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting steps of the icons, and may raise an error to
        stop. None is silent.

    Returns
    -------
    ActivationGrid
        ``.icons`` (rows, columns, size, size, 3), 0 to 1; ``.strength`` (rows, columns), the Euclidean length of
        each activation.

    Raises
    ------
    ValueError
        For several pictures, an unknown layer, one without maps, a grid finer than the map, a size that the model
        does not take, or an option whose value is not allowed.
    TypeError
        If the model is no Keras model, `layer` is left out, or an option does not exist.

    References
    ----------
    Chris Olah, Arvind Satyanarayan, Ian Johnson, Shan Carter, Ludwig Schubert, Katherine Ye, Alexander Mordvintsev
    (2018), The building blocks of interpretability, doi:10.23915/distill.00010.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> net, picture = xai.load_model("creatures"), xai.sample_image("creature-cat")
    >>> activation_grid(net, picture, layer="conv4_2", grid=2, size=32, steps=2).icons.shape
    (2, 2, 32, 32, 3)
    """
    at = LayerProbe(model, layer).require_maps()
    maps = _one_map(at, inputs).activations[0]
    pooled = maps if grid is None else _pooled(maps, grid)
    rows, columns, depth = pooled.shape
    drawn = draw_icons(
        at.subject,
        pooled.reshape(-1, depth),
        layer=at.path,
        size=size,
        steps=steps,
        seed=seed,
        batch_size=batch_size,
        progress=progress,
    )
    options = {"layer": at.path, "grid": f"{rows}x{columns}", "steps": steps, "seed": seed}
    return ActivationGrid(
        icons=drawn.reshape(rows, columns, *drawn.shape[1:]),
        strength=np.linalg.norm(pooled, axis=-1),
        recipe=Recipe("activation_grid", at.subject.name, ("activations",), options),
    )


@recorded
@renamed_options(image="inputs")
def neuron_groups(
    model: Classifier | keras.Model,
    inputs: Any,
    *,
    layer: str,
    groups: PositiveInt = 6,
    size: PositiveInt | None = None,
    steps: PositiveInt = 48,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> NeuronGroups:
    """Group a layer's units by where they are active in one picture, and attribute each class's logit to the groups.

    The map, places by channels, is factored into a few maps times as many directions, none of them negative (NMF). A
    group's attribution is the gradient of the class's logit times the group's share of the activations.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential; takes pictures. A bare model is taken to see 0..255.
    inputs : picture, or array (1, H, W, C)
        One picture: floats in the model's input space, (H, W, C) or (1, H, W, C); or a uint8 array (H, W, 3), a PIL
        image or a path, which is resized and preprocessed.
    layer : str
        The path of a layer with maps (N, h, w, C): ``"backbone/conv5_block3_out"``, that are nowhere negative:
        after a rectifier.
    groups : int, default 6
        How many groups, from 1 to the number of channels or of places, whichever is less.
    size : int, optional
        Pixels a side of an icon, 1 or more; what the model takes if left out. Another one only where the layers up
        to this one take it.
    steps : int, default 48
        Steps of each icon's optimisation, 1 or more.
    seed : int, default 0
        Seed of the factorisation and the icons, 0 or more.
    batch_size : int, optional
        How many icons are drawn at a time, 1 or more; 16 if left out.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting steps of the icons, and may raise an error to
        stop. None is silent.

    Returns
    -------
    NeuronGroups
        ``.maps`` (G, h, w), how strong each group is at each place; ``.directions`` (G, C) of length 1;
        ``.attribution`` (G, K), in units of the logits; ``.icons`` (G, size, size, 3), 0 to 1; ``.error``, what the
        groups leave of the map, as a share of its length.

    Raises
    ------
    ValueError
        For several pictures, an unknown layer, negative activations, more groups than channels or places, a model
        without classes, a size that it does not take, or an option whose value is not allowed.
    TypeError
        If the model is no Keras model, `layer` is left out, or an option does not exist.

    References
    ----------
    Chris Olah, Arvind Satyanarayan, Ian Johnson, Shan Carter, Ludwig Schubert, Katherine Ye, Alexander Mordvintsev
    (2018), The building blocks of interpretability, doi:10.23915/distill.00010. Daniel Lee, Sebastian Seung (1999),
    Learning the parts of objects by non-negative matrix factorization, doi:10.1038/44565.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> net, picture = xai.load_model("creatures"), xai.sample_image("creature-cat")
    >>> found = neuron_groups(net, picture, layer="conv4_2", groups=3, size=32, steps=2)
    >>> found.maps.shape, found.attribution.shape
    ((3, 12, 12), (3, 12))
    """
    at = LayerProbe(model, layer).require_maps()
    state = _one_map(at, inputs)
    activations = state.activations
    height, width, depth = activations.shape[1:]
    flat = activations[0].reshape(-1, depth)
    if flat.min() < 0:
        raise ValueError(f"the layer {at.path!r} gives negative values; take one after a rectifier (ReLU)")
    if not 1 <= groups <= min(flat.shape):
        raise ValueError(f"groups must lie between 1 and {min(flat.shape)}, not be {groups}")
    spatial, directions, error = _factored(flat, groups, seed)
    labels = as_classifier(at.subject).labels
    gradients = np.stack([class_gradient(at, state, label)[0].reshape(-1, depth) for label in range(len(labels))])
    attribution = np.einsum("pg,gc,kpc->gk", spatial, directions, gradients, optimize=True)
    icons = draw_icons(
        at.subject,
        directions,
        layer=at.path,
        size=size,
        steps=steps,
        seed=seed,
        batch_size=batch_size,
        progress=progress,
    )
    options = {"layer": at.path, "groups": groups, "steps": steps, "seed": seed}
    return NeuronGroups(
        maps=spatial.T.reshape(groups, height, width).astype("float32"),
        directions=directions.astype("float32"),
        attribution=attribution.astype("float32"),
        labels=labels,
        icons=icons,
        error=error,
        recipe=Recipe("neuron_groups", at.subject.name, ("activations",), options),
    )


def _one_map(at: LayerProbe, inputs: Any) -> LayerState:
    arrays = at.subject.as_inputs(inputs)
    if len(arrays) != 1:
        raise ValueError(f"one picture at a time, not {len(arrays)}")
    return at.forward(arrays)


def _pooled(maps: NDArray[np.float32], grid: int) -> NDArray[np.float32]:
    """Average neighbouring places, (grid, grid, C); blocks differ by at most one place in size."""
    if not 1 <= grid <= min(maps.shape[:2]):
        raise ValueError(f"grid must lie between 1 and {min(maps.shape[:2])}, the size of the map, not be {grid}")
    for axis in (0, 1):
        blocks = np.array_split(maps, grid, axis=axis)
        maps = np.stack([block.mean(axis=axis) for block in blocks], axis=axis)
    return maps


def _factored(flat: NDArray[np.float32], groups: int, seed: int) -> tuple[NDArray[Any], NDArray[Any], float]:
    """Factor (places, C) into (places, G) times (G, C), largest share first; directions have length 1."""
    from sklearn.decomposition import NMF

    model = NMF(groups, init="nndsvda", random_state=seed, max_iter=_ROUNDS, tol=1e-3)
    spatial = model.fit_transform(flat.astype("float64"))
    directions = model.components_
    lengths = np.linalg.norm(directions, axis=1)
    safe = np.where(lengths > 0, lengths, 1)
    spatial, directions = spatial * lengths, directions / safe[:, np.newaxis]
    order = np.argsort(-spatial.sum(axis=0), kind="stable")
    error = float(model.reconstruction_err_ / max(np.linalg.norm(flat), 1e-12))
    return spatial[:, order], directions[order], error
