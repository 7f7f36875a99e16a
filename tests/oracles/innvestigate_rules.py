"""Record what innvestigate answers: python innvestigate_rules.py (innvestigate 2.1, TensorFlow 2.14, Python 3.10)."""

from importlib.metadata import version
from pathlib import Path

import innvestigate
import numpy as np
import tensorflow as tf
from two_convolutions import keras_model, pictures, weights, without_biases

INDEX = 1
HIGHEST = ("deconvolution", "guided_backprop")  # asked for the highest score: from a negative one it turns the signs
# With alpha-beta and biases it adds the whole bias, b+ and b-, to both parts; so the presets are asked without biases.
ASKED = {
    "gradient": ("gradient", {}),
    "deconvolution": ("deconvnet", {}),
    "guided_backprop": ("guided_backprop", {}),
    "zero": ("lrp.z", {}),
    "epsilon": ("lrp.epsilon", {"epsilon": 0.1}),
    "w_square": ("lrp.w_square", {}),
    "flat": ("lrp.flat", {}),
    "z_plus": ("lrp.z_plus", {}),
    "alpha2_beta1": ("lrp.alpha_2_beta_1_IB", {}),
    "preset_a": ("lrp.sequential_preset_a", {"epsilon": 0.1}),
    "preset_b": ("lrp.sequential_preset_b", {"epsilon": 0.1}),
    "preset_a_flat": ("lrp.sequential_preset_a_flat", {"epsilon": 0.1}),
    "preset_b_flat": ("lrp.sequential_preset_b_flat", {"epsilon": 0.1}),
}

tf.compat.v1.disable_eager_execution()
answers = {}
for name, (analyzer, options) in ASKED.items():
    values = without_biases(weights()) if name.startswith("preset") else weights()
    whole = keras_model(values)
    model = tf.keras.Model(whole.inputs, whole.get_layer("scores").output)
    mode, chosen = ("max_activation", {}) if name in HIGHEST else ("index", {"neuron_selection": INDEX})
    asked = innvestigate.create_analyzer(analyzer, model, neuron_selection_mode=mode, **options)
    answers[name] = asked.analyze(pictures(), **chosen).astype("float32")
versions = f"innvestigate {version('innvestigate')}, tensorflow {tf.__version__}, numpy {np.__version__}"
np.savez_compressed(Path(__file__).with_suffix(".npz"), versions=versions, **answers)
