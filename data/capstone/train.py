"""Make the shipped set of the capstone again: ``python -m data.capstone.train``, six minutes on two cores.

``python -m xai_widgets.course capstone FOLDER --seed 7`` makes other sets; here files are written without the time of
day in them, and the figures go into the page.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import keras

from data.cards import ASSETS, page_of, with_block
from data.saving import save_repeatably
from xai_widgets.course.capstone.making import make_set
from xai_widgets.course.capstone.plan import FAULTS

FOLDER = ASSETS / "capstone"
SEED, LICENCE = 8, "CC BY-SA 4.0"
_COLUMNS = {
    "archive": "right in its team's archive",
    "fresh": "right on fresh pictures",
    "weakest": "in the class it knows least",
    "rise": "others taken by the mark",
    "taken": "called by the other name",
    "dead": "dead units in the layer",
}


def with_figures(readme: str, measured: dict[str, dict[str, float]]) -> str:
    """Return the text of ``README.md`` with the figures, fault by fault: no letter is named."""
    lines = ["| | " + " | ".join(_COLUMNS.values()) + " |", "| --- |" + " --- |" * len(_COLUMNS)]
    for fault in FAULTS:
        shares = " | ".join(f"{100 * measured[fault][name]:.1f} %" for name in _COLUMNS)
        lines.append(f"| {fault} | {shares} |")
    return with_block(readme, lines)


def main() -> int:
    """Train, measure, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder of the networks and of set.toml")
    options = parser.parse_args()
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    measured, unfit = make_set(options.output, options.seed, save=save_repeatably, licence=LICENCE)
    for fault, figures in measured.items():
        print(fault, figures)
    print(*unfit, sep="\n")
    page = page_of(options.output)
    if page.exists():
        page.write_text(with_figures(page.read_text(encoding="utf-8"), measured), encoding="utf-8")
    return int(bool(unfit))


if __name__ == "__main__":
    sys.exit(main())
