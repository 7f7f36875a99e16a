"""Network dissection: planted filters, a slow twin, sketches against NumPy, Broden's layout, a net without training."""

import csv
import re
import warnings

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

import xai_widgets as xai
from xai_widgets.datasets.creatures import LABELS, draw, sample_scene
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.dissection import (
    ArrayConcepts,
    BrodenConcepts,
    CreatureConcepts,
    QuantileSketch,
    dissect,
    unit_regions,
)
from xai_widgets.methods.dissection.creature_concepts import COLOURS
from xai_widgets.methods.dissection.dissect import heights, overlaps
from xai_widgets.methods.dissection.quantile_sketch import ACCURACY, SMALLEST
from xai_widgets.methods.evaluation.weight_randomization import forget, twin_of

# Quantiles

numbers = hnp.arrays("float32", st.tuples(st.integers(1, 60), st.just(2)), elements=st.floats(-1e4, 1e4, width=32))
shares = st.sampled_from([0.0, 0.01, 0.5, 0.9, 0.995, 1.0])


@given(numbers, shares)
def test_a_quantile_is_within_its_bound(values, share):
    sketch = QuantileSketch(2)
    sketch.add(values)
    exact = np.quantile(values, share, axis=0, method="inverted_cdf")
    assert (np.abs(sketch.quantile(share) - exact) <= ACCURACY * np.abs(exact) + SMALLEST).all()


@given(st.lists(numbers, min_size=2, max_size=4))
def test_sketches_of_parts_add_up_to_that_of_the_whole(parts):
    whole, added = QuantileSketch(2), QuantileSketch(2)
    whole.add(np.concatenate(parts))
    for part in parts:
        one = QuantileSketch(2)
        one.add(part)
        added = added + one
    assert added.total == whole.total == sum(map(len, parts))
    np.testing.assert_array_equal(added.counts, whole.counts)
    np.testing.assert_array_equal(added.quantile(0.7), whole.quantile(0.7))


def test_memory_does_not_grow_with_the_stream():
    rng, sketch = np.random.default_rng(0), QuantileSketch(3)
    sketch.add(np.ones((1, 3)))
    sketch.add(np.full((1, 3), 1e4))
    before = sketch.counts.shape
    for _ in range(5):
        sketch.add(rng.uniform(1, 1e4, (40_000, 3)))
    assert sketch.counts.shape == before
    assert sketch.total == 200_002


def test_what_is_no_quantile_is_refused():
    sketch = QuantileSketch(2)
    with pytest.raises(ValueError, match="nothing was counted"):
        sketch.quantile(0.5)
    with pytest.raises(ValueError, match=r"shape \(N, 2\)"):
        sketch.add(np.zeros((3, 4)))
    with pytest.raises(ValueError, match="NaN"):
        sketch.add([[np.nan, 0]])
    with pytest.raises(ValueError, match="share"):
        sketch.quantile(1.5)
    with pytest.raises(ValueError, match="do not add up"):
        sketch + QuantileSketch(3)


# Planted filters


def net_of(weights, side=16):
    """Make a convolution with given weights, and two classes behind it."""
    count = weights.shape[-1]
    stack = [keras.layers.Conv2D(count, weights.shape[0], padding="same", activation="relu", name="conv")]
    stack += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, name="scores")]
    model = keras.Sequential([keras.Input((side, side, 3)), *stack], name="planted")
    model.layers[0].set_weights([weights.astype("float32"), np.zeros(count, "float32")])
    return xai.Classifier(model, ["a", "b"], preprocess=lambda pixels: pixels / 256)


@pytest.fixture(scope="module")
def planted():
    """Unit 0 sees red, unit 1 the left border of what is bright, unit 2 nothing; it is shown squares and bars."""
    weights = np.zeros((3, 3, 3, 3))
    weights[1, 1, :, 0] = 1, -1, -1
    weights[1, 1, :, 1], weights[1, 0, :, 1] = 1 / 4, -1 / 4  # these sums are exact, in whatever order they are taken
    pictures, masks = np.zeros((20, 16, 16, 3), "uint8"), np.zeros((20, 3, 16, 16), bool)
    for place in range(20):
        row, column = place % 10 + 1, (3 * place) % 11 + 1
        if place % 2:
            pictures[place, row : row + 3, column : column + 3, 0] = 200
            masks[place, 0, row : row + 3, column : column + 3] = True
            masks[place, 1, row : row + 3, column] = True
        else:
            pictures[place, :, column : column + 2] = 150
            masks[place, 1, :, column] = True
    masks[:, 2, 0, 0] = True
    return net_of(weights), ArrayConcepts(
        pictures, masks, ["red", "left border", "corner"], ["colour", "edge", "place"]
    )


