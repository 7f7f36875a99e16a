"""The upload button in Chromium: dialog, drop, paste, refusals, names that are not to be trusted."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from xai_widgets.i18n import catalogue
from xai_widgets.widgets.components import PictureUpload

pytestmark = pytest.mark.browser

BAD = "<img src=x onerror=window.harmed=1>.png"
# What a drag or the clipboard carries: files, made in the page.
CARRIED = """
  const carried = new DataTransfer();
  const raw = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  if (name) carried.items.add(new File([raw], name, { type }));
  else carried.setData("text/plain", "words");
"""
DRAG = f"""(node, [event, content, name, type]) => {{
  {CARRIED}
  const drag = new DragEvent(event, {{ dataTransfer: carried, bubbles: true, cancelable: true }});
  node.dispatchEvent(drag);
  return drag.defaultPrevented;
}}"""
PASTE = f"""([content, name, type]) => {{
  {CARRIED}
  const paste = new ClipboardEvent("paste", {{ clipboardData: carried, bubbles: true, cancelable: true }});
  document.body.dispatchEvent(paste);
  return paste.defaultPrevented;
}}"""


def _png(side=8):
    """Return a small picture as a file."""
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)).save(out, "png")
    return out.getvalue()


def _file(content, name="cat.png", kind="image/png"):
    return {"name": name, "mimeType": kind, "buffer": content}


def _carried(content, name="cat.png", kind="image/png"):
    return [base64.b64encode(content).decode(), name, kind]


def _wait_for_parts(view, count):
    view.page.wait_for_function("([view, count]) => views[view].model.sent.length >= count", arg=[view.number, count])


def _deliver(view):
    """Hand the page's messages to the Python widget, and its answer back."""
    for content, buffers in view.sent():
        view.widget._handle_custom_msg(content, buffers)
    view.page.evaluate("view => { views[view].model.sent = [] }", view.number)
    view.update("serial")


def _input(view, name="Upload"):
    return view.page.get_by_label(name, exact=True)


def _face(view, what):
    return view.root.locator(".xw-upload-face").evaluate(f"node => getComputedStyle(node).{what}")


@pytest.fixture
def drag(blank, tmp_path):
    """Give a function that drags a file over a button, step by step, as the browser itself does."""
    control = blank.context.new_cdp_session(blank)

    def to(view, content, *steps, by=0):
        path = tmp_path / "cat.png"
        path.write_bytes(content)
        box = view.root.locator(".xw-upload-button").bounding_box()
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for step in steps:
            control.send(
                "Input.dispatchDragEvent", {"type": step, "x": box["x"] + 9 + by, "y": box["y"] + 9, "data": data}
            )

    return to


@pytest.fixture
def dialogs(blank):
    """Have every dialog caught from the start: one that opens while playwright begins to listen is missed."""
    caught = []
    blank.on("filechooser", lambda chooser: caught.append(chooser))  # noqa: PLW0108  (it marks its handlers)
    blank.evaluate("() => frames_passed()")
    return caught


