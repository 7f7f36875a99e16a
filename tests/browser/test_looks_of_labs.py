"""How all labs look in JupyterLab, light and dark: one grid, legible text, free ticks, one look per class."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.harness import open_cells
from tests.contrast import CONTRASTS
from xai_widgets.plots.palette import look
from xai_widgets.widgets.base.lab_registry import registered_labs

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LABS = tuple(registered_labs())
SET_UP = "from xai_widgets.widgets.base.lab_registry import registered_labs"
THEMES = ("JupyterLab Light", "JupyterLab Dark")
PATIENCE = 600  # seconds for all labs
HEIGHT = 640  # pixels

# For each row of a lab, where the first thing that is seen in it begins, from the edge of the lab.
LEFT_EDGES = """
lab => {
  const seen = ".widget-label, select, .jupyter-button, .xw-upload-face, .widget-html-content > *, .xw-title, "
    + ".xw-frame, .xw-slider-label, .xw-map-frame, .xw-atlas-view, .xw-tile-list";
  const edge = lab.getBoundingClientRect().left;
  return [...lab.children].map((row) => {
    const nodes = [...row.querySelectorAll(seen)].filter((one) => one.checkVisibility({ visibilityProperty: true }));
    const lefts = nodes.filter((one) => one.getBoundingClientRect().width > 0)
      .map((one) => one.getBoundingClientRect().left - edge);
    return lefts.length ? Math.round(Math.min(...lefts)) : null;
  }).filter((left) => left !== null);
}
"""

# Texts of scales that lie on others, and texts that one scale has twice.
TOUCHING = """
lab => {
  const found = [];
  const scales = [
    [".xw-chart-svg", "text"], [".xw-ticks", ".xw-slider-tick-text"], [".xw-legend-numbers", "span"],
  ];
  for (const [scale, text] of scales) for (const root of lab.querySelectorAll(scale)) {
    const nodes = [...root.querySelectorAll(text)].filter((one) => one.textContent
      && one.checkVisibility({ visibilityProperty: true }));
    const boxes = nodes.map((one) => one.getBoundingClientRect());
    boxes.forEach((a, i) => boxes.slice(0, i).forEach((b, j) => {
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 0.5 && down > 3) found.push([nodes[j].textContent, nodes[i].textContent]);
      const same = Math.abs(a.bottom - b.bottom) < 1 && nodes[i].textContent === nodes[j].textContent;
      if (same) found.push([nodes[i].textContent, "twice"]);
    }));
  }
  return found;
}
"""

# Lines of more than so many letters.
LONG_LINES = """
([lab, most]) => {
  const walker = document.createTreeWalker(lab, NodeFilter.SHOW_TEXT);
  const long = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.data.length <= most || !node.parentElement.checkVisibility({ visibilityProperty: true })) continue;
    if (node.parentElement.closest(".xw-unseen, option")) continue;
    const lines = new Map();
    const range = document.createRange();
    for (let at = 0; at < node.data.length; at++) {
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const top = Math.round(range.getBoundingClientRect().top);
      lines.set(top, (lines.get(top) ?? "") + node.data[at]);
    }
    for (const line of lines.values()) if (line.trim().length > most) long.push(line);
  }
  return long;
}
"""

MENUS = """
lab => [...lab.querySelectorAll("select")].map((one) => {
  const { appearance, backgroundImage, blockSize } = getComputedStyle(one);
  return [appearance, backgroundImage.includes("gradient"), parseFloat(blockSize)];
})
"""

BUTTONS = """
lab => [...lab.querySelectorAll(".jupyter-button:not(.mod-primary), .xw-button, .xw-upload-face")]
  .filter((one) => one.checkVisibility()).map((one) => {
    const { borderTopWidth, borderTopLeftRadius, backgroundColor, blockSize } = getComputedStyle(one);
    return [one.className, borderTopWidth, borderTopLeftRadius, backgroundColor, parseFloat(blockSize)];
  })
