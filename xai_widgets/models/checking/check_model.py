"""`check_model`: what is known of a model, how it was found out, and what looks wrong, in one table."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xai_widgets.common.record_table import RecordTable
from xai_widgets.common.warning import without_doubts
from xai_widgets.i18n import message
from xai_widgets.models.checking import model_findings, picture_findings
from xai_widgets.models.checking.finding import Finding
from xai_widgets.models.checking.truth import Truth
from xai_widgets.models.kinds.wrapping import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import keras

    from xai_widgets.models.kinds.wrapped_model import WrappedModel

_MOST = 64  # pictures that are looked at


class ModelReport(RecordTable[Finding]):
    """What `check_model` found, as a table: text in a terminal, HTML in a notebook.

    Parameters
    ----------
    findings : iterable of Finding

    Examples
    --------
    >>> ModelReport([Finding("labels", "good", "10 names were given")]).problems
    []
    """

    def __init__(self, findings: Any) -> None:
        formats: dict[str, Callable[[Any], str]] = {
            "name": lambda name: message(f"check.name_{name}"),
            "verdict": lambda verdict: message(f"check.{verdict}"),
        }
        super().__init__(findings, "check.column_", formats)

    @property
    def problems(self) -> list[Finding]:
        """The findings that are wrong, then those that are worth a look."""
        return sorted((one for one in self if one.verdict != "good"), key=lambda one: one.verdict != "wrong")


@dataclass(frozen=True)
class _Part:
    """A part of the check, and what it is called where it cannot be done."""

    name: str
    find: Callable[..., Iterator[Finding]]


_OF_MODELS = (
    _Part("inputs", model_findings.inputs),
    _Part("range", model_findings.value_range),
    _Part("outputs", model_findings.outputs),
    _Part("labels", model_findings.labels),
    _Part("precision", model_findings.precision),
    _Part("weights", model_findings.weights),
    _Part("layer", model_findings.default_layer_of_maps),
)
_OF_INPUTS = (
    _Part("agreement", picture_findings.agreement),
    _Part("gradient", picture_findings.gradient),
    _Part("answers", picture_findings.answers),
    _Part("dead", picture_findings.dead_layers),
    _Part("maps", picture_findings.maps_of_default_layer),
)


def check_model(model: WrappedModel | keras.Model, pictures: Any = None, **options: Any) -> ModelReport:
    """Find out what is known of a model before it is explained, and what looks wrong.

    Parameters
    ----------
    model : Classifier, Network or keras.Model
        A bare Keras model is wrapped by `wrap`.
    pictures : pictures, array, paths, data set, or None
        Some of what the model is for, anything that its ``predict`` takes; the first 64 are looked at. More is found
        with at least eight of several classes, and with their classes: a pair (pictures, classes), or a data set of
        such pairs. Without any, one input of random numbers is tried.
    **options
        Of `wrap`: ``labels``, ``preprocess``, ``outputs``, ``value_range``, ...

    Returns
    -------
    ModelReport
        A table of findings, each with a verdict, ``"good"``, ``"look"`` or ``"wrong"``, what was seen and what to do:
        how inputs are read and which values they take; what the outputs are and how that was found; labels; precision;
        weights that are not finite; the layer whose maps are taken; whether what is explained is what the model
        answers; whether gradients reach the inputs; whether answers differ between pictures; layers that are zero;
        whether the layer of maps has any; whether the answers are the classes that were given.
        ``.problems`` holds those that are not good; ``report["outputs"]`` is one finding.

    Examples
    --------
    >>> import keras
    >>> layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")]
    >>> net = keras.Sequential([keras.Input((8, 8, 3)), *layers])
    >>> report = check_model(net, labels=["cat", "dog"], preprocess=lambda pixels: pixels / 255)
    >>> report["range"].verdict, report["outputs"].verdict
    ('wrong', 'good')
    """
    try:
        subject = wrap(model, **options)
    except (TypeError, ValueError) as error:
        return ModelReport([Finding("wrapping", "wrong", str(error))])
    inputs, heard = _read(subject, pictures)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is said of the inputs is a finding already
        found = [*findings_of_model(subject), *heard]
        if inputs is not None:
            found += findings_of_inputs(subject, inputs, drawn=pictures is None)
            truth = Truth(pictures, subject.count(inputs))
            found += _tried(_Part("truth", truth.findings), subject, inputs)
    return ModelReport(found)


def findings_of_model(subject: WrappedModel) -> list[Finding]:
    """Return what is found about a model by itself."""
    return [one for part in _OF_MODELS for one in _tried(part, subject)]


def findings_of_inputs(subject: WrappedModel, inputs: Any, *, drawn: bool = False) -> list[Finding]:
    """Return what a model does with a batch of its input space; `drawn`: the inputs are random numbers."""
    return [one for part in _OF_INPUTS for one in _tried(part, subject, inputs, drawn)]


def _tried(part: _Part, *about: Any) -> list[Finding]:
    """Return the findings of a part of the check; where it cannot be done, why."""
    try:
        with without_doubts():
            return list(part.find(*about))
    except (TypeError, ValueError, NotImplementedError) as error:
        return [Finding(part.name, "wrong", str(error))]


def _read(subject: WrappedModel, pictures: Any) -> tuple[Any, list[Finding]]:
    """Return the inputs that are looked at, and what was said of them as they were read."""
    try:
        if pictures is None:
            return subject.probe(), []
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            inputs = picture_findings.first(subject.as_inputs(pictures), _MOST)
    except (TypeError, ValueError) as error:
        return None, [Finding("pictures", "wrong", str(error))]
    said = list(dict.fromkeys(str(one.message) for one in heard if issubclass(one.category, UserWarning)))
    if said:
        return inputs, [Finding("pictures", "look", " ".join(said))]
    seen = message("check.pictures_fit", count=subject.count(inputs))
    return inputs, [Finding("pictures", "good", seen)]
