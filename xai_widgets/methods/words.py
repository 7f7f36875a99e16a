"""Attribution for texts: words left out one by one, and LIME."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.methods.lime_image import lime_base
from xai_widgets.methods.predictors import as_predictor
from xai_widgets.methods.progress import reporter
from xai_widgets.models import words
from xai_widgets.results.recipe import Recipe
from xai_widgets.results.words import WordAttribution

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from xai_widgets.models.targets import Target

    Progress = Callable[[int, int], object] | bool | None


def occlude_words(
    model: Any,
    texts: str | Sequence[str],
    target: Target = None,
    *,
    pattern: str = r"\w+",
    output: str = "logit",
    progress: Progress = None,
) -> WordAttribution:
    r"""Occlusion of texts: how much a class score falls where one word is left out.

    Parameters
    ----------
    model : object or callable
        What `load_text_model` gives, an object with ``predict_proba``, or a function from a list of texts to scores
        (N, K).
    texts : str or sequence of str
    target : str, int, sequence of them, or None
        The explained class, one for all or one for each text; None takes the predicted class.
    pattern : str
        A regular expression of one word.
    output : {"logit", "probability"}
        What is explained of a model that has logits; others give what they give.
    progress : bool or callable, optional
        True for a bar; a callable gets ``(done, total)``, counting texts, and may raise to stop.

    Returns
    -------
    WordAttribution
        ``.weights``: score of the text minus score without the word.

    Raises
    ------
    ValueError
        For no texts, an unknown class, or answers that are not one row each.

    References
    ----------
    Jiwei Li, Will Monroe, Dan Jurafsky (2016), Understanding neural networks through representation erasure.

    Examples
    --------
    >>> def counting(texts):
    ...     good = np.array([[text.count("good")] for text in texts])
    ...     return np.hstack([-good, good])
    >>> occlude_words(counting, "a good film, very good", 1).top(2)
    [('good', 1.0), ('good', 1.0)]
    """
    given = _as_texts(texts)
    predictor, report = as_predictor(model, given, output), reporter(progress)
    classes, score = predictor.columns(given, target)
    spans, weights = [], []
    for place, text in enumerate(given):
        spans.append(tuple(words.spans(text, pattern)))
        shorter = [words.without(text, [word], pattern) for word in range(len(spans[-1]))]
        found = predictor.scores(shorter)[:, classes[place]] if shorter else np.zeros(0)
        weights.append(score[place] - found)
        report(place + 1, len(given))
    names = tuple(predictor.labels[index] for index in classes)
    recipe = Recipe("occlude_words", predictor.name, names, {"output": predictor.output})
    return WordAttribution(tuple(given), tuple(spans), tuple(weights), score, recipe)


def lime_text(
    model: Any,
    texts: str | Sequence[str],
    target: Target = None,
    *,
    samples: int = 1000,
    features: int | None = None,
    kernel_width: float = 25,
    pattern: str = r"\w+",
    seed: int = 0,
    output: str = "logit",
    progress: Progress = None,
) -> WordAttribution:
    r"""LIME on texts, through the ``lime`` package: a linear model of the score on the text with words left out.

    Parameters
    ----------
    model, texts, target, pattern, output, progress
        As for `occlude_words`.
    samples : int
        Texts with some words left out, for each text.
    features : int, optional
        How many words the linear model may use; all, if left out.
    kernel_width : float
        Of the package: neighbours at 100 times the cosine distance d weigh ``sqrt(exp(-d**2 / kernel_width**2))``.
    seed : int
        Every text gets draws of its own generator with this seed.

    Returns
    -------
    WordAttribution
        Each occurrence of a word has a weight; ``.fit`` (N,) tells how well the linear model fits.

    Raises
    ------
    ValueError
        As `occlude_words` does, and for fewer than two samples.
    ImportError
        If the ``lime`` package is missing.

    References
    ----------
    Marco Tulio Ribeiro, Sameer Singh, Carlos Guestrin (2016), "Why should I trust you?": explaining the predictions of
    any classifier.

    Examples
    --------
    >>> def counting(texts):
    ...     good = np.array([[text.count("good")] for text in texts])
    ...     return np.hstack([-good, good])
    >>> [word for word, weight in lime_text(counting, "a good film, very good", 1, samples=100).top(2)]
    ['good', 'good']
    """
    lime_base()
    if samples < 2:
        msg = f"samples must be at least 2, not {samples}"
        raise ValueError(msg)
    given = _as_texts(texts)
    predictor, report = as_predictor(model, given, output), reporter(progress)
    classes, score = predictor.columns(given, target)
    spans, weights, fits = [], [], []
    for place, text in enumerate(given):
        spans.append(tuple(words.spans(text, pattern)))
        explain = functools.partial(
            _explainer(pattern, kernel_width, seed).explain_instance,
            classifier_fn=predictor.scores,
            labels=(int(classes[place]),),
            num_features=len(spans[-1]) if features is None else features,
            num_samples=samples,
        )
        found, fit = _explained(explain, text, spans[-1])
        weights.append(found)
        fits.append(fit)
        report(place + 1, len(given))
    names = tuple(predictor.labels[index] for index in classes)
    options = {"samples": samples, "features": features, "kernel_width": kernel_width, "seed": seed}
    recipe = Recipe("lime_text", predictor.name, names, options | {"output": predictor.output})
    return WordAttribution(tuple(given), tuple(spans), tuple(weights), score, recipe, np.array(fits))


def _explained(
    explain: Callable[[str], Any], text: str, spans: tuple[tuple[int, int], ...]
) -> tuple[NDArray[np.float64], float]:
    """Return the weight of each word of one text, and the fit; a text without words needs neither."""
    found = np.zeros(len(spans))
    if not spans:
        return found, 1.0
    made = explain(text)
    where, strings = {start: word for word, (start, _) in enumerate(spans)}, made.domain_mapper.indexed_string
    ((_, pairs),) = made.local_exp.items()
    for feature, weight in pairs:
        found[where[int(strings.string_position(feature)[0])]] = weight
    return found, float(made.score)


def _explainer(pattern: str, kernel_width: float, seed: int) -> Any:
    """Make lime's explainer of texts, told to take each occurrence of a word by itself and to leave no mark."""
    from lime.lime_text import LimeTextExplainer

    return LimeTextExplainer(
        kernel_width=kernel_width,
        feature_selection="auto",
        split_expression=lambda text: [found.group() for found in re.finditer(pattern, text)],
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
