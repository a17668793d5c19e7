"""Why a case went its way: tables with inputs, rules and outputs; gateways with conditions and values."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.bpmn.upgrade_plan import Plan
from engine.casework import instances, messages, migration, tasks
from engine.cli.main import pilar
from engine.errors import NotFound
from engine.queries import history, task_page
from engine.queries.explain import Asked, Chosen, Moved, explain, of_case
from engine.settings import Keys
from engine.store import crypto
from engine.store.cases import Case
from engine.store.session import make_engine, make_sessions, unit_of_work
from tests import deciding_case, factories, small_case
from tests.bpmn import diagrams as d
from tests.forms.builders import component
from tests.small_case import groups

TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="size" name="Size"><decisionTable id="t" hitPolicy="UNIQUE">
<input id="i" label="Biaya"><inputExpression id="e" typeRef="number"><text>budget</text></inputExpression></input>
<output id="o" name="size" typeRef="string"/>
<rule id="r1"><inputEntry id="a"><text>&lt; 100000</text></inputEntry><outputEntry id="b"><text>"small"</text>
</outputEntry></rule>
<rule id="r2"><inputEntry id="c"><text>&gt;= 100000</text></inputEntry><outputEntry id="f"><text>"large"</text>
</outputEntry></rule></decisionTable></decision></definitions>"""
ASK = d.element(
    "businessRuleTask", "Size", zeebe=d.z("calledDecision", decisionId="size", resultVariable="size"), name="Besarnya"
)


@pytest.fixture
def sari(session: Session) -> Actor:
    decided = d.flow("ApprovePlan", "decided").encode()
    asked = (ASK + d.chain("ApprovePlan", "Size", "decided")).encode()
    files = deciding_case.FILES | {"case/size.dmn": TABLE}
    deciding_case.deploy(session)
    factories.deploy(session, files | {"case/case.bpmn": deciding_case.DIAGRAM.replace(decided, asked)})
    return factories.worker(session, "tksk01", "tksk")


def decide(session: Session, sari: Actor, decision: str, **more: str) -> str:
    hadi = factories.worker(session, "kb01", "kabid")
    case_id = deciding_case.register(session, sari)
    deciding_case.do(session, sari, case_id, "PlanIntervention", goals="Makan teratur", budget="350000")
    deciding_case.do(session, hadi, case_id, "ApprovePlan", decision=decision, **more)
    return session.get_one(Case, case_id).case_no


def test_a_table_and_a_condition(session: Session, sari: Actor) -> None:
    asked, chosen = explain(session, decide(session, sari, "approve"))
    assert isinstance(asked, Asked)
    assert isinstance(chosen, Chosen)
    assert (asked.place.name, asked.hit_policy, asked.rules) == ("Besarnya", "U", (2,))
    assert (dict(asked.inputs), asked.output) == ({"Biaya": 350000}, "large")
    assert (chosen.place.element_id, chosen.flow, chosen.to.name) == ("decided", "decided-Accompany", "Dampingi klien")
    assert (chosen.condition, dict(chosen.values)) == ('=decision = "approve"', {"decision": "approve"})


def test_the_default_tells_what_was_asked(session: Session, sari: Actor) -> None:
    chosen = explain(session, decide(session, sari, "reject", reason="Tidak sesuai"))[-1]
    assert isinstance(chosen, Chosen)
    assert (chosen.condition, dict(chosen.values)) == ("", {"decision": "reject"})
    assert chosen.to.element_id == "WriteLetter"


def test_there_is_no_such_case(session: Session) -> None:
    with pytest.raises(NotFound):
        explain(session, "99.99.99-2026-000001")


