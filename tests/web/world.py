"""An office for the tests of security: every role in two regions, a normal and a restricted case with all that hangs
on them. Made once and committed; each request of a test is taken back."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import Client, TestResponse

from engine.actors import Actor, Role
from engine.casework import accounts, batches, cases, documents, instances, studio, tasks, work
from engine.casework.documents import Upload
from engine.casework.selection import Selection
from engine.store.cases import Case
from engine.store.definitions import Definition
from engine.store.documents import Document
from engine.store.incidents import Incident
from engine.store.instance_migrations import MigrationRun
from engine.store.jobs import Job
from engine.store.messages import Outbox, Subscription
from engine.store.office import OfficeSetting
from engine.store.tasks import Task, TaskState
from engine.store.workers import Worker
from engine.stories.stage import PAPER
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.test_work import MESSAGE
from tests.forms.builders import component
from tests.small_case import YES_NO, form_file, groups
from tests.small_report import ARRIVED
from tests.web.conftest import settings
from web import create_app

OWN, OTHER = "99.01.01", "99.01.02"
NIK, HUSBAND_NIK, KK = "9901015203950001", "9901011203900002", "9901010101200001"
PHONE, ADDRESS, STORY = "081299887766", "Gang Melati Tersembunyi 7", "Dipukul suami tiga kali"
WIFE, HUSBAND, CHILD = "Zulaikha Rahasia", "Gondo Rahasia", "Kirana Rahasia"

REPORT = form_file(
    "RegisterReport",
    component("textfield", "client_name", "Nama", validate={"required": True},
              properties={"personal": "true", "record": "person.name"}),
    component("textfield", "nik", "NIK", properties={"format": "nik", "personal": "true", "record": "person.nik"}),
    component("textfield", "phone", "Telepon", properties={"personal": "true", "record": "person.phone"}),
    component("textfield", "address", "Alamat", properties={"personal": "true", "record": "person.address"}),
    component("radio", "sex", "Jenis kelamin", properties={"record": "person.sex"},
              values=[{"label": "Laki-laki", "value": "L"}, {"label": "Perempuan", "value": "P"}]),
    component("textfield", "village_code", "Desa", validate={"required": True},
              properties={"format": "village", "record": "person.village_code"}),
    component("textarea", "problem_text", "Masalah", properties={"personal": "true"}),
    component("textfield", "kk_no", "No. KK",
              properties={"format": "kk", "personal": "true", "record": "household.kk_no"}),
    component("dynamiclist", "members", "Anggota", properties={"personal": "true", "record": "household.members"},
              components=[
                  component("textfield", "member_name", "Nama anggota", properties={"record": "person.name"}),
                  component("textfield", "member_nik", "NIK anggota",
                            properties={"format": "nik", "record": "person.nik"}),
                  component("select", "member_relation", "Hubungan", properties={"record": "relation"},
                            values=[{"label": "Kepala", "value": "head"}, {"label": "Anak", "value": "child"}]),
              ]),
    component("radio", "restricted", "Kekerasan?", values=YES_NO, properties={"fact": "true"}),
    component("filepicker", "photo", "Foto"),
    title="Catat laporan",
)  # fmt: skip
ASSESS = form_file(
    "AssessNeeds",
    component("textarea", "wish", "Harapan klien", validate={"required": True}, properties={"personal": "true"}),
    component("filepicker", "house", "Foto rumah"),
    title="Asesmen",
)
DECIDE = form_file(
    "DecidePlan",
    component("radio", "decision", "Keputusan", validate={"required": True}, properties={"fact": "true"},
              values=[{"label": "Setujui", "value": "approve"}, {"label": "Kembalikan", "value": "return"}]),
    component("textarea", "reason", "Alasan", properties={"personal": "true"}),
    title="Putuskan",
)  # fmt: skip
CASE = d.process(
    d.start(),
    d.user("RegisterReport", groups("psm, tksk", "RegisterReport", phase="laporan"), name="Catat laporan"),
    d.user("AssessNeeds", groups("tksk", "AssessNeeds", phase="asesmen"), name="Asesmen"),
    d.user("DecidePlan", groups("kabid", "DecidePlan", fourEyes="true", phase="persetujuan"), name="Putuskan"),
    d.end(),
    d.chain("start", "RegisterReport", "AssessNeeds", "DecidePlan", "end"),
    id="case",
)
WAITING = d.process(
    d.start(),
    d.element("intermediateCatchEvent", "Wait", '<bpmn:messageEventDefinition messageRef="m"/>'),
    d.service("Ask", "no-such-operation"),
    d.end(),
    d.chain("start", "Wait", "Ask", "end"),
    id="waiting",
    roots=MESSAGE,
)
FILES = {
    "case/case.bpmn": CASE,
    "case/RegisterReport.form": REPORT,
    "case/AssessNeeds.form": ASSESS,
    "case/DecidePlan.form": DECIDE,
    "waiting/waiting.bpmn": WAITING,
}


@dataclass
class World:
    """The office: who is there (by key, such as "tksk", "tksk@other", "tksk+duty"), and the ids of things."""

    app: Flask
    connection: Connection
    actors: dict[str, Actor] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)
    _csrf: dict[str, str] = field(default_factory=dict)

    def client(self, who: str | None) -> Client:
        """A browser with the worker's session; None: nobody signed in."""
        client = self.app.test_client()
        if who is not None:
            client.set_cookie("pilar_session", self.tokens[who])
        return client

    @contextmanager
    def taken_back(self) -> Iterator[Session]:
        """What happens inside leaves no trace; gives a session that sees it."""
        outer = self.connection.begin_nested()
        try:
            with Session(self.connection, join_transaction_mode="create_savepoint") as session:
                yield session
        finally:
            outer.rollback()

    def csrf(self, who: str) -> str:
        """A token that the worker's pages would carry."""
        if who not in self._csrf:
            with self.taken_back():
                page = self.client(who).get("/profile").text
            self._csrf[who] = re.findall(r'name="csrf_token" value="(\w+)"', page)[0]
        return self._csrf[who]

    def ask(
        self, who: str | None, method: str, path: str, form: Mapping[str, Any] | None = None, **options: Any
    ) -> TestResponse:
        """One request as a worker's browser would send it; changes carry the token of their session."""
        client = self.client(who)
        data = dict(form or {})
        if method != "GET":
            data["csrf_token"] = self.csrf(who) if who is not None else _seed_token(client)
        return client.open(path, method=method, data=data if method != "GET" else None, buffered=True, **options)

    def ask_and_take_back(self, *args: Any, **options: Any) -> TestResponse:
        """As `ask`; what the request wrote is gone."""
        with self.taken_back():
            return self.ask(*args, **options)


