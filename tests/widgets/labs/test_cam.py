"""The CAM lab, driven as a reader and as code would drive it."""

import keras
import numpy as np
import pytest
import traitlets
from keras import layers

from xai_widgets import CamLab, Classifier, load_model, sample_image
from xai_widgets.datasets.creatures import draw
from xai_widgets.datasets.pictures.creature_samples import creature_scene
from xai_widgets.methods import grad_cam, guided_grad_cam, layer_maps, layers_with_maps

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def creatures():
    return load_model("creatures")


@pytest.fixture
def lab(creatures):
    made = CamLab(creatures, "creature-cat-dog", target="cat", language="en")
    yield made
    made.close()


def shown(canvas):
    return canvas.layers[0].values


def test_the_map_its_fine_version_and_the_layers_are_those_of_the_methods(lab, creatures):
    picture = sample_image("creature-cat-dog")
    np.testing.assert_allclose(shown(lab.views.map), grad_cam(creatures, picture, "cat").values[0], atol=1e-5)
    fine = guided_grad_cam(creatures, picture, "cat").heatmap("sum")[0]
    np.testing.assert_allclose(shown(lab.views.guided), fine, atol=1e-5)
    assert [canvas.caption.split(" ")[0] for canvas in lab.views.strip.children] == list(layers_with_maps(creatures))
    coarse = grad_cam(creatures, picture, "cat", layer="conv3_2", upsample=False).values[0]
    np.testing.assert_allclose(shown(lab.views.strip.children[3]), coarse, atol=1e-5)


def test_the_channels_that_count_most_with_their_weights(lab, creatures):
    found = layer_maps(creatures, sample_image("creature-cat-dog"), "cat")
    number = int(np.argmax(np.abs(found.shares[0])))
    first = lab.views.channels[0]
    np.testing.assert_allclose(shown(first), found.activations[0, ..., number], atol=1e-5)
    assert first.title == f"{number}: +{found.shares[0, number]:.2f}"
    assert float(first.caption.removeprefix("α ")) == pytest.approx(found.weights[0, number], rel=0.1)


def test_how_much_of_the_map_is_inside_the_animal(lab):
    values = lab.result.values[0]
    mask = draw(creature_scene("creature-cat-dog"), 96).animals[0]
    assert lab.views.map.caption == f"{100 * values[mask].sum() / values.sum():.0f}% of the map inside the cat"
    assert lab.views.map.caption in lab.describe()


def test_a_click_on_a_bar_explains_another_class(lab):
    before = shown(lab.views.map)
    lab.views.bars.selected = 1
    assert lab.label == "dog"
    assert lab.target is None  # it is the model's answer, and followed
    assert lab.result.recipe.target == ("dog",)
    assert np.abs(shown(lab.views.map) - before).max() > 0.1
    assert lab.views.map.title == "Grad-CAM: dog"


def test_a_click_on_a_small_map_chooses_its_layer(lab):
    lab.views.strip.children[2].pointer = {"x": 3, "y": 3, "event": "press", "serial": 1}
    assert lab.layer is None  # the click comes when the button is let go
    lab.views.strip.children[2].pointer = {"x": 3, "y": 3, "event": "click", "serial": 2}
    assert lab.layer == lab.views.layer_menu.value == "conv3_1"
    marked = [canvas.layout.border_bottom for canvas in lab.views.strip.children]
    assert [place for place, border in enumerate(marked) if "transparent" not in border] == [2]
    assert lab.result.recipe.options["layer"] == "conv3_1"


def test_what_speaks_against_and_both(lab, creatures):
    picture = sample_image("creature-cat-dog")
    lab.views.side_menu.value = "against"
    negative = grad_cam(creatures, picture, "cat", negative=True).values[0]
    np.testing.assert_allclose(shown(lab.views.map), negative, atol=1e-5)
    assert lab.views.map.caption == ""
    lab.side = "both"
    assert lab.views.side_menu.value == "both"
    assert lab.views.map.layers[0].signed
    lab.side = "against"
    lab.method = "eigen_cam"  # knows no gradient that could be reversed
    assert lab.side == "for"
    assert "against" not in dict(lab.views.side_menu.options).values()


def test_cam_has_no_choice_of_layer(lab):
    lab.layer = "conv2_1"
    lab.method = "cam"
    assert lab.views.layer_menu.value == "conv4_2"
    assert lab.views.layer_menu.disabled
    grad = grad_cam(lab.model, sample_image("creature-cat-dog"), "cat").values[0]
    np.testing.assert_allclose(shown(lab.views.map), 144 * grad, atol=1e-3)
    lab.views.strip.children[0].pointer = {"x": 3, "y": 3, "event": "click", "serial": 1}
    assert (lab.method, lab.layer) == ("grad_cam", "conv1_1")


