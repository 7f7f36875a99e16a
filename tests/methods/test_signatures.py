"""One name for one thing: what the signatures of all methods and evaluations have in common."""

import importlib
import inspect
import pkgutil
import warnings

import numpy as np
import pytest

import xai_widgets as xai
from xai_widgets.common import renamed_options as renaming
from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import Epsilon
from xai_widgets.methods.core.recording import RECORDED
from xai_widgets.methods.registry import METHODS

for found_module in pkgutil.walk_packages(xai.methods.__path__, "xai_widgets.methods."):
    importlib.import_module(found_module.name)

FUNCTIONS = {name: one for name, one in RECORDED.items() if one.__module__.startswith("xai_widgets.")}
OLD = {
    "fill",
    "image",
    "images",
    "row",
    "rows",
    "texts",
    "stabiliser",
    "n_samples",
    "n_steps",
    "random_state",
    "verbose",
}
# Why a long computation has no such option.
NO_BATCHES = {
    "deep_dream": "one picture, in tiles whose size is an option",
    "lucid_visualization": "one picture, drawn by lucid",
}
GIVEN_FIRST = {  # beside (model, inputs): what is drawn, judged or looked through is no input
    "activation_maximization": ["model", "target"],
    "lucid_visualization": ["model", "objective"],
    "dissect": ["model", "concepts"],
    "part_importance": ["model", "scenes"],
    "pointing_game": ["explanation", "masks"],
    "relevance_mass": ["explanation", "masks"],
    "pca": ["vectors"],
    "tsne": ["vectors"],
    "umap": ["vectors"],
    "map_quality": ["vectors", "points"],
    "filters": ["model", "layer"],
    "receptive_field": ["model", "layer"],
    "record_history": ["history", "pictures", "watched"],
}
AT_ONCE = {"filters": "reads weights", "receptive_field": "reads the graph"}  # no input goes through the model


def parameters(name):
    return inspect.signature(FUNCTIONS[name]).parameters


@pytest.mark.parametrize("name", FUNCTIONS)
def test_options_have_one_name(name):
    names = list(parameters(name))
    assert not OLD & set(names)
    expected = GIVEN_FIRST.get(name, ["model", "inputs"])
    assert names[: len(expected)] == expected
    if name in METHODS:
        assert names[2] == "target"
        assert parameters(name)["target"].default is None
    if "epsilon" in names:  # the size of an attack, or of a move of the input
        assert FUNCTIONS[name].__module__.split(".")[2] == "adversarial" or name == "max_sensitivity"


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if "model" in parameters(name) and name not in AT_ONCE])
def test_long_computations_take_batches_and_progress(name):
    assert parameters(name)["progress"].default is None
    assert ("batch_size" not in parameters(name)) == (name in NO_BATCHES)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_draws_takes_a_seed(name):
    options = parameters(name)
    if "samples" in options and name != "activation_atlas":
        assert isinstance(options["seed"].default, int)


def renamed():
    """Return every option that has an old name: (function, old, new)."""
    found = []
    for name, function in FUNCTIONS.items():
        inner = getattr(function, "begin", function)
        found += [(name, old, new) for old, new in getattr(inner, "renamed", {}).items()]
    return found


def test_the_renamed_options():
    assert sorted(renamed()) == sorted(
        [(name, "fill", "baseline") for name in (
            "occlusion", "rise", "lime_image", "deletion_curve", "insertion_curve", "mu_fidelity", "infidelity")]
        + [("infidelity", "slopes", "gradients")]
        + [(name, "epsilon", "stabilizer") for name in ("lrp", "relevance_by_layer")]
        + [(name, "image", "inputs") for name in ("activation_grid", "neuron_groups", "deep_dream")]
        + [(name, "texts", "inputs") for name in ("lime_text", "occlude_words")]
    )  # fmt: skip
    for name, old, new in renamed():
        assert new in parameters(name)
        assert old not in parameters(name)


