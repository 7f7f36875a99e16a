"""Every kind of result is made again from its recipe alone, bit for bit, and shows itself."""

import dataclasses
import importlib
import importlib.util
import pickle
import pkgutil

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

import xai_widgets as xai
from xai_widgets.datasets.creatures import sample_batch
from xai_widgets.datasets.pictures.creature_samples import creature_scene
from xai_widgets.methods import make_again
from xai_widgets.methods.core.recording import RECORDED, Described, recorded
from xai_widgets.methods.dissection import CreatureConcepts
from xai_widgets.methods.feature_visualization.objectives import channel
from xai_widgets.methods.registry import METHODS
from xai_widgets.models.zoo.training_history import load_history
from xai_widgets.results.recipe import Recipe

for found_module in pkgutil.walk_packages(xai.methods.__path__, "xai_widgets.methods."):
    importlib.import_module(found_module.name)

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(30, 4))
TINY = {"steps": 2, "size": 32}


def counting(texts):
    """Count two words."""
    return np.array([[text.count("good"), text.count("bad")] for text in texts], "float64")


def forest(rows):
    """Sum rows."""
    return np.stack([rows.sum(axis=1), rows[:, 0]], axis=1)


def digits():
    """Return a small model, a picture and an explanation of it."""
    model, three = xai.load_model("digits"), xai.sample_image("digit-3")
    return model, three, RECORDED["saliency"](model, three, "3")


def pooled():
    """Return a network that CAM takes, and two inputs."""
    start = keras.Input((8, 8, 3))
    maps = keras.layers.Conv2D(4, 3, activation="relu", name="maps")(start)
    scores = keras.layers.Dense(3, "softmax")(keras.layers.GlobalAveragePooling2D()(maps))
    return keras.Model(start, scores), RNG.random((2, 8, 8, 3), "float32")


def creatures():
    """Return the model of creatures and a picture."""
    return xai.load_model("creatures"), xai.sample_image("creature-cat")


def on_digits(**options):
    """Explain a digit with these options."""
    return lambda: (digits()[:2], options)


def judged(**options):
    """Judge an explanation of a digit."""
    return lambda: (digits(), options)


