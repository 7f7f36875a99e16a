"""The edition builder: what it makes, what it refuses, and that building again gives the same bytes."""

from __future__ import annotations

import base64
import json
import logging
import re
import subprocess
import sys
from pathlib import Path  # noqa: TC003  (a fixture's type is read at run time)

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.nbgraderformat import ValidationError
from nbgrader.preprocessors import CheckCellMetadata
from nbgrader.utils import determine_grade
from PIL import Image

from xai_widgets.course.__main__ import main
from xai_widgets.course.authoring import build as editions
from xai_widgets.course.authoring import execution
from xai_widgets.course.authoring.checkout import Layout
from xai_widgets.course.authoring.covers import SIZE
from xai_widgets.course.authoring.edition_notebooks import Builder, write
from xai_widgets.course.authoring.execution import environment
from xai_widgets.course.authoring.handing_out import export
from xai_widgets.course.authoring.notebook_checks import notebook_faults
from xai_widgets.course.authoring.source import SourceError, read_source
from xai_widgets.course.authoring.source_checks import source_faults
from xai_widgets.course.exercises import exercise_registry
from xai_widgets.i18n import catalogue, set_language

HEADER = """\
# ---
# jupyter:
#   course:
#     title:
#       fr: "L'essai"
#       en: "The trial"
#     minutes: 5
#     before: []
#     part: begin
#     level: 1
#     slides:
#       fr: "Essai"
#       en: "Trial"
# ---

"""
TWINS = """\
# %% [markdown] tags=["fr"]
# ## L'idée
#
# Est-ce clair ?

# %% [markdown] tags=["en"]
# ## The idea
#
# Is it clear?

"""
EXERCISE = """\
# %%
import numpy as np


# %% exercise="00.margin"
def margin(probabilities):
    ### BEGIN SOLUTION
    # fr: Trier d'abord.
    # en: Sort first.
    ranked = np.sort(probabilities, axis=1)
    return ranked[:, -1] - ranked[:, -2]
    ### END SOLUTION


# %% check="00.margin" points=2
from xai_widgets.course import exercise

exercise("00.margin").check(margin)
"""
GOOD = HEADER + TWINS + EXERCISE
LIGHT = HEADER + TWINS + "# %%\n1 + 1\n"  # its kernel imports no network


@pytest.fixture(autouse=True)
def _english():
    set_language("en")


def course(folder: Path, **sources: str) -> Layout:
    """Make a small checkout."""
    (folder / "notebooks" / "source").mkdir(parents=True)
    (folder / "xai_widgets" / "course" / "exercises").mkdir(parents=True)
    project = '[project]\nname = "xai_widgets"\n[project.urls]\nRepository = "https://github.com/someone/thing"\n'
    (folder / "pyproject.toml").write_text(project)
    for slug, text in sources.items():
        (folder / "notebooks" / "source" / f"{slug[1:]}.py").write_text(text, encoding="utf-8")
    return Layout(folder)


@pytest.fixture
def small(tmp_path):
    return course(tmp_path, _01_trial=GOOD, _02_next=(HEADER + TWINS).replace("[]", "[01_trial]"))


@pytest.fixture
def built(small):
    assert editions.build(small, students_only=True) == []
    return small


def files(layout):
    return sorted(path for path in layout.root.rglob("*") if "__pycache__" not in path.parts)


def notebook(layout, slug, language, kind="student"):
    return nbformat.read(layout.notebook(slug, language, kind), as_version=4)


def prose(nb):
    return "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")


def test_student_notebooks_speak_one_language(built):
    assert "The idea" in prose(notebook(built, "01_trial", "en"))
    assert "idée" not in prose(notebook(built, "01_trial", "en"))
    assert "The idea" not in prose(notebook(built, "01_trial", "fr"))


def test_french_is_typeset(built):
    assert "L’idée" in prose(notebook(built, "01_trial", "fr"))
    assert "Est-ce clair\u202f?" in prose(notebook(built, "01_trial", "fr"))
    assert notebook(built, "01_trial", "fr").cells[0].source.startswith("# L’essai")


