"""Two at one task, with a timer and a message that interrupt it: what they do, and what came of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.casework import fsck, messages, operation, tasks
from engine.casework.tasks import Completed
from engine.store import jobs
from engine.store.history import History
from engine.store.tasks import Task, TaskState
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.moving import deploy, groups
from tests.casework.racing import Racer

TYPED = {"note": "Ibu Contoh", "n": "3"}
BODY = (
    d.start(), d.user("a", groups()), d.user("b", groups()), d.end(), d.chain("start", "a", "b", "end"),
    d.boundary("late", "a", d.timer("P5D")), d.user("chase", groups()), d.end("e2"), d.chain("late", "chase", "e2"),
    d.boundary("news", "a", d.event("message", messageRef="msg")), d.user("heard", groups()), d.end("e3"),
    d.chain("news", "heard", "e3"),
)  # fmt: skip


class Scene:
    """A task `a` that two may do, with a timer and a message that interrupt it."""

    def __init__(self, one: Racer, other: Racer) -> None:
        self.one, self.other = one, other
        one.do(self._set_up)

    def _set_up(self, session: Session) -> None:
        self.sari = factories.worker(session, "tksk01", "tksk")
        self.budi = factories.worker(session, "tksk02", "tksk")
        self.head = factories.worker(session, "kb01", "kabid")
        self.operator = factories.worker(session, "operator01", "operator")
        deploy(session, *BODY, roots=d.message("msg", key="=number"))
        self.instance_id = factories.start(session, "p", {"number": "K1"}).id
        self.task_id = session.scalars(select(Task.id)).one()
        tasks.save_draft(session, self.sari, self.task_id, {"note": ["Ibu Contoh"]}, "sha")

    def complete(self, actor: Actor | None = None, key: str = "k1", **typed: str) -> Callable[[Session], Completed]:
        who, answers = actor or self.sari, {**TYPED, **typed}
        return lambda session: tasks.complete(session, who, self.task_id, answers, idempotency_key=key)

    def assign(self, session: Session) -> None:
        tasks.assign(session, self.head, self.task_id, self.budi.id or 0)

    def cancel(self, session: Session) -> None:
        operation.end(session, self.operator, self.instance_id, "Salah catat")

    def message(self, session: Session) -> None:
        messages.receive(session, SYSTEM, "msg", "K1", {}, source="test", message_id="1")

    def claim_timer(self) -> tuple[int, UUID]:
        """The timer is due, and a worker has taken it."""
        (found,) = self._claim_due()
        return found

    def claim_timers(self) -> list[tuple[int, UUID]]:
        """The timers of this instance and of another one are due, and a worker has taken both together."""
        self.one.do(lambda session: factories.start(session, "p", {"number": "K2"}))
        return self._claim_due()

    def _claim_due(self) -> list[tuple[int, UUID]]:
        def claim(session: Session) -> list[tuple[int, UUID]]:
            session.execute(text("UPDATE job SET due_at = now() WHERE kind = 'timer'"))
            return jobs.claim_some(session, None, 30, 20)

        return self.one.do(claim)

    def kept(self) -> dict[str, Any] | None:
        """Sari's draft."""
        with self.one.sessions() as session:
            draft = tasks.draft(session, self.sari, self.task_id)
            return draft.answers if draft is not None else None

    def open(self) -> list[str]:
        """Open tasks; everything else is in order too."""
        with self.one.sessions() as session:
            assert [breach for breach in fsck.check(session) if breach.rule != "job_late"] == []
        with self.one.sessions() as session:
            return list(session.scalars(select(Task.element_id).where(Task.state == TaskState.OPEN)))

    def count(self, model: type, *where: Any) -> int:
        with self.one.sessions() as session:
            return session.scalar(select(func.count()).select_from(model).where(*where)) or 0

    def completions(self) -> int:
        return self.count(History, History.kind == "task.completed")


KEPT = {"note": ["Ibu Contoh"]}
