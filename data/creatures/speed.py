"""How many pictures a second one core draws: ``python -m data.creatures.speed``, ten seconds.

It counts this process's own time, in short rounds: the best round is what the machine does when nothing else runs, the
middle one what it did now.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from xai_widgets.datasets.creatures import draw, sample_batch, sample_scene


def batches(count: int, size: int, number: int) -> None:
    """Draw pictures as for training."""
    sample_batch(count, seed=1, size=size, start=count * number)


def with_masks(count: int, size: int, number: int) -> None:
    """Draw pictures with all their masks."""
    for place in range(count):
        drawing = draw(sample_scene((1, count * number + place)), size)
        assert drawing.masks  # noqa: S101 - made on demand, so ask for them


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--count", type=int, default=40, help="pictures a round")
    options = parser.parse_args()
    for what in (batches, with_masks):
        what(200, options.size, 10**6)  # the curves of common parts are kept from here on
        rates = []
        for number in range(options.rounds):
            start = time.process_time()
            what(options.count, options.size, number)
            rates.append(options.count / (time.process_time() - start))
        best, middle = max(rates), float(np.median(rates))
        print(f"{what.__name__:12} {options.size} px: best {best:.0f} pictures a second, middle {middle:.0f}")


if __name__ == "__main__":
    main()