def test_the_solution_gives_place_to_a_stub_that_runs(built):
    code = next(c for c in notebook(built, "01_trial", "fr").cells if "def margin" in c.source).source
    assert "np.sort" not in code
    assert "SOLUTION" not in code
    assert code.endswith("    # Votre code ici\n    pass")
    scope: dict = {}
    exec(code, scope)  # noqa: S102
    assert scope["margin"](None) is None


def test_nbgrader_accepts_its_marks(built):
    for language in ("fr", "en"):
        made = Builder.of(built).assignment(read_source(built.sources()[0]), language)
        CheckCellMetadata().preprocess(made, {})
        marks = {c.metadata.nbgrader.grade_id: c.metadata.nbgrader for c in made.cells if "nbgrader" in c.metadata}
        assert set(marks) == {"answer-00-margin", "check-00-margin"}
        assert marks["check-00-margin"].points == 2
        assert marks["check-00-margin"].schema_version == 3
        assert (marks["answer-00-margin"].solution, marks["answer-00-margin"].grade) == (True, False)
        assert (marks["check-00-margin"].grade, marks["check-00-margin"].locked) == (True, True)


def test_nbgrader_would_refuse_a_name_given_twice(built):
    made = Builder.of(built).assignment(read_source(built.sources()[0]), "en")
    made.cells += [cell for cell in made.cells if "nbgrader" in cell.metadata]
    with pytest.raises(ValidationError):
        CheckCellMetadata().preprocess(made, {})


def test_an_export_for_nbgrader_keeps_solutions_and_hidden_tests(built, tmp_path):
    assert export(built, tmp_path / "grading", "fr") == []
    text = (tmp_path / "grading" / "source" / "01_trial" / "01_trial.ipynb").read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" in text
    assert "BEGIN HIDDEN TESTS" in text
    assert not (tmp_path / "grading" / "source" / "02_next").exists()


def test_the_header_links_without_pictures(built):
    head = notebook(built, "01_trial", "en").cells[0].source
    path = "notebooks/en/01_trial.ipynb"
    assert f"https://colab.research.google.com/github/someone/thing/blob/HEAD/{path}" in head
    assert "https://mybinder.org/v2/gh/someone/thing/HEAD?urlpath=lab%2Ftree%2Fnotebooks%2Fen%2F01_trial.ipynb" in head
    assert "![" not in head
    assert "5 minutes" in head
    assert "[The trial](02_next.ipynb) →" in head
    assert "[The trial](01_trial.ipynb)" in notebook(built, "02_next", "en").cells[0].source
    assert "(../fr/01_trial.ipynb)" in head


def test_the_setup_cell_does_nothing_but_speak_outside_colab(built):
    setup = notebook(built, "01_trial", "fr").cells[1]
    assert setup.source.endswith('set_language("fr")')
    assert "enable_custom_widget_manager" in setup.source
    assert 'git+https://github.com/someone/thing"' in setup.source


def test_building_again_gives_the_same_bytes(built):
    paths = [built.notebook(s, code, "student") for s in ("01_trial", "02_next") for code in ("fr", "en")]
    before = [path.read_bytes() for path in (*paths, built.solutions())]
    assert editions.build(built, students_only=True) == []
    assert [path.read_bytes() for path in (*paths, built.solutions())] == before


def test_a_new_cell_renames_no_other(built):
    before = {cell.id: cell.source for cell in notebook(built, "01_trial", "en").cells}
    source = built.sources()[0]
    source.write_text(GOOD.replace(EXERCISE, "# %%\n1 + 1\n\n" + EXERCISE), encoding="utf-8")
    editions.build(built, students_only=True)
    after = {cell.id: cell.source for cell in notebook(built, "01_trial", "en").cells}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1


def test_twins_have_one_name_in_both_languages(built):
    fr, en = (notebook(built, "01_trial", code) for code in ("fr", "en"))
    assert [cell.id for cell in fr.cells] == [cell.id for cell in en.cells]


