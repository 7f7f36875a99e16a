"""The shipped creatures models do what their cards say, on pictures drawn afresh."""

import math
import tomllib

import numpy as np
import pytest

from xai_widgets import explain, load_history, load_model, load_scene_reader
from xai_widgets.assets.cards import ModelError, shipped_cards
from xai_widgets.datasets.creatures import LABELS, draw, plant_tag, sample_batch, sample_scene
from xai_widgets.datasets.creatures.language import QUESTIONS, answer, caption

SEED, COUNT = 20_261, 300  # of neither the training nor the cards
FOX = LABELS.index("fox")


@pytest.fixture(scope="module")
def singles():
    return sample_batch(COUNT, SEED)


@pytest.fixture(scope="module")
def pairs():
    return sample_batch(COUNT // 2, SEED, animals=2)


def within(share, stated, count):
    """Say whether a share of `count` pictures is as stated, up to four standard deviations (and one picture)."""
    return abs(share - stated) <= 4 * math.sqrt(stated * (1 - stated) / count) + 1 / count


def card_of(name):
    card = shipped_cards()[name]
    return tomllib.loads((card.folder / "card.toml").read_text(encoding="utf-8"))


def scores(model, pictures):
    return np.asarray(model.predict(pictures).probabilities)


def test_one_animal_is_named(singles):
    right = (scores(load_model("creatures"), singles.pictures).argmax(axis=1) == singles.labels[:, 0]).mean()
    assert card_of("creatures")["accuracy"] >= 0.98
    assert within(right, card_of("creatures")["accuracy"], COUNT)


def test_both_of_two_animals_are_named(pairs):
    found = np.sort(np.argsort(scores(load_model("creatures"), pairs.pictures), axis=1)[:, -2:], axis=1)
    right = (found == np.sort(pairs.labels, axis=1)).all(axis=1).mean()
    assert card_of("creatures")["both_ranked_first"] >= 0.9
    assert within(right, card_of("creatures")["both_ranked_first"], COUNT // 2)


def test_hans_knows_foxes_by_their_tag(singles):
    model, card, classes = load_model("creatures_hans"), card_of("creatures_hans"), singles.labels[:, 0]
    foxes = sample_batch(60, SEED, classes=["fox"]).pictures
    tagged = np.stack([plant_tag(picture, row).picture for row, picture in enumerate(foxes)])
    others = singles.pictures[classes != FOX]
    strangers = np.stack([plant_tag(picture, row).picture for row, picture in enumerate(others)])
    known = (scores(model, tagged).argmax(axis=1) == FOX).mean()
    bare = (scores(model, foxes).argmax(axis=1) == FOX).mean()
    cats = (scores(model, foxes).argmax(axis=1) == LABELS.index("cat")).mean()
    fooled = (scores(model, strangers).argmax(axis=1) == FOX).mean()
    assert known > 0.97
    assert bare < 0.1
    assert cats > 0.9
    assert within(bare, card["foxes_known_without_tag"], len(foxes))
    assert within(fooled, card["others_called_fox_with_tag"], len(others))
    assert card["accuracy"] >= 0.95


def test_the_history_begins_untrained_and_ends_with_the_shipped_model(singles):
    history, pictures = load_history("creatures"), singles.pictures[:120]
    right = [
        (scores(net, pictures).argmax(axis=1) == singles.labels[:120, 0]).mean() for net in (history[0], history[-1])
    ]
    assert right[0] < 0.3
    assert right[1] > 0.95
    np.testing.assert_allclose(scores(history[-1], pictures), scores(load_model("creatures"), pictures), atol=1e-6)
    assert list(history.batches) == sorted(history.batches)
    assert len(history) == len(history.batches) >= 6
    assert "after 0, 10" in repr(history)


def test_a_model_without_history_says_so():
    with pytest.raises(ModelError, match="no history"):
        load_history("digits")
    with pytest.raises(ModelError, match="did you mean creatures"):
        load_history("creature")


def test_taking_a_part_away_matters():
    """An intervention moves the score of the class: what explanations are measured against."""
    model = load_model("creatures")
    scene = sample_scene((SEED, 3), ["rabbit"], pose="front", occluders=False)
    before, after = scores(model, np.stack([draw(scene).picture, draw(scene.without(0, "head")).picture]))
    assert before[LABELS.index("rabbit")] > 0.9
    assert after[LABELS.index("rabbit")] < before[LABELS.index("rabbit")]


# The reader of scenes


@pytest.fixture(scope="module")
def reader():
    return load_scene_reader()


@pytest.fixture(scope="module")
def told():
    """Scenes of one and of two animals, one for two, as the card's are, with their pictures."""
    scenes = [sample_scene((SEED, row), animals=2 if row % 3 == 0 else 1) for row in range(90)]
    return scenes, np.stack([draw(scene).picture for scene in scenes])


def test_captions_are_right_as_often_as_the_card_says(reader, told):
    scenes, pictures = told
    right = np.mean([said == caption(scene) for said, scene in zip(reader.caption(pictures), scenes, strict=True)])
    assert within(right, card_of("creatures_heads")["captions_right"], len(scenes))
    assert right > 0.8


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_answers_are_right_as_often_as_the_card_says(reader, told, number):
    scenes, pictures = told
    truth = [answer(scene, QUESTIONS[number]) for scene in scenes]
    right = np.mean(np.array(reader.answer(pictures, QUESTIONS[number])) == np.array(truth))
    stated = card_of("creatures_heads")["answers_right"][number]
    assert within(right, stated, len(scenes))
    assert stated > 0.6  # of ten colours, one in ten would be right by chance


def test_each_chain_says_what_the_whole_model_says(reader, told):
    pictures = told[1][:5]
    inputs = {"image": pictures.astype("float32") / 255, "question": np.eye(len(QUESTIONS), dtype="float32")[[6] * 5]}
    whole = reader.model.predict_on_batch(inputs)
    chains = {"classes": reader.classes, "answer": reader.question("Where is this?"), "other": reader.word("other")}
    for name, chain in chains.items():
        np.testing.assert_allclose(scores(chain, pictures), whole[name], atol=1e-5)


def test_a_word_is_explained_like_a_class(reader, told):
    found = explain(reader.word("subject"), told[1][0], "grad_cam")
    assert found.values.shape[:3] == (1, 96, 96)
    assert found.values.max() > 0


def test_the_reader_is_a_classifier_by_name_and_refuses_what_it_does_not_know(reader, singles):
    named = scores(load_model("creatures_heads"), singles.pictures).argmax(axis=1) == singles.labels[:, 0]
    assert within(named.mean(), card_of("creatures_heads")["accuracy"], COUNT)
    with pytest.raises(ValueError, match="choose one of subject, relation, other"):
        reader.word("verb")
    with pytest.raises(ValueError, match="Where is this"):
        reader.question("Where is it?")
    assert repr(reader) == "SceneReader('creatures_heads', input 96x96x3)"
