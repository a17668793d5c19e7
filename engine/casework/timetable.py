"""When processes start by themselves: rows for the timer start events of what is published, moved on as they fire."""

from sqlalchemy.orm import Session

from engine.bpmn import Definition as Compiled
from engine.bpmn import Firing, TimerStart
from engine.casework.rules import runtime
from engine.store import timer_starts as store
from engine.store.definitions import Definition
from engine.store.timer_starts import TimerStart as Row


def publish(session: Session, row: Definition, compiled: Compiled) -> None:
    """A new version: its timers take the place of the older version's. One whose text is the same keeps its time."""
    known = store.of_family(session, row.family)
    for start in compiled.timer_starts:
        if not compiled.file_of(start.process_id).startswith(f"{row.family}/"):
            continue
        text = start.text(runtime(session), compiled)
        old = known.pop((start.process_id, start.element_id), None)
        if old is None:
            old = Row(family=row.family, process_id=start.process_id, element_id=start.element_id, timer="")
            session.add(old)
        if old.timer != text:
            old.timer = text
            _set(old, start.first(text, runtime(session)), session)
        old.definition_id = row.id
        old.attempts, old.held_until, old.last_error = 0, None, None
    for gone in known.values():
        session.delete(gone)
    session.flush()


def _set(row: Row, firing: Firing | None, session: Session) -> None:
    around = runtime(session)
    row.due_at = firing.due if firing else None
    row.left_over = firing.left if firing else 0
    row.anchor, row.number = (firing.anchor, firing.number) if firing else (around.now, 0)


def move_on(session: Session, row: Row, start: TimerStart) -> int:
    """The timer has fired: set its next time; how many more starts were due meanwhile."""
    assert row.due_at is not None  # noqa: S101 - only due rows are taken
    fired = Firing(row.due_at, row.left_over, row.anchor, row.number)
    coming, missed = start.following(row.timer, fired, runtime(session, row.due_at))
    _set(row, coming, session)
    row.missed = missed
    row.attempts, row.held_until, row.last_error = 0, None, None
    return missed