def test_a_network_without_the_end_that_cam_needs(monkeypatch):
    monkeypatch.delenv("XAI_WIDGETS_SYNC")
    keras.utils.set_random_seed(0)
    eyes = [layers.Conv2D(2, 3, activation="relu", name="conv"), layers.Flatten()]
    net = keras.Sequential([keras.Input((8, 8, 3)), *eyes, layers.Dense(2)])
    lab = CamLab(Classifier(net), np.ones((8, 8, 3), "float32"), language="en")
    assert lab.wait()
    assert lab.views.map.layers
    lab.method = "cam"
    assert lab.wait()
    assert "global average pooling" in lab.error
    assert lab.views.map.layers == ()
    assert lab.views.guided.layers  # the rest is drawn
    lab.close()


def test_another_picture_and_a_broken_one(lab):
    lab.views.picture_menu.value = "creature-owl"
    assert lab.image == "creature-owl"
    assert lab.result.recipe.target == ("cat",)  # as it was chosen
    lab.target = None
    assert lab.result.recipe.target == ("owl",)
    kept = lab.views.map.layers
    lab._change_picture(b"no picture")
    assert lab.error
    assert lab.views.map.layers == kept
    lab.image = np.zeros((96, 96, 3), "float32")
    assert lab.views.map.caption == ""  # nobody knows what is where


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"method": "gradcam"}, traitlets.TraitError, "grad_cam"),
        ({"layer": "conv3_3"}, ValueError, "did you mean conv3"),
        ({"layers": "conv3_1"}, TypeError, "layer"),
        ({"target": "unicorn"}, ValueError, "unicorn"),
        ({"image": np.zeros((2, 96, 96, 3), "float32")}, ValueError, "one picture at a time"),
    ],
)
def test_wrong_options_are_refused(creatures, options, error, text):
    with pytest.raises(error, match=text):
        CamLab(creatures, **{"image": "creature-cat-dog", **options})


def test_repr_and_still_picture_say_what_is_shown(lab):
    assert repr(lab) == "CamLab('creatures', grad_cam, layer='conv4_2')"
    bundle = lab._repr_mimebundle_()
    assert bundle["text/plain"] == repr(lab)
    assert "Grad-CAM at conv4_2, cat" in bundle["text/html"]
    assert "inside the cat" in bundle["text/html"]


def test_labels_are_untrusted_text_and_deep_networks_show_a_few_layers():
    keras.utils.set_random_seed(0)
    blocks = [layers.Conv2D(2, 3, padding="same") for _ in range(11)]
    net = keras.Sequential([keras.Input((8, 8, 3)), *blocks, layers.GlobalAveragePooling2D(), layers.Dense(2)])
    lab = CamLab(Classifier(net, ["<b>a</b>", "b"]), np.ones((8, 8, 3), "float32"), target="<b>a</b>", language="fr")
    assert len(lab.views.strip.children) == 8
    assert len(lab.views.layer_menu.options) == 11
    assert "<b>a" not in lab._recipe_line.value
    assert "<b>a" not in lab._repr_mimebundle_()["text/html"]
    assert "ce qui parle pour" in lab.describe()
    lab.close()


def test_of_a_reader_of_scenes_every_word_and_every_answer():
    from data.creatures.heads import build
    from xai_widgets.models.zoo.scene_reader import SceneReader

    keras.utils.set_random_seed(0)
    reader = SceneReader(build(), lambda pixels: pixels / 255)  # it has learnt nothing: the words do not matter here
    lab = CamLab(reader, "creature-cat-dog", target="cat", layer="conv3_2", language="en")
    assert lab.views.output_menu.options[1] == ("the caption, first word", "subject")
    lab.views.output_menu.value = "relation"
    assert lab.views.bars.labels == ("left of", "right of", "alone")
    assert (lab.target, lab.layer) == (None, "conv3_2")
    lab.layer = "caption_conv"
    assert lab.result.recipe.options["layer"] == "caption_conv"
    lab.explained_output = "Where is this?"
    assert lab.layer is None
    assert lab.views.layer_menu.value == "answer_conv"
    assert lab.views.map.layers
    assert lab.views.guided.layers
    with pytest.warns(DeprecationWarning, match=r"'says' of CamLab is called 'explained_output' now"):
        lab.says = "relation"
    assert lab.explained_output == lab.views.output_menu.value == lab.says == "relation"
    lab.close()
    with pytest.warns(DeprecationWarning, match=r"'says' of CamLab\(\) is called"):
        lab = CamLab(reader, "creature-cat-dog", says="relation")
    assert lab.explained_output == "relation"
    lab.close()
