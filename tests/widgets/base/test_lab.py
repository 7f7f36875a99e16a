"""The base of all labs."""

import asyncio
import base64
import concurrent.futures
import io
import threading

import ipywidgets as widgets
import pytest
import traitlets
from ipywidgets.widgets.widget import _instances
from matplotlib.figure import Figure
from PIL import Image

from xai_widgets.widgets.base.lab import Lab
from xai_widgets.widgets.base.views import Views
from xai_widgets.widgets.base.widget_tree import owned_widgets
from xai_widgets.widgets.components import BrowserLink, Curve, Matrix, PictureCanvas, PictureUpload, Slider


class Counter(Lab):
    """Doubles a number; fails on 13."""

    number = traitlets.Int(0)
    answer = traitlets.Int(0)

    def ask(self):
        def work(job):
            for step in range(3):
                job.progress(step + 1, 3)
            if self.number == 13:
                raise ValueError("<b>unlucky</b> number")
            job.show(lambda: setattr(self, "answer", 2 * self.number))

        self.compute(work)

    def figure(self):
        figure = Figure(figsize=(1, 1))
        figure.subplots().plot([0, self.number])
        return figure

    def describe(self):
        return f'"{self.number}" <script>'


@pytest.fixture
def inline(monkeypatch):
    monkeypatch.setenv("XAI_WIDGETS_SYNC", "1")


def test_a_misspelt_option_is_refused_with_the_nearest():
    with pytest.raises(TypeError, match="no option 'numbr'; did you mean number"):
        Counter(numbr=3)


def test_repr_holds_no_address():
    assert repr(Counter()) == "Counter()"


@pytest.mark.usefixtures("inline")
def test_inline_mode_answers_at_once():
    lab = Counter(number=21)
    lab.ask()
    assert (lab.answer, lab.busy, lab.error) == (42, False, "")


@pytest.mark.usefixtures("inline")
def test_an_error_is_shown_escaped_and_raised_and_the_last_answer_stays():
    lab = Counter(number=4)
    lab.ask()
    lab.number = 13
    with pytest.raises(ValueError, match="unlucky"):
        lab.ask()
    assert lab.error == "ValueError: <b>unlucky</b> number"
    assert "&lt;b&gt;unlucky" in lab._error_panel.value
    assert 'role="alert"' in lab._error_panel.value
    assert lab.answer == 8
    lab.number = 5
    lab.ask()
    assert (lab.error, lab._error_panel.value) == ("", "")


def test_an_error_in_the_thread_is_shown():
    lab = Counter(number=13)
    lab.ask()
    assert lab.wait(30)
    assert "unlucky" in lab.error
    assert not lab.busy
    lab.close()


def test_a_page_without_a_kernel_gets_a_picture_and_its_text():
    bundle = Counter(number=1)._repr_mimebundle_()
    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert picture.size[0] > 50
    assert bundle["text/plain"] == "Counter()"
    assert "&quot;1&quot; &lt;script&gt;" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.parametrize(("code", "word"), [("en", "Something went wrong"), ("fr", "Cela n’a pas marché")])
def test_errors_speak_the_language_of_the_lab(code, word):
    lab = Counter(language=code)
    lab.show_error("x")
    assert word in lab._error_panel.value


# Closing


class HiddenViews(Views):
    """Views that no list of children holds."""

    def __init__(self):
        super().__init__("en")
        self.slider, self.kept = Slider(), {"canvas": [PictureCanvas()]}
        self.link = BrowserLink((self.slider, "value"), [(self.kept["canvas"][0], "opacity")])


def test_closing_closes_what_is_shown_and_what_is_hidden():
    before = set(_instances)
    lab = Counter()
    lab.children = (widgets.HBox([widgets.Label("a")], layout=widgets.Layout(width="9px")),)
    lab.views = HiddenViews()
    names = {type(one).__name__ for one in owned_widgets(lab)}
    assert {"Counter", "HBox", "Label", "LabelStyle", "Layout", "Slider", "PictureCanvas", "BrowserLink"} <= names
    lab.close()
    lab.close()
    assert set(_instances) == before


class LabOfRows(Lab):
    """Makes its rows when it paints, one after the other."""

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()
        super().__init__()

    def ask(self):
        self.compute(lambda job: job.show(self._make_rows))

    def _make_rows(self):
        rows = [widgets.Label("first")]
        self.begun.set()
        assert self.go.wait(30)
        self.rows = [*rows, widgets.Label("second")]


def test_closing_leaves_none_of_the_widgets_that_are_being_made(monkeypatch):
    monkeypatch.delenv("XAI_WIDGETS_SYNC", raising=False)
    before = set(_instances)
    lab = LabOfRows()
    lab.ask()
    assert lab.begun.wait(30)
    threading.Timer(0.2, lab.go.set).start()  # while the lab is being closed
    lab.close()
    assert lab.wait(30)
    assert set(_instances) == before


