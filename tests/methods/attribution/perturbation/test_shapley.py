"""Shapley values: closed forms, efficiency, a second implementation, standard errors that tell the truth."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.methods import slow_gradients
from tests.methods.attribution.perturbation.test_occlusion import function, part
from tests.models import nets
from xai_widgets.methods import explain, kernel_shap, make_again, shapley_sampling, superpixels
from xai_widgets.methods.attribution.perturbation.coalitions import (
    all_coalitions,
    exact_shapley,
    kernel_coalitions,
    regression,
    size_chances,
)
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()
METHODS = {"kernel_shap": kernel_shap, "shapley_sampling": shapley_sampling}
relu = keras.ops.relu

# Function, point, Shapley values from base 0
CLOSED_FORMS = {
    "two units": (lambda t: relu(relu(part(t, 0) - 1) - relu(part(t, 1))), (3, 1), (1.5, -0.5)),
    "two units, far off": (lambda t: relu(relu(part(t, 0) - 1) - relu(part(t, 1))), (-10, -5), (0, 0)),
    "saturation": (lambda t: 1 - relu(1 - part(t, 0) - part(t, 1)), (1, 1), (0.5, 0.5)),
    "minimum": (lambda t: part(t, 0) - relu(part(t, 0) - part(t, 1)), (4, 2), (1, 1)),
}


def game(players, seed=0):
    """A game with interactions of every order: the worth of each coalition, and as a function of rows of bits."""
    worths = np.random.default_rng(seed).normal(0, 1, 2**players) + all_coalitions(players) @ np.arange(players)
    return worths, lambda bits: worths[bits.astype(int) @ (1 << np.arange(players))]


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_closed_forms(method, name):
    made, point, values = CLOSED_FORMS[name]
    found = method(function(made), np.array([point], "float32"), 0)
    np.testing.assert_allclose(found.values, [values], atol=1e-6)
    assert found.recipe.options["exact"] is True
    assert not found.error.any()


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_exact_values_are_those_of_all_orders(method):
    numbers = nets.Numbers.drawn(features=6)
    x = nets.inputs(2, shape=(6,))
    found = method(nets.network(numbers, shape=(6,)), x, [0, 2], baseline=0.5)
    for values, one, target in zip(found.values, x, (0, 2), strict=True):
        exact = slow_gradients.shapley(lambda p, k=target: numbers.logits(p[np.newaxis])[0, k], one, np.full(6, 0.5))
        np.testing.assert_allclose(values, exact, atol=1e-5)


@given(st.integers(1, 7), st.integers(0, 100))
def test_exact_shapley(players, seed):
    worths, of = game(players, seed)
    if players <= 5:
        exact = slow_gradients.shapley(lambda bits: of(bits > 0), np.ones(players), np.zeros(players))
        np.testing.assert_allclose(exact_shapley(worths), exact, atol=1e-9)
    np.testing.assert_allclose(exact_shapley(worths).sum(), worths[-1] - worths[0], atol=1e-9)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("samples", [100, 101, 400])
def test_samples_are_near_and_sum_to_the_rise(method, samples):
    model, x = nets.network(NUMBERS), nets.inputs(2)
    exact = method(model, x, 1, segments=np.arange(16).reshape(4, 4), samples=2**16, baseline=0)
    found = method(model, x, 1, segments=np.arange(16).reshape(4, 4), samples=samples, baseline=0)
    np.testing.assert_allclose(found.delta, 0, atol=1e-5)
    for one, values, errors in zip(exact.weights, found.weights, found.errors, strict=True):
        if samples > 300:  # with three pairs of orders an error is itself little known
            assert (np.abs(values - one) <= 5 * errors + 1e-6).all()
    score = NUMBERS.logits(x)[:, 1] - NUMBERS.logits(np.zeros((1, 4, 4, 1)))[0, 1]
    np.testing.assert_allclose([values.sum() for values in found.weights], score, atol=1e-5)


@pytest.mark.parametrize("count", [14, 60, 400])
def test_standard_errors_of_the_regression(count):
    """Over many seeds, values stray as far as their errors say (14 coalitions: the mean; more: the regression)."""
    worths, of = game(8)
    exact, found = exact_shapley(worths), []
    for seed in range(400):
        bits = kernel_coalitions(8, seed)(count)
        found.append(regression(bits, of(bits), worths[0], worths[-1]))
    values, errors = (np.array(parts) for parts in zip(*found, strict=True))
    np.testing.assert_allclose(values.sum(axis=1), worths[-1] - worths[0])
    np.testing.assert_allclose(np.sqrt((errors**2).mean(axis=0)) / values.std(axis=0), 1, atol=0.25)
    assert (np.abs(values.mean(axis=0) - exact) < 5 * values.std(axis=0) / np.sqrt(400) + 0.02).all()


def test_standard_errors_of_orders():
    model, x = nets.network(NUMBERS), nets.inputs(1)
    cut = {"segments": np.arange(16).reshape(4, 4), "samples": 300, "baseline": 0}
    found = [shapley_sampling(model, x, 1, seed=seed, **cut) for seed in range(60)]
    spread = np.std([one.weights[0] for one in found], axis=0)
    told = np.sqrt(np.mean([one.errors[0] ** 2 for one in found], axis=0))
    np.testing.assert_allclose(told, spread, rtol=0.5)


def test_an_additive_game_needs_few_samples():
    weights = np.arange(1, 13, dtype="float32").reshape(12, 1)
    found = kernel_shap(nets.linear(weights), np.ones((1, 12), "float32"), 0, samples=60)
    np.testing.assert_allclose(found.values[0], weights.ravel(), rtol=1e-4)
    np.testing.assert_allclose(found.error, 0, atol=1e-3)


def test_the_first_answer_comes_within_the_first_order():
    weights = np.arange(1, 61, dtype="float32")
    first = next(shapley_sampling.stream(nets.linear(weights[:, None]), np.ones((1, 60), "float32"), 0, samples=118))
    (found,), (errors,) = first.weights, first.errors
    known = np.isclose(found, weights, rtol=1e-3)  # what has come in has its value, the others an equal share
    assert first.recipe.options["samples"] == known.sum() == 32
    np.testing.assert_allclose(found[~known], weights[~known].mean(), rtol=1e-4)
    assert np.isnan(errors).all()


@settings(max_examples=30)
@given(st.integers(2, 20), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_draws_do_not_depend_on_how_they_are_cut(players, cuts):
    draw = kernel_coalitions(players, 3)
    pieces = np.concatenate([draw(count) for count in cuts])
    np.testing.assert_array_equal(pieces, kernel_coalitions(players, 3)(sum(cuts)))
    pairs = pieces[: len(pieces) // 2 * 2].reshape(-1, 2, players)
    assert (pairs[:, 0] != pairs[:, 1]).all()


def test_sizes_follow_the_kernel():
    bits = kernel_coalitions(6, 0)(40_000)
    np.testing.assert_allclose(np.bincount(bits.sum(axis=1), minlength=6)[1:6] / 40_000, size_chances(6), atol=0.01)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_streams_end_with_the_answer_of_a_call(method):
    model, x = nets.network(NUMBERS), nets.inputs(2)
    cut = {"segments": "grid", "count": 12, "samples": 300}
    answers = list(method.stream(model, x, 0, **cut))
    called = method(model, x, 0, **cut)
    assert len(answers) > 2
    np.testing.assert_allclose(answers[-1].values, called.values, atol=1e-5)
    assert np.nanmean(answers[-1].error) < np.nanmean(answers[1].error)
    assert [one.recipe.options["samples"] for one in answers] == sorted(
        one.recipe.options["samples"] for one in answers
    )
    for one in answers:
        np.testing.assert_allclose(one.delta, 0, atol=1e-5)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_seeds_batches_and_company(method):
    model, x = nets.network(NUMBERS), nets.inputs(3)
    cut = {"segments": "grid", "count": 12, "samples": 100}
    together = method(model, x, 0, **cut)
    np.testing.assert_array_equal(method(model, x, 0, **cut).values, together.values)
    np.testing.assert_allclose(method(model, x, 0, batch_size=7, **cut).values, together.values, atol=1e-5)
    np.testing.assert_allclose(method(model, x[2], 0, **cut).values[0], together.values[2], atol=1e-5)
    assert not np.allclose(method(model, x, 0, seed=1, **cut).values, together.values, atol=1e-5)


def test_pictures_may_have_different_numbers_of_superpixels():
    labels = np.stack([np.arange(16).reshape(4, 4), np.zeros((4, 4), int), np.arange(16).reshape(4, 4) // 8])
    found = kernel_shap(nets.network(NUMBERS), nets.inputs(3), 0, segments=labels, samples=200)
    assert [len(one) for one in found.weights] == [16, 1, 2]
    np.testing.assert_allclose(found.delta, 0, atol=1e-5)
    alone = kernel_shap(nets.network(NUMBERS), nets.inputs(3)[2], 0, segments=labels[2], samples=200)
    np.testing.assert_allclose(found.weights[2], alone.weights[0], atol=1e-4)
    shapley_sampling(nets.network(NUMBERS), nets.inputs(3), 0, segments=labels, samples=200)


def test_best_superpixels():
    found = kernel_shap(nets.linear(np.array([[3.0], [-2.0], [1.0]])), np.ones((1, 3)), 0)
    np.testing.assert_array_equal(found.mask(1), [True, False, False])
    np.testing.assert_array_equal(found.mask(2, sign=0), [True, True, False])
    np.testing.assert_array_equal(found.mask(3, sign=-1), [False, True, False])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 1, "segments": "grid", "count": 16}, "samples must be at least"),
        ({"segments": "slik"}, "did you mean slic"),
        ({"segments": np.zeros((3, 3), int)}, "whole numbers of shape"),
        ({"segments": np.zeros((4, 4))}, "whole numbers of shape"),
        ({"count": 0}, "count must be a whole number of at least 1"),
        ({"baseline": "blak"}, "did you mean black"),
    ],
)
def test_what_is_refused(options, message):
    for method in METHODS.values():
        with pytest.raises(ValueError, match=message):
            method(Classifier(nets.network(NUMBERS), value_range=(0, 1)), nets.inputs(1), 0, **options)


def test_progress_reaches_the_end():
    for method in METHODS.values():
        for samples in (100, 2**12):
            seen = []
            cut = {
                "segments": "grid",
                "count": 12,
                "samples": samples,
                "progress": lambda *at, seen=seen: seen.append(at),
            }
            method(nets.network(NUMBERS), nets.inputs(2), 0, **cut)
            assert seen[-1][0] == seen[-1][1]
            assert seen == sorted(seen)


@pytest.mark.parametrize("kind", ["slic", "quickshift", "felzenszwalb", "grid"])
@pytest.mark.parametrize("count", [10, 40])
def test_superpixels(kind, count):
    rows, columns = np.mgrid[:60, :80] / 60
    picture = np.stack([np.sin(9 * rows) * np.cos(7 * columns), rows, columns % 0.3], axis=-1) / 2 + 0.5
    labels = superpixels(np.stack([picture, picture[::-1]]).clip(0, 1), kind, count)
    assert labels.shape == (2, 60, 80)
    for one in labels:
        assert set(np.unique(one)) == set(range(one.max() + 1))
        slack = 4 if kind == "quickshift" else 2.5  # its modes are where the picture has them
        assert count / slack <= one.max() + 1 <= slack * count
    np.testing.assert_array_equal(labels, superpixels(np.stack([picture, picture[::-1]]).clip(0, 1), kind, count))


@pytest.mark.parametrize("kind", ["slic", "quickshift", "felzenszwalb", "grid"])
@pytest.mark.parametrize("size", [(1, 1), (2, 5), (8, 8)])
def test_superpixels_of_small_pictures(kind, size):
    labels = superpixels(np.random.default_rng(0).random((*size, 3)), kind, 50)
    assert labels.shape == (1, *size)
    assert labels.min() == 0


# Rows, whatever answers, and a background set

ROWS = np.random.default_rng(5).normal(0, 1, (40, 5))
WEIGHTS = np.array([2.0, -1.0, 0.5, 0.0, 3.0])


def linear(rows):
    return np.stack([-(rows @ WEIGHTS), rows @ WEIGHTS], axis=1)


def interacting(rows):
    second = rows[:, 0] * rows[:, 1] * rows[:, 4] + np.maximum(rows[:, 2], rows[:, 3])
    return np.stack([-second, second], axis=1)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_linear_function_and_a_background_set(method):
    """Its Shapley values are w (x - mean of the background)."""
    found = method(linear, ROWS[:3], 1, baselines=ROWS)
    np.testing.assert_allclose(found.values, WEIGHTS * (ROWS[:3] - ROWS.mean(axis=0)), atol=1e-5)
    np.testing.assert_allclose(found.score, ROWS[:3] @ WEIGHTS, rtol=1e-5)
    np.testing.assert_allclose(found.delta, 0, atol=1e-5)
    assert found.recipe.target == ("class 1",) * 3


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_interactions_by_the_definition(method):
    background = ROWS[:7]
    found = method(interacting, ROWS[20], 1, baselines=background)
    assert found.recipe.options["exact"]
    worths = []
    for bits in all_coalitions(5).astype(bool):
        mixed = np.where(bits, ROWS[20], background)
        worths.append(interacting(mixed)[:, 1].mean())
    np.testing.assert_allclose(found.values[0], exact_shapley(np.array(worths)), atol=1e-5)
    sampled = method(interacting, ROWS[20], 1, baselines=background, samples=24)
    np.testing.assert_allclose(sampled.delta, 0, atol=1e-5)


def test_a_pipeline_of_scikit_learn():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS * [1, 100, 1, 1, 1], ROWS[:, 0] > 0)
    found = explain(pipeline, ROWS[:2], "kernel_shap", baselines=ROWS[:20])
    top = pipeline.predict_proba(ROWS[:2]).max(axis=1)
    np.testing.assert_allclose(found.score, top, rtol=1e-5)
    expected = pipeline.predict_proba(ROWS[:20])[:, pipeline.predict(ROWS[:2]).astype(int)].mean(axis=0)
    np.testing.assert_allclose(found.values.sum(axis=1), top - expected, atol=1e-5)


def counted(first):
    """Return a classifier of scikit-learn whose classes are three numbers from `first` on."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression().fit(ROWS, np.digitize(ROWS[:, 0], np.quantile(ROWS[:, 0], [0.3, 0.6])) + first)


