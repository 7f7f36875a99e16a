"""One state at a time, on every lab of the registry: what is on screen belongs to one request, and nothing set is lost.

One notebook holds all labs. Its kernel is kept busy by a cell, as long as the test wants; a change must make the
lab busy within two frames all the same, dim its answers after a blink, and be answered when the kernel is free.
"""

import ast
import contextlib
import json

import pytest

from tests.browser.harness import change, control_of, open_cells
from xai_widgets.widgets.base.lab_registry import registered_labs

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LABS = list(registered_labs())
PATIENCE = 180  # seconds that a busy machine may take for all labs
SET_UP = """
import json, os, time
from xai_widgets.widgets.base.lab_registry import registered_labs
made = {}
def settled():
    return all(lab.wait(120) for lab in made.values())
"""
LAB = """
made[{name!r}] = registered_labs()[{name!r}].make_quick(language="en")
made[{name!r}]
"""
BUSY = """
if os.path.exists("go"):
    os.remove("go")
while not os.path.exists("go"):
    time.sleep(0.02)
"""
# What the kernel has: the newest request of each lab, the last that ended, how, and the error shown.
TOLD = """
settled()
lines = {name: lab.requests.line for name, lab in made.items()}
json.dumps({name: [line.requested - line.ended, line.outcome, made[name].error] for name, line in lines.items()})
"""
SLOW = """
def endless_once():
    asked = []
    def work(job):
        job.progress(1200, 4000)
        asked.append(1)
        while len(asked) == 1:
            time.sleep(0.02)
            job.check()
    return work
for lab in made.values():
    lab.compute(endless_once())
"""
# Counts the frames from the last key to the moment when the lab says that it is busy.
WATCH = """root => {
  let frames = 0;
  const count = () => { frames += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
  const begin = () => { if (root.getAttribute("aria-busy") === "false") [frames, root.dimmedAfter] = [0, null]; };
  for (const event of ["focusin", "keydown", "input"]) root.addEventListener(event, begin, { capture: true });
  new MutationObserver(() => {
    if (root.getAttribute("aria-busy") === "true") root.dimmedAfter ??= frames;
  }).observe(root, { attributes: true, attributeFilter: ["aria-busy"] });
}"""
LATE = "root => root.classList.contains('xw-late')"
# Dimmed are answers, and never a control.
OLD = """root => ({
  answers: root.querySelectorAll(".xw-old").length,
  bright: [...root.querySelectorAll(".xw-answer, .widget-html")].filter(
    (one) => !one.closest(".xw-old") && one.checkVisibility()).length,
  controls: root.querySelectorAll(".xw-old .widget-dropdown, .xw-old .xw-slider, .xw-old .xw-upload").length,
})"""


@pytest.fixture(scope="module")
def notebook(browser, server):
    labs = [LAB.format(name=name) for name in LABS]
    with open_cells(browser, server, SET_UP, *labs, BUSY, TOLD, SLOW, patience=PATIENCE) as notebook:
        notebook.run_cell(0)
        for place in range(len(LABS)):
            notebook.run_cell(1 + place)
        told(notebook)
        for name in LABS:
            root_of(notebook, name).evaluate(WATCH)
        yield notebook
        notebook.screenshot("one-state")


def told(notebook):
    """Wait until all labs have answered; return what the kernel has of each."""
    notebook.run_cell(2 + len(LABS))
    settle(notebook)
    return json.loads(ast.literal_eval(notebook.shown("text/plain").splitlines()[-1]))


def root_of(notebook, name):
    return notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(1 + LABS.index(name)).locator(".xw-lab").first


def settle(notebook):
    """Wait until no lab waits for an answer."""
    notebook.page.wait_for_function(
        "() => [...document.querySelectorAll('.xw-lab')].every((lab) => lab.getAttribute('aria-busy') === 'false')"
    )


@contextlib.contextmanager
def busy_kernel(notebook):
    """Keep the kernel busy with another cell."""
    go = notebook.file.parent / "go"
    notebook.start_cell(1 + len(LABS))
    notebook.page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").first.wait_for(state="attached")
    try:
        yield
    finally:
        go.touch()
    notebook.page.wait_for_function("window.hasRun")


# Every value that a control has shown since.
SAMPLE = """control => {
  control.seen = new Set();
  const look = () => { control.seen.add(control.value); requestAnimationFrame(look); };
  look();
}"""


def test_a_change_dims_at_once_waits_for_the_kernel_and_nothing_falls_back(notebook):
    changed = {}
    with busy_kernel(notebook):
        for name in LABS:
            root = root_of(notebook, name)
            root.scroll_into_view_if_needed()
            control = control_of(root)
            control.focus()
            change(control)
            first = control.input_value()
            change(control)
            value = control.input_value()
            assert value != first, name
            changed[name] = control, value
            control.evaluate(SAMPLE)
            assert root.evaluate("root => root.dimmedAfter") <= 2, name
            notebook.page.wait_for_function(LATE, arg=root.element_handle())  # after the blink that an answer may take
            found = root.evaluate(OLD)
            assert found["answers"] > 0, name
            assert (found["bright"], found["controls"]) == (0, 0), (name, found)
        for name in LABS:
            root_of(notebook, name).get_by_text("Waiting for the kernel", exact=True).wait_for()
        assert notebook.is_busy()
        notebook.screenshot("one-state-waiting")
    settle(notebook)
    assert told(notebook) == {name: [0, "finished", ""] for name in LABS}
    for name, (control, value) in changed.items():
        root = root_of(notebook, name)
        assert root.locator(".xw-old").count() == 0, name
        assert root.locator(".xw-request-wait:visible").count() == 0, name
        assert control.evaluate("one => [...one.seen]") == [value], name
    assert (notebook.errors(), notebook.complaints, notebook.strangers) == ([], [], [])


def test_esc_and_the_button_stop_every_lab_which_says_how_far_it_came_and_computes_again(notebook):
    notebook.run_cell(3 + len(LABS))
    for place, name in enumerate(LABS):
        root = root_of(notebook, name)
        root.scroll_into_view_if_needed()
        button = root.get_by_role("button", name="Stop", exact=True)
        button.wait_for()
        control_of(root).focus()
        if place % 3:
            notebook.page.keyboard.press("Escape")
        else:
            button.click()
        root.get_by_text("Stopped at 1,200 of 4,000.", exact=True).wait_for()
        assert not button.is_visible(), name
        assert root.locator(".xw-old").count() > 0, name
    notebook.screenshot("one-state-stopped")
    for name in LABS:
        root_of(notebook, name).get_by_role("button", name="Compute", exact=True).click()
    settle(notebook)
    assert told(notebook) == {name: [0, "finished", ""] for name in LABS}
    for name in LABS:
        root = root_of(notebook, name)
        assert root.locator(".xw-old").count() == 0, name
        assert not root.get_by_role("button", name="Compute", exact=True).is_visible(), name
    assert (notebook.errors(), notebook.complaints) == ([], [])


def test_what_the_browser_does_alone_dims_nothing(notebook):
    root = root_of(notebook, "AttributionExplorer")
    with busy_kernel(notebook):
        for label in ("Opacity", "Hide below"):
            slider = root.get_by_role("slider", name=label, exact=True)
            slider.focus()
            slider.press("ArrowLeft" if label == "Opacity" else "ArrowRight")
            assert root.evaluate(OLD)["answers"] == 0, label
        assert root.get_attribute("aria-busy") == "false"
    settle(notebook)
