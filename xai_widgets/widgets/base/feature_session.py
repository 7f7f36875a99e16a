"""What the feature lab computes: one unit, drawn in several ways at a time, every few steps a frame."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.feature_visualization import (
    WAYS,
    LucidMaximization,
    LucidWay,
    Maximization,
    Pixels,
    channel,
    logit,
)
from xai_widgets.methods.feature_visualization.lucid_engine import LOGITS
from xai_widgets.methods.feature_visualization.problem import Problem
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.intermediate_outputs import SCORES, intermediate_outputs
from xai_widgets.plots.visualization_figures import on_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xai_widgets.methods.feature_visualization import Objective
    from xai_widgets.models.kinds.classifier import Classifier

STRIDE = 4  # steps between two frames
_CLASS_WEIGHT = 5.0  # a class adds up many units: what is taken away must weigh as much
_KEPT = 16  # films; a reader goes back to the last few
LUCID = "lucid"  # the way in which not we, but the library of this name draws


@dataclass(frozen=True)
class FeatureRequest:
    """What the reader asks for.

    Attributes
    ----------
    layer : str
    unit : int
    way : str
    steps : int
    seed : int
    lucid : LucidWay or None
        The options of lucid, where lucid draws.
    """

    layer: str
    unit: int
    way: str
    steps: int
    seed: int
    lucid: LucidWay | None = None


@dataclass(eq=False)
class Film:
    """How a picture came about.

    Attributes
    ----------
    steps : list of int
        After how many steps each frame was taken; the first is the start.
    frames : list of uint8 (H, W, 3) arrays
    scores : list of float
        How strongly the unit answers to each frame as it is, neither moved nor framed, without what is taken away.
    """

    steps: list[int] = field(default_factory=list)
    frames: list[NDArray[np.uint8]] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def copy(self) -> Film:
        """Return the film as it is at this moment: the one in the making grows in another thread."""
        return Film(list(self.steps), list(self.frames), list(self.scores))

    def at(self, step: float) -> int:
        """Return the number of the last frame at or before a step."""
        return max(int(np.searchsorted(self.steps, step, side="right")) - 1, 0)


class FeatureSession:
    """One model whose units are drawn.

    Parameters
    ----------
    classifier : Classifier
    """

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        program = read_program(classifier.model)
        found = [step.path for step in program.needed(program.outputs) if "Conv" in type(step.operation).__name__]
        self.layers = (*dict.fromkeys(found), SCORES)
        self._films: dict[FeatureRequest, Film] = {}

    def depth(self, layer: str) -> int:
        """Return how many units a layer has."""
        if layer == SCORES:
            return len(self.classifier.labels)
        return intermediate_outputs(self.classifier.model, [layer]).depths[0]

    def wanted(self, layer: str, unit: int) -> Objective:
        """Return what is raised."""
        return logit(unit) if layer == SCORES else channel(layer, unit)

    def known(self, request: FeatureRequest) -> Film | None:
        """Return a film that is whole already."""
        return self._films.get(request)

    def shoot(self, request: FeatureRequest) -> Shooting:
        """Begin a film."""
        return Shooting(self, request)

    def keep(self, request: FeatureRequest, film: Film) -> None:
        """Keep a film that is whole, and drop the oldest."""
        self._films[request] = film
        while len(self._films) > _KEPT:
            self._films.pop(next(iter(self._films)))


class Shooting:
    """A film in the making, or one that is known already."""

    def __init__(self, session: FeatureSession, request: FeatureRequest) -> None:
        self.session, self.request = session, request
        known = session.known(request)
        self.film = known or Film()
        self.running: Maximization | LucidMaximization | None = None
        if known is None:
            self.running = self._by_lucid() if request.way == LUCID else self._by_us()
            self._take()

    def _by_us(self) -> Maximization:
        request, session = self.request, self.session
        way, wanted = WAYS[request.way], session.wanted(request.layer, request.unit)
        objective = way.objective(wanted, _CLASS_WEIGHT if request.layer == SCORES else 1.0)
        options: dict[str, Any] = way.options()
        problem = Problem(session.classifier, objective, **options)
        rate = way.parameterisation.rate
        return Maximization(problem, 1, steps=request.steps, rate=rate, seed=request.seed)

    def _by_lucid(self) -> LucidMaximization:
        request, told = self.request, self.request.lucid or LucidWay()
        if told.objective is None:
            layer = LOGITS if request.layer == SCORES else request.layer
            told = dataclasses.replace(told, objective=f"{layer}:{request.unit}")
        return LucidMaximization(self.session.classifier, told, seed=request.seed)

    @property
    def done(self) -> int:
        """Steps taken."""
        return self.film.steps[-1]

    def advance(self) -> None:
        """Take a few steps, and the next frame."""
        if self.running is None or self.done >= self.request.steps:
            return
        self.running.advance(min(STRIDE, self.request.steps - self.done))
        self._take()
        if self.done >= self.request.steps:
            self.session.keep(self.request, self.film)
            if isinstance(self.running, LucidMaximization):
                self.running.close()

    def _take(self) -> None:
        running, request = self.running, self.request
        if running is None:
            return
        pictures = running.pictures()[:1]
        wanted = self.session.wanted(request.layer, request.unit)
        size = (pictures.shape[1], pictures.shape[2])
        plain = Problem(self.session.classifier, wanted, Pixels(), (), size)
        score = plain.score(pictures, wanted.arrays(plain.bound(1)))
        self.film.steps.append(running.done)
        self.film.frames.append(np.round(255 * np.clip(on_squares(pictures[0]), 0, 1)).astype("uint8"))
        self.film.scores.append(float(score[0]))