def test_the_solutions_of_the_package_come_from_the_notebooks(built):
    kept = json.loads(built.solutions().read_text(encoding="utf-8"))
    assert set(kept) == {"00.margin"}
    assert "ranked" not in built.solutions().read_text(encoding="utf-8")  # a search does not show it
    code = base64.b64decode(kept["00.margin"]).decode()
    assert "ranked[:, -1] - ranked[:, -2]" in code
    assert "SOLUTION" not in code


FAULTS = [
    ("missing English twin", TWINS[: TWINS.index('# %% [markdown] tags=["en"]')], "no English twin"),
    ("missing French twin", '# %% [markdown] tags=["en"]\n# Alone\n\n', "no French twin"),
    ("untagged cell", "# %% [markdown]\n# Whose?\n\n", 'tags=["fr"]'),
    ("other headings", TWINS.replace("## The idea", "### The idea"), "headings are not those"),
    ("raw cell", "# %% [raw]\n# raw\n\n", "raw cell has no place"),
    ("comment in one language", TWINS + "# %%\n# fr: seul\nx = 1\n\n", "same places"),
    ("code in one language", '# %% tags=["fr"]\nx = 1\n\n', "shared by all"),
    ("straight quotes", TWINS.replace("Est-ce clair ?", 'Est-ce "clair" ?'), "not straight quotes"),
    ("solution unmarked", "# %%\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n\n", 'marked exercise="NN.name"'),
    ("hidden test unmarked", "# %%\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\n\n", 'marked check="NN.name"'),
    ("unknown exercise", EXERCISE.replace("00.margin", "00.margins"), "no class is registered"),
    ("no check", EXERCISE[: EXERCISE.index("# %% check")], 'no cell marked check="00.margin"'),
    ("check of another", EXERCISE.replace('exercise("00.margin").check', 'exercise("00.max").check'), "does not say"),
    ("empty solution", re.sub(r"    # fr.*-2\]", "    pass", EXERCISE, flags=re.DOTALL), "no solution between"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "said"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_planted_fault_is_found_and_nothing_is_written(tmp_path, cells, said):
    layout = course(tmp_path, _01_trial=HEADER + cells)
    faults = editions.build(layout, students_only=True)
    assert any(said in str(fault) for fault in faults), faults
    assert not layout.notebook("01_trial", "fr", "student").exists()


def test_a_good_source_has_no_fault(small):
    assert source_faults([read_source(path) for path in small.sources()]) == []


def test_an_exercise_without_its_texts_is_found(small, monkeypatch):
    monkeypatch.setattr("xai_widgets.course.authoring.source_checks.missing_texts", lambda name: [f"fr: {name}.hint.1"])
    assert any("catalogue lacks fr: 00.margin.hint.1" in str(f) for f in editions.build(small, students_only=True))


def test_a_prerequisite_that_does_not_exist_is_found(tmp_path):
    layout = course(tmp_path, _01_trial=GOOD.replace("before: []", "before: [00_nowhere]"))
    assert any("'00_nowhere'" in str(fault) for fault in editions.build(layout, students_only=True))


@pytest.mark.parametrize(
    "line", ["minutes: 5", 'en: "The trial"', "before: []", "level: 1", "part: begin", 'en: "Trial"']
)
def test_a_header_that_lacks_something_is_refused(tmp_path, line):
    layout = course(tmp_path, _01_trial=GOOD.replace(line, "other: 1"))
    with pytest.raises(SourceError, match=line.split(":")[0]):
        Builder.of(layout)


# --- what is on disk


def planted(layout, change):
    """Change the built French student notebook and return what the check says."""
    path = layout.notebook("01_trial", "fr", "student")
    nb = nbformat.read(path, as_version=4)
    change(nb)
    write(nb, path)
    return [str(fault) for fault in editions.check(layout, students_only=True) if "solutions/" not in str(fault)]


def set_source(text):
    def change(nb):
        nb.cells[2].source = text

    return change


def add_output(text):
    def change(nb):
        nb.cells[1].outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]

    return change


DAMAGE = [
    ("widget state", lambda nb: nb.metadata.update(widgets={"state": {}}), "state of widgets"),
    ("no kernel", lambda nb: nb.metadata.pop("kernelspec"), "no kernelspec"),
    ("edited by hand", set_source("Autre chose."), "is not as in the source"),
    ("a cell lost", lambda nb: nb.cells.pop(), "cells are not those of the source"),
    ("outputs left", add_output("hello"), "has no outputs"),
    ("a place of one machine", set_source("Voir /ho" + "me/ana/data."), "place of one machine: /ho" + "me/ana"),
    ("a place in an output", add_output("saved in C:\\Users\\ana"), "place of one machine"),
    ("a dead link", set_source("[ici](09_nowhere.ipynb)"), "09_nowhere.ipynb, which does not exist"),
    ("no alternative text", set_source("![](picture.png)"), "no alternative text"),
    ("no alternative text in HTML", set_source('<img src="picture.png">'), "no alternative text"),
    ("typography undone", set_source("Pourquoi ?"), "typography was not applied"),
    ("a heading jumps", set_source("#### Trop bas"), "more than one level"),
    ("a second title", set_source("# Encore"), "2 titles"),
    ("a solution left", set_source("`### BEGIN SOLUTION`"), "marks of solutions"),
]


@pytest.mark.parametrize(("change", "said"), [damage[1:] for damage in DAMAGE], ids=[damage[0] for damage in DAMAGE])
def test_damage_on_disk_is_found(built, change, said):
    faults = planted(built, change)
    assert any(said in fault for fault in faults), faults


@pytest.mark.filterwarnings("ignore::nbformat.validator.DuplicateCellId")
def test_two_cells_of_one_name_are_found(built):
    path = built.notebook("01_trial", "fr", "student")
    nb = notebook(built, "01_trial", "fr")
    nb.cells[2].id = nb.cells[3].id
    assert any("two cells are called" in str(f) for f in notebook_faults(nb, path, "fr", solved=False))


def test_an_undamaged_course_has_only_its_solved_notebooks_missing(built):
    faults = [str(fault) for fault in editions.check(built, students_only=True)]
    assert len(faults) == 4
    assert all("solutions/" in fault and "is missing" in fault for fault in faults)


def test_a_notebook_from_no_source_is_found(built):
    write(notebook(built, "01_trial", "fr"), built.notebook("07_left_over", "fr", "student"))
    assert any("comes from no source" in str(fault) for fault in editions.check(built, students_only=True))


def test_stale_solutions_are_found(built):
    built.solutions().write_text("{}")
    assert any("solution cells" in str(fault) for fault in editions.check(built, students_only=True))


def solved_notebook(*outputs, source="1"):
    cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=list(outputs), id="one")
    cell.metadata["nbgrader"] = {"grade": True}
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# Title", id="title"), cell],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )


