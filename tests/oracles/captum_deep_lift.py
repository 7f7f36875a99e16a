"""Record what captum answers for DeepLIFT and guided maps: python captum_deep_lift.py (with captum, torch)."""

from pathlib import Path

import captum
import numpy as np
import torch
from captum.attr import Deconvolution, DeepLift, GuidedBackprop
from plain_chain import pictures, reference, torch_model, weights

INDEX = 1
values = weights()


def first(array):
    return torch.tensor(array.reshape(-1, *array.shape[-3:]).transpose(0, 3, 1, 2))


def last(found):
    return found.detach().numpy().transpose(0, 2, 3, 1).astype("float32")


x, base = first(pictures()), first(reference())
means = torch_model(values, maxima=False)  # with maxima, captum 0.9 misses completeness by far
answers = {
    "deep_lift zero": last(DeepLift(means).attribute(x, target=INDEX)),
    "deep_lift picture": last(DeepLift(means).attribute(x, baselines=base, target=INDEX)),
    "guided_backprop": last(GuidedBackprop(torch_model(values)).attribute(x, target=INDEX)),
    "deconvolution": last(Deconvolution(torch_model(values)).attribute(x, target=INDEX)),
}
versions = f"captum {captum.__version__}, torch {torch.__version__}, numpy {np.__version__}"
np.savez_compressed(Path(__file__).with_suffix(".npz"), versions=versions, **answers)
