"""The notebooks run: students' to the end as they are, solved ones to the very texts that are committed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbconvert.filters import strip_ansi

from tests.notebooks import one_kernel, two_languages
from xai_widgets.course.authoring import build as editions
from xai_widgets.course.authoring import execution
from xai_widgets.course.authoring.cell_sentences import with_sentences
from xai_widgets.course.authoring.checkout import Layout
from xai_widgets.course.authoring.edition_notebooks import write
from xai_widgets.i18n import LANGUAGES, catalogue, message

LAYOUT = Layout.find(Path(__file__).parent)
SLUGS = [path.stem for path in LAYOUT.sources()]
pytestmark = pytest.mark.notebook


def test_what_is_committed_is_what_the_build_makes():
    faults = [str(fault) for fault in editions.check(LAYOUT, students_only=True)]
    assert faults == []


def read(slug, language, kind):
    return nbformat.read(LAYOUT.notebook(slug, language, kind), as_version=4)


@pytest.mark.timeout(1800)  # two editions on a machine that does much else
@pytest.mark.parametrize("slug", SLUGS)
def test_solved_notebooks_give_their_outputs_again_and_students_say_what_is_to_do(slug, tmp_path):
    """In English, and in French too where another number is recorded there: of two texts, say."""
    french, english = (read(slug, language, "solved") for language in ("fr", "en"))
    editions = [english] if two_languages.same_numbers(french, english) else [french, english]
    student = read(slug, "en", "student")
    assert any(map(one_kernel.is_check, student.cells))
    notebook = one_kernel.together(
        *one_kernel.solved_one_after_the_other(*editions),
        *one_kernel.unsolved(student, english, "Still to do"),
    )
    path = tmp_path / f"{slug}.ipynb"
    write(notebook, path)
    result = execution.validate([path], "en")
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]


@pytest.mark.parametrize("slug", SLUGS)
def test_french_outputs_say_what_the_english_ones_do(slug):
    """So that a sentence that changed in the catalogue is missed in both."""
    french, english = (read(slug, language, "solved") for language in ("fr", "en"))
    assert list(two_languages.untranslated(french, english)) == []


@pytest.mark.parametrize("kind", ["student", "solved"])
@pytest.mark.parametrize("slug", SLUGS)
def test_notebooks_are_the_same_code_in_both_languages(slug, kind):
    """So that a French student's, run in JupyterLab from end to end, and an English solved one stand for the others."""
    french, english = (one_kernel.code_cells(read(slug, language, kind)) for language in ("fr", "en"))
    assert list(map(without_words, french)) == list(map(without_words, english))


def without_words(cell):
    """Return the code of a cell as a tree in which all texts are the same."""
    code = TransformerManager().transform_cell(cell.source)
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = "a text"
    return ast.dump(tree)


@pytest.mark.parametrize("kind", ["student", "solved"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_cells_hold_sentences_and_no_keys(slug, language, kind):
    """So that a reader can learn from the code."""
    for cell in one_kernel.code_cells(read(slug, language, kind)):
        assert with_sentences(cell.source, language) == cell.source
        quoted = re.findall(r'"(\w+\.[\w.]+)"', cell.source)
        assert [one for one in quoted if one in catalogue("course", language)] == []


PERCENT = (
    "conv1: 37% of values are 0, {dead} of 1,100 maps are silent",
    "conv1\xa0: 37\u202f% nulles, {dead} sur 1\u202f100",
)


def showing(text, **options):
    """A notebook that has recorded a text beside a picture."""
    html = f'<p style="margin:0.4em">{text}</p><img src="data:image/png;base64,{text}7">'
    output = nbformat.v4.new_output("display_data", {"text/html": html})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("f()", outputs=[output], **options)])


@pytest.mark.parametrize(("french", "same"), [("3", True), ("2", False), ("4", False), ("3 4", False)])
def test_editions_with_other_numbers_are_told(french, same):
    editions = showing(PERCENT[1].format(dead=french)), showing(PERCENT[0].format(dead="3"))
    assert two_languages.same_numbers(*editions) is same


