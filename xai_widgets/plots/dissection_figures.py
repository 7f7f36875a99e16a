"""The figures of network dissection: pictures with the region of an active unit, and numbers of detectors."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from xai_widgets.i18n import catalogue, checked_language, message
from xai_widgets.plots.agg_figure import EDGE, AggFigure
from xai_widgets.plots.palette import OKABE_ITO, look
from xai_widgets.plots.panels import add_caption, drawn_of, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_DARK = 0.3  # brightness outside of the region in which the unit is active
_OUTLINE = (255, 235, 60)
_MOST = 24  # the largest number of bars


def concept_name(name: str, kind: str, language: str | None = None) -> str:
    """Return the name of a concept of the creatures in a language; other names are returned unchanged.

    Examples
    --------
    >>> concept_name("ears", "part", "fr"), concept_name("sofa", "object", "fr")
    ('oreilles', 'sofa')
    """
    return catalogue("dissection", checked_language(language)).get(f"{kind}_{name}", name)


def kind_name(kind: str, language: str | None = None) -> str:
    """Return the name of a kind of concept in a language; unknown kinds are returned unchanged.

    Examples
    --------
    >>> kind_name("colour", "fr"), kind_name("material", "fr")
    ('couleur', 'material')
    """
    return catalogue("dissection", checked_language(language)).get(f"kind_{kind}", kind)


def lit(
    picture: NDArray[np.uint8], region: NDArray[np.bool_], outline: NDArray[np.bool_] | None = None
) -> NDArray[np.uint8]:
    """Darken a picture (H, W, 3) outside of a region (H, W), and draw the inner border of a mask.

    Examples
    --------
    >>> bright = np.full((2, 2, 3), 100, "uint8")
    >>> lit(bright, np.array([[True, False], [False, False]]))[..., 0].tolist()
    [[100, 30], [30, 30]]
    """
    shown = np.where(region[..., np.newaxis], picture, np.round(_DARK * picture)).astype("uint8")
    if outline is not None:
        shown[_border(outline)] = _OUTLINE
    return shown


def mosaic(pictures: NDArray[np.uint8], columns: int, gap: int = 2) -> NDArray[np.uint8]:
    """Arrange pictures (N, H, W, 3) in rows, with white gaps.

    Examples
    --------
    >>> mosaic(np.zeros((3, 4, 4, 3), "uint8"), 2).shape
    (10, 10, 3)
    """
    count, height, width = pictures.shape[:3]
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, "uint8")
    for place, picture in enumerate(pictures):
        top, left = (place // columns) * (height + gap), (place % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def detectors_figure(found: Sequence[tuple[str, str]], caption: str = "") -> Figure:
    """Draw the number of detectors of each concept as bars, coloured by kind.

    Parameters
    ----------
    found : sequence of (str, str)
        The concept and the kind of each detector.
    caption : str
        The text under the axes.

    Examples
    --------
    >>> figure = detectors_figure([("ears", "part"), ("ears", "part"), ("red", "colour")])
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['ears', 'red']
    """
    kinds = list(dict.fromkeys(kind for _, kind in found))
    counts = sorted(Counter(found).items(), key=lambda one: (kinds.index(one[0][1]), -one[1], one[0][0]))
    there, counts = len(counts), counts[:_MOST]
    figure = AggFigure(figsize=(max(4.0, 0.32 * len(counts) + 1.6), 3.2), layout="constrained", dpi=110)
    axes = figure.subplots()
    for kind in kinds:
        places = [place for place, ((_, other), _) in enumerate(counts) if other == kind]
        heights = [counts[place][1] for place in places]
        colour = OKABE_ITO[kinds.index(kind) % len(OKABE_ITO)]
        axes.bar(places, heights, color=colour, label=plain(kind_name(kind)))
    labels = [plain(concept_name(name, kind)) for (name, kind), _ in counts]
    axes.set_xticks(range(len(counts)), labels, rotation=60, ha="right", rotation_mode="anchor", fontsize=8)
    axes.set_ylabel(message("dissection.units"))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    if kinds:
        axes.legend(frameon=False, fontsize=8)
    add_caption(figure, caption, drawn_of(len(counts), there))
    return figure


def compare_figure(
    counts: Sequence[Sequence[int]], names: Sequence[str], kinds: Sequence[str], caption: str = ""
) -> Figure:
    """Draw the numbers of unique detectors of several networks side by side, kind by kind.

    Parameters
    ----------
    counts : sequence of sequence of int
        For each network, one number for each kind.
    names : sequence of str
        The names of the networks.
    kinds : sequence of str
        The kinds of concept.
    caption : str
        The text under the axes.

    Examples
    --------
    >>> figure = compare_figure([[3, 1], [0, 1]], ["trained", "random"], ["part", "colour"])
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['trained', 'random']
    """
    figure = AggFigure(figsize=(6.0, 3.0), layout="constrained", dpi=110)
    axes = figure.subplots()
    width = 0.8 / len(counts)
    for place, (numbers, name) in enumerate(zip(counts, names, strict=True)):
        at = np.arange(len(kinds)) - 0.4 + width * (place + 0.5)
        bars = axes.bar(at, numbers, width, color=OKABE_ITO[place], label=plain(name), hatch="//" * (place % 2))
        axes.bar_label(bars, fontsize=8)
    axes.set_xticks(range(len(kinds)), [plain(kind_name(kind)) for kind in kinds])
    axes.set_ylabel(message("dissection.unique"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    add_caption(figure, caption)
    return figure


def unit_figure(
    sheet: NDArray[np.uint8],
    title: str,
    labels: Sequence[str],
    values: NDArray[np.floating],
    reference: NDArray[np.floating],
    *,
    caption: str = "",
) -> Figure:
    """Draw a unit's pictures, and beside them the probability of each class with some units off.

    Parameters
    ----------
    sheet : ndarray of uint8, shape (H, W, 3)
        The pictures of the unit.
    title : str
        The title of the left panel.
    labels : sequence of str
        The names of the K classes.
    values : array, shape (K,)
        Probabilities with some units ablated, 0 to 1.
    reference : array, shape (K,)
        Probabilities of the intact network, 0 to 1.
    caption : str
        The text under the panels.

    Examples
    --------
    >>> figure = unit_figure(np.zeros((8, 8, 3), "uint8"), "Unit 3", ["cat"], np.array([0.2]), np.array([0.9]))
    >>> [axes.get_title() for axes in figure.axes]
    ['Unit 3', 'Probability of each class, on its own pictures']
    """
    figure = AggFigure(figsize=(7.6, 3.6), layout="constrained", dpi=110)
    left, right = figure.subplots(1, 2)
    left.imshow(sheet)
    left.set_axis_off()
    left.set_title(plain(title), fontsize=10)
    places = np.arange(len(labels))
    looks = [look(place) for place in range(len(labels))]
    colours, hatches = [one.colour for one in looks], [one.hatch for one in looks]
    right.barh(places, values, color=colours, hatch=hatches, edgecolor=EDGE, linewidth=0.6)
    right.plot(reference, places, "|", color="black", markersize=10, label=message("dissection.intact"))
    right.set_yticks(places, [plain(label) for label in labels], fontsize=8)
    right.invert_yaxis()
    right.set_xlim(0, 1.02)
    right.set_title(message("dissection.bars"), fontsize=9)
    right.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, fontsize=8, loc="outside lower right")
    add_caption(figure, caption)
    return figure


def _border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of a mask that have a neighbour outside of it."""
    padded = np.pad(mask, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(mask & ~inside)
