"""Server time and statements of inbox and task page with 10,000 open tasks in one kecamatan."""

import re
import statistics
import time
from collections.abc import Callable

from sqlalchemy import Engine, text

from engine.store.session import make_engine, make_sessions
from tests.bench import report
from tests.bench.complete_task import Counter
from tests.web.conftest import settings
from web import create_app

OPEN_TASKS = 10_000
ROUNDS = 60
MOST_STATEMENTS = 8
PASSWORD = "contoh-pilar-2026"  # the demo's

REPORTED = {
    "reporter_kind": "psm", "client_name": "Ny. Contoh Rahayu", "sex": "P", "birth_date": "1995-03-12",
    "village_code": "99.01.01.2001", "address": "Jalan Contoh 4", "problem_domain": "ekonomi",
    "problem_text": "Penghasilan tidak cukup", "threat_to_life": "false", "violence_ongoing": "false",
    "child_alone": "false", "danger_behaviour": "false", "disaster_kind": "tidak",
}  # fmt: skip

COPY_TASK = text(
    """
    WITH one AS (SELECT t.*, i.definition_id, i.body, i.process_id AS process, c.client_id, c.village_code
                 FROM task t JOIN process_instance i ON i.id = t.instance_id JOIN "case" c ON c.id = t.case_id
                 WHERE t.state = 'open' LIMIT 1),
    cases AS (INSERT INTO "case" (case_no, region_code, village_code, client_id, status, priority, restricted,
      pmks_codes,
                                  opened_at)
              SELECT '99.01.01-2025-' || lpad(n::text, 6, '0'), '99.01.01', one.village_code, one.client_id,
                'registered',
                     'P3', false, '{}', now() - n * interval '1 minute' FROM one, generate_series(1, :most) n
              RETURNING id, case_no),
    instances AS (INSERT INTO process_instance (definition_id, process_id, case_id, business_key, region_code,
      state, rev,
                                                body, started_at)
                  SELECT one.definition_id, one.process, cases.id, cases.case_no, one.region_code, 'active', 1,
                    one.body,
                         now() FROM one, cases RETURNING id, case_id)
    INSERT INTO task (instance_id, wait_id, case_id, process_id, element_id, name, name_en, form_id, candidate_groups,
                      region_code, restricted, urgency, priority, due_at, state, rev, properties, local, created_at)
    SELECT instances.id, one.wait_id, instances.case_id, one.process_id, one.element_id, one.name, one.name_en,
      one.form_id,
           one.candidate_groups, one.region_code, false, 1 + instances.id % 4, 50,
           now() + (instances.id % 400) * interval '1 hour', 'open', 1, one.properties, one.local, now()
    FROM one, instances
    """
)


def timed(engine: Engine, get: Callable[[], object]) -> tuple[float, float, float]:
    """p50 and p95 in milliseconds, statements a request."""
    get()
    times, counter = [], Counter(engine)
    for _ in range(ROUNDS):
        with counter:
            begin = time.perf_counter()
            get()
            times.append((time.perf_counter() - begin) * 1000)
    ordered = sorted(times)
    return statistics.median(ordered), ordered[int(ROUNDS * 0.95)], counter.count / ROUNDS


def test_pages(make_demo_db: Callable[[], str], built_assets: None) -> None:
    engine = make_engine(make_demo_db())
    client = create_app(settings(), make_sessions(engine)).test_client()
    token = re.search(r'name="csrf_token" value="(\w+)"', client.get("/sign-in").text)
    assert token
    client.post("/sign-in", data={"csrf_token": token[1], "username": "tksk01", "password": PASSWORD})
    _fill(engine)
    with engine.connect() as connection:
        task_id = connection.execute(text("SELECT max(id) FROM task WHERE state = 'open'")).scalar_one()
    figures: dict[str, float] = {}
    for name, path in (("inbox_10k", "/tasks?tab=queue"), ("task_page_10k", f"/tasks/{task_id}")):
        answer = client.get(path)
        assert answer.status_code == 200, path
        p50, p95, statements = timed(engine, lambda path=path: client.get(path))  # type: ignore[misc]
        figures |= {f"{name}_p50_ms": p50, f"{name}_p95_ms": p95, f"{name}_sql": statements}
        figures[f"{name}_html_bytes"] = len(answer.data)
    report.keep(figures)
    assert figures["inbox_10k_sql"] <= MOST_STATEMENTS
    assert figures["task_page_10k_sql"] <= MOST_STATEMENTS
    engine.dispose()


def _fill(engine: Engine) -> None:
    """One real case by command, then copies of its open task, each with a case and an instance of its own."""
    from engine.casework import cases
    from engine.store import workers
    from engine.store.session import unit_of_work

    with unit_of_work(make_sessions(engine)) as session:
        found = workers.by_username(session, "tksk01")
        assert found is not None
        cases.register(session, found.actor(), REPORTED)
    with engine.begin() as connection:
        connection.execute(COPY_TASK, {"most": OPEN_TASKS})
        connection.execute(text("ANALYZE"))
