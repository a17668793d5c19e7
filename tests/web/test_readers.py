"""Answers and categories for few roles: a page of somebody else holds neither, wherever the case is shown."""

import re
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import SYSTEM, Actor
from engine.casework import office, reading, rules, tasks
from engine.queries import case_page, evidence, task_page
from engine.store.cases import Case
from engine.store.office import OfficeSetting
from engine.store.tasks import Task
from tests import deciding_case, factories
from tests.bpmn import diagrams as d
from tests.forms.builders import component
from tests.small_case import form_file, groups
from tests.web.conftest import Browser

FEW = "peksos, kabid"
SECRETS = ("Terapi ARV berjalan", "Tanda HIV", "HIV/AIDS")
WITHHELD = "tidak ditampilkan untuk peran Anda"
ASSESS = form_file(
    "AssessNeeds",
    component("textarea", "wish", "Harapan", properties={"personal": "true"}),
    component("checklist", "secret_signs", "Tanda rahasia", properties={"fact": "true", "readers": FEW},
              values=[{"label": "Tanda HIV", "value": "hiv"}, {"label": "Tanda lain", "value": "lain"}]),
    component("textarea", "health_secret", "Catatan kesehatan", properties={"personal": "true", "readers": FEW}),
    component("checklist", "pmks_codes", "Jenis PPKS", properties={"fact": "true"},
              values=[{"label": "16 HIV/AIDS", "value": "16"}, {"label": "17 NAPZA", "value": "17"}]),
    title="Asesmen",
)  # fmt: skip
PLAN = form_file(
    "PlanIntervention",
    component("checklist", "pmks_codes", "Jenis PPKS", properties={"fact": "true", "prefill": "=pmks_codes"},
              values=[{"label": "16 HIV/AIDS", "value": "16"}, {"label": "17 NAPZA", "value": "17"}]),
    title="Rencana",
)  # fmt: skip
DIAGRAM = d.process(
    d.start(),
    d.user("RegisterReport", groups("tksk", "RegisterReport", phase="laporan"), name="Catat laporan"),
    d.user("AssessNeeds", groups("peksos", "AssessNeeds", phase="asesmen"), name="Asesmen"),
    d.user("PlanIntervention", groups("tksk", "PlanIntervention", phase="rencana"), name="Susun rencana"),
    d.user("ApprovePlan", groups("kabid", "DecidePlan", phase="rencana", fourEyes="true"), name="Setujui rencana"),
    d.end(),
    d.chain("start", "RegisterReport", "AssessNeeds", "PlanIntervention", "ApprovePlan", "end"),
    id="case",
)
FILES = {
    "case/case.bpmn": DIAGRAM,
    "case/RegisterReport.form": deciding_case.REPORT,
    "case/AssessNeeds.form": ASSESS,
    "case/PlanIntervention.form": PLAN,
    "case/DecidePlan.form": deciding_case.DECIDE,
}


@pytest.fixture
def people(session: Session) -> dict[str, Actor]:
    factories.places(session)
    factories.deploy(session, FILES)
    for name, value in (("test_regions", True), ("secret_pmks_codes", [16])):
        session.add(
            OfficeSetting(
                name=name, value=value, effective_from=date(2000, 1, 1), source="test", created_at=clock.now()
            )
        )
    session.flush()
    rules.forget(session)
    return {role: factories.worker(session, f"{role}71", role) for role in ("tksk", "peksos", "kabid")}


@pytest.fixture
def case(session: Session, people: dict[str, Actor]) -> Case:
    case_id = deciding_case.register(session, people["tksk"])
    deciding_case.do(
        session, people["peksos"], case_id, "AssessNeeds",
        wish="Ingin sembuh", secret_signs=["hiv"], health_secret="Terapi ARV berjalan", pmks_codes=["16", "17"],
    )  # fmt: skip
    session.commit()
    return session.get_one(Case, case_id)


