"""Formatting of numbers by the conventions of each language."""

from __future__ import annotations

from xai_widgets.i18n import message

_RARE = 1e-3  # shares closer than this to 0 or 1 are written with one more digit


def percent(share: float, code: str | None = None, digits: int | None = None) -> str:
    r"""Write a share as a percentage; a share below 1 is not rounded to 100%, nor one above 0 to 0%.

    Parameters
    ----------
    share : float
        A number from 0 to 1.
    code : str, optional
        The language. By default it is the current language.
    digits : int, optional
        Number of digits after the decimal mark. By default it is 0 at 0 and 1, 2 close to them, and 1 elsewhere.

    Returns
    -------
    str
        The percentage with its sign.

    Examples
    --------
    >>> percent(0.623, "en"), percent(0.9997, "en"), percent(0.99999, "en"), percent(1, "en")
    ('62.3%', '99.97%', '>\xa099.99%', '100%')
    >>> percent(0.623, "fr")
    '62,3\u202f%'
    """
    rest = min(share, 1 - share)
    if digits is None:
        digits = 0 if rest == 0 else 2 if rest < _RARE else 1
    least = 10.0 ** -(digits + 2)
    if not 0 < rest < least / 2:
        return _written(share, code, digits)
    sign, bound = ("<", least) if share == rest else (">", 1 - least)
    return f"{sign}\u00a0{_written(bound, code, digits)}"


def _written(share: float, code: str | None, digits: int) -> str:
    return message("lab.percent", code, value=decimal(100 * share, digits, code))


def decimal(value: float, digits: int, code: str | None = None) -> str:
    """Write a number with a fixed number of digits after the decimal mark of the language.

    Examples
    --------
    >>> decimal(0.0312, 3, "fr")
    '0,031'
    """
    return f"{value:.{digits}f}".replace(".", message("lab.decimal", code))
