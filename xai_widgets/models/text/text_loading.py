"""`load_text_model`: small classifiers of texts."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.datasets.reviews import word_positions as words
from xai_widgets.datasets.reviews.grammar import grammar, sample_reviews
from xai_widgets.i18n import checked_language
from xai_widgets.models.text.text_model import TextModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

KINDS: Final = ("order", "words")
_NAMES: Final = ("reviews",)
_TRAINING: Final = 2000  # reviews on which the bag of words is trained


class BagOfWords(TextModel):
    """Logistic regression on the set of words of a text, without their order and number.

    Parameters
    ----------
    name : str
        The name of the model in displays.
    labels : sequence of str
        The names of the two classes.
    weights : mapping of str to float
        The contribution of each word to the log-odds of the second class; that of other words is 0.
    bias : float
        The log-odds of a text without known words.
    pattern : str
        A regular expression that matches one word.

    Examples
    --------
    >>> model = BagOfWords("tiny", ["bad", "good"], {"superb": 2.0, "dull": -1.5}, bias=0.5)
    >>> model.logits(["Superb, superb!", "dull"]).tolist()
    [[0.0, 2.5], [0.0, -1.0]]
    """

    def __init__(
        self, name: str, labels: Sequence[str], weights: Mapping[str, float], bias: float, pattern: str = r"\w+"
    ) -> None:
        super().__init__(name, labels, pattern)
        self._weights, self.bias = dict(weights), bias

    @property
    def weights(self) -> dict[str, float]:
        """The contribution of each word to the log-odds, which an exact explanation of this model recovers."""
        return dict(self._weights)

    def _scores(self, texts: list[list[str]]) -> NDArray[np.float32]:
        odds = [self.bias + sum(self._weights.get(word, 0.0) for word in set(text)) for text in texts]
        return np.stack([np.zeros(len(odds)), odds], axis=1).astype("float32")


def load_text_model(
    name: str = "reviews", *, language: str | None = None, kind: Literal["order", "words"] = "order"
) -> TextModel:
    """Load a classifier of texts.

    Parameters
    ----------
    name : {"reviews"}
        ``"reviews"``: whether a review of a film is negative or positive. The model is trained on generated sentences
        (`xai_widgets.datasets.reviews.grammar.sample_reviews`) and tested on others, written by hand
        (`held_out_reviews` in the same module). Case and punctuation are ignored.
    language : {"en", "fr"}, optional
        The language of the texts. By default it is the current language.
    kind : {"order", "words"}, default "order"
        ``"order"``: a shipped convolutional network over the sequence of words, which classifies most negated sentences
        correctly; see `TextNet` for gradients. ``"words"``: logistic regression on the set of words, trained at the
        first call in less than a second; its ``weights`` are the contributions of the words, and it cannot represent
        negations.

    Returns
    -------
    TextModel
        A classifier with ``predict(texts)``, ``predict_proba(texts)`` of shape (N, K), ``labels`` and
        ``tokens(text)``.

    Raises
    ------
    ValueError
        If there is no such model, kind or language.

    Examples
    --------
    >>> model = load_text_model("reviews", language="en", kind="words")
    >>> model.predict("A superb film!").top(1)[0][0].label
    'positive'
    >>> model.predict("This comedy is not funny.").top(1)[0][0].label
    'positive'
    >>> load_text_model("reviews", language="en").predict("This comedy is not funny.").top(1)[0][0].label
    'negative'
    """
    if match(name, _NAMES) is None:
        raise ValueError(f"there is no text model {name!r}; {suggestion(name, _NAMES)}")
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; choose one of: {', '.join(KINDS)}")
    code = checked_language(language)
    if kind == "words":
        return _bag_of_words(code)
    from xai_widgets.models.text.text_network import load_text_net

    return load_text_net(f"reviews_{code}", grammar(code)["word"])


@functools.cache
def _bag_of_words(language: str) -> BagOfWords:
    """Train the bag of words on a fixed set of reviews."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    rules = grammar(language)
    reviews = sample_reviews(language, _TRAINING, kinds=["plain"], seed=0)
    empty = BagOfWords("", rules["labels"], {}, 0, rules["word"])
    vectorizer = CountVectorizer(binary=True, analyzer=lambda text: [words.plain(word) for word in empty.tokens(text)])
    counts = vectorizer.fit_transform([review.text for review in reviews])
    fitted = LogisticRegression(max_iter=1000).fit(counts, [review.feeling for review in reviews])
    weights = dict(zip(vectorizer.get_feature_names_out().tolist(), fitted.coef_[0].tolist(), strict=True))
    name = f"reviews_{language}, set of words"
    return BagOfWords(name, rules["labels"], weights, float(fitted.intercept_[0]), rules["word"])
