"""lucid on models of Keras 3: the same numbers, gradients everywhere, and nothing changed outside."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from xai_widgets.models.kinds.classifier import Classifier

pytest.importorskip("lucid", reason="lucid is a part of the course's extra")
if keras.config.backend() != "tensorflow":
    pytest.skip("lucid knows TensorFlow alone", allow_module_level=True)

import tensorflow as tf

from xai_widgets.backend.lucid_bridge import frozen_graph, load_lucid
from xai_widgets.methods.feature_visualization.lucid_engine import (
    LucidMaximization,
    LucidWay,
    lucid_visualization,
    to_lucid,
)

ROOT = Path(__file__).parents[2]
OTHER_LUCID = "XAI_WIDGETS_OTHER_LUCID"
SIZE = 24
PICTURES = np.random.default_rng(0).uniform(0, 1, (2, SIZE, SIZE, 3)).astype("float32")


@pytest.fixture(scope="module")
def net():
    """A nested model, with a side branch, two layers of one tensor (dropout) and a softmax."""
    keras.utils.set_random_seed(0)
    start = keras.Input((SIZE, SIZE, 3))
    first = layers.Conv2D(5, 3, activation="relu", name="conv")(start)
    side = layers.Conv2D(5, 1, name="side")(first)
    joined = layers.Add(name="joined")([first, side])
    body = keras.Model(start, layers.Dropout(0.5, name="dropped")(joined), name="body")
    seen = layers.GlobalAveragePooling2D(name="pooled")(layers.MaxPooling2D(name="small")(body(start)))
    model = keras.Model(start, layers.Dense(4, "softmax", name="scores")(seen), name="nested")
    return Classifier(model, list("abcd"), lambda pixels: pixels / 127.5 - 1)


@pytest.fixture(scope="module")
def there(net):
    return to_lucid(net)


def in_lucid(there, names, pictures=PICTURES):
    """Run lucid's graph, and differentiate the first class by each layer."""
    first = tf.compat.v1
    with first.Graph().as_default(), first.Session() as session:
        there.import_graph(first.constant(pictures), scope="import")
        at = session.graph.get_tensor_by_name
        outputs = [at(f"import/{name}:0") for name in names]
        gradients = first.gradients(at("import/logits:0")[:, 0], outputs)
        return session.run(outputs), gradients


def test_frozen_graph_equals_the_model(net, there):
    names = [layer.name for layer in there.layers]
    assert names == ["body/conv", "body/side", "body/joined", "body/dropped", "small", "pooled", "scores", "logits"]
    found = dict(zip(names, in_lucid(there, names)[0], strict=True))
    inputs = 2 * PICTURES - 1
    body = net.model.get_layer("body")
    for name in ("conv", "side", "joined"):
        expected = keras.Model(body.input, body.get_layer(name).output)(inputs)
        np.testing.assert_allclose(found[f"body/{name}"], expected, atol=1e-5)
    np.testing.assert_allclose(found["body/dropped"], body(inputs, training=False), atol=1e-5)
    np.testing.assert_allclose(found["logits"], net.logits(inputs), atol=1e-5)
    assert [there.get_layer(name).depth for name in names] == [5, 5, 5, 5, 5, 5, 4, 4]
    assert there.labels == list("abcd")


def test_gradients_reach_every_layer(there):
    """A layer's name must stand on the way to the output, not on a copy beside it."""
    names = ["body/conv", "body/side", "body/joined", "small", "pooled"]
    assert all(gradient is not None for gradient in in_lucid(there, names)[1])


def test_lucid_draws_and_repeats(net, caplog):
    drawn = lucid_visualization(net, "body/conv:2", size=SIZE, steps=8)
    assert not caplog.records  # nothing is said to the reader about what lucid calls
    assert drawn.pictures.shape == (1, SIZE, SIZE, 3)
    assert drawn.curve[-3:].mean() > drawn.curve[:3].mean()
    again = lucid_visualization(net, "body/conv:2", size=SIZE, steps=8)
    np.testing.assert_allclose(again.pictures, drawn.pictures, atol=1e-5)


def test_lucid_takes_its_own_objectives_and_transforms(net):
    objectives, transform = (load_lucid(f"lucid.optvis.{name}") for name in ("objectives", "transform"))
    wanted = objectives.channel("body/conv", 1) - 0.1 * objectives.total_variation()
    seen = []
    drawn = lucid_visualization(
        net, wanted, size=SIZE, steps=3, transforms=[transform.jitter(2)], progress=lambda *step: seen.append(step)
    )
    assert len(drawn.curve) == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]


