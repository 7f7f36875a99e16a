"""The pages around the notebooks: the map of the course and its glossary, made from the sources."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook

from xai_widgets.course.authoring.checkout import read_toml
from xai_widgets.course.authoring.fault import CourseError, Fault
from xai_widgets.course.authoring.notebook_frame import KERNEL, Furniture, text
from xai_widgets.course.authoring.typography import typeset
from xai_widgets.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nbformat import NotebookNode

    from xai_widgets.course.authoring.checkout import Layout
    from xai_widgets.course.authoring.source import Source

PAGES = ("index", "glossary")
_LEVELS = 3


@dataclass(frozen=True)
class Term:
    """A word of the field: its name and what it means, in each language, and the notebook that shows it."""

    name: Mapping[str, str]
    meaning: Mapping[str, str]
    notebook: str


class GlossaryError(CourseError):
    """A glossary with an entry that lacks something."""


def read_glossary(layout: Layout) -> list[Term]:
    """Return the entries of ``notebooks/source/glossary.toml``; none where a course has no such file.

    Raises
    ------
    GlossaryError
        If an entry lacks a language or its notebook; the message says which.
    """
    if not layout.glossary().is_file():
        return []
    entries = read_toml(layout.glossary()).get("term", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise GlossaryError([Fault("glossary.toml", "has no list of words; begin each with a line [[term]]")])
    lacking = [(number, entry, _lacks(entry)) for number, entry in enumerate(entries, 1)]
    faults = [
        Fault("glossary.toml", f"entry {number} ({entry.get('en', '?')}) lacks {', '.join(keys)}")
        for number, entry, keys in lacking
        if keys
    ]
    if faults:
        raise GlossaryError(faults)
    return [_term(entry) for entry in entries]


def glossary_faults(layout: Layout, slugs: Collection[str]) -> list[Fault]:
    """Return what is wrong with the glossary of a course whose sources have these names."""
    try:
        terms = read_glossary(layout)
    except CourseError as error:
        return list(error.faults)
    return [
        Fault("glossary.toml", f"there is no notebook {term.notebook!r}, of {term.name['en']!r}; mend notebook =")
        for term in terms
        if term.notebook not in slugs
    ]


def _lacks(entry: Mapping[str, object]) -> list[str]:
    wanted = {*LANGUAGES, *(f"{code}_text" for code in LANGUAGES), "notebook"}
    return sorted(wanted - {key for key, value in entry.items() if isinstance(value, str) and value.strip()})


def _term(entry: Mapping[str, object]) -> Term:
    words = {code: str(entry[code]) for code in LANGUAGES}
    return Term(words, {code: str(entry[f"{code}_text"]) for code in LANGUAGES}, str(entry["notebook"]))


@dataclass(frozen=True)
class Pages:
    """Writes the pages of a course, each of Markdown alone: they need no kernel.

    `solved` tells whether the solved notebooks lie beside them.
    """

    layout: Layout
    course: Sequence[Source]
    solved: bool = True

    def page(self, name: str, language: str) -> NotebookNode:
        """Return one of `PAGES` in a language."""
        cells = self._index(language) if name == "index" else self._glossary(language)
        made = new_notebook(
            cells=[
                new_markdown_cell(typeset(cell, language), id=f"{name}-{number}") for number, cell in enumerate(cells)
            ],
            metadata=KERNEL,
        )
        nbformat.validate(made)
        return made

    def _index(self, language: str) -> list[str]:
        links = Furniture(self.layout, self.course).page_links("index", language)
        opening = text("index.opening", language, first=self.course[0].slug)
        cells = [f"# {text('index.title', language)}\n\n{links}\n\n{opening}"]
        for part, group in groupby(self.course, key=lambda source: source.part):
            cells.append(f"## {text(f'part.{part}', language)}\n\n{self._table(list(group), language)}")
        cells.append(f"## {text('index.map', language)}\n\n{text('index.how', language)}\n\n{self._map(language)}")
        closing = text("index.closing", language)
        return [*cells, f"{closing} {text('index.solved', language)}" if self.solved else closing]

    def _table(self, sources: list[Source], language: str) -> str:
        head = " | ".join(text(f"index.{name}", language) for name in ("notebook", "minutes", "level", "slides"))
        return "\n".join([f"| | {head} |", "|:-:|---|--:|:-:|---|", *(self._row(one, language) for one in sources)])

    def _row(self, source: Source, language: str) -> str:
        title, level = source.title[language], "●" * source.level + "○" * (_LEVELS - source.level)
        alternative = text("index.picture", language, title=title)
        picture = f'<img src="images/{source.slug}.png" width="200" alt="{alternative}">'
        return (
            f"| {picture} | **[{title}]({source.slug}.ipynb)** | {source.minutes} min | {level} | "
            f"{source.slides[language]} |"
        )

    def _map(self, language: str) -> str:
        """Draw what comes before what, in the language that JupyterLab and GitHub draw graphs from."""
        lines = [f'  n{one.slug[:2]}["{one.slug[:2]} {one.title[language]}"]' for one in self.course]
        lines += [f"  n{before[:2]} --> n{one.slug[:2]}" for one in self.course for before in one.before]
        return "\n".join(["```mermaid", "graph LR", *lines, "```"])

    def _glossary(self, language: str) -> list[str]:
        other = next(code for code in LANGUAGES if code != language)
        links = Furniture(self.layout, self.course).page_links("glossary", language)
        titles = {source.slug: source.title[language] for source in self.course}
        lines = []
        taught = [term for term in read_glossary(self.layout) if term.notebook in titles]
        for term in sorted(taught, key=lambda term: _sorted_as(term.name[language])):
            link = f" → [{titles[term.notebook]}]({term.notebook}.ipynb)"
            lines.append(f"**{term.name[language]}** (*{term.name[other]}*) – {term.meaning[language]}{link}")
        opening = text("glossary.opening", language, count=len(lines))
        return [
            f"# {text('glossary.title', language)}\n\n{links}\n\n{opening}",
            "\n\n".join(lines),
        ]


def _sorted_as(word: str) -> str:
    """Return a word without its accents and capitals, as dictionaries sort."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(sign))
