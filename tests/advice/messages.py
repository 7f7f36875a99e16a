"""Reads the error messages of the package from its sources, and tells which of them give advice."""

import ast
import re
from pathlib import Path

import xai_widgets

ROOT = Path(xai_widgets.__file__).parent
FLOORS = ("methods", "models", "datasets")
VERBS = (
    "use|give|choose|pass|take|name|call|wrap|leave out|build|make|write|replace|save|resize|install|ask|lower|"
    "average|divide|load|preprocess"
)
FORM = re.compile(rf"[;:.,] (?:or |and )?(?:{VERBS})\b", re.IGNORECASE)
"""Advice is a clause of its own that begins with what to do: "...; give one for each"."""


def template(node):
    """Return a text as it stands in the source, with {} for what is filled in; None for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def raised(tree):
    """Yield the texts that are raised: in the call itself, or by a name that the same block gives just before."""
    for block in ast.walk(tree):
        for statements in (getattr(block, "body", None), getattr(block, "orelse", None)):
            if not isinstance(statements, list):
                continue
            known = {}
            for statement in statements:
                if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                    known[statement.targets[0].id] = template(statement.value)
                if isinstance(statement, ast.Raise) and isinstance(statement.exc, ast.Call):
                    for argument in statement.exc.args:
                        text = template(argument) or known.get(getattr(argument, "id", None))
                        if text:
                            yield text


def advice():
    """Return the messages that give advice, each with the module where it stands."""
    found = {}
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            for text in raised(ast.parse(path.read_text(encoding="utf-8"))):
                if FORM.search(text):
                    found[text] = path.relative_to(ROOT).as_posix()
    return found
