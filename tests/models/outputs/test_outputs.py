"""What the outputs of a classifier are: never squashed twice, and what is explained is what the model answers."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.models import nets
from xai_widgets import backend
from xai_widgets.methods import (
    cam,
    deep_lift,
    gradient_times_input,
    integrated_gradients,
    kernel_shap,
    lrp,
    occlusion,
    pgd,
    rise,
    saliency,
)
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

SHAPE = (8, 8, 3)
X = np.random.default_rng(0).random((2, *SHAPE)).astype("float32")


def net(*ends, shape=SHAPE, seed=0):
    keras.utils.set_random_seed(seed)
    start = [keras.Input(shape), layers.Conv2D(4, 3, activation="relu", name="conv"), layers.GlobalAveragePooling2D()]
    return keras.Sequential([*start, *ends])


def dense(units, activation=None, bias=0.0):
    bias = keras.initializers.Constant(bias)
    return layers.Dense(units, activation, bias_initializer=bias, kernel_initializer="he_normal")


def own_outputs(model, x=X):
    return backend.to_numpy(model(x, training=False))


def own_sigmoid(z):
    return 1 / (1 + keras.ops.exp(-z))


def two_heads(join):
    trunk = net()
    heads = [layers.Dense(1, "sigmoid")(trunk.outputs[0]) for _ in range(2)]
    return keras.Model(trunk.inputs, join()(heads))


class Own(keras.Model):
    """A sigmoid in a ``call`` of its own."""

    def __init__(self):
        super().__init__()
        self.trunk = net(dense(1, bias=-1.7))

    def call(self, x):
        return keras.ops.sigmoid(self.trunk(x))


# Name: (how to build it, what the scores are)
SINGLE = {
    "fused": (lambda: net(dense(1, "sigmoid", -3)), "sigmoid"),
    "Lambda": (lambda: net(dense(1, bias=-1.7), layers.Lambda(keras.ops.sigmoid)), "sigmoid"),
    "a function of one's own": (lambda: net(dense(1, own_sigmoid, -1.7)), "sigmoid"),
    "Reshape after": (lambda: net(dense(1, "sigmoid"), layers.Reshape((1, 1)), layers.Flatten()), "sigmoid"),
    "the largest of a map": (
        lambda: keras.Sequential(
            [keras.Input(SHAPE), layers.Conv2D(1, 3, activation="sigmoid"), layers.GlobalMaxPooling2D()]
        ),
        "sigmoid",
    ),
    "subclassed": (Own, "probability"),
    "mean of two": (lambda: two_heads(layers.Average), "probability"),
    "hard_sigmoid": (lambda: net(dense(1, "hard_sigmoid", -1)), "probability"),
}


@pytest.mark.parametrize("name", SINGLE)
def test_a_single_probability_is_read_as_it_is(name):
    build, kind = SINGLE[name]
    model = build()
    p = own_outputs(model)
    two, bare = (Classifier(model, labels, input_shape=SHAPE) for labels in (["no", "yes"], None))
    assert two.head == bare.head == kind
    assert bare.labels == ("positive class",)
    np.testing.assert_allclose(bare.predict(X).probabilities, p, atol=1e-5)
    np.testing.assert_allclose(two.predict(X).probabilities, np.hstack([1 - p, p]), atol=1e-5)
    no, yes = (gradient_times_input(two, X, label) for label in two.labels)
    assert np.abs(yes.values).max() > 0
    np.testing.assert_allclose(no.values, -yes.values, atol=1e-6)
    expected = np.log(p / (1 - p)) if kind == "sigmoid" else p
    np.testing.assert_allclose(yes.score, expected[:, 0], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(no.score, -yes.score if kind == "sigmoid" else 1 - yes.score, rtol=1e-4)


SEVERAL = {
    "concatenated heads": (lambda: two_heads(layers.Concatenate), "sigmoid"),
    "softmax2 of another library": (lambda: net(dense(3, keras.ops.softmax)), "softmax"),
    "softmax, Reshape": (
        lambda: net(dense(3), layers.Softmax(), layers.Reshape((3, 1)), layers.Reshape((3,))),
        "softmax",
    ),
    "softmax on another axis": (
        lambda: net(dense(3), layers.Reshape((3, 1)), layers.Softmax(axis=1), layers.Flatten()),
        "softmax",
    ),
    "softmax on a part": (
        lambda: net(dense(6), layers.Reshape((2, 3)), layers.Softmax(axis=1), layers.Flatten()),
        "probability",
    ),
    "hard_sigmoid": (lambda: net(dense(3, "hard_sigmoid")), "probability"),
    "sparsemax": (  # weak weights: all classes have a share, so the gradient is not 0
        lambda: net(layers.Dense(3, "sparsemax", kernel_initializer=keras.initializers.RandomNormal(0, 0.01, seed=0))),
        "probability",
    ),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_probabilities_are_read_as_they_are(name):
    build, kind = SEVERAL[name]
    model = build()
    classifier = Classifier(model)
    np.testing.assert_allclose(classifier.predict(X).probabilities, own_outputs(model), atol=1e-5)
    assert classifier.head == kind
    assert np.abs(saliency(classifier, X, 0).values).max() > 0


@pytest.mark.parametrize("activation", ["log_softmax", lambda z: keras.ops.log(keras.ops.softmax(z))])
def test_log_probabilities_are_no_logits(activation):
    model = net(dense(3, activation))
    classifier = Classifier(model)
    np.testing.assert_allclose(classifier.predict(X).probabilities, np.exp(own_outputs(model)), rtol=1e-4)
    logits = own_outputs(keras.Sequential([*model.layers[:-1]])) @ model.layers[-1].get_weights()[0]
    np.testing.assert_allclose(saliency(classifier, X, 1).score, logits[:, 1], rtol=1e-3, atol=1e-5)


def test_a_softmax_over_one_unit_is_refused():
    with pytest.raises(ValueError, match="softmax over one output, which is 1 for every input"):
        Classifier(net(dense(1, "softmax"))).predict(X)


@pytest.mark.parametrize("level", [-580.0, 20.0, 40.0])
def test_a_single_value_is_no_probability(level):
    model = net(dense(1, bias=level))
    answer = Classifier(model).predict(X)
    np.testing.assert_allclose(answer.probabilities, own_outputs(model), rtol=1e-5)
    assert answer.quantity == "value"
    assert "%" not in repr(answer) + answer._repr_html_()
    assert answer.labels == ("value",)
    np.testing.assert_allclose(saliency(model, X).score, own_outputs(model)[:, 0], rtol=1e-5)


def test_logits_of_several_classes_are_read_as_softmax():
    model = net(dense(3))
    classifier = Classifier(model, list("abc"))
    assert classifier.head == "linear"
    np.testing.assert_allclose(classifier.predict(X).probabilities, nets.softmax(own_outputs(model)), rtol=1e-5)


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ("logits", nets.softmax),
        ("values", lambda own: own),
        ("log_probability", np.exp),
    ],
)
def test_outputs_may_be_said(outputs, expected):
    model = net(dense(3), layers.Lambda(lambda z: -keras.ops.softplus(z)))
    answer = Classifier(model, outputs=outputs).predict(X)
    np.testing.assert_allclose(answer.probabilities, expected(own_outputs(model)), rtol=1e-4)


def test_values_may_come_out_of_a_sigmoid():
    model = net(dense(2, "sigmoid"))
    classifier = Classifier(model, ["height", "width"], outputs="values")
    np.testing.assert_allclose(classifier.predict(X).probabilities, own_outputs(model), rtol=1e-5)
    np.testing.assert_allclose(saliency(classifier, X, "width").score, own_outputs(model)[:, 1], rtol=1e-5)


def test_outputs_that_cannot_be_what_is_said_are_refused():
    with pytest.raises(ValueError, match=r"outside 0\.\.1, which are no probabilities"):
        Classifier(net(dense(3, bias=4)), outputs="probability").predict(X)
    with pytest.raises(ValueError, match="numbers above 0, which are no logarithms of probabilities"):
        Classifier(net(dense(3, bias=4)), outputs="log_probability").predict(X)
    with pytest.raises(ValueError, match=r"outputs must be one of 'logits', .*, not 'scores'"):
        Classifier(net(dense(3)), outputs="scores")
    with pytest.raises(ValueError, match="values, which two labels cannot name"):
        Classifier(net(dense(1)), ["a", "b"], outputs="values").predict(X)


@pytest.mark.parametrize(
    "method",
    [
        lambda c, t: lrp(c, X, t),
        lambda c, t: deep_lift(c, X, t, baseline=0),
        lambda c, t: integrated_gradients(c, X, t, baseline=0),
        lambda c, t: cam(c, X, t),
        lambda c, t: occlusion(c, X, t, patch=4, stride=4),
        lambda c, t: rise(c, X, t, samples=8),
        lambda c, t: kernel_shap(c, X[:1], t, samples=30),
    ],
    ids=["lrp", "deep_lift", "integrated_gradients", "cam", "occlusion", "rise", "kernel_shap"],
)
def test_of_two_classes_of_one_sigmoid_one_map_is_the_negative_of_the_other(method):
    two = Classifier(net(dense(1, "sigmoid", -0.3)), ["cat", "dog"], value_range=(0, 1))
    cat, dog = method(two, "cat"), method(two, "dog")
    np.testing.assert_allclose(cat.score, -dog.score, rtol=1e-5)
    assert np.abs(dog.values).max() > 0
    if getattr(cat, "signed", True):
        np.testing.assert_allclose(cat.values, -dog.values, atol=1e-5)


def test_an_attack_leaves_either_class_of_one_sigmoid():
    two = Classifier(net(dense(1, "sigmoid")), ["cat", "dog"], value_range=(0, 1))
    for label in two.labels:
        found = pgd(two, X, label, epsilon=0.5, targeted=True)
        place = two.index(label)
        assert (found.after.probabilities[:, place] > found.before.probabilities[:, place]).all()


@pytest.mark.skipif(keras.config.backend() == "jax", reason="JAX refuses a draw without a state of its own")
def test_answers_that_change_from_call_to_call_are_refused():
    class Noisy(layers.Layer):
        def call(self, x):
            return x + keras.random.normal(keras.ops.shape(x))

    with pytest.raises(ValueError, match="gives different answers for the same input"):
        Classifier(net(Noisy(), dense(2, "softmax"))).predict(X)


SMALL = {"kernel_initializer": keras.initializers.Constant(1e-4), "bias_initializer": keras.initializers.Constant(0.3)}
PLAIN = {
    "a convolution, averaged": lambda x: layers.GlobalAveragePooling2D()(layers.Conv2D(2, 1, **SMALL)(x)),
    "a sum of two": lambda x: layers.Add()([layers.Dense(2, **SMALL)(layers.Flatten()(x / 9)) for _ in range(2)]),
    "a mean of two": lambda x: layers.Average()([layers.Dense(2, **SMALL)(layers.Flatten()(x)) for _ in range(2)]),
    "normalised": lambda x: layers.BatchNormalization()(layers.Dense(2, **SMALL)(layers.Flatten()(x))),
    "the largest": lambda x: layers.GlobalMaxPooling2D()(layers.Conv2D(2, 1, **SMALL)(x)),
    "an identity of one's own": lambda x: layers.Lambda(lambda y: y)(layers.Dense(2, **SMALL)(layers.Flatten()(x))),
    "a number times it": lambda x: 0.5 * layers.Dense(2, **SMALL)(layers.Flatten()(x)),
    "a number added": lambda x: layers.Lambda(lambda y: y + 0.1)(layers.Dense(2, **SMALL)(layers.Flatten()(x))),
    "a constant": lambda x: layers.Lambda(lambda y: 0 * y + 0.5)(layers.Dense(2, **SMALL)(layers.Flatten()(x))),
    "subclassed": lambda x: Small()(x),  # noqa: PLW0108  (a class that is defined below)
}


class Small(keras.Model):
    """A model of its own call that ends in a plain layer."""

    def __init__(self):
        super().__init__()
        self.flatten, self.scores = layers.Flatten(), layers.Dense(2, **SMALL)

    def call(self, x):
        return self.scores(self.flatten(x))


@pytest.mark.parametrize("ending", PLAIN)
def test_plain_layers_give_logits_wherever_their_values_lie(ending):
    start = keras.Input((4, 4, 3))
    model, x = keras.Model(start, PLAIN[ending](start)), np.random.default_rng(0).random((3, 4, 4, 3), "float32")
    own = keras.ops.convert_to_numpy(model(x, training=False))
    assert ((own >= 0) & (own <= 1)).all()
    classifier = Classifier(model)
    assert (classifier.head, classifier.exclusive) == ("linear", True)
    np.testing.assert_allclose(classifier.logits(x), own, atol=1e-5)
    np.testing.assert_allclose(classifier.predict(x).probabilities, nets.softmax(own), atol=1e-5)


def test_a_subclassed_model_that_ends_in_a_plain_layer_gives_logits_and_stays_as_it_is():
    model = Small()
    classifier = Classifier(model, ("a", "b"), input_shape=(4, 4, 3))
    assert classifier.head == "linear"
    assert model.scores.activation is keras.activations.linear


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.function is TensorFlow's")
@pytest.mark.parametrize(("activation", "head"), [(None, "linear"), ("softmax", "probability")])
def test_a_call_that_tensorflow_compiles_hides_its_layers_and_is_no_error(activation, head):
    import tensorflow as tf

    class Compiled(keras.Model):
        def __init__(self):
            super().__init__()
            self.flatten, self.scores = layers.Flatten(), layers.Dense(3, activation)

        @tf.function
        def call(self, x):
            return self.scores(self.flatten(x))

    model, x = Compiled(), np.random.default_rng(0).normal(0, 1, (3, 4, 4, 3)).astype("float32")
    classifier = Classifier(model, input_shape=(4, 4, 3))
    own = keras.ops.convert_to_numpy(model(x))
    assert classifier.head == head
    np.testing.assert_allclose(classifier.predict(x).probabilities, own if activation else nets.softmax(own), atol=1e-5)


@pytest.mark.parametrize("ending", ["a mean of two", "subclassed", "normalised"])
def test_plain_layers_may_be_said_to_give_probabilities(ending):
    start = keras.Input((4, 4, 3))
    model, x = keras.Model(start, PLAIN[ending](start)), np.random.default_rng(0).random((3, 4, 4, 3), "float32")
    classifier = Classifier(model, outputs="probability")
    np.testing.assert_allclose(classifier.predict(x).probabilities, own_outputs(model, x), atol=1e-5)
    with pytest.raises(ValueError, match=r"numbers above 0, which are no logarithms of probabilities; give outputs="):
        Classifier(model, outputs="log_probability").predict(x)
    assert Classifier(model, outputs="logits").head == "linear"


def test_logarithms_of_several_probabilities_may_be_said_to_be_such():
    model = net(dense(3, "sigmoid"), layers.Lambda(lambda p: keras.ops.log(p * 0.5)))
    classifier = Classifier(model, outputs="log_probability")
    np.testing.assert_allclose(classifier.predict(X).probabilities, np.exp(own_outputs(model)), rtol=1e-4)
    assert not classifier.exclusive