def test_planted_filters_are_found(planted):
    net, concepts = planted
    found = dissect(net, concepts, layer="conv", quantile=0.05, batch_size=7)
    assert [(one.unit, one.concept, one.kind) for one in found.detectors()] == [
        (0, "red", "colour"),
        (1, "left border", "edge"),
    ]
    np.testing.assert_allclose(found.iou[0, 0], 1)
    np.testing.assert_allclose(found.iou[1, 1], 1)
    assert not found.iou[2].any()
    assert found.unique() == {"colour": 1, "edge": 1, "place": 0}
    assert set(found.top[0][:10] % 2) == {1}
    assert found.show().axes[0].patches


def test_a_unit_is_judged_where_concepts_of_the_kind_were_looked_for(planted):
    _, whole = planted
    every = whole.batch(slice(0, 20))
    known = np.ones((20, 3), bool)
    known[::2, 0] = False  # nobody looked for red in the pictures with bars
    weights = np.ones((1, 1, 3, 1)) / 3  # a unit that sees all that is bright
    bright = net_of(weights)
    parts = [ArrayConcepts(every.pictures, every.masks, whole.names, whole.kinds, one) for one in (None, known)]
    careless, careful = (dissect(bright, one, layer="conv", quantile=0.2) for one in parts)
    assert careless.iou[0, 0] < 0.5
    np.testing.assert_allclose(careful.iou[0, 0], 1)


# A slow twin


def slow_enlarged(small, size):
    """Interpolate bilinearly, pixel by pixel: a cell's value stands at its centre."""
    h, w = small.shape
    out = np.zeros(size)
    for i in range(size[0]):
        for j in range(size[1]):
            y = min(max((i + 0.5) * h / size[0] - 0.5, 0), h - 1)
            x = min(max((j + 0.5) * w / size[1] - 0.5, 0), w - 1)
            y0, x0 = int(y), int(x)
            y1, x1 = min(y0 + 1, h - 1), min(x0 + 1, w - 1)
            a, b = y - y0, x - x0
            top = (1 - b) * small[y0, x0] + b * small[y0, x1]
            out[i, j] = (1 - a) * top + a * ((1 - b) * small[y1, x0] + b * small[y1, x1])
    return out


def slow_iou(maps, masks, threshold):
    """Count pixels one picture at a time, for one unit and one concept."""
    both = either = 0
    for small, mask in zip(maps, masks, strict=True):
        above = slow_enlarged(small, mask.shape) > threshold
        both += np.logical_and(above, mask).sum()
        either += np.logical_or(above, mask).sum()
    return both / max(either, 1)


def test_slow_twin():
    keras.utils.set_random_seed(4)
    rng = np.random.default_rng(4)
    stack = [keras.layers.Conv2D(3, 3, strides=2, name="conv"), keras.layers.GlobalAveragePooling2D()]
    model = keras.Sequential([keras.Input((12, 12, 3)), *stack, keras.layers.Dense(2)])
    net = xai.Classifier(model, ["a", "b"], preprocess=lambda pixels: pixels / 256)
    pictures = rng.integers(0, 256, (6, 12, 12, 3)).astype("uint8")
    masks = rng.random((6, 2, 9, 7)) < 0.3
    found = dissect(net, ArrayConcepts(pictures, masks, ["x", "y"]), layer="conv", quantile=0.1, batch_size=4)
    maps = LayerProbe(net, "conv").activations(pictures)
    for unit in range(3):
        exact = np.quantile(maps[..., unit], 0.9, method="inverted_cdf")
        assert abs(found.thresholds[unit] - exact) <= ACCURACY * abs(exact)
        for concept in range(2):
            slow = slow_iou(maps[..., unit], masks[:, concept], found.thresholds[unit])
            np.testing.assert_allclose(found.iou[unit, concept], slow, atol=1e-6)
    seen = unit_regions(net, pictures, found, 1, size=(9, 7))
    np.testing.assert_array_equal(seen[2], slow_enlarged(maps[2, ..., 1], (9, 7)) > found.thresholds[1])
    highest = maps.max(axis=(1, 2))
    np.testing.assert_array_equal(found.top[:, 0], highest.argmax(axis=0))


