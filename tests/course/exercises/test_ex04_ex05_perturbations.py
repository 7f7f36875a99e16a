"""The exercises on occlusion and LIME whose answers are names and places: each usual mistake is told apart."""

import numpy as np
import pytest

from xai_widgets.course import exercise
from xai_widgets.course.exercises.by_notebook.ex04_occlusion import falls_of_parts


def new(name):
    return type(exercise(name))()


def part_by(choose, **options):
    def answer(score, scene):
        falls = falls_of_parts(score, scene, **options)
        return choose(falls, key=falls.get)

    return answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (part_by(max), None),
        (part_by(min), "smallest"),
        (part_by(max, grey=True), "occluded"),
        (lambda _score, _scene: "antlers", "no_such_part"),
        (lambda _score, _scene: 3, "not_a_name"),
        (lambda score, _scene: score(np.zeros((96, 96, 3))), "not_a_batch"),
    ],
)
def test_the_part_that_matters_most(answer, reason):
    verdict = new("04.intervention").check(answer, seed=1)
    assert (verdict.passed, verdict.reason) == (reason is None, reason)


def taken(order, *, stop=True, more=0):
    def answer(model, text, weights):
        before, gone = model.predict(text).top(1)[0][0].label, []
        for place in order(weights):
            gone.append(int(place))
            if stop and model.predict(model.without(text, gone)).top(1)[0][0].label != before:
                break
        left = [place for place in np.argsort(-weights) if place not in gone and weights[place] > 0]
        return gone + [int(place) for place in left[:more]]

    return answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (taken(lambda weights: np.argsort(-weights)), None),
        (taken(lambda weights: np.argsort(-weights), more=1), "too_many"),
        (taken(lambda weights: np.argsort(-np.abs(weights))), "against"),
        (lambda _model, _text, _weights: [], "nothing"),
        (lambda _model, _text, _weights: [99], "outside"),
        (lambda _model, _text, weights: [int(np.argmin(np.abs(weights)))], "not_flipped"),
        (lambda _model, _text, _weights: "not", "not_places"),
    ],
)
def test_the_words_that_decide(answer, reason):
    verdict = new("05.flip").check(answer, seed=4)
    assert (verdict.passed, verdict.reason) == (reason is None, reason)
