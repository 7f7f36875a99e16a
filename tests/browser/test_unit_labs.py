"""The labs on units in a real page: their main controls, their main views."""

import pytest

from tests.browser.harness import open_lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = """
import xai_widgets as xai
xai.UnitExplorer("digits", layer="conv3", unit=4, steps=4, language="en")
"""


def test_another_patch_is_framed_in_its_picture(browser, server):
    with open_lab(browser, server, LAB) as notebook:
        page = notebook.page
        page.locator("[role=img][aria-label*='Made to excite']").first.wait_for()
        before = page.locator("[role=img][aria-label*='the unit sees rows']").first.get_attribute("aria-label")
        page.locator("[role=listbox] [role=option]").nth(5).click()
        page.wait_for_function(
            "before => [...document.querySelectorAll('[role=img]')].some("
            "node => node.ariaLabel?.includes('the unit sees rows') && node.ariaLabel !== before)",
            arg=before,
        )
        assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])
