"""Does the memory stay bounded, from one perturbed copy to ten thousand? Peak memory of a process for each number.

    python benchmarks/bounded.py
    python benchmarks/bounded.py --model photos --counts 1 10000

Each number of copies in a process of its own; memory is the most that the process ever held, TensorFlow included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

from first import PICTURES
from turns import circumstances, table

METHODS = ("rise", "lime_image", "kernel_shap", "smooth_grad")


def measure(name: str, method: str, count: int) -> dict[str, float]:
    """Explain one picture in this process; return seconds and megabytes."""
    import xai_widgets as xai
    from xai_widgets.methods.registry import METHODS as DESCRIBED

    model, picture = xai.load_model(name), xai.sample_image(PICTURES[name])
    begun = time.perf_counter()
    described = DESCRIBED[method]
    described.function(model, picture, 0, **{str(described.cost.per): count})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return {"seconds": time.perf_counter() - begun, "megabytes": peak}


def main() -> None:
    """Measure all and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=PICTURES, default="creatures")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 100, 10_000])
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure(options.model, options.inside[0], int(options.inside[1]))))
        return
    print(circumstances("lime"), flush=True)
    rows = []
    for method in options.methods:
        found = []
        for count in options.counts:
            call = [sys.executable, __file__, "--model", options.model, "--inside", method, str(count)]
            out = subprocess.run(call, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
            found.append(json.loads(out))
        rows.append([method, *[f"{one['megabytes']:.0f} MB, {one['seconds']:.1f} s" for one in found]])
        print(rows[-1], flush=True)
    print(f"\n{options.model}, one picture\n\n" + table(["copies", *options.counts], rows), flush=True)


if __name__ == "__main__":
    main()
