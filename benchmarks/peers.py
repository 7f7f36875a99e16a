"""What other libraries are asked for: each function here gives the jobs of one, by the name of our method.

Our methods and what they cost stand in their descriptions (`xai_widgets.list_methods`); here are only the other sides.
A second word is one of `VARIANTS`, or says how the library is asked.

A library that is not installed is left out by name. Extra packages, into an environment of their own that has this
package too: ``torch captum zennit tf-keras-vis shap lime``; the pins of xplique are narrower than what it runs on, so
it goes in with ``--no-deps``, beside ``einops deprecated tensorflow-probability tf-keras``.
"""

from __future__ import annotations

import os
import sys
import types
import warnings
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from nets import CLASS, Net, channels_first, keras_net, torch_net

from xai_widgets.methods.attribution.perturbation.superpixels import superpixels

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from xai_widgets.methods.registry import Method

    Job = Callable[[], Any]
    Jobs = dict[str, Job]

PACKAGES = ("torch", "captum", "zennit", "xplique", "tf-keras-vis", "shap", "lime")
VARIANTS: dict[str, dict[str, dict[str, Any]]] = {
    "lrp": {
        "epsilon": {"rule": "epsilon"},
        "epsilon_plus": {"composite": "epsilon_plus"},
        "epsilon_gamma_box": {"composite": "epsilon_gamma_box"},
    }
}
"""The options of our methods with which they are what other libraries offer, where the defaults are not."""
TORCH_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1"}


@dataclass(frozen=True)
class Amounts:
    """How much a method that asks often asks: gradients for each picture, perturbed copies."""

    steps: int = 50
    noise: float = 0.1
    samples: int = 1000


def restart_fairly() -> None:
    """Start this script anew with the allocator that PyTorch needs: without, it loses half its speed in batches."""
    if any(os.environ.get(name) != value for name, value in TORCH_MEMORY.items()):
        os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3"} | TORCH_MEMORY
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606  (itself)


def _torch(net: Net, images: Any) -> tuple[Any, Any, Any]:
    import torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    return torch, torch_net(net), channels_first(images)


