"""How many gradients integrated gradients take to reach a stated completeness error, by each rule.

    python benchmarks/steps.py                                   # the shipped models for pictures
    python benchmarks/steps.py --model net.keras --range 0 255   # and another one, on the picture of a cat

Counted, not timed. The error is relative to the rise of the score along the path, from black. Of equal steps (and of
Gauss-Legendre nodes) the least number is searched from which on the error stays below; a reader who does not know it
cannot even stop there. Refinement stops by itself, and its count includes all that it tried.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from turns import circumstances, table

import xai_widgets as xai
from xai_widgets.methods.attribution.gradients.integrated_gradients import integrated_gradients

RULES = ("riemann_right", "riemann_mid", "trapezoid", "gauss_legendre")
PICTURES = {"digits": "digit-3", "creatures": "creature-cat-dog", "creatures_hans": "creature-cat-dog", "photos": "cat"}
MOST = 256
TRIED = sorted({round(2 ** (power / 3)) for power in range(6, 25)})  # 4 to MOST, a quarter more each time


def error(model: Any, x: Any, target: int, **options: Any) -> tuple[float, int]:
    """Return the relative completeness error, and how many gradients were asked for."""
    found = integrated_gradients(model, x, target, baseline="black", **options)
    rise = found.values.sum(dtype="float64") - found.delta[0]
    return float(abs(found.delta[0] / rise)), int(found.recipe.options["steps"])


def least_steps(errors: dict[int, float], tolerance: float) -> int | None:
    """Return the least steps from which on all that were tried are good enough."""
    bad = [steps for steps, found in errors.items() if found > tolerance]
    good = [steps for steps in errors if steps > max(bad, default=0)]
    return min(good, default=None)


def rows(name: str, model: Any, picture: Any, tolerances: list[float]) -> list[list[str]]:
    """Return a row of the table for each tolerance."""
    x = model.as_inputs(picture)
    target = int(model.logits(x).argmax())
    tried = {
        rule: {steps: error(model, x, target, steps=steps, quadrature=rule)[0] for steps in TRIED} for rule in RULES
    }
    found = []
    for tolerance in tolerances:
        fixed = [least_steps(tried[rule], tolerance) for rule in RULES]
        reached, used = error(model, x, target, tolerance=tolerance, steps=200)
        even = [steps for steps in fixed[:-1] if steps is not None]
        cells = [f"over {MOST}" if steps is None else str(steps) for steps in fixed]
        share = f"{used / min(even):.2f}" if even else f"below {used / MOST:.2f}"
        found.append([name, f"{tolerance:.0%}", *cells, f"{used} ({reached:.1%})", share])
    return found


def main() -> None:
    """Count for all models and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shipped", nargs="+", choices=PICTURES, default=list(PICTURES))
    parser.add_argument("--model")
    parser.add_argument("--range", type=float, nargs=2, default=[0, 1])
    parser.add_argument("--tolerance", type=float, nargs="+", default=[0.05, 0.01])
    options = parser.parse_args()
    print(circumstances(), flush=True)
    subjects = {name: (xai.load_model(name), PICTURES[name]) for name in options.shipped}
    if options.model:
        net = xai.load_model(options.model).model
        subjects = {Path(options.model).stem: (xai.Classifier(net, value_range=tuple(options.range)), "cat")}
    lines = []
    for name, (model, picture) in subjects.items():
        lines += rows(name, model, xai.sample_image(picture), options.tolerance)
    heads = ["model", "error", *RULES, "refined (reached)", "refined / fewest equal steps"]
    print("\n" + table(heads, lines))


if __name__ == "__main__":
    main()
