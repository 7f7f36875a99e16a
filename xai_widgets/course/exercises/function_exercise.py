"""Exercises whose answer is a function: compared with the right one, and with known wrong ones, on fresh data."""

from __future__ import annotations

import copy
import dis
import inspect
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from xai_widgets.course.exercises.exercise import Exercise, Mistake, ToDo
from xai_widgets.course.exercises.own_work import Borrowed, require_own_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_NOTHING = {"RESUME", "NOP", "CACHE", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "COPY_FREE_VARS", "MAKE_CELL"}


class FunctionExercise(Exercise):
    """An exercise whose answer is a function of arrays.

    A subclass gives `cases`, the arguments of a few calls on fresh data; `reference`, the right answer; and `mistakes`,
    functions that students write by mistake, each with the reason which explains it in the catalogue. Where an answer
    agrees with none of them, the verdict says by how much it is off.
    """

    mistakes: ClassVar[Mapping[str, Callable[..., Any]]] = {}
    tolerance: ClassVar[float] = 1e-4
    seconds: ClassVar[float] = 60

    def cases(self, rng: np.random.Generator) -> Iterable[tuple[Any, ...]]:
        """Return the arguments of several calls."""
        raise NotImplementedError

    def reference(self, *arguments: Any) -> Any:
        """Return the result of a right answer."""
        raise NotImplementedError

    def examine(self, answer: Any, rng: np.random.Generator) -> None:
        """Call the answer on every case; compare with the reference, then with the known mistakes."""
        require_function(answer)
        cases = list(self.cases(rng))
        given = [call(answer, *arguments) for arguments in cases]
        expected = [np.asarray(self.reference(*arguments)) for arguments in cases]
        arrays = [as_numbers(value) for value in given]
        if self._agree(arrays, expected):
            return
        for reason, wrong in self.mistakes.items():
            if self._agree(arrays, [np.asarray(wrong(*arguments)) for arguments in cases]):
                raise Mistake(reason)
        for array, right in zip(arrays, expected, strict=True):
            require_shape(array, right)
        worst = max(_largest_difference(*pair) for pair in zip(arrays, expected, strict=True))
        raise Mistake("differs", difference=f"{worst:.3g}")

    def _agree(self, arrays: list[np.ndarray], others: list[np.ndarray]) -> bool:
        pairs = zip(arrays, others, strict=True)
        return all(a.shape == o.shape and np.allclose(a, o, rtol=self.tolerance, atol=self.tolerance) for a, o in pairs)


def _largest_difference(given: np.ndarray, expected: np.ndarray) -> float:
    """Return by how much two arrays differ at most; infinity equals itself."""
    apart = np.zeros(given.shape)
    np.subtract(given, expected, out=apart, where=given != expected)
    return float(np.max(np.abs(apart), initial=0.0))


def require_function(answer: Any) -> None:
    """Raise `Mistake` if the answer is not a function, and `ToDo` if it is still the stub."""
    if answer is None or answer is Ellipsis:
        raise ToDo
    if not callable(answer):
        raise Mistake("not_a_function", kind=type(answer).__name__)
    if is_stub(answer):
        raise ToDo


def is_stub(function: Callable[..., Any]) -> bool:
    """Tell whether the body of a function does nothing: ``pass``, ``...``, a docstring.

    Examples
    --------
    >>> is_stub(lambda x: None), is_stub(lambda x: x)
    (True, False)
    """
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None or code.co_names:
        return False
    steps = list(dis.get_instructions(code))
    return all(s.opname in _NOTHING for s in steps) and all(s.argval is None for s in steps if "CONST" in s.opname)


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a student's function on copies of the arrays.

    Raises
    ------
    Mistake
        If it changes them, returns nothing, or calls a library that does what it was asked to do.
    """
    copies = [copy.deepcopy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    try:
        require_own_work(function)
        result = function(*copies)
    except Borrowed as borrowed:  # also one of a function in another process
        raise Mistake("borrowed", name=borrowed.name) from None
    if result is None:
        raise Mistake("returns_nothing")
    for kept, original in zip(copies, arguments, strict=True):
        if isinstance(original, np.ndarray) and not np.array_equal(kept, original):
            raise Mistake("changes_its_input")
    return result


def as_numbers(value: Any) -> np.ndarray:
    """Return `value` as an array of numbers, or raise `Mistake` with the reason."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise Mistake("not_numbers", kind=type(value).__name__) from None
    if np.isnan(array).any():
        raise Mistake("nan")
    return array


def require_shape(array: np.ndarray, expected: np.ndarray) -> None:
    """Raise `Mistake` if an array does not have the shape of `expected`."""
    if array.shape != expected.shape:
        raise Mistake("shape", given=shape_text(array), expected=shape_text(expected))


def shape_text(array: np.ndarray) -> str:
    """Write a shape as Python does.

    Examples
    --------
    >>> shape_text(np.zeros((2, 3)))
    '(2, 3)'
    """
    return str(tuple(array.shape))
