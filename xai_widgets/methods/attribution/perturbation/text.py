"""Attribution for texts: words left out one by one, and LIME."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.common.renamed_options import renamed_options
from xai_widgets.datasets.reviews import word_positions as words
from xai_widgets.datasets.reviews.word_patterns import word_spans
from xai_widgets.methods.attribution.perturbation.lime_image import lime_base
from xai_widgets.methods.core.attribution_method import Paper, attribution_method
from xai_widgets.methods.core.predictors import as_predictor
from xai_widgets.methods.core.progress import forecast_by_trial, reporter
from xai_widgets.methods.core.room import require_room
from xai_widgets.results.recipe import Recipe
from xai_widgets.results.word_result import WordAttribution

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Annotated

    from numpy.typing import NDArray

    from xai_widgets.common.option_types import Output, Positive, PositiveInt, Progress, Seed, Within
    from xai_widgets.models.outputs.targets import Target

# Bytes that the lime package keeps for a text with words left out: the text itself beside its letters, and what is
# known of each word, several times.
_OF_A_TEXT, _OF_A_WORD = 60, 24


@attribution_method(
    family="perturbation",
    paper=Paper(
        "Li, Monroe, Jurafsky", 2016, "Understanding neural networks through representation erasure", arxiv="1612.08220"
    ),
    forward=1,
    per="positions",
    explains=("text",),
    network_only=False,
    order=70,
)
@renamed_options(texts="inputs")
def occlude_words(
    model: Any,
    inputs: str | Sequence[str],
    target: Target = None,
    *,
    pattern: str = r"\w+",
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> WordAttribution:
    r"""Occlusion of texts: how much a class score falls where one word is left out.

    Parameters
    ----------
    model : object or callable
        What `load_text_model` gives, a Keras model that takes strings (or its `Classifier`, with labels), an object
        with ``predict_proba``, or a function from a list of texts to scores (N, K), which may tokenize them first.
    inputs : str or sequence of str
        The texts.
    target : str, int, sequence of them, or None
        The explained class, one for all or one for each text; None takes the predicted class.
    pattern : str, default "\w+"
        A regular expression that finds the words: what it matches is one word. It may take 10 seconds.
    output : {"logit", "probability"}, default "logit"
        What is explained of a model that has logits; others give what they give.
    batch_size : int, optional
        How many texts go through the model at a time, 1 or more; 256 if left out.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting texts, and may raise an error to stop. None is
        silent.

    Returns
    -------
    WordAttribution
        ``.weights``: for each text an array (W,) for its W words, in units of the score: score of the text minus
        score without the word. ``.words`` are these words, ``.spans`` where they stand in the text, ``.score``
        (N,).

    Raises
    ------
    ValueError
        For no texts, an unknown class, another number of targets than of texts, an option whose value is not
        allowed, a pattern that is no regular expression or does not come to an end, or answers that are not
        one finite row for each text.
    TypeError
        If `model` does not answer for texts, the target is neither a name nor a number, or an option does not
        exist.

    References
    ----------
    Jiwei Li, Will Monroe, Dan Jurafsky (2016), Understanding neural networks through representation erasure,
    arXiv:1612.08220.

    Examples
    --------
    >>> def counting(texts):
    ...     good = np.array([[text.count("good")] for text in texts])
    ...     return np.hstack([-good, good])
    >>> occlude_words(counting, "a good film, very good", 1).top(2)
    [('good', 1.0), ('good', 1.0)]
    """
    given = _as_texts(inputs)
    predictor, report = as_predictor(model, given, output, batch_size), reporter(progress)
    classes, score = predictor.columns(given, target)
    spans, weights = [tuple(found) for found in word_spans(given, pattern)], []
    for place, text in enumerate(given):
        shorter = [words.without_spans(text, spans[place], [word]) for word in range(len(spans[place]))]
        found = predictor.scores(shorter)[:, classes[place]] if shorter else np.zeros(0)
        weights.append(score[place] - found)
        report(place + 1, len(given))
    names = tuple(predictor.labels[index] for index in classes)
    recipe = Recipe("occlude_words", predictor.name, names, {"output": predictor.output})
    return WordAttribution(tuple(given), tuple(spans), tuple(weights), score, recipe)


@attribution_method(
    family="perturbation",
    paper=Paper(
        "Ribeiro, Singh, Guestrin", 2016, "Why should I trust you?", doi="10.1145/2939672.2939778", arxiv="1602.04938"
    ),
    forward=1,
    per="samples",
    explains=("text",),
    network_only=False,
    quick={"samples": 200},
    order=80,
)
@renamed_options(texts="inputs")
def lime_text(
    model: Any,
    inputs: str | Sequence[str],
    target: Target = None,
    *,
    samples: Annotated[int, Within(least=2)] = 1000,
    features: PositiveInt | None = None,
    kernel_width: Positive = 25,
    pattern: str = r"\w+",
    seed: Seed = 0,
    output: Output = "logit",
    batch_size: PositiveInt | None = None,
    progress: Progress = None,
) -> WordAttribution:
    r"""LIME on texts, through the ``lime`` package: a linear model of the score on the text with words left out.

    Parameters
    ----------
    model : object or callable
        What `load_text_model` gives, a Keras model that takes strings (or its `Classifier`, with labels), an object
        with ``predict_proba``, or a function from a list of texts to scores (N, K), which may tokenize them first.
    inputs : str or sequence of str
        The texts.
    target : str, int, sequence of them, or None
        The explained class, one for all or one for each text; None takes the predicted class.
    samples : int, default 1000
        Texts with some words left out, for each text, itself included; 2 or more.
    features : int, optional
        How many words the linear model may use, 1 or more; all, if left out.
    kernel_width : float, default 25
        Neighbours at 100 times the cosine distance d weigh ``sqrt(exp(-d**2 / kernel_width**2))``, as in the
        package; above 0.
    pattern : str, default "\w+"
        A regular expression that finds the words: what it matches is one word. It may take 10 seconds.
    seed : int, default 0
        Seed of the neighbours, 0 or more. Every text gets draws of its own generator with this seed.
    output : {"logit", "probability"}, default "logit"
        What is explained of a model that has logits; others give what they give.
    batch_size : int, optional
        How many texts go through the model at a time, 1 or more; 256 if left out.
    progress : bool or callable, optional
        True shows a bar; a callable gets ``(done, total)``, counting texts, and may raise an error to stop. None is
        silent.

    Returns
    -------
    WordAttribution
        ``.weights``: for each text an array (W,) with the weight of each occurrence of a word, in units of the
        score; ``.fit`` (N,), how well the linear model fits (R squared, weighted).

    Raises
    ------
    ValueError
        For no texts, an unknown class, another number of targets than of texts, an option whose value is not
        allowed, a pattern that is no regular expression or does not come to an end, more samples than the memory
        holds, or answers that are not one finite row for each text.
    TypeError
        If `model` does not answer for texts, the target is neither a name nor a number, or an option does not
        exist.
    ImportError
        If the ``lime`` package is missing.

    Warns
    -----
    UserWarning
        If it will take more than ten minutes, as a trial with few samples tells.

    References
    ----------
    Marco Tulio Ribeiro, Sameer Singh, Carlos Guestrin (2016), "Why should I trust you?": explaining the predictions of
    any classifier, arXiv:1602.04938, doi:10.1145/2939672.2939778.

    Examples
    --------
    >>> def counting(texts):
    ...     good = np.array([[text.count("good")] for text in texts])
    ...     return np.hstack([-good, good])
    >>> [word for word, weight in lime_text(counting, "a good film, very good", 1, samples=100).top(2)]
    ['good', 'good']
    """
    lime_base()
    given = _as_texts(inputs)
    predictor, report = as_predictor(model, given, output, batch_size), reporter(progress)
    classes, score = predictor.columns(given, target)
    spans, weights, fits = [tuple(found) for found in word_spans(given, pattern)], [], []
    longest, most = max(map(len, given)), max(map(len, spans))
    require_room("lime_text", samples * (longest + _OF_A_TEXT + _OF_A_WORD * most), f"samples={samples}")
    for place, text in enumerate(given):

        def explain(count: int, text: str = text, found: Any = spans[place], label: int = int(classes[place])) -> Any:
            asked = {"num_features": features or len(found), "num_samples": count, "labels": (label,)}
            return _explainer(text, found, kernel_width, seed).explain_instance(text, predictor.scores, **asked)

        if place == 0 and spans[0]:
            forecast_by_trial(explain, samples, len(given))
        found, fit = _explained(functools.partial(explain, samples), spans[place])
        weights.append(found)
        fits.append(fit)
        report(place + 1, len(given))
    names = tuple(predictor.labels[index] for index in classes)
    options = {"samples": samples, "features": features, "kernel_width": kernel_width, "seed": seed}
    recipe = Recipe("lime_text", predictor.name, names, options | {"output": predictor.output})
    return WordAttribution(tuple(given), tuple(spans), tuple(weights), score, recipe, np.array(fits))


def _explained(explain: Callable[[], Any], spans: tuple[tuple[int, int], ...]) -> tuple[NDArray[np.float64], float]:
    """Return the weight of each word of one text, and the fit; a text without words needs neither."""
    found = np.zeros(len(spans))
    if not spans:
        return found, 1.0
    made = explain()
    where, strings = {start: word for word, (start, _) in enumerate(spans)}, made.domain_mapper.indexed_string
    ((_, pairs),) = made.local_exp.items()
    for feature, weight in pairs:
        found[where[int(strings.string_position(feature)[0])]] = weight
    return found, float(made.score)


def _explainer(text: str, spans: tuple[tuple[int, int], ...], kernel_width: float, seed: int) -> Any:
    """Make lime's explainer of a text, told its words, to take each occurrence by itself, and to leave no mark."""
    from lime.lime_text import LimeTextExplainer

    return LimeTextExplainer(
        kernel_width=kernel_width,
        feature_selection="auto",
        split_expression=lambda _text: [text[start:end] for start, end in spans],
        bow=False,
        mask_string="",
        random_state=seed,
    )


def _as_texts(texts: str | Sequence[str]) -> list[str]:
    """Return a list of texts; refuse what is none."""
    given = [texts] if isinstance(texts, str) else list(texts)
    if not given or not all(isinstance(text, str) for text in given):
        msg = f"give a text, or a sequence of texts, not {texts!r}"
        raise ValueError(msg)
    return given
