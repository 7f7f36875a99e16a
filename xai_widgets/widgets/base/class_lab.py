"""What labs that explain one class of one picture share: the explained class, and the bars of all classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import traitlets

from xai_widgets.i18n import message
from xai_widgets.widgets.base.picture_lab import PictureControls, PictureLab
from xai_widgets.widgets.base.views import Views
from xai_widgets.widgets.components import ScoreBars


@dataclass(frozen=True)
class ClassControls(PictureControls):
    """The controls that choose the picture and the class.

    Attributes
    ----------
    bars : ScoreBars
    """

    bars: ScoreBars


class ClassViews(Views):
    """The widgets of a lab that explains one class of one picture, the controls of its `ClassLab` among them.

    Parameters
    ----------
    controls : ClassControls
        The menu of pictures, the upload and the bars.
    language : str
        ``"en"`` or ``"fr"``.
    """

    def __init__(self, controls: ClassControls, language: str) -> None:
        super().__init__(language)
        self.picture_menu, self.upload, self.bars = controls.picture_menu, controls.upload, controls.bars


class ClassLab(PictureLab):
    """The base of labs that explain one class of one picture; a click on a bar explains another class.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What is explained: a name or file for `load_model`, or a model; `default_model` if left out.
    image : str, path, array or PIL image, optional
        The picture: a name of `list_images`, anything that `load_image` reads, or floats in the model's input space.
    **options
        Any trait of the lab.

    Attributes
    ----------
    bars_explained : str
        The message that names the mark of the explained class.
    bars_reference : str
        What the message is called, in the lab's own catalogue, that names the answer to the whole picture, where the
        bars show it beside another answer; empty where they do not.
    """

    model_traits: ClassVar[tuple[str, ...]] = ("target",)
    bars_explained: ClassVar[str] = "lab.explained"
    bars_reference: ClassVar[str] = ""

    target = traitlets.Any(None, allow_none=True)
    """The explained class, by name or index; None: the model's answer."""

    @property
    def explained(self) -> int:
        """The number of the explained class."""
        return int(self.session.top) if self.target is None else int(self.classifier.index(self.target))

    @property
    def label(self) -> str:
        """The name of the explained class, in the lab's language where its model is a shipped one."""
        return str(self.session.class_names[self.explained])

    def check_session(self, session: Any) -> None:
        """Refuse a class that the model does not know.

        Parameters
        ----------
        session : PictureSession
            The picture and the model that are about to be shown.

        Raises
        ------
        ValueError
            If `target` is no class of the model.
        TypeError
            If it is neither a name nor a whole number.
        """
        if self.target is not None:
            session.classifier.index(self.target)

    def _make_common(self) -> None:
        super()._make_common()
        named = {"reference_label": self.text(self.bars_reference)} if self.bars_reference else {}
        self.bars = ScoreBars(title=self.text("bars"), language=self.language, **named)
        self.bars.words = {**self.bars.words, "explained": message(self.bars_explained, self.language)}
        self.bars.layout.flex, self.bars.layout.width = "1 1 300px", "auto"

    @property
    def controls(self) -> ClassControls:
        """The controls that choose the picture and the class, for the views to arrange."""
        return ClassControls(self.picture_menu, self.upload, self.bars)

    def _listen_common(self) -> None:
        super()._listen_common()
        self.bars.observe(self._on_bar, "selected")
        self.observe(self._on_target, "target")
        self.hears_escape(self.bars)

    def show_opened(self) -> None:
        """Show the model's answer, then the rest."""
        reference = {"reference": self.session.probabilities} if self.bars_reference else {}
        self.bars.selected = None
        self.bars.set_scores(self.session.probabilities, labels=self.session.class_names, **reference)
        self.bars.selected = self.explained
        super().show_opened()

    def _on_bar(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            self.choose_class(int(change["new"]))

    def choose_class(self, number: int) -> None:
        """Explain a class that the reader has chosen, also of other pictures; the model's answer is followed.

        Parameters
        ----------
        number : int
            The class. Where it is the model's answer, the answer to another picture is explained of that picture.
        """
        self.target = None if number == self.session.top else number

    def _on_target(self, change: dict[str, Any]) -> None:
        """Explain another class; one that the model does not know is refused, and the last one stays."""
        if self._painting:
            return
        try:
            explained = self.explained
        except ValueError:
            with self.painting():
                self.target = change["old"]
            raise
        with self.painting():
            self.bars.selected = explained
        self.refresh()
