"""Let Hypothesis look for input that a reader answers wrongly: ``python -m tests.adversarial.fuzzing --minutes 10``.

Four readers share the time: pictures, archives of models and of results, labels, and sources of notebooks. Each gets
damaged and invented content; it may answer, or refuse in one clear sentence. The seed is printed, and gives the same
again.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from PIL import Image

from tests.adversarial.judging import MEMORY, Case, judge
from tests.adversarial.kinds import archives, pictures
from tests.course.authoring.test_build import GOOD
from xai_widgets import load_image
from xai_widgets.common.class_labels import read_labels
from xai_widgets.course.authoring.source import read_source

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 200  # inputs between two looks at the clock


def damaged(*samples: bytes) -> st.SearchStrategy[bytes]:
    """Draw one of some contents, with bytes changed, left out or put in, or cut off."""
    places = st.floats(0, 1, exclude_max=True)
    change = st.tuples(
        st.sampled_from(["set", "drop", "put", "cut", "twice"]), places, st.binary(min_size=1, max_size=8)
    )
    return st.builds(_changed, st.sampled_from(samples), st.lists(change, min_size=1, max_size=6))


def _changed(content: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    for what, where, new in changes:
        at = int(where * len(content))
        if what == "set":
            content = content[:at] + new + content[at + len(new) :]
        elif what == "drop":
            content = content[:at] + content[at + len(new) ** 2 :]
        elif what == "put":
            content = content[:at] + new + content[at:]
        elif what == "twice":
            content = content[:at] + content[at // 2 :]
        else:
            content = content[:at]
    return content


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def picture_contents() -> st.SearchStrategy[bytes]:
    """Draw what might be a picture."""
    whole = [pictures.encoded(Image.fromarray(pictures.NOISE), kind) for kind in pictures.KINDS]
    return damaged(*whole) | st.binary(max_size=200)


def archive_contents() -> st.SearchStrategy[tuple[str, bytes]]:
    """Draw a name and what might be an archive of that kind, damaged outside or within its entries."""
    whole = {name: archives.content(name) for name in ("net.keras", "net.h5", "result.npz")}
    outside = st.sampled_from(sorted(whole)).flatmap(lambda name: st.tuples(st.just(name), damaged(whole[name])))
    inside = st.sampled_from(["net.keras", "result.npz"]).flatmap(_damaged_entry)
    return outside | inside


def _damaged_entry(name: str) -> st.SearchStrategy[tuple[str, bytes]]:
    with zipfile.ZipFile(archives.folder() / name) as archive:
        entries = {one: archive.read(one) for one in archive.namelist()}
    changed = st.sampled_from(sorted(entries)).flatmap(
        lambda one: st.tuples(st.just(one), damaged(entries[one]) | JSON.map(lambda made: json.dumps(made).encode()))
    )
    return changed.map(lambda pair: (name, _packed({**entries, pair[0]: pair[1]})))


def _packed(entries: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


def label_values() -> st.SearchStrategy[Any]:
    """Draw what might be labels, or the content of a file of them."""
    names = st.text(max_size=5) | st.integers() | st.none() | st.booleans() | st.floats() | st.binary(max_size=3)
    tables = st.dictionaries(st.integers(-2, 5) | st.text(max_size=2), names, max_size=5)
    files = st.tuples(
        st.sampled_from([".txt", ".json"]), st.binary(max_size=60) | JSON.map(lambda made: json.dumps(made).encode())
    )
    return st.lists(names, max_size=5) | tables | st.sets(st.text(max_size=2)) | names | files


def source_texts() -> st.SearchStrategy[bytes]:
    """Draw what might be the source of a notebook."""
    lines = st.lists(st.sampled_from(GOOD.splitlines(keepends=True)) | st.text(max_size=20), max_size=40)
    return damaged(GOOD.encode()) | lines.map(lambda drawn: "".join(drawn).encode("utf-8", "surrogatepass"))


def read_picture(content: bytes) -> object:
    """Read a picture of at most a million pixels."""
    return load_image(content, max_pixels=10**6)


def read_archive(drawn: tuple[str, bytes]) -> object:
    """Read a model or a result."""
    return archives.read(*drawn)


def read_some_labels(drawn: Any) -> object:
    """Read labels from a value or from a file."""
    return _labels_of_file(*drawn) if isinstance(drawn, tuple) else read_labels(drawn)


def _labels_of_file(suffix: str, content: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"names{suffix}"
        path.write_bytes(content)
        return read_labels(path)


def read_notebook(content: bytes) -> object:
    """Read the source of a notebook."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "01_trial.py"
        path.write_bytes(content)
        return read_source(path)


def is_answer(kind: str) -> Callable[[Any], object]:
    """Return what tells whether an answer of a reader is one."""
    return {
        "pictures": pictures.is_picture,
        "archives": lambda found: found is not None,
        "labels": lambda found: len(set(found)) == len(found) and all(isinstance(one, str) for one in found),
        "notebooks": lambda found: found is not None,
    }[kind]


READERS: dict[str, tuple[Callable[[], st.SearchStrategy[Any]], Callable[[Any], object]]] = {
    "pictures": (picture_contents, read_picture),
    "archives": (archive_contents, read_archive),
    "labels": (label_values, read_some_labels),
    "notebooks": (source_texts, read_notebook),
}


def fuzz(kind: str, seconds: float, first_seed: int) -> int:
    """Try inputs until the time is over; return how many. What is answered wrongly raises an AssertionError."""
    drawn, read = READERS[kind]
    strategy, right = drawn(), is_answer(kind)
    tried, end, number = 0, time.monotonic() + seconds, first_seed
    while time.monotonic() < end:

        @seed(number)
        @settings(
            max_examples=AT_ONCE, deadline=None, database=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
        )  # fmt: skip
        @given(strategy)
        def one(value: Any) -> None:
            nonlocal tried
            tried += 1
            found = judge(Case(kind, "drawn", lambda: read(value), right))
            assert found.outcome in {"right", "refused"}, f"{found.outcome}: {found.said}"
            assert found.megabytes < MEMORY / 1e6

        one()
        number += 1
    return tried


def main() -> int:
    """Share the minutes out, and print how many inputs each reader had."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(np.random.SeedSequence().generate_state(1)[0]))
    parser.add_argument("kinds", nargs="*", choices=[[], *READERS])
    options = parser.parse_args()
    kinds = options.kinds or list(READERS)
    print(f"seed {options.seed}", flush=True)
    for kind in kinds:
        tried = fuzz(kind, 60 * options.minutes / len(kinds), options.seed)
        print(f"{kind:<10} {tried:>8} inputs, nothing found", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
