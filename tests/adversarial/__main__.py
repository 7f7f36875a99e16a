"""Try every hostile input and count what became of it: ``python -m tests.adversarial [KIND...]``.

Each kind runs in a process of its own. One that says nothing for a minute hangs: it is ended, the case is counted, and
a new process goes on with the next. The status is 1 if anything but a right answer or a clear refusal was found.
"""

from __future__ import annotations

import argparse
import json
import queue
import subprocess
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.adversarial.corpus import KINDS, cases_of
from tests.adversarial.judging import FAULTS, OUTCOMES, SECONDS, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

START = 180  # seconds in which a process loads TensorFlow and makes the first case


def main() -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS], help="what is attacked; all if left out")
    parser.add_argument("--here", type=int, metavar="FIRST", help="run one kind in this process, from this case on")
    options = parser.parse_args()
    kinds = options.kinds or list(KINDS)
    if options.here is not None:
        return run_here(kinds[0], options.here)
    counts: dict[str, Counter[str]] = {}
    worst = 0.0
    for kind in kinds:
        counts[kind] = Counter()
        for found in watched(kind):
            counts[kind][found["outcome"]] += 1
            worst = max(worst, found["megabytes"])
            if found["outcome"] in FAULTS:
                print(f"{found['outcome']:<7} {kind}: {found['name']}: {found['said']}", flush=True)
    show(counts, worst)
    return int(any(count[fault] for count in counts.values() for fault in FAULTS))


def run_here(kind: str, first: int) -> int:
    """Judge the cases of a kind one after the other, and write what was found, one line of JSON each."""
    for number, case in enumerate(cases_of(kind)):
        if number < first:
            continue
        line: dict[str, Any] = {"name": case.name}
        print(json.dumps(line), flush=True)  # what begins, in case it does not end
        found = judge(case)
        line |= {"outcome": found.outcome, "said": found.said[:400], "megabytes": round(found.megabytes)}
        print(json.dumps(line), flush=True)
    return 0


def watched(kind: str) -> Iterator[dict[str, Any]]:
    """Give what was found for each case of a kind; a case that hangs or ends the process is found too."""
    done, going = 0, True
    while going:
        command = [sys.executable, "-m", "tests.adversarial", kind, "--here", str(done)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_read, args=(process, lines), daemon=True).start()
        begun, patience = "", START
        while True:
            try:
                line = lines.get(timeout=patience)
            except queue.Empty:
                process.kill()
                yield {"name": begun, "outcome": "hang", "said": f"no word for {patience} s", "megabytes": 0}
                done += 1
                break
            if line is None:
                going = process.wait() != 0
                if going:
                    said = f"the process ended with status {process.returncode}"
                    yield {"name": begun, "outcome": "raw", "said": said, "megabytes": 0}
                    done += 1
                    going = bool(begun)
                break
            found, patience = json.loads(line), SECONDS
            begun = found["name"]
            if "outcome" in found:
                done += 1
                yield found
        if process.poll() is None:
            process.wait()


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            lines.put(line)
    lines.put(None)


def show(counts: dict[str, Counter[str]], worst: float) -> None:
    """Print the counts by kind."""
    print(f"\n{'kind':<12}{'inputs':>8}" + "".join(f"{outcome:>9}" for outcome in OUTCOMES))
    for kind, count in {**counts, "all": sum(counts.values(), Counter())}.items():
        print(f"{kind:<12}{sum(count.values()):>8}" + "".join(f"{count[outcome]:>9}" for outcome in OUTCOMES))
    print(f"at most {worst:.0f} MB for one input")


if __name__ == "__main__":
    sys.exit(main())