def captum(net: Net, images: Any, segments: Any, amounts: Amounts) -> Jobs:
    """Ask captum."""
    from captum import attr

    torch, model, x = _torch(net, images)
    at = getattr(model.features, net.last.replace("conv", "relu"))
    labels = torch.from_numpy(segments)[None, None]
    chunk, count = net.chunk, len(images)
    window = {"sliding_window_shapes": (3, net.patch, net.patch), "strides": (3, net.stride, net.stride)}
    sampled = {"feature_mask": labels, "n_samples": amounts.samples, "perturbations_per_eval": chunk}

    def job(make: Callable[[], Any], **options: Any) -> Job:
        return lambda: make().attribute(x, target=CLASS, **options).detach().numpy()

    noise = {
        "nt_type": "smoothgrad",
        "nt_samples": amounts.steps,
        "nt_samples_batch_size": max(1, chunk // count),
        "stdevs": amounts.noise,
    }
    return {
        "saliency": job(lambda: attr.Saliency(model)),
        "guided_backprop": job(lambda: attr.GuidedBackprop(model)),
        "grad_cam": job(lambda: attr.LayerGradCam(model, at)),
        "lrp epsilon": job(lambda: attr.LRP(model)),
        "deep_lift": job(lambda: attr.DeepLift(model), baselines=0),
        "integrated_gradients": job(
            lambda: attr.IntegratedGradients(model), n_steps=amounts.steps, internal_batch_size=chunk
        ),
        "smooth_grad": job(lambda: attr.NoiseTunnel(attr.Saliency(model)), **noise),
        "occlusion": job(lambda: attr.Occlusion(model), baselines=0.5, perturbations_per_eval=chunk, **window),
        "lime_image": job(lambda: attr.Lime(model), **sampled),
        "kernel_shap": job(lambda: attr.KernelShap(model), **sampled),
    }


def stand_in_for_torchvision() -> None:
    """Let zennit import the zoo of torchvision, and lucent a transform: neither is asked for here."""
    resnet = types.ModuleType("torchvision.models.resnet")
    resnet.Bottleneck = resnet.BasicBlock = type("Block", (), {})  # type: ignore[attr-defined]
    for name in ("torchvision", "torchvision.models", "torchvision.models.vgg"):
        sys.modules.setdefault(name, types.ModuleType(name))
    transforms = types.ModuleType("torchvision.transforms")
    transforms.Normalize = type("Normalize", (), {})  # type: ignore[attr-defined]
    for module in (resnet, transforms):
        sys.modules.setdefault(module.__name__, module)


def zennit(net: Net, images: Any, _segments: Any, amounts: Amounts) -> Jobs:
    """Ask zennit."""
    torch, model, x = _torch(net, images)
    stand_in_for_torchvision()
    from zennit import attribution, composites, rules
    from zennit import types as kinds

    start = torch.zeros(len(images), net.dense[-1])
    start[:, CLASS] = 1

    def epsilon() -> Any:
        layers = [(kinds.Activation, rules.Pass()), (kinds.AvgPool, rules.Norm())]
        weighted = (kinds.Convolution, kinds.Linear)
        return composites.LayerMapComposite([*layers, (weighted, rules.Epsilon(1e-6))])

    def job(kind: Any, composite: Callable[[], Any] = lambda: None, **options: Any) -> Job:
        def run() -> Any:
            with kind(model, composite=composite(), **options) as asked:
                return asked(x.clone().requires_grad_(True), start)[1].detach().numpy()  # noqa: FBT003

        return run

    found = {
        "saliency": job(attribution.Gradient),
        "guided_backprop": job(attribution.Gradient, composites.GuidedBackprop),
        "lrp epsilon": job(attribution.Gradient, epsilon),
        "lrp epsilon_plus": job(attribution.Gradient, composites.EpsilonPlus),
        "lrp epsilon_gamma_box": job(attribution.Gradient, lambda: composites.EpsilonGammaBox(low=0.0, high=1.0)),
        "integrated_gradients": job(attribution.IntegratedGradients, n_iter=amounts.steps),
        "smooth_grad": job(attribution.SmoothGrad, n_iter=amounts.steps, noise_level=amounts.noise),
    }
    if len(images) == 1:
        found["occlusion"] = job(attribution.Occlusion, window=net.patch, stride=net.stride)
    return found


def xplique(net: Net, images: Any, segments: Any, amounts: Amounts) -> Jobs:
    """Ask xplique."""
    import tensorflow as tf
    from xplique import attributions

    model, labels = keras_net(net), tf.constant(segments, tf.int32)
    rows = np.eye(net.dense[-1], dtype="float32")[[CLASS] * len(images)]
    sampled = {"nb_samples": amounts.samples, "map_to_interpret_space": lambda _inputs: labels}
    sampled["ref_value"] = np.zeros(3, "float32")

    def job(kind: Any, **options: Any) -> Job:
        asked = kind(model, batch_size=net.chunk, **options)
        return lambda: np.asarray(asked(images, rows))

    return {
        "saliency": job(attributions.Saliency),
        "guided_backprop": job(attributions.GuidedBackprop),
        "grad_cam": job(attributions.GradCAM, conv_layer=net.last),
        "integrated_gradients": job(attributions.IntegratedGradients, steps=amounts.steps),
        "smooth_grad": job(attributions.SmoothGrad, nb_samples=amounts.steps, noise=amounts.noise),
        "occlusion": job(attributions.Occlusion, patch_size=net.patch, patch_stride=net.stride, occlusion_value=0.5),
        "lime_image": job(attributions.Lime, **sampled),
        "kernel_shap": job(attributions.KernelShap, **sampled),
        "rise": job(attributions.Rise, nb_samples=amounts.samples),
    }


def tf_keras_vis(net: Net, images: Any, _segments: Any, amounts: Amounts) -> Jobs:
    """Ask tf-keras-vis."""
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.utils.model_modifiers import GuidedBackpropagation
    from tf_keras_vis.utils.scores import CategoricalScore

    model, score = keras_net(net), CategoricalScore([CLASS] * len(images))

    def job(kind: Any, modifier: Any = None, **options: Any) -> Job:
        asked = kind(model, model_modifier=modifier, clone=True)
        return lambda: np.asarray(asked(score, images, **options))

    return {
        "saliency": job(Saliency),
        "guided_backprop": job(Saliency, GuidedBackpropagation()),
        "grad_cam": job(Gradcam, penultimate_layer=net.last),
        "smooth_grad": job(Saliency, smooth_samples=amounts.steps, smooth_noise=amounts.noise),
    }


def shap(net: Net, images: Any, segments: Any, amounts: Amounts) -> Jobs:
    """Ask shap; its kernel explainer has a graph compiled by us to call."""
    import shap as library
    import tensorflow as tf

    model, count = keras_net(net), int(segments.max()) + 1
    base = np.zeros((1, *images.shape[1:]), "float32")

    def deep() -> Job:
        asked = library.DeepExplainer(model, base)
        return lambda: np.asarray(asked.shap_values(images, ranked_outputs=1, check_additivity=False)[0])

    graph = tf.function(lambda x: model(x, training=False))

    def scores(bits: Any) -> Any:
        found = []
        for first in range(0, len(bits), net.chunk):
            shown = bits[first : first + net.chunk].astype("float32")[:, segments][..., None]
            found.append(graph(tf.constant(images[:1] * shown)).numpy()[:, CLASS])
        return np.concatenate(found)

    asked = library.KernelExplainer(scores, np.zeros((1, count)))
    kernel = lambda: asked.shap_values(np.ones((1, count)), nsamples=amounts.samples, silent=True)  # noqa: E731
    return {"deep_lift": deep(), "kernel_shap": kernel}


def lime(net: Net, images: Any, segments: Any, amounts: Amounts) -> Jobs:
    """Ask lime as its documentation does (batches of 10 to ``predict``), and with full batches to a compiled graph."""
    import tensorflow as tf
    from lime.lime_image import LimeImageExplainer

    model, asked = keras_net(net), LimeImageExplainer(random_state=0)
    graph = tf.function(lambda x: model(x, training=False))

    def job(scores: Callable[[Any], Any], size: int) -> Job:
        options = {"hide_color": 0, "top_labels": 1, "num_samples": amounts.samples, "batch_size": size}
        options |= {"segmentation_fn": lambda _image: segments}
        return lambda: asked.explain_instance(
            images[0].astype("float64"), lambda batch: scores(np.asarray(batch, "float32")), **options
        )

    return {
        "lime_image": job(lambda batch: graph(tf.constant(batch)).numpy(), net.chunk),
        "lime_image as documented": job(lambda batch: model.predict(batch, verbose=0), 10),
    }


def called(method: Method) -> dict[str, Callable[..., Any]]:
    """Return how a method of ours is called here, by the names under which the others' jobs stand."""
    variants = VARIANTS.get(method.name)
    if variants is None:
        return {method.name: method.function}
    return {f"{method.name} {word}": partial(method.function, **options) for word, options in variants.items()}


PEERS: dict[str, Callable[..., Jobs]] = {
    "captum": captum,
    "zennit": zennit,
    "xplique": xplique,
    "tf-keras-vis": tf_keras_vis,
    "shap": shap,
    "lime": lime,
}


def asked(
    net: Net, images: Any, methods: Collection[str], names: Any = PEERS, amounts: Amounts | None = None
) -> dict[tuple[str, str], Job]:
    """Return the jobs by (method, library) of the libraries that are installed; the others are named."""
    found: dict[tuple[str, str], Job] = {}
    warnings.filterwarnings("ignore")  # theirs
    segments = superpixels(images[0], "grid", 49)[0]
    for name in names:
        try:
            jobs = PEERS[name](net, images, segments, amounts or Amounts())
        except ImportError as error:
            print(f"{name} is left out: {error}", file=sys.stderr, flush=True)
            continue
        found |= {(method, name): job for method, job in jobs.items() if method in methods}
    return found


def fastest(times: dict[Any, Any], method: str) -> tuple[str, Any] | None:
    """Return the name and the times of the fastest other library for a method."""
    of_method = {name: times[method, name] for name in PEERS if (method, name) in times}
    return min(of_method.items(), key=lambda item: item[1].best) if of_method else None
