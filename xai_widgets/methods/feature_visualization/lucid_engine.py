"""The library lucid itself, on our models: the same pictures by the original's own code."""

from __future__ import annotations

import contextlib
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets import backend
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.feature_visualization.maximization import objective_of
from xai_widgets.methods.feature_visualization.parameterizations import Pixels
from xai_widgets.methods.feature_visualization.problem import (
    Problem,
    picture_shape,
    pixel_function,
    seer,
    takes_size,
)
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.intermediate_outputs import SCORES, intermediate_outputs
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.results.recipe import Recipe
from xai_widgets.results.visualization_result import FeatureVisualization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Positive, PositiveInt, Progress, Seed
    from xai_widgets.models.kinds.wrapped_model import WrappedModel

LOGITS = "logits"  # what the scores of the classes are called there


def to_lucid(model: Classifier | keras.Model, layers: Sequence[str] | None = None) -> Any:
    """Make a model for lucid, whose pictures have values 0 to 1; preprocessing is inside.

    Parameters
    ----------
    model : Classifier or keras.Model
        Functional or Sequential, on TensorFlow.
    layers : sequence of str, optional
        Paths of the layers that can be named there (``"backbone/conv"``); all that give one tensor if left out. The
        scores of the classes are called ``"logits"``.

    Returns
    -------
    lucid.modelzoo.vision_base.Model
        For ``lucid.optvis.render.render_vis(model, "conv:3")`` and all else; import lucid by
        ``xai_widgets.backend.lucid_bridge.load_lucid``.

    Raises
    ------
    ImportError
        If lucid is not installed.
    RuntimeError
        If Keras does not run on TensorFlow.
    ValueError
        If the model does not take pictures.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> there = to_lucid(xai.load_model("creatures"))
    >>> there.get_layer("conv4_2").depth
    128
    """
    from xai_widgets.backend.lucid_bridge import eagerly

    with eagerly():
        return _made_for_lucid(wrap(model), layers)


def _made_for_lucid(subject: WrappedModel, layers: Sequence[str] | None) -> Any:
    paths = list(_all_layers(subject) if layers is None else layers)
    outputs = intermediate_outputs(subject.model, [*paths, SCORES])
    see, to_inputs = seer(subject, outputs), pixel_function(subject)

    def function(pictures: Any) -> list[Any]:
        return list(see(outputs.run(to_inputs(pictures))).values())

    labels = subject.labels if isinstance(subject, Classifier) else None
    names = [*(path.replace("#", ".") for path in paths), LOGITS]
    depths = [*outputs.depths[:-1], outputs.depths[-1] if labels is None else len(labels)]
    from xai_widgets.backend.lucid_bridge import lucid_model

    return lucid_model(
        function,
        dict(zip(names, depths, strict=True)),
        picture_shape(subject),
        name=subject.name,
        labels=labels,
    )


def _all_layers(subject: WrappedModel) -> list[str]:
    """List the paths of all calls that give one tensor with channels."""
    program = read_program(subject.model)
    steps = program.needed(program.outputs)
    return list(dict.fromkeys(step.path for step in steps if len(step.outputs) == 1 and len(step.shapes[0]) > 1))


@dataclass(frozen=True, eq=False)
class LucidWay:
    """What lucid is told, in its own terms; what is left out is as lucid has it.

    Attributes
    ----------
    objective : str or lucid.optvis.objectives.Objective, optional
        ``"conv4_2:3"``, or what lucid's ``objectives`` make; in a lab, the unit that its menus name if left out.
    parameterisation : callable, optional
        What lucid calls ``param_f``; ``lucid.optvis.param.image(size)`` if left out.
    transforms : list, optional
        lucid's own; its standard ones if left out.
    rate : float
        Of Adam.

    Examples
    --------
    >>> LucidWay("conv4_2:3", transforms=[]).rate
    0.05
    """

    objective: Any = None
    parameterisation: Callable[[], Any] | None = None
    transforms: list[Any] | None = None
    rate: float = 0.05


