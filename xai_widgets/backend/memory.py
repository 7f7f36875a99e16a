"""The memory that a process can still allocate: that of the machine, or less in a container with a limit."""

from __future__ import annotations

from pathlib import Path

import psutil

# (limit, usage) of control groups, version 2 then version 1.
_CONTROL_GROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def available_memory(control_groups: tuple[tuple[str, str], ...] = _CONTROL_GROUPS) -> int:
    """Return the bytes of main memory that can still be allocated, at least 0."""
    free = [int(psutil.virtual_memory().available)]
    for limit_file, usage_file in control_groups:
        limit, usage = _number(limit_file), _number(usage_file)
        if limit is not None and usage is not None:
            free.append(limit - usage)
    return max(0, min(free))


def _number(file: str) -> int | None:
    """Read a file with one number; None if it does not exist or contains "max"."""
    try:
        text = Path(file).read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
