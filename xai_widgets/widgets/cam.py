"""`CamLab`: class activation maps, layer by layer, class by class, of whatever the network says."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.methods.layer_maps import layers_with_maps
from xai_widgets.models.classifier import Classifier
from xai_widgets.models.creature_pictures import creature_names, creature_scene
from xai_widgets.models.creatures import draw
from xai_widgets.models.creatures.language import QUESTIONS
from xai_widgets.models.names import match, suggestion
from xai_widgets.models.pictures import load_image
from xai_widgets.models.scene_reader import NAME, WORDS, SceneReader, load_scene_reader
from xai_widgets.models.zoo import load_model
from xai_widgets.plots.panels import SIGNED_MAP, UNSIGNED_MAP, add_caption, draw_picture, panel_grid, plain
from xai_widgets.widgets.cam_session import METHODS, SIDES, WITHOUT_OPPOSITE, CamRequest, CamSession, Drawn
from xai_widgets.widgets.cam_views import CamViews
from xai_widgets.widgets.lab import Lab
from xai_widgets.widgets.method_panel import method_name
from xai_widgets.widgets.pictures import default_picture, picture_names, read_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.attribution import Attribution
    from xai_widgets.runtime.worker import Job

_SPEAKS = ("classes", *WORDS, *QUESTIONS)  # what a reader of scenes says
_LARGEST_UPLOAD = 1024  # pixels a side: a phone's picture is decoded smaller


class CamLab(Lab):
    """Where does the network look? CAM, Grad-CAM and their kin at every layer, for every class, word and answer.

    A click on a bar explains another class, one on a small map another layer.

    Parameters
    ----------
    model : str, Classifier, keras.Model or SceneReader, optional
        What is explained: a name or file for `load_model`, or a model. The creatures model if left out; of
        ``"creatures_heads"`` every word of the caption and every answer can be explained.
    image : str, path, array or PIL image, optional
        The picture: a name of `list_images`, anything that `load_image` reads, or floats in the model's input space.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the picture does not fit the model, the model has no layer with maps, or the layer is unknown.

    References
    ----------
    Bolei Zhou, Aditya Khosla, Agata Lapedriza, Aude Oliva, Antonio Torralba (2016), Learning deep features for
    discriminative localization. Ramprasaath R. Selvaraju, Michael Cogswell, Abhishek Das, Ramakrishna Vedantam, Devi
    Parikh, Dhruv Batra (2017), Grad-CAM: visual explanations from deep networks via gradient-based localization.

    Examples
    --------
    >>> lab = CamLab("creatures", "creature-cat-dog", target="cat")
    >>> lab.layer = "conv3_2"
    >>> lab.result.recipe.target, lab.result.recipe.options["layer"]
    (('cat',), 'conv3_2')
    >>> lab.close()
    """

    area = "cam"

    model = traitlets.Any(None, allow_none=True)
    """What is explained; always a `Classifier` or a `SceneReader` once set."""

    image = traitlets.Any(None, allow_none=True)
    """The picture, as it was given."""

    says = traitlets.Enum(_SPEAKS, default_value="classes")
    """What a reader of scenes says: the classes, a word of the caption, or the answer to a question."""

    target = traitlets.Any(None, allow_none=True)
    """The explained class, word or answer, by name or index; None: the model's answer."""

    method = traitlets.Enum(METHODS, default_value="grad_cam")
    """How the map is drawn."""

    layer = traitlets.Unicode(None, allow_none=True)
    """The path of a layer of `layers_with_maps`; None: the last one."""

    side = traitlets.Enum(SIDES, default_value="for")
    """What speaks for the class, what speaks against it (the counterfactual map), or both."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._session: CamSession | None = None
        super().__init__(**options)
        wanted: Any = "creatures" if model is None else model
        self.model = wanted
        self.views = CamViews(self.language)
        self._open(image)
        controls, *rest = self.views.rows()
        self.children = (controls, self._error_panel, *rest, self._recipe_line)
        self._listen()
        self._refresh()

    # What can be read from code

    @property
    def result(self) -> Attribution:
        """The map in the lab's present state."""
        return self._current().map(self._request()).attribution

    def figure(self) -> Figure:
        """Return the picture, the map, its fine version and the maps of all layers as a matplotlib figure."""
        session, request = self._current(), self._request()
        drawn, label = session.map(request), session.classifier.labels[request.target]
        layers = session.shown_layers
        figure, axes = panel_grid(2, max(3, len(layers)))
        draw_picture(axes[0, 0], session.picture / 255, session.predictions.top(1)[0][0].label)
        _draw_map(axes[0, 1], drawn.heatmap, self._caption(request))
        guided = self._guided(session, request, self._drawn_layer(drawn))
        if guided is not None:
            _draw_map(axes[0, 2], guided.heatmap, self.text("guided"))
        for place, layer in enumerate(layers):
            _draw_map(axes[1, place], session.map_at(request, layer).heatmap, layer)
        add_caption(figure, self.text("caption", label=label, model=session.classifier.name))
        return figure

    def describe(self) -> str:
        """Return what the map shows."""
        session, request = self._current(), self._request()
        return self.views.describe(session, request, session.map(request))

    def __repr__(self) -> str:
        """Model, method and layer."""
        return f"CamLab({self._current().classifier.name!r}, {self.method}, layer={self._layer()!r})"

    # State

    @traitlets.validate("model")
    def _as_model(self, proposal: dict[str, Any]) -> Classifier | SceneReader:
        value = proposal["value"]
        if isinstance(value, SceneReader):
            return value
        if value == NAME:
            return load_scene_reader()
        return load_model(value) if isinstance(value, str) else Classifier.wrap(value)

    @traitlets.validate("layer")
    def _known_layer(self, proposal: dict[str, Any]) -> str | None:
        wanted: str | None = proposal["value"]
        if wanted is None or self._session is None:
            return wanted  # looked at once there is a picture
        return self._layer_of(self._session, wanted)

    def _layer_of(self, session: CamSession, wanted: str) -> str:
        found = match(wanted, session.layers)
        if found is None:
            raise ValueError(f"unknown layer {wanted!r}; {suggestion(wanted, session.layers)}")
        return found

    def _classifier(self) -> Classifier:
        """Return what says the chosen thing."""
        model: Classifier | SceneReader = self.model
        if isinstance(model, Classifier):
            return model
        if self.says == "classes":
            return model.classes
        return model.word(self.says) if self.says in WORDS else model.question(self.says)

    def _current(self) -> CamSession:
        if self._session is None:
            raise RuntimeError("the lab has no picture yet")
        return self._session

    def _layer(self) -> str:
        return self.layer or self._current().layers[-1]

    def _request(self) -> CamRequest:
        session = self._current()
        target = session.top if self.target is None else int(session.classifier.index(self.target))
        return CamRequest(target, self.method, self._layer(), self.side)

    def _open(self, image: Any) -> None:
        """Look at another picture, or have another thing said of it; if that fails, what was there stays."""
        classifier = self._classifier()
        home = self.model if isinstance(self.model, Classifier) else self.model.classes
        chosen = default_picture(home) if image is None else image
        session = CamSession(classifier, read_picture(chosen, classifier), _masks(chosen, classifier))
        if self.target is not None:
            classifier.index(self.target)  # an unknown class is refused before anything is shown
        if self.layer is not None:
            self._layer_of(session, self.layer)
        self._session = session
        with self.painting():
            self.views.show_pictures(picture_names(home), chosen if isinstance(chosen, str) else None)
            choices = [] if isinstance(self.model, Classifier) else [(self._saying(one), one) for one in _SPEAKS]
            self.views.show_says(choices, self.says)
            self.image = chosen
            self.views.show_session(session)

    def _saying(self, what: str) -> str:
        return self.text(f"says_{what}" if what not in QUESTIONS else f"says_question_{QUESTIONS.index(what) + 1}")

    def _listen(self) -> None:
        views = self.views
        for trait, menu in (("method", views.method_menu), ("side", views.side_menu), ("says", views.says_menu)):
            menu.observe(lambda change, trait=trait: self._on_menu(trait, change["new"]), "value")
        views.layer_menu.observe(lambda change: self._on_menu("layer", change["new"]), "value")
        views.on_layer = lambda layer: self._on_menu("layer", layer)
        views.bars.observe(lambda change: self._on_menu("target", change["new"]), "selected")
        views.picture_menu.observe(lambda change: self._on_picture(change["new"]), "value")
        views.upload.observe(lambda _change: self._change_picture(views.upload.picture_bytes), "serial")
        self.observe(self._on_image, ["image", "model", "says"])
        self.observe(lambda _change: self._refresh(), ["target", "method", "layer", "side"])
        for view in views.components:
            view.observe(lambda _change: self.stop(), "escapes")

    # Events

    def _on_menu(self, trait: str, value: Any) -> None:
        """Take the reader's choice from a menu, a bar or a small map; CAM's own layer is not to be chosen."""
        if self._painting or value is None:
            return
        if trait == "layer" and self.method == "cam":
            self.method = "grad_cam"
        setattr(self, trait, value)

    def _on_picture(self, name: str | None) -> None:
        if not self._painting and name is not None:
            self._change_picture(name)

    def _change_picture(self, image: Any) -> None:
        """Take a picture from the page; what cannot be read is said in the lab, and the last picture stays."""
        try:
            picture = image if isinstance(image, str) else load_image(image, max_side=_LARGEST_UPLOAD)
            self._forget_target()
            self._open(picture)
        except ValueError as error:
            self.show_error(str(error))
            return
        self._refresh()

    def _on_image(self, change: dict[str, Any]) -> None:
        """Take a picture, a model, or what it says; errors go to whoever set it."""
        if self._painting:
            return
        if change["name"] != "image":
            self._forget_target()
            with self.painting(), self.hold_trait_notifications():
                self.layer = self._kept_layer()
        self._open(self.image)
        self._refresh()

    def _forget_target(self) -> None:
        """Explain the model's answer again, without drawing anything yet."""
        before, self._session = self._session, None  # nothing is drawn for a picture that goes
        self.target = None
        self._session = before

    def _kept_layer(self) -> str | None:
        """Return the layer if the network that speaks now has it, too."""
        return self.layer if self.layer in layers_with_maps(self._classifier()) else None

    # Computing

    def _refresh(self) -> None:
        """Ask the worker for everything that the present state shows, the map itself first."""
        if self._session is None or not self.children:
            return
        if self.side == "against" and self.method in WITHOUT_OPPOSITE:
            self.side = "for"  # comes back here
            return
        session, request, views = self._session, self._request(), self.views
        with self.painting():
            views.show_request(request, request.layer)

        def work(job: Job) -> None:
            job.show(views.show_waiting)
            refusal = self._draw_map(job, session, request)
            layer = session.layers[-1] if request.method == "cam" else request.layer
            found = session.channels(request, layer)
            job.show(lambda: views.show_channels(found))
            self._draw_layers(job, session, request)
            guided = self._guided(session, request, layer)
            job.show(lambda: views.show_guided(session, request, guided))
            if refusal is not None:
                raise refusal

        self.compute(work)

    def _draw_map(self, job: Job, session: CamSession, request: CamRequest) -> ValueError | None:
        """Draw the map; what the method refuses is returned, so that the rest is drawn all the same."""
        try:
            drawn = session.map(request, job.progress)
        except ValueError as error:
            refusal = error
            job.show(lambda: self.views.show_no_map(str(refusal)))
            return refusal
        job.show(lambda: self._show_map(session, request, drawn))
        return None

    def _show_map(self, session: CamSession, request: CamRequest, drawn: Drawn) -> None:
        with self.painting():
            self.views.show_map(session, request, drawn)
            self.views.show_request(request, self._drawn_layer(drawn))
        self.show_recipe(self.views.recipe(session, request, drawn))

    def _draw_layers(self, job: Job, session: CamSession, request: CamRequest) -> None:
        """Draw the maps of all layers, one after the other."""
        job.show(lambda: self.views.show_strip_title(session.method_at_layers(request.method)))
        for layer in session.shown_layers:
            drawn = session.map_at(request, layer)
            job.show(functools.partial(self.views.show_layer, request, layer, drawn))

    def _guided(self, session: CamSession, request: CamRequest, layer: str) -> Drawn | None:
        """Draw guided Grad-CAM; None where a layer of the network has no guided backward pass."""
        try:
            return session.guided(request, layer)
        except ValueError:
            return None

    def _drawn_layer(self, drawn: Drawn) -> str:
        return str(drawn.attribution.recipe.options["layer"])

    def _caption(self, request: CamRequest) -> str:
        label = self._current().classifier.labels[request.target]
        return self.text("map", method=method_name(request.method, self.language), label=label)

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the map."""
        if self.views.map.progress is not None:
            self.views.map.progress = share


def _masks(chosen: Any, classifier: Classifier) -> dict[str, NDArray[np.bool_]]:
    """Return where each animal of a sample picture is, in the size that the model takes."""
    if not isinstance(chosen, str) or match(chosen, creature_names()) is None:
        return {}
    drawing = draw(creature_scene(chosen), classifier.input_shape[0])
    return dict(zip(drawing.labels, drawing.animals, strict=True))


def _draw_map(axes: Axes, heatmap: NDArray[np.float32], title: str) -> None:
    """Draw one map on a scale of its own, white at zero if it has a sign."""
    limit, signed = float(np.abs(heatmap).max()) or 1.0, bool((heatmap < 0).any())
    axes.imshow(heatmap, cmap=SIGNED_MAP if signed else UNSIGNED_MAP, vmin=-limit if signed else 0.0, vmax=limit)
    axes.set_title(plain(title), fontsize=10)