def _seed_token(client: Client) -> str:
    page = client.get("/sign-in").text
    return re.findall(r'name="csrf_token" value="(\w+)"', page)[0]


def build(engine: Engine) -> Callable[[Connection], World]:
    """Make the office in an empty, migrated database; gives what opens it on a connection."""
    actors: dict[str, Actor] = {}
    ids: dict[str, Any] = {}
    tokens: dict[str, str] = {}
    with Session(engine, expire_on_commit=False) as session:
        factories.places(session)
        session.add(OfficeSetting(name="test_regions", value=True, effective_from=date(2000, 1, 1), source="test"))
        factories.deploy(session, {**FILES, **ARRIVED})
        actors |= _workers(session)
        _cases(session, actors, ids)
        _office(session, actors, ids)
        for key, actor in actors.items():
            worker = session.get_one(Worker, actor.id)
            tokens[key] = accounts.open_session(session, worker, "Firefox · Linux")
        session.commit()

    def opened(connection: Connection) -> World:
        sessions = sessionmaker(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        return World(create_app(settings(), sessions), connection, actors, tokens, ids)

    return opened


def _workers(session: Session) -> dict[str, Actor]:
    found = {}
    for role in Role:
        unit = "rehsos" if role is Role.DIVISION_HEAD else None
        found[role.value] = factories.worker(session, f"{role}_own", role.value, at=(OWN,), unit=unit)
        found[f"{role}@other"] = factories.worker(session, f"{role}_other", role.value, at=(OTHER,), unit=unit)
    for role in ("tksk", "kabid"):
        found[f"{role}+duty"] = factories.worker(session, f"{role}_duty", role, at=(OWN,), restricted_duty=True)
    found["tksk+duty@other"] = factories.worker(session, "tksk_far", "tksk", at=(OTHER,), restricted_duty=True)
    found["operator+duty"] = factories.worker(session, "operator_duty", "operator", at=(OWN,), restricted_duty=True)
    found["fo+named"] = factories.worker(session, "fo_named", "fo", at=(OWN,))
    found["tksk+all"] = factories.worker(session, "tksk_all", "tksk", at=("99",), restricted_duty=True)
    return found


def _cases(session: Session, actors: Mapping[str, Actor], ids: dict[str, Any]) -> None:
    """Of each kind two: one at its assessment, one at its decision."""
    for kind, restricted in (("normal", False), ("restricted", True)):
        for stage in ("work", "decision"):
            name = f"{WIFE if restricted else 'Rukmini Biasa'}{' Kedua' if stage == 'decision' else ''}"
            found = _case(session, actors, name, restricted=restricted, is_first=stage == "work")
            open_task = _open_task(session, found)
            if stage == "decision":
                tasks.complete(session, actors["tksk+all"], open_task.id, {"wish": "Ingin tenang"})
                ids["decision", kind] = _open_task(session, found).id
            else:
                ids["case", kind], ids["task", kind] = found.id, open_task.id
                ids["person", kind], ids["case_no", kind] = found.client_id, found.case_no
                ids["instance", kind] = instances.of_case(session, found.id)[0].id
                ids["closed", kind] = _closed_task(session, found)
                ids["document", kind] = _document(session, actors["tksk+all"], found).id
                cases.add_note(session, actors["tksk+all"], found.id, f"Catatan: {STORY}")
            if restricted:
                cases.grant(session, actors["kabid+duty"], found.id, actors["fo+named"].id or 0)


def _case(session: Session, actors: Mapping[str, Actor], name: str, *, restricted: bool, is_first: bool) -> Case:
    typed: dict[str, Any] = {
        "client_name": name, "sex": "P", "village_code": factories.VILLAGE, "phone": PHONE, "address": ADDRESS,
        "problem_text": STORY, "restricted": restricted,
    }  # fmt: skip
    if restricted and is_first:
        typed |= {"nik": NIK, "kk_no": KK}
        typed["members"] = [
            {"member_name": HUSBAND, "member_nik": HUSBAND_NIK, "member_relation": "head"},
            {"member_name": CHILD, "member_relation": "child"},
        ]
    case_id = cases.register(session, actors["psm"], typed).case_id
    return session.get_one(Case, case_id, populate_existing=True)


def _open_task(session: Session, case: Case) -> Task:
    return session.scalars(select(Task).where(Task.case_id == case.id, Task.state == TaskState.OPEN)).one()


def _closed_task(session: Session, case: Case) -> int:
    return session.scalars(select(Task.id).where(Task.case_id == case.id, Task.state == TaskState.COMPLETED)).one()


def _document(session: Session, actor: Actor, case: Case) -> Document:
    return documents.add(session, actor, case.id, "other", Upload("surat rahasia.pdf", PAPER))


def _office(session: Session, actors: Mapping[str, Actor], ids: dict[str, Any]) -> None:
    """What the pages of operators, admins and analysts are about."""
    instance = factories.start(session, "waiting", {"number": "R-77"})
    ids["subscription"] = session.scalars(select(Subscription.id)).one()
    job = Job(kind="service", instance_id=instance.id, wait_id="w", element_id="Ask", operation="no-such-operation",
              state="dead", due_at=instance.started_at, created_at=instance.started_at)  # fmt: skip
    session.add(job)
    session.flush()
    work.raise_incident(session, job.id, "unknown_operation")
    outbox = Outbox(instance_id=instance.id, element_id="Send", name="msg_referral", correlation_key="R-77",
                    variables={}, effect_key="k" * 32, created_at=instance.started_at)  # fmt: skip
    session.add(outbox)
    session.flush()
    ids["outbox"], ids["incident"] = outbox.id, session.scalars(select(Incident.id)).one()
    chosen = Selection(definition_id=instance.definition_id)
    ids["batch"] = batches.order(session, actors["operator"], "suspend", chosen, "Diperiksa dahulu")
    run = MigrationRun(family="waiting", from_id=instance.definition_id, to_id=instance.definition_id, plan={},
                       reason="Diperiksa", actor_id=actors["operator"].id, created_at=instance.started_at)  # fmt: skip
    session.add(run)
    session.flush()
    order = batches.order(session, actors["operator"], "migrate", chosen, "Diperiksa dahulu", run_id=run.id)
    ids["migration"] = order
    ids["definition"] = session.scalars(select(Definition.id).where(Definition.family == "case")).one()
    ids["draft"] = studio.open_draft(session, actors["analyst"], "case").id
    ids["worker"] = actors["camat"].id


def reference(session: Session, world: World, who: str) -> str:
    """What names a worker's signed-in browser on their own page."""
    own = accounts.own_sessions(session, world.actors[who], world.tokens[who])
    return own[0].reference
