"""What holds for every lab of the registry, and for every lab on a picture: none is left out."""

import ast
import gc
import re
import threading
import time
import weakref
from pathlib import Path

import comm
import keras
import numpy as np
import pytest
from ipywidgets import Box, DOMWidget, VBox
from ipywidgets.widgets.widget import _instances

import xai_widgets
from xai_widgets import list_images, load_model, sample_image
from xai_widgets.i18n import LANGUAGES
from xai_widgets.widgets.base.lab import Lab
from xai_widgets.widgets.base.lab_registry import LabEntry, registered_labs
from xai_widgets.widgets.base.still_heatmaps import heatmap_colours
from xai_widgets.widgets.base.widget_tree import owned_widgets
from xai_widgets.widgets.components import Heatmap, PictureCanvas

ROOT = Path(xai_widgets.__file__).parent
LABS = registered_labs()
ON_A_PICTURE = [name for name, entry in LABS.items() if entry.on_a_picture]
WITH_STILL_MAPS = ["AttributionExplorer", "CamLab", "LimeLab", "OcclusionLab", "RelevanceLab"]
PATIENCE = 60  # seconds
ON_A_MODEL = [name for name, entry in LABS.items() if "model" in entry.needs and not entry.on_a_picture]
each_lab = pytest.mark.parametrize("name", LABS)
each_on_a_picture = pytest.mark.parametrize("name", ON_A_PICTURE)


@pytest.fixture
def threads_only(monkeypatch):
    """Let labs compute in their threads."""
    monkeypatch.delenv("XAI_WIDGETS_SYNC", raising=False)


@pytest.fixture
def nothing_computed(monkeypatch):
    """Let labs open pictures and compute nothing of them."""
    monkeypatch.setattr(Lab, "compute", lambda _lab, _function: None)


@pytest.fixture
def make():
    """A function that makes a lab; it is closed at the end."""
    made = []

    def make_it(name, *model, **options):
        made.append(LABS[name].load()(*model, **options))
        return made[-1]

    yield make_it
    for lab in made:
        lab.close()


# The registry


def test_every_folder_has_an_entry_and_every_entry_a_class():
    folders = {path.parent.name for path in ROOT.glob("widgets/labs/*/lab.py")}
    assert folders == {entry.folder for entry in LABS.values()}
    for name, entry in LABS.items():
        assert issubclass(entry.load(), Lab)
        assert getattr(xai_widgets, name) is entry.load()
        assert name in xai_widgets.__all__
    assert len(LABS) >= 19
    assert len(ON_A_PICTURE) >= 9


def test_type_checkers_are_told_of_every_lab():
    """The names under TYPE_CHECKING are the one list that cannot be made from the registry."""
    tree = ast.parse((ROOT / "__init__.py").read_text("utf-8"))
    told = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("xai_widgets.widgets.labs.")
        for alias in node.names
    }
    assert told == {name: entry.module for name, entry in LABS.items()}


@each_lab
def test_the_purpose_is_one_sentence_in_each_language(name):
    for language in LANGUAGES:
        text = LABS[name].purpose(language)
        assert re.fullmatch(r"[A-ZÀ-Ü0-9t].{15,140}\.", text), text
        assert text.count(". ") == 0


@pytest.mark.usefixtures("nothing_computed")
@pytest.mark.parametrize("code", LANGUAGES)
@each_lab
def test_every_control_says_what_it_does(name, code):
    lab = LABS[name].make_quick(language=code)
    controls = [one for one in owned_widgets(lab) if isinstance(one, DOMWidget) and not isinstance(one, Box)]
    named = [one for one in controls if _name_of(one)]
    assert named
    assert {_name_of(one): type(one).__name__ for one in named if not one.tooltip} == {}
    lab.close()


def _name_of(one):
    """Return what stands beside a control."""
    return getattr(one, "description", "") or getattr(one, "label", "")


