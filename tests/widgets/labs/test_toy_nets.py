"""The toy nets' lab: what it shows is what the methods answer."""

import numpy as np
import pytest
import traitlets

from xai_widgets import ToyNets
from xai_widgets.widgets.components.signed_bars import bar, table

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def lab():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XAI_WIDGETS_SYNC", "1")
        made = ToyNets()
    yield made
    made.close()


def values(lab):
    return {name: one.round(2).tolist() for name, one in lab.answers.values.items()}


def test_the_slides_saturation(lab):
    lab.net, lab.i1, lab.i2 = "saturation", 1.0, 1.0
    found = values(lab)
    assert lab.answers.output == lab.answers.rise == 1
    assert found["integrated_gradients"] == found["deep_lift"] == [0.5, 0.5]
    for blind in ("gradient", "gradient_times_input", "occlusion", "lrp"):
        assert found[blind] == [0, 0], blind


@pytest.mark.parametrize(("x", "product", "rise"), [(10.0, 0, 0), (10.125, 10.125, 0.125), (15, 15, 5)])
def test_the_slides_discontinuity(lab, x, product, rise):
    lab.net, lab.x = "discontinuity", x
    found = {name: float(one[0]) for name, one in lab.answers.values.items()}
    assert found["gradient_times_input"] == pytest.approx(product)
    assert found["lrp"] == pytest.approx(product, rel=1e-4)
    for name in ("deep_lift", "occlusion"):
        assert found[name] == pytest.approx(rise, abs=1e-5)
    assert found["integrated_gradients"] == pytest.approx(rise, abs=0.03)


def test_the_curve_is_the_net_and_the_chosen_method(lab):
    lab.net, lab.method, lab.x = "discontinuity", "gradient_times_input", 12.0
    net, beside = (np.array(line["values"]) for line in lab.curve.series)
    at = np.array(lab.curve.x)
    np.testing.assert_allclose(net, np.maximum(at - 10, 0), atol=1e-5)
    np.testing.assert_allclose(beside, np.where(net > 0, at, 0), atol=1e-4)
    lab.method_menu.value = "deep_lift"
    np.testing.assert_allclose(lab.curve.series[1]["values"], net, atol=1e-5)


def test_the_cursor_and_the_sliders_are_the_inputs(lab):
    lab.net = "saturation"
    lab.sliders["i2"].value = 0.25
    lab.curve.cursor = 0.5
    assert lab.point == (0.5, 0.25)
    assert lab.sliders["i1"].value == 0.5
    assert "0.75" in lab.sentence.value
    assert lab.sliders["x"].layout.display == "none"
    assert lab.sliders["i1"].layout.display is None


def test_what_is_shared_out_whole_is_said(lab):
    lab.net, lab.i1, lab.i2 = "saturation", 1.0, 1.0
    whole = lab.sentence.value.partition("whole")[2]
    assert "DeepLIFT" in whole
    assert "occlusion" not in whole
    assert lab.bars.value.count("✓") == 2


def test_still_picture_text_and_options(lab):
    lab.net, lab.i1, lab.i2 = "saturation", 1.0, 1.0
    assert repr(lab) == "ToyNets('saturation', i1=1, i2=1)"
    assert "DeepLIFT: 0.50; 0.50." in lab._repr_mimebundle_()["text/html"]
    with pytest.raises(TypeError, match="did you mean net"):
        ToyNets(nett="saturation")
    with pytest.raises(traitlets.TraitError):
        ToyNets(net="saturated")


def test_french(lab):
    french = ToyNets(net="discontinuity", x=10.5, language="fr")
    assert "0,50" in french.bars.value
    assert "gradients intégrés" in french.describe()
    french.close()


def test_bars_are_drawn_from_zero_and_names_are_untrusted():
    drawn = bar(-1.0, -2.0, 2.0, "#000000")
    assert "left:25.00%;width:25.00%" in drawn
    assert "<b>" not in table(["<b>a"], [("<b>c", drawn, ["<b>d"])], bar_width=100)
