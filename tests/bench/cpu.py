"""What processes took of the cores: a figure that other work on the machine moves less than it moves the clock."""

import os
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def of_family(pid: int) -> float:
    """Seconds of user and system time of a process, of those it started and of those they started, while they live."""
    stats = [_stat(folder) for folder in Path("/proc").iterdir() if folder.name.isdecimal()]
    known = {found[0]: found for found in stats if found is not None}
    return sum(known[member][2] for member in known if _descends(member, pid, known)) * _TICK_S


def _stat(folder: Path) -> tuple[int, int, int] | None:
    """Process, parent, ticks; None if it has ended meanwhile."""
    try:
        # The name stands in parentheses and may hold spaces.
        words = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(folder.name), int(words[1]), int(words[11]) + int(words[12])


def _descends(pid: int, ancestor: int, known: dict[int, tuple[int, int, int]]) -> bool:
    while pid in known and pid != ancestor:
        pid = known[pid][1]
    return pid == ancestor
