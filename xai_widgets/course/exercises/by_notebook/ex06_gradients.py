"""The exercises of 06_gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.examples.tiny_network import CLASSES, TinyNet
from xai_widgets.course.exercises.exercise import Exercise, Mistake
from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import (
    FunctionExercise,
    as_numbers,
    call,
    require_function,
    require_shape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@register("06.guided_relu")
class GuidedRelu(FunctionExercise):
    """Write a ReLU's way back in guided backpropagation: ``guided_relu_backward(z, r)``."""

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Draw inputs and signals of the way back, with zeros among them."""
        for shape in ((3, 3), (2, 5, 5, 4)):
            z, r = rng.normal(size=shape), rng.normal(size=shape)
            z.flat[::4] = 0
            r.flat[::4] = np.abs(r.flat[::4])
            yield z, r

    def reference(self, z: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Follow Springenberg, Dosovitskiy, Brox and Riedmiller (2015)."""
        return np.where((z > 0) & (r > 0), r, 0.0)

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "gradient": lambda z, r: np.where(z > 0, r, 0.0),
        "deconvolution": lambda _z, r: np.where(r > 0, r, 0.0),
        "either": lambda z, r: np.where((z > 0) | (r > 0), r, 0.0),
        "open_at_zero": lambda z, r: np.where((z >= 0) & (r > 0), r, 0.0),
        "mask": lambda z, r: ((z > 0) & (r > 0)).astype("float64"),
        "forward": lambda z, _r: np.maximum(z, 0),
        "times_z": lambda z, r: np.maximum(z, 0) * np.maximum(r, 0),
        "magnitude": lambda z, r: np.where(z > 0, np.abs(r), 0.0),
        "unchanged": lambda _z, r: r,
    }


class _Recorder:
    """A gradient that stores its calls: the points in `places`, the results in `answers`, (N, 6, 6, 1)."""

    def __init__(self, net: TinyNet, label: int) -> None:
        self._net, self._label = net, label
        self._asked: list[np.ndarray] = []

    def __call__(self, pictures: Any) -> np.ndarray:
        given = np.asarray(pictures, dtype="float64")
        batch = given if given.ndim == 4 else given[np.newaxis]
        self._asked.append(batch.copy())
        return self._gradients(batch).reshape(given.shape)

    def _gradients(self, batch: np.ndarray) -> np.ndarray:
        return self._net.logit_gradient(batch, np.full(len(batch), self._label))

    @property
    def places(self) -> np.ndarray:
        if not self._asked:
            raise Mistake("no_gradient")
        return np.concatenate(self._asked)

    @property
    def answers(self) -> np.ndarray:
        return self._gradients(self.places)


@register("06.smooth_grad")
class SmoothGrad(Exercise):
    """Average a gradient over noisy copies: ``my_smooth_grad(gradient, x, noise, samples, rng)``."""

    noise: ClassVar[float] = 0.2
    samples: ClassVar[int] = 120
    slack: ClassVar[float] = 0.1  # of the noise: 120 copies of 36 pixels give its size within 4 %

    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object]:
        """Check the points at which the gradient was computed, then the result."""
        require_function(answer)
        net = TinyNet.draw(rng)
        x = net.pictures(rng, 1)[0].astype("float64")
        gradient = _Recorder(net, int(rng.integers(CLASSES)))
        given = as_numbers(call(answer, gradient, x, self.noise, self.samples, np.random.default_rng(rng.integers(99))))
        self._judge_places(gradient.places - x)
        require_shape(given, x)
        self._judge_answer(given, gradient.answers)
        return {"samples": self.samples}

    def _judge_places(self, moved: np.ndarray) -> None:
        """Refuse copies without noise, too few, all alike, or with other noise than asked."""
        if np.allclose(moved, 0):
            raise Mistake("no_noise")
        if len(moved) != self.samples:
            raise Mistake("wrong_number", given=len(moved), expected=self.samples)
        if np.allclose(moved, moved[:1]):
            raise Mistake("same_noise")
        if np.allclose(moved, moved[:, :1, :1]):
            raise Mistake("one_number_a_copy")
        size, centre = float(np.std(moved)), float(np.mean(moved))
        if abs(centre) > self.slack * self.noise:
            raise Mistake("not_centred", centre=f"{centre:.3f}")
        if abs(size - self.noise) > self.slack * self.noise:
            raise Mistake("noise_size", size=f"{size:.3f}", expected=self.noise)

    def _judge_answer(self, given: np.ndarray, gradients: np.ndarray) -> None:
        """Compare with the mean; recognise other statistics of many gradients."""
        others = {
            "sum": gradients.sum(axis=0),
            "magnitudes": np.abs(gradients).mean(axis=0),
            "magnitude_at_the_end": np.abs(gradients.mean(axis=0)),
            "last_only": gradients[-1],
            "spread": gradients.std(axis=0),
            "variance": gradients.var(axis=0),
        }
        mean = gradients.mean(axis=0)
        if np.allclose(given, mean, rtol=1e-3, atol=1e-5):
            return
        for reason, wrong in others.items():
            if np.allclose(given, wrong, rtol=1e-3, atol=1e-5):
                raise Mistake(reason)
        raise Mistake("differs", difference=f"{np.abs(given - mean).max():.3g}")


