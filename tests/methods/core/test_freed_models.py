"""A model that nobody holds any more is freed, with all that methods have compiled and kept for it."""

import gc
import weakref

import pytest

from xai_widgets import load_model, sample_image
from xai_widgets.methods.registry import explain, methods_for

PICTURE = sample_image("digit-3")


@pytest.mark.parametrize("method", methods_for("picture"))
def test_no_method_holds_the_model_that_it_explained(method):
    model = load_model("digits")
    options = {}
    if method == "expected_gradients":
        options["baselines"] = model.as_inputs([PICTURE, sample_image("digit-7")])
    explain(model, PICTURE, method, **options)
    network = weakref.ref(model.model)
    del model
    gc.collect()
    assert network() is None
