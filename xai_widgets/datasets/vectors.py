"""`load_vectors`: small sets of vectors that need no network, for embeddings in the plane."""

from __future__ import annotations

import functools
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from xai_widgets.assets.cards import shipped_cards
from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.datasets.reviews import word_positions as words
from xai_widgets.datasets.reviews.grammar import grammar, sample_reviews
from xai_widgets.datasets.reviews.word_patterns import word_spans
from xai_widgets.i18n import checked_language, message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

THUMBNAIL: Final = 32  # pixels at most: thousands of them go to the browser
_REVIEWS: Final = 4000  # whose words are counted
_REACH: Final = 4  # words on either side that are counted as context
_RARE: Final = 12  # occurrences below which the context of a word is not estimated
_WIDTH: Final = 50  # components of a word vector
_ONE_SIDED: Final = 0.9  # share of its reviews from which a word is assigned to a feeling


@dataclass(frozen=True, eq=False)
class VectorSet:
    """N vectors with their names, groups and thumbnails.

    Attributes
    ----------
    name : str
        The name of the set.
    vectors : ndarray of float32, shape (N, D)
        The vectors, one a row.
    names : tuple of str
        The N names of the vectors; untrusted text.
    groups : ndarray of int64, shape (N,)
        The group of each vector, an index into `group_names`.
    group_names : tuple of str
        The names of the groups.
    pictures : ndarray of uint8, shape (N, S, S, 3), or None
        Thumbnails, RGB.
    marked : ndarray of bool, shape (N,), or None
        Whether a vector is to be marked in a plot, such as those that a classifier classifies wrongly.
    """

    name: str
    vectors: NDArray[np.float32]
    names: tuple[str, ...]
    groups: NDArray[np.int64]
    group_names: tuple[str, ...]
    pictures: NDArray[np.uint8] | None = None
    marked: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """Raise an error if the parts have different lengths."""
        parts = {"names": self.names, "groups": self.groups, "pictures": self.pictures, "marked": self.marked}
        for part, value in parts.items():
            if value is not None and len(value) != len(self.vectors):
                raise ValueError(f"{len(self.vectors)} vectors need as many {part}, got {len(value)}")

    def __len__(self) -> int:
        """Count the vectors."""
        return len(self.vectors)

    def take(self, places: Any) -> VectorSet:
        """Return a subset of the vectors, chosen by indices or a boolean mask."""
        chosen = np.arange(len(self))[np.asarray(places)]
        pictures = None if self.pictures is None else self.pictures[chosen]
        marked = None if self.marked is None else self.marked[chosen]
        names = tuple(self.names[place] for place in chosen)
        return VectorSet(
            self.name, self.vectors[chosen], names, self.groups[chosen], self.group_names, pictures, marked
        )

    def to_projector(self, folder: Path | str) -> list[Path]:
        """Write the vectors, names, groups and thumbnails as files of the Embedding Projector; return their paths."""
        from xai_widgets.datasets.embedding_projector import write_projector

        groups = [self.group_names[group] for group in self.groups]
        columns = {"name": self.names, "group": groups}
        if self.marked is not None:
            columns["marked"] = [str(bool(one)) for one in self.marked]
        return write_projector(folder, self.vectors, columns, self.pictures, name=self.name)

    def __repr__(self) -> str:
        """Return the name, the shape and the number of groups."""
        return f"VectorSet({self.name!r}, {'x'.join(map(str, self.vectors.shape))}, {len(self.group_names)} groups)"


