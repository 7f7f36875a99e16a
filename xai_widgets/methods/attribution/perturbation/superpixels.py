"""Superpixels: pictures cut into regions that belong together, by scikit-image or as a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import checked_options
from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.results.recipe import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Seed
    from xai_widgets.methods.attribution.perturbation.background_scorer import BackgroundScorer
    from xai_widgets.methods.attribution.perturbation.masking import MaskedScorer

    Picture = NDArray[np.float32]
    Labels = NDArray[np.int64]

_TRIALS = 7  # to come near the number that is asked for, with the algorithms that do not take one


@checked_options
def superpixels(pictures: Picture, kind: str = "slic", count: PositiveInt = 50, seed: Seed = 0) -> Labels:
    """Cut pictures into superpixels.

    Parameters
    ----------
    pictures : (N, H, W, 3) or (H, W, 3) array
        Finite values from 0 to 1.
    kind : {"slic", "quickshift", "felzenszwalb", "grid"}, default "slic"
        The algorithm: one of scikit-image's three, or rectangles of equal size.
    count : int, default 50
        About how many, 1 or more; ``"grid"`` keeps near to it, the others follow the picture.
    seed : int, default 0
        Seed of quickshift, which breaks ties by noise; 0 or more.

    Returns
    -------
    (N, H, W) int array
        For each pixel the number of its superpixel, 0 to S - 1; S may differ from picture to picture.

    Raises
    ------
    ValueError
        For an unknown kind, fewer than one superpixel, or pictures of another shape or that are not finite.

    References
    ----------
    Radhakrishna Achanta et al. (2012), SLIC superpixels compared to state-of-the-art superpixel methods,
    doi:10.1109/TPAMI.2012.120. Andrea Vedaldi, Stefano Soatto (2008), Quick shift and kernel methods for mode seeking,
    doi:10.1007/978-3-540-88693-8_52. Pedro Felzenszwalb, Daniel Huttenlocher (2004), Efficient graph-based image
    segmentation, doi:10.1023/B:VISI.0000022288.19776.77.

    Examples
    --------
    >>> superpixels(np.zeros((4, 6, 3)), "grid", 6)[0]
    array([[0, 0, 1, 1, 2, 2],
           [0, 0, 1, 1, 2, 2],
           [3, 3, 4, 4, 5, 5],
           [3, 3, 4, 4, 5, 5]])
    """
    pictures = np.asarray(pictures, "float32")
    pictures = pictures[np.newaxis] if pictures.ndim == 3 else pictures
    if pictures.ndim != 4 or pictures.shape[-1] != 3 or not np.isfinite(pictures).all():
        msg = f"superpixels are cut from pictures (N, H, W, 3) with values 0 to 1, not from shape {pictures.shape}"
        raise ValueError(msg)
    found = match(kind, _KINDS)
    if found is None:
        msg = f"unknown superpixels {kind!r}; {suggestion(kind, _KINDS)}"
        raise ValueError(msg)
    return np.stack([numbered(_KINDS[found](picture, count, seed)) for picture in pictures])


def numbered(labels: NDArray[Any]) -> Labels:
    """Return segments numbered from 0 without gaps, in the order of their labels."""
    _, numbers = np.unique(labels, return_inverse=True)
    return numbers.reshape(labels.shape).astype("int64")


def make_segments(
    scorer: MaskedScorer | BackgroundScorer, segments: Any, count: int, seed: int
) -> tuple[Labels, dict[str, Any]]:
    """Return the segments of each input, and what a recipe says of them.

    Parameters
    ----------
    scorer : MaskedScorer or BackgroundScorer
        Its inputs, (N, H, W, C), (N, T, C) or (N, F).
    segments : str, array or None
        A kind of superpixels; labels of one input's shape or one map for each; None for SLIC on pictures and each
        feature, or time, alone elsewhere.
    count : int
        About how many superpixels, 1 or more.
    seed : int
        Seed of quickshift, 0 or more.
    """
    inputs = scorer.inputs
    shape = scorer.places
    if segments is None and inputs.ndim != 4:
        each = np.arange(int(np.prod(shape))).reshape(shape)
        return np.broadcast_to(each, (len(inputs), *shape)), {"segments": "each"}
    if segments is None or isinstance(segments, str):
        pictures = scorer.pictures()
        if pictures is None:
            msg = f"inputs of shape {inputs.shape} are no pictures; give segments as an array of labels {shape}"
            raise ValueError(msg)
        kind = segments or "slic"
        return superpixels(pictures, kind, count, seed), {"segments": kind, "count": count}
    labels = np.asarray(segments)
    if labels.shape not in (shape, (len(inputs), *shape)) or labels.dtype.kind not in "iub":
        msg = f"segments are whole numbers of shape {shape}, not {labels.dtype} of shape {labels.shape}"
        raise ValueError(msg)
    labels = np.stack([numbered(one) for one in np.broadcast_to(labels, (len(inputs), *shape))])
    return labels, {"segments": f"array {fingerprint(labels)}"}


def _slic(picture: Picture, count: int, _seed: int) -> NDArray[Any]:
    from skimage.segmentation import slic

    labels: NDArray[Any] = slic(picture, n_segments=count, compactness=10, start_label=0, channel_axis=-1)
    return labels


def _quickshift(picture: Picture, count: int, seed: int) -> NDArray[Any]:
    from skimage.segmentation import quickshift

    kernel = max(1.0, min(picture.shape[:2]) / 75)  # 4 at 299 pixels, as the lime package has it

    def cut(reach: float) -> NDArray[Any]:
        labels: NDArray[Any] = quickshift(  # type: ignore[no-untyped-call]
            picture.astype("float64"), ratio=0.2, kernel_size=kernel, max_dist=reach, rng=seed
        )
        return labels

    return _near(cut, count, 1.0, float(np.hypot(*picture.shape[:2])))


def _felzenszwalb(picture: Picture, count: int, _seed: int) -> NDArray[Any]:
    from skimage.segmentation import felzenszwalb

    smallest = max(1, picture.shape[0] * picture.shape[1] // (8 * count))

    def cut(scale: float) -> NDArray[Any]:
        labels: NDArray[Any] = felzenszwalb(picture, scale=scale, sigma=0.5, min_size=smallest, channel_axis=-1)
        return labels

    return _near(cut, count, 1.0, 10_000.0)


def _near(cut: Callable[[float], NDArray[Any]], count: int, fine: float, coarse: float) -> NDArray[Any]:
    """Halve an interval of coarseness, on a logarithmic scale, and keep the cut that comes nearest to `count`."""
    best, distance = None, np.inf
    for _ in range(_TRIALS):
        middle = float(np.sqrt(fine * coarse))
        labels = cut(middle)
        made = len(np.unique(labels))
        if best is None or abs(np.log(made / count)) < distance:
            best, distance = labels, abs(float(np.log(made / count)))
        fine, coarse = (middle, coarse) if made > count else (fine, middle)
    return labels if best is None else best


def _grid(picture: Picture, count: int, _seed: int) -> NDArray[Any]:
    height, width = picture.shape[:2]
    rows = min(height, max(1, round(np.sqrt(count * height / width))))
    columns = min(width, max(1, round(count / rows)))
    down, across = np.arange(height) * rows // height, np.arange(width) * columns // width
    labels: NDArray[Any] = down[:, np.newaxis] * columns + across
    return labels


_KINDS: dict[str, Callable[[Picture, int, int], NDArray[Any]]] = {
    "slic": _slic,
    "quickshift": _quickshift,
    "felzenszwalb": _felzenszwalb,
    "grid": _grid,
}
