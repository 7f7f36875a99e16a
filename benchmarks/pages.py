"""A notebook of some cells, open in a JupyterLab and a Chromium of their own, for the benchmarks that look at pages."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import sync_playwright

from tests.browser.harness import Notebook, find_chromium, launch, serve, write_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def open_notebook(*cells: str, height: int = 768) -> Iterator[Notebook]:
    """Open a notebook of these cells, none of which has run; the page is 1366 pixels wide."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("no Chromium on the path; install it, or name it in XAI_WIDGETS_CHROMIUM")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder, private = Path(name, "notebooks"), Path(name, "private")
        folder.mkdir()
        write_notebook(folder / "labs.ipynb", *cells)
        with serve(folder, private) as server:
            browser = launch(playwright, chromium)
            page = browser.new_page(viewport={"width": 1366, "height": height})
            yield Notebook.open(page, server, "labs.ipynb")
            browser.close()
