"""Record what pytorch-grad-cam answers: python pytorch_grad_cam_maps.py (with grad-cam, opencv, torch)."""

import importlib.machinery
import importlib.metadata
import sys
import types
from pathlib import Path

import numpy as np
import torch
from two_convolutions import pictures, torch_model, weights


def anything(name):
    """Stand for whatever is imported from torchvision, which these maps do not use."""
    if name.startswith("__"):
        raise AttributeError(name)
    return object


for part in ("", ".models", ".transforms", ".transforms.functional"):
    name = f"torchvision{part}"
    stub = types.ModuleType(name)
    stub.__spec__, stub.__path__, stub.__getattr__ = importlib.machinery.ModuleSpec(name, None), [], anything
    sys.modules[name] = stub
from pytorch_grad_cam import GradCAM, GradCAMPlusPlus, HiResCAM, LayerCAM  # noqa: E402
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget  # noqa: E402

x = torch.tensor(pictures().transpose(0, 3, 1, 2))
net = torch_model(weights())
targets = [ClassifierOutputTarget(1), ClassifierOutputTarget(2)]
answers = {}
methods = {"grad_cam": GradCAM, "grad_cam_plus_plus": GradCAMPlusPlus, "hires_cam": HiResCAM, "layer_cam": LayerCAM}
for name, method in methods.items():
    with method(model=net, target_layers=[net.maps]) as cam:
        cam.outputs = outputs = cam.activations_and_grads(x)
        net.zero_grad()
        sum(target(output) for target, output in zip(targets, outputs, strict=True)).backward()
        activations = cam.activations_and_grads.activations[0].numpy()
        gradients = cam.activations_and_grads.gradients[0].numpy()
        answers[name] = cam.get_cam_image(x, net.maps, targets, activations, gradients, eigen_smooth=False)
versions = f"grad-cam {importlib.metadata.version('grad-cam')}, torch {torch.__version__}"
file = Path(__file__).with_suffix(".npz")
np.savez_compressed(file, versions=versions, **{name: found.astype("float32") for name, found in answers.items()})