def shown(text, **data):
    return nbformat.v4.new_output("execute_result", data={"text/plain": text, **data}, execution_count=1)


RIGHT = "Verdict('00.margin', 'right')"


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (shown("Verdict('00.margin', 'wrong', 'sign')"), "does not pass its own check"),
        (shown(RIGHT, **{"application/vnd.jupyter.widget-view+json": {"model_id": "a"}}), "view of a widget"),
        (shown("<thing object at 0x7f3a5c1b2d30>"), "an address in memory"),
        (nbformat.v4.new_output("stream", name="stderr", text="Warning: old"), "wrote a warning"),
        (nbformat.v4.new_output("error", ename="ValueError", evalue="bad", traceback=[]), "raised ValueError: bad"),
    ],
)
def test_a_bad_output_is_found(output, said, tmp_path):
    faults = notebook_faults(solved_notebook(output), tmp_path / "a.ipynb", "en", solved=True)
    assert any(said in str(fault) for fault in faults), faults


def test_good_outputs_have_no_fault(tmp_path):
    assert notebook_faults(solved_notebook(shown(RIGHT)), tmp_path / "a.ipynb", "en", solved=True) == []


def test_where_one_file_cannot_be_written_none_is(built):
    before = {path: path.read_bytes() for path in files(built) if path.is_file()}
    built.notebook("index", "fr", "student").unlink()
    built.notebook("index", "fr", "student").mkdir()  # in the way
    built.sources()[0].write_text(GOOD.replace("## The idea", "## An idea"), encoding="utf-8")
    with pytest.raises(OSError, match=r"index\.ipynb"):
        editions.build(built, students_only=True)
    kept = {path: path.read_bytes() for path in files(built) if path.is_file()}
    changed = {built.sources()[0], built.notebook("index", "fr", "student")}
    assert {path for path in before | kept if before.get(path) != kept.get(path)} == changed


