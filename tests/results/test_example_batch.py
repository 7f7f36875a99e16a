"""Results travel: parts, joins, files and tables of what was explained."""

import importlib
import io
import json
import sys
import types
import zipfile

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import xai_widgets as xai
from tests.models import nets
from xai_widgets.methods import (
    integrated_gradients,
    kernel_shap,
    make_again,
    map_similarity,
    occlude_words,
    saliency,
    smooth_grad,
)
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.results.attribution_result import Attribution
from xai_widgets.results.recipe import NotKept, Recipe
from xai_widgets.results.superpixel_result import SuperpixelAttribution
from xai_widgets.results.word_result import WordAttribution

pytestmark = pytest.mark.backend
COUNT = 5


@pytest.fixture(scope="module")
def classifier():
    return Classifier(nets.network(nets.Numbers.drawn(), name="net"), ("a", "b", "c"), value_range=(0, 1))


@pytest.fixture(scope="module")
def inputs():
    return nets.inputs(COUNT)


@pytest.fixture(scope="module")
def found(classifier, inputs):
    return saliency(classifier, inputs, ["a", "b", "c", "a", 1])


def counting(texts):
    """Count two words."""
    return np.array([[text.count("good"), text.count("bad")] for text in texts], "float64")


@pytest.fixture(scope="module")
def words():
    return occlude_words(counting, ["a good film", "not bad, not good", "bad"], 0)


def same(first, second):
    """Whether two results hold the same numbers and texts."""
    assert type(first) is type(second)
    for name, value in first._entries().items():
        other = getattr(second, name)
        if isinstance(value, tuple):
            assert len(value) == len(other)
            for one, two in zip(value, other, strict=True):
                np.testing.assert_array_equal(one, two)
        elif value is None:
            assert other is None
        else:
            np.testing.assert_array_equal(value, other)
            assert value.dtype == other.dtype
    assert [getattr(first, name) for name in first._of_all] == [getattr(second, name) for name in first._of_all]
    assert first.recipe == second.recipe
    return True


# Parts


@pytest.mark.parametrize(
    ("index", "places"),
    [
        (0, [0]),
        (-1, [4]),
        (np.int64(2), [2]),
        (slice(1, 3), [1, 2]),
        (slice(None, None, -2), [4, 2, 0]),
        ([3, -5], [3, 0]),
        (np.array([True, False, False, True, False]), [0, 3]),
        (slice(9, 12), []),
        ([], []),
    ],
)
def test_parts_are_those_of_numpy_and_one_example_stays_a_batch(found, index, places):
    part = found[index]
    assert len(part) == len(places)
    np.testing.assert_array_equal(part.values, found.values[places])
    np.testing.assert_array_equal(part.score, found.score[places])
    np.testing.assert_array_equal(part.pictures, found.pictures[places])
    assert part.recipe.target == tuple(found.recipe.target[place] for place in places)
    assert list(part.recipe.arguments["target"]) == [found.recipe.arguments["target"][place] for place in places]


@pytest.mark.parametrize("index", [5, -6, "a", 1.0, None, (0, 1), True, [0, 9], [True], np.zeros((2, 2), int)])
def test_what_is_no_example_is_an_index_error(found, index):
    with pytest.raises(IndexError):
        found[index]


def test_a_loop_ends_and_gives_each_example(found):
    each = list(found)
    assert [one.values.shape for one in each] == [(1, 4, 4, 1)] * COUNT
    assert [one.recipe.target[0] for one in each] == ["a", "b", "c", "a", "b"]
    assert same(Attribution.concatenate(each), found[:]) is True


