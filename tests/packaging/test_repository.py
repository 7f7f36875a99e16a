"""What the repository may hold: no address of a registry, no place of one machine, no widget state, exact versions."""

import json
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

# Split, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(
        [
            "py" + r"pi\.org",
            "python" + r"hosted\.org",
            "npm" + r"js\.",
            "ana" + r"conda\.org",
            "unp" + r"kg\.com",
            "js" + r"delivr",
            "download" + r"\.pytorch",
        ]
    )
)
PLACES = re.compile(
    r"(?<![\w.:/~-])/(?:" + "|".join(["ro" + "ot", "ho" + "me", "wo" + "rk", "Us" + "ers"]) + r")/[\w.]+"
)
SECRETS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bgh[pousr]_\w{30,}|\bAKIA[0-9A-Z]{16}\b|\bhf_\w{30,}")
PIN = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)?")
ADDRESS = re.compile(
    r"https://(?:github\.com|mybinder\.org/v2/gh|colab\.research\.google\.com/github)/([\w.-]+/[\w.-]+)"
)


def text_of(path):
    data = path.read_bytes()
    return "" if b"\0" in data else data.decode("utf-8")


@pytest.mark.parametrize(
    ("pattern", "what"),
    [(REGISTRIES, "the address of a registry"), (PLACES, "a place of one machine"), (SECRETS, "a secret")],
    ids=["registry", "place", "secret"],
)
def test_no_file_holds(tracked, root, pattern, what):
    found = [
        f"{path.relative_to(root)}: {match.group()}" for path in tracked for match in pattern.finditer(text_of(path))
    ]
    assert not found, f"{what} in: {found}"


def test_the_patterns_find_what_they_are_for():
    assert REGISTRIES.search("https://files.python" + "hosted.org/packages/x.whl")
    assert PLACES.search('open("/ho' + 'me/ada/model.keras")')
    assert not PLACES.search("https://example.org/ho" + "me/page")


def test_no_large_file(tracked, root):
    large = {str(path.relative_to(root)): path.stat().st_size for path in tracked if path.stat().st_size > 10_000_000}
    assert not large


def test_no_widget_state_in_notebooks(tracked):
    notebooks = [path for path in tracked if path.suffix == ".ipynb"]
    assert notebooks
    assert [path for path in notebooks if "widgets" in json.loads(text_of(path))["metadata"]] == []


def test_every_version_is_exact(root):
    lines = [line for line in (root / "constraints.txt").read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    names = [line.split("==")[0] for line in lines]
    assert names == sorted(set(names))


def test_every_requirement_has_its_version(root):
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    names = {re.match(r"[\w-]+", each).group().lower() for each in wanted}
    pinned = {line.split("==")[0] for line in (root / "constraints.txt").read_text("utf-8").splitlines()}
    assert names - pinned == set()


def test_binder_has_the_same_environment(root):
    assert (root / "binder" / "environment.yml").read_bytes() == (root / "environment.yml").read_bytes()


def test_binder_starts_as_make_lab_does(root):
    asked = "import os; print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    said = subprocess.run(
        [root / "binder" / "start", sys.executable, "-c", asked], capture_output=True, check=True, text=True
    ).stdout
    makefile = (root / "Makefile").read_text("utf-8")
    assert f"TF_ENABLE_ONEDNN_OPTS=$(or $(TF_ENABLE_ONEDNN_OPTS),{said.strip()})" in makefile


def test_the_environment_pins_a_python_that_the_package_takes(root):
    environment = yaml.safe_load((root / "environment.yml").read_text("utf-8"))
    assert "pip" in environment["dependencies"]
    assert {"python=3.11", "python=3.12", "python=3.13"} & set(environment["dependencies"])


def test_one_version_everywhere(root):
    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    citation = yaml.safe_load((root / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == version
    assert re.search(rf"^## \[?{re.escape(version)}\]?", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert f'__version__ = "{version}"' in (root / "xai_widgets" / "__init__.py").read_text("utf-8")


def test_every_badge_is_of_this_repository(root, tracked):
    home = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"]
    pages = [
        path for path in tracked if path.name in {"README.md", "CITATION.cff"} or path.parent.parent.name == "notebooks"
    ]
    named = [name.removesuffix(".git") for page in pages for name in ADDRESS.findall(text_of(page))]
    ours = [name for name in named if name.endswith("/xai_widgets")]
    assert ours
    assert set(ours) == {home.removeprefix("https://github.com/")}


def test_the_commands_of_the_readme_exist(root):
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md"):
        named = set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)", "\n".join(code_of(root / page))))
        assert named
        assert named <= targets, f"{page} names targets that the Makefile lacks"


def test_the_files_that_the_readme_names_exist(root):
    for page in ("README.md", "CONTRIBUTING.md"):
        links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", (root / page).read_text("utf-8"))
        assert [link for link in links if not (root / link).exists()] == []


def code_of(page):
    text = page.read_text("utf-8")
    return [*re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL), *re.findall(r"`([^`\n]+)`", text)]


def test_every_shipped_model_is_in_the_wheel(tracked, root):
    """What CONTRIBUTING asks of whoever adds a model: card, weights, and a line in pyproject.toml for each."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    included = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    cards = [path for path in tracked if path.name == "card.toml" and path.parent.parent == root / "data"]
    assert cards
    for card in cards:
        for file in ("card.toml", tomllib.loads(card.read_text("utf-8"))["file"]):
            name = f"{card.parent.name}/{file}"
            assert included.get(f"data/{name}") == f"xai_widgets/_data/{name}"
            assert (root / "data" / name).is_file()


def test_the_marks_of_a_source_script_that_contributing_explains_are_those_in_use(root):
    page = (root / "CONTRIBUTING.md").read_text("utf-8")
    explained = {kind for row in re.findall(r"^\| `# %%([^`]*)`", page, re.MULTILINE) for kind in _marks(row)}
    scripts = [path.read_text("utf-8") for path in sorted((root / "notebooks" / "source").glob("*.py"))]
    used = {kind for text in scripts for row in re.findall(r"^# %%(.*)$", text, re.MULTILINE) for kind in _marks(row)}
    assert used <= explained | {"en"}  # the twin of "fr", in its line


def _marks(first_line):
    """Name what stands in the first line of a cell: its tags, and its other marks."""
    tags = [tag for group in re.findall(r"tags=\[(.*?)\]", first_line) for tag in re.findall(r'"([^"]+)"', group)]
    return {*tags, *re.findall(r"(\w+)=(?!\[)", first_line)}