"""

BARS = """
lab => [...lab.querySelectorAll(".xw-row")].map((row) => {
  const fill = row.querySelector(".xw-fill");
  return [Number(row.dataset.index), getComputedStyle(fill).backgroundColor, fill.dataset.hatch];
})
"""


@pytest.fixture(scope="module")
def notebook(browser, server):
    made = [f"lab = registered_labs()[{name!r}].make_quick()\nlab" for name in LABS]
    cells = [cell for lab in made for cell in (lab, "lab.wait(300);")]
    with open_cells(browser, server, SET_UP, *cells, height=1000, patience=PATIENCE) as opened:
        opened.run_all_cells(PATIENCE)
        opened.page.wait_for_timeout(2000)
        yield opened
        assert opened.errors() == []


@pytest.fixture(params=THEMES)
def labs(notebook, request):
    """The elements of all labs by their names, in one of the themes."""
    page = notebook.page
    page.evaluate(f"window.jupyterapp.commands.execute('apputils:change-theme', {{ theme: '{request.param}' }})")
    page.wait_for_function(
        "light => document.body.dataset.jpThemeLight === light", arg=str(request.param.endswith("Light")).lower()
    )
    page.wait_for_timeout(1500)
    cells = page.locator(".jp-Notebook .jp-Cell")
    found = {}
    for place, name in enumerate(LABS):
        cells.nth(1 + 2 * place).scroll_into_view_if_needed()
        lab = cells.nth(1 + 2 * place).locator(".xw-lab").first
        lab.wait_for()
        found[name] = lab.element_handle()
    page.wait_for_timeout(500)
    return found


def test_the_rows_of_a_lab_begin_at_one_edge(labs):
    edges = {name: lab.evaluate(LEFT_EDGES) for name, lab in labs.items()}
    assert all(edges.values())
    assert {name: lefts for name, lefts in edges.items() if max(lefts) - min(lefts) > 2} == {}
    assert len({min(lefts) for lefts in edges.values()}) <= 2  # rounded


def test_a_lab_fits_on_a_laptops_screen_beside_the_file_browser(labs):
    sizes = {name: lab.evaluate("lab => [lab.offsetWidth, lab.offsetHeight]") for name, lab in labs.items()}
    assert {width for width, _ in sizes.values()} == {934}
    assert {name: height for name, (_, height) in sizes.items() if height > HEIGHT} == {}


def test_texts_of_scales_neither_touch_nor_repeat(labs):
    assert {name: found for name, lab in labs.items() if (found := lab.evaluate(TOUCHING))} == {}


def test_no_line_of_text_is_longer_than_75_letters(labs, notebook):
    long = {name: notebook.page.evaluate(LONG_LINES, [lab, 75]) for name, lab in labs.items()}
    assert {name: lines for name, lines in long.items() if lines} == {}


def test_text_and_arrows_are_legible(labs):
    found = {name: lab.evaluate(CONTRASTS) for name, lab in labs.items()}
    assert all(found.values())
    assert {name: bad for name, all_of in found.items() if (bad := [one for one in all_of if one[1] < 4.5])} == {}


def test_menus_have_arrows_and_buttons_one_style(labs):
    menus = [menu for lab in labs.values() for menu in lab.evaluate(MENUS)]
    assert len(menus) > 20
    assert {tuple(menu) for menu in menus} == {("none", True, 32)}
    buttons = [button for lab in labs.values() for button in lab.evaluate(BUTTONS)]
    assert len(buttons) > 10
    styles = {tuple(button[1:]): button[0] for button in buttons}
    assert len(styles) == 1, styles
    assert {button[4] for button in buttons} == {32}


def test_axe_finds_no_violation(labs, notebook):
    found = Axe().run(notebook.page, context={"include": [[".xw-lab"]]}).response["violations"]
    seen = {one["id"]: [(node["target"], node["html"][:200]) for node in one["nodes"]] for one in found}
    assert seen == {}


def rgb(colour):
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def test_a_class_has_its_look_in_every_lab(labs):
    rows = [tuple(row) for lab in labs.values() for row in lab.evaluate(BARS)]
    assert len(rows) > 20
    assert {row for row in rows if row[1:] != (rgb(look(row[0]).colour), look(row[0]).hatch)} == set()


# What is wider than its lab and does not stand in a box that scrolls sideways, and text that its own box cuts off.
CUT = """
lab => {
  const edge = lab.getBoundingClientRect();
  const scrolls = (one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX)
    && one.scrollWidth > one.clientWidth + 1;
  const inScroller = (one) => one !== lab && (scrolls(one) || inScroller(one.parentElement));
  const found = [];
  for (const one of lab.querySelectorAll(":not(select, option, .xw-unseen, .xw-help)")) {
    const box = one.getBoundingClientRect();
    if (!one.checkVisibility({ visibilityProperty: true }) || !box.width || !box.height) continue;
    const isWide = box.left < edge.left - 1 || box.right > edge.right + 1;
    if (isWide && !inScroller(one.parentElement)) found.push(["wide", one.className, box.left, box.right]);
    const { overflowX, overflowY } = getComputedStyle(one);
    const hides = (how) => ["hidden", "clip"].includes(how);
    const across = hides(overflowX) && one.scrollWidth > one.clientWidth + 1;
    const down = hides(overflowY) && one.scrollHeight > one.clientHeight + 1;
    if ((across || down) && one.clientWidth && one.textContent) found.push(["cut", one.className, one.textContent]);
  }
  return found;
}
"""

# Where a finger that goes up or down does not scroll the page: what it is, and which share of the lab's width it takes.
TRAPS = """
lab => [...lab.querySelectorAll("*")].filter((one) => one.checkVisibility()
    && !/auto|manipulation|pan-y/.test(getComputedStyle(one).touchAction))
  .map((one) => [one.classList.contains("xw-dragged-on"), one.getBoundingClientRect().width / lab.clientWidth])
"""


@pytest.fixture(params=[352, 645], ids=["phone", "200 %"])
def narrow_labs(notebook, request):
    """All labs as wide as on a phone of 390 pixels, and as on a laptop of 1366 at 200 %."""
    page = notebook.page
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    lab = page.locator(".xw-lab").first
    lab.scroll_into_view_if_needed()
    size = {"width": request.param + 110, "height": 844}
    for _ in range(2):
        page.set_viewport_size(size)
        page.wait_for_timeout(1000)
        size["width"] += request.param - lab.evaluate("lab => lab.offsetWidth")
    cells = page.locator(".jp-Notebook .jp-Cell")
    found = {}
    for place, name in enumerate(LABS):
        cells.nth(1 + 2 * place).scroll_into_view_if_needed()
        found[name] = cells.nth(1 + 2 * place).locator(".xw-lab").first.element_handle()
    page.wait_for_timeout(500)
    yield found
    page.set_viewport_size({"width": 1366, "height": 1000})
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")


def test_on_a_narrow_page_nothing_is_cut_and_every_finger_scrolls(narrow_labs):
    assert len({lab.evaluate("lab => lab.offsetWidth") for lab in narrow_labs.values()}) == 1
    cut = {name: found for name, lab in narrow_labs.items() if (found := lab.evaluate(CUT))}
    assert cut == {}
    traps = [trap for lab in narrow_labs.values() for trap in lab.evaluate(TRAPS)]
    assert all(is_dragged_on and share < 0.8 for is_dragged_on, share in traps), traps
