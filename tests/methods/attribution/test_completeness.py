"""What theory promises, on every model that is shipped; the models themselves stay as they are.

With ``XAI_WIDGETS_IMAGENET_MODEL`` naming a .keras file of a network for pictures 0..255 (a MobileNetV2, say), on that
one too.
"""

import os

import numpy as np
import pytest

from xai_widgets import Classifier, load_model, load_scene_reader, load_text_model, sample_image
from xai_widgets.assets.cards import shipped_cards
from xai_widgets.methods import (
    deconvolution,
    deep_lift,
    grad_cam,
    guided_backprop,
    integrated_gradients,
    lrp,
    relevance_by_layer,
    smooth_grad,
)
from xai_widgets.methods.attribution.backpropagation.rules.composites import Composite
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import AlphaBeta, Epsilon, ZPlus
from xai_widgets.methods.core.baselines import make_baselines

pytestmark = [pytest.mark.backend, pytest.mark.slow]

IMAGENET = "XAI_WIDGETS_IMAGENET_MODEL"
PICTURES = {
    "digits": "digit-3",
    "creatures": "creature-cat-dog",
    "creatures_hans": "creature-cat-dog",
    "creatures_heads": "creature-cat-dog",
    "photos": "cat",
}
TABLES = ("breast_cancer", "wine")
TEXTS = {"reviews_en": "The room was clean but the food was awful", "reviews_fr": "La chambre est propre mais bruyante"}
SHIPPED = (*PICTURES, *TABLES, *TEXTS)
BASELINES = {"pictures": ("black", "blurred", ["black", "white"]), "others": (0, -1.5)}
# Where biases take nothing, all that may be lost is what comes to units to which no input adds anything.
EVEN = Epsilon(1e-9, bias=False)
CONSERVING = {"z+": Composite(EVEN, ZPlus()), "alpha-beta": Composite(EVEN, AlphaBeta(2, 1, bias=False, conserve=True))}


def subject(name):
    """Return a model and inputs for it, none of whose values is 0."""
    if name in TABLES:
        model = load_model(name)
        return model, np.random.default_rng(0).normal(0, 1, (2, *model.input_shape)).astype("float32")
    if name in TEXTS:
        net = load_text_model("reviews", language=name.removeprefix("reviews_"))
        return net.classifier, net.embed([TEXTS[name]])
    model = load_scene_reader().classes if name == "creatures_heads" else load_model(name)
    low, high = model.value_range
    return model, np.maximum(model.as_inputs(sample_image(PICTURES[name])), low + 0.01 * (high - low)).astype("float32")


@pytest.fixture(scope="module", params=SHIPPED)
def shipped(request):
    return subject(request.param)


@pytest.fixture(scope="module")
def imagenet():
    if IMAGENET not in os.environ:
        pytest.skip(f"{IMAGENET} names no file")
    model = Classifier(load_model(os.environ[IMAGENET]).model, value_range=(0, 255))
    return model, model.as_inputs(sample_image("cat")) + np.float32(1)


def baselines(x):
    return BASELINES["pictures" if x.ndim == 4 else "others"]


def assert_complete(model, x, tolerance):
    """The tolerance is of each path's own rise; those of several baselines may cancel."""
    for baseline in baselines(x):
        found = integrated_gradients(model, x, baseline=baseline, tolerance=tolerance)
        several = baseline if isinstance(baseline, list) else [baseline]
        starts = make_baselines(model, x, several)
        classes = model.logits(x).argmax(axis=-1)
        due = [(model.logits(x) - model.logits(start))[np.arange(len(x)), classes] for start in starts]
        assert (np.abs(found.delta) <= (tolerance + 0.001) * np.abs(due).mean(axis=0)).all()


def assert_deep_lift_complete(model, x):
    for baseline in (one for one in baselines(x) if not isinstance(one, list)):
        for rule in ("rescale", "reveal_cancel"):
            found = deep_lift(model, x, baseline=baseline, rule=rule)
            np.testing.assert_allclose(found.delta, 0, atol=2e-5 * np.abs(found.values).sum())


def assert_untouched(model, x):
    """Every method that runs the model in its own way leaves weights and answers as they were."""
    weights, logits = model.model.get_weights(), model.logits(x)
    smooth_grad(model, x, samples=3)
    integrated_gradients(model, x, steps=3)
    for method in (lrp, deep_lift):
        method(model, x)
    if x.ndim == 4:
        for method in (grad_cam, guided_backprop, deconvolution):
            method(model, x)
    assert all(map(np.array_equal, model.model.get_weights(), weights))
    np.testing.assert_array_equal(model.logits(x), logits)


def test_all_shipped_models_are_here():
    assert set(shipped_cards()) == set(SHIPPED)


def test_integrated_gradients_are_complete(shipped):
    assert_complete(*shipped, tolerance=0.03)


def test_deep_lift_is_complete(shipped):
    assert_deep_lift_complete(*shipped)


def lost(model):
    """Some units of the digits' net look at nothing but what is 0, and are on through their biases."""
    return 2e-3 if model.name == "digits" else 1e-4


@pytest.mark.parametrize("composite", CONSERVING)
def test_relevance_is_conserved(shipped, composite):
    model, x = shipped
    found = lrp(model, x, composite=CONSERVING[composite])
    np.testing.assert_allclose(found.delta, 0, atol=lost(model) * np.abs(found.score).max())


def test_relevance_is_conserved_at_each_layer(shipped):
    model, x = shipped
    found = relevance_by_layer(model, x, composite=CONSERVING["z+"])
    for through in found.through.values():
        np.testing.assert_allclose(through, found.score, rtol=lost(model))


def test_the_model_is_untouched(shipped):
    assert_untouched(*shipped)


def test_an_imagenet_model_keeps_the_promises(imagenet):
    """Depthwise filters see nine values, often all 0: what comes to such units, on through their biases, is lost."""
    model, x = imagenet
    assert_untouched(model, x)
    assert_complete(model, x, tolerance=0.05)
    assert_deep_lift_complete(model, x)
    through = np.stack(list(relevance_by_layer(model, x).through.values()))  # from the input on
    assert (through[0] > 0).all()
    assert (np.diff(through, axis=0) >= -1e-4 * through[-1]).all()


def test_grad_cam_tells_the_cat_from_the_dog():
    """In one picture of both, each class is strongest where its own animal stands."""
    model, picture = load_model("creatures"), sample_image("creature-cat-dog")
    cat, dog = (grad_cam(model, picture, name).values[0] for name in ("cat", "dog"))
    middle = cat.shape[1] // 2
    left = [one[:, :middle].sum() / one.sum() for one in (cat, dog)]
    assert abs(left[0] - left[1]) > 0.3
