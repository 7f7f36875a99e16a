"""Activation maximisation and DeepDream: planted filters, loops, algebra, seeds."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers, ops

from xai_widgets import backend
from xai_widgets.datasets.creatures import sample_batch
from xai_widgets.methods.feature_visualization import (
    CPPN,
    WAYS,
    Fourier,
    Laplacian,
    Maximization,
    Pixels,
    Rotate,
    Scale,
    activation_maximization,
    alpha,
    caricature,
    channel,
    crop,
    deep_dream,
    direction,
    diversity,
    excitement,
    interaction,
    inversion,
    l1,
    l2,
    neuron,
    objective_scores,
    pad,
    style,
    total_variation,
)
from xai_widgets.methods.feature_visualization.adam import Adam
from xai_widgets.methods.feature_visualization.dream import Dreamer
from xai_widgets.methods.feature_visualization.objectives import PICTURE
from xai_widgets.methods.feature_visualization.problem import Problem
from xai_widgets.methods.feature_visualization.transformations import View
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.zoo.loading import load_model

pytestmark = pytest.mark.backend

RNG = np.random.default_rng(0)
RED, UPRIGHT = 0, 1  # the planted units


@pytest.fixture(scope="module")
def planted():
    """One filter sees red against green and blue, one an edge from dark to bright, from left to right."""
    kernel = np.zeros((3, 3, 3, 3), "float32")
    kernel[1, 1, :, RED] = 1, -0.5, -0.5
    kernel[:, 0, :, UPRIGHT], kernel[:, 2, :, UPRIGHT] = -1, 1
    kernel[1, 1, :, 2] = 1
    net = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(3, 3, activation="relu", name="conv"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, "softmax", name="scores"),
        ],
        name="planted",
    )
    net.get_layer("conv").set_weights([kernel, np.array([0.2, 0, 0], "float32")])  # grey must not be flat
    net.get_layer("scores").set_weights([np.array([[1, 0], [0, 1], [0, 0]], "float32"), np.zeros(2, "float32")])
    return Classifier(net, ["red", "edge"], value_range=(0, 1))


def drawn(model, target, **options):
    options = {"steps": 40, "transformations": (), **options}
    return activation_maximization(model, target, **options)


# The known answer


@pytest.mark.parametrize("written", ["fourier", "pixels", "laplacian"])
def test_planted_colour_is_found(planted, written):
    picture = drawn(planted, RED, layer="conv", parameterisation=written, rate=0.6).pictures[0]
    red, green, blue = picture[4:-4, 4:-4].mean(axis=(0, 1))
    assert red > 0.8
    assert max(green, blue) < 0.2


def test_planted_edge_is_found(planted):
    picture = drawn(planted, neuron("conv", UPRIGHT), parameterisation="pixels", rate=0.3).pictures[0].mean(axis=-1)
    row, column = 7, 7  # the middle of the 14 x 14 map looks at the pixels 7 to 9
    assert picture[row : row + 3, column + 2].min() > 0.9
    assert picture[row : row + 3, column].max() < 0.1
    untouched = np.delete(picture.ravel(), np.ravel_multi_index(np.mgrid[row : row + 3, column : column + 3], (16, 16)))
    assert abs(untouched - 0.5).max() < 0.1  # what the neuron does not see stays grey


def test_score_is_above_any_picture(planted):
    found = drawn(planted, [RED, UPRIGHT], layer="conv", rate=0.2)
    pictures = RNG.uniform(0, 1, (50, 16, 16, 3)).astype("float32")
    for unit in (RED, UPRIGHT):
        assert found.score[unit] > objective_scores(planted, pictures, unit, layer="conv").max()
    np.testing.assert_allclose(
        found.score[:1], objective_scores(planted, found.inputs[:1], RED, layer="conv"), rtol=1e-5
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_units_of_a_trained_net_like_their_pictures_best(seed):
    """Above any of a set of pictures, from either start; notebook 10 measures it for twenty units."""
    creatures, units = load_model("creatures"), [3, 10, 17]
    drawn = activation_maximization(creatures, units, layer="conv4_2", steps=48, seed=seed)
    pictures = sample_batch(24, seed=11).pictures
    for unit, score in zip(units, drawn.score, strict=True):
        assert score > objective_scores(creatures, pictures, unit, layer="conv4_2").max()


def test_class_is_its_logit(planted):
    """Softmax would not tell how far a class has come; with these weights its logit is the unit's mean."""
    pictures = RNG.uniform(0, 1, (3, 16, 16, 3)).astype("float32")
    expected = objective_scores(planted, pictures, UPRIGHT, layer="conv")
    np.testing.assert_allclose(objective_scores(planted, pictures, "edge"), expected, rtol=1e-5)


