"""What units did while a model was trained: statistics and small maps, at a bounded number of moments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.common.checked_options import checked_options
from xai_widgets.i18n import message
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.progress import reporter
from xai_widgets.methods.core.recording import recorded
from xai_widgets.methods.units.unit_statistics import UnitStatistics, unit_statistics
from xai_widgets.models.graph.computation_steps import read_program
from xai_widgets.models.graph.map_layers import map_layers
from xai_widgets.models.kinds.wrapping import wrap
from xai_widgets.models.zoo.training_history import History
from xai_widgets.results.attribution_result import figure_png
from xai_widgets.results.recipe import Recipe, caption_of
from xai_widgets.results.shown_result import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Annotated

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.common.option_types import PositiveInt, Progress, Within
    from xai_widgets.models.kinds.classifier import Classifier

    Maps = NDArray[np.float16]

__all__ = ["Moment", "TrainingRecord", "TrainingRecorder", "record_history"]

_SHOWN = 16  # units of a layer whose maps are kept
_MEASURES = ("sparsity", "dead_share", "spread")


@dataclass(frozen=True, eq=False)
class Moment:
    """What was recorded after a number of batches.

    Attributes
    ----------
    batches : int
        The number of batches trained on so far.
    loss : float
        Of the training, since the moment before; NaN where it is not known.
    statistics : dict of UnitStatistics
        By layer, over the set that was given to watch.
    maps : dict of (P, h, w, U) float16 arrays
        By layer, the maps of the first U units for P fixed pictures.

    Examples
    --------
    >>> Moment(10, 2.1, {}, {}).batches
    10
    """

    batches: int
    loss: float
    statistics: dict[str, UnitStatistics]
    maps: dict[str, Maps]


@dataclass(eq=False)
class TrainingRecord:
    """Moments of a training, in order.

    Attributes
    ----------
    pictures : (P, H, W, C) float32 array
        The fixed pictures, as the model takes them.
    moments : list of Moment
        In the order of the training.
    recipe : Recipe, optional
        The method and the options that reproduce the result; of a `TrainingRecorder`, its options alone: a training
        is not made again. None for a record that was put together by hand.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.models.zoo.training_history import load_history
    >>> cat = xai.load_model("creatures").preprocess(xai.sample_image("creature-cat"))
    >>> record = record_history(load_history("creatures"), cat, cat, ["conv4_2"], units=2)
    >>> record.batches, record.curve("conv4_2", "sparsity").shape
    ((0, 10, 30, 100, 300, 1000, 1968), (7,))
    """

    pictures: NDArray[np.float32]
    moments: list[Moment] = field(default_factory=list)
    recipe: Recipe | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """The paths of the layers that were watched."""
        return tuple(self.moments[0].statistics) if self.moments else ()

    @property
    def batches(self) -> tuple[int, ...]:
        """The number of batches trained on before each moment."""
        return tuple(moment.batches for moment in self.moments)

    @property
    def losses(self) -> NDArray[np.float64]:
        """The loss at each moment, (T,); NaN where it is not known."""
        return np.array([moment.loss for moment in self.moments], "float64")

    def curve(self, layer: str, what: str) -> NDArray[np.float64]:
        """Return ``sparsity``, ``dead_share`` or ``spread`` of a layer at each moment.

        Parameters
        ----------
        layer : str
            One of `layers`.
        what : {"sparsity", "dead_share", "spread"}
            A property of `UnitStatistics`.

        Returns
        -------
        (T,) float64 array
            A share for each of T moments, 0 to 1.

        Raises
        ------
        ValueError
            If the layer was not watched, or there is no such measure.
        """
        if layer not in self.layers or what not in _MEASURES:
            raise ValueError(f"{what!r} of {layer!r} is not recorded; layers: {', '.join(self.layers)}")
        return np.array([getattr(moment.statistics[layer], what) for moment in self.moments])

    def figure(self) -> Figure:
        """Return a matplotlib figure of the shares of zeros and dead units, and of the spread, while it was trained.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown yet; `show` draws and shows it.

        Raises
        ------
        ValueError
            If there is no moment.
        """
        from xai_widgets.plots.unit_figures import shares_figure

        if not self.moments:
            raise ValueError("the record holds no moment; train with the recorder as a callback first")
        charts = {
            message(f"units.{what}"): {layer: self.curve(layer, what) for layer in self.layers} for what in _MEASURES
        }
        return shares_figure(self.batches, charts, message("units.batches"), caption_of(self.recipe))

    show = shown(figure)

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for display in a notebook."""
        return figure_png(self.figure())

    def __repr__(self) -> str:
        """Count moments and layers."""
        return f"TrainingRecord({len(self.moments)} moments, {len(self.layers)} layers)"


