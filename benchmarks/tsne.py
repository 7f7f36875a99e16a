"""Time and trustworthiness of t-SNE here and in scikit-learn, on the digits and on 10,000 points in 50 dimensions.

``python benchmarks/tsne.py``: each once warmed up, then timed (the digits three times, of which the middle one counts),
with two threads; here 750 steps, with frames and without; scikit-learn as many, and as many as it takes by itself. The
order is turned round for the second data set, so that no side is always last. A frame is what a lab would draw: the
start, then every tenth step.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE

from xai_widgets.methods.embedding import map_quality, tsne
from xai_widgets.methods.embedding.known_shapes import clouds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

STEPS, PERPLEXITY, JOBS = 750, 30, 2
OWN_STEPS = 1_000  # what scikit-learn takes if not told otherwise
MANY = 5_000  # points from which one run is timed, not three


@dataclass
class Run:
    """A layout, how long it took, and when its frames came, all in seconds."""

    points: NDArray[Any]
    seconds: float
    frames: list[float] = field(default_factory=list)


def ours(vectors: Any, *, watched: bool) -> Run:
    """Lay out by openTSNE, and note when each frame comes."""
    begun, frames = time.perf_counter(), []

    def watch(*_: object) -> None:
        frames.append(time.perf_counter() - begun)

    options: dict[str, Any] = {"perplexity": PERPLEXITY, "steps": STEPS, "jobs": JOBS}
    points = tsne(vectors, watch=watch if watched else None, **options).points
    return Run(points, time.perf_counter() - begun, frames)


def theirs(vectors: Any, steps: int) -> Run:
    """Lay out by scikit-learn; it shows no frames."""
    begun = time.perf_counter()
    way = TSNE(perplexity=PERPLEXITY, max_iter=steps, init="pca", random_state=0, n_jobs=JOBS)
    return Run(way.fit_transform(vectors), time.perf_counter() - begun)


def data() -> dict[str, Any]:
    """Return the vectors by name; the second ones are 20 clouds that touch."""
    places = np.random.default_rng(0).uniform(-20, 20, 20)
    many, _ = clouds([500] * 20, places=places.tolist(), dimensions=50)
    return {"digits, 1,797 x 64": load_digits().data, "20 clouds, 10,000 x 50": many}


def main() -> None:
    """Print a table."""
    ways: list[tuple[str, Callable[[Any], Run]]] = [
        ("here, watched", partial(ours, watched=True)),
        ("here", partial(ours, watched=False)),
        (f"scikit-learn, {STEPS} steps", partial(theirs, steps=STEPS)),
        (f"scikit-learn, its own {OWN_STEPS:,}", partial(theirs, steps=OWN_STEPS)),
    ]
    warm = np.random.default_rng(0).normal(size=(200, 5))
    for _, way in ways:
        way(warm)
    heads = ("data", "t-SNE", "seconds", "trustworthiness", "neighbours kept", "first frame", "frames")
    print(f"| {' | '.join(heads)} |\n|---|---|--:|--:|--:|--:|--:|")
    for name, vectors in data().items():
        ways.reverse()
        for label, way in ways:
            runs = sorted((way(vectors) for _ in range(3 if len(vectors) < MANY else 1)), key=lambda run: run.seconds)
            print(row(name, label, vectors, runs[len(runs) // 2]), flush=True)


def row(name: str, label: str, vectors: Any, run: Run) -> str:
    """Return a line of the table."""
    found = map_quality(vectors, run.points, neighbours=12)
    first = f"{run.frames[0]:.2f} s" if run.frames else ""
    rate = f"{len(run.frames) / run.seconds:.0f} a second" if run.frames else ""
    cells = (name, label, f"{run.seconds:.1f}", f"{found.trustworthiness:.4f}", f"{found.kept:.0%}", first, rate)
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
