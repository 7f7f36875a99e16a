"""`CamLab`: class activation maps, layer by layer, class by class, of whatever the network says."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import traitlets

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.common.renamed_options import renamed_options, warn_renamed
from xai_widgets.methods.attribution.cam.layer_maps import layers_with_maps
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.zoo.scene_reader import NAME, SceneReader, load_scene_reader
from xai_widgets.plots.panels import add_caption, draw_picture, mark_panel, panel_grid
from xai_widgets.widgets.base.class_lab import ClassLab
from xai_widgets.widgets.base.picture_choice import read_picture
from xai_widgets.widgets.base.still_heatmaps import draw_heatmap
from xai_widgets.widgets.labs.cam.session import (
    METHODS,
    OUTPUTS,
    SIDES,
    WITHOUT_OPPOSITE,
    CamMap,
    CamRequest,
    CamSession,
    animal_masks,
    classifier_of,
)
from xai_widgets.widgets.labs.cam.views import MENU_WIDTH, CamViews

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xai_widgets.results.attribution_result import Attribution
    from xai_widgets.runtime.worker import Job


@renamed_options(says="explained_output")
class CamLab(ClassLab):
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
    discriminative localization, arXiv:1512.04150. Ramprasaath R. Selvaraju, Michael Cogswell, Abhishek Das, Ramakrishna
    Vedantam, Devi Parikh, Dhruv Batra (2017), Grad-CAM: visual explanations from deep networks via gradient-based
    localization, arXiv:1610.02391.

    Examples
    --------
    >>> lab = CamLab("creatures", "creature-cat-dog", target="cat")
    >>> lab.layer = "conv3_2"
    >>> lab.result.recipe.target, lab.result.recipe.options["layer"]
    (('cat',), 'conv3_2')
    >>> lab.close()
    """

    area = "cam"

    session_type = CamSession
    on_a_layer = True
    model_traits = ("target", "layer")
    menu_width = MENU_WIDTH
    bars_explained = "cam.explained"

    explained_output = traitlets.Enum(OUTPUTS, default_value="classes")
    """Which output of a reader of scenes is explained: the classes, a word of the caption, or the answer to a
    question. Any other model has its classes alone."""

    method = traitlets.Enum(METHODS, default_value="grad_cam")
    """How the map is drawn."""

    layer = traitlets.Unicode(None, allow_none=True)
    """The path of a layer of `layers_with_maps`; None: the one that `grad_cam` takes, otherwise the last."""

    side = traitlets.Enum(SIDES, default_value="for")
    """What speaks for the class, what speaks against it (the counterfactual map), or both."""

    @property
    def says(self) -> str:
        """`explained_output`, by its old name."""
        warn_renamed("CamLab", "says", "explained_output")
        return str(self.explained_output)

    @says.setter
    def says(self, value: str) -> None:
        warn_renamed("CamLab", "says", "explained_output")
        self.explained_output = value

    # What can be read from code

    @property
    def result(self) -> Attribution:
        """The map in the lab's present state."""
        drawn: CamMap = self.session.map(self._request())
        return drawn.attribution

    def figure(self) -> Figure:
        """Return the picture, the map, its fine version and the maps of all layers as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The picture, the map, its fine version where the model allows it, and the maps of all layers. Maps that
            were not computed yet are computed here.
        """
        session, request, views = self.session, self._request(), self.views
        drawn, layers = session.map(request), session.shown_layers
        figure, axes = panel_grid(2, max(3, len(layers)))
        draw_picture(axes[0, 0], session.picture / 255, session.class_names[session.top])
        draw_heatmap(axes[0, 1], views.heatmap(session, request, drawn), views.title(session, request))
        guided = self._guided(session, request, self._drawn_layer(drawn))
        if guided is not None:
            draw_heatmap(axes[0, 2], views.guided_heatmap(session, request, guided), self.text("guided"))
        for place, layer in enumerate(layers):
            draw_heatmap(axes[1, place], views.layer_heatmap(request, layer, session.map_at(request, layer)), layer)
            if layer == self._drawn_layer(drawn):
                mark_panel(axes[1, place])
        add_caption(figure, self.text("caption", label=self.label, model=session.classifier.name))
        return figure

    def describe(self) -> str:
        """Return what the map shows.

        Returns
        -------
        str
            The method, the layer, the class and where the map is strongest. A map that was not computed yet is
            computed here. In the language of the lab.
        """
        session, request = self.session, self._request()
        return self.views.describe(session, request, session.map(request))

    def __repr__(self) -> str:
        """Model, method and layer."""
        return f"CamLab({self.session.classifier.name!r}, {self.method}, layer={self._layer()!r})"

    # State

    def wrapped(self, model: Any) -> Classifier | SceneReader:
        """Return a reader of scenes as it is, and any other model as a `Classifier`.

        Parameters
        ----------
        model : str, SceneReader, Classifier or keras.Model
            A name or file for `load_model`, the name of the shipped reader of scenes, or a model.

        Returns
        -------
        Classifier or SceneReader
            The model as the lab uses it.

        Raises
        ------
        ValueError
            If the name is unknown, the file cannot be read, or the model gives anything but one row of class
            scores.
        TypeError
            If it is no Keras model.
        """
        if isinstance(model, SceneReader):
            return model
        wrapped: Classifier | SceneReader = load_scene_reader() if model == NAME else super().wrapped(model)
        return wrapped

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

    @property
    def classifier(self) -> Classifier:
        """The classifier of the chosen word or answer."""
        return classifier_of(self.model, self.explained_output)

    @property
    def picture_classifier(self) -> Classifier:
        """The classifier of the classes: its samples fit every word and answer."""
        return classifier_of(self.model, OUTPUTS[0])

    def _layer(self) -> str:
        return self.layer or str(self.session.first_layer)

    def _request(self) -> CamRequest:
        return CamRequest(self.explained, self.method, self._layer(), self.side)

    def make_session(self, chosen: Any) -> CamSession:
        """Read a picture for the model, with the places of its animals where they are known.

        Parameters
        ----------
        chosen : str, path, array or PIL image
            The picture as it was given.

        Returns
        -------
        CamSession
            The model, the picture as the model sees it, and the pixels of each animal for the creatures' sample
            pictures.

        Raises
        ------
        ValueError
            If the picture cannot be read, or does not fit the model.
        """
        classifier = self.classifier
        return CamSession(classifier, read_picture(chosen, classifier), animal_masks(chosen, classifier))

    def check_session(self, session: CamSession) -> None:
        """Refuse a class or a layer that does not exist.

        Parameters
        ----------
        session : CamSession
            The picture and the model that are about to be shown.

        Raises
        ------
        ValueError
            If `target` is no class of the model, or `layer` no layer with maps.
        """
        super().check_session(session)
        if self.layer is not None:
            self._layer_of(session, self.layer)

    def make_views(self) -> None:
        """Make the views and arrange them."""
        self.views = CamViews(self.controls, self.language)
        controls, *rest = self.views.rows()
        self.arrange(controls, self._error_panel, *rest)
        self._listen()

    def show_session(self) -> None:
        """Show a picture that was just opened."""
        self.views.show_outputs(() if isinstance(self.model, Classifier) else OUTPUTS, self.explained_output)
        self.views.show_session(self.session)

    def reset_for_model(self) -> None:
        """Explain the new model's answer, at the same layer where it has one of that name."""
        kept = self.layer if self.layer in layers_with_maps(self.classifier) else None
        super().reset_for_model()
        self.layer = kept

    def _listen(self) -> None:
        views = self.views
        menus = {"method": views.method_menu, "side": views.side_menu, "explained_output": views.output_menu}
        for trait, menu in menus.items():
            menu.observe(lambda change, trait=trait: self._on_menu(trait, change["new"]), "value")
        views.layer_menu.observe(lambda change: self._on_menu("layer", change["new"]), "value")
        views.on_layer = lambda layer: self._on_menu("layer", layer)
        self.observe(self._on_output, "explained_output")
        self.on_change(["method", "layer", "side"], self.refresh)
        self.hears_escape(*views.components)

    # Events

    def _on_menu(self, trait: str, value: Any) -> None:
        """Take the reader's choice from a menu or a small map; CAM's own layer is not to be chosen."""
        if self._painting or value is None:
            return
        if trait == "layer" and self.method == "cam":
            self.method = "grad_cam"
        setattr(self, trait, value)

    def _on_output(self, _change: object) -> None:
        """Explain another word or answer; it has classes of its own."""
        if self._painting:
            return
        with self.painting():
            self.reset_for_model()
        self._open(self.image)
        self.refresh()

    # Computing

    def ask_worker(self) -> None:
        """Ask the worker for everything that the present state shows, the map itself first."""
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

    def _show_map(self, session: CamSession, request: CamRequest, drawn: CamMap) -> None:
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

    def _guided(self, session: CamSession, request: CamRequest, layer: str) -> CamMap | None:
        """Draw guided Grad-CAM; None where a layer of the network has no guided backward pass."""
        try:
            return session.guided(request, layer)
        except ValueError:
            return None

    def _drawn_layer(self, drawn: CamMap) -> str:
        return str(drawn.attribution.recipe.options["layer"])

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the map.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        if self.views.map.progress is not None:
            self.views.map.progress = share