# Objectives: formulas once more, in loops of NumPy


@pytest.fixture(scope="module")
def maps():
    return RNG.normal(0, 1, (2, 3, 4, 3)).astype("float32")


class Told:
    """Stands for a model that gives one map and has three channels."""

    def __init__(self, picture, count=2):
        self.count, self.picture = count, picture

    def depth(self, layer):
        return 3

    def activation(self, layer, picture):
        return self.picture


def value(objective, maps):
    tensors = {"conv": ops.convert_to_tensor(maps), PICTURE: ops.convert_to_tensor(maps)}
    arrays = [ops.convert_to_tensor(one) for one in objective.arrays(Told(maps[:1]))]
    return backend.to_numpy(objective.values(tensors, arrays))


def cosine(a, b):
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def slow_direction(maps, vector, power):
    unit = vector / np.linalg.norm(vector)
    places = [[here @ unit * max(cosine(here, unit), 0.1) ** power for here in one.reshape(-1, 3)] for one in maps]
    return np.mean(places, axis=-1)


def grams(maps):
    return [one.reshape(-1, 3).T @ one.reshape(-1, 3) / 12 for one in maps]


def slow_diversity(maps):
    first, second = (one.ravel() for one in grams(maps))
    return [-cosine(first, second)] * 2


VECTOR = np.array([1, -2, 0.5], "float32")
SLOW = {
    "channel": (channel("conv", [2, 0]), lambda m: [m[0, :, :, 2].mean(), m[1, :, :, 0].mean()]),
    "neuron": (neuron("conv", 1), lambda m: m[:, 1, 2, 1]),
    "neuron at a place": (neuron("conv", 1, (2, 3)), lambda m: m[:, 2, 3, 1]),
    "direction": (direction("conv", VECTOR), lambda m: slow_direction(m, VECTOR, 0)),
    "direction with cosine": (direction("conv", VECTOR, 2), lambda m: slow_direction(m, VECTOR, 2)),
    "interaction": (
        interaction("conv", 0, 1),
        lambda m: (np.maximum(m[..., 0], 0) * np.maximum(m[..., 1], 0)).mean(axis=(1, 2)),
    ),
    "excitement": (excitement("conv"), lambda m: (m**2).mean(axis=(1, 2, 3))),
    "diversity": (diversity("conv"), slow_diversity),
    "inversion": (inversion("conv", None), lambda m: [-((one - m[0]) ** 2).mean() / (m[0] ** 2).mean() for one in m]),
    "style": (
        style("conv", None),
        lambda m: [-((one - grams(m)[0]) ** 2).mean() / (grams(m)[0] ** 2).mean() for one in grams(m)],
    ),
    "caricature": (
        caricature("conv", None, 0),
        lambda m: [
            np.mean([a @ b / np.linalg.norm(b) for a, b in zip(one.reshape(-1, 3), m[0].reshape(-1, 3), strict=True)])
            for one in m
        ],
    ),
    "l1": (l1(0.25), lambda m: abs(m - 0.25).mean(axis=(1, 2, 3))),
    "l2": (l2(), lambda m: ((m - 0.5) ** 2).mean(axis=(1, 2, 3))),
    "total variation": (
        total_variation(),
        lambda m: [abs(np.diff(one, axis=0)).mean() + abs(np.diff(one, axis=1)).mean() for one in m],
    ),
}


