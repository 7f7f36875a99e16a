"""The command `xai-widgets`."""

import importlib.metadata
import io
import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import xai_widgets as xai
from xai_widgets import cli
from xai_widgets.cli import explaining
from xai_widgets.cli.method_options import method_options
from xai_widgets.course.authoring.checkout import Layout
from xai_widgets.methods.registry import FUNCTIONS

DIGITS = ["--model", "digits", "--method", "saliency"]


@pytest.fixture
def picture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(xai.sample_image("digit-3")).save("three.png")
    return "three.png"


@pytest.fixture
def pictures(picture, tmp_path):
    (tmp_path / "a").mkdir()
    Image.fromarray(xai.sample_image("digit-7")).save("a/three.png")
    Image.fromarray(xai.sample_image("digit-8")).save("three.bmp")
    return [picture, "a/three.png", "three.bmp"]


@pytest.fixture
def net(tmp_path):
    """A net of any size with two classes, in a file; it adds up the red and the green of a picture."""
    layers = [keras.Input((None, None, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, "softmax")]
    model = keras.Sequential(layers)
    model.set_weights([np.array([[1.0, 0], [0, 1], [0, 0]]), np.zeros(2)])
    model.save(tmp_path / "net.keras")
    return "net.keras"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_picture_is_explained_and_the_map_saved(picture, tmp_path, capsys):
    assert cli.main(["explain", picture, *DIGITS]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == [said[0].split()[0], "3"]  # the answer comes first
    assert said[3].startswith("saliency · digits · target 3")
    with Image.open(tmp_path / "three-saliency.png") as map_:
        assert min(map_.size) > 100


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_the_output_is_where_and_what_one_asks_for(picture, tmp_path, ending, capsys):
    wanted = tmp_path / f"map.{ending}"
    assert cli.main(["explain", picture, *DIGITS, "--target", "8", "-o", str(wanted)]) == 0
    assert "target 8" in capsys.readouterr().out
    assert wanted.stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nowhere.png", "--model", "digits"], "nowhere.png"),
        (["three.png", "nowhere.png", "--model", "digits"], "nowhere.png"),
        ([".", "--model", "digits"], "a folder"),
        (["-", "-", "--model", "digits"], "only once"),
        (["three.png", "--model", "digit"], "digits"),
        (["three.png", "--model", "nowhere.keras"], "nowhere.keras"),
        (["three.png", "--model", "wine", "--method", "saliency"], "reads no pictures"),
        (["three.png", "--model", "digits", "--method", "salience"], "saliency"),
        (["three.png", "--model", "digits", "--method", "lime_text"], "explains no pictures"),
        (["three.png", "--model", "digits", "--method", "expected_gradients"], "needs baselines"),
        (["three.png", *DIGITS, "--target", "cat"], "unknown class 'cat'"),
        (["three.png", *DIGITS, "--target", "12"], "out of range"),
        (["three.png", *DIGITS, "--target", "-11"], "out of range"),
        (["three.png", *DIGITS, "-o", "no/such/folder.png"], "--output"),
        (["three.png", *DIGITS, "-o", "map.docx"], "docx"),
        (["three.png", *DIGITS, "-o", "maps"], "a new folder is 'maps/'"),
        (["three.png", *DIGITS, "-o", "three.png"], "the picture itself"),
        (["three.png", *DIGITS, "-o", "three.png/"], "a file, not a folder"),
        (["three.png", *DIGITS, "-o", "map.png", "--format", "npz"], "--format npz"),
        (["three.png", "three.png", *DIGITS, "-o", "map.png"], "2 pictures do not go into one PNG file"),
        (["three.png", *DIGITS, "-O", "steps=3"], "saliency has no option 'steps'"),
        (["three.png", *DIGITS, "-O", "target=3"], "saliency has no option 'target'"),
        (["three.png", *DIGITS, "-O", "output"], "not NAME=VALUE"),
        (["three.png", *DIGITS, "-O", "output=loss"], "output must be one of 'logit', 'probability', not 'loss'"),
        (["three.png", *DIGITS, "-O", "batch_size=0"], "batch_size must be a whole number of at least 1, not 0"),
        (
            ["three.png", "--model", "digits", "--method", "rise", "-O", "samples=-4"],
            "rise: samples must be a whole number of at least 1, not -4",
        ),
        (["three.png", "--model", "digits", "-O", "negative=yes"], "negative must be True or False, not 'yes'"),
        (["three.png", *DIGITS, "-O", "batch_size=few"], "batch_size must be a whole number of at least 1, not 'few'"),
        (["three.png", *DIGITS, "-O", "batch_size=1", "-O", "batch-size=2"], "given twice"),
        (["three.png", "--model", "digits", "-O", "layer=conv9"], "conv9"),
        (["three.png", *DIGITS, "--labels", "a,b"], "labels"),
        (["three.png", *DIGITS, "--labels", "nowhere.txt"], "nowhere.txt"),
        (["three.png", *DIGITS, "--preprocess", "0..2"], "0..1"),
        (["three.png", *DIGITS, "--size", "16"], "takes pictures of 8x8"),
    ],
)
@pytest.mark.usefixtures("picture")
def test_wrong_arguments_are_said_in_one_line_before_any_prediction(arguments, reason, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("xai_widgets.models.kinds.classifier.Classifier.predict", lambda *_: pytest.fail("predicted"))
    assert cli.main(["explain", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("xai-widgets explain: ")
    assert said.err.count("\n") == 1
    assert reason in said.err
    assert names(tmp_path) == ["three.png"]


@pytest.mark.parametrize(
    ("method", "given", "found"),
    [
        ("smooth_grad", ["seed=none", "samples=3"], {"seed": None, "samples": 3}),
        ("occlusion", ["patch=(8, 8)", "incremental=false"], {"patch": (8, 8), "incremental": False}),
        ("grad_cam", ["layer=5"], {"layer": "5"}),  # a name that looks like a number
        ("saliency", ["batch-size=none"], {"batch_size": None}),
    ],
)
def test_options_are_read_and_checked_as_in_a_call(method, given, found):
    assert method_options(FUNCTIONS[method], given) == found


@pytest.mark.parametrize("arguments", [["--size", "0"], ["--size", "1x2x3"], ["--size", "a"], ["--format", "gif"]])
def test_what_the_parser_refuses(picture, arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["explain", picture, *arguments])
    assert caught.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_failure_is_another_status(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and nothing else")
    assert cli.main(["explain", "broken.png", *DIGITS]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    Path("broken.keras").write_bytes(b"no model")
    Image.fromarray(xai.sample_image("digit-3")).save("three.png")
    assert cli.main(["explain", "three.png", "--model", "broken.keras"]) == 1
    assert "broken.keras" in capsys.readouterr().err


# Several pictures


def test_several_pictures_take_one_model_and_names_that_do_not_collide(pictures, tmp_path, monkeypatch, capsys):
    loaded, load = [], explaining._model
    monkeypatch.setattr(explaining, "_model", lambda *given: loaded.append(given) or load(*given))
    assert cli.main(["explain", *pictures, *DIGITS]) == 0
    assert len(loaded) == 1
    said = capsys.readouterr().out.splitlines()
    assert [said[0], said[6], said[12]] == pictures
    assert [said[1].split()[1], said[7].split()[1], said[13].split()[1]] == ["3", "7", "8"]
    assert [said[5], said[11], said[17]] == ["three-saliency.png", "three-saliency-2.png", "three-saliency-3.png"]
    before = (tmp_path / "three-saliency.png").read_bytes()
    assert cli.main(["explain", pictures[1], *DIGITS]) == 0  # nor do they in the next call
    assert (tmp_path / "three-saliency.png").read_bytes() == before
    assert (tmp_path / "three-saliency-4.png").exists()


def test_a_folder_is_written_into(pictures, tmp_path):
    (tmp_path / "maps").mkdir()
    assert cli.main(["explain", *pictures, *DIGITS, "-o", "maps", "--format", "svg", "--format", "npz"]) == 0
    stems = ("three-saliency", "three-saliency-2", "three-saliency-3")
    assert names(tmp_path / "maps") == sorted(f"{stem}.{ending}" for stem in stems for ending in ("npz", "svg"))
    assert cli.main(["explain", pictures[0], *DIGITS, "-o", "new/deep/"]) == 0
    assert names(tmp_path / "new" / "deep") == ["three-saliency.png"]
    assert "three-saliency.png" not in names(tmp_path)


def test_one_file_takes_the_results_of_all(pictures, tmp_path):
    assert cli.main(["explain", *pictures, *DIGITS, "-o", "all.npz"]) == 0
    found = xai.Attribution.load(tmp_path / "all.npz")
    assert found.recipe.target == ("3", "7", "8")
    seven = xai.explain(xai.load_model("digits"), xai.sample_image("digit-7"), "saliency")
    np.testing.assert_allclose(found.values[1], seven.values[0], atol=1e-6)


def test_results_of_several_sizes_do_not_go_into_one_file(net, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, side in (("a.png", 10), ("b.png", 12)):
        Image.fromarray(np.zeros((side, 8, 3), "uint8")).save(name)
    arguments = [
        "explain",
        "a.png",
        "b.png",
        "--model",
        net,
        "--preprocess",
        "0..1",
        "--method",
        "saliency",
        "-o",
        "c.npz",
    ]
    assert cli.main(arguments) == 1
    assert "results of 10x8 and 12x8 do not go into one file: give a --size, or a folder" in capsys.readouterr().err
    assert xai.Attribution.load("c.npz").values.shape == (1, 10, 8, 3)  # what fits is kept
    assert cli.main([*arguments, "--size", "9"]) == 0
    assert xai.Attribution.load("c.npz").values.shape == (2, 9, 9, 3)
    assert cli.main([*arguments[:-1], "maps/"]) == 0


def test_one_broken_picture_does_not_keep_the_others(pictures, tmp_path, capsys):
    Path("broken.png").write_bytes(b"nothing")
    assert cli.main(["explain", "broken.png", *pictures[:2], *DIGITS, "--json"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("xai-widgets explain: broken.png: ")
    first, *others = json.loads(said.out)
    assert set(first) == {"picture", "error"}
    assert [one["target"] for one in others] == ["3", "7"]
    assert (tmp_path / "three-saliency-2.png").exists()


def test_json_says_what_was_found(picture, capsys):
    arguments = ["--model", "digits", "--method", "integrated_gradients", "-O", "steps=7", "-O", "baseline=grey"]
    assert cli.main(["explain", picture, *arguments, "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    wanted = xai.explain(
        xai.load_model("digits"), xai.load_image(picture), "integrated_gradients", steps=7, baseline="grey"
    )
    assert record["score"] == pytest.approx(float(wanted.score[0]), rel=1e-5)
    assert record["delta"] == pytest.approx(float(wanted.delta[0]), abs=1e-5)
    assert record["recipe"] == str(wanted.recipe)
    assert record["files"] == ["three-integrated_gradients.png"]
    assert record["predictions"][0]["label"] == "3"
    assert 0.9 < record["predictions"][0]["probability"] <= 1


def test_the_standard_input_is_a_picture(picture, tmp_path, monkeypatch):
    content = io.TextIOWrapper(io.BytesIO(Path(picture).read_bytes()))
    monkeypatch.setattr(sys, "stdin", content)
    assert cli.main(["explain", "-", *DIGITS]) == 0
    assert "stdin-saliency.png" in names(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert cli.main(["explain", "-", *DIGITS]) == 1


# Models from files


def explained(capsys, *arguments):
    assert cli.main(["explain", *arguments, "--method", "saliency", "--json"]) == 0
    return json.loads(capsys.readouterr().out)[0]


def test_labels_preprocessing_and_size_of_a_model_from_a_file(net, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    pixels = np.zeros((20, 40, 3), "uint8")
    pixels[..., 0], pixels[..., 1] = 255, 51
    Image.fromarray(pixels).save("red.png")
    Path("names.txt").write_text("red\ngreen\n", encoding="utf-8")
    found = explained(capsys, "red.png", "--model", net, "--labels", "red, green", "--preprocess", "0..1")
    assert found["target"] == "red"
    assert found["predictions"][0]["probability"] == pytest.approx(1 / (1 + np.exp(-0.8)), abs=1e-4)
    found = explained(capsys, "red.png", "--model", net, "--labels", "names.txt", "--preprocess=-1..1")
    assert found["predictions"][0]["label"] == "red"
    assert found["predictions"][0]["probability"] == pytest.approx(1 / (1 + np.exp(-1.6)), abs=1e-4)
    found = explained(capsys, "red.png", "--model", net, "--preprocess", "mobilenet_v2", "--target", "1")
    assert found["predictions"][0]["probability"] == pytest.approx(1 / (1 + np.exp(-1.6)), abs=1e-4)
    explained(capsys, "red.png", "--model", net, "--preprocess", "0..1", "--size", "10x12", "-o", "a.npz")
    assert xai.Attribution.load("a.npz").values.shape == (1, 10, 12, 3)
    explained(capsys, "red.png", "--model", net, "--preprocess", "0..1", "-o", "b.npz")
    assert xai.Attribution.load("b.npz").values.shape == (1, 20, 40, 3)


def test_the_value_of_a_regression_is_no_percentage(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)])
    model.set_weights([np.full((3, 1), 0.5), np.array([-580.25])])
    model.save("price.keras")
    Image.fromarray(np.full((8, 8, 3), 2, "uint8")).save("grey.png")
    assert cli.main(["explain", "grey.png", "--model", "price.keras", "--labels", "names.txt"]) == 2
    Path("names.txt").write_text("price\n", encoding="utf-8")
    arguments = ["--model", "price.keras", "--labels", "names.txt", "--method", "saliency"]
    assert cli.main(["explain", "grey.png", *arguments]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["-577.25", "price"]
    assert explained(capsys, "grey.png", *arguments)["predictions"] == [{"label": "price", "value": -577.25}]


# The other commands


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


@pytest.mark.parametrize("package", ["jupyterlab", "lime", "umap-learn"])
def test_the_machine_is_not_ready_without_what_the_course_needs(package, monkeypatch, capsys):
    known = importlib.metadata.version

    def version(name):
        if name == package:
            raise importlib.metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr("xai_widgets.course.display.machine_check.version", version)
    assert cli.main(["info"]) == 1
    said = capsys.readouterr().out
    assert f"✗ {package}: –" in said
    assert f"`pip install {package}`" in said
    assert "ready" not in said


def test_the_course_is_opened_where_it_lies(monkeypatch):
    pytest.importorskip("jupyterlab")
    seen = []
    monkeypatch.setattr(subprocess, "call", lambda command: seen.append(command) or 0)
    assert cli.main(["--language", "fr", "lab", "--port", "8899", "--no-browser"]) == 0
    xai.set_language("en")
    (command,) = seen
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={Layout.find().root / 'notebooks'}" in command
    assert {"--port=8899", "--no-browser", "--LabApp.default_url=/lab/tree/fr/index.ipynb"} <= set(command)
    assert (Layout.find().root / "notebooks" / "fr" / "index.ipynb").exists()


@pytest.mark.parametrize("command", ["lab", "demo"])
def test_outside_a_checkout_the_course_is_not_there(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    assert cli.main([command]) == 2
    said = capsys.readouterr().err
    assert "checkout" in said
    assert "--root" not in said  # there is no such option


@pytest.mark.parametrize(
    ("command", "module", "advice"),
    [
        (["lab"], "jupyterlab", "this needs jupyterlab: pip install jupyterlab"),
        (["demo"], "voila", "pip install voila"),
        (["explain", "three.png", "--model", "digits", "--method", "lime_image"], "lime", "pip install lime"),
    ],
)
@pytest.mark.usefixtures("picture")
def test_a_package_that_is_missing_is_one_line(command, module, advice, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, module, None)
    ours = "xai_widgets.course.authoring.application"
    for name in [one for one in sys.modules if one.startswith((f"{module}.", ours))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    if command[0] != "explain":
        monkeypatch.chdir(Path(__file__).parent)
    assert cli.main(command) == 1
    said = capsys.readouterr().err
    assert advice in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "opened"),
    [
        ([], "fr/index.ipynb"),
        (["12_units"], "fr/12_units.ipynb"),
        (["solutions/en/12_units.ipynb"], "solutions/en/12_units.ipynb"),
    ],
)
def test_a_notebook_is_served_as_an_application(arguments, opened, monkeypatch):
    application = pytest.importorskip("xai_widgets.course.authoring.application")
    seen = []
    monkeypatch.setattr(application, "serve", lambda *where, **how: seen.append((where, how)))
    try:
        arguments = [*arguments, "--port", "8899", "--no-browser", "--dark", "--ip", "0.0.0.0"]  # noqa: S104
        assert cli.main(["--language", "fr", "demo", *arguments]) == 0
    finally:
        xai.set_language("en")
    assert seen == [
        (
            (Layout.find().root / "notebooks", opened),
            {
                "port": 8899,
                "browser": False,
                "theme": "dark",
                "visitors": None,
                "ip": "0.0.0.0",  # noqa: S104
                "token": False,
            },
        )
    ]


def test_an_application_that_is_not_there_is_said_in_one_line(capsys):
    pytest.importorskip("voila")
    assert cli.main(["demo", "en/99_nowhere"]) == 2
    assert "there are: 00_start" in capsys.readouterr().err


def test_an_address_that_is_none_is_said_in_one_line(capsys):
    pytest.importorskip("voila")
    assert cli.main(["demo", "--ip", "my machine"]) == 2
    assert (
        "ip must be an address of this machine, or 0.0.0.0 for all of them, not 'my machine'" in capsys.readouterr().err
    )


@pytest.mark.parametrize("port", ["0", "70000", "eighty"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(SystemExit):
        cli.main(["lab", "--port", port])


@pytest.mark.parametrize("arguments", [["--help"], ["models"], ["explain", "--help"]])
def test_help_and_the_models_need_nothing_heavy(arguments):
    code = f"import sys; from xai_widgets.cli import main\ntry: main({arguments})\nexcept SystemExit: pass\n"
    code += "print(sorted({'keras', 'tensorflow', 'matplotlib', 'ipywidgets', 'h5py'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert len(done.stdout.splitlines()) > 5


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes")
def test_a_reader_who_leaves_is_no_error():
    command = [sys.executable, "-m", "xai_widgets.cli", "models"]
    done = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2])
    done.stdout.close()
    assert done.stderr.read() == b""
    done.wait()


def test_nothing_but_the_answer_is_said(picture):
    command = [sys.executable, "-m", "xai_widgets.cli", "explain", picture, *DIGITS]
    root = str(Path(__file__).parents[2])
    environment = {"PATH": "", "PYTHONPATH": root, "HOME": str(Path(picture).resolve().parent)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 5
