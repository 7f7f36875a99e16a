"""The rooms of the package: few arrows between them, no circles; and the script that counts them."""

import itertools

import pytest

from tools.rooms import LIMITS, drawing, read_floor, report


@pytest.mark.parametrize("name", LIMITS)
def test_a_floor_has_few_arrows_and_no_circle(name):
    floor = read_floor(name)
    assert len(floor.rooms) > 2
    assert floor.circle() == []
    limit = LIMITS[name]
    assert limit is None or len(floor.arrows) <= limit, report(floor, detailed=True)


def test_the_limits_are_those_of_the_design():
    assert (LIMITS["methods"], LIMITS["models"], LIMITS["widgets"]) == (30, 12, 40)


@pytest.fixture
def house(tmp_path):
    """Write a package from the texts of its modules, ``a__b`` for ``a/b.py``; return its folder."""

    def write(**modules):
        for name, text in modules.items():
            path = tmp_path / "house" / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for path in [tmp_path / "house", *(tmp_path / "house").rglob("*")]:
            if path.is_dir():
                (path / "__init__.py").touch()
        return tmp_path / "house"

    return write


def test_arrows_are_distinct_pairs_of_rooms_and_those_for_types_are_counted_apart(house):
    late = "from house.methods.core.one import x\n\ndef late():\n    import house.methods.core.two\n"
    for_types = [
        "from typing import TYPE_CHECKING",
        "if TYPE_CHECKING:",
        "    from house.methods.core.one import x",
        "    from house.methods.attribution.cam.a import y",
        "else:",
        "    from house.methods.core import two",
    ]
    package = house(
        methods__core__one="import house.other\n",
        methods__core__two="from house.methods.core import one\n",
        methods__attribution__cam__a=late,
        methods__attribution__paths__b="from house.methods.attribution.cam import a\n",
        methods__registry="\n".join(for_types),
        other="",
    )
    floor = read_floor("methods", package)
    assert floor.rooms == ("attribution.cam", "attribution.paths", "core", "registry")
    assert floor.arrows == {
        ("attribution.cam", "core"): [
            "house.methods.attribution.cam.a imports house.methods.core.one",
            "house.methods.attribution.cam.a imports house.methods.core.two",
        ],
        ("attribution.paths", "attribution.cam"): [
            "house.methods.attribution.paths.b imports house.methods.attribution.cam.a"
        ],
        ("registry", "core"): ["house.methods.registry imports house.methods.core.two"],
    }
    assert set(floor.typing_arrows) == {("registry", "attribution.cam")}
    assert floor.circle() == []
    said = report(floor).splitlines()[0]
    assert said == "methods: 4 rooms, 3 arrows (at most 30), 1 more for type checkers; no circle"


def test_a_circle_is_found_and_drawn(house):
    package = house(
        course__a="from house.course import b\n",
        course__b="from house.course.c import x\n",
        course__c="import house.course.a\n",
        course__d="import house.course.a\n",
    )
    floor = read_floor("course", package)
    circle = floor.circle()
    assert len(circle) == 4
    assert circle[0] == circle[-1]
    assert all(pair in floor.arrows for pair in itertools.pairwise(circle))
    assert "circle: " in report(floor)
    texts = [text.get_text() for text in drawing([floor]).axes[0].texts]
    assert {"a", "b", "c", "d"} <= set(texts)


def test_a_floor_that_is_not_there_is_refused():
    with pytest.raises(FileNotFoundError, match="xai_widgets has no folder 'cellar'"):
        read_floor("cellar")
