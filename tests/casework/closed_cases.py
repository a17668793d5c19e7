"""Cases that were closed years ago, with a row in every table that a case has rows in."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import cases, tasks
from engine.casework.office import load_defaults
from engine.settings import PROJECT
from engine.store import case_rows
from engine.store.cases import Case
from engine.store.instances import ProcessInstance
from engine.store.people import Household, HouseholdMember, Person
from engine.store.session import Sessions
from engine.store.tasks import Task
from tests import factories, small_case

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=6 * 366)
TABLES = [model.__tablename__ for model, _ in (*case_rows.SHARED, *case_rows.OWN)]

# What commands rarely leave on a case that is closed.
_MORE = """
    INSERT INTO case_hold (case_id, reason, placed_at, placed_by, lifted_at, lifted_by)
      VALUES (:case, '\\x00', :at, :worker, :at, :worker);
    INSERT INTO case_access (case_id, worker_id, reason, granted_by, created_at)
      VALUES (:case, :worker, 'granted', :worker, :at);
    INSERT INTO consent (case_id, given, purposes, legal_basis, channel, language, text_version, recorded_at)
      VALUES (:case, true, '{support,"a b"}', 'consent', 'signature', 'id', '1', :at);
    INSERT INTO referral (case_id, referral_no, process_id, path, status, opened_at)
      VALUES (:case, 'R-' || :case, 'rehabilitation', 'rehsos', 'completed', :at);
    INSERT INTO unmet_need (case_id, path, reason, region_code, created_at)
      VALUES (:case, 'rtlh', 'no_budget', '99.01.01.2001', :at);
    INSERT INTO document (case_id, task_id, kind, name, content_type, size, sha256, body, added_by, added_at)
      VALUES (:case, :task, 'foto', '\\x0102', 'image/png', 3, 'abc', '\\xff00fe', :worker, :at);
    INSERT INTO task_draft (task_id, worker_id, answers, form_sha256, saved_at)
      VALUES (:task, :worker, '\\x01', 'f', :at);
    INSERT INTO job (kind, instance_id, wait_id, element_id, operation, inputs, state, urgency, attempts, max_attempts,
                     due_at, created_at, lease_token)
      VALUES ('service', :instance, 'w', 'Ask', 'ask', '{"amount": 12345678901234567890.123, "a": [1, null, "é"]}',
              'done', 3, 1, 5, :at, :at, '00000000-0000-4000-8000-000000000001');
    INSERT INTO incident (instance_id, case_id, job_id, element_id, code, message, state, created_at)
      SELECT :instance, :case, id, 'Ask', 'c', 'm', 'resolved', :at FROM job WHERE instance_id = :instance;
    INSERT INTO subscription (instance_id, wait_id, element_id, process_id, name, correlation_key, created_at)
      VALUES (:instance, 's', 'Wait', 'case', 'msg', 'k', :at);
    INSERT INTO inbound_message (source, message_id, name, correlation_key, variables, state, instance_id, received_at,
                                 expires_at)
      VALUES ('s', 'm' || :case, 'msg', 'k', '{}', 'delivered', :instance, :at, :at);
    INSERT INTO outbox (instance_id, case_id, element_id, name, correlation_key, variables, effect_key, state,
                        created_at)
      VALUES (:instance, :case, 'Send', 'msg', 'k', '{}', 'e' || :case, 'handed_over', :at);
    INSERT INTO migration_run (family, from_id, to_id, plan, reason, actor_id, created_at)
      SELECT 'case', id, id, '{}', 'r', :worker, :at FROM definition LIMIT 1;
    INSERT INTO instance_migration (run_id, instance_id, outcome, detail, former, former_process_id, rev, at)
      SELECT max(id), :instance, 'migrated', '{}', '\\xab', 'case', 2, :at FROM migration_run;
    INSERT INTO batch (action, chosen, reason, actor_id, created_at) VALUES ('retry', '{}', 'r', :worker, :at);
    INSERT INTO batch_item (batch_id, instance_id, state, attempts, code)
      SELECT max(id), :instance, 'done', 1, '' FROM batch;
"""


def office(session: Session) -> Actor:
    """Places, settings, people of the office; the administrator."""
    factories.places(session)
    load_defaults(session, PROJECT / "workflows")
    return factories.worker(session, "admin01", "admin")


def closed(
    session: Session, name: str = "Rukmini Contoh", *, at: datetime = LONG_AGO, born: date | None = date(1952, 3, 4)
) -> Case:
    """A case that went its whole way and was closed then, with a household of two."""
    number = len(session.scalars(select(Case.id)).all())
    tksk = factories.worker(session, f"tksk{number}", "tksk")
    head = factories.worker(session, f"kabid{number}", "kabid", at=("99.01",), unit="rehsos")
    case_id = small_case.register(session, tksk, name)
    tasks.complete(session, tksk, small_case.open_task(session, case_id).id, {"wish": "Ingin tenang"})
    cases.add_note(session, tksk, case_id, "Catatan")
    tasks.complete(session, head, small_case.open_task(session, case_id).id, {})
    case = session.get_one(Case, case_id, populate_existing=True)
    _household(session, case)
    session.execute(update(Person).where(Person.id == case.client_id).values(birth_date=born))
    case.status, case.opened_at, case.closed_at = "closed", at - timedelta(days=90), at
    session.flush()
    session.expire_all()
    return session.get_one(Case, case_id)


def _household(session: Session, case: Case) -> None:
    child = Person(name="Kirana Contoh", name_words=["kirana", "contoh"], village_code=case.village_code)
    home = Household(village_code=case.village_code)
    session.add_all([child, home])
    session.flush()
    for person_id, relation in ((case.client_id, "head"), (child.id, "child")):
        session.add(HouseholdMember(household_id=home.id, person_id=person_id, relation=relation))
    session.add(Person(name="Dahulu Contoh", merged_into_id=case.client_id, name_words=[]))
    case.household_id = home.id


def everywhere(session: Session, case: Case) -> None:
    """Give the case a row in each table that has rows of cases."""
    instance = session.scalars(select(ProcessInstance.id).where(ProcessInstance.case_id == case.id)).one()
    task = session.scalars(select(Task.id).where(Task.case_id == case.id).order_by(Task.id)).first()
    values: dict[str, Any] = {"case": case.id, "instance": instance, "task": task, "at": LONG_AGO,
                              "worker": case.opened_by}  # fmt: skip
    for statement in _MORE.split(";\n")[:-1]:
        session.execute(text(statement), values)


def rows(sessions: Sessions) -> dict[str, list[str]]:
    """Every row of the tables that cases have rows in, as PostgreSQL writes them."""
    with sessions() as session:
        query = 'SELECT to_jsonb(t)::text FROM "{}" AS t ORDER BY 1'
        return {name: list(session.scalars(text(query.format(name)))) for name in TABLES}
