"""The phase that a case is in. Its main process says it; steps at the side never make it jump ahead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from engine.bpmn import Definition as Compiled

ORDER = (
    "laporan",
    "verifikasi",
    "persetujuan",
    "asesmen",
    "rencana",
    "rujukan",
    "pendampingan",
    "penutupan",
)
"""What the property `phase` of a user task may say, from the report to the end."""
_CLOSING = len(ORDER) - 1


class Way(IntEnum):
    """Where a task stands: on the main process's own way, in a process that it called, or beside (an event)."""

    MAIN = 0
    CALLED = 1
    BESIDE = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """A task of the case. Those that are done stand in the order in which they were done."""

    phase: str
    way: Way
    is_open: bool


def way_of(compiled: Compiled, root: str, process_id: str, element_id: str) -> Way:
    """Where an element stands, seen from the case's main process `root`."""
    if process_id not in compiled.processes:
        return Way.BESIDE
    elements = {element.id: element for element in compiled.elements(process_id)}
    # Only the start of an event subprocess waits for an event.
    events = {one.parent for one in elements.values() if one.type == "startEvent" and one.event and one.parent}
    inside = elements[element_id].parent if element_id in elements else ""
    while inside:
        if inside in events:
            return Way.BESIDE
        inside = elements[inside].parent if inside in elements else ""
    return Way.MAIN if process_id == root else Way.CALLED


def phase_of(stages: Iterable[Stage], *, is_closed: bool = False) -> str:
    """The phase of the case; empty before its first step."""
    if is_closed:
        return ORDER[_CLOSING]
    known = [stage for stage in stages if stage.phase in ORDER]
    place = _place(known)
    return ORDER[place] if place is not None else ""


def phases_done(stages: Iterable[Stage], now: str) -> list[str]:
    """The phases, up to the present one, in which something was done."""
    last = ORDER.index(now) if now in ORDER else -1
    done = {_rank(stage) for stage in stages if not stage.is_open and stage.way is not Way.BESIDE and _rank(stage) >= 0}
    return [ORDER[place] for place in sorted(done) if place <= last]


def _rank(stage: Stage) -> int:
    """The place of a phase; that the case ends is for the main process alone to say. -1 for no phase."""
    if stage.phase not in ORDER:
        return -1
    place = ORDER.index(stage.phase)
    return place if stage.way is Way.MAIN else min(place, _CLOSING - 1)


def _place(stages: Sequence[Stage]) -> int | None:
    done = [stage for stage in stages if not stage.is_open]
    main = [_rank(stage) for stage in done if stage.way is Way.MAIN]
    if opened := [_rank(stage) for stage in stages if stage.is_open and stage.way is Way.MAIN]:
        return _earliest(opened, max(main, default=0))
    last = max((place for place, stage in enumerate(done) if stage.way is Way.MAIN), default=-1)
    reached = main[-1] if main else None
    if called := [_rank(stage) for stage in stages if stage.is_open and stage.way is Way.CALLED]:
        return max(_earliest(called, reached or 0), reached or 0)
    since = [_rank(stage) for stage in done[last + 1 :] if stage.way is Way.CALLED]
    found = [*since, *([reached] if reached is not None else [])]
    return max(found, default=None)


def _earliest(opened: Sequence[int], reached: int) -> int:
    """Of several open steps: the first that is not behind what was reached, else the one farthest along."""
    return min((place for place in opened if place >= reached), default=max(opened))
