"""The bounds, its cut by the range, and the mask."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.methods import slow
from tests.models import nets
from xai_widgets.methods.adversarial.threat_model import PerturbationSet, perturbation_set
from xai_widgets.models.kinds.classifier import Classifier

SHAPE = (2, 3, 2, 2)  # images, height, width, channels
ROUNDING = 1e-5

values = st.floats(-3, 3, width=32)
batches = arrays.arrays("float32", SHAPE, elements=values)
inside = arrays.arrays("float32", SHAPE, elements=st.floats(-1, 2, width=32))
sizes = arrays.arrays("float32", (SHAPE[0],), elements=st.floats(0, 2, width=32))
norms = st.sampled_from(["linf", "l2"])
clips = st.sampled_from([None, (np.float32(-1), np.float32(2)), (np.float32([-1, -2]), np.float32([2, 5]))])
masks = st.none() | arrays.arrays("float32", (*SHAPE[1:-1], 1), elements=st.sampled_from([0.0, 1.0]))
perturbation_sets = st.builds(PerturbationSet, norms, clips, masks)


def length(values, norm):
    flat = np.abs(values.astype("float64").reshape(len(values), -1))
    return flat.max(axis=1) if norm == "linf" else np.sqrt((flat**2).sum(axis=1))


def assert_allowed(bounds, points, start, epsilon):
    assert points.dtype == np.float32
    assert (length(points - start, bounds.norm) <= epsilon + ROUNDING).all()
    if bounds.clip is not None:
        assert (points >= bounds.clip[0]).all()
        assert (points <= bounds.clip[1]).all()
    if bounds.mask is not None:
        untouched = np.broadcast_to(bounds.mask, points.shape) == 0
        np.testing.assert_array_equal(points[untouched], start[untouched])


@given(perturbation_sets, batches, inside, sizes)
def test_projection_is_allowed_and_agrees_with_the_slow_one(bounds, moved, start, epsilon):
    found = bounds.project(moved, start, epsilon)
    assert_allowed(bounds, found, start, epsilon)
    for index, point in enumerate(found):
        expected = slow.project(
            moved[index].astype("float64"),
            start[index].astype("float64"),
            epsilon[index],
            norm=bounds.norm,
            clip=bounds.clip,
            mask=bounds.mask,
        )
        np.testing.assert_allclose(point, expected, atol=ROUNDING)


@given(perturbation_sets, batches, inside, sizes)
def test_projecting_twice_changes_nothing_more(bounds, moved, start, epsilon):
    once = bounds.project(moved, start, epsilon)
    np.testing.assert_allclose(bounds.project(once, start, epsilon), once, atol=ROUNDING)


@given(perturbation_sets, inside, sizes, st.integers(0, 999))
def test_random_starts_are_allowed(bounds, start, epsilon, seed):
    found = bounds.random_start(start, epsilon, np.random.default_rng(seed))
    assert_allowed(bounds, found, start, epsilon)
    np.testing.assert_array_equal(bounds.random_start(start, epsilon, np.random.default_rng(seed)), found)


@given(perturbation_sets, batches, inside, sizes)
def test_a_step_is_allowed_and_as_steep_as_can_be(bounds, gradient, start, epsilon):
    direction = bounds.steepest(gradient)
    np.testing.assert_allclose(direction, [slow.steepest(g, bounds.norm, bounds.mask) for g in gradient], atol=ROUNDING)
    assert_allowed(bounds, bounds.move(start, direction, epsilon), start, epsilon)
    # By Hoelder's inequality no step of this size gains more than the dual norm of the gradient.
    allowed = gradient if bounds.mask is None else gradient * bounds.mask
    gain = (direction.astype("float64") * gradient).sum(axis=(1, 2, 3))
    most = np.abs(allowed).sum(axis=(1, 2, 3)) if bounds.norm == "linf" else length(allowed, "l2")
    np.testing.assert_allclose(gain, most, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("scale", [1e-38, 1e-30, 1e-20, 1.0, 1e20, 1e30])
def test_tiny_and_huge_gradients_still_have_a_direction(scale):
    gradient = (np.array([[[[3.0], [-4.0]]]]) * scale).astype("float32")
    np.testing.assert_allclose(PerturbationSet("l2", None, None).steepest(gradient).ravel(), [0.6, -0.8], rtol=1e-4)
    np.testing.assert_array_equal(PerturbationSet("linf", None, None).steepest(gradient).ravel(), [1, -1])


def test_no_gradient_no_step():
    for norm in ("linf", "l2"):
        assert not PerturbationSet(norm, None, None).steepest(np.zeros((1, 2, 2, 1), "float32")).any()


def test_random_starts_fill_the_ball():
    """In d dimensions half of a ball's volume lies beyond radius 2 ** (-1 / d)."""
    start, epsilon = np.zeros((4000, 2), "float32"), np.ones(4000, "float32")
    square = PerturbationSet("linf", None, None).random_start(start, epsilon, np.random.default_rng(0))
    assert np.abs(square.mean(axis=0)).max() < 0.05
    np.testing.assert_allclose(np.quantile(square[:, 0], [0.25, 0.75]), [-0.5, 0.5], atol=0.05)
    radius = length(PerturbationSet("l2", None, None).random_start(start, epsilon, np.random.default_rng(0)), "l2")
    np.testing.assert_allclose(np.mean(radius > 2 ** (-1 / 2)), 0.5, atol=0.05)
    line = PerturbationSet("l2", None, np.float32([1, 0])).random_start(start, epsilon, np.random.default_rng(0))
    np.testing.assert_allclose(np.mean(np.abs(line[:, 0]) > 0.5), 0.5, atol=0.05)


