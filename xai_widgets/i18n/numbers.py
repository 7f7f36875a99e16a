"""Formatting of numbers by the conventions of each language."""

from __future__ import annotations

import math

from xai_widgets.i18n import message

_MINUS = "\N{MINUS SIGN}"
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

    Parameters
    ----------
    value : float
        The number.
    digits : int
        Number of digits after the decimal mark.
    code : str, optional
        The language. By default it is the current language.

    Returns
    -------
    str
        The number. One below zero has a minus sign, U+2212; one that is rounded to zero has none.

    Examples
    --------
    >>> decimal(0.0312, 3, "fr"), decimal(-1.5, 1, "en"), decimal(-0.04, 1, "en")
    ('0,031', '−1.5', '0.0')
    """
    return with_minus(f"{value:.{digits}f}").replace(".", message("lab.decimal", code))


def with_sign(value: float, digits: int, code: str | None = None) -> str:
    """Write by how much something changes: as `decimal` does, with a plus sign above zero.

    Parameters
    ----------
    value : float
        The difference.
    digits : int
        Number of digits after the decimal mark.
    code : str, optional
        The language. By default it is the current language.

    Returns
    -------
    str
        The difference with its sign; one that is rounded to zero has none.

    Examples
    --------
    >>> with_sign(0.5, 2, "en"), with_sign(-0.5, 2, "en"), with_sign(-0.001, 2, "en")
    ('+0.50', '−0.50', '0.00')
    """
    text = decimal(value, digits, code)
    return f"+{text}" if round(value, digits) > 0 else text


def brief(value: float, code: str | None = None) -> str:
    """Write a small number with the two digits that count, at most six after the decimal mark.

    Parameters
    ----------
    value : float
        The number.
    code : str, optional
        The language. By default it is the current language.

    Returns
    -------
    str
        The number with its minus sign, where it has one.

    Examples
    --------
    >>> brief(0.01234, "en"), brief(-3.14, "fr"), brief(0.0, "en")
    ('0.012', '−3,1', '0')
    """
    digits = 0 if value == 0 or not math.isfinite(value) else min(max(1 - math.floor(math.log10(abs(value))), 0), 6)
    return decimal(value, digits, code)


def with_minus(text: str) -> str:
    """Give a number that was formatted in the usual way a minus sign, U+2212, in place of the hyphen; a zero has none.

    Parameters
    ----------
    text : str
        The number, with the point as decimal mark; it may have an exponent or a percent sign.

    Returns
    -------
    str
        The number with its minus sign.

    Examples
    --------
    >>> with_minus("-3.8"), with_minus("-0.0"), with_minus("1e-05")
    ('−3.8', '0.0', '1e−05')
    """
    significant, *_ = text.partition("e")
    if not any(digit in significant for digit in "123456789"):
        text = text.removeprefix("-")
    return text.replace("-", _MINUS)


def whole(value: int, code: str | None = None) -> str:
    r"""Write a whole number with the language's space or comma between thousands.

    Examples
    --------
    >>> whole(1200, "en"), whole(1200, "fr"), whole(64, "fr")
    ('1,200', '1\u202f200', '64')
    """
    return f"{value:,}".replace(",", message("lab.thousands", code))
