"""Integrated and expected gradients: closed forms, completeness, a slow second implementation, refinement."""

import warnings

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from tests.methods import slow, slow_gradients
from tests.models import nets
from xai_widgets import backend
from xai_widgets.methods import expected_gradients, gradient_times_input, integrated_gradients, saliency
from xai_widgets.methods.attribution.gradients.quadrature import RULES, Refinement, nodes_and_weights, trapezoid_weights
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()
relu, ops = keras.ops.relu, keras.ops


def function(made, size=2):
    """Make a model of one output from a function of its input tensor."""
    start = keras.Input((size,))
    return keras.Model(start, made(start))


def part(t, place):
    return t[:, place : place + 1]


def two_units(t):
    return relu(relu(part(t, 0) - 1) - relu(part(t, 1)))


def saturating(t):
    return 1 - relu(1 - part(t, 0) - part(t, 1))


def minimum(t):
    return part(t, 0) - relu(part(t, 0) - part(t, 1))


def threshold(t):
    return relu(part(t, 0) - 10) + 0 * part(t, 1)


def piecewise(t):
    return 2 * relu(part(t, 0)) + 2 * relu(part(t, 1) - 1.5)


# Function, point, base, integrated gradients, gradient times input
CLOSED_FORMS = {
    "two units": (two_units, (3, 1), 0, (1.5, -0.5), (3, -1)),
    "two units, far off": (two_units, (-10, -5), 0, (0, 0), (0, 0)),
    "saturation": (saturating, (1, 1), 0, (0.5, 0.5), (0, 0)),
    "threshold": (threshold, (10, 0), 0, (0, 0), (0, 0)),
    "past the threshold": (threshold, (10.5, 0), 0, (0.5, 0), (10.5, 0)),
    "minimum": (minimum, (4, 2), 0, (0, 2), (0, 2)),
    "piecewise": (piecewise, (1, 2), 0, (2, 1), (2, 4)),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_closed_forms(name):
    made, point, base, integrated, product = CLOSED_FORMS[name]
    model = function(made)
    found = integrated_gradients(model, [point], 0, baseline=base, steps=400)
    np.testing.assert_allclose(found.values, [integrated], atol=0.02)
    np.testing.assert_allclose(found.delta, 0, atol=0.02)
    np.testing.assert_allclose(gradient_times_input(model, [point], 0).values, [product], atol=1e-5)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_refinement_finds_the_closed_forms_with_fewer_steps(name):
    made, point, base, integrated, _ = CLOSED_FORMS[name]
    found = integrated_gradients(function(made), [point], 0, baseline=base, steps=10, tolerance=0.005)
    np.testing.assert_allclose(found.values, [integrated], atol=0.02)
    assert found.recipe.options["steps"] <= 100


def test_a_polynomial_and_a_sine():
    def made(t):
        return 5 * part(t, 0) + part(t, 1) ** 2 + ops.sin(part(t, 2))

    found = integrated_gradients(function(made, 3), [(1, 2, 3)], 0, baseline=np.array([0.5, 1, 1]), steps=10)
    np.testing.assert_allclose(found.values, [(2.5, 3, np.sin(3) - np.sin(1))], atol=1e-4)
    np.testing.assert_allclose(found.values[0, 2], -0.70035, atol=1e-4)


def test_integrated_gradients_of_two_inputs_are_their_shapley_values_here():
    """Friedman 2004: the two agree on these functions, not on all."""

    def as_numbers(x):
        return max(max(x[0] - 1, 0) - max(x[1], 0), 0)

    expected = slow_gradients.shapley(as_numbers, (3, 1), (0, 0))
    found = integrated_gradients(function(two_units), [(3, 1)], 0, tolerance=0.001, steps=50)
    np.testing.assert_allclose(found.values[0], expected, atol=0.01)


def test_without_biases_all_products_are_one_and_sum_to_the_logit():
    numbers = nets.Numbers(NUMBERS.first, np.zeros(nets.HIDDEN), NUMBERS.second, np.zeros(nets.CLASSES))
    model, x = nets.network(numbers), nets.inputs(4)
    for index in range(nets.CLASSES):
        product = gradient_times_input(model, x, index)
        found = integrated_gradients(model, x, index, steps=3)
        np.testing.assert_allclose(found.values, product.values, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(product.values.sum(axis=(1, 2, 3)), product.score, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(found.delta, 0, atol=1e-5)


@pytest.mark.parametrize("output", ["logit", "probability"])
@pytest.mark.parametrize("quadrature", ["gauss_legendre", "riemann_mid", "trapezoid"])
def test_a_slow_second_implementation(output, quadrature):
    x, index = nets.inputs(2), 2
    squash = nets.softmax if output == "probability" else np.asarray

    def score(point):
        return squash(NUMBERS.logits(point[np.newaxis])[0])[index]

    found = integrated_gradients(
        nets.network(NUMBERS), x, index, baseline=-0.5, steps=300, quadrature=quadrature, output=output
    )
    for values, one in zip(found.values, x, strict=True):
        expected = slow_gradients.integrated_gradients(score, one, -0.5, steps=300)
        np.testing.assert_allclose(values, expected, atol=0.01 * np.abs(expected).max())


@pytest.mark.parametrize("quadrature", RULES)
def test_the_error_that_is_told_is_the_error(quadrature):
    model, x = nets.network(NUMBERS), nets.inputs(3)
    found = integrated_gradients(model, x, 1, baseline=-1, steps=7, quadrature=quadrature)
    rise = NUMBERS.logits(x)[:, 1] - NUMBERS.logits(np.full_like(x, -1))[:, 1]
    np.testing.assert_allclose(found.delta, found.values.sum(axis=(1, 2, 3)) - rise, atol=1e-4)
    assert np.abs(found.delta).max() > 1e-4  # seven steps do err, and say so
    np.testing.assert_allclose(found.score, NUMBERS.logits(x)[:, 1], rtol=1e-4, atol=1e-5)


def deep_net(seed=0, size=12):
    """Make a random convolutional net that bends a lot along a path."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    start = keras.Input((size, size, 3))
    t = start
    for filters in (8, 16, 16):
        bias = keras.initializers.RandomNormal(0, 0.3, seed=int(rng.integers(99)))
        t = layers.Conv2D(filters, 3, padding="same", activation="relu", bias_initializer=bias)(t)
    return keras.Model(start, layers.Dense(3)(layers.GlobalMaxPooling2D()(t)))


def test_refinement_reaches_the_tolerance_and_says_how():
    model, x = deep_net(), np.random.default_rng(1).normal(0, 1, (3, 12, 12, 3)).astype("float32")
    for tolerance in (0.1, 0.01):
        found = integrated_gradients(model, x, 0, tolerance=tolerance)
        rise = found.score - backend.to_numpy(model(np.zeros_like(x)))[:, 0]
        assert (np.abs(found.delta) <= tolerance * np.abs(rise) + 1e-5).all()
        assert found.recipe.options["quadrature"] == "adaptive"
        assert found.recipe.options["tolerance"] == tolerance


def test_refinement_brings_the_map_itself_nearer_to_the_truth():
    """A small completeness error could be luck; the values are compared with those of very many steps."""
    model, x = deep_net(), np.random.default_rng(1).normal(0, 1, (2, 12, 12, 3)).astype("float32")
    truth = integrated_gradients(model, x, 0, steps=3000, quadrature="riemann_mid").values
    errors, used = [], []
    for tolerance in (0.3, 0.01):
        found = integrated_gradients(model, x, 0, tolerance=tolerance)
        errors.append(np.abs(found.values - truth).sum() / np.abs(truth).sum())
        used.append(found.recipe.options["steps"])
    assert errors[1] < errors[0] / 2
    assert errors[1] < 0.1
    assert used[0] < used[1]


def test_refinement_takes_less_than_a_third_of_the_equal_steps():
    model, x = deep_net(), np.random.default_rng(2).normal(0, 1, (6, 12, 12, 3)).astype("float32")
    tolerance = 0.01
    rises = integrated_gradients(model, x, 0, steps=1)
    rise = np.abs(rises.values.sum(axis=(1, 2, 3)) - rises.delta)
    grid = [2**k for k in range(2, 11)]
    left = {n: np.abs(integrated_gradients(model, x, 0, steps=n, quadrature="riemann").delta) / rise for n in grid}
    equal = [
        min((n for n in grid if all(left[m][one] <= tolerance for m in grid if m >= n)), default=2048)
        for one in range(len(x))
    ]
    refined = [integrated_gradients(model, one, 0, tolerance=tolerance).recipe.options["steps"] for one in x]
    assert np.sum(refined) <= np.sum(equal) / 3, (refined, equal)


def test_a_tolerance_that_is_out_of_reach_warns():
    model, x = deep_net(), np.random.default_rng(1).normal(0, 1, (1, 12, 12, 3)).astype("float32")
    with pytest.warns(UserWarning, match="1 of 1 paths did not reach the tolerance in 10 steps"):
        found = integrated_gradients(model, x, 0, steps=1, tolerance=1e-6)
    assert found.recipe.options["steps"] == 10


# Baselines in paths


def test_several_baselines_are_averaged():
    model, x = nets.network(NUMBERS), nets.inputs(3)
    alone = [integrated_gradients(model, x, 0, baseline=base) for base in (-1, 0.5)]
    both = integrated_gradients(model, x, 0, baseline=[-1, 0.5])
    np.testing.assert_allclose(both.values, np.mean([one.values for one in alone], axis=0), atol=1e-5)
    np.testing.assert_allclose(both.delta, np.mean([one.delta for one in alone], axis=0), atol=1e-5)
    assert both.recipe.options["baseline"] == "-1+0.5"
    refined = integrated_gradients(model, x, 0, baseline=[-1, 0.5], tolerance=1e-3)
    np.testing.assert_allclose(refined.values, both.values, atol=0.02)


def test_expected_gradients_of_one_baseline_are_integrated_gradients():
    model, x = nets.network(NUMBERS), nets.inputs(2)
    found = expected_gradients(model, x, 1, baselines=np.full((1, *nets.SHAPE), -0.5, "float32"), samples=2000)
    exact = integrated_gradients(model, x, 1, baseline=-0.5, steps=500)
    np.testing.assert_allclose(found.values, exact.values, atol=2e-3)


def test_expected_gradients_are_complete_in_the_mean():
    model, x, data = nets.network(NUMBERS), nets.inputs(3), nets.inputs(20, seed=7)
    found = expected_gradients(model, x, [0, 2, 0], baselines=data, samples=2000)
    chosen = np.random.default_rng(0).integers(20, size=2000)
    for values, delta, one, index in zip(found.values, found.delta, x, (0, 2, 0), strict=True):
        rise = NUMBERS.logits(one[np.newaxis])[0, index] - NUMBERS.logits(data[chosen])[:, index].mean()
        np.testing.assert_allclose(delta, values.sum() - rise, atol=1e-4)
    assert np.abs(found.delta).max() < 0.05
    np.testing.assert_array_equal(
        found.values, expected_gradients(model, x, [0, 2, 0], baselines=data, samples=2000).values
    )


# Any number of pictures and steps


@given(count=st.integers(1, 5), steps=st.integers(1, 9), size=st.integers(1, 20))
@settings(max_examples=20)
def test_neither_company_nor_batches_change_a_map(shared, count, steps, size):
    x, data = nets.inputs(count, seed=steps), nets.inputs(4, seed=3)
    runs = (
        lambda given, **options: integrated_gradients(shared, given, 1, baseline=[-1, 2], steps=steps, **options),
        lambda given, **options: expected_gradients(shared, given, 1, baselines=data, samples=steps, **options),
        lambda given, **options: integrated_gradients(shared, given, 1, baseline=[-1, 2], tolerance=0.2, **options),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for run in runs:
            together = run(x).values
            np.testing.assert_allclose(run(x, batch_size=size).values, together, rtol=1e-4, atol=1e-5)
            single = np.concatenate([run(one).values for one in x])
            np.testing.assert_allclose(single, together, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def shared():
    return Classifier(nets.network(NUMBERS))


def test_the_network_gets_full_batches_and_no_more(shared, monkeypatch):
    sizes = []
    compiled = shared.compiled

    def watched(key, build):
        run = compiled(key, build)
        if key == "logits":  # at the ends of the path, once
            return run
        return lambda x, rows: sizes.append(len(x)) or run(x, rows)

    monkeypatch.setattr(shared, "compiled", watched)
    integrated_gradients(shared, nets.inputs(7), 0, steps=10, batch_size=32)
    assert sizes[:3] == [32, 32, 6]
    assert max(sizes) == 32


def test_each_image_its_own_class(shared):
    x = nets.inputs(3)
    mixed = integrated_gradients(shared, x, [2, 0, 1], batch_size=7, steps=5)
    for place, index in enumerate((2, 0, 1)):
        alone = integrated_gradients(shared, x[place], index, steps=5)
        np.testing.assert_allclose(mixed.values[place], alone.values[0], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(mixed.delta[place], alone.delta[0], atol=1e-5)


def test_a_callable_target():
    def difference(outputs):
        return outputs[:, 0] - outputs[:, 2]

    model, x = nets.network(NUMBERS), nets.inputs(2)
    found = integrated_gradients(model, x, difference, baseline=-1)
    parts = [integrated_gradients(model, x, index, baseline=-1).values for index in (0, 2)]
    np.testing.assert_allclose(found.values, parts[0] - parts[1], atol=1e-5)
    data = nets.inputs(3, seed=4)
    sampled = expected_gradients(model, x, difference, baselines=data, samples=50)
    parts = [expected_gradients(model, x, index, baselines=data, samples=50) for index in (0, 2)]
    np.testing.assert_allclose(sampled.values, parts[0].values - parts[1].values, atol=1e-5)
    np.testing.assert_allclose(sampled.delta, parts[0].delta - parts[1].delta, atol=1e-5)


def test_progress_counts_gradients_and_may_stop(shared):
    seen = []
    integrated_gradients(shared, nets.inputs(2), 0, steps=5, batch_size=4, progress=lambda *now: seen.append(now))
    assert seen == [(4, 10), (8, 10), (10, 10)]
    seen.clear()
    integrated_gradients(shared, nets.inputs(2), 0, tolerance=0.5, progress=lambda *now: seen.append(now))
    assert seen[-1] == (2, 2)

    class Enough(Exception):  # noqa: N818
        pass

    def stop(done, total):
        raise Enough

    with pytest.raises(Enough):
        expected_gradients(shared, nets.inputs(2), 0, baselines=nets.inputs(2), progress=stop)


def test_the_users_model_and_inputs_stay_as_they_are():
    model, x = nets.network(NUMBERS), nets.inputs(2)
    kept, weights, answers = x.copy(), model.get_weights(), backend.to_numpy(model(x))
    integrated_gradients(model, x, 0, steps=3)
    expected_gradients(model, x, 0, baselines=x, samples=3)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(backend.to_numpy(model(x)), answers)
    assert all(map(np.array_equal, model.get_weights(), weights))


def test_what_makes_no_sense_is_refused(shared):
    x = nets.inputs(1)
    with pytest.raises(ValueError, match="unknown quadrature 'gaus_legendre'; did you mean gauss_legendre"):
        integrated_gradients(shared, x, 0, quadrature="gaus_legendre")
    with pytest.raises(ValueError, match="steps must be at least 2 for 'trapezoid', not 1"):
        integrated_gradients(shared, x, 0, quadrature="trapezoid", steps=1)
    with pytest.raises(ValueError, match="tolerance must be a finite number above 0"):
        integrated_gradients(shared, x, 0, tolerance=0.0)
    with pytest.raises(ValueError, match="output must be one of"):
        integrated_gradients(shared, x, 0, output="loss")
    with pytest.raises(ValueError, match="samples must be a whole number of at least 1, not 0"):
        expected_gradients(shared, x, 0, baselines=x, samples=0)
    with pytest.raises(ValueError, match=r"expected images of shape"):
        expected_gradients(shared, x, 0, baselines=np.zeros((2, 9)))


# The rules


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("steps", [2, 5, 50])
def test_weights_sum_to_one_and_nodes_lie_on_the_path(name, steps):
    nodes, weights = nodes_and_weights(name, steps)
    assert len(nodes) == len(weights) == steps
    assert ((nodes >= 0) & (nodes <= 1)).all()
    np.testing.assert_allclose(weights.sum(), 1)


def test_gauss_legendre_is_exact_on_polynomials():
    nodes, weights = nodes_and_weights("gauss_legendre", 5)
    for power in range(10):
        np.testing.assert_allclose(weights @ nodes**power, 1 / (power + 1))


def test_trapezoid_weights_of_unequal_steps():
    np.testing.assert_allclose(trapezoid_weights(np.array([0, 0.25, 1])), [0.125, 0.5, 0.375])


def test_refinement_goes_where_the_score_bends():
    refinement = Refinement(tolerance=1e-3, most=60)
    while len(refinement.wanted):
        at = refinement.wanted
        scores = np.exp(8 * (at - 1))
        refinement.add(scores, 8 * scores, [np.array([8 * score]) for score in scores])
    assert refinement.reached()
    assert (refinement.nodes > 0.6).sum() > 2 * (refinement.nodes < 0.4).sum()
    assert (np.diff(refinement.nodes) > 0).all()
    np.testing.assert_allclose(refinement.mean_gradient(), 1 - np.exp(-8), rtol=1e-3)


def test_a_flat_path_needs_no_refinement():
    model = nets.linear(np.zeros((4, 2)))
    found = integrated_gradients(model, np.ones((1, 4)), 0, tolerance=0.01)
    assert not found.values.any()
    assert found.recipe.options["steps"] == Refinement.START


def test_saliency_is_where_gradient_times_input_comes_from(shared):
    x = nets.inputs(2)
    product = gradient_times_input(shared, x, 1, output="probability")
    np.testing.assert_array_equal(product.values, saliency(shared, x, 1, output="probability").values * x)
    assert product.recipe.method == "gradient_times_input"
    for values, one in zip(gradient_times_input(shared, x, 1).values, x, strict=True):
        exact = slow.gradient(lambda point: NUMBERS.logits(point[np.newaxis])[0, 1], one) * one
        np.testing.assert_allclose(values, exact, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("steps", [1, 2, 7, 50, 300])
def test_gauss_legendre_nodes_are_those_of_numpy(steps):
    nodes, weights = nodes_and_weights("gauss_legendre", steps)
    known, weighed = np.polynomial.legendre.leggauss(steps)
    np.testing.assert_allclose(nodes, (known + 1) / 2, rtol=0, atol=1e-15)
    np.testing.assert_allclose(weights, weighed / 2, rtol=1e-10)


def test_many_gauss_legendre_nodes_need_no_matrix(monkeypatch):
    """A dense eigenproblem of 10,000 nodes would take over a gigabyte."""

    def refuse(*_args, **_options):
        raise AssertionError

    monkeypatch.setattr(np.linalg, "eigvalsh", refuse)
    nodes, weights = nodes_and_weights("gauss_legendre", 10_000)
    assert (np.diff(nodes) > 0).all()
    np.testing.assert_allclose(weights @ np.cos(400 * nodes), np.sin(400) / 400, rtol=1e-9)
