"""What every lab can do: undo, redo, reset, its code, its numbers, the view that is pinned."""

import csv
import io
import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from xai_widgets import CamLab, EmbeddingLab, OcclusionLab, ToyNets
from xai_widgets.widgets.base.lab_registry import registered_labs
from xai_widgets.widgets.base.lab_state import same, state_of
from xai_widgets.widgets.base.shown_numbers import COLUMNS, as_csv
from xai_widgets.widgets.base.state_history import MOST, StateHistory

NOT_BY_NAME = {"pictures", "concepts", "record", "model"}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setenv("XAI_WIDGETS_SYNC", "1")


def unhurried(lab):
    """Let every change of the lab come long after the one before; return the lab."""
    clock = itertools.count(0, 60)
    lab.history._clock = lambda: next(clock)
    return lab


@pytest.fixture
def cam():
    lab = unhurried(CamLab("digits", "digit-3"))
    yield lab
    lab.close()


@pytest.mark.parametrize("name", registered_labs())
def test_the_code_of_a_view_makes_it_again(name):
    entry = registered_labs()[name]
    given = dict(entry.quick())
    lab = entry.load()(**given)
    names = {key: value for key, value in given.items() if key in NOT_BY_NAME and not isinstance(value, str)}
    code = lab.code()
    again = {}
    exec(code.replace(f"\n{name}(", f"\nmade = {name}("), again | names, again)  # noqa: S102  (our own code)
    expected, made = state_of(lab), state_of(again["made"])
    for key in expected.keys() - {"lucid", "model", "data", "record"}:
        assert same(made[key], expected[key]), key
    for key in ("model", "data"):
        if key in expected:
            assert made[key].name == expected[key].name
    lab.close()
    again["made"].close()


def test_code_says_what_is_to_be_given(cam):
    picture = np.zeros((8, 8, 1), np.float32)
    lab = CamLab(cam.model.model, picture, layer="conv2")
    assert lab.code().splitlines() == [
        "from xai_widgets import CamLab",
        "# give your own image here",
        "# give your own model here",
        "",
        'CamLab(model, image, layer="conv2")',
    ]
    lab.close()


def test_what_has_a_name_in_the_notebook_stands_under_it(monkeypatch, cam):
    mine = cam.model.model
    lab = CamLab(mine, "digit-3")
    shell = SimpleNamespace(user_ns={"net": mine, "_": mine}, user_ns_hidden={})
    monkeypatch.setattr("xai_widgets.widgets.base.view_code.get_ipython", lambda: shell)
    assert lab.code().splitlines()[-1] == 'CamLab(net, "digit-3")'
    lab.close()


def test_a_long_call_is_written_in_lines_and_quotes_survive():
    lab = ToyNets(net="discontinuity", x=1.5)
    assert lab.code().splitlines()[-1] == 'ToyNets(net="discontinuity", x=1.5)'
    lab.close()
    long = OcclusionLab("digits", "digit-3", patch=3, stride=2, fill="black", whole=True, target=4, place=(1, 1))
    lines = long.code().splitlines()
    assert max(map(len, lines)) <= 88
    assert lines[2:4] == ["OcclusionLab(", '    "digits",']
    long.close()


def test_undo_and_redo_go_step_by_step(cam):
    assert (cam.history.can_undo, cam.history.can_redo) == (False, False)
    cam.layer = "conv2"
    cam.target = 5
    cam.undo()
    assert (cam.layer, cam.target) == ("conv2", None)
    cam.undo()
    assert (cam.layer, cam.target) == (None, None)
    cam.undo()  # nothing is left to undo
    assert (cam.layer, cam.target) == (None, None)
    cam.redo()
    cam.redo()
    assert cam.layer == "conv2"
    assert cam.target == 5
    assert cam.result.recipe.options["layer"] == "conv2"


def test_a_new_change_forgets_what_was_undone(cam):
    cam.layer = "conv2"
    cam.undo()
    cam.side = "against"
    assert not cam.history.can_redo
    cam.redo()
    assert (cam.layer, cam.side) == (None, "against")


def test_another_picture_and_another_model_are_undone_with_what_hung_on_them(cam):
    cam.target, cam.layer = 5, "conv2"
    cam.image = "digit-8"
    cam.model = "creatures"
    assert cam.session.classifier.name == "creatures"
    cam.undo()
    assert (cam.session.classifier.name, cam.image, cam.target, cam.layer) == ("digits", "digit-8", 5, "conv2")
    cam.undo()
    assert (cam.image, cam.target, cam.layer) == ("digit-3", 5, "conv2")
    cam.redo()
    assert cam.image == "digit-8"


def test_reset_goes_back_to_the_beginning_and_can_be_undone():
    lab = unhurried(OcclusionLab("digits", "digit-3", patch=3))
    lab.patch, lab.stride = 2, 2
    lab.image = "digit-8"
    lab.reset()
    assert (lab.patch, lab.image) == (3, "digit-3")
    lab.undo()
    assert (lab.patch, lab.stride, lab.image) == (2, 2, "digit-8")
    lab.close()


def test_a_drag_is_one_step():
    lab = ToyNets(net="discontinuity", x=5)
    clock = itertools.count(0, 0.1)
    history = StateHistory(lab, clock=lambda: next(clock))
    history.begin()
    for x in (6, 7, 8):
        lab.x = x
    clock = itertools.count(100, 5)
    lab.x = 12
    history.undo()
    assert lab.x == 8
    history.undo()
    assert lab.x == 5
    lab.close()


