"""What every test relies on: no network, no leftovers of the reader's own settings, the same random cases in CI."""

import asyncio
import ipaddress
import os
import socket
from pathlib import Path

import hypothesis
import pytest

from tests.local_server import cache, offline, server  # noqa: F401  (fixtures of all tests)
from xai_widgets import i18n

os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # whatever the reader's own Keras settings say
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["MPLBACKEND"] = "agg"
os.environ.pop(i18n.VARIABLE, None)

# Speed is measured in benchmarks/, never asserted here.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


# What takes longer than most, and `make test-fast` leaves out; tools/slow_tests.py writes the list.
SLOW = frozenset(Path(__file__).with_name("slow_tests.txt").read_text("utf-8").splitlines())


@pytest.hookimpl(tryfirst=True)  # before xdist and the selection by `-m` read the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say which tests stay together and come first where several processes share the work.

    What opens a browser may be tried twice: a server, a kernel and a page may each be late on a busy machine. The
    summary names what needed it.
    """
    for item in items:
        if item.get_closest_marker("browser") is not None:
            item.add_marker(pytest.mark.flaky(reruns=1))
        group = _group(item)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))
    if hasattr(config, "workerinput"):
        items.sort(key=_rank)  # what takes a minute must not be left for the end, when the other processes are idle
    for item in items:  # after that: what takes a second stays among the tests of its file
        if item.nodeid.partition("[")[0] in SLOW:
            item.add_marker(pytest.mark.slow)


def _group(item: pytest.Item) -> str | None:
    """Return the name of the tests that one process runs together; None where a test goes to any process.

    They are the tests of a file that share a fixture (for each value of that fixture, if it has several), otherwise the
    cases of a function. A notebook or a page in a browser is enough work to stand alone.
    """
    fixtures = getattr(item, "_fixtureinfo", None)
    if not isinstance(item, pytest.Function) or fixtures is None:
        return item.path.stem  # doctests
    shared = [name for name, found in fixtures.name2fixturedefs.items() if found and found[-1].scope == "module"]
    if shared:
        values = item.callspec.indices if hasattr(item, "callspec") else {}
        return "-".join([item.path.stem, *(f"{name}{values[name]}" for name in shared if name in values)])
    alone = any(item.get_closest_marker(mark) for mark in ("notebook", "browser"))
    return None if alone else f"{item.path.stem}-{item.originalname}"


def _rank(item: pytest.Item) -> int:
    """Return the place of a test in the order: whole notebooks, browsers, what is slow, the rest."""
    marks = ("notebook", "browser", "slow")
    return next((place for place, mark in enumerate(marks) if item.get_closest_marker(mark)), len(marks))


def _is_this_machine(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a socket in the file system
    host = str(address[0])
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", ""}


@pytest.fixture(autouse=True, scope="session")
def _no_network():
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if not _is_this_machine(address):
            pytest.fail(f"a test tried to reach {address!r}; tests run without a network")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(autouse=True)
def _english():
    """Start every test in English, whatever the one before it chose."""
    i18n._chosen.clear()
    yield
    i18n._chosen.clear()


@pytest.fixture(autouse=True)
def _no_loop_of_others(request):
    """Hide the event loop that Playwright leaves running in this thread, which nobody turns outside browser tests."""
    if request.node.get_closest_marker("browser") is not None:
        yield
        return
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def browser():
    """Chromium, started once for all tests; they are skipped where there is none, except in CI.

    There is one for all because playwright's event loop stays open in this thread: a second one is refused.
    """
    from tests.browser.harness import CHROMIUM_VARIABLE, find_chromium, launch

    playwright_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
    path = find_chromium()
    if path is None:
        why = f"no Chromium on the path; install it, or name it in {CHROMIUM_VARIABLE}"
        if os.environ.get("CI"):
            pytest.fail(f"{why} (obligatory in CI)")
        pytest.skip(why)
    with playwright_api.sync_playwright() as playwright:
        browser = launch(playwright, path)
        yield browser
        browser.close()
