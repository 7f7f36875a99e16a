"""Take the pictures of every lab, light and dark: ``python docs/screenshots.py`` writes ``docs/images/labs``.

Some minutes on two cores, and Chromium. One notebook has all labs, so that one kernel does. ``--language fr`` and
``--output FOLDER`` make others, to be looked at.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.harness import Notebook, find_chromium, launch, serve, write_notebook  # noqa: E402  (the path comes first)
from xai_widgets.widgets.base.lab_registry import registered_labs  # noqa: E402

FOLDER = ROOT / "docs" / "images" / "labs"
WIDTH, HEIGHT, MARGIN, QUALITY = 1420, 1600, 8, 82
THEMES: Final = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
PATIENCE = 900  # seconds for all labs of the notebook

SET_UP = "from xai_widgets.widgets.base.lab_registry import registered_labs"


def cells(names: list[str]) -> list[str]:
    """Return the notebook: each lab is shown, then waited for."""
    made = [f"lab = registered_labs()[{name!r}].make()\nlab" for name in names]
    shown = [cell for lab in made for cell in (lab, "lab.wait(300);")]
    return [SET_UP, *shown]


def change_theme(page: Page, theme: str) -> None:
    """Change the colours of JupyterLab, and let them settle."""
    command = f"window.jupyterapp.commands.execute('apputils:change-theme', {{ theme: '{THEMES[theme]}' }})"
    page.evaluate(command)
    page.wait_for_timeout(2500)


def take(page: Page, cell: int, path: Path) -> None:
    """Take the picture of what a cell shows."""
    output = page.locator(f".jp-Notebook .jp-Cell >> nth={cell}").locator(".jp-OutputArea-output").last
    output.scroll_into_view_if_needed()
    page.wait_for_timeout(800)
    box = output.bounding_box() or {}
    around = {"x": box["x"] - MARGIN, "y": box["y"] - MARGIN}
    around |= {side: box[side] + 2 * MARGIN for side in ("width", "height")}
    picture = Image.open(io.BytesIO(page.screenshot(clip=around))).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=QUALITY, method=6)


def main() -> None:
    """Open the notebook once and take every lab in both themes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="labs; all of them if left out")
    parser.add_argument("--language", default="en", choices=("en", "fr"))
    parser.add_argument("--output", type=Path, default=FOLDER)
    options = parser.parse_args()
    names = options.names or list(registered_labs())
    unknown = sorted(set(names) - set(registered_labs()))
    if unknown:
        raise SystemExit(f"no lab is called {', '.join(unknown)}; the labs are {', '.join(registered_labs())}")
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("Chromium is needed, on the path or in XAI_WIDGETS_CHROMIUM")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        course, private = Path(folder) / "course", Path(folder) / "private"
        course.mkdir()
        private.mkdir()
        write_notebook(course / "labs.ipynb", *cells(names))
        with serve(course, private, XAI_WIDGETS_LANG=options.language, TF_ENABLE_ONEDNN_OPTS="0") as server:
            browser = launch(playwright, chromium)
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.set_default_timeout(1000 * PATIENCE)
            notebook = Notebook.open(page, server, "labs.ipynb")
            notebook.run_all_cells(PATIENCE)
            page.wait_for_timeout(5000)
            print(*notebook.errors(), *notebook.complaints, sep="\n")
            for theme in THEMES:
                change_theme(page, theme)
                for place, name in enumerate(names):
                    take(page, 1 + 2 * place, options.output / f"{name}-{theme}.webp")
            browser.close()


if __name__ == "__main__":
    main()
