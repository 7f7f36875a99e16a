"""Colours and markers that colour-blind readers can distinguish; without matplotlib, for views in the browser too."""

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = "osD^v"  # a group has a colour and a marker
_GREY = "#999999"


def look(group: int) -> tuple[str, str]:
    """Return the colour and the marker of a group; a negative group is grey.

    Examples
    --------
    >>> look(0), look(6)[1], look(-1)
    (('#0072B2', 'o'), 's', ('#999999', 'o'))
    """
    colours = OKABE_ITO[:6]
    if group < 0:
        return _GREY, MARKERS[0]
    return colours[group % len(colours)], MARKERS[group // len(colours) % len(MARKERS)]
