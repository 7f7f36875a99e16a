"""Numbers of labs: finite, whole, in their range, in the words of the methods' options."""

import numpy as np
import pytest
import traitlets

from xai_widgets import AdversarialLab, DreamLab, OcclusionLab
from xai_widgets.widgets.base.lab_registry import registered_labs
from xai_widgets.widgets.base.number_traits import FiniteFloat, WholeNumber


class Box(traitlets.HasTraits):
    """Two numbers."""

    width = FiniteFloat(None, allow_none=True, max=2.0).tag(above=0)
    count = WholeNumber(3, min=1)


@pytest.mark.parametrize("value", [0, -1, 2.5, np.nan, float("inf"), "1", True, []])
def test_what_is_no_width(value):
    with pytest.raises(traitlets.TraitError, match=r"^Box: width must be a finite number above 0 and up to 2"):
        Box(width=value)
    box = Box()
    with pytest.raises(traitlets.TraitError, match="width"):
        box.width = value
    assert box.width is None


@pytest.mark.parametrize("value", [0, -1, 2.5, None, np.nan, "1", False])
def test_what_is_no_count(value):
    with pytest.raises(traitlets.TraitError, match=r"^Box: count must be a whole number of at least 1, not "):
        Box(count=value)


def test_numbers_of_numpy_become_those_of_python():
    box = Box(width=np.float32(0.5), count=np.int64(4))
    assert (type(box.width), type(box.count)) == (float, int)


@pytest.mark.parametrize(
    ("lab", "options"),
    [
        (AdversarialLab, {"maximum": -1}),
        (AdversarialLab, {"maximum": 0}),
        (AdversarialLab, {"epsilon": np.nan}),
        (OcclusionLab, {"patch": 0}),
        (DreamLab, {"steps": 2.5}),
    ],
)
def test_labs_refuse_such_options_at_once(lab, options):
    (name,) = options
    with pytest.raises(traitlets.TraitError, match=rf"^{lab.__name__}: {name} must be a (finite|whole) number"):
        lab(**options)


@pytest.mark.parametrize("name", registered_labs())
def test_every_number_of_every_lab_is_of_this_kind(name):
    lab = registered_labs()[name].load()
    plain = [
        one
        for one, trait in lab.class_traits().items()
        if isinstance(trait, (traitlets.Float, traitlets.Int))
        and trait.this_class.__module__.startswith("xai_widgets.widgets.labs")
        and not isinstance(trait, (FiniteFloat, WholeNumber))
    ]
    assert plain == []