@pytest.mark.parametrize("name", SLOW)
def test_objective_against_loops(name, maps):
    objective, slow = SLOW[name]
    np.testing.assert_allclose(value(objective, maps), slow(maps), rtol=2e-4, atol=1e-6)


def test_objectives_add_subtract_multiply(maps):
    one, two = channel("conv", 0), l2()
    a, b = value(one, maps), value(two, maps)
    np.testing.assert_allclose(value(2 * one - 0.5 * two + 1, maps), 2 * a - 0.5 * b + 1, rtol=1e-5)
    np.testing.assert_allclose(value(one * two, maps), a * b, rtol=1e-5)
    np.testing.assert_allclose(value(-one, maps), -a, rtol=1e-5)
    np.testing.assert_allclose(value(1 - one, maps), 1 - a, rtol=1e-5)
    assert str(2 * one - 0.5 * two) == "(2 channel(conv, 0) - 0.5 l2())"


def test_opacity_is_measured_where_there_is_some(maps):
    with pytest.raises(ValueError, match="alpha=True"):
        value(alpha(), maps)


# Parameterisations


@pytest.mark.parametrize("written", [Fourier(), Fourier(colour="rgb", decay=0), Pixels(), Laplacian()], ids=str)
def test_pictures_come_back(written):
    picture = RNG.uniform(0.05, 0.95, (2, 9, 12, 3)).astype("float32")
    np.testing.assert_allclose(backend.to_numpy(written.picture(written.of(picture), (9, 12))), picture, atol=1e-4)


def test_waves_are_plane_waves():
    """One coefficient is one wave, cos + sin, in any direction: no product of two, which would be a chessboard."""
    numbers = np.zeros((1, 3, 8, 10), "float32")
    numbers[0, :, 2, 3] = 1
    values = backend.to_numpy(Fourier(decay=0).values([numbers], (8, 10)))[0, ..., 0]
    down, across = np.mgrid[:8, :10]
    angle = 2 * np.pi * (2 * down / 8 + 3 * across / 10)
    np.testing.assert_allclose(values, (np.cos(angle) + np.sin(angle)) / np.sqrt(80) / 4, atol=1e-6)


def test_alpha_and_network_of_places():
    clear = Fourier(alpha=True)
    assert clear.picture([one[None] for one in clear.start(RNG, (6, 6))], (6, 6)).shape == (1, 6, 6, 4)
    with pytest.raises(ValueError, match="cannot begin with a given picture"):
        CPPN().of(np.zeros((1, 4, 4, 3), "float32"))


@pytest.mark.parametrize("way", ["l2", "alpha", "cppn"])
def test_ways_raise_the_unit(planted, way):
    chosen = WAYS[way]
    found = activation_maximization(planted, chosen.objective(channel("conv", RED), 0.1), **chosen.options(), steps=12)
    assert found.curve[-1] > found.curve[0]


# Movements


def test_unmoved_picture_is_itself():
    picture = RNG.uniform(0, 1, (1, 5, 7, 3)).astype("float32")
    still = View((5, 7), (Scale(low=1.0, high=1.0), Rotate(degrees=0.0)))
    maps = still.draw([np.random.default_rng(0)])
    np.testing.assert_allclose(backend.to_numpy(still.look(ops.convert_to_tensor(picture), maps)), picture, atol=1e-5)


def test_half_turn_and_frame():
    picture = RNG.uniform(0, 1, (1, 5, 7, 3)).astype("float32")

    class HalfTurn(Rotate):
        def matrix(self, rng):
            return np.diag([-1.0, -1.0, 1.0])

    view = View((5, 7), (pad(1), HalfTurn()))
    seen = backend.to_numpy(view.look(ops.convert_to_tensor(picture), view.draw([np.random.default_rng(0)])))
    np.testing.assert_allclose(seen[:, 1:-1, 1:-1], picture[:, ::-1, ::-1], atol=1e-5)
    np.testing.assert_allclose(seen[:, 0], 0.5, atol=1e-6)
    cut = View((5, 7), (crop(1),))
    np.testing.assert_allclose(backend.to_numpy(cut.look(picture)), picture[:, 1:-1, 1:-1], atol=1e-6)


# Seeds, batches, compiled once


