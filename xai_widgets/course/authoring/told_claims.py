"""The claims that the solved notebooks make, each with the figure that carries it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import nbformat

from xai_widgets.course.authoring.fault import Fault
from xai_widgets.course.display.claims import METADATA, Claim
from xai_widgets.i18n.numbers import with_minus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbformat import NotebookNode

    from xai_widgets.course.authoring.checkout import Layout


def claims_of(notebook: NotebookNode) -> list[Claim]:
    """Return the claims that a notebook has recorded, in their order."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    found = [output.metadata[METADATA] for output in outputs if METADATA in output.get("metadata", {})]
    return [Claim(**{key: value for key, value in one.items() if key != "holds"}) for one in found]


def claims_of_course(layout: Layout, language: str) -> dict[str, list[Claim]]:
    """Return the claims of each solved notebook of an edition, by the notebook's name."""
    slugs = [path.stem for path in layout.sources()]
    paths = {slug: layout.notebook(slug, language, "solved") for slug in slugs}
    return {slug: claims_of(nbformat.read(path, as_version=4)) for slug, path in paths.items() if path.is_file()}


def claim_faults(slug: str, claims: Sequence[Claim]) -> Iterator[Fault]:
    """Say which claims of a notebook are false, and which numbers are not its own or given twice."""
    for number, times in Counter(one.number for one in claims).items():
        if times > 1:
            yield Fault(slug, f"{times} claims have the number {number}")
        if number.partition(".")[0] != slug[:2]:
            yield Fault(slug, f"claim {number}: its number begins with {slug[:2]}., as the notebook does")
    for one in claims:
        if not one.holds:
            yield Fault(slug, f"claim {one.number} does not hold, {measured(one)}: mend the sentence or the experiment")


def measured(one: Claim) -> str:
    """Return the figures of a claim on a line.

    Examples
    --------
    >>> measured(Claim("07.1", "…", 0.95, 0.86, 0.98, 60, 0.5, None, 0.2))
    '0.95 (0.86 to 0.98, 60 cases), at least 0.5, chance 0.2'
    """
    interval = f" ({one.low:.3g} to {one.high:.3g}, {one.count} cases)" if one.count else ""
    bounds = {"at least": one.at_least, "at most": one.at_most, "chance": one.chance}
    told = [f"{words} {value:.3g}" for words, value in bounds.items() if value is not None]
    return with_minus(f"{one.value:.3g}{interval}, {', '.join(told)}")
