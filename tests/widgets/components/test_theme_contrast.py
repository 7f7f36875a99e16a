"""The colours of labs computed from the variables that JupyterLab's themes give them."""

import re
from pathlib import Path

import jupyterlab
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from xai_widgets.plots.agg_figure import contrast
from xai_widgets.widgets.components import assets

THEMES = Path(jupyterlab.__file__).parent / "themes" / "@jupyterlab"
INNERMOST = re.compile(r"(var|color-mix|rgba)\(([^()]*)\)")


def variables(text):
    """Return the first declaration of each variable of a style sheet."""
    found = {}
    for name, value in re.findall(r"(--[\w-]+):\s*([^;}]+)", text):
        found.setdefault(name, value.strip())
    return found


def written(parts):
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def resolved(value, known):
    """Return a colour as red, green, blue and opacity, 0 to 1; variables and mixtures are worked out."""
    while found := INNERMOST.search(value):
        function, parts = found[1], [part.strip() for part in found[2].split(",")]
        if function == "var":
            given = known.get(parts[0]) or ",".join(parts[1:])
        elif function == "rgba":
            given = written([*(int(part) / 255 for part in parts[:3]), float(parts[3])])
        else:
            share = float(re.search(r"([\d.]+)%", parts[1])[1]) / 100
            one, other = to_rgba(parts[1].split()[0]), to_rgba("#00000000" if parts[2] == "transparent" else parts[2])
            alpha = share * one[3] + (1 - share) * other[3]
            mixed = [
                (share * a * one[3] + (1 - share) * b * other[3]) / alpha
                for a, b in zip(one[:3], other[:3], strict=True)
            ]
            given = written([*mixed, alpha])
        value = value[: found.start()] + given + value[found.end() :]
    return to_rgba(value.strip())


def over(ink, ground):
    return tuple(np.array(ink[:3]) * ink[3] + np.array(ground[:3]) * (1 - ink[3]))


@pytest.fixture(params=["light", "dark"])
def colour(request):
    """A function that returns one of the components' colours in a theme of JupyterLab, as it is painted on a ground."""
    theme = (THEMES / f"theme-{request.param}-extension" / "index.css").read_text("utf-8")
    known = variables(assets.style("slider")) | variables(theme)

    def painted(name, ground=None):
        ink = resolved(f"var({name})", known)
        return over(ink, (1, 1, 1) if ground is None else painted(ground))

    return painted


PAIRS = [
    (ink, ground)
    for ink in ("--xw-ink", "--xw-soft", "--jp-ui-font-color1", "--jp-ui-font-color2", "--jp-content-font-color1")
    for ground in ("--xw-paper", "--jp-layout-color1")
]


@pytest.mark.parametrize(
    ("ink", "ground"),
    [*PAIRS, ("--xw-ink", "--xw-raised"), ("--xw-soft", "--xw-raised"), ("--xw-on-accent", "--xw-accent")],
)
def test_text_has_a_contrast_of_four_and_a_half(colour, ink, ground):
    assert contrast(colour(ink, ground), colour(ground)) >= 4.5


@pytest.mark.parametrize("name", ["--xw-line", "--xw-accent"])
def test_borders_and_marks_have_a_contrast_of_three(colour, name):
    assert contrast(colour(name, "--xw-paper"), colour("--xw-paper")) >= 3


def test_colours_are_worked_out():
    known = {"--a": "var(--b, red)", "--c": "rgba(0,0,0,.5)", "--d": "color-mix(in srgb, var(--c) 50%, transparent)"}
    assert resolved("var(--a)", known) == to_rgba("red")
    assert resolved("var(--d)", known) == pytest.approx((0, 0, 0, 0.25), abs=0.003)
    assert resolved("color-mix(in srgb, #ffffff 25%, #000000)", {}) == pytest.approx((0.25, 0.25, 0.25, 1), abs=0.003)
    assert over((1, 1, 1, 0.5), (0, 0, 0)) == (0.5, 0.5, 0.5)
