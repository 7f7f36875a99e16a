"""What a layer sees in one picture: an icon for each place, and groups of neurons that fire together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.atlas.icons import draw_icons
from xai_widgets.methods.atlas.sampling import Slopes
from xai_widgets.results.atlas import ActivationGrid, NeuronGroups
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier

_ROUNDS = 500  # of the factorisation; it stops earlier where nothing moves any more


def activation_grid(
    model: Classifier | keras.Model,
    image: Any,
    *,
    layer: str,
    grid: int | None = None,
    size: int | None = None,
    steps: int = 32,
    seed: int = 0,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> ActivationGrid:
    """Draw for each place of a layer's map what the layer sees there in one picture.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential.
    image : picture, or array (1, H, W, C)
    layer : str
        Path of a layer with maps.
    grid : int, optional
        Rows and columns: neighbouring places are averaged. Every place of its own if left out.
    size, steps, seed, batch_size, progress
        As for `draw_icons`.

    Returns
    -------
    ActivationGrid
        ``.icons`` (rows, columns, size, size, 3), ``.strength`` (rows, columns).

    Raises
    ------
    ValueError
        For several pictures, an unknown layer, or a grid finer than the map.

    References
    ----------
    Chris Olah, Arvind Satyanarayan, Ian Johnson, Shan Carter, Ludwig Schubert, Katherine Ye, Alexander Mordvintsev
    (2018), The building blocks of interpretability.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> net, picture = xai.load_model("creatures"), xai.sample_image("creature-cat")
    >>> activation_grid(net, picture, layer="conv4_2", grid=2, size=32, steps=2).icons.shape
    (2, 2, 32, 32, 3)
    """
    slopes = Slopes(model, layer)
    maps = _one_map(slopes, image)[0][0]
    pooled = maps if grid is None else _pooled(maps, grid)
    rows, columns, depth = pooled.shape
    drawn = draw_icons(
        slopes.subject,
        pooled.reshape(-1, depth),
        layer=slopes.layer,
        size=size,
        steps=steps,
        seed=seed,
        batch_size=batch_size,
        progress=progress,
    )
    options = {"layer": slopes.layer, "grid": f"{rows}x{columns}", "steps": steps, "seed": seed}
    return ActivationGrid(
        icons=drawn.reshape(rows, columns, *drawn.shape[1:]),
        strength=np.linalg.norm(pooled, axis=-1),
        recipe=Recipe("activation_grid", slopes.subject.name, ("activations",), options),
    )


def neuron_groups(
    model: Classifier | keras.Model,
    image: Any,
    *,
    layer: str,
    groups: int = 6,
    size: int | None = None,
    steps: int = 48,
    seed: int = 0,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> NeuronGroups:
    """Group a layer's units by where they fire in one picture, and say what each group counts for each class.

    The map, places by channels, is factored into a few maps times as many directions, none of them negative (NMF). A
    group's attribution is the gradient of the class's logit times the group's share of the activations.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential.
    image : picture, or array (1, H, W, C)
    layer : str
        Path of a layer with maps that are nowhere negative: after a rectifier.
    groups : int
        How many.
    size, steps, seed, batch_size, progress
        As for `draw_icons`.

    Returns
    -------
    NeuronGroups
        ``.maps`` (G, h, w), ``.directions`` (G, C), ``.attribution`` (G, K), ``.icons`` (G, size, size, 3), ``.error``.

    Raises
    ------
    ValueError
        For several pictures, an unknown layer, negative activations, or more groups than channels or places.

    References
    ----------
    Chris Olah, Arvind Satyanarayan, Ian Johnson, Shan Carter, Ludwig Schubert, Katherine Ye, Alexander Mordvintsev
    (2018), The building blocks of interpretability. Daniel Lee, Sebastian Seung (1999), Learning the parts of objects
    by non-negative matrix factorization.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> net, picture = xai.load_model("creatures"), xai.sample_image("creature-cat")
    >>> found = neuron_groups(net, picture, layer="conv4_2", groups=3, size=32, steps=2)
    >>> found.maps.shape, found.attribution.shape
    ((3, 12, 12), (3, 12))
    """
    slopes = Slopes(model, layer)
    activations, context = _one_map(slopes, image)
    height, width, depth = activations.shape[1:]
    flat = activations[0].reshape(-1, depth)
    if flat.min() < 0:
        raise ValueError(f"the layer {slopes.layer!r} gives negative values; take one after a rectifier (ReLU)")
    if not 1 <= groups <= min(flat.shape):
        raise ValueError(f"groups must lie between 1 and {min(flat.shape)}, not be {groups}")
    spatial, directions, error = _factored(flat, groups, seed)
    labels = slopes.subject.labels
    gradients = np.stack([slopes.of(activations, context, label)[0].reshape(-1, depth) for label in range(len(labels))])
    attribution = np.einsum("pg,gc,kpc->gk", spatial, directions, gradients, optimize=True)
    icons = draw_icons(
        slopes.subject,
        directions,
        layer=slopes.layer,
        size=size,
        steps=steps,
        seed=seed,
        batch_size=batch_size,
        progress=progress,
    )
    options = {"layer": slopes.layer, "groups": groups, "steps": steps, "seed": seed}
    return NeuronGroups(
        maps=spatial.T.reshape(groups, height, width).astype("float32"),
        directions=directions.astype("float32"),
        attribution=attribution.astype("float32"),
        labels=labels,
        icons=icons,
        error=error,
        recipe=Recipe("neuron_groups", slopes.subject.name, ("activations",), options),
    )


def _one_map(slopes: Slopes, image: Any) -> tuple[NDArray[np.float32], Any]:
    arrays = slopes.subject.as_inputs(image)
    if len(arrays) != 1:
        raise ValueError(f"one picture at a time, not {len(arrays)}")
    activations, context = slopes.features(arrays)
    return activations, context


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
