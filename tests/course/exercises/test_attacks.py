"""Ways around the work: each exercise with a function or a network for an answer refuses them, and says why.

A stub, a constant of the right shape, the outputs of the right answer on other data, a call of the library, a network
that hides its gradient, a copy of a network that had no fault.
"""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

import xai_widgets
from xai_widgets import methods
from xai_widgets.course import exercise, list_exercises, loss_gradient
from xai_widgets.course.exercises.by_notebook import ex01_motivation
from xai_widgets.course.exercises.function_exercise import FunctionExercise
from xai_widgets.course.exercises.own_work import Borrowed, require_own_work

FUNCTIONS = [name for name in list_exercises() if isinstance(exercise(name), FunctionExercise)]


def new(name):
    return type(exercise(name))()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_stub_a_constant_and_remembered_outputs_are_refused(name):
    ex = new(name)
    assert ex.check(lambda *_: None).status in {"to_do", "wrong"}
    shapes = [np.shape(ex.reference(*arguments)) for arguments in ex.cases(np.random.default_rng(0))]
    for value in (0.0, 1.0):
        turn = itertools.cycle(shapes)
        verdict = ex.check(lambda *_, value=value, turn=turn: np.full(next(turn), value), seed=0)
        assert verdict.status == "wrong", value
        assert str(verdict)
    remembered = itertools.cycle([ex.reference(*arguments) for arguments in ex.cases(np.random.default_rng(1))])
    assert ex.check(lambda *_: next(remembered), seed=2).status == "wrong"


def fgsm_of_the_library(classifier, x, label, epsilon):
    return methods.fgsm(classifier, x, label.tolist(), epsilon=epsilon).adversarial


def caught(*arguments):
    try:
        return fgsm_of_the_library(*arguments)
    except Exception:  # noqa: BLE001  (what a student may write)
        return arguments[1]


def targeted_of_the_library(classifier, x, target, epsilon, steps):
    return methods.pgd(classifier, x, target.tolist(), epsilon=epsilon, steps=steps, targeted=True).adversarial


def ridge_of_scikit_learn(bits, scores, _width, ridge):
    from sklearn.linear_model import Ridge

    return Ridge(ridge).fit(bits, scores).coef_


@pytest.mark.parametrize(
    ("name", "answer", "library"),
    [
        ("03.fgsm", fgsm_of_the_library, "xai_widgets"),
        ("03.fgsm", caught, "xai_widgets"),
        ("03.targeted", targeted_of_the_library, "xai_widgets"),
        ("05.fit", ridge_of_scikit_learn, "sklearn"),
        ("09.pointing_game", lambda maps, masks: methods.pointing_game(maps, masks).mean, "xai_widgets"),
    ],
)
def test_the_librarys_own_is_refused(name, answer, library):
    verdict = new(name).check(answer, seed=0)
    assert (verdict.status, verdict.reason) == ("wrong", "borrowed")
    assert f"`{library}`" in str(verdict)


def test_what_the_course_gives_may_be_called():
    verdict = new("03.fgsm").check(lambda c, x, y, e: np.clip(x + e * np.sign(loss_gradient(c, x, y)), 0, 1))
    assert verdict.passed, str(verdict)


def helper(classifier, x, label, epsilon):
    return fgsm_of_the_library(classifier, x, label, epsilon)


def imported_inside(classifier, x, label, epsilon):
    from xai_widgets.methods.adversarial.attacks import fgsm

    return fgsm(classifier, x, label.tolist(), epsilon=epsilon).adversarial


def by_the_package(classifier, x, label, epsilon):
    return xai_widgets.explain(classifier, x, "saliency", label).values


@pytest.mark.parametrize("answer", [helper, imported_inside, by_the_package, functools.partial(helper, epsilon=0.1)])
def test_a_library_is_found_wherever_it_is_named(answer):
    with pytest.raises(Borrowed, match="xai_widgets"):
        require_own_work(getattr(answer, "func", answer))


@pytest.mark.parametrize("answer", [np.sort, len, lambda x: x.sum(), xai_widgets.load_model, print])
def test_what_names_no_library_is_ones_own(answer):
    require_own_work(answer)


def steep(network):
    """Put a layer before a network through which no useful gradient comes."""
    import keras

    picture = keras.Input((8, 8, 1))
    squeezed = keras.layers.Activation("sigmoid")(keras.layers.Rescaling(200.0, offset=-100.0)(picture))
    return keras.Model(picture, network(squeezed))


@pytest.mark.slow
def test_a_network_that_hides_its_gradient_is_not_robust():
    from xai_widgets import load_model

    verdict = new("03.adversarial_training").check(steep(load_model("digits").model), seed=0)
    assert (verdict.status, verdict.reason) == ("wrong", "hidden_gradient")


@pytest.mark.parametrize("change", [lambda w: w + 1e-6, lambda w: 1.0001 * w, lambda w: w + 0.01 * np.abs(w).max()])
def test_a_copy_of_the_sound_network_mends_nothing(change):
    from xai_widgets.course.capstone.suspects import current_set

    suspects, plan = current_set()
    copied = suspects[plan.letter("sound")].copy()
    copied.set_weights([change(one) for one in copied.get_weights()])
    verdict = new("14.mend").check((plan.letter("mislabelled"), copied), seed=0)
    assert (verdict.status, verdict.reason) == ("wrong", "another")


def test_a_first_try_is_not_told_which_word_is_wrong():
    table = dict(ex01_motivation.KINDS)
    table["lime"] = ("global", "dependent", "after")
    ex = new("01.kinds")
    first, second = ex.check(table), ex.check(table)
    assert first.reason == "some"
    assert str(first).startswith(("2 of the 21", "2 mots sur 21"))
    assert "lime" not in str(first)
    assert second.reason == "scope"
    assert ex.check(ex01_motivation.KINDS).passed
