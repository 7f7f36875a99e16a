"""`load_model`: shipped models by name, ImageNet models of keras.applications by name, Keras files by path."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_widgets.i18n import message
from xai_widgets.i18n.numbers import decimal, percent
from xai_widgets.models.applications import APPLICATIONS, CLASSES, imagenet_index, load_weights
from xai_widgets.models.classifier import Classifier
from xai_widgets.models.labels import imagenet_names, read_labels
from xai_widgets.models.model_files import ModelError, read_model
from xai_widgets.models.names import match, suggestion
from xai_widgets.models.scene_reader import load_scene_reader
from xai_widgets.models.shipped import shipped_cards
from xai_widgets.models.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xai_widgets.models.applications import Application
    from xai_widgets.models.download import Progress
    from xai_widgets.models.labels import Labels

__all__ = ["ModelError", "ModelRow", "list_models", "load_model"]

_IMAGENET = "imagenet"


@dataclass(frozen=True)
class ModelRow:
    """A model that `load_model` knows by name.

    Attributes
    ----------
    name : str
        What to pass to `load_model`.
    reads : {"picture", "table", "text"}
        What it is given.
    source : {"shipped", "download"}
        Whether it is in the package, or is downloaded the first time.
    megabytes : float
        Size of its file.
    input : tuple of int
        Height, width and channels; features of a row; or words of a text.
    classes : int
        How many classes it tells apart.
    accuracy : float
        Share of test examples classified right: shipped models on their own test set, the others on ImageNet's
        validation set as Keras' documentation states it.
    licence : str
        Of the weights.
    """

    name: str
    reads: str
    source: str
    megabytes: float
    input: tuple[int, ...]
    classes: int
    accuracy: float
    licence: str


def load_model(
    name_or_path: str | os.PathLike[str],
    *,
    labels: Labels | None = None,
    preprocess: Callable[[Any], Any] | None = None,
    value_range: tuple[float, float] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    progress: Progress = True,
) -> Classifier:
    """Load a model and what belongs to it: class names, preprocessing, input size.

    Parameters
    ----------
    name_or_path : str or path
        A shipped model (``"digits"``, ``"breast_cancer"``, ``"wine"``), an ImageNet model (``"mobilenet_v2"``,
        ``"vgg16"``, ``"resnet50"``, ``"inception_v3"``, ``"efficientnet_b0"``; `list_models` lists all), case and
        punctuation not mattering; or a ``.keras`` or ``.h5`` file. The weights of ImageNet models are downloaded the
        first time.
    labels : sequence, mapping or path, optional
        Class names instead of the model's own: a list, ``{index: name}``, a text file with one name a line, a JSON
        file, or ``"imagenet"``. For ImageNet's 1,000 names and a model of 1,001 outputs, "background" comes first.
    preprocess : callable, optional
        From a float32 batch of resized pictures (N, H, W, C), values 0..255, to the model's input space. A file's
        default: none, the model takes 0..255. Named models have their own.
    value_range : (float, float), optional
        Smallest and largest value of a file's input space, where `preprocess` does not tell.
    custom_objects : mapping, optional
        Layers and functions of your own that a file uses, by name.
    progress : bool or callable, optional
        Shows downloads from a mirror; Keras always shows its own.

    Returns
    -------
    Classifier
        The model with its class names and preprocessing.

    Raises
    ------
    ModelError
        If there is no such model or file, or it is broken, or it holds Python code (Lambda layers), which is never
        run. It is a ValueError.
    DownloadError
        If weights must be downloaded and cannot be. It is an OSError.
    ValueError
        If the labels do not fit the model.

    Notes
    -----
    With the environment variable ``XAI_WIDGETS_MIRROR`` set to the address of a folder, ImageNet models are asked
    from there, for instance from the teacher's machine.

    Examples
    --------
    >>> digits = load_model("digits")
    >>> digits
    Classifier('digits', input 8x8x1)
    >>> load_model("mobilnet")
    Traceback (most recent call last):
    ...
    xai_widgets.models.model_files.ModelError: unknown model 'mobilnet'; did you mean mobilenet_v2?
    """
    text = os.fspath(name_or_path)
    cards = shipped_cards()
    if not isinstance(name_or_path, os.PathLike):
        if (found := match(text, cards)) is not None:
            card = cards[found]
            if card.kind == "scene reader":
                return load_scene_reader().classes
            if card.reads == "text":
                raise ModelError(f"{card.name!r} reads texts: xai_widgets.load_text_model loads it")
            names = card.labels if labels is None else read_labels(labels, len(card.labels))
            own = card.preprocess if card.reads == "picture" else None
            return Classifier(card.read(), names, preprocess or own, name=card.name)
        if (found := match(text, APPLICATIONS)) is not None:
            return _from_application(APPLICATIONS[found], labels, preprocess, progress)
        if not _looks_like_path(text):
            raise ModelError(f"unknown model {text!r}; {suggestion(text, [*cards, *APPLICATIONS])}")
    model = read_model(Path(text), custom_objects)
    if labels is not None:
        labels = _names(labels, _outputs(model), progress)
    return Classifier(model, labels, preprocess, name=Path(text).stem, value_range=value_range)


def list_models() -> Table[ModelRow]:
    """Return the table of models that `load_model` knows by name.

    Returns
    -------
    Table of ModelRow
        Shows itself as text and as HTML; a sequence of records.

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
    return Table((*shipped, *downloads), "models.column_", formats)


def _from_application(
    application: Application, labels: Labels | None, preprocess: Callable[[Any], Any] | None, progress: Progress
) -> Classifier:
    # The names come first: they are small, and without a network nothing large is begun.
    names = _names(_IMAGENET if labels is None else labels, CLASSES, progress)
    model = load_weights(application, progress)
    return Classifier(model, names, preprocess or application.preprocess, name=application.name)


def _names(labels: Labels, classes: int | None, progress: Progress) -> list[str]:
    """Return class names; "imagenet" stands for ImageNet's."""
    if isinstance(labels, str) and labels == _IMAGENET:
        return imagenet_names(imagenet_index(progress), classes)
    return read_labels(labels, classes)


def _outputs(model: Any) -> int | None:
    """Return how many classes a model has, where it tells."""
    shape = getattr(model, "output_shape", None)
    return shape[-1] if isinstance(shape, tuple) else None


def _looks_like_path(text: str) -> bool:
    """Tell a file from a name: by its ending, by a folder in it, or because it is there."""
    return bool(Path(text).suffix) or any(mark in text for mark in ("/", os.sep, "~")) or Path(text).exists()