def test_parts_add_up_in_any_cut(planted):
    net, concepts = planted
    probe = LayerProbe(net, "conv")
    cuts = [[slice(0, 20)], [slice(0, 3), slice(3, 11), slice(11, 20)]]
    learnt = []
    for parts in cuts:
        high = heights(probe, concepts, parts[0])
        for part in parts[1:]:
            high = high + heights(probe, concepts, part)
        thresholds = high.sketch.quantile(0.9)
        counted = [overlaps(probe, concepts, thresholds, part) for part in parts]
        total = counted[0]
        for one in counted[1:]:
            total = total + one
        learnt.append((thresholds, high.places, total.both, total.unit, total.concept))
    for one, other in zip(*learnt, strict=True):
        np.testing.assert_array_equal(one, other)


# Creatures


def test_the_masks_of_one_concept_are_those_of_the_batch():
    concepts = CreatureConcepts(5, seed=5)
    masks = concepts.batch(slice(0, 5)).masks
    for number in range(len(concepts.names)):
        np.testing.assert_array_equal(concepts.masks_of(number), masks[:, number])
    with pytest.raises(IndexError, match="concepts 0 to 48, not 49"):
        concepts.masks_of(49)


def test_masks_of_creatures_are_those_of_the_drawing():
    concepts = CreatureConcepts(6, seed=5)
    batch = concepts.batch(slice(0, 6))
    place = {
        (kind, name): number for number, (kind, name) in enumerate(zip(concepts.kinds, concepts.names, strict=True))
    }
    for number in range(6):
        drawing = draw(sample_scene((5, number)))
        masks, animal = batch.masks[number], drawing.scene.animals[0]
        np.testing.assert_array_equal(batch.pictures[number], drawing.picture)
        np.testing.assert_array_equal(masks[place["part", "eyes"]], drawing.masks[0, "eyes"])
        np.testing.assert_array_equal(masks[place["animal", animal.kind]], drawing.animals[0])
        behind = masks[place["background", drawing.scene.background.kind]]
        np.testing.assert_array_equal(behind, drawing.masks[None, "background"])
        assert (masks[place["part", "head"]] >= masks[place["part", "muzzle"]]).all()
    assert (concepts.labels() == [LABELS.index(sample_scene((5, one)).labels[0]) for one in range(6)]).all()


def test_colours_bear_the_names_that_people_give_them():
    from xai_widgets.methods.dissection.creature_concepts import _COARSE, _colour_numbers

    for number, colour in enumerate(COLOURS.values()):
        assert _colour_numbers()[tuple(channel >> _COARSE for channel in colour)] == number


def test_a_net_that_learnt_nothing_has_fewer_detectors():
    net, concepts = xai.load_model("creatures"), CreatureConcepts(48, seed=6)
    blank = twin_of(net)
    list(forget(blank.model, 0))
    trained, random = (dissect(one, concepts, layer="conv4_2") for one in (net, blank))
    assert len(trained.detectors()) > 4 * len(random.detectors())
    assert sum(trained.unique().values()) > 2 * sum(random.unique().values())


# Broden's layout


def write(folder, index, label, files=()):
    """Write a tiny folder."""
    (folder / "images").mkdir()
    for name, rows in (("index.csv", index), ("label.csv", label)):
        with (folder / name).open("w", newline="") as stream:
            csv.writer(stream).writerows(rows)
    for name, pixels in files:
        Image.fromarray(pixels).save(folder / "images" / name)


HEAD = ["image", "split", "ih", "iw", "sh", "sw", "colour", "object", "scene"]
LABEL = [
    ["number", "name", "category"],
    ["1", "red", "colour(2)"],
    ["300", "sofa", "object(1);colour(1)"],
    ["7", "street", "scene(1)"],
]


@pytest.fixture
def broden(tmp_path):
    picture = np.full((8, 8, 3), 9, "uint8")
    red, sofa = np.zeros((4, 4, 3), "uint8"), np.zeros((4, 4, 3), "uint8")
    red[:2, :, 0] = 1
    sofa[1, 1] = 300 % 256, 300 // 256, 0
    index = [HEAD, ["a.png", "train", 8, 8, 4, 4, "red.png", "red.png;sofa.png", "7"]]
    index[1][7] = "sofa.png"
    index.append(["b.png", "val", 8, 8, 4, 4, "", "", "7"])
    write(tmp_path, index, LABEL, [("a.png", picture), ("b.png", picture), ("red.png", red), ("sofa.png", sofa)])
    return tmp_path


