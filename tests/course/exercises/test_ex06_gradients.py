"""Mistakes in the exercises of 06_gradients whose answers are drawn by lot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from xai_widgets.course import exercise

if TYPE_CHECKING:
    from xai_widgets.course.exercises.exercise import Exercise


def new(name: str) -> Exercise:
    """Return an exercise that no other test has asked for hints."""
    return type(exercise(name))()


def smooth(reduce=lambda gradients: gradients.mean(axis=0), *, centre=0.0, scale=1.0, axes=3, count=None, shared=False):
    """Write SmoothGrad, right or wrong in one respect."""

    def run(gradient, x, noise, samples, rng):
        copies = count or samples
        size = (1 if shared else copies, *x.shape[:axes], *[1] * (3 - axes))
        noisy = np.repeat(x[np.newaxis], copies, axis=0) + centre + scale * rng.normal(0, noise, size=size)
        return reduce(gradient(noisy))

    return run


def one_by_one(gradient, x, noise, samples, rng):
    return sum(gradient(x + rng.normal(0, noise, x.shape)) for _ in range(samples)) / samples


@pytest.mark.parametrize("answer", [smooth(), one_by_one])
@pytest.mark.parametrize("seed", range(3))
def test_smooth_grad_passes(answer, seed):
    verdict = new("06.smooth_grad").check(answer, seed=seed)
    assert verdict.passed, str(verdict)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda g, x, n, s, r: x, "no_gradient"),
        (lambda g, x, n, s, r: g(x), "no_noise"),
        (smooth(count=10), "wrong_number"),
        (smooth(shared=True), "same_noise"),
        (smooth(axes=0), "one_number_a_copy"),
        (smooth(centre=0.1), "not_centred"),
        (smooth(scale=0.5), "noise_size"),
        (smooth(lambda gradients: gradients.sum(axis=0)), "sum"),
        (smooth(lambda gradients: np.abs(gradients).mean(axis=0)), "magnitudes"),
        (smooth(lambda gradients: np.abs(gradients.mean(axis=0))), "magnitude_at_the_end"),
        (smooth(lambda gradients: gradients[-1]), "last_only"),
        (smooth(lambda gradients: gradients.std(axis=0)), "spread"),
        (smooth(lambda gradients: gradients.var(axis=0)), "variance"),
        (smooth(lambda gradients: np.median(gradients, axis=0)), "differs"),
        (smooth(lambda gradients: gradients), "shape"),
    ],
)
def test_mistakes_in_smooth_grad(answer, reason):
    verdict = new("06.smooth_grad").check(answer, seed=1)
    assert (verdict.status, verdict.reason) == ("wrong", reason)
    assert "{" not in str(verdict)


def integrate(combine=lambda gradient, x, base: gradient * (x - base), *, first=0.5, start=None, ends=(0.0, 1.0)):
    """Write integrated gradients, right or wrong in one respect."""

    def run(gradient, x, baseline, steps):
        alphas = ends[0] + (ends[1] - ends[0]) * (np.arange(steps) + first) / steps
        begin = baseline if start is None else np.full_like(x, start)
        path = begin + alphas.reshape(-1, 1, 1, 1) * (x - begin)
        return combine(gradient(path).mean(axis=0), x, baseline)

    return run


def trapezoid(gradient, x, baseline, steps):
    path = baseline + np.linspace(0, 1, steps + 1).reshape(-1, 1, 1, 1) * (x - baseline)
    weights = np.ones(steps + 1)
    weights[[0, -1]] = 0.5
    return np.tensordot(weights / steps, gradient(path), 1) * (x - baseline)


@pytest.mark.parametrize("answer", [integrate(), integrate(first=0), integrate(first=1), trapezoid])
@pytest.mark.parametrize("seed", range(3))
def test_integrated_gradients_pass_by_any_rule(answer, seed):
    verdict = new("06.integrated_gradients").check(answer, seed=seed)
    assert verdict.passed, str(verdict)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda g, x, b, s: x, "no_gradient"),
        (integrate(lambda gradient, x, b: gradient), "only_the_gradient"),
        (integrate(lambda gradient, x, b: gradient * x), "times_x"),
        (integrate(lambda gradient, x, b: gradient * (b - x)), "turned_round"),
        (lambda g, x, b, s: s * integrate()(g, x, b, s), "sum_not_mean"),
        (lambda g, x, b, s: g(x) * x, "gradient_times_input"),
        (lambda g, x, b, s: g(x) * (x - b), "gradient_times_difference"),
        (integrate(lambda gradient, x, b: gradient * x, start=0.0), "gradient_times_input"),
        (integrate(start=0.0), "gradient_times_difference"),
        (integrate(ends=(0.0, 0.0)), "not_moved"),
        (lambda g, x, b, s: integrate()(g, x, b, 3 * s), "too_many_gradients"),
        (integrate(ends=(0.0, 0.4)), "differs"),
        (lambda g, x, b, s: integrate()(g, x, b, s).ravel(), "shape"),
    ],
)
def test_mistakes_in_integrated_gradients(answer, reason):
    verdict = new("06.integrated_gradients").check(answer, seed=1)
    assert (verdict.status, verdict.reason) == ("wrong", reason)
    assert "{" not in str(verdict)
