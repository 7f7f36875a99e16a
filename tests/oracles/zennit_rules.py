"""Record what zennit answers: python zennit_rules.py (with zennit, torch; torchvision is not needed)."""

import sys
import types
from pathlib import Path

import numpy as np
import torch
from plain_chain import CLASSES, HIGH, LOW, pictures, torch_model, weights

# zennit imports torchvision for networks that are not asked for here.
resnet = types.ModuleType("torchvision.models.resnet")
resnet.Bottleneck = resnet.BasicBlock = type("Block", (torch.nn.Module,), {})
vgg = types.ModuleType("torchvision.models.vgg")
for name in ("torchvision", "torchvision.models"):
    sys.modules.setdefault(name, types.ModuleType(name))
sys.modules.setdefault(resnet.__name__, resnet)
sys.modules.setdefault(vgg.__name__, vgg)

from importlib.metadata import version  # noqa: E402

from zennit import composites, rules  # noqa: E402
from zennit.attribution import Gradient  # noqa: E402
from zennit.canonizers import SequentialMergeBatchNorm  # noqa: E402
from zennit.types import AvgPool, BatchNorm, Convolution, Linear  # noqa: E402

INDEX = 1
values, x = weights(), pictures()
inputs = torch.tensor(x.transpose(0, 3, 1, 2))
low, high = torch.full_like(inputs[:1], LOW), torch.full_like(inputs[:1], HIGH)
canonizers = [SequentialMergeBatchNorm()]


def by_layer(rule):
    """Use one rule for all layers with weights; pooling as in zennit's own composites."""
    layers = [
        (torch.nn.ReLU, rules.Pass()),
        (BatchNorm, rules.Pass()),
        (AvgPool, rules.Norm()),
        (Convolution, rule),
        (Linear, rule),
    ]
    return composites.LayerMapComposite(layers, canonizers=canonizers)


asked = {
    "epsilon": by_layer(rules.Epsilon(epsilon=0.1)),
    "gamma": by_layer(rules.Gamma(gamma=0.5)),
    "z_plus": by_layer(rules.ZPlus()),
    "alpha_beta": by_layer(rules.AlphaBeta(alpha=2, beta=1)),
    "w_square": by_layer(rules.WSquare(zero_params="bias")),
    "flat": by_layer(rules.Flat()),
    "epsilon_plus": composites.EpsilonPlus(canonizers=canonizers),
    "epsilon_plus_flat": composites.EpsilonPlusFlat(canonizers=canonizers),
    "epsilon_gamma_box": composites.EpsilonGammaBox(low=low, high=high, canonizers=canonizers),
    "epsilon_alpha2_beta1": composites.EpsilonAlpha2Beta1(canonizers=canonizers),
    "guided_backprop": composites.GuidedBackprop(),
    "deconvolution": composites.DeconvNet(),
}
plain = torch.eye(CLASSES)[[INDEX] * len(x)]
answers = {}
for name, composite in asked.items():
    net = torch_model(values)
    start = plain if name in ("guided_backprop", "deconvolution") else plain * net(inputs).detach()
    with Gradient(model=net, composite=composite) as attributor:
        _, relevance = attributor(inputs, start)
    answers[name] = relevance.detach().numpy().transpose(0, 2, 3, 1).astype("float32")
versions = f"zennit {version('zennit')}, torch {torch.__version__}, numpy {np.__version__}"
np.savez_compressed(Path(__file__).with_suffix(".npz"), versions=versions, **answers)