def test_broden_is_read(broden):
    concepts = BrodenConcepts(broden)
    assert (concepts.names, concepts.kinds) == (
        ("red", "sofa", "sofa", "street"),
        ("colour", "colour", "object", "scene"),
    )
    batch = concepts.batch(slice(0, 2))
    assert batch.masks.shape == (2, 4, 4, 4)
    assert batch.masks[0].sum(axis=(1, 2)).tolist() == [8, 0, 1, 16]
    assert batch.masks[1].sum(axis=(1, 2)).tolist() == [0, 0, 0, 16]
    assert batch.known.tolist() == [[True, True, True], [False, False, True]]
    assert [len(BrodenConcepts(broden, split=one)) for one in ("train", "val")] == [1, 1]
    assert BrodenConcepts(broden, kinds=["object"]).names == ("sofa",)


def test_broden_is_dissected(broden):
    weights = np.ones((1, 1, 3, 2))
    found = dissect(net_of(weights, side=8), BrodenConcepts(broden), layer="conv", quantile=0.1)
    assert found.iou.shape == (2, 4)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda folder: (folder / "label.csv").unlink(), FileNotFoundError, "no label.csv"),
        (lambda folder: (folder / "images" / "sofa.png").unlink(), FileNotFoundError, r"names sofa\.png"),
        (lambda folder: (folder / "index.csv").write_text("image,split\n"), ValueError, "lacks the columns ih"),
        (
            lambda folder: (folder / "label.csv").write_text(
                "number,name,category\n1,red,colour\n5,chair,object\n7,street,scene\n"
            ),
            ValueError,
            "label 300 as object",
        ),
        (
            lambda folder: Image.fromarray(np.zeros((3, 3, 3), "uint8")).save(folder / "images" / "red.png"),
            ValueError,
            r"red\.png is \(3, 3\)",
        ),
    ],
)
def test_a_faulty_folder_is_refused(broden, change, error, says):
    change(broden)
    with pytest.raises(error, match=says):
        BrodenConcepts(broden).batch(slice(0, 2))


def test_what_cannot_be_dissected_is_refused(planted):
    net, concepts = planted
    with pytest.raises(ValueError, match="no maps"):
        dissect(net, concepts, layer="scores")
    with pytest.raises(ValueError, match="conv"):
        dissect(net, concepts, layer="cov")
    with pytest.raises(ValueError, match="quantile must be a finite number above 0 and below 1, not 1"):
        dissect(net, concepts, layer="conv", quantile=1)
    with pytest.raises(ValueError, match="masks must have shape"):
        ArrayConcepts(np.zeros((2, 8, 8, 3), "uint8"), np.zeros((3, 1, 8, 8), bool), ["sky"])


# Names that chance gives


def random_set(count, seed=0):
    """Return a network of random filters, and pictures with masks that have nothing to do with them."""
    keras.utils.set_random_seed(1)
    net = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(64, 3, padding="same", name="conv")])
    rng = np.random.default_rng(seed)
    masks = np.zeros((count, 30, 16, 16), bool)
    for one in masks.reshape(-1, 16, 16):
        row, column = rng.integers(0, 14, 2)
        one[row : row + 2, column : column + 2] = rng.random() < 0.2
    pictures = rng.random((count, 16, 16, 3), "float32")
    return net, ArrayConcepts(pictures, masks, [f"concept {number}" for number in range(30)])


@pytest.mark.parametrize("batch_size", [None, 1, 3])
def test_a_set_whose_names_are_chance_is_said_to_be_too_small(batch_size):
    net, concepts = random_set(7)
    with pytest.warns(UserWarning, match="7 pictures are too few to tell chance from meaning") as caught:
        found = dissect(net, concepts, layer="conv", batch_size=batch_size)
    assert caught[0].filename == __file__
    least = float(re.search(r"detectors\(least=([\d.]+)\)", str(caught[0].message))[1])
    assert len(found.detectors(least)) < len(found.detectors()) / 2


def test_units_that_mean_something_are_no_chance():
    """The network's units are the colours of the squares that the masks mark."""
    net = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(3, 1, use_bias=False, name="conv")])
    net.set_weights([np.eye(3, dtype="float32")[np.newaxis, np.newaxis]])
    rng = np.random.default_rng(0)
    masks = np.zeros((60, 3, 16, 16), bool)
    for place, one in enumerate(masks):
        row, column = rng.integers(0, 14, 2)
        one[place % 3, row : row + 2, column : column + 2] = True
    pictures = np.moveaxis(masks, 1, -1).astype("float32")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = dissect(net, ArrayConcepts(pictures, masks, ["red", "green", "blue"]), layer="conv", quantile=0.02)
    np.testing.assert_allclose(np.diag(found.iou), 1)
