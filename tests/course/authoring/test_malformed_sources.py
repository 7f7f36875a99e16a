"""Sources as authors mistype them: each fault is named with its notebook and cell, and nothing is written."""

import re

import pytest

from tests.course.authoring.test_build import EXERCISE, GOOD, HEADER, TWINS, course, files
from xai_widgets.course.__main__ import main

SOURCE = "01_trial"
OUTSIDE = HEADER + TWINS
CELL = f"{SOURCE}, cell"


def without(text, *lines):
    for line in lines:
        assert line in text, line
        text = text.replace(line, "")
    return text


def instead(text, old, new):
    assert old in text, old
    return text.replace(old, new)


MALFORMED = {
    "bracket in the header": (instead(GOOD, "minutes: 5", "minutes: [5"), f"{SOURCE}, line", "not YAML"),
    "tab in the header": (instead(GOOD, "#     minutes", "#\t minutes"), f"{SOURCE}, line", "not YAML"),
    "quote lost in the header": (instead(GOOD, "\"L'essai\"", "L'essai: un"), f"{SOURCE}, line", "not YAML"),
    "no header": (TWINS + EXERCISE, SOURCE, "has no header"),
    "header not closed": (instead(GOOD, "# ---\n\n", "\n"), SOURCE, "has no header"),
    "empty file": ("", SOURCE, "has no header"),
    "course is a word": (re.sub(r"course:\n(#     .*\n|#       .*\n)+", "course: yes\n", GOOD), SOURCE, "not a table"),
    "minutes in words": (instead(GOOD, "minutes: 5", "minutes: five"), SOURCE, "minutes is a whole number"),
    "no minutes at all": (instead(GOOD, "minutes: 5", "minutes: -5"), SOURCE, "minutes is a whole number"),
    "title in one language": (without(GOOD, '#       en: "The trial"\n'), SOURCE, "title: en"),
    "title not by language": (
        re.sub(r"title:\n.*\n.*\n", "title: The trial\n", GOOD),
        SOURCE,
        "title: en",
    ),
    "before is a word": (instead(GOOD, "before: []", "before: 00_start"), SOURCE, "before is a list"),
    "before itself": (instead(GOOD, "before: []", f"before: [{SOURCE}]"), SOURCE, "comes before itself"),
    "level too high": (instead(GOOD, "level: 1", "level: 7"), SOURCE, "level is 1, 2 or 3"),
    "END SOLUTION lost": (without(GOOD, "    ### END SOLUTION\n"), f"{CELL} 4", "no ### END SOLUTION below it"),
    "BEGIN SOLUTION lost": (without(GOOD, "    ### BEGIN SOLUTION\n"), f"{CELL} 4", "no ### BEGIN SOLUTION above"),
    "END SOLUTION mistyped": (instead(GOOD, "END SOLUTION", "END SOLUTON"), f"{CELL} 4", "write ### END SOLUTION"),
    "BEGIN SOLUTION mistyped": (instead(GOOD, "BEGIN SOLUTION", "BEGN SOLUTION"), f"{CELL} 4", "write ### BEGIN SOL"),
    "marks in small letters": (instead(GOOD, "BEGIN SOLUTION", "begin solution"), f"{CELL} 4", "write ### BEGIN SOL"),
    "no marks": (without(GOOD, "    ### BEGIN SOLUTION\n", "    ### END SOLUTION\n"), f"{CELL} 4", "empty cell"),
    "solution in a solution": (
        instead(GOOD, "    ranked =", "    ### BEGIN SOLUTION\n    ranked ="),
        f"{CELL} 4",
        "stands inside solution",
    ),
    "END HIDDEN TESTS lost": (GOOD + "### BEGIN HIDDEN TESTS\n", f"{CELL} 5", "no ### END HIDDEN TESTS"),
    "HIDDEN TESTS mistyped": (GOOD + "### BEGIN HIDDEN TESTS\n### END HIDEN TESTS\n", f"{CELL} 5", "write ### END HID"),
    "negative points": (instead(GOOD, "points=2", "points=-2"), f"{CELL} 5", "points is a whole number"),
    "points in words": (instead(GOOD, "points=2", 'points="two"'), f"{CELL} 5", "points is a whole number"),
    "half a point": (instead(GOOD, "points=2", "points=0.5"), f"{CELL} 5", "points is a whole number"),
    "points without quotes": (instead(GOOD, "points=2", "points=two"), f"{CELL} 5", "cannot be read"),
    "points of an answer": (instead(GOOD, '# %% exercise="00.margin"', '# %% exercise="00.margin" points=2'),
                            f"{CELL} 4", "points stand in a cell marked check"),
    "mark not closed": (instead(GOOD, '# %% exercise="00.margin"', '# %% exercise="00.margin'),
                        f"{CELL} 4", "cannot be read"),
    "mark mistyped": (instead(GOOD, '# %% exercise="00.margin"', '# %% exercice="00.margin"'),
                      f"{CELL} 4", "did you mean exercise"),
    "exercise is a number": (instead(GOOD, '# %% exercise="00.margin"', "# %% exercise=0"),
                             f"{CELL} 4", "is the name of an exercise"),
    "tags are a word": (instead(OUTSIDE, 'tags=["fr"]', 'tags="fr"'), SOURCE, 'tags are written tags=["fr"]'),
    "tags not closed": (instead(OUTSIDE, 'tags=["fr"]', 'tags=["fr"'), f"{CELL} 1", "cannot be read"),
    "syntax of a cell": (OUTSIDE + "# %%\nprint('a'\n", f"{CELL} 3", "is not Python"),
    "syntax of a solution": (instead(GOOD, "np.sort(probabilities, axis=1)", "np.sort(("), f"{CELL} 4", "not Python"),
    "indentation of a cell": (OUTSIDE + "# %%\n  x = 1\n y = 2\n", f"{CELL} 3", "is not Python"),
    "import in an answer": (instead(GOOD, "def margin", "import math\n\n\ndef margin"), f"{CELL} 4", "cell above"),
    "check above its exercise": (
        OUTSIDE + EXERCISE[EXERCISE.index("# %% check") :] + "\n" + EXERCISE[: EXERCISE.index("# %% check")],
        f"{CELL} 3",
        "stands above its exercise",
    ),
    "an exercise twice": (GOOD + EXERCISE, SOURCE, '2 cells are marked exercise="00.margin"'),
    "a link to nowhere": (
        instead(GOOD, "Is it clear?", "Is [it](07_nowhere.ipynb) clear?"),
        f"{CELL} 2 (in en/01_trial.ipynb)",
        "07_nowhere.ipynb, which does not exist",
    ),
    "a picture without words": (instead(GOOD, "Is it clear?", "![](a.png)"), f"{CELL} 2", "no alternative text"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "where", "what"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_source_is_a_fault_in_one_line_and_nothing_is_written(tmp_path, capsys, text, where, what):
    layout = course(tmp_path, _01_trial=text)
    before = files(layout)
    assert main(["build", "--root", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert any(line.startswith(where) and what in line for line in told.err.splitlines()), told.err
    assert "nothing was written" in told.out
    assert "Traceback" not in told.err
    assert files(layout) == before
    for command in (["check"], ["build", "--students-only", "--to", str(tmp_path / "handed")]):
        assert main([*command, "--root", str(tmp_path)]) == 1
    assert files(layout) == before


OTHER_FILES = {
    "source not in UTF-8": ("notebooks/source/01_trial.py", GOOD.encode("utf-16"), "not UTF-8"),
    "glossary not TOML": ("notebooks/source/glossary.toml", b"[[term\n", "glossary.toml: is not TOML"),
    "glossary a single table": ("notebooks/source/glossary.toml", b"term = 3\n", "begin each with a line [[term]]"),
    "order without a list": ("notebooks/source/course.toml", b"notebooks = 3\n", "course.toml: has no list"),
    "order of the unknown": ("notebooks/source/course.toml", b'notebooks = ["01_tril"]\n', "the nearest: 01_trial"),
    "a notebook twice": ("notebooks/source/course.toml", b'notebooks = ["01_trial", "01_trial"]\n', "more than once"),
    "no address of a repository": (
        "pyproject.toml",
        b'[project]\nname = "a"\n[project.urls]\nRepository = "https://github.com/OWNER/a"\n',
        "pyproject.toml: 'https://github.com/OWNER/a' is not the address of a repository",
    ),
    "project not TOML": ("pyproject.toml", b"[project\n", "pyproject.toml: is not TOML"),
}


@pytest.mark.parametrize(("name", "content", "what"), OTHER_FILES.values(), ids=OTHER_FILES)
def test_a_malformed_file_beside_the_sources_is_a_fault_too(tmp_path, capsys, name, content, what):
    layout = course(tmp_path, _01_trial=GOOD)
    (tmp_path / name).write_bytes(content)
    before = files(layout)
    assert main(["build", "--root", str(tmp_path)]) == 1
    assert what in capsys.readouterr().err
    assert files(layout) == before


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode()], ids=["mark of Windows", "CRLF"]
)
def test_what_editors_of_windows_add_does_no_harm(tmp_path, content):
    layout = course(tmp_path, _01_trial=GOOD)
    layout.sources()[0].write_bytes(content)
    assert main(["build", "--students-only", "--root", str(tmp_path)]) == 0


def test_a_folder_that_is_no_checkout_is_told_in_one_line(tmp_path, capsys):
    assert main(["build", "--root", str(tmp_path)]) == 1
    assert "no notebooks/source in" in capsys.readouterr().err