def lucid_is_here() -> bool:
    """Tell whether lucid is installed, and Keras runs on what lucid needs; nothing is imported for it."""
    return keras.config.backend() == "tensorflow" and importlib.util.find_spec("lucid") is not None


class LucidMaximization:
    """A picture that lucid optimises, some steps at a time; the counterpart of `Maximization`.

    Parameters
    ----------
    model : Classifier or keras.Model
        On TensorFlow; takes pictures.
    way : LucidWay
        The objective, which must be given, and how the picture is written and moved.
    size : int, optional
        Pixels a side, if there is no parameterisation; the model's own height if left out.
    seed : int
        Seed of the start and the transforms, 0 or more.

    Raises
    ------
    ImportError
        If lucid is not installed.
    RuntimeError
        If Keras does not run on TensorFlow.
    ValueError
        If the model does not take pictures, or there is no objective.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> drawing = LucidMaximization(xai.load_model("creatures"), LucidWay("conv2_1:3", transforms=[]), size=32)
    >>> drawing.advance(2)
    >>> drawing.done, drawing.pictures().shape
    (2, (1, 32, 32, 3))
    >>> drawing.close()
    """

    def __init__(
        self, model: Classifier | keras.Model, way: LucidWay, *, size: int | None = None, seed: int = 0
    ) -> None:
        if way.objective is None:
            raise ValueError("say what lucid is to raise: LucidWay(objective=...)")
        self.subject, self.done = wrap(model), 0
        self.curve: list[float] = []
        side = size or picture_shape(self.subject)[0]
        there = to_lucid(self.subject, self._layers(way.objective))
        with _graph(seed) as first:
            self._session = first.Session()
            with self._session.as_default():
                self._at = _in_graph(there, way, side, first.train.AdamOptimizer(way.rate), self._transforms(way, side))
                first.global_variables_initializer().run()

    @staticmethod
    def _layers(objective: Any) -> list[str] | None:
        """Return the one layer that a string names; None, which stands for all, where nobody knows."""
        layer = objective.partition(":")[0] if isinstance(objective, str) else LOGITS
        return None if layer == LOGITS else [layer]

    def _transforms(self, way: LucidWay, side: int) -> list[Any] | None:
        """Return lucid's own; a model that takes one size alone is shown pictures cut back to it."""
        usual = picture_shape(self.subject)[:2]
        layers = intermediate_outputs(self.subject.model, self._layers(way.objective) or [SCORES])
        if way.transforms is not None or takes_size(self.subject, layers, (side + 8, side + 8)):
            return way.transforms
        transform = load_lucid("lucid.optvis.transform")
        return [*transform.standard_transforms, transform.crop_or_pad_to(*usual)]

    def advance(self, count: int) -> None:
        """Take `count` steps."""
        for _ in range(count):
            loss = self._session.run([self._at("loss"), self._at("vis_op")])[0]
            self.curve.append(float(np.mean(loss)))  # some objectives give one for each picture
            self.done += 1

    def pictures(self) -> NDArray[np.float32]:
        """Return the pictures as they are now, (N, H, W, 3 or 4), 0 to 1."""
        return np.asarray(self._session.run(self._at("input")), "float32")

    def close(self) -> None:
        """Free what TensorFlow keeps for the session."""
        self._session.close()


def _in_graph(there: Any, way: LucidWay, side: int, optimizer: Any, transforms: list[Any] | None) -> Any:
    """Write the optimisation into the open graph; return lucid's function from names to tensors."""
    wanted = way.parameterisation or (lambda: load_lucid("lucid.optvis.param").image(side))
    render = load_lucid("lucid.optvis.render")
    return render.make_vis_T(there, way.objective, wanted, optimizer, transforms, relu_gradient_override=True)


