"""Doctests leave out the module of a backend that is not installed."""

from importlib.util import find_spec

collect_ignore = [
    f"xai_widgets/backend/{backend}_backend.py"
    for backend in ("tensorflow", "jax", "torch")
    if find_spec(backend) is None
]
collect_ignore.append("tests/models/zoo/keras2/make.py")  # it needs tf_keras
if find_spec("voila") is None:
    collect_ignore.append("xai_widgets/course/authoring/application.py")
    collect_ignore.append("xai_widgets/course/authoring/application_visitors.py")
