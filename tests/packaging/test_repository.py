"""What the repository may hold: no address of a registry, no place of one machine, no widget state, exact versions."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools.hashes import EXTRAS, packages
from xai_widgets.course.authoring.address import with_address
from xai_widgets.course.authoring.checkout import Layout

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
PYTHONS = ("3.11.0", "3.12.0", "3.13.0")
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


def test_what_builds_the_package_is_held_to_the_constraints(root):
    """Pip passes no constraints on to where it builds, so that all of it stands in pyproject.toml."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    asked = project["build-system"]["requires"]
    pinned = set((root / "constraints.txt").read_text("utf-8").splitlines())
    assert set(asked) <= pinned
    assert _closure(["hatchling"]) == {canonicalize_name(each.split("==")[0]) for each in asked}


def test_make_holds_what_builds_the_packages_that_come_as_sources(root):
    makefile = (root / "Makefile").read_text("utf-8")
    installing = [line for line in makefile.splitlines() if "$(INSTALL)" in line]
    assert len(installing) > 3
    assert all(re.search(r"\$\(HELD\) \$.+/python \$\(INSTALL\) --editable", line) for line in installing)
    (held,) = re.findall(r"^HELD := (.+)$", makefile, re.MULTILINE)
    assert held.split() == ["PIP_CONSTRAINT=constraints.txt", "PIP_BUILD_CONSTRAINT=constraints.txt"]


def _closure(names):
    """Name packages with all that they need here."""
    found, left = set(), list(names)
    while left:
        name = canonicalize_name(left.pop())
        if name not in found:
            found.add(name)
            needs = map(Requirement, metadata.requires(name) or [])
            left += [each.name for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def test_every_version_takes_every_python_that_the_package_takes(root):
    lines = (root / "constraints.txt").read_text("utf-8").splitlines()
    pinned = dict(line.partition(" ;")[0].split("==") for line in lines if line and line[0] != "#")
    here = {canonicalize_name(each.name): each.metadata for each in metadata.distributions()}
    asked = {name: here[name]["Requires-Python"] or "" for name in pinned if name in here}
    asked = {name: text for name, text in asked.items() if here[name]["Version"] == pinned[name]}
    assert len(asked) > len(PYTHONS)
    refused = [(name, text) for name, text in asked.items() if not all(map(SpecifierSet(text).contains, PYTHONS))]
    assert refused == []


@pytest.mark.parametrize("name", ["hashes.txt", "hashes-build.txt"])
def test_hashes_are_those_of_the_constraints_without_any_address(root, name):
    text = (root / name).read_text("utf-8")
    pinned = set((root / "constraints.txt").read_text("utf-8").splitlines())
    found = packages(text)
    assert {f"{name}=={version}" for name, version in found.items()} <= pinned
    assert "://" not in text
    blocks = re.split(r"\n(?=\w)", "\n" + "".join(re.findall(r"^(?!#).*\n", text, re.MULTILINE)))[1:]
    assert len(blocks) == len(found)
    for block in blocks:
        first, *others = block.rstrip("\n").split(" \\\n")
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", first)
        assert others
        assert all(re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}", line) for line in others), first


def test_hashes_hold_all_that_make_installs_and_what_builds_the_package(root):
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    built = packages((root / "hashes-build.txt").read_text("utf-8"))
    assert {canonicalize_name(Requirement(each).name) for each in project["build-system"]["requires"]} <= built.keys()
    wanted = project["project"]["dependencies"]
    wanted += [each for extra in EXTRAS for each in extras[extra]]
    found = packages((root / "hashes.txt").read_text("utf-8"))
    assert {canonicalize_name(Requirement(each).name) for each in wanted} <= found.keys()
    makefile = (root / "Makefile").read_text("utf-8")
    asked = {each for group in re.findall(r'--editable "\.\[([\w,-]+)\]"', makefile) for each in group.split(",")}
    assert asked - {"jax", "torch"} == set(EXTRAS)


def test_every_test_that_the_page_on_security_names_is_there(root):
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (root / "SECURITY.md").read_text("utf-8"))
    assert len(named) > 20
    for path, test in named:
        assert f"def {test}" in (root / path).read_text("utf-8"), f"{path}::{test}"


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


def test_whatever_leads_to_this_repository_leads_to_the_address_that_is_set(root, tracked):
    home = (Layout(root).repository() or "").removeprefix("https://github.com/")
    shown = [path for path in tracked if path.suffix in {".md", ".cff", ".ipynb"} or path.name == "pyproject.toml"]
    named = [name.removesuffix(".git") for page in shown for name in ADDRESS.findall(text_of(page))]
    ours = {name for name in named if name == home or name.endswith("/xai_widgets")}
    assert ours == ({home} if home else set())


def test_no_page_leads_to_binder_or_colab_before_the_address_is_set(root, tracked):
    notebooks = [path for path in tracked if path.suffix == ".ipynb"]
    pages = [text_of(path) for path in (root / "README.md", *notebooks)]
    leading = [page for page in pages if "://mybinder.org" in page or "://colab.research" in page or "git+http" in page]
    assert len(leading) == (len(pages) if Layout(root).repository() else 0)


def test_the_files_that_name_the_address_are_as_its_command_writes_them(root):
    home = Layout(root).repository()
    for name, text in with_address(Layout(root), home).items():
        command = f"python -m xai_widgets.course address {home or '--remove'}"
        assert (root / name).read_text("utf-8") == text, f"{name}: run {command}"


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
    return [
        *re.findall(r"^```(?!python|json)\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL),
        *re.findall(r"`([^`\n]+)`", text),
    ]


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
