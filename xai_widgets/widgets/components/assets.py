"""Joins an ES module with the siblings that it imports, because a widget's module cannot load files.

Each module becomes the body of a function, so that its names are its own; the function returns what it exports. The
files stay ES modules that a browser, Node or a type checker reads one by one. They use the part of the syntax that can
be moved into a function without a parser: named imports from siblings, and ``export`` in front of a function, a class,
a constant, or (``default``) an object.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent

_IMPORT = re.compile(r'^import \{(?P<names>[^{}]*)\} from "\./(?P<module>\w+)\.js";\n', re.MULTILINE)
_NAME = re.compile(r"(?P<name>[A-Za-z_]\w*)(?: as (?P<local>[A-Za-z_]\w*))?")
_EXPORT = re.compile(r"^export (?=(?:async function|function\*?|class|const) ?(?P<name>[A-Za-z_]\w*))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default (?=\{)", re.MULTILINE)
_UNKNOWN = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def module(name: str, folder: Path = FOLDER) -> str:
    """Return the text of one ES module that does what ``name.js`` does, and imports nothing.

    Parameters
    ----------
    name : str
        The file's name, without its ending.
    folder : pathlib.Path
        Where the file and its siblings are.

    Returns
    -------
    str
        The modules that ``name.js`` needs, each after those that it imports itself, each in a scope of its own.

    Raises
    ------
    ImportError
        If a module imports what does not exist, imports itself in a circle, or uses a form of ``import`` or ``export``
        that cannot be joined.

    Examples
    --------
    >>> text = module("slider")
    >>> "import {" in text, text.count("export default")
    (False, 1)
    """
    parsed: dict[str, _Module] = {}
    _collect(name, folder, parsed, ())
    scopes = "".join(part.scope() for part in parsed.values())
    return f"{scopes}export default {_namespace(name)}.default;\n"


def style(name: str) -> str:
    """Return the style sheets shared by all components and labs, followed by ``name.css``.

    Examples
    --------
    >>> ".xw-slider" in style("slider")
    True
    """
    return "\n".join((FOLDER / f"{part}.css").read_text(encoding="utf-8") for part in ("common", "controls", name))


@dataclass(frozen=True)
class _Module:
    """One ES module: what it imports and exports, and its text."""

    name: str
    imports: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    exports: tuple[str, ...]
    text: str

    def scope(self) -> str:
        """Return a statement that runs the module in a function and names what it exports."""
        bindings = "".join(
            f"const {{ {', '.join(_binding(*pair) for pair in names)} }} = {_namespace(module)};\n"
            for module, names in self.imports
        )
        exports = ", ".join(f"default: {_DEFAULT_NAME}" if name == "default" else name for name in self.exports)
        return f"const {_namespace(self.name)} = (() => {{\n{bindings}{self.text}\nreturn {{ {exports} }};\n}})();\n\n"


_DEFAULT_NAME = "$default"  # no name in the files begins with a dollar


def _namespace(name: str) -> str:
    """Return the name of the object that holds what a module exports."""
    return f"$module_{name}"


def _binding(name: str, local: str) -> str:
    """Return how one imported name is taken out of a module's exports."""
    return name if name == local else f"{name}: {local}"


def _collect(name: str, folder: Path, parsed: dict[str, _Module], importers: tuple[str, ...]) -> None:
    """Add the module called `name` to `parsed`, after the modules that it imports."""
    if name in importers:
        circle = [*importers[importers.index(name) :], name]
        raise ImportError(
            f"circular import: {' -> '.join(f'{one}.js' for one in circle)}; move what both need to a third"
        )
    if name in parsed:
        return
    file = folder / f"{name}.js"
    if not file.is_file():
        whose = f"{importers[-1]}.js imports {file.name}, which is not" if importers else f"there is no {file.name}"
        raise ImportError(f"{whose} in {folder}")
    found = _parse(name, file.read_text(encoding="utf-8"))
    for sibling, names in found.imports:
        _collect(sibling, folder, parsed, (*importers, name))
        for exported, _local in names:
            _check_exported(name, exported, parsed[sibling])
    if not importers and "default" not in found.exports:
        raise ImportError(f"{name}.js has no default export; a widget's module ends with: export default {{ render }};")
    parsed[name] = found


def _parse(name: str, source: str) -> _Module:
    """Read a module's imports and exports, and take both words out of its text."""
    imports = tuple((found["module"], _imported(name, found["names"])) for found in _IMPORT.finditer(source))
    exports = [found["name"] for found in _EXPORT.finditer(source)]
    exports += ["default" for _found in _DEFAULT.finditer(source)]
    text = _DEFAULT.sub(f"const {_DEFAULT_NAME} = ", _EXPORT.sub("", _IMPORT.sub("", source)))
    unknown = _UNKNOWN.search(text)
    if unknown:
        raise ImportError(
            f"{name}.js: {unknown.group()!r} cannot be joined with other modules; write "
            'import { name } from "./sibling.js"; or export in front of a function, class, const or default object'
        )
    return _Module(name, imports, tuple(exports), text.strip("\n"))


def _imported(module: str, names: str) -> tuple[tuple[str, str], ...]:
    """Return the names between the braces of an import, each with the one it has in the importing module."""
    pairs = []
    for part in filter(None, (part.strip() for part in names.split(","))):
        found = _NAME.fullmatch(part)
        if not found:
            raise ImportError(f"{module}.js imports {part!r}, which is not a name or: name as other")
        pairs.append((found["name"], found["local"] or found["name"]))
    return tuple(pairs)


def _check_exported(importer: str, name: str, sibling: _Module) -> None:
    """Raise ImportError, with the nearest names, if a module does not export a name."""
    if name in sibling.exports:
        return
    nearest = difflib.get_close_matches(name, sibling.exports) or sorted(sibling.exports)
    hint = f"did you mean {', '.join(nearest)}?" if nearest else "it exports nothing"
    raise ImportError(f"{importer}.js imports {name!r}, but {sibling.name}.js does not export it; {hint}")
