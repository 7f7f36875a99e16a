"""Numbers as each language writes them."""

import pytest

from xai_widgets import i18n
from xai_widgets.course.display.sentences import LocalizedNumber
from xai_widgets.i18n.numbers import brief, decimal, percent, with_minus, with_sign

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "digits", "english", "french"),
    [
        (-3.8, 1, f"{MINUS}3.8", f"{MINUS}3,8"),
        (3.8, 1, "3.8", "3,8"),
        (-0.0, 1, "0.0", "0,0"),
        (-0.04, 1, "0.0", "0,0"),
        (-0.06, 1, f"{MINUS}0.1", f"{MINUS}0,1"),
        (-10.0, 0, f"{MINUS}10", f"{MINUS}10"),
        (-0.4, 0, "0", "0"),
    ],
)
def test_a_number_has_a_minus_sign_and_zero_has_none(value, digits, english, french):
    assert decimal(value, digits, "en") == english
    assert decimal(value, digits, "fr") == french


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "+0.50"), (-0.5, f"{MINUS}0.50"), (0.004, "0.00"), (-0.004, "0.00"), (0.006, "+0.01")]
)
def test_a_change_has_its_sign_unless_it_is_rounded_to_none(value, text):
    assert with_sign(value, 2, "en") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.012_34, "0.012"), (-0.012_34, f"{MINUS}0.012"), (123.4, "123"), (-9e-9, "0.000000"), (0, "0"), (1.04, "1.0")],
)
def test_a_small_number_has_the_digits_that_count(value, text):
    assert brief(value, "en") == text


def test_numbers_that_were_formatted_otherwise_get_their_minus_sign_too():
    assert [with_minus(text) for text in ("-3", "-0", "-0.00%", "1e-05", "-2e-05", "-0e-05", "+0.5")] == [
        f"{MINUS}3",
        "0",
        "0.00%",
        f"1e{MINUS}05",
        f"{MINUS}2e{MINUS}05",
        f"0e{MINUS}05",
        "+0.5",
    ]


def test_the_numbers_of_the_course_are_written_likewise():
    i18n.set_language("fr")
    assert [f"{LocalizedNumber(value):.2f}" for value in (-1.5, -0.001, 0.001)] == [f"{MINUS}1,50", "0,00", "0,00"]


def test_an_error_of_more_than_the_whole_is_written_as_it_is():
    assert percent(1.0024, "en") == "100.24%"
    assert percent(2.5, "fr") == "250,00\u202f%"
