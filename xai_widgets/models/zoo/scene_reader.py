"""`SceneReader`: the creatures model with two heads, one for the animals and one for captions and answers.

Each output is computed by a plain chain of layers once the question is fixed. `word` and `question` return these chains
as classifiers, so that every method and every lab applies to a word of a caption or to an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from xai_widgets.assets.cards import shipped_cards
from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.datasets.creatures.classes import LABELS
from xai_widgets.datasets.creatures.language import ANSWERS, NOTHING, QUESTIONS, RELATIONS, Caption
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.zoo.shipped import read_shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

NAME: Final = "creatures_heads"
WORDS: Final[dict[str, tuple[str, ...]]] = {"subject": LABELS, "relation": RELATIONS, "other": (*LABELS, NOTHING)}


def load_scene_reader() -> SceneReader:
    """Load the shipped model that names the animals of a picture, writes a caption and answers questions.

    Returns
    -------
    SceneReader
        The model; ``classes``, ``word(slot)`` and ``question(text)`` are its outputs as classifiers of pictures.

    Raises
    ------
    ModelError
        If its file is damaged. It is a ValueError.

    Examples
    --------
    >>> from xai_widgets.datasets.creatures import draw, sample_scene
    >>> reader = load_scene_reader()
    >>> picture = draw(sample_scene(3, ["cat", "dog"], animals=2)).picture
    >>> len(reader.caption(picture)[0])
    3
    """
    card = shipped_cards()[NAME]
    return SceneReader(read_shipped(card), card.preprocess)


class SceneReader:
    """A network with two heads: one for the animals, one for the words of a caption and the answers to questions.

    Parameters
    ----------
    model : keras.Model
        Maps ``{"image", "question"}`` to ``{"classes", "subject", "relation", "other", "answer"}``.
    preprocess : callable
        Maps pixel values 0..255 to the input space of the model.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> from xai_widgets.datasets.creatures import draw, sample_scene
    >>> reader = load_scene_reader()
    >>> picture = draw(sample_scene(3, ["cat", "dog"], animals=2)).picture
    >>> xai.explain(reader.word("subject"), picture, "saliency").values.shape
    (1, 96, 96, 3)
    """

    def __init__(self, model: keras.Model, preprocess: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> None:
        self.model, self._preprocess = model, preprocess
        self._kept: dict[str, Classifier] = {}

    @property
    def classes(self) -> Classifier:
        """The head for the animals, with one output for each of `LABELS`."""
        return self._classifier("classes", LABELS, [*self._shared_layers(), *self._named("gap", "classes")])

    def word(self, slot: str) -> Classifier:
        """Return the chain of layers for one word of the caption, as a classifier over the possible words.

        Parameters
        ----------
        slot : {"subject", "relation", "other"}
            The position of the word in the caption.

        Returns
        -------
        Classifier
            From pictures to the words of ``WORDS[slot]``.

        Raises
        ------
        ValueError
            If the caption has no such word.
        """
        if slot not in WORDS:
            raise ValueError(f"unknown word {slot!r} of the caption; choose one of {', '.join(WORDS)}")
        told = self._named("caption_conv", "caption_pool", "caption_flat", "caption_summary", slot)
        return self._classifier(slot, WORDS[slot], [*self._shared_layers(), *told])

    def question(self, text: str) -> Classifier:
        """Return the chain of layers for one question, as a classifier over the answers.

        Parameters
        ----------
        text : str
            One of `QUESTIONS`; case and punctuation are ignored.

        Returns
        -------
        Classifier
            From pictures to `ANSWERS`.

        Raises
        ------
        ValueError
            If the question is unknown; the message gives similar ones.
        """
        found = match(text, QUESTIONS)
        if found is None:
            raise ValueError(f"unknown question {text!r}; {suggestion(text, QUESTIONS)}")
        asked = np.eye(len(QUESTIONS), dtype=np.float32)[[QUESTIONS.index(found)]]
        return self._classifier(found, ANSWERS, [*self._shared_layers(), *self._answer_layers(asked)])

    def caption(self, pictures: Any) -> list[Caption]:
        """Return a caption of three words for each picture: subject, relation, other."""
        predicted = [self.word(slot).predict(pictures, top=1) for slot in WORDS]
        return [Caption(*words) for words in zip(*(_first(one) for one in predicted), strict=True)]

    def answer(self, pictures: Any, question: str) -> list[str]:
        """Return the answer to a question for each picture."""
        return _first(self.question(question).predict(pictures, top=1))

    def __repr__(self) -> str:
        """Name and input."""
        return f"SceneReader({self.model.name!r}, input {'x'.join(map(str, self.model.input['image'].shape[1:]))})"

    def _classifier(self, name: str, labels: Iterable[str], chain: list[Any]) -> Classifier:
        if name not in self._kept:
            shape = self.model.input["image"].shape[1:]
            net = keras.Sequential([keras.Input(shape, name="image"), *chain], name=f"{self.model.name}_chain")
            self._kept[name] = Classifier(net, tuple(labels), self._preprocess, name=f"{self.model.name}: {name}")
        return self._kept[name]

    def _named(self, *names: str) -> list[Any]:
        return [self.model.get_layer(name) for name in names]

    def _shared_layers(self) -> list[Any]:
        """Return the layers that both heads share: convolutions and pooling."""
        return [layer for layer in self.model.layers if layer.name.startswith(("conv", "pool"))]

    def _answer_layers(self, asked: NDArray[np.float32]) -> list[Any]:
        """Return the layers for one question; terms that depend on the question alone are constants in them."""
        looked_for = keras.ops.convert_to_numpy(self.model.get_layer("asked")(asked))[0]
        thought = self.model.get_layer("answer_thought")
        kernel, bias = thought.get_weights()
        seen = kernel.shape[0] - asked.shape[1]
        folded = keras.layers.Dense(thought.units, activation="relu", name="answer_thought")
        folded.build((None, seen))
        folded.set_weights([kernel[:seen], bias + asked[0] @ kernel[seen:]])
        return [
            keras.layers.Rescaling(looked_for.tolist(), name="looked_for"),
            *self._named("answer_conv", "answer_pool", "answer_flat", "answer_summary"),
            folded,
            self.model.get_layer("answer"),
        ]


def _first(predictions: Any) -> list[str]:
    return [scores[0].label for scores in predictions.top(1)]