@recorded
def lucid_visualization(
    model: Classifier | keras.Model,
    objective: Any,
    *,
    parameterisation: Callable[[], Any] | None = None,
    transforms: list[Any] | None = None,
    size: PositiveInt | None = None,
    steps: PositiveInt = 256,
    rate: Positive = 0.05,
    seed: Seed = 0,
    progress: Progress = None,
) -> FeatureVisualization:
    """Let lucid optimise a picture: its objectives, parameterisations and transformations, step by step.

    Parameters
    ----------
    model : Classifier or keras.Model
        On TensorFlow; takes pictures.
    objective : str or lucid.optvis.objectives.Objective
        ``"conv4_2:3"``, ``"logits:0"``, or what lucid's ``objectives`` make.
    parameterisation : callable, optional
        What lucid calls ``param_f``; ``lucid.optvis.param.image(size)`` if left out.
    transforms : list, optional
        Functions from a tensor of pictures to one, as lucid makes them; its standard ones if left out.
    size : int, optional
        Pixels a side, 1 or more, if no parameterisation is given; the model's own height if left out.
    steps : int
        Steps of Adam, 1 or more.
    rate : float
        Size of a step, above 0.
    seed : int
        Seed of the start and the transforms, 0 or more.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting steps, and may raise an error to stop. None is
        silent.

    Returns
    -------
    FeatureVisualization
        ``.pictures`` (N, H, W, 3), 0 to 1; ``.curve`` (steps, N); ``.score`` (N,), that of `objective_scores` for a
        string, otherwise lucid's value at the last step.

    Raises
    ------
    ImportError
        If lucid is not installed.
    RuntimeError
        If Keras does not run on TensorFlow.
    ValueError
        If the model does not take pictures, the objective names a layer or unit that it does not have, or an
        option's value is not allowed.

    References
    ----------
    Chris Olah, Alexander Mordvintsev, Ludwig Schubert (2017), Feature visualization, doi:10.23915/distill.00007.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> drawn = lucid_visualization(xai.load_model("creatures"), "conv2_1:3", size=32, transforms=[], steps=2)
    >>> drawn.pictures.shape, drawn.curve.shape
    ((1, 32, 32, 3), (2, 1))
    """
    report = reporter(progress)
    drawing = LucidMaximization(model, LucidWay(objective, parameterisation, transforms, rate), size=size, seed=seed)
    with contextlib.closing(drawing):
        for step in range(steps):
            drawing.advance(1)
            report(step + 1, steps)
        pictures = drawing.pictures()
    subject = drawing.subject
    values = np.repeat(np.array(drawing.curve, "float32")[:, np.newaxis], len(pictures), axis=1)
    inputs = backend.to_numpy(pixel_function(subject)(pictures))
    score = _measured(subject, pictures, objective) if isinstance(objective, str) else values[-1]
    options = {"size": pictures.shape[1:3], "steps": steps, "rate": rate, "seed": seed}
    return FeatureVisualization(
        pictures, inputs, score, values, Recipe("lucid_visualization", subject.name, (str(objective),), options)
    )


def _measured(subject: WrappedModel, pictures: NDArray[np.float32], objective: str) -> NDArray[np.float32]:
    """Measure what a string of lucid's names, on pictures of any size."""
    layer, _, unit = objective.partition(":")
    wanted = objective_of(int(unit), None if layer == LOGITS else layer)
    problem = Problem(subject, wanted, Pixels(), (), pictures.shape[1:3])
    return problem.score(pictures, wanted.arrays(problem.bound(len(pictures))))


@contextlib.contextmanager
def _graph(seed: int) -> Iterator[Any]:
    """Open a graph of TensorFlow 1, seeded; NumPy's own state is put back afterwards."""
    from xai_widgets.backend.lucid_bridge import quietly

    first = load_lucid("lucid.optvis.param.images").tf
    kept = np.random.get_state()  # noqa: NPY002  (lucid draws from NumPy's global state)
    np.random.seed(seed)  # noqa: NPY002
    try:
        with first.Graph().as_default(), quietly():
            first.set_random_seed(seed)
            yield first
    finally:
        np.random.set_state(kept)  # noqa: NPY002


def load_lucid(name: str = "lucid.optvis.render") -> Any:
    """Import a module of lucid, as `xai_widgets.backend.lucid_bridge.load_lucid` does, which needs TensorFlow."""
    from xai_widgets.backend.lucid_bridge import load_lucid as load

    return load(name)
