"""Of a thousand tiles, classes or choices, each is reached in Chromium, by the pointer and by the keys."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from xai_widgets.widgets.components import ChoiceMenu, ScoreBars, TileGrid

pytestmark = pytest.mark.browser

CLASSES = tuple(f"class {number} of many" for number in range(1000))
FOCUSED = "() => document.activeElement.getAttribute('aria-label')"


@pytest.fixture
def units(show):
    """A grid of 512 units that is answered as the kernel answers it."""
    grid = TileGrid(side=16, per_page=20, lines=1, alt="Units")
    grid.set_tiles(
        [str(unit) for unit in range(512)], picture=lambda key: np.full((16, 16, 3), int(key) // 2, np.uint8)
    )
    view = show(grid)

    def answer(name):
        setattr(grid, name, view.get(name))
        view.update("tiles", "pixels", "page", "pages", "count", "total", "query")

    view.answer = answer
    return view


def shown(view):
    return [node.get_attribute("aria-label") for node in view.root.locator("[role=option]").all()]


def test_pages_are_turned_by_buttons_and_by_keys(units, blank):
    assert units.root.get_by_role("status").inner_text() == "Page 1 of 26"
    height = units.root.locator(".xw-tile-list").bounding_box()["height"]
    units.root.get_by_role("button", name="Next page").click()
    units.answer("page")
    assert shown(units)[0] == "20"
    assert units.root.get_by_role("option", name="25", exact=True).get_attribute("aria-posinset") == "26"
    units.root.get_by_role("option", name="39", exact=True).focus()
    blank.keyboard.press("ArrowRight")
    units.answer("page")
    assert (shown(units)[0], blank.evaluate(FOCUSED)) == ("40", "40")
    blank.keyboard.press("ArrowLeft")
    units.answer("page")
    assert blank.evaluate(FOCUSED) == "39"
    blank.keyboard.press("End")
    units.answer("page")
    assert blank.evaluate(FOCUSED) == "511"
    assert units.root.locator(".xw-tile-list").bounding_box()["height"] == height  # though it has fewer tiles
    blank.keyboard.press("PageUp")
    units.answer("page")
    assert shown(units)[0] == "480"
    blank.keyboard.press("Home")
    units.answer("page")
    assert blank.evaluate(FOCUSED) == "0"
    assert Axe().run(blank, context={"include": [[".xw"]]}).response["violations"] == []


def test_a_unit_is_searched_and_chosen_without_a_pointer(units, blank):
    units.root.get_by_role("searchbox", name="Search by name or number").focus()
    blank.keyboard.type("300")
    blank.keyboard.press("Enter")
    assert units.get("query") == "300"
    units.answer("query")
    assert (shown(units), blank.evaluate(FOCUSED)) == (["300"], "300")
    blank.keyboard.press("Enter")
    assert units.get("selected") == "300"
    units.root.get_by_role("searchbox").fill("no such unit")
    blank.wait_for_timeout(400)
    units.answer("query")
    assert (shown(units), units.root.get_by_role("status").inner_text()) == ([], "Nothing found")


def test_a_class_beyond_the_bars_is_found_and_explained(show, blank):
    values = np.linspace(0, 1, 1000)
    bars = ScoreBars(labels=CLASSES, values=values, selected=999)
    view = show(bars)
    field = blank.get_by_role("combobox", name="Find another class")
    assert field.locator("xpath=following-sibling::datalist/option").count() == 1000
    field.fill("class 12 of")
    field.press("Enter")
    assert view.get("selected") == 12
    view.update("rows", "slots", selected=12)
    assert blank.get_by_role("option", selected=True).get_attribute("aria-label").startswith("class 12 of many")
    field.fill("of many")
    field.press("Enter")
    assert (view.get("selected"), field.get_attribute("aria-invalid")) == (12, "true")
    assert Axe().run(blank, context={"include": [[".xw"]]}).response["violations"] == []
    few = show(ScoreBars(labels=CLASSES[:5], values=values[:5]))
    assert few.root.locator("input").is_hidden()


def test_a_class_is_looked_up_where_none_can_be_chosen(show):
    bars = ScoreBars(labels=CLASSES, values=np.linspace(0, 1, 1000), selectable=False)
    view = show(bars)
    view.root.locator("input").fill("7")
    view.root.locator("input").press("Enter")
    assert (view.get("sought"), view.get("selected")) == (7, None)
    bars.sought = 7
    assert [row["index"] for row in bars.rows] == [999, 998, 997, 996, 7]


def test_a_menu_of_a_thousand_has_a_search_and_one_of_ten_has_none(show, blank):
    menu = ChoiceMenu(description="Class", options=[(name, 10 * place) for place, name in enumerate(CLASSES)])
    view = show(menu)
    field = blank.get_by_role("combobox", name="Class")
    assert field.input_value() == "class 0 of many"
    field.focus()
    assert field.input_value() == ""  # so that the browser lists all
    field.press_sequentially("640")
    field.press("Enter")
    assert view.get("index") == 640
    menu.index = 640
    assert menu.value == 6400
    field.blur()
    view.update("index", "labels", options=[(name, 10 * place) for place, name in enumerate(CLASSES[:10])])
    assert (menu.value, menu.index) == (0, 0)
    blank.get_by_role("combobox", name="Class").select_option("class 3 of many")
    assert view.get("index") == 3
