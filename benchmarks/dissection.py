"""Time and memory of network dissection and of the activation atlas, by number of pictures.

``python benchmarks/dissection.py`` prints a table in Markdown. Each figure is taken in a process of its own: the memory
is the largest that the process ever held, what TensorFlow takes by itself included (the row of 0 pictures). Beside the
seconds of the clock stand those of the processor, over all cores: the ones to compare on a busy machine.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

COUNTS = (500, 1000, 2000)
TASKS = ("dissection", "atlas")
GRID, STEPS = 8, 24


def measure(task: str, count: int) -> dict[str, float]:
    """Run one task once; return seconds of the clock and of the processor, and the peak memory in gigabytes."""
    import xai_widgets as xai
    from xai_widgets.datasets.creatures import sample_batch
    from xai_widgets.methods.atlas import activation_atlas
    from xai_widgets.methods.dissection import CreatureConcepts, dissect

    net = xai.load_model("creatures")
    net.predict(sample_batch(1, seed=0).pictures)
    if not count:
        return {"seconds": 0.0, "processor": 0.0, "memory": _peak()}
    pictures = sample_batch(count, seed=1).pictures if task == "atlas" else None
    begun, worked = time.perf_counter(), time.process_time()
    if task == "dissection":
        dissect(net, CreatureConcepts(count, seed=1), layer="conv4_2")
    else:
        activation_atlas(net, pictures, layer="conv4_2", layout="tsne", grid=GRID, least=3, size=48, steps=STEPS)
    taken = time.perf_counter() - begun, time.process_time() - worked
    return {"seconds": taken[0], "processor": taken[1], "memory": _peak()}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    """Print the table, or, as a child, one measurement."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
        return
    print("| pictures | dissection | processor | peak | atlas | processor | peak |\n|---|---|---|---|---|---|---|")
    for count in (0, *COUNTS):
        cells = []
        for task in TASKS:
            command = [sys.executable, __file__, task, str(count)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            times = [f"{found[name]:.0f} s" if count else "" for name in ("seconds", "processor")]
            cells += [*times, f"{found['memory']:.2f} GB"]
        print(f"| {count:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
