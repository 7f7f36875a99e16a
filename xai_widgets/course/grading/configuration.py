"""What nbgrader is told so that answers are judged outside of the kernel that runs them."""

CONFIGURATION = """\
# Answers are judged outside of the kernel that runs them: see the guide for instructors, "Grade".
from xai_widgets.course.grading.outside_checks import autograde_preprocessors

c = get_config()  # noqa: F821
c.Autograde.autograde_preprocessors = autograde_preprocessors()
c.OutsideChecks.timeout = 900
"""
