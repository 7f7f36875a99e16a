"""What labs on one picture and one model share: the picture's menu, the upload, the bars, the explained class."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import traitlets

from xai_widgets.i18n import message
from xai_widgets.models.pictures import load_image
from xai_widgets.widgets.components import PictureUpload, ScoreBars
from xai_widgets.widgets.model_lab import ModelLab
from xai_widgets.widgets.pictures import default_picture, picture_names, read_picture

_LARGEST_UPLOAD = 1024  # pixels a side: a phone's picture is decoded smaller


class PictureLab(ModelLab):
    """The base of labs on one picture; a click on a bar explains another class.

    A subclass makes its session of a picture in `make_session`, its views in `make_views`, shows a new session in
    `show_session`, and computes in `refresh`.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What is explained; the creatures model if left out.
    image : str, path, array or PIL image, optional
        The picture: a name of `list_images`, anything that `load_image` reads, or floats in the model's input space.
    **options
        Any trait of the lab.
    """

    model = traitlets.Any(None, allow_none=True)
    """What is explained; always a `Classifier` once set."""

    image = traitlets.Any(None, allow_none=True)
    """The picture, as it was given."""

    target = traitlets.Any(None, allow_none=True)
    """The explained class, by name or index; None: the model's answer."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._session: Any = None
        super().__init__(**options)
        wanted: Any = "creatures" if model is None else model
        self.model = wanted
        self._make_common()
        self.make_views()
        self._open(image)
        self._listen_common()
        self.refresh()

    # For subclasses

    def make_session(self, image: Any) -> Any:
        """Look at a picture; what is no picture for the model raises ValueError."""
        raise NotImplementedError

    def make_views(self) -> None:
        """Make the views and arrange them."""
        raise NotImplementedError

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Ask the worker for what the present state shows."""
        raise NotImplementedError

    @property
    def session(self) -> Any:
        """The picture as the model sees it."""
        if self._session is None:
            raise RuntimeError("the lab has no picture yet")
        return self._session

    @property
    def explained(self) -> int:
        """The number of the explained class."""
        return int(self.session.top) if self.target is None else int(self.model.index(self.target))

    @property
    def label(self) -> str:
        """The name of the explained class."""
        return str(self.model.labels[self.explained])

    def hears_escape(self, *views: Any) -> None:
        """Let Esc inside of some views stop the computation."""
        for view in views:
            view.observe(lambda _change: self.stop(), "escapes")

    # Making

    def _make_common(self) -> None:
        self.picture_menu = menu(message("lab.picture", self.language))
        self.upload = PictureUpload(label=message("lab.upload", self.language), language=self.language)
        self.bars = ScoreBars(title=self.text("bars"), reference_label=self.text("whole"), language=self.language)
        self.bars.words = {**self.bars.words, "explained": message("lab.explained", self.language)}
        self.bars.layout.flex, self.bars.layout.width = "1 1 300px", "auto"

    def _listen_common(self) -> None:
        self.bars.observe(self._on_bar, "selected")
        self.picture_menu.observe(self._on_picture, "value")
        self.upload.observe(self._on_upload, "serial")
        self.observe(self._on_image, ["image", "model"])
        self.observe(self._on_target, "target")
        self.hears_escape(self.bars, self.upload)

    # State

    def _open(self, image: Any) -> None:
        """Look at another picture; if it cannot be read, the one before stays."""
        chosen = default_picture(self.model) if image is None else image
        session = self.make_session(read_picture(chosen, self.model))
        if self.target is not None:
            self.model.index(self.target)  # an unknown class is refused before anything is shown
        self._session = session
        with self.painting():
            names = picture_names(self.model)
            sample = chosen if isinstance(chosen, str) and chosen in names else None
            own = [] if sample else [(message("lab.own_picture", self.language), None)]
            self.picture_menu.options = [*((name, name) for name in names), *own]
            self.picture_menu.value = sample
            self.image = chosen
            self.bars.selected = None
            self.bars.set_scores(session.probabilities, labels=self.model.labels, reference=session.probabilities)
            self.bars.selected = self.explained
            self.show_session()

    # Events

    def _on_bar(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            self.target = int(change["new"])

    def _on_target(self, _change: object) -> None:
        if not self._painting:
            with self.painting():
                self.bars.selected = self.explained
            self.refresh()

    def _on_picture(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            self._change_picture(change["new"])

    def _on_upload(self, _change: object) -> None:
        self._change_picture(self.upload.picture_bytes)

    def _change_picture(self, image: Any) -> None:
        """Take a picture from the page; what cannot be read is said in the lab, and the last picture stays."""
        before = self.target
        try:
            with self.painting():
                self.target = None
            self._open(image if isinstance(image, str) else load_image(image, max_side=_LARGEST_UPLOAD))
        except ValueError as error:
            with self.painting():
                self.target = before
            self.show_error(str(error))
            return
        self.refresh()

    def _on_image(self, change: dict[str, Any]) -> None:
        """Take a picture or a model set from code; errors go to whoever set it."""
        if self._painting:
            return
        if change["name"] == "model":
            with self.painting():
                self.target = None
        self._open(self.image)
        self.refresh()


def menu(description: str, options: Any = (), value: Any = None) -> widgets.Dropdown:
    """Return a menu as narrow as its words."""
    chosen = {} if value is None else {"value": value}
    return widgets.Dropdown(
        options=options,
        description=description,
        style={"description_width": "initial"},
        layout=widgets.Layout(width="auto", max_width="260px"),
        **chosen,
    )


def row(children: Any, **options: str) -> widgets.HBox:
    """Return a row that breaks on a narrow page."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", overflow="visible", **options))
