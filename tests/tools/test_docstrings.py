"""The check of docstrings finds what is missing, and its list of exceptions can only shrink."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

pytest.importorskip("numpydoc")

from tools.docstrings import DataclassValidator, exceptions_text, failures, problems, referrals, wanted_checks

CHECKS = wanted_checks({"tool": {"numpydoc_validation": {"checks": ["all", "ES01", "GL01", "GL02", "SA01", "SA04"]}}})


def documented(x, y=0):
    """Add two numbers.

    Parameters
    ----------
    x : int
        The first number.
    y : int, default 0
        The second number.

    Returns
    -------
    int
        Their sum.

    Raises
    ------
    ValueError
        If `x` is negative.

    Examples
    --------
    >>> documented(1, 2)
    3
    """
    if x < 0:
        raise ValueError(f"x is at least 0, not {x}")
    return x + y


def undocumented(x, y):
    """Add two numbers.

    Parameters
    ----------
    y
        As for `documented`.
    x : int
        The first number
    """
    if x < 0:
        raise ValueError(f"x is at least 0, not {x}")
    return x + y


@dataclass(frozen=True)
class Fields:
    """Two fields.

    Attributes
    ----------
    x : int
        The first field.
    twice : int
        Two times the first field.
    y : int
    """

    x: int
    y: int

    @property
    def twice(self):
        """Two times the first field."""
        return 2 * self.x


def test_a_complete_docstring_passes():
    assert failures(documented, CHECKS) == {}


def test_each_omission_is_named():
    found = failures(undocumented, CHECKS)
    assert set(found) == {"EX01", "PR03", "PR04", "PR09", "PR11", "RS01", "RT01"}
    assert found["RS01"] == "raises ValueError, not documented under Raises"
    assert "'As for `'" in found["PR11"]


@pytest.mark.parametrize(
    ("text", "refers"),
    [
        ("As for `documented`.", True),
        ("As for every `Fields`; one if left out.", True),
        ("Added to x, as for `documented`.", True),
        ("For a negative x, and as `documented` does.", True),
        ("A pair, as `documented` gives it.", False),
        ("The sum, see `documented`.", False),
    ],
)
def test_a_text_that_leaves_the_reader_to_another_docstring_is_found(text, refers):
    def function():
        pass

    function.__doc__ = f"Do something.\n\n{text}\n"
    assert ("PR11" in failures(function, CHECKS)) is refers


def test_a_member_needs_no_example_of_its_own():
    assert "EX01" not in failures(undocumented, CHECKS, member=True)


def test_the_fields_of_a_dataclass_are_its_attributes():
    found = failures(Fields, CHECKS)
    assert set(found) == {"EX01", "PR07"}
    assert '"y"' in found["PR07"]
    assert DataclassValidator.__doc__


def test_all_but_the_named_checks_are_wanted():
    assert "SA01" not in CHECKS
    assert {"PR01", "RT03", "PR11", "RS01"} <= CHECKS
    assert wanted_checks({"tool": {"numpydoc_validation": {"checks": ["PR01"]}}}) == {"PR01", "PR11", "RS01"}


def test_the_list_of_exceptions_can_only_shrink():
    found = {"a": {}, "b": {"PR01": "x is missing"}, "c": {"PR01": "x is missing", "RT01": "no Returns"}}
    assert problems(found, {"b": ["PR01"], "c": ["PR01", "RT01"]}) == []
    assert problems(found, {"b": ["PR01"], "c": ["PR01"]}) == ["c: RT01: no Returns"]
    assert problems(found, {"a": ["PR01"], "b": ["PR01"], "c": ["PR01", "RT01"]}) == [
        "a: PR01 passes now; remove it from the exceptions"
    ]
    assert "no public name" in problems(found, {"b": ["PR01"], "c": ["PR01", "RT01"], "gone": ["PR01"]})[0]
    assert exceptions_text(found) == '"b" = ["PR01"]\n"c" = ["PR01", "RT01"]\n'


def test_no_public_docstring_in_the_sources_refers_to_another_one():
    assert list(referrals()) == []


@pytest.mark.parametrize(
    "text",
    ["As for `saliency`.", "How many, as in `figure`.", "Run it; see `reduced` for the parameters.",
     "Set it; the parameters are those of `Heatmap`.", "As `split_model` does."],
)  # fmt: skip
def test_a_chained_docstring_is_found_anywhere(text, tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "module.py").write_text(f'def _own():\n    """{text}"""\n\n\ndef public():\n    """{text}"""\n')
    (found,) = referrals(package)
    assert found.startswith("package/module.py:5 public: ")
