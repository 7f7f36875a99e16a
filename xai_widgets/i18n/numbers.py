"""Numbers as each language writes them."""

from __future__ import annotations

from xai_widgets.i18n import message

_NEARLY_ALL = 0.9995  # what would round to 100.0 % without being it


def percent(share: float, code: str | None = None, digits: int = 1) -> str:
    r"""Write a share of 1 as a percentage; what is almost all of it is not rounded up to all.

    Examples
    --------
    >>> percent(0.623, "en")
    '62.3%'
    >>> percent(0.623, "fr")
    '62,3\u202f%'
    """
    if _NEARLY_ALL <= share < 1:
        return message("lab.nearly_all", code)
    return message("lab.percent", code, value=decimal(100 * share, digits, code))


def decimal(value: float, digits: int, code: str | None = None) -> str:
    """Write a number with a fixed count of digits after the language's decimal mark.

    Examples
    --------
    >>> decimal(0.0312, 3, "fr")
    '0,031'
    """
    return f"{value:.{digits}f}".replace(".", message("lab.decimal", code))