@each_lab
def test_the_notebooks_use_the_lab(name):
    for notebook in LABS[name].notebooks:
        source = (ROOT.parent / "notebooks" / "source" / f"{notebook}.py").read_text("utf-8")
        assert f"{name}(" in source


def test_an_entry_with_an_unknown_need_is_refused():
    good = {"package": "a.b", "name": "B", "area": "b", "example": dict, "quick": dict}
    with pytest.raises(ValueError, match="unknown needs photo; choose among model, picture"):
        LabEntry(**good, notebooks=("01_motivation",), needs=("photo",))


@each_lab
@pytest.mark.usefixtures("nothing_computed")
def test_the_instance_of_the_screenshots_can_be_made(name):
    lab = LABS[name].make()
    assert repr(lab).startswith(name)
    lab.close()


# Closing


def living_threads():
    return {thread for thread in threading.enumerate() if thread.name.startswith("xai-lab")}


@each_lab
@pytest.mark.usefixtures("threads_only")
def test_a_closed_lab_leaves_nothing_behind(name):
    gc.collect()
    before, threads = set(_instances), living_threads()
    lab = LABS[name].make_quick()
    assert lab.wait(PATIENCE)
    assert len(set(_instances) - before) > 5
    widgets = owned_widgets(lab)
    gone = [weakref.ref(lab), *(weakref.ref(one) for one in [getattr(lab, "_session", None)] if one is not None)]
    lab.close()
    assert set(_instances) == before
    assert all(one.comm is None for one in widgets)
    observers = [handlers for one in widgets if one is not lab for handlers in one._trait_notifiers.values()]
    assert not any(any(by_kind.values()) for by_kind in observers)
    del lab, widgets, observers
    deadline = time.monotonic() + PATIENCE
    while living_threads() - threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert living_threads() == threads
    gc.collect()
    assert [one() for one in gone] == [None] * len(gone)


@each_lab
@pytest.mark.usefixtures("threads_only", "nothing_computed")
def test_twenty_closed_labs_leave_neither_widget_nor_comm_nor_thread_nor_lab(name):
    kind, options = LABS[name].load(), dict(LABS[name].quick())
    if isinstance(options.get("model"), str):
        options["model"] = load_model(options["model"])
    gc.collect()
    before, comms, threads = set(_instances), set(comm.get_comm_manager().comms), living_threads()
    labs = [kind(**options) for _ in range(20)]
    gone = [weakref.ref(lab) for lab in labs]
    for lab in labs:
        lab.close()
    del lab, labs
    gc.collect()
    assert set(_instances) == before
    assert set(comm.get_comm_manager().comms) == comms
    assert [one() for one in gone] == [None] * 20
    assert living_threads() == threads


@each_on_a_picture
@pytest.mark.usefixtures("threads_only")
def test_nothing_is_left_either_after_changes_of_picture_and_model(name):
    before = set(_instances)
    lab = LABS[name].make_quick()
    lab.image = "digit-7"
    lab.model = "creatures"
    lab.close()
    assert set(_instances) == before


@each_on_a_picture
def test_a_lab_that_is_refused_leaves_nothing_behind(name):
    before = set(_instances)
    with pytest.raises(ValueError, match=r"one picture|picture of|shape"):
        LABS[name].load()("digits", np.zeros((2, 8, 8, 1), "float32"))
    assert set(_instances) == before


# The model


def still(lab):
    """Return the values of a lab's traits, and what its menu of layers offers."""
    own = {"busy", "error", "step", *VBox.class_trait_names()}  # what a computation sets is not compared
    return {name: getattr(lab, name) for name in lab.trait_names() if name not in own} | {"_": menu_of_layers(lab)}


def menu_of_layers(lab):
    return list(lab.layer_menu.options), lab.layer_menu.value


def in_sync(monkeypatch):
    monkeypatch.setenv("XAI_WIDGETS_SYNC", "1")


