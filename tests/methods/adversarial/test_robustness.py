"""The smallest epsilon, and accuracy against epsilon."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import nets
from xai_widgets.methods import fgsm, minimal_epsilon, pgd, robustness_curve
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()
TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def classifier():
    return Classifier(nets.network(NUMBERS), ("ant", "bee", "cow"), value_range=(0, 1))


# Closed form: on two linear classes, the margin over the dual norm of the weights' difference


@pytest.fixture(scope="module")
def line():
    weights = np.random.default_rng(3).normal(0, 1, (nets.FEATURES, 2)).astype("float32")
    return Classifier(nets.linear(weights, None, "softmax", nets.SHAPE)), weights


def exact(x, weights, index, norm):
    w = (weights[:, index] - weights[:, 1 - index]).astype("float64")
    margin = x.reshape(len(x), -1) @ w
    return np.maximum(margin, 0) / (np.abs(w).sum() if norm == "linf" else np.sqrt((w**2).sum()))


@given(norm=st.sampled_from(["linf", "l2"]), attack=st.sampled_from(["fgsm", "pgd"]), index=st.integers(0, 1))
@settings(max_examples=8)
def test_the_smallest_epsilon_of_a_linear_model(line, norm, attack, index):
    model, weights = line
    x = nets.inputs(6)
    found = minimal_epsilon(model, x, index, attack=attack, norm=norm, maximum=2.0, tolerance=TOLERANCE)
    true = exact(x, weights, index, norm)
    assert (found.epsilon[true == 0] == 0).all()
    searched = true > 0
    assert searched.any()
    assert (found.epsilon[searched] >= true[searched] - 1e-4).all()
    slack = 0.05 if attack == "pgd" else 1e-4  # ten steps may stop a little short of the best point of the ball
    assert (found.epsilon[searched] - found.tolerance <= true[searched] * (1 + slack)).all()
    assert (found.after.classes != index).all()


def test_a_targeted_search_on_a_linear_model(line):
    model, _weights = line
    x = nets.inputs(6)
    towards = minimal_epsilon(model, x, 0, targeted=True, maximum=2.0, tolerance=TOLERANCE)
    away = minimal_epsilon(model, x, 1, maximum=2.0, tolerance=TOLERANCE)
    np.testing.assert_allclose(towards.epsilon, away.epsilon, atol=1e-6)
    assert (towards.after.classes == 0).all()


def test_where_no_epsilon_helps_it_is_infinite(line):
    model, weights = line
    x = nets.inputs(6)
    true = exact(x, weights, 1, "linf")
    maximum = float(true[true > 0].mean())
    found = minimal_epsilon(model, x, 1, maximum=maximum, tolerance=maximum / 100)
    np.testing.assert_array_equal(np.isinf(found.epsilon), true > maximum)
    lost = np.isinf(found.epsilon)
    assert lost.any()
    np.testing.assert_array_equal(found.adversarial[lost], x[lost])


@pytest.mark.parametrize("attack", ["fgsm", "pgd"])
def test_an_attack_of_that_size_succeeds_and_a_smaller_one_of_the_bracket_does_not(classifier, attack):
    x = nets.inputs(6)
    found = minimal_epsilon(classifier, x, attack=attack, tolerance=TOLERANCE)
    reached = np.isfinite(found.epsilon)
    assert reached.any()
    run = fgsm if attack == "fgsm" else pgd
    again = run(classifier, x, epsilon=np.where(reached, found.epsilon, 0))
    np.testing.assert_array_equal(again.success, reached)
    np.testing.assert_array_equal(again.adversarial, found.adversarial)
    np.testing.assert_allclose(found.after.probabilities, again.after.probabilities, rtol=1e-6)


def test_a_wrong_answer_needs_no_attack(classifier):
    x = nets.inputs(4)
    wrong = (NUMBERS.logits(x).argmax(axis=1) + 1) % 3
    found = minimal_epsilon(classifier, x, wrong)
    assert not found.epsilon.any()
    np.testing.assert_array_equal(found.adversarial, x)


def test_the_default_range_and_tolerance(classifier):
    found = minimal_epsilon(classifier, nets.inputs(1))
    assert found.tolerance == 1e-3
    assert found.recipe.options["maximum"] == 1.0
    wide = Classifier(nets.network(NUMBERS), value_range=(-3, 5))
    assert minimal_epsilon(wide, nets.inputs(1)).recipe.options["maximum"] == 8.0
    assert minimal_epsilon(nets.network(NUMBERS), nets.inputs(1)).recipe.options["maximum"] == 1.0


def test_progress_counts_the_sizes(classifier):
    seen = []
    minimal_epsilon(classifier, nets.inputs(1), tolerance=1 / 64, progress=lambda *step: seen.append(step))
    assert seen == [(step, 18) for step in range(1, 19)]  # sixteen, then two halvings of a sixteenth


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"maximum": 0}, "maximum must be a finite number above 0, not 0"),
        ({"maximum": np.inf}, "maximum must be"),
        ({"tolerance": -1}, "tolerance must be a finite number above 0, not -1"),
        ({"attack": "deepfool"}, "attack must be one of 'fgsm', 'pgd', not 'deepfool'"),
        ({"targeted": True}, "needs its target"),
    ],
)
def test_what_is_refused(classifier, options, words):
    with pytest.raises(ValueError, match=words):
        minimal_epsilon(classifier, nets.inputs(1), **options)


# Accuracy against epsilon


@pytest.mark.parametrize("attack", ["fgsm", "pgd"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_curve_counts(classifier, attack, norm):
    x = nets.inputs(12)
    labels = NUMBERS.logits(x).argmax(axis=1)
    labels[:2] = (labels[:2] + 1) % 3  # two that are wrong from the start
    epsilons = [0, 0.05, 0.2, 0.6]
    curve = robustness_curve(classifier, x, labels, epsilons=epsilons, attack=attack, norm=norm)
    counted = []
    for epsilon in epsilons:
        run = fgsm if attack == "fgsm" else pgd
        answers = NUMBERS.logits(run(classifier, x, labels, epsilon=epsilon, norm=norm).adversarial).argmax(axis=1)
        counted.append(sum(int(answer == label) for answer, label in zip(answers, labels, strict=True)) / 12)
    np.testing.assert_allclose(curve.accuracy, counted)
    assert curve.accuracy[0] == pytest.approx(10 / 12)
    assert curve.accuracy[-1] < curve.accuracy[0]
    np.testing.assert_allclose(curve.error, 1 - curve.accuracy)
    assert curve.count == 12
    expected = np.sqrt(curve.accuracy * curve.error / 12)
    np.testing.assert_allclose(curve.standard_error, expected)


def test_the_curve_of_a_linear_model_is_the_distribution_of_the_smallest_epsilons(line):
    model, weights = line
    x = nets.inputs(40)
    true, epsilons = exact(x, weights, 1, "linf"), np.linspace(0, 0.3, 7) + 1e-4
    curve = robustness_curve(model, x, [1] * 40, epsilons=epsilons)
    np.testing.assert_allclose(curve.accuracy, [(true > epsilon).mean() for epsilon in epsilons])


def test_labels_by_name(classifier):
    x = nets.inputs(3)
    by_name = robustness_curve(classifier, x, ["ant", "bee", "cow"], epsilons=[0.1])
    by_index = robustness_curve(classifier, x, np.array([0, 1, 2]), epsilons=[0.1])
    assert by_name.accuracy == by_index.accuracy


@pytest.mark.parametrize(
    ("labels", "epsilons", "words"),
    [
        ([0, 1], [0.1], "2 targets were given for 3 images"),
        ([0, 1, 9], [0.1], "out of range"),
        ([0, 1, 2], [-0.1], "numbers? of at least 0"),
        ([0, 1, 2], [np.nan], "finite"),
    ],
)
def test_curves_that_are_refused(classifier, labels, epsilons, words):
    with pytest.raises(ValueError, match=words):
        robustness_curve(classifier, nets.inputs(3), labels, epsilons=epsilons)


def test_progress_of_the_curve(classifier):
    seen = []
    robustness_curve(
        classifier, nets.inputs(2), [0, 1], epsilons=[0, 0.1, 0.2], progress=lambda *step: seen.append(step)
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]
