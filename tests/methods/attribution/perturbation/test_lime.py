"""LIME against the lime package itself, against a fit by hand, and where the answer is known."""

import keras
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from tests.models import nets
from xai_widgets.methods import lime_image, lime_tabular, lime_text, occlude_words
from xai_widgets.methods.attribution.perturbation.lime_image import fit_lime, kernel
from xai_widgets.models.kinds.classifier import Classifier

lime_package = pytest.importorskip("lime.lime_image")
pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()
SEGMENTS = np.arange(16).reshape(4, 4) // 2


def superpixel_model(weights):
    """A model that is linear in the bits of the superpixels, on a picture of ones hidden by zeros."""
    pixels = np.asarray(weights)[SEGMENTS] / np.bincount(SEGMENTS.ravel())[SEGMENTS]
    return nets.linear(pixels.reshape(16, 1), bias=[0.7], shape=(4, 4, 1))


def test_a_linear_score_gives_back_its_weights():
    weights = np.array([3.0, -2.0, 0.5, 1.0, 0.0, -0.25, 2.0, 4.0])
    found = lime_image(
        superpixel_model(weights),
        np.ones((1, 4, 4, 1), "float32"),
        0,
        segments=SEGMENTS,
        baseline=0,
        ridge=0,
        samples=200,
    )
    np.testing.assert_allclose(found.weights[0], weights, atol=1e-4)
    np.testing.assert_allclose(found.values[0], weights[SEGMENTS], atol=1e-4)
    np.testing.assert_allclose([found.intercept[0], found.fit[0]], [0.7, 1], atol=1e-4)
    np.testing.assert_allclose(found.errors[0], 0, atol=1e-4)


def test_the_kernel():
    distances = np.linspace(0, 1, 20)
    by_hand = [np.exp(-((d / 0.25) ** 2)) ** 0.5 for d in distances]
    np.testing.assert_allclose(kernel(distances, 0.25), by_hand)