def test_same_seed_same_picture_in_any_batch(planted):
    options = {"layer": "conv", "steps": 4, "transformations": None}
    together = activation_maximization(planted, [2, UPRIGHT, RED], **options).pictures
    cut = activation_maximization(planted, [2, UPRIGHT, RED], **options, batch_size=2).pictures
    np.testing.assert_allclose(cut, together, atol=1e-4)
    np.testing.assert_array_equal(activation_maximization(planted, [2, UPRIGHT, RED], **options).pictures, together)
    other = activation_maximization(planted, [2, UPRIGHT, RED], **options, seed=1).pictures
    assert abs(other - together).max() > 1e-3


def test_nothing_is_compiled_from_unit_to_unit(planted, monkeypatch):
    drawn(planted, channel("conv", RED) - 0.1 * l2(), steps=1)
    monkeypatch.setattr(backend, "compile", lambda *_args, **_options: pytest.fail("compiled again"))
    drawn(planted, channel("conv", UPRIGHT) - 0.7 * l2(), steps=1)
    drawn(planted, channel("conv", [2, RED]) - 0.7 * l2(), steps=1)


def test_stream_ends_at_the_answer_and_progress_stops(planted):
    options = {"layer": "conv", "steps": 40, "transformations": ()}
    streamed = list(activation_maximization.stream(planted, RED, **options))
    assert [len(one.curve) for one in streamed] == [16, 32, 40]
    np.testing.assert_array_equal(streamed[-1].pictures, drawn(planted, RED, layer="conv").pictures)
    seen = []

    def stop(done, total):
        seen.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drawn(planted, RED, layer="conv", progress=stop)
    assert seen == [(1, 40), (2, 40), (3, 40)]


def test_diverse_pictures_differ_more(planted):
    options = {"samples": 2, "parameterisation": "pixels", "steps": 25, "rate": 0.2, "seed": 3}
    alike = drawn(planted, channel("conv", 2), **options)
    apart = drawn(planted, channel("conv", 2) + 20 * diversity("conv"), **options)
    assert (
        objective_scores(planted, apart.inputs, diversity("conv")).mean()
        > objective_scores(planted, alike.inputs, diversity("conv")).mean()
    )


def test_adam_against_the_paper():
    rng, rate = np.random.default_rng(0), 0.1
    place, mean, square = np.zeros(3), np.zeros(3), np.zeros(3)
    ascent = Adam([np.zeros(3, "float32")], rate)
    for step in range(1, 6):
        gradient = rng.normal(0, 1, 3)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        place += rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        ascent.step([gradient.astype("float32")])
    np.testing.assert_allclose(ascent.numbers[0], place, rtol=1e-4)


# DeepDream


def test_dream_raises_and_repeats(planted):
    picture = RNG.integers(0, 255, (24, 20, 3)).astype("uint8")
    options = {"layer": "conv", "octaves": 2, "steps": 3, "jitter": 2}
    dream = deep_dream(planted, picture, **options)
    assert dream.picture.shape == (24, 20, 3)
    assert [len(one) for one in dream.curve] == [3, 3]
    before, after = (objective_scores_of(planted, one) for one in (dream.original, dream.picture))
    assert after > before
    np.testing.assert_array_equal(deep_dream(planted, picture, **options).picture, dream.picture)


def objective_scores_of(model, picture):
    """Return the mean square of the planted layer, from its formula."""
    maps = backend.to_numpy(model.model.get_layer("conv")(picture[None]))
    return (maps**2).mean()


def test_tiles_cover_as_one(planted):
    """With tiles of its own size, the gradient of a picture twice as wide is that of its two halves."""
    left, right = RNG.uniform(0, 1, (2, 16, 16, 3)).astype("float32")
    dreamer = Dreamer(Problem(planted, excitement("conv"), Pixels(), ()), tile=16)
    value, wide = dreamer.gradient(np.concatenate([left, right], axis=1))
    values, gradients = zip(*map(dreamer.gradient, (left, right)), strict=True)
    np.testing.assert_allclose(wide, np.concatenate(gradients, axis=1), rtol=1e-5)
    np.testing.assert_allclose(value, np.mean(values), rtol=1e-5)


