"""The command `xai-widgets`."""

import subprocess
import sys

import pytest
from PIL import Image

import xai_widgets as xai
from xai_widgets import cli
from xai_widgets.course.layout import Layout


@pytest.fixture
def picture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(xai.sample_image("digit-3")).save("three.png")
    return "three.png"


def test_a_picture_is_explained_and_the_map_saved(picture, tmp_path, capsys):
    assert cli.main(["explain", picture, "--model", "digits", "--method", "saliency"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == [said[0].split()[0], "3"]  # the answer comes first
    assert said[3].startswith("saliency · digits · target 3")
    with Image.open(tmp_path / "three-saliency.png") as map_:
        assert min(map_.size) > 100


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_the_output_is_where_and_what_one_asks_for(picture, tmp_path, ending, capsys):
    wanted = tmp_path / f"map.{ending}"
    arguments = ["explain", picture, "--model", "digits", "--method", "saliency", "--target", "8", "-o", str(wanted)]
    assert cli.main(arguments) == 0
    assert "target 8" in capsys.readouterr().out
    assert wanted.stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nowhere.png", "--model", "digits"], "nowhere.png"),
        (["three.png", "--model", "digit"], "digits"),
        (["three.png", "--model", "digits", "--method", "salience"], "saliency"),
        (["three.png", "--model", "digits", "--method", "saliency", "--target", "cat"], "unknown class 'cat'"),
        (["three.png", "--model", "digits", "--method", "saliency", "--target", "12"], "out of range"),
        (["three.png", "--model", "digits", "--method", "saliency", "-o", "no/such/folder.png"], "--output"),
        (["three.png", "--model", "digits", "--method", "saliency", "-o", "map.docx"], "docx"),
    ],
)
@pytest.mark.usefixtures("picture")
def test_what_cannot_be_done_is_said_in_one_line(arguments, reason, capsys):
    assert cli.main(["explain", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith("xai-widgets explain: ")
    assert reason in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("command", "first"), [("models", "digits"), ("methods", "grad_cam")])
def test_tables_are_printed(command, first, capsys):
    assert cli.main([command]) == 0
    assert first in capsys.readouterr().out


def test_the_language_may_be_chosen(capsys):
    try:
        assert cli.main(["--language", "fr", "methods"]) == 0
        french = capsys.readouterr().out
        assert cli.main(["--language", "en", "methods"]) == 0
        assert capsys.readouterr().out.splitlines()[0] != french.splitlines()[0]
    finally:
        xai.set_language("en")


def test_the_machine_is_looked_at(capsys):
    assert cli.main(["info"]) == 0
    assert "keras" in capsys.readouterr().out


def test_the_course_is_opened_where_it_lies(monkeypatch):
    seen = []
    monkeypatch.setattr(cli.subprocess, "call", lambda command: seen.append(command) or 0)
    assert cli.main(["--language", "fr", "lab", "--port", "8899", "--no-browser"]) == 0
    xai.set_language("en")
    (command,) = seen
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={Layout.find().root / 'notebooks'}" in command
    assert {"--port=8899", "--no-browser", "--LabApp.default_url=/lab/tree/fr/index.ipynb"} <= set(command)
    assert (Layout.find().root / "notebooks" / "fr" / "index.ipynb").exists()


def test_outside_a_checkout_the_course_is_not_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["lab"]) == 2
    assert "checkout" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "opened"),
    [
        ([], "fr/index.ipynb"),
        (["12_units"], "fr/12_units.ipynb"),
        (["solutions/en/12_units.ipynb"], "solutions/en/12_units.ipynb"),
    ],
)
def test_a_notebook_is_served_as_an_application(arguments, opened, monkeypatch):
    application = pytest.importorskip("xai_widgets.course.application")
    seen = []
    monkeypatch.setattr(application, "serve", lambda *where, **how: seen.append((where, how)))
    try:
        assert cli.main(["--language", "fr", "demo", *arguments, "--port", "8899", "--no-browser", "--dark"]) == 0
    finally:
        xai.set_language("en")
    assert seen == [((Layout.find().root / "notebooks", opened), {"port": 8899, "browser": False, "theme": "dark"})]


def test_an_application_that_is_not_there_is_said_in_one_line(capsys):
    pytest.importorskip("voila")
    assert cli.main(["demo", "en/99_nowhere"]) == 2
    assert "there are: 00_start" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "70000", "eighty"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(SystemExit):
        cli.main(["lab", "--port", port])


def test_help_and_version_need_nothing_heavy():
    code = "import sys; from xai_widgets.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "print(sorted({'keras', 'matplotlib', 'ipywidgets'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "explain" in done.stdout
