"""Record what captum, xplique and quantus answer for scores of explanations: python evaluation_scores.py.

The random draws are ours, handed to each library: by its perturbation function (captum), by the method that draws
(xplique). Needs captum, torch, xplique 2.0 on Keras 3, quantus; torchvision is not needed.
"""

import sys
import types
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from captum.attr import Saliency
from captum.metrics import infidelity, sensitivity_max
from draws import EPSILON, GRID, HIDDEN, SAMPLES, STEPS, hidden_pixels, masks_of_things, random_map, small_steps
from scipy.stats import pearsonr
from two_convolutions import keras_model, pictures, torch_model, weights

# quantus imports zennit if it is there, and that imports torchvision for networks that are not asked for here.
resnet = types.ModuleType("torchvision.models.resnet")
resnet.Bottleneck = resnet.BasicBlock = type("Block", (torch.nn.Module,), {})
for name in ("torchvision", "torchvision.models", "torchvision.models.vgg"):
    sys.modules.setdefault(name, types.ModuleType(name))
sys.modules.setdefault(resnet.__name__, resnet)

import quantus  # noqa: E402
from quantus.functions.perturb_func import noisy_linear_imputation  # noqa: E402
from xplique.metrics import Deletion, Insertion, fidelity  # noqa: E402

INDEX = 1
x = pictures()
shape = x.shape[1:3]
net, inputs = torch_model(weights()), torch.tensor(x.transpose(0, 3, 1, 2))


def first(array):
    return torch.tensor(np.ascontiguousarray(array.transpose(0, 3, 1, 2)))


# captum: copies of an example come one after the other
hidden = hidden_pixels(shape)[..., np.newaxis].astype("float32")
gone = first(np.tile(hidden, (len(x), 1, 1, 1)))
steps = first(np.tile(small_steps(x.shape[1:]), (len(x), 1, 1, 1)))


def change(by_gradients):
    def perturb(copies):
        return (gone * copies if by_gradients else gone.expand_as(copies)), copies * (1 - gone)

    return perturb


def gradients(copies):
    """Take a tensor, or a tuple of one as sensitivity_max hands it over, and give such a tuple."""
    (copies,) = copies if isinstance(copies, tuple) else (copies,)
    return (Saliency(net).attribute(copies, target=INDEX, abs=False).contiguous(),)


shares = random_map(x.shape)
options = {"target": INDEX, "n_perturb_samples": SAMPLES, "max_examples_per_batch": None}
moved = {"perturb_radius": EPSILON, "n_perturb_samples": STEPS}
answers = {
    "infidelity gradients": infidelity(net, change(by_gradients=True), inputs, gradients(inputs)[0], **options),
    "infidelity shares": infidelity(net, change(by_gradients=False), inputs, first(shares), **options),
    "max_sensitivity": sensitivity_max(gradients, inputs, lambda copies, radius: copies + radius * steps, **moved),
}
answers = {name: found.detach().numpy() for name, found in answers.items()}


# xplique: one picture at a time, since it gives the mean over pictures
class OurSubsets(fidelity.MuFidelity):
    def _perturb_samples(self, inputs, nb_perturbations):
        assert nb_perturbations == SAMPLES
        kept = 1 - hidden[np.newaxis]
        return (inputs.numpy()[:, np.newaxis] * kept).reshape(-1, *x.shape[1:]), kept


fidelity.spearmanr = pearsonr  # it correlates ranks; the paper, and we, the numbers themselves
model, rows = keras_model(weights()), np.eye(4, dtype="float32")[[INDEX] * len(x)]
places = shares.sum(axis=-1)
for kind, asked in (("deletion", Deletion), ("insertion", Insertion)):
    one_by_one = [asked(model, x[[i]], rows[[i]], steps=12) for i in range(len(x))]
    answers[kind] = [metric.evaluate(places[[i]]) for i, metric in enumerate(one_by_one)]
logits = keras_model(weights())
logits = type(logits)(logits.inputs, logits.get_layer("scores").output)
drawn = {"batch_size": SAMPLES, "grid_size": GRID, "subset_percent": HIDDEN, "nb_samples": SAMPLES}
fidelities = [OurSubsets(logits, x[[i]], rows[[i]], **drawn) for i in range(len(x))]
answers["mu_fidelity"] = [metric.evaluate(places[[i]]) for i, metric in enumerate(fidelities)]

# quantus: pictures with channels first
things = masks_of_things(shape)[:, np.newaxis]
asked = {"model": None, "x_batch": x.transpose(0, 3, 1, 2), "y_batch": np.full(len(x), INDEX)}
quiet = {"disable_warnings": True, "display_progressbar": False, "abs": False, "normalise": False}
maps = np.maximum(places, 0)[:, np.newaxis]
for kind, metric in (("pointing_game", quantus.PointingGame), ("relevance_mass", quantus.RelevanceMassAccuracy)):
    answers[kind] = np.asarray(metric(**quiet)(**asked, a_batch=maps, s_batch=things), "float64")
holes = np.flatnonzero(hidden_pixels(shape)[0])
answers["imputed"] = noisy_linear_imputation(x[0].transpose(2, 0, 1), holes, noise=0.0).transpose(1, 2, 0)

packages = ("captum", "torch", "xplique", "quantus", "tensorflow-cpu", "keras", "numpy")
versions = ", ".join(f"{package} {version(package)}" for package in packages)
np.savez_compressed(Path(__file__).with_suffix(".npz"), versions=versions, **answers)
