"""The table of methods, and `explain`: both read the descriptions that stand where the methods are defined."""

from __future__ import annotations

import importlib
import os
import pkgutil
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.checked_options import checked_options
from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.common.record_table import RecordTable
from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.datasets.pictures.picture_reading import load_image
from xai_widgets.i18n import message
from xai_widgets.methods import attribution
from xai_widgets.methods.core.attribution_method import FUNCTIONS, KINDS, METHODS, Cost, Method
from xai_widgets.models.kinds.wrapping import keras_model_of
from xai_widgets.models.text.string_input_model import takes_strings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Annotated

    import keras

    from xai_widgets.common.option_types import OneOf
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.models.outputs.targets import Target

__all__ = [
    "FUNCTIONS",
    "METHODS",
    "Method",
    "discover",
    "explain",
    "list_methods",
    "methods_for",
    "methods_in_markdown",
]

_COLUMNS = (
    "name",
    "explains",
    "needs_gradients",
    "needs_convolutions",
    "needs_retraining",
    "cost",
    "grain",
    "paper",
)
_AXES = {2: "row", 3: "sequence", 4: "picture"}  # of a batch


def discover() -> None:
    """Import all modules below `xai_widgets.methods.attribution`: each describes its methods as it is loaded."""
    for module in pkgutil.walk_packages(attribution.__path__, f"{attribution.__name__}."):
        importlib.import_module(module.name)


discover()


@checked_options
def methods_for(kind: Annotated[str, OneOf(KINDS)]) -> dict[str, Method]:
    """Return the methods that explain one kind of inputs, by name.

    Parameters
    ----------
    kind : {"picture", "sequence", "row", "text"}

    Raises
    ------
    ValueError
        If `kind` is none of these.

    Examples
    --------
    >>> list(methods_for("text"))
    ['occlude_words', 'lime_text']
    """
    return {name: method for name, method in METHODS.items() if kind in method.explains}


@renamed_options(image="inputs")
@checked_options
def explain(
    model: Classifier | keras.Model | Any, inputs: Any, method: str, target: Target = None, **options: Any
) -> Any:
    """Explain what a model answers, by a method given by name.

    Parameters
    ----------
    model : Classifier, Network, keras.Model, text model, object with ``predict_proba``, or callable
        The model that is explained. A bare Keras model is wrapped by `wrap`, without class names. Text models,
        objects with ``predict_proba`` and functions to scores (N, K) are for methods that take whatever answers,
        such as ``"lime_tabular"``.
    inputs : array, picture, path or address; rows; one text or several
        What the model takes. Pictures, as uint8 arrays (H, W, 3), PIL images, paths or web addresses; floats in the
        model's input space, (N, H, W, C), (N, T, C) or one such example; rows of features (N, F); strings for a
        model of texts.
    method : str
        A name from `list_methods`; case and punctuation do not count.
    target : str, int, sequence of them, callable, or None
        The explained class by name or index, one for all examples or one for each; None takes the class that the
        model predicts. For a network, a callable makes another scalar to explain: from the tensor of outputs, (N,
        K) or nested as the model gives them, to a tensor (N,), written with ``keras.ops``.
    **options : object
        Options of the method, by name: ``steps=16``, ``layer="conv4"``.

    Returns
    -------
    Attribution, SuperpixelAttribution or WordAttribution
        What the method gives: N examples with their values, the explained scores ``.score`` (N,), and the recipe.
        For several inputs of a model, some methods give one for each.

    Raises
    ------
    ValueError
        If the method is unknown (the nearest names are given) or does not explain what is given (those that do are
        named), and for what the method itself refuses.
    TypeError
        If the method has no such option or needs one that is missing, or the model is none that it takes.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> xai.explain(xai.load_model("digits"), xai.sample_image("digit-7"), "saliency", target="7")
    Attribution(1x8x8x1: saliency · digits · target 7 · output=logit)
    """
    found = match(method, METHODS)
    if found is None:
        msg = f"unknown method {method!r}; {suggestion(method, METHODS)}"
        raise ValueError(msg)
    network = keras_model_of(model)
    kind = _kind_of(network, inputs)
    _check_fit(METHODS[found], kind, network)
    read = network is not None and kind != "text" and isinstance(inputs, (str, os.PathLike))
    return FUNCTIONS[found](model, load_image(inputs) if read else inputs, target, **options)


def _kind_of(network: keras.Model | None, inputs: Any) -> str | None:
    """Tell what is to be explained, of `KINDS`; None where that is left to the method."""
    if network is None:
        several = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        if len(several) and all(isinstance(one, str) for one in several):
            return "text"
        return {1: "row", 2: "row"}.get(np.ndim(inputs), "picture")
    if takes_strings(network):
        return "text"
    tensors = getattr(network, "inputs", None) or []
    return _AXES.get(len(tensors[0].shape)) if len(tensors) == 1 else None


def _check_fit(method: Method, kind: str | None, network: keras.Model | None) -> None:
    """Refuse a method that does not explain what is given, and name those that do."""
    given = {"picture": "a picture", "sequence": "a sequence", "row": "rows of features", "text": "texts"}
    if network is None and (method.network_only or kind == "picture"):
        why = f"{method.name} needs a network: a Classifier or a keras.Model"
    elif kind is not None and kind not in method.explains:
        why = f"{method.name} explains {' or '.join(given[one] for one in method.explains)}"
    else:
        return
    usable = [one for one in METHODS.values() if network is not None or not (one.network_only or kind == "picture")]
    names = [one.name for one in usable if kind in one.explains]
    what = given.get(kind or "", "these inputs")
    advice = f"for {what}, choose {' or '.join(names)}" if names else f"no method explains {what} of such a model"
    raise ValueError(f"{why}; {advice}")


@checked_options
def list_methods(explains: Annotated[str, OneOf(KINDS)] | None = None) -> RecordTable[Method]:
    """Return the attribution methods by the questions that help to choose one.

    Parameters
    ----------
    explains : {"picture", "sequence", "row", "text"}, optional
        Only those that explain this; all if left out.

    Returns
    -------
    RecordTable
        One row a method: what it explains; whether it needs gradients, a convolutional network, another training; what
        it costs; how fine its maps are; who described it. Headings are in the current language.

    Raises
    ------
    ValueError
        If `explains` is none of these.

    Examples
    --------
    >>> list_methods()["saliency"].grain
    'fine'
    >>> list_methods("text").names
    ['occlude_words', 'lime_text']
    """
    return _table(METHODS if explains is None else methods_for(explains), _COLUMNS)


def methods_in_markdown() -> str:
    """Return the page ``docs/methods.md``: all methods, with the DOI or arXiv number of each paper."""
    table = _table(METHODS, (*_COLUMNS, "identifier")).to_markdown()
    return f"# {message('methods.page_title')}\n\n{message('methods.page_intro')}\n\n{table}"


def _table(methods: Mapping[str, Method], columns: Sequence[str]) -> RecordTable[Method]:
    """Return methods as a table in the current language."""
    words = {True: message("methods.yes"), False: message("methods.no")}
    formats: dict[str, Any] = dict.fromkeys(
        ("needs_gradients", "needs_convolutions", "needs_retraining"), words.__getitem__
    )
    formats |= {"cost": Cost.in_words, "grain": _translated, "explains": _kinds_in_words}
    return RecordTable(methods.values(), "methods.column_", formats, columns=columns)


def _kinds_in_words(kinds: tuple[str, ...]) -> str:
    return ", ".join(message(f"methods.explains_{kind}") for kind in kinds)


def _translated(value: str) -> str:
    """Look a cell's wording up in the catalogue."""
    return message(f"methods.{value}")
