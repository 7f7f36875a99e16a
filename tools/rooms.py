"""Count and draw which folders of the package import from which: ``python -m tools.rooms``, a second.

A floor is a folder of the package (``methods``, ``models``, ...). Its rooms are its direct children, modules and
folders; of ``methods/attribution`` and of ``widgets/labs`` each child is a room of its own. An arrow leads from one
room to another of the same floor if a module in the one imports from the other, however often. The ``__init__`` of a
floor gathers what the floor offers and is no room. Imports for type checkers alone are counted apart.
"""

from __future__ import annotations

import argparse
import ast
from collections import defaultdict
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

PACKAGE = Path(__file__).parents[1] / "xai_widgets"
LIMITS = {"methods": 30, "models": 12, "widgets": 40, "course": None}  # how many arrows a floor may have
_OPENED = {("methods", "attribution"), ("widgets", "labs")}  # folders whose children are rooms


@dataclass(frozen=True)
class Floor:
    """The rooms of a floor and the arrows between them.

    Attributes
    ----------
    name : str
    rooms : tuple of str
    arrows, typing_arrows : dict of (str, str) to list of str
        From which room to which other one, and the imports behind it: "module imports module". `typing_arrows` are
        those that exist for type checkers alone.
    """

    name: str
    rooms: tuple[str, ...]
    arrows: dict[tuple[str, str], list[str]]
    typing_arrows: dict[tuple[str, str], list[str]]

    def circle(self) -> list[str]:
        """Return rooms that import one another in a circle, the first one again at the end; none if there is none."""
        graph: dict[str, set[str]] = {room: set() for room in self.rooms}
        for source, target in self.arrows:
            graph[source].add(target)
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            return list(reversed(error.args[1]))
        return []


def read_floor(name: str, package: Path = PACKAGE) -> Floor:
    """Read the imports of a floor.

    Parameters
    ----------
    name : str
        A folder of the package.
    package : Path
        The folder of the package.

    Raises
    ------
    FileNotFoundError
        If the package has no such folder.
    """
    if not (package / name).is_dir():
        raise FileNotFoundError(f"{package.name} has no folder {name!r}")
    modules = {_dotted(path, package): path for path in sorted(package.rglob("*.py"))}
    arrows: dict[bool, dict[tuple[str, str], list[str]]] = {True: defaultdict(list), False: defaultdict(list)}
    rooms = set()
    for module, path in modules.items():
        source = _room(module, name, package)
        if source is None:
            continue
        rooms.add(source)
        for imported, for_types in _imports(path, modules):
            target = _room(imported, name, package)
            if target not in {None, source}:
                arrows[for_types][source, str(target)].append(f"{module} imports {imported}")
    apart = {pair: lines for pair, lines in arrows[True].items() if pair not in arrows[False]}
    return Floor(name, tuple(sorted(rooms)), dict(arrows[False]), apart)


def _dotted(path: Path, package: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str, floor: str, package: Path) -> str | None:
    """Return the room that a module is in; None if it is on another floor, or holds rooms itself."""
    root, *parts = module.split(".")
    if root != package.name or len(parts) < 2 or parts[0] != floor:
        return None
    if (floor, parts[1]) in _OPENED:
        return ".".join(parts[1:3]) if len(parts) > 2 else None
    return parts[1]


def _imports(path: Path, modules: dict[str, Path]) -> Iterator[tuple[str, bool]]:
    """Name the modules of the package that a file imports, and whether for type checkers alone."""
    for node, for_types in _statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((one.name, for_types) for one in node.names if one.name in modules)
        elif node.module in modules:
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                yield (inner if inner in modules else str(node.module)), for_types


def _statements(node: ast.AST, *, for_types: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Give the import statements below a node, and whether each stands under ``if TYPE_CHECKING:``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, for_types
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for one in child.body:
                yield from _statements(ast.Module([one], []), for_types=True)
            for one in child.orelse:
                yield from _statements(ast.Module([one], []), for_types=for_types)
        else:
            yield from _statements(child, for_types=for_types)


def report(floor: Floor, *, detailed: bool = False) -> str:
    """Return what there is to say of a floor, line by line."""
    limit = LIMITS.get(floor.name)
    lines = [
        f"{floor.name}: {len(floor.rooms)} rooms, {len(floor.arrows)} arrows"
        + (f" (at most {limit})" if limit is not None else "")
        + f", {len(floor.typing_arrows)} more for type checkers; "
        + (f"circle: {' -> '.join(floor.circle())}" if floor.circle() else "no circle")
    ]
    for (source, target), imports in sorted(floor.arrows.items()):
        lines.append(f"    {source} -> {target} ({len(imports)})")
        lines += [f"        {line}" for line in imports if detailed]
    return "\n".join(lines)


def drawing(floors: list[Floor]) -> Figure:
    """Return a figure with the rooms of each floor in layers: an arrow points to what is imported, further down."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(16, 6 * len(floors)), layout="constrained")
    for axes, floor in zip(figure.subplots(len(floors), 1, squeeze=False)[:, 0], floors, strict=True):
        places = _places(floor)
        for source, target in floor.arrows:
            style = {"arrowstyle": "->", "color": "0.5", "shrinkA": 12, "shrinkB": 12}
            axes.annotate("", places[target], places[source], arrowprops=style)
        for room, place in places.items():
            box = {"boxstyle": "round", "facecolor": "white", "edgecolor": "0.3"}
            axes.text(*place, room.replace(".", "\n"), ha="center", va="center", fontsize=7, bbox=box)
        axes.set(xlim=(-0.05, 1.05), ylim=(-0.7, max(y for _, y in places.values()) + 0.7))
        axes.set_title(report(floor).splitlines()[0])
        axes.axis("off")
    return figure


def _places(floor: Floor) -> dict[str, tuple[float, float]]:
    """Give each room a place: its height is the length of the longest path of arrows below it."""
    below = defaultdict(set)
    for source, target in floor.arrows:
        below[source].add(target)
    heights: dict[str, int] = {}

    def height(room: str, above: frozenset[str] = frozenset()) -> int:
        if room not in heights:
            further = [height(one, above | {room}) for one in below[room] if one not in above]
            heights[room] = 1 + max(further, default=-1)
        return heights[room]

    rows = defaultdict(list)
    for room in floor.rooms:
        rows[height(room)].append(room)
    return {
        room: ((place + 0.5) / len(row), level + 0.25 * (place % 2))
        for level, row in rows.items()
        for place, room in enumerate(row)
    }


def main() -> None:
    """Print, and draw if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("floors", nargs="*", metavar="FLOOR", help=f"of the package; {', '.join(LIMITS)} if left out")
    parser.add_argument("--imports", action="store_true", help="name the imports behind each arrow")
    parser.add_argument("--draw", type=Path, metavar="FILE", help="write a drawing, .svg or .png")
    options = parser.parse_args()
    floors = [read_floor(name) for name in options.floors or LIMITS]
    print(*(report(floor, detailed=options.imports) for floor in floors), sep="\n")
    if options.draw:
        drawing(floors).savefig(options.draw)


if __name__ == "__main__":
    main()
