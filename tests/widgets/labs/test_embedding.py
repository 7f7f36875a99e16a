"""The lab of maps, driven as a reader and as code would drive it."""

import numpy as np
import pytest
import traitlets

from xai_widgets import EmbeddingLab
from xai_widgets.datasets.vectors import VectorSet
from xai_widgets.methods.embedding import map_quality, pca, tsne
from xai_widgets.methods.embedding.known_shapes import clouds


@pytest.fixture(autouse=True)
def inline(monkeypatch):
    monkeypatch.setenv("XAI_WIDGETS_SYNC", "1")


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
    with pytest.raises(traitlets.TraitError, match="VectorSet"):
        EmbeddingLab(np.zeros((5, 5)))