# --- the command


def test_the_command_builds_and_checks(small, capsys):
    assert main(["build", "--students-only", "--root", str(small.root)]) == 0
    assert "no faults" in capsys.readouterr().out
    assert main(["check", "--students-only", "--root", str(small.root)]) == 1
    assert "is missing" in capsys.readouterr().err


def test_what_is_handed_out_holds_no_solution(small, tmp_path):
    handed, picture = tmp_path / "handed", small.picture("01_trial", "fr")
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"a picture")
    assert main(["build", "--students-only", "--to", str(handed), "--root", str(small.root)]) == 0
    written = {path.relative_to(handed).as_posix() for path in handed.rglob("*") if path.is_file()}
    names = {f"{code}/{name}.ipynb" for code in ("fr", "en") for name in ("01_trial", "02_next", "index", "glossary")}
    assert written == names | {"fr/images/01_trial.png", "requirements.txt"}
    text = "".join((handed / name).read_text(encoding="utf-8") for name in names)
    assert "def margin" in text
    assert not any(word in text for word in ("ranked", "SOLUTION", "HIDDEN", "notebooks/solutions"))
    assert not small.notebook("01_trial", "fr", "student").exists()  # the checkout stays as it is
    assert not small.solutions().exists()


@pytest.mark.parametrize("others", [[], ["--students-only", "--only", "01_trial"], ["--students-only", "--text-only"]])
def test_a_folder_to_hand_out_holds_the_students_course_and_all_of_it(small, tmp_path, others):
    with pytest.raises(SystemExit):
        main(["build", *others, "--to", str(tmp_path / "handed"), "--root", str(small.root)])
    assert not (tmp_path / "handed").exists()


def test_the_map_tells_of_solved_notebooks_where_they_are(built):
    assert "notebooks/solutions" in prose(notebook(built, "index", "en"))


def test_the_command_refuses_an_unknown_notebook(small, capsys):
    assert main(["build", "--only", "02_nest", "--root", str(small.root)]) == 1
    told = capsys.readouterr()
    assert "no notebook '02_nest'" in told.err
    assert "02_next" in told.err
    assert "nothing was written" in told.out


def test_a_folder_outside_a_checkout_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="notebooks/source"):
        Layout.find(tmp_path)


@pytest.mark.notebook
def test_solved_notebooks_are_run_in_both_languages_and_checked_again(tmp_path):
    layout = course(tmp_path, _01_trial=GOOD)
    assert editions.build(layout) == []
    solved = notebook(layout, "01_trial", "fr", "solved")
    check = next(cell for cell in solved.cells if "check(margin)" in cell.source)
    assert "C’est juste" in check.outputs[0].data["text/html"]
    assert "HIDDEN" not in check.source
    before = layout.notebook("01_trial", "fr", "solved").read_bytes()
    check.outputs[0].data["text/plain"] = RIGHT + "  "
    write(solved, layout.notebook("01_trial", "fr", "solved"))
    (fault,) = editions.check(layout)  # the English one gives its outputs again
    assert fault.where == "solutions/fr/01_trial"
    assert "another run gives something else" in str(fault)
    assert editions.build(layout) == []
    assert layout.notebook("01_trial", "fr", "solved").read_bytes() == before


