"""Fixtures of the browser tests."""

import re
import shutil

import pytest

from tests.browser.harness import ROOT, Notebook, serve

pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")


@pytest.fixture(scope="session")
def server(browser, tmp_path_factory):
    """The one JupyterLab of all tests in this process, on a copy of the course; each test opens pages of its own."""
    folder = tmp_path_factory.mktemp("course")
    for part in ("fr", "en", "solutions"):
        if (ROOT / "notebooks" / part).is_dir():
            shutil.copytree(ROOT / "notebooks" / part, folder / part)
    with serve(folder, tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    yield page
    context.close()


@pytest.fixture
def open_notebook(page, server, request):
    """A function that opens a notebook of the course; when the test fails, a picture of the page is kept."""
    opened = []

    def open_it(path):
        opened.append(Notebook.open(page, server, path))
        return opened[-1]

    yield open_it
    if opened and getattr(request.node, "failed", True):
        opened[-1].screenshot(re.sub(r"\W+", "-", request.node.name).strip("-"))
    for notebook in opened:
        server.stop_kernels(notebook.file.relative_to(server.folder).as_posix())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if call.when == "call":
        item.failed = report.failed
