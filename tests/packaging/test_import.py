"""`import xai_widgets` is light: what is heavy comes with the first use."""

import json
import subprocess
import sys

import pytest

HEAVY = ("tensorflow", "jax", "torch", "keras", "matplotlib", "ipywidgets", "sklearn", "skimage")


def modules_after(code: str) -> set[str]:
    """Run `code` in a fresh interpreter; return the names of the packages it has imported."""
    report = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import xai_widgets",
        "import xai_widgets; dir(xai_widgets)",
        "from xai_widgets import i18n, set_language; set_language('fr'); i18n.message('lab.stop')",
    ],
)
def test_it_brings_in_nothing_heavy(code):
    assert modules_after(code).isdisjoint(HEAVY)


def test_the_check_sees_what_is_heavy():
    assert "matplotlib" in modules_after("import matplotlib")


def test_every_public_name_is_there():
    code = "import xai_widgets\nfor name in xai_widgets.__all__: getattr(xai_widgets, name)"
    assert "keras" in modules_after(code)


def test_an_unknown_name_is_refused():
    done = subprocess.run(
        [sys.executable, "-c", "import xai_widgets; xai_widgets.nothing"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "has no attribute 'nothing'" in done.stderr
