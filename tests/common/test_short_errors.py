"""In IPython a refusal of the package is one line, its traceback is at hand, and other errors stay as they are."""

import pytest

import xai_widgets as xai
from xai_widgets.common import short_errors

testing = pytest.importorskip("IPython.core.interactiveshell")
SETUP = "import xai_widgets as xai\nimport numpy as np\nfrom xai_widgets.common.short_errors import install\ninstall()"
REFUSED = "x = 1\nxai.explain(xai.load_model('digits'), xai.sample_image('digit-3'), 'salience')"

READERS_OWN = """
def mine(x):
    raise ValueError("mine")

net = xai.load_model("digits").model
xai.Classifier(net, preprocess=mine).predict(xai.sample_image("digit-3"))
"""


@pytest.fixture
def shell():
    """A shell of its own, and what it shows of errors."""
    testing.InteractiveShell.clear_instance()
    made = testing.InteractiveShell.instance(colors="NoColor")
    shown = []
    made._showtraceback = lambda kind, error, lines: shown.append("\n".join(lines))
    made.shown = shown
    made.run_cell(SETUP, store_history=True)
    assert shown == []
    yield made
    made.custom_exceptions = ()
    testing.InteractiveShell.clear_instance()


def test_a_refusal_is_one_line_and_the_readers_own(shell):
    result = shell.run_cell(REFUSED, store_history=True)
    (text,) = shell.shown
    first, line, hint = text.split("\n")
    assert first.startswith("\x1b[31mValueError\x1b[39m: ")
    assert first.endswith(str(result.error_in_exec))
    assert "did you mean" in first
    assert line == "line 2: xai.explain(xai.load_model('digits'), xai.sample_image('digit-3'), 'salience')"
    assert "%tb" in hint


def test_in_the_readers_language(shell, monkeypatch):
    monkeypatch.setenv("XAI_WIDGETS_LANG", "fr")
    shell.run_cell(REFUSED, store_history=True)
    assert "ligne 2\u00a0: xai.explain" in shell.shown[0]


def test_the_whole_traceback_is_at_hand(shell):
    shell.run_cell(REFUSED, store_history=True)
    shell.run_cell("%tb", store_history=True)
    assert shell.shown[1].count("xai_widgets") > 2
    assert "Traceback (most recent call last)" in shell.shown[1]
    shell.run_cell("%xmode Verbose", store_history=True)
    shell.run_cell(REFUSED, store_history=True)
    assert "Traceback (most recent call last)" in shell.shown[2]


@pytest.mark.parametrize(
    "code",
    [
        "raise ValueError('mine')",
        "int('x')",
        "np.ones(2) + np.ones(3)",
        "xai.nothing_of_this_name",  # an AttributeError
        READERS_OWN,
    ],
)
def test_other_errors_stay_as_they_are(shell, code):
    shell.run_cell(code, store_history=True)
    assert "Traceback (most recent call last)" in shell.shown[0]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("xai.EmbeddingLab('digits', stepz=3)", "TypeError"),
        ("xai.EmbeddingLab(7)", "TraitError"),
        ("xai.load_image('no.png')", "PictureError"),
        ("xai.wrap(3)", "TypeError"),
    ],
)
def test_every_kind_of_refusal(shell, code, told):
    shell.run_cell(code, store_history=True)
    (text,) = shell.shown
    assert text.startswith(f"\x1b[31m{told}\x1b[39m: ")
    assert len(text.split("\n")) == 3


def test_a_debugger_that_was_asked_for_gets_the_error(shell, monkeypatch):
    asked = []
    monkeypatch.setattr(shell, "showtraceback", lambda *_, **options: asked.append(options))
    shell.InteractiveTB.call_pdb = True
    monkeypatch.setattr(type(shell), "call_pdb", property(lambda _: True))
    shell.run_cell(REFUSED, store_history=True)
    assert asked == [{"running_compiled_code": True}]


def test_a_handler_of_the_readers_own_stays(shell):
    mine = []
    shell.set_custom_exc((ValueError,), lambda *_, **__: mine.append(1))
    short_errors.install()
    shell.run_cell(REFUSED, store_history=True)
    assert mine == [1]


def test_without_a_shell_nothing_is_installed_and_errors_are_whole(monkeypatch):
    testing.InteractiveShell.clear_instance()
    short_errors.install()
    with pytest.raises(ValueError, match="salience") as caught:
        xai.explain(xai.load_model("digits"), xai.sample_image("digit-3"), "salience")
    assert len(caught.traceback) > 1
    assert short_errors.is_refusal(caught.tb)
