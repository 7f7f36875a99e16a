"""What options may be: the types that stand in signatures, and how a value is tried against one.

A signature says all there is to say of an option: ``steps: PositiveInt = 50``. Type checkers read ``int`` there, and
`checked_options` the range. ``int`` alone is any whole number, ``float`` any finite one.
"""

from __future__ import annotations

import collections.abc
import math
import numbers
import reprlib
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Protocol

import numpy as np

from xai_widgets.common.arrays import as_array
from xai_widgets.common.name_matching import nearest


@dataclass(frozen=True)
class Within:
    """The range of a number.

    Attributes
    ----------
    least, most : float, optional
        The ends, where they belong to the range.
    above, below : float, optional
        The ends, where they do not.

    Examples
    --------
    >>> print(Within(least=1)), print(Within(above=0, most=1)), 0 in Within(above=0)
     of at least 1
     above 0 and up to 1
    (None, None, False)
    """

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None

    def __contains__(self, value: Any) -> bool:
        """Whether a number, or each of an array, is in the range."""
        return bool(
            (self.least is None or np.all(value >= self.least))
            and (self.most is None or np.all(value <= self.most))
            and (self.above is None or np.all(value > self.above))
            and (self.below is None or np.all(value < self.below))
        )

    def __str__(self) -> str:
        """Return the end of a phrase that begins with "a number"."""
        if self.least is not None and self.most is not None:
            return f" from {self.least} to {self.most}"
        low = f" of at least {self.least}" if self.least is not None else ""
        low = f" above {self.above}" if self.above is not None else low
        high = f" up to {self.most}" if self.most is not None else ""
        high = f" below {self.below}" if self.below is not None else high
        return f"{low} and{high}" if low and high else low or high


@dataclass(frozen=True)
class OneOf:
    """The texts that an option may be.

    Attributes
    ----------
    names : sequence of str
    """

    names: Sequence[str]


# The types

PositiveInt = Annotated[int, Within(least=1)]
NonNegativeInt = Annotated[int, Within(least=0)]
Seed = Annotated[int, Within(least=0)]
Positive = Annotated[float, Within(above=0)]
NonNegative = Annotated[float, Within(least=0)]
Share = Annotated[float, Within(least=0, most=1)]
ProperShare = Annotated[float, Within(above=0, below=1)]
Output = Annotated[str, OneOf(("logit", "probability"))]
Progress = Callable[[int, int], object] | bool | None


# How a value is tried

UNFIT: Final = object()
"""What `OptionKind.read` returns for a value that is none of its kind."""

_LONGEST = 60  # letters of a value in an error message


class OptionKind(Protocol):
    """What an option may be.

    Attributes
    ----------
    words : str
        The end of the sentence "it must be".
    """

    @property
    def words(self) -> str:
        """The end of the sentence "it must be"."""

    def read(self, value: Any) -> Any:
        """Return the value as the function takes it, or `UNFIT`."""


@dataclass(frozen=True)
class NumberKind:
    """A finite number, of Python or of NumPy, or a 0-d array of one; a bool is none."""

    whole: bool
    within: Within = Within()

    @property
    def words(self) -> str:
        """What kind of number, and its range."""
        return f"a {'whole' if self.whole else 'finite'} number{self.within}"

    def read(self, value: Any) -> Any:
        """Return whole numbers as an int, and what is in a 0-d array; other numbers stay what they are."""
        value = _scalar(value)
        if isinstance(value, (bool, np.bool_)) or not isinstance(
            value, numbers.Integral if self.whole else numbers.Real
        ):
            return UNFIT
        if not (self.whole or _finite(value)) or value not in self.within:
            return UNFIT
        return int(value) if isinstance(value, numbers.Integral) else value


@dataclass(frozen=True)
class NumbersKind:
    """An array of finite numbers, or lists that make one."""

    within: Within = Within()

    @property
    def words(self) -> str:
        """What is in the array."""
        return f"an array of finite numbers{self.within}"

    def read(self, value: Any) -> Any:
        """Return the array or the list as it is."""
        if isinstance(value, (str, bytes)):
            return UNFIT
        try:
            array = np.asarray(as_array(value))
        except (TypeError, ValueError, OverflowError):
            return UNFIT
        if not array.size or array.dtype.kind not in "iuf" or not np.isfinite(array).all() or array not in self.within:
            return UNFIT
        return value


@dataclass(frozen=True)
class Text:
    """A text."""

    words: str = "a text"

    def read(self, value: Any) -> Any:
        """Return it."""
        return value if isinstance(value, str) else UNFIT


@dataclass(frozen=True)
class Choice:
    """One of a few names, or None among them."""

    names: tuple[Any, ...]

    @property
    def words(self) -> str:
        """All names."""
        return f"one of {', '.join(map(repr, self.names))}" if len(self.names) > 1 else repr(self.names[0])

    def read(self, value: Any) -> Any:
        """Return it."""
        return value if any(type(value) is type(one) and value == one for one in self.names) else UNFIT


@dataclass(frozen=True)
class Flag:
    """True or False."""

    words: str = "True or False"

    def read(self, value: Any) -> Any:
        """Return NumPy's too as one of Python."""
        value = _scalar(value)
        return bool(value) if isinstance(value, (bool, np.bool_)) else UNFIT


@dataclass(frozen=True)
class Nothing:
    """None."""

    words: str = "None"

    def read(self, value: Any) -> Any:
        """Return it."""
        return value if value is None else UNFIT


@dataclass(frozen=True)
class Function:
    """What can be called."""

    words: str = "a function"

    def read(self, value: Any) -> Any:
        """Return it."""
        return value if callable(value) else UNFIT


