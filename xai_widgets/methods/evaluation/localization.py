"""Does the map lie on the thing? The pointing game and the share of relevance inside a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.evaluation.place_scores import method_of, name_of, relevance
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.evaluation_results import MethodScore
from xai_widgets.results.recipe import Recipe, fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import NonNegativeInt

    Maps = NDArray[np.float64]
    Masks = NDArray[np.bool_]


@recorded
def pointing_game(explanation: Any, masks: Any, *, tolerance: NonNegativeInt = 0) -> MethodScore:
    """Look whether the highest point of each map lies on the thing.

    Parameters
    ----------
    explanation : Attribution or array, (N, H, W) or (N, H, W, C)
        The explanation of N pictures, with finite values. Channels are summed or, for gradients, reduced to their
        largest magnitude.
    masks : bool array, (N, H, W) or one (H, W) for all
        The pixels of the thing, at least one in each picture.
    tolerance : int, default 0
        Pixels by which a point may miss and still count, 0 or more; the paper takes 15 on photographs.

    Returns
    -------
    MethodScore
        ``.values`` (N,): 1 for a hit, 0 for a miss; where several pixels are the highest, the share of them that hit.
        ``.chance``, what a point drawn at random scores: the share of the picture that counts.

    Raises
    ------
    ValueError
        If the masks do not fit or are empty, the map is not finite, or the tolerance is negative.

    References
    ----------
    Jianming Zhang, Sarah Adel Bargal, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff (2018), Top-down neural
    attention by excitation backprop, arXiv:1608.00507, doi:10.1007/s11263-017-1059-x.

    Examples
    --------
    >>> maps = np.array([[[0.1, 0.9], [0.2, 0.3]]])
    >>> pointing_game(maps, maps > 0.5).values.tolist(), pointing_game(maps, maps < 0.5).values.tolist()
    ([1.0], [0.0])
    """
    maps, wanted = _maps_and_masks(explanation, masks)
    allowed = np.stack([_grown(mask, tolerance) for mask in wanted])
    highest = maps == maps.max(axis=(1, 2), keepdims=True)
    hits = (highest & allowed).sum(axis=(1, 2)) / highest.sum(axis=(1, 2))
    return MethodScore(
        hits, _recipe("pointing_game", explanation, masks, tolerance=tolerance), allowed.mean(axis=(1, 2))
    )


@recorded
def relevance_mass(explanation: Any, masks: Any) -> MethodScore:
    """Measure the share of the positive relevance that lies on the thing.

    Parameters
    ----------
    explanation : Attribution or array, (N, H, W) or (N, H, W, C)
        The explanation of N pictures, with finite values. Channels are summed or, for gradients, reduced to their
        largest magnitude. What is negative speaks against the class and does not count.
    masks : bool array, (N, H, W) or one (H, W) for all
        The pixels of the thing, at least one in each picture.

    Returns
    -------
    MethodScore
        ``.values`` (N,), 0 to 1; NaN for a map without positive values. ``.chance``, what an even map scores: the share
        of the picture that the thing covers.

    Raises
    ------
    ValueError
        If the masks do not fit or are empty, or the map is not finite.

    References
    ----------
    Leila Arras, Ahmed Osman, Wojciech Samek (2022), CLEVR-XAI: a benchmark dataset for the ground truth evaluation of
    neural network explanations, arXiv:2003.07258, doi:10.1016/j.inffus.2021.11.008.

    Examples
    --------
    >>> relevance_mass(np.array([[[3.0, -5.0], [1.0, 2.0]]]), np.array([[True, True], [False, False]])).values.tolist()
    [0.5]
    """
    maps, wanted = _maps_and_masks(explanation, masks)
    positive = np.maximum(maps, 0)
    total = positive.sum(axis=(1, 2))
    inside = (positive * wanted).sum(axis=(1, 2)) / np.where(total > 0, total, np.nan)
    return MethodScore(inside, _recipe("relevance_mass", explanation, masks), wanted.mean(axis=(1, 2)))


def _maps_and_masks(explanation: Any, masks: Any) -> tuple[Maps, Masks]:
    """Return maps (N, H, W) and masks of the same shape."""
    shape = np.shape(getattr(explanation, "values", explanation))
    if len(shape) not in (3, 4):
        msg = f"this needs maps of pictures, (N, H, W) or (N, H, W, C), not values of shape {shape}"
        raise ValueError(msg)
    maps = relevance(explanation, np.empty(shape if len(shape) == 4 else (*shape, 1), "float32"))
    wanted = np.asarray(masks, bool)
    if wanted.shape not in (maps.shape, maps.shape[1:]):
        msg = f"masks of shape {wanted.shape} do not fit maps of shape {maps.shape}; give (N, H, W) or (H, W)"
        raise ValueError(msg)
    wanted = np.broadcast_to(wanted, maps.shape)
    if not wanted.any(axis=(1, 2)).all():
        msg = "a mask is empty: there is nothing to point at; leave those pictures out"
        raise ValueError(msg)
    return maps, wanted


def _grown(mask: Masks, tolerance: int) -> Masks:
    """Return the pixels at most `tolerance` pixels away from those of a mask."""
    from scipy.ndimage import distance_transform_edt

    near: Masks = distance_transform_edt(~mask) <= tolerance
    return near


def _recipe(name: str, explanation: Any, masks: Any, **options: Any) -> Recipe:
    told = explanation.recipe if isinstance(explanation, Attribution) else None
    model, target = (told.model, told.target) if told else ("no model", ("map",))
    explained = {"explanation": method_of(explanation) or name_of(explanation)}
    return Recipe(name, model, target, {**explained, "masks": fingerprint(masks), **options})
