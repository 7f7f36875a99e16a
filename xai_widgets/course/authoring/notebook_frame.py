"""The common first and last cells of the notebooks: title, links, set-up cell, previous and next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlparse

from xai_widgets.i18n import LANGUAGES, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.course.authoring.checkout import Layout
    from xai_widgets.course.authoring.source import Source

KERNEL = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
_SETUP = """\
# {comment}
import sys

if "google.colab" in sys.modules:
{install}
    from google.colab import output

    output.enable_custom_widget_manager()

from xai_widgets import set_language
from xai_widgets.course import explain_missing_names

explain_missing_names()
set_language("{language}")\
"""
_FROM_THE_REPOSITORY = '    %pip install --quiet "{package}[tensorflow,course] @ git+{repository}"'
# While no address is known, from a file: a bare name could be anybody's package.
_FROM_A_FILE = """\
    from pathlib import Path

    if not (wheels := sorted(Path().glob("{package}-*.whl"))):
        raise FileNotFoundError("{sentence}")
    %pip install --quiet "{{wheels[-1]}}[tensorflow,course]"\
"""
_OWN = """

from xai_widgets.course import add_exercises

add_exercises("exercises")\
"""


@dataclass(frozen=True)
class Furniture:
    """Writes the first and the last cells of the notebooks of a course.

    The links to Binder and Colab are plain Markdown, not pictures: nothing is fetched when a notebook is opened.
    """

    layout: Layout
    course: Sequence[Source]

    def header(self, source: Source, language: str) -> str:
        """Return the first cell: title, where to open it, time needed, what comes before."""
        contents = f"[{text('contents', language)}](index.ipynb)"
        links = [contents, *self._open_links(source.slug, language), *self._other_languages(source.slug, language)]
        before = ", ".join(self._link(slug, language) for slug in source.before) or text("nothing", language)
        time = text("time", language, minutes=source.minutes)
        lines = [
            f"# {source.title[language]}",
            " · ".join(links),
            f"{time} · {text('before', language)} {before} · {text('slides', language)} {source.slides[language]}",
            self._neighbours(source, language),
        ]
        return "\n\n".join(line for line in lines if line)

    def setup(self, language: str, *, own: bool = False) -> str:
        """Return the set-up cell: on Colab it installs the package; everywhere it sets the language of the labs.

        With `own`, it also adds the exercises that do not come with the package.
        """
        setup = _SETUP + (_OWN if own else "")
        return setup.format(comment=text("setup", language), install=self._install(language), language=language)

    def _install(self, language: str) -> str:
        """Return the lines that install the package on Colab: from the repository, or else from a file."""
        package, repository = self.layout.package(), self.layout.repository()
        if repository:
            return _FROM_THE_REPOSITORY.format(package=package, repository=repository)
        sentence = text("upload", language, wheel=self.layout.wheel())
        return _FROM_A_FILE.format(package=package, sentence=sentence)

    def footer(self, source: Source, language: str) -> str:
        """Return the last cell: previous, next, licence of the text."""
        return "\n\n".join(filter(None, ["---", self._neighbours(source, language), text("licence", language)]))

    def page_links(self, page: str, language: str) -> str:
        """Return the links at the top of a page that is no notebook of the course: the map, the glossary."""
        pages = [f"[{text('contents', language)}](index.ipynb)", f"[{text('glossary', language)}](glossary.ipynb)"]
        others = [link for link in pages if f"({page}.ipynb)" not in link]
        return " · ".join([*others, *self._open_links(page, language), *self._other_languages(page, language)])

    def _open_links(self, slug: str, language: str) -> list[str]:
        repository = self.layout.repository()
        if not repository:
            return []
        owner_and_name = urlparse(repository).path.strip("/")
        path = f"notebooks/{language}/{slug}.ipynb"
        binder = f"https://mybinder.org/v2/gh/{owner_and_name}/HEAD?urlpath={quote(f'lab/tree/{path}', safe='')}"
        colab = f"https://colab.research.google.com/github/{owner_and_name}/blob/HEAD/{path}"
        return [f"**[{text('binder', language)}]({binder})**", f"**[{text('colab', language)}]({colab})**"]

    def _other_languages(self, slug: str, language: str) -> list[str]:
        others = (code for code in LANGUAGES if code != language)
        return [f"[{text('language', other)}](../{other}/{slug}.ipynb)" for other in others]

    def _neighbours(self, source: Source, language: str) -> str:
        slugs = [each.slug for each in self.course]
        here = slugs.index(source.slug)
        links = []
        if here > 0:
            links.append(f"← {text('previous', language)} {self._link(slugs[here - 1], language)}")
        if here + 1 < len(slugs):
            links.append(f"{text('next', language)} {self._link(slugs[here + 1], language)} →")
        return " · ".join(links)

    def _link(self, slug: str, language: str) -> str:
        title = next((each.title[language] for each in self.course if each.slug == slug), slug)
        return f"[{title}]({slug}.ipynb)"


def text(key: str, language: str, **fields: object) -> str:
    """Return a sentence of the first and last cells from the catalogue."""
    return message(f"course.furniture.{key}", language, **fields)
