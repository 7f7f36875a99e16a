"""`AdversarialLab`: drag epsilon, and see a network change its mind."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from xai_widgets.i18n.numbers import decimal
from xai_widgets.models.names import nearest
from xai_widgets.models.pictures import MAX_PIXELS, load_image
from xai_widgets.models.samples import list_images, sample_image
from xai_widgets.plots.adversarial import adversarial_figure
from xai_widgets.widgets.adversarial_views import OWN, AdversarialViews, best_score
from xai_widgets.widgets.attack_session import AttackSession, Request
from xai_widgets.widgets.model_lab import ModelLab

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.results.adversarial import AdversarialResult
    from xai_widgets.runtime.worker import Job

_SMALL_MAXIMUM = 0.5  # where the slider ends, as a share of the range, for pictures of few pixels
_LARGE_MAXIMUM = 8 / 255  # and for photographs
_LARGEST_UPLOAD = 1024  # pixels a side: a phone's picture is decoded smaller
_SMALL_INPUT = 48  # a model that takes pictures up to this size is offered digits, a larger one photographs


class AdversarialLab(ModelLab):
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
    Ian Goodfellow, Jonathon Shlens, Christian Szegedy (2014), Explaining and harnessing adversarial examples.

    Examples
    --------
    >>> lab = AdversarialLab("digits", "digit-3", epsilon=0.2)
    >>> lab.epsilon = 0.3
    >>> lab.result.before.top(1)[0][0].label
    '3'
    >>> lab.close()
    """

    area = "adversarial"

    model = traitlets.Any(None, allow_none=True)
    """What is attacked; always a `Classifier` once set."""

    image = traitlets.Any(None, allow_none=True)
    """The picture, as it was given."""

    epsilon = traitlets.Float(0.03, min=0.0, max=1.0)
    """Size of the attack as a share of the range of values: 0.03 of 0..255 is 7.65 grey levels."""

    maximum = traitlets.Float(None, allow_none=True)
    """Where the slider ends, as a share; None: 0.5 for pictures of few pixels, 8/255 for photographs."""

    target = traitlets.Any(None, allow_none=True)
    """The class to leave or to reach, by name or index; None: the class answered without an attack."""

    targeted = traitlets.Bool(default_value=False)
    """Whether the attack goes towards the target instead of away from it."""

    attack = traitlets.Enum(("fgsm", "pgd"), default_value="fgsm")
    """One step along the sign of the gradient, or ten projected ones."""

    explanation = traitlets.Bool(default_value=False)
    """Whether the saliency of the target class lies over both pictures."""

    def __init__(self, model: Any = None, image: Any = None, **options: Any) -> None:
        self._session: AttackSession | None = None
        self._drawn: object = None  # what the curve shows, once it is whole
        super().__init__(**options)
        wanted: Any = "digits" if model is None else model
        self.model = wanted
        if self.target is not None:
            self.model.index(self.target)  # an unknown class is refused before anything is shown
        self.views = AdversarialViews(self.model.labels, self.language)
        self._open(image)
        controls, *rest = self.views.rows()
        self.children = (controls, self._error_panel, *rest, self._recipe_line)  # an error is said beside its cause
        self._link = self.views.link_in_browser()
        self._listen()
        self._refresh()

    # What can be read from code

    @property
    def result(self) -> AdversarialResult:
        """The attack in the lab's present state: ``.before``, ``.after``, ``.adversarial``, ``.success``."""
        return self._current().attacked(self._request(), self.epsilon)

    def figure(self) -> Figure:
        """Return the three panels of the present state as a matplotlib figure."""
        result, show = self.result, self._current().classifier.to_display
        adversarial = show(result.adversarial, like=result.original)
        before, after = best_score(result.before), best_score(result.after)
        return adversarial_figure(
            show(result.original),
            adversarial,
            [(before.label, before.probability)],
            [(after.label, after.probability)],
            caption=str(result.recipe),
        )

    def describe(self) -> str:
        """Return what the three panels show."""
        result, views = self.result, self.views
        after = views.describe_adversarial(result.after, self.epsilon, small=self._current().is_small)
        return " ".join([views.describe_original(result.before), self.text("alt_direction"), after])

    def __repr__(self) -> str:
        """Model, attack and size."""
        return f"AdversarialLab({self.model.name!r}, {self.attack}, epsilon={self.epsilon:.4g})"

    # State

    def _current(self) -> AttackSession:
        if self._session is None:
            raise RuntimeError("the lab has no picture yet")
        return self._session

    def _open(self, image: Any) -> None:
        """Look at another picture; if it cannot be read, the one before stays."""
        digits = max(self.model.input_shape[:2]) <= _SMALL_INPUT
        chosen = image if image is not None else ("digit-3" if digits else "cat")
        self._session = session = AttackSession(self.model, _read(chosen, self.model))
        names = [name for name in list_images().names if name.startswith("digit-") == digits]
        self._end = max(self.maximum or (_SMALL_MAXIMUM if session.is_small else _LARGE_MAXIMUM), self.epsilon)
        with self.painting():
            self.views.show_choices(names, chosen if isinstance(chosen, str) else None)
            self.image = chosen
            self.views.show_scale(small=session.is_small, end=self._end, value=self.epsilon)
            self.views.show_picture(session)

    def _request(self) -> Request:
        index = self._current().top if self.target is None else self.model.index(self.target)
        return Request(index, self.targeted, self.attack)

    def _listen(self) -> None:
        """Connect controls and traits."""
        views = self.views
        traitlets.link((self, "epsilon"), (views.slider, "value"))
        traitlets.link((self, "attack"), (views.attack_menu, "value"))
        traitlets.link((self, "targeted"), (views.aim_menu, "value"))
        traitlets.link((self, "explanation"), (views.explain_box, "value"))
        views.bars.observe(self._on_bar, "selected")
        views.class_menu.observe(self._on_class, "value")
        views.picture_menu.observe(self._on_picture, "value")
        views.upload.observe(self._on_upload, "serial")
        self.observe(self._on_image, ["image", "model"])
        self.observe(lambda _change: self._refresh(), ["epsilon", "target", "targeted", "attack", "explanation"])
        for view in views.components:
            view.observe(lambda _change: self.stop(), "escapes")

    # Events

    def _on_bar(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] is not None:
            self.target = int(change["new"])

    def _on_class(self, change: dict[str, Any]) -> None:
        if self._painting or not change["new"]:
            return
        name = str(change["new"])
        try:
            self.target = self.model.index(name)
        except ValueError:  # a name typed wrongly is said, and nothing is lost
            near = nearest(name, self.model.labels)
            hint = [self.text("nearest_classes", labels=", ".join(near))] if near else []
            self.show_error(" ".join([self.text("unknown_class", name=name), *hint]))

    def _on_picture(self, change: dict[str, Any]) -> None:
        if not self._painting and change["new"] not in (None, OWN):
            self._change_picture(change["new"])

    def _on_upload(self, _change: object) -> None:
        upload = self.views.upload
        upload.busy = True
        try:
            self._change_picture(upload.picture_bytes)
        finally:
            upload.busy = False

    def _change_picture(self, image: Any) -> None:
        """Take a picture from the page; what cannot be read is said in the lab, and the last picture stays."""
        try:
            self._open(image if isinstance(image, str) else load_image(image, max_side=_LARGEST_UPLOAD))
        except ValueError:
            self.show_error(self.text("bad_picture", megapixels=MAX_PIXELS // 1_000_000))
            return
        self.target = None
        self._refresh()

    def _on_image(self, change: dict[str, Any]) -> None:
        """Take a picture or a model set from code; errors go to whoever set it."""
        if self._painting:
            return
        if change["name"] == "model":
            self.views.labels = self.model.labels
            with self.painting():
                self.views.class_menu.options = self.model.labels
            self.target = None
        self._open(self.image)
        self._refresh()

    # Computing

    def _refresh(self) -> None:
        """Ask the worker for everything that the present state shows, the cheapest first."""
        if self._session is None or not self.children:
            return
        session, request = self._session, self._request()
        share, end, explained = self.epsilon, self._end, self.explanation
        at_once = self._answer_at_once(session, request, share)

        def work(job: Job) -> None:
            if not at_once:
                self._answer(job, session, request, share)
            maps = session.saliency_maps(request, share) if explained else None
            job.show(lambda: self._show_maps(request, maps))
            self._draw_curve(job, session, request, end)

        self.compute(work)

    def _answer(self, job: Job, session: AttackSession, request: Request, share: float) -> None:
        """Attack in the worker, and have the answer shown."""
        begun = time.perf_counter()
        result = session.attacked(request, share, functools.partial(self._step, job))
        seconds = time.perf_counter() - begun
        job.show(lambda: self._show_attack(session, request, share, result, seconds))

    def _answer_at_once(self, session: AttackSession, request: Request, share: float) -> bool:
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

    def _draw_curve(self, job: Job, session: AttackSession, request: Request, end: float) -> None:
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

    def _step(self, job: Job, done: int, total: int) -> None:
        """Report a step of the attack; the bars dim until the new answer is there."""
        job.progress(done, total)
        job.show(lambda: self.views.dim_bars(dimmed=True))

    # Painting

    def _show_attack(
        self, session: AttackSession, request: Request, share: float, result: AdversarialResult, seconds: float
    ) -> None:
        with self.painting():
            self.views.show_attack(session, request, share, result)
        time_taken = self.text("recipe_time", seconds=decimal(seconds, 2, self.language))
        self._recipe = f"{result.recipe} · {time_taken}"  # shown with the maps: while the hand moves, nobody reads it

    def _show_maps(self, request: Request, maps: tuple[Any, Any, float] | None) -> None:
        self.views.show_maps(request, () if maps is None else maps[:2])
        similarity = [] if maps is None else [self.text("similarity", value=decimal(maps[2], 2, self.language))]
        self.show_recipe(" · ".join([self._recipe, *similarity]))

    def on_progress(self, share: float | None) -> None:
        """Show the thin bar on the picture that is computed."""
        self.views.show_progress(share)
        if share is None:
            self.views.dim_bars(dimmed=False)


def _read(image: Any, classifier: Classifier) -> Any:
    """Return a picture, or floats that are in the model's input space already."""
    if isinstance(image, str) and image in list_images().names:
        return sample_image(image)
    if isinstance(image, np.ndarray) and image.dtype != np.uint8 and image.shape[-3:] == classifier.input_shape:
        return image
    return load_image(image)
