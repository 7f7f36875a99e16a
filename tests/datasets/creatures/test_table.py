"""The table of classes: parts are shared, and no single part settles a class."""

import itertools

import pytest

from xai_widgets.datasets.creatures import CARRIES, CLASSES, LABELS, PARTS, VARIANTS, SceneError, classes_with
from xai_widgets.datasets.creatures.classes import WORN


def test_there_are_at_least_eight_classes():
    assert len(LABELS) >= 8
    assert {"cat", "dog", "fox", "rabbit", "bear", "owl"} <= set(LABELS)


@pytest.mark.parametrize("part", [part for part in PARTS if part not in WORN])
def test_every_variant_belongs_to_at_least_two_classes_and_to_not_all(part):
    for variant in VARIANTS[part]:
        assert 2 <= len(classes_with(part, variant)) < len(LABELS), (part, variant)


def test_what_any_animal_may_wear_belongs_to_no_class():
    assert all(not classes_with(part, variant) for part in WORN for variant in VARIANTS[part])


def test_lacking_a_part_does_not_settle_a_class_either():
    for part in PARTS:
        lacking = [name for name, parts in CLASSES.items() if part not in parts]
        assert len(lacking) != 1, part


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(LABELS, 2)))
def test_two_classes_differ_in_at_least_three_parts(one, other):
    assert sum(CLASSES[one].get(part) != CLASSES[other].get(part) for part in PARTS) >= 3


def test_the_table_uses_known_parts_and_variants_only():
    for parts in CLASSES.values():
        assert all(variant in VARIANTS[part] for part, variant in parts.items())
    assert all(carried in PARTS for parts in CARRIES.values() for carried in parts)


def test_unknown_names_are_refused_with_the_nearest_ones():
    with pytest.raises(SceneError, match="no part 'eras'; did you mean ears"):
        classes_with("eras", "pointed")
    with pytest.raises(SceneError, match="no variant of ears 'pointy'; did you mean pointed"):
        classes_with("ears", "pointy")
