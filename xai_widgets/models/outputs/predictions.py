"""What a classifier answers: class probabilities that print, index and rank themselves."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from xai_widgets.i18n.numbers import decimal, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class Score(NamedTuple):
    """One class of a ranking."""

    label: str
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks a score for
    probability: float


@dataclass(frozen=True, eq=False)
class Predictions:
    """Class probabilities of N images over K classes, or the values of a model that gives no probabilities.

    Attributes
    ----------
    probabilities : (N, K) float32 array
    labels : tuple of str
        K names.
    shown : int
        How many classes the display lists.
    unit : str
        What one example is called: image, row, text.
    quantity : {"probability", "value"}
        Whether `probabilities` holds such, which are shown in per cent, or plain values.

    Examples
    --------
    >>> import numpy as np
    >>> answer = Predictions(np.array([[0.1, 0.7, 0.2]], "float32"), ("ant", "bee", "cow"))
    >>> answer.top(2)[0][0].label
    'bee'
    >>> answer
    Predictions(1 image, 3 classes)
      bee 70.0%, cow 20.0%, ant 10.0%
    """

    probabilities: NDArray[np.float32]
    labels: tuple[str, ...]
    shown: int = 5
    unit: str = "image"
    quantity: str = "probability"

    def top(self, k: int = 5) -> list[list[Score]]:
        """Rank the `k` most probable classes of every image, the first one the best."""
        order = np.argsort(-self.probabilities, axis=1, kind="stable")[:, :k]
        return [
            [Score(self.labels[i], int(i), float(row[i])) for i in best]
            for row, best in zip(self.probabilities, order, strict=True)
        ]

    @property
    def classes(self) -> NDArray[np.int64]:
        """The index of the most probable class of each image, shape (N,)."""
        best: NDArray[np.int64] = np.argmax(self.probabilities, axis=1)
        return best

    def __len__(self) -> int:
        """Count the images."""
        return len(self.probabilities)

    def __getitem__(self, index: int | slice) -> Predictions:
        """Take one image or several; the answer still has a first axis."""
        rows = self.probabilities[index]
        return Predictions(rows.reshape(-1, len(self.labels)), self.labels, self.shown, self.unit, self.quantity)

    def __iter__(self) -> Iterator[Predictions]:
        """Go through the images one by one."""
        return (self[index] for index in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Give the probabilities to NumPy."""
        return np.array(self.probabilities, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        """List the best classes of the first images."""
        images, classes = self.probabilities.shape
        kinds = f"{classes} classes" if self.quantity == "probability" else f"{classes} value{'s' * (classes != 1)}"
        head = f"Predictions({images} {self.unit}{'s' * (images != 1)}, {kinds})"
        lines = ["  " + ", ".join(self._written(score) for score in best) for best in self[:8].top(self.shown)]
        more = ["  ..."] if images > len(lines) else []
        return "\n".join([head, *lines, *more])

    def _repr_html_(self) -> str:
        """Show a small table; labels are escaped, since they are anybody's text."""
        rows = "".join(
            "<tr>" + "".join(_cell(score, self._number(score), first=score is best[0]) for score in best) + "</tr>"
            for best in self[:8].top(self.shown)
        )
        return f"<table>{rows}</table>"

    def _number(self, score: Score) -> str:
        """Write a score as the reader's language does."""
        return percent(score.probability) if self.quantity == "probability" else decimal(score.probability, 3)

    def _written(self, score: Score) -> str:
        if self.quantity == "probability":
            return f"{score.label} {100 * score.probability:.1f}%"
        return f"{score.label} {score.probability:.6g}"


def _cell(score: Score, number: str, *, first: bool) -> str:
    """Return a cell of the table; the best one is in bold."""
    weight = "font-weight:600;" if first else ""
    return (
        f'<td style="{weight}text-align:left;padding-right:1.5em">{html.escape(score.label)}, '
        f'<span style="white-space:nowrap">{html.escape(number)}</span></td>'
    )
