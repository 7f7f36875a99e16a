"""Hostile inputs, the quick ones of each kind; ``make test-hostile`` tries them all, and counts."""

import time

import numpy as np
import pytest

from tests.adversarial.corpus import KINDS, cases_of
from tests.adversarial.judging import FAULTS, Case, judge, unclear
from xai_widgets.common.class_labels import read_labels


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_is_wrong_and_no_error_raw(kind, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    found = [(case.name, judge(case)) for case in cases_of(kind) if case.quick]
    assert [(name, one) for name, one in found if one.outcome in FAULTS] == []


def test_the_corpus_is_large():
    assert sum(1 for kind in KINDS for _ in cases_of(kind)) > 3000
    assert sum(1 for kind in KINDS for case in cases_of(kind) if case.quick) > 600


# The judge itself


def judged(act, right=None, **options):
    return judge(Case("trial", "one", act, right, **options)).outcome


def takes_much():
    kept = np.ones(100_000_000)
    time.sleep(0.1)  # so that it is seen even where the process was once as large
    return kept.sum()


def test_the_judge_finds_each_kind_of_fault():
    assert judged(lambda: 3, lambda found: found == 3) == "right"
    assert judged(lambda: read_labels(set())) == "refused"
    assert judged(lambda: 3) == "wrong"
    assert judged(lambda: 3, lambda found: found == 4) == "wrong"
    assert judged(lambda: read_labels(set()), lambda found: True, may_refuse=False) == "wrong"
    assert judged(lambda: int("x")) == "raw"
    assert judged(takes_much, lambda found: True) == "memory"


def test_what_is_no_clear_refusal():
    def fault_of(act, kind):
        with pytest.raises(kind) as caught:
            act()
        return unclear(caught.value)

    assert fault_of(lambda: read_labels(3), ValueError) == ""
    assert "raised in" in fault_of(lambda: int("x"), ValueError)
    assert "of an odd kind" in fault_of(lambda: 1 / 0, ZeroDivisionError)