@pytest.mark.notebook
def test_a_solution_that_raises_is_not_written(tmp_path):
    layout = course(tmp_path, _01_trial=GOOD.replace("np.sort", "np.sorted"))
    before = files(layout)
    faults = [str(fault) for fault in editions.build(layout)]
    assert any("01_trial, cell 5 (in" in fault and "does not pass its own check" in fault for fault in faults), faults
    assert files(layout) == before
    layout = course(tmp_path / "again", _01_trial=LIGHT + "\n# %%\n1 / 0\n")
    before = files(layout)
    faults = [str(fault) for fault in editions.build(layout)]
    assert any("01_trial, cell 4 (in" in fault and "raised ZeroDivisionError" in fault for fault in faults), faults
    assert files(layout) == before


@pytest.mark.notebook
def test_what_did_not_change_is_not_run_again_and_what_did_is(tmp_path, monkeypatch):
    layout = course(tmp_path, _01_trial=LIGHT)
    told: list[str] = []
    assert editions.build(layout, tell=told.append) == []
    assert any(re.fullmatch(r"2/2 01_trial fr: \d+ s", line) for line in told), told
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    run, ran = execution.run, []
    monkeypatch.setattr(execution, "run", lambda *given: ran.append(given[2]) or run(*given))
    told.clear()
    assert editions.build(layout, tell=told.append) == []
    assert (ran, told[-1]) == ([], "0 files changed")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before
    layout.sources()[0].write_text(LIGHT.replace("## The idea", "## An idea"), encoding="utf-8")
    assert editions.build(layout) == []  # text alone
    assert ran == []
    assert "An idea" in prose(notebook(layout, "01_trial", "en", "solved"))
    (tmp_path / "notebooks" / "lesson").mkdir()
    (tmp_path / "notebooks" / "lesson" / "data.csv").write_text("1")  # what a notebook may read
    assert editions.build(layout) == []
    assert ran == ["en", "fr"]
    assert editions.build(layout, rerun=True) == []
    assert ran == ["en", "fr"] * 2


def graded(made):
    """Run a notebook as nbgrader does, errors kept, and return the points of each check."""
    NotebookClient(made, kernel_name="python3", allow_errors=True, timeout=120).execute()
    log = logging.getLogger("nbgrader")
    checks = [cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    return {cell.metadata.nbgrader.grade_id: determine_grade(cell, log) for cell in checks}


@pytest.mark.notebook
def test_nbgrader_gives_all_points_to_the_solution_and_none_to_the_stub(built):
    builder, source = Builder.of(built), read_source(built.sources()[0])
    assert graded(builder.assignment(source, "fr")) == {"check-00-margin": (2, 2)}
    # nbgrader puts the hidden tests back into what a student hands in.
    handed_in, original = builder.notebook(source, "fr", "student"), builder.assignment(source, "fr")
    for cell, kept in zip(handed_in.cells, original.cells, strict=True):
        if kept.metadata.get("nbgrader", {}).get("grade"):
            cell.source = kept.source
    assert graded(handed_in) == {"check-00-margin": (0, 2)}


# --- the pages around the notebooks


ENTRY = '[[term]]\nen = "unit"\nfr = "unité"\nen_text = "one filter"\nfr_text = "un filtre"\nnotebook = "01_trial"\n'


def test_the_map_of_the_course_shows_every_notebook_and_what_comes_before(built):
    page = prose(notebook(built, "index", "fr"))
    assert "[L’essai](01_trial.ipynb)" in page
    assert "| 5 min | ●○○ | Essai |" in page
    assert "n01 --> n02" in page
    assert page.count("images/01_trial.png") == 1


def test_the_glossary_is_sorted_in_each_language_and_leads_to_the_notebook(small):
    second = ENTRY.replace('"unit"', '"zero"').replace('"unité"', '"écart"')
    small.glossary().write_text(ENTRY + second, encoding="utf-8")
    assert editions.build(small, students_only=True) == []
    french, english = (prose(notebook(small, "glossary", code)) for code in ("fr", "en"))
    assert french.index("**écart** (*zero*)") < french.index("**unité** (*unit*)")
    assert english.index("**unit**") < english.index("**zero**")
    assert "[L’essai](01_trial.ipynb)" in french


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('fr = "unité"\n', "", "entry 1 .unit. lacks fr"),
        ("one filter", " ", "lacks en_text"),
        ("01_trial", "07_other", "no notebook .07_other."),
    ],
)
def test_an_incomplete_term_is_refused(small, old, new, reason):
    small.glossary().write_text(ENTRY.replace(old, new), encoding="utf-8")
    (fault,) = editions.build(small, students_only=True)
    assert re.search(reason, str(fault))
    assert not small.notebook("01_trial", "fr", "student").exists()


