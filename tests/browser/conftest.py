"""Fixtures of the browser tests; they are skipped where there is no Chromium, except in CI."""

import os
import re
import shutil

import pytest

from browser.harness import CHROMIUM_VARIABLE, ROOT, Notebook, find_chromium, launch, serve

playwright_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")


@pytest.fixture(scope="session")
def chromium():
    path = find_chromium()
    if path is None:
        why = f"no Chromium on the path; install it, or name it in {CHROMIUM_VARIABLE}"
        if os.environ.get("CI"):
            pytest.fail(f"{why} (obligatory in CI)")
        pytest.skip(why)
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    with playwright_api.sync_playwright() as playwright:
        browser = launch(playwright, chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(browser, tmp_path_factory):
    """JupyterLab on a copy of the course."""
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
    server.stop_kernels()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if call.when == "call":
        item.failed = report.failed
