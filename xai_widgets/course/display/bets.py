"""Bets: a prediction before the cell that answers it, and how well the reader knew what they knew."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from xai_widgets.course.display.sentences import LocalizedNumber, as_html, say
from xai_widgets.i18n import message
from xai_widgets.widgets.components import Slider

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class PlacedBet:
    """A bet of the reader's.

    Attributes
    ----------
    choices : tuple of str
        Of which one is right.
    answer : str or None
        The choice that the reader has bet on.
    sure : float
        How sure the reader is of it, from chance to 1.
    truth : str or None
        The right choice, once it is known.
    """

    choices: tuple[str, ...]
    answer: str | None = None
    sure: float = 0.0
    truth: str | None = None


_placed: dict[str, PlacedBet] = {}  # by their numbers; a bet that is made again begins anew


class Bet(widgets.VBox):
    """A question with its choices, and how sure the reader is.

    Parameters
    ----------
    number : str
        Of the bet, such as ``"03.1"``: `settle` names it.
    question : str
    choices : sequence of str
        At least two, of which one is right.

    Raises
    ------
    ValueError
        If there are fewer than two choices, or one stands twice.

    Examples
    --------
    >>> Bet("03.1", "What will the network read?", ["a 3", "an 8"]).place("an 8", sure=0.9)
    Bet('03.1', 'an 8', 0.9)
    """

    def __init__(self, number: str, question: str, choices: Sequence[str]) -> None:
        if len(set(choices)) != len(choices) or len(choices) < 2:
            raise ValueError(f"a bet has two different choices or more, got {list(choices)}")
        self.number, self.question = number, question
        _placed[number] = PlacedBet(tuple(choices), sure=1 / len(choices))
        self._choice = widgets.RadioButtons(options=choices, value=None, layout=widgets.Layout(width="auto"))
        self._sure = Slider(
            label=message("course.bet.sure"), value=1 / len(choices), min=1 / len(choices), step=0.05, unit="%"
        )
        heading = widgets.HTML(f"<strong>{as_html(question)}</strong>")
        super().__init__([heading, self._choice, self._sure], layout=widgets.Layout(max_width="60em"))
        self._choice.observe(lambda _: self._note(), "value")
        self._sure.observe(lambda _: self._note(), "value")

    def place(self, answer: str, *, sure: float) -> Bet:
        """Bet on an answer, as the radio buttons do; return the bet.

        Parameters
        ----------
        answer : str
            One of the choices.
        sure : float
            From chance, one over the number of choices, to 1.
        """
        self._choice.value, self._sure.value = answer, sure
        return self

    def _note(self) -> None:
        _placed[self.number] = replace(_placed[self.number], answer=self._choice.value, sure=self._sure.value)

    def __repr__(self) -> str:
        """Tell the number and what was bet."""
        one = _placed[self.number]
        return f"Bet({self.number!r}, {one.answer!r}, {one.sure:.3g})" if one.answer else f"Bet({self.number!r})"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Give the widget, and the question where there is no kernel."""
        listed = "".join(f"<li>{html.escape(choice)}</li>" for choice in _placed[self.number].choices)
        still = f"<p><strong>{as_html(self.question)}</strong></p><ul>{listed}</ul>"
        bundle = super()._repr_mimebundle_(**options)
        return {**(bundle or {}), "text/plain": repr(self), "text/html": still}


def bet(number: str, question: str, choices: Sequence[str]) -> Bet:
    """Ask the reader for a prediction, before the cell that answers it.

    Parameters
    ----------
    number : str
        Of the bet: notebook and place in it, such as ``"03.1"``.
    question : str
    choices : sequence of str
        At least two, of which one is right.

    Returns
    -------
    Bet
        Radio buttons, and a slider for how sure the reader is. Nothing leaves the kernel.

    Examples
    --------
    >>> bet("03.1", "What will the network read?", ["a 3", "an 8"])
    Bet('03.1')
    """
    return Bet(number, question, choices)


def settle(number: str, truth: str | int) -> None:
    """Tell what was right, beside what the reader has bet.

    Parameters
    ----------
    number : str
        Of a bet that was asked in a cell above.
    truth : str or int
        The right choice, or its place among the choices.

    Raises
    ------
    KeyError
        If no bet has this number.
    ValueError
        If the truth is none of the choices.

    Examples
    --------
    >>> _ = bet("03.1", "What will the network read?", ["a 3", "an 8"]).place("a 3", sure=0.9)
    >>> settle("03.1", "an 8")
    The answer is: an 8. You had bet on “a 3”, 90% sure.
    """
    if number not in _placed:
        raise KeyError(f"no bet has the number {number!r}; those that were asked: {', '.join(_placed) or 'none'}")
    one = _placed[number]
    right = one.choices[truth] if isinstance(truth, int | np.integer) else truth
    if right not in one.choices:
        raise ValueError(f"the truth of bet {number} is one of {list(one.choices)}, got {right!r}")
    _placed[number] = one = replace(one, truth=right)
    how = "none" if one.answer is None else "right" if one.answer == right else "wrong"
    fields = {"truth": right, "answer": one.answer, "sure": LocalizedNumber(one.sure)}
    say("{told}", told=message(f"course.bet.{how}", **fields))


@dataclass(frozen=True)
class Calibration:
    """How often the reader was right, beside how sure they were.

    Attributes
    ----------
    bets, right : int
        How many bets were placed and settled, and how many of them were right.
    sure : float
        How sure the reader was, on average.
    brier : float
        The mean squared difference between how sure and right (1) or wrong (0); 0 is best (Brier, 1950).
    chance : float
        The Brier score of who is always as sure as chance.
    """

    bets: int
    right: int
    sure: float
    brier: float
    chance: float

    def __repr__(self) -> str:
        """Say it in a sentence."""
        if not self.bets:
            return message("course.bet.no_bets")
        fields = {name: LocalizedNumber(getattr(self, name)) for name in ("sure", "brier", "chance")}
        return message("course.bet.calibration", bets=self.bets, right=self.right, **fields)

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>"


def calibration() -> Calibration:
    """Return how well calibrated the reader's bets of this notebook were.

    Returns
    -------
    Calibration

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78.

    Examples
    --------
    >>> _ = bet("03.1", "What will the network read?", ["a 3", "an 8"]).place("an 8", sure=0.8)
    >>> settle("03.1", "an 8")
    The answer is: an 8. You had bet on it, 80% sure.
    >>> found = calibration()
    >>> found.right >= 1
    True
    """
    settled = [one for one in _placed.values() if one.truth is not None and one.answer is not None]
    if not settled:
        return Calibration(0, 0, 0.0, 0.0, 0.0)
    right = np.array([one.answer == one.truth for one in settled])
    sure = np.array([one.sure for one in settled])
    guess = np.array([1 / len(one.choices) for one in settled])
    return Calibration(
        len(settled),
        int(right.sum()),
        float(sure.mean()),
        float(np.mean((sure - right) ** 2)),
        float(np.mean(guess * (1 - guess))),
    )
