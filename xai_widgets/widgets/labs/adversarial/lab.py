"""`AdversarialLab`: drag epsilon, and see a network change its mind."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.common.name_matching import nearest
from xai_widgets.i18n.numbers import decimal
from xai_widgets.plots.adversarial_figures import adversarial_figure
from xai_widgets.results.recipe_words import recipe_in_words
from xai_widgets.widgets.base.class_lab import ClassLab
from xai_widgets.widgets.base.class_names import class_names
from xai_widgets.widgets.base.number_traits import FiniteFloat
from xai_widgets.widgets.labs.adversarial.session import AttackRequest, AttackSession
from xai_widgets.widgets.labs.adversarial.views import AdversarialViews, best_score

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xai_widgets.results.adversarial_results import AdversarialResult
    from xai_widgets.runtime.worker import Job

_SMALL_MAXIMUM = 0.5  # where the slider ends, as a share of the range, for pictures of few pixels
_LARGE_MAXIMUM = 8 / 255  # and for photographs
_USUAL = 0.03  # of the range of values: how far the slider is at first


class AdversarialLab(ClassLab):
    """Fool a network by hand: x, the sign of the gradient, and x + epsilon times that sign, with what it answers.

    The browser blends the pictures by itself; the kernel is asked for the new answer alone.

    Parameters
    ----------
    model : str, Classifier or keras.Model, optional
        What is attacked: a name or file for `load_model`, or a model. The digits model if left out.
    image : str, path, array or PIL image, optional
        The picture: a name of `list_images`, anything that `load_image` reads, or floats in the model's input space.
    **options
        Any trait below.

    Raises
    ------
    TypeError
        If an option does not exist.
    ValueError
        If the picture or the model does not fit.

    References
    ----------
    Ian Goodfellow, Jonathon Shlens, Christian Szegedy (2014), Explaining and harnessing adversarial examples,
    arXiv:1412.6572.

    Examples
    --------
    >>> lab = AdversarialLab("digits", "digit-3", epsilon=0.2)
    >>> lab.epsilon = 0.3
    >>> lab.result.before.top(1)[0][0].label
    '3'
    >>> lab.close()
    """

    area = "adversarial"

    default_model = "digits"
    session_type = AttackSession
    menu_width = "176px"
    bars_explained = "adversarial.target_class"
    bars_reference = "before"

    epsilon = FiniteFloat(None, allow_none=True, min=0.0)
    """Size of the attack in units of the model's input space, as for `fgsm`; 3 % of its range if left out."""

    maximum = FiniteFloat(None, allow_none=True).tag(above=0.0)
    """Where the slider ends, in the same units; None: half of the range for few pixels, 8/255 of it for photographs."""

    target = traitlets.Any(None, allow_none=True)
    """The class to leave or to reach, by name or index; None: the class answered without an attack."""

    targeted = traitlets.Bool(default_value=False)
    """Whether the attack goes towards the target instead of away from it."""

    attack = traitlets.Enum(("fgsm", "pgd"), default_value="fgsm")
    """One step along the sign of the gradient, or ten projected ones."""

    explanation = traitlets.Bool(default_value=False)
    """Whether the saliency of the target class lies over both pictures."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._drawn: object = None  # what the curve shows, once it is whole
        super().__init__(model, image, **options)

    # What can be read from code

    @property
    def result(self) -> AdversarialResult:
        """The attack in the lab's present state: ``.before``, ``.after``, ``.adversarial``, ``.success``."""
        found: AdversarialResult = self.session.attacked(self._request(), self._share)
        return found

    def figure(self) -> Figure:
        """Return the three panels of the present state as a matplotlib figure.

        Returns
        -------
        matplotlib.figure.Figure
            The picture, the change and the picture after it, with the best class and its probability before and
            after; the caption is the recipe.
        """
        result, show = self.result, self.session.classifier.to_display
        adversarial = show(result.adversarial, like=result.original)
        before, after = best_score(result.before), best_score(result.after)
        return adversarial_figure(
            show(result.original),
            adversarial,
            [(self.views.labels[before.index], before.probability)],
            [(self.views.labels[after.index], after.probability)],
            caption=recipe_in_words(result.recipe, self.language),
        )

    def describe(self) -> str:
        """Return what the three panels show.

        Returns
        -------
        str
            The answer before, the direction of the change, and the answer after. In the language of the lab.
        """
        result, views = self.result, self.views
        after = views.describe_adversarial(result.after, self._share, small=self.session.is_small)
        return " ".join([views.describe_original(result.before), self.text("alt_direction"), after])

    def __repr__(self) -> str:
        """Model, attack and size."""
        return f"AdversarialLab({self.model.name!r}, {self.attack}, epsilon={self.epsilon:.4g})"

    # State

    def make_views(self) -> None:
        """Make the views and arrange them."""
        self.views = AdversarialViews(class_names(self.classifier, self.language), self.controls, self.language)
        controls, *rest = self.views.rows()
        self.arrange(controls, self._error_panel, *rest)  # an error is said beside its cause
        self._link = self.views.link_in_browser()
        self._listen()

    def show_session(self) -> None:
        """Show a picture that was just opened, and the scale of epsilon that suits it."""
        session, views = self.session, self.views
        self._choose_epsilon()
        usual = _SMALL_MAXIMUM if session.is_small else _LARGE_MAXIMUM
        self._end = max(usual if self.maximum is None else self.maximum / session.width, self._share)
        views.labels = views.class_menu.options = session.class_names
        views.show_scale(small=session.is_small, end=self._end, value=self._share)
        views.show_picture(session)

    def _choose_epsilon(self) -> None:
        """Take the usual size where none was given."""
        if self.epsilon is None:
            with self.painting():
                self.epsilon = self._to_epsilon(_USUAL)

    @property
    def _share(self) -> float:
        """Epsilon as a share of the range of values: what slider and curve show."""
        return self._to_share(self.epsilon)

    def _to_share(self, epsilon: float | None) -> float:
        if epsilon is None or self._session is None:
            return _USUAL
        return float(epsilon / self.session.width)

    def _to_epsilon(self, share: float) -> float:
        return float(share if self._session is None else share * self.session.width)

    def _request(self) -> AttackRequest:
        return AttackRequest(self.explained, self.targeted, self.attack)

    def _listen(self) -> None:
        """Connect controls and traits."""
        views = self.views
        traitlets.link((self, "epsilon"), (views.slider, "value"), transform=(self._to_share, self._to_epsilon))
        traitlets.link((self, "attack"), (views.attack_menu, "value"))
        traitlets.link((self, "targeted"), (views.aim_menu, "value"))
        traitlets.link((self, "explanation"), (views.explain_box, "value"))
        views.class_menu.observe(self._on_class, "value")
        self.on_change(["epsilon", "targeted", "attack", "explanation"], self.refresh)
        self.hears_escape(*views.components)

    # Events

    def _on_class(self, change: dict[str, Any]) -> None:
        if self._painting or not change["new"]:
            return
        name = str(change["new"])
        try:
            names = self.session.class_names
            self.choose_class(names.index(name) if name in names else self.model.index(name))
        except ValueError:  # a name typed wrongly is said, and nothing is lost
            near = nearest(name, self.model.labels)
            hint = [self.text("nearest_classes", labels=", ".join(near))] if near else []
            self.show_error(" ".join([self.text("unknown_class", name=name), *hint]))

    # Computing

    def ask_worker(self) -> None:
        """Ask the worker for everything that the present state shows, the cheapest first."""
        if self._session is None:
            return
        self._choose_epsilon()
        session, request = self._session, self._request()
        share, end, explained = self._share, self._end, self.explanation
        at_once = self._answer_at_once(session, request, share)

        def work(job: Job) -> None:
            if not at_once:
                self._answer(job, session, request, share)
            maps = session.saliency_maps(request, share) if explained else None
            job.show(lambda: self._show_maps(request, maps))
            self._draw_curve(job, session, request, end)

        self.compute(work)

    def _answer(self, job: Job, session: AttackSession, request: AttackRequest, share: float) -> None:
        """Attack in the worker, and have the answer shown."""
        begun = time.perf_counter()
        result = session.attacked(request, share, job.progress)
        seconds = time.perf_counter() - begun
        job.show(lambda: self._show_attack(session, request, share, result, seconds))

    def _answer_at_once(self, session: AttackSession, request: AttackRequest, share: float) -> bool:
        """Show the answer here and now if it takes no pass through the model; the way to the worker takes longer."""
        if not session.is_known(request, share):
            return False
        begun = time.perf_counter()
        try:
            result = session.attacked(request, share)
        except Exception:  # noqa: BLE001  (it fails again in the worker, which shows it)
            return False
        self._show_attack(session, request, share, result, time.perf_counter() - begun)
        return True

    def _draw_curve(self, job: Job, session: AttackSession, request: AttackRequest, end: float) -> None:
        """Compute the curve piece by piece, then the place where the answer changes; epsilon changes neither."""
        whole = (session, request, end)
        if self._drawn == whole:
            return
        self._drawn, shares = None, session.shares(end)
        for known in session.curve(request, shares):
            job.show(functools.partial(self.views.show_curve, session, request, shares, known))
            job.progress(len(known), len(shares))
        if request.attack == "fgsm":
            smallest = session.smallest(request, end, job.progress)
            if 0 < smallest < np.inf:
                job.show(lambda: self.views.show_mark(smallest))
        self._drawn = whole

    # Painting

    def _show_attack(
        self, session: AttackSession, request: AttackRequest, share: float, result: AdversarialResult, seconds: float
    ) -> None:
        with self.painting():
            self.views.show_attack(session, request, share, result)
        time_taken = self.text("recipe_time", seconds=decimal(seconds, 2, self.language))
        # Shown with the maps: while the hand moves, nobody reads it.
        self._recipe = recipe_in_words(
            result.recipe, self.language, target=[session.class_names[request.target]], more=[time_taken]
        )

    def _show_maps(self, request: AttackRequest, maps: tuple[Any, Any, float] | None) -> None:
        self.views.show_maps(request, () if maps is None else maps[:2])
        similarity = [] if maps is None else [self.text("similarity", value=decimal(maps[2], 2, self.language))]
        self.show_recipe(" · ".join([self._recipe, *similarity]))

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the picture that is computed.

        Parameters
        ----------
        share : float or None
            The share of the computation that is done, 0 to 1; None where nothing runs, which puts the bar away.
        """
        self.views.show_progress(share)
