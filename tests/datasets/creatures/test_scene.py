"""Scenes as data: JSON there and back, interventions, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai_widgets.datasets.creatures import (
    CARRIES,
    CLASSES,
    LABELS,
    Animal,
    Background,
    Light,
    Occluder,
    Part,
    Scene,
    SceneError,
    sample_scene,
)


@pytest.fixture
def cat():
    return sample_scene(1, classes=["cat"])


@given(seed=st.integers(0, 10**6), animals=st.integers(1, 4))
def test_json_there_and_back_gives_the_same_scene(seed, animals):
    scene = sample_scene(seed, animals=animals)
    assert Scene.from_json(scene.to_json()) == scene
    assert hash(Scene.from_json(scene.to_json())) == hash(scene)


def test_without_takes_the_part_and_what_it_carries_and_nothing_else(cat):
    before = {part.name for part in cat.animals[0].parts}
    after = {part.name for part in cat.without(0, "head").animals[0].parts}
    assert before - after == ({"head", *CARRIES["head"]} & before)
    assert {part.name for part in cat.without(0, "tail").animals[0].parts} == before - {"tail"}
    assert before == {part.name for part in cat.animals[0].parts}, "the scene itself stays as it was"


def test_recoloured_changes_one_colour(cat):
    blue = cat.recoloured(0, "ears", "#0000ff")
    assert blue.animals[0].part("ears").colour == (0, 0, 255)
    assert blue.recoloured(0, "ears", cat.animals[0].part("ears").colour) == cat
    assert cat.recoloured(0, "ears", np.array([0, 0, 255])) == blue == cat.recoloured(0, "ears", "blue")


def test_replaced_takes_the_variant_of_another_class_and_keeps_the_colour(cat):
    swapped = cat.replaced(0, "tail", "fox").animals[0]
    assert swapped.part("tail") == replace(cat.animals[0].part("tail"), variant="bushy")
    assert swapped.kind == "cat"
    assert cat.replaced(0, "tail", "fox").replaced(0, "tail", "cat") == cat


def test_replaced_adds_a_part_that_was_not_there(cat):
    beaked = cat.replaced(0, "beak", "owl").animals[0]
    assert beaked.part("beak").variant == "cone"
    again = cat.without(0, "tail").replaced(0, "tail", "cat")
    assert [part.name for part in again.animals[0].parts] == [part.name for part in cat.animals[0].parts]


def test_a_cat_with_every_part_of_a_fox_has_what_a_fox_has(cat):
    scene = cat.without(0, "whiskers")
    for part in CLASSES["fox"]:
        scene = scene.replaced(0, part, "fox")
    have = {part.name: part.variant for part in scene.animals[0].parts if part.name not in {"collar", "pattern"}}
    assert have == CLASSES["fox"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda scene: scene.without(1, "ears"), "no animal 1: this scene has 1"),
        (lambda scene: scene.without(-1, "ears"), "no animal -1"),
        (lambda scene: scene.without("0", "ears"), "no animal '0'"),
        (lambda scene: scene.without(0, "eras"), "did you mean ears"),
        (lambda scene: scene.without(0, "beak"), "a cat, has no beak; it has"),
        (lambda scene: scene.recoloured(0, "ears", "blueish"), "no colour 'blueish'"),
        (lambda scene: scene.recoloured(0, "ears", (0, 0, 256)), "three whole numbers"),
        (lambda scene: scene.recoloured(0, "ears", (0, 0.5, 0)), "three whole numbers"),
        (lambda scene: scene.recoloured(0, "ears", None), "three whole numbers"),
        (lambda scene: scene.replaced(0, "muzzle", "owl"), "a owl has no muzzle|an owl has no muzzle"),
        (lambda scene: scene.replaced(0, "tail", "wolf"), "no class 'wolf'"),
    ],
)
def test_changes_that_cannot_be_made_are_refused(cat, change, message):
    with pytest.raises(SceneError, match=message):
        change(cat)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Part("ears", "pointy", (0, 0, 0)), "did you mean pointed"),
        (lambda: Part("ear", "pointed", (0, 0, 0)), "did you mean ears"),
        (lambda: Part("ears", "pointed", (0, 0, -1)), "colour of ears"),
        (lambda: Background("room", ((0, 0, 0),)), "two colours"),
        (lambda: Background("rooom", ((0, 0, 0), (0, 0, 0))), "did you mean room"),
        (lambda: Light(angle=float("nan")), "finite"),
        (lambda: Light(brightness=9), "0.2..2"),
        (lambda: Occluder("ball", 0.5, 0.5, float("inf"), (0, 0, 0)), "finite"),
        (lambda: Animal("cat", "front", 0.5, 0.9, 0.6, 0, ()), "facing"),
        (lambda: Animal("cat", "frontal", 0.5, 0.9, 0.6, 1, ()), "did you mean front"),
        (lambda: Animal("cat", "front", 0.5, 0.9, 0.6, 1, (Part("head", "wide", (0, 0, 0)),) * 2), "at most one"),
        (lambda: Animal("cat", "front", 0.5, 0.9, 0.6, 1, (), seed=-1), "seed"),
        (lambda: replace(sample_scene(0), noise=-1), "noise"),
        (lambda: replace(sample_scene(0), animals=sample_scene(0).animals * 9), "at most 8"),
    ],
)
def test_scenes_that_cannot_be_drawn_are_refused(make, message):
    with pytest.raises(SceneError, match=message):
        make()


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"animals": 3}', '{"animals": [{}]}', "\x00"])
def test_text_that_describes_no_scene_is_refused(text):
    with pytest.raises(SceneError, match="not the JSON of a scene"):
        Scene.from_json(text)


def test_json_with_a_bad_value_says_which(cat):
    data = json.loads(cat.to_json())
    data["animals"][0]["kind"] = "catt"
    with pytest.raises(SceneError, match="no class 'catt'; did you mean cat"):
        Scene.from_json(json.dumps(data))


def test_an_animal_without_parts_is_still_a_scene(cat):
    bare = replace(cat, animals=(replace(cat.animals[0], parts=()),))
    assert bare.labels == ("cat",)
    assert LABELS[0] == "cat"
