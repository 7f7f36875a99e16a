"""Advice about models that have to be built anew, about files, and about words: provoked, and followed to the letter.

As in `test_advice`, an entry is the end of a message, a call that raises it, and one call for each thing that it
advises.
"""

import atexit
import json
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import xai_widgets as xai
from xai_widgets import Classifier, explain, load_image, load_model, wrap
from xai_widgets.datasets.creatures import sample_scene
from xai_widgets.datasets.creatures.language import QUESTIONS, answer
from xai_widgets.datasets.vectors import word_vectors
from xai_widgets.methods.core.attribution_method import FUNCTIONS, METHODS, Paper, attribution_method
from xai_widgets.methods.core.recording import RECORDED
from xai_widgets.methods.feature_visualization.objectives import channel
from xai_widgets.models.graph.splitting import split_model

layers = keras.layers
X = np.random.default_rng(0).random((2, 8, 8, 3), "float32")
ROWS = np.random.default_rng(1).random((2, 4), "float32")
STEPS = np.random.default_rng(2).random((1, 5, 2), "float32")
PHOTO = (255 * X[0]).astype("uint8")


def net(*last, shape=(8, 8, 3), **options):
    """Return a small network of pictures; its last layers may be given."""
    keras.utils.set_random_seed(2)
    first = [keras.Input(shape), layers.Conv2D(4, 3, activation="relu", name="conv", **options)]
    pooling = layers.GlobalAveragePooling2D(data_format=options.get("data_format"))
    return keras.Sequential([*first, pooling, *(last or [layers.Dense(3, name="scores")])])


class Noisy(layers.Layer):
    """Noise that comes at inference too, or only where it is told that a model is trained."""

    def __init__(self, *, always):
        super().__init__()
        self.always = always

    def call(self, x, training=False):
        """Add it."""
        return x + tf.random.normal(tf.shape(x)) if self.always or training else x


class Counting(layers.Layer):
    """A count of calls, at inference too, or only in training."""

    def __init__(self, *, always):
        super().__init__()
        self.always = always

    def build(self, shape):
        """Make the counter."""
        del shape
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="count")

    def call(self, x, training=False):
        """Count."""
        if self.always or training:
            self.count.assign_add(1.0)
        return x


class OfItsOwn(keras.Model):
    """A model with a ``call`` of its own."""

    def __init__(self):
        super().__init__()
        self.conv, self.pool = layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D()
        self.scores = layers.Dense(3)

    def call(self, x):
        """Run the layers."""
        return self.scores(self.pool(self.conv(x)))


def called(model):
    """Call a model once, and return it."""
    model(X)
    return model


def its_layers(model):
    """Return the layers of such a model."""
    return [model.conv, model.pool, model.scores]


def functional(model):
    """Return the layers of such a model in a graph."""
    start = made = keras.Input((8, 8, 3))
    for layer in its_layers(model):
        made = layer(made)
    return keras.Model(start, made)


def two_heads():
    """Return a network of two rows of scores."""
    start = keras.Input((8, 8, 3))
    means = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, name="conv")(start))
    return keras.Model(start, [layers.Dense(2)(means), layers.Dense(3)(means)])


def of_one_head(model):
    """Return a model of the first output."""
    return keras.Model(model.inputs, model.outputs[0])


def length_of(units, others):
    """Return for how many pictures the sum of two objectives is made."""
    return (channel("conv2", units) + channel("conv3", others)).length()


def recurrent(*, stateful):
    """Return a network of sequences."""
    start = keras.Input(batch_shape=(1, 5, 2)) if stateful else keras.Input((5, 2))
    keras.utils.set_random_seed(3)
    return keras.Sequential([start, layers.LSTM(3, stateful=stateful), layers.Dense(2)])


def with_weights_of(model, other):
    """Return a model with the weights of another one."""
    model.set_weights(other.get_weights())
    return model


def several_states():
    """Return a network with a layer that gives three tensors."""
    start = keras.Input((5, 2))
    made, last, _ = layers.LSTM(3, return_state=True, name="states")(start)
    return keras.Model(start, layers.Dense(2)(layers.Add(name="sum")([made, last])))


def dataset():
    """Return a data set that repeats for ever."""
    return tf.data.Dataset.from_tensor_slices(X).batch(2).repeat()


def described(name):
    """Describe a method under a name, and forget it again."""

    def method(model, inputs, target=None):
        """Do nothing."""

    method.__name__ = name
    paper = Paper("Nobody", 2020, "Nothing")
    made = attribution_method(family="gradient", paper=paper, forward=1)(method)
    for table in (METHODS, FUNCTIONS, RECORDED):
        table.pop(name)
    return made


