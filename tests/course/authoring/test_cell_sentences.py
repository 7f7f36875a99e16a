"""Sentences in place of their keys, in the cells of an edition."""

import ast

import pytest

from xai_widgets.course.authoring.cell_sentences import unknown_keys, with_sentences
from xai_widgets.i18n import LANGUAGES, catalogue


def constants(code):
    return [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_becomes_its_sentence_whatever_its_length(language):
    code = 'say("05.lime_fit", fit=answer.fit[0], inside=inside)\nsay("05.fit_first")'
    made = with_sentences(code, language)
    texts = catalogue("course", language)
    assert constants(made)[-2:] != ["05.lime_fit", "05.fit_first"]
    assert {texts["05.lime_fit"], texts["05.fit_first"]} <= set(constants(made))
    assert max(map(len, made.split("\n"))) <= 120


def test_keys_in_headings_dictionaries_conditions_and_of_other_areas():
    code = (
        'Table({"table.epsilon": [0.1], "table.error": [0.5]}, ["", ".0%"], caption="table.caption_pgd")\n'
        'maps = {"embedding.method_pca": 1}\n'
        'say("03.fgsm_first" if failed else "03.targeted_first")'
    )
    english = catalogue("course", "en")
    texts = [
        english[key]
        for key in ("table.epsilon", "table.error", "table.caption_pgd", "03.fgsm_first", "03.targeted_first")
    ]
    made = constants(with_sentences(code, "en"))
    assert {*texts, "PCA"} <= set(made)
    assert not [one for one in made if isinstance(one, str) and one.startswith(("table.", "03.", "embedding."))]


def test_the_question_of_a_bet_is_a_sentence():
    made = constants(with_sentences('bet("03.2", "03.bet.fragile", list("01"))', "en"))
    assert made == ["03.2", catalogue("course", "en")["03.bet.fragile"], "01"]


@pytest.mark.parametrize(
    "code",
    [
        'exercise("03.fgsm").check(my_fgsm)',
        "x = 1  # 03.fgsm_first",
        'name = f"{table.error}"',
        'load_image("lime.png")',
        "%time\nsay('03.fgsm_first')",
        "say('03.fgsm_first'",
    ],
)
def test_what_is_no_key_stays(code):
    assert with_sentences(code, "en") == code


def test_sentences_stay_what_they_are_with_quotes_and_no_break_spaces():
    made = with_sentences('say("01.audit.right", fallen="fox", called="cat")', "fr")
    assert catalogue("course", "fr")["01.audit.right"] in constants(made)


def test_comments_and_marks_of_a_solution_stay():
    code = '### BEGIN SOLUTION\n# why\nfit = 1\n### END SOLUTION\nsay("05.lime_fit", fit=fit, inside=2)'
    made = with_sentences(code, "en")
    assert made.startswith("### BEGIN SOLUTION\n# why\nfit = 1\n### END SOLUTION\nsay(")


def test_a_mistyped_key_is_told_and_an_exercise_is_none():
    assert unknown_keys('say("03.smalest")\nexercise("03.fgsm")\nx = "3.5"', "fr") == ["03.smalest"]
    assert unknown_keys('say("03.smallest")', "fr") == []
