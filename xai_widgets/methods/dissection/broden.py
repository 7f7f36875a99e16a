"""A folder of pictures and masks laid out as the Broden data set is."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from xai_widgets.common.checked_options import checked_options
from xai_widgets.methods.dissection.concept_pictures import ConceptBatch, ConceptSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_META = ("image", "split", "ih", "iw", "sh", "sw")
_CATEGORY = re.compile(r"\s*([^();]+?)\s*(?:\(\d+\))?\s*(?:;|$)")


@checked_options
class BrodenConcepts(ConceptSet):
    r"""A folder in Broden's layout: ``index.csv``, ``label.csv`` and ``images/``.

    ``index.csv`` has a row for each picture: ``image,split,ih,iw,sh,sw`` and then a column for each kind of concept. A
    cell lists, between semicolons, numbers of labels that hold for the whole picture, or PNG files whose pixels are
    label numbers, red + 256 green; an empty cell says that nobody looked. ``label.csv`` names the labels:
    ``number,name,category``.

    Parameters
    ----------
    folder : str or Path
        That of ``index.csv``.
    kinds : sequence of str, optional
        Which columns to read; all if left out.
    split : str, optional
        ``"train"`` or ``"val"`` alone.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is not as it should be; the message names the place.

    References
    ----------
    David Bau, Bolei Zhou, Aditya Khosla, Aude Oliva, Antonio Torralba (2017), Network dissection: quantifying
    interpretability of deep visual representations.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     folder = Path(name)
    ...     (folder / "images").mkdir()
    ...     Image.new("RGB", (8, 8), "red").save(folder / "images" / "a.png")
    ...     _ = (folder / "index.csv").write_text("image,split,ih,iw,sh,sw,colour\na.png,train,8,8,8,8,1\n")
    ...     _ = (folder / "label.csv").write_text("number,name,category\n1,red,colour(1)\n")
    ...     concepts = BrodenConcepts(folder)
    ...     batch = concepts.batch(slice(0, 1))
    >>> concepts.names, batch.masks.shape
    (('red',), (1, 1, 8, 8))
    """

    def __init__(self, folder: str | Path, *, kinds: Sequence[str] | None = None, split: str | None = None) -> None:
        self.folder = Path(folder)
        columns, rows = _table(self.folder / "index.csv", _META)
        present = [column for column in columns if column not in _META]
        wanted = present if kinds is None else list(kinds)
        unknown = [kind for kind in wanted if kind not in present]
        if unknown:
            raise ValueError(f"index.csv has the kinds {', '.join(present)}, not {', '.join(unknown)}")
        self._rows = [row for row in rows if split is None or row["split"] == split]
        if not self._rows:
            raise ValueError(f"{self.folder / 'index.csv'} lists no picture{f' of split {split!r}' if split else ''}")
        found = _labels(self.folder / "label.csv", wanted)
        self.names = tuple(name for _, name, _ in found)
        self.kinds = tuple(kind for _, _, kind in found)
        self._numbers = {(number, kind): place for place, (number, _, kind) in enumerate(found)}
        self._size = _one_size(self._rows)

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self._rows)

    def pictures(self, part: slice) -> list[NDArray[np.uint8]]:
        """Return some of the pictures; sizes may differ.

        Parameters
        ----------
        part : slice
            Which of the pictures, by their numbers.

        Returns
        -------
        sequence of uint8 (H, W, 3) arrays
            RGB, 0 to 255, read from their files.
        """
        return [_picture(self.folder / "images" / row["image"]) for row in self._rows[part]]

    def batch(self, part: slice) -> ConceptBatch:
        """Return some of the pictures with all their masks.

        Parameters
        ----------
        part : slice
            Which of the pictures, by their numbers.

        Returns
        -------
        ConceptBatch
            ``.pictures``, ``.masks`` (N, K, h, w) and ``.known`` (N, kinds).
        """
        rows = self._rows[part]
        masks = np.zeros((len(rows), len(self.names), *self._size), bool)
        kinds = self.all_kinds
        known = np.zeros((len(rows), len(kinds)), bool)
        for place, row in enumerate(rows):
            for column, kind in enumerate(kinds):
                cells = [cell.strip() for cell in row[kind].split(";") if cell.strip()]
                known[place, column] = bool(cells)
                for cell in cells:
                    self._fill(masks[place], kind, cell, row["image"])
        return ConceptBatch(self.pictures(part), masks, known)

    def _fill(self, masks: NDArray[np.bool_], kind: str, cell: str, picture: str) -> None:
        """Mark what one cell of the index says."""
        if cell.isdigit():
            masks[self._place(int(cell), kind, picture)] = True
            return
        numbers = self._plane(cell)
        for number in np.unique(numbers):
            if number:  # 0 is a pixel without label
                masks[self._place(int(number), kind, cell)] |= numbers == number

    def _place(self, number: int, kind: str, where: str) -> int:
        if (number, kind) not in self._numbers:
            raise ValueError(f"{where} uses label {number} as {kind}, which label.csv does not list as such")
        return self._numbers[number, kind]

    def _plane(self, name: str) -> NDArray[np.int32]:
        pixels = _picture(self.folder / "images" / name).astype("int32")
        if pixels.shape[:2] != self._size:
            raise ValueError(f"the mask {name} is {pixels.shape[:2]} pixels; index.csv says {self._size}")
        numbers: NDArray[np.int32] = pixels[..., 0] + 256 * pixels[..., 1]
        return numbers


def _table(file: Path, needed: Sequence[str]) -> tuple[list[str], list[dict[str, str]]]:
    """Read a CSV file; refuse one that lacks a column."""
    if not file.is_file():
        raise FileNotFoundError(f"there is no {file.name} in {file.parent}; a folder in Broden's layout has one")
    with file.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        columns = list(reader.fieldnames or [])
        lacking = [name for name in needed if name not in columns]
        if lacking:
            raise ValueError(f"{file.name} lacks the columns {', '.join(lacking)}; it has {', '.join(columns)}")
        rows = list(reader)
    short = next((number for number, row in enumerate(rows, 2) if None in row.values() or None in row), None)
    if short is not None:
        raise ValueError(f"line {short} of {file.name} has not as many cells as its heading")
    return columns, rows


def _labels(file: Path, kinds: Sequence[str]) -> list[tuple[int, str, str]]:
    """Return number, name and kind of each label, kind by kind."""
    _, rows = _table(file, ("number", "name", "category"))
    found = []
    for line, row in enumerate(rows, 2):
        if not row["number"].isdigit():
            raise ValueError(f"line {line} of {file.name}: a label's number is a whole number, not {row['number']!r}")
        found += [(int(row["number"]), row["name"], kind) for kind in _CATEGORY.findall(row["category"])]
    chosen = [one for kind in kinds for one in found if one[2] == kind]
    if not chosen:
        raise ValueError(f"{file.name} has no label of the kinds {', '.join(kinds)}")
    return chosen


def _one_size(rows: list[dict[str, Any]]) -> tuple[int, int]:
    """Return height and width of the masks; refuse a folder whose masks differ."""
    sizes = {(row["sh"], row["sw"]) for row in rows}
    if len(sizes) > 1 or not all(side.isdigit() for side in next(iter(sizes))):
        shown = ", ".join(" x ".join(size) for size in sorted(sizes)[:3])
        raise ValueError(f"all masks must have one size (sh, sw) in index.csv, not {shown}")
    height, width = next(iter(sizes))
    return int(height), int(width)


def _picture(file: Path) -> NDArray[np.uint8]:
    if not file.is_file():
        raise FileNotFoundError(f"index.csv names {file.name}, which is not in {file.parent}")
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"))
