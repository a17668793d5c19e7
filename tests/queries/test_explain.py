"""Why a case went its way: tables with inputs, rules and outputs; gateways with conditions and values."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.cli.main import pilar
from engine.errors import NotFound
from engine.queries.explain import Asked, Chosen, explain
from engine.settings import Keys
from engine.store import crypto
from engine.store.cases import Case
from engine.store.session import make_engine, make_sessions, unit_of_work
from tests import deciding_case, factories
from tests.bpmn import diagrams as d

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