@pytest.mark.parametrize("target", [1, 2, [1, 2], np.array([[1], [2]]), np.array([1, 3])])
def test_a_number_that_may_mean_two_classes_is_refused(target):
    background = ROWS[:5]
    with pytest.raises(ValueError, match=r"numbers of its own, 1, 2, 3, so 1 may|so 2 may"):
        kernel_shap(counted(1), ROWS[:2], target, baselines=background)
    texts = [str(one) for one in np.ravel(target)] if np.ndim(target) else str(target)
    found = kernel_shap(counted(1), ROWS[:2], texts, baselines=background)
    own = counted(1).predict_proba(ROWS[:2])[np.arange(2), np.ravel(target) - 1]
    np.testing.assert_allclose(found.score, own, rtol=1e-5)


def test_a_number_with_one_meaning_is_taken():
    for first, target in ((0, [1, 2]), (10, [1, 2]), (1, 0), (1, np.eye(3, dtype=int)[[1, 2]])):
        found = kernel_shap(counted(first), ROWS[:2], target, baselines=ROWS[:5])
        places = np.argmax(target, axis=1) if np.ndim(target) == 2 else target
        np.testing.assert_allclose(found.score, counted(first).predict_proba(ROWS[:2])[[0, 1], places], rtol=1e-5)


