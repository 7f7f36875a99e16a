"""Record what tf-keras-vis answers for the class activation maps: python tf_keras_vis_cam.py (with TensorFlow)."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import tf_keras_vis
from tf_keras_vis.gradcam import Gradcam
from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
from tf_keras_vis.layercam import Layercam
from tf_keras_vis.utils.scores import CategoricalScore
from two_convolutions import keras_model, pictures, weights

x = pictures()
whole = keras_model(weights())
logits = keras.Model(whole.inputs, whole.get_layer("scores").output)
options = {"seed_input": x, "penultimate_layer": "maps", "normalize_cam": False, "expand_cam": False}
answers = {}
for name, method in {"grad_cam": Gradcam, "grad_cam_plus_plus": GradcamPlusPlus, "layer_cam": Layercam}.items():
    answers[name] = np.asarray(method(logits)(CategoricalScore([1, 2]), **options))
answers["grad_cam expanded"] = np.asarray(Gradcam(logits)(CategoricalScore([1, 2]), **(options | {"expand_cam": True})))
versions = f"tf-keras-vis {tf_keras_vis.__version__}, tensorflow {tf.__version__}, keras {keras.__version__}"
file = Path(__file__).with_suffix(".npz")
np.savez_compressed(file, versions=versions, **{name: found.astype("float32") for name, found in answers.items()})
