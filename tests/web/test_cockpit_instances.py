"""The operator's pages of instances: counts at the elements, filters, pages, one instance; nobody is named on them."""

import pytest
from lxml import html
from sqlalchemy import event
from sqlalchemy.orm import Session

from engine.casework import operation
from engine.store.incidents import Incident
from engine.store.instances import ProcessInstance
from engine.store.jobs import Job
from tests import factories
from tests.bpmn import diagrams as d
from tests.web.conftest import Browser
from tests.web.world import ADDRESS, NIK, PHONE, STORY, WIFE, World

WITH_TIMER = d.process(
    d.start(),
    d.user("Visit", d.z("assignmentDefinition", candidateGroups="tksk"), name="Kunjungan"),
    d.boundary("Late", "Visit", d.timer("P5D"), interrupting=False),
    d.service("Ask", "ask-provider", name="Tanya penyedia"),
    d.end(),
    d.end("e2"),
    d.flow("start", "Visit"),
    d.flow("Visit", "Ask"),
    d.flow("Ask", "end"),
    d.flow("Late", "e2"),
)
TELLING = (WIFE, "Zulaikha", "Rukmini", NIK, PHONE, ADDRESS, STORY)


@pytest.fixture
def operator(browser: Browser, session: Session) -> Browser:
    factories.worker(session, "operator11", "operator", at=("99.01",))
    factories.deploy(session, {"p/p.bpmn": WITH_TIMER})
    session.commit()
    browser.sign_in("operator11", factories.PASSWORD)
    return browser


def begin(session: Session, number: int = 1, **facts: object) -> list[ProcessInstance]:
    found = [factories.start(session, "p", facts) for _ in range(number)]
    session.commit()
    return found


def stand_still(session: Session, row: ProcessInstance, element_id: str = "Visit") -> None:
    session.add(
        Incident(instance_id=row.id, element_id=element_id, code="no_flow", message="x", created_at=row.started_at)
    )
    session.commit()


def counts(page: str) -> dict[str, list[str]]:
    rows = html.fromstring(page).xpath("//figure//tbody/tr")
    return {row[0].text_content().split()[0]: [cell.text_content() for cell in row[1:]] for row in rows}


def test_the_diagram_and_the_list_say_how_many_stand_where(operator: Browser, session: Session) -> None:
    rows = begin(session, 3)
    stand_still(session, rows[0])
    version = rows[0].definition_id

    page = operator.get(f"/operation/versions/{version}").text

    assert counts(page) == {"Kunjungan": ["3", "1"], "Late": ["3", "–"]}
    figure = html.fromstring(page).xpath("//figure")[0]
    assert (figure.get("data-counts"), figure.get("data-badges")) == ('{"Late": "3", "Visit": "3"}', '{"Visit": "1"}')
    drawing = operator.get(figure.get("data-diagram"))
    assert (drawing.mimetype, b'id="Visit"' in drawing.data) == ("application/xml", True)
    assert ">3 " in operator.get("/operation/instances").text.replace("\n", "")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {0, 1}),
        ("state=suspended", {1}),
        ("state=active", {0}),
        ("state=cancelled", {2}),
        ("state=all", {0, 1, 2}),
        ("incident=1", {1}),
        ("element=Ask", set()),
        ("element=Late&state=active", {0}),
        ("number=p-1", {0, 1}),
        ("number=p-2", set()),
        ("since=2000-01-01&until=2000-12-31", set()),
        ("since=2000-01-01", {0, 1}),
        ("state=nonsense&since=nonsense", {0, 1}),
    ],
)
def test_filters(operator: Browser, session: Session, query: str, shown: set[int]) -> None:
    rows = begin(session, 3)
    stand_still(session, rows[1])
    boss = factories.worker(session, "operator12", "operator")
    operation.hold(session, boss, rows[1].id, "Diperiksa dahulu")
    operation.end(session, boss, rows[2].id, "Salah catat")
    session.commit()

    page = operator.get(f"/operation/versions/{rows[0].definition_id}?{query}").text

    assert {place for place, row in enumerate(rows) if f'/operation/instances/{row.id}"' in page} == shown


def test_pages_follow_each_other_by_key(operator: Browser, session: Session) -> None:
    rows = begin(session, 60)
    path: str | None = f"/operation/versions/{rows[0].definition_id}?state=active"
    seen: list[int] = []
    while path is not None:
        page = html.fromstring(operator.get(path).text)
        links = page.xpath("//li[contains(@class, 'app-row')]//a/@href")
        seen += [int(link.rpartition("/")[2]) for link in links]
        path = next(iter(page.xpath("//a[@rel='next']/@href")), None)
    assert seen == sorted((row.id for row in rows), reverse=True)