OBJECTIVES = {
    "channel": lambda made: made.channel("body/conv", 1),
    "neuron": lambda made: made.neuron("body/conv", 1),
    "direction": lambda made: made.direction("body/conv", np.array([1, -1, 0, 0, 0], "float32")),
    "deepdream": lambda made: made.deepdream("body/conv"),
    "diversity": lambda made: made.channel("body/conv", 1) - made.diversity("body/conv"),
    "class": lambda made: made.channel("logits", 2),
}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_lucids_objectives_run_in_either_version(net, name):
    made, param = (load_lucid(f"lucid.optvis.{part}") for part in ("objectives", "param"))
    way = LucidWay(OBJECTIVES[name](made), lambda: param.image(SIZE, batch=2))
    drawing = LucidMaximization(net, way, seed=1)
    before = drawing.pictures()
    drawing.advance(4)
    assert drawing.pictures().shape == (2, SIZE, SIZE, 3)
    assert abs(drawing.pictures() - before).max() > 0.01
    assert np.isfinite(drawing.curve).all()
    drawing.close()


def test_a_model_of_one_size_alone():
    """lucid frames pictures and resizes them; where a dense layer forbids it, what is seen is cut back."""
    keras.utils.set_random_seed(0)
    stack = [layers.Conv2D(3, 3, name="conv"), layers.Flatten(), layers.Dense(2, name="scores")]
    fixed = Classifier(keras.Sequential([keras.Input((12, 12, 3)), *stack], name="fixed"), value_range=(0, 1))
    drawn = lucid_visualization(fixed, "logits:1", steps=12)
    assert drawn.pictures.shape == (1, 12, 12, 3)
    assert drawn.score[0] > drawn.curve[0, 0]


def test_an_objective_is_needed(net):
    with pytest.raises(ValueError, match="objective"):
        LucidMaximization(net, LucidWay())


def test_other_version_of_lucid():
    """All of this on another version too, 0.3.10 beside 0.3.8, say, where a folder that holds it is named."""
    folder = os.environ.get(OTHER_LUCID)
    if not folder:
        pytest.skip(f"{OTHER_LUCID} names no folder with another version of lucid")
    path = os.pathsep.join([folder, *filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])])
    asked = "import lucid.optvis as found; print(found.__path__[0])"
    own = {name: value for name, value in os.environ.items() if name != OTHER_LUCID} | {"PYTHONPATH": path}
    found = subprocess.run([sys.executable, "-c", asked], env=own, check=True, capture_output=True, text=True).stdout
    assert Path(found.strip()).is_relative_to(Path(folder).resolve())
    tests = [__file__, str(ROOT / "tests" / "widgets" / "labs" / "test_feature.py")]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    ran = subprocess.run(command, env=own, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-4000:]


def test_nothing_changes_outside(net):
    """Eager mode, fit, other libraries' TensorFlow and NumPy's random numbers go on as before."""
    np.random.seed(7)  # noqa: NPY002
    expected = np.random.rand(3)  # noqa: NPY002
    np.random.seed(7)  # noqa: NPY002
    lucid_visualization(net, "logits:1", size=SIZE, steps=1)
    np.testing.assert_array_equal(np.random.rand(3), expected)  # noqa: NPY002
    assert tf.executing_eagerly()
    assert float(tf.constant(2.0) + 1) == 3.0
    assert __import__("tensorflow") is tf
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(np.ones((8, 3)), np.ones((8, 1)), epochs=2, verbose=0).history["loss"]
    assert history[1] < history[0]


def test_a_new_model_inside_of_an_open_graph():
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3, name="conv"), layers.Flatten()])
    with tf.compat.v1.Graph().as_default():
        there = to_lucid(Classifier(model, value_range=(0, 1)), ["conv"])
    assert {"image", "conv", "logits"} <= {node.name for node in there.graph_def.node}


def test_another_thread_may_use_it(net):
    drawn = []
    thread = threading.Thread(target=lambda: drawn.append(lucid_visualization(net, "body/conv:0", size=SIZE, steps=1)))
    thread.start()
    thread.join()
    assert len(drawn) == 1


def test_quarter_turn():
    """The stand-in for what TensorFlow dropped turns counter-clockwise, about the middle."""
    turn = load_lucid("lucid.optvis.transform").tf.contrib.image.rotate
    picture = PICTURES[:, :5, :5]
    np.testing.assert_allclose(turn(picture, np.pi / 2, "BILINEAR"), np.rot90(picture, axes=(1, 2)), atol=1e-5)


def test_one_tensor_may_have_two_names():
    graph = frozen_graph(lambda x: [tf.nn.relu(x), tf.nn.relu(x) * 2.0, x], ["on", "twice", "same"], (3,))
    assert {"on", "twice", "same", "image"} <= {node.name for node in graph.node}


def test_other_backends_are_refused(monkeypatch):
    monkeypatch.setattr(keras.config, "backend", lambda: "torch")
    with pytest.raises(RuntimeError, match="KERAS_BACKEND"):
        load_lucid()
