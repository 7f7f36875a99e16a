"""The repository's address is set by one command; until it is, nothing that is run or clicked leads to one."""

import re
import shutil
import subprocess
import sys
import tomllib
import types
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_output

from tests.course.authoring.test_build import EXERCISE, HEADER, TWINS
from xai_widgets.course.__main__ import main
from xai_widgets.course.authoring import build as editions
from xai_widgets.course.authoring import execution
from xai_widgets.course.authoring.address import WRITERS, set_address, with_address
from xai_widgets.course.authoring.built_record import _what_runs
from xai_widgets.course.authoring.checkout import Layout
from xai_widgets.course.authoring.edition_notebooks import Builder, write
from xai_widgets.course.authoring.fault import CourseError
from xai_widgets.i18n import LANGUAGES, set_language

ROOT = Path(__file__).parents[3]
ADA, BOB = "https://github.com/ada/xai_widgets", "https://github.com/bob-2/xai.course"
LEADING = re.compile(r"git\+|mybinder\.org|colab\.research|github\.com/(?!<)[\w.-]+/xai")


@pytest.fixture(autouse=True)
def _english():
    yield
    set_language("en")


@pytest.fixture
def copy(tmp_path):
    """A checkout with the project's own files and one notebook."""
    for name in WRITERS:
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    (tmp_path / "xai_widgets" / "course" / "exercises").mkdir(parents=True)
    (tmp_path / "notebooks" / "source" / "01_trial.py").write_text(HEADER + TWINS + EXERCISE, encoding="utf-8")
    layout = Layout(tmp_path)
    set_address(layout, None)
    return layout


def texts(layout):
    return {name: (layout.root / name).read_text("utf-8") for name in WRITERS}


def run(layout, *arguments):
    return main([*arguments, "--root", str(layout.root)])


def cells(layout, language="en", kind="student"):
    return nbformat.read(layout.notebook("01_trial", language, kind), as_version=4).cells


def test_one_command_sets_it_everywhere(copy):
    assert run(copy, "address", ADA + ".git") == 0
    assert copy.repository() == ADA
    found = texts(copy)
    assert tomllib.loads(found["pyproject.toml"])["project"]["urls"] == {"Repository": ADA}
    assert f'\nrepository-code: "{ADA}"\n' in found["CITATION.cff"]
    assert f"git clone {ADA} && cd xai_widgets\n" in found["README.md"]
    assert found["README.md"].count("https://mybinder.org/v2/gh/ada/xai_widgets/HEAD?") == 2
    assert found["README.md"].count("https://colab.research.google.com/github/ada/xai_widgets/blob/HEAD/") == 2


def test_another_one_takes_its_place_and_it_can_be_taken_out(copy):
    before = texts(copy)
    assert run(copy, "address", ADA) == run(copy, "address", BOB) == 0
    assert copy.repository() == BOB
    assert not any("ada" in text for text in LEADING.findall("".join(texts(copy).values())))
    assert "git clone https://github.com/bob-2/xai.course && cd xai.course\n" in texts(copy)["README.md"]
    assert texts(copy) == with_address(copy, BOB)
    assert run(copy, "address", "--remove") == 0
    assert texts(copy) == before
    assert copy.repository() is None


def test_it_says_what_is_set_and_what_to_build(copy, capsys):
    run(copy, "address")
    assert capsys.readouterr().out.startswith("the address of the repository is not set\n")
    run(copy, "address", ADA)
    said = capsys.readouterr().out
    assert all(name in said for name in WRITERS)
    assert "python -m xai_widgets.course build --text-only\n" in said
    run(copy, "address")
    assert capsys.readouterr().out.startswith(f"{ADA}\n")


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/OWNER/xai_widgets",
        "https://github.com/<account>/xai_widgets",
        "http://github.com/ada/xai_widgets",
        "https://github.com.example.org/ada/xai_widgets",
        "https://ada:word@github.com/ada/xai_widgets",
        "https://github.com/ada",
        "https://github.com/ada/xai_widgets/tree/main",
        "https://github.com/ada/..",
        'https://github.com/ada/x" ; import os #',
        "",
    ],
)
def test_what_is_no_address_of_a_repository_is_refused(copy, address):
    before = texts(copy)
    with pytest.raises(
        CourseError, match=r"is not the address of a repository; it has the form https://github\.com/<acc"
    ):
        set_address(copy, address)
    assert texts(copy) == before


@pytest.mark.parametrize(
    ("name", "old", "what"),
    [
        ("pyproject.toml", "[project.urls]\n", r"pyproject.toml: has no section \[project.urls\]"),
        ("CITATION.cff", "license:", "CITATION.cff: has no line 'license: …'"),
        ("README.md", "<!-- address: clone -->", "README.md: has no '<!-- address: clone -->' with"),
        ("README.md", None, "README.md: is missing"),
    ],
)
def test_a_file_without_a_place_for_it_is_named_and_nothing_is_written(copy, name, old, what):
    path = copy.root / name
    if old:
        path.write_text(path.read_text("utf-8").replace(old, "gone:"), encoding="utf-8")
    else:
        path.unlink()
    before = {path: path.read_bytes() for path in copy.root.iterdir() if path.is_file()}
    with pytest.raises(CourseError, match=what):
        set_address(copy, ADA)
    assert {path: path.read_bytes() for path in copy.root.iterdir() if path.is_file()} == before


