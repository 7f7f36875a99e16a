"""Sets of vectors, and the files of the Embedding Projector."""

import json

import numpy as np
import pytest
from PIL import Image

from xai_widgets import load_model
from xai_widgets.datasets.embedding_projector import field, metadata_text, sprite, write_projector
from xai_widgets.datasets.vectors import VectorSet, load_vectors, word_vectors


@pytest.mark.parametrize("name", ["digits", "faces", "words", "photos"])
def test_sets_are_whole_and_repeat(name):
    found, again = load_vectors(name, language="en"), load_vectors(name, language="en")
    assert np.isfinite(found.vectors).all()
    np.testing.assert_array_equal(found.vectors, again.vectors)
    assert found.groups.max() + 1 == len(found.group_names)
    assert found.pictures is None or found.pictures.shape in {(len(found), side, side, 3) for side in (8, 25)}


def test_words_are_in_the_readers_language():
    assert "film" in load_vectors("words", language="fr").names
    assert load_vectors("words", language="fr").group_names != load_vectors("words", language="en").group_names


def test_vectors_of_photos_mark_what_the_model_misreads():
    found = load_vectors("photos", language="en")
    assert found.vectors.shape == (1100, 384)
    assert np.bincount(found.groups).tolist() == [100] * 11
    assert 0.04 < found.marked.mean() < 0.14  # the card says 8 % over all test pictures
    assert [" → " in name for name in found.names] == found.marked.tolist()
    assert found.vectors.min() >= 0  # after a ReLU, averaged


def test_the_photos_model_gives_the_answers_that_its_vectors_are_named_by():
    """The answer is one dense layer away from the vectors."""
    found, net = load_vectors("photos", language="en"), load_model("photos").model
    weights, bias = net.layers[-1].get_weights()
    said = (found.vectors @ weights + bias).argmax(axis=1)
    assert ((said != found.groups) == found.marked).mean() > 0.995  # vectors are rounded to float16


def test_an_unknown_set_is_refused():
    with pytest.raises(ValueError, match="digits"):
        load_vectors("digit5")


def test_vectors_of_words_factor_their_information():
    """With as many numbers as words, products of vectors give back the information, up to each word's length."""
    texts = ["a b c", "a c", "b d a", "d d b c", "c a b d"] * 3
    names, vectors = word_vectors(texts, rare=1, reach=2, width=4)
    counts = np.zeros((4, 4))
    for text in texts:
        read = ["abcd".index(word) for word in text.split()]
        for i, first in enumerate(read):
            for j, second in enumerate(read):
                if i != j and abs(i - j) <= 2:
                    counts[first, second] += 1
    chance = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    information = np.maximum(np.log(np.where(counts > 0, counts, 1e-300) / chance), 0)
    left, strength, _ = np.linalg.svd(information)
    rows = left * np.sqrt(strength)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert names == ("a", "b", "c", "d")
    np.testing.assert_allclose(vectors @ vectors.T, rows @ rows.T, atol=1e-5)


def test_too_little_text_is_refused():
    with pytest.raises(ValueError, match="more text"):
        word_vectors(["one two"], rare=5)


def test_parts_of_a_set_fit_and_can_be_taken():
    whole = load_vectors("faces", language="en")
    part = whole.take(whole.groups == 0)
    assert (len(part), part.pictures.shape[0], set(part.names) <= set(whole.names)) == (100, 100, True)
    with pytest.raises(ValueError, match="as many names"):
        VectorSet("odd", np.zeros((2, 2), "float32"), ("a",), np.zeros(2, int), ("g",))


def test_files_of_the_projector_read_back(tmp_path):
    whole = load_vectors("faces", language="en").take(range(95, 105))
    files = whole.to_projector(tmp_path / "out")
    assert [file.name for file in files] == ["vectors.tsv", "metadata.tsv", "sprite.png", "projector_config.json"]
    np.testing.assert_allclose(np.loadtxt(files[0], delimiter="\t"), whole.vectors, rtol=1e-5)
    rows = [line.split("\t") for line in files[1].read_text(encoding="utf-8").splitlines()]
    assert rows[0] == ["name", "group"]
    assert [row[1] for row in rows[1:]] == ["face"] * 5 + ["no face"] * 5
    picture = np.asarray(Image.open(files[2]))
    assert picture.shape == (100, 100, 3)
    np.testing.assert_array_equal(picture[25:50, 50:75], whole.pictures[6])  # row by row, four in a row
    entry = json.loads(files[3].read_text(encoding="utf-8"))["embeddings"][0]
    assert entry["tensorShape"] == [10, 625]
    assert entry["sprite"] == {"imagePath": "sprite.png", "singleImageDim": [25, 25]}


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "a\r\nb", "a\u2028b", "a\x00b", "a\x85b", "a\x0bb"])
def test_names_cannot_break_the_table(name):
    text = metadata_text({"name": [name, "plain"], "other": ["x", "y"]})
    assert [len(line.split("\t")) for line in text.splitlines()] == [2, 2, 2]
    assert field(name) == "a b"


def test_one_column_has_no_heading_and_no_line_is_empty():
    assert metadata_text({"name": ["", "b"]}).splitlines() == ["-", "b"]


def test_what_does_not_fit_the_projector_is_refused(tmp_path):
    with pytest.raises(ValueError, match="as many values of 'name'"):
        write_projector(tmp_path, np.eye(3), {"name": ["a"]})
    with pytest.raises(ValueError, match="pictures are"):
        write_projector(tmp_path, np.eye(2), {"name": ["a", "b"]}, np.zeros((2, 3, 4, 3), "uint8"))
    with pytest.raises(ValueError, match="8192"):
        sprite(np.zeros((100, 1000, 1, 3), "uint8"))
    assert not list(tmp_path.iterdir())
