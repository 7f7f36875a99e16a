"""Pictures and masks: each pixel belongs to one part, and an intervention changes that part's pixels alone."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xai_widgets.datasets.creatures import (
    BACKGROUNDS,
    CARRIES,
    LABELS,
    MOUTHS,
    OCCLUDERS,
    PARTS,
    POSES,
    VARIANTS,
    Occluder,
    SceneError,
    draw,
    sample_scene,
)

SEEDS = st.integers(0, 10**6)


def _changed(one, other):
    return (one.picture != other.picture).any(axis=-1)


def _digest(drawing):
    return hashlib.sha256(drawing.picture.tobytes()).hexdigest()


@settings(max_examples=60)
@given(kind=st.sampled_from(LABELS), pose=st.sampled_from(POSES), size=st.integers(16, 200), seed=SEEDS, data=st.data())
def test_every_class_is_drawn_in_every_pose_and_size(kind, pose, size, seed, data):
    background = data.draw(st.sampled_from(BACKGROUNDS))
    pattern = data.draw(st.sampled_from(["plain", *VARIANTS["pattern"]]))
    scene = sample_scene(seed, [kind], pose=pose, background=background, pattern=pattern)
    drawing = draw(scene, size)
    assert drawing.picture.shape == (size, size, 3)
    assert drawing.picture.dtype == np.uint8
    assert drawing.labels == (kind,)
    assert drawing.animals[0].mean() > 0.03
    assert drawing.picture.std() > 3


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("pose", POSES)
def test_every_part_of_every_class_shows_somewhere(kind, pose):
    scenes = [sample_scene((seed, 9), [kind], pose=pose, occluders=False) for seed in range(4)]
    seen = dict.fromkeys(PARTS, 0)
    for scene in scenes:
        for (animal, part), mask in draw(scene).masks.items():
            if animal is not None:
                seen[part] += int(mask.sum())
    assert all(seen[part.name] for part in scenes[0].animals[0].parts), (kind, pose, seen)


@settings(max_examples=25)
@given(seed=SEEDS, animals=st.integers(1, 4), size=st.sampled_from([32, 96, 131]))
def test_every_pixel_is_in_exactly_one_mask(seed, animals, size):
    drawing = draw(sample_scene(seed, animals=animals), size)
    assert (np.sum(list(drawing.masks.values()), axis=0) == 1).all()
    for index in range(animals):
        union = np.any([mask for (owner, _), mask in drawing.masks.items() if owner == index], axis=0)
        assert (union == drawing.animals[index]).all()
    assert len(drawing.masks) == 2 + animals * len(PARTS)


@settings(max_examples=40)
@given(seed=SEEDS, animals=st.integers(1, 2), data=st.data())
def test_removing_a_part_changes_its_pixels_alone_and_empties_its_mask(seed, animals, data):
    scene = sample_scene(seed, animals=animals)
    index = data.draw(st.integers(0, animals - 1))
    part = data.draw(st.sampled_from(scene.animals[index].parts)).name
    before, after = draw(scene), draw(scene.without(index, part))
    footprint = before.footprint(index, part)
    assert not (_changed(before, after) & ~footprint).any()
    for gone in (part, *CARRIES[part]):
        assert not after.masks[index, gone].any()
        assert not (before.masks[index, gone] & ~footprint).any()
    for key, mask in before.masks.items():  # what is not covered any more shows; what showed still does
        assert not (mask & ~after.masks[key] & ~footprint).any()


@settings(max_examples=40)
@given(seed=SEEDS, data=st.data())
def test_recolouring_changes_the_pixels_that_show_the_part_and_no_others(seed, data):
    scene = replace(sample_scene(seed), noise=0.0)
    even = {"tail", "body", "belly", "head", "cheeks", "ears", "pattern"}  # nothing of fixed colour on them
    part = data.draw(st.sampled_from([part for part in scene.animals[0].parts if part.name in even]))
    far = tuple(value + 110 if value < 128 else value - 110 for value in part.colour)
    before, after = draw(scene), draw(scene.recoloured(0, part.name, far))
    changed, mask = _changed(before, after), before.masks[0, part.name]
    assert not (changed & ~before.footprint(0, part.name, carried=False)).any()
    assert changed[mask].all()
    assert all((after.masks[key] == one).all() for key, one in before.masks.items())


def test_replacing_a_part_changes_the_old_and_the_new_place_alone():
    scene = sample_scene(4, ["cat"], pose="front")
    swapped = scene.replaced(0, "ears", "rabbit")
    before, after = draw(scene), draw(swapped)
    either = before.footprint(0, "ears") | after.footprint(0, "ears")
    assert _changed(before, after).any()
    assert not (_changed(before, after) & ~either).any()


def test_the_nearer_animal_hides_the_farther_one():
    scene = sample_scene(0, ["bear", "pig"], animals=2, occluders=False)
    far, near = (replace(animal, x=0.5) for animal in scene.animals)
    together = replace(scene, animals=(replace(far, y=0.85), replace(near, y=0.9)))
    alone = draw(replace(together, animals=(together.animals[1],)))
    drawing = draw(together)
    assert (drawing.animals[1] == alone.animals[0]).all()
    hidden = draw(replace(together, animals=(together.animals[0],))).animals[0] & alone.animals[0]
    assert hidden.any()
    assert not (drawing.animals[0] & hidden).any()


@pytest.mark.parametrize("kind", OCCLUDERS)
def test_an_occluder_hides_what_is_behind_it(kind):
    scene = replace(sample_scene(0, ["bear"], occluders=False), noise=0.0)
    before = draw(scene)
    after = draw(replace(scene, occluders=(Occluder(kind, 0.5, 0.98, 0.4, (200, 60, 60), 1),)))
    mask = after.masks[None, "occluder"]
    assert mask.sum() > 50
    assert not (after.animals[0] & mask).any()
    assert ((before.animals[0] & ~mask) == after.animals[0]).all()


@pytest.mark.parametrize("mouth", MOUTHS)
def test_mouths_differ(mouth):
    scene = sample_scene(0, ["dog"], pose="front", occluders=False)
    animal = scene.animals[0]
    others = [m for m in MOUTHS if m != mouth]
    drawn = draw(replace(scene, animals=(replace(animal, mouth=mouth),)))
    for other in others:
        assert _changed(drawn, draw(replace(scene, animals=(replace(animal, mouth=other),)))).any()


def test_masks_agree_between_sizes():
    scene = sample_scene(11, ["fox"])
    small, large = draw(scene, 96), draw(scene, 288)
    for key, mask in small.masks.items():
        assert (mask == large.masks[key][1::3, 1::3]).mean() > 0.985, key


def test_a_large_picture_reduced_looks_like_the_small_one():
    scene = replace(sample_scene(11, ["fox"]), noise=0.0)
    small, large = (draw(scene, size).picture.astype(float) for size in (96, 288))
    reduced = large.reshape(96, 3, 96, 3, 3).mean(axis=(1, 3))
    assert np.abs(small - reduced).mean() < 2


def test_edges_are_antialiased():
    scene = replace(sample_scene(3, ["bear"], background="plain", occluders=False), noise=0.0)
    drawing = draw(scene)
    edge = drawing.footprint(0, "head", carried=False) & ~drawing.masks[0, "head"]
    assert edge.sum() > 20
    assert len(np.unique(drawing.picture[edge], axis=0)) > 10


def test_what_is_drawn_repeats_to_the_bit_in_another_process():
    command = (
        "import hashlib\nfrom xai_widgets.datasets.creatures import draw, sample_scene\n"
        "print(hashlib.sha256(draw(sample_scene((3, 1), animals=2)).picture.tobytes()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == _digest(draw(sample_scene((3, 1), animals=2)))


@pytest.mark.parametrize("size", [0, 15, 2049, 96.0, "96", True, None])
def test_sizes_out_of_range_are_refused(size):
    with pytest.raises(SceneError, match="size must be a whole number from 16 to 2048"):
        draw(sample_scene(0), size)


def test_a_footprint_of_nothing_is_refused():
    drawing = draw(sample_scene(0))
    with pytest.raises(SceneError, match="no animal 1"):
        drawing.footprint(1, "ears")
    with pytest.raises(SceneError, match="did you mean ears"):
        drawing.footprint(0, "earss")


def test_scenery_alone_is_drawn_too():
    drawing = draw(replace(sample_scene(0, occluders=False), animals=()))
    assert drawing.labels == ()
    assert drawing.animals.shape == (0, 96, 96)
    assert drawing.masks[None, "background"].all()