def test_a_network_of_rows_and_a_background_set():
    """The mean over single baselines is the same as the set at once."""
    model = Classifier(nets.network(nets.Numbers.drawn(features=5), shape=(5,)))
    given = ROWS[:2].astype("float32")
    together = kernel_shap(model, given, 1, baselines=ROWS[10:13])
    alone = [kernel_shap(model, given, 1, baseline=row.astype("float32")).values for row in ROWS[10:13]]
    np.testing.assert_allclose(together.values, np.mean(alone, axis=0), atol=1e-4)
    again = make_again(together.recipe, model, given)
    np.testing.assert_array_equal(again.values, together.values)


@pytest.mark.backend
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("output", ["logit", "probability"])
def test_a_callable_target_and_a_background_set(method, output):
    """The values of a difference of two classes are the difference of theirs."""
    model = Classifier(nets.network(nets.Numbers.drawn(features=5), shape=(5,)))
    given, options = ROWS[:2].astype("float32"), {"baselines": ROWS[10:13], "output": output}

    def lead(outputs):
        return outputs[:, 1] - outputs[:, 0]

    found = method(model, given, lead, **options)
    second, first = (method(model, given, target, **options) for target in (1, 0))
    np.testing.assert_allclose(found.values, second.values - first.values, atol=1e-5)
    np.testing.assert_allclose(found.score, second.score - first.score, atol=1e-5)
    assert found.recipe.target == ("lead",) * 2
    np.testing.assert_array_equal(make_again(found.recipe, model, given).values, found.values)


