"""The lab of maps, driven as a reader and as code would drive it."""

import numpy as np
import pytest
import traitlets

from xai_widgets import EmbeddingLab
from xai_widgets.datasets.vectors import VectorSet
from xai_widgets.methods.embedding import map_quality, pca, tsne
from xai_widgets.methods.embedding.known_shapes import clouds

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def data():
    """Two clouds with pictures and untrusted names."""
    vectors, groups = clouds([30, 30], places=[0, 20], dimensions=5)
    names = tuple(f"<b>{place}</b>" for place in range(60))
    pictures = np.arange(60, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)
    marked = np.arange(60) == 7
    return VectorSet("two <i>clouds</i>", vectors.astype("float32"), names, groups, ("one", "two"), pictures, marked)


@pytest.fixture
def lab(data):
    made = EmbeddingLab(data, perplexity=8, steps=60)
    yield made
    made.close()


def test_maps_are_the_layouts_and_captions_their_quality(lab, data):
    left, right = lab.layouts
    expected = tsne(data.vectors, perplexity=8, steps=60)
    np.testing.assert_array_equal(left.points, expected.points)
    np.testing.assert_array_equal(right.points, pca(data.vectors).points)
    assert lab.maps[0].points == left.points.tobytes()
    assert lab.qualities[0] == map_quality(data.vectors, left.points)
    assert f"{lab.qualities[1].trustworthiness:.3f}" in lab.maps[1].caption
    assert "60" in lab.maps[0].title
    assert "two <i>clouds</i>" in lab.describe()


def test_frames_are_shown_on_the_way(data, monkeypatch):
    from xai_widgets.widgets.components import PointMap

    titles = []
    original = PointMap.set_points
    monkeypatch.setattr(
        PointMap, "set_points", lambda view, points: (titles.append(view.title), original(view, points))
    )
    lab = EmbeddingLab(data, perplexity=8, steps=30, language="en")
    assert titles[:4] == [f"t-SNE, step {step} of 30" for step in (0, 10, 20, 30)]
    lab.close()


def test_what_no_option_bears_on_is_kept(lab):
    left, right = lab.layouts
    lab.perplexity = 12
    assert lab.layouts[1] is right
    assert lab.layouts[0] is not left
    left = lab.layouts[0]
    lab.other_method = "tsne"
    assert lab.layouts[0] is left
    np.testing.assert_array_equal(lab.layouts[1].points, left.points)


def test_controls_and_code_move_each_other(lab):
    lab.perplexity_slider.value = 5.0
    assert lab.layouts[0].options["perplexity"] == 5
    lab.steps_slider.value = 20.0
    assert (lab.steps, lab.layouts[0].steps) == (20, 20)
    lab.start_menu.value = "random"
    before = lab.layouts[0].points
    lab.seed_button.click()
    assert lab.seed == 1
    assert np.abs(lab.layouts[0].points - before).max() > 0
    lab.seed = 0
    np.testing.assert_array_equal(lab.layouts[0].points, before)
    lab.steps = 30
    assert lab.steps_slider.value == 30


def test_chosen_points_are_shown_on_both_maps_and_named_safely(lab):
    lab.maps[0].chosen = [3, 4, 40]
    assert lab.chosen == [3, 4, 40] == lab.maps[1].chosen
    line = lab.views.chosen_line.value
    assert "3 chosen" in line
    assert "one: 2" in line
    assert [tile["label"] for tile in lab.tiles.tiles] == ["<b>3</b>", "<b>4</b>", "<b>40</b>"]
    assert lab.tiles.pixels[0] == 3
    lab.chosen = []
    assert lab.tiles.layout.display == "none"


def test_without_pictures_names_are_written_out_and_escaped(data):
    bare = VectorSet("bare", data.vectors, data.names, data.groups, data.group_names)
    lab = EmbeddingLab(bare, perplexity=8, steps=10)
    lab.chosen = [0, 1]
    assert "&lt;b&gt;0&lt;/b&gt;" in lab.views.chosen_line.value
    assert lab.tiles.tiles == []
    lab.close()


def test_other_data_lowers_a_perplexity_that_is_too_high(data):
    lab = EmbeddingLab("faces", perplexity=66, steps=10)
    lab.data = data
    assert (lab.perplexity, lab.perplexity_slider.max) == (19, 19)
    assert lab.data_menu.value == data.name
    lab.data_menu.value = "faces"
    assert len(lab.layouts[0]) == 200
    assert lab.perplexity == 66  # as the reader had it
    lab.data_menu.value = data.name
    assert lab.data is data
    lab.close()


def test_figure_and_repr(lab):
    assert [axes.get_title() for axes in lab.figure().axes] == ["t-SNE", "PCA"]
    assert repr(lab) == "EmbeddingLab('two <i>clouds</i>', tsne and pca, perplexity 8, 60 steps, seed 0)"
    bundle = lab._repr_mimebundle_()
    assert {"text/plain", "text/html", "image/png"} <= bundle.keys()
    assert "<i>" not in bundle["text/html"]


def test_what_does_not_exist_is_refused(data):
    with pytest.raises(TypeError, match="perplexity"):
        EmbeddingLab(data, perplexitty=3)
    with pytest.raises(ValueError, match="digits"):
        EmbeddingLab("digitz9")


def test_an_array_of_ones_own_with_labels_and_pictures():
    vectors, groups = clouds([6, 4], places=[0, 20], dimensions=5)
    labels = np.array(["cat", "dog"])[groups]
    pictures = [np.full((4 + place, 6, 3), 20 * place, np.uint8) for place in range(10)]  # of different sizes
    lab = EmbeddingLab(vectors, labels=labels, pictures=pictures, steps=10, language="fr")
    np.testing.assert_array_equal(lab.data.vectors, vectors.astype("float32"))
    assert lab.data.group_names == ("cat", "dog")
    assert lab.data.names[0] == f"{labels[0]} 0"
    assert lab.data.pictures[7].tolist() == np.full((32, 32, 3), 140).tolist()
    assert lab.data_menu.options[-1] == ("mes vecteurs", "own")
    assert "mes vecteurs" in lab.describe()
    lab.data_menu.value = "faces"
    lab.data_menu.value = "own"
    assert len(lab.data) == 10
    lab.close()


def test_an_array_alone_and_one_that_is_set_later(lab):
    rng = np.random.default_rng(0)
    lab.data = rng.random((10, 2, 3))
    assert lab.data.vectors.shape == (10, 6)
    assert lab.data.group_names == ("",)
    assert lab.data.names == tuple("0123456789")
    assert lab.layouts[1].points.shape == (10, 2)


@pytest.mark.parametrize(
    ("data", "options", "error", "told"),
    [
        (
            np.ones((9, 3)),
            {},
            ValueError,
            "at least 10 vectors .* not an array of shape \\(9, 3\\)",
        ),
        (np.ones(9), {}, ValueError, "shape \\(9,\\)"),
        (np.full((10, 2), np.nan), {}, ValueError, "finite"),
        (np.ones((10, 2)), {"labels": "abcd"}, ValueError, "10 vectors need as many labels"),
        (np.ones((10, 2)), {"pictures": np.zeros((4, 8, 8))}, ValueError, "10 vectors need as many pictures, got 4"),
        ("digits", {"labels": [0]}, TypeError, "belong to an array"),
        (None, {"pictures": [0]}, TypeError, "belong to an array"),
        (7, {}, traitlets.TraitError, "an array of vectors"),
    ],
)
def test_what_is_no_set_of_vectors_is_refused(data, options, error, told):
    with pytest.raises(error, match=told):
        EmbeddingLab(data, **options)
