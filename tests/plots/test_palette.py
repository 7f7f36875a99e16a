"""How classes look: colours, and second signs where there are more than six."""

import itertools

from xai_widgets.plots.palette import COLOURS, LOOKS, look


def test_thirty_classes_differ_and_the_next_look_like_the_first():
    looks = [look(number) for number in range(LOOKS)]
    assert LOOKS == 30
    for one, other in itertools.combinations(looks, 2):
        same_colour = one.colour == other.colour
        assert not same_colour or (one.marker != other.marker and one.dash != other.dash and one.hatch != other.hatch)
    assert look(LOOKS) == look(0)


def test_six_classes_need_no_second_sign():
    assert [look(number).colour for number in range(6)] == list(COLOURS)
    assert {look(number)[1:] for number in range(6)} == {("o", "", "")}
    assert look(6) == ("#0072B2", "s", "6 4", "/")


def test_a_dash_pattern_is_the_same_in_figures():
    assert look(0).linestyle == (0, None)
    assert look(7).linestyle == (0, (4, 3))


def luminance(colour):
    values = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in values]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_no_colour_of_a_class_is_lost_on_a_dark_page():
    dark = luminance("#111111")
    assert all((luminance(colour) + 0.05) / (dark + 0.05) >= 3 for colour in COLOURS)
