"""Whether a model answers with the classes that were given with the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.arrays import as_array
from xai_widgets.models.checking.finding import Finding, finding
from xai_widgets.models.kinds.classifier import Classifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from xai_widgets.models.kinds.wrapped_model import WrappedModel

_FEW = 8  # pictures of which a share says something
_CHANCE = 1.5  # times the share that guessing gives
_REGULAR = 0.8  # share of the pictures that another order of the classes explains


class Truth:
    """The classes that were given with pictures, as a pair (pictures, classes) or a data set of such pairs.

    Parameters
    ----------
    given : object
        What was given as pictures.
    count : int
        How many of the pictures are looked at.
    """

    def __init__(self, given: Any, count: int) -> None:
        self.classes = _classes_of(given, count)

    def findings(self, subject: WrappedModel, inputs: Any) -> Iterator[Finding]:
        """Compare the answers with the classes."""
        true = self.classes
        if not isinstance(subject, Classifier) or true is None or len(subject.labels) < 2:
            return
        said = subject.logits(inputs).argmax(axis=1)
        right, count, classes = int((said == true).sum()), len(true), len(subject.labels)
        fields = {"right": right, "count": count}
        if true.max() >= classes:
            yield finding("truth", "wrong", "truth_more", largest=int(true.max()), classes=classes)
        elif count < _FEW or right > min(1, _CHANCE / classes) * count:
            yield finding("truth", "good", "truth_fits", **fields)
        elif (pair := _another_order(said, true)) is not None:
            names = [subject.labels[one] for one in pair]
            yield finding("truth", "wrong", "truth_order", true=names[0], said=names[1], **fields)
        else:
            yield finding("truth", "look", "truth_chance", **fields)


def _another_order(said: NDArray[np.int64], true: NDArray[np.int64]) -> tuple[int, int] | None:
    """Return a class and what it is called where another order of the classes would be right; else None."""
    usual = {int(one): int(np.bincount(said[true == one]).argmax()) for one in np.unique(true)}
    explained = float(np.mean(said == np.array([usual[one] for one in true.tolist()])))
    if len(set(usual.values())) < len(usual) or len(usual) < 2 or explained < _REGULAR:
        return None
    return next((pair for pair in usual.items() if pair[0] != pair[1]), None)


def _classes_of(given: Any, count: int) -> NDArray[np.int64] | None:
    """Return the class of each picture, (N,); None where none were given."""
    if hasattr(given, "element_spec"):
        given = _first_of_data_set(given, count)
    if not isinstance(given, tuple) or len(given) != 2:
        return None
    pictures, classes = as_array(given[0]), np.asarray(as_array(given[1]))
    if len(pictures) != len(classes) or classes.dtype.kind not in "iuf" or classes.ndim not in (1, 2):
        return None
    numbers = classes.argmax(axis=1) if classes.ndim == 2 and classes.shape[1] > 1 else classes.reshape(-1)
    return numbers[:count].astype(np.int64)


def _first_of_data_set(data: Any, count: int) -> Any:
    """Return the first pictures and classes of a data set of pairs; None for any other."""
    if not isinstance(data.element_spec, tuple) or len(data.element_spec) != 2:
        return None
    batched = len(data.element_spec[1].shape) > 0 and data.element_spec[1].shape[0] is None
    taken: list[Any] = []
    for _, classes in data:
        taken += list(as_array(classes)) if batched else [as_array(classes)]
        if len(taken) >= count:
            break
    return np.zeros(len(taken)), np.asarray(taken)
