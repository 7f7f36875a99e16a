"""`WordAttribution`: what each word of a text counts for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class WordAttribution:
    """Signed weights of the words of N texts.

    Attributes
    ----------
    texts : tuple of N str
    spans : tuple of N tuples of (int, int)
        Where each word begins and ends in its text.
    weights : tuple of N float64 arrays (W,)
        One for each word, in units of the score; W differs from text to text.
    score : (N,) float64 array
        What is explained.
    recipe : Recipe
    fit : (N,) float64 array or None
        For LIME, how well its linear model fits (R squared, weighted).
    """

    texts: tuple[str, ...]
    spans: tuple[tuple[tuple[int, int], ...], ...]
    weights: tuple[NDArray[np.float64], ...]
    score: NDArray[np.float64]
    recipe: Recipe
    fit: NDArray[np.float64] | None = None

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The words of each text, as they are written."""
        return tuple(
            tuple(text[start:end] for start, end in spans) for text, spans in zip(self.texts, self.spans, strict=True)
        )

    def top(self, count: int = 5, text: int = 0) -> list[tuple[str, float]]:
        """Return the words of a text that count most, by magnitude, with their weights."""
        best = np.argsort(-np.abs(self.weights[text]), kind="stable")[:count]
        return [(self.words[text][place], float(self.weights[text][place])) for place in best]

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.texts)

    def __repr__(self) -> str:
        """Write the words that count most, and the recipe."""
        best = ", ".join(f"{word} {weight:+.3g}" for word, weight in self.top()) if self.texts else ""
        return f"WordAttribution({len(self)} texts; {best}: {self.recipe})"
