"""Options described by signatures, and checked at each call."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from xai_widgets.common.checked_options import checked_options
from xai_widgets.common.option_types import (
    UNFIT,
    NonNegative,
    OneOf,
    Output,
    Positive,
    PositiveInt,
    ProperShare,
    Within,
    kind_of,
)

RIGHT = [
    (int, [0, -3, np.int64(4), np.uint8(4), np.array(4), 10**30]),
    (PositiveInt, [1, np.int8(1)]),
    (float, [0, -0.5, np.float32(0.5), np.array(0.5), np.array(3)]),
    (Positive, [1e-300, 3]),
    (ProperShare, [0.5]),
    (bool, [True, np.False_]),
    (str, ["", "x"]),
    (Output, ["logit"]),
    (Literal["a"] | None, ["a", None]),
    (PositiveInt | None, [None, 3]),
    (PositiveInt | tuple[PositiveInt, ...], [3, (3, 4), [2], np.array([1, 2])]),
    (tuple[int, int], [(1, 2), [1, 2]]),
    (Sequence[str], [["a"], ("b",), []]),
    (NonNegative | Annotated[NDArray[np.floating], Within(least=0)], [0, [0, 1], np.zeros(3)]),
    (Callable[[int], int] | bool, [print, False]),
]
WRONG = [
    (int, [True, 1.0, "1", None, [], object(), np.array([1]), np.nan, float("inf")]),
    (PositiveInt, [0, -1, np.array(0)]),
    (float, [np.nan, float("inf"), -np.inf, "1", None, True, np.True_, [], 1j, 10**400]),
    (Positive, [0, -1e-300]),
    (ProperShare, [0, 1, 2]),
    (bool, [0, 1, None, "True", []]),
    (str, [None, 3, b"x", ["x"]]),
    (Output, ["logits", None, 0]),
    (Literal[1], [True, 1.0]),
    (PositiveInt | None, [0, "None", False]),
    (PositiveInt | tuple[PositiveInt, ...], [(0, 1), "12", {1: 2}, (1.5,), np.array([0.5])]),
    (tuple[int, int], [(1,), (1, 2, 3), 1]),
    (Sequence[str], ["abc", [1], {"a"}, 3]),
    (NonNegative | Annotated[NDArray[np.floating], Within(least=0)], [-1, [-1], [np.nan], "x", ["x"], [[1], [1, 2]]]),
    (Callable[[int], int] | bool, ["print", 3]),
]


@pytest.mark.parametrize(("annotation", "values"), RIGHT)
def test_what_fits(annotation, values):
    for value in values:
        assert kind_of(annotation).read(value) is not UNFIT


@pytest.mark.parametrize(("annotation", "values"), WRONG)
def test_what_does_not_fit(annotation, values):
    for value in values:
        assert kind_of(annotation).read(value) is UNFIT


@pytest.mark.parametrize("annotation", [dict, object, PositiveInt | dict, Annotated[dict, Within()], NDArray[np.bool_]])
def test_other_types_are_not_checked(annotation):
    assert kind_of(annotation) is None


def test_numbers_of_numpy_become_those_of_python():
    found = kind_of(int).read(np.array(4))
    assert type(found) is int
    assert type(kind_of(bool).read(np.True_)) is bool


@checked_options
def blur(
    picture,
    *,
    radius: PositiveInt = 3,
    weight: float | None = None,
    edge: Annotated[str, OneOf(("wrap", "nearest"))] = "wrap",
):
    """Return what came in."""
    return picture, radius, weight, edge


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"radius": 0}, "blur: radius must be a whole number of at least 1, not 0"),
        ({"radius": None}, "blur: radius must be a whole number of at least 1, not None"),
        ({"weight": np.nan}, "blur: weight must be a finite number, not nan"),
        ({"edge": "wrapped"}, "blur: edge must be one of 'wrap', 'nearest', not 'wrapped'; did you mean 'wrap'?"),
        ({"edge": np.zeros((2, 3))}, "blur: edge must be one of 'wrap', 'nearest', not an array of float64 (2, 3)"),
        ({"weight": "x" * 300}, "blur: weight must be a finite number, not 'xxx"),
    ],
)
def test_one_sentence_names_the_option(options, words):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the words are compared below)
        blur(None, **options)
    assert str(caught.value).startswith(words)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        (("cat",), {"radios": 2}, "blur has no option 'radios'; did you mean 'radius'?"),
        (("cat",), {"qqqq": 2}, "blur has no option 'qqqq'; it has picture, radius, weight, edge"),
        ((), {}, "blur: missing a required argument: 'picture'"),
        (("cat", 3), {}, "blur: too many positional arguments"),
    ],
)
def test_what_is_no_call_of_it_is_a_type_error(given, options, words):
    with pytest.raises(TypeError) as caught:
        blur(*given, **options)
    assert str(caught.value) == words


def test_a_default_is_right_whatever_the_annotation():
    @checked_options
    def odd(size: PositiveInt = None):
        return size

    assert odd() is None
    assert odd(None) is None


def test_the_constructor_of_a_class():
    @checked_options
    class Jitter:
        def __init__(self, pixels: PositiveInt = 8):
            self.pixels = pixels

    assert Jitter(np.int64(2)).pixels == 2
    with pytest.raises(ValueError, match=r"^Jitter: pixels must be a whole number of at least 1, not -1$"):
        Jitter(-1)
