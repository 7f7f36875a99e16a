"""One net with an edge and a colour planted in it: drawing, searching and dissecting must all find the same things."""

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets.methods import activation_maximization, objective_scores
from xai_widgets.methods.dissection import ArrayConcepts, dissect
from xai_widgets.methods.feature_visualization import neuron
from xai_widgets.methods.units.top_patches import top_patches
from xai_widgets.models.kinds.classifier import Classifier

RED, EDGE = 0, 1  # the units
SIDE, COUNT = 16, 24
WITH_RED, WITH_EDGE = range(0, COUNT, 3), range(1, COUNT, 3)  # the others have a green square and a lying edge


@pytest.fixture(scope="module")
def net():
    """Unit 0 sees red against green and blue; unit 1 an upright edge, dark on its left; both exactly, in any order."""
    kernel = np.zeros((3, 3, 3, 2), "float32")
    kernel[1, 1, :, RED] = 1, -0.5, -0.5
    kernel[:, 0, :, EDGE], kernel[:, 1, :, EDGE] = -0.25, 0.25
    stack = [
        layers.Conv2D(2, 3, padding="same", use_bias=False, name="conv"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2, name="scores"),
    ]
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), *stack], name="planted")
    model.get_layer("conv").set_weights([kernel])
    return Classifier(model, ["a", "b"], lambda pixels: pixels / 256)


@pytest.fixture(scope="module")
def concepts():
    """Grey pictures with a red square, an upright edge, or a green square above a lying edge; masks of all four."""
    rng = np.random.default_rng(0)
    pictures = np.full((COUNT, SIDE, SIDE, 3), 128, "uint8")
    names = ["red", "green", "upright edge", "lying edge"]
    masks = np.zeros((COUNT, len(names), SIDE, SIDE), bool)
    for place in range(COUNT):
        row, column = rng.integers(3, SIDE - 6, 2)
        square = slice(row, row + 3), slice(column, column + 3)
        if place in WITH_RED:
            pictures[place][square] = 224, 32, 32
            masks[place, 0][square] = True
        elif place in WITH_EDGE:
            pictures[place, 2:-2, :column], pictures[place, 2:-2, column:] = 32, 224
            masks[place, 2, 3:-3, column] = True  # where all of the filter lies on the edge
        else:
            pictures[place][square] = 32, 224, 32
            masks[place, 1][square] = True
            pictures[place, -2:] = 32
            masks[place, 3, -2] = True
    return ArrayConcepts(pictures, masks, names, ["colour", "colour", "edge", "edge"])


def test_the_visualisation_finds_them(net, concepts):
    wanted = neuron("conv", [RED, EDGE])
    drawn = activation_maximization(net, wanted, parameterisation="pixels", rate=0.3, transformations=())
    for unit, score in enumerate(drawn.score):
        assert score > objective_scores(net, concepts.pictures(slice(0, COUNT)), neuron("conv", unit)).max()
    red, green, blue = drawn.pictures[RED, 8, 8]  # what the middle of the map looks at
    assert red > 0.9
    assert max(green, blue) < 0.1
    dark, bright = drawn.pictures[EDGE, 7:10, 7], drawn.pictures[EDGE, 7:10, 8]
    assert dark.max() < 0.1
    assert bright.min() > 0.9


def test_the_top_patches_are_them(net, concepts):
    found = top_patches(net, concepts.pictures(slice(0, COUNT)), "conv", count=len(WITH_RED))
    for unit, wanted, concept in ((RED, WITH_RED, 0), (EDGE, WITH_EDGE, 2)):
        assert sorted(found.pictures[unit].tolist()) == list(wanted)
        for picture, (top, left, bottom, right) in zip(found.pictures[unit], found.boxes[unit], strict=True):
            mask = concepts.batch(slice(picture, picture + 1)).masks[0, concept]
            assert mask[top:bottom, left:right].any()


def test_dissection_names_them(net, concepts):
    found = dissect(net, concepts, layer="conv", quantile=0.0145)  # less is red, or an edge
    named = [(one.unit, one.concept) for one in sorted(found.detectors())]
    assert named == [(RED, "red"), (EDGE, "upright edge")]
    assert found.iou[RED, 0] == found.iou[EDGE, 2] == 1
    assert found.iou[RED, 1:].max() == found.iou[EDGE, [0, 1, 3]].max() == 0