@pytest.mark.parametrize(
    "explain",
    [
        lambda model, x: saliency(model, x, ["a", "b", "c", "a", 1]),
        lambda model, x: smooth_grad(model, x, samples=3, seed=None),
        lambda model, x: integrated_gradients(model, x, "b", baseline=np.linspace(0, 1, x.size).reshape(x.shape)),
        lambda model, x: integrated_gradients(model, x, baseline=[0.5, np.ones((4, 4, 1)), x[::-1].copy()]),
        lambda model, x: kernel_shap(model, x, samples=20, segments=np.arange(16).reshape(4, 4) // 4),
        lambda model, x: kernel_shap(model, x, samples=20, segments=np.arange(80).reshape(5, 4, 4) % 4),
    ],
)
def test_parts_and_joins_are_made_again_from_their_recipes(classifier, inputs, explain):
    whole = explain(classifier, inputs)
    part = whole[[1, 3]]
    again = make_again(part.recipe, classifier, inputs[[1, 3]])
    np.testing.assert_allclose(again.values, part.values, atol=1e-6)
    joined = Attribution.concatenate([whole[:2], whole[2], whole[3:]])
    again = make_again(joined.recipe, classifier, inputs)
    np.testing.assert_allclose(again.values, whole.values, atol=1e-6)


def test_superpixels_and_words_are_cut_too(classifier, inputs, words):
    kernel = kernel_shap(classifier, inputs, samples=20, segments=np.arange(80).reshape(5, 4, 4) % 4)
    part = kernel[2:4]
    assert type(part) is SuperpixelAttribution
    assert len(part.weights) == len(part.errors) == len(part.segments) == len(part.intercept) == 2
    np.testing.assert_array_equal(part.weights[0], kernel.weights[2])
    np.testing.assert_array_equal(part.mask(1, 0), kernel.mask(1, 2))
    assert words[1].texts == ("not bad, not good",)
    assert words[1].top(1) == words.top(1, 1)
    assert same(WordAttribution.concatenate(list(words)), words)


# Joins


def test_the_batches_of_a_loop_become_one(classifier, inputs):
    batches = [saliency(classifier, inputs[start : start + 2], batch_size=2 - start // 4) for start in (0, 2, 4)]
    joined = Attribution.concatenate(batches)
    whole = saliency(classifier, inputs)
    np.testing.assert_allclose(joined.values, whole.values, atol=1e-6)
    assert joined.recipe.target == whole.recipe.target
    assert joined.recipe.arguments["target"] is None
    mixed = Attribution.concatenate([saliency(classifier, inputs[:1]), saliency(classifier, inputs[1:], 0)])
    assert mixed.recipe.arguments["target"] == [whole.recipe.target[0], 0, 0, 0, 0]


def test_versions_that_differ_are_both_named(found):
    recipe = Recipe("saliency", "net", found.recipe.target, {}, {"keras": "3.0"}, found.recipe.arguments)
    old = Attribution(found.values, found.score, recipe, pictures=found.pictures)
    assert Attribution.concatenate([old, found]).recipe.versions["keras"].startswith("3.0 and ")


def test_what_does_not_belong_together_is_refused(classifier, inputs, found, words):
    other = Classifier(nets.network(nets.Numbers.drawn(), name="other"), ("a", "b", "c"), value_range=(0, 1))
    wide = Attribution(np.zeros((1, 5, 5, 1), "float32"), np.zeros(1, "float32"), found[0].recipe)
    cases = [
        ([], ValueError, "nothing to join"),
        ([found, found.values], TypeError, "not ndarray"),
        ([found, words], TypeError, "not WordAttribution"),
        ([found, smooth_grad(classifier, inputs, samples=2)], ValueError, "different methods"),
        ([found, saliency(other, inputs)], ValueError, "different models cannot be joined: 'net' and 'other'"),
        ([found, wide], ValueError, "different shapes"),
        ([found, saliency(classifier, inputs, 0, output="probability")], ValueError, "output is 'logit' and 'prob"),
        (
            [smooth_grad(classifier, inputs, samples=2, seed=seed) for seed in (1, 2)],
            ValueError,
            "different options cannot be joined: seed is 1 and 2",
        ),
        ([found, Attribution(found.values, found.score, found.recipe)], ValueError, "pictures"),
        ([saliency(classifier, inputs, lambda y: y[:, 0]), found], ValueError, "cannot be joined"),
    ]
    for given, error, reason in cases:
        with pytest.raises(error, match=reason):
            Attribution.concatenate(given)


# Files


RESULTS = {
    "saliency": lambda model, x: saliency(model, x, ["a", "b", "c", "a", 1]),
    "targets": lambda model, x: integrated_gradients(model, x, (0, 1, 2, 0, "a"), baseline=[0.5, x.copy()]),
    "superpixels": lambda model, x: kernel_shap(model, x, samples=20, segments=np.arange(80).reshape(5, 4, 4) % 4),
    "words": lambda _model, _x: occlude_words(counting, ["a good film", "not bad, not good", "bad"], 0),
    "rows": lambda _model, _x: kernel_shap(
        nets.linear(np.arange(6.0).reshape(3, 2), shape=(3,)), np.ones((2, 3)), samples=9
    ),
    "nothing": lambda model, x: saliency(model, x, 0)[:0],
}


@pytest.mark.parametrize("name", RESULTS)
def test_what_is_saved_comes_back(classifier, inputs, tmp_path, name):
    result = RESULTS[name](classifier, inputs)
    path = result.save(tmp_path / f"{name}.npz")
    base = WordAttribution if name == "words" else Attribution
    assert same(base.load(path), result)
    assert [one.name for one in tmp_path.iterdir()] == [f"{name}.npz"]
    with np.load(path, allow_pickle=False) as arrays:  # what is in it can be read without this package
        text = json.loads(str(arrays["recipe"]))
        assert text["recipe"]["method"] == result.recipe.method
        assert all(array.dtype.kind != "O" for array in arrays.values())


def test_a_result_is_made_again_from_its_file(classifier, inputs, tmp_path):
    result = integrated_gradients(
        classifier, inputs, [0, 1, 2, 0, "a"], baseline=[0.25, inputs[::-1].copy()], steps=4, seed=None
    )
    read = Attribution.load(result.save(tmp_path / "a.npz"))
    np.testing.assert_array_equal(make_again(read.recipe, classifier, inputs).values, result.values)
    assert type(read.recipe.arguments["baseline"]) is list


def test_a_function_is_not_kept_and_the_advice_works(classifier, inputs, tmp_path):
    def first(outputs):
        return outputs[:, 0]

    result = saliency(classifier, inputs, first)
    read = Attribution.load(result.save(tmp_path / "a.npz"))
    assert isinstance(read.recipe.arguments["target"], NotKept)
    with pytest.raises(ValueError, match=r"target was function first, .* give target="):
        make_again(read.recipe, classifier, inputs)
    again = make_again(read.recipe, classifier, inputs, target=first)
    np.testing.assert_array_equal(again.values, result.values)
    assert Attribution.load(read.save(tmp_path / "b.npz")).recipe == read.recipe


@pytest.mark.parametrize("ending", ["png", "pdf", "svg", "PNG"])
def test_a_figure_is_saved_by_the_ending(found, tmp_path, ending):
    path = found.save(tmp_path / f"map.{ending}")
    assert path.stat().st_size > 1000
    if ending.lower() == "png":
        with Image.open(path) as picture:
            assert min(picture.size) > 100


def test_names_that_cannot_be_written_are_refused(found, tmp_path):
    for name in ("map.docx", "map", "map.npy"):
        with pytest.raises(ValueError, match=r"must end in \.npz"):
            found.save(tmp_path / name)
    with pytest.raises(OSError, match=r"cannot write .*nowhere"):
        found.save(tmp_path / "nowhere" / "map.npz")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(OSError, match="it is a folder"):
        found.save(tmp_path / "folder.npz")


def test_a_failure_leaves_the_old_file(found, tmp_path, monkeypatch):
    path = found.save(tmp_path / "a.npz")
    before = path.read_bytes()

    def full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match=r"cannot write .*a\.npz.*: No space left"):
        found.save(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["a.npz"]


def changed(path, name, content):
    """Write an entry of an archive anew."""
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    entries[name] = content
    with zipfile.ZipFile(path, "w") as archive:
        for entry, data in entries.items():
            archive.writestr(entry, data)


def npy(array, **options):
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def huge():
    """Return the header of an array of 8 TB, and nothing after it."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)})
    return file.getvalue()


def test_damaged_and_foreign_files_are_one_clear_error(found, tmp_path):
    good = found.save(tmp_path / "good.npz").read_bytes()
    middle = bytearray(good)
    middle[len(good) // 2] ^= 0xFF
    bare = io.BytesIO()
    np.savez(bare, values=found.values)
    contents = {
        "cut": good[: len(good) // 2],
        "flipped": bytes(middle),
        "empty": b"",
        "text": b"hello",
        "npy": npy(found.values),
        "foreign": bare.getvalue(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    entries = {
        "pickle": ("values.npy", npy(np.array([print], object), allow_pickle=True)),
        "pickled recipe": ("recipe.npy", npy(np.array({"a": 1}, object), allow_pickle=True)),
        "huge": ("values.npy", huge()),
        "short": ("values.npy", npy(found.values[:3])),
        "no json": ("recipe.npy", npy(np.array("{"))),
        "deep json": ("recipe.npy", npy(np.array("[" * 100_000))),
        "other json": ("recipe.npy", npy(np.array("[1, 2]"))),
        "no array": ("score.npy", b"hello"),
        "no fields": (
            "recipe.npy",
            npy(np.array(json.dumps({"format": "xai_widgets result 1", "kind": "Attribution", "recipe": 3}))),
        ),
    }
    for name, (entry, content) in entries.items():
        (tmp_path / name).write_bytes(good)
        changed(tmp_path / name, entry, content)
    for name in (*contents, *entries):
        with pytest.raises(ValueError, match=f"{name}' (is|holds).*(damaged|not a result that save)") as caught:
            Attribution.load(tmp_path / name)
        assert caught.value.__cause__ is None
    with pytest.raises(FileNotFoundError, match="missing"):
        Attribution.load(tmp_path / "missing.npz")


def edited(path, **fields):
    """Write what the file says of its fields anew; of a field that is None, remove it."""
    with np.load(path) as archive:
        about = json.loads(str(archive["recipe"]))
    for name, how in fields.items():
        about["fields"].pop(name, None)
        if how is not None:
            about["fields"][name] = how
    changed(path, "recipe.npy", npy(np.array(json.dumps(about))))


WRONG = {
    "not there": {"score": None},
    "nothing": {"score": {"text": None}},
    "a text": {"score": {"text": "high"}},
    "texts": {"score": {"text": ["a", "b"]}},
    "no values": {"values": {"text": None}},
    "no truth": {"has_channels": {"text": "yes"}},
    "pictures that are none": {"pictures": "array"},
    "a field that there is not": {"other": {"text": "x"}},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_edited_by_hand_is_refused_when_it_is_read(found, tmp_path, name):
    path = found.save(tmp_path / "a.npz")
    changed(path, "pictures.npy", npy(found.values))
    edited(path, **WRONG[name])
    with pytest.raises(ValueError, match=r"a\.npz' is damaged"):
        Attribution.load(path)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("score", np.zeros(0)),
        ("score", np.array(["a"] * COUNT)),
        ("score", np.zeros((COUNT, 2))),
        ("values", np.zeros(COUNT)),
        ("values", np.array([["a", "b"]] * COUNT)),
    ],
)
def test_arrays_that_are_no_result_are_refused_when_they_are_read(found, tmp_path, name, array):
    path = found.save(tmp_path / "a.npz")
    changed(path, f"{name}.npy", npy(array))
    with pytest.raises(ValueError, match=rf"a\.npz' is damaged: .*{name}"):
        Attribution.load(path)


@pytest.mark.parametrize(
    "fields",
    [{"score": {"text": None}}, {"texts": {"text": [1, 2, 3]}}, {"spans": {"text": [[[0, 99]], [], []]}},
     {"weights": {"text": ["a", "b", "c"]}}, {"spans": None}],
)  # fmt: skip
def test_texts_edited_by_hand_are_refused_when_they_are_read(words, tmp_path, fields):
    path = words.save(tmp_path / "w.npz")
    edited(path, **fields)
    with pytest.raises(ValueError, match=r"w\.npz' is damaged"):
        WordAttribution.load(path)


def test_superpixels_without_weights_are_refused_when_they_are_read(classifier, inputs, tmp_path):
    path = kernel_shap(classifier, inputs, 0, segments="grid", count=4, samples=20).save(tmp_path / "s.npz")
    assert len(Attribution.load(path)) == COUNT
    edited(path, weights={"text": [[], [], [], [], []]})
    with pytest.raises(ValueError, match=r"s\.npz' is damaged: (weights|segments)"):
        Attribution.load(path)


def test_the_size_is_known_before_anything_is_read(found, tmp_path):
    path = found.save(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="more than max_bytes=1,000"):
        Attribution.load(path, max_bytes=1000)


def test_the_wrong_class_is_named(words, tmp_path):
    path = words.save(tmp_path / "w.npz")
    with pytest.raises(ValueError, match=r"holds a WordAttribution, which is no Attribution: WordAttribution\.load"):
        Attribution.load(path)


# Tables


@pytest.fixture
def frames(monkeypatch):
    """pandas, or where it is not installed what keeps the columns that it is given."""
    try:
        return importlib.import_module("pandas")
    except ImportError:
        monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=dict))


@pytest.mark.usefixtures("frames")
def test_tables(classifier, inputs, found, words):
    table = found.to_dataframe()
    assert list(table) == ["example", "target", "score", "sum", "minimum", "maximum", "mean_abs"]
    assert list(table["target"]) == ["a", "b", "c", "a", "b"]
    np.testing.assert_allclose(table["sum"], found.values.sum(axis=(1, 2, 3)), rtol=1e-5)
    rows = integrated_gradients(nets.linear(np.arange(6.0).reshape(3, 2), shape=(3,)), np.ones((2, 3)), 0)
    table = rows.to_dataframe()
    assert list(table) == ["example", "target", "score", "delta", "0", "1", "2"]
    np.testing.assert_array_equal(table["2"], rows.values[:, 2])
    pieces = kernel_shap(classifier, inputs[:2], samples=20, segments=np.arange(32).reshape(2, 4, 4) % 4)
    table = pieces.to_dataframe()
    assert list(table) == ["example", "target", "score", "superpixel", "weight", "error"]
    assert list(table["example"]) == [0] * 4 + [1] * 4
    np.testing.assert_array_equal(table["weight"], np.concatenate(pieces.weights))
    table = words.to_dataframe()
    assert list(table) == ["example", "target", "score", "word", "start", "end", "weight"]
    assert list(table["word"])[:4] == ["a", "good", "film", "not"]
    assert {len(column) for column in (table[name] for name in table)} == {8}


def test_without_pandas_it_is_said(found, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        found.to_dataframe()


# Figures


def caption(figure):
    return figure.get_supxlabel().replace("\n", " ")


def test_a_figure_says_that_it_shows_only_some(found, words):
    many = Attribution.concatenate([found] * 4)
    assert caption(many.figure()).startswith("6 of 20 shown saliency")
    assert len(many.figure(count=8).axes) == 8 * 2 + 1
    assert "shown" not in caption(many.figure(count=20))
    assert "shown" not in caption(found.figure())
    rows = Attribution(np.ones((9, 30), "float32"), np.zeros(9), Recipe("m", "n", ("t",) * 9, {}))
    assert caption(rows.figure()) == "6 of 9 shown the 24 largest of 30 values shown m · n · for t"
    assert caption(words.figure(texts=2)).startswith("2 of 3 shown")
    try:
        xai.set_language("fr")
        assert caption(many.figure()).startswith("6 sur 20 affichés")
    finally:
        xai.set_language("en")
    for count in (0, -1, 101, 2.5, None):
        with pytest.raises(ValueError, match="a figure shows from 1 to 100 examples"):
            many.figure(count=count)
    with pytest.raises(ValueError, match="no examples"):
        found[:0].figure()


def test_a_figure_has_pixels_without_pyplot(found):
    figure = found.show()
    assert isinstance(figure, Figure)
    pixels = np.array(figure.canvas.buffer_rgba())
    assert pixels.shape[2] == 4
    assert pixels[..., :3].std() > 5
    figure.axes[0].set_title("another")
    assert not np.array_equal(np.asarray(figure.canvas.buffer_rgba()), pixels)


def test_rows_are_bars_and_no_repr_holds_arrays():
    model = nets.linear(np.arange(6.0).reshape(3, 2), shape=(3,))
    rows = kernel_shap(model, np.ones((2, 3)), samples=9, segments=np.array([0, 0, 1]))
    assert repr(rows).startswith("SuperpixelAttribution(2x3: kernel_shap · ")
    assert "array" not in repr(rows).partition("segments=")[0]
    assert len(rows.show().axes) == 2
    tabular = pytest.importorskip("lime") and xai.methods.lime_tabular(
        lambda x: np.stack([x.sum(1), x[:, 0]], 1), np.ones((2, 4)), training=np.eye(4), samples=20
    )
    assert len(tabular.show().axes) == 2
    assert len(repr(tabular)) < 300


# Similarity


def test_two_attributions_are_compared(classifier, inputs, found):
    assert map_similarity(found, found).tolist() == pytest.approx([1] * COUNT)
    other = smooth_grad(classifier, inputs, samples=2)
    np.testing.assert_array_equal(map_similarity(found, other), map_similarity(found.heatmap(), other.heatmap()))
    np.testing.assert_array_equal(map_similarity(found, other.heatmap()), map_similarity(found, other))
    rows = integrated_gradients(nets.linear(np.arange(6.0).reshape(3, 2), shape=(3,)), np.ones((2, 3)), 0)
    assert map_similarity(rows, rows).tolist() == pytest.approx([1, 1])
    with pytest.raises(ValueError, match=r"of one shape \(N, H, W\), not \(5, 4, 4\) and \(2, 4, 4\)"):
        map_similarity(found, other[:2])


def test_a_result_is_no_array_and_says_which_of_its_fields_are(found, words):
    for one in (found, found[0], found[:0]):
        with pytest.raises(TypeError, match=r"Attribution is no array; take one of its fields, \.values, \.score"):
            np.asarray(one)
    with pytest.raises(TypeError, match=r"\.score"):
        np.array(words)
    with pytest.raises(TypeError, match=r"\.values"):
        found.values - found
