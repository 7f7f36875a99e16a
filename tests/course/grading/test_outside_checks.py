"""A whole notebook, judged outside of the kernel that runs it: networks, data and functions are handed over.

The other answers that are no functions, those of the capstone, are handed over without their notebook (test_judge.py).
"""

from pathlib import Path

import pytest

from xai_widgets.course.authoring.checkout import Layout
from xai_widgets.course.authoring.edition_notebooks import Builder
from xai_widgets.course.authoring.execution import environment
from xai_widgets.course.grading.outside_checks import OutsideChecks

pytestmark = [pytest.mark.notebook, pytest.mark.slow]

LAYOUT = Layout.find(Path(__file__).parent)


SLUG = "03_adversarial"


@pytest.mark.timeout(900)  # it trains a network
def test_a_solved_notebook_gets_all_points(tmp_path, monkeypatch):
    for name, value in environment("en").items():
        monkeypatch.setenv(name, value)
    builder = Builder.of(LAYOUT)
    (source,) = [one for one in builder.course if one.slug == SLUG]
    notebook, resources = builder.assignment(source, "en"), {"metadata": {"path": str(tmp_path)}}
    graded, _ = OutsideChecks(timeout=600).preprocess(notebook, resources)
    checks = [cell for cell in graded.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    points = {cell.metadata.nbgrader.grade_id: cell.outputs[-1].data["text/plain"] for cell in checks}
    assert points == {cell.metadata.nbgrader.grade_id: f"{cell.metadata.nbgrader.points}.0" for cell in checks}
    raised = [output for cell in graded.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert raised == []
