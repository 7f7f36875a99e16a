"""What a class has learnt: the answers before and after the course, person by person."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xai_widgets.course.assessment.concept_test import QUESTIONS, ConceptAnswers
from xai_widgets.course.display.claims import interval_of
from xai_widgets.course.display.sentences import LocalizedNumber
from xai_widgets.i18n import message

if TYPE_CHECKING:
    from os import PathLike


@dataclass(frozen=True)
class LearningGain:
    """The gain of those who have answered twice.

    Attributes
    ----------
    before, after : tuple of int
        How many answers of each person were right; the persons are in the same order.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def gains(self) -> list[int]:
        """By how much each person has gained."""
        return [after - before for before, after in zip(self.before, self.after, strict=True)]

    @property
    def normalised(self) -> float:
        """The mean gain as a share of what could be gained (Hake, 1998, doi:10.1119/1.18809); nan if nothing could."""
        left = QUESTIONS - float(np.mean(self.before)) if self.before else 0.0
        return float(np.mean(self.gains)) / left if left else float("nan")

    def __repr__(self) -> str:
        """Say it in a sentence, with the interval of the mean gain."""
        if len(self.gains) < 2:
            return message("concepts.gain_few", people=len(self.gains))
        found = interval_of(np.array(self.gains, float))
        numbers = {
            "before": float(np.mean(self.before)),
            "after": float(np.mean(self.after)),
            "gain": found.mean,
            "low": found.low,
            "high": found.high,
            "normalised": self.normalised,
        }
        fields = {name: LocalizedNumber(value) for name, value in numbers.items()}
        return message("concepts.gain", people=len(self.gains), count=QUESTIONS, **fields)


def learning_gain(folder: str | PathLike[str]) -> LearningGain:
    """Read the answers of a class.

    Parameters
    ----------
    folder : str or path
        Holds the files that `ConceptTest` has written, under any names, also in folders of it. A person who has
        answered twice before or after counts with the first file by name.

    Returns
    -------
    LearningGain
        Of those whose code stands in a file from before and in one from after.

    Raises
    ------
    ValueError
        If a file is no such file; the message names it.

    Examples
    --------
    >>> learning_gain("no/such/folder")
    0 people answered before and after; an interval needs two.
    """
    scores: dict[str, dict[str, int]] = {"before": {}, "after": {}}
    for path in sorted(Path(folder).rglob("*.csv")):
        one = _read(path)
        scores[one.moment].setdefault(one.code, one.right)
    both = sorted(set(scores["before"]) & set(scores["after"]))
    return LearningGain(*(tuple(scores[moment][code] for code in both) for moment in ("before", "after")))


def _read(path: Path) -> ConceptAnswers:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            (row,) = csv.DictReader(file)
        letters = tuple(row[f"q{number:02d}"] for number in range(1, QUESTIONS + 1))
        return ConceptAnswers(row["code"], row["moment"], letters)
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise ValueError(f"{path}: not a file of answers to the concept test ({error})") from None
