"""Options of other types and ranges, for every method: an answer, or an error that names the option."""

from tests.adversarial.judging import Case
from tests.methods import test_hostile_options as hostile


def refused_or_answered(name, option, value):
    """Return what is wrong with what an option gave; the table of values is that of the tests of options."""
    return hostile.outcome(name, option, value)


def is_right(found):
    return found is None


def cases():
    for name in hostile.CASES:
        for option in hostile.options_of(name):
            for value in hostile.HOSTILE:
                act = lambda n=name, o=option, v=value: refused_or_answered(n, o, v)  # noqa: E731
                yield Case("options", f"{name}({option}={value!r:.20})", act, is_right, quick=False)
