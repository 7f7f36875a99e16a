"""`load_model`: shipped models by name, ImageNet models of keras.applications by name, Keras files by path."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_widgets.assets.cards import ModelError, shipped_cards
from xai_widgets.common.class_labels import imagenet_names, read_labels
from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.zoo.applications import APPLICATIONS, CLASSES, imagenet_index, load_weights
from xai_widgets.models.zoo.imagenet_files import check_sha256
from xai_widgets.models.zoo.keras_files import read_model
from xai_widgets.models.zoo.known_models import as_known
from xai_widgets.models.zoo.model_table import ModelRow, list_models
from xai_widgets.models.zoo.scene_reader import load_scene_reader
from xai_widgets.models.zoo.shipped import read_shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xai_widgets.common.class_labels import Labels
    from xai_widgets.common.download import Progress
    from xai_widgets.models.zoo.applications import Application

__all__ = ["ModelError", "ModelRow", "list_models", "load_model"]

_IMAGENET = "imagenet"
_SHOWN = 100  # characters of a name in an error message


def load_model(
    name_or_path: str | os.PathLike[str],
    *,
    labels: Labels | None = None,
    preprocess: Callable[[Any], Any] | None = None,
    value_range: tuple[float, float] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    sha256: str | None = None,
    progress: Progress = True,
) -> Classifier:
    """Load a model with its class names, its preprocessing and its input size.

    Parameters
    ----------
    name_or_path : str or path
        The name of a shipped model (such as ``"digits"``, ``"creatures"`` or ``"wine"``) or of an ImageNet model (such
        as ``"mobilenet_v2"`` or ``"vgg16"``); `list_models` lists all, and case and punctuation are ignored. Or a
        ``.keras`` or ``.h5`` file. The weights of ImageNet models are downloaded at the first use.
    labels : sequence, mapping, str or path, optional
        Class names that replace those of the model: a list, ``{index: name}``, a text file with one name a line, a JSON
        file, or ``"imagenet"``. If a model has 1,001 outputs, "background" precedes the 1,000 names of ImageNet.
    preprocess : callable, optional
        Maps a float32 batch of resized pictures (N, H, W, C), values 0..255, to the input space of the model. By
        default a named model has its own, and the input of a model from a file is 0..255.
    value_range : (float, float), optional
        Smallest and largest value of the input space of a model from a file. By default it is found by `preprocess`.
    custom_objects : mapping of str to object, optional
        Layers and functions in a file that are not part of Keras, by name.
    sha256 : str, optional
        The SHA-256 that the file of the model or of its weights must have, as 64 hexadecimal digits. Shipped models
        are checked anyway. For ImageNet models it is needed once where Keras publishes no hash and the file does not
        come from the address of Keras; see Notes.
    progress : bool or callable, default True
        Whether to show the progress of a download. A callable is called with ``(done, total)``, in bytes.

    Returns
    -------
    Classifier
        The model with its class names and preprocessing.

    Raises
    ------
    ModelError
        If there is no such model or file, or it is broken, or it contains Python code (Lambda layers), which is never
        run. It is a ValueError.
    DownloadError
        If the weights are not on this machine, or are not what they claim to be, and cannot be downloaded. It is an
        OSError.
    ValueError
        If the number of labels is not the number of outputs, or `sha256` is no SHA-256.

    Notes
    -----
    If the environment variable ``XAI_WIDGETS_MIRROR`` is the address of a folder, ImageNet models are downloaded from
    there, for instance from a server in the classroom.

    Files of ImageNet models are checked at every load: by the MD5 that Keras publishes for the weights, by the SHA-256
    that is known of the class names, and by the SHA-256 of the weights that was noted at their first use. For
    "mobilenet_v2" Keras publishes no hash: the first file is taken from the address of Keras, over an encrypted
    connection, and from a mirror or a cache only with `sha256`.

    Examples
    --------
    >>> digits = load_model("digits")
    >>> digits
    Classifier('digits', input 8x8x1, softmax over 10 classes)
    >>> load_model("mobilnet")
    Traceback (most recent call last):
    ...
    xai_widgets.assets.cards.ModelError: unknown model 'mobilnet'; did you mean mobilenet_v2?
    """
    check_sha256(sha256)
    text = os.fspath(name_or_path)
    cards = shipped_cards()
    if not isinstance(name_or_path, os.PathLike) and not {"/", os.sep} & set(text):
        if (found := match(text, cards)) is not None:
            card = cards[found]
            if sha256 is not None and sha256.lower() != card.sha256:
                raise ModelError(f"{card.name!r} has the SHA-256 {card.sha256}, not {sha256}")
            if card.kind == "scene reader":
                return load_scene_reader().classes
            if card.reads == "text":
                raise ModelError(f"{card.name!r} reads texts: xai_widgets.load_text_model loads it")
            names = card.labels if labels is None else read_labels(labels, len(card.labels))
            own = card.preprocess if card.reads == "picture" else None
            return Classifier(read_shipped(card), names, preprocess or own, name=card.name)
        if (found := match(text, APPLICATIONS)) is not None:
            return _from_application(APPLICATIONS[found], labels, preprocess, sha256, progress)
        if not _looks_like_path(text):
            raise ModelError(f"unknown model {text[:_SHOWN]!r}; {suggestion(text[:_SHOWN], [*cards, *APPLICATIONS])}")
    model = read_model(Path(text), custom_objects, sha256=sha256)
    if labels is not None:
        labels = _names(labels, _outputs(model), progress)
    return Classifier(model, labels, preprocess, name=Path(text).stem, value_range=value_range)


def _from_application(
    application: Application,
    labels: Labels | None,
    preprocess: Callable[[Any], Any] | None,
    sha256: str | None,
    progress: Progress,
) -> Classifier:
    # The names are downloaded first: they are small, and without a network the error comes before the large file.
    names = _names(_IMAGENET if labels is None else labels, CLASSES, progress)
    model = as_known(load_weights(application, progress, sha256=sha256))
    return Classifier(model, names, preprocess or application.preprocess, name=application.name)


def _names(labels: Labels, classes: int | None, progress: Progress) -> list[str]:
    """Return class names; "imagenet" stands for those of ImageNet."""
    if isinstance(labels, str) and labels == _IMAGENET:
        return imagenet_names(imagenet_index(progress), classes)
    return read_labels(labels, classes)


def _outputs(model: Any) -> int | None:
    """Return the number of classes of a model, or None if its output has no fixed shape."""
    shape = getattr(model, "output_shape", None)
    return shape[-1] if isinstance(shape, tuple) else None


def _looks_like_path(text: str) -> bool:
    """Return whether a text is a path: it has a suffix or a folder, or such a file exists."""
    return bool(Path(text).suffix) or any(mark in text for mark in ("/", os.sep, "~")) or os.path.lexists(text)
