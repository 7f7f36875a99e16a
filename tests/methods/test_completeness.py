"""What theory promises, on every model that is shipped; the models themselves stay as they are."""

import numpy as np
import pytest

from xai_widgets import load_model, sample_image
from xai_widgets.methods import grad_cam, integrated_gradients, smooth_grad

pytestmark = pytest.mark.backend

PICTURES = {"digits": "digit-3", "creatures": "creature-cat-dog"}
TABLES = ("breast_cancer", "wine")
BASELINES = {"pictures": ("black", "blurred", ["black", "white"]), "tables": (0, -1.5)}


@pytest.mark.parametrize("name", [*PICTURES, *TABLES])
def test_integrated_gradients_are_complete(name):
    model = load_model(name)
    rows = np.random.default_rng(0).normal(0, 1, (2, *model.input_shape)).astype("float32")
    x = model.as_inputs(sample_image(PICTURES[name])) if name in PICTURES else rows
    weights, logits = model.model.get_weights(), model.logits(x)
    for baseline in BASELINES["pictures" if name in PICTURES else "tables"]:
        found = integrated_gradients(model, x, baseline=baseline, tolerance=0.03)
        rise = found.values.reshape(len(x), -1).sum(axis=1) - found.delta
        assert (np.abs(found.delta) <= 0.031 * np.abs(rise)).all()
    smooth_grad(model, x, samples=5)
    if name in PICTURES:
        grad_cam(model, x)
    assert all(map(np.array_equal, model.model.get_weights(), weights))
    np.testing.assert_array_equal(model.logits(x), logits)


def test_grad_cam_tells_the_cat_from_the_dog():
    """In one picture of both, each class is strongest where its own animal stands."""
    model, picture = load_model("creatures"), sample_image("creature-cat-dog")
    cat, dog = (grad_cam(model, picture, name).values[0] for name in ("cat", "dog"))
    middle = cat.shape[1] // 2
    left = [one[:, :middle].sum() / one.sum() for one in (cat, dog)]
    assert abs(left[0] - left[1]) > 0.3
