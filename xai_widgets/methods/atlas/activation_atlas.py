"""The activation atlas: the activations of a layer on many pictures, laid out on a map of icons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_widgets.methods.atlas.activation_sampling import sample_activations
from xai_widgets.methods.atlas.atlas_layout import laid_out
from xai_widgets.methods.atlas.grid_cells import cells_of, unit_square
from xai_widgets.methods.atlas.icons import draw_icons, whitening
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.results.atlas_results import Atlas
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    import keras
    from numpy.typing import ArrayLike

    from xai_widgets.common.option_types import PositiveInt, Progress, Seed
    from xai_widgets.models.kinds.classifier import Classifier


@recorded
def activation_atlas(
    model: Classifier | keras.Model,
    inputs: Any,
    *,
    layer: str,
    samples: PositiveInt = 1,
    pooled: bool = False,
    layout: str | ArrayLike = "umap",
    grid: PositiveInt = 12,
    least: PositiveInt = 3,
    size: PositiveInt | None = None,
    steps: PositiveInt = 32,
    seed: Seed = 0,
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> Atlas:
    """Activation atlas: lay the activations of many pictures out on a map, and draw an icon of each region.

    One activation is taken from each picture (or several, or the pooled one). They are laid out in two dimensions, near
    ones near each other, and the map is cut into a grid. For each cell that holds activations enough, an icon is drawn
    for the direction that tells its mean activation from the others (the mean, whitened), and it is said which classes
    these activations speak for.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential; takes pictures. A bare model is taken to see 0..255.
    inputs : array (N, H, W, C), or pictures
        The pictures: floats in the model's input space, or uint8 arrays (H, W, 3), PIL images or paths, which are
        resized and preprocessed. A thousand make a map, a million the paper's.
    layer : str
        The path of a layer with maps (N, h, w, C): ``"backbone/conv5_block3_out"``.
    samples : int, default 1
        Random places of the layer's map that are taken from each picture, with replacement; 1 or more.
    pooled : bool, default False
        Whether the mean over all places is taken instead: one activation for each picture.
    layout : {"umap", "tsne", "pca"}, or (M, 2) array, default "umap"
        How the M activations are laid out, or where each of them is.
    grid : int, default 12
        Rows and columns of the map, 1 or more.
    least : int, default 3
        How many activations a cell needs to be drawn, 1 or more.
    size : int, optional
        Pixels a side of an icon, 1 or more; what the model takes if left out. Another one only where the layers up
        to this one take it.
    steps : int, default 32
        Steps of each icon's optimisation, 1 or more.
    seed : int, default 0
        Seed of places, layout and icons, 0 or more.
    batch_size : int, optional
        Pictures at a time, and icons at a time, 1 or more. Left out, as many pictures as the memory allows, 512 at
        most, and 16 icons.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting pictures and steps of icons together, and may
        raise an error to stop. None is silent.

    Returns
    -------
    Atlas
        ``.points``, where the activations lie, from 0 to 1; ``.icons`` (D, size, size, 3), 0 to 1, of the D cells
        that are drawn; ``.attribution`` (D, K), the part of each class's logit that a cell's mean activation
        accounts for, of at most 32 classes; ``.canvas()``, ``.show()``.

    Raises
    ------
    ValueError
        For an unknown layer, one without maps, an unknown layout, a grid no cell of which holds activations enough,
        a model without classes, a size that it does not take, or an option whose value is not allowed.
    TypeError
        If the model is no Keras model, `layer` is left out, or an option does not exist.

    References
    ----------
    Shan Carter, Zan Armstrong, Ludwig Schubert, Ian Johnson, Chris Olah (2019), Exploring neural networks with
    activation atlases, doi:10.23915/distill.00015.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.datasets.creatures import sample_batch
    >>> net, pictures = xai.load_model("creatures"), sample_batch(12, seed=1).pictures
    >>> atlas = activation_atlas(net, pictures, layer="conv4_2", layout="pca", grid=3, least=2, size=32, steps=2)
    >>> atlas.icons.shape[1:], atlas.attribution.shape[1]
    ((32, 32, 3), 12)
    """
    subject = wrap(model)
    arrays = subject.as_inputs(inputs)
    report, count = reporter(progress), len(arrays)
    taken = sample_activations(
        subject,
        arrays,
        layer=layer,
        samples=samples,
        pooled=pooled,
        seed=seed,
        batch_size=batch_size,
        progress=lambda done, _: report(done, count + steps),
    )
    points = unit_square(laid_out(taken.vectors, layout, seed))
    cells = cells_of(points, grid, least)
    directions = cells.mean(taken.vectors) @ whitening(taken.vectors)
    icons = draw_icons(
        subject,
        directions,
        layer=taken.layer,
        size=size,
        steps=steps,
        seed=seed,
        batch_size=batch_size,
        progress=lambda done, _: report(count + done, count + steps),
    )
    named = layout if isinstance(layout, str) else "given"
    options = {"layer": taken.layer, "pictures": count, "layout": named, "grid": grid, "least": least}
    return Atlas(
        layer=taken.layer,
        labels=taken.labels,
        points=points.astype("float32"),
        cell_of=cells.of,
        pictures=taken.pictures,
        rows=cells.rows,
        columns=cells.columns,
        counts=cells.counts,
        grid=grid,
        directions=directions,
        attribution=cells.mean(taken.attribution),
        icons=icons,
        recipe=Recipe("activation_atlas", subject.name, ("activations",), {**options, "steps": steps, "seed": seed}),
    )
