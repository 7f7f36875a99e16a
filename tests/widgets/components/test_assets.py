"""Modules that are joined: each has a scope of its own, and what cannot work is an error."""

import json
import subprocess

import pytest

from xai_widgets.widgets.components import assets


@pytest.fixture
def write(tmp_path):
    """Give a function that writes modules and returns their folder."""

    def written(**modules):
        for name, text in modules.items():
            (tmp_path / f"{name}.js").write_text(text, "utf-8")
        return tmp_path

    return written


@pytest.fixture
def run(node):
    """Give a function that runs a joined module in Node and returns its default export."""

    def ran(text):
        script = text.replace("export default ", "const result = ") + "console.log(JSON.stringify(result));\n"
        command = [node, "--input-type=module", "--eval", script]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    return ran


def test_equal_private_names_stay_apart(write, run):
    folder = write(
        main='import { left } from "./left.js";\nimport { right } from "./right.js";\n'
        'const SIZE = 1;\nfunction hidden() { return "main"; }\n'
        "export default { sizes: [SIZE, left(), right()], name: hidden() };\n",
        left="const SIZE = 2;\nfunction hidden() { return SIZE; }\nexport function left() {\n  return hidden();\n}\n",
        right="const SIZE = 3;\nconst hidden = () => SIZE;\nexport const right = () => hidden();\n",
    )
    assert run(assets.module("main", folder)) == {"sizes": [1, 2, 3], "name": "main"}


def test_a_module_sees_no_private_name_of_another(write, run):
    folder = write(
        main='import { seen } from "./other.js";\nconst secret = 1;\nexport default { seen: seen(), secret };\n',
        other="export function seen() {\n  return typeof secret;\n}\n",
    )
    assert run(assets.module("main", folder)) == {"seen": "undefined", "secret": 1}


def test_a_module_that_two_import_runs_once(write, run):
    folder = write(
        main='import { a } from "./a.js";\nimport { b } from "./b.js";\nexport default { same: a === b };\n',
        a='import { shared } from "./c.js";\nexport const a = shared;\n',
        b='import { shared as one } from "./c.js";\nexport const b = one;\n',
        c="export const shared = {};\n",
    )
    text = assets.module("main", folder)
    assert text.count("shared = {}") == 1
    assert run(text) == {"same": True}


def test_names_can_be_exported_in_several_ways_and_imported_over_several_lines(write, run):
    folder = write(
        main='import {\n  A,\n  b as renamed,\n  Kind,\n  later,\n} from "./other.js";\n'
        "export default {\n  all: [A, renamed(), new Kind().one, typeof later],\n};\n",
        other="export const A = 1;\nexport function b() {\n  return 2;\n}\n"
        "export class Kind {\n  one = 3;\n}\nexport async function later() {}\n",
    )
    assert run(assets.module("main", folder)) == {"all": [1, 2, 3, "function"]}


@pytest.mark.parametrize(
    ("modules", "words"),
    [
        (
            {"main": 'import { place } from "./a.js";\n', "a": "export const places = 1;\nconst place = 2;\n"},
            r"main\.js imports 'place', but a\.js does not export it; did you mean places\?",
        ),
        (
            {"main": 'import { x } from "./a.js";\n', "a": 'import { y } from "./b.js";\nexport const x = 1;\n',
             "b": 'import { x } from "./a.js";\nexport const y = 1;\n'},
            r"circular import: a\.js -> b\.js -> a\.js",
        ),
        ({"main": 'import { x } from "./main.js";\n'}, r"circular import: main\.js -> main\.js"),
        ({"main": 'import { x } from "./gone.js";\n'}, r"main\.js imports gone\.js, which is not in "),
        ({"main": "export const render = 1;\n"}, r"main\.js has no default export"),
        ({"main": 'import * as all from "./a.js";\n'}, r"main\.js: 'import \* as all from .* cannot be joined"),
        ({"main": 'import { x } from "elsewhere";\n'}, "cannot be joined"),
        ({"main": "export let x = 1;\n"}, "cannot be joined"),
        ({"main": "const x = 1;\nexport { x };\n"}, "cannot be joined"),
        ({"main": 'export * from "./a.js";\n'}, "cannot be joined"),
        ({"main": 'import { a-b } from "./a.js";\n'}, r"imports 'a-b', which is not"),
    ],
)  # fmt: skip
def test_what_cannot_be_joined_is_refused(write, modules, words):
    with pytest.raises(ImportError, match=words):
        assets.module("main", write(**modules))


def test_there_is_no_such_module(tmp_path):
    with pytest.raises(ImportError, match=r"there is no gone\.js in "):
        assets.module("gone", tmp_path)


def test_siblings_come_once_and_before_who_imports_them():
    text = assets.module("picture_canvas")
    assert text.count("function make(") == 1
    assert text.index("function make(") < text.index("function drawLegend(") < text.index("function chooseSharpness(")
