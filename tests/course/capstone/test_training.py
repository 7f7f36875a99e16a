"""The exercise on adversarial training: each usual way to go wrong is told from the others."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from xai_widgets import Classifier, load_model
from xai_widgets.course import exercise
from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.methods import fgsm

X, Y = digits_split("train")


@pytest.fixture(scope="module")
def shipped():
    return load_model("digits")


def copy_of(classifier):
    network = keras.models.clone_model(classifier.model)
    network.set_weights(classifier.model.get_weights())
    network.compile("adam", "sparse_categorical_crossentropy")
    return Classifier(network, classifier.labels, lambda pixels: pixels / 255, value_range=(0, 1))


def train(classifier, make, epochs):
    """Train on what `make` returns for each batch."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(order), 64):
            chosen = order[start : start + 64]
            classifier.model.train_on_batch(*make(classifier, chosen))
    return classifier


def mixed(attacked, chosen):
    """Put clean and attacked pictures of a batch together."""
    adversarial = fgsm(attacked, X[chosen], Y[chosen].tolist(), epsilon=0.15).adversarial
    return np.concatenate([X[chosen], adversarial]), np.concatenate([Y[chosen], Y[chosen]])


def verdict_on(answer):
    return exercise("03.adversarial_training").check(answer, seed=0)


@pytest.mark.slow
def test_adversarial_training_passes_and_its_gain_is_told(shipped):
    verdict = verdict_on(train(copy_of(shipped), mixed, 5))
    assert verdict.passed, str(verdict)
    assert str(verdict).count("%") == 3
    assert not any(character.isdigit() for character in repr(verdict).replace("03.", ""))


@pytest.mark.slow
def test_pictures_made_once_against_the_old_network_are_recognised(shipped):
    verdict = verdict_on(train(copy_of(shipped), lambda _, chosen: mixed(shipped, chosen), 6))
    assert verdict.reason == "old_pictures", str(verdict)


def test_training_on_clean_pictures_gains_too_little(shipped):
    verdict = verdict_on(train(copy_of(shipped), lambda _, chosen: (X[chosen], Y[chosen]), 2))
    assert verdict.reason == "not_robust", str(verdict)


def test_wrong_labels_cost_the_clean_accuracy(shipped):
    verdict = verdict_on(train(copy_of(shipped), lambda _, chosen: (X[chosen], (Y[chosen] + 1) % 10), 2))
    assert verdict.reason == "clean_accuracy_lost", str(verdict)


def test_a_network_that_has_not_learnt_is_recognised(shipped):
    assert verdict_on(shipped).reason == "same_model"
    assert verdict_on(copy_of(shipped).model).reason == "same_model"


def test_what_is_no_digits_network_is_refused(shipped):
    other = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    assert [verdict_on(answer).reason for answer in ("trained", other, np.zeros(3))] == ["not_a_model"] * 3
