"""Doctests leave out the module of a backend that is not installed, and leave nothing behind them."""

from __future__ import annotations

import builtins
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

collect_ignore = [
    f"xai_widgets/backend/{backend}_backend.py"
    for backend in ("tensorflow", "jax", "torch")
    if find_spec(backend) is None
]
collect_ignore.append("tests/models/zoo/keras2/make.py")  # it needs tf_keras
if find_spec("voila") is None:
    collect_ignore.append("xai_widgets/course/authoring/application.py")
    collect_ignore.append("xai_widgets/course/authoring/application_visitors.py")


@pytest.fixture(autouse=True)
def _no_underscore_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take `_` out of the builtins, where a doctest puts its last value: IPython names no output while it is there."""
    yield
    if isinstance(request.node, pytest.DoctestItem):
        vars(builtins).pop("_", None)
