"""How much memory a process may still take: the machine's, or less where a container sets a limit."""

from __future__ import annotations

from pathlib import Path

import psutil

# (limit, usage) of control groups, version 2 then version 1.
_CONTROL_GROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def available_memory(control_groups: tuple[tuple[str, str], ...] = _CONTROL_GROUPS) -> int:
    """Return the bytes of main memory that may still be allocated, never less than 0."""
    free = [int(psutil.virtual_memory().available)]
    for limit_file, usage_file in control_groups:
        limit, usage = _number(limit_file), _number(usage_file)
        if limit is not None and usage is not None:
            free.append(limit - usage)
    return max(0, min(free))


def _number(file: str) -> int | None:
    """Read a file that holds one number; None if it is absent or says "max"."""
    try:
        text = Path(file).read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
