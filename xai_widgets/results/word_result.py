"""`WordAttribution`: the contribution of each word of a text to the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.i18n import message
from xai_widgets.results.example_batch import ExampleBatch
from xai_widgets.results.recipe import caption_of
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe


@dataclass(frozen=True, eq=False)
class WordAttribution(ExampleBatch):
    """Signed weights of the words of N texts.

    ``found[3]`` is that of one text (N = 1), ``found[:10]`` that of ten; a loop gives the texts one by
    one, and `concatenate` joins results. `save` writes a file, `load` reads it; `to_dataframe` makes a table.

    Attributes
    ----------
    texts : tuple of str
        The N texts.
    spans : tuple of tuple of (int, int)
        For each text, the start and the end of each word, in characters.
    weights : tuple of ndarray of float64, shape (W,)
        For each text, one weight for each of its W words, in units of the score.
    score : ndarray of float64, shape (N,)
        The explained score.
    recipe : Recipe
        The method and the options that reproduce the result.
    fit : ndarray of float64, shape (N,), or None
        For LIME, the weighted coefficient of determination (R squared) of the linear model, at most 1.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> model = xai.load_text_model("reviews", language="en")
    >>> found = xai.methods.occlude_words(model, ["a very good film", "a bad film"])
    >>> len(found), found[1].top(1)[0][0]
    (2, 'bad')
    """

    texts: tuple[str, ...]
    spans: tuple[tuple[tuple[int, int], ...], ...]
    weights: tuple[NDArray[np.float64], ...]
    score: NDArray[np.float64]
    recipe: Recipe
    fit: NDArray[np.float64] | None = None

    def _check_fields(self) -> None:
        super()._check_fields()
        for text, spans, weights in zip(self.texts, self.spans, self.weights, strict=True):
            places = np.array(spans, "int64").reshape(-1, 2)
            if len(places) != len(spans) or len(spans) != len(weights) or (places > len(text)).any():
                raise ValueError(f"the spans and weights of {text[:40]!r} do not fit it")

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The words of each text as they are written."""
        return tuple(
            tuple(text[start:end] for start, end in spans) for text, spans in zip(self.texts, self.spans, strict=True)
        )

    def top(self, count: int = 5, text: int = 0) -> list[tuple[str, float]]:
        """Return the words of a text with the largest absolute weights, and their weights.

        Parameters
        ----------
        count : int, default 5
            How many words at most.
        text : int, default 0
            The index of the text.

        Returns
        -------
        list of (str, float)
            Words and weights, in units of the score, the largest magnitude first.
        """
        best = np.argsort(-np.abs(self.weights[text]), kind="stable")[:count]
        return [(self.words[text][place], float(self.weights[text][place])) for place in best]

    def figure(self, count: int = 12, texts: int = 6) -> Figure:
        """Draw the words that count most as bars, a panel a text.

        Parameters
        ----------
        count : int, default 12
            How many words of each text.
        texts : int, default 6
            How many texts are drawn, from the first on; the figure says so if there are more. At most 100.

        Returns
        -------
        matplotlib.figure.Figure
            One panel for each text.

        Raises
        ------
        ValueError
            If there is no text, or `texts` is not from 1 to 100.
        """
        from xai_widgets.plots.bar_figures import bars_figure

        panels = {}
        for text, target in enumerate(self._targets()):
            best = self.top(count, text)
            panels[f"{text + 1}: {target}"] = ([word for word, _ in best], [weight for _, weight in best])
        return bars_figure(panels, message("evaluation.weight"), caption_of(self.recipe), count=texts)

    show = shown(figure)

    def _columns(self) -> Mapping[str, Any]:
        words, spans = self.words, self.spans
        return {
            "example": [text for text in range(len(self)) for _ in words[text]],
            "target": [self._targets()[text] for text in range(len(self)) for _ in words[text]],
            "score": [float(self.score[text]) for text in range(len(self)) for _ in words[text]],
            "word": [word for text in words for word in text],
            "start": [start for text in spans for start, _ in text],
            "end": [end for text in spans for _, end in text],
            "weight": [float(weight) for text in self.weights for weight in text],
        }

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.texts)

    def __repr__(self) -> str:
        """Return the words with the largest absolute weights and the recipe."""
        best = ", ".join(f"{word} {weight:+.3g}" for word, weight in self.top()) if self.texts else ""
        return f"WordAttribution({len(self)} texts; {best}: {self.recipe})"
