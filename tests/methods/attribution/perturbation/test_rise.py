"""RISE against its definition, its standard errors, and the stream of its answers."""

import numpy as np
import pytest

from tests.models import nets
from xai_widgets.methods import rise
from xai_widgets.methods.attribution.perturbation.rise import _masks
from xai_widgets.methods.core.streaming import anytime

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()


def by_loops(x, target, samples, *, keep=0.5, grid=7, fill=0.0, normalise="expected"):
    """Sum masks times scores one by one, in float64, with masks interpolated by hand."""
    rng = np.random.default_rng(0)
    height, width = x.shape[:2]
    total, shown = np.zeros((height, width)), np.zeros((height, width))
    for _ in range(samples):
        drawn = rng.random((grid + 2) ** 2 + 2)
        nodes = (drawn[2:] < keep).reshape(grid + 2, grid + 2).astype(float)
        mask = np.empty((height, width))
        for row in range(height):
            for column in range(width):
                u, v = row * grid / height + drawn[0], column * grid / width + drawn[1]
                i, j, a, b = int(u), int(v), u % 1, v % 1
                top = (1 - b) * nodes[i, j] + b * nodes[i, j + 1]
                bottom = (1 - b) * nodes[i + 1, j] + b * nodes[i + 1, j + 1]
                mask[row, column] = (1 - a) * top + a * bottom
        blended = x * mask[..., np.newaxis] + fill * (1 - mask[..., np.newaxis])
        total += mask * NUMBERS.logits(blended[np.newaxis])[0, target]
        shown += mask
    return total / (keep * samples if normalise == "expected" else shown)


@pytest.mark.parametrize("normalise", ["expected", "observed"])
def test_second_implementation(normalise):
    x = nets.inputs(2)
    found = rise(nets.network(NUMBERS), x, [0, 2], samples=20, keep=0.3, grid=3, baseline=0.25, normalise=normalise)
    for values, one, target in zip(found.values, x, (0, 2), strict=True):
        exact = by_loops(one, target, 20, keep=0.3, grid=3, fill=0.25, normalise=normalise)
        np.testing.assert_allclose(values, exact, atol=1e-4)


def test_masks_show_each_pixel_as_often_as_they_should():
    masks = _masks((9, 13), 4, 0.3, 0)(4000)
    assert masks.shape == (4000, 9, 13)
    assert masks.min() >= 0
    assert masks.max() <= 1 + 1e-6
    np.testing.assert_allclose(masks.mean(axis=0), 0.3, atol=0.03)


@pytest.mark.parametrize("normalise", ["expected", "observed"])
def test_standard_errors_tell_how_far_answers_stray(normalise):
    model, x = nets.network(NUMBERS), nets.inputs(1)
    found = [rise(model, x, 1, samples=64, seed=seed, normalise=normalise) for seed in range(60)]
    spread = np.std([one.values for one in found], axis=0)
    told = np.sqrt(np.mean([one.error**2 for one in found], axis=0))
    np.testing.assert_allclose(told, spread, rtol=0.4)


def test_errors_fall_with_the_samples():
    model, x = nets.network(NUMBERS), nets.inputs(1)
    few, many = (rise(model, x, 1, samples=samples).error.mean() for samples in (100, 1600))
    np.testing.assert_allclose(few / many, 4, rtol=0.3)
    assert np.isnan(rise(model, x, 1, samples=1).error).all()


def test_streams_seeds_batches_and_company():
    model, x = nets.network(NUMBERS), nets.inputs(3)
    answers = list(rise.stream(model, x, 0, samples=150))
    called = rise(model, x, 0, samples=150)
    assert [one.recipe.options["samples"] for one in answers] == [32, 64, 128, 150]
    np.testing.assert_allclose(answers[-1].values, called.values, atol=1e-5)
    np.testing.assert_array_equal(rise(model, x, 0, samples=150).values, called.values)
    np.testing.assert_allclose(rise(model, x, 0, samples=150, batch_size=7).values, called.values, atol=1e-5)
    np.testing.assert_allclose(rise(model, x[1], 0, samples=150).values[0], called.values[1], atol=1e-5)
    assert not np.allclose(rise(model, x, 0, samples=150, seed=1).values, called.values)


def test_a_stream_that_is_left_stops():
    asked = []
    stream = rise.stream(nets.network(NUMBERS), nets.inputs(1), 0, samples=1000, progress=lambda *at: asked.append(at))
    next(stream)
    stream.close()
    assert asked[-1] == (32, 1000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 0}, "samples must be a whole number of at least 1"),
        ({"keep": 1.0}, "keep must be a finite number above 0 and below 1"),
        ({"normalise": "no"}, "normalise must be one of"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        rise(nets.network(NUMBERS), nets.inputs(1), 0, **options)


def test_rows_of_features_are_refused():
    with pytest.raises(ValueError, match="RISE is for pictures"):
        rise(nets.linear(np.ones((3, 2))), np.ones((1, 3)), 0)


def test_anytime_looks_like_the_function():
    class Estimate:
        first, total, done = 3, 3, 0

        def advance(self, count):
            self.done += count

        def result(self):
            return self.done

    @anytime
    def method(a, *, b=1):
        """Say what it does."""
        return Estimate()

    assert (method.__name__, method.__doc__) == ("method", "Say what it does.")
    assert method(1, b=2) == 3
    assert list(method.stream(1)) == [3]
