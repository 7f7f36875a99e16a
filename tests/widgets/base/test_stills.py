"""The still of a lab in its output, and how it is renewed in an open notebook."""

import asyncio
import base64
import io
import json
import time

import ipywidgets as widgets
import pytest
import traitlets
from matplotlib.figure import Figure
from nbconvert import HTMLExporter
from nbformat import v4
from PIL import Image

from xai_widgets.i18n import message
from xai_widgets.widgets.base import still_channel as channels
from xai_widgets.widgets.base.lab import Lab
from xai_widgets.widgets.base.still_bundle import LAB, still_bundle
from xai_widgets.widgets.base.still_channel import REST, StillChannel

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


class Bar(Lab):
    """One bar; refuses negative heights."""

    height = traitlets.Int(1)

    def figure(self):
        if self.height < 0:
            raise ValueError("a bar is not <negative>")
        figure = Figure(figsize=(1, 1))
        figure.subplots().bar([0], [self.height])
        return figure

    def describe(self):
        return f"a bar of {self.height}"


@pytest.fixture
def lab():
    made = Bar()
    yield made
    made.close()


# The bundle


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_holds_the_picture_its_text_and_the_words_of_its_language(language):
    lab = Bar(language=language)
    bundle = lab._repr_mimebundle_()
    told = bundle[LAB]
    assert told["model_id"] == lab.model_id == bundle[VIEW]["model_id"]
    assert (told["alt"], told["version"]) == ("a bar of 1", 0)
    assert told["words"]["run"] == message("lab.still_run", language)
    assert Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).width > 50
    assert 'alt="a bar of 1"' in bundle["text/html"]
    json.dumps(bundle)


def test_what_cannot_be_drawn_says_why():
    bundle = still_bundle(Bar(height=-1))
    assert "image/png" not in bundle
    assert bundle[LAB]["refusal"] == "a bar is not <negative>"
    assert "a bar is not &lt;negative&gt;" in bundle["text/html"]


def test_a_build_names_no_model(monkeypatch, lab):
    monkeypatch.setenv("XAI_WIDGETS_SYNC", "1")
    assert set(lab._repr_mimebundle_()) == {VIEW, "text/plain", "text/html", "image/png"}


def test_vs_code_does_not_put_it_before_the_widget():
    assert not LAB.startswith("application/vnd.")  # its order begins with application/vnd.*


# The page that nbconvert makes


def exported(lab, **metadata):
    output = v4.new_output("display_data", data=lab._repr_mimebundle_())
    return HTMLExporter().from_notebook_node(
        v4.new_notebook(cells=[v4.new_code_cell("lab", outputs=[output])], metadata=metadata)
    )[0]


def test_an_exported_page_shows_the_still(lab):
    assert 'alt="a bar of 1"' in exported(lab)


def test_an_exported_page_shows_the_still_beside_the_state_of_other_widgets(lab):
    assert 'alt="a bar of 1"' in exported(lab, widgets={STATE: {"state": {}, "version_major": 2, "version_minor": 0}})


# The renewal


class Page:
    """A comm as the page holds it: keeps what it was sent."""

    def __init__(self):
        self.sent, self.answered = [], asyncio.Event()

    def send(self, data):
        self.sent.append(data)
        self.answered.set()

    def on_msg(self, heard):
        self.heard = heard

    def on_close(self, closed):
        self.closed = closed

    def ask(self, lab):
        self.heard({"content": {"data": {"ask": lab.model_id}}})

    def take(self):
        taken, self.sent = self.sent, []
        return taken


@pytest.fixture
def channel():
    return StillChannel()


def opened(channel, **have):
    page = Page()
    channel._opened(page, {"content": {"data": {"have": have}}})
    return page


@pytest.fixture
def clock(monkeypatch):
    """The time of the channel, which stands still unless it is moved."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_a_page_is_told_once_of_many_changes_and_gets_the_still_of_a_lab_at_rest(channel, lab, clock):
    assert channel.follow(lab) == 0
    page = opened(channel, **{lab.model_id: 0})
    assert page.take() == []
    for height in (2, 3, 4):
        lab.height = height
    assert page.take() == [{"changed": lab.model_id}]
    page.ask(lab)
    assert page.take() == [{"later": lab.model_id}]
    clock[0] += REST
    page.ask(lab)
    (answer,) = page.take()
    assert answer["still"] == lab.model_id
    assert (answer["data"][LAB]["alt"], answer["data"][LAB]["version"]) == ("a bar of 4", 3)
    assert VIEW not in answer["data"]
    lab.height = 5
    assert page.take() == [{"changed": lab.model_id}]


@pytest.mark.parametrize(("version", "told"), [(0, True), (1, True), (2, False)])
def test_a_page_that_opens_is_told_which_of_its_stills_are_out_of_date(channel, lab, version, told):
    channel.follow(lab)
    lab.height, lab.language = 2, lab.language
    lab.height = 3
    page = opened(channel, **{lab.model_id: version, "of another kernel": 7})
    assert page.take() == ([{"changed": lab.model_id}] if told else [])


def test_what_shows_nothing_is_no_change(channel, lab):
    channel.follow(lab)
    page = opened(channel)
    lab.layout = widgets.Layout(width="3px")
    lab.busy = True
    assert page.take() == []
    lab.busy = False
    assert page.take() == [{"changed": lab.model_id}]


def test_a_lab_that_computes_is_not_drawn(channel, lab, clock):
    channel.follow(lab)
    page = opened(channel)
    lab.busy = True
    clock[0] += REST
    page.ask(lab)
    assert page.take() == [{"later": lab.model_id}]


def test_a_still_of_two_states_is_not_sent(channel, lab, clock, monkeypatch):
    def torn(lab, version):
        lab.height += 1
        return still_bundle(lab, version)

    monkeypatch.setattr(channels, "still_bundle", torn)
    channel.follow(lab)
    page = opened(channel)
    page.ask(lab)
    assert {"later": lab.model_id} in page.take()


def test_what_fails_is_told(channel, lab, monkeypatch):
    monkeypatch.setattr(Bar, "describe", lambda _self: 1 / 0)
    channel.follow(lab)
    page = opened(channel)
    page.ask(lab)
    assert page.take() == [{"failed": lab.model_id, "reason": "ZeroDivisionError: division by zero"}]
    model = lab.model_id
    lab.close()
    page.heard({"content": {"data": {"ask": model}}})
    assert page.take() == [{"gone": model}]


def test_it_is_drawn_in_a_thread_and_sent_from_the_loop(channel, lab):
    async def kernel():
        channel.follow(lab)
        page = opened(channel)
        page.ask(lab)
        assert page.take() == []
        await page.answered.wait()
        return page.take()

    (answer,) = asyncio.run(asyncio.wait_for(kernel(), 60))
    assert answer["data"][LAB]["alt"] == "a bar of 1"