# What is refused


@pytest.fixture(scope="module")
def classifier():
    return Classifier(nets.network(nets.Numbers.drawn()), value_range=(0, 1))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"norm": "l1"}, "norm must be one of 'linf', 'l2', not 'l1'"),
        ({"clip": "none"}, "clip must be \\(low, high\\), 'auto' or None, not 'none'"),
        ({"clip": (1, 0)}, "low < high"),
        (
            {"clip": (0.5, 1)},
            r"outside the range \(0.5, 1\); preprocess them as the model expects, or",
        ),
        ({"mask": np.ones((3, 4))}, r"mask of shape \(3, 4\) does not fit inputs \(3, 4, 4, 1\)"),
        ({"mask": np.full((4, 4), 0.5)}, "only 0 \\(leave\\) and 1"),
        ({"mask": np.full((4, 4), np.nan)}, "only 0"),
    ],
)
def test_options_that_are_refused(classifier, options, words):
    with pytest.raises(ValueError, match=words):
        perturbation_set(classifier, nets.inputs(3), **{"norm": "linf", "clip": "auto", "mask": None, **options})


def test_the_range_of_the_classifier(classifier):
    def clip_of(clip):
        return perturbation_set(classifier, nets.inputs(3), "linf", clip, None).clip

    assert clip_of("auto") == (0, 1)
    assert clip_of((-1, 2)) == (-1, 2)
    assert clip_of(None) is None


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 1), (3, 4, 4), (3, 4, 4, 1), (1, 4, 4, 1), (1, 1)])
def test_masks_of_every_fitting_shape(classifier, shape):
    mask = perturbation_set(classifier, nets.inputs(3), "linf", None, np.ones(shape)).mask
    assert np.broadcast_to(mask, (3, 4, 4, 1)).all()


def test_a_mask_of_booleans(classifier):
    keep = np.zeros((4, 4), bool)
    keep[1] = True
    mask = perturbation_set(classifier, nets.inputs(3), "linf", None, keep).mask
    assert (mask.shape, mask.dtype) == ((4, 4, 1), np.float32)


def test_the_smallest_gradient_still_gives_a_step_of_length_one():
    gradient = np.zeros((2, 2, 2, 1), "float32")
    gradient[0] = np.float32(1e-45)
    np.testing.assert_allclose(
        PerturbationSet("l2", None, None).steepest(gradient), [np.full((2, 2, 1), 0.5), np.zeros((2, 2, 1))]
    )