@register("06.integrated_gradients")
class IntegratedGradients(Exercise):
    """Integrate a gradient along a path: ``my_integrated_gradients(gradient, x, baseline, steps)``."""

    steps: ClassVar[int] = 300
    tolerance: ClassVar[float] = 0.02  # of the values' size: the sums of any rule are this near with 300 steps

    def examine(self, answer: Any, rng: np.random.Generator) -> Mapping[str, object]:
        """Compare with a finer integral, and with the formula without one of its parts."""
        require_function(answer)
        net, label, x, baseline = self._telling_case(rng)
        gradient = _Recorder(net, label)
        given = as_numbers(call(answer, gradient, x, baseline, self.steps))
        require_shape(given, x)
        places = gradient.places
        self._judge(given, net, label, x, baseline)
        if len(places) > self.steps + 1:
            raise Mistake("too_many_gradients", given=len(places), expected=self.steps)
        return {}

    def _telling_case(self, rng: np.random.Generator) -> tuple[TinyNet, int, np.ndarray, np.ndarray]:
        """Draw until the gradient changes so much on the path that each mistake gives another answer."""
        while True:
            net, label = TinyNet.draw(rng), int(rng.integers(CLASSES))
            x, baseline = (one.astype("float64") for one in net.pictures(rng, 2))
            right, wrong = self._answers(net, label, x, baseline)
            if not any(self._near(right, one, 5) or self._near(one, right, 5) for one in wrong.values()):
                return net, label, x, baseline

    def _answers(
        self, net: TinyNet, label: int, x: np.ndarray, baseline: np.ndarray
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the right answer, and that of the formula without each of its parts."""
        gradient = _mean_gradient(net, label, x, baseline)
        right, at_x = gradient * (x - baseline), _Recorder(net, label)(x)
        return right, {
            "only_the_gradient": gradient,
            "times_x": gradient * x,
            "turned_round": -right,
            "sum_not_mean": right * self.steps,
            "gradient_times_input": at_x * x,  # from black, a net without biases has one gradient on the whole path
            "gradient_times_difference": at_x * (x - baseline),
            "not_moved": _Recorder(net, label)(baseline) * (x - baseline),
        }

    def _judge(self, given: np.ndarray, net: TinyNet, label: int, x: np.ndarray, baseline: np.ndarray) -> None:
        """Accept any rule of integration; name the part of the formula that is missing."""
        right, wrong = self._answers(net, label, x, baseline)
        if self._near(given, right):
            return
        for reason, one in wrong.items():
            if self._near(given, one):
                raise Mistake(reason)
        missing = float(given.sum() - right.sum())
        raise Mistake("differs", difference=f"{np.abs(given - right).max():.3g}", missing=f"{missing:.3g}")

    def _near(self, given: np.ndarray, wanted: np.ndarray, times: float = 1) -> bool:
        return bool(np.abs(given - wanted).max() <= times * self.tolerance * max(float(np.abs(wanted).max()), 1e-9))


def _mean_gradient(net: TinyNet, label: int, x: np.ndarray, baseline: np.ndarray, points: int = 1000) -> np.ndarray:
    """Return the gradient averaged over the path, by midpoints."""
    shares = ((np.arange(points) + 0.5) / points).reshape(-1, 1, 1, 1)
    path = baseline + shares * (x - baseline)
    gradient: np.ndarray = net.logit_gradient(path, np.full(points, label)).mean(axis=0)
    return gradient
