"""From the sources to a grade by nbgrader: export, generate, release, collect, autograde."""

import os
import sysconfig
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from xai_widgets.course.__main__ import main
from xai_widgets.course.authoring.execution import environment

pytestmark = [pytest.mark.notebook, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "00_start"
STAMP = "2026-01-05 09:00:00 UTC"
RIGHT = {
    "answer-00-margin": "def margin(p):\n    best = np.partition(p, -2, axis=1)\n    return best[:, -1] - best[:, -2]",
    "answer-00-strongest-pixel": "def strongest_pixel(v):\n    return divmod(abs(v).argmax(), v.shape[1])",
}
# The best probability alone, and a check that was bent so as to say that all is well.
WRONG = RIGHT | {
    "answer-00-margin": "def margin(p):\n    return p.max(axis=1)",
    "check-00-margin": "class verdict:\n    passed = True",
}
# What gives marks to a wrong answer where a check runs beside it.
FORGED = {
    "checks": "from xai_widgets.course.exercises.exercise import Exercise\n"
    "from xai_widgets.course.exercises.verdict import Verdict\n"
    "Exercise.check = lambda self, answer, seed=None: Verdict(self.name, 'right')\n"
    "Exercise.passed, Exercise.points = True, lambda self, most: float(most)\n"
    "Verdict.passed = True\n"
    "np.allclose = lambda *given, **options: True\nnp.abs = lambda x: x * 0",
    "shown": "import IPython\nIPython.get_ipython().display_formatter.format = "
    "lambda *given, **options: ({'text/plain': '1.0'}, {})",
}
CALLED = {
    "reference": "def margin(p):\n    return exercise('00.margin').reference(p)",
    "solutions": "from xai_widgets.course.exercises.exercise import solutions\nexec(solutions()['00.margin'])",
    "frame": "import sys\n\n\ndef margin(p):\n    frame = sys._getframe()\n"
    "    while frame and 'expected' not in frame.f_locals and not hasattr(frame.f_locals.get('self'), 'reference'):\n"
    "        frame = frame.f_back\n    return frame.f_locals['self'].reference(p)",
    "ends": "import os\n\n\ndef margin(p):\n    os._exit(0)",
}
STUDENTS = {
    "ada": RIGHT,
    "bob": WRONG,
    **{f"forged-{name}": WRONG | {"answer-00-margin": f"{WRONG['answer-00-margin']}\n\n\n{code}"}
       for name, code in FORGED.items()},
    **{f"called-{name}": RIGHT | {"answer-00-margin": code} for name, code in CALLED.items()},
}  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The folder of a course, its assignments exported, one of them released, collected and graded."""
    folder, exchange = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("exchange")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment("en").items():
            patch.setenv(name, value)
        # As where the environment is active: nbgrader calls the command `alembic` by its name.
        patch.setenv("PATH", os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]))
        patch.chdir(folder)
        assert main(["export", str(folder), "--language", "en", "--root", str(ROOT)]) == 0
        run_nbgrader(folder, exchange)
        yield folder


def run_nbgrader(folder, exchange):
    """Do what an instructor and two students do."""
    config = PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.course_id = "xai"
    config.Exchange.root = str(exchange)
    config.ExchangeCollect.check_owner = False  # all is done by one user here
    api = NbGraderAPI(config=config)
    assert_done(api.generate_assignment(ASSIGNMENT))
    assert_done(api.release_assignment(ASSIGNMENT))
    for student, answers in STUDENTS.items():
        submit(exchange / "xai", student, answers)
    assert_done(api.collect(ASSIGNMENT))
    for student in STUDENTS:
        assert_done(api.autograde(ASSIGNMENT, student))


def assert_done(result):
    assert result["success"], result.get("error") or result.get("log")


def released(folder):
    return nbformat.read(folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)


def submit(exchange, student, answers):
    """Write answers over the cells of what was released, and hand it in."""
    notebook = nbformat.read(exchange / "outbound" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    inbox = exchange / "inbound" / f"{student}+{ASSIGNMENT}+{STAMP}"
    inbox.mkdir(parents=True)
    nbformat.write(notebook, inbox / f"{ASSIGNMENT}.ipynb")
    (inbox / "timestamp.txt").write_text(STAMP)


def scores(folder, student):
    """Return points got and points to be had, for each check."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        (notebook,) = book.find_submission(ASSIGNMENT, student).notebooks
        return {grade.name: (grade.score, grade.max_score) for grade in notebook.grades}


def test_students_get_neither_solutions_nor_hidden_tests(course):
    text = "\n".join(cell.source for cell in released(course).cells)
    assert "def margin(probabilities):" in text
    assert "np.sort(probabilities" not in text
    assert "HIDDEN" not in text
    assert ".points(" not in text


def test_right_answers_get_all_points(course):
    assert scores(course, "ada") == {"check-00-margin": (1, 1), "check-00-strongest-pixel": (1, 1)}


def test_a_wrong_answer_gets_none_and_a_bent_check_does_not_help(course):
    assert scores(course, "bob") == {"check-00-margin": (0, 1), "check-00-strongest-pixel": (1, 1)}


@pytest.mark.parametrize("student", [f"forged-{name}" for name in FORGED])
def test_a_wrong_answer_gets_none_whatever_else_its_code_changes(course, student):
    assert scores(course, student)["check-00-margin"] == (0, 1)


@pytest.mark.parametrize("student", [f"called-{name}" for name in CALLED])
def test_there_is_no_reference_and_no_solution_to_call(course, student):
    assert scores(course, student)["check-00-margin"] == (0, 1)


def test_the_graded_notebook_says_why(course):
    graded = nbformat.read(course / "autograded" / "bob" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    (check,) = [cell for cell in graded.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "check-00-margin"]
    (said,) = [output for output in check.outputs if output.output_type == "display_data"]
    assert "The margin also looks at the second best" in said.data["text/plain"]
    (points,) = [output for output in check.outputs if output.output_type == "execute_result"]
    assert points.data["text/plain"] == "0.0"
