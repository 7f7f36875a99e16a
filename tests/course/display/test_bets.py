"""Bets: what a reader predicts, what was right, and how calibrated the reader is."""

import pytest

from xai_widgets.course import bet, calibration, settle
from xai_widgets.course.display import bets


@pytest.fixture(autouse=True)
def _none_placed(monkeypatch):
    monkeypatch.setattr(bets, "_placed", {})


def test_a_bet_is_what_the_controls_say_and_is_settled_beside_the_truth(capsys):
    one = bet("03.1", "What will it read?", ["a 3", "an 8", "a 5"])
    one._choice.value, one._sure.value = "an 8", 0.75
    settle("03.1", 1)
    settle("03.1", "a 3")
    assert capsys.readouterr().out == (
        "The answer is: an 8. You had bet on it, 75% sure.\nThe answer is: a 3. You had bet on “an 8”, 75% sure.\n"
    )


def test_who_has_not_bet_is_told_the_answer_and_not_counted(capsys):
    bet("03.1", "What will it read?", ["a 3", "an 8"])
    settle("03.1", 0)
    assert capsys.readouterr().out == "The answer is: a 3. You had placed no bet.\n"
    assert repr(calibration()) == "You have placed no bet in this notebook."


def test_the_brier_score_is_the_mean_square():
    bet("03.1", "?", ["a", "b"]).place("a", sure=0.9)
    bet("03.2", "?", ["a", "b", "c", "d"]).place("b", sure=0.6)
    bet("03.3", "?", ["a", "b"]).place("a", sure=0.5)  # not settled
    settle("03.1", "a")
    settle("03.2", "c")
    found = calibration()
    assert (found.bets, found.right, found.sure) == (2, 1, pytest.approx(0.75))
    assert found.brier == pytest.approx((0.1**2 + 0.6**2) / 2)
    assert found.chance == pytest.approx((0.5 * 0.5 + 0.25 * 0.75) / 2)
    assert repr(found) == (
        "Of your 2 bets 1 were right, and you were 75% sure on average. Your Brier score, where 0 is best: 0.18; who "
        "guesses has 0.22."
    )


def test_who_is_as_sure_as_chance_has_the_score_of_chance():
    for number in range(4):
        bet(f"03.{number}", "?", ["a", "b", "c", "d"]).place("a", sure=0.25)
        settle(f"03.{number}", number)
    found = calibration()
    assert found.brier == pytest.approx(found.chance)


def test_a_bet_that_is_asked_again_begins_anew():
    bet("03.1", "?", ["a", "b"]).place("a", sure=0.9)
    again = bet("03.1", "?", ["a", "b"])
    settle("03.1", "a")
    assert repr(again) == "Bet('03.1')"
    assert calibration().bets == 0


@pytest.mark.parametrize("choices", [[], ["a"], ["a", "a"]])
def test_what_is_no_bet_is_refused(choices):
    with pytest.raises(ValueError, match="two different choices"):
        bet("03.1", "?", choices)


def test_a_truth_that_is_no_choice_and_a_bet_that_was_not_asked_are_refused():
    bet("03.1", "?", ["a", "b"])
    with pytest.raises(ValueError, match=r"one of \['a', 'b'\], got 'c'"):
        settle("03.1", "c")
    with pytest.raises(KeyError, match=r"those that were asked: 03\.1"):
        settle("03.2", "a")


def test_without_a_kernel_the_question_and_the_choices_are_read():
    bundle = bet("03.1", "Will `x` do?", ["<a>", "b"])._repr_mimebundle_()
    assert bundle["text/plain"] == "Bet('03.1')"
    assert "<code>x</code>" in bundle["text/html"]
    assert "&lt;a&gt;" in bundle["text/html"]
