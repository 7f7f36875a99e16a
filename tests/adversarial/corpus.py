"""The kinds of hostile input: each is made by script, the same at every run."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.adversarial.judging import Case

KINDS = ("pictures", "archives", "models", "labels", "options", "servers", "notebooks", "students")


def cases_of(kind: str) -> Iterator[Case]:
    """Give the cases of a kind."""
    return importlib.import_module(f"tests.adversarial.kinds.{kind}").cases()