def test_a_callable_target_of_what_is_no_network_gets_its_arrays():
    found = kernel_shap(linear, ROWS[:3], lambda scores: np.abs(scores).max(axis=1), baselines=ROWS[3:4] * 0)
    np.testing.assert_allclose(found.score, np.abs(ROWS[:3] @ WEIGHTS), rtol=1e-5)


@pytest.mark.parametrize("target", [lambda scores: scores, lambda scores: scores[:1, 0], lambda scores: np.nan])
def test_a_callable_target_that_gives_anything_else_is_refused(target):
    with pytest.raises(ValueError, match="one finite number for each row"):
        kernel_shap(linear, ROWS[:3], target, baselines=ROWS)


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        (ROWS[:2], {}, "give baselines="),
        (ROWS[:2], {"baseline": "mean"}, "give baselines="),
        (ROWS[:2], {"baselines": ROWS[:, :3]}, r"rows \(B, F\)"),
        (ROWS[:2], {"baselines": np.full((2, 5), np.nan)}, "must be finite"),
        (ROWS[:2], {"baselines": ROWS, "baseline": ROWS[0]}, "not both"),
        (ROWS[:0], {"baselines": ROWS}, r"inputs are rows \(N, F\)"),
        (np.zeros((2, 4, 4, 1)), {"baselines": ROWS}, "give baseline="),
    ],
)
def test_a_background_that_does_not_fit(given, options, words):
    with pytest.raises(ValueError, match=words):
        kernel_shap(linear, given, 1, **options)


def test_a_network_is_not_told_that_it_is_none():
    model = Classifier(nets.network(nets.Numbers.drawn(features=5), shape=(5,)))
    with pytest.raises(ValueError, match=r"baselines are rows \(B, F\) to average over, or one, not 'mean'"):
        kernel_shap(model, ROWS[:2].astype("float32"), 1, baselines="mean")


def test_its_advice_works():
    assert kernel_shap(linear, ROWS[:2], 1, baselines=ROWS).values.shape == (2, 5)
    assert kernel_shap(linear, ROWS[:2], 1, baseline=ROWS[0]).values.shape == (2, 5)