@dataclass(frozen=True)
class Several:
    """A list, tuple or array of as many as there are, or of one length; a text is none."""

    each: OptionKind | None
    count: int | None = None

    @property
    def words(self) -> str:
        """What is in the list."""
        what = "a list" if self.count is None else f"{self.count} values"
        return what if self.each is None else f"{what}, each {self.each.words}"

    def read(self, value: Any) -> Any:
        """Return it as it is."""
        if isinstance(value, (str, bytes, collections.abc.Mapping, collections.abc.Set)):
            return UNFIT
        if not (hasattr(value, "__len__") and hasattr(value, "__getitem__")) or getattr(value, "shape", None) == ():
            return UNFIT
        if self.count is not None and len(value) != self.count:
            return UNFIT
        each = self.each
        return UNFIT if each is not None and any(each.read(one) is UNFIT for one in value) else value


@dataclass(frozen=True)
class Either:
    """One of several kinds."""

    kinds: tuple[OptionKind, ...]

    @property
    def words(self) -> str:
        """All kinds."""
        *first, last = (kind.words for kind in self.kinds)
        return f"{', '.join(first)} or {last}"

    def read(self, value: Any) -> Any:
        """Return what the first kind that it fits makes of it."""
        found = (kind.read(value) for kind in self.kinds)
        return next((one for one in found if one is not UNFIT), UNFIT)


def kind_of(annotation: Any, *, within: Within | None = None) -> OptionKind | None:
    """Return the kind of values that an annotation describes; None for what is not checked, such as a class.

    Parameters
    ----------
    annotation : type
        As it stands in the signature, evaluated.
    within : Within, optional
        The range of the numbers in it.

    Examples
    --------
    >>> kind_of(PositiveInt | None).words
    'a whole number of at least 1 or None'
    >>> kind_of(Literal["mean", "square"]).words
    "one of 'mean', 'square'"
    >>> kind_of(dict) is None
    True
    """
    if isinstance(annotation, (types.UnionType, typing._UnionGenericAlias)):  # type: ignore[attr-defined]  # noqa: SLF001
        kinds = [kind_of(one, within=within) for one in typing.get_args(annotation)]
        return Either(tuple(kind for kind in kinds if kind)) if all(kinds) else None
    if annotation in _SIMPLE:
        return _SIMPLE[annotation](within or Within())
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    return _READERS[origin](parts, within) if origin in _READERS else None


_SIMPLE: dict[Any, Callable[[Within], OptionKind]] = {
    int: lambda within: NumberKind(whole=True, within=within),
    float: lambda within: NumberKind(whole=False, within=within),
    bool: lambda _within: Flag(),
    str: lambda _within: Text(),
    type(None): lambda _within: Nothing(),
    None: lambda _within: Nothing(),
}


def _annotated(parts: tuple[Any, ...], within: Within | None) -> OptionKind | None:
    base, *said = parts
    for one in said:
        if isinstance(one, OneOf):
            return Choice(tuple(one.names))
    return kind_of(base, within=next((one for one in said if isinstance(one, Within)), within))


def _sequence(parts: tuple[Any, ...], within: Within | None) -> OptionKind:
    return Several(kind_of(parts[0], within=within) if parts else None)


def _tuple(parts: tuple[Any, ...], within: Within | None) -> OptionKind:
    several = parts[-1:] == (...,)
    return Several(kind_of(parts[0], within=within), None if several else len(parts))


def _array(parts: tuple[Any, ...], within: Within | None) -> OptionKind | None:
    (number,) = typing.get_args(parts[-1]) or (Any,)
    whole = isinstance(number, type) and issubclass(number, np.number)
    return NumbersKind(within or Within()) if whole else None


_READERS: dict[Any, Callable[[tuple[Any, ...], Within | None], OptionKind | None]] = {
    Annotated: _annotated,
    Literal: lambda parts, _within: Choice(parts),
    collections.abc.Callable: lambda _parts, _within: Function(),
    collections.abc.Sequence: _sequence,
    list: _sequence,
    tuple: _tuple,
    np.ndarray: _array,
}


def refusal(kind: OptionKind, value: Any) -> str:
    """Return the end of the sentence that refuses a value: what it must be, what it is, and which name is near.

    Examples
    --------
    >>> refusal(kind_of(PositiveInt), 0)
    'must be a whole number of at least 1, not 0'
    >>> refusal(kind_of(Output), "logits")
    "must be one of 'logit', 'probability', not 'logits'; did you mean 'logit'?"
    """
    names = _names(kind)
    near = nearest(value, names, count=1) if isinstance(value, str) and value else []
    advice = f"; did you mean {near[0]!r}?" if near else ""
    return f"must be {_asked(kind).words}, not {_shown(value)}{advice}"


def _asked(kind: OptionKind) -> OptionKind:
    """Return what else than None a value may be: whoever gave another one wants something."""
    given = [one for one in kind.kinds if not isinstance(one, Nothing)] if isinstance(kind, Either) else [kind]
    return given[0] if len(given) == 1 else Either(tuple(given))


def _names(kind: OptionKind) -> list[str]:
    kinds = kind.kinds if isinstance(kind, Either) else (kind,)
    return [name for one in kinds if isinstance(one, Choice) for name in one.names if isinstance(name, str)]


def _shown(value: Any) -> str:
    """Return a value as an error message shows it: an array by its shape, others cut short."""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape and dtype is not None:
        return f"an array of {dtype} {tuple(shape)}"
    shown = reprlib.repr(value)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def _scalar(value: Any) -> Any:
    """Return what is in a 0-d array or tensor; everything else as it is."""
    if isinstance(value, (numbers.Number, str)) or getattr(value, "shape", None) != ():
        return value
    array = as_array(value)
    return array[()] if isinstance(array, np.ndarray) else value


def _finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond any float
        return False
