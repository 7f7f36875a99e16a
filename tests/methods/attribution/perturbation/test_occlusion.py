"""Occlusion by full passes: closed forms, windows, fills, and a second implementation with plain loops."""

import keras
import numpy as np
import pytest

from tests.models import nets
from xai_widgets.methods import occlusion
from xai_widgets.methods.attribution.perturbation.windows import Groups, Windows
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()
relu = keras.ops.relu


def function(made, size=2):
    """Make a model of one output from a function of its input tensor."""
    start = keras.Input((size,))
    return keras.Model(start, made(start))


def part(t, place):
    return t[:, place : place + 1]


# Function, point, falls when one value is set to 0
CLOSED_FORMS = {
    "two units": (lambda t: relu(relu(part(t, 0) - 1) - relu(part(t, 1))), (3, 1), (1, -1)),
    "two units, far off": (lambda t: relu(relu(part(t, 0) - 1) - relu(part(t, 1))), (-10, -5), (0, 0)),
    "saturation": (lambda t: 1 - relu(1 - part(t, 0) - part(t, 1)), (1, 1), (0, 0)),
    "minimum": (lambda t: part(t, 0) - relu(part(t, 0) - part(t, 1)), (4, 2), (2, 2)),
}


def occluded_by_loops(numbers, x, target, *, patch, stride, fill, reduce="average"):
    """Do as the definition says, window by window, pixel by pixel, in float64."""
    rows, columns = x.shape[:2]
    starts = [sorted({*range(0, size - patch + 1, stride), size - patch}) for size in (rows, columns)]
    total, count = np.zeros((rows, columns)), np.zeros((rows, columns))
    score = numbers.logits(x[np.newaxis])[0, target]
    for top in starts[0]:
        for left in starts[1]:
            hidden = x.astype("float64").copy()
            hidden[top : top + patch, left : left + patch] = fill
            fall = score - numbers.logits(hidden[np.newaxis])[0, target]
            for row in range(top, top + patch):
                for column in range(left, left + patch):
                    total[row, column] += fall
                    count[row, column] += 1
    return total / count if reduce == "average" else total


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_one_feature_at_a_time(name):
    made, point, falls = CLOSED_FORMS[name]
    found = occlusion(function(made), np.array([point], "float32"), 0)
    np.testing.assert_allclose(found.values, [falls], atol=1e-6)
    assert found.recipe.options["baseline"] == 0


@pytest.mark.parametrize("reduce", ["average", "sum"])
@pytest.mark.parametrize(("patch", "stride"), [(1, 1), (2, 1), (2, 2), (3, 2), (4, 4)])
def test_second_implementation(patch, stride, reduce):
    model, x = nets.network(NUMBERS), nets.inputs(2)
    found = occlusion(model, x, 1, patch=patch, stride=stride, baseline=0.25, reduce=reduce)
    for values, one in zip(found.values, x, strict=True):
        exact = occluded_by_loops(NUMBERS, one, 1, patch=patch, stride=stride, fill=0.25, reduce=reduce)
        np.testing.assert_allclose(values, exact, atol=1e-5)
    np.testing.assert_allclose(found.score, NUMBERS.logits(x)[:, 1], atol=1e-5)


def test_each_image_has_its_own_target_and_batches_do_not_matter():
    model, x = nets.network(NUMBERS), nets.inputs(3)
    together = occlusion(model, x, [0, 1, 2], patch=2, stride=1).values
    for batch_size in (1, 4, 7):
        small = occlusion(model, x, [0, 1, 2], patch=2, stride=1, batch_size=batch_size).values
        np.testing.assert_allclose(small, together, atol=1e-5)
    for index, one in enumerate(x):
        np.testing.assert_allclose(
            occlusion(model, one, index, patch=2, stride=1).values[0], together[index], atol=1e-5
        )


