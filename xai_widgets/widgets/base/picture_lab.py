"""What labs on one picture and one model share: the menu of pictures, the upload, and what follows a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from xai_widgets.datasets.pictures.picture_reading import MAX_PIXELS, PictureError, load_image
from xai_widgets.i18n import message
from xai_widgets.widgets.base.class_names import class_names
from xai_widgets.widgets.base.model_lab import ModelLab
from xai_widgets.widgets.base.picture_choice import (
    default_picture,
    fitting_picture,
    is_model_input,
    picture_names,
    read_picture,
)
from xai_widgets.widgets.base.picture_session import PictureSession
from xai_widgets.widgets.base.views import menu
from xai_widgets.widgets.base.widget_tree import owned_widgets
from xai_widgets.widgets.components import PictureCanvas, PictureUpload

if TYPE_CHECKING:
    import ipywidgets as widgets

    from xai_widgets.models.kinds.classifier import Classifier

OWN = "own"  # the menu's entry for a picture of the reader's: an entry without a value would be shown as none
_LARGEST_UPLOAD = 1024  # pixels a side: a phone's picture is decoded smaller


@dataclass(frozen=True)
class PictureControls:
    """The controls that choose the picture.

    Attributes
    ----------
    picture_menu : ipywidgets.Dropdown
    upload : PictureUpload
    """

    picture_menu: widgets.Dropdown
    upload: PictureUpload


class PictureLab(ModelLab):
    """The base of labs on one picture and one model.

    What differs between labs is declared: the class attributes below. A subclass makes its views in `make_views`, shows
    a picture that was just opened in `show_session`, and computes in `ask_worker`.

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
    session_type : type
        What is made of the model and a picture, `PictureSession` or a subclass.
    menu_width : str
        The largest width of the menu of pictures, in CSS.
    """

    session_type: ClassVar[type[Any]] = PictureSession
    menu_width: ClassVar[str] = "260px"

    image = traitlets.Any(None, allow_none=True)
    """The picture, as it was given."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._session: Any = None
        super().__init__(model, **options)
        try:
            self._make_common()
            self.make_views()
            self._open(image)
            self._listen_common()
            self.refresh()
        except BaseException:
            self.close()  # nobody gets this lab, and nobody else could close its widgets
            raise

    # For subclasses

    def make_session(self, chosen: Any) -> Any:
        """Read a picture for the model.

        Parameters
        ----------
        chosen : str, path, array or PIL image
            The picture as it was given.

        Returns
        -------
        PictureSession
            An instance of `session_type`: the model and the picture as the model sees it.

        Raises
        ------
        ValueError
            If it cannot be read, or does not fit the model.
        """
        return self.session_type(self.classifier, read_picture(chosen, self.classifier))

    def make_views(self) -> None:
        """Make the views and arrange them."""
        raise NotImplementedError

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        raise NotImplementedError

    def check_session(self, session: Any) -> None:
        """Raise ValueError if the lab's traits do not fit a picture or a model, before anything of it is shown.

        Parameters
        ----------
        session : PictureSession
            The picture and the model that are about to be shown.
        """

    def open_model(self) -> None:
        """Read the picture again for another model, or one that fits it."""
        as_inputs = is_model_input(self.image, self.session.classifier)  # of the model before: no picture for this one
        self._open(self.session.picture if as_inputs else fitting_picture(self.image, self.picture_classifier))

    def reopen_model(self) -> None:
        """Read the same picture again."""
        self._open(self.image)

    @property
    def session(self) -> Any:
        """The picture as the model sees it.

        Raises
        ------
        RuntimeError
            If no picture was opened yet.
        """
        if self._session is None:
            raise RuntimeError("the lab has no picture yet")
        return self._session

    @property
    def own_inputs(self) -> Any:
        """The picture in the model's input space."""
        return getattr(self._session, "inputs", None)

    @property
    def classifier(self) -> Classifier:
        """The classifier that reads the picture: the model, unless a lab's model has several."""
        found: Classifier = self.model
        return found

    @property
    def layer_classifier(self) -> Classifier:
        """The classifier that reads the picture."""
        return self.classifier

    @property
    def picture_classifier(self) -> Classifier:
        """The classifier whose classes say which sample pictures fit."""
        return self.classifier

    def hears_escape(self, *views: Any) -> None:
        """Let Esc inside of some views stop the computation.

        Parameters
        ----------
        *views : components of this package
            The views that hear the key: they have a trait ``escapes``, which counts how often it was pressed.
        """
        for view in views:
            view.observe(self._on_escape, "escapes")

    # Making

    def _make_common(self) -> None:
        self.picture_menu = menu(message("lab.picture", self.language))
        self.picture_menu.layout.max_width = self.menu_width
        self.upload = PictureUpload(label=message("lab.upload", self.language), language=self.language)

    @property
    def controls(self) -> PictureControls:
        """The controls that choose the picture, for the views to arrange."""
        return PictureControls(self.picture_menu, self.upload)

    def _listen_common(self) -> None:
        self.picture_menu.observe(self._on_picture, "value")
        self.upload.observe(self._on_upload, "serial")
        self.observe(self._on_image, "image")
        self.hears_escape(self.upload)

    # State

    def _open(self, image: Any) -> None:
        """Open another picture; if it cannot be read, the one before stays."""
        chosen = default_picture(self.picture_classifier) if image is None else image
        session = self.make_session(chosen)
        self.check_session(session)
        if self._session is not None:
            self._forget_captions()
        if isinstance(session, PictureSession):
            session.class_names = class_names(session.classifier, self.language)
        self._session = session
        with self.painting():
            self._offer_pictures(chosen)
            self.image = chosen
            self.show_opened()

    def _forget_captions(self) -> None:
        """Clear what is written about the picture before: recipe, certificates, captions."""
        self.clear_recipe()
        for view in owned_widgets(self):
            if isinstance(view, PictureCanvas):
                view.caption = ""

    def _offer_pictures(self, chosen: Any) -> None:
        """List the sample pictures that fit the model, and the reader's own if it is shown."""
        names = picture_names(self.picture_classifier)
        sample = chosen if isinstance(chosen, str) and chosen in names else None
        own = [] if sample else [(message("lab.own_picture", self.language), OWN)]
        self.picture_menu.options = [*((name, name) for name in names), *own]
        self.picture_menu.value = sample or OWN

    def show_opened(self) -> None:
        """Show everything that a new picture changes; the base of labs on a class shows more."""
        self.show_session()

    # Events

    def _on_escape(self, _change: object) -> None:
        self.stop()

    def _on_picture(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] not in (None, OWN):
            self._change_picture(change["new"])

    def _on_upload(self, _change: object) -> None:
        self.upload.busy = True
        try:
            self._change_picture(self.upload.picture_bytes)
        finally:
            self.upload.busy = False

    def _change_picture(self, image: Any) -> None:
        """Take a picture from the page; if it cannot be read, the lab says so, and the last picture stays."""
        try:
            self._open(image if isinstance(image, str) else load_image(image, max_side=_LARGEST_UPLOAD))
        except ValueError as error:
            self.show_error(self._picture_problem(image, error))
            return
        self.refresh()

    def _picture_problem(self, image: Any, error: ValueError) -> str:
        """Return why a picture was not opened; of an uploaded file in the language of the lab."""
        if isinstance(error, PictureError) and not isinstance(image, str):
            return message("lab.bad_picture", self.language, megapixels=MAX_PIXELS // 1_000_000)
        return str(error)

    def _on_image(self, change: dict[str, Any]) -> None:
        """Open a picture that was set from code; errors go to whoever set it, and the last picture stays."""
        if self._painting:
            return
        try:
            self._open(self.image)
        except ValueError:
            with self.painting():
                self.image = change["old"]
            raise
        self.refresh()
