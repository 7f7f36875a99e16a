"""A map that tells nothing apart is said to be one in the labs that show it, in the language of the lab."""

import keras
import numpy as np
import pytest
from keras import layers

import xai_widgets as xai
from xai_widgets.widgets.base.method_panel import flat_note

SAID = {"en": "The map is 0 everywhere", "fr": "La carte vaut 0 partout"}


pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def dead():
    """A network whose ReLU is never above 0: nothing reaches its inputs."""
    silent = {"kernel_initializer": "zeros", "bias_initializer": keras.initializers.Constant(-1)}
    stack = [layers.Conv2D(2, 3, padding="same", activation="relu", name="conv", **silent)]
    stack += [layers.GlobalAveragePooling2D(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((8, 8, 3)), *stack])
    return xai.Classifier(model, ["a", "b"], preprocess=lambda pixels: pixels / 255, name="dead")


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(0).integers(0, 255, (8, 8, 3)).astype("uint8")


@pytest.mark.parametrize("language", SAID)
@pytest.mark.filterwarnings("ignore:.*everywhere")
def test_the_explorer_the_cam_lab_and_the_relevance_lab_say_it(dead, picture, language):
    methods = ("saliency", "integrated_gradients")
    explorer = xai.AttributionExplorer(dead, picture, methods=methods, language=language)
    for panel in explorer.panels:
        assert panel.canvas.caption.startswith(SAID[language])
    assert explorer.describe().count(SAID[language]) == 2
    cam = xai.CamLab(dead, picture, language=language)
    assert cam.views.map.caption.startswith(SAID[language])
    assert SAID[language] in cam.describe()
    relevance = xai.RelevanceLab(dead, picture, language=language)
    assert relevance.canvas.caption.startswith(SAID[language])
    for lab in (explorer, cam, relevance):
        lab.close()


@pytest.mark.parametrize("language", SAID)
@pytest.mark.filterwarnings("ignore:.*everywhere")
def test_the_labs_that_hide_parts_and_the_chooser_say_it(dead, picture, language):
    lime = xai.LimeLab(dead, picture, segments="grid", samples=32, language=language)
    assert lime.weights_canvas.caption.startswith(SAID[language])
    assert lime.weights_canvas.alt.startswith(SAID[language])
    assert SAID[language] in lime.describe()
    occlusion = xai.OcclusionLab(dead, picture, whole=True, language=language)
    assert occlusion.whole_canvas.caption.startswith(SAID[language])
    assert SAID[language] in occlusion.describe()
    chooser = xai.MethodChooser(dead, picture, selected="saliency", language=language)
    assert chooser.canvas.caption.startswith(SAID[language])
    assert SAID[language] in chooser.canvas.alt
    for lab in (lime, occlusion, chooser):
        lab.close()


def test_a_map_that_says_something_has_no_note():
    lab = xai.AttributionExplorer("digits", "digit-3", methods=("saliency",))
    assert lab.panels[0].canvas.caption == ""
    lab.close()
    chooser = xai.MethodChooser("digits", "digit-3", selected="saliency")
    assert chooser.canvas.caption == ""
    chooser.close()


def test_the_note_tells_zero_from_another_value():
    assert flat_note(np.full((2, 2), 3.0), "en").startswith("The map has one value everywhere")
    assert flat_note(np.array([[0.0, 1e-9]]), "en") == ""
    assert flat_note(np.zeros((1, 1)), "en") == ""  # a single value is no map