def test_until_it_is_set_no_notebook_leads_to_one(copy):
    assert run(copy, "build", "--students-only") == 0
    for language in LANGUAGES:
        for path in copy.folder(language, "student").glob("*.ipynb"):
            assert not LEADING.search(path.read_text("utf-8")), path
    assert not any(LEADING.search(text) for text in texts(copy).values())
    run(copy, "address", ADA)
    assert run(copy, "build", "--students-only") == 0
    assert "ada/xai_widgets/blob/HEAD/notebooks/fr/01_trial.ipynb" in cells(copy, "fr")[0].source
    assert f'%pip install --quiet "xai_widgets[tensorflow,course] @ git+{ADA}"' in cells(copy)[1].source


def test_what_is_handed_out_asks_for_a_file_until_it_is_set(copy, tmp_path):
    handed = tmp_path / "handed"
    version = tomllib.loads(texts(copy)["pyproject.toml"])["project"]["version"]
    assert run(copy, "build", "--students-only", "--to", str(handed)) == 0
    wheel = f"xai_widgets-{version}-py3-none-any.whl"
    assert (handed / "requirements.txt").read_text() == f"./{wheel}[course,tensorflow]\n"
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--no-index", "-r", "requirements.txt"]
    said = subprocess.run(command, cwd=handed, capture_output=True, text=True, check=False)
    assert said.returncode != 0
    assert wheel in said.stderr  # it names the file, and looks for no package of that name
    run(copy, "address", ADA)
    assert run(copy, "build", "--students-only", "--to", str(handed)) == 0
    assert (handed / "requirements.txt").read_text() == f"xai_widgets[course,tensorflow] @ git+{ADA}\n"


class Colab:
    """A shell that takes itself for Colab, and notes what pip is asked for."""

    def __init__(self):
        self.asked, self.managers = [], 0
        self.shell = InteractiveShell()
        self.shell.register_magic_function(self.asked.append, "line", "pip")

    def enable(self):
        self.managers += 1


@pytest.fixture
def colab(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # a shell puts its own there
    made = Colab()
    module, output = types.ModuleType("google.colab"), types.ModuleType("google.colab.output")
    output.enable_custom_widget_manager = made.enable
    module.output = output
    for name, each in (("google.colab", module), ("google.colab.output", output)):
        monkeypatch.setitem(sys.modules, name, each)
    (tmp_path / "content").mkdir()
    monkeypatch.chdir(tmp_path / "content")
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_set_up_cell_on_colab_asks_for_the_file_then_installs_it(copy, colab, capsys, language):
    run(copy, "build", "--students-only")
    code = cells(copy, language)[1].source
    first = colab.shell.run_cell(code)
    assert isinstance(first.error_in_exec, FileNotFoundError)
    wheel = copy.wheel()
    said = {
        "en": f"On Colab, upload the file {wheel} first (your instructor has it; the folder on the left takes it), "
        "then run this cell again.",
        "fr": f"Sur Colab, téléversez d’abord le fichier {wheel} (votre enseignant l’a\u202f; le dossier à gauche le "
        "reçoit), puis exécutez de nouveau cette cellule.",
    }
    assert str(first.error_in_exec) == said[language]
    assert colab.asked == []
    Path(wheel).touch()
    colab.shell.run_cell(code).raise_error()
    assert colab.asked == [f'install --quiet "{wheel}[tensorflow,course]"']
    assert colab.managers == 1


def test_the_set_up_cell_on_colab_installs_from_the_address_that_is_set(copy, colab):
    run(copy, "address", ADA)
    run(copy, "build", "--students-only")
    colab.shell.run_cell(cells(copy)[1].source).raise_error()
    assert colab.asked == [f'install --quiet "xai_widgets[tensorflow,course] @ git+{ADA}"']
    assert colab.managers == 1


def test_a_new_address_leaves_the_outputs_of_solved_notebooks_and_runs_none(copy, monkeypatch):
    builder = Builder.of(copy)
    for language in LANGUAGES:
        made = builder.notebook(builder.course[0], language, "solved")
        for cell in made.cells[2:]:
            if cell.cell_type == "code":
                cell.outputs = [new_output("stream", text=f"kept {language}")]
        write(made, copy.notebook("01_trial", language, "solved"))
    monkeypatch.setattr(execution, "run", lambda *_: pytest.fail("a notebook was run"))
    for address in (ADA, BOB, None):
        set_address(copy, address)
        assert editions.build(copy, text_only=True) == []
        for language in LANGUAGES:
            solved = cells(copy, language, "solved")
            assert re.findall(r"git\+([^\s\"]+)", solved[1].source) == ([address] if address else [])
            assert {cell.outputs[0].text for cell in solved[2:] if cell.cell_type == "code"} == {f"kept {language}"}


@pytest.mark.parametrize(
    ("code", "other", "same"),
    [
        ('import sys\nif "google.colab" in sys.modules:\n    %pip install a\nf()', "import sys\nf()  # on", True),
        ('if "google.colab" in sys.modules:\n    %pip install a\nelse:\n    g()\nf()', "f()", False),
        ("%matplotlib inline\nf()", "f()", False),
        ("%matplotlib inline\nf( )", "%matplotlib inline\nf()", True),
        ("%pip install a", "%pip install b", False),
        ("if here:\n    g()\nf()", "f()", False),
        ("f(", "f((", False),
    ],
)
def test_what_runs_on_colab_alone_bears_on_no_output(code, other, same):
    assert (_what_runs(code) == _what_runs(other)) == same
