"""One finding of `check_model`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xai_widgets.i18n import message


@dataclass(frozen=True)
class Finding:
    """What was found out about one side of a model.

    Attributes
    ----------
    name : str
        What was looked at: ``"inputs"``, ``"range"``, ``"outputs"``, ``"labels"``, ...
    verdict : {"good", "look", "wrong"}
        ``"look"``: it may be meant so; ``"wrong"``: explanations would be wrong or impossible.
    seen : str
        What was seen.
    advice : str
        What to do; empty where there is nothing to do, or where `seen` says it.
    """

    name: str
    verdict: str
    seen: str
    advice: str = ""


def finding(name: str, verdict: str, key: str, **fields: Any) -> Finding:
    """Return a finding in the words of the catalogue: ``check.key``, and ``check.key_advice`` unless it is good."""
    said = "" if verdict == "good" else message(f"check.{key}_advice", **fields)
    return Finding(name, verdict, message(f"check.{key}", **fields), said)
