"""Whether there is memory for what a method keeps, asked before it begins."""

from __future__ import annotations

from typing import Final

from xai_widgets.backend.memory import available_memory

_FREE_OF_QUESTION: Final = 100_000_000  # bytes


def require_room(method: str, needed: int, option: str) -> None:
    """Refuse an option with which a method would keep more than there is memory for.

    Parameters
    ----------
    method : str
        What asks.
    needed : int
        What it keeps, in bytes.
    option : str
        The option and its value, as the caller wrote it.

    Raises
    ------
    ValueError
        If it is more than the memory that is free.

    Examples
    --------
    >>> require_room("lime_image", 10**18, "samples=10000000000")
    Traceback (most recent call last):
        ...
    ValueError: lime_image: samples=10000000000 takes 1,000,000,000.0 GB of memory, and ... are free; lower it
    """
    if needed > _FREE_OF_QUESTION and needed > (free := available_memory()):
        raise ValueError(
            f"{method}: {option} takes {needed / 1e9:,.1f} GB of memory, and {free / 1e9:,.1f} are free; lower it"
        )
