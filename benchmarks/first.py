"""How long until a method first says something, on the shipped models: tracing, and the first answer of a stream.

    python benchmarks/first.py
    python benchmarks/first.py --models creatures photos

For each model a process of its own, models and TensorFlow being loaded before the clock starts. First call: of each
method of one pass, with everything that is compiled for it. First answer: what `stream` yields first, in a first call
and in later ones (the least of three). Beside the clock, in brackets, processor time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from turns import circumstances, milliseconds, table

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURES = {"digits": "digit-3", "creatures": "creature-cat-dog", "creatures_hans": "creature-cat-dog", "photos": "cat"}


def seconds(job: Callable[[], Any]) -> tuple[float, float]:
    """Time one call, on the clock and of the processors."""
    begun, worked = time.perf_counter(), time.process_time()
    job()
    return time.perf_counter() - begun, time.process_time() - worked


def least(times: list[tuple[float, float]]) -> tuple[float, ...]:
    """Return the least of both."""
    return tuple(min(one) for one in zip(*times, strict=True))


def measure(name: str) -> dict[str, Any]:
    """Measure one model in this process."""
    import xai_widgets as xai
    from xai_widgets.methods.registry import methods_for

    model, picture = xai.load_model(name), xai.sample_image(PICTURES[name])
    target = int(model.logits(model.as_inputs(picture)).argmax())  # what opening a picture in a lab has done already
    found: dict[str, Any] = {}
    described = methods_for("picture")
    for method in (name for name, one in described.items() if one.few_passes or one.cost.per == "positions"):
        function = described[method].function
        try:
            found[method] = seconds(lambda function=function: function(model, picture, target))
        except ValueError as error:
            found[method] = str(error)
    for method in (name for name, one in described.items() if hasattr(one.function, "stream")):
        function = described[method].function
        if method == "lime_image":
            import lime.lime_image  # noqa: F401  (its import is not ours)

        def first(function: Any = function) -> Any:
            return next(function.stream(model, picture, target))

        found[method] = {"first": seconds(first), "later": least([seconds(first) for _ in range(3)])}
    return found


def main() -> None:
    """Measure all models and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=PICTURES, default=list(PICTURES))
    parser.add_argument("--inside", choices=PICTURES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure(options.inside)))
        return
    print(circumstances("lime"), flush=True)
    found = {}
    for name in options.models:
        call = [sys.executable, __file__, "--inside", name]
        found[name] = json.loads(
            subprocess.run(call, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        )

    def said_of(times: Any) -> str:
        if isinstance(times, str):
            return "not for this net"
        return f"{milliseconds(times[0])} ({milliseconds(times[1])})"

    timed = next(iter(found.values()))
    called = [method for method, times in timed.items() if not isinstance(times, dict)]
    calls = [[method, *[said_of(one[method]) for one in found.values()]] for method in called]
    print("\n" + table(["first call, ms (aim 1500)", *found], calls))
    streamed = [method for method, times in timed.items() if isinstance(times, dict)]
    streams = [
        [method, *[" / ".join(map(said_of, one[method].values())) for one in found.values()]] for method in streamed
    ]
    print("\n" + table(["first answer, first call / later, ms (aim 300)", *found], streams))


if __name__ == "__main__":
    main()