@pytest.mark.parametrize("many", [1, 40])
def test_a_page_costs_the_same_whatever_stands_there(operator: Browser, session: Session, many: int) -> None:
    rows = begin(session, many)
    statements: list[str] = []
    operator.get(f"/operation/versions/{rows[0].definition_id}")
    engine = session.get_bind()

    def count(*told: object) -> None:
        if "SAVEPOINT" not in (text := str(told[2])):
            statements.append(text)

    event.listen(engine, "before_cursor_execute", count)
    operator.get(f"/operation/versions/{rows[0].definition_id}")
    event.remove(engine, "before_cursor_execute", count)
    assert len(statements) <= 8, statements


def test_one_instance_shows_what_it_waits_for_and_knows(operator: Browser, session: Session) -> None:
    row = begin(session, desil=3, note="nomor 9901015203950001")[0]
    stand_still(session, row)

    page = operator.get(f"/operation/instances/{row.id}").text

    told = html.fromstring(page).text_content()
    for text in ("Kunjungan", "TKSK", "tidak ada jalan yang cocok", "desil", "jatuh waktu", "nomor ••••"):
        assert text in told, text
    assert "9901015203950001" not in page
    past = operator.get(f"/operation/instances/{row.id}/history").text
    assert "Proses dimulai" in past


def test_an_ended_instance_has_a_page_too(operator: Browser, session: Session) -> None:
    row = begin(session)[0]
    operation.end(session, factories.worker(session, "operator12", "operator"), row.id, "Salah catat")
    session.commit()
    page = operator.get(f"/operation/instances/{row.id}")
    assert (page.status_code, "Dibatalkan" in page.text) == (200, True)
    assert "Salah catat" in operator.get(f"/operation/instances/{row.id}/history").text


def pages(world: World, kind: str) -> list[str]:
    instance = world.ids["instance", kind]
    version = world.ids["definition"]
    return [
        "/operation", "/operation/instances", f"/operation/instances?q={world.ids['case_no', kind]}",
        f"/operation/versions/{version}", f"/operation/versions/{version}?state=all",
        f"/operation/versions/{version}?number={world.ids['case_no', kind]}",
        f"/operation/instances/{instance}", f"/operation/instances/{instance}/history",
    ]  # fmt: skip


@pytest.mark.parametrize(("who", "kind"), [("operator", "normal"), ("operator+duty", "restricted")])
def test_no_page_of_operators_names_anybody(world: World, who: str, kind: str) -> None:
    for path in pages(world, kind):
        answer = world.ask_and_take_back(who, "GET", path)
        assert answer.status_code == 200, path
        assert [word for word in TELLING if word in answer.text] == [], path


def test_restricted_cases_are_in_no_list_count_or_search(world: World) -> None:
    number = world.ids["case_no", "restricted"]
    instance = world.ids["instance", "restricted"]
    for path in pages(world, "restricted"):
        answer = world.ask_and_take_back("operator", "GET", path)
        assert f'href="/operation/instances/{instance}"' not in answer.text
        assert number not in html.fromstring(answer.text).xpath("string(//main)")
    page = world.ask_and_take_back("operator", "GET", f"/operation/versions/{world.ids['definition']}").text
    normal = world.ask_and_take_back("operator+duty", "GET", f"/operation/versions/{world.ids['definition']}").text
    assert counts(page) != counts(normal)


def test_an_incident_of_a_restricted_case_says_only_that_something_stands_still(world: World) -> None:
    with world.taken_back() as session:
        row = session.get_one(ProcessInstance, world.ids["instance", "restricted"])
        job = Job(kind="service", instance_id=row.id, wait_id="w", element_id="AssessNeeds", operation="x",
                  state="dead", due_at=row.started_at, created_at=row.started_at)  # fmt: skip
        session.add(job)
        session.flush()
        session.add(
            Incident(instance_id=row.id, case_id=row.case_id, job_id=job.id, element_id="AssessNeeds", code="job_dead",
                     message=f"x: {WIFE}", created_at=row.started_at)
        )  # fmt: skip
        session.commit()
        page = world.ask("operator", "GET", "/operation").text
        named = world.ask("operator+duty", "GET", "/operation").text
    number = world.ids["case_no", "restricted"]
    assert ("Terbatas" in page, number in page, WIFE in page) == (True, False, False)
    assert number in named