def load_vectors(name: str, *, language: str | None = None) -> VectorSet:
    """Return one of the sets of vectors that are contained in the package and its libraries.

    Parameters
    ----------
    name : {"digits", "faces", "words", "photos"}
        ``"digits"``: 1,797 handwritten digits of scikit-learn, D = 64 grey values, 0..1.
        ``"faces"``: 100 faces and 100 picture patches without a face, of scikit-image, D = 625 grey values, 0..1.
        ``"words"``: the words of generated film reviews, D = 50, made by `word_vectors` from the words near them. The
        group of a word is the feeling of the reviews in which it occurs; the vectors are computed without it.
        ``"photos"``: 1,100 test photographs of the photos model, D = 384 activations of the layer before its output;
        wrongly classified ones are marked. The photographs themselves are not in the package.
        Case and punctuation are ignored.
    language : {"en", "fr"}, optional
        The language of the names and of the words. By default it is the current language.

    Returns
    -------
    VectorSet
        The fields `vectors` of shape (N, D), `names`, `groups` of shape (N,), `group_names`, and where there are any
        `pictures` of shape (N, S, S, 3) and `marked` of shape (N,).

    Raises
    ------
    ValueError
        If there is no set of this name (the message gives similar names), or no such language.

    References
    ----------
    E. Alpaydin, C. Kaynak (1998), Optical recognition of handwritten digits, DOI 10.24432/C50P49.

    Gary B. Huang, Manu Ramesh, Tamara Berg, Erik Learned-Miller (2007), Labeled faces in the wild, technical report
    07-49, University of Massachusetts, Amherst.

    Omer Levy, Yoav Goldberg (2014), Neural word embedding as implicit matrix factorization, NeurIPS 27.

    Examples
    --------
    >>> load_vectors("digits", language="en")
    VectorSet('digits', 1797x64, 10 groups)
    >>> load_vectors("faces", language="en").group_names
    ('face', 'no face')
    """
    found = match(name, _SETS)
    if found is None:
        raise ValueError(f"there is no set of vectors {name!r}; {suggestion(name, _SETS)}")
    return _SETS[found](checked_language(language))


def thumbnails(pictures: NDArray[Any]) -> NDArray[np.uint8]:
    """Return square thumbnails, at most 32 pixels wide; larger pictures are reduced by averaging.

    Parameters
    ----------
    pictures : ndarray, shape (N, H, W) or (N, H, W, C)
        Floats 0..1, or uint8; C is 1 or 3.

    Returns
    -------
    ndarray of uint8, shape (N, S, S, 3)
        RGB, 0..255.

    Examples
    --------
    >>> thumbnails(np.ones((2, 8, 8, 1))).shape, thumbnails(np.zeros((1, 96, 96, 3), "uint8")).dtype
    ((2, 8, 8, 3), dtype('uint8'))
    """
    from PIL import Image

    whole = pictures if pictures.dtype == np.uint8 else np.round(255 * np.clip(pictures, 0, 1)).astype(np.uint8)
    colour = whole[..., np.newaxis] if whole.ndim == 3 else whole
    colour = np.broadcast_to(colour[..., :3], (*colour.shape[:3], 3)) if colour.shape[-1] == 1 else colour[..., :3]
    side, how = min(THUMBNAIL, max(colour.shape[1:3])), Image.Resampling.BOX
    if colour.shape[1:3] == (side, side):
        return np.array(colour)
    return np.stack(
        [np.asarray(Image.fromarray(np.ascontiguousarray(one)).resize((side, side), how)) for one in colour]
    )


