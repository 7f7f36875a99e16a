"""The sanity check of 09_choosing: who is accused, who is missed, and what the network itself says."""

import pytest

from xai_widgets.course import exercise
from xai_widgets.course.examples import explanation_comparison as explanations
from xai_widgets.i18n import catalogue, language


@pytest.fixture
def sanity(monkeypatch):
    found = {"A": 0.1, "B": 1.0, "C": 0.0, "D": 0.8, "E": 0.2}
    monkeypatch.setattr(explanations, "similarity_when_random", lambda _seed: found)
    return type(exercise("09.sanity"))()


@pytest.mark.parametrize("answer", [{"B", "D"}, ["D", "B"], "B, D", "B D"])
def test_the_letters_that_fail_are_right(sanity, answer):
    verdict = sanity.check(answer)
    assert verdict.passed
    assert "B, D" in str(verdict)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"A", "C", "E"}, "the_others"),
        ({"B", "D", "E"}, "accused"),
        ({"B"}, "missed"),
        ({"F"}, "no_letters"),
        (3, "no_letters"),
    ],
)
def test_other_letters_are_told_why_at_a_second_try(sanity, answer, reason):
    first = sanity.check(answer)
    assert first.reason == (reason if reason == "no_letters" else "some")
    verdict = sanity.check(answer)
    assert (verdict.status, verdict.reason) == ("wrong", reason)
    beginning = catalogue("course", language())[f"09.sanity.mistake.{reason}"].split("{")[0]
    assert str(verdict).startswith(beginning)


@pytest.mark.parametrize("answer", [set(), "", None, ...])
def test_no_letters_are_still_to_do(sanity, answer):
    assert sanity.check(answer).status == "to_do"


def test_the_suspects_lie_well_to_either_side_of_the_limit():
    """What the exercise relies on, whatever weights the check draws."""
    limit = type(exercise("09.sanity")).limit
    found = explanations.similarity_when_random(0)
    assert found["B"] == pytest.approx(1)
    assert all(abs(value - limit) > 0.04 for value in found.values())
