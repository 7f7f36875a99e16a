"""The base of all labs."""

import base64
import io

import pytest
import traitlets
from matplotlib.figure import Figure
from PIL import Image

from xai_widgets.widgets.lab import Lab


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


def test_an_error_in_the_thread_is_shown(monkeypatch):
    # A browser test before this one may have left its event loop running, which nobody turns here.
    monkeypatch.setattr("xai_widgets.runtime.worker._running_loop", lambda: None)
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