@pytest.mark.parametrize("name", ON_A_MODEL)
def test_another_model_is_shown_as_in_a_lab_that_was_made_for_it(make, monkeypatch, name):
    in_sync(monkeypatch)
    bound, quick = LABS[name].load().model_traits, LABS[name].quick()
    options = {one: value for one, value in quick.items() if one not in bound and one != "model"}
    other = "digits" if quick.get("model") == "creatures" else "creatures"
    lab = make(name, quick.get("model", "digits"), **options)
    lab.layer_menu.index = 0
    lab.model = other
    fresh = make(name, other, **options)
    assert repr(lab) == repr(fresh)
    assert menu_of_layers(lab) == menu_of_layers(fresh)
    assert lab.describe() == fresh.describe()
    assert lab.error == ""
    shown, expected = (one.figure() for one in (lab, fresh))
    for axes, same in zip(shown.axes, expected.axes, strict=True):
        for image, other in zip(axes.images, same.images, strict=True):
            np.testing.assert_array_equal(image.get_array(), other.get_array())


@pytest.mark.parametrize("name", [name for name in ON_A_MODEL if name != "FeatureLab"])  # it draws any class
def test_a_model_without_layers_to_show_is_refused_and_the_lab_stays_as_it_was(make, monkeypatch, name):
    in_sync(monkeypatch)
    lab = make(name, **LABS[name].quick())
    before, words = still(lab), (repr(lab), lab.describe())
    flat = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="no convolution"):
        lab.model = xai_widgets.Classifier(flat, ["cat", "dog"])
    assert still(lab) == before
    assert (repr(lab), lab.describe()) == words


