"""Notebooks that Voila serves as applications: texts and labs, no code, nothing from other machines."""

import html
import http.client
import urllib.parse

import pytest

from tests.browser.harness import Application, serve_applications
from xai_widgets.i18n import message

pytest.importorskip("voila", reason="serving applications needs voila")

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DONE = message("course.application.done", "en").strip("*")
PATIENCE = 60_000  # milliseconds that a busy machine may take
LOADED = "images => images.length > 0 && images.every(image => image.complete && image.naturalWidth > 0)"
GROUND = """() => {
  const style = getComputedStyle(document.querySelector("#rendered_cells"));
  return style.backgroundColor.match(/\\d+/g).slice(0, 3).map(Number);
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serve_applications(tmp_path_factory.mktemp("voila")) as running:
        yield running


@pytest.fixture
def open_application(page, address):
    page.set_default_timeout(PATIENCE)

    def open_it(path):
        return Application.open(page, f"{address}/{path}")

    return open_it


def assert_all_is_well(application):
    assert (application.errors(), application.complaints, application.strangers) == ([], [], [])
    assert application.page.locator(".jp-CodeCell .jp-InputArea").count() == 0  # no code
    assert application.page.get_by_text("Traceback").count() == 0


def test_the_map_of_the_course_leads_to_its_notebooks(open_application):
    application = open_application("")
    page = application.page
    assert page.url.endswith("/voila/render/en/index.ipynb")
    assert page.locator("#rendered_cells img").evaluate_all(LOADED)
    assert page.get_by_text("graph LR").count() == 0  # the graph would need a script from another machine
    page.locator("a[href='02_convnet_recap.ipynb']").click()
    page.wait_for_url("**/en/02_convnet_recap.ipynb", timeout=2 * PATIENCE)
    application.wait_shown()
    page.get_by_role("heading", name="Exercise 1: the convolution").wait_for()
    assert page.get_by_text(DONE).count() == 4
    page.get_by_role("grid", name="filter").first.wait_for()
    assert_all_is_well(application)


def test_a_typed_number_reaches_the_kernel_in_the_dark(open_application):
    application = open_application("voila/render/en/02_convnet_recap.ipynb?theme=dark")
    page = application.page
    assert max(page.evaluate(GROUND)) < 80
    first = page.get_by_role("grid", name="z = x").first.get_by_role("gridcell").first
    first.wait_for()
    assert first.inner_text() == "9"
    page.get_by_role("grid", name="picture x").first.get_by_role("textbox").first.click()
    page.keyboard.type("6")
    page.wait_for_function("cell => cell.innerText !== '9'", arg=first.element_handle())
    assert_all_is_well(application)


def test_epsilon_is_dragged_until_the_network_changes_its_mind(open_application):
    application = open_application("voila/render/en/03_adversarial.ipynb")
    page = application.page
    slider = page.get_by_role("slider", name="Epsilon", exact=True).first
    slider.wait_for()
    answers = page.locator(".xw-bars").first.locator("[role=option]")
    before = answers.first.get_attribute("aria-label")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function(
        "([node, before]) => node.querySelector('[role=option]').ariaLabel !== before",
        arg=[page.locator(".xw-bars").first.element_handle(), before],
    )
    assert "comm_msg" in application.sent
    assert "execute_request" not in application.sent  # a visitor runs nothing of their own
    assert_all_is_well(application)


def test_texts_come_first_and_all_follows_the_light_of_the_system(page, address):
    page.emulate_media(color_scheme="dark")
    application = Application(page)
    page.goto(f"{address}/voila/render/en/12_units.ipynb", timeout=PATIENCE)
    application.wait_begun()
    page.get_by_role("heading", level=1).first.wait_for()
    assert page.locator(".xw-lab").count() == 0  # the kernel is only at its first cells
    assert max(page.evaluate(GROUND)) < 80
    page.emulate_media(color_scheme="light")
    page.wait_for_function("document.body.dataset.jpThemeLight === 'true'")
    assert min(page.evaluate(GROUND)) > 200


def test_a_unit_is_explored(open_application):
    application = open_application("voila/render/en/12_units.ipynb")
    page = application.page
    frame = "[role=img][aria-label*='the unit sees rows']"
    page.locator(frame).first.wait_for()
    before = page.locator(frame).first.get_attribute("aria-label")
    page.locator("[role=listbox]:has([role=option])").first.locator("[role=option]").nth(5).click()
    page.wait_for_function(
        "([frame, before]) => document.querySelector(frame)?.ariaLabel !== before", arg=[frame, before]
    )
    assert_all_is_well(application)


# Who may open a page


def asked(address, path, **headers):
    """Return the status of an answer and its beginning; a page that is served is not waited for."""
    host, port = address.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.read(4000).decode(), connection


@pytest.mark.parametrize("theme", ['"><script>alert(1)</script>', "JupyterLab Dark", "../dark"])
def test_nothing_of_an_address_gets_into_a_page(address, theme):
    status, text, _ = asked(address, f"/voila/render/en/index.ipynb?theme={urllib.parse.quote(theme)}")
    assert status == 400
    assert theme not in text


def test_other_sites_and_other_names_get_nothing(address):
    page = "/voila/render/en/index.ipynb"
    assert asked(address, page, Host="course.example:80")[0] == 403
    assert asked(address, page, Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="image")[0] == 403
    assert asked(address, page, Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="iframe")[0] == 403


GIVEN = {"JUPYTER_TOKEN": "class-3b"}


def test_where_a_token_is_asked_for_nothing_is_served_without_it(tmp_path):
    page = "/voila/render/en/index.ipynb"
    with serve_applications(tmp_path, "index", "--token", "--visitors=1", **GIVEN) as address:
        for path in (page, f"{page}?token=class-3a", "/voila/tree"):
            status, text, connection = asked(address, path)
            assert (status, text) == (302, "")
            connection.close()
        assert asked(address, "/api/kernels/00000000-0000-0000-0000-000000000000")[0] == 403
        status, _, reader = asked(address, f"{page}?token=class-3b")  # none of those before has taken the one place
        assert status == 200
        reader.close()
    assert "class-3b" not in (tmp_path / "voila.log").read_text()  # a token that was given is not told


def test_one_reader_more_than_there_is_room_for_waits(tmp_path):
    with serve_applications(tmp_path, "index", "--visitors=1") as address:
        status, _, first = asked(address, "/voila/render/fr/index.ipynb?template=nosuch")
        assert status == 200
        status, text, _ = asked(address, "/voila/render/fr/index.ipynb")
        assert status == 503
        assert html.escape(message("course.application.full", "fr")) in text
        assert 'http-equiv="refresh"' in text
        first.close()
