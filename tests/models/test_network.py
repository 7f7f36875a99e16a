"""Models of any inputs and outputs."""

import keras
import numpy as np
import pytest

from models import graphs, nets
from xai_widgets import backend
from xai_widgets.models.classifier import Classifier
from xai_widgets.models.network import Network, subject_of

pytestmark = pytest.mark.backend


@pytest.mark.parametrize("name", graphs.GRAPHS)
def test_what_a_model_is_wrapped_in(name):
    model, _ = graphs.made(name)
    several = name in ("shared model", "two inputs", "two outputs")
    assert type(subject_of(model)) is (Network if several else Classifier)


def test_what_is_wrapped_already_stays():
    wrapped = Classifier(nets.network(nets.Numbers.drawn()))
    assert subject_of(wrapped) is wrapped
    assert type(subject_of(nets.Subclassed(nets.Numbers.drawn()))) is Classifier
    with pytest.raises(TypeError, match=r"must be a keras\.Model"):
        subject_of("model")
    with pytest.raises(TypeError, match=r"must be a keras\.Model"):
        Network("model")


def test_outputs_before_or_after_their_activations():
    model, _ = graphs.made("two outputs")
    network, x = Network(model), graphs.unstacked(model)
    expected = backend.to_numpy(model(x))
    run, variables = network.outputs_function("probability")
    assert len(variables) == len(model.variables)
    for name, found in backend.to_numpy(run(keras.ops.convert_to_tensor(x))).items():
        np.testing.assert_allclose(found, expected[name], rtol=1e-4, atol=1e-6)
    run, _ = network.outputs_function("logit")
    for name, found in backend.to_numpy(run(keras.ops.convert_to_tensor(x))).items():
        np.testing.assert_allclose(nets.softmax(found), expected[name], rtol=1e-4, atol=1e-6)


class Pair(keras.Model):
    """Two outputs and no graph."""

    def call(self, x):
        return [x[:, :2], 2 * x]


def test_a_subclassed_model_gives_its_outputs_as_they_are():
    network = Network(Pair())
    run, _ = network.outputs_function("logit")
    first, second = backend.to_numpy(run(keras.ops.ones((1, 3))))
    assert first.shape == (1, 2)
    assert second.tolist() == [[2, 2, 2]]


def test_inputs_are_checked_one_by_one():
    model, _ = graphs.made("two inputs")
    network, x = Network(model), graphs.example(model)
    found = network.as_inputs(x)
    assert {name: (one.shape, one.dtype) for name, one in found.items()} == {
        "picture": ((3, 8, 8, 3), np.float32),
        "numbers": ((3, 6), np.float32),
    }
    single = network.as_inputs({name: one[0] for name, one in x.items()})
    assert {len(one) for one in single.values()} == {1}
    pictures = network.as_inputs({**x, "picture": np.zeros((20, 30, 3), "uint8"), "numbers": np.ones(6)})
    assert pictures["picture"].shape == (1, 8, 8, 3)
    with pytest.raises(ValueError, match=r"takes 2 inputs, '\w+', '\w+'; give one array for each"):
        network.as_inputs(x["picture"])
    with pytest.raises(ValueError, match=r"shape \(N, 6\) for 'numbers', got \(3, 5\)"):
        network.as_inputs({**x, "numbers": np.ones((3, 5))})
    with pytest.raises(ValueError, match="finite values"):
        network.as_inputs({**x, "numbers": np.full((3, 6), np.nan)})
    with pytest.raises(ValueError, match="different numbers of examples: "):
        network.as_inputs({**x, "numbers": np.ones((2, 6))})


def test_integers_stay_integers():
    start, other = keras.Input((6,), dtype="int32", name="words"), keras.Input((2,), name="more")
    seen = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(9, 4)(start))
    model = keras.Model([start, other], keras.layers.Dense(2)(keras.layers.Concatenate()([seen, other])))
    words, more = Network(model).as_inputs([np.arange(6), np.ones(2)])
    assert words.dtype == np.int32
    assert more.dtype == np.float32


def test_it_has_no_classes():
    network = Network(graphs.made("two outputs")[0], name="two")
    assert repr(network) == "Network('two', input 8x8x3)"
    for ask in (lambda: network.labels, lambda: network.logits(np.ones((1, 8, 8, 3)))):
        with pytest.raises(ValueError, match="'two' gives more than one row of class scores"):
            ask()
