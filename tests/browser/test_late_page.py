"""A page that is too busy to load widgets in time: they show what the kernel says all the same.

anywidget gives up on a widget whose module was not there after two seconds, which a slow machine needs now and then.
Here it gives up at once, on every widget.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.harness import write_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HASTY = """
const timeout = AbortSignal.timeout.bind(AbortSignal);
window.givenUp = 0;
AbortSignal.timeout = (milliseconds) => {
  if (milliseconds !== 2000) return timeout(milliseconds);
  window.givenUp += 1;
  return AbortSignal.abort();
};
// A signal that has ended already tells nobody.
const listen = EventTarget.prototype.addEventListener;
AbortSignal.prototype.addEventListener = function (kind, handler, ...rest) {
  if (kind === "abort" && this.aborted) queueMicrotask(handler);
  else listen.call(this, kind, handler, ...rest);
};
"""
BARS = """
from xai_widgets.widgets.components import ScoreBars
bars = ScoreBars(language="en")
bars.set_scores([0.25], ["cat"])
bars
"""
LATER = 'bars.set_scores([0.75], ["dog"])'
LAB = """
from xai_widgets.widgets.base.lab_registry import registered_labs
lab = registered_labs()["AttributionExplorer"].make_quick(language="en")
lab
"""


@pytest.fixture
def late(page, server, open_notebook):
    """Open a notebook of some cells on a page that is late for every widget, and run its first cell."""
    page.add_init_script(HASTY)

    def make(*cells):
        write_notebook(server.folder / "late.ipynb", *cells)
        notebook = open_notebook("late.ipynb")
        notebook.run_cell(0)
        return notebook

    return make


def test_a_component_shows_what_comes_after_it(late):
    notebook = late(BARS, LATER)
    expect(notebook.page.get_by_text("cat", exact=True)).to_be_visible()
    notebook.run_cell(1)
    expect(notebook.page.get_by_text("dog", exact=True)).to_be_visible()
    assert notebook.page.evaluate("window.givenUp") >= 1
    assert (notebook.errors(), notebook.strangers) == ([], [])


def test_a_component_shows_what_came_before_it(late):
    notebook = late(f"{BARS}\nfrom IPython.display import display\ndisplay(bars)\n{LATER}")
    expect(notebook.page.get_by_text("dog", exact=True).first).to_be_visible()
    assert notebook.page.get_by_text("cat", exact=True).count() == 0


def test_a_lab_answers_and_does_not_stay_dimmed(late):
    notebook = late(LAB)
    root = notebook.page.locator(".xw-lab").first
    control = root.locator("select:has(option:nth-child(2))").first
    before = control.input_value()
    control.select_option(index=1)
    assert control.input_value() != before
    notebook.wait_idle()
    expect(root.locator(".xw-old")).to_have_count(0)
    expect(root).to_have_attribute("aria-busy", "false")
    asked, ended = notebook.ask_kernel("print(lab.requests.line.requested, lab.requests.line.ended)").split()
    assert int(asked) == int(ended) > 0
    assert (notebook.errors(), notebook.strangers) == ([], [])
