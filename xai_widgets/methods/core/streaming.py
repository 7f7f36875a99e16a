"""Methods that sample: a first answer early, better ones after, the last one as if there had been no others."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Generic, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Options = ParamSpec("Options")
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

FIRST = 32  # samples: enough for a first look, done in a blink
_LARGEST_STEP = 512  # samples between two answers, at most


class Estimate(Protocol[Result_co]):
    """A sum over samples that is under way.

    Attributes
    ----------
    first, total : int
        How many samples the first answer needs, and how many were asked for.
    """

    first: int
    total: int

    def advance(self, count: int) -> None:
        """Take `count` samples more."""

    def result(self) -> Result_co:
        """Return the answer of all samples so far."""


class Anytime(Generic[Options, Result]):
    """A method that can be called, for its last answer, or streamed, for all of them.

    Parameters
    ----------
    begin : callable
        Takes the method's arguments and returns an `Estimate`.

    Examples
    --------
    >>> class Counting:
    ...     first, total, done = 2, 10, 0
    ...     def advance(self, count):
    ...         self.done += count
    ...     def result(self):
    ...         return self.done
    >>> count = Anytime(lambda: Counting())
    >>> count(), list(count.stream())
    (10, [2, 4, 8, 10])
    """

    def __init__(self, begin: Callable[Options, Estimate[Result]]) -> None:
        """Look like the function that is wrapped: name, documentation, signature."""
        functools.update_wrapper(self, begin)
        self.begin = begin

    def __call__(self, *args: Options.args, **kwargs: Options.kwargs) -> Result:
        """Take all samples and return the answer."""
        estimate = self.begin(*args, **kwargs)
        estimate.advance(estimate.total)
        return estimate.result()

    def stream(self, *args: Options.args, **kwargs: Options.kwargs) -> Iterator[Result]:
        """Yield an answer early and, with ever more samples, better ones; the last is that of a plain call.

        Whoever has seen enough stops iterating.
        """
        estimate = self.begin(*args, **kwargs)
        done, step = 0, min(estimate.first, estimate.total)
        while done < estimate.total:
            estimate.advance(step)
            done += step
            yield estimate.result()
            step = min(done, _LARGEST_STEP, estimate.total - done)


def anytime(begin: Callable[Options, Estimate[Result]]) -> Anytime[Options, Result]:
    """Make a function that begins an `Estimate` into one that returns its answer and can also stream better ones."""
    return Anytime(begin)
