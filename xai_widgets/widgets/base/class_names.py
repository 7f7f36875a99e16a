"""What the classes of a model are called in a lab: those of shipped models in the lab's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_widgets.i18n import catalogue
from xai_widgets.models.zoo.known_models import is_known

if TYPE_CHECKING:
    from xai_widgets.models.kinds.classifier import Classifier


def class_names(classifier: Classifier, language: str) -> tuple[str, ...]:
    """Return what a page calls the classes, in their order; the labels themselves for a model of the reader's own.

    Code keeps to the labels: ``target="cat"`` is right in every language.

    Parameters
    ----------
    classifier : Classifier
        The model.
    language : {"en", "fr"}
        Of the page.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> class_names(xai.load_model("photos"), "fr")[:5]
    ('chat', 'chien', 'tanche', 'radiocassette', 'tronçonneuse')
    """
    labels = tuple(map(str, classifier.labels))
    if language == "en" or not is_known(classifier.model):
        return labels
    words = catalogue("models", language)
    return tuple(words.get(f"class_{label.replace(' ', '_')}", label) for label in labels)