@cache
def folder():
    """Return a folder for files, which goes with the process."""
    made = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


def saved(model, name="good.keras"):
    """Save a model; return where."""
    model.save(folder() / name)
    return folder() / name


def archive(name, change=lambda config: config, compression=zipfile.ZIP_STORED):
    """Return a copy of a saved model with another configuration or compression."""
    with zipfile.ZipFile(saved(net())) as given:
        entries = {entry: given.read(entry) for entry in given.namelist()}
    entries["config.json"] = json.dumps(change(json.loads(entries["config.json"])))
    with zipfile.ZipFile(folder() / name, "w", compression) as made:
        for entry, content in entries.items():
            made.writestr(entry, content)
    return folder() / name


def encrypted():
    """Return a file whose entries say that they are encrypted."""
    content = bytearray(archive("locked.keras").read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(mark, at + 4)
    (folder() / "locked.keras").write_bytes(content)
    return folder() / "locked.keras"


def downloading(config):
    """Give a layer an activation that is none."""
    config["config"]["layers"][1]["config"]["activation"] = {
        "module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"
    }  # fmt: skip
    return config


def written(name, content):
    """Write a file; return where."""
    (folder() / name).write_bytes(content)
    return folder() / name


def halved():
    """Return a Lambda that is written in Python, on a network."""
    return net(layers.Dense(3), layers.Lambda(lambda x: x / 2))


def weights_alone():
    """Return a file with weights and without layers."""
    net().save_weights(folder() / "net.weights.h5")
    return folder() / "net.weights.h5"


def loaded_weights():
    """Return the model of these weights, built in Python."""
    model = net()
    model.load_weights(weights_alone())
    return Classifier(model)


def headless():
    """Return a scene of an animal without a body."""
    return sample_scene(0, classes=["cat"]).without(0, "body")


def uploads():
    """Return what an upload of two files holds."""
    content = saved_picture().read_bytes()
    return ({"name": "one.png", "content": content}, {"name": "two.png", "content": content})


def saved_picture():
    """Return a file with a picture."""
    import PIL.Image

    PIL.Image.fromarray(PHOTO).save(folder() / "photo.png")
    return folder() / "photo.png"


MODEL_ENTRIES = {
    "make it deterministic when training=False": [
        lambda: Classifier(net(Noisy(always=True), layers.Dense(2))).predict(X),
        lambda: Classifier(net(Noisy(always=False), layers.Dense(2))).predict(X),
    ],
    "layers that update their state only when training=True": [
        lambda: Classifier(net(Counting(always=True), layers.Dense(2))).predict(X),
        lambda: Classifier(net(Counting(always=False), layers.Dense(2))).predict(X),
    ],
    "its layers may be kept as they are": [
        lambda: explain(called(OfItsOwn()), X, "grad_cam", 0),
        lambda: explain(functional(called(OfItsOwn())), X, "grad_cam", 0),
        lambda: explain(called(keras.Sequential(its_layers(called(OfItsOwn())))), X, "grad_cam", 0),
    ],
    "choose a layer that gives one": [
        lambda: split_model(several_states(), "states"),
        lambda: split_model(several_states(), "sum"),
    ],
    "take a part of it: dataset.take(10)": [
        lambda: explain(net(), dataset(), "saliency", 0),
        lambda: explain(net(), dataset().take(10), "saliency", 0),
    ],
    "those of convolutions have the same shape in both": [
        lambda: Classifier(net(shape=(3, 8, 8), data_format="channels_first")),
        lambda: Classifier(
            with_weights_of(net(data_format="channels_last"), net(shape=(3, 8, 8), data_format="channels_first"))
        ),
    ],
    "give it the same weights with set_weights": [
        lambda: explain(recurrent(stateful=True), STEPS, "saliency", 0),
        lambda: explain(with_weights_of(recurrent(stateful=False), recurrent(stateful=True)), STEPS, "saliency", 0),
    ],
    "not pictures; pass float arrays": [
        lambda: explain(keras.Sequential([keras.Input((4,)), layers.Dense(2)]), PHOTO, "saliency", 0),
        lambda: explain(keras.Sequential([keras.Input((4,)), layers.Dense(2)]), ROWS, "saliency", 0),
    ],
    "pass float arrays in its input space": [
        lambda: explain(net(shape=(8, 8, 5)), PHOTO, "saliency", 0),
        lambda: explain(net(shape=(8, 8, 5)), np.ones((1, 8, 8, 5), "float32"), "saliency", 0),
    ],
    "wrap the one to explain in a model of its own": [
        lambda: Classifier(two_heads()),
        lambda: Classifier(of_one_head(two_heads())),
    ],
    "call it once on an array, or wrap it with input_shape=": [
        lambda: Classifier(OfItsOwn()).input_shape,
        lambda: Classifier(called(OfItsOwn())).input_shape,
        lambda: Classifier(OfItsOwn(), input_shape=(8, 8, 3)).input_shape,
    ],
    "give {} when it is wrapped first": [
        lambda: wrap(Classifier(net()), labels=["a", "b", "c"]),
        lambda: wrap(net(), labels=["a", "b", "c"]),
    ],
    "Give its last layer one unit for each class, or a sigmoid": [
        lambda: Classifier(net(layers.Dense(1, "softmax"))).predict(X),
        lambda: Classifier(net(layers.Dense(2, "softmax"))).predict(X),
        lambda: Classifier(net(layers.Dense(1, "sigmoid"))).predict(X),
    ],
    "which two labels cannot name; give one label, or none": [
        lambda: Classifier(net(layers.Dense(1)), ["no", "yes"], outputs="values").predict(X),
        lambda: Classifier(net(layers.Dense(1)), ["price"], outputs="values").predict(X),
        lambda: Classifier(net(layers.Dense(1)), outputs="values").predict(X),
    ],
}
FILE_ENTRIES = {
    "is encrypted; give a file without a password": [
        lambda: load_model(encrypted()),
        lambda: load_model(saved(net())),
    ],
    "compressed in a way that Keras does not write; save it again": [
        lambda: load_model(archive("packed.keras", compression=zipfile.ZIP_LZMA)),
        lambda: load_model(saved(net(), "packed.keras")),
    ],
    "replace it by what keras.layers and keras.activations have, and save again": [
        lambda: load_model(archive("other.keras", downloading)),
        lambda: load_model(saved(net(), "other.keras")),
    ],
    "build the model in Python and wrap it: Classifier(model)": [
        lambda: load_model(saved(halved(), "lambda.keras")),
        lambda: load_model(saved(net(layers.Dense(3), layers.Rescaling(0.5)), "lambda.keras")),
        lambda: Classifier(halved()),
    ],
    "call model.load_weights, and wrap it: Classifier(model)": [
        lambda: load_model(weights_alone()),
        loaded_weights,
    ],
    "save it or download it again": [
        lambda: load_model(written("half.keras", saved(net()).read_bytes()[:100])),
        lambda: load_model(saved(net(), "half.keras")),
    ],
    "is a folder; give {}": [
        lambda: load_model(folder()),
        lambda: load_model(saved(net())),
    ],
    "is not a Keras model; give {}": [
        lambda: load_model(written("notes.txt", b"not a model")),
        lambda: load_model(saved(net())),
        lambda: load_model(saved(net(), "good.h5")),
    ],
}
WORD_ENTRIES = {
    "choose another name": [
        lambda: described("saliency"),
        lambda: described("saliency_of_nobody"),
    ],
    "give one number": [
        lambda: length_of([0, 1], [0, 1, 2]),
        lambda: length_of([0, 1, 3], [0, 1, 2]),
    ],
    "unknown kind {}; choose one of: {}": [
        lambda: xai.load_text_model("reviews", language="en", kind="letters"),
        lambda: xai.load_text_model("reviews", language="en", kind="words"),
    ],
    "of the caption; choose one of {}": [
        lambda: xai.load_scene_reader().word("verb"),
        lambda: xai.load_scene_reader().word("subject"),
    ],
    "ask another question": [
        lambda: answer(headless(), next(one for one in QUESTIONS if "colour" in one)),
        lambda: answer(headless(), next(one for one in QUESTIONS if "colour" not in one)),
    ],
    "To take it away, use without()": [
        lambda: sample_scene(0, classes=["cat"]).replaced(0, "whiskers", "dog"),
        lambda: sample_scene(0, classes=["cat"]).replaced(0, "whiskers", "rabbit"),
        lambda: sample_scene(0, classes=["cat"]).without(0, "whiskers"),
    ],
    "pass one of them, as in load_image(upload.value[0])": [
        lambda: load_image(uploads()),
        lambda: load_image(uploads()[0]),
    ],
    "give more text, or lower rare": [
        lambda: word_vectors(["tea with milk"], rare=5, width=2),
        lambda: word_vectors(["tea with milk", "coffee with milk"] * 5, rare=5, width=2),
        lambda: word_vectors(["tea with milk"], rare=1, width=2),
    ],
}