def test_what_one_message_changes_is_one_step(monkeypatch):
    parent = {"header": {"msg_id": "a"}}
    shell = SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda: parent))
    monkeypatch.setattr("xai_widgets.widgets.base.state_history.get_ipython", lambda: shell)
    lab = ToyNets()
    lab.i1, lab.i2 = 0.5, 0.25
    parent["header"]["msg_id"] = "b"
    lab.method = "lrp"
    lab.undo()
    assert (lab.i1, lab.i2, lab.method) == (0.5, 0.25, "gradient_times_input")
    lab.undo()
    assert (lab.i1, lab.i2) == (1.0, 1.0)
    lab.close()


def test_old_states_are_forgotten():
    lab = ToyNets(net="discontinuity", x=0)
    clock = itertools.count(0, 5)
    history = StateHistory(lab, clock=lambda: next(clock))
    history.begin()
    for step in range(MOST + 20):
        lab.x = (step + 1) / 10
    for _ in range(MOST + 20):
        history.undo()
    assert lab.x == pytest.approx(2.0)
    lab.close()


def test_a_state_that_is_refused_is_said_and_dropped(cam, tmp_path):
    from PIL import Image

    path = tmp_path / "mine.png"
    Image.new("L", (8, 8), 200).save(path)
    cam.image = str(path)
    cam.image = "digit-8"
    path.unlink()
    cam._bar.view.press("undo")
    assert "mine.png" in cam.error
    assert cam.image == "digit-8"
    cam._bar.view.press("undo")
    assert cam.image == "digit-3"


@pytest.mark.parametrize("name", registered_labs())
def test_the_numbers_on_screen_are_a_table(name):
    lab = registered_labs()[name].make_quick()
    rows = lab.numbers()
    assert bool(rows) == lab.has_numbers
    read = list(csv.DictReader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
    assert [row["value"] for row in read] == [str(row["value"]) for row in rows]
    assert all(tuple(row) == COLUMNS for row in rows)
    lab.close()


def test_numbers_are_those_of_the_answer(cam):
    rows = cam.numbers()
    bars = [row["value"] for row in rows if row["series"] in {str(n) for n in range(10)} and "answers" in row["view"]]
    assert bars == pytest.approx(cam.session.predictions.probabilities[0].tolist(), abs=1e-6)


def test_a_label_is_no_formula_of_a_spreadsheet():
    row = dict(zip(COLUMNS, ("=1+1", "@a", 0, "", -2.5), strict=True))
    assert as_csv([row]).decode("utf-8-sig").splitlines()[1] == "'=1+1,'@a,0,,-2.5"


def test_a_table_needs_pandas_and_says_so(cam, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        cam.to_dataframe()


class Sent:
    """Notes what the bar sends to the browser."""

    def __init__(self, lab, monkeypatch):
        self.messages = []
        monkeypatch.setattr(lab._bar.view, "send", lambda content, buffers=(): self.messages.append((content, buffers)))

    def files(self):
        return {content["name"]: bytes(buffers[0]) for content, buffers in self.messages if content["kind"] == "file"}


def test_the_buttons_send_files_and_code(cam, monkeypatch):
    sent = Sent(cam, monkeypatch)
    for action in ("png", "svg", "numbers", "code"):
        cam._bar.view._on_message(None, {"action": action}, [])
    files = sent.files()
    assert files["CamLab.png"].startswith(b"\x89PNG")
    assert b"<svg" in files["CamLab.svg"][:2000]
    assert files["CamLab.csv"].startswith(b"\xef\xbb\xbfview,series,x,y,value")
    assert [content["text"] for content, _ in sent.messages if content["kind"] == "code"] == [cam.code()]


@pytest.mark.parametrize("message", [None, 3, {}, {"action": "rm"}, {"action": ["undo"]}, "undo"])
def test_words_that_are_no_action_do_nothing(cam, monkeypatch, message):
    sent = Sent(cam, monkeypatch)
    cam._bar.view._on_message(None, message, [])
    assert sent.messages == []


def test_a_pinned_view_stays_until_it_is_taken_away_and_can_be_gone_back_to(cam):
    bar = cam._bar
    assert bar.pinned_view.layout.display == "none"
    cam.layer = "conv2"
    bar.view.press("pin")
    assert bar.view.pinned
    still, back = bar.pinned_view.children
    shown = still.value
    assert "data:image/png;base64," in shown
    cam.layer = "conv4"
    assert still.value == shown
    back.click()
    assert cam.layer == "conv2"
    cam.undo()
    assert cam.layer == "conv4"
    bar.view.press("pin")
    assert bar.pinned_view.layout.display == "none"
    bar.view.press("pin")
    assert still.value != shown


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", registered_labs())
def test_every_lab_says_what_it_is_for_and_what_to_try(name, language):
    entry = registered_labs()[name]
    purpose, suggestions = entry.purpose(language), entry.suggestions(language)
    assert len({purpose, *suggestions}) == 3
    assert all(one.rstrip()[-1] in ".?" for one in suggestions)


def test_data_that_came_by_name_are_named():
    lab = EmbeddingLab("faces", steps=20)
    assert lab.code().splitlines()[-1] == 'EmbeddingLab("faces", steps=20)'
    lab.close()
