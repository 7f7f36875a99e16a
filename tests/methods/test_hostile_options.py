"""Whatever an option is given: an answer, or one error that names the option."""

import importlib.util
import inspect
import re
import warnings
from functools import cache

import numpy as np
import pytest

import xai_widgets as xai
from tests.methods.test_recipes import CASES, PACKAGES
from xai_widgets.methods import explain, list_methods, map_similarity, objective_scores, superpixels
from xai_widgets.methods.atlas import cells_of
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import Epsilon, Gamma
from xai_widgets.methods.core.recording import RECORDED
from xai_widgets.methods.dissection import CreatureConcepts
from xai_widgets.methods.embedding import islands, map_quality, neighbour_overlap
from xai_widgets.methods.feature_visualization import CPPN, Fourier, Jitter, Laplacian, Rotate, Scale, l1

HOSTILE = [None, "x", -1, 0, np.nan, float("inf"), [], object(), True, "ü" * 300, b"x", {}, [None], 0.5]
# What a message may call an option, beside its name.
CALLED = {"target": "class|units|no unit|samples", "methods": "method", "segments": "superpixels", "layers": "layer"}


@cache
def case(name):
    """Return the arguments of a call that works, made once."""
    return CASES[name]()


def outcome(name, option, value):
    """Return None for an answer or an error that names the option, else what happened."""
    given, options = case(name)
    positional = list(inspect.signature(RECORDED[name]).parameters)[: len(given)]
    options = {**dict(zip(positional, given, strict=True)), **options, option: value}
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            RECORDED[name](**options)
    except (ValueError, TypeError) as error:
        words = f"{option}|{CALLED.get(option, option)}"
        return None if re.search(rf"(?<![a-z])({words})", str(error)) else f"{option}={value!r:.30}: {error!r:.200}"
    except Exception as error:  # noqa: BLE001  (whatever it is, it should not come out)
        return f"{option}={value!r:.30}: {error!r:.200}"
    return None


def options_of(name):
    """Return the options of a function: all but the model and what it looks at."""
    given = {"model", "inputs", "explanation", "masks", "scenes", "concepts", "vectors", "labels"}
    given |= {"points", "pictures", "watched"}
    return [option for option in inspect.signature(RECORDED[name]).parameters if option not in given]


@pytest.mark.parametrize("name", CASES)
def test_every_option_of_every_method(name):
    if name in PACKAGES and importlib.util.find_spec(PACKAGES[name]) is None:
        pytest.skip(f"{PACKAGES[name]} is not installed")
    found = [outcome(name, option, value) for option in options_of(name) for value in HOSTILE]
    assert [one for one in found if one] == []


# One option after the other, each of which gave an answer without a word

SILENT = [
    ("lrp", "stabilizer", -1e-6),
    ("lrp", "stabilizer", np.nan),
    ("lrp", "stabilizer", float("inf")),
    ("lrp", "gamma", "rubbish"),
    ("lrp", "gamma", -1),
    ("lrp", "low", np.nan),
    ("score_cam", "baseline", np.nan),
    ("road", "noise", np.nan),
    ("road", "noise", -0.1),
    ("deep_dream", "step_size", float("inf")),
    ("deep_dream", "tile", -1),
    ("deep_dream", "tile", 0),
    ("occlusion", "batch_size", 0),
    ("occlusion", "patch", True),
    ("pgd", "step_size", -1),
    ("pgd", "steps", 2.5),
    ("smooth_grad", "seed", -1),
    ("smooth_grad", "noise", np.array(np.nan)),
    ("fgsm", "epsilon", True),
    ("fgsm", "clip", (np.nan, 1)),
    ("grad_cam", "relu", "no"),
    ("tsne", "watch", "print"),
]


@pytest.mark.parametrize(("name", "option", "value"), SILENT)
def test_what_was_taken_without_a_word_is_refused(name, option, value):
    given, options = case(name)
    with pytest.raises(ValueError, match=rf"{option} must be "):
        RECORDED[name](*given, **{**options, option: value})