def word_vectors(
    texts: Sequence[str], *, reach: int = _REACH, rare: int = _RARE, width: int = _WIDTH, pattern: str = r"\w+"
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Compute word vectors: positive pointwise mutual information of nearby words, and a truncated SVD.

    Parameters
    ----------
    texts : sequence of str
        The texts in which words are counted.
    reach : int, default 4
        Number of words on either side that are counted as context.
    rare : int, default 12
        Words with fewer occurrences are left out.
    width : int, default 50
        Number of components of a vector; at most the number of words.
    pattern : str
        A regular expression that matches one word.

    Returns
    -------
    vocabulary : tuple of str
        The V words, in alphabetical order.
    vectors : ndarray of float32, shape (V, width)
        Vectors of length 1, so that distances compare directions.

    Raises
    ------
    ValueError
        If fewer than two words are frequent enough.

    References
    ----------
    Omer Levy, Yoav Goldberg (2014), Neural word embedding as implicit matrix factorization, NeurIPS 27.

    Examples
    --------
    >>> names, vectors = word_vectors(["tea with milk", "coffee with milk"] * 5, rare=5, width=2)
    >>> names
    ('coffee', 'milk', 'tea', 'with')
    >>> round(float(vectors[0] @ vectors[2]), 3)
    1.0
    """
    texts = list(texts)
    found = word_spans(texts, pattern)
    read = [[words.plain(text[a:b]) for a, b in spans] for text, spans in zip(texts, found, strict=True)]
    seen: dict[str, int] = {}
    for one in read:
        for word in one:
            seen[word] = seen.get(word, 0) + 1
    vocabulary = tuple(sorted(word for word, times in seen.items() if times >= rare))
    if len(vocabulary) < 2:
        raise ValueError(f"only {len(vocabulary)} words occur {rare} times or more; give more text, or lower rare")
    information = _positive_information(_context_counts(read, vocabulary, reach))
    left, strength, _ = np.linalg.svd(information)
    kept = min(width, len(vocabulary))
    vectors = left[:, :kept] * np.sqrt(strength[:kept])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vocabulary, (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def _context_counts(read: Sequence[Sequence[str]], vocabulary: Sequence[str], reach: int) -> NDArray[np.float64]:
    """Return how often each pair of words occurs within `reach` words, (V, V)."""
    place = {word: number for number, word in enumerate(vocabulary)}
    counts = np.zeros((len(vocabulary), len(vocabulary)))
    for one in read:
        numbers = [place.get(word) for word in one]
        for at, first in enumerate(numbers):
            for second in numbers[at + 1 : at + 1 + reach]:
                if first is not None and second is not None:
                    counts[first, second] += 1
                    counts[second, first] += 1
    return counts


def _positive_information(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return max(0, log(p(a, b) / (p(a) p(b)))) from the counts of pairs, (V, V)."""
    total = counts.sum()
    chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(total, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.log(counts / chance)
    positive: NDArray[np.float64] = np.maximum(np.nan_to_num(information, nan=0.0, neginf=0.0), 0)
    return positive


def _digits(language: str) -> VectorSet:
    from sklearn.datasets import load_digits

    found = load_digits()
    names = tuple(
        message("embedding.digit", language, number=place, digit=digit) for place, digit in enumerate(found.target)
    )
    pictures = thumbnails(found.images / 16)
    groups = tuple(map(str, range(10)))
    return VectorSet(
        "digits", (found.data / 16).astype(np.float32), names, found.target.astype(np.int64), groups, pictures
    )


def _faces(language: str) -> VectorSet:
    from skimage.data import lfw_subset

    pictures = lfw_subset()  # type: ignore[no-untyped-call]
    groups = np.repeat([0, 1], 100)
    kinds = tuple(message(f"embedding.{key}", language) for key in ("face", "no_face"))
    names = tuple(f"{kinds[group]} {place}" for place, group in enumerate(groups))
    vectors = pictures.reshape(len(pictures), -1).astype(np.float32)
    return VectorSet("faces", vectors, names, groups, kinds, thumbnails(pictures))


@functools.cache
def _words(language: str) -> VectorSet:
    reviews = sample_reviews(language, _REVIEWS, kinds=("plain",))
    pattern = grammar(language)["word"]
    vocabulary, vectors = word_vectors([review.text for review in reviews], pattern=pattern)
    praise, all_of = dict.fromkeys(vocabulary, 0), dict.fromkeys(vocabulary, 0)
    for review in reviews:
        for word in {words.plain(found) for found in re.findall(pattern, review.text)} & praise.keys():
            all_of[word] += 1
            praise[word] += review.feeling
    share = np.array([praise[word] / all_of[word] for word in vocabulary])
    groups = np.where(share >= _ONE_SIDED, 0, np.where(share <= 1 - _ONE_SIDED, 1, 2))
    kinds = tuple(message(f"embedding.{key}", language) for key in ("praise", "blame", "both"))
    return VectorSet("words", vectors, vocabulary, groups.astype(np.int64), kinds)


def _photos(language: str) -> VectorSet:
    card = shipped_cards()["photos"]
    if card.features is None:
        raise ValueError("the vectors of the shipped photos model are missing; install the package again")
    with np.load(io.BytesIO(card.content(*card.features)), allow_pickle=False) as kept:
        vectors, true, said = kept["vectors"].astype(np.float32), kept["classes"].astype(np.int64), kept["called"]
    keys = ("photo", "photo_misread")
    names = tuple(
        message(f"embedding.{keys[int(t != s)]}", language, number=place, label=card.labels[t], called=card.labels[s])
        for place, (t, s) in enumerate(zip(true, said, strict=True))
    )
    return VectorSet("photos", vectors, names, true, card.labels, None, said != true)


_SETS: dict[str, Callable[[str], VectorSet]] = {
    "digits": _digits,
    "faces": _faces,
    "words": _words,
    "photos": _photos,
}
