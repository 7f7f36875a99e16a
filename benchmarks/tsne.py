"""Time and trustworthiness of t-SNE here and in scikit-learn, on the digits and on 10,000 points in 50 dimensions.

``python benchmarks/tsne.py``: each once warmed up, then timed once, both with two threads and 750 steps; the order is
turned round for the second data set, so that neither side always comes second.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE

from xai_widgets.methods.embedding import map_quality, tsne
from xai_widgets.methods.embedding.shapes import clouds

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS, PERPLEXITY, JOBS = 750, 30, 2


def ours(vectors: Any) -> Any:
    """Lay out by openTSNE."""
    return tsne(vectors, perplexity=PERPLEXITY, steps=STEPS, jobs=JOBS).points


def theirs(vectors: Any) -> Any:
    """Lay out by scikit-learn, with the same options."""
    return TSNE(perplexity=PERPLEXITY, max_iter=STEPS, init="pca", random_state=0, n_jobs=JOBS).fit_transform(vectors)


def data() -> dict[str, Any]:
    """Return the vectors by name; the second ones are 20 clouds that touch."""
    places = np.random.default_rng(0).uniform(-20, 20, 20)
    many, _ = clouds([500] * 20, places=places.tolist(), dimensions=50)
    return {"digits, 1,797 x 64": load_digits().data, "20 clouds, 10,000 x 50": many}


def main() -> None:
    """Print a table."""
    ways: list[tuple[str, Callable[[Any], Any]]] = [("here", ours), ("scikit-learn", theirs)]
    warm = np.random.default_rng(0).normal(size=(200, 5))
    for _, way in ways:
        way(warm)
    print("| data | t-SNE | seconds | trustworthiness | neighbours kept |\n|---|---|---|---|---|")
    for name, vectors in data().items():
        ways.reverse()
        for label, way in ways:
            begun = time.perf_counter()
            points = way(vectors)
            seconds = time.perf_counter() - begun
            found = map_quality(vectors, points, neighbours=12)
            print(f"| {name} | {label} | {seconds:.1f} | {found.trustworthiness:.4f} | {found.kept:.0%} |", flush=True)


if __name__ == "__main__":
    main()
