"""Record what captum answers for the gradient family and Grad-CAM: python captum_gradients.py (with captum, torch)."""

from pathlib import Path

import captum
import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients, LayerGradCam, NoiseTunnel, Saliency
from two_convolutions import pictures, torch_model, weights

values, x = weights(), pictures()
net = torch_model(values)
inputs = torch.tensor(x.transpose(0, 3, 1, 2))


def last(found):
    return found.detach().numpy().transpose(0, 2, 3, 1)


answers = {
    "saliency": last(Saliency(net).attribute(inputs, target=1, abs=False)),
    "gradient_times_input": last(InputXGradient(net).attribute(inputs, target=1)),
    "grad_cam": last(LayerGradCam(net, net.maps).attribute(inputs, target=1, relu_attributions=False))[..., 0],
}
rules = {"gauss_legendre": "gausslegendre", "riemann_left": "riemann_left", "riemann_right": "riemann_right"}
rules |= {"riemann_mid": "riemann_middle", "trapezoid": "riemann_trapezoid"}
for ours, theirs in rules.items():
    answers[f"integrated_gradients {ours}"] = last(
        IntegratedGradients(net).attribute(inputs, baselines=-0.5, target=2, n_steps=20, method=theirs)
    )
torch.manual_seed(0)
for ours, theirs in {"mean": "smoothgrad", "square": "smoothgrad_sq", "variance": "vargrad"}.items():
    # So many samples that the noise of the draw is small: the two libraries draw from different generators.
    answers[f"noise {ours}"] = last(
        NoiseTunnel(Saliency(net)).attribute(
            inputs, nt_type=theirs, nt_samples=20_000, nt_samples_batch_size=2000, stdevs=0.5, target=1, abs=False
        )
    )
versions = f"captum {captum.__version__}, torch {torch.__version__}, numpy {np.__version__}"
file = Path(__file__).with_suffix(".npz")
np.savez_compressed(file, versions=versions, **{name: found.astype("float32") for name, found in answers.items()})
