"""nbgrader's autograding with checks outside of the student's kernel, whatever the code in it has changed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_output
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute

from xai_widgets.course.exercises.exercise_registry import add_exercises, list_exercises
from xai_widgets.course.exercises.grade_ids import grade_id
from xai_widgets.course.grading.judge import Judge
from xai_widgets.course.grading.students_package import copy_for_students

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from xai_widgets.course.exercises.verdict import Verdict


class OutsideChecks(Execute):
    """Run what a student has handed in with a package that holds no reference, and judge its checks from here."""

    _judge: Judge
    _students: Path
    _died: bool

    def preprocess(self, nb: NotebookNode, resources: Any, *more: Any, **options: Any) -> Any:
        """Run a notebook; the outputs of its checks are the points that the judge gives."""
        with tempfile.TemporaryDirectory() as folder, Judge() as self._judge:
            self._students, self._died = Path(folder), False
            copy_for_students(self._students)
            self._add_own_exercises()
            return super().preprocess(nb, resources, *more, **options)

    def _add_own_exercises(self) -> None:
        """Add the exercises that `export` has put beside the assignments."""
        root = self.config.get("CourseDirectory", {}).get("root")
        folder = Path(root if isinstance(root, str) else ".").resolve() / "exercises"
        if folder.is_dir():
            add_exercises(folder)

    def start_new_kernel(self, **kwargs: Any) -> None:
        """Start the student's kernel, which finds the package without references first."""
        path = os.pathsep.join(filter(None, [str(self._students), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path, **self._judge.environment()}
        super().start_new_kernel(env=environment, **kwargs)

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> Any:
        """Run a cell; what a check shows is replaced by the verdict and its points."""
        name = self._exercise(cell)
        self._judge.expect(name)
        resources = self._run(cell, resources, index)
        verdict = self._judge.verdict()
        if name:
            cell.outputs = _outputs(cell, verdict)
        return cell, resources

    def _run(self, cell: NotebookNode, resources: Any, index: int) -> Any:
        """Run a cell; where code of the student's has ended its kernel, no cell below is run."""
        if self._died:
            return resources
        try:
            return super().preprocess_cell(cell, resources, index)[1]
        except DeadKernelError:
            self._died = True
            cell.outputs = [new_output("error", ename="DeadKernelError", evalue="this cell has ended its kernel")]
            return resources

    def _exercise(self, cell: NotebookNode) -> str:
        """Return the exercise that a cell checks, nothing for other cells."""
        marks = cell.metadata.get("nbgrader", {})
        names = {grade_id("check", name): name for name in list_exercises()}
        return names.get(marks.get("grade_id", ""), "") if marks.get("grade") else ""


def _outputs(cell: NotebookNode, verdict: Verdict | None) -> list[NotebookNode]:
    """Return the verdict, for the student to read, and the points, for nbgrader."""
    points = float(cell.metadata.nbgrader.points) if verdict is not None and verdict.passed else 0.0
    if verdict is not None:
        said = [new_output("display_data", data={"text/plain": str(verdict), "text/html": verdict._repr_html_()})]
    else:
        raised = [o for o in cell.outputs if o.output_type == "error"]
        text = "\n".join(f"{o.ename}: {o.evalue}" for o in raised) or "no answer was handed over"
        said = [new_output("stream", name="stdout", text=f"{text}\n")]
    shown = new_output("execute_result", data={"text/plain": repr(points)}, execution_count=cell.execution_count)
    return [*said, shown]


def autograde_preprocessors() -> list[type]:
    """Return nbgrader's own steps, with `OutsideChecks` in the place of the one that runs the notebook."""
    steps = Autograde.autograde_preprocessors.make_dynamic_default()
    return [OutsideChecks if step is Execute else step for step in steps]