@pytest.fixture
def case_no(committed_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    ring = crypto.ring()
    Keys(encryption=ring.keys, current=ring.current, lookup=ring.index_key).write(tmp_path / "keys")
    given = {"DATABASE_URL": committed_db, "PILAR_SECRET": "s" * 32, "PILAR_KEYS": str(tmp_path / "keys")}
    for name, value in {**given, "PILAR_DATA": str(tmp_path / "var"), "PILAR_LOG": "error"}.items():
        monkeypatch.setenv(name, value)
    engine = make_engine(committed_db)
    with unit_of_work(make_sessions(engine)) as session:
        deciding_case.deploy(session)
        number = decide(session, factories.worker(session, "tksk01", "tksk"), "return", reason="Kurang jelas")
    engine.dispose()
    return number


def test_the_command(case_no: str) -> None:
    shown = CliRunner().invoke(pilar, ["explain", case_no])
    assert shown.exit_code == 0, shown.output
    assert "decided: decided-PlanIntervention to Susun rencana [PlanIntervention]" in shown.output
    assert 'because    =decision = "return"' in shown.output
    assert 'where      decision = "return"' in shown.output
    found = json.loads(CliRunner().invoke(pilar, ["explain", case_no, "--json"]).output)
    assert [(one["kind"], one["flow"]) for one in found] == [("gateway", "decided-PlanIntervention")]
    missing = CliRunner().invoke(pilar, ["explain", "none"])
    assert missing.exit_code == 1
    assert "No case none." in missing.output


# -- what else decides, and who may know ------------------------------------------------------------------------------

LITERAL = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="l" name="l" namespace="n">
<decision id="share" name="Share"><literalExpression id="x"><text>budget / 2</text></literalExpression></decision>
</definitions>"""
SECRET = small_case.form_file(
    "F", component("number", "budget", "Biaya", properties={"fact": "true", "readers": "peksos"}), title="F"
)
WAITING = d.process(
    d.start(),
    d.element("businessRuleTask", "Half", zeebe=d.z("calledDecision", decisionId="share", resultVariable="half")),
    d.gateway("eventBased", "first"), d.catch("news", d.event("message", messageRef="msg")),
    d.catch("late", d.timer("P1D")), d.catch("rich", d.conditional("=half > 100")),
    d.user("a", d.z("assignmentDefinition", candidateGroups="tksk")), d.end(), d.end("e2"),
    d.chain("start", "Half", "first", "news", "rich", "a", "end"), d.chain("first", "late", "e2"),
    roots=d.message("msg", key='="K1"'),
)  # fmt: skip


def begin(session: Session, actor: Actor) -> int:
    """A case with a process beside it that a message brings to its task."""
    case_id = deciding_case.register(session, actor)
    factories.deploy(session, {"p/p.bpmn": WAITING, "p/share.dmn": LITERAL, "p/F.form": SECRET})
    case = session.get_one(Case, case_id)
    about = instances.Beginning(factories.VILLAGE, case.case_no, case)
    instances.start(session, SYSTEM, "p", {"budget": 400}, about)
    messages.receive(session, SYSTEM, "msg", "K1", {}, source="test", message_id="1")
    return case_id


def test_decisions_without_a_table_events_and_conditions(session: Session, sari: Actor) -> None:
    half, first, rich = of_case(session, SYSTEM, begin(session, sari))
    assert isinstance(half, Asked)
    assert (half.decision, half.hit_policy, dict(half.inputs), half.output) == ("Share", "", {"budget": 400}, 200)
    assert isinstance(first, Chosen)
    assert (first.place.type, first.to.element_id, first.condition) == ("eventBasedGateway", "news", "")
    assert isinstance(rich, Chosen)
    assert (rich.condition, dict(rich.values)) == ("=half > 100", {"half": 200})


def test_what_looked_at_answers_for_few_is_left_out(session: Session, sari: Actor) -> None:
    case_id = begin(session, factories.worker(session, "fo01", "fo"))
    named = factories.worker(session, "peksos01", "peksos")
    assert [type(one) for one in of_case(session, named, case_id)] == [Asked, Chosen, Chosen]
    assert [type(one) for one in of_case(session, sari, case_id)] == [Chosen, Chosen]


def test_a_move_to_another_version_is_told(session: Session, sari: Actor) -> None:
    case_id = begin(session, sari)
    operator = factories.worker(session, "operator01", "operator")
    factories.deploy(session, {"p/p.bpmn": WAITING + b" ", "p/share.dmn": LITERAL, "p/F.form": SECRET})
    way = migration.route(session, operator, "p", 1, 2, Plan())
    run = migration.begin(session, operator, way, "Batas waktu baru")
    migration.migrate(session, operator, run.id, migration.to_move(session, way)[0])
    moved = of_case(session, sari, case_id)[-1]
    assert isinstance(moved, Moved)
    assert (moved.old, moved.new, moved.reason) == (1, 2, "Batas waktu baru")


def test_an_element_is_known_by_process_and_id(session: Session, sari: Actor) -> None:
    """Two processes of a bundle have a step `Ask`: each is told by its own name."""
    inner = d.process(
        d.start(),
        d.user("Ask", groups("tksk"), name="Tanyakan di dalam"),
        d.end(),
        d.chain("start", "Ask", "end"),
        id="inner",
    )
    call = d.element("callActivity", "call", zeebe=d.z("calledElement", processId="inner"))
    outer = d.process(
        d.start(),
        d.user("RegisterReport", groups("tksk", "RegisterReport"), name="Catat laporan"),
        d.user("Ask", groups("tksk"), name="Tanyakan di luar"),
        call,
        d.end(),
        d.chain("start", "RegisterReport", "Ask", "call", "end"),
        id="case",
    )
    report = {"case/RegisterReport.form": deciding_case.REPORT}
    factories.deploy(session, {"case/case.bpmn": outer, "inner/inner.bpmn": inner, **report})
    case_id = deciding_case.register(session, sari)
    deciding_case.do(session, sari, case_id, "Ask")
    task = deciding_case.open_task(session, case_id, "Ask")
    tasks.claim(session, sari, task.id)
    told = [(event.kind, event.name) for event in task_page.page(session, sari, task.id).events]
    assert ("task.completed", "Tanyakan di luar") in told
    assert ("task.claimed", "Tanyakan di dalam") in told
    happened = [(one.kind, one.name) for one in history.of_case(session, sari, case_id)]
    assert ("task.completed", "Tanyakan di luar") in happened
    assert ("task.claimed", "Tanyakan di dalam") in happened