@pytest.mark.parametrize(
    ("name", "wrong", "near"),
    [("lime_image", "sample", "samples"), ("occlusion", "patches", "patch"), ("lrp", "stabiliser", "stabilizer")],
)
def test_the_nearest_option_is_named(name, wrong, near):
    given, options = case(name)
    with pytest.raises(TypeError, match=rf"^{name} has no option '{wrong}'; did you mean '{near}'\?$"):
        RECORDED[name](*given, **options, **{wrong: 3})
    with pytest.raises(TypeError, match=f"did you mean '{near}'"):
        explain(*given, name, **{wrong: 3})


def test_an_option_that_is_needed_is_named():
    with pytest.raises(TypeError, match=r"^expected_gradients: missing a required .*'baselines'"):
        RECORDED["expected_gradients"](*case("saliency")[0])


def test_numbers_of_numpy_are_numbers():
    given, options = case("occlusion")
    plain = RECORDED["occlusion"](*given, **options)
    found = RECORDED["occlusion"](*given, **{**options, "patch": np.int64(3), "batch_size": np.array(4)})
    np.testing.assert_allclose(found.values, plain.values, atol=1e-6)
    assert found.recipe.arguments["batch_size"] == 4


# What has no recipe

LATER = {
    "superpixels": lambda **o: superpixels(np.zeros((8, 8, 3)), **o),
    "map_similarity": lambda **o: map_similarity(np.ones((1, 4, 4)), np.ones((1, 4, 4)), **o),
    "objective_scores": lambda **o: objective_scores(*case("saliency")[0], **{"target": "3", **o}),
    "list_methods": list_methods,
    "cells_of": lambda **o: cells_of(np.random.default_rng(0).random((9, 2)), **{"grid": 2, **o}),
    "islands": lambda **o: islands(np.eye(6), **o),
    "neighbour_overlap": lambda **o: neighbour_overlap(np.eye(40), np.eye(40), **o),
    "map_quality": lambda **o: map_quality(np.eye(40), np.eye(40)[:, :2], **o),
    "CreatureConcepts": lambda **o: CreatureConcepts(**{"count": 2, **o}),
    "Epsilon": Epsilon,
    "Gamma": Gamma,
    "Jitter": Jitter,
    "Scale": Scale,
    "Rotate": Rotate,
    "Fourier": Fourier,
    "Laplacian": Laplacian,
    "CPPN": CPPN,
    "l1": l1,
}
OPTIONS = [
    ("superpixels", "count"),
    ("superpixels", "seed"),
    ("map_similarity", "measure"),
    ("objective_scores", "batch_size"),
    ("objective_scores", "progress"),
    ("list_methods", "explains"),
    ("cells_of", "grid"),
    ("cells_of", "least"),
    ("islands", "reach"),
    ("neighbour_overlap", "neighbours"),
    ("map_quality", "neighbours"),
    ("CreatureConcepts", "count"),
    ("CreatureConcepts", "seed"),
    ("CreatureConcepts", "animals"),
    ("Epsilon", "stabilizer"),
    ("Gamma", "gamma"),
    ("Jitter", "pixels"),
    ("Scale", "low"),
    ("Rotate", "degrees"),
    ("Fourier", "rate"),
    ("Laplacian", "levels"),
    ("CPPN", "width"),
    ("l1", "around"),
]


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_of_the_other_functions(name, option):
    for value in HOSTILE:
        try:
            LATER[name](**{option: value})
        except (ValueError, TypeError) as error:
            said = str(error)
        else:
            said = option
        assert re.search(rf"\b{option}\b", said), f"{value!r}: {said}"
    with pytest.raises((ValueError, TypeError), match=rf"{option} must be "):
        LATER[name](**{option: object()})


def test_every_sentence_is_of_one_form():
    with pytest.raises(ValueError, match=r"^occlusion: batch_size must be a whole number of at least 1, not 0$"):
        xai.methods.occlusion(*case("saliency")[0], batch_size=0)
