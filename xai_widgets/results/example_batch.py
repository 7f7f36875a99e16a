"""`ExampleBatch`: what results with one entry for each of N examples share: parts, joins, files, tables."""

from __future__ import annotations

import dataclasses
import operator
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np

from xai_widgets.common.data_frames import data_frame
from xai_widgets.common.user_files import user_path
from xai_widgets.results.example_recipes import joined_recipe, recipe_of_examples

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xai_widgets.results.recipe import Recipe

_PICTURES = (".png", ".pdf", ".svg")
_DPI = 150
_LARGEST = 4_000_000_000  # bytes of a file's arrays


class ExampleBatch:
    """A result about N examples, a frozen dataclass with the field ``recipe`` and one entry for each example."""

    recipe: Recipe

    _measures: ClassVar[tuple[str, ...]] = ()
    """The fields whose entries must have one shape where results are joined."""

    _numbers: ClassVar[tuple[str, ...]] = ("score", "delta", "fit", "intercept")
    """The fields with one number for each example."""

    _of_all: ClassVar[tuple[str, ...]] = ()
    """The fields that are about all examples alike."""

    def __getitem__(self, index: Any) -> Self:
        """Return the result of some examples.

        A whole number gives a result of one example (N = 1), so that it can be drawn, saved and made again like any
        other; ``.values[3]`` gives the bare array. A slice, a list of whole numbers or a mask of N booleans gives those
        examples. The recipe is that of these examples.

        Parameters
        ----------
        index : int, slice, sequence of int, or sequence of N bool
            Which examples; negative numbers count from the end.

        Raises
        ------
        IndexError
            If there is no such example, or the index is none of these.
        """
        places = _places(index, len(self))
        return self._of_places(places)

    def __len__(self) -> int:
        """Return the number of examples."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Self]:
        """Give the examples one by one, each as a result of one example."""
        return (self[place] for place in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Refuse to be read as an array: a result of one example holds itself, without end."""
        raise TypeError(f"{type(self).__name__} is no array; take one of its fields, {self._named_arrays()}")

    def _named_arrays(self) -> str:
        return ", ".join(f".{name}" for name, value in self._fields().items() if isinstance(value, np.ndarray))

    def _of_places(self, places: NDArray[np.intp]) -> Self:
        count = len(self)
        changed: dict[str, Any] = {}
        for name, value in self._entries().items():
            if isinstance(value, np.ndarray) and len(value) == count:
                changed[name] = value[places]
            elif isinstance(value, tuple) and len(value) == count:
                changed[name] = tuple(value[place] for place in places)
        recipe = recipe_of_examples(self.recipe, places, self._shaped())
        return dataclasses.replace(self, recipe=recipe, **changed)  # type: ignore[type-var]

    def _fields(self) -> dict[str, Any]:
        """Return all fields but the recipe."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        return {field.name: getattr(self, field.name) for field in fields if field.name != "recipe"}

    def _entries(self) -> dict[str, Any]:
        """Return the fields that have one entry for each example, or None."""
        return {name: value for name, value in self._fields().items() if name not in self._of_all}

    def _shaped(self) -> NDArray[Any]:
        """Return an array of the length and shape of the examples."""
        return np.empty(len(self))

    @classmethod
    def concatenate(cls, results: Sequence[Self]) -> Self:
        """Join results of one method, for instance of the batches of a long list of pictures.

        Parameters
        ----------
        results : sequence of results
            At least one; each was made by the same method, for the same model, with the same options. Targets may
            differ.

        Returns
        -------
        Attribution or WordAttribution, of the class of the results
            The examples of all of them, in their order. The recipe makes it again from all inputs.

        Raises
        ------
        ValueError
            If there is none, or method, model, options, or the shapes of one example differ.
        TypeError
            If one is no such result.
        """
        given = list(results)
        if not given:
            raise ValueError("there is nothing to join; give at least one result")
        kind = type(given[0])
        for one in given:
            if not isinstance(one, cls):
                raise TypeError(f"{cls.__name__}.concatenate joins results of this class, not {type(one).__name__}")
            if type(one) is not kind:
                raise ValueError(f"a {kind.__name__} and a {type(one).__name__} cannot be joined")
        recipe = joined_recipe([one.recipe for one in given], [one._shaped() for one in given])  # noqa: SLF001
        for name in kind._measures:  # noqa: SLF001
            shapes = list(dict.fromkeys(getattr(one, name).shape[1:] for one in given))
            if len(shapes) > 1:
                raise ValueError(f"results of different shapes cannot be joined: {' and '.join(map(str, shapes))}")
        parts = [one._entries() for one in given]  # noqa: SLF001
        fields = {name: _joined(name, [part[name] for part in parts]) for name in parts[0]}
        fields |= {name: _shared(name, [getattr(one, name) for one in given]) for name in kind._of_all}  # noqa: SLF001
        made: Any = kind
        return cast("Self", made(recipe=recipe, **fields))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the result into a file: its arrays and its recipe, or its figure, by the ending of the name.

        Parameters
        ----------
        path : str or path
            With the ending ``.npz``, a file that `load` reads: the arrays as NumPy writes them, and the recipe as JSON
            text under the name ``recipe``. With ``.png``, ``.pdf`` or ``.svg``, the figure that `figure` draws. A file
            of that name is replaced once the new one is complete.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ValueError
            If the name has another ending, or no figure can be drawn.
        OSError
            If the file cannot be written.
        """
        from xai_widgets.common.atomic_file import replacing
        from xai_widgets.results.result_files import write_result

        target = user_path(path)
        ending = target.suffix.lower()
        if ending != ".npz" and ending not in _PICTURES:
            raise ValueError(f"{target.name!r} must end in .npz (the result) or {', '.join(_PICTURES)} (its figure)")
        figure = None if ending == ".npz" else self.figure()
        with replacing(target) as file:
            if figure is None:
                write_result(file, type(self).__name__, self._fields(), self.recipe)
            else:
                figure.savefig(file, format=ending[1:], bbox_inches="tight", dpi=_DPI)
        return target

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, max_bytes: int = _LARGEST) -> Self:
        """Read a result that `save` wrote into a ``.npz`` file. Nothing in the file is run: no pickle is read.

        Parameters
        ----------
        path : str or path
            The file.
        max_bytes : int, default 4,000,000,000
            The largest size of its arrays in memory, which is known before they are read.

        Returns
        -------
        Attribution or WordAttribution, of the class that was saved

        Raises
        ------
        ValueError
            If the file is damaged, too large, of another kind or another class.
        OSError
            If there is no such file, or it cannot be read.
        """
        from xai_widgets.results.result_files import read_result

        kinds: dict[str, Any] = {one.__name__: one for one in (cls, *cls.__subclasses__())}
        kind, fields, recipe = read_result(user_path(path), max_bytes)
        if kind not in kinds:
            raise ValueError(f"{str(path)!r} holds a {kind}, which is no {cls.__name__}: {kind}.load reads it")
        try:
            found: Self = kinds[kind](recipe=recipe, **fields)
            found._check_fields()
        except (TypeError, ValueError) as error:
            raise ValueError(f"{str(path)!r} is damaged: {error}") from None
        return found

    def _check_fields(self) -> None:
        """Refuse fields that are missing, hold something else, or are not about the same number of examples.

        What a field may be stands in its annotation; it may be left out where it has a default.
        """
        about: Any = self
        needed = {field.name for field in dataclasses.fields(about) if _has_no_default(field)}
        kinds = {field.name: str(field.type) for field in dataclasses.fields(about)}
        measures = {name: _checked_field(name, value, kinds[name], needed) for name, value in self._entries().items()}
        for name, value in measures.items():
            if value is not None and len(value) not in ({len(self)} if name in needed else {len(self), 0}):
                raise ValueError(f"{name} has {len(value)} entries for {len(self)} examples")
        for name in self._numbers:
            value = measures.get(name)
            if value is not None and value.ndim != 1:
                raise ValueError(f"{name} has the shape {value.shape}, not one number for each example")

    def to_dataframe(self) -> Any:
        """Return the result as a table of pandas, which must be installed.

        Returns
        -------
        pandas.DataFrame
            For rows of features, a line for each example: ``example`` (from 0), ``target``, ``score``, ``delta`` where
            there is one, and the value of each feature under its name, or its number where features have no names. For
            pictures and other shapes, a line for each example: ``example``, ``target``, ``score``, ``delta`` where
            there is one, and of the values ``sum``, ``minimum``, ``maximum``, ``mean_abs``. For superpixels of
            pictures, a line for each of them: ``example``, ``target``, ``score``, ``superpixel``, ``weight``,
            ``error``. For texts, a line for each word: ``example``, ``target``, ``score``, ``word``, ``start``,
            ``end``, ``weight``. Values and scores are in the units of `score`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return data_frame(dict(self._columns()))

    def _columns(self) -> Mapping[str, Any]:
        """Return the columns of the table."""
        raise NotImplementedError

    def _targets(self) -> list[str]:
        """Return what was explained, one name for each example."""
        names = self.recipe.target
        return list(names) if len(names) == len(self) else list(names[:1] or ("",)) * len(self)

    def figure(self) -> Figure:
        """Draw the result as a matplotlib figure."""
        raise NotImplementedError


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _checked_field(name: str, value: Any, kind: str, needed: Collection[str]) -> Any:
    """Return the value of a field if it is what the annotation `kind` says."""
    if value is None:
        if name in needed or "None" not in kind:
            raise ValueError(f"{name} is missing")
        return None
    if not isinstance(value, tuple if kind.startswith("tuple") else np.ndarray):
        raise ValueError(f"{name} is a {type(value).__name__}, not what save() writes")  # noqa: TRY004  (of a file)
    arrays = value if "NDArray" in kind and isinstance(value, tuple) else [value] if "NDArray" in kind else []
    for one in arrays:
        if not isinstance(one, np.ndarray) or one.dtype.kind not in "fiub":
            raise ValueError(f"{name} holds {getattr(one, 'dtype', type(one).__name__)}, not numbers")
    if kind.startswith("tuple[str") and not all(isinstance(one, str) for one in value):
        raise ValueError(f"{name} holds something else than texts")
    return value


def _places(index: Any, count: int) -> NDArray[np.intp]:
    """Return the examples that an index names, as whole numbers from 0."""
    numbers = np.arange(count)
    if isinstance(index, slice):
        return numbers[index]
    if isinstance(index, (list, range)) or (isinstance(index, np.ndarray) and index.ndim == 1):
        array = np.asarray(index) if len(index) else np.zeros(0, "intp")
        if array.ndim == 1 and array.dtype.kind in "iub":
            picked: NDArray[np.intp] = numbers[array]
            return picked
    elif not isinstance(index, (bool, np.bool_)):
        try:
            place = operator.index(index)
        except TypeError:
            pass
        else:
            if not -count <= place < count:
                raise IndexError(f"there is no example {place}: the result has {count}")
            return numbers[[place]]
    raise IndexError("the index is a whole number, a slice, a list of whole numbers or a mask; .values takes others")


def _shared(name: str, given: Sequence[Any]) -> Any:
    """Return what is said of all examples of several results; None is not known."""
    known = {one for one in given if one is not None}
    if len(known) > 1:
        raise ValueError(f"results that differ in {name} cannot be joined")
    return next(iter(known), None)


def _joined(name: str, given: Sequence[Any]) -> Any:
    """Join one field of several results."""
    if all(one is None for one in given):
        return None
    if any(one is None for one in given):
        raise ValueError(f"a result with {name} and one without cannot be joined")
    if isinstance(given[0], tuple):
        return tuple(entry for one in given for entry in one)
    if len({one.shape[1:] for one in given}) > 1:
        raise ValueError(f"results with {name} of different shapes cannot be joined")
    return np.concatenate(given)
