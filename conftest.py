"""Doctests leave out the module of a backend that is not installed."""

from importlib.util import find_spec

collect_ignore = [
    f"xai_widgets/backend/{backend}_backend.py"
    for backend in ("tensorflow", "jax", "torch")
    if find_spec(backend) is None
]
if find_spec("voila") is None:
    collect_ignore.append("xai_widgets/course/application.py")
