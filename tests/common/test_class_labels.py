"""Names of classes that nothing can show are refused where they are given."""

import pytest

from xai_widgets.common.class_labels import read_labels


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("caf\udce9", r"class 1, 'caf\\udce9', holds half a character"),
        ("\ud83d", "half a character"),
        ("A" * 100_000, "class 1 has 100,000 characters; at most 300"),
        ("A" * 301, "301 characters"),
    ],
)
def test_names_that_cannot_be_shown_are_refused(name, problem):
    with pytest.raises(ValueError, match=problem):
        read_labels(["cat", name])


def test_any_other_name_is_one():
    names = ["A" * 300, "\U0001f600", "\u202eabc", "<b>", "a\nb"]
    assert read_labels(names) == names
