"""The small picture that stands for a notebook on the map of the course: a figure from the notebook itself."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

if TYPE_CHECKING:
    from nbformat import NotebookNode

SIZE = (400, 240)  # pixels: twice what the map shows, for sharp screens
_COLOURS = 64
COVER = "cover"  # the tag of the cell whose figure is taken; without one, it is the first figure


def cover(solved: NotebookNode) -> bytes | None:
    """Return the picture of a solved notebook as a PNG file; None if it shows no figure."""
    figures = [figure for cell in _in_order(solved) for figure in _figures(cell)]
    if not figures:
        return None
    file = io.BytesIO()
    with Image.open(io.BytesIO(figures[0])) as image:
        small = ImageOps.pad(_on_white(image), SIZE, Image.Resampling.LANCZOS, color="white")
    small.quantize(_COLOURS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _in_order(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells, those tagged as cover first."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return sorted(cells, key=lambda cell: COVER not in cell.metadata.get("tags", []))


def _figures(cell: NotebookNode) -> list[bytes]:
    data = [output.get("data", {}).get("image/png") for output in cell.outputs]
    return [base64.b64decode(one) for one in data if one]


def _on_white(image: Image.Image) -> Image.Image:
    picture = image.convert("RGBA")
    sheet = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(sheet, picture).convert("RGB")
