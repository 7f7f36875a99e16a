"""Train, measure and save the network that reads reviews in one language; one script a language calls this."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # a CPU repeats to the bit, a GPU does not
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from data.cards import ASSETS, write_card
from data.saving import save_repeatably
from xai_widgets.datasets.reviews.grammar import KINDS, grammar, held_out_reviews, sample_reviews
from xai_widgets.datasets.reviews.word_positions import plain, spans
from xai_widgets.models.text.text_loading import load_text_model
from xai_widgets.models.text.text_network import UNKNOWN, TextNet

if TYPE_CHECKING:
    from xai_widgets.datasets.reviews.grammar import Review
    from xai_widgets.models.text.text_loading import TextModel

SEED, REVIEWS, EPOCHS, BATCH = 0, 8000, 12, 64
LENGTH, VECTOR, FILTERS, WINDOW = 64, 16, 32, 5
HIDDEN_WORDS = 0.05  # share of the words that training replaces by "unknown": readers use words of their own
UNSEEN = 1  # seed of the reviews that training is checked on


def build(name: str, words: int) -> keras.Model:
    """Return the untrained net: an embedding, two convolutions with ReLU, an average, one dense layer."""
    layers = keras.layers
    options = {"kernel_size": WINDOW, "padding": "same", "activation": "relu"}
    return keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32", name="words"),
            layers.Embedding(words, VECTOR, name="embedding"),
            layers.Conv1D(FILTERS, name="conv1", **options),
            layers.Conv1D(FILTERS, name="conv2", **options),
            layers.GlobalAveragePooling1D(name="gap"),
            layers.Dense(2, activation="softmax", name="scores"),
        ],
        name=name,
    )


def train(net: TextNet, reviews: list[Review], epochs: int) -> None:
    """Train the net's model in place."""
    numbers, feelings = net.numbers([one.text for one in reviews]), np.array([one.feeling for one in reviews])
    rng = np.random.default_rng(SEED)
    schedule = keras.optimizers.schedules.CosineDecay(3e-3, epochs * (-(-len(reviews) // BATCH)))
    net.model.compile(keras.optimizers.AdamW(schedule, weight_decay=1e-2), "sparse_categorical_crossentropy")
    for epoch in range(epochs):
        hidden = (numbers > UNKNOWN) & (rng.random(numbers.shape) < HIDDEN_WORDS)
        shown, order = np.where(hidden, UNKNOWN, numbers), rng.permutation(len(reviews))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        losses = [float(net.model.train_on_batch(shown[rows], feelings[rows])) for rows in batches]
        print(f"epoch {epoch + 1:3d}  loss {np.mean(losses):.4f}")


def right(model: TextModel, reviews: list[Review]) -> np.ndarray:
    """Tell of each review whether its feeling is found, shape (N,)."""
    return model.predict([one.text for one in reviews]).classes == [one.feeling for one in reviews]


def by_kind(model: TextModel, reviews: list[Review]) -> list[float]:
    """Return the share of right answers for each kind of review."""
    found, kinds = right(model, reviews), np.array([one.kind for one in reviews])
    return [float(found[kinds == kind].mean()) for kind in KINDS]


def fresh(name: str, vocabulary: list[str], language: str) -> TextNet:
    """Return a net with new weights."""
    rules = grammar(language)
    return TextNet(build(name, len(vocabulary) + 2), vocabulary, name, rules["labels"], rules["word"])


def main(language: str, description: str | None) -> None:
    """Train, save, measure, and write the card."""
    name = f"reviews_{language}"
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--output", type=Path, default=ASSETS / name, help="folder of model, words and card")
    options = parser.parse_args()
    began, folder = time.perf_counter(), options.output
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(SEED)
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    reviews, pattern = sample_reviews(language, REVIEWS, seed=SEED), grammar(language)["word"]
    said = {plain(one.text[start:end]) for one in reviews for start, end in spans(one.text, pattern)}
    vocabulary = sorted(said)
    trained = fresh(name, vocabulary, language)
    train(trained, reviews, options.epochs)
    net = fresh(name, vocabulary, language)  # without the optimiser's state, which triples the file
    net.model.set_weights(trained.model.get_weights())
    net = TextNet(net.model, vocabulary, name, net.labels, pattern)
    listing = json.dumps(vocabulary, ensure_ascii=False, indent=0).encode()
    (folder / "words.json").write_bytes(listing)
    test, unseen = held_out_reviews(language), sample_reviews(language, 1000, seed=UNSEEN)
    feelings = np.array([one.feeling for one in test])
    bag = load_text_model("reviews", language=language, kind="words")
    figures = {
        "sha256": save_repeatably(net.model, folder / f"{name}.keras"),
        "vocabulary_sha256": hashlib.sha256(listing).hexdigest(),
        "accuracy": float(right(net, test).mean()),
        "accuracy_per_class": [float(right(net, test)[feelings == k].mean()) for k in range(2)],
        "accuracy_per_kind": by_kind(net, test),
        "words_per_kind": by_kind(bag, test),
        "grammar_per_kind": by_kind(net, unseen),
        "grammar_words_per_kind": by_kind(bag, unseen),
    }
    if (folder / "card.toml").exists():
        write_card(folder, figures)
    for key, value in figures.items():
        print(f"{key}: {value}")
    print(f"{len(vocabulary)} words, {net.model.count_params():,} parameters, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    raise SystemExit("run python -m data.reviews_en.train or python -m data.reviews_fr.train")