class TestWays:
    def test_by_the_dialog_byte_for_byte(self, show):
        view, content = show(PictureUpload()), _png()
        _input(view).set_input_files(_file(content))
        _wait_for_parts(view, 1)
        assert _input(view).get_attribute("aria-busy") == "true"
        _deliver(view)
        assert (view.widget.serial, view.widget.file_name, view.widget.picture_bytes) == (1, "cat.png", content)
        assert _input(view).get_attribute("aria-busy") == "false"
        assert view.root.get_by_role("status").inner_text() == "cat.png has arrived"

    def test_the_same_file_again(self, show):
        view = show(PictureUpload())
        for count in (1, 2):
            _input(view).set_input_files(_file(_png()))
            _wait_for_parts(view, 1)
            assert _input(view).input_value() == ""
            _deliver(view)
            assert view.widget.serial == count

    def test_a_large_file_comes_in_parts_below_the_servers_limit(self, show):
        view, content = show(PictureUpload()), np.random.default_rng(0).bytes(9_000_000)
        _input(view).set_input_files(_file(content, "large.jpg", "image/jpeg"))
        _wait_for_parts(view, 3)
        assert [len(buffers[0]) for _, buffers in view.sent()] == [4_000_000, 4_000_000, 1_000_000]
        _deliver(view)
        assert view.widget.picture_bytes == content

    @pytest.mark.parametrize("key", ["Enter", "Space"])
    @pytest.mark.usefixtures("dialogs")
    def test_keys_open_the_dialog(self, show, blank, key):
        view = show(PictureUpload())
        _input(view).focus()
        with blank.expect_file_chooser() as chooser:
            blank.keyboard.press(key)
        assert not chooser.value.is_multiple()
        assert _input(view).get_attribute("accept") == "image/*"

    @pytest.mark.usefixtures("dialogs")
    def test_a_click_anywhere_on_it_opens_the_dialog(self, show, blank):
        view = show(PictureUpload())
        box = view.root.locator(".xw-upload-button").bounding_box()
        for x, y in [(1, 1), (box["width"] - 1, box["height"] - 1)]:
            with blank.expect_file_chooser():
                blank.mouse.click(box["x"] + x, box["y"] + y)

    def test_by_a_drop_which_is_shown_on_its_way(self, show, drag):
        view, content = show(PictureUpload()), _png()
        drag(view, content, "dragEnter", "dragOver")
        assert _face(view, "boxShadow") != "none"
        drag(view, content, "dragOver", by=500)
        assert _face(view, "boxShadow") == "none"
        drag(view, content, "dragEnter", "dragOver", "drop")
        _wait_for_parts(view, 1)
        assert _face(view, "boxShadow") == "none"
        _deliver(view)
        assert (view.widget.serial, view.widget.file_name) == (1, "cat.png")
        assert view.widget.picture_bytes == content

    def test_words_that_are_dropped_pass(self, show):
        view = show(PictureUpload())
        assert _input(view).evaluate(DRAG, ["drop", "", "", ""]) is False
        assert view.sent() == []

    def test_by_paste_only_where_the_focus_is(self, show, blank):
        view, content = show(PictureUpload()), _png()
        assert blank.evaluate(PASTE, _carried(content)) is False
        _input(view).focus()
        assert blank.evaluate(PASTE, ["", "", ""]) is False
        assert blank.evaluate(PASTE, _carried(content)) is True
        _wait_for_parts(view, 1)
        _deliver(view)
        assert view.widget.picture_bytes == content
        assert view.widget.serial == 1

    def test_the_notebook_does_not_hear_of_the_paste(self, show, blank):
        view = show(PictureUpload())
        blank.evaluate("() => { window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key)) }")
        _input(view).focus()
        for key in ("Control+v", "Control+s", "b"):
            blank.keyboard.press(key)
        assert blank.evaluate("() => heard.filter((key) => key !== 'Control')") == ["s"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "kind", "english", "french"),
        [
            (
                b"0" * 100_001, "image/png",
                "0.2\u00a0MB: the limit is 0.1\u00a0MB", "0,2\u00a0Mo\u00a0: la limite est de 0,1\u00a0Mo",
            ),
            (b"", "image/png", "This file is empty", "Ce fichier est vide"),
            (b"%PDF", "application/pdf", "This file is not a picture", "Ce fichier n’est pas une image"),
        ],
    )  # fmt: skip
    def test_with_the_reason(self, show, content, kind, english, french):
        for language, words, label in [("en", english, "Upload"), ("fr", french, "Charger")]:
            view = show(PictureUpload(max_megabytes=0.1, language=language))
            _input(view, label).set_input_files(_file(content, kind=kind))
            assert view.root.get_by_role("alert").inner_text() == words
            assert view.sent() == []
            assert _input(view, label).get_attribute("aria-busy") == "false"

    def test_the_next_file_takes_the_reason_away(self, show):
        view = show(PictureUpload())
        _input(view).set_input_files(_file(b""))
        _input(view).set_input_files(_file(_png()))
        _wait_for_parts(view, 1)
        assert view.root.get_by_role("alert").inner_text() == ""

    def test_a_kind_that_the_browser_does_not_know_is_for_python_to_judge(self, show):
        view = show(PictureUpload())
        _input(view).evaluate(DRAG, ["drop", *_carried(b"something", "cat.heic", "")])
        _wait_for_parts(view, 1)

    def test_a_file_that_cannot_be_read(self, show, blank):
        view = show(PictureUpload())
        blank.evaluate("() => { Blob.prototype.arrayBuffer = () => Promise.reject(new Error('gone')) }")
        _input(view).set_input_files(_file(_png()))
        blank.evaluate("() => frames_passed()")
        assert view.root.get_by_role("alert").inner_text() == "This file cannot be read"
        assert _input(view).get_attribute("aria-busy") == "false"

    def test_while_busy_the_focus_stays_and_nothing_is_taken(self, show, blank, drag, dialogs):
        view = show(PictureUpload())
        _input(view).focus()
        view.update(busy=True)
        assert _input(view).evaluate("node => node === document.activeElement")
        assert _input(view).get_attribute("aria-disabled") == "true"
        blank.keyboard.press("Enter")
        drag(view, _png(), "dragEnter", "dragOver", "drop")
        _input(view).evaluate(DRAG, ["drop", *_carried(_png())])
        blank.evaluate(PASTE, _carried(_png()))
        blank.wait_for_timeout(100)
        assert (dialogs, view.sent()) == ([], [])
        view.update(busy=False)
        with blank.expect_file_chooser():
            blank.keyboard.press("Enter")
        assert len(dialogs) == 1

    def test_the_pointer_does_not_make_a_disabled_button_look_ready(self, show):
        view = show(PictureUpload(disabled=True))
        face = view.root.locator(".xw-upload-face")
        before = face.evaluate("node => getComputedStyle(node).backgroundColor")
        face.hover(force=True)
        assert view.root.locator(".xw-upload-button").evaluate("node => node.matches(':hover')")
        assert face.evaluate("node => getComputedStyle(node).backgroundColor") == before

    def test_disabled(self, show, drag):
        view = show(PictureUpload(disabled=True))
        assert _input(view).is_disabled()
        drag(view, _png(), "dragEnter", "dragOver", "drop")
        view.root.locator(".xw-upload-button").evaluate(DRAG, ["drop", *_carried(_png())])
        view.page.evaluate("() => frames_passed()")
        assert view.sent() == []


