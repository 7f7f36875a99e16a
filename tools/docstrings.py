"""Validate the docstrings of the public names with numpydoc: ``python -m tools.docstrings``, half a minute.

The checks are those of ``[tool.numpydoc_validation]`` in pyproject.toml, and two more: RS01, an exception that the body
raises is not under Raises; PR11, a text refers the reader to the docstring of another function. Names that do not pass
are listed with their codes in ``[tool.docstrings.exceptions]``. A failure that is not listed is an error, and so is a
listed code that no longer fails: the list can only shrink.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from numpydoc.docscrape import get_doc_object
from numpydoc.validate import ERROR_MSGS, Validator, validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PROJECT: Final = Path(__file__).parents[1] / "pyproject.toml"
PACKAGE: Final = "xai_widgets"
MODULES: Final = (
    PACKAGE,
    f"{PACKAGE}.methods",
    f"{PACKAGE}.methods.atlas",
    f"{PACKAGE}.methods.dissection",
    f"{PACKAGE}.methods.embedding",
    f"{PACKAGE}.methods.units.ablation",
    f"{PACKAGE}.methods.units.deconvnet",
    f"{PACKAGE}.methods.units.filters",
    f"{PACKAGE}.methods.units.receptive_fields",
    f"{PACKAGE}.methods.units.top_patches",
    f"{PACKAGE}.methods.units.training_recorder",
    f"{PACKAGE}.methods.units.unit_statistics",
)
# What public functions return is read by the same people: the classes in these packages and modules.
RETURNED: Final = (
    f"{PACKAGE}.results",
    f"{PACKAGE}.assets.cards",
    f"{PACKAGE}.common.record_table",
    f"{PACKAGE}.datasets.pictures.sample_sources",
    f"{PACKAGE}.datasets.tabular",
    f"{PACKAGE}.datasets.vectors",
    f"{PACKAGE}.models.text",
    f"{PACKAGE}.models.zoo",
)
OWN_CODES: Final = ("PR11", "RS01")
# A method or property is shown by the example of its class; numpydoc would ask one of each.
_NOT_FOR_MEMBERS: Final = frozenset({"EX01"})
_REFERRAL: Final = re.compile(
    r"^\s*As (for|in|of) (every )?`|\b(same )?as (for|in) `|^\s*As `[\w.]+` does\b|\bas `[\w.]+` does\.?$"
    r"|\b(parameters|errors)\b[\w ,]* as (for|in|of) `|see `[\w.]+` for the|the parameters are those of `",
    re.IGNORECASE | re.MULTILINE,
)
# Who documents these is no reader of the package: a function that hands on to one of its own module.
_MAY_REFER: Final = frozenset({"load_lucid"})


class DataclassValidator(Validator):  # type: ignore[misc]
    """Numpydoc's validation of a dataclass or named tuple, whose fields are under Attributes and are its parameters."""

    @property
    def doc_all_parameters(self) -> Mapping[str, Any]:
        """Return the fields, and the parameters that are no fields."""
        return self._doc_parameters(["Attributes", "Parameters", "Other Parameters"])  # type: ignore[no-any-return]

    @property
    def signature_parameters(self) -> tuple[str, ...]:
        """Return the public parameters of the constructor, and the documented properties of the class."""
        fields = [name for name in super().signature_parameters if not name.startswith("_")]
        derived = [name for name in self.doc_all_parameters if name not in fields and hasattr(self.obj, name)]
        order = [name for name in self.doc_all_parameters if name in {*fields, *derived}]
        return tuple(order if set(order) >= set(fields) else fields)


def public_objects(modules: Sequence[str] = MODULES) -> dict[str, Any]:
    """Return what is validated, by name: the public names of the modules, and the public members of their classes.

    A member is named by the class that defines it, so that one that several labs inherit is validated once.
    """
    found: dict[str, Any] = {}
    for module in map(importlib.import_module, modules):
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value):
                found.setdefault(f"{module.__name__}.{name}", value)
                found.update(_members(value) if inspect.isclass(value) else {})
    return found


def returned_classes(packages: Sequence[str] = RETURNED) -> dict[str, type]:
    """Return the public classes that are defined in some packages and modules, by name."""
    found = {}
    for package in map(importlib.import_module, packages):
        inner = [each.name for each in pkgutil.iter_modules(getattr(package, "__path__", []), f"{package.__name__}.")]
        for module in map(importlib.import_module, [package.__name__, *inner]):
            for name, value in vars(module).items():
                if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_"):
                    found[f"{module.__name__}.{name}"] = value
    return found


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    for base in cls.__mro__:
        if base.__module__.split(".")[0] == PACKAGE:
            for name, value in vars(base).items():
                documented = isinstance(value, property | classmethod | staticmethod) or inspect.isfunction(value)
                if documented and not name.startswith("_"):
                    yield f"{base.__module__}.{base.__qualname__}.{name}", getattr(base, name)


