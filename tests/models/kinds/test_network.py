"""Models of any inputs and outputs."""

import keras
import numpy as np
import pytest

from tests.models import graphs, nets
from xai_widgets import backend
from xai_widgets.methods import deep_lift, grad_cam, saliency
from xai_widgets.models.kinds.classifier import Classifier, as_classifier
from xai_widgets.models.kinds.network import Network
from xai_widgets.models.kinds.wrapping import wrap

pytestmark = pytest.mark.backend


@pytest.mark.parametrize("name", graphs.GRAPHS)
def test_what_a_model_is_wrapped_in(name):
    model, _ = graphs.made(name)
    several = name == "two outputs"
    assert type(wrap(model)) is (Network if several else Classifier)


def test_what_is_wrapped_already_stays():
    wrapped = Classifier(nets.network(nets.Numbers.drawn()))
    assert wrap(wrapped) is wrapped
    assert type(wrap(nets.Subclassed(nets.Numbers.drawn()))) is Classifier
    with pytest.raises(TypeError, match=r"must be a keras\.Model"):
        wrap("model")
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


def two_rows(dictionary):
    """Return a model that tells its two inputs of one shape apart; "first" comes last in the alphabet's order."""
    first, second = keras.Input((2,), name="z"), keras.Input((2,), name="a")
    end = keras.layers.Concatenate()([first * 3, second])
    return keras.Model({"z": first, "a": second} if dictionary else [first, second], end)


def test_inputs_by_name_are_those_that_the_model_calls_so():
    z, a = np.ones((1, 2), "float32"), np.full((1, 2), 5, "float32")
    listed, named = Network(two_rows(dictionary=False)), Network(two_rows(dictionary=True))
    for given in ({"z": z, "a": a}, {"a": a, "z": z}, [z, a], (z, a)):
        first, second = listed.as_inputs(given)
        assert (first.max(), second.max()) == (1, 5)
    assert named.as_inputs({"a": a, "z": z})["z"].max() == 1
    assert Classifier(listed.model).logits({"a": a, "z": z}).tolist() == [[3, 3, 5, 5]]
    totals = [one.values.sum() for one in deep_lift(listed.model, {"a": a, "z": z}, 0)]
    np.testing.assert_allclose(totals, [3, 0], atol=1e-6)


@pytest.mark.parametrize("dictionary", [True, False])
def test_inputs_that_cannot_be_told_apart_are_refused(dictionary):
    network, row = Network(two_rows(dictionary)), np.ones((1, 2), "float32")
    given = [{"z": row, "b": row}, {"z": row, "a": row, "b": row}, *([[row, row], (row, row)] if dictionary else [])]
    for one in given:
        with pytest.raises(ValueError, match=r"takes 2 inputs, 'z', 'a'; give one array for each, in a dictionary"):
            network.as_inputs(one)


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
    for ask in (lambda: as_classifier(network), lambda: saliency(network, np.ones((1, 8, 8, 3)), 0)):
        with pytest.raises(ValueError, match="'two' gives more than one row of class scores"):
            ask()


def test_a_class_of_a_network_that_has_one_row_of_scores_is_refused_with_what_to_do():
    starts = [keras.Input((8, 8, 3)), keras.Input((4,))]
    seen = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(starts[0]))
    net = keras.Model(starts, keras.layers.Dense(2)(keras.layers.Concatenate()([seen, starts[1]])))
    x = [np.ones((1, 8, 8, 3), "float32"), np.ones((1, 4), "float32")]
    with pytest.raises(ValueError, match="wrapped as a Network, without classes: give the model bare"):
        grad_cam(Network(net), x, 1)
    assert grad_cam(net, x, 1).values.shape == (1, 8, 8)