def pages(session: Session, case: Case) -> list[str]:
    """Everything that shows what is known of the case."""
    task_ids = session.scalars(select(Task.id).where(Task.case_id == case.id)).all()
    here = f"/cases/{case.id}"
    return ["/cases", here, f"{here}/answers", f"{here}/history", *(f"/tasks/{number}" for number in task_ids)]


def test_a_tksk_reads_neither_the_answers_nor_the_category(
    browser: Browser, session: Session, people: dict[str, Actor], case: Case
) -> None:
    browser.sign_in("tksk71", factories.PASSWORD)
    htmls = {path: browser.get(path).text for path in pages(session, case)}
    plan = f"/tasks/{deciding_case.open_task(session, case.id, 'PlanIntervention').id}"
    options = htmls.pop(plan)  # a form to fill in names every category; none of the secret ones is ticked
    assert re.search(r'value="17"[^>]* checked', options)
    assert not re.search(r'value="16"[^>]* checked', options)
    assert "Terapi ARV" not in options
    for path, html in htmls.items():
        assert not [secret for secret in SECRETS if secret in html], path
    assert WITHHELD in htmls[f"/cases/{case.id}/answers"]
    assert "Ingin sembuh" in htmls[f"/cases/{case.id}/answers"]
    assert "NAPZA" in htmls[f"/cases/{case.id}"]


def test_a_social_worker_and_the_head_read_all_of_it(
    browser: Browser, session: Session, people: dict[str, Actor], case: Case
) -> None:
    browser.sign_in("peksos71", factories.PASSWORD)
    html = browser.get(f"/cases/{case.id}/answers").text
    assert all(secret in html for secret in SECRETS)
    assert WITHHELD not in html
    assert "HIV" in browser.get(f"/cases/{case.id}").text

    deciding_case.do(session, people["tksk"], case.id, "PlanIntervention", pmks_codes=["17"])
    task = deciding_case.open_task(session, case.id, "ApprovePlan")
    seen = evidence.sent_on(session, people["kabid"], case.id)
    assert {key for one in seen for key in one.answers} >= {"secret_signs", "health_secret"}
    assert task_page.page(session, people["kabid"], task.id).categories == ["16", "17"]


def test_what_was_not_shown_is_not_wiped_out(session: Session, people: dict[str, Actor], case: Case) -> None:
    task = deciding_case.open_task(session, case.id, "PlanIntervention")
    assert task_page.page(session, people["tksk"], task.id).known["pmks_codes"] == ["17"]
    tasks.complete(session, people["tksk"], task.id, {"pmks_codes": ["17"]})
    session.refresh(case)
    assert case.pmks_codes == ["16", "17"]


@pytest.mark.parametrize("typed", ["16, 17", "[16,17]", [16, 17]])
def test_the_office_says_which_categories_are_secret(
    session: Session, people: dict[str, Actor], case: Case, typed: object
) -> None:
    office.set_value(session, SYSTEM, "secret_pmks_codes", typed, date(2020, 1, 1))
    assert case_page.page(session, people["tksk"], case.id).categories == []
    assert case_page.page(session, people["peksos"], case.id).categories == ["16", "17"]


def test_a_decision_that_looked_at_a_secret_is_not_explained(session: Session, people: dict[str, Actor]) -> None:
    reader, secret = reading.of(session, people["tksk"]), frozenset({"secret_signs"})

    def trace(expression: str, value: object, output: object) -> dict[str, object]:
        inputs = [{"label": "Kolom", "expression": expression, "value": value}]
        return {"tables": [{"inputs": inputs, "output": output}], "output": output}

    assert reader.may_know(trace("client_age", 19, "P3"), secret)
    assert reader.may_know(trace("secret_signs", None, ["17"]), secret)
    assert not reader.may_know(trace("secret_signs", ["hiv"], ["07"]), secret)
    assert not reader.may_know(trace("client_age", 19, ["16"]), secret)
    assert not reader.may_know(trace("pmks_codes", ["16"], {"restricted": True}), secret)
    head = reading.of(session, people["kabid"])
    assert head.may_know(trace("pmks_codes", ["16"], {"restricted": True}), frozenset())