def test_a_layout_that_was_given_stays_open():
    layout = widgets.Layout(width="300px")
    lab = Counter(layout=layout)
    lab.close()
    assert layout.comm is not None
    layout.close()


def test_a_closed_lab_says_so_when_it_is_changed():
    lab = Counter()
    lab.close()
    with pytest.raises(RuntimeError, match="this lab was closed"):
        lab.number = 3
    with pytest.raises(RuntimeError, match="this lab was closed"):
        lab.ask()


@pytest.mark.parametrize(
    "kind", [KeyboardInterrupt, SystemExit, asyncio.CancelledError, concurrent.futures.CancelledError, GeneratorExit]
)
def test_an_interrupt_in_the_thread_does_not_leave_the_lab_busy(kind):
    lab = Counter()

    def interrupted(job):
        raise kind

    lab.compute(interrupted)
    assert lab.wait(30)
    assert (lab.busy, lab.error) == (False, f"{kind.__name__}: ")
    lab.close()


# Requests


class Endless(Lab):
    """Computes until it is stopped; then, asked again, answers."""

    def __init__(self, **options):
        self.reached, self.asked = threading.Event(), 0
        super().__init__(**options)

    def ask(self, *steps):
        def work(job):
            self.asked += 1
            for done, total in steps:
                job.progress(done, total)
            if self.asked > 1:
                job.show(lambda: self.show_recipe("whole"))
                return
            job.show(lambda: self.show_recipe("a part"))
            self.reached.set()
            while True:
                job.check()

        self.compute(work)


@pytest.fixture
def in_a_thread(monkeypatch):
    monkeypatch.delenv("XAI_WIDGETS_SYNC", raising=False)


@pytest.mark.usefixtures("in_a_thread")
@pytest.mark.parametrize(
    ("code", "steps", "said"),
    [
        ("en", [(1200, 4000)], "Stopped at 1,200 of 4,000."),
        ("fr", [(1, 4000), (1200, 4000)], "Arrêté à 1\u202f200 sur 4\u202f000."),
        ("en", [(0, 7)], "Stopped at 0 of 7."),
        ("fr", [], "Arrêté avant qu’il y ait une réponse."),
    ],
)
def test_a_stopped_lab_says_how_far_it_came_and_computes_again(code, steps, said):
    lab = Endless(language=code)
    line = lab.requests.line
    lab.ask(*steps)
    assert lab.reached.wait(30)
    assert (line.requested, line.ended, lab.partial, lab.busy) == (1, 0, True, True)
    line.stops += 1  # the button, or Esc
    assert (line.ended, line.outcome, line.stopped) == (1, "stopped", said)
    assert (lab.partial, lab.busy) == (True, False)
    assert lab._recipe_line.value == ""
    line.stops += 1  # nothing runs any more
    assert line.stopped == said
    line.computes += 1
    assert lab.wait(30)
    assert (line.stopped, line.outcome, line.requested - line.ended) == ("", "finished", 0)
    assert (lab.partial, lab.busy) == (False, False)
    assert "whole" in lab._recipe_line.value
    lab.close()


@pytest.mark.usefixtures("inline")
def test_a_request_that_fails_is_over_and_its_number_is_told():
    lab = Counter(number=13)
    with pytest.raises(ValueError, match="unlucky"):
        lab.ask()
    line = lab.requests.line
    assert (line.requested, line.ended, line.outcome, line.stopped) == (1, 1, "failed", "")
    lab.number = 2
    lab.ask()
    assert (line.requested, line.ended, line.outcome) == (2, 2, "finished")


def test_the_line_of_requests_stays_under_whatever_a_lab_shows():
    lab = Counter()
    first, second = widgets.Label("a"), widgets.Label("b")
    lab.children = (first,)
    assert lab.children == (first, lab.requests.line)
    lab.children = (*lab.children, second)
    assert lab.children == (first, second, lab.requests.line)
    assert lab.requests.line.lab == f"IPY_MODEL_{lab.model_id}"
    lab.requests.silence(first, second)
    assert lab.requests.line.silent == [f"IPY_MODEL_{one.model_id}" for one in (first, second)]
    lab.close()


def test_answers_are_marked_and_controls_are_not():
    marked = {True: [PictureCanvas(), Curve(), Matrix()], False: [Slider(), PictureUpload(), Matrix(editable=True)]}
    for answers, views in marked.items():
        assert {"xw-answer" in view._dom_classes for view in views} == {answers}
        for view in views:
            view.close()


@pytest.mark.usefixtures("in_a_thread")
def test_what_is_painted_without_a_request_is_whole_after_a_stop():
    lab = Endless()
    lab.ask((1, 2))
    assert lab.reached.wait(30)
    lab.stop()
    line = lab.requests.line
    lab.requests.answered_at_once()
    assert (line.outcome, line.stopped, lab.partial) == ("finished", "", False)
    lab.close()