def test_old_names_keep_working_and_warn_once(monkeypatch):
    monkeypatch.setattr(renaming, "_warned", set())
    digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    grey = xai.methods.occlusion(digits, three, "3", patch=3, baseline=0.5)
    with pytest.warns(DeprecationWarning, match=r"'fill' of occlusion\(\) is called 'baseline' now") as caught:
        old = xai.methods.occlusion(digits, three, "3", patch=3, fill=0.5)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(old.values, grey.values)
    assert old.recipe.arguments["baseline"] == 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        xai.methods.occlusion(digits, three, "3", patch=3, fill=0.5)
    with pytest.warns(DeprecationWarning, match="stabilizer"):
        relevance = xai.explain(digits, three, "lrp", "3", rule="epsilon", epsilon=0.1)
    assert relevance.recipe.arguments["stabilizer"] == 0.1
    with pytest.warns(DeprecationWarning, match=r"'image' of explain\(\)"):
        xai.explain(digits, image=three, method="saliency")
    with pytest.warns(DeprecationWarning, match=r"rise\(\)") as caught:
        next(xai.methods.rise.stream(digits, three, "3", samples=40, fill=0.5))
    assert caught[0].filename == __file__


def test_the_rule_of_lrp_takes_its_old_name_too(monkeypatch):
    monkeypatch.setattr(renaming, "_warned", set())
    with pytest.warns(DeprecationWarning, match=r"'epsilon' of Epsilon\(\) is called 'stabilizer' now") as caught:
        old = Epsilon(epsilon=0.1)
    assert caught[0].filename == __file__
    assert old == Epsilon(0.1) == Epsilon(stabilizer=0.1)
    assert repr(old) == "Epsilon(stabilizer=0.1, bias=True)"
    with pytest.warns(DeprecationWarning, match="'stabilizer' now"):
        assert old.epsilon == 0.1
    with pytest.raises(TypeError, match="two names of one option"):
        Epsilon(epsilon=0.1, stabilizer=0.1)
    with pytest.raises(ValueError, match="Epsilon: stabilizer must be"):
        Epsilon(-1)


def test_two_names_of_one_option_are_refused():
    digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    with pytest.raises(TypeError, match="'fill' and 'baseline', two names of one option"):
        xai.methods.occlusion(digits, three, fill=0, baseline=0)


def test_a_renamed_option_of_any_function(monkeypatch):
    monkeypatch.setattr(renaming, "_warned", set())

    @renamed_options(old="new")
    def function(*, new=1):
        return new

    with pytest.warns(DeprecationWarning, match="'new' now"):
        assert function(old=2) == 2
    assert function(new=3) == 3


def test_batches_change_nothing_and_progress_is_heard():
    digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    found = xai.explain(digits, three, "saliency", "3")
    seen = []

    def heard(done, total):
        seen.append((done, total))

    whole = xai.methods.completeness(digits, three, found, baseline=["black", 0.5])
    parts = xai.methods.completeness(digits, three, found, baseline=["black", 0.5], batch_size=1, progress=heard)
    np.testing.assert_allclose(parts.due, whole.due, rtol=1e-6)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    seen.clear()
    assert xai.methods.cost(digits, three, "saliency", "3", runs=2, batch_size=1, progress=heard).runs == 2
    assert seen == [(1, 2), (2, 2)]
    batches = []

    def watched(model, inputs, target, *, batch_size=None):
        batches.append(batch_size)
        return xai.methods.saliency(model, inputs, target, batch_size=batch_size)

    xai.methods.max_sensitivity(digits, three, watched, "3", samples=1, batch_size=2)
    xai.methods.cascading_randomisation(digits, three, watched, "3", steps=1, batch_size=3)
    assert set(batches) == {2, 3}
    sizes = []

    def counting(texts):
        sizes.append(len(texts))
        return np.array([[text.count("good"), 1] for text in texts], "float64")

    once = xai.methods.occlude_words(counting, "a good film, very good", 0)
    sizes.clear()
    by_two = xai.methods.occlude_words(counting, "a good film, very good", 0, batch_size=2)
    assert max(sizes) == 2
    np.testing.assert_array_equal(once.weights[0], by_two.weights[0])
