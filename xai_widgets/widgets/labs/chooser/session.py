"""What the method chooser knows: the slides' questions, what each rules out, and small maps of one picture."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from xai_widgets.methods.registry import METHODS, methods_for
from xai_widgets.widgets.base.explanation_session import AttributionSession
from xai_widgets.widgets.base.picture_choice import picture_names, read_picture
from xai_widgets.widgets.components.colours import CENTRE, ENTRIES, colour_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from xai_widgets.methods.core.attribution_method import Method
    from xai_widgets.widgets.base.explanation_session import Explained

_OPACITY = 0.75  # of a map over the grey picture


@dataclass(frozen=True)
class Question:
    """One question of the slide.

    Attributes
    ----------
    name : str
        Of the lab's trait, and of its texts in the catalogue.
    answers : tuple of str
        The first is "whatever".
    fits : callable
        ``fits(method, answer)``: whether a method is still in the running.
    """

    name: str
    answers: tuple[str, ...]
    fits: Callable[[Method, str], bool]


def is_agnostic(method: Method) -> bool:
    """Tell whether a method asks nothing of the model but its answers.

    Examples
    --------
    >>> from xai_widgets.methods.registry import METHODS
    >>> is_agnostic(METHODS["lime_image"]), is_agnostic(METHODS["eigen_cam"])
    (True, False)
    """
    return not (method.needs_gradients or method.needs_convolutions)


def families() -> tuple[str, ...]:
    """Return the kinds of approaches of these methods.

    Examples
    --------
    >>> families()
    ('gradient', 'relevance', 'perturbation', 'activation')
    """
    return tuple(dict.fromkeys(method.family for method in methods_for("picture").values()))


QUESTIONS: Final = (
    Question("inside", ("any", "gradients", "outputs"), lambda m, a: a != "outputs" or is_agnostic(m)),
    Question("network", ("any", "convolutional", "other"), lambda m, a: a != "other" or not m.needs_convolutions),
    Question("retraining", ("any", "yes", "no"), lambda m, a: a != "no" or not m.needs_retraining),
    Question("price", ("any", "few", "many"), lambda m, a: a == "any" or m.few_passes == (a == "few")),
    Question("grain", ("any", "fine", "coarse"), lambda m, a: a in ("any", m.grain)),
    Question("family", ("any", *families()), lambda m, a: a in ("any", m.family)),
)


def ruled_out(method: Method, answers: Mapping[str, str]) -> str:
    """Return the first question whose answer rules a method out; nothing if it is in the running.

    Examples
    --------
    >>> from xai_widgets.methods.registry import METHODS
    >>> ruled_out(METHODS["grad_cam"], {"network": "other"}), ruled_out(METHODS["rise"], {"network": "other"})
    ('network', '')
    """
    for question in QUESTIONS:
        if not question.fits(method, answers.get(question.name, "any")):
            return question.name
    return ""


class ChooserSession(AttributionSession):
    """One picture seen by one model, with a quick map by every method that takes it.

    Parameters
    ----------
    classifier : Classifier
    image : picture or (H, W, C) float array
        One image.

    Raises
    ------
    ValueError
        If it is not one picture that fits the model.
    """

    def quick(self, method: str, target: int, progress: Callable[[int, int], object] | None = None) -> Explained:
        """Explain one class by one method, with few samples; what the method refuses is raised."""
        described = METHODS[method]
        company = {described.background: self._company} if described.background else {}
        found = self.explained(method, target, {**described.quick, **company}, progress)
        if described.values != "level":
            return found
        return replace(found, heatmap=found.heatmap - found.heatmap.min(), signed=False)

    @functools.cached_property
    def _company(self) -> NDArray[np.float32]:
        """Other pictures of the kind that the model is offered, for the method that compares with a data set."""
        pictures = [read_picture(name, self.classifier) for name in picture_names(self.classifier)]
        company: NDArray[np.float32] = self.classifier.as_inputs(pictures)
        return company


@dataclass(frozen=True, eq=False)
class ChooserState:
    """What is known at one moment: everything that the views show follows from it.

    Attributes
    ----------
    session : ChooserSession
    label : str
        The name of the explained class.
    selected : str
        The method whose card is shown.
    answers : mapping of str to str
        The answer to each question, by its name.
    found : mapping of str to Explained
        The maps that are made, by method.
    refused : mapping of str to str
        Why the other methods that were tried made none.
    """

    session: ChooserSession
    label: str
    selected: str
    answers: Mapping[str, str]
    found: Mapping[str, Explained]
    refused: Mapping[str, str]

    @property
    def offered(self) -> tuple[str, ...]:
        """All methods that explain pictures."""
        return tuple(methods_for("picture"))

    def reason(self, method: str) -> str:
        """Return the question that rules a method out, or "refused" where it does not fit the model; else nothing."""
        return ruled_out(METHODS[method], self.answers) or ("refused" if method in self.refused else "")

    @property
    def remaining(self) -> tuple[str, ...]:
        """The methods that neither an answer nor the model rules out."""
        return tuple(name for name in self.offered if not self.reason(name))

    def thumbnail(self, method: str, side: int) -> NDArray[np.uint8]:
        """Return the map of a method over the grey picture, uint8 (side, side, 3)."""
        return thumbnail(self.session.picture, self.found[method], side)


def thumbnail(picture: NDArray[np.uint8], explained: Explained, side: int) -> NDArray[np.uint8]:
    """Blend a map over the grey picture, uint8 (side, side, 3).

    Parameters
    ----------
    picture : (H, W, 3) uint8 array
    explained : Explained
    side : int
    """
    grey = np.asarray(Image.fromarray(picture).convert("L").resize((side, side)), "float32")
    heat = np.asarray(Image.fromarray(explained.heatmap.astype("float32")).resize((side, side)), "float32")
    limit = float(np.abs(heat).max()) or 1.0
    share = np.clip(heat / limit, -1, 1)
    entries = CENTRE + (CENTRE - 1) * share if explained.signed else (ENTRIES - 1) * np.maximum(share, 0)
    colours = colour_table(signed=explained.signed)[entries.round().astype("int64")].astype("float32")
    blended = _OPACITY * colours + (1 - _OPACITY) * grey[..., np.newaxis]
    small: NDArray[np.uint8] = blended.round().astype("uint8")
    return small
