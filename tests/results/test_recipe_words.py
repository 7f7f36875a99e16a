"""A recipe is told in words of the reader's language: no name of an option, no Python."""

import re

import pytest

import xai_widgets as xai
from xai_widgets.i18n import LANGUAGES, catalogue
from xai_widgets.methods import fgsm, minimal_epsilon, pgd
from xai_widgets.methods.registry import METHODS
from xai_widgets.results.recipe import Recipe, caption_of
from xai_widgets.results.recipe_words import option_in_words, recipe_in_words, value_in_words

OF_PICTURES = [
    name for name, one in METHODS.items() if "picture" in one.explains and name not in ("expected_gradients", "cam")
]


@pytest.fixture(scope="module")
def recipes():
    """The recipes of all methods on a digit, and of attacks."""
    digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    found = [xai.explain(digits, three, name, **dict(METHODS[name].quick)).recipe for name in OF_PICTURES]
    attacks = [fgsm(digits, three, epsilon=0.1), pgd(digits, three, epsilon=0.1, steps=2, target="5", targeted=True)]
    return [*found, *(one.recipe for one in attacks), minimal_epsilon(digits, three).recipe]


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_python_is_left(recipes, code):
    for recipe in recipes:
        told = recipe_in_words(recipe, code)
        assert not re.search(r"=|_|True|False|None|\d\.\d" if code == "fr" else "=|_|True|False|None", told), told


def test_every_option_has_words(recipes):
    """What the catalogue does not know would be told by its English name."""
    known = catalogue("recipe", "fr")
    for recipe in recipes:
        for name, value in recipe.options.items():
            told = option_in_words(name, value, "fr")
            assert not told or any(key.startswith(f"option_{name}") for key in known), (recipe.method, name)


def test_methods_model_target_options_and_time():
    made = Recipe("smooth_grad", "digits", ("3", "4", "3", "5", "6"), {"samples": 16, "noise": 0.15, "seed": 0})
    assert recipe_in_words(made, "en") == "SmoothGrad · digits · for 3, 4, 5 … · 16 samples · noise 0.15 · seed 0"
    told = recipe_in_words(made, "fr", target=["trois"], without=("model", "seed"), more=["2 s"])
    assert told == "SmoothGrad · pour trois · 16 tirages · bruit 0,15 · 2 s"
    assert caption_of(made) == recipe_in_words(made)
    assert caption_of(None) == ""


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("targeted", False, ""),
        ("targeted", True, "vers une classe"),
        ("output", "logit", ""),
        ("output", "probability", "de la probabilité"),
        ("relu", True, ""),
        ("relu", False, "valeurs négatives gardées"),
        ("restarts", 1, ""),
        ("restarts", 2, "2 départs"),
        ("patch", "2x3", "cache 2\u00a0×\u00a03"),
        ("baseline", "grey", "référence grise"),
        ("baseline", -0.5, "référence −0,5"),
        ("a_new_option", 3, "a new option 3"),
        ("a_new_switch", True, "a new switch"),
        ("a_new_switch", False, ""),
        ("layer", None, ""),
    ],
)
def test_options(name, value, told):
    assert option_in_words(name, value, "fr") == told


def test_values():
    assert value_in_words(1e-6, "en") == "10⁻⁶"
    assert value_in_words((0.0, 0.5, 0.75), "fr") == "0\u202f; 0,5\u202f; 0,75"
    assert value_in_words(-2.5e-7, "fr") == "−2,5×10⁻⁷"
    assert value_in_words("epsilon_plus", "en") == "epsilon (dense), z+ (convolutions)"
    assert value_in_words((0, 1, 2, 3), "en") == "0 to 3"