def test_numbers_are_read_as_each_language_writes_them():
    (cell,) = showing("0,125 et 12\u202f345,5").cells
    assert two_languages.numbers(cell, "fr") == {"0.125": 1, "12345.5": 1}
    (cell,) = showing("0.125 and 12,345.5").cells
    assert two_languages.numbers(cell, "en") == {"0.125": 1, "12345.5": 1}


def test_an_output_that_the_other_edition_lacks_or_shows_otherwise_is_told():
    stream = nbformat.v4.new_output("stream", text="3")
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("f()", outputs=[stream])])
    assert not two_languages.same_numbers(showing("3"), other)
    assert two_languages.same_numbers(showing("3"), showing("3"))


def test_outputs_that_differ_from_run_to_run_are_not_compared():
    ignored = {"metadata": {"tags": ["nbval-ignore-output"]}}
    assert two_languages.same_numbers(showing("3", **ignored), showing("4", **ignored))


def test_a_sentence_that_is_not_what_the_catalogue_says_is_told():
    name = "lab.static"
    english, french = (message(name, code) for code in ("en", "fr"))
    assert list(two_languages.untranslated(showing(french), showing(english))) == []
    assert list(two_languages.untranslated(showing("autrefois"), showing(english))) == [name]
    assert list(two_languages.untranslated(showing(french), showing("once"))) == []


def small(path, *sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


FAILING_LAB = """
from xai_widgets.widgets.base.lab import Lab

class Broken(Lab):
    def figure(self):
        from matplotlib.figure import Figure
        return Figure(figsize=(1, 1))

def fails(job):
    raise ArithmeticError("planted")

lab = Broken()
lab.compute(fails)
"""


def test_a_lab_that_fails_fails_its_notebook(tmp_path):
    result = execution.validate([small(tmp_path / "broken.ipynb", FAILING_LAB)], "en")
    assert result.returncode == 1
    assert "planted" in result.stdout


def test_the_same_lab_without_its_fault_passes(tmp_path):
    mended = FAILING_LAB.replace('raise ArithmeticError("planted")', "return None")
    result = execution.validate([small(tmp_path / "mended.ipynb", mended)], "en")
    assert result.returncode == 0, result.stdout


def code(*sources, graded=False):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    if graded:
        cells[-1].metadata["nbgrader"] = {"grade": True}
    return nbformat.v4.new_notebook(cells=cells)


def run_together(path, *cells):
    write(one_kernel.together(*cells), path)
    result = execution.validate([path], "en")
    return result.returncode, strip_ansi(result.stdout)


def test_the_second_edition_knows_nothing_of_the_first_and_the_kernel_is_measured(tmp_path):
    cells = one_kernel.solved_one_after_the_other(code("name = 1"), code("print(name)"))
    _, report = run_together(tmp_path / "both.ipynb", *cells)
    assert "NameError: name 'name' is not defined" in report
    assert re.search(r"AssertionError: the kernel has taken 0\.\d\d GB", report)  # too little: it has no network
    assert "2 failed" in report


@pytest.mark.parametrize(("answer", "status"), [("answer = None", 0), ("answer = 2", 1)])
def test_an_answer_that_is_not_open_fails(tmp_path, answer, status):
    verdict = "from xai_widgets.course.exercises.verdict import Verdict"
    check = f"{verdict}\nVerdict('00.margin', 'to_do' if answer is None else 'right')"
    solved, student = code("answer = 1", "1 / 0", check, graded=True), code(answer, "1 / 0", check, graded=True)
    found, report = run_together(tmp_path / "open.ipynb", *one_kernel.unsolved(student, solved, "Still to do"))
    assert found == status, report
    assert "ZeroDivisionError" not in report  # only what the student changes is run


def test_an_output_that_changed_fails(tmp_path):
    path = small(tmp_path / "changed.ipynb", "print(1 + 1)")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].execution_count = 1
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text="3\n")]
    write(notebook, path)
    assert execution.validate([path], "en").returncode == 1
    assert execution.validate([path], "en", compare=False).returncode == 0