@pytest.mark.parametrize(("old", "new"), [("part: begin", "part: middle"), ("level: 1", "level: 4")])
def test_a_part_or_a_level_that_is_none_is_refused(tmp_path, old, new):
    with pytest.raises(SourceError, match="part is one of"):
        Builder.of(course(tmp_path, _01_trial=GOOD.replace(old, new)))


FIGURE = "\n# %%\nfrom PIL import Image\n\nImage.new('RGB', (30, 20), (200, 30, 30))\n"


@pytest.mark.notebook
def test_the_text_alone_may_be_renewed_and_a_figure_stands_for_the_notebook(tmp_path):
    layout = course(tmp_path, _01_trial=LIGHT + FIGURE)
    assert editions.build(layout) == []
    with Image.open(layout.picture("01_trial", "fr")) as cover:
        assert cover.size == SIZE
        assert cover.convert("RGB").getpixel((SIZE[0] // 2, SIZE[1] // 2)) == (200, 30, 30)
    kept = notebook(layout, "01_trial", "fr", "solved")
    source = layout.sources()[0]
    moved = source.read_text("utf-8").replace("from PIL import Image", "import PIL.Image as Image  # elsewhere")
    source.write_text(moved.replace("## L'idée", "## Une idée"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution, "run", None)  # nothing is run
        assert editions.build(layout, text_only=True) == []
    renewed = notebook(layout, "01_trial", "fr", "solved")
    assert "Une idée" in prose(renewed)
    assert any("import PIL.Image" in cell.source for cell in renewed.cells)
    assert [c.get("outputs") for c in renewed.cells] == [c.get("outputs") for c in kept.cells]
    source.write_text(source.read_text("utf-8").replace("(200, 30, 30)", "(20, 30, 30)"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution, "run", None)
        with pytest.raises(TypeError):  # the code has changed: it would be run
            editions.build(layout, text_only=True)


# --- a course of one's own


def test_notebooks_are_left_out_and_reordered(tmp_path):
    third = GOOD.replace("00.margin", "00.strongest_pixel").replace("Is it clear?", "See [the first](01_trial.ipynb).")
    third = third.replace("Est-ce clair ?", "Voir [le premier](01_trial.ipynb).").replace("The trial", "The third")
    layout = course(tmp_path, _01_trial=GOOD, _02_next=(HEADER + TWINS).replace("[]", "[01_trial]"), _03_third=third)
    layout.glossary().write_text(ENTRY, encoding="utf-8")
    assert editions.build(layout, students_only=True) == []
    assert layout.notebook("01_trial", "en", "student").is_file()
    layout.order().write_text('notebooks = ["03_third", "02_next"]\n')
    assert editions.build(layout, students_only=True) == []
    assert not layout.notebook("01_trial", "en", "student").exists()  # what was built of it goes
    assert layout.sources()[0].stem == "01_trial"  # its source stays
    assert prose(notebook(layout, "index", "en")).index("03_third") < prose(notebook(layout, "index", "en")).index(
        "02_"
    )
    assert "01_trial" not in "".join(prose(notebook(layout, name, "en")) for name in ("index", "glossary", "02_next"))
    assert "See the first." in prose(notebook(layout, "03_third", "en"))
    assert "[The trial](02_next.ipynb) →" in notebook(layout, "03_third", "en").cells[0].source
    assert editions.check(layout, students_only=True) == [
        fault for fault in editions.check(layout, students_only=True) if "solutions/" in fault.where
    ]
    layout.order().unlink()
    assert editions.build(layout, students_only=True) == []
    assert layout.notebook("01_trial", "en", "student").is_file()


def test_how_a_cell_is_shown_in_slides_is_kept(tmp_path):
    text = GOOD.replace('# %% [markdown] tags=["fr"]', '# %% [markdown] tags=["fr"] slideshow={"slide_type": "slide"}')
    text += '\n# %% slideshow={"slide_type": "fragment"}\n1 + 1\n'
    layout = course(tmp_path, _01_trial=text)
    assert editions.build(layout, students_only=True) == []
    cells = notebook(layout, "01_trial", "fr").cells
    assert [c.metadata["slideshow"]["slide_type"] for c in cells if "slideshow" in c.metadata] == ["slide", "fragment"]


OWN = """\
from xai_widgets.course.exercises.exercise_registry import register
from xai_widgets.course.exercises.function_exercise import FunctionExercise

@register("77.double")
class Double(FunctionExercise):
    mistakes = {}

    def cases(self, rng):
        return [(rng.normal(size=3),)]

    def reference(self, x):
        return 2 * x
"""
SENTENCES = {"77.double.right": "Twice as much.", "77.double.hint.1": "Add it to itself."}


@pytest.fixture
def own(tmp_path):
    text = EXERCISE.replace("00.margin", "77.double")
    layout = course(tmp_path / "copy", _01_trial=HEADER + TWINS + text)
    layout.own_exercises().mkdir()
    (layout.own_exercises() / "doubles.py").write_text(OWN)
    (layout.own_exercises() / "requirements.txt").write_text("shapely\n")
    for code in ("en", "fr"):
        (layout.own_exercises() / f"course.{code}.json").write_text(json.dumps(SENTENCES))
    yield layout
    for code in ("en", "fr"):
        for key in [key for key in catalogue("course", code) if key.startswith("77.")]:
            catalogue("course", code).pop(key)
    exercise_registry._CLASSES.pop("77.double", None)


def test_exercises_of_ones_own_travel_with_what_is_handed_out(own, tmp_path):
    handed = tmp_path / "handed"
    assert main(["build", "--students-only", "--to", str(handed), "--root", str(own.root)]) == 0
    files_of = {path.name for path in (handed / "exercises").iterdir()}
    assert files_of == {"doubles.py", "requirements.txt", "course.en.json", "course.fr.json"}
    asked = (handed / "requirements.txt").read_text().splitlines()
    assert asked == ["xai_widgets[course,tensorflow] @ git+https://github.com/someone/thing", "shapely"]
    setup = nbformat.read(handed / "en" / "01_trial.ipynb", as_version=4).cells[1].source
    assert setup.endswith('add_exercises("exercises")')
    code = "import xai_widgets.course as c; c.add_exercises('exercises'); "
    code += "print(c.exercise('77.double').check(lambda x: x + x))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=handed / "en",
        capture_output=True,
        text=True,
        check=True,
        env=environment("en"),
    )
    assert said.stdout == "Twice as much.\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("doubles.py", "def (", "SyntaxError"),
        ("doubles.py", OWN.replace("77.double", "00.margin"), "already Margin; choose another name"),
        ("course.en.json", '{"77.double.right": ', "JSONDecodeError"),
        ("course.en.json", '{"lab.x": 1, "00.margin.right": "Well."}', "another text already under 00.margin.right"),
        ("course.fr.json", '{"77.double.right": "Oui."}', "the catalogue lacks fr: 77.double.hint.1"),
    ],
)
def test_what_is_wrong_in_exercises_of_ones_own_is_a_fault(own, capsys, name, text, said):
    (own.own_exercises() / name).write_text(text)
    assert main(["build", "--students-only", "--root", str(own.root)]) == 1
    assert said in capsys.readouterr().err
    assert not own.notebook("01_trial", "en", "student").exists()