@dataclass(frozen=True, eq=False)
class Watch:
    """What is looked at, at each moment.

    Attributes
    ----------
    pictures, watched : arrays
        Those whose maps are kept, and those over which statistics are taken.
    layers : sequence of str, or None
    units : int
        How many units of a layer have their maps kept.
    """

    pictures: Any
    watched: Any
    layers: Sequence[str] | None
    units: int

    def look(self, model: Classifier | keras.Model, batches: int, loss: float) -> Moment:
        """Return what the units of a model do now."""
        subject = wrap(model)
        layers = map_layers(read_program(subject.model)) if self.layers is None else self.layers
        statistics = unit_statistics(subject, self.watched, layers)
        probe = LayerProbe(subject, tuple(statistics))
        maps = [one[..., : self.units].astype("float16") for one in probe.read(subject.as_inputs(self.pictures))]
        return Moment(batches, loss, statistics, dict(zip(probe.paths, maps, strict=True)))


@checked_options
class TrainingRecorder(keras.callbacks.Callback):
    """A Keras callback that records what the units of a model do while it is trained.

    Parameters
    ----------
    pictures : array (P, H, W, C)
        A few fixed pictures whose maps are kept, as floats in the model's input space.
    watched : array (N, H, W, C)
        A set over which statistics are taken at each moment.
    layers : sequence of str, optional
        The paths of the layers; left out, the last layer with maps after each convolution, as `layers_with_maps`
        lists them.
    every : int
        Batches from one moment to the next, at first; 1 or more.
    most : int
        Moments that are kept, at least 2. When there are more, every second one is dropped, and from then on the
        distance is doubled: the memory does not grow with the length of the training.
    units : int
        How many units of a layer have their maps kept, 1 or more: the first ones.

    Attributes
    ----------
    record : TrainingRecord

    Raises
    ------
    ValueError
        If a number is too small; when training begins, what `unit_statistics` raises.

    Examples
    --------
    >>> from xai_widgets.datasets.pictures.samples import digits_split
    >>> images, classes = digits_split("train")
    >>> layers = [keras.layers.Conv2D(4, 3, activation="relu", name="conv"), keras.layers.Flatten()]
    >>> net = keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Dense(10, "softmax")])
    >>> net.compile("adam", "sparse_categorical_crossentropy")
    >>> recorder = TrainingRecorder(images[:2], images[:50], every=2)
    >>> _ = net.fit(images[:256], classes[:256], batch_size=64, verbose=0, callbacks=[recorder])
    >>> recorder.record.batches
    (0, 2, 4)
    """

    def __init__(
        self,
        pictures: Any,
        watched: Any,
        layers: Sequence[str] | None = None,
        *,
        every: PositiveInt = 10,
        most: Annotated[int, Within(least=2)] = 64,
        units: PositiveInt = _SHOWN,
    ) -> None:
        super().__init__()
        self.record = TrainingRecord(np.asarray(pictures, "float32"))
        self._watch = Watch(self.record.pictures, watched, layers, units)
        self._every, self._most = every, most
        self._options = {"every": every, "most": most, "units": units}
        self._seen, self._losses = 0, _RunningMean()

    def on_train_begin(self, logs: Any = None) -> None:
        """Record the untrained model.

        Parameters
        ----------
        logs : dict, optional
            From Keras; not used.
        """
        del logs
        if not self.record.moments:
            self.record.recipe = Recipe("TrainingRecorder", str(self.model.name), (), self._options)
            self._take()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count a batch, and record from time to time.

        Parameters
        ----------
        batch : int
            Its number in the epoch, from 0 on.
        logs : dict, optional
            From Keras; ``"loss"`` is read.
        """
        self._seen += 1
        self._losses.add(batch, (logs or {}).get("loss", float("nan")))
        if self._seen % self._every == 0:
            self._take()
            if len(self.record.moments) > self._most:
                self.record.moments = self.record.moments[::2]
                self._every *= 2

    def on_train_end(self, logs: Any = None) -> None:
        """Record the trained model, if that was not just done.

        Parameters
        ----------
        logs : dict, optional
            From Keras; not used.
        """
        del logs
        if self.record.batches[-1] != self._seen:
            self._take()

    def _take(self) -> None:
        sync = getattr(self.model, "jax_state_sync", None)  # on JAX weights live elsewhere during an epoch
        if sync is not None:
            sync()
        self.record.moments.append(self._watch.look(self.model, self._seen, self._losses.taken()))


class _RunningMean:
    """The mean loss since it was last asked for, from Keras' logs, which are means since the beginning of the epoch."""

    def __init__(self) -> None:
        self._total, self._count, self._epoch = 0.0, 0, 0.0

    def add(self, batch: int, mean: float) -> None:
        """Add the mean that Keras reports after batch number `batch` of an epoch."""
        before = self._epoch if batch else 0.0
        self._epoch = float(mean) * (batch + 1)
        self._total, self._count = self._total + self._epoch - before, self._count + 1

    def taken(self) -> float:
        """Return the mean and begin anew."""
        mean = self._total / self._count if self._count else float("nan")
        self._total, self._count = 0.0, 0
        return mean


