"""What every notebook has around its text: title, links, set-up cell, previous and next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlparse

from xai_widgets.i18n import LANGUAGES, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai_widgets.course.layout import Layout
    from xai_widgets.course.source import Source

_SETUP = """\
# {comment}
import sys

if "google.colab" in sys.modules:
    %pip install --quiet "{package}[tensorflow,course] @ git+{repository}"
    from google.colab import output

    output.enable_custom_widget_manager()

from xai_widgets import set_language

set_language("{language}")\
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
        links = [*self._open_links(source, language), self._other_language(source, language)]
        before = ", ".join(self._link(slug, language) for slug in source.before) or _text("nothing", language)
        time = _text("time", language, minutes=source.minutes)
        lines = [
            f"# {source.title[language]}",
            " · ".join(links),
            f"{time} · {_text('before', language)} {before}",
            self._neighbours(source, language),
        ]
        return "\n\n".join(line for line in lines if line)

    def setup(self, language: str) -> str:
        """Return the set-up cell: on Colab it installs the package; everywhere it sets the language of the labs."""
        return _SETUP.format(
            comment=_text("setup", language),
            package=self.layout.package(),
            repository=self.layout.repository(),
            language=language,
        )

    def footer(self, source: Source, language: str) -> str:
        """Return the last cell: previous, next, licence of the text."""
        return "\n\n".join(filter(None, ["---", self._neighbours(source, language), _text("licence", language)]))

    def _open_links(self, source: Source, language: str) -> list[str]:
        owner_and_name = urlparse(self.layout.repository()).path.strip("/")
        path = f"notebooks/{language}/{source.slug}.ipynb"
        binder = f"https://mybinder.org/v2/gh/{owner_and_name}/HEAD?urlpath={quote(f'lab/tree/{path}', safe='')}"
        colab = f"https://colab.research.google.com/github/{owner_and_name}/blob/HEAD/{path}"
        return [f"**[{_text('binder', language)}]({binder})**", f"**[{_text('colab', language)}]({colab})**"]

    def _other_language(self, source: Source, language: str) -> str:
        other = next(code for code in LANGUAGES if code != language)
        return f"[{_text('language', other)}](../{other}/{source.slug}.ipynb)"

    def _neighbours(self, source: Source, language: str) -> str:
        slugs = [each.slug for each in self.course]
        here = slugs.index(source.slug)
        links = []
        if here > 0:
            links.append(f"← {_text('previous', language)} {self._link(slugs[here - 1], language)}")
        if here + 1 < len(slugs):
            links.append(f"{_text('next', language)} {self._link(slugs[here + 1], language)} →")
        return " · ".join(links)

    def _link(self, slug: str, language: str) -> str:
        title = next((each.title[language] for each in self.course if each.slug == slug), slug)
        return f"[{title}]({slug}.ipynb)"


def _text(key: str, language: str, **fields: object) -> str:
    return message(f"course.furniture.{key}", language, **fields)
