"""What a cell that is run again replaces is closed; what the reader still has, or sees, is not."""

import gc
import threading
import weakref

import ipywidgets as widgets
import pytest
from IPython.core.interactiveshell import InteractiveShell
from ipywidgets.widgets.widget import _instances
from matplotlib.figure import Figure

from xai_widgets.widgets.base.held_objects import reached
from xai_widgets.widgets.base.lab import Lab

MADE = weakref.WeakSet()


class SmallLab(Lab):
    """Shows a figure, and waits where it is asked to."""

    def __init__(self, **options):
        super().__init__(**options)
        self.children = (widgets.Label("a"),)
        MADE.add(self)

    def figure(self):
        return Figure(figsize=(1, 1))

    def begin(self):
        """Compute until it is stopped."""
        self.go = threading.Event()

        def work(job):
            while not self.go.wait(0.01):
                job.check()

        self.compute(work)


@pytest.fixture
def run():
    """A function that runs a cell of a notebook, by its id."""
    shell = InteractiveShell.instance()
    shell.user_ns.update(SmallLab=SmallLab, widgets=widgets, kept=[], display=shell.display_pub and _display(shell))
    before = set(_instances)

    def run_it(cell, code):
        result = shell.run_cell(code, store_history=True, cell_id=cell)
        result.raise_error()

    yield run_it
    for lab in list(MADE):
        lab.close()
    for one in set(_instances) - before:
        _instances[one].close()
    shell.reset()
    InteractiveShell.clear_instance()


def _display(shell):
    """Return what stands for `display`: it formats, and sends nothing."""
    return lambda *shown: [shell.display_formatter.format(one) for one in shown] and None


def living():
    gc.collect()
    return [lab for lab in MADE if not lab._closed]


@pytest.mark.parametrize("code", ["lab = SmallLab()\nlab", "SmallLab()", "lab = SmallLab()\ndisplay(lab)"])
def test_a_cell_that_is_run_again_leaves_one_lab(run, code):
    before, threads = set(_instances), threading.active_count()
    for _ in range(5):
        run("a", code)
        assert len(living()) == 1
        # a lab, its label and three lines, its bar and the place of the pin; layouts and styles
        assert len(set(_instances) - before) == 17
    assert len(MADE) == 1  # those before are freed, with what they computed
    assert threading.active_count() == threads


def test_an_edited_cell_replaces_what_it_made_before(run):
    run("a", "lab = SmallLab()\nlab")
    run("a", "other = 1\nlab = None")
    assert not living()


def test_another_cell_of_the_same_text_is_another_cell(run):
    run("a", "SmallLab()")
    run("b", "SmallLab()")
    assert len(living()) == 2
    run("a", "SmallLab()")
    assert len(living()) == 2


@pytest.mark.parametrize(
    "code",
    [
        "kept.append(SmallLab())\nkept[-1]",
        "def make():\n    lab = SmallLab()\n    return lambda: lab\nkept.append(make())\ndisplay(kept[-1]())",
        "lab = SmallLab()\nkept.append(lab.children[0])\nlab",  # a part of it, which would be closed with it
        "class Holder: pass\nHolder.lab = SmallLab()\nkept.append(Holder)\nHolder.lab",
        "kept.append(SmallLab().close)",
        "def generate():\n    lab = SmallLab()\n    yield lab\n    yield lab\nkept.append(generate())\nnext(kept[-1])",
    ],
)
def test_what_the_reader_has_kept_stays(run, code):
    for count in (1, 2, 3):
        run("a", code)
        assert len(living()) == count
    run("b", "kept.clear()")
    run("a", "Holder = generate = make = lab = None")
    assert not living()


def test_what_another_cell_shows_stays_until_that_cell_is_run_again(run):
    run("a", "lab = SmallLab()")
    run("b", "lab")
    (first,) = living()
    run("a", "lab = SmallLab()")
    assert first in living()
    run("b", "lab")
    assert first not in living()
    assert len(living()) == 1


def test_what_is_not_shown_yet_stays(run):
    run("a", "lab = SmallLab()")
    run("b", "1 + 1")
    run("c", "lab")
    assert len(living()) == 1


def test_a_lab_in_a_box_or_in_a_caught_output_stays(run):
    run("a", "box = widgets.HBox([SmallLab()])\nbox")
    run("a", "box = widgets.HBox([SmallLab()])\nbox")
    assert len(living()) == 2
    run("b", "lab = SmallLab()\nout = widgets.Output()\ndisplay(lab)")
    run("c", "out.outputs = ({'data': {'application/vnd.jupyter.widget-view+json': {'model_id': lab.model_id}}},)")
    run("b", "lab = 1")
    assert len(living()) == 3


def test_a_lab_that_computes_is_stopped_and_its_thread_ends(run):
    run("a", "lab = SmallLab()\nlab.begin()\nlab")
    (thread,) = [one for one in threading.enumerate() if one.name.startswith("xai-lab")]
    run("a", "lab = 1")
    assert not living()
    thread.join(30)
    assert not thread.is_alive()


def test_a_cell_that_fails_before_it_has_another_lab_keeps_the_first(run):
    run("a", "lab = SmallLab()\nlab")
    with pytest.raises(ZeroDivisionError):
        run("a", "1 / 0\nlab = SmallLab()\nlab")
    assert len(living()) == 1


def test_a_name_for_the_registry_of_all_widgets_is_no_name_of_each(run):
    run("a", "lab = SmallLab()\nlab")
    run(
        "b",
        "from ipywidgets.widgets.widget import _instances\nfrom comm import get_comm_manager\nm = get_comm_manager()",
    )
    run("a", "lab = SmallLab()\nlab")
    assert len(living()) == 1


def test_where_cells_have_no_id_nothing_is_closed(run):
    for _ in range(3):
        run(None, "lab = SmallLab()\nlab")
    assert len(living()) == 3


def test_what_a_callback_shows_belongs_to_no_cell(run):
    run("a", "lab = SmallLab()")
    (lab,) = living()
    lab._repr_mimebundle_()  # between two cells, as the callback of a button does
    run("a", "lab = 1")
    assert not lab._closed


def test_history_forgets_what_was_closed_and_nothing_else(run):
    run("a", "lab = SmallLab()\nlab")
    run("b", "7")
    run("a", "lab = SmallLab()\nlab")
    outputs = InteractiveShell.instance().user_ns["Out"]
    assert 7 in outputs.values()
    assert [one for one in outputs.values() if one != 7] == living()
    names = InteractiveShell.instance().user_ns
    assert names["_"] is living()[0]  # IPython goes on naming outputs
    assert names["_2"] == 7
    assert "_1" not in names


def test_objects_are_searched_as_deep_as_they_go_but_not_beyond_a_bound(monkeypatch):
    nested = sought = object()
    for _ in range(5000):
        nested = [nested]
    assert reached([nested], [sought]) == [sought]
    assert reached([[1], "a", {2: 3}], [sought]) == []
    monkeypatch.setattr("xai_widgets.widgets.base.held_objects._MOST", 10)
    assert reached([[[n] for n in range(100)]], [sought]) == [sought]  # unknown: nothing is closed
