"""The worked example of the instructors' guide, run command for command in a copy of the checkout."""

import csv
import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import nbformat
import pytest

from xai_widgets.course.authoring import execution
from xai_widgets.course.authoring.execution import environment

ROOT = Path(__file__).parents[2]
GUIDES = {"en": ROOT / "docs" / "instructors.md", "fr": ROOT / "docs" / "instructeurs.md"}
LESSON = "15_my_lesson"
EDITIONS = ("fr", "en", "solutions/fr", "solutions/en")
GERMAN_HEADER = '#       de: "Meine Lektion"\n'


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


COMMANDS = blocks(GUIDES["en"], "sh")


def test_both_guides_give_the_same_commands():
    assert len(COMMANDS) == 7
    assert blocks(GUIDES["fr"], "sh") == COMMANDS
    assert blocks(GUIDES["fr"], "python") == blocks(GUIDES["en"], "python")


@pytest.mark.parametrize("page", GUIDES.values(), ids=GUIDES)
def test_what_the_guides_lead_to_is_there(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8").replace("\n", " ")):
        name, _, heading = target.replace(" ", "").partition("#")
        linked = page.parent / name if name else page
        assert linked.exists(), target
        titles = re.findall(r"^#+ (.+)$", linked.read_text("utf-8"), re.MULTILINE) if heading else []
        assert not heading or heading in [re.sub(r"\W+", "-", title.casefold()) for title in titles], target


class Checkout:
    """A copy in which an instructor works."""

    def __init__(self, folder):
        self.root = folder / "course"
        passed_over = shutil.ignore_patterns("__pycache__", "*.keras", "*.npz")
        for part in ("xai_widgets", "docs"):
            shutil.copytree(ROOT / part, self.root / part, ignore=passed_over)
        large = [(ROOT / "xai_widgets" / "assets").glob(f"*/{pattern}") for pattern in ("*.keras", "*.npz")]
        large += [(ROOT / "notebooks").glob(f"{edition}/*.ipynb") for edition in EDITIONS]
        for path in (path for paths in large for path in paths):  # only read
            (self.root / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path.relative_to(ROOT)).symlink_to(path)
        for name in (
            "pyproject.toml",
            "conftest.py",
            "tests/__init__.py",
            "tests/conftest.py",
            "tests/local_server.py",
            "tests/slow_tests.txt",
            "tests/course/exercises/test_exercises.py",
            *(path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks" / "source").iterdir()),
        ):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)

    def run(self, commands):
        """Run commands of the guide as in an active environment; return what they say."""
        variables = environment("en") | {"PYTHONPATH": str(self.root)}
        variables["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
        done = subprocess.run(
            [shutil.which("bash"), "-ec", commands],
            cwd=self.root,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def notebook(self, folder):
        return nbformat.read(self.root / folder / f"{LESSON}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The copy, after the first five steps; what each said is in `said`."""
    made = Checkout(tmp_path_factory.mktemp("instructor"))
    made.said = [made.run(commands) for commands in COMMANDS[:5]]
    return made


def sources(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells)


@pytest.mark.slow
@pytest.mark.notebook
class TestTheWorkedExample:
    """In the order of the guide; the last step changes the copy."""

    def test_the_model_is_trained_on_ones_own_pictures(self, checkout):
        assert int(re.match(r"(\d+)%", checkout.said[0])[1]) > 90

    def test_the_lesson_is_there_for_students_and_solved(self, checkout):
        for language, right in {"fr": "C’est juste", "en": "Right!"}.items():
            student = sources(checkout.notebook(f"notebooks/{language}"))
            assert "def pixels_for_half(heatmap):" in student
            assert "strongest_first" not in student
            solved = checkout.notebook(f"notebooks/solutions/{language}")
            (check,) = [cell for cell in solved.cells if cell.metadata.get("nbgrader", {}).get("grade")]
            assert right in check.outputs[0].data["text/html"]
            index = (checkout.root / "notebooks" / language / "index.ipynb").read_text("utf-8")
            assert f"({LESSON}.ipynb)" in index

    def test_each_mistake_is_recognised(self, checkout):
        assert int(re.search(r"(\d+) passed", checkout.said[2])[1]) >= 2 * (3 + 4 + 1 + 1)  # in both languages

    def test_what_is_handed_out_holds_no_solution(self, checkout):
        handout = checkout.root.parent / "handout"
        assert {path.name for path in handout.iterdir()} == {"en", "fr", "lesson", "exercises", "requirements.txt"}
        text = "".join(path.read_text("utf-8") for path in handout.rglob("*.ipynb"))
        assert "pixels_for_half" in text
        assert not any(word in text for word in ("strongest_first", "BEGIN SOLUTION", "HIDDEN", "notebooks/solutions"))

    def test_the_students_notebook_runs_outside_of_the_repository(self, checkout):
        handout = checkout.root.parent / "handout"
        for language in ("fr", "en"):  # with the public package, which has no such exercise
            result = execution.validate([handout / language / f"{LESSON}.ipynb"], language, compare=False)
            assert result.returncode == 0, result.stdout[-3000:]

    def test_the_right_answer_gets_all_points_and_nothing_gets_none(self, checkout):
        grading = checkout.root.parent / "grading"
        with (grading / "grades.csv").open(encoding="utf-8") as file:
            rows = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
        assert rows == {"ada": (2, 2), "bob": (0, 2)}
        graded = nbformat.read(grading / "autograded" / "ada" / LESSON / f"{LESSON}.ipynb", as_version=4)
        (check,) = [cell for cell in graded.cells if cell.metadata.get("nbgrader", {}).get("grade")]
        assert [output.output_type for output in check.outputs] == ["display_data", "execute_result"]  # from outside
        feedback = (grading / "feedback" / "bob" / LESSON / f"{LESSON}.html").read_text("utf-8")
        assert "Write your answer in the cell above" in feedback  # the check says what is missing

    def test_the_lesson_in_a_third_language(self, checkout):
        checkout.run(COMMANDS[5])
        for path in (checkout.root / "notebooks" / "source").iterdir():
            if path.stem != LESSON:  # and the words of the glossary
                path.unlink()
        source = checkout.root / "notebooks" / "source" / f"{LESSON}.py"
        source.write_text(in_german(source.read_text("utf-8")), encoding="utf-8")
        checkout.run(f"python -m xai_widgets.course build --students-only --only {LESSON}")
        german = checkout.notebook("notebooks/de")
        assert "Ein Netz von mir" in sources(german)
        assert 'set_language("de")' in sources(german)
        assert "(../fr/" in german.cells[0].source
        assert "(../de/" in checkout.notebook("notebooks/fr").cells[0].source
        assert [cell.id for cell in german.cells] == [cell.id for cell in checkout.notebook("notebooks/fr").cells]
        said = checkout.run("python -c \"import xai_widgets; xai_widgets.set_language('de'); print('gut')\"")
        assert said == "gut\n"

    def test_what_the_class_has_learnt(self, checkout):
        assert checkout.run(COMMANDS[6]) == "0 people answered before and after; an interval needs two.\n"


def in_german(source):
    """Give a source what a third language asks for; but for the first cell, the English stands in for a translation."""
    first = blocks(GUIDES["en"], "python")[0]
    source = re.sub(r"(#       en: .*\n)", rf"\1{GERMAN_HEADER}", source)
    source = re.sub(r"^( *)# en: (.*)$", r"\1# en: \2\n\1# de: \2", source, flags=re.MULTILINE)
    cells = re.split(r"(?m)^(?=# %%)", source)
    twins = [cell.replace('tags=["en"]', 'tags=["de"]') if 'tags=["en"]' in cell else "" for cell in cells]
    place = next(number for number, twin in enumerate(twins) if twin)
    twins[place] = f"{first}\n"
    return "".join(cell + twin for cell, twin in zip(cells, twins, strict=True))