@recorded
def record_history(
    history: History,
    pictures: Any,
    watched: Any,
    layers: Sequence[str] | None = None,
    *,
    loss: Callable[[Classifier], float] | None = None,
    units: PositiveInt = _SHOWN,
    progress: Progress = None,
) -> TrainingRecord:
    """Record what the units of a model did at the moments of a training whose weights were kept.

    Parameters
    ----------
    history : History
        From `load_history`.
    pictures : array (P, H, W, C), or pictures
        A few fixed pictures whose maps are kept: floats in the model's input space, or uint8 arrays (H, W, 3), PIL
        images or paths, which are resized and preprocessed.
    watched : array (N, H, W, C), or pictures
        A set over which statistics are taken at each moment.
    layers : sequence of str, optional
        The paths of the layers; left out, the last layer with maps after each convolution, as `layers_with_maps`
        lists them.
    loss : callable, optional
        From the classifier of one moment to its loss, a number; without it the losses are NaN.
    units : int
        How many units of a layer have their maps kept, 1 or more: the first ones.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting moments, and may raise an error to stop. None
        is silent.

    Returns
    -------
    TrainingRecord
        ``.moments``, one for each kept state of the weights, in order: its number of batches, loss, statistics and
        maps; ``.pictures`` (P, H, W, C) as the model takes them.

    Raises
    ------
    ValueError
        For an unknown layer, one without units, inputs of a wrong shape, or an option whose value is not allowed.
    TypeError
        If `history` is no `History`.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.models.zoo.training_history import load_history
    >>> cat = xai.load_model("creatures").preprocess(xai.sample_image("creature-cat"))
    >>> record_history(load_history("creatures"), cat, cat, ["conv4_2"], units=2)
    TrainingRecord(7 moments, 1 layers)
    """
    if not isinstance(history, History):
        raise TypeError(f"history must be a History, as load_history gives it, not {type(history).__name__}")
    report, shown = reporter(progress), history[0].as_inputs(pictures)
    record, watch = TrainingRecord(shown), Watch(shown, watched, layers, units)
    for place, batches in enumerate(history.batches):
        model = history[place]
        found = float("nan") if loss is None else float(loss(model))
        record.moments.append(watch.look(model, batches, found))
        report(place + 1, len(history))
    return record
