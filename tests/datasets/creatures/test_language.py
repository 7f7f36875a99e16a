"""Captions and answers say what the scene holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai_widgets.datasets.creatures import LABELS, Scene, SceneError, sample_scene
from xai_widgets.datasets.creatures.language import ANSWERS, COLOURS, NOTHING, QUESTIONS, answer, caption
from xai_widgets.datasets.creatures.palettes import FUR

LEFT, RIGHT, COLOUR_LEFT, COLOUR_RIGHT, COLLAR_LEFT, COLLAR_RIGHT, WHERE = QUESTIONS


@given(st.integers(0, 10**6), st.integers(1, 2))
def test_every_answer_is_in_the_vocabulary_and_the_caption_agrees_with_the_answers(seed, animals):
    scene = sample_scene(seed, animals=animals)
    answers = {question: answer(scene, question) for question in QUESTIONS}
    assert set(answers.values()) <= set(ANSWERS)
    said = caption(scene)
    left, right = answers[LEFT], answers[RIGHT]
    if animals == 1:
        assert said == (left, "alone", NOTHING)
        assert left == right
    else:
        assert (said.subject, said.other) == ((left, right) if said.relation == "left of" else (right, left))
        assert LABELS.index(said.subject) <= LABELS.index(said.other)


def test_left_is_left():
    scene = sample_scene(4, ["cat", "dog"], animals=2)
    x = {animal.kind: animal.x for animal in scene.animals}
    assert caption(scene).relation == ("left of" if x["cat"] < x["dog"] else "right of")


@pytest.mark.parametrize(("colour", "name"), [(FUR[0], "orange"), ((250, 250, 250), "white"), ((60, 60, 70), "black")])
def test_the_colour_of_the_body_is_named(colour, name):
    scene = sample_scene(0, ["cat"]).recoloured(0, "body", colour)
    assert answer(scene, COLOUR_LEFT) == answer(scene, COLOUR_RIGHT) == name
    assert name in COLOURS


def test_a_collar_is_seen():
    scene = sample_scene(0, ["cat"])
    if scene.animals[0].part("collar"):
        scene = scene.without(0, "collar")
    assert answer(scene, COLLAR_LEFT) == "no"
    dressed = next(s for s in map(sample_scene, range(99)) if s.animals[0].part("collar"))
    assert answer(dressed, COLLAR_RIGHT) == "yes"


def test_the_background_is_named():
    assert answer(sample_scene(0, background="forest"), WHERE) == "forest"


def test_what_has_no_words_is_refused():
    with pytest.raises(SceneError, match="one or two animals, not for 3"):
        caption(sample_scene(0, animals=3))
    empty = Scene((), sample_scene(0).background)
    with pytest.raises(SceneError, match="not for 0"):
        answer(empty, LEFT)
    with pytest.raises(SceneError, match="question"):
        answer(sample_scene(0), "Who is it?")
    with pytest.raises(SceneError, match="no body"):
        answer(sample_scene(0, ["cat"]).without(0, "body"), COLOUR_LEFT)