MASKS = np.eye(8, dtype=bool)[np.newaxis]
CASES = {
    "saliency": on_digits(),
    "gradient_times_input": on_digits(output="probability"),
    "smooth_grad": on_digits(samples=5, seed=None),
    "var_grad": on_digits(samples=5, seed=7),
    "integrated_gradients": on_digits(baseline=["black", "uniform", np.ones((8, 8, 1))], tolerance=0.05, seed=4),
    "expected_gradients": on_digits(baselines=RNG.random((5, 8, 8, 1), "float32"), samples=6, target="8"),
    "deconvolution": on_digits(target="3"),
    "guided_backprop": on_digits(),
    "lrp": on_digits(composite="epsilon_gamma_box", gamma=0.1),
    "relevance_by_layer": on_digits(rule="epsilon"),
    "deep_lift": on_digits(baseline="uniform", seed=3),
    "occlusion": on_digits(patch=3),
    "lime_image": on_digits(samples=40, segments="grid", count=9, seed=5),
    "rise": on_digits(samples=40, grid=3, seed=None),
    "kernel_shap": on_digits(samples=40, segments="grid", count=9),
    "shapley_sampling": on_digits(samples=40, segments="grid", count=9, seed=2),
    "lime_tabular": lambda: ((forest, ROWS[:2]), {"training": ROWS, "samples": 30, "seed": 3}),
    "lime_text": lambda: ((counting, ["a good film", "not bad, not good"]), {"samples": 20, "seed": 2}),
    "occlude_words": lambda: ((counting, "a good film"), {"target": 0}),
    "cam": lambda: (pooled(), {"negative": True}),
    "grad_cam": on_digits(upsample=False),
    "guided_grad_cam": on_digits(),
    "grad_cam_plus_plus": on_digits(formula="normalised"),
    "score_cam": on_digits(channels=3),
    "layer_cam": on_digits(negative=True),
    "hires_cam": on_digits(relu=False),
    "eigen_cam": on_digits(),
    "layer_maps": on_digits(),
    "fgsm": on_digits(epsilon=0.1, mask=MASKS[0]),
    "pgd": on_digits(epsilon=0.1, steps=3, seed=None),
    "minimal_epsilon": on_digits(attack="pgd", steps=2, tolerance=0.05),
    "robustness_curve": lambda: ((*digits()[:2], ["3"]), {"epsilons": [0, 0.1], "attack": "pgd", "steps": 2}),
    "completeness": judged(baseline=0.5),
    "deletion_curve": judged(steps=4),
    "insertion_curve": judged(steps=4, seed=3),
    "mu_fidelity": judged(samples=8, seed=3),
    "infidelity": judged(samples=8),
    "pointing_game": lambda: ((digits()[2], MASKS), {"tolerance": 1}),
    "relevance_mass": lambda: ((digits()[2], MASKS), {}),
    "max_sensitivity": on_digits(method="saliency", samples=3),
    "cascading_randomisation": on_digits(method="grad_cam", steps=2, seed=5),
    "road": judged(steps=3, seed=2),
    "compare_methods": on_digits(methods=["saliency", "lrp"], scores=["deletion", "mu_fidelity"], steps=4, samples=8),
    "part_importance": lambda: (
        (creatures()[0], creature_scene("creature-cat-dog"), RECORDED["saliency"](*creatures(), "cat")),
        {"target": "cat"},
    ),
    "activation_atlas": lambda: (
        (creatures()[0], sample_batch(12, seed=1).pictures),
        {"layer": "conv4_2", "layout": "pca", "grid": 3, "least": 2, "samples": 2, "pooled": True, **TINY},
    ),
    "activation_grid": lambda: (creatures(), {"layer": "conv4_2", "grid": 2, **TINY}),
    "neuron_groups": lambda: (creatures(), {"layer": "conv4_2", "groups": 2, "seed": 3, **TINY}),
    "deep_dream": lambda: (
        creatures(),
        {"layer": "conv3_1", "octaves": 2, "steps": 2, "seed": 3, "size": 96, "tile": 96},
    ),
    "activation_maximization": lambda: (
        (xai.load_model("digits"),),
        {"target": channel("conv2", 3), "steps": 3, "samples": 2, "transformations": (), "seed": 9},
    ),
    "dissect": lambda: ((creatures()[0], CreatureConcepts(6, seed=1)), {"layer": "conv3_1", "quantile": 0.01}),
    "project_unit": lambda: (creatures(), {"layer": "conv2_1", "unit": 3, "way": "guided_backprop"}),
    "filters": lambda: ((creatures()[0],), {"layer": "conv1_1"}),
    "receptive_field": lambda: ((creatures()[0],), {"layer": "conv2_1"}),
    "top_patches": lambda: ((digits()[0], RNG.random((7, 8, 8, 1), "float32")), {"layer": "conv2", "units": [5, 2]}),
    "unit_statistics": lambda: ((digits()[0], RNG.random((7, 8, 8, 1), "float32")), {"layers": ["conv1", "conv4"]}),
    "record_history": lambda: (
        (load_history("creatures"), *[RNG.random((2, 96, 96, 3), "float32")] * 2),
        {"layers": ["conv1_1"], "units": 2},
    ),
    "pca": lambda: ((ROWS,), {"seed": 3}),
    "map_quality": lambda: ((ROWS, ROWS[:, :2]), {"neighbours": 4}),
    "tsne": lambda: ((ROWS,), {"steps": 20, "perplexity": 5, "start": "random", "seed": None}),
    "umap": lambda: ((ROWS,), {"neighbours": 5, "steps": 10, "seed": 2}),
}
for described in METHODS.values():  # a method without a line of its own, with the options for a preview
    CASES.setdefault(described.name, on_digits(**described.quick))
LEFT_OUT = {"cost": "seconds differ", "lucid_visualization": "draws by lucid, whose sessions are tested on their own"}
PACKAGES = {"lime_image": "lime", "lime_tabular": "lime", "lime_text": "lime", "tsne": "openTSNE", "umap": "umap"}


def test_every_kind_of_result_is_here():
    own = {name for name, made in RECORDED.items() if made.__module__.startswith("xai_widgets.")}
    assert own == set(CASES) | set(LEFT_OUT)
    assert set(METHODS) <= set(CASES)


def arrays(found, path=""):
    """Return every number of a result, by where it stands."""
    if isinstance(found, np.ndarray):
        return {path: found}
    if dataclasses.is_dataclass(found) and not isinstance(found, Recipe):
        found = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    if isinstance(found, dict):
        return {k: v for name, one in found.items() for k, v in arrays(one, f"{path}.{name}").items()}
    if isinstance(found, (list, tuple)):
        return {k: v for place, one in enumerate(found) for k, v in arrays(one, f"{path}.{place}").items()}
    return {path: np.array(found)} if isinstance(found, (int, float)) else {}


@pytest.mark.parametrize("name", CASES)
def test_a_result_is_made_again_from_its_recipe_alone(name):
    if name in PACKAGES and importlib.util.find_spec(PACKAGES[name]) is None:
        pytest.skip(f"{PACKAGES[name]} is not installed")
    given, options = CASES[name]()
    found = RECORDED[name](*given, **options)
    one = next(iter(found.values())) if isinstance(found, dict) else found  # a result for each layer
    assert one.recipe.method == name
    again = make_again(one.recipe, *given)
    first, second = arrays(found), arrays(again)
    assert first.keys() == second.keys()
    assert first
    for path, values in first.items():
        if name == "tsne":  # openTSNE adds in the order in which its threads come
            np.testing.assert_allclose(values, second[path], rtol=1e-9, err_msg=path)
        else:
            np.testing.assert_array_equal(values, second[path], err_msg=path)
    made = next(iter(again.values())) if isinstance(again, dict) else again
    assert made.recipe == one.recipe
    assert str(made.recipe) == str(one.recipe)
    assert isinstance(one.show(), Figure)
    assert len(str(one.recipe)) < 240  # a caption


