"""The table of the models that have a name; it is read without Keras, and so at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xai_widgets.assets.cards import shipped_cards
from xai_widgets.common.record_table import RecordTable
from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.models.zoo.applications import APPLICATIONS, CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class ModelRow:
    """A model that has a name for `load_model`.

    Attributes
    ----------
    name : str
        The name for `load_model`.
    reads : {"picture", "table", "text"}
        The kind of its input.
    source : {"shipped", "download"}
        Whether it is contained in the package or downloaded at its first use.
    megabytes : float
        Size of its file, in units of a million bytes.
    input : tuple of int
        Height, width and channels of a picture; number of features of a row; or number of words of a text.
    classes : int
        Number of classes.
    accuracy : float
        Top-1 accuracy, 0 to 1: of shipped models on their test set, of the others on the validation set of ImageNet as
        stated in the documentation of Keras.
    licence : str
        The licence of the weights.
    """

    name: str
    reads: str
    source: str
    megabytes: float
    input: tuple[int, ...]
    classes: int
    accuracy: float
    licence: str


def list_models() -> RecordTable[ModelRow]:
    """Return the table of the models that have a name for `load_model`.

    Returns
    -------
    RecordTable of ModelRow
        A sequence of records with the fields `name`, `reads`, `source`, `megabytes`, `input`, `classes`, `accuracy` and
        `licence`. It is displayed as text and as HTML, and ``table[name]`` is the record of a model.

    Examples
    --------
    >>> models = list_models()
    >>> models["digits"].classes, models["vgg16"].source
    (10, 'download')
    """
    shipped = (
        ModelRow(
            card.name,
            card.reads,
            "shipped",
            card.megabytes,
            card.input_shape,
            len(card.labels),
            card.accuracy,
            card.licence,
        )
        for card in shipped_cards().values()
    )
    downloads = (
        ModelRow(
            one.name, "picture", "download", one.megabytes, (one.side, one.side, 3), CLASSES, one.accuracy, one.licence
        )
        for one in APPLICATIONS.values()
    )
    formats: dict[str, Callable[[Any], str]] = {
        "reads": lambda reads: message(f"models.reads_{reads}"),
        "source": lambda source: message(f"models.source_{source}"),
        "megabytes": lambda size: decimal(size, 1 if size >= 0.1 else 3),
        "input": lambda shape: " × ".join(map(str, shape)),
        "accuracy": percent,
    }
    return RecordTable((*shipped, *downloads), "models.column_", formats)
