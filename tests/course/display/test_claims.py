"""Claims: a sentence, the figure that carries it, and the bound at which it would be false."""

import json

import nbformat
import numpy as np
import pytest

from xai_widgets.course import claim, interval_of
from xai_widgets.course.authoring.told_claims import claim_faults, claims_of
from xai_widgets.course.display import claims
from xai_widgets.i18n import set_language


def wilson(hits, count, z=1.959963985):
    share, spread = hits / count, z * z / count
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * np.sqrt(share * (1 - share) / count + spread / (4 * count))
    return middle - half, middle + half


@pytest.mark.parametrize(("hits", "count"), [(9, 10), (60, 60), (0, 12), (19, 40)])
def test_the_interval_of_true_and_false_is_wilsons(hits, count):
    found = interval_of([True] * hits + [False] * (count - hits))
    assert (found.mean, found.count) == (hits / count, count)
    np.testing.assert_allclose((found.low, found.high), wilson(hits, count), atol=1e-6)


def test_the_interval_of_numbers_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    found = [interval_of(rng.normal(2.0, 1.0, 40)) for _ in range(200)]
    inside = np.mean([one.low <= 2.0 <= one.high for one in found])
    assert 0.90 <= inside <= 0.99


def test_the_same_samples_have_the_same_interval_and_equal_ones_no_width():
    values = np.random.default_rng(1).random(20)
    assert interval_of(values) == interval_of(values)
    assert interval_of(np.full(5, 0.25)) == claims.Interval(0.25, 0.25, 0.25, 5)
    nearly = 0.3 + 1e-16 * np.arange(8)  # equal but for rounding
    assert interval_of(nearly).low == interval_of(nearly).high == pytest.approx(0.3)


@pytest.mark.parametrize("samples", [[1.0], [[1.0, 2.0]], [1.0, np.nan], 3.0])
def test_what_has_no_interval_is_refused(samples):
    with pytest.raises(ValueError, match="at least two finite samples"):
        interval_of(samples)


def shown(monkeypatch, *arguments, **options):
    """Return the output of a claim as a notebook has it."""
    outputs = []
    monkeypatch.setattr(claims, "get_ipython", object)
    monkeypatch.setattr(
        claims,
        "display",
        lambda data, metadata, raw: outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata)),
    )
    claim(*arguments, **options)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])


@pytest.mark.parametrize(
    ("bounds", "holds"),
    [
        ({"at_least": 0.5}, True),
        ({"at_least": 0.86}, False),  # the mean is above, the interval is not
        ({"at_most": 0.99}, True),
        ({"at_most": 0.95}, False),
        ({"at_least": 0.8, "at_most": 0.99}, True),
    ],
)
def test_a_claim_holds_where_its_whole_interval_does(monkeypatch, bounds, holds):
    samples = [True] * 38 + [False] * 2
    (one,) = claims_of(shown(monkeypatch, "07.1", "{value:.0%}", samples, chance=0.2, **bounds))
    assert one.holds is holds
    assert len(list(claim_faults("07_cam", [one]))) == (not holds)
    assert (one.value, one.count, one.chance) == (0.95, 40, 0.2)


def test_a_figure_without_samples_is_its_own_interval(monkeypatch):
    (one,) = claims_of(shown(monkeypatch, "03.2", "{value:.2f} of {whole}", np.float32(0.25), at_most=0.25, whole=4))
    assert (one.low, one.high, one.count, one.holds, one.text) == (0.25, 0.25, None, True, "0.25 of 4")


def test_figures_of_numpy_are_written_as_numbers(monkeypatch):
    notebook = shown(
        monkeypatch, "03.2", "{value}", np.float64(0.5), at_least=np.float64(0.25), chance=np.float32(0.125)
    )
    assert json.loads(nbformat.writes(notebook))["cells"][0]["outputs"][0]["metadata"]["xai_widgets_claim"] == {
        "number": "03.2",
        "text": "0.5",
        "value": 0.5,
        "low": 0.5,
        "high": 0.5,
        "count": None,
        "at_least": 0.25,
        "at_most": None,
        "chance": 0.125,
        "holds": True,
    }


def test_it_is_told_in_the_readers_language_and_format(capsys):
    set_language("fr")
    claim("07.1", "{value:.0%} des cartes.", [True] * 38 + [False] * 2, at_least=0.5, chance=0.2)
    end = "[intervalle à 95\u202f% de 83\u202f% à 99\u202f%, 40 cas, hasard 20\u202f%]"
    assert capsys.readouterr().out == f"07.1 95\u202f% des cartes. {end}\n"


def test_one_that_fails_says_so_to_the_reader(capsys):
    claim("07.1", "{value:.0%} of the maps.", 0.4, at_least=0.5)
    assert capsys.readouterr().out == "07.1 does not hold here: 40% of the maps.\n"


@pytest.mark.parametrize(
    ("value", "bounds", "said"),
    [
        (0.5, {}, "at_least= or at_most="),
        (np.nan, {"at_least": 0}, "finite number"),
        ([1.0], {"at_least": 0}, "two finite"),
    ],
)
def test_a_claim_that_cannot_be_false_or_measured_is_refused(value, bounds, said):
    with pytest.raises(ValueError, match=said):
        claim("07.1", "{value}", value, **bounds)


def test_numbers_are_the_notebooks_own_and_given_once(monkeypatch):
    (one,) = claims_of(shown(monkeypatch, "07.1", "{value}", 1.0, at_least=0))
    (other,) = claims_of(shown(monkeypatch, "08.1", "{value}", 1.0, at_least=0))
    told = [fault.what for fault in claim_faults("07_cam", [one, one, other])]
    assert told == ["2 claims have the number 07.1", "claim 08.1: its number begins with 07., as the notebook does"]
