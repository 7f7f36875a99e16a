"""The activation atlas: all that a layer sees on many pictures, laid out on a map of icons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_widgets.methods.atlas.grid import cells_of, unit_square
from xai_widgets.methods.atlas.icons import draw_icons, whitening
from xai_widgets.methods.atlas.layouts import laid_out
from xai_widgets.methods.atlas.sampling import sample_activations
from xai_widgets.methods.progress import reporter
from xai_widgets.models.network import subject_of
from xai_widgets.results.atlas import Atlas
from xai_widgets.results.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import ArrayLike

    from xai_widgets.models.classifier import Classifier


def activation_atlas(
    model: Classifier | keras.Model,
    inputs: Any,
    *,
    layer: str,
    samples: int = 1,
    pooled: bool = False,
    layout: str | ArrayLike = "umap",
    grid: int = 12,
    least: int = 3,
    size: int | None = None,
    steps: int = 32,
    seed: int = 0,
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Atlas:
    """Activation atlas: lay the activations of many pictures out on a map, and draw what each region of it sees.

    One activation is taken from each picture (or several, or the pooled one). They are laid out in two dimensions, near
    ones near each other, and the map is cut into a grid. For each cell that holds activations enough, an icon is drawn
    for the direction that tells its mean activation from the others (the mean, whitened), and it is said which classes
    these activations speak for.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential.
    inputs : array (N, H, W, C), or pictures
        A thousand make a map, a million the paper's.
    layer : str
        Path of a layer with maps.
    samples, pooled
        As for `sample_activations`.
    layout : {"umap", "tsne", "pca"}, or (M, 2) array
        How activations are laid out, or where each of them is.
    grid : int
        Rows and columns of the map.
    least : int
        How many activations a cell needs to be drawn.
    size : int, optional
        Pixels of an icon; what the model takes if left out.
    steps : int
        Of each icon's optimisation.
    seed : int
        Of places, layout and icons.
    batch_size : int, optional
        Pictures at a time, and icons at a time.
    progress : callable or bool, optional
        Counts pictures and steps of icons together.

    Returns
    -------
    Atlas
        ``.icons`` (M, size, size, 3), ``.attribution`` (M, K), ``.canvas()``, ``.show()``.

    Raises
    ------
    ValueError
        For an unknown layer, one without maps, an unknown layout, or a grid no cell of which holds activations enough.

    References
    ----------
    Shan Carter, Zan Armstrong, Ludwig Schubert, Ian Johnson, Chris Olah (2019), Exploring neural networks with
    activation atlases.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.models.creatures import sample_batch
    >>> net, pictures = xai.load_model("creatures"), sample_batch(12, seed=1).pictures
    >>> atlas = activation_atlas(net, pictures, layer="conv4_2", layout="pca", grid=3, least=2, size=32, steps=2)
    >>> atlas.icons.shape[1:], atlas.attribution.shape[1]
    ((32, 32, 3), 12)
    """
    subject = subject_of(model)
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