@pytest.mark.parametrize("ridge", [0.0, 1.0, 20.0])
def test_the_fit_by_hand(ridge):
    """Weighted ridge regression with a free intercept, by the normal equations; the cosine distance by its formula."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, (60, 5)).astype("uint8")
    bits[0] = 1
    scores = (bits @ [1.0, 2, 0, -1, 3] + rng.normal(0, 0.3, 60)).astype("float32")
    cosines = np.array([row.sum() / np.sqrt(5 * row.sum()) if row.any() else 0 for row in bits.astype(float)])
    weigh = np.sqrt(np.exp(-((1 - cosines) ** 2) / 0.25**2))
    rows = np.column_stack([np.ones(60), bits])
    penalty = np.diag([0] + [ridge] * 5)
    solved = np.linalg.solve((rows.T * weigh) @ rows + penalty, (rows.T * weigh) @ scores)
    mean = np.average(scores, weights=weigh)
    fitted = 1 - (weigh * (scores - rows @ solved) ** 2).sum() / (weigh * (scores - mean) ** 2).sum()
    weights, _, intercept, fit = fit_lime(bits, scores, kernel_width=0.25, ridge=ridge, features=None)
    np.testing.assert_allclose(weights, solved[1:], atol=1e-5)
    np.testing.assert_allclose([intercept, fit], [solved[0], fitted], atol=1e-5)


@pytest.mark.parametrize("features", [None, 3, 7])
def test_the_package_gives_the_same(features):
    """Same seed, same picture, same segments: the neighbours and the fit are those of lime."""
    numbers = nets.Numbers.drawn(features=48)
    model = Classifier(nets.network(numbers, shape=(4, 4, 3)), value_range=(0, 1))
    picture = nets.inputs(1, shape=(4, 4, 3))[0]
    explainer = lime_package.LimeImageExplainer(random_state=5)
    theirs = explainer.explain_instance(
        picture.astype("float64"),
        lambda batch: nets.softmax(numbers.logits(batch)),
        labels=(2,),
        top_labels=None,
        num_features=100_000 if features is None else features,
        num_samples=150,
        segmentation_fn=lambda _: SEGMENTS,
    )
    ours = lime_image(
        model, picture, 2, segments=SEGMENTS, samples=150, seed=5, output="probability", features=features
    )
    expected = np.zeros(8)
    for feature, weight in theirs.local_exp[2]:
        expected[feature] = weight
    np.testing.assert_allclose(ours.weights[0], expected, atol=1e-5)
    np.testing.assert_allclose([ours.intercept[0], ours.fit[0]], [theirs.intercept[2], theirs.score], atol=1e-4)


def test_errors_tell_how_the_answer_varies_with_the_seed():
    model, x = nets.network(NUMBERS), nets.inputs(1)
    found = [lime_image(model, x, 1, segments=SEGMENTS, samples=200, seed=seed, baseline=0) for seed in range(40)]
    spread = np.std([one.weights[0] for one in found], axis=0)
    told = np.sqrt(np.mean([one.errors[0] ** 2 for one in found], axis=0))
    np.testing.assert_allclose(told, spread, rtol=0.6)


def test_streams_seeds_batches_and_company():
    model, x = nets.network(NUMBERS), nets.inputs(2)
    cut = {"segments": SEGMENTS, "samples": 150}
    answers = list(lime_image.stream(model, x, 0, **cut))
    called = lime_image(model, x, 0, **cut)
    assert [one.recipe.options["samples"] for one in answers] == [32, 64, 128, 150]
    np.testing.assert_allclose(answers[-1].values, called.values, atol=1e-5)
    np.testing.assert_allclose(lime_image(model, x, 0, batch_size=9, **cut).values, called.values, atol=1e-5)
    np.testing.assert_allclose(lime_image(model, x[1], 0, **cut).values[0], called.values[1], atol=1e-5)
    assert not np.allclose(lime_image(model, x, 0, seed=1, **cut).values, called.values)


@pytest.mark.parametrize("options", [{"samples": 1}, {"kernel_width": 0}, {"ridge": -1}, {"features": 0}])
def test_what_is_refused(options):
    with pytest.raises(ValueError, match=f"lime_image: {next(iter(options))} must be a (whole|finite) number"):
        lime_image(nets.network(NUMBERS), nets.inputs(1), 0, segments=SEGMENTS, **options)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    training = rng.normal(size=(200, 4))
    return training, (training[:, 2] > 0).astype(int)


@pytest.mark.parametrize("discretise", [True, False])
def test_tables_of_forests_and_networks(rows, discretise):
    training, classes = rows
    forest = RandomForestClassifier(30, random_state=0).fit(training, classes)
    found = lime_tabular(
        forest, training[:2], training=training, discretise=discretise, names=list("abcd"), samples=300
    )
    assert found.values.shape == (2, 4)
    assert (np.abs(found.values).argmax(axis=1) == 2).all()
    assert "c" in found.names[0][2]
    assert found.recipe.options["output"] == "probability"
    again = lime_tabular(forest, training[1], training=training, discretise=discretise, names=list("abcd"), samples=300)
    np.testing.assert_allclose(again.values[0], found.values[1])
    net = nets.linear(np.eye(4)[:, 2:])
    assert np.abs(lime_tabular(net, training[0], 0, training=training, samples=300).values).argmax() == 2


def test_tables_are_refused_where_shapes_do_not_fit(rows):
    with pytest.raises(ValueError, match="training"):
        lime_tabular(lambda x: x, np.ones((2, 3)), training=rows[0])
    with pytest.raises(ValueError, match="finite"):
        lime_tabular(lambda x: x, np.full((1, 4), np.nan), training=rows[0])


def liking(texts):
    """Score texts by their words, with a negation that turns what follows."""
    scores = []
    for text in texts:
        words = text.lower().replace("!", "").replace(",", "").split()
        score = sum({"good": 1.0, "bad": -2.0}.get(word, 0) for word in words)
        scores.append(-score if "not" in words else score)
    return np.stack([-np.array(scores), np.array(scores)], axis=1)


def test_words_left_out():
    found = occlude_words(liking, ["A good film!", "not bad", ""], 1)
    assert found.words == (("A", "good", "film"), ("not", "bad"), ())
    for weights, expected in zip(found.weights, ([0, 1, 0], [4, 2], []), strict=True):
        np.testing.assert_allclose(weights, expected)
    np.testing.assert_allclose(found.score, [1, 2, 0])


def test_lime_on_texts():
    found = lime_text(liking, ["a good good film, bad!", ""], 1, samples=400)
    best = dict(found.top(5))
    assert best["good"] == pytest.approx(1, abs=0.1)
    assert best["bad"] == pytest.approx(-2, abs=0.1)
    assert abs(best["film"]) < 0.1
    assert found.fit[0] > 0.95
    assert len(found.weights[1]) == 0
    again = lime_text(liking, "a good good film, bad!", 1, samples=400)
    np.testing.assert_array_equal(again.weights[0], found.weights[0])


def test_answers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="one finite row"):
        occlude_words(lambda texts: np.ones(len(texts)), "a text")
    with pytest.raises(TypeError, match="predict_proba"):
        occlude_words(3, "a text")
    with pytest.raises(ValueError, match="give a text"):
        occlude_words(liking, [])
    with pytest.raises(ValueError, match="unknown class"):
        occlude_words(liking, "a text", "good")
    assert keras.config.backend()
