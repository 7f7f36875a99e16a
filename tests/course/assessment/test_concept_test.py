"""The test of twenty concepts, its anonymous file, and the gain of a class."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from xai_widgets.course import ConceptTest, learning_gain
from xai_widgets.course.__main__ import main
from xai_widgets.course.assessment import concept_test
from xai_widgets.course.assessment.concept_test import QUESTIONS, ConceptAnswers, code_of, explained
from xai_widgets.i18n import LANGUAGES, catalogue

RIGHT = tuple(concept_test._KEY)
WRONG = tuple("b" if letter == "a" else "a" for letter in RIGHT)


def answers(word, moment, right):
    return ConceptAnswers(code_of(word), moment, RIGHT[:right] + WRONG[right:])


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_question_has_four_different_choices_and_a_reason(language):
    texts = catalogue("concepts", language)
    for number in range(1, QUESTIONS + 1):
        choices = {texts[f"{number:02d}.{letter}"] for letter in "abcd"}
        assert len(choices) == 4
        assert texts[f"{number:02d}.question"]
        assert texts[f"{number:02d}.why"]
    assert f"{QUESTIONS + 1:02d}.question" not in texts


def test_no_letter_is_right_much_more_often_and_no_place_is():
    assert max(map(RIGHT.count, "abcd")) <= 6
    places = [
        [letter for _, letter in question.options].index(right)
        for question, right in zip(ConceptTest("before").questions, RIGHT, strict=True)
    ]
    assert max(map(places.count, range(4))) <= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_writes_what_was_chosen_and_says_why(tmp_path, language):
    form = ConceptTest("before", language=language, folder=tmp_path).answer(RIGHT[:12] + WRONG[12:])
    form.word.value = "Marmotte"
    form.button.click()
    (row,) = csv.DictReader((tmp_path / "concept-test-before.csv").open(encoding="utf-8"))
    assert row["right"] == "12"
    assert [row[f"q{number:02d}"] for number in range(1, 21)] == [*RIGHT[:12], *WRONG[12:]]
    assert row["code"] == code_of("marmotte")
    assert "armotte" not in (tmp_path / "concept-test-before.csv").read_text("utf-8")
    assert "12" in form._told.value
    assert form.button.disabled
    assert all(note.value for note in form._notes)


def test_a_form_with_a_question_left_writes_nothing_and_says_how_many(tmp_path):
    form = ConceptTest("after", language="en", folder=tmp_path)
    form.questions[0].value = "a"
    assert form.finish() is None
    assert form._told.value == "19 questions have no answer yet."
    assert list(tmp_path.iterdir()) == []
    assert repr(form) == "ConceptTest('after', 1 of 20 answered)"


def test_a_wrong_answer_is_told_beside_the_right_one():
    told = explained(WRONG, "en")
    assert all(one.startswith("Not “") for one in told)
    assert all(one.startswith("Right. ") for one in explained(RIGHT, "en"))


def test_the_gain_is_that_of_those_who_answered_twice(tmp_path, capsys):
    scores = {"ada": (5, 15), "bob": (8, 12), "cid": (11, 18)}
    for word, (before, after) in scores.items():
        for moment, right in (("before", before), ("after", after)):
            (tmp_path / f"{word}-{moment}.csv").write_text(answers(word, moment, right).to_csv(), "utf-8")
    (tmp_path / "once.csv").write_text(answers("dan", "before", 3).to_csv(), "utf-8")
    found = learning_gain(tmp_path)
    assert sorted(found.gains) == [4, 7, 10]
    assert found.normalised == pytest.approx(7 / (20 - 8))
    assert main(["gain", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("3 people answered before and after: 8.0 of 20 right before, 15.0 after. Mean gain 7.0 (")
    assert told.endswith("normalised gain 0.58.\n")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "code,moment,q01\nx,before,a\n", "\x00"])
def test_a_file_that_holds_no_answers_is_named(tmp_path, text, capsys):
    (tmp_path / "odd.csv").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"odd\.csv: not a file of answers"):
        learning_gain(tmp_path)
    assert main(["gain", str(tmp_path)]) == 1
    assert "odd.csv" in capsys.readouterr().err


def test_answers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="20 letters"):
        ConceptAnswers("x", "before", ("a",))
    with pytest.raises(ValueError, match="before or after"):
        ConceptAnswers("x", "meanwhile", RIGHT)
    with pytest.raises(ValueError, match="before or after"):
        ConceptTest("meanwhile")


def test_who_knows_everything_before_has_nothing_to_gain():
    assert np.isnan(learning_gain("no/such/folder").normalised)