# What is refused


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda model: drawn(model, "blue"), "blue"),
        (lambda model: drawn(model, 3, layer="conv"), "units 0 to 2"),
        (lambda model: drawn(model, 0, layer="kond"), "conv"),
        (lambda model: drawn(model, "red", steps=0), "steps must be a whole number of at least 1"),
        (lambda model: drawn(model, [0, 1], layer="conv", samples=3), "samples"),
        (lambda model: drawn(model, channel("conv", 0), layer="conv"), "leave out layer"),
        (lambda model: drawn(model, direction("conv", [1.0, 2.0])), "3 finite numbers"),
        (lambda model: drawn(model, "red", transformations=(crop(8),)), "nothing is left"),
        (lambda model: drawn(model, "red", parameterisation="paint"), "fourier"),
        (lambda model: drawn(model, channel("conv", [0, 1]) + channel("conv", [0, 1, 2])), "2 and 3"),
        (lambda model: deep_dream(model, np.zeros((20, 20, 3), "uint8")), "layer=..."),
    ],
)
def test_bad_requests_are_refused(planted, call, words):
    with pytest.raises(ValueError, match=words):
        call(planted)


def test_one_size_models_are_not_framed():
    """Flatten and a dense layer take one size: the frame is left out, and a wish for another size is refused."""
    net = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(2, name="scores")])
    found = activation_maximization(Classifier(net, value_range=(0, 1)), [0, 1], steps=2)
    assert found.pictures.shape == (2, 8, 8, 3)
    assert found.inputs.shape == (2, 8, 8, 1)
    with pytest.raises(ValueError, match="8x8"):
        activation_maximization(Classifier(net, value_range=(0, 1)), 0, steps=2, size=12)


def test_model_is_not_kept_alive():
    import gc
    import weakref

    net = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3, name="conv")])
    alive = weakref.ref(net)
    activation_maximization(net, 0, layer="conv", steps=1)
    del net
    gc.collect()
    assert alive() is None


def test_steps_may_be_cut_anywhere(planted):

    from xai_widgets.methods.feature_visualization.maximization import objective_of, parameterisation_of

    def optimised(*cuts):
        problem = Problem(planted, objective_of(RED, "conv"), parameterisation_of("fourier"), ())
        under_way = Maximization(problem, 1, steps=6, rate=0.05, seed=0)
        for count in cuts:
            under_way.advance(count)
        return under_way.pictures()

    np.testing.assert_array_equal(optimised(6), optimised(1, 2, 3))


# Units that are off where the optimisation starts


def bright():
    """Return a network whose one unit is on where a picture is lighter than three quarters."""
    net = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 8, activation="relu", name="light"), keras.layers.Flatten()]
    )
    weights = np.stack([np.full((8, 8, 3), 1 / 192), np.full((8, 8, 3), 1 / 192)], axis=-1)
    net.set_weights([weights.astype("float32"), np.float32([-0.75, 0])])
    return Classifier(net, value_range=(0, 1))


@pytest.mark.parametrize("parameterisation", ["pixels", "fourier"])
def test_a_dead_unit_is_said_and_another_start_turns_it_on(parameterisation):
    options = {"layer": "light", "steps": 3, "transformations": (), "parameterisation": parameterisation}
    with pytest.warns(UserWarning, match=r"1 of 1 pictures never changed.*start= a picture") as caught:
        found = activation_maximization(bright(), 0, **options)
    assert [one.filename for one in caught if "never changed" in str(one.message)] == [__file__]
    assert not found.curve.any()
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*never changed")
        white = np.full((8, 8, 3), 230, "uint8")
        found = activation_maximization(bright(), 0, start=white, **options)
        activation_maximization(bright(), 1, **options)
    assert found.curve[-1] > found.curve[0] > 0


def test_only_the_pictures_that_never_moved_are_counted():
    with pytest.warns(UserWarning, match="1 of 2 pictures never changed"):
        activation_maximization(bright(), [0, 1], layer="light", steps=2, transformations=(), parameterisation="pixels")