def test_what_was_chosen_is_written_down():
    model, three, _ = digits()
    drawn = RECORDED["smooth_grad"](model, three, samples=2, seed=None).recipe.arguments
    assert isinstance(drawn["seed"], int)
    assert RECORDED["grad_cam"](model, three).recipe.arguments["layer"] == "conv4"
    hidden = RECORDED["occlusion"](model, three).recipe.arguments
    assert hidden["incremental"] in (True, False)
    atlas_options = {"samples", "pooled", "size", "steps", "seed", "layout", "grid", "least", "layer"}
    given, options = CASES["activation_atlas"]()
    assert atlas_options <= RECORDED["activation_atlas"](*given, **options).recipe.arguments.keys()


def test_answers_on_the_way_have_recipes_of_their_own():
    model, three, _ = digits()
    stream = RECORDED["rise"].stream(model, three, "3", samples=80, grid=3)
    first, *_, last = list(stream)
    assert (first.recipe.arguments["samples"], last.recipe.arguments["samples"]) == (32, 80)
    np.testing.assert_array_equal(make_again(first.recipe, model, three).values, first.values)


def test_a_small_array_is_copied_and_a_large_one_named():
    @recorded
    def shifted(values, *, by, progress=None):
        del progress
        return dataclasses.replace(RESULT, recipe=Recipe("shifted", "none", (), {}), values=values + by.sum())

    RESULT = RECORDED["saliency"](*digits()[:2])  # noqa: N806  (made once)
    by = np.ones(3)
    recipe = shifted(np.zeros((1, 8, 8, 1)), by=by).recipe
    by[:] = 5
    assert recipe.arguments["by"].tolist() == [1, 1, 1]
    large = np.ones(2**20 + 1)
    recipe = shifted(np.zeros((1, 8, 8, 1)), by=large).recipe
    assert isinstance(recipe.arguments["by"], Described)
    with pytest.raises(ValueError, match="by was too large to be kept"):
        make_again(recipe, np.zeros((1, 8, 8, 1)))
    with pytest.raises(ValueError, match="by was too large to be kept"):
        make_again(recipe, np.zeros((1, 8, 8, 1)), by=2 * large)
    assert make_again(recipe, np.zeros((1, 8, 8, 1)), by=large).values.max() == 2**20 + 1
    del RECORDED["shifted"]


def test_a_recipe_of_ones_own_cannot_be_followed():
    with pytest.raises(ValueError, match="does not hold the arguments"):
        make_again(Recipe("saliency", "net", ("cat",), {}), None)


def test_recipes_may_be_pickled():
    found = RECORDED["saliency"](*digits()[:2], "3")
    assert pickle.loads(pickle.dumps(found.recipe)).arguments == found.recipe.arguments  # noqa: S301  (our own)


@pytest.mark.parametrize("name", ["smooth_grad", "kernel_shap", "pgd", "mu_fidelity", "integrated_gradients", "road"])
def test_a_seed_that_is_drawn_stands_in_the_recipe(name):
    given, options = CASES[name]()
    first, second = (RECORDED[name](*given, **options | {"seed": None}) for _ in range(2))
    assert all(type(one.recipe.arguments["seed"]) is int for one in (first, second))
    assert first.recipe != second.recipe
    assert str(first.recipe) != str(second.recipe)
    again = arrays(make_again(first.recipe, *given))
    for path, values in arrays(first).items():
        np.testing.assert_array_equal(values, again[path], err_msg=path)


def test_a_seed_that_is_drawn_for_a_stream_stands_in_the_recipe_too():
    model, three, _ = digits()
    *_, last = RECORDED["rise"].stream(model, three, "3", samples=40, grid=3, seed=None)
    again = make_again(last.recipe, model, three)
    np.testing.assert_allclose(again.values, last.values, rtol=1e-5)  # the same masks, in other batches


def test_a_recipe_says_how_the_outputs_were_read(tmp_path):
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    found = xai.explain(net, ROWS[:2], "saliency", 0)
    assert found.recipe.outputs == "linear over 3 classes"
    assert xai.explain(xai.Classifier(net, outputs="values"), ROWS[:2], "saliency", 0).recipe.outputs == "values"
    found.save(tmp_path / "map.npz")
    assert xai.Attribution.load(tmp_path / "map.npz").recipe.outputs == found.recipe.outputs
