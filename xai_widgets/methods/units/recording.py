"""What units did while a model was trained: statistics and small maps, at a bounded number of moments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xai_widgets.methods.activations import map_layers
from xai_widgets.methods.progress import reporter
from xai_widgets.methods.units.statistics import UnitStatistics, unit_statistics
from xai_widgets.models.network import subject_of
from xai_widgets.models.program import read_program
from xai_widgets.models.taps import tap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from xai_widgets.models.classifier import Classifier
    from xai_widgets.models.history import History

    Maps = NDArray[np.float16]

_SHOWN = 16  # units of a layer whose maps are kept
_FEWEST = 2  # moments: the first and the last


@dataclass(frozen=True, eq=False)
class Moment:
    """What was recorded after a number of batches.

    Attributes
    ----------
    batches : int
        How many had been seen.
    loss : float
        Of the training, since the moment before; NaN where it is not known.
    statistics : dict of UnitStatistics
        By layer, over the set that was given to watch.
    maps : dict of (P, h, w, U) float16 arrays
        By layer, the maps of the first U units for P fixed pictures.
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
    """

    pictures: NDArray[np.float32]
    moments: list[Moment] = field(default_factory=list)

    @property
    def layers(self) -> tuple[str, ...]:
        """The paths of the layers that were watched."""
        return tuple(self.moments[0].statistics) if self.moments else ()

    @property
    def batches(self) -> tuple[int, ...]:
        """How many batches had been seen at each moment."""
        return tuple(moment.batches for moment in self.moments)

    @property
    def losses(self) -> NDArray[np.float64]:
        """The loss at each moment, (T,); NaN where it is not known."""
        return np.array([moment.loss for moment in self.moments], "float64")

    def curve(self, layer: str, what: str) -> NDArray[np.float64]:
        """Return ``sparsity``, ``dead_share`` or ``spread`` of a layer at each moment, (T,).

        Raises
        ------
        ValueError
            If the layer was not watched, or there is no such measure.
        """
        if layer not in self.layers or what not in ("sparsity", "dead_share", "spread"):
            raise ValueError(f"{what!r} of {layer!r} is not recorded; layers: {', '.join(self.layers)}")
        return np.array([getattr(moment.statistics[layer], what) for moment in self.moments])

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
        subject = subject_of(model)
        layers = map_layers(read_program(subject.model)) if self.layers is None else self.layers
        statistics = unit_statistics(subject, self.watched, layers)
        taps, count = tap(subject.model, tuple(statistics)), self.units
        run = subject.compiled(
            ("units recorded", taps.paths, count),
            lambda: (lambda x: [one[..., :count] for one in taps.run(x)], taps.variables),
        )
        maps = [one.astype("float16") for one in run(subject.as_inputs(self.pictures))]
        return Moment(batches, loss, statistics, dict(zip(taps.paths, maps, strict=True)))


class TrainingRecorder(keras.callbacks.Callback):
    """A Keras callback that records what the units of a model do while it is trained.

    Parameters
    ----------
    pictures : array (P, H, W, C)
        A few fixed pictures whose maps are kept.
    watched : array (N, H, W, C)
        A set over which statistics are taken at each moment.
    layers : sequence of str, optional
        Their paths; those of `layers_with_maps` if left out.
    every : int
        Batches from one moment to the next, at first.
    most : int
        Moments that are kept, at least 2. When there are more, every second one is dropped, and from then on the
        distance is doubled: the memory does not grow with the length of the training.
    units : int
        How many units of a layer have their maps kept.

    Attributes
    ----------
    record : TrainingRecord

    Raises
    ------
    ValueError
        If a number is too small; when training begins, what `unit_statistics` raises.

    Examples
    --------
    >>> from xai_widgets.models.samples import digits_split
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
        every: int = 10,
        most: int = 64,
        units: int = _SHOWN,
    ) -> None:
        super().__init__()
        if every < 1 or most < _FEWEST or units < 1:
            raise ValueError(f"every and units are at least 1, most at least 2, not {every}, {units} and {most}")
        self.record = TrainingRecord(np.asarray(pictures, "float32"))
        self._watch = Watch(self.record.pictures, watched, layers, units)
        self._every, self._most = every, most
        self._seen, self._losses = 0, _RunningMean()

    def on_train_begin(self, logs: Any = None) -> None:
        """Record the untrained model."""
        del logs
        if not self.record.moments:
            self._take()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count a batch, and record from time to time."""
        self._seen += 1
        self._losses.add(batch, (logs or {}).get("loss", float("nan")))
        if self._seen % self._every == 0:
            self._take()
            if len(self.record.moments) > self._most:
                self.record.moments = self.record.moments[::2]
                self._every *= 2

    def on_train_end(self, logs: Any = None) -> None:
        """Record the trained model, if that was not just done."""
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
        """Take what Keras says after batch number `batch` of an epoch."""
        before = self._epoch if batch else 0.0
        self._epoch = float(mean) * (batch + 1)
        self._total, self._count = self._total + self._epoch - before, self._count + 1

    def taken(self) -> float:
        """Return the mean and begin anew."""
        mean = self._total / self._count if self._count else float("nan")
        self._total, self._count = 0.0, 0
        return mean


def record_history(
    history: History,
    pictures: Any,
    watched: Any,
    layers: Sequence[str] | None = None,
    *,
    loss: Callable[[Classifier], float] | None = None,
    units: int = _SHOWN,
    progress: Callable[[int, int], object] | bool | None = None,
) -> TrainingRecord:
    """Record the moments of a training whose weights were kept; see `TrainingRecorder`.

    Parameters
    ----------
    history : History
        From `load_history`.
    pictures, watched, layers, units
        As for `TrainingRecorder`.
    loss : callable, optional
        From the classifier of one moment to its loss.
    progress : callable or bool, optional
        Counts moments.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.models.history import load_history
    >>> cat = xai.load_model("creatures").preprocess(xai.sample_image("creature-cat"))
    >>> record_history(load_history("creatures"), cat, cat, ["conv4_2"], units=2)
    TrainingRecord(7 moments, 1 layers)
    """
    report, shown = reporter(progress), history[0].as_inputs(pictures)
    record, watch = TrainingRecord(shown), Watch(shown, watched, layers, units)
    for place, batches in enumerate(history.batches):
        model = history[place]
        found = float("nan") if loss is None else float(loss(model))
        record.moments.append(watch.look(model, batches, found))
        report(place + 1, len(history))
    return record