def test_a_name_never_becomes_html(show, blank):
    view = show(PictureUpload())
    _input(view).set_input_files(_file(_png(), BAD))
    _wait_for_parts(view, 1)
    assert view.root.get_by_role("status").inner_text() == f"Sending {BAD}"
    _deliver(view)
    assert view.root.get_by_role("status").inner_text() == f"{BAD} has arrived"
    assert view.widget.file_name == BAD
    assert view.root.locator("img").count() == 0
    assert blank.evaluate("() => window.harmed") is None


def test_focus_is_seen_on_its_face(show, blank):
    view = show(PictureUpload())
    assert _face(view, "outlineStyle") == "none"
    blank.keyboard.press("Tab")
    assert (_face(view, "outlineStyle"), _face(view, "outlineWidth")) == ("solid", "2px")


def test_label_and_language(show):
    view = show(PictureUpload(label="Photograph"))
    assert _input(view, "Photograph").count() == 1
    assert view.root.locator(".xw-upload-label").inner_text() == "Photograph"
    view.update("words", label="", language="fr")
    assert _input(view, "Charger").get_attribute("title") == catalogue("components", "fr")["upload_help"]


@pytest.mark.parametrize("label", ["Upload", "A label that is far too long for the place that it has"])
def test_as_high_as_a_menu_and_no_wider_than_its_words(show, label):
    view = show(PictureUpload(label=label), width="240px")
    box = view.root.locator(".xw-upload-button").bounding_box()
    assert box["height"] == 32
    assert (box["width"] < 100) == (label == "Upload")
    assert box["width"] <= 240
    assert view.root.bounding_box()["height"] == 32
