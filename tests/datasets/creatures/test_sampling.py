"""Sampling: seeded, balanced, and with nothing but the parts to tell a class by."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from xai_widgets.datasets.creatures import (
    BACKGROUNDS,
    LABELS,
    POSES,
    SceneError,
    draw,
    sample_batch,
    sample_scene,
)
from xai_widgets.datasets.creatures.palettes import FUR


@pytest.fixture(scope="module")
def scenes():
    return [sample_scene((2024, place)) for place in range(4000)]


def _fur(scene):
    distances = ((np.array(FUR) - scene.animals[0].part("head").colour) ** 2).sum(axis=1)
    return int(distances.argmin())


_FACTS = {
    "colour of the fur": _fur,
    "colour of the eyes": lambda scene: scene.animals[0].part("eyes").colour,
    "pattern": lambda scene: getattr(scene.animals[0].part("pattern"), "variant", ""),
    "collar": lambda scene: getattr(scene.animals[0].part("collar"), "variant", ""),
    "pose": lambda scene: scene.animals[0].pose,
    "size": lambda scene: int(scene.animals[0].size * 25),
    "place": lambda scene: int(scene.animals[0].x * 10),
    "background": lambda scene: scene.background.kind,
    "light": lambda scene: int(scene.light.angle // 30),
    "occluder": lambda scene: tuple(one.kind for one in scene.occluders),
    "noise": lambda scene: int(scene.noise),
}


def _p_value(scenes, fact):
    values = [fact(scene) for scene in scenes]
    columns = {value: place for place, value in enumerate(dict.fromkeys(values))}
    table = np.zeros((len(LABELS), len(columns)))
    for scene, value in zip(scenes, values, strict=True):
        table[LABELS.index(scene.labels[0]), columns[value]] += 1
    return chi2_contingency(table[:, table.sum(axis=0) >= 60]).pvalue


@pytest.mark.parametrize("fact", _FACTS)
def test_nothing_but_the_parts_tells_the_class(scenes, fact):
    assert _p_value(scenes, _FACTS[fact]) > 1e-3, fact


def test_the_parts_do_tell_the_class(scenes):
    assert _p_value(scenes, lambda scene: scene.animals[0].part("body").variant) < 1e-50


def test_classes_and_poses_are_balanced(scenes):
    for known, values in ((LABELS, [s.labels[0] for s in scenes]), (POSES, [s.animals[0].pose for s in scenes])):
        counts = np.array([values.count(name) for name in known])
        assert abs(counts / counts.mean() - 1).max() < 0.2


def test_a_seed_gives_the_same_scene_and_another_one_another():
    assert sample_scene(5) == sample_scene(5) == sample_scene(np.random.default_rng(5))
    assert sample_scene(5) != sample_scene(6)
    rng = np.random.default_rng(5)
    assert sample_scene(rng) != sample_scene(rng)


@pytest.mark.parametrize("animals", [2, 3, 4])
def test_animals_stand_from_left_to_right_and_differ(animals):
    for seed in range(20):
        scene = sample_scene(seed, animals=animals)
        assert len(set(scene.labels)) == animals
        places = [animal.x for animal in scene.animals]
        assert places == sorted(places)
        assert all(0 <= place <= 1 for place in places)


def test_every_animal_of_two_shows():
    for seed in range(25):
        drawing = draw(sample_scene(seed, animals=2))
        assert (drawing.animals.sum(axis=(1, 2)) > 250).all(), seed


def test_wishes_are_fulfilled():
    scene = sample_scene(0, "Cat", pose="side", background="beach", pattern="stripes", noise=False, occluders=False)
    animal = scene.animals[0]
    assert (animal.kind, animal.pose, animal.part("pattern").variant) == ("cat", "side", "stripes")
    assert (scene.background.kind, scene.noise, scene.occluders) == ("beach", 0.0, ())
    assert sample_scene(0, pattern="plain").animals[0].part("pattern") is None


def test_each_picture_of_a_batch_can_be_made_alone():
    batch = sample_batch(4, seed=3, size=48, start=2, animals=2)
    for place in range(4):
        scene = sample_scene((3, 2 + place), animals=2)
        assert (batch.pictures[place] == draw(scene, 48).picture).all()
        assert [LABELS[label] for label in batch.labels[place]] == list(scene.labels)
        assert set(np.flatnonzero(batch.targets[place])) == set(batch.labels[place])
    assert (sample_batch(2, seed=3, size=48, start=4, animals=2).pictures == batch.pictures[2:]).all()


def test_labels_of_a_batch_do_not_depend_on_the_classes_drawn_from():
    batch = sample_batch(3, seed=0, size=16, classes=["owl"])
    assert (batch.labels == LABELS.index("owl")).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["catt"]}, "no class 'catt'; did you mean cat"),
        ({"classes": []}, "classes is empty"),
        ({"animals": 0}, "from 1 to 4"),
        ({"animals": 5}, "from 1 to 4"),
        ({"pose": "sitting up"}, "no pose"),
        ({"background": "bech"}, "did you mean beach"),
        ({"pattern": "dots"}, "no pattern"),
        ({"rng": -1}, "seed must be"),
        ({"rng": "one"}, "seed must be"),
    ],
)
def test_bad_wishes_are_refused(options, message):
    with pytest.raises(SceneError, match=message):
        sample_scene(**{"rng": 0, **options})


@pytest.mark.parametrize(
    "options",
    [{"count": 0}, {"count": 1.5}, {"seed": -1}, {"size": 8}, {"start": -1}, {"animals": 9}, {"animals": "2"}],
)
def test_bad_batches_are_refused(options):
    with pytest.raises(SceneError, match="must be a whole number"):
        sample_batch(**{"count": 1, "seed": 0, **options})


def test_every_background_comes_up(scenes):
    assert {scene.background.kind for scene in scenes} == set(BACKGROUNDS)