def test_fills():
    model = Classifier(nets.network(NUMBERS), preprocess=lambda pixels: pixels / 255)
    x = nets.inputs(2)
    means = np.broadcast_to(x.mean(axis=(1, 2), keepdims=True), x.shape)
    numbers = {"grey": 0.5, "black": 0.0, "white": 1.0, None: 0.5, "mean": means, (0.3,): 0.3}
    for fill, value in numbers.items():
        named = occlusion(model, x, 0, patch=2, baseline=fill).values
        np.testing.assert_allclose(named, occlusion(model, x, 0, patch=2, baseline=value).values, atol=1e-5)
    assert occlusion(nets.network(NUMBERS), x, 0).recipe.options["baseline"] == "mean"
    with pytest.raises(ValueError, match="did you mean blurred"):
        occlusion(model, x, 0, baseline="blured")


def test_a_sequence_is_occluded_along_time():
    start = keras.Input((5, 2))
    model = keras.Model(start, keras.layers.Dense(1)(keras.layers.Flatten()(start)))
    weights = np.arange(10, dtype="float32").reshape(10, 1)
    model.layers[-1].set_weights([weights, np.zeros(1, "float32")])
    found = occlusion(model, np.ones((1, 5, 2), "float32"), 0, patch=1, stride=1, baseline=0)
    np.testing.assert_allclose(found.values, [[1, 5, 9, 13, 17]], rtol=1e-6)


def test_groups_of_features():
    model = nets.linear(np.array([[1.0], [2.0], [4.0]]))
    x = np.ones((2, 3), "float32")
    together = occlusion(model, x, 0, groups=[[0, 2]], baseline=0)
    np.testing.assert_allclose(together.values, [[5, 0, 5]] * 2, rtol=1e-6)
    overlapping = occlusion(model, x, 0, groups=[[0, 1], [1, 2]], baseline=0)
    np.testing.assert_allclose(overlapping.values, [[3, 4.5, 6]] * 2, rtol=1e-6)
    with pytest.raises(ValueError, match="numbers from 0 to 2"):
        occlusion(model, x, 0, groups=[[0, 3]])


def test_windows_reach_every_pixel_and_stay_inside():
    for size in range(2, 30):
        for patch in range(1, size + 1):
            for stride in {1, max(1, patch // 2), patch}:
                windows = Windows.on((size, 5), (patch, 2), (stride, 1))
                assert (windows.kept(slice(None)).min(axis=0) == 0).all()
                assert (windows.starts + windows.patch <= windows.shape).all()
                assert len(np.unique(windows.starts, axis=0)) == len(windows)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (8, 8), (96, 96), (224, 224), (32, 480)])
def test_sizes_choose_themselves(shape):
    assert len(Windows.on(shape)) <= 15 * 15 * max(shape) / min(shape)


def test_masks_hide_the_window():
    kept = Windows.on((3, 4), 2, 1).kept(slice(1, 2))[0]
    np.testing.assert_array_equal(kept, [[1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 1]])
    np.testing.assert_array_equal(Groups.of(2).kept(slice(None)), [[0, 1], [1, 0]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patch": 5}, "patch must be a whole number from 1 to the size of the input"),
        ({"patch": 2, "stride": 3}, "leaves places that no window covers"),
        ({"patch": 0}, "patch must be"),
        ({"reduce": "max"}, "reduce must be one of 'average', 'sum'"),
        ({"groups": [[0]]}, "groups are for rows of features"),
        ({"baseline": np.zeros((3, 3))}, "does not fit"),
        ({"baseline": np.nan}, "finite"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        occlusion(nets.network(NUMBERS), nets.inputs(1), 0, **options)


def test_patches_are_not_for_rows_of_features():
    with pytest.raises(ValueError, match="rows of features"):
        occlusion(nets.linear(np.ones((3, 2))), np.ones((1, 3)), 0, patch=1)


def test_progress_counts_copies():
    seen = []
    occlusion(
        nets.network(NUMBERS), nets.inputs(2), 0, patch=2, stride=2, batch_size=3, progress=lambda *at: seen.append(at)
    )
    assert seen == [(3, 8), (6, 8), (8, 8)]