def test_the_options_of_the_explorer_stay_where_another_model_is_refused(make, monkeypatch):
    in_sync(monkeypatch)
    chosen = {"grad_cam": {"layer": "conv3"}}
    lab = make("AttributionExplorer", "digits", "digit-3", methods=("grad_cam",), options=chosen)
    two = keras.Sequential([keras.Input((8, 8, 2)), keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="channels"):
        lab.model = two
    assert lab.options == chosen
    assert lab.results["grad_cam"].recipe.options["layer"] == "conv3"


@pytest.mark.parametrize("name", [name for name, entry in LABS.items() if "model" in entry.needs])
def test_a_model_that_takes_no_pictures_is_refused_in_one_sentence(make, monkeypatch, name):
    in_sync(monkeypatch)
    stack = [keras.layers.Conv1D(4, 3, name="conv"), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(2)]
    series = keras.Sequential([keras.Input((32, 2)), *stack], name="series")
    refused = r"the lab shows pictures, and 'series' takes inputs of shape \(32, 2\)"
    with pytest.raises(ValueError, match=refused):
        make(name, model=series)
    lab = make(name, **LABS[name].quick())
    before = lab.model
    with pytest.raises(ValueError, match=refused):
        lab.model = series
    assert lab.model is before


# The picture fits the model


@each_on_a_picture
@pytest.mark.parametrize(
    ("model", "first", "kind"),
    [("digits", "digit-3", "digit-"), ("creatures", "creature-cat-dog", "creature-"), ("photos", "cat", "")],
)
@pytest.mark.usefixtures("nothing_computed")
def test_the_opening_picture_and_the_menu_fit_the_model_and_need_no_network(make, name, model, first, kind):
    lab = make(name, model=model)
    offered = [value for _, value in lab.picture_menu.options]
    assert lab.image == lab.picture_menu.value == first
    assert len(offered) >= 5
    assert not any(list_images()[one].network for one in offered)
    wrong = tuple({"digit-", "creature-"} - {kind})
    assert all(one.startswith(kind) and not one.startswith(wrong) for one in offered)


@each_on_a_picture
@pytest.mark.usefixtures("nothing_computed")
def test_another_model_opens_a_picture_that_fits_it(make, name):
    lab = make(name, model="digits", image="digit-7")
    lab.model = "creatures"
    assert lab.session.classifier is lab.model
    assert lab.image == lab.picture_menu.value == "creature-cat-dog"
    assert all(value.startswith("creature-") for _, value in lab.picture_menu.options)
    fresh = make(name, model="creatures", image="creature-cat-dog")
    np.testing.assert_array_equal(lab.session.picture, fresh.session.picture)
    lab.image = "creature-owl"
    lab.model = load_model("creatures")
    assert lab.image == "creature-owl"  # it fits the new model too


@each_on_a_picture
@pytest.mark.usefixtures("nothing_computed")
def test_another_model_reads_the_readers_own_picture_again(make, name):
    own = np.asarray(sample_image("coffee"))
    lab = make(name, model="digits", image=own)
    assert lab.picture_menu.label == "my picture"
    lab.model = "creatures"
    assert lab.picture_menu.label == "my picture"
    fresh = make(name, model="creatures", image=own)
    np.testing.assert_array_equal(lab.session.picture, fresh.session.picture)


@pytest.mark.parametrize("name", [name for name in ON_A_PICTURE if name != "DreamLab"])  # a dream begins with pixels
@pytest.mark.usefixtures("nothing_computed")
def test_floats_of_the_model_before_are_taken_as_the_picture_that_was_shown(make, name):
    digits = load_model("digits")
    lab = make(name, model=digits, image=digits.as_inputs(sample_image("digit-7"))[0])
    shown = lab.session.picture
    lab.model = "creatures"
    np.testing.assert_allclose(lab.session.inputs, lab.model.as_inputs(shown))


@each_on_a_picture
@pytest.mark.usefixtures("nothing_computed")
def test_a_picture_that_cannot_be_read_changes_nothing(make, name):
    lab = make(name, model="digits", image="digit-7")
    session = lab.session
    lab._change_picture(b"no picture")
    assert lab.error.startswith("This file cannot be read as a picture.")
    with pytest.raises(ValueError, match="there is no"):
        lab.image = "digit-12"
    assert (lab.session, lab.image, lab.picture_menu.value) == (session, "digit-7", "digit-7")


@each_on_a_picture
def test_no_caption_or_recipe_of_the_picture_before_stands_under_another_one(make, monkeypatch, name):
    in_sync(monkeypatch)
    lab = make(name, **LABS[name].quick())
    monkeypatch.setattr(Lab, "compute", lambda _lab, _function: None)  # the answer has not come yet
    before = {one: one.caption for one in owned_widgets(lab) if isinstance(one, PictureCanvas) and one.caption}
    lab.picture_menu.value = "digit-7" if lab.image != "digit-7" else "digit-3"
    assert lab._recipe_line.value == ""
    unchanged = [one.caption for one, caption in before.items() if one.caption == caption]
    assert unchanged == []


# Still figures


def live_heatmaps(lab):
    canvases = [one for one in owned_widgets(lab) if isinstance(one, PictureCanvas)]
    return [layer for canvas in canvases for layer in canvas.layers if isinstance(layer, Heatmap)]


@each_on_a_picture
def test_the_still_figure_has_the_colours_of_the_page(make, monkeypatch, name):
    monkeypatch.setenv("XAI_WIDGETS_SYNC", "1")
    lab = make(name, **LABS[name].quick())
    live = live_heatmaps(lab)
    drawn = [image for axes in lab.figure().axes for image in axes.images]
    maps = [one for one in drawn if np.ndim(one.get_array()) == 2 and one.get_cmap().name != "gray"]
    assert bool(maps) == (name in WITH_STILL_MAPS)
    for one in maps:
        (same, *_) = [
            layer
            for layer in live
            if layer.values.shape == one.get_array().shape
            and np.allclose(layer.values, one.get_array(), atol=1e-6, equal_nan=True)
        ]
        assert one.get_cmap() == heatmap_colours(signed=same.signed)
        assert one.get_clim() == same.value_range


# Training


WITH_MODEL = [name for name, entry in LABS.items() if "model" in entry.needs]


def train(classifier):
    """Change every weight, as a step of training does."""
    generator = np.random.default_rng(0)
    for variable in classifier.model.trainable_variables:
        values = keras.ops.convert_to_numpy(variable)
        variable.assign(values + 0.3 * values.std() * generator.standard_normal(values.shape))


def pictures_of(figure):
    return [np.asarray(image.get_array()) for axes in figure.axes for image in axes.images]


def same_pictures(one, other):
    return len(one) == len(other) and all(
        a.shape == b.shape and np.allclose(a, b, atol=1e-5, equal_nan=True) for a, b in zip(one, other, strict=True)
    )


def still_without_times(lab):
    return re.sub(r"\d+[.,]\d+\ss\b", "", lab._recipe_line.value)


@pytest.mark.parametrize("name", WITH_MODEL)
def test_the_next_request_after_training_is_answered_by_the_network_as_it_is_now(make, monkeypatch, name):
    in_sync(monkeypatch)
    quick = LABS[name].quick()
    model = load_model(quick.get("model", "digits"))  # its own copy
    options = {one: value for one, value in quick.items() if one not in ("model", "dissection", "atlas")}
    lab = make(name, model, **options)
    before = pictures_of(lab.figure())
    lab.refresh()
    assert same_pictures(pictures_of(lab.figure()), before)  # nothing changes by asking again
    train(model)
    lab.refresh()
    fresh = make(name, model, **options)
    assert same_pictures(pictures_of(lab.figure()), pictures_of(fresh.figure()))
    assert lab.describe() == fresh.describe()
    assert still_without_times(lab) == still_without_times(fresh)
    if name in WITH_STILL_MAPS:
        assert not same_pictures(pictures_of(fresh.figure()), before)


def test_a_lab_that_is_shown_again_after_training_is_up_to_date(make, monkeypatch):
    in_sync(monkeypatch)
    model = load_model("digits")
    lab = make("OcclusionLab", model, "digit-3", whole=True, target=5)
    train(model)
    bundle = lab._repr_mimebundle_()
    fresh = make("OcclusionLab", model, "digit-3", whole=True, target=5)
    assert bundle["image/png"] == fresh._repr_mimebundle_()["image/png"]
    assert lab.target == 5


def test_what_the_model_was_given_as_its_input_stays_after_training(make, monkeypatch):
    in_sync(monkeypatch)
    model = load_model("digits")
    inputs = model.as_inputs(sample_image("digit-7"))[0]
    lab = make("RelevanceLab", model, inputs)
    train(model)
    lab.target = 2
    np.testing.assert_array_equal(lab.session.inputs[0], inputs)
    np.testing.assert_array_equal(lab.session.logits, model.logits(inputs[np.newaxis])[0])


@pytest.mark.usefixtures("threads_only")
def test_training_that_ends_in_nan_is_told_in_the_lab(make):
    model = load_model("digits")
    lab = make("OcclusionLab", model, "digit-3")
    assert lab.wait(PATIENCE)
    kept = model.model.get_weights()
    model.model.set_weights([np.full_like(one, np.nan) for one in kept])
    lab.place = (2, 2)
    assert lab.wait(PATIENCE)
    assert "are NaN or infinite" in lab.error
    assert not lab.busy
    model.model.set_weights(kept)
    lab.place = (3, 3)
    assert lab.wait(PATIENCE)
    assert lab.error == ""


def test_a_record_is_shown_as_another_model_means_its_pictures(make):
    lab = make("TrainingScrubber", **LABS["TrainingScrubber"].quick())
    before = lab.describe()
    lab.model = "photos"
    assert lab.model.name == "photos"
    assert lab.describe() == before
    with pytest.raises(ValueError, match="'digits' takes 1 channels, and the record's pictures have 3"):
        lab.model = "digits"
    assert lab.model.name == "photos"
