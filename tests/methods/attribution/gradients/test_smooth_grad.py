"""SmoothGrad and VarGrad against plain loops and closed forms."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.methods import slow_gradients
from tests.models import nets
from xai_widgets.methods import saliency, smooth_grad, var_grad
from xai_widgets.methods.attribution.gradients.smooth_grad import REDUCTIONS, noise_deviations
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()


@pytest.fixture(scope="module")
def shared():
    return Classifier(nets.network(NUMBERS), value_range=(0, 2))


REDUCED = {
    "mean": lambda gradients: gradients.mean(axis=0),
    "mean_abs": lambda gradients: np.abs(gradients).mean(axis=0),
    "square": lambda gradients: (gradients**2).mean(axis=0),
}


@pytest.mark.parametrize("reduce", REDUCTIONS)
@pytest.mark.parametrize("output", ["logit", "probability"])
def test_smooth_grad_in_plain_loops(shared, reduce, output):
    x, index = nets.inputs(2), 1
    squash = nets.softmax if output == "probability" else np.asarray
    found = smooth_grad(shared, x, index, samples=7, noise=0.2, reduce=reduce, seed=3, output=output)
    for values, one in zip(found.values, x, strict=True):
        gradients = slow_gradients.noisy_gradients(
            lambda point: squash(NUMBERS.logits(point[np.newaxis])[0])[index], one, 0.4, samples=7, seed=3
        )
        np.testing.assert_allclose(values, REDUCED[reduce](gradients), rtol=1e-3, atol=1e-4)


def test_var_grad_in_plain_loops(shared):
    x = nets.inputs(2)
    found = var_grad(shared, x, 0, samples=9, noise=0.3, seed=1)
    for values, one in zip(found.values, x, strict=True):
        gradients = slow_gradients.noisy_gradients(
            lambda point: NUMBERS.logits(point[np.newaxis])[0, 0], one, 0.6, samples=9, seed=1
        )
        np.testing.assert_allclose(values, gradients.var(axis=0), rtol=1e-3, atol=1e-4)


def test_the_gradient_of_a_square_under_noise():
    """Of x^2 the gradient is 2x: its mean stays, its variance is 4 sigma^2."""
    start = keras.Input((1,))
    model = Classifier(keras.Model(start, start**2), value_range=(-5, 5))
    found = smooth_grad(model, [[3.0]], 0, samples=20_000, noise=0.05)
    np.testing.assert_allclose(found.values, [[6.0]], atol=0.03)
    np.testing.assert_allclose(var_grad(model, [[3.0]], 0, samples=20_000, noise=0.05).values, [[1.0]], atol=0.03)
    squares = smooth_grad(model, [[3.0]], 0, samples=20_000, noise=0.05, reduce="square")
    np.testing.assert_allclose(squares.values, [[37.0]], atol=0.4)


def test_the_variance_survives_a_large_mean():
    """Mean of squares minus squared mean would lose all digits here."""
    start = keras.Input((1,))
    model = Classifier(keras.Model(start, 1e4 * start + 0.5 * start**2), value_range=(0, 1))
    found = var_grad(model, [[0.5]], 0, samples=4000, noise=0.1, batch_size=100)
    np.testing.assert_allclose(found.values, [[0.01]], rtol=0.1)


def test_without_noise_it_is_saliency(shared):
    x = nets.inputs(3)
    plain = saliency(shared, x, 2)
    found = smooth_grad(shared, x, 2, samples=3, noise=0)
    np.testing.assert_allclose(found.values, plain.values, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.score, plain.score, rtol=1e-5)
    assert var_grad(shared, x, 2, samples=3, noise=0).values.max() < 1e-8


@given(count=st.integers(1, 5), samples=st.integers(1, 9), size=st.integers(1, 20), seed=st.integers(0, 9))
@settings(max_examples=20)
def test_neither_company_nor_batches_change_a_map(shared, count, samples, size, seed):
    x = nets.inputs(count, seed)
    for method in (smooth_grad, var_grad):
        together = method(shared, x, 1, samples=samples, seed=seed).values
        cut = method(shared, x, 1, samples=samples, seed=seed, batch_size=size).values
        np.testing.assert_allclose(cut, together, rtol=1e-4, atol=1e-5)
        single = np.concatenate([method(shared, one, 1, samples=samples, seed=seed).values for one in x])
        np.testing.assert_allclose(single, together, rtol=1e-4, atol=1e-5)


def test_the_seed_decides(shared):
    x = nets.inputs(2)
    first, again, other = (smooth_grad(shared, x, 0, samples=3, seed=seed).values for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_class_is_that_of_the_input_without_noise(shared):
    x = nets.inputs(5)
    found = smooth_grad(shared, x, samples=2, noise=0.5)
    assert found.recipe.target == tuple(shared.labels[index] for index in NUMBERS.logits(x).argmax(axis=-1))


def test_noise_is_a_fraction_of_the_range():
    x = nets.inputs(2)
    model = nets.network(NUMBERS)
    known = Classifier(model, value_range=(-1, 3))
    assert noise_deviations(known, x, 0.1).tolist() == [[np.float32(0.4)]] * 2
    own = noise_deviations(Classifier(model), x, 0.1)
    np.testing.assert_allclose(own, [0.1 * np.ptp(one) for one in x], rtol=1e-6)


def test_progress_counts_samples(shared):
    seen = []
    smooth_grad(shared, nets.inputs(2), 0, samples=5, batch_size=4, progress=lambda *now: seen.append(now))
    assert seen == [(4, 10), (8, 10), (10, 10)]


def test_what_makes_no_sense_is_refused(shared):
    with pytest.raises(ValueError, match="reduce must be one of 'mean', 'mean_abs', 'square', not 'median'"):
        smooth_grad(shared, nets.inputs(1), 0, reduce="median")
    with pytest.raises(ValueError, match="samples must be a whole number of at least 1, not 0"):
        smooth_grad(shared, nets.inputs(1), 0, samples=0)
    with pytest.raises(ValueError, match=r"var_grad: noise must be a finite number of at least 0, not -0\.1"):
        var_grad(shared, nets.inputs(1), 0, noise=-0.1)
