"""Record what shap and lime answer over superpixels: python shap_lime.py (with shap and lime)."""

from importlib.metadata import version
from pathlib import Path

import numpy as np
import shap
from lime.lime_image import LimeImageExplainer
from two_convolutions import SIZE, pictures, weights

TARGET, BASE = 1, -0.5
values, x = weights(), pictures()


def convolved(t, kernel, bias):
    padded = np.pad(t, ((0, 0), (1, 1), (1, 1), (0, 0)))
    patches = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))  # (N, H, W, C, 3, 3)
    return np.maximum(np.einsum("nhwcij,ijck->nhwk", patches, kernel.astype("float64")) + bias, 0)


def logits(batch):
    t = convolved(np.asarray(batch, "float64"), *values[:2])
    t = t.reshape(len(t), SIZE // 2, 2, SIZE // 2, 2, -1).max(axis=(2, 4))
    return convolved(t, *values[2:4]).reshape(len(t), -1) @ values[4] + values[5]


def probabilities(batch):
    powers = np.exp(logits(batch))
    return powers / powers.sum(axis=1, keepdims=True)


def blocks(side):
    """Number square superpixels, `side` of them along each side."""
    places = np.arange(SIZE) * side // SIZE
    return places[:, np.newaxis] * side + places


def game(picture, segments):
    def worth(bits):
        shown = np.asarray(bits, bool)[:, segments][..., np.newaxis]
        return logits(np.where(shown, picture, BASE))[:, TARGET]

    return worth


answers = {}
nine, sixteen = blocks(3), blocks(4)
for place, picture in enumerate(x):
    players = [np.zeros((1, 9)), np.ones((1, 9))]
    answers[f"shap kernel {place}"] = shap.KernelExplainer(game(picture, nine), players[0]).shap_values(
        players[1], nsamples=2**9, l1_reg=False, silent=True
    )[0]
    answers[f"shap exact {place}"] = shap.explainers.ExactExplainer(game(picture, nine), players[0])(players[1]).values[
        0
    ]
    answers[f"shap permutation {place}"] = shap.explainers.PermutationExplainer(
        game(picture, sixteen), np.zeros((1, 16)), seed=0
    )(np.ones((1, 16)), max_evals=40_000).values[0]
    found = LimeImageExplainer(random_state=7).explain_instance(
        picture.astype("float64"),
        probabilities,
        labels=(TARGET,),
        top_labels=None,
        num_samples=300,
        segmentation_fn=lambda _: sixteen,
    )
    lime = np.zeros(16)
    for feature, weight in found.local_exp[TARGET]:
        lime[feature] = weight
    answers[f"lime weights {place}"] = lime
    answers[f"lime fit {place}"] = np.array([found.intercept[TARGET], found.score])
versions = ", ".join(f"{name} {version(name)}" for name in ("shap", "lime", "numpy", "scikit-learn"))
file = Path(__file__).with_suffix(".npz")
np.savez_compressed(file, versions=versions, **{name: found.astype("float32") for name, found in answers.items()})
