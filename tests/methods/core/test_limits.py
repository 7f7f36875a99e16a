"""What would take days, or more memory than there is, says so; a pattern that never ends is ended."""

import itertools
import warnings

import numpy as np
import pytest

import xai_widgets as xai
from xai_widgets import methods
from xai_widgets.datasets.reviews.word_patterns import word_spans
from xai_widgets.datasets.vectors import word_vectors
from xai_widgets.methods.core import progress, room


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by a second each time it is read."""
    ticks = itertools.count()
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(ticks)))


def told(report, steps, total):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for done in steps:
            report(done, total)
    return [str(one.message) for one in caught]


@pytest.mark.parametrize(
    ("total", "duration"),
    [(10**8, "12 days"), (10**6, "3 hours"), (600_000, "100 minutes"), (60_400, "10 minutes")],
)
def test_what_takes_long_says_once_how_long(clock, total, duration):
    (said,) = told(progress.reporter(None), range(100, 2000, 100), total)
    assert said.startswith(f"this will take about {duration} (300 of {total:,} done); progress=True shows a bar")


def test_what_takes_minutes_says_nothing(clock):
    assert told(progress.reporter(None), range(100, 2000, 100), 60_000) == []
    assert told(progress.reporter(progress=False), [1, 1, 1, 1], 10) == []
    assert told(progress.reporter(lambda done, total: None), range(100, 2000, 100), 10**8) == []


def test_a_trial_tells_how_long_a_package_will_take(clock):
    tried = []
    with pytest.warns(UserWarning, match=r"about 28 hours \(100,000,000 samples\)"):
        progress.forecast_by_trial(tried.append, 10**8)
    with pytest.warns(UserWarning, match="about 17 minutes"):
        progress.forecast_by_trial(tried.append, 100_000, times=10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        progress.forecast_by_trial(tried.append, 100_000)
        progress.forecast_by_trial(tried.append, 10_000)
    assert tried == [1000, 1000, 1000]


def second(rows):
    return np.stack([-rows[:, 1], rows[:, 1]], axis=1)


def counting(texts):
    good = np.array([[text.count("good")] for text in texts])
    return np.hstack([-good, good])


ROWS = np.random.default_rng(0).normal(size=(30, 3))
SAMPLED = {
    "kernel_shap": lambda picture, digits, samples: methods.kernel_shap(digits, picture, "3", samples=samples),
    "lime_image": lambda picture, digits, samples: methods.lime_image(digits, picture, "3", samples=samples),
    "lime_text": lambda picture, digits, samples: methods.lime_text(counting, "a good film", 1, samples=samples),
    "lime_tabular": lambda picture, digits, samples: methods.lime_tabular(
        second, ROWS[0], 1, training=ROWS, samples=samples
    ),
}


@pytest.mark.parametrize("name", SAMPLED)
def test_samples_that_do_not_fit_are_refused_before_the_first(monkeypatch, name):
    monkeypatch.setattr(room, "available_memory", lambda: 10**9)
    picture, digits = xai.sample_image("digit-3"), xai.load_model("digits")
    with pytest.raises(ValueError, match=rf"{name}: samples=100000000 takes \d+\.\d GB of memory, and 1\.0 are free"):
        SAMPLED[name](picture, digits, 10**8)
    assert SAMPLED[name](picture, digits, 40).recipe.options["samples"] == 40


def test_a_trial_does_not_change_the_answer(monkeypatch):
    few = methods.lime_text(counting, "a good film, very good", 1, samples=300)
    monkeypatch.setattr(progress, "_TRIAL", 20)
    assert np.array_equal(methods.lime_text(counting, "a good film, very good", 1, samples=300).weights, few.weights)


ENDLESS = [r"(\w+)+!", r"(a|aa)+$", r"(.*a){30}!"]


@pytest.mark.parametrize("pattern", ENDLESS)
def test_a_pattern_that_never_ends_is_ended(monkeypatch, pattern):
    text = 60 * "a" + " "
    for call in (
        lambda: word_spans([text], pattern, patience=0.5),
        lambda: _impatient(monkeypatch, methods.lime_text, counting, [text], 1, pattern=pattern),
        lambda: _impatient(monkeypatch, methods.occlude_words, counting, [text], 1, pattern=pattern),
        lambda: _impatient(monkeypatch, word_vectors, [text], rare=1, pattern=pattern),
    ):
        with pytest.raises(ValueError, match=r"has not found the words of 1 texts within 0\.\d+ s; a repetition"):
            call()


@pytest.mark.parametrize("pattern", [r"\w+!", r"(\w)+!", r"a+$", r"(?:.*a)!"])
def test_a_pattern_without_one_of_its_repetitions_ends(pattern):
    text = 60 * "a" + " "
    assert word_spans([text, text + "a!"], pattern)[0] == []


def _impatient(monkeypatch, function, *arguments, **options):
    monkeypatch.setattr(word_spans, "__kwdefaults__", {"patience": 0.5})
    return function(*arguments, **options)


@pytest.mark.parametrize("pattern", ["(", "*", "(?P<a>", "[", "a{99999999999}", "(?<=a*)b"])
def test_what_is_no_pattern(pattern):
    with pytest.raises(ValueError, match="pattern must be a regular expression, and"):
        methods.occlude_words(counting, "good", 1, pattern=pattern)


def test_patterns_of_ones_own_find_what_they_say():
    texts = ["Not bad!", "", "l’été\ud800 — naïve", "a\nb"]
    assert word_spans(texts, r"\w+") == word_spans(texts, r"(?:\w+)")
    assert word_spans(["aab"], "a*") == [[(0, 2)]]
    found = methods.occlude_words(counting, "very good, good", 1, pattern=r"very good|good")
    assert found.words == (("very good", "good"),)
    assert found.weights[0].tolist() == [1, 1]


def test_time_is_not_asked_for_by_texts_with_the_usual_pattern(monkeypatch):
    monkeypatch.setattr("subprocess.run", None)
    assert methods.occlude_words(counting, "good", 1).words == (("good",),)
