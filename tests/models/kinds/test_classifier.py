"""`Classifier`: what goes in, what comes out, and what is refused."""

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from tests.models import graphs, nets
from xai_widgets import backend
from xai_widgets.methods import fgsm, lrp, saliency
from xai_widgets.models.kinds.classifier import Classifier

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()
LABELS = ("ant", "bee", "cow")


def small(**options):
    return Classifier(nets.network(NUMBERS, name="small"), LABELS, **options)


def coloured(preprocess=None, **options):
    """Make a classifier of RGB pictures."""
    numbers = nets.Numbers.drawn(features=8 * 6 * 3)
    return Classifier(nets.network(numbers, shape=(8, 6, 3)), preprocess=preprocess, **options)


def probabilities_of(model, x):
    return keras.ops.convert_to_numpy(keras.ops.cast(model(x, training=False), "float32"))


# What comes out


@pytest.mark.parametrize("ending", nets.ENDINGS)
def test_logits_and_probabilities_of_every_way_to_end(ending):
    build, kind = nets.ENDINGS[ending]
    classifier, x = Classifier(build(NUMBERS)), nets.inputs()
    logits = NUMBERS.logits(x)
    np.testing.assert_allclose(classifier.logits(x), logits, rtol=1e-5, atol=1e-5)
    assert classifier.head == kind
    expected = nets.sigmoid(logits) if kind == "sigmoid" else nets.softmax(logits)
    np.testing.assert_allclose(classifier.predict(x).probabilities, expected, rtol=1e-5, atol=1e-6)
    if kind != "linear":
        np.testing.assert_allclose(expected, probabilities_of(classifier.model, x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("ending", nets.HIDDEN_LOGITS)
def test_logarithms_stand_for_logits_that_cannot_be_seen(ending):
    classifier, x = Classifier(nets.HIDDEN_LOGITS[ending](NUMBERS)), nets.inputs()
    expected = np.log(nets.softmax(NUMBERS.logits(x)))
    np.testing.assert_allclose(classifier.logits(x), expected, rtol=1e-4, atol=1e-5)
    assert classifier.head == "probability"
    np.testing.assert_allclose(classifier.predict(x).probabilities, np.exp(expected), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("policy", nets.MIXED)
def test_half_precision_gives_float32(policy):
    classifier, x = Classifier(nets.MIXED[policy](NUMBERS)), nets.inputs()
    assert classifier.head == "softmax"
    assert classifier.logits(x).dtype == np.float32
    np.testing.assert_allclose(
        classifier.predict(x).probabilities, probabilities_of(classifier.model, x), rtol=0.05, atol=1e-3
    )
    found, exact = saliency(classifier, x, 1).values, saliency(nets.network(NUMBERS), x, 1).values
    assert found.dtype == np.float32
    # Rounding may put a rectifier on its other side, which changes a gradient by more than rounding.
    assert np.linalg.norm(found - exact) < 0.15 * np.linalg.norm(exact)


def test_a_sequential_model_that_was_never_built_is_built_by_its_first_images():
    classifier, x = Classifier(nets.unbuilt(NUMBERS), LABELS), nets.inputs()
    with pytest.raises(ValueError, match="does not tell its input shape"):
        _ = classifier.input_shape
    logits = classifier.logits(x)
    assert classifier.input_shape == nets.SHAPE
    np.testing.assert_allclose(nets.softmax(logits), probabilities_of(classifier.model, x), rtol=1e-5)
    with pytest.raises(ValueError, match="expected images of shape"):
        classifier.logits(x[:, :3])


class OfItsOwn(keras.Model):
    """A model with a ``call`` of its own, which knows no input before it is called."""

    def __init__(self):
        super().__init__()
        self.flatten, self.scores = layers.Flatten(), layers.Dense(3, activation="softmax")

    def call(self, x):
        return self.scores(self.flatten(x))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_subclassed_model_that_was_called_tells_its_input_shape(when):
    model, x = OfItsOwn(), nets.inputs()
    if when == "before":
        model(x)
    classifier = Classifier(model)
    if when == "after":
        with pytest.raises(ValueError, match="call it once on an array"):
            _ = classifier.input_shape
        model(x)
    assert classifier.input_shape == nets.SHAPE
    assert "input ?" not in repr(classifier)
    assert saliency(classifier, x, 0).values.shape == x.shape


def test_a_subclassed_model_of_several_inputs_does_not_tell_a_shape():
    class Sum(keras.Model):
        def __init__(self):
            super().__init__()
            self.scores = layers.Dense(3)

        def call(self, given):
            return self.scores(given[0] + given[1])

    model = Sum()
    model([np.ones((2, 4), "float32")] * 2)
    with pytest.raises(ValueError, match="does not tell its input shape"):
        _ = Classifier(model).input_shape


def test_lists_of_one_input_and_one_output_are_no_lists():
    start = keras.Input(nets.SHAPE)
    scores = layers.Dense(3)(layers.Flatten()(start))
    linear, x = keras.Model([start], [scores]), nets.inputs()
    plain = Classifier(keras.Model(start, scores)).logits(x)
    np.testing.assert_array_equal(Classifier(linear, LABELS).logits(x), plain)
    squashed = keras.Model([start], [layers.Softmax()(scores)])
    np.testing.assert_allclose(Classifier(squashed, LABELS).logits(x), plain, rtol=1e-6)


@pytest.mark.parametrize("kind", ["sigmoid", "linear", "subclassed"])
def test_two_labels_name_the_two_classes_of_a_single_output(kind):
    numbers, x = nets.Numbers.drawn(classes=1), nets.inputs()
    model = {
        "sigmoid": lambda: nets.network(numbers, "sigmoid"),
        "linear": lambda: nets.network(numbers, None),
        "subclassed": lambda: nets.Subclassed(numbers, "sigmoid"),
    }[kind]()
    second = numbers.logits(x)
    two = Classifier(model, ["no", "yes"], input_shape=nets.SHAPE)
    assert two.head == "sigmoid"
    np.testing.assert_allclose(two.logits(x), np.hstack([-second, second]), rtol=1e-5, atol=1e-6)
    share = nets.sigmoid(second)
    np.testing.assert_allclose(two.predict(x).probabilities, np.hstack([1 - share, share]), rtol=1e-5)
    # The same model without labels has one output, before and after.
    np.testing.assert_allclose(Classifier(model, input_shape=nets.SHAPE).logits(x), second, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(two.logits(x)[:, 1:], second, rtol=1e-5, atol=1e-6)


def test_two_labels_on_a_model_that_was_never_built():
    model = keras.Sequential([layers.Flatten(), layers.Dense(1, activation="sigmoid")])
    two, bare, x = Classifier(model, ["no", "yes"]), Classifier(model), nets.inputs()
    assert two.predict(x).probabilities.shape == (3, 2)
    assert bare.predict(x).probabilities.shape == (3, 1)


@pytest.mark.parametrize("ending", ["fused", "linear", "subclassed", "by hand"])
def test_training_counts_after_the_first_call(ending):
    build = nets.ENDINGS[ending][0] if ending in nets.ENDINGS else nets.HIDDEN_LOGITS[ending]
    classifier, x, other = Classifier(build(NUMBERS), LABELS), nets.inputs(), nets.Numbers.drawn(seed=7)
    before = classifier.predict(x).probabilities, saliency(classifier, x, "bee").values
    dense = [layer for layer in classifier.model.layers if isinstance(layer, layers.Dense)][:2]
    other.fill(*dense)
    after = classifier.predict(x).probabilities, saliency(classifier, x, "bee").values
    np.testing.assert_allclose(after[0], nets.softmax(other.logits(x)), rtol=1e-4)
    assert np.abs(after[1] - before[1]).max() > 0.1


def test_certain_answers_are_not_rounded_to_nan():
    numbers = nets.Numbers.drawn(scale=30.0)
    answers = Classifier(nets.network(numbers, None)).predict(nets.inputs()).probabilities
    assert np.isfinite(answers).all()
    np.testing.assert_allclose(answers.sum(axis=-1), 1, rtol=1e-5)


def test_labels_are_made_where_none_are_given():
    assert Classifier(nets.network(NUMBERS)).labels == ("class 0", "class 1", "class 2")
    assert small().labels == LABELS
    assert small().index("Bee") == 1


def test_repr_and_name_are_stable():
    assert repr(small()) == "Classifier('small', input 4x4x1, softmax over 3 classes)"
    assert small(name="my net").name == "my net"
    assert Classifier.wrap(only := small()) is only


# What goes in


def test_one_example_is_a_batch_of_one():
    x = nets.inputs()
    np.testing.assert_allclose(small().logits(x[0]), small().logits(x)[:1], rtol=1e-5, atol=1e-6)


def test_tensors_lists_and_integers_are_welcome():
    x = nets.inputs()
    np.testing.assert_array_equal(small().as_inputs(keras.ops.convert_to_tensor(x)), x)
    np.testing.assert_allclose(small().as_inputs(x.tolist()), x)
    assert small().as_inputs(np.ones((1, *nets.SHAPE), int)).dtype == np.float32


def test_uint8_arrays_and_pil_images_are_pictures():
    classifier = coloured(lambda pixels: pixels / 255)
    picture = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype="uint8")
    for given in (picture, Image.fromarray(picture), [picture], picture[np.newaxis], [Image.fromarray(picture)]):
        np.testing.assert_allclose(classifier.as_inputs(given), picture[np.newaxis] / 255, rtol=1e-6)


def test_pictures_of_any_size_are_fitted():
    classifier = coloured()
    pictures = [np.full((20, 40, 3), 200, "uint8"), Image.new("L", (7, 9), 200), Image.new("RGBA", (6, 8), (200,) * 4)]
    batch = classifier.preprocess(pictures)
    assert (batch.shape, batch.dtype) == ((3, 8, 6, 3), np.float32)
    np.testing.assert_array_equal(batch, 200)


def test_models_that_take_any_size():
    start = keras.Input((None, None, 3))
    free = Classifier(keras.Model(start, layers.Dense(2)(layers.GlobalAveragePooling2D()(start))))
    assert free.input_shape == (64, 64, 3)
    assert repr(free).endswith("input ?x?x3, linear over 2 classes)")
    for size in (5, 9):
        assert free.logits(np.ones((1, size, size, 3), "float32")).shape == (1, 2)


# Bad input: one message each, which says what and what to do

NAN = np.full((2, *nets.SHAPE), np.nan)
REFUSED = {
    "wrong shape": (np.zeros((2, 5, 4, 1)), ValueError, r"\(N, 4, 4, 1\) or \(4, 4, 1\), got \(2, 5, 4, 1\)"),
    "too many axes": (np.zeros((1, 2, 4, 4, 1)), ValueError, "expected images of shape"),
    "no images": (np.zeros((0, 4, 4, 1)), ValueError, r"got \(0, 4, 4, 1\)"),
    "NaN": (NAN, ValueError, "32 NaN or infinite values; replace them first"),
    "infinite": (-np.inf * np.ones(nets.SHAPE), ValueError, "16 NaN or infinite"),
    "text": (np.array([["a"]]), TypeError, "images must be numbers"),
    "a path to nothing": ("photo.png", ValueError, "there is no file 'photo.png'"),
    "complex": (np.zeros(nets.SHAPE, complex), TypeError, "images must be numbers"),
    "booleans": (np.zeros(nets.SHAPE, bool), TypeError, "images must be numbers, not an array of bool"),
    "five axes": (np.zeros((2, 2, 4, 4, 3), "uint8"), ValueError, r"a picture is uint8 \(H, W, 3\)"),
    "four channels": (np.zeros((9, 7, 4), "uint8"), ValueError, r"a picture is uint8 .*picture\[..., :3\]"),
    "empty picture": (np.zeros((0, 4, 3), "uint8"), ValueError, r"not uint8 \(0, 4, 3\)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_images_that_are_refused(case):
    images, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        small().predict(images)


@pytest.mark.parametrize(
    "model", [None, "digits", lambda x: x, layers.Dense(1)], ids=["none", "name", "function", "layer"]
)
def test_only_keras_models_are_wrapped(model):
    with pytest.raises(TypeError, match=r"model must be a keras.Model, not "):
        Classifier(model)


def test_several_inputs_and_one_row_of_scores():
    model, _ = graphs.made("two inputs")
    classifier, x = Classifier(model, list("abc")), graphs.example(model)
    expected = probabilities_of(model, x)
    np.testing.assert_allclose(classifier.predict(x).probabilities, expected, rtol=1e-5)
    found = lrp(classifier, x, "b")
    assert {name: one.values.shape for name, one in found.items()} == {name: one.shape for name, one in x.items()}
    with pytest.raises(ValueError, match=r"has several inputs; .*grad_cam, lrp or deep_lift, which take them all"):
        saliency(model, x, 0)


@pytest.mark.parametrize("named", [False, True])
def test_several_outputs_are_refused(named):
    start = keras.Input((3,))
    outputs = [layers.Dense(2)(start), layers.Dense(3)(start)]
    with pytest.raises(ValueError, match="several outputs; wrap the one to explain"):
        Classifier(keras.Model(start, dict(zip("ab", outputs, strict=True)) if named else outputs))


def test_outputs_that_are_maps_are_refused():
    start = keras.Input((4, 4, 1))
    model = keras.Model(start, layers.Conv2D(3, 1)(start))
    for call in (lambda: Classifier(model).predict(nets.inputs()), lambda: fgsm(model, nets.inputs(), 0, epsilon=0.1)):
        with pytest.raises(ValueError, match=r"one row of class scores per example, shape \(N, K\), not shape"):
            call()


@pytest.mark.parametrize("labels", [["one"], ["a", "b"], list("abcd")])
def test_the_number_of_labels_is_checked(labels):
    with pytest.raises(ValueError, match=f"{len(labels)} labels were given, but 'small' has 3 classes"):
        Classifier(nets.network(NUMBERS, name="small"), labels)
    late = Classifier(nets.Subclassed(NUMBERS), labels, name="small")
    with pytest.raises(ValueError, match=f"{len(labels)} labels were given, but 'small' has 3 classes"):
        late.predict(nets.inputs())


@pytest.mark.parametrize("bad", [(1, 0), (0, 0), (0, np.nan), (-np.inf, 0)])
def test_a_range_that_is_none_is_refused(bad):
    with pytest.raises(ValueError, match="value_range must be"):
        small(value_range=bad)


@pytest.mark.parametrize("size", [0, -1])
def test_batches_hold_at_least_one(size):
    with pytest.raises(ValueError, match=f"batch_size must be at least 1, not {size}"):
        small().logits(nets.inputs(), batch_size=size)


def test_a_preprocessing_that_changes_the_shape_is_refused():
    with pytest.raises(ValueError, match=r"preprocess must keep the shape \(1, 8, 6, 3\) of its batch, but gave"):
        coloured(lambda pixels: pixels[..., :1]).preprocess(np.zeros((8, 6, 3), "uint8"))


def test_a_preprocessing_that_makes_nan_is_refused():
    with pytest.raises(ValueError, match="preprocess gave NaN"):
        coloured(lambda pixels: pixels * np.nan).preprocess(np.zeros((8, 6, 3), "uint8"))


def test_pictures_for_a_model_that_takes_none_are_refused():
    rows = Classifier(nets.linear(np.ones((4, 2)), shape=(4,)), name="rows")
    with pytest.raises(ValueError, match=r"'rows' takes inputs of shape \(4,\), not pictures; pass float arrays"):
        rows.predict(np.zeros((8, 6, 3), "uint8"))
    assert rows.predict(np.ones((2, 4))).probabilities.shape == (2, 2)


def test_pictures_for_a_model_of_many_channels_are_refused():
    many = Classifier(nets.linear(np.ones((4 * 4 * 5, 2)), shape=(4, 4, 5)))
    with pytest.raises(ValueError, match="1 or 3 channels, but the model takes 5"):
        many.predict(np.zeros((8, 6, 3), "uint8"))


def test_an_unknown_class_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="unknown class 'cows'; did you mean cow"):
        saliency(small(), nets.inputs(), "cows")


# The range of values, and back to display


MODES = {
    "unit": (lambda p: p / 255, (0.0, 1.0)),
    "tf": (lambda p: p / 127.5 - 1, (-1.0, 1.0)),
    "inside": (lambda p: p + 0, (0.0, 255.0)),
    "inverted": (lambda p: 1 - p / 255, (0.0, 1.0)),
}


@pytest.mark.parametrize("mode", MODES)
def test_the_range_is_found_by_trying_the_preprocessing(mode):
    preprocess, expected = MODES[mode]
    classifier = coloured(preprocess)
    assert classifier.value_range == expected
    assert all(isinstance(bound, float) for bound in classifier.value_range)


@pytest.mark.parametrize("mode", ["tf", "torch", "caffe"])
def test_the_modes_of_keras_applications(mode):
    def preprocess(pixels):
        return keras.applications.imagenet_utils.preprocess_input(pixels, data_format="channels_last", mode=mode)

    classifier = coloured(preprocess)
    picture = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype="uint8")
    x = classifier.preprocess(picture)
    np.testing.assert_allclose(x[0], np.asarray(preprocess(picture.astype("float32")[np.newaxis]))[0], rtol=1e-5)
    np.testing.assert_allclose(classifier.to_display(x)[0], picture / 255, atol=2e-4)
    black, white = (np.asarray(preprocess(np.full((1, 8, 6, 3), v, "float32")))[0, 0, 0] for v in (0, 255))
    for found, true in zip(classifier.value_range, (black, white), strict=True):
        np.testing.assert_allclose(found, true, atol=1e-3)


def test_the_given_range_goes_before_what_is_found():
    classifier = coloured(lambda p: p / 255, value_range=(-3, 3))
    assert classifier.value_range == (-3, 3)
    bare = coloured(value_range=(-1, 1))
    shown = bare.to_display(np.full((1, 8, 6, 3), 0.5, "float32"))
    np.testing.assert_allclose(shown, 0.75)


def test_without_preprocessing_the_range_is_unknown():
    assert coloured().value_range is None


def test_a_preprocessing_that_cannot_be_undone_has_no_range():
    standardised = coloured(lambda p: (p - p.mean()) / p.std())
    assert standardised.pixel_map is None
    assert standardised.value_range is None
    x = standardised.preprocess(np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype="uint8"))
    shown = standardised.to_display(x)
    assert (shown.min(), shown.max()) == (0, 1)


def test_grey_is_shown_as_rgb():
    shown = small(value_range=(0, 1)).to_display(nets.inputs())
    assert shown.shape == (3, 4, 4, 3)
    np.testing.assert_allclose(shown, np.repeat(nets.inputs(), 3, axis=-1), rtol=1e-6)


def test_pictures_that_are_compared_share_one_scale():
    """Where the range is unknown, an attack that leaves 0..1 must not change how the picture is shown."""
    x = np.linspace(0.1, 1, 8 * 6 * 3, dtype="float32").reshape(1, 8, 6, 3)
    result = fgsm(coloured(), x, 0, epsilon=0.03)
    assert result.adversarial.max() > 1
    np.testing.assert_allclose(result.pictures[1], np.clip(result.adversarial, 0, 1), rtol=1e-6)
    np.testing.assert_allclose(result.pictures[0], x, rtol=1e-6)


# Memory


@pytest.fixture
def batches(monkeypatch):
    """Record how many examples each compiled function receives."""
    sizes, compiled = [], backend.compile

    def spy(function, variables=(), **options):
        run = compiled(function, variables, **options)

        def call(*arrays):
            sizes.append(len(arrays[0]))
            return run(*arrays)

        return call

    monkeypatch.setattr(backend, "compile", spy)
    return sizes


@pytest.mark.parametrize(("examples", "expected"), [(1, [1] * 5), (2, [2, 2, 1]), (4, [4, 1]), (1000, [5])])
def test_batches_are_cut_to_the_memory(batches, monkeypatch, examples, expected):
    classifier = small()
    elements = 16 + 16 + nets.HIDDEN + nets.CLASSES  # input, flattened, hidden, scores
    monkeypatch.setattr(backend, "free_memory", lambda: examples * 8 * elements * 4)
    for call in (
        lambda: classifier.logits(nets.inputs(5)),
        lambda: saliency(classifier, nets.inputs(5), 0),
    ):
        batches.clear()
        call()
        assert batches == expected


def test_without_memory_one_by_one(batches, monkeypatch):
    monkeypatch.setattr(backend, "free_memory", lambda: 0)
    small().logits(nets.inputs(3))
    assert batches == [1, 1, 1]


def test_small_nets_get_large_batches_and_what_is_asked_for_counts(batches):
    classifier = small()
    classifier.logits(nets.inputs(600))
    assert batches == [512, 88]
    batches.clear()
    classifier.logits(nets.inputs(70), batch_size=50)
    assert batches == [50, 20]


def test_large_nets_get_the_usual_batch(batches, monkeypatch):
    monkeypatch.setattr("xai_widgets.models.kinds.wrapped_model._BATCH_BYTES", 1000)
    small().logits(nets.inputs(70))
    assert batches == [32, 32, 6]


def test_models_within_count_too(batches, monkeypatch):
    nested = Classifier(nets.ENDINGS["nested once"][0](NUMBERS))
    elements = 16 + 16 + nets.HIDDEN + nets.CLASSES
    monkeypatch.setattr(backend, "free_memory", lambda: 2 * 8 * elements * 4)
    nested.logits(nets.inputs(4))
    assert batches == [2, 2]


# Labels


@pytest.mark.parametrize(
    "labels",
    [
        {0: "cat", 1: "cow", 2: "dog"},
        {2: "dog", 0: "cat", 1: "cow"},
        {"dog": 2, "cat": 0, "cow": 1},
        {"0": "cat", "1": "cow", "2": "dog"},
        np.array(["cat", "cow", "dog"]),
        ("cat", "cow", "dog"),
    ],
)
def test_labels_are_read_in_the_order_of_the_outputs(labels):
    assert Classifier(nets.network(NUMBERS), labels).labels == ("cat", "cow", "dog")


def test_labels_from_a_file(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("cat\ncow\ndog\n")
    for given in (path, str(path)):
        assert Classifier(nets.network(NUMBERS), given).labels == ("cat", "cow", "dog")
    assert Classifier(nets.network(NUMBERS), range(3)).labels == ("0", "1", "2")


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({"cat", "cow", "dog"}, "a set, which has no order"),
        (["cat", "cat", "dog"], "'cat' names 2 classes"),
        (["cat", None, "dog"], "one text per class"),
        (["cat", 1.5, "dog"], "one text per class"),
        ("cat, cow, dog", "there is no file of labels"),
        ({"cat": 0, "cow": 2, "dog": 3}, "class .1. is missing"),
        ({"cat": "x", "cow": "y", "dog": "z"}, "{index: name} or {name: index}"),
        (3, "one text per class, not one int"),
    ],
)
def test_labels_that_are_refused(labels, words):
    with pytest.raises(ValueError, match=words):
        Classifier(nets.network(NUMBERS), labels)
