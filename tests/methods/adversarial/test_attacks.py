"""FGSM and PGD: closed forms, a slow second implementation, properties."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from tests.methods import slow
from tests.models import nets
from xai_widgets import backend
from xai_widgets.methods import fgsm, pgd, saliency
from xai_widgets.methods.adversarial.attacks import Attack
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.recipe import fingerprint

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()
EPSILON = 0.03
ROUNDING = 1e-5


@pytest.fixture(scope="module")
def classifier():
    return Classifier(nets.network(NUMBERS), ("ant", "bee", "cow"), value_range=(0, 1))


# Closed forms: on a linear model the margin falls by exactly epsilon times the sum of |w|


def weights_of(classes, seed=0):
    return np.random.default_rng(seed).normal(0, 1, (nets.FEATURES, classes)).astype("float32")


def one_against_equals():
    """Four classes of which three have the same weights: log-sum-exp of those is linear too."""
    weights = weights_of(2)
    return np.stack([weights[:, 0], *[weights[:, 1]] * 3], axis=1)


LINEAR = {  # weights, activation, labels, class, w of the margin
    "single output": lambda w: (w[:, :1], None, None, 0, w[:, 0]),
    "single sigmoid": lambda w: (w[:, :1], "sigmoid", None, 0, w[:, 0]),
    "single sigmoid, first of two labels": lambda w: (w[:, :1], "sigmoid", ["no", "yes"], 0, -w[:, 0]),
    "single sigmoid, second of two labels": lambda w: (w[:, :1], "sigmoid", ["no", "yes"], 1, w[:, 0]),
    "two classes": lambda w: (w, "softmax", None, 0, w[:, 0] - w[:, 1]),
    "two classes, no activation": lambda w: (w, None, None, 1, w[:, 1] - w[:, 0]),
    "several sigmoids": lambda w: (w, "sigmoid", None, 1, w[:, 1]),
    "four classes": lambda w: (one_against_equals(), "softmax", None, 0, w[:, 0] - w[:, 1]),
}


def margin_of(logits, index, activation):
    """Return how far the class is ahead, (N,)."""
    own = logits[:, index].astype("float64")
    others = np.delete(logits, index, axis=1).astype("float64")
    if activation == "sigmoid" or not others.size:
        return own
    return own - np.log(np.exp(others).sum(axis=1))


@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_margin_of_a_linear_model(name, targeted, norm):
    weights, activation, labels, index, w = LINEAR[name](weights_of(2))
    model = nets.linear(weights, np.linspace(-0.2, 0.3, weights.shape[1]), activation, nets.SHAPE)
    classifier, x = Classifier(model, labels), nets.inputs(4)
    competing = (
        activation  # the scores of a sigmoid do not compete, of two named classes neither: one is minus the other
    )
    result = fgsm(classifier, x, index, epsilon=EPSILON, targeted=targeted, norm=norm)
    before, after = (
        margin_of(classifier.logits(batch), index, competing) for batch in (result.original, result.adversarial)
    )
    expected = EPSILON * (np.abs(w).sum() if norm == "linf" else np.sqrt((w**2).sum()))
    np.testing.assert_allclose(before - after, -expected if targeted else expected, rtol=1e-4)
    np.testing.assert_allclose(np.abs(result.perturbation).max(), np.abs(result.direction).max() * EPSILON, rtol=1e-4)


def test_a_targeted_attack_steps_the_other_way(classifier):
    x = nets.inputs(4)
    for norm in ("linf", "l2"):
        away, towards = (
            fgsm(classifier, x, 1, epsilon=EPSILON, targeted=targeted, norm=norm) for targeted in (False, True)
        )
        np.testing.assert_array_equal(away.direction, -towards.direction)
        assert away.direction.any()


def test_values_stay_in_the_range(classifier):
    x = np.round(nets.inputs(4)).astype("float32")  # all on the border
    result = fgsm(classifier, x, epsilon=0.2)
    assert (result.adversarial.min(), result.adversarial.max()) == (0, 1)
    size = np.abs(result.perturbation)
    assert (np.isclose(size, 0) | np.isclose(size, 0.2)).all()
    free = fgsm(classifier, x, epsilon=0.2, clip=None)
    assert free.adversarial.min() < 0
    assert free.adversarial.max() > 1


@pytest.mark.parametrize("activation", ["softmax", None])
def test_a_certain_model_still_has_a_direction(activation):
    """At a probability of exactly 1 the gradient of cross-entropy is 0; that of the margin is not."""
    weights = 300 * weights_of(3)
    weights[:, 0] += 400
    classifier, x = Classifier(nets.linear(weights, None, activation, nets.SHAPE)), nets.inputs(2)
    assert (classifier.predict(x).probabilities[:, 0] == 1).all()
    assert not saliency(classifier, x, 0, output="probability").values.any()
    result = fgsm(classifier, x, 0, epsilon=EPSILON)
    assert (np.abs(result.direction) == 1).all()
    best = classifier.logits(x)[:, 1:].argmax(axis=1) + 1
    for direction, other in zip(result.direction, best, strict=True):
        np.testing.assert_array_equal(direction.ravel(), np.sign(weights[:, other] - weights[:, 0]))


# A second, slow implementation

MASK = np.array([[1, 1, 0, 1], [0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 1, 0]], "float32")
OPTIONS = [
    {"norm": norm, "clip": clip, "mask": mask, "targeted": targeted}
    for norm in ("linf", "l2")
    for clip in (None, (0.05, 0.95))
    for mask in (None, MASK)
    for targeted in (False, True)
]


def for_slow(options):
    return options | {"mask": None if options["mask"] is None else options["mask"][..., np.newaxis]}


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_fgsm_agrees_with_the_slow_one(classifier, options):
    x, sizes = nets.inputs(2), np.array([0.1, 0.4], "float32")
    found = fgsm(classifier, x, 1, epsilon=sizes, **options)
    expected = [slow.fgsm(NUMBERS, one, 1, epsilon=e, **for_slow(options)) for one, e in zip(x, sizes, strict=True)]
    np.testing.assert_allclose(found.adversarial, expected, atol=1e-4)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_pgd_agrees_with_the_slow_one(classifier, options):
    x, step = nets.inputs(2), {"step_size": 0.06, "steps": 3}
    found = pgd(classifier, x, 2, epsilon=0.1, random_start=False, **step, **options)
    expected = [slow.pgd(NUMBERS, one, 2, epsilon=0.1, **step, **for_slow(options)) for one in x]
    np.testing.assert_allclose(found.adversarial, expected, atol=1e-4)


@pytest.mark.parametrize("ending", ["fused", "Softmax", "linear", "subclassed", "nested twice", "by hand"])
def test_the_attack_does_not_depend_on_how_the_model_is_written(classifier, ending):
    build = nets.ENDINGS[ending][0] if ending in nets.ENDINGS else nets.HIDDEN_LOGITS[ending]
    model, x = build(NUMBERS), nets.inputs(3)
    outputs, weights = backend.to_numpy(model(x)), model.get_weights()
    found = pgd(model, x, 0, epsilon=0.2, steps=3, clip=(0, 1))
    np.testing.assert_allclose(found.adversarial, pgd(classifier, x, 0, epsilon=0.2, steps=3).adversarial, atol=1e-4)
    np.testing.assert_array_equal(backend.to_numpy(model(x)), outputs)
    assert all(map(np.array_equal, model.get_weights(), weights))


# Properties

attacks = st.sampled_from([fgsm, pgd])
norms = st.sampled_from(["linf", "l2"])
clips = st.sampled_from([None, "auto", (-0.5, 1.25)])
masks = st.sampled_from([None, MASK, np.zeros((4, 4)), np.ones((4, 4, 1))])
epsilons, seeds = st.floats(0, 2, width=32), st.integers(0, 99)


def call(attack, *arguments, **options):
    return attack(*arguments, **options, **({"steps": 3} if attack is pgd else {}))


@given(
    attack=attacks,
    norm=norms,
    clip=clips,
    mask=masks,
    epsilon=epsilons,
    seed=seeds,
    targeted=st.booleans(),
)
@settings(max_examples=30)
def test_what_an_attack_may_change(classifier, *, attack, norm, clip, mask, epsilon, seed, targeted):
    x = nets.inputs(2, seed)
    result = call(attack, classifier, x, 1, epsilon=epsilon, norm=norm, clip=clip, mask=mask, targeted=targeted)
    flat = result.perturbation.astype("float64").reshape(2, -1)
    size = np.abs(flat).max(axis=1) if norm == "linf" else np.sqrt((flat**2).sum(axis=1))
    assert (size <= epsilon + ROUNDING).all()
    if clip is not None:
        low, high = (0, 1) if clip == "auto" else clip
        assert low <= result.adversarial.min() <= result.adversarial.max() <= high
    if mask is not None:
        assert not result.perturbation[:, np.reshape(mask, (4, 4)) == 0].any()
    np.testing.assert_array_equal(result.original, x)
    np.testing.assert_array_equal(result.success, (result.after.classes == 1) == targeted)
    np.testing.assert_allclose(result.after.probabilities, classifier.predict(result.adversarial), rtol=1e-5)
    np.testing.assert_allclose(result.before.probabilities, classifier.predict(x), rtol=1e-5)


@given(attack=attacks, norm=norms, clip=clips, mask=masks, seed=seeds)
@settings(max_examples=20)
def test_epsilon_0_changes_nothing(classifier, *, attack, norm, clip, mask, seed):
    x = nets.inputs(2, seed)
    result = call(attack, classifier, x, epsilon=0, norm=norm, clip=clip, mask=mask)
    np.testing.assert_array_equal(result.adversarial, x)
    assert not result.success.any()


@given(attack=attacks, norm=norms, count=st.integers(1, 6), size=st.integers(1, 7), seed=seeds)
@settings(max_examples=20)
def test_neither_company_nor_batches_change_an_attack(classifier, *, attack, norm, count, size, seed):
    x, options = nets.inputs(count, seed), {"norm": norm, "epsilon": 0.1}
    options |= {"random_start": False} if attack is pgd else {}  # a random start is drawn for the batch as a whole
    together = call(attack, classifier, x, 0, **options)
    cut = call(attack, classifier, x, 0, **options, batch_size=size)
    np.testing.assert_allclose(cut.adversarial, together.adversarial, atol=1e-4)
    single = [call(attack, classifier, one, 0, **options).adversarial[0] for one in x]
    np.testing.assert_allclose(single, together.adversarial, atol=1e-4)


def test_one_epsilon_for_each(classifier):
    x, sizes = nets.inputs(3), np.array([0, 0.1, 0.2], "float32")
    for attack in (fgsm, pgd):
        found = call(attack, classifier, x, epsilon=sizes)
        np.testing.assert_allclose(np.abs(found.perturbation).max(axis=(1, 2, 3)), sizes, atol=ROUNDING)
        np.testing.assert_array_equal(found.epsilon, sizes)


@given(norms, st.integers(0, 999))
@settings(max_examples=15)
def test_seeds_repeat(classifier, norm, seed):
    x, options = nets.inputs(2), {"epsilon": 0.2, "steps": 2, "restarts": 2, "norm": norm, "seed": seed}
    first, again = pgd(classifier, x, 0, **options), pgd(classifier, x, 0, **options)
    np.testing.assert_array_equal(first.adversarial, again.adversarial)
    other = pgd(classifier, x, 0, **options | {"seed": seed + 1, "steps": 1, "step_size": 0.0})
    assert np.abs(other.adversarial - first.adversarial).max() > 0


@given(norms, st.integers(0, 99), st.integers(2, 4), st.booleans())
@settings(max_examples=20)
def test_restarts_never_make_it_worse(classifier, norm, seed, restarts, targeted):
    x = nets.inputs(3, seed)
    one, many = (
        pgd(classifier, x, 0, epsilon=0.3, steps=2, restarts=count, seed=seed, norm=norm, targeted=targeted)
        for count in (1, restarts)
    )
    assert (many.success >= one.success).all()
    margins = [margin_of(NUMBERS.logits(result.adversarial), 0, "softmax") for result in (one, many)]
    better = margins[0] - margins[1] if not targeted else margins[1] - margins[0]
    assert ((better >= -1e-4) | (many.success > one.success)).all()


@given(attack=attacks, norm=norms, target=st.integers(0, 2), epsilon=st.floats(0, 3, width=32), seed=seeds)
@settings(max_examples=20)
def test_targeted_success_means_that_the_target_is_predicted(classifier, *, attack, norm, target, epsilon, seed):
    x = nets.inputs(3, seed)
    result = call(attack, classifier, x, target, epsilon=epsilon, norm=norm, targeted=True, clip=None)
    answers = NUMBERS.logits(result.adversarial).argmax(axis=1)
    np.testing.assert_array_equal(result.success, answers == target)
    away = call(attack, classifier, x, target, epsilon=epsilon, norm=norm, clip=None)
    np.testing.assert_array_equal(away.success, NUMBERS.logits(away.adversarial).argmax(axis=1) != target)


def test_enough_steps_reach_the_target(classifier):
    for target in range(3):
        result = pgd(classifier, nets.inputs(3), target, epsilon=3.0, steps=20, targeted=True, clip=None)
        assert result.success.all()


def test_many_small_steps_do_at_least_as_well_as_one_large(classifier):
    x = nets.inputs(20)
    once = fgsm(classifier, x, 0, epsilon=0.3)
    often = pgd(classifier, x, 0, epsilon=0.3, steps=20, random_start=False)
    margins = [margin_of(NUMBERS.logits(result.adversarial), 0, "softmax") for result in (once, often)]
    assert margins[1].mean() < margins[0].mean()  # on single inputs a local optimum may lie in the way
    assert often.success.sum() >= once.success.sum()


def test_without_a_target_the_predicted_class_is_left(classifier):
    x = nets.inputs(5)
    result = fgsm(classifier, x, epsilon=0.5)
    np.testing.assert_array_equal(result.target, NUMBERS.logits(x).argmax(axis=1))
    np.testing.assert_array_equal(result.target, result.before.classes)


def test_progress(classifier):
    seen = []
    pgd(classifier, nets.inputs(2), epsilon=0.1, steps=2, restarts=2, progress=lambda *step: seen.append(step))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    seen.clear()
    fgsm(classifier, nets.inputs(2), epsilon=0.1, progress=lambda *step: seen.append(step))
    assert seen == [(2, 2)]


def test_the_recipe_is_complete(classifier):
    recipe = pgd(classifier, nets.inputs(1), "bee", epsilon=0.25, seed=3, mask=MASK).recipe
    assert (recipe.method, recipe.model, recipe.target) == ("pgd", classifier.name, ("bee",))
    assert recipe.options == {
        "epsilon": 0.25,
        "step_size": 0.0625,
        "steps": 10,
        "restarts": 1,
        "random_start": True,
        "seed": 3,
        "targeted": False,
        "norm": "linf",
        "clip": (0.0, 1.0),
        "mask": fingerprint(MASK),
    }
    options = {name: value for name, value in recipe.options.items() if name not in ("mask", "clip")}
    again = pgd(classifier, nets.inputs(1), recipe.target[0], mask=MASK, clip=recipe.options["clip"], **options)
    np.testing.assert_array_equal(
        again.adversarial, pgd(classifier, nets.inputs(1), "bee", epsilon=0.25, seed=3, mask=MASK).adversarial
    )


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_a_recipe_with_an_epsilon_for_each_input_makes_the_attack_again(attack):
    x = nets.inputs(3)
    bounds = (x.min(axis=(0, 1, 2)) - 1 / 3, x.max(axis=(0, 1, 2)) + 0.1)  # not round, and given by channel
    model = Classifier(nets.network(NUMBERS), ("ant", "bee", "cow"))
    first = attack(model, x, ["bee", "ant", "ant"], epsilon=[0.1, 0.0, 1 / 3], clip=bounds, mask=MASK)
    options = dict(first.recipe.options)
    assert options.pop("mask") == fingerprint(MASK) != fingerprint(1 - MASK)
    again = attack(model, x, first.recipe.target, mask=MASK, **options)
    np.testing.assert_array_equal(again.adversarial, first.adversarial)
    assert again.recipe == first.recipe
    assert "epsilon=(0.1, 0, 0.3333)" in str(first.recipe)


@pytest.mark.parametrize("attack", [fgsm, pgd])
@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"epsilon": -0.1}, ValueError, "epsilon must be a finite number of at least 0"),
        ({"epsilon": np.nan}, ValueError, "epsilon must be a finite number"),
        ({"epsilon": [0.1, 0.2, 0.3]}, ValueError, r"one number or one per input \(2\), not of shape \(3,\)"),
        ({"epsilon": 0.1, "targeted": True}, ValueError, "a targeted attack needs its target"),
        ({"epsilon": 0.1, "target": "bees"}, ValueError, "did you mean bee"),
        ({"epsilon": 0.1, "target": lambda outputs: outputs}, TypeError, "not a callable"),
        ({"epsilon": 0.1, "norm": "l1"}, ValueError, "norm must be one of"),
        ({"epsilon": 0.1, "batch_size": 0}, ValueError, "batch_size must be a whole number of at least 1"),
    ],
)
def test_what_is_refused(classifier, attack, options, error, words):
    with pytest.raises(error, match=words):
        attack(classifier, nets.inputs(2), **options)


@pytest.mark.parametrize("options", [{"steps": 0}, {"restarts": 0}])
def test_at_least_one_step(classifier, options):
    with pytest.raises(ValueError, match=r"(steps|restarts) must be a whole number of at least 1, not 0"):
        pgd(classifier, nets.inputs(1), epsilon=0.1, **options)


def test_a_model_without_gradients_is_refused():
    start = keras.Input((4,))
    model = keras.Model(start, layers.Dense(2)(keras.ops.stop_gradient(start)))
    for attack in (fgsm, pgd):
        with pytest.raises(backend.NoGradientError):
            attack(model, np.ones((1, 4)), epsilon=0.1)


def test_losses_are_what_the_attack_raises(classifier):
    x = nets.inputs(2)
    for targeted in (False, True):
        options = {"norm": "linf", "clip": None, "mask": None, "batch_size": None}
        attack = Attack.prepare(classifier, x, 1, targeted=targeted, **options)
        losses, gradients = attack.losses_and_gradients(x)
        sign = -1 if targeted else 1
        np.testing.assert_allclose(losses, [sign * slow.margin(NUMBERS, one, 1) for one in x], rtol=1e-4)
        exact = [sign * slow.gradient(lambda point: slow.margin(NUMBERS, point, 1), one) for one in x]
        np.testing.assert_allclose(gradients, exact, rtol=1e-3, atol=1e-4)