def failures(value: Any, checks: frozenset[str], *, member: bool = False) -> dict[str, str]:
    """Return what is wrong with the docstring of a function, class or property: a message for each code."""
    has_fields = dataclasses.is_dataclass(value) or (inspect.isclass(value) and issubclass(value, tuple))
    kind = DataclassValidator if has_fields else Validator
    found = validate("", validator_cls=lambda obj_name: kind(get_doc_object(value)))["errors"]  # noqa: ARG005
    wanted = checks - _NOT_FOR_MEMBERS if member else checks
    messages: dict[str, list[str]] = {}
    for code, text in [*found, *_own_failures(value)]:
        if code in wanted:
            messages.setdefault(code, []).append(text)
    return {code: "; ".join(texts) for code, texts in sorted(messages.items())}


def _own_failures(value: Any) -> Iterator[tuple[str, str]]:
    text = inspect.getdoc(value) or ""
    referral = _REFERRAL.search(text)
    if referral:
        yield "PR11", f"{referral.group().strip()!r} refers to another docstring; say here what it is"
    section = text.partition("Raises\n------")[2]
    missing = [name for name in _raised(value) if name not in section]
    if missing:
        yield "RS01", f"raises {', '.join(missing)}, not documented under Raises"


def _raised(value: Any) -> list[str]:
    """Return the names of the exceptions that the body of a function, or of a constructor, raises itself."""
    if isinstance(value, property):
        value = value.fget
    if inspect.isclass(value):
        value = vars(value).get("__init__") or vars(value).get("__post_init__")
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(value))))
    except (OSError, TypeError, SyntaxError):  # made by a decorator or by Python, without source
        return []
    raised = [
        node.exc.func for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    ]
    return sorted({ast.unparse(name).rpartition(".")[2] for name in raised if ast.unparse(name)[0].isupper()})


def referrals(folder: Path = PROJECT.parent / PACKAGE) -> Iterator[str]:
    """Yield a line for each public docstring in the sources that refers to another one for what it should say itself.

    This goes beyond the validated names: whoever reads any function or class finds its parameters in place.
    """
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            found = _REFERRAL.search(ast.get_docstring(node) or "")
            if found and node.name not in _MAY_REFER:
                place = f"{path.relative_to(folder.parent).as_posix()}:{node.lineno} {node.name}"
                yield f"{place}: {found.group().strip()!r} refers to another docstring; say here what it is"


def wanted_checks(settings: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes to check; after "all" in numpydoc's table, the others are those that are left out."""
    given = set(settings["tool"]["numpydoc_validation"]["checks"])
    named = set(ERROR_MSGS) - given if "all" in given else given
    return frozenset({*named, *OWN_CODES} - {"all"})


def problems(found: Mapping[str, Mapping[str, str]], exceptions: Mapping[str, Sequence[str]]) -> list[str]:
    """Compare the failures with the list of exceptions; return a sentence for each that is on one side alone.

    Parameters
    ----------
    found : mapping
        From each validated name to its messages by code; empty where it passes.
    exceptions : mapping
        From names to the codes that may fail.
    """
    lines = [
        f"{name}: {code}: {text}"
        for name, messages in found.items()
        for code, text in messages.items()
        if code not in exceptions.get(name, ())
    ]
    for name, codes in exceptions.items():
        if name not in found:
            lines.append(f"{name}: listed among the exceptions, but is no public name; remove the entry")
            continue
        passed = sorted(set(codes) - set(found[name]))
        if passed or not codes:
            lines.append(f"{name}: {', '.join(passed) or 'everything'} passes now; remove it from the exceptions")
    return lines


def exceptions_text(found: Mapping[str, Mapping[str, str]]) -> str:
    """Return the list of exceptions that fits what was found, as lines of TOML."""
    rows = [f'"{name}" = [{", ".join(map(_quoted, sorted(codes)))}]' for name, codes in sorted(found.items()) if codes]
    return "".join(row + "\n" for row in rows)


def _quoted(text: str) -> str:
    return f'"{text}"'


def main() -> int:
    """Validate, print what is wrong, and return 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="print the list of exceptions that the code needs now")
    options = parser.parse_args()
    settings = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    checks = wanted_checks(settings)
    found = {
        name: failures(value, checks, member=name.rpartition(".")[0] not in MODULES)
        for name, value in (returned_classes() | public_objects()).items()
    }
    if options.list:
        print(exceptions_text(found), end="")
        return 0
    lines = problems(found, settings["tool"].get("docstrings", {}).get("exceptions", {}))
    lines += referrals()
    print(*lines, f"{len(found)} public names validated, {len(lines)} errors", sep="\n")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
